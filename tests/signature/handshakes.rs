//! Handshakes: every case of every file in `tests/data/handshakes`, one file for each, and what holds for all alike.
//!
//! A file has a `[given]` request and `[[case]]`s that change something about it and say what is answered, or why not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use hookview::capture::{Answer, Body, Headers, Request, Verdict};
use hookview::signature::{Checker, Reply, Schemes, Secret, Unsigned};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    given: Case,
    case: Vec<Case>,
}

/// A request and what becomes of it; what a case leaves out is as given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    /// What the case is about.
    why: String,
    method: Option<String>,
    url: Option<String>,
    headers: BTreeMap<String, String>,
    without: Vec<String>,
    body: Option<String>,
    /// A word, and how many `a` stand in its place in URL, headers and body.
    fill: Option<(String, usize)>,
    /// The scheme that the user names; empty for none.
    scheme: Option<String>,
    secrets: Option<BTreeMap<String, String>>,
    /// What was learned before: scheme and value.
    learned: BTreeMap<String, String>,
    /// Signed for this scheme with the secret of this name; with one that is not configured for any other name.
    sign: Option<(String, String)>,
    /// Seconds from the signature to the arrival.
    late: i64,
    /// The status of the handshake's answer.
    answered: Option<u16>,
    /// Or why it gets the answer of any other request.
    unanswered: Option<String>,
    /// Or that it is not taken for a handshake.
    no_handshake: bool,
    /// The handshake that it is, when it is not the one that the file is called after.
    instead: Option<String>,
    json: Option<String>,
    text: Option<String>,
    reply_headers: BTreeMap<String, String>,
    note: Option<String>,
    learns: Option<String>,
}

const SIGNED_AT: i64 = 1_767_225_600;

fn time(late: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(SIGNED_AT + late, 0).unwrap()
}

impl Case {
    fn over(self, given: &Self) -> Self {
        let mut headers = given.headers.clone();
        headers.retain(|name, _| !self.without.contains(name));
        headers.extend(self.headers);
        let given = given.clone();
        Self {
            method: self.method.or(given.method),
            url: self.url.or(given.url),
            body: self.body.or(given.body),
            scheme: self.scheme.or(given.scheme),
            secrets: self.secrets.or(given.secrets),
            headers,
            ..self
        }
    }

    fn filled(&self, text: &str) -> String {
        self.fill.as_ref().map_or_else(|| text.to_owned(), |(word, times)| text.replace(word, &"a".repeat(*times)))
    }

    fn request(&self) -> Request {
        let mut headers = Headers::default();
        for (name, value) in &self.headers {
            headers.push(name.clone(), self.filled(value));
        }
        let mut request = Request {
            method: self.method.clone().unwrap_or("POST".to_owned()).into(),
            target: self.filled(self.url.as_deref().unwrap_or("/hooks")).into(),
            headers,
            body: Body::whole(self.filled(self.body.as_deref().unwrap_or_default())),
            ..Request::default()
        };
        if let Some((scheme, name)) = &self.sign {
            let value =
                self.secrets.iter().flatten().find(|(known, _)| *known == name).map_or(name, |(_, value)| value);
            let signer = checker(&[("signer".to_owned(), value.clone())].into(), None);
            let (headers, body) = (&request.headers, &request.body.bytes);
            let unsigned = Unsigned { method: "POST", url: "http://h/hooks", headers, body, now: time(0) };
            for (name, value) in signer.sign(scheme, "signer", &unsigned).unwrap().headers {
                request.headers.set(&name, value);
            }
        }
        request
    }

    fn reply(&self) -> Option<Reply> {
        let scheme = self.scheme.as_deref().filter(|scheme| !scheme.is_empty());
        let mut checker = checker(&self.secrets.clone().unwrap_or_default(), scheme);
        for (scheme, value) in &self.learned {
            checker = checker.learning(Secret::learned(scheme, value.clone().into_bytes())).unwrap();
        }
        let request = self.request();
        let verdict = checker.check(&request, time(self.late));
        checker.handshake(&request, &verdict)
    }
}

