//! Answers that are late, wrong on purpose or never sent, as an HTTP/1 client sees them; and how they are said to end.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use hookview::capture::{Answer, EndingKind, Fault, Play, ProblemKind};
use hookview::receiver::Limits;

use crate::support::{Recorder, Running, faulty, late, playing, soon};

const GET: &str = "GET / HTTP/1.1\r\n\r\n";
const HEAD: &str = "HTTP/1.1 200 OK\\r\\nContent-Type: text/plain; charset=utf-8\\r\\nContent-Length: 3\\r\\n";
/// Longer than a test takes.
const NEVER: u64 = 600_000;

/// What a client gets that sends `request` to a receiver with this fault; whether it ended in a reset; what was told.
async fn seen(fault: Fault, request: &str) -> (String, bool, EndingKind) {
    let running = faulty(fault).await;
    let mut client = running.client().await;
    client.send(request).await;
    let (text, reset) = client.rest().await;
    (text, reset, running.ending().await)
}

#[tokio::test]
async fn a_late_answer_is_late_and_the_connection_goes_on() {
    let running = playing(late(150)).await;
    let mut client = running.client().await;
    let asked = Instant::now();
    // The second comes while the first is waited for.
    client.send(GET).await;
    running.capture().await;
    client.send(GET).await;
    for number in 1..=2 {
        assert_eq!(client.reply().await.body, "ok\n");
        assert!(asked.elapsed() >= Duration::from_millis(150 * number));
        let ending = running.ending_of(number).await;
        assert_eq!(ending.kind, EndingKind::Sent);
        assert!(ending.after_us >= 150_000, "{ending:?}");
    }
    client.send(GET).await;
    assert_eq!(client.reply().await.status, 200);
}

#[tokio::test]
async fn a_plain_answer_that_went_out_is_not_told_of() {
    let running = Running::start().await;
    running.exchange(GET).await;
    running.exchange(GET).await;
    assert_eq!(running.endings(), 0);
}

#[tokio::test]
async fn a_client_that_goes_while_it_waits_gave_up() {
    for play in [late(NEVER), Play { fault: Some(Fault::Hang), ..Play::default() }] {
        let running = playing(play).await;
        for (number, resets) in [(1, false), (2, true)] {
            let mut client = running.client().await;
            client.send(GET).await;
            running.capture().await;
            client.leave(resets);
            assert_eq!(running.ending_of(number).await.kind, EndingKind::GaveUp);
        }
    }
}

#[tokio::test]
async fn a_client_that_only_closed_its_sending_side_gets_a_late_answer() {
    for recorder in [Recorder::playing(late(150)), Recorder::making(Play::default())] {
        let running = Running::with(Limits::default(), recorder).await;
        let mut client = running.client().await;
        client.send(GET).await;
        client.half_close().await;
        running.capture().await;
        running.intake.may_answer.add_permits(1);
        assert_eq!(client.reply().await.body, "ok\n");
        client.expect_close().await;
    }
}

#[tokio::test]
async fn an_answer_that_hangs_never_comes() {
    let mut running = faulty(Fault::Hang).await;
    let mut client = running.client().await;
    client.send(GET).await;
    running.capture().await;
    // Far more than anybody keeps for later.
    client.send(GET.repeat(100_000)).await;
    let asked = Instant::now();
    running.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(2), "hanging is over as soon as we stop");
    assert_eq!(running.ending().await, EndingKind::Stopped);
    assert_eq!(client.rest().await.0, "");
    assert_eq!(running.recorded(), 0, "nothing behind a hanging answer is received");
}

#[tokio::test]
async fn closing_is_in_good_order() {
    for request in [GET, "HEAD / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", &GET.repeat(1000)] {
        assert_eq!(seen(Fault::Close, request).await, (String::new(), false, EndingKind::Played));
    }
}

#[tokio::test]
async fn resetting_breaks_the_connection() {
    for request in [GET, "HEAD / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"] {
        assert_eq!(seen(Fault::Reset, request).await, (String::new(), true, EndingKind::Played));
    }
}

