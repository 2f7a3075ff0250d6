//! The store as its users see it: on real files, with other processes, through crashes and errors.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hookview::capture::{
    Answer, Attempt, AttemptOutcome, AttemptTiming, Body, Capture, CaptureId, Headers, HttpVersion, Identity, Mark,
    Notice, ObjectKey, Outcome, Problem, ProblemKind, Request, Response, Signing, Timing, Verdict, parse_header_lines,
    parse_request,
};
use hookview::store::{Committed, Durability, Location, Options, Session, Store, StoreError};
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}

fn request(head: &[u8], body: Body) -> Request {
    let head = Bytes::copy_from_slice(head);
    match parse_request(&head) {
        Ok(read) => Request::from_head(head, read, body),
        Err(_) => Request { version: HttpVersion::Unknown, head, body, ..Request::default() },
    }
}

fn arrived(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap()
}

fn capture(body: impl Into<Bytes>) -> Capture {
    let head = b"POST /hooks/netbox?a=1 HTTP/1.1\r\nhost: a\r\nX-Odd: \xff\r\nHOST: b\r\n\r\n";
    let request = request(head, Body::whole(body));
    Capture::new(request, arrived(1_700_000_000_123_456), "127.0.0.1:4711".to_owned(), "[::1]:9000".to_owned())
}

/// Every field filled.
fn full_capture() -> Capture {
    let mut capture = capture(&b"\0\xffhello"[..]);
    capture.request.body.total = 4_000_000_000;
    capture.request.body.framed = Some(Bytes::from_static(b"7\r\n\0\xffhello\r\n0\r\nX-Sum: 9\r\n\r\n"));
    capture.request.body.trailers.push("X-Sum", "9");
    capture.timing = Timing { head_us: 12, body_us: 345 };
    capture.problem = Some(Problem { kind: ProblemKind::BodyTooLarge, text: "too \"large\"".to_owned() });
    capture.verdict = Verdict {
        outcome: Outcome::Stale,
        scheme: Some("stripe".to_owned()),
        secret: Some("prod".to_owned()),
        reason: "9 minutes too old".to_owned(),
        age_s: Some(-540),
        ..Verdict::default()
    };
    capture.identity = Identity {
        sender: Some("Peering Manager".to_owned()),
        version: Some("1.10".to_owned()),
        evidence: Some("user-agent".to_owned()),
        title: "update AS64512\0\u{1b}[31m".to_owned(),
        event: Some("update".to_owned()),
        object: Some(ObjectKey { model: "autonomoussystem".to_owned(), id: "17".to_owned() }),
        notice: Some(Notice { headline: "an error".to_owned(), lines: vec!["line 3".to_owned()] }),
    };
    capture.answer = Some(Answer { after_us: 77, ..Answer::text(413, "too large\n", "body too large") });
    capture.resent_from = Some(CaptureId(3));
    capture.pinned = true;
    capture
}

fn session(name: &str) -> Options {
    Options { session: name.to_owned(), ..Options::default() }
}

fn keep(keep: u64) -> Options {
    Options { keep, ..Options::default() }
}

fn memory(options: Options) -> Store {
    Store::open(&Location::Memory, options).unwrap()
}

struct Dir(TempDir);

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("state/hookview/store.db")
    }

    fn try_open(&self, options: Options) -> Result<Store, StoreError> {
        Store::open(&Location::File(self.path()), options)
    }

    fn open(&self) -> Store {
        self.try_open(Options::default()).unwrap()
    }
}

fn ids(store: &Store) -> Vec<u64> {
    store.summaries().unwrap().iter().map(|summary| summary.id.0).collect()
}

async fn append(store: &Store, count: usize) -> Vec<CaptureId> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(store.append(capture(format!("body {number}"))).await.unwrap());
    }
    ids
}

/// What the store tells its sinks.
fn listen(store: &Store) -> mpsc::Receiver<Committed> {
    let (tell, told) = mpsc::channel();
    store.on_commit(move |committed| drop(tell.send(committed)));
    told
}

