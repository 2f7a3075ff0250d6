//! HTTP/2 with prior knowledge.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use hookview::capture::{HttpVersion, ProblemKind};
use hookview::receiver::Limits;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::support::{Recorder, Running, soon};

type Frames = std::pin::Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, Infallible>> + Send>>;
type Sender = SendRequest<StreamBody<Frames>>;

async fn connect(running: &Running) -> Sender {
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn data(pieces: &[&'static str]) -> Vec<Frame<Bytes>> {
    pieces.iter().map(|piece| Frame::data(Bytes::from_static(piece.as_bytes()))).collect()
}

fn post(path: &str, frames: Vec<Frame<Bytes>>) -> Request<StreamBody<Frames>> {
    let frames: Frames = Box::pin(stream::iter(frames.into_iter().map(Ok)));
    Request::post(format!("http://localhost:9000{path}")).body(StreamBody::new(frames)).unwrap()
}

async fn told(response: Response<hyper::body::Incoming>) -> (u16, Bytes) {
    (response.status().as_u16(), response.into_body().collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn a_request_becomes_a_capture() {
    let running = Running::start().await;
    let mut sender = connect(&running).await;
    let mut frames = data(&["{\"a\":", " 1}"]);
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", "9".parse().unwrap());
    frames.push(Frame::trailers(trailers));
    let mut request = post("/hook?a=b", frames);
    request.headers_mut().append("x-one", "1".parse().unwrap());
    request.headers_mut().append("x-latin", hyper::header::HeaderValue::from_bytes(b"caf\xe9").unwrap());

    let response = soon("a response", sender.send_request(request)).await.unwrap();
    assert_eq!(told(response).await, (200, Bytes::from_static(b"ok\n")));
    let capture = running.capture().await;
    let request = &capture.request;
    assert_eq!(request.version, HttpVersion::Http2);
    assert_eq!((request.method_text(), request.target_text()), ("POST".into(), "/hook?a=b".into()));
    let head = b"POST /hook?a=b HTTP/2\r\n:method: POST\r\n:scheme: http\r\n:authority: localhost:9000\r\n:path: /hook?a=b\r\nx-one: 1\r\n\
        x-latin: caf\xe9\r\n\r\n";
    assert_eq!(request.head.escape_ascii().to_string(), head.escape_ascii().to_string());
    assert_eq!(request.headers.text(":path"), Some("/hook?a=b"));
    assert_eq!(request.headers.get("x-latin"), Some(&b"caf\xe9"[..]));
    assert_eq!((&request.body.bytes[..], request.body.total), (&b"{\"a\": 1}"[..], 8));
    assert_eq!(request.body.trailers.text("x-sum"), Some("9"));
    assert!(capture.is_complete());
    assert_eq!(capture.local, running.address.to_string());
}

#[tokio::test]
async fn requests_share_a_connection() {
    let running = Running::start().await;
    let sender = connect(&running).await;
    let requests = (0..50).map(|number| sender.clone().send_request(post(&format!("/{number}"), data(&["x"]))));
    for response in soon("responses", futures_util::future::join_all(requests)).await {
        assert_eq!(response.unwrap().status(), 200);
    }
    running.captures(50).await;
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body() {
    let running = Running::start().await;
    let mut sender = connect(&running).await;
    let mut request = post("/", vec![]);
    *request.method_mut() = hyper::Method::HEAD;
    let response = soon("a response", sender.send_request(request)).await.unwrap();
    assert_eq!(response.headers()["content-length"], "3");
    assert_eq!(told(response).await, (200, Bytes::new()));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let running = Running::limited(Limits { max_body: 10, ..Limits::default() }).await;
    let mut sender = connect(&running).await;
    for declared in [None, Some("20")] {
        let mut request = post("/", data(&["0123456789", "0123456789"]));
        if let Some(length) = declared {
            request.headers_mut().insert("content-length", length.parse().unwrap());
        }
        let (status, text) = told(soon("a response", sender.send_request(request)).await.unwrap()).await;
        assert_eq!((status, &text[..]), (413, &b"the body has 20 bytes, the limit is 10\n"[..]));
        let capture = running.capture().await;
        assert_eq!(capture.problem.unwrap().kind, ProblemKind::BodyTooLarge);
        assert_eq!((&capture.request.body.bytes[..], capture.request.body.total), (&b"0123456789"[..], 20));
    }
}

#[tokio::test]
async fn a_client_sees_the_answer_though_its_body_is_far_too_long() {
    let running = Running::limited(Limits { max_body: 500_000, ..Limits::default() }).await;
    let mut sender = connect(&running).await;
    let piece: &'static str = "a".repeat(100_000).leak();
    let mut request = post("/", data(&[piece; 30]));
    request.headers_mut().insert("content-length", "3000000".parse().unwrap());
    let response = soon("a response", sender.send_request(request)).await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(running.capture().await.request.body.bytes.len(), 500_000);
}

#[tokio::test]
async fn a_stream_that_stalls_is_answered() {
    let running = Running::limited(Limits { body_idle: Duration::from_millis(100), ..Limits::default() }).await;
    let mut sender = connect(&running).await;
    let frames: Frames = Box::pin(stream::iter(data(&["abc"]).into_iter().map(Ok)).chain(stream::pending()));
    let request = Request::post("http://localhost/").body(StreamBody::new(frames)).unwrap();
    let response = soon("a response", sender.send_request(request)).await.unwrap();
    assert_eq!(response.status(), 408);
    let capture = running.capture().await;
    assert_eq!(capture.problem.unwrap().kind, ProblemKind::BodyStalled);
    assert_eq!(capture.request.body.bytes, "abc");
}

#[tokio::test]
async fn a_stream_that_is_reset_is_captured() {
    let running = Running::start().await;
    let sender = connect(&running).await;
    let (tell, told) = tokio::sync::oneshot::channel();
    let sent = stream::iter(data(&["abc"]).into_iter().map(Ok));
    let frames: Frames = Box::pin(sent.chain(stream::once(async move {
        let _ = tell.send(());
        std::future::pending().await
    })));
    let mut request = Request::post("http://localhost/reset").body(StreamBody::new(frames)).unwrap();
    request.headers_mut().insert("content-length", "9".parse().unwrap());
    let mut sender = sender;
    let pending = tokio::spawn(sender.send_request(request));
    told.await.unwrap();
    pending.abort();
    let capture = running.capture().await;
    let problem = capture.problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::BodyCut);
    assert!(problem.text.starts_with("the client broke off after "), "{}", problem.text);
    assert_eq!(capture.answer, None);
}

#[tokio::test]
async fn a_preface_that_stalls_is_a_head_that_stalls() {
    let running = Running::limited(Limits { head_timeout: Duration::from_millis(100), ..Limits::default() }).await;
    let (capture, reply) = running.exchange("PRI * HTTP/2.0\r\n").await;
    assert_eq!(reply.status, 408);
    assert_eq!(capture.problem.unwrap().kind, ProblemKind::HeadStalled);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let running = Running::limited(Limits { keep_alive: Duration::from_millis(100), ..Limits::default() }).await;
    let mut sender = connect(&running).await;
    soon("closing", async {
        while sender.ready().await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn stopping_lets_streams_finish() {
    let running = Running::with(Limits::default(), Recorder::holding()).await;
    let mut sender = connect(&running).await;
    let response = tokio::spawn(sender.send_request(post("/", data(&["{}"]))));
    running.capture().await;
    running.stop.cancel();
    running.intake.may_answer.add_permits(1);
    assert_eq!(soon("a response", response).await.unwrap().unwrap().status(), 200);
    soon("the end", running.server).await.unwrap();
}