#[tokio::test]
async fn garbage_is_no_http() {
    for request in [GET, "HEAD / HTTP/1.1\r\n\r\n", &GET.repeat(1000)] {
        let (text, reset, ending) = seen(Fault::Garbage, request).await;
        assert_eq!(text, "\\x00\\xff hookview was told to answer with garbage \\xff\\x00\\r\\n\\r\\n");
        assert_eq!((reset, ending), (false, EndingKind::Played));
    }
}

#[tokio::test]
async fn a_body_is_cut_short_of_its_length() {
    let head = format!("{HEAD}Connection: close\\r\\n\\r\\n");
    for (after, body) in [(0, ""), (2, "ok")] {
        let (text, reset, ending) = seen(Fault::Cut { after }, GET).await;
        assert_eq!((text, reset, ending), (format!("{head}{body}"), false, EndingKind::Played));
    }
    // All of it is sent, but more was announced.
    for after in [3, u64::MAX] {
        let (text, _, ending) = seen(Fault::Cut { after }, GET).await;
        assert_eq!((text, ending), (format!("{}ok\\n", head.replace("h: 3", "h: 4")), EndingKind::Played));
    }
}

#[tokio::test]
async fn where_there_is_no_body_nothing_is_cut() {
    let (text, _, ending) = seen(Fault::Cut { after: 1 }, "HEAD / HTTP/1.1\r\n\r\n").await;
    assert_eq!((text, ending), (format!("{HEAD}Connection: close\\r\\n\\r\\n"), EndingKind::Sent));
    for status in [204, 304] {
        let play = Play { fault: Some(Fault::Cut { after: 1 }), ..Play::default() };
        let answer = Answer { status, play, ..Answer::default() };
        let running = Running::with(Limits::default(), Recorder::answering(answer)).await;
        let mut client = running.client().await;
        client.send(GET).await;
        assert!(client.rest().await.0.ends_with("\\r\\nConnection: close\\r\\n\\r\\n"));
        assert_eq!(running.ending().await, EndingKind::Sent);
    }
}

#[tokio::test]
async fn a_dripping_answer_is_whole_in_the_end_and_the_connection_goes_on() {
    let running = faulty(Fault::Drip { pause_ms: 1 }).await;
    let mut client = running.client().await;
    client.send(GET.repeat(2)).await;
    for number in 1..=2 {
        let reply = client.reply().await;
        assert_eq!((reply.status, &reply.body[..]), (200, "ok\n"));
        let ending = running.ending_of(number).await;
        assert_eq!(ending.kind, EndingKind::Played);
        assert!(ending.after_us >= 60_000, "a pause before each byte of {HEAD}: {ending:?}");
    }
    client.send("HEAD / HTTP/1.0\r\n\r\n").await;
    assert_eq!(client.rest().await, (format!("{HEAD}Connection: close\\r\\n\\r\\n"), false));
}

#[tokio::test]
async fn a_client_may_close_its_sending_side_while_it_gets_drops() {
    let running = faulty(Fault::Drip { pause_ms: 1 }).await;
    let mut client = running.client().await;
    client.send(GET).await;
    client.half_close().await;
    assert_eq!(client.reply().await.body, "ok\n");
    assert_eq!(running.ending().await, EndingKind::Played);
}

#[tokio::test]
async fn a_client_that_goes_while_it_gets_drops_gave_up() {
    for resets in [false, true] {
        let running = faulty(Fault::Drip { pause_ms: 5 }).await;
        let mut client = running.client().await;
        client.send(GET).await;
        let mut first = [0; 1];
        client.stream.peek(&mut first).await.unwrap();
        assert_eq!(&first, b"H");
        client.leave(resets);
        assert_eq!(running.ending().await, EndingKind::GaveUp);
    }
}

#[tokio::test]
async fn an_answer_that_nobody_reads_broke() {
    let limits = Limits { body_idle: Duration::from_millis(100), ..Limits::default() };
    let answer = Answer::text(200, vec![b'a'; 30_000_000], "default");
    let running = Running::with(limits, Recorder::answering(answer)).await;
    let mut client = running.client().await;
    client.send(GET).await;
    assert_eq!(running.ending().await, EndingKind::Broke);
}

#[tokio::test]
async fn stopping_waits_for_no_play_and_tells_of_it() {
    let drip = Play { fault: Some(Fault::Drip { pause_ms: NEVER }), ..Play::default() };
    for play in [late(NEVER), drip] {
        let mut running = playing(play).await;
        let mut client = running.client().await;
        client.send(GET).await;
        running.capture().await;
        let asked = Instant::now();
        running.stop().await;
        assert!(asked.elapsed() < Duration::from_secs(5));
        assert_eq!(running.ending().await, EndingKind::Stopped);
        client.rest().await;
    }
}