fn evicted(told: &mpsc::Receiver<Committed>, count: usize) -> Vec<CaptureId> {
    let mut gone = Vec::new();
    while gone.len() < count {
        if let Committed::Evicted(ids) = told.recv_timeout(Duration::from_secs(10)).unwrap() {
            gone.extend(ids);
        }
    }
    gone
}

// --- what goes in comes out ---

#[test]
fn a_capture_comes_back_as_it_was() {
    for store in [memory(Options::default()), Dir::new().open()] {
        let kept = full_capture();
        let id = wait(store.append(kept.clone())).unwrap();
        assert_eq!(store.get(id).unwrap(), Some(Capture { id, ..kept.clone() }));
        assert_eq!(store.summaries().unwrap(), [Capture { id, ..kept }.summary()]);
        assert_eq!(store.get(CaptureId(id.0 + 1)).unwrap(), None);
    }
}

#[test]
fn http2_and_unreadable_heads_come_back() {
    let store = memory(Options::default());
    let h2 = request(b"POST /a HTTP/2\r\n:method: POST\r\n:path: /a\r\nx-a: 1\r\n\r\n", Body::default());
    assert_eq!(h2.version, HttpVersion::Http2);
    let junk = request(b"\x16\x03\x01\x02\x00", Body::default());
    for request in [h2, junk, Request { version: HttpVersion::Unknown, ..Request::default() }] {
        let capture = Capture::new(request, arrived(1), String::new(), String::new());
        let id = wait(store.append(capture.clone())).unwrap();
        assert_eq!(store.get(id).unwrap(), Some(Capture { id, ..capture }));
    }
}

#[test]
fn the_time_of_arrival_is_kept_to_the_microsecond() {
    let store = memory(Options::default());
    let told = listen(&store);
    let exact = DateTime::from_timestamp_nanos(1_700_000_000_123_456_789);
    let id = wait(store.append(Capture { received_at: exact, ..capture("") })).unwrap();
    let Committed::Captured(committed) = told.recv().unwrap() else { panic!("nothing captured") };
    assert_eq!(committed.received_at.timestamp_subsec_nanos(), 123_456_000);
    assert_eq!(store.get(id).unwrap().as_ref(), Some(&*committed));
}

fn headers() -> impl Strategy<Value = Headers> {
    proptest::collection::vec(any::<u8>(), 0..80).prop_map(|lines| parse_header_lines(&lines.into()))
}

fn bodies() -> impl Strategy<Value = Body> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..300);
    (bytes(), proptest::option::of(bytes()), 0..u64::MAX / 2, headers()).prop_map(|(bytes, framed, total, trailers)| {
        Body { bytes: bytes.into(), framed: framed.map(Into::into), total, trailers }
    })
}

