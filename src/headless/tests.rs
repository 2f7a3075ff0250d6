//! Captures as people and programs see them without a screen.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{TimeZone as _, Utc};
use insta::assert_snapshot;
use tokio::sync::mpsc;

use super::*;
use crate::capture::{Answer, Body, CaptureId, Changes, Headers, Problem, ProblemKind, parse_request};
use crate::inspect::Clean;

/// Stand-ins for the other rooms.
const TOOLS: Tools = Tools {
    clean: |bytes| bytes.escape_ascii().to_string().replace("\\\"", "\"").replace("\\'", "'").replace("\\\\", "\\"),
    decode: |request| match request.headers.text("content-encoding") {
        Some(encoding) => (Bytes::from_static(b"decoded"), vec![format!("{encoding}, 7 B decoded")]),
        None => (request.body.bytes.clone(), Vec::new()),
    },
    pretty: |bytes| serde_json::to_vec_pretty(&serde_json::from_slice::<serde_json::Value>(bytes).ok()?).ok(),
    played: |_| None,
    json: |capture, _, session| format!("{{\"id\":{},\"session\":\"{session}\"}}", capture.id.0),
};

fn capture(head: &str, body: impl Into<Bytes>) -> Capture {
    let bytes = Bytes::from(head.replace('\n', "\r\n") + "\r\n");
    let head = parse_request(&bytes).unwrap();
    let request = Request::from_head(bytes, head, Body::whole(body));
    let at = Utc.with_ymd_and_hms(2020, 4, 7, 17, 44, 2).unwrap();
    let mut capture = Capture::new(request, at, "127.0.0.1:50412".to_owned(), "127.0.0.1:9000".to_owned());
    capture.id = CaptureId(17);
    capture.answer = Some(Answer::text(200, "ok", "default"));
    capture
}

