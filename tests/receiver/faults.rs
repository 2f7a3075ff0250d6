//! What goes wrong on the wire is captured with what did come, and answered where somebody may hear it.

use std::time::Duration;

use hookview::capture::{Answer, Capture, HttpVersion, ProblemKind};
use hookview::receiver::Limits;

use crate::support::{Recorder, Reply, Running};

/// A time limit that a test can wait for.
const MOMENT: Duration = Duration::from_millis(200);

/// Only 1000 bytes of body.
fn narrow() -> Limits {
    Limits { max_body: 1000, ..Limits::default() }
}

fn problem(capture: &Capture) -> (ProblemKind, &str) {
    let problem = capture.problem.as_ref().expect("a problem");
    (problem.kind, &problem.text)
}

/// The client heard what the capture says it was answered.
fn assert_told(capture: &Capture, reply: &Reply, status: u16) {
    let answer = capture.answer.as_ref().expect("an answer");
    assert_eq!((reply.status, answer.status), (status, status));
    assert_eq!(reply.body, format!("{}\n", problem(capture).1));
    assert_eq!(reply.headers.text("connection"), Some("close"));
}

#[tokio::test]
async fn keeps_the_first_part_of_a_body_that_is_too_long() {
    let running = Running::limited(narrow()).await;
    let mut client = running.client().await;
    client.send(format!("POST / HTTP/1.1\r\nContent-Length: 2500\r\n\r\n{}", "a".repeat(2500))).await;
    let (reply, capture) = (client.reply().await, running.capture().await);
    client.expect_close().await;
    assert_told(&capture, &reply, 413);
    assert_eq!((capture.request.body.bytes.len(), capture.request.body.total), (1000, 2500));
    assert_eq!(problem(&capture), (ProblemKind::BodyTooLarge, "the body has 2500 bytes, the limit is 1000"));
    assert_eq!(capture.answer.unwrap().rule, "body too large");
}