fn heads() -> impl Strategy<Value = Vec<u8>> {
    let junk = proptest::collection::vec(any::<u8>(), 0..200);
    let lines = proptest::collection::vec(any::<u8>(), 0..200);
    prop_oneof![junk, lines.prop_map(|lines| [&b"PUT /\xff b HTTP/1.0\r\n"[..], &lines].concat())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_come_back(head in heads(), body in bodies(), title in ".*", answer in headers(), remote in ".*") {
        let mut kept = full_capture();
        kept.request = request(&head, body);
        kept.identity.title = title;
        kept.remote = remote;
        kept.answer = Some(Answer { headers: answer, ..Answer::default() });
        let store = memory(Options::default());
        kept.id = wait(store.append(kept.clone())).unwrap();
        prop_assert_eq!(store.summaries().unwrap(), [kept.summary()]);
        prop_assert_eq!(store.get(kept.id).unwrap(), Some(kept));
    }
}

#[test]
fn for_each_goes_through_all_and_stops_when_told() {
    let store = memory(Options::default());
    let large = vec![b'x'; 400_000];
    for _ in 0..5 {
        wait(store.append(capture(large.clone()))).unwrap();
    }
    let count = |limit: usize| {
        let mut seen = Vec::new();
        let each = |capture: Capture| {
            seen.push(capture.id.0);
            if seen.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        store.for_each(each).unwrap();
        seen
    };
    assert_eq!((count(2), count(9)), (vec![1, 2], vec![1, 2, 3, 4, 5]));
}

#[test]
fn attempts_come_back_with_their_capture_alone() {
    let store = memory(Options::default());
    let id = wait(store.append(capture("a"))).unwrap();
    let answered = AttemptOutcome::Answered(Response {
        status: 201,
        reason: "Created".to_owned(),
        headers: parse_header_lines(&Bytes::from_static(b"X-A: 1\r\nx-a: \xfe\r\n")),
        body: Bytes::from_static(b"\0\xff"),
        body_total: 2,
    });
    let failed = AttemptOutcome::Failed("connection refused".to_owned());
    for (number, outcome) in [(1, answered), (2, failed)] {
        let attempt = Attempt {
            id: 0,
            capture: id,
            at: arrived(5),
            url: "https://a.example/".to_owned(),
            signing: Signing::With("prod".to_owned()),
            edited: true,
            outcome,
            timing: AttemptTiming { connect_us: 1, first_byte_us: 2, total_us: 3 },
        };
        assert_eq!(wait(store.add_attempt(attempt.clone())).unwrap(), number);
        assert_eq!(store.attempts(id).unwrap().last(), Some(&Attempt { id: number, ..attempt }));
    }
    assert_eq!(store.attempts(id).unwrap().len(), 2);
    assert_eq!(store.attempts(CaptureId(9)).unwrap(), []);
}

// --- sessions and restarts ---

#[test]
fn a_restart_gives_everything_back() {
    let dir = Dir::new();
    let store = dir.open();
    wait(async {
        let kept = append(&store, 3).await;
        store.set_pinned(kept[1], true).await.unwrap();
        store.set_state("tab", "headers").await.unwrap();
        store.set_state("tab", "body").await.unwrap();
    });
    let (rows, first) = (store.summaries().unwrap(), store.get(CaptureId(1)).unwrap());
    assert!(rows[1].pinned);
    store.close();
    let store = dir.open();
    assert_eq!((store.summaries().unwrap(), store.get(CaptureId(1)).unwrap()), (rows, first));
    assert_eq!(store.state("tab").unwrap().as_deref(), Some("body"));
    assert_eq!(store.state("fold").unwrap(), None);
    assert_eq!(wait(store.append(capture("next"))).unwrap(), CaptureId(4));
}

#[test]
fn sessions_are_apart_and_ids_unique() {
    let dir = Dir::new();
    let (one, two) = (dir.try_open(session("one")).unwrap(), dir.try_open(session("two")).unwrap());
    wait(async {
        one.append(capture("a")).await.unwrap();
        two.append(capture("bb")).await.unwrap();
        one.append(capture("c")).await.unwrap();
        two.set_state("tab", "raw").await.unwrap();
        assert!(!one.set_pinned(CaptureId(2), true).await.unwrap());
        assert_eq!(one.delete(vec![CaptureId(2), CaptureId(3)]).await.unwrap(), [CaptureId(3)]);
    });
    assert_eq!((ids(&one), ids(&two)), (vec![1], vec![2]));
    assert_eq!(one.get(CaptureId(2)).unwrap(), None);
    assert_eq!(one.session_of(CaptureId(2)).unwrap().as_deref(), Some("two"));
    assert_eq!(one.session_of(CaptureId(3)).unwrap(), None);
    assert_eq!(one.state("tab").unwrap(), None);
    let sessions = one.sessions().unwrap();
    let names: Vec<_> = sessions.iter().map(|session| (session.name.as_str(), session.captures)).collect();
    assert_eq!(names, [("one", 1), ("two", 1)]);
    assert_eq!(sessions[1].last, Some(arrived(1_700_000_000_123_456)));
}

#[test]
fn a_number_is_never_given_out_again() {
    let dir = Dir::new();
    let store = dir.open();
    wait(async {
        let kept = append(&store, 3).await;
        store.delete(kept).await.unwrap();
    });
    store.close();
    age_deletions(&dir.path());
    let store = dir.open();
    assert_eq!(wait(store.append(capture(""))).unwrap(), CaptureId(4));
}

#[test]
fn looking_at_a_store_changes_nothing() {
    let dir = Dir::new();
    let location = Location::File(dir.path());
    let missing = Store::open_existing(&location, Options::default()).unwrap_err();
    assert_eq!(missing, StoreError::Missing(dir.path()));
    assert!(!dir.path().parent().unwrap().exists());
    wait(append(&dir.open(), 1));
    let other = Store::open_existing(&location, session("other")).unwrap();
    assert_eq!((other.summaries().unwrap(), other.get(CaptureId(1)).unwrap()), (vec![], None));
    other.close();
    let names: Vec<_> = dir.open().sessions().unwrap().into_iter().map(|session| session.name).collect();
    assert_eq!(names, ["default"]);
}

#[test]
#[cfg(unix)]
fn nobody_else_may_read_the_store() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new();
    let store = dir.open();
    wait(append(&store, 1));
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir.path().parent().unwrap()), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        let mut path = dir.path().into_os_string();
        path.push(suffix);
        assert_eq!(mode(Path::new(&path)), 0o600, "{suffix}");
    }
}

