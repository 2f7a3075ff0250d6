//! What a hookview was still answering when it ended: settled by the next, and by nobody while it lives.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::process::{Child, Stdio};

use hookview::capture::{EndingKind, Fault, Play, Unsent};

use super::crashes::{CHILD, child};
use super::*;

fn hanging() -> Capture {
    let play = Play { delay_ms: 0, fault: Some(Fault::Hang) };
    Capture { answer: Some(Answer { play, ..Answer::text(503, "busy", "stuck") }), ..capture("{}") }
}

/// How the answers to all captures ended.
fn endings(store: &Store) -> Vec<Option<EndingKind>> {
    let all = store.summaries().unwrap().into_iter().map(|row| store.get(row.id).unwrap().unwrap());
    all.map(|capture| Some(capture.answer?.ending?.kind)).collect()
}

fn signs(path: &Path) -> usize {
    let names = path.parent().unwrap().read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with("store.db-run-")).count()
}

/// A child that is killed at the end, also of a test that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).unwrap();
    }
}

/// Keeps what it never answers, and waits; does nothing unless it runs as a child.
#[test]
fn child_that_answers_nothing() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = Store::open(&Location::File(path.into()), Options::default()).unwrap();
    wait(async {
        store.append(hanging()).await.unwrap();
        store.append(capture("the answer is being made")).await.unwrap();
        store.append(full_capture()).await.unwrap();
    });
    println!("kept");
    thread::park();
}

#[test]
fn what_was_under_way_at_a_kill_is_settled_by_the_next_alone() {
    let dir = Dir::new();
    let mut running = child("left_behind::child_that_answers_nothing", &dir.path());
    let mut running = Running(running.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("kept")));
    let beside = dir.try_open(session("other")).unwrap();
    let looking = Store::open_existing(&Location::File(dir.path()), Options::default()).unwrap();
    assert_eq!((endings(&looking), signs(&dir.path())), (vec![None; 3], 2));
    drop(running);
    let again = Store::open_existing(&Location::File(dir.path()), Options::default()).unwrap();
    assert_eq!((endings(&again), signs(&dir.path())), (vec![None; 3], 2));

    let next = dir.open();
    assert_eq!(endings(&next), [Some(EndingKind::Lost), Some(EndingKind::Lost), None]);
    assert_eq!(signs(&dir.path()), 2);
    let (hung, never_made) = (next.get(CaptureId(1)).unwrap().unwrap(), next.get(CaptureId(2)).unwrap().unwrap());
    let (hung, never_made) = (hung.answer.unwrap(), never_made.answer.unwrap());
    assert_eq!((hung.status, hung.rule.as_str(), hung.unsent()), (503, "stuck", Some(Unsent::Lost)));
    assert_eq!((never_made.status, never_made.unsent()), (0, Some(Unsent::Lost)));
    let rows = next.summaries().unwrap();
    assert_eq!(
        rows.iter().map(|row| (row.status, &*row.rule)).collect::<Vec<_>>()[..2],
        [(0, "stuck"), (0, "not answered")]
    );
    drop((beside, next));
    assert_eq!(signs(&dir.path()), 0);
}

#[test]
fn what_is_settled_or_gone_is_left_alone() {
    let dir = Dir::new();
    let store = dir.open();
    let id = wait(store.append(hanging())).unwrap();
    let gone = wait(store.append(hanging())).unwrap();
    let capture = store.get(id).unwrap().unwrap();
    let answer = capture.answer.clone().map(|answer| {
        let ending = Some(hookview::capture::Ending { kind: EndingKind::GaveUp, after_us: 9 });
        Answer { ending, ..answer }
    });
    wait(store.settle(std::sync::Arc::new(Capture { answer, ..capture }))).unwrap();
    wait(store.delete(vec![gone])).unwrap();
    store.close();
    age_deletions(&dir.path());
    let store = dir.open();
    assert_eq!(endings(&store), [Some(EndingKind::GaveUp)]);
    store.close();
    let marked: i64 = Connection::open(dir.path())
        .unwrap()
        .query_row("SELECT count(*) FROM under_way", [], |row| row.get(0))
        .unwrap();
    assert_eq!(marked, 0);
}

#[test]
fn what_earlier_versions_left_behind_is_settled() {
    let dir = Dir::new();
    let store = dir.open();
    wait(async {
        store.append(hanging()).await.unwrap();
        append(&store, 1).await;
        store.append(full_capture()).await.unwrap();
        store.append(capture("the answer is being made")).await.unwrap();
    });
    store.close();
    Connection::open(dir.path()).unwrap().execute_batch("DROP TABLE under_way; PRAGMA user_version = 4").unwrap();
    assert_eq!(endings(&dir.open()), [Some(EndingKind::Lost), None, None, Some(EndingKind::Lost)]);
}

#[test]
fn who_comes_by_another_way_or_to_an_odd_name_sees_the_living() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &[u8]| dir.path().join(OsStr::from_bytes(name));
    fs::create_dir_all(at(b"real")).unwrap();
    symlink("real/store.db", at(b"link")).unwrap();
    symlink("real", at(b"way")).unwrap();
    for (first, others) in [
        (at(b"real/store.db"), [at(b"link"), at(b"way/store.db")]),
        (at(b"real/odd-\xff.db"), [at(b"real/odd-\xff.db"), at(b"way/odd-\xff.db")]),
    ] {
        let open = |path: &Path| Store::open(&Location::File(path.to_owned()), Options::default()).unwrap();
        let living = open(&first);
        wait(living.append(hanging())).unwrap();
        for other in others {
            open(&other).close();
            assert_eq!(endings(&living), [None], "{}", other.display());
        }
    }
}
