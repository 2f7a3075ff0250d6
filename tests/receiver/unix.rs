//! Unix sockets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hookview::capture::{EndingKind, Fault, Play};
use hookview::receiver::{Limits, UnixError, bind_unix};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::support::{Recorder, Running, soon};

#[tokio::test]
async fn a_socket_is_its_owners_and_goes_at_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hv.sock");
    let running = Running::behind(vec![bind_unix(&path).unwrap()], Limits::default(), Recorder::default());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let mut client = UnixStream::connect(&path).await.unwrap();
    client.write_all(b"GET /a HTTP/1.1\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    soon("an answer", client.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let capture = running.capture().await;
    assert_eq!((&capture.remote[..], capture.local), ("unix", format!("unix:{}", path.display())));

    running.stop.cancel();
    soon("the end", running.server).await.unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn only_what_nobody_listens_on_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hv.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let door = bind_unix(&path).unwrap();
    assert!(matches!(bind_unix(&path), Err(UnixError::InUse(_))));
    UnixStream::connect(&path).await.unwrap();

    // What somebody else has put there stays.
    fs::remove_file(&path).unwrap();
    fs::write(&path, "mine").unwrap();
    drop(door);
    assert!(matches!(bind_unix(&path), Err(UnixError::NoSocket(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[tokio::test]
async fn a_socket_that_knows_no_reset_is_closed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hv.sock");
    for fault in [Fault::Close, Fault::Reset] {
        let recorder = Recorder::playing(Play { fault: Some(fault), ..Play::default() });
        let mut running = Running::behind(vec![bind_unix(&path).unwrap()], Limits::default(), recorder);
        let mut client = UnixStream::connect(&path).await.unwrap();
        client.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
        assert_eq!(soon("the end", client.read_to_end(&mut Vec::new())).await.unwrap(), 0);
        assert_eq!(running.ending().await, EndingKind::Played);
        running.stop().await;
    }
}