// --- commits ---

#[test]
fn commits_are_told_in_order() {
    let store = memory(Options::default());
    let told = listen(&store);
    wait(async {
        let mut tasks = JoinSet::new();
        for number in 0..200 {
            let store = store.clone();
            tasks.spawn(async move { store.append(capture(format!("{number}"))).await.unwrap() });
        }
        tasks.join_all().await;
    });
    store.close();
    let numbers: Vec<u64> = told
        .iter()
        .map(|committed| match committed {
            Committed::Captured(capture) => capture.id.0,
            Committed::Evicted(_) => panic!("nothing to evict"),
        })
        .collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
}

#[test]
fn a_slow_sink_slows_the_senders_down() {
    let store = memory(Options::default());
    let (tell, told) = mpsc::sync_channel(0);
    store.on_commit(move |committed| drop(tell.send(committed)));
    wait(async {
        let large = vec![0; 20 << 20];
        let (first, second) = (store.append(capture(large.clone())), store.append(capture(large)));
        first.await.unwrap();
        let mut second = std::pin::pin!(second);
        assert!(futures_util::poll!(&mut second).is_pending(), "the first is still on its way");
        told.recv().unwrap();
        second.await.unwrap();
        drop(told);
    });
    assert_eq!(ids(&store), [1, 2]);
}

#[test]
fn closing_ends_every_clone() {
    let dir = Dir::new();
    let store = dir.open();
    let clone = store.clone();
    wait(append(&store, 1));
    store.close();
    store.close();
    assert_eq!(wait(clone.append(capture(""))).unwrap_err(), StoreError::Closed);
    assert_eq!(wait(clone.set_pinned(CaptureId(1), true)).unwrap_err(), StoreError::Closed);
    clone.protect(vec![]);
    assert_eq!(ids(&clone), [1]);
}

#[test]
fn readers_and_the_writer_do_not_wait_for_each_other() {
    for store in [memory(keep(0)), Dir::new().try_open(keep(0)).unwrap()] {
        let reader = store.clone();
        let (stop, stopped) = mpsc::channel::<()>();
        let reading = thread::spawn(move || {
            let mut reads = 0;
            while stopped.try_recv() == Err(mpsc::TryRecvError::Empty) {
                reads += 1;
                reader.summaries().unwrap();
                reader.get(CaptureId(reads)).unwrap();
                reader.for_each(|_| ControlFlow::Continue(())).unwrap();
            }
            reads
        });
        wait(append(&store, 300));
        stop.send(()).unwrap();
        assert!(reading.join().unwrap() > 0);
        assert_eq!(ids(&store).len(), 300);
    }
}

