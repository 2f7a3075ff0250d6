//! What gives way to newer captures, and what was deleted.

use super::*;

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
        by: hookview::capture::Asker::Resend,
        at: arrived(5),
        url: String::new(),
        signing: Signing::Captured,
        edited: false,
        outcome: AttemptOutcome::Answered(Response { body: Bytes::from_static(b"ok"), ..Response::default() }),
        timing: AttemptTiming::default(),
    }
}

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
