//! Answers that are late, wrong on purpose or never sent, as an HTTP/2 client sees them; and how they are said to end.

use std::time::{Duration, Instant};

use bytes::Bytes;
use hookview::capture::{Answer, EndingKind, Fault, Play};
use hookview::receiver::Limits;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::support::{Recorder, Running, faulty, late, playing, soon};

/// Longer than a test takes.
const NEVER: u64 = 600_000;

struct Client {
    sender: SendRequest<Empty<Bytes>>,
    connection: JoinHandle<hyper::Result<()>>,
}

impl Client {
    async fn of(running: &Running) -> Self {
        let stream = TcpStream::connect(running.address).await.unwrap();
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        Self { sender, connection: tokio::spawn(connection) }
    }

    fn request(&mut self, method: Method) -> impl Future<Output = hyper::Result<Response<Incoming>>> + Send + use<> {
        let request = Request::builder().method(method).uri("http://localhost/").body(Empty::new()).unwrap();
        self.sender.send_request(request)
    }

    async fn get(&mut self) -> Result<String, String> {
        let response = soon("a response", self.request(Method::GET)).await.map_err(|error| reason(&error))?;
        let body = soon("a body", response.into_body().collect()).await.map_err(|error| reason(&error))?;
        Ok(String::from_utf8(body.to_bytes().into()).unwrap())
    }
}

/// An error with what is behind it.
fn reason(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), reason)
}

#[tokio::test]
async fn a_late_answer_is_late() {
    let running = playing(late(150)).await;
    let asked = Instant::now();
    assert_eq!(Client::of(&running).await.get().await.unwrap(), "ok\n");
    assert!(asked.elapsed() >= Duration::from_millis(150));
    let ending = running.ending_of(1).await;
    assert_eq!(ending.kind, EndingKind::Sent);
    assert!(ending.after_us >= 150_000, "{ending:?}");
}

#[tokio::test]
async fn a_plain_answer_that_went_out_is_not_told_of() {
    let running = Running::start().await;
    let mut client = Client::of(&running).await;
    for _ in 0..3 {
        assert_eq!(client.get().await.unwrap(), "ok\n");
    }
    assert_eq!(running.endings(), 0);
}

#[tokio::test]
async fn resetting_resets_the_stream_and_no_other() {
    let running = faulty(Fault::Reset).await;
    let mut client = Client::of(&running).await;
    for number in 1..=2 {
        let error = client.get().await.unwrap_err();
        assert!(error.contains("stream error"), "{error}");
        assert_eq!(running.ending_of(number).await.kind, EndingKind::Played);
    }
}

#[tokio::test]
async fn closing_says_goodbye_and_closes() {
    let running = faulty(Fault::Close).await;
    let mut client = Client::of(&running).await;
    client.get().await.unwrap_err();
    assert_eq!(running.ending().await, EndingKind::Played);
    soon("the end", client.connection).await.unwrap().unwrap();
}

/// The frames of HTTP/2 that open a connection and ask for `/`.
const RAW_GET: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\
    \0\0\x06\x01\x05\0\0\0\x01\x82\x86\x84\x41\x01a";

#[tokio::test]
async fn closing_and_garbage_break_no_connection() {
    let goodbye = "\\x00\\x00\\x08\\x07";
    for (fault, last_words) in [(Fault::Close, goodbye), (Fault::Garbage, "garbage \\xff\\x00\\r\\n\\r\\n")] {
        let running = faulty(fault).await;
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(RAW_GET).await.unwrap();
        let mut seen = Vec::new();
        soon("closing", stream.read_to_end(&mut seen)).await.unwrap();
        let seen = seen.escape_ascii().to_string();
        assert!(seen.contains(last_words), "{seen}");
        assert_eq!(running.ending().await, EndingKind::Played);
        assert_eq!(running.capture().await.request.target, "/");
    }
}

#[tokio::test]
async fn garbage_is_no_http() {
    let running = faulty(Fault::Garbage).await;
    let mut client = Client::of(&running).await;
    client.get().await.unwrap_err();
    assert_eq!(running.ending().await, EndingKind::Played);
    let error = soon("the end", client.connection).await.unwrap().unwrap_err();
    assert!(reason(&error).contains("frame with invalid size"), "{}", reason(&error));
}

#[tokio::test]
async fn what_ends_the_connection_breaks_the_other_streams() {
    let running =
        Running::with(Limits::default(), Recorder::making(Play { fault: Some(Fault::Close), ..Play::default() })).await;
    let mut client = Client::of(&running).await;
    let both = [client.request(Method::GET), client.request(Method::GET)].map(tokio::spawn);
    running.captures(2).await;
    running.intake.may_answer.add_permits(1);
    for response in both {
        soon("the end", response).await.unwrap().unwrap_err();
    }
    // The other answer is made to its end all the same.
    running.intake.may_answer.add_permits(1);
    let endings = running.endings_told(2).await;
    assert_eq!(
        endings.iter().map(|(_, ending)| ending.kind).collect::<Vec<_>>(),
        [EndingKind::Played, EndingKind::Broke]
    );
}