// --- what gives way ---

#[test]
fn the_oldest_give_way() {
    let store = memory(keep(5));
    let told = listen(&store);
    let kept = wait(append(&store, 12));
    assert_eq!(ids(&store), (8..=12).collect::<Vec<_>>());
    assert_eq!(evicted(&told, 7), kept[..7]);
    assert_eq!(store.get(kept[0]).unwrap(), None);
}

#[test]
fn pinned_and_protected_captures_stay() {
    let store = memory(keep(3));
    wait(async {
        let kept = append(&store, 3).await;
        store.set_pinned(kept[0], true).await.unwrap();
        store.protect(vec![kept[1]]);
        append(&store, 3).await;
        assert_eq!(ids(&store), [1, 2, 6]);
        store.protect(vec![]);
        append(&store, 1).await;
        assert_eq!(ids(&store), [1, 6, 7]);
        store.set_pinned(CaptureId(6), true).await.unwrap();
        store.set_pinned(CaptureId(7), true).await.unwrap();
        append(&store, 2).await;
    });
    assert_eq!(ids(&store), [1, 6, 7, 9], "the newest is kept even when all others are pinned");
}

#[test]
fn bytes_are_limited_too() {
    let store = memory(Options { keep_bytes: 10_000, ..Options::default() });
    let told = listen(&store);
    wait(async {
        for _ in 0..5 {
            store.append(capture(vec![b'x'; 3000])).await.unwrap();
        }
    });
    assert_eq!(evicted(&told, 3), [CaptureId(1), CaptureId(2), CaptureId(3)]);
    wait(store.append(capture(vec![b'x'; 50_000]))).unwrap();
    assert_eq!(ids(&store), [6], "one that is too large alone is kept until the next");
}

#[test]
fn limits_hold_to_the_point_once_there_is_time() {
    let store = memory(keep(128));
    let told = listen(&store);
    wait(append(&store, 130));
    assert_eq!(evicted(&told, 2), [CaptureId(1), CaptureId(2)]);
    assert_eq!(store.summaries().unwrap().len(), 128);
}

#[test]
fn evicted_captures_take_their_attempts_along() {
    let dir = Dir::new();
    let store = dir.try_open(keep(1)).unwrap();
    wait(async {
        let first = append(&store, 1).await[0];
        store.add_attempt(attempt_of(first)).await.unwrap();
        append(&store, 1).await;
        assert_eq!(store.attempts(first).unwrap(), []);
    });
    store.close();
    let raw = Connection::open(dir.path()).unwrap();
    let count =
        |table: &str| -> i64 { raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap() };
    assert_eq!((count("captures"), count("details"), count("attempts")), (1, 1, 0));
    let books: bool =
        raw.query_row("SELECT bytes = (SELECT sum(stored) FROM captures) FROM sessions", [], |row| row.get(0)).unwrap();
    assert!(books);
}

fn attempt_of(capture: CaptureId) -> Attempt {
    Attempt {
        id: 0,
        capture,
        at: arrived(5),
        url: String::new(),
        signing: Signing::Captured,
        edited: false,
        outcome: AttemptOutcome::Answered(Response { body: Bytes::from_static(b"ok"), ..Response::default() }),
        timing: AttemptTiming::default(),
    }
}

// --- deleting ---

