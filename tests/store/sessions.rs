//! Sessions, restarts, and several processes on one store.

use super::*;

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
