//! The target's answer, as the client gets it.

use hookview::capture::{AttemptOutcome, CaptureId};

use crate::stage::{House, Target, through, to};

/// What a client gets, as head and body, when the target answers so.
async fn passed(method: &str, answer: impl AsRef<[u8]>) -> (String, Vec<u8>) {
    let (house, _) = house(answer).await;
    let answer = house.exchange(format!("{method} / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).await;
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    (String::from_utf8_lossy(&answer[..at]).replace("Connection: close\r\n\r\n", ""), answer[at..].to_vec())
}

async fn house(answer: impl AsRef<[u8]>) -> (House, Target) {
    let target = Target::answering(answer).await;
    let plan = through(to(target.url()));
    (House::open().plans(move |_| plan.clone()), target)
}

#[tokio::test]
async fn it_is_passed_through_less_what_belongs_to_the_connection() {
    let answer = "HTTP/1.1 201 Made\r\nserver: x\r\nX-A: 1\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n\
        Proxy-Authenticate: Basic\r\nx-a: 2\r\nUpgrade: h2c\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nup";
    let (head, body) = passed("GET", answer).await;
    let expected =
        "HTTP/1.1 201 Created\r\nserver: x\r\nX-A: 1\r\nx-a: 2\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n";
    assert_eq!((head.as_str(), &*body), (expected, &b"up"[..]));
}

#[tokio::test]
async fn chunks_become_a_body_of_its_length() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\nContent-Length: 77\r\n\r\n\
        2\r\nup\r\n3\r\n!!!\r\n0\r\nX-T: 1\r\n\r\n";
    let (head, body) = passed("POST", answer).await;
    assert_eq!((head.as_str(), &*body), ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", &b"up!!!"[..]));
}

#[tokio::test]
async fn announcements_before_the_answer_are_not_the_answer() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx";
    let (head, body) = passed("POST", answer).await;
    assert_eq!((head.as_str(), &*body), ("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n", &b"x"[..]));
    let (head, body) = passed("POST", "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{head}");
    assert_eq!(body, b"The server behind this one changed protocols.\n");
}

#[tokio::test]
async fn answers_without_a_body_stay_without() {
    let (head, body) = passed("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nETag: a\r\n\r\n").await;
    assert_eq!((head.as_str(), &*body), ("HTTP/1.1 200 OK\r\nETag: a\r\nContent-Length: 99\r\n", &b""[..]));
    let (head, body) = passed("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    assert_eq!((head.as_str(), &*body), ("HTTP/1.1 200 OK\r\n", &b""[..]));
    let (head, body) = passed("POST", "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n").await;
    assert_eq!((head.as_str(), &*body), ("HTTP/1.1 204 No Content\r\nX: y\r\n", &b""[..]));
    let (head, body) = passed("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: a\r\n\r\n").await;
    assert_eq!((head.as_str(), &*body), ("HTTP/1.1 304 Not Modified\r\nETag: a\r\n", &b""[..]));
}

#[tokio::test]
async fn no_line_of_it_can_become_two() {
    let answer = b"HTTP/1.1 200 OK\r\nX-A: 1\rEvil: 2\r\nSet-Cookie : b\r\nX-B: a\r\n Evil: b\r\nX-C: \0\r\nContent-Length: 0\r\n\r\n";
    let (head, _) = passed("GET", answer).await;
    assert_eq!(head, "HTTP/1.1 200 OK\r\nX-A: 1 Evil: 2\r\nX-B: a Evil: b\r\nX-C:  \r\nContent-Length: 0\r\n");
}

#[tokio::test]
async fn a_large_answer_is_passed_whole_and_its_first_part_kept_with_the_attempt() {
    let body = vec![b'x'; 5 << 20];
    let answer = [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat();
    let (house, _target) = house(answer).await;
    let answer = house.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\nContent-Length: 5242880\r\n") && answer.ends_with(&body));
    let [attempt] = house.service.store.attempts(CaptureId(1)).unwrap().try_into().unwrap();
    let AttemptOutcome::Answered(kept) = attempt.outcome else { panic!() };
    assert_eq!((kept.body.len(), kept.body_total), (1 << 20, 5 << 20));
}

#[tokio::test]
async fn one_that_is_too_long_is_a_502() {
    let body = vec![b'x'; (32 << 20) + 1];
    let (head, body) = passed("GET", [b"HTTP/1.1 200 OK\r\n\r\n", &body[..]].concat()).await;
    assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{head}");
    assert_eq!(body, b"The answer of the server behind this one is too long.\n");
}

#[tokio::test]
async fn what_the_rule_sets_itself_comes_over_it() {
    let target = Target::answering(
        "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: a/b\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let mut plan = through(to(target.url()));
    plan.answer.headers.push("x-a", "ours");
    plan.answer.headers.push("X-B", "ours");
    plan.answer.headers.push("Content-Type", "text/plain");
    let house = House::open();
    let answer = house.carry_out(plan, &house.capture("").await).await;
    assert_eq!(answer.headers.to_lines(), b"Server: x\r\nContent-Type: a/b\r\nX-A: ours\r\nX-B: ours\r\n");
}
