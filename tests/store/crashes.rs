//! Crashes and refusals of the system, in a process of their own.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tokio::task::JoinSet;

use super::*;

pub(super) const CHILD: &str = "HOOKVIEW_TEST_STORE";

/// The command that runs one test of this file again, on a store.
pub(super) fn child(test: &str, store: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, store);
    command
}

/// Appends without end and prints what was acknowledged; does nothing unless it runs as a child.
#[test]
fn child_that_appends_until_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let options = Options { durability: Durability::Normal, keep: 0, ..Options::default() };
    let store = Store::open(&Location::File(path.into()), options).unwrap();
    wait(async {
        let mut tasks = JoinSet::new();
        for task in 0..64 {
            let store = store.clone();
            tasks.spawn(async move {
                loop {
                    let id = store.append(capture(vec![task; 3000])).await.unwrap();
                    println!("acknowledged {id} {task}");
                }
            });
        }
        tasks.join_all().await;
    });
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let dir = Dir::new();
    for round in 1..=2 {
        let acknowledged = append_and_kill(&dir.path(), 1500 * round);
        let store = dir.try_open(keep(0)).unwrap();
        for (id, byte) in acknowledged {
            let capture = store.get(id).unwrap().unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
            assert_eq!(capture.request.body.bytes, vec![byte; 3000]);
        }
        store.close();
        let raw = Connection::open(dir.path()).unwrap();
        let check: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        let books: bool = raw
            .query_row("SELECT captures = (SELECT count(*) FROM captures) FROM sessions", [], |row| row.get(0))
            .unwrap();
        assert!(books);
    }
}

/// Kills a child that appends after so many acknowledgements; gives those with the byte that the body is made of.
fn append_and_kill(path: &Path, after: usize) -> Vec<(CaptureId, u8)> {
    let mut child = child("crashes::child_that_appends_until_killed", path).stdout(Stdio::piped()).spawn().unwrap();
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let mut words = line.split(' ');
        // The last line may have been cut by the kill.
        if let (Some("acknowledged"), Some(id), Some(byte)) = (words.next(), words.next(), words.next()) {
            let (Ok(id), Ok(byte)) = (id[1..].parse(), byte.parse()) else { continue };
            acknowledged.push((CaptureId(id), byte));
        }
        if acknowledged.len() == after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= after);
    acknowledged
}

/// Runs into a limit of the system on the size of files; does nothing unless it runs as a child.
#[test]
#[cfg(unix)]
fn child_that_runs_out_of_room() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = Store::open(&Location::File(path.into()), Options::default()).unwrap();
    let unlimited = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(1 << 20), ..unlimited }).unwrap();
    wait(async {
        let mut kept = append(&store, 1).await;
        let error = loop {
            match store.append(capture(vec![b'x'; 100_000])).await {
                Ok(id) => kept.push(id),
                Err(error) => break error,
            }
        };
        assert!(error.to_string().contains("cannot be read or written"), "{error}");
        assert_eq!(store.summaries().unwrap().len(), kept.len());
        assert!(store.get(kept[kept.len() - 1]).unwrap().is_some());
        setrlimit(Resource::Fsize, unlimited).unwrap();
        kept.extend(append(&store, 1).await);
        assert_eq!(store.summaries().unwrap().len(), kept.len());
    });
}

#[test]
#[cfg(unix)]
fn a_write_that_the_system_refuses_is_an_error_and_passes() {
    let dir = Dir::new();
    let test = child("crashes::child_that_runs_out_of_room", &dir.path());
    // The signal that comes with the limit would end the process.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(test.get_program()).args(test.get_args());
    let output = shell.env(CHILD, dir.path()).output().unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && report.contains("1 passed"), "{report}");
}
