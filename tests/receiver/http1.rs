//! HTTP/1: requests as they should be, and as they are.

use std::time::Duration;

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use hookview::capture::{Answer, Headers, HttpVersion, Timing};
use hookview::receiver::Limits;
use tokio::time::sleep;

use crate::support::{Recorder, Running};

fn pairs(headers: &Headers) -> Vec<(String, String)> {
    let text = |bytes: &Bytes| bytes.escape_ascii().to_string();
    headers.iter().map(|header| (text(&header.name), text(&header.value))).collect()
}

#[tokio::test]
async fn keeps_a_request_byte_for_byte() {
    let running = Running::start().await;
    let head = b"POST /hook?a=1&b=%zz HTTP/1.1\r\nhOST: localhost:9000\r\nX-B: 2\r\nx-a:1\r\nx-b:   3 \r\n\
        Content-Type: application/json\r\nX-Latin: caf\xe9\r\nX-Empty:\r\nContent-Length: 9\r\n\r\n";
    let (capture, reply) = running.exchange([&head[..], b"{\"a\": 1}\xff"].concat()).await;
    assert_eq!((reply.status, &reply.body[..]), (200, "ok\n"));
    let request = &capture.request;
    assert_eq!(request.head.escape_ascii().to_string(), head.escape_ascii().to_string());
    assert_eq!((&request.method[..], &request.target[..]), (&b"POST"[..], &b"/hook?a=1&b=%zz"[..]));
    assert_eq!(request.version, HttpVersion::Http11);
    assert_eq!((&request.body.bytes[..], request.body.total), (&b"{\"a\": 1}\xff"[..], 9));
    assert_eq!(request.body.framed, None);
    let expected = [
        ("hOST", "localhost:9000"),
        ("X-B", "2"),
        ("x-a", "1"),
        ("x-b", "3"),
        ("Content-Type", "application/json"),
        ("X-Latin", "caf\\xe9"),
        ("X-Empty", ""),
        ("Content-Length", "9"),
    ];
    assert_eq!(pairs(&request.headers), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(capture.is_complete() && capture.answer.is_none());
}

#[tokio::test]
async fn keeps_header_lines_that_other_servers_refuse() {
    let running = Running::start().await;
    let head = "POST / HTTP/1.1\r\nSyntax error in template at line 1: oops\r\nno colon at all\r\nBad\x01Name: \x02\r\n\
        Host: a\r\n  folded\r\nHost: b\r\nContent-Length: 2\r\n\r\n";
    let (capture, reply) = running.exchange(format!("{head}{{}}")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(capture.request.head, head);
    assert_eq!(capture.request.body.bytes, "{}");
    assert_eq!(capture.request.headers.text("Syntax error in template at line 1"), Some("oops"));
}

#[tokio::test]
async fn says_when_it_came_and_from_whom() {
    let running = Running::start().await;
    let before = Utc::now() - TimeDelta::microseconds(1);
    let mut client = running.client().await;
    client.send("GET / HTTP/1.1\r\n\r\n").await;
    let capture = running.capture().await;
    assert_eq!(capture.remote, client.stream.local_addr().unwrap().to_string());
    assert_eq!(capture.local, running.address.to_string());
    assert!((before..=Utc::now()).contains(&capture.received_at));
    assert_eq!(capture.timing, Timing::default());
}

#[tokio::test]
async fn says_how_long_head_and_body_took() {
    let running = Running::start().await;
    // Time itself is what is looked at. On a machine that stands still for a while, a pause may go unseen: then a
    // longer one.
    for pause in [20, 200, 2000] {
        let mut client = running.client().await;
        for part in ["POST / HTTP/1.1\r\n", "Content-Length: 2\r\n\r\n", "{}"] {
            client.send(part).await;
            sleep(Duration::from_millis(pause)).await;
        }
        let timing = running.capture().await.timing;
        if timing.head_us >= pause * 900 && timing.body_us >= pause * 900 {
            return;
        }
    }
    panic!("the pauses of a slow client do not show");
}

#[tokio::test]
async fn takes_any_method_target_and_body() {
    let running = Running::start().await;
    let requests = [
        ("GET", "/a", "body"),
        ("DELETE", "/a/1", "body"),
        ("OPTIONS", "*", ""),
        ("PROPFIND", "http://example.com:80/a?b#c", "<a/>"),
        ("x-odd!", "/with blanks in it", ""),
        ("TRACE", "//", ""),
        ("POST", "/\u{e9}\u{1f600}", "{}"),
        ("PRI", "/not-http2", ""),
    ];
    for (method, target, body) in requests {
        let (capture, reply) = running
            .exchange(format!("{method} {target} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
            .await;
        assert_eq!(reply.status, 200, "{method}");
        assert_eq!((capture.request.method_text(), capture.request.target_text()), (method.into(), target.into()));
        assert_eq!(capture.request.body.bytes, body);
    }
}

#[tokio::test]
async fn serves_one_request_after_the_other_on_a_connection() {
    let running = Running::start().await;
    let mut client = running.client().await;
    for number in 0..3 {
        client.send(format!("POST /{number} HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")).await;
        assert_eq!(client.reply().await.status, 200);
    }
    client.send("GET /last HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert_eq!(client.reply().await.headers.text("connection"), Some("close"));
    client.expect_close().await;
    let targets: Vec<_> = running.captures(4).await.iter().map(|it| it.request.target_text().into_owned()).collect();
    assert_eq!(targets, ["/0", "/1", "/2", "/last"]);
}

#[tokio::test]
async fn answers_pipelined_requests_in_order() {
    let running = Running::start().await;
    let mut client = running.client().await;
    let count = 200;
    let requests = (0..count).map(|number| match number % 3 {
        0 => format!("GET /{number} HTTP/1.1\r\n\r\n"),
        1 => format!("\r\n\r\nPOST /{number} HTTP/1.1\nContent-Length: 5\n\nhello"),
        _ => format!("PUT /{number} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    });
    client.send(requests.collect::<String>()).await;
    for _ in 0..count {
        assert_eq!(client.reply().await.status, 200);
    }
    for (number, capture) in running.captures(count).await.iter().enumerate() {
        assert_eq!(capture.request.target_text(), format!("/{number}"));
        let body: &[u8] = if number % 3 == 0 { b"" } else { b"hello" };
        assert_eq!(capture.request.body.bytes, body);
    }
}

#[tokio::test]
async fn takes_chunks_apart_and_keeps_their_framing() {
    let running = Running::start().await;
    let framed = "5;note=\"x\"\r\nhello\r\n00000006\r\n world\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n";
    let request = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n{framed}");
    let mut client = running.client().await;
    for byte in request.bytes() {
        client.send([byte]).await;
    }
    assert_eq!(client.reply().await.status, 200);
    let body = running.capture().await.request.body;
    assert_eq!((&body.bytes[..], body.total), (&b"hello world"[..], 11));
    assert_eq!(body.framed.as_deref(), Some(framed.as_bytes()));
    assert_eq!(pairs(&body.trailers), [("X-Sum".into(), "1".into()), ("x-sum".into(), "2".into())]);
}

#[tokio::test]
async fn keeps_a_coding_that_lies_under_the_chunks() {
    let running = Running::start().await;
    let (capture, reply) =
        running.exchange("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n\x1f\x0b\r\n0\r\n\r\n").await;
    assert_eq!(reply.status, 200);
    assert_eq!(capture.request.body.bytes, "\x1f\x0b");
}

#[tokio::test]
async fn chunks_win_over_a_length_and_end_the_connection() {
    let running = Running::start().await;
    let mut client = running.client().await;
    client
        .send("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /smuggled")
        .await;
    assert_eq!(client.reply().await.headers.text("connection"), Some("close"));
    client.expect_close().await;
    assert_eq!(running.capture().await.request.body.bytes, "a");
}

#[tokio::test]
async fn asks_for_a_body_that_waits_to_be_asked_for() {
    let running = Running::start().await;
    for framing in ["Content-Length: 5\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"] {
        let mut client = running.client().await;
        client.send(format!("POST / HTTP/1.1\r\nExpect: 100-Continue\r\n{framing}")).await;
        assert_eq!(client.reply_head().await.status, 100);
        assert_eq!(running.recorded(), 0);
        client.send(if framing.starts_with('C') { "hello" } else { "5\r\nhello\r\n0\r\n\r\n" }).await;
        assert_eq!(client.reply().await.status, 200);
        assert_eq!(running.capture().await.request.body.bytes, "hello");
    }
}

#[tokio::test]
async fn does_not_ask_for_a_body_that_is_there_or_never_comes() {
    let running = Running::start().await;
    for rest in ["1.1\r\nContent-Length: 5\r\n\r\nhello", "1.1\r\n\r\n", "1.0\r\nContent-Length: 5\r\n\r\nhello"] {
        let (capture, reply) =
            running.exchange(format!("POST / HTTP/{rest}").replacen("\r\n", "\r\nExpect: 100-continue\r\n", 1)).await;
        assert_eq!(reply.status, 200, "{rest}");
        assert!(capture.is_complete());
    }
}

#[tokio::test]
async fn asks_for_the_first_part_of_a_body_that_is_too_long() {
    let running = Running::limited(Limits { max_body: 10, ..Limits::default() }).await;
    let mut client = running.client().await;
    client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n").await;
    assert_eq!(client.reply_head().await.status, 100);
    client.send("0123456789").await;
    let capture = running.capture().await;
    assert_eq!((&capture.request.body.bytes[..], capture.request.body.total), (&b"0123456789"[..], 2_000_000));
    client.send(vec![b'x'; 1_999_990]).await;
    let reply = client.reply().await;
    assert_eq!((reply.status, reply.headers.text("connection")), (413, Some("close")));
}

#[tokio::test]
async fn answers_http_1_0_and_closes_unless_asked_not_to() {
    let running = Running::start().await;
    let mut client = running.client().await;
    client.send("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").await;
    assert_eq!(client.reply().await.headers.text("connection"), Some("keep-alive"));
    client.send("GET /b HTTP/1.0\r\n\r\n").await;
    assert_eq!(client.reply().await.headers.text("connection"), Some("close"));
    client.expect_close().await;
    assert!(running.captures(2).await.iter().all(|capture| capture.request.version == HttpVersion::Http10));
}

#[tokio::test]
async fn answers_head_without_a_body() {
    let running = Running::start().await;
    let mut client = running.client().await;
    client.send("HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    let head = client.reply_head().await;
    assert_eq!((head.status, head.headers.text("content-length")), (200, Some("3")));
    assert_eq!(client.reply().await.body, "ok\n");
    client.expect_close().await;
}

#[tokio::test]
async fn answers_a_client_that_closed_its_sending_side() {
    let running = Running::start().await;
    let mut client = running.client().await;
    client.send("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}").await;
    client.half_close().await;
    assert_eq!(client.reply().await.status, 200);
    client.expect_close().await;
    assert!(running.capture().await.is_complete());
}

#[tokio::test]
async fn sends_the_answer_that_it_is_given() {
    let mut headers = Headers::default();
    headers.push("X-Rule", "one");
    headers.push("x-rule", "two\r\nX-Split: yes");
    let answer = Answer { status: 202, headers, body: "{}".into(), ..Answer::default() };
    let running = Running::with(Limits::default(), Recorder::answering(answer)).await;
    let (_, reply) = running.exchange("GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!((reply.status, &reply.body[..]), (202, "{}"));
    assert_eq!(reply.headers.all("x-rule").collect::<Vec<_>>(), [&b"one"[..], b"two  X-Split: yes"]);
    assert!(!reply.headers.has("x-split"));
}

#[tokio::test]
async fn a_large_body_comes_whole() {
    let running = Running::start().await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[number as usize % 3]).collect();
    let mut client = running.client().await;
    client.send(format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len())).await;
    client.send(&body).await;
    assert_eq!(client.reply().await.status, 200);
    assert_eq!(running.capture().await.request.body.bytes, body);
}
