//! A forward against a direct call: requests a second through hookview to a target, and to the target itself.
//! `cargo bench --bench forward [-- SECONDS ROUNDS]`
//!
//! All is in one process, so the ratio is what counts; ways alternate within a round, and ratios are taken within it. The
//! clients' connections stay open, except where it says so: hookview opens a connection of its own for each forward.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookview::capture::{Answer, Capture};
use hookview::outbound::{Client, Resent, TlsOptions};
use hookview::receiver::{self, Intake, Limits, Taken};
use hookview::rules::{Forward, Passing, Plan, Source};
use hookview::service::Service;
use hookview::signature::{Checker, Schemes};
use hookview::store::{Location, Options, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Clients at once.
const CLIENTS: usize = 16;
/// Bytes of a body.
const BODY: usize = 3_000;
/// What everybody answers; the target says, as nginx and Node do, that it keeps the connection.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nOK\n";

/// The ways to the target, the measure of all first.
const WAYS: [&str; 4] = ["direct", "direct, a connection each", "through hookview", "hookview answers, and forwards"];

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Without this, cargo only wants to know whether it runs.
    let measures = arguments.iter().any(|argument| argument == "--bench");
    let mut numbers = arguments.iter().filter(|argument| argument.parse::<f64>().is_ok());
    let seconds = numbers.next().map_or(if measures { 3.0 } else { 0.2 }, |seconds| seconds.parse().unwrap());
    let rounds = numbers.next().map_or(if measures { 5 } else { 1 }, |rounds| rounds.parse().unwrap());
    let time = Duration::from_secs_f64(seconds);

    let target = target().await;
    let through = hookview(target, Passing::Through);
    let shown = hookview(target, Passing::Shown);
    let mut rates = vec![Vec::new(); WAYS.len()];
    for _ in 0_u32..rounds {
        rates[0].push(rate(target, time, false).await);
        rates[1].push(rate(target, time, true).await);
        rates[2].push(rate(through, time, false).await);
        rates[3].push(rate(shown, time, false).await);
    }
    println!("{rounds} rounds of {time:?}, {CLIENTS} clients, bodies of {BODY} bytes\n");
    println!("{:<32} {:>9} {:>7} {:>16}", "", "req/s", "ratio", "to a connection");
    for (way, own) in WAYS.iter().zip(&rates) {
        let ratio = |to: &[f64]| middle(own.iter().zip(to).map(|(own, to)| own / to));
        let rate = middle(own.iter().copied());
        println!("{way:<32} {rate:>9.0} {:>7.2} {:>16.2}", ratio(&rates[0]), ratio(&rates[1]));
    }
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Requests a second of all clients together.
async fn rate(address: SocketAddr, time: Duration, each: bool) -> f64 {
    let start = Instant::now();
    let clients: Vec<_> = (0..CLIENTS).map(|_| tokio::spawn(client(address, start + time, each))).collect();
    let mut answered = 0;
    for client in clients {
        answered += client.await.unwrap();
    }
    f64::from(answered) / start.elapsed().as_secs_f64()
}

async fn client(address: SocketAddr, until: Instant, each: bool) -> u32 {
    let request = format!("POST /in HTTP/1.1\r\nHost: {address}\r\nContent-Length: {BODY}\r\n\r\n{}", "x".repeat(BODY));
    let (mut stream, mut buffer, mut answered) = (connect(address).await, Vec::new(), 0);
    while Instant::now() < until {
        if each {
            stream = connect(address).await;
        }
        stream.write_all(request.as_bytes()).await.unwrap();
        buffer.clear();
        while !buffer.ends_with(b"\r\n\r\nOK\n") {
            assert!(stream.read_buf(&mut buffer).await.unwrap() > 0);
        }
        answered += 1;
    }
    answered
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Answers every request of the length that is expected, as fast as it can.
async fn target() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(answer(stream));
        }
    });
    address
}

async fn answer(mut stream: TcpStream) {
    let mut buffer = Vec::new();
    loop {
        let head = buffer.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = head.map(|at| at + 4 + BODY).filter(|&end| buffer.len() >= end) {
            buffer.drain(..end);
            if stream.write_all(ANSWER).await.is_err() {
                return;
            }
        }
        if stream.read_buf(&mut buffer).await.unwrap_or_default() == 0 {
            return;
        }
    }
}

/// Forwards everything.
struct Forwarding {
    service: Service,
    forward: Forward,
}

impl Intake for Forwarding {
    async fn take(&self, mut capture: Capture) -> Taken {
        let source = if self.forward.passing == Passing::Through { Source::Upstream } else { Source::Ready };
        let forward = Some(self.forward.clone());
        let plan = Plan { source, forward, ..Plan::ready(Answer::text(200, "OK\n", "forward")) };
        let plan = self.service.admit(plan, &capture.request);
        capture.id = self.service.store.append(capture.clone()).await.unwrap();
        Taken { id: Some(capture.id), reply: self.service.carry_out(plan, Arc::new(capture)).await }
    }
}

fn hookview(target: SocketAddr, passing: Passing) -> SocketAddr {
    let store = Store::open(&Location::Memory, Options::default()).unwrap();
    let resent = Resent::default();
    let client = Client::new(&TlsOptions::default(), resent.clone()).unwrap();
    let service = Service::new(store, Checker::new(Schemes::builtin(), vec![], None).unwrap(), client, resent);
    let forward = Forward {
        url: format!("http://{target}/in"),
        passing,
        forwarded_headers: true,
        sign_with: None,
        retries: 0,
        backoff: Duration::ZERO,
        retry_on: Vec::new(),
        time_limit: Duration::from_secs(10),
    };
    let listeners = receiver::bind(&["127.0.0.1".parse().unwrap()], 0).unwrap();
    let address = listeners[0].local_addr().unwrap();
    let door = Arc::new(Forwarding { service, forward });
    tokio::spawn(receiver::serve(listeners, door, Limits::default(), CancellationToken::new()));
    address
}