#[test]
fn deleted_captures_come_back() {
    let store = memory(Options::default());
    wait(async {
        let kept = append(&store, 3).await;
        store.add_attempt(attempt_of(kept[1])).await.unwrap();
        let before = store.get(kept[1]).unwrap();
        assert_eq!(store.delete(vec![kept[1], CaptureId(99)]).await.unwrap(), [kept[1]]);
        assert_eq!(store.delete(vec![kept[1]]).await.unwrap(), []);
        assert_eq!((ids(&store), store.get(kept[1]).unwrap()), (vec![1, 3], None));
        assert_eq!(store.sessions().unwrap()[0].captures, 2);
        assert_eq!(store.restore(kept.clone()).await.unwrap(), [kept[1]]);
        assert_eq!((ids(&store), store.get(kept[1]).unwrap()), (vec![1, 2, 3], before));
        assert_eq!(store.attempts(kept[1]).unwrap().len(), 1);
        assert_eq!(store.sessions().unwrap()[0].captures, 3);
    });
}

#[test]
fn deleted_captures_outlive_a_restart_but_not_a_day() {
    let dir = Dir::new();
    let store = dir.open();
    wait(async {
        let kept = append(&store, 3).await;
        store.delete(kept[..1].to_vec()).await.unwrap();
    });
    drop(store);
    let store = dir.open();
    assert_eq!(wait(store.restore(vec![CaptureId(1)])).unwrap(), [CaptureId(1)]);
    wait(store.delete(vec![CaptureId(1), CaptureId(2)])).unwrap();
    store.close();
    age_deletions(&dir.path());
    let store = dir.open();
    assert_eq!(wait(store.restore(vec![CaptureId(1), CaptureId(2)])).unwrap(), []);
    assert_eq!(ids(&store), [3]);
    let [Session { captures: 1, bytes, .. }] = &store.sessions().unwrap()[..] else { panic!("one capture left") };
    assert!(*bytes < 1000);
}

#[test]
fn deleted_captures_give_way_when_bytes_are_short() {
    let store = memory(Options { keep_bytes: 12_000, ..Options::default() });
    wait(async {
        for _ in 0..2 {
            store.append(capture(vec![b'x'; 3000])).await.unwrap();
        }
        store.delete(vec![CaptureId(2)]).await.unwrap();
        for _ in 0..2 {
            store.append(capture(vec![b'x'; 3000])).await.unwrap();
        }
        assert_eq!(ids(&store), [1, 3, 4]);
        assert_eq!(store.restore(vec![CaptureId(2)]).await.unwrap(), []);
    });
}

/// Makes every deletion two days old.
fn age_deletions(path: &Path) {
    let long_ago = (Utc::now() - TimeDelta::days(2)).timestamp_micros();
    let raw = Connection::open(path).unwrap();
    raw.execute("UPDATE captures SET deleted_at = ? WHERE deleted_at IS NOT NULL", [long_ago]).unwrap();
}

#[test]
fn verdicts_are_replaced() {
    let store = memory(Options::default());
    let verdict = Verdict { outcome: Outcome::Valid, secret: Some("prod".to_owned()), ..Verdict::default() };
    wait(async {
        let kept = append(&store, 2).await;
        let verdicts = vec![(kept[0], verdict.clone()), (CaptureId(77), verdict.clone())];
        store.update_verdicts(verdicts).await.unwrap();
    });
    assert_eq!(store.get(CaptureId(1)).unwrap().unwrap().verdict, verdict);
    let marks: Vec<_> = store.summaries().unwrap().iter().map(|summary| summary.mark).collect();
    assert_eq!(marks, [Mark::Verified, Mark::Unsigned]);
}

// --- several at once ---

#[test]
fn two_hookviews_share_a_store() {
    let dir = Dir::new();
    let (one, two) = (dir.try_open(keep(0)).unwrap(), dir.try_open(keep(0)).unwrap());
    wait(async {
        let both = async |count| {
            let (one, two) = (one.clone(), two.clone());
            let other = tokio::spawn(async move { append(&two, count).await });
            [append(&one, count).await, other.await.unwrap()].concat()
        };
        let mut numbers = both(200).await;
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 400);
    });
    assert_eq!(ids(&one), (1..=400).collect::<Vec<_>>());
    assert_eq!(one.sessions().unwrap(), two.sessions().unwrap());
    assert_eq!(one.sessions().unwrap()[0].captures, 400);
}

