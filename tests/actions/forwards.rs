//! What goes to the target, and how often.

use std::sync::Arc;
use std::time::Duration;

use hookview::capture::{AttemptOutcome, Body, Capture, CaptureId, Outcome, Request, Signing, parse_request};
use hookview::rules::Forward;
use hookview::signature::{Checker, Schemes, Secret};

use crate::stage::{Act, House, LONG, Target, nowhere, outcomes, ready, shown, through, to};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nup\n";
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

/// What the target gets of a request, less the line of `Via`, which is returned besides.
async fn sent_on(forward: impl Fn(Forward) -> Forward, request: &[u8]) -> (String, String) {
    let target = Target::answering(OK).await;
    let plan = through(forward(to(target.url())));
    let house = House::open().plans(move |_| plan.clone());
    let answer = String::from_utf8(house.exchange(request).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("up\n"), "{answer}");
    let seen = target.only();
    let via = seen.lines().find(|line| line.starts_with("Via: ") && line.contains("hookview-")).unwrap().to_owned();
    let host = target.address.to_string();
    (seen.replace(&format!("{via}\r\n"), "").replace(&host, "TARGET"), via)
}

#[tokio::test]
async fn the_same_bytes_go_on_in_their_order_and_case_less_what_belongs_to_the_connection() {
    let request = "POST /in HTTP/1.1\r\nx-b:1\r\nHOST: h\r\nX-B:  2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n\
        TE: trailers\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nVia: 1.0 other\r\nX-Hub-Signature: sha1=aa\r\ncontent-length: 4\r\n\r\na\0\r\n";
    let (seen, via) = sent_on(|forward| forward, request.as_bytes()).await;
    let expected = "POST /up HTTP/1.1\r\nx-b:1\r\nHOST: TARGET\r\nX-B:  2\r\nVia: 1.0 other\r\nX-Hub-Signature: sha1=aa\r\n\
        content-length: 4\r\n\r\na\0\r\n";
    assert_eq!(seen, expected);
    assert!(via.starts_with("Via: 1.1 hookview-"), "{via}");
}

#[tokio::test]
async fn a_body_that_came_in_chunks_goes_on_in_one_piece() {
    let request = "POST /in HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n\
        2;x=y\r\n{}\r\n1\r\n\n\r\n0\r\nX-T: 1\r\n\r\n";
    let (seen, _) = sent_on(|forward| forward, request.as_bytes()).await;
    assert_eq!(seen, "POST /up HTTP/1.1\r\nHost: TARGET\r\nContent-Length: 3\r\n\r\n{}\n");
}

#[tokio::test]
async fn a_body_in_a_coding_of_the_connection_is_not_forwarded() {
    let target = Target::answering(OK).await;
    let plan = through(to(target.url()));
    let house = House::open().plans(move |_| plan.clone());
    let request = "POST /in HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    assert!(house.exchange(request).await.starts_with(b"HTTP/1.1 502 "));
    let sentence = "1: its Transfer-Encoding is not chunked alone, and the target would not know what to undo";
    assert_eq!((outcomes(&house.attempts(1, 1).await), target.seen().len()), (vec![sentence.to_owned()], 0));
}

#[tokio::test]
async fn http_1_0_goes_on_as_1_1() {
    let (seen, via) = sent_on(|forward| forward, b"GET /in HTTP/1.0\r\nA: b\r\n\r\n").await;
    assert_eq!(seen, "GET /up HTTP/1.1\r\nHost: TARGET\r\nA: b\r\n\r\n");
    assert!(via.starts_with("Via: 1.0 hookview-"), "{via}");
}