#[tokio::test]
async fn stopping_lets_a_late_answer_come_within_the_grace() {
    let mut running = playing(late(300)).await;
    let mut client = running.client().await;
    client.send(GET).await;
    running.capture().await;
    running.stop().await;
    assert_eq!(client.reply().await.headers.text("connection"), Some("close"));
    assert_eq!(running.ending().await, EndingKind::Sent);
}

async fn making(play: Play) -> Running {
    Running::with(Limits::default(), Recorder::making(play)).await
}

#[tokio::test]
async fn an_answer_that_has_to_be_made_is_waited_for() {
    let running = making(Play::default()).await;
    let mut client = running.client().await;
    client.send(GET).await;
    running.capture().await;
    client.send(GET).await;
    running.intake.may_answer.add_permits(2);
    for _ in 0..2 {
        assert_eq!(client.reply().await.body, "ok\n");
    }
    assert_eq!(running.endings(), 0);
}

#[tokio::test]
async fn an_answer_that_has_to_be_made_is_played_too() {
    let running = making(Play { fault: Some(Fault::Reset), ..late(1) }).await;
    running.intake.may_answer.add_permits(1);
    let mut client = running.client().await;
    client.send(GET).await;
    assert_eq!(client.rest().await, (String::new(), true));
    assert_eq!(running.ending().await, EndingKind::Played);
}

#[tokio::test]
async fn an_answer_is_made_to_its_end_though_the_client_went() {
    let running = making(Play::default()).await;
    let mut client = running.client().await;
    client.send(GET).await;
    running.capture().await;
    client.reset();
    // By the time that a later request has come in, the client was seen to go.
    let mut other = running.client().await;
    other.send(GET).await;
    running.capture().await;
    assert_eq!(running.endings(), 0, "not before there is an answer");
    running.intake.may_answer.add_permits(1);
    assert_eq!(running.ending().await, EndingKind::GaveUp);
    assert_eq!(running.intake.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn stopping_lets_an_answer_be_made_within_the_grace() {
    let mut running = making(Play::default()).await;
    let mut client = running.client().await;
    client.send(GET).await;
    running.capture().await;
    running.stop.cancel();
    running.intake.may_answer.add_permits(1);
    assert_eq!(client.reply().await.body, "ok\n");
    running.stop().await;
    assert_eq!(running.endings(), 0);
}

#[tokio::test]
async fn stopping_waits_for_no_answer_longer_than_the_grace() {
    let mut running = making(Play::default()).await;
    let mut client = running.client().await;
    client.send(GET).await;
    running.capture().await;
    running.stop().await;
    assert_eq!(running.ending().await, EndingKind::Stopped);
}

#[tokio::test]
async fn a_client_that_waits_to_be_asked_for_the_body_is_not_asked() {
    let running = Running::with(Limits::default(), Recorder::withholding()).await;
    let mut client = running.client().await;
    client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").await;
    let read = tokio::time::timeout(Duration::from_millis(100), client.stream.readable()).await;
    assert!(read.is_err(), "something came");
    // As curl does after a second.
    client.send("{}").await;
    assert_eq!(client.reply().await.status, 200);
    assert_eq!(running.capture().await.request.body.bytes, "{}");
    assert_eq!(running.ending_of(1).await.kind, EndingKind::Played);
    // One that does not wait is answered as usual.
    client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}").await;
    assert_eq!(client.reply().await.status, 200);
    assert_eq!(running.ending_of(2).await.kind, EndingKind::Sent);
}

#[tokio::test]
async fn a_client_that_waits_in_vain_leaves_its_head() {
    let running = Running::with(Limits::default(), Recorder::withholding()).await;
    let mut client = running.client().await;
    client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").await;
    client.half_close().await;
    assert_eq!(soon("an answer", client.reply()).await.status, 400);
    let problem = running.capture().await.problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::BodyCut);
    assert_eq!(problem.text, "the connection closed after 0 of 2 body bytes; 100 Continue was withheld on purpose");
}
