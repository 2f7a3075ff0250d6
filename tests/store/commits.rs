//! Commits: their order, who hears of them, who waits for whom.

use tokio::task::JoinSet;

use super::*;

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
            other => panic!("nothing else happened: {other:?}"),
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