#[test]
fn a_new_store_may_be_opened_by_many_at_once() {
    let dir = Dir::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| wait(append(&dir.open(), 2)));
        }
    });
    assert_eq!(ids(&dir.open()).len(), 16);
}

// --- crashes ---

const CHILD: &str = "HOOKVIEW_TEST_STORE";

/// The command that runs one test of this file again, on a store.
fn child(test: &str, store: &Path) -> Command {
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
    let mut child = child("child_that_appends_until_killed", path).stdout(Stdio::piped()).spawn().unwrap();
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

// --- errors ---

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
    let test = child("child_that_runs_out_of_room", &dir.path());
    // The signal that comes with the limit would end the process.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(test.get_program()).args(test.get_args());
    let output = shell.env(CHILD, dir.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_lock_of_another_program_is_an_error_and_passes() {
    let dir = Dir::new();
    let impatient = Options { busy_timeout: Duration::from_millis(20), ..Options::default() };
    let store = dir.try_open(impatient.clone()).unwrap();
    wait(append(&store, 1));
    let other = Connection::open(dir.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(wait(store.append(capture(""))).unwrap_err(), StoreError::Locked(dir.path()));
    assert_eq!(dir.try_open(impatient).unwrap_err(), StoreError::Locked(dir.path()));
    assert_eq!(ids(&store), [1], "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(wait(store.append(capture(""))).unwrap(), CaptureId(2));
}

#[test]
fn other_files_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other");
    let open = || Store::open(&Location::File(path.clone()), Options::default()).unwrap_err();
    for content in [&b"hello\n"[..], &[0; 5000]] {
        std::fs::write(&path, content).unwrap();
        assert_eq!(open(), StoreError::NotAStore(path.clone()));
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert_eq!(open(), StoreError::NotAStore(path.clone()));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let sentence = open().to_string();
    assert!(sentence.ends_with("other is not a hookview store: name another file with --store PATH"), "{sentence}");
}

#[test]
fn a_newer_store_is_left_alone() {
    let dir = Dir::new();
    dir.open().close();
    Connection::open(dir.path()).unwrap().pragma_update(None, "user_version", 3).unwrap();
    let error = dir.try_open(Options::default()).unwrap_err();
    assert_eq!(error, StoreError::Newer { path: dir.path(), found: 3, known: 1 });
    assert!(error.to_string().contains("newer version (schema 3, this program knows 1)"));
}

#[test]
fn what_cannot_be_a_store_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let open = |path: PathBuf| Store::open(&Location::File(path), Options::default()).unwrap_err();
    assert!(open(dir.path().to_owned()).to_string().contains("it is a directory"));
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = open(file.join("deeper/store.db"));
    assert!(matches!(error, StoreError::Directory { .. }), "{error}");
    let odd = dir.path().join("file:a?mode=memory");
    Store::open(&Location::File(odd.clone()), Options::default()).unwrap();
    assert!(odd.exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_is_not_a_store() {
    let error = Store::open(&Location::File("/dev/null".into()), Options::default()).unwrap_err();
    assert!(error.to_string().contains("it is not a regular file"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_read_only_store_is_named_and_can_be_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return; // Permissions do not bind root.
    }
    let dir = Dir::new();
    wait(append(&dir.open(), 1));
    std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o400)).unwrap();
    assert_eq!(dir.try_open(Options::default()).unwrap_err(), StoreError::ReadOnly(dir.path()));
    let store = Store::open_existing(&Location::File(dir.path()), Options::default()).unwrap();
    assert_eq!(ids(&store), [1]);
    assert_eq!(wait(store.append(capture(""))).unwrap_err(), StoreError::ReadOnly(dir.path()));
}