fn checker(secrets: &BTreeMap<String, String>, scheme: Option<&str>) -> Checker {
    let secrets = secrets.iter().map(|(name, value)| Secret::new(name, value.clone().into_bytes())).collect();
    Checker::new(Schemes::builtin(), secrets, scheme).unwrap()
}

/// The handshake that a file is about, what the case is called, and the case.
fn cases() -> Vec<(String, String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/handshakes");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let id = path.file_stem().unwrap().to_string_lossy().into_owned();
        let file: File =
            toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{id}: {e}"));
        for (index, case) in file.case.into_iter().enumerate() {
            cases.push((id.clone(), format!("{id}, case {}: {}", index + 1, case.why), case.over(&file.given)));
        }
    }
    cases
}

/// What no answer to a handshake may be without.
fn assert_harmless(answer: &Answer, name: &str) {
    let kind = answer.headers.text("Content-Type");
    assert!(matches!(kind, None | Some("text/plain; charset=utf-8" | "application/json")), "{name}: {kind:?}");
    assert!(answer.status >= 400 || answer.headers.text("X-Content-Type-Options") == Some("nosniff"), "{name}");
    for header in &answer.headers {
        assert!(header.value.iter().all(|byte| matches!(byte, b' '..=b'~')) && header.value.len() <= 1024, "{name}");
    }
}

#[test]
fn handshakes_are_answered_as_the_files_say() {
    for (id, name, case) in cases() {
        let Some(reply) = case.reply() else {
            assert!(case.no_handshake, "{name}: not taken for a handshake");
            continue;
        };
        assert!(!case.no_handshake, "{name}: {reply:?}");
        assert!(reply.title.starts_with("handshake: "), "{name}: {}", reply.title);
        if let Some(reason) = &case.unanswered {
            assert!(reply.answer.is_none() && reply.learned.is_none(), "{name}: {reply:?}");
            assert!(reply.note.contains(reason) && reply.title.ends_with(", not answered"), "{name}: {}", reply.note);
            continue;
        }
        let answer = reply.answer.unwrap_or_else(|| panic!("{name}: {}", reply.note));
        assert_harmless(&answer, &name);
        assert_eq!(Some(answer.status), case.answered, "{name}: {}", reply.note);
        assert_eq!(answer.rule, format!("handshake {}", case.instead.unwrap_or(id)), "{name}");
        assert_eq!(answer.note, reply.note, "{name}");
        let body = String::from_utf8(answer.body.to_vec()).unwrap();
        if let Some(json) = &case.json {
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            assert_eq!(read(&body), read(json), "{name}");
            assert_eq!(answer.headers.text("Content-Type"), Some("application/json"), "{name}");
        }
        if let Some(text) = &case.text {
            assert_eq!(body, *text, "{name}");
        }
        for (header, value) in &case.reply_headers {
            assert_eq!(answer.headers.text(header), Some(value.as_str()), "{name}");
        }
        if let Some(note) = &case.note {
            assert!(reply.note.contains(note) && note.is_empty() == reply.note.is_empty(), "{name}: {}", reply.note);
        }
        assert_eq!(reply.learned.map(|secret| secret.name), case.learns, "{name}");
    }
}

#[test]
fn every_handshake_has_an_answer_and_a_request_without() {
    let cases = cases();
    let with = |holds: fn(&Case) -> bool| -> BTreeSet<String> {
        cases.iter().filter(|(.., case)| holds(case)).map(|(id, ..)| id.clone()).collect()
    };
    let all: BTreeSet<_> = Schemes::builtin().handshakes().iter().map(|handshake| handshake.id.clone()).collect();
    assert_eq!(with(|case| case.instead.is_none() && case.answered.is_some_and(|status| status < 300)), all);
    let not = |case: &Case| case.instead.is_some() || case.answered.is_none_or(|status| status >= 400);
    assert_eq!(with(not), all);
}