#[tokio::test]
async fn no_line_from_the_network_can_become_two() {
    let request = b"POST /in HTTP/1.1\r\nHost: h\r\nX-A: 1\rEvil: 2\r\nX-B: 1\0\r\nX-Folded: a\r\n\tEvil: b\r\nX-Blank : chunked\r\n\
        no colon\r\nnocolon\r\n: empty\r\nX(Y): z\r\nX-Forwarded-Host: a\rEvil: 3\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    let (seen, _) = sent_on(|forward| Forward { forwarded_headers: true, ..forward }, request).await;
    let expected = "POST /up HTTP/1.1\r\nHost: TARGET\r\nX-A: 1 Evil: 2\r\nX-B: 1 \r\nX-Folded: a Evil: b\r\n\
        X-Forwarded-Host: a Evil: 3\r\nContent-Length: 2\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n\r\n{}";
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn on_request_the_target_is_told_of_the_client() {
    let told = |forward| Forward { forwarded_headers: true, ..forward };
    let (seen, _) = sent_on(told, b"GET /in HTTP/1.1\r\nHost: hooks.example\r\nConnection: close\r\n\r\n").await;
    let expected = "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: hooks.example\r\nX-Forwarded-Proto: http\r\n\r\n";
    assert!(seen.ends_with(expected), "{seen}");
    let request = "GET /in HTTP/1.1\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.1\r\nX-Forwarded-Proto: https\r\nHost: h\r\n\
        X-Forwarded-For: 192.0.2.2\r\nConnection: close\r\n\r\n";
    let (seen, _) = sent_on(told, request.as_bytes()).await;
    let expected = "GET /up HTTP/1.1\r\nX-Forwarded-Proto: https\r\nHost: TARGET\r\n\
        X-Forwarded-For: 203.0.113.9, 192.0.2.1, 192.0.2.2, 127.0.0.1\r\nX-Forwarded-Host: h\r\n\r\n";
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn it_is_signed_anew_on_request() {
    let target = Target::answering(OK).await;
    let house = House::with_secrets(&[("theirs", "one"), ("ours", "two")]);
    let forward = Forward { sign_with: Some("ours".to_owned()), ..to(target.url()) };
    let plan = through(forward);
    let house = house.plans(move |_| plan.clone());
    let request = "POST /in HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-GitHub-Event: push\r\nContent-Length: 2\r\n\
        X-Hub-Signature-256: sha256=00\r\n\r\n{}";
    let answer = house.exchange(request).await;
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", answer.escape_ascii());
    let seen = bytes::Bytes::from(target.only());
    let at = seen.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let (head, body) = (seen.slice(..at), seen.slice(at..));
    let seen = Request::from_head(head.clone(), parse_request(&head).unwrap(), Body::whole(body));
    let ours = Checker::new(Schemes::builtin(), vec![Secret::new("ours", b"two".to_vec())], None).unwrap();
    assert_eq!(ours.check(&seen, chrono::Utc::now()).outcome, Outcome::Valid);
    assert_eq!(house.attempts(1, 1).await[0].signing, Signing::With("ours".to_owned()));
}

#[tokio::test]
async fn one_that_cannot_be_signed_is_not_sent() {
    let target = Target::answering(OK).await;
    let house = House::open();
    let forward = Forward { sign_with: Some("ours".to_owned()), retries: 3, ..to(target.url()) };
    let capture = house.capture("{}").await;
    let answer = house.carry_out(through(forward), &capture).await;
    assert_eq!(answer.status, 502);
    assert!(answer.note.contains("has no signature whose scheme is known"), "{}", answer.note);
    assert_eq!((target.seen().len(), house.attempts(capture.id.0, 1).await.len()), (0, 1));
}

#[tokio::test]
async fn chosen_statuses_and_broken_connections_are_tried_again() {
    let acts =
        vec![Act::Answer(BUSY.to_vec()), Act::Reset, Act::Close, Act::Answer(BUSY.to_vec()), Act::Answer(OK.into())];
    let target = Target::new(acts).await;
    let plan = through(Forward { retries: 9, retry_on: vec![503], ..to(target.url()) });
    let house = House::open().plans(move |_| plan.clone());
    assert!(house.post("{}").await.ends_with("\r\n\r\nup\n"));
    let expected = [
        "1: 503",
        "2: the target reset the connection",
        "3: the target closed the connection without answering",
        "4: 503",
        "5: 200",
    ];
    assert_eq!(outcomes(&house.attempts(1, 5).await), expected);
    let seen = target.seen();
    assert!(seen.len() == 5 && seen.iter().all(|request| *request == seen[0]), "{seen:?}");
}

#[tokio::test]
async fn tries_have_an_end_and_the_last_answer_counts() {
    let target = Target::answering(BUSY).await;
    let house = House::open();
    let forward = Forward { retries: 2, retry_on: vec![503], ..to(target.url()) };
    let answer = house.carry_out(through(forward.clone()), &house.capture("").await).await;
    assert_eq!((answer.status, target.seen().len()), (503, 3));
    let answer = house.carry_out(through(Forward { retry_on: vec![500], ..forward }), &house.capture("").await).await;
    assert_eq!((answer.status, target.seen().len()), (503, 4));
}

#[tokio::test]
async fn a_target_that_is_down_resets_or_hangs_is_told_in_a_sentence() {
    let house = House::open();
    let short = Duration::from_millis(100);
    let cases = [
        (nowhere().await, LONG, 502, "nothing listens there", "gave no answer.\n"),
        (Target::new(vec![Act::Reset]).await.url(), LONG, 502, "the target reset the connection", "gave no answer.\n"),
        (Target::answering("no http").await.url(), LONG, 502, "the target's answer is not HTTP", "gave no answer.\n"),
        (
            Target::answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut").await.url(),
            LONG,
            502,
            "in the middle of the body, after 3 bytes",
            "gave no answer.\n",
        ),
        (
            Target::new(vec![Act::Hang]).await.url(),
            short,
            504,
            "timed out after 0.1 s: no answer",
            "did not answer in time.\n",
        ),
        ("ftp://x/".to_owned(), LONG, 502, "ftp:// is not supported", "cannot be forwarded.\n"),
    ];
    for (url, time_limit, status, note, body) in cases {
        let capture = house.capture("{}").await;
        let answer = house.carry_out(through(Forward { time_limit, ..to(&url) }), &capture).await;
        assert_eq!(answer.status, status, "{url}");
        assert!(answer.note.contains(note), "{}", answer.note);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.starts_with("This request was kept, but ") && text.ends_with(body), "{text}");
        let [attempt] = house.attempts(capture.id.0, 1).await.try_into().unwrap();
        assert_eq!((attempt.outcome, attempt.url), (AttemptOutcome::Failed(answer.note), url));
    }
}

#[tokio::test]
async fn shown_is_only_kept_and_ours_goes_out_at_once() {
    let target = Target::new(vec![Act::Hang]).await;
    let plan = shown(Forward { retries: 1, time_limit: Duration::from_millis(200), ..to(target.url()) });
    let house = House::open().plans(move |_| plan.clone());
    assert!(house.post("{}").await.ends_with("\r\n\r\nours\n"));
    assert_eq!(house.attempts(1, 2).await.len(), 2);
}

#[tokio::test]
async fn a_body_of_which_only_a_part_was_kept_is_not_forwarded() {
    let target = Target::answering(OK).await;
    let house = House::open();
    let mut capture = Capture::clone(&*house.capture("{}").await);
    capture.request.body.total = 99;
    let answer = house.carry_out(through(to(target.url())), &Arc::new(capture)).await;
    assert_eq!((answer.status, &*answer.body), (413, &b"The body is too long to be forwarded.\n"[..]));
    assert!(answer.note.contains("only its first part is kept, so it was not forwarded"), "{}", answer.note);
    assert_eq!((outcomes(&house.attempts(1, 1).await), target.seen().len()), (vec![format!("1: {}", answer.note)], 0));
}

#[tokio::test]
async fn what_waits_for_a_target_that_hangs_is_bounded() {
    let target = Target::new(vec![Act::Hang]).await;
    let house = House::open();
    let big = vec![b'x'; 40 << 20];
    let first = house.capture(big.clone()).await;
    house.carry_out(shown(to(target.url())), &first).await;
    let second = house.capture(big).await;
    house.carry_out(shown(to(target.url())), &second).await;
    let sentence =
        "1: too much is waiting to be sent on already, so it was not forwarded: send it again when there is room";
    assert_eq!(outcomes(&house.service.store.attempts(second.id).unwrap()), [sentence], "kept before the answer");
    let answer = house.carry_out(through(to(target.url())), &second).await;
    assert_eq!(answer.status, 503);
    assert!(house.service.store.attempts(first.id).unwrap().is_empty());
    house.shut_down().await;
    assert_eq!(outcomes(&house.attempts(first.id.0, 1).await), ["1: hookview was stopped first"]);
}

#[tokio::test]
async fn no_more_is_tried_when_the_program_ends() {
    let house = House::open();
    let forward = Forward { retries: 9, backoff: Duration::from_secs(600), ..to(nowhere().await) };
    let capture = house.capture("{}").await;
    let reply = house.service.carry_out(through(forward), capture.clone()).await;
    house.attempts(capture.id.0, 1).await;
    tokio::time::timeout(LONG, house.shut_down()).await.unwrap();
    assert_eq!(crate::stage::answer(reply).await.status, 502);
    assert_eq!(house.attempts(capture.id.0, 1).await.len(), 1);
}

#[tokio::test]
async fn a_plan_without_anything_to_do_is_answered_at_once() {
    let house = House::open().plans(|_| ready());
    assert!(house.post("{}").await.ends_with("\r\n\r\nours\n"));
    assert!(house.service.store.attempts(CaptureId(1)).unwrap().is_empty());
}
