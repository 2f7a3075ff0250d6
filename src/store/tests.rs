//! Failures that only a hand on the writer's own connection can bring about.

use bytes::Bytes;
use chrono::DateTime;
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::*;
use crate::capture::{Body, Request, parse_request};

fn capture(body: usize) -> Capture {
    let head = Bytes::from_static(b"POST / HTTP/1.1\r\n\r\n");
    let read = parse_request(&head).unwrap();
    let request = Request::from_head(head, read, Body::whole(vec![b'x'; body]));
    Capture::new(request, DateTime::default(), String::new(), String::new())
}

async fn pragma(store: &Store, name: &'static str, value: i64) {
    let (done, set) = oneshot::channel();
    let job = Job::Change(Box::new(move |writer| {
        writer.connection.execute_batch(&format!("PRAGMA {name} = {value}")).unwrap();
        done.send(()).unwrap();
    }));
    store.send(job).unwrap();
    set.await.unwrap();
}

/// After the failure nothing of the group is there, what was kept before is, and the next capture is kept again.
async fn fails_and_recovers(store: &Store, set: (&'static str, i64), reset: i64, expected: StoreError) {
    let first = store.append(capture(10)).await.unwrap();
    pragma(store, set.0, set.1).await;
    let (one, two) = tokio::join!(store.append(capture(200_000)), store.append(capture(200_000)));
    assert_eq!((one.unwrap_err(), two.unwrap_err()), (expected.clone(), expected));
    assert!(store.get(first).unwrap().is_some());
    assert_eq!(store.summaries().unwrap().len(), 1);
    pragma(store, set.0, reset).await;
    let next = store.append(capture(200_000)).await.unwrap();
    assert_eq!(store.get(next).unwrap().unwrap().request.body.total, 200_000);
    assert_eq!(store.sessions().unwrap()[0].captures, 2);
}

fn file() -> (tempfile::TempDir, Store, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    let store = Store::open(&Location::File(path.clone()), Options::default()).unwrap();
    (directory, store, path)
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_passes() {
    let (_directory, store, path) = file();
    fails_and_recovers(&store, ("max_page_count", 20), 1 << 30, StoreError::Full(path)).await;
    let store = Store::open(&Location::Memory, Options::default()).unwrap();
    fails_and_recovers(&store, ("max_page_count", 20), 1 << 30, StoreError::Full("memory".into())).await;
}

#[tokio::test]
async fn a_store_that_becomes_read_only_is_an_error_and_passes() {
    let (_directory, store, path) = file();
    fails_and_recovers(&store, ("query_only", 1), 0, StoreError::ReadOnly(path)).await;
}

#[tokio::test]
async fn damage_is_named() {
    let (_directory, store, path) = file();
    let id = store.append(capture(10)).await.unwrap();
    store.change(|transaction, _| transaction.execute("UPDATE details SET meta = '{'", [])).await.unwrap();
    let error = store.get(id).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { path: at, .. } if *at == path), "{error}");
    assert_eq!(store.summaries().unwrap().len(), 1);
}

#[tokio::test]
async fn the_writer_looks_at_no_more_than_it_needs() {
    let (_directory, store, _) = file();
    let plan = |sql: &str| -> String {
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        store.read(|connection| connection.query_row(&sql, [1, 9], |row| row.get("detail"))).unwrap()
    };
    assert_eq!(plan(ledger::OLDEST), "SEARCH captures USING INDEX captures_of_session (session=? AND id<?)");
    assert_eq!(plan(ledger::DELETED), "SEARCH captures USING INDEX captures_deleted (session=? AND deleted_at<?)");
}

#[tokio::test]
async fn all_of_a_group_are_told_whoever_goes_away() {
    let (_directory, store, _) = file();
    for gone in 0..3 {
        let (release, held) = mpsc::channel();
        store.send(Job::Change(Box::new(move |_| held.recv().unwrap()))).unwrap();
        let mut group: Vec<_> = (0..3).map(|_| Box::pin(store.append(capture(10)))).collect();
        assert!(group.iter_mut().all(|append| append.now_or_never().is_none()));
        release.send(()).unwrap();
        // Behind the group: by now one of it was told, and has not looked yet.
        store.change(|_, _| Ok(())).await.unwrap();
        drop(group.remove(gone));
        assert!(join_all(group).await.iter().all(Result::is_ok));
    }
    assert_eq!(store.summaries().unwrap().len(), 9);
}