#[tokio::test]
async fn a_body_is_cut_short_of_its_length() {
    for after in [0, 2, 3] {
        let running = faulty(Fault::Cut { after }).await;
        let error = Client::of(&running).await.get().await.unwrap_err();
        assert!(error.contains("protocol error"), "{error}");
        assert_eq!(running.ending().await, EndingKind::Played);
    }
}

#[tokio::test]
async fn where_there_is_no_body_nothing_is_cut() {
    for (method, status) in [(Method::HEAD, 200), (Method::GET, 204), (Method::GET, 304)] {
        let play = Play { fault: Some(Fault::Cut { after: 1 }), ..Play::default() };
        let answer = Answer { status, play, ..Answer::text(200, "ok\n", "default") };
        let running = Running::with(Limits::default(), Recorder::answering(answer)).await;
        let mut client = Client::of(&running).await;
        let response = soon("a response", client.request(method)).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(soon("a body", response.into_body().collect()).await.unwrap().to_bytes(), "");
        assert_eq!(running.ending().await, EndingKind::Sent);
    }
}

#[tokio::test]
async fn a_dripping_body_comes_byte_by_byte() {
    let running = faulty(Fault::Drip { pause_ms: 20 }).await;
    let mut client = Client::of(&running).await;
    let mut body = soon("a response", client.request(Method::GET)).await.unwrap().into_body();
    for byte in ["o", "k", "\n"] {
        let frame = soon("a byte", body.frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), byte);
    }
    assert!(soon("the end", body.frame()).await.is_none());
    let ending = running.ending_of(1).await;
    assert_eq!(ending.kind, EndingKind::Played);
    assert!(ending.after_us >= 40_000, "{ending:?}");
}

#[tokio::test]
async fn a_client_that_takes_its_request_back_gave_up() {
    let drip = Play { fault: Some(Fault::Drip { pause_ms: NEVER }), ..Play::default() };
    for play in [late(NEVER), Play { fault: Some(Fault::Hang), ..Play::default() }, drip] {
        let running = playing(play).await;
        let mut client = Client::of(&running).await;
        let request = client.request(Method::GET);
        let pending = tokio::spawn(async move { request.await.unwrap().into_body().collect().await });
        running.capture().await;
        pending.abort();
        assert_eq!(running.ending_of(1).await.kind, EndingKind::GaveUp);

        // So did one that closes the connection.
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(RAW_GET).await.unwrap();
        running.capture().await;
        drop(stream);
        assert_eq!(running.ending_of(2).await.kind, EndingKind::GaveUp);
    }
}

#[tokio::test]
async fn an_answer_that_the_client_stops_reading_is_told_of() {
    let answer = Answer::text(200, vec![b'a'; 10_000_000], "default");
    let running = Running::with(Limits::default(), Recorder::answering(answer)).await;
    let mut client = Client::of(&running).await;
    let mut response = soon("a response", client.request(Method::GET)).await.unwrap();
    soon("a piece", response.body_mut().frame()).await.unwrap().unwrap();
    drop(response);
    assert_eq!(running.ending().await, EndingKind::GaveUp);
}

#[tokio::test]
async fn an_answer_is_made_to_its_end_though_the_client_went() {
    let running = Running::with(Limits::default(), Recorder::making(Play::default())).await;
    let mut client = Client::of(&running).await;
    let pending = tokio::spawn(client.request(Method::GET));
    running.capture().await;
    pending.abort();
    // By the time that a later request has come in, the first was seen to be taken back.
    assert!(soon("the end", pending).await.unwrap_err().is_cancelled());
    let later = tokio::spawn(client.request(Method::GET));
    running.capture().await;
    running.intake.may_answer.add_permits(1);
    assert_eq!(running.ending().await, EndingKind::GaveUp);
    running.intake.may_answer.add_permits(1);
    assert_eq!(soon("a response", later).await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn stopping_waits_for_no_play_and_tells_of_it() {
    let drip = Play { fault: Some(Fault::Drip { pause_ms: NEVER }), ..Play::default() };
    let hang = Play { fault: Some(Fault::Hang), ..Play::default() };
    for (play, at_most) in [(late(NEVER), 5), (drip, 5), (hang, 2)] {
        let mut running = playing(play).await;
        let mut client = Client::of(&running).await;
        let pending = tokio::spawn(client.request(Method::GET));
        running.capture().await;
        let asked = Instant::now();
        running.stop().await;
        assert!(asked.elapsed() < Duration::from_secs(at_most), "{play:?}");
        assert_eq!(running.ending().await, EndingKind::Stopped, "{play:?}");
        drop(soon("the end", pending).await);
    }
}