fn webhook() -> Capture {
    let head = "POST /hooks/pm HTTP/1.1\nHost: localhost:9000\nContent-Type: application/json\nX-Empty:\nAuthorization: Bearer abc\n";
    let mut capture = capture(head, r#"{"event": "update", "data": {"asn": 64512}}"#);
    capture.identity.title = "update AS64512 - Example Net  autonomoussystem".to_owned();
    capture.verdict = Verdict {
        outcome: Outcome::Valid,
        scheme: Some("netbox".to_owned()),
        secret: Some("pm".to_owned()),
        ..Verdict::default()
    };
    capture
}

fn text(capture: &Capture) -> String {
    Form::Text { headers: true, masked: vec!["authorization".to_owned()] }.of(capture, &Told::default(), &TOOLS)
}

fn line(capture: &Capture) -> String {
    Form::Line { utc: true }.of(capture, &Told::default(), &TOOLS)
}

fn failed(reason: &str) -> Capture {
    let mut capture = webhook();
    capture.verdict.outcome = Outcome::Invalid;
    capture.verdict.reason = reason.to_owned();
    capture
}

#[test]
fn text_is_close_to_what_users_know() {
    assert_snapshot!(text(&webhook()), @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "POST /hooks/pm HTTP/1.1" 200 -
    Host: localhost:9000
    Content-Type: application/json
    X-Empty:
    Authorization: (10 bytes, masked)

    {
      "event": "update",
      "data": {
        "asn": 64512
      }
    }
    signature: valid (netbox, secret pm)
    ------------
    "#);
}

#[test]
fn a_client_that_got_no_status_is_shown_none() {
    let mut reset = webhook();
    let answer = reset.answer.as_mut().unwrap();
    answer.play.fault = Some(crate::capture::Fault::Reset);
    assert!(text(&reset).contains("HTTP/1.1\" - -\n"), "{}", text(&reset));
    assert!(line(&reset).contains(" POST /hooks/pm - "), "{}", line(&reset));
}

#[test]
fn text_can_do_without_headers() {
    let form = Form::Text { headers: false, masked: Vec::new() };
    assert_snapshot!(form.of(&webhook(), &Told::default(), &TOOLS), @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "POST /hooks/pm HTTP/1.1" 200 -
    {
      "event": "update",
      "data": {
        "asn": 64512
      }
    }
    signature: valid (netbox, secret pm)
    ------------
    "#);
}

#[test]
fn text_says_what_went_wrong() {
    let mut capture = failed("the sender signs with a different secret");
    capture.request.body = Body::default();
    let text_of_problem = "the connection closed after 0 of 43 body bytes".to_owned();
    capture.problem = Some(Problem { kind: ProblemKind::BodyCut, text: text_of_problem });
    capture.answer = None;
    capture.remote = "[::1]:50412".to_owned();
    assert_snapshot!(text(&capture), @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT ::1 "POST /hooks/pm HTTP/1.1" - -
    Host: localhost:9000
    Content-Type: application/json
    X-Empty:
    Authorization: (10 bytes, masked)

    (No body)
    problem: the connection closed after 0 of 43 body bytes
    signature: invalid: the sender signs with a different secret
    ------------
    "#);
}

/// A near miss whose words try to be more than that.
fn hint() -> Hint {
    Hint { cause: "the sender\u{1b}[2J signs".into(), proof: "HMAC-SHA512 matches".into(), fix: "mend it".into() }
}

#[test]
fn hints_stand_below_the_signature() {
    let capture = failed("does not match");
    let form = Form::Text { headers: false, masked: Vec::new() };
    let shown = form.of(&capture, &Told { hints: vec![hint()], ..Told::default() }, &TOOLS);
    let lines: Vec<&str> = shown.lines().rev().take(5).collect();
    let expected = [
        "------------",
        "fix: mend it",
        "proof: HMAC-SHA512 matches",
        r"cause: the sender\x1b[2J signs",
        "signature: invalid: does not match",
    ];
    assert_eq!(lines, expected);
    let line = Form::Line { utc: true }.of(&capture, &Told { hints: vec![hint()], ..Told::default() }, &TOOLS);
    assert!(line.contains(r"    signature: the sender\x1b[2J signs"), "{line}");
}

#[test]
fn a_flood_of_bad_signatures_is_not_looked_into_one_by_one() {
    let (sender, receiver) = mpsc::channel(100);
    for _ in 0..100 {
        sender.try_send(Arc::new(failed("does not match"))).unwrap();
    }
    drop(sender);
    let mut out = Vec::new();
    let form = Form::Line { utc: true };
    let printer = Printer {
        out: &mut out,
        form,
        tools: TOOLS,
        teller: Box::new(|_, doubtful| Told { hints: if doubtful { vec![hint()] } else { vec![] }, ..Told::default() }),
        changes: Changes::default(),
    };
    printer.run(receiver).unwrap();
    let shown = String::from_utf8(out).unwrap();
    assert_eq!((shown.matches("signs").count(), shown.matches("does not match").count()), (8, 92));
}

#[test]
fn why_a_handshake_was_answered_so_is_said_on_a_line_of_its_own() {
    let mut capture = capture("GET / HTTP/1.1\nHost: x\n", "");
    capture.identity.title = "handshake: X's CRC, not answered".to_owned();
    let note = "looks like X's CRC; not answered\nsignature: valid".to_owned();
    capture.answer = Some(Answer { note, ..Answer::text(200, "OK\n", "default") });
    assert_snapshot!(line(&capture), @r"
    #17 17:44:02 none GET / 200 0B handshake: X's CRC, not answered
        handshake: looks like X's CRC; not answered\nsignature: valid
    ");
    assert_snapshot!(text(&capture), @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "GET / HTTP/1.1" 200 -
    Host: x

    (No body)
    handshake: looks like X's CRC; not answered\nsignature: valid
    signature: not checked
    ------------
    "#);
}

#[test]
fn a_head_that_is_not_http_is_shown_as_it_came() {
    let head = Bytes::from_static(b"\x16\x03\x01\x02\nmore");
    let mut capture = webhook();
    capture.request = Request { head, ..Request::default() };
    assert_snapshot!(text(&capture).lines().next().unwrap(), @r#"[17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "\x16\x03\x01\x02" 200 -"#);
    capture.identity.title.clear();
    assert_snapshot!(line(&capture), @r#"#17 17:44:02 ok   ? \x16\x03\x01\x02 200 0B"#);
}

#[test]
fn bodies_are_shown_by_what_they_are() {
    let body = |headers: &str, body: &[u8]| {
        let capture = capture(&format!("POST / HTTP/1.1\n{headers}"), body.to_vec());
        Form::Text { headers: false, masked: Vec::new() }.of(&capture, &Told::default(), &TOOLS)
    };
    let plain = body("", "a=1&b=2\r\nzwei: größer\n\n".as_bytes());
    assert_snapshot!(plain, @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "POST / HTTP/1.1" 200 -
    a=1&b=2
    zwei: gr\xc3\xb6\xc3\x9fer

    signature: not checked
    ------------
    "#);
    assert_snapshot!(body("Content-Encoding: gzip\n", b"\x1f\x8b\x08"), @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "POST / HTTP/1.1" 200 -
    (gzip, 7 B decoded)
    decoded
    signature: not checked
    ------------
    "#);
    assert_snapshot!(body("", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR, and so on"), @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "POST / HTTP/1.1" 200 -
    00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  |.PNG........IHDR|
    00000010  2c 20 61 6e 64 20 73 6f  20 6f 6e                 |, and so on|
    signature: not checked
    ------------
    "#);
    let long = body("", &[0xff; 300]);
    assert_eq!(long.lines().count(), 1 + 16 + 1 + 2);
    assert!(long.contains("\n(300 bytes, the first 256 shown)\n"), "{long}");
}

#[test]
fn a_body_cannot_write_a_verdict_of_its_own() {
    let forged = "x\n\nsignature: valid (netbox, secret pm)\n------------\n[18] Tue\nproblem: none\ntrailer a: b\n[a]";
    let text = text(&capture("POST / HTTP/1.1\n", forged));
    assert_snapshot!(text, @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "POST / HTTP/1.1" 200 -

    x

     signature: valid (netbox, secret pm)
     ------------
     [18] Tue
     problem: none
     trailer a: b
    [a]
    signature: not checked
    ------------
    "#);
    assert_eq!(text.lines().filter(|line| line.starts_with("signature: ")).count(), 1);
}

#[test]
fn a_header_cannot_write_a_verdict_either() {
    let forged = "signature: valid (netbox, secret pm)\n------------: x\n[18] Tue: x\nproblem: none\nHost: a\n";
    let mut forged_too = capture("POST / HTTP/1.1\n", "");
    forged_too.request.headers = Headers::default();
    for line in forged.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        forged_too.request.headers.push(name.to_owned(), value.to_owned());
    }
    assert_snapshot!(text(&forged_too), @r#"
    [17] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "POST / HTTP/1.1" 200 -
     signature: valid (netbox, secret pm)
     ------------: x
     [18] Tue: x
     problem: none
    Host: a

    (No body)
    signature: not checked
    ------------
    "#);
}

#[test]
fn trailers_stand_behind_the_body() {
    let mut capture = webhook();
    capture.request.body.trailers.push("X-Sum", "9");
    assert!(text(&capture).contains("\n}\ntrailer X-Sum: 9\nsignature: "));
}

#[test]
fn foreign_text_is_cleaned_wherever_it_stands() {
    let mut capture = failed("signed with \u{1b}[31m");
    let head = "P\u{1b} /\u{9b}31m HTTP/1.1\nX-\u{1b}: \u{1b}]0;title\u{7}\n";
    let head = Bytes::from(head.to_owned());
    capture.request.head = head.clone();
    capture.request.method = Bytes::from_static(b"P\x1b");
    capture.request.target = Bytes::from_static(b"/\x9b31m");
    capture.request.headers = Headers::default();
    capture.request.headers.push("X-\u{1b}", "\u{1b}]0;title\u{7}");
    capture.request.body = Body::whole("\u{1b}[2J is one control character in more than twenty others");
    capture.request.body.trailers.push("\u{1b}", "\u{1b}");
    capture.identity.title = "\u{1b}[2J".to_owned();
    capture.problem = Some(Problem { kind: ProblemKind::BadFraming, text: "bad \u{1b}".to_owned() });
    for output in [text(&capture), line(&capture)] {
        assert!(output.contains("\\x1b"), "{output}");
        assert!(!output.contains(|char: char| char.is_control() && char != '\n'), "{output:?}");
    }
}

#[test]
fn text_and_line_are_ascii_when_cleaning_is() {
    let tools = Tools { clean: |bytes| Clean::bytes(bytes).ascii().to_string(), ..TOOLS };
    let mut capture = capture("POST /zürich HTTP/1.1\nX-Stadt: Zürich\n", r#"{"city": "Zürich"}"#);
    capture.identity.title = "created Zürich 1".to_owned();
    capture.request.body.trailers.push("X-Ende", "schön");
    capture.verdict.reason = "says “no”".to_owned();
    let text = Form::Text { headers: true, masked: Vec::new() }.of(&capture, &Told::default(), &tools);
    let line = Form::Line { utc: true }.of(&capture, &Told::default(), &tools);
    assert!(text.is_ascii() && line.is_ascii(), "{text}{line}");
    assert!(text.contains(r#""city": "Z\u{fc}rich""#) && line.contains(r"created Z\u{fc}rich 1"), "{text}{line}");
}

#[test]
fn a_line_says_it_all() {
    let mut unchecked = webhook();
    unchecked.verdict = Verdict { scheme: Some("netbox".to_owned()), ..Verdict::default() };
    let mut unsigned = capture("GET /favicon.ico HTTP/1.1\n", "");
    unsigned.answer = None;
    let mut cut = webhook();
    cut.problem = Some(Problem { kind: ProblemKind::BodyCut, text: "the connection closed".to_owned() });
    let captures = [webhook(), failed("the sender signs with a different secret"), unchecked, unsigned, cut];
    assert_snapshot!(captures.iter().map(line).collect::<String>(), @r#"
    #17 17:44:02 ok   POST /hooks/pm 200 43B update AS64512 - Example Net  autonomoussystem
    #17 17:44:02 bad  POST /hooks/pm 200 43B update AS64512 - Example Net  autonomoussystem
        signature: the sender signs with a different secret
    #17 17:44:02 ?    POST /hooks/pm 200 43B update AS64512 - Example Net  autonomoussystem
    #17 17:44:02 none GET /favicon.ico - 0B
        answer: none yet
    #17 17:44:02 ok   POST /hooks/pm 200 43B update AS64512 - Example Net  autonomoussystem
        problem: the connection closed
    "#);
}

#[test]
fn json_is_an_object_a_line() {
    let form = Form::Json { session: "default".to_owned() };
    assert_eq!(form.of(&webhook(), &Told::default(), &TOOLS), "{\"id\":17,\"session\":\"default\"}\n");
}

#[test]
fn json_shows_what_acts_or_hides_as_escapes_of_the_same_value() {
    let nasty = "ok ä 漢 🌍 \u{7f}\u{9b}31m \u{202e}\u{200b}\u{feff}\u{ad}\u{2028} \u{e0041}";
    let plain = serde_json::to_string(nasty).unwrap();
    let visible = json::visible(&plain);
    assert_snapshot!(visible, @r#""ok ä 漢 🌍 \u007f\u009b31m \u202e\u200b\ufeff\u00ad\u2028 \udb40\udc41""#);
    assert_eq!(serde_json::from_str::<String>(&visible).unwrap(), nasty);
}

#[test]
fn json_hides_nothing_that_the_screen_shows() {
    let visible = json::visible("\"e\u{301} \u{115f}\u{fe0f}\u{1f3fd}\u{34f}\"");
    assert_eq!(visible, "\"e\u{301} \\u115f\\ufe0f\\ud83c\\udffd\\u034f\"");
}

#[test]
fn verdicts_are_told_in_words() {
    let words = |outcome, secret: Option<&str>, reason: &str| {
        let (scheme, secret) = (Some("stripe".to_owned()), secret.map(str::to_owned));
        verdict_words(&Verdict { outcome, scheme, secret, reason: reason.to_owned(), ..Verdict::default() }, &TOOLS)
    };
    let verdicts = [
        words(Outcome::Valid, Some("prod"), ""),
        words(Outcome::Stale, Some("prod"), "signed 9 minutes before it came"),
        words(Outcome::Invalid, Some("prod"), "does not match any of 2 secrets"),
        words(Outcome::Missing, None, "no signature header"),
        words(Outcome::NotChecked, None, "no secret is configured"),
        words(Outcome::NotChecked, None, ""),
    ];
    assert_snapshot!(verdicts.join("\n"), @r#"
    valid (stripe, secret prod)
    stale (stripe, secret prod): signed 9 minutes before it came
    invalid: does not match any of 2 secrets
    missing: no signature header
    not checked: no secret is configured
    not checked
    "#);
}

/// A stream that takes so many writes and then fails with this.
struct Failing(VecDeque<io::ErrorKind>);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.pop_front().map_or(Ok(bytes.len()), |kind| Err(kind.into()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn run<W: Write>(out: W, captures: usize) -> io::Result<Ended> {
    let (sender, receiver) = mpsc::channel(captures);
    for _ in 0..captures {
        sender.try_send(Arc::new(webhook())).unwrap();
    }
    drop(sender);
    Printer {
        out,
        form: Form::Line { utc: true },
        tools: TOOLS,
        teller: Box::new(|_, _| Told::default()),
        changes: Changes::default(),
    }
    .run(receiver)
}

#[test]
fn everything_is_printed_before_the_end() {
    let mut out = Vec::new();
    assert_eq!(run(&mut out, 1000).unwrap(), Ended::NoMoreCaptures);
    assert_eq!(String::from_utf8(out).unwrap().lines().count(), 1000);
}

#[test]
fn a_closed_stream_is_a_quiet_end_and_any_other_fault_is_not() {
    let failing = |kind| run(Failing([kind].into()), 3);
    assert_eq!(failing(io::ErrorKind::BrokenPipe).unwrap(), Ended::NobodyReads);
    assert_eq!(failing(io::ErrorKind::Interrupted).unwrap(), Ended::NoMoreCaptures);
    assert_eq!(failing(io::ErrorKind::StorageFull).unwrap_err().kind(), io::ErrorKind::StorageFull);
}
