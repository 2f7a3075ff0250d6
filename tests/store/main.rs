//! The store as its users see it: on real files, with other processes, through crashes and errors.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod commits;
mod crashes;
mod errors;
mod left_behind;
mod limits;
mod migrations;
mod round_trip;
mod sessions;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hookview::capture::{
    Answer, Attempt, AttemptOutcome, AttemptTiming, Body, Capture, CaptureId, Finding, Headers, HttpVersion, Identity,
    Lint, Mark, ObjectKey, Outcome, Problem, ProblemKind, Request, Response, Signing, Timing, Verdict,
    parse_header_lines, parse_request,
};
use hookview::store::{Committed, Durability, Location, Options, Session, Store, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

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
        change: Some("5b2c0c1e\u{1b}".to_owned()),
        lint: vec![Finding { code: Lint::InvalidJson, text: "an error".to_owned(), lines: vec!["line 3".to_owned()] }],
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
        let answer = Some(Answer::text(200, "", "default"));
        let capture = Capture { answer, ..capture(format!("body {number}")) };
        ids.push(store.append(capture).await.unwrap());
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

/// Makes every deletion two days old.
fn age_deletions(path: &Path) {
    let long_ago = (Utc::now() - TimeDelta::days(2)).timestamp_micros();
    let raw = Connection::open(path).unwrap();
    raw.execute("UPDATE captures SET deleted_at = ? WHERE deleted_at IS NOT NULL", [long_ago]).unwrap();
}
