//! A capture as one JSON object: what `--output json` and `list --json` print, and its inverse.
//!
//! The field names are stable; README documents them. Bytes are a string when they are UTF-8, `{"base64": ".."}` when
//! not. The request comes back exactly; of who sent it, only `sender`, `title`, the id of the change and `lint` are kept, the rest is found again.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::capture::{
    Answer, Body, Capture, CaptureId, ChangePlace, Covers, Deeds, Ending, Finding, HttpVersion, Identity, Outcome,
    Play, Problem, Request, Retry, Timing, Tls, Unsent, Verdict,
};

use super::deeds::{Forwarded, Ran};
use super::encoded::{Blob, Lines, write_time};
use super::wire;
use crate::signature::Hint;

/// Why an object is not a capture.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A field is missing, or of the wrong type.
    #[error("this is not a capture as `--output json` prints it: {0}")]
    Shape(#[from] serde_json::Error),
}

/// The object for `capture` with hints about its signature, what was done about it and its `place` in its change, in the order in which the fields
/// are documented.
pub fn json(capture: &Capture, hints: &[Hint], deeds: &Deeds, place: Option<ChangePlace>, session: &str) -> Value {
    // Serializing can only fail for maps with keys that are no strings: there is none.
    serde_json::to_value(Record::of(capture, hints, deeds, place, session)).unwrap_or_default()
}

/// The object for a verdict with hints, as in `signature` of a capture.
pub fn verdict_json(verdict: &Verdict, hints: &[Hint]) -> Value {
    serde_json::to_value(Signature::of(verdict, hints)).unwrap_or_default()
}

/// The capture that an object stands for, and its session.
pub fn from_json(object: Value) -> Result<(Capture, String), ImportError> {
    let record: Record = serde_json::from_value(object)?;
    Ok(record.into_capture())
}

#[derive(Serialize, Deserialize)]
struct Record {
    id: CaptureId,
    session: String,
    #[serde(serialize_with = "write_time")]
    received_at: DateTime<Utc>,
    remote: String,
    #[serde(default)]
    local: String,
    http_version: String,
    method: Blob,
    target: Blob,
    headers: Lines,
    body: Blob,
    /// Bytes seen, more than there are in `body` when `truncated`.
    body_size: u64,
    #[serde(default)]
    truncated: bool,
    #[serde(default)]
    trailers: Lines,
    /// The exact bytes of the head when the fields above do not give them: odd white space, folded lines, line ends.
    #[serde(default)]
    head: Option<Blob>,
    /// The exact bytes of the body with its chunk framing, when it had one.
    #[serde(default)]
    framed: Option<Blob>,
    #[serde(default)]
    complete: bool,
    problem: Option<Problem>,
    #[serde(default)]
    timing: Timing,
    #[serde(default)]
    signature: Signature,
    sender: Option<String>,
    #[serde(default)]
    title: String,
    /// The change that it tells of.
    #[serde(default)]
    change: Option<ChangeOf>,
    /// What is wrong with what it says, the worst first.
    #[serde(default)]
    lint: Vec<Finding>,
    answer: Option<Answered>,
    /// Commands that rules ran for it; not read back, as what is below.
    #[serde(default, skip_deserializing)]
    runs: Vec<Ran>,
    /// Tries of rules to send it on.
    #[serde(default, skip_deserializing)]
    forwards: Vec<Forwarded>,
    resent_from: Option<CaptureId>,
    #[serde(default)]
    retry: Option<Retry>,
    #[serde(default)]
    tls: Option<Tls>,
    #[serde(default)]
    pinned: bool,
}

/// A change, and which of its captures this is; found again when it is wanted.
#[derive(Serialize, Deserialize)]
struct ChangeOf {
    id: String,
    #[serde(flatten, skip_deserializing)]
    place: Option<ChangePlace>,
}