#[test]
fn only_what_is_signed_or_named_may_stand_where_everything_must_be_signed() {
    let stands =
        |scheme: Option<&str>, case: Case| Case { scheme: scheme.map(str::to_owned), ..case }.reply().unwrap().stands;
    let get = Case { method: Some("GET".to_owned()), url: Some("/?challenge=x".to_owned()), ..Case::default() };
    assert!(!stands(None, get.clone()));
    assert!(!stands(Some("okta"), get.clone()));
    assert!(stands(Some("dropbox"), get));
    let slack = Case {
        body: Some(r#"{"type":"url_verification","challenge":"x"}"#.to_owned()),
        secrets: Some([("slack".to_owned(), "s".to_owned())].into()),
        ..Case::default()
    };
    assert!(!stands(None, slack.clone()));
    assert!(stands(None, Case { sign: Some(("slack".to_owned(), "slack".to_owned())), ..slack }));
}

#[test]
fn a_row_of_the_users_own_is_answered_before_the_built_in_ones() {
    let row = r#"
[[handshake]]
id = "mine"
title = "Mine"
method = "GET"
detect = ["?challenge", "X-Mine: yes"]
answer = { status = 202, json = { list = ["{query:challenge}", 7], ok = true } }
"#;
    let schemes = Schemes::builtin().merge(Schemes::parse(row).unwrap());
    let checker = Checker::new(schemes, Vec::new(), None).unwrap();
    let mut case = Case { method: Some("GET".to_owned()), url: Some("/?challenge=%22".to_owned()), ..Case::default() };
    let answer = |case: &Case| checker.handshake(&case.request(), &Verdict::default()).unwrap().answer.unwrap();
    assert_eq!(answer(&case).rule, "handshake dropbox-challenge");
    case.headers.insert("X-Mine".to_owned(), "yes".to_owned());
    let answer = answer(&case);
    assert_eq!((answer.status, &answer.body[..]), (202, &br#"{"list":["\"",7],"ok":true}"#[..]));
}

#[test]
fn a_learned_secret_is_tried_with_its_own_scheme_alone() {
    let learned = Secret::learned("asana", b"told by anybody".to_vec());
    let checker = Checker::new(Schemes::builtin(), Vec::new(), None).unwrap().learning(learned).unwrap();
    let outcome = |scheme: &str| {
        let case = Case {
            body: Some("{}".to_owned()),
            secrets: Some([("s".to_owned(), "told by anybody".to_owned())].into()),
            sign: Some((scheme.to_owned(), "s".to_owned())),
            ..Case::default()
        };
        checker.check(&case.request(), time(0)).outcome.as_str()
    };
    assert_eq!(outcome("asana"), "valid");
    assert_eq!(outcome("github"), "not-checked");
    assert_eq!(outcome("mist"), "not-checked");
}

#[test]
fn a_verify_token_is_sent_in_clear_and_checks_no_signature() {
    let token = ("verify_token".to_owned(), "seen by many".to_owned());
    let case = Case {
        body: Some("{}".to_owned()),
        secrets: Some([token.clone()].into()),
        sign: Some(("github".to_owned(), token.0.clone())),
        ..Case::default()
    };
    let with = |secrets: &BTreeMap<String, String>| checker(secrets, None).check(&case.request(), time(0)).outcome;
    assert_eq!(with(&[token.clone()].into()).as_str(), "not-checked");
    assert_eq!(with(&[token.clone(), ("pm".to_owned(), "p".to_owned())].into()).as_str(), "invalid");
    assert_eq!(with(&[("github".to_owned(), token.1)].into()).as_str(), "valid");
}

#[test]
fn what_was_learned_outlives_a_reload_and_shadows_nothing() {
    let plain = |name: &str| Checker::new(Schemes::builtin(), vec![Secret::new(name, b"v".to_vec())], None).unwrap();
    let names = |checker: &Checker| {
        checker.secrets().iter().map(|secret| (secret.name.clone(), secret.is_learned())).collect::<Vec<_>>()
    };
    let learned = || Secret::learned("asana", b"told".to_vec());
    let before = plain("pm").learning(learned()).unwrap();
    let (pm, asana) = (("pm".to_owned(), false), ("asana".to_owned(), true));
    assert_eq!(names(&before), [pm.clone(), asana.clone()]);
    assert_eq!(names(&plain("pm").remembering(&before)), [pm.clone(), asana]);
    assert_eq!(names(&plain("asana").remembering(&before)), [("asana".to_owned(), false)]);
    assert!(before.learning(learned()).is_none() && plain("asana").learning(learned()).is_none());
    assert_eq!(names(&before.forgetting("asana")), [pm]);
    assert_eq!(names(&before.forgetting("pm")).len(), 2);
}

/// The names of headers that a handshake looks at, and others.
const HEADERS: [&str; 8] = [
    "X-Hook-Secret",
    "WebHook-Request-Origin",
    "WebHook-Request-Callback",
    "X-Okta-Verification-Challenge",
    "Smartsheet-Hook-Challenge",
    "aeg-event-type",
    "x-amz-sns-message-type",
    "X-Signature-Ed25519",
];

prop_compose! {
    fn any_request()(
        method in prop::sample::select(vec!["GET", "POST", "OPTIONS", "HEAD", "PUT"]),
        field in prop::sample::select(vec!["challenge", "hub.challenge", "validationToken", "crc_token"]),
        value in any::<Vec<u8>>(),
        headers in prop::collection::vec((prop::sample::select(HEADERS.to_vec()), any::<Vec<u8>>()), 0..4),
        json in any::<String>(), junk in any::<Option<Vec<u8>>>(),
        kind in prop::sample::select(vec!["url_verification", "endpoint.url_validation", "x"]),
    ) -> Request {
        let escaped = value.iter().fold(String::new(), |text, byte| format!("{text}%{byte:02x}"));
        let mut lines = Headers::default();
        for (name, value) in headers {
            lines.push(name, value);
        }
        let body = serde_json::json!({ "challenge": json, "type": kind, "SubscribeURL": json }).to_string();
        Request {
            method: method.into(),
            target: format!("/?hub.mode=subscribe&{field}={escaped}").into(),
            headers: lines,
            body: Body::whole(junk.unwrap_or_else(|| body.into_bytes())),
            ..Request::default()
        }
    }
}

proptest! {
    #[test]
    fn junk_never_gets_more_than_a_harmless_answer(
        request in any_request(), scheme in prop::sample::select(vec!["", "asana", "twitter", "zoom"]), secret in any::<bool>(),
    ) {
        let secrets: BTreeMap<_, _> = secret.then(|| ("s".to_owned(), "a secret".to_owned())).into_iter().collect();
        let checker = checker(&secrets, Some(scheme).filter(|scheme| !scheme.is_empty()));
        let verdict = checker.check(&request, time(0));
        if let Some(answer) = checker.handshake(&request, &verdict).and_then(|reply| reply.answer) {
            assert_harmless(&answer, "junk");
            prop_assert!(answer.body.len() <= 64 * 1024);
        }
    }

    #[test]
    fn a_header_that_is_given_back_is_one_line(value in "[ -~\r\n\t\0\u{7f}é]{0,40}") {
        let case = Case {
            method: Some("OPTIONS".to_owned()),
            headers: [("WebHook-Request-Origin".to_owned(), value.clone())].into(),
            ..Case::default()
        };
        let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let answer = case.reply().unwrap().answer;
        prop_assert_eq!(answer.is_some(), is_plain);
        if let Some(answer) = answer {
            prop_assert_eq!(answer.headers.text("WebHook-Allowed-Origin"), Some(value.as_str()));
        }
    }
}