#[tokio::test]
async fn a_client_sees_the_answer_though_it_sends_all_of_a_long_body_first() {
    let running = Running::limited(Limits { max_body: 1024 * 1024, ..Limits::default() }).await;
    let mut client = running.client().await;
    let length = 7 * 1024 * 1024;
    client.send(format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n")).await;
    client.send(vec![b'a'; length]).await;
    assert_eq!(client.reply().await.status, 413);
}

#[tokio::test]
async fn stops_reading_a_body_without_end() {
    let running = Running::limited(Limits { max_body: 1024, ..Limits::default() }).await;
    let mut client = running.client().await;
    client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    while client.try_send(&chunk).await {}
    let capture = running.capture().await;
    let (kind, text) = problem(&capture);
    assert_eq!(kind, ProblemKind::BodyTooLarge);
    assert!(text.starts_with("the body is longer than the limit of 1024 bytes: "), "{text}");
    assert_eq!(capture.request.body.bytes.len(), 1024);
}

#[tokio::test]
async fn counts_a_chunked_body_that_is_too_long() {
    let running = Running::limited(narrow()).await;
    let chunk = format!("200\r\n{}\r\n", "a".repeat(0x200));
    let wire = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\nX: y\r\n\r\n", chunk.repeat(5));
    let (capture, reply) = running.exchange(wire).await;
    assert_told(&capture, &reply, 413);
    assert_eq!(problem(&capture).1, "the body has 2560 bytes, the limit is 1000");
    assert_eq!((capture.request.body.bytes.len(), capture.request.body.total), (1000, 2560));
}

#[tokio::test]
async fn chunk_framing_without_bounds_is_too_long_as_well() {
    let running = Running::limited(narrow()).await;
    let mut client = running.client().await;
    client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let chunk = format!("1;{}\r\na\r\n", "x".repeat(8000));
    while client.try_send(&chunk).await {}
    let capture = running.capture().await;
    assert_eq!(problem(&capture).0, ProblemKind::BodyTooLarge);
    assert!(capture.request.body.framed.unwrap().len() < 200_000);
}

#[tokio::test]
async fn keeps_what_came_of_a_body_that_is_cut() {
    let running = Running::start().await;
    let cases = [
        ("Content-Length: 2319\r\n\r\n", "the connection closed after 120 of 2319 body bytes"),
        (
            "Transfer-Encoding: chunked\r\n\r\nfff\r\n",
            "the connection closed after 120 body bytes, before the end of the body",
        ),
    ];
    for (rest, text) in cases {
        let mut client = running.client().await;
        client.send(format!("POST /cut HTTP/1.1\r\n{rest}{}", "a".repeat(120))).await;
        client.half_close().await;
        let (reply, capture) = (client.reply().await, running.capture().await);
        assert_told(&capture, &reply, 400);
        assert_eq!(problem(&capture), (ProblemKind::BodyCut, text));
        assert_eq!((&capture.request.target[..], capture.request.body.bytes.len()), (&b"/cut"[..], 120));
    }
}

#[tokio::test]
async fn a_reset_is_captured_and_not_answered() {
    let running = Running::start().await;
    let mut client = running.client().await;
    client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n").await;
    client.reply_head().await;
    client.reset();
    let capture = running.capture().await;
    assert_eq!(problem(&capture), (ProblemKind::BodyCut, "the client broke off after 0 of 9 body bytes"));
    assert_eq!(capture.answer, None);
}

#[tokio::test]
async fn a_stalled_body_is_given_up() {
    let running = Running::limited(Limits { body_idle: MOMENT, ..Limits::default() }).await;
    let (capture, reply) = running.exchange("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").await;
    assert_told(&capture, &reply, 408);
    assert_eq!(problem(&capture), (ProblemKind::BodyStalled, "nothing came for 200 ms after 3 of 10 body bytes"));
    assert_eq!(capture.request.body.bytes, "abc");
}

#[tokio::test]
async fn a_stalled_head_is_given_up_however_it_drips() {
    let running = Running::limited(Limits { head_timeout: MOMENT, ..Limits::default() }).await;
    let mut client = running.client().await;
    let mut sent = String::new();
    for byte in "POST / HTTP/1.1\r\nX-Long: ".chars().chain(std::iter::repeat('x')) {
        if !client.try_send([byte as u8]).await || running.recorded() > 0 {
            break;
        }
        sent.push(byte);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let capture = running.capture().await;
    let (kind, text) = problem(&capture);
    assert_eq!(kind, ProblemKind::HeadStalled);
    assert!(text.starts_with("the head was not complete after 200 ms: "), "{text}");
    assert!(sent.as_bytes().starts_with(&capture.request.head[..capture.request.head.len() - 1]));
    assert_eq!(client.reply().await.status, 408);
}

#[tokio::test]
async fn a_head_that_is_cut_is_kept() {
    let running = Running::start().await;
    let mut client = running.client().await;
    client.send("POST /a HTTP/1.1\r\nHost").await;
    client.half_close().await;
    let (reply, capture) = (client.reply().await, running.capture().await);
    assert_told(&capture, &reply, 400);
    assert_eq!(
        problem(&capture),
        (ProblemKind::HeadCut, "the connection closed after 22 bytes, before the end of the head")
    );
    assert_eq!(capture.request.head, "POST /a HTTP/1.1\r\nHost");
    assert_eq!((capture.request.version, capture.request.method.len()), (HttpVersion::Unknown, 0));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let running = Running::limited(Limits { max_head: 1000, ..Limits::default() }).await;
    for end in ["", "\r\n\r\n"] {
        let (capture, reply) = running.exchange(format!("GET / HTTP/1.1\r\nX: {}{end}", "x".repeat(50_000))).await;
        assert_told(&capture, &reply, 431);
        assert_eq!(problem(&capture), (ProblemKind::HeadTooLarge, "the head is longer than the limit of 1000 bytes"));
        assert!((1000..50_025).contains(&capture.request.head.len()));
    }
}

#[tokio::test]
async fn says_what_is_not_http() {
    let running = Running::start().await;
    let tls = [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], &[7; 500]].concat();
    let cases: [(&[u8], &str); 6] = [
        (&tls, "the client speaks TLS: use http:// in its URL, or start hookview with --tls"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "the first line is not an HTTP request line"),
        (b"GET /\r\n", "the first line is not an HTTP request line"),
        (b"\0\0\0\x08\x04\xd2\x16\x2f", "the first line is not an HTTP request line"),
        (b"GET / HTTP/3.0\r\n\r\n", "the request line asks for an unknown HTTP version"),
        (b"PRI * HTTP/2.0\r\n\r\nXX", "the request line asks for an unknown HTTP version"),
    ];
    for (bytes, text) in cases {
        let (capture, reply) = running.exchange(bytes).await;
        assert_told(&capture, &reply, 400);
        assert_eq!(problem(&capture), (ProblemKind::NotHttp, text));
        assert_eq!(capture.request.head, bytes);
    }
}

#[tokio::test]
async fn keeps_what_follows_a_head_with_bad_framing() {
    let running = Running::start().await;
    for framing in ["Content-Length: 12a", "Content-Length: 3\r\nContent-Length: 4", "Transfer-Encoding: zip"] {
        let (capture, reply) = running.exchange(format!("POST /a HTTP/1.1\r\n{framing}\r\n\r\n{{\"a\": 1}}")).await;
        assert_told(&capture, &reply, 400);
        assert_eq!(problem(&capture).0, ProblemKind::BadFraming);
        assert_eq!((&capture.request.target[..], &capture.request.body.bytes[..]), (&b"/a"[..], &b"{\"a\": 1}"[..]));
    }
}

#[tokio::test]
async fn keeps_chunks_up_to_the_one_that_is_broken() {
    let running = Running::start().await;
    let framed = "2\r\nab\r\nxyz\r\nrest";
    let (capture, reply) =
        running.exchange(format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{framed}")).await;
    assert_told(&capture, &reply, 400);
    assert_eq!(
        problem(&capture),
        (ProblemKind::BadFraming, "after 2 body bytes: a chunk size is not a hexadecimal number")
    );
    assert_eq!(capture.request.body.bytes, "ab");
    assert_eq!(capture.request.body.framed.unwrap(), framed);
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_no_capture() {
    let running = Running::limited(Limits { keep_alive: MOMENT, ..Limits::default() }).await;
    let (mut silent, mut gone, mut blank) = (running.client().await, running.client().await, running.client().await);
    gone.half_close().await;
    blank.send("\r\n\r\n").await;
    for client in [&mut silent, &mut gone, &mut blank] {
        client.expect_close().await;
    }
    assert_eq!(running.recorded(), 0);
}

#[tokio::test]
async fn a_store_that_cannot_take_a_problem_says_so() {
    let full = Answer::text(503, "the disk is full\n", "store");
    let running = Running::with(Limits::default(), Recorder::answering(full)).await;
    let (capture, reply) = running.exchange("hello\r\n").await;
    assert_eq!((reply.status, &reply.body[..]), (503, "the disk is full\n"));
    assert_eq!(capture.answer.unwrap().status, 400);
}
