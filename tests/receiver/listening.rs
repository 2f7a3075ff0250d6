//! Listening, many clients at once, and coming to a stop.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use hookview::receiver::{BindError, Limits, bind, next_free_port};
use tokio::net::TcpStream;

use crate::support::{LOCALHOST, Recorder, Running, soon};

const BOTH: [IpAddr; 2] = [LOCALHOST, IpAddr::V6(Ipv6Addr::LOCALHOST)];

#[tokio::test]
async fn one_free_port_on_both_loopback_addresses() {
    let listeners = bind(&BOTH, 0).unwrap();
    let addresses: Vec<_> = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
    assert_eq!(addresses[0].ip(), LOCALHOST);
    assert!(addresses.iter().all(|address| address.port() == addresses[0].port() && address.port() != 0));
    for address in addresses {
        TcpStream::connect(address).await.unwrap();
    }
}

#[tokio::test]
async fn a_port_that_is_taken_names_who_has_it() {
    let taken = bind(&[LOCALHOST], 0).unwrap();
    let address = taken[0].local_addr().unwrap();
    let error = bind(&BOTH, address.port()).unwrap_err();
    assert_eq!(error.address(), address);
    let text = error.to_string();
    let BindError::InUse { holder, .. } = error else { panic!("{text}") };
    assert!(text.starts_with(&format!("{address} is already in use")) && text.contains("--port"), "{text}");
    if cfg!(target_os = "linux") {
        let holder = holder.expect("our own process");
        assert_eq!(holder.pid, std::process::id());
        assert!(text.contains(&format!("by {} (pid {})", holder.command, holder.pid)), "{text}");
    }
    let next = next_free_port(&BOTH, address.port()).unwrap();
    assert!(next > address.port());
}

#[tokio::test]
async fn says_when_an_address_is_not_ours() {
    // TEST-NET-1 of RFC 5737.
    let error = bind(&[LOCALHOST, IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))], 0).unwrap_err();
    assert_eq!(error.to_string(), "192.0.2.1 is not an address of this machine: choose one that is with --bind");
}

#[tokio::test]
async fn all_addresses_of_both_kinds_go_together() {
    let listeners = bind(&[IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)], 0);
    match &listeners {
        Ok(listeners) => assert_eq!(listeners.len(), 2),
        // A machine without IPv6.
        Err(error) => assert!(error.address().is_ipv6(), "{error}"),
    }
}

#[tokio::test]
async fn an_address_that_is_named_twice_is_listened_on_once() {
    assert_eq!(bind(&[LOCALHOST, LOCALHOST], 0).unwrap().len(), 1);
}

/// Where there is IPv6.
#[tokio::test]
async fn an_ipv4_client_of_an_ipv6_socket_shows_its_own_address() {
    let Ok(listeners) = bind(&[IpAddr::V6(Ipv6Addr::UNSPECIFIED)], 0) else { return };
    let running = Running::on(listeners, Limits::default(), Recorder::holding());
    let mut client = running.client().await;
    client.send("GET / HTTP/1.1\r\n\r\n").await;
    let capture = running.capture().await;
    assert_eq!(capture.remote, client.stream.local_addr().unwrap().to_string());
    assert_eq!(capture.local, client.stream.peer_addr().unwrap().to_string());
}

#[tokio::test]
async fn a_slow_client_delays_no_other() {
    let running = Running::start().await;
    let mut slow = running.client().await;
    slow.send("POST /slow HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf").await;
    let mut stuck = running.client().await;
    stuck.send("POST /stu").await;
    for _ in 0..20 {
        running.exchange("GET /fast HTTP/1.1\r\n\r\n").await;
    }
    slow.send(" more ").await;
    assert_eq!(slow.reply().await.status, 200);
    assert_eq!(running.capture().await.request.body.bytes, "half more ");
}

#[tokio::test]
async fn thousands_of_idle_clients_delay_no_other() {
    let running = Running::start().await;
    let mut idle = Vec::new();
    // Both ends are in this process, and some systems give it no more than 1024 descriptors.
    for number in 0..2000 {
        let Ok(stream) = TcpStream::connect(running.address).await else { break };
        if number % 2 == 0 {
            stream.writable().await.unwrap();
            let _ = stream.try_write(b"POST / HTTP/1.1\r\nHost: ");
        }
        idle.push(stream);
    }
    assert!(idle.len() >= 400, "{}", idle.len());
    idle.truncate(idle.len() - 10);
    running.captures(5).await;
    let (capture, reply) = running.exchange("GET /fast HTTP/1.1\r\n\r\n").await;
    assert_eq!((reply.status, capture.request.target_text()), (200, "/fast".into()));
}

#[tokio::test]
async fn stopping_lets_requests_finish() {
    let running = Running::with(Limits::default(), Recorder::holding()).await;
    let (mut idle, mut busy, mut half) = (running.client().await, running.client().await, running.client().await);
    busy.send("POST /busy HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}").await;
    assert_eq!(running.capture().await.request.target_text(), "/busy");
    half.send("POST /half HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").await;
    assert_eq!(half.reply_head().await.status, 100);

    running.stop.cancel();
    idle.expect_close().await;
    while TcpStream::connect(running.address).await.is_ok() {}
    half.send("late").await;
    assert_eq!(running.capture().await.request.body.bytes, "late");
    running.intake.may_answer.add_permits(2);
    for mut client in [busy, half] {
        let reply = client.reply().await;
        assert_eq!((reply.status, reply.headers.text("connection")), (200, Some("close")));
        client.expect_close().await;
    }
    soon("the end", running.server).await.unwrap();
}

#[tokio::test]
async fn stopping_waits_for_nobody_longer_than_two_seconds() {
    let running = Running::start().await;
    let mut stuck = running.client().await;
    stuck.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").await;
    stuck.reply_head().await;
    running.stop.cancel();
    let started = std::time::Instant::now();
    soon("the end", running.server).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
}