#[derive(Default, Serialize, Deserialize)]
struct Signature {
    verdict: Outcome,
    scheme: Option<String>,
    secret: Option<String>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    covers: Covers,
    age_s: Option<i64>,
    #[serde(default)]
    note: String,
    /// Why it does not hold; found again when it is wanted.
    #[serde(default)]
    hints: Vec<Explained>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Explained {
    cause: String,
    proof: String,
    fix: String,
}

#[derive(Serialize, Deserialize)]
struct Answered {
    /// What the client got; null when it got none.
    status: Option<u16>,
    /// What it would have got; null when that was never decided. Missing in what earlier versions printed.
    #[serde(default)]
    planned_status: Option<u16>,
    /// Why it got none; found again when it is wanted.
    #[serde(default, skip_deserializing)]
    unsent: Option<Unsent>,
    #[serde(default)]
    headers: Lines,
    body: Blob,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    after_us: u64,
    #[serde(default)]
    play: Play,
    #[serde(default)]
    ending: Option<Ending>,
}

impl Record {
    fn of(capture: &Capture, hints: &[Hint], deeds: &Deeds, place: Option<ChangePlace>, session: &str) -> Self {
        let request = &capture.request;
        let body = &request.body;
        Self {
            id: capture.id,
            session: session.to_owned(),
            received_at: capture.received_at,
            remote: capture.remote.clone(),
            local: capture.local.clone(),
            http_version: request.version.to_string(),
            method: Blob(request.method.clone()),
            target: Blob(request.target.clone()),
            headers: Lines::of(&request.headers),
            body: Blob(body.bytes.clone()),
            body_size: body.total,
            truncated: body.total > body.bytes.len() as u64,
            trailers: Lines::of(&body.trailers),
            head: Some(Blob(request.head.clone())).filter(|head| head.0 != head_of(request)),
            framed: body.framed.clone().map(Blob),
            complete: capture.is_complete(),
            problem: capture.problem.clone(),
            timing: capture.timing,
            signature: Signature::of(&capture.verdict, hints),
            sender: capture.identity.sender.clone(),
            title: capture.identity.title.clone(),
            change: capture.identity.change.clone().map(|id| ChangeOf { id, place }),
            lint: capture.identity.lint.clone(),
            answer: capture.answer.as_ref().map(Answered::of),
            runs: deeds.runs.iter().map(Ran::of).collect(),
            forwards: deeds.forwards.iter().map(Forwarded::of).collect(),
            resent_from: capture.resent_from,
            retry: capture.retry,
            tls: capture.tls.clone(),
            pinned: capture.pinned,
        }
    }

    fn into_capture(self) -> (Capture, String) {
        let mut request = Request {
            version: HttpVersion::from_name(&self.http_version),
            head: Bytes::new(),
            method: self.method.0,
            target: self.target.0,
            headers: self.headers.into_headers(),
            body: Body {
                bytes: self.body.0,
                total: self.body_size,
                framed: self.framed.map(|framed| framed.0),
                trailers: self.trailers.into_headers(),
            },
        };
        request.head = self.head.map_or_else(|| head_of(&request), |head| head.0);
        let capture = Capture {
            id: self.id,
            received_at: self.received_at,
            remote: self.remote,
            local: self.local,
            request,
            timing: self.timing,
            problem: self.problem,
            verdict: self.signature.into_verdict(),
            identity: Identity {
                sender: self.sender,
                title: self.title,
                change: self.change.map(|change| change.id),
                lint: self.lint,
                ..Identity::default()
            },
            answer: self.answer.map(Answered::into_answer),
            resent_from: self.resent_from,
            retry: self.retry,
            tls: self.tls,
            pinned: self.pinned,
            pending: false,
        };
        (capture, self.session)
    }
}

/// The head as the fields give it.
fn head_of(request: &Request) -> Bytes {
    let lines: Vec<Bytes> = request.headers.iter().map(wire::write).collect();
    wire::head(&request.method, &request.target, request.version, &lines)
}

impl Signature {
    fn of(verdict: &Verdict, hints: &[Hint]) -> Self {
        let Verdict { outcome, scheme, secret, reason, covers, age_s, note } = verdict.clone();
        let explained = |hint: &Hint| {
            let Hint { cause, proof, fix } = hint.clone();
            Explained { cause, proof, fix }
        };
        let hints = hints.iter().map(explained).collect();
        Self { verdict: outcome, scheme, secret, reason, covers, age_s, note, hints }
    }

    fn into_verdict(self) -> Verdict {
        let Self { verdict, scheme, secret, reason, covers, age_s, note, hints: _ } = self;
        Verdict { outcome: verdict, scheme, secret, reason, covers, age_s, note }
    }
}

impl Answered {
    fn of(answer: &Answer) -> Self {
        Self {
            status: answer.unsent().is_none().then_some(answer.status),
            planned_status: Some(answer.status).filter(|status| *status > 0),
            unsent: answer.unsent(),
            headers: Lines::of(&answer.headers),
            body: Blob(answer.body.clone()),
            rule: answer.rule.clone(),
            note: answer.note.clone(),
            after_us: answer.after_us,
            play: answer.play,
            ending: answer.ending,
        }
    }

    fn into_answer(self) -> Answer {
        let Self { headers, body, rule, note, after_us, play, ending, .. } = self;
        let status = self.planned_status.or(self.status).unwrap_or_default();
        Answer { status, headers: headers.into_headers(), body: body.0, rule, note, after_us, play, ending }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json as value;

    use super::*;
    use crate::capture::{Fault, Header, Lint, ProblemKind, parse_request};

    fn capture(head: &'static [u8], body: Body) -> Capture {
        let head = Bytes::from_static(head);
        let parsed = parse_request(&head).unwrap();
        let request = Request::from_head(head, parsed, body);
        let at = "2026-10-07T12:31:04.118201Z".parse().unwrap();
        Capture { id: CaptureId(17), ..Capture::new(request, at, "127.0.0.1:5000".into(), "127.0.0.1:9000".into()) }
    }

    #[test]
    fn prints_the_documented_fields_in_order() {
        let mut capture = capture(b"POST /h?a HTTP/1.1\r\nhost: x\r\nX-L: \xe9\r\n\r\n", Body::whole("{}"));
        capture.answer = Some(Answer::text(200, "ok\n", "default"));
        capture.identity.title = "update".to_owned();
        capture.identity.change = Some("7c1e".to_owned());
        capture.identity.lint = vec![Finding { code: Lint::InvalidJson, text: "t".into(), lines: vec!["l".into()] }];
        let expected = value!({
            "id": 17, "session": "default", "received_at": "2026-10-07T12:31:04.118201Z", "remote": "127.0.0.1:5000",
            "local": "127.0.0.1:9000", "http_version": "HTTP/1.1", "method": "POST", "target": "/h?a",
            "headers": [["host", "x"], ["X-L", {"base64": "6Q=="}]], "body": "{}", "body_size": 2, "truncated": false,
            "trailers": [], "head": null, "framed": null, "complete": true, "problem": null,
            "timing": {"head_us": 0, "body_us": 0},
            "signature": {"verdict": "not-checked", "scheme": null, "secret": null, "reason": "",
                "covers": {"body": false, "time": false}, "age_s": null, "note": "",
                "hints": [{"cause": "c", "proof": "p", "fix": "f"}]},
            "sender": null, "title": "update", "change": {"id": "7c1e", "nth": 2, "of": 3},
            "lint": [{"code": "invalid-json", "text": "t", "lines": ["l"]}],
            "answer": {"status": 200, "planned_status": 200, "unsent": null, "headers": [["Content-Type", "text/plain; charset=utf-8"]], "body": "ok\n",
                "rule": "default", "note": "", "after_us": 0, "play": {"delay_ms": 0, "fault": null}, "ending": null},
            "runs": [], "forwards": [], "resent_from": null, "retry": null, "tls": null, "pinned": false
        });
        let hint = Hint { cause: "c".into(), proof: "p".into(), fix: "f".into() };
        let place = Some(ChangePlace { nth: 2, of: 3 });
        assert_eq!(json(&capture, &[hint], &Deeds::default(), place, "default").to_string(), expected.to_string());
    }

    #[test]
    fn keeps_what_the_fields_do_not_say() {
        let mut body = Body::whole(&b"\xffab"[..]);
        body.framed = Some("3\r\n\u{ff}ab..".into());
        body.total = 9;
        body.trailers.push("X-Sum", "1");
        let mut capture = capture(b"POST  /h HTTP/1.0\nA:1\r\n folded\r\nno colon\r\n\r\n", body);
        let text = "the body is over the limit".to_owned();
        capture.problem = Some(Problem { kind: ProblemKind::BodyTooLarge, text });
        let printed = json(&capture, &[], &Deeds::default(), None, "s");
        assert_eq!(printed["problem"], value!({"kind": "body-too-large", "text": "the body is over the limit"}));
        assert_eq!((&printed["complete"], &printed["truncated"]), (&value!(false), &value!(true)));
        assert_eq!(from_json(printed).unwrap(), (capture, "s".to_owned()));
    }

    #[test]
    fn a_client_that_got_nothing_got_no_status() {
        let mut reset = capture(b"GET / HTTP/1.1\r\n\r\n", Body::default());
        let play = Play { delay_ms: 0, fault: Some(Fault::Reset) };
        reset.answer = Some(Answer { play, ..Answer::text(503, "", "broken") });
        let printed = json(&reset, &[], &Deeds::default(), None, "s");
        let of = |name: &str| printed["answer"][name].clone();
        assert_eq!([of("status"), of("planned_status"), of("unsent")], [value!(null), value!(503), value!("reset")]);
        assert_eq!(from_json(printed).unwrap().0, reset);
        let mut before = json(&reset, &[], &Deeds::default(), None, "s");
        let answer = before["answer"].as_object_mut().unwrap();
        (answer["status"], answer["planned_status"]) = (value!(503), value!(null));
        assert_eq!(from_json(before).unwrap().0, reset);
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| from_json(serde_json::from_str(text).unwrap()).unwrap_err().to_string();
        assert_eq!(error("{}"), "this is not a capture as `--output json` prints it: missing field `id`");
        let mut printed = json(&capture(b"GET / HTTP/1.1\r\n\r\n", Body::default()), &[], &Deeds::default(), None, "s");
        printed["body"] = value!({"base64": "?"});
        assert!(error(&printed.to_string()).contains("base64 that cannot be decoded"));
    }

    prop_compose! {
        fn any_capture()(
            method in "[A-Z]{1,5}", target in proptest::collection::vec(1u8.., 1..20),
            headers in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..9), proptest::collection::vec(any::<u8>(), 0..9)), 0..5),
            body in proptest::collection::vec(any::<u8>(), 0..40), more in 0..3u64, micros in 0..4_000_000_000_000_000i64,
            version in prop_oneof![Just(HttpVersion::Http11), Just(HttpVersion::Http2), Just(HttpVersion::Unknown)],
            head in any::<Option<Vec<u8>>>(), age_s in any::<Option<i64>>(), resent in any::<Option<u64>>(),
        ) -> Capture {
            let headers = headers.into_iter().map(|(name, value)| Header { name: name.into(), value: value.into() }).collect();
            let mut body = Body::whole(body);
            body.total += more;
            let mut request = Request { version, method: method.into(), target: target.into(), headers, body, head: Bytes::new() };
            request.head = head.map_or_else(|| head_of(&request), Bytes::from);
            let mut capture = Capture::new(request, DateTime::from_timestamp_micros(micros).unwrap(), "r".into(), "l".into());
            capture.verdict.age_s = age_s;
            capture.resent_from = resent.map(CaptureId);
            capture
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(capture in any_capture()) {
            let line = json(&capture, &[], &Deeds::default(), None, "a session").to_string();
            prop_assert!(!line.contains('\n'));
            let (read, session) = from_json(serde_json::from_str(&line).unwrap()).unwrap();
            prop_assert_eq!(read, capture);
            prop_assert_eq!(session, "a session");
        }
    }
}
