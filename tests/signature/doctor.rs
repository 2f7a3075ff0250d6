//! The doctor: for each thing that goes wrong in the field a request made so, and the cause that must be told first.

use std::io::Write;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac::{Hmac, KeyInit, Mac};
use hookview::capture::{Body, Headers, Outcome, Request, Verdict};
use hookview::signature::{Checker, Report, Schemes, Secret, SecretForm, Unsigned};
use proptest::prelude::*;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::properties::{sign, unsigned};

const TIME: i64 = 1_767_225_600;
const SECRET: &str = "correct-horse-battery";
/// What senders with the prefix hand out: base64 of 24 bytes.
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Python's way, with everything that others write differently.
const BODY: &str = r#"{"name": "Z\u00fcrich", "url": "https://h.example/a?b=1&c=2", "b": 1.10, "a": [], "x": "<i>"}"#;
/// Bodies are signed by these in the same way as far as the doctor goes.
const SIGNERS: [&str; 6] = ["netbox", "github", "stripe", "slack", "standard-webhooks", "shopify"];

fn arrival() -> DateTime<Utc> {
    DateTime::from_timestamp(TIME, 0).unwrap()
}

fn secrets(secrets: &[(&str, &str)]) -> Vec<Secret> {
    secrets.iter().map(|(name, value)| Secret::new(*name, value.as_bytes().to_vec())).collect()
}

fn usual_secret(scheme: &str) -> &'static str {
    if scheme == "standard-webhooks" { WHSEC } else { SECRET }
}

/// A request as a sender with this secret signs it.
fn signed(scheme: &str, secret: &str, body: impl Into<Bytes>) -> Request {
    let body = body.into();
    let sender = Checker::new(Schemes::builtin(), secrets(&[("s", secret)]), None).unwrap();
    let mut headers = Headers::default();
    headers.push("Host", "hooks.example.com");
    headers.push("Content-Type", "application/json");
    let unsigned = Unsigned {
        method: "POST",
        url: "https://hooks.example.com/in/",
        headers: &headers,
        body: &body,
        now: arrival(),
    };
    let lines = sender.sign(scheme, "s", &unsigned).unwrap();
    for (name, value) in lines.headers {
        headers.set(&name, value);
    }
    Request { method: "POST".into(), target: "/in/".into(), headers, body: Body::whole(body), ..Request::default() }
}

fn with_body(mut request: Request, body: impl Into<Bytes>) -> Request {
    request.body = Body::whole(body);
    request
}

/// What a receiver with these secrets finds out.
fn examined(configured: &[(&str, &str)], request: &Request) -> (Verdict, Report) {
    let checker = Checker::new(Schemes::builtin(), secrets(configured), None).unwrap();
    let verdict = checker.check(request, arrival());
    let report = checker.diagnose(request, arrival(), &verdict);
    (verdict, report)
}

/// The first cause that a receiver with this secret tells of.
fn cause(secret: &str, request: &Request) -> String {
    let (verdict, report) = examined(&[("pm", secret)], request);
    assert_ne!(verdict.outcome, Outcome::Valid);
    let hint = report.hints.into_iter().next();
    let hint = hint.unwrap_or_else(|| panic!("no hint, {} tried: {:?}", report.tried, report.ruled_out));
    assert!(!hint.proof.is_empty() && !hint.fix.is_empty(), "{hint:?}");
    hint.cause
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    hex::encode(Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes())
}

/// A GitHub delivery whose signature is this.
fn github(value: impl Into<String>) -> Request {
    let mut request = signed("github", SECRET, BODY);
    request.headers.set("X-Hub-Signature-256", value.into());
    request
}

#[test]
fn secrets_are_mistaken_in_these_ways() {
    for (mine, cause_told) in [
        ("SECRET\n", "your secret `pm` ends with a newline; the sender's has none"),
        ("SECRET\r\n", "your secret `pm` ends with a line break (CR LF); the sender's has none"),
        ("SECRET ", "your secret `pm` ends with a blank; the sender's has none"),
        (" SECRET\t", "your secret `pm` has white space around it; the sender's has none"),
        ("\"SECRET\"", "your secret `pm` is in quotes; the sender's is not"),
        ("'SECRET'\n", "your secret `pm` is in quotes; the sender's is not"),
    ] {
        for scheme in SIGNERS {
            let secret = usual_secret(scheme);
            let mine = mine.replace("SECRET", secret);
            assert_eq!(cause(&mine, &signed(scheme, secret, BODY)), cause_told, "{scheme} {mine:?}");
        }
    }
}

/// A secret called `s` in the form that a scheme wants, with more text behind it.
fn written(form: SecretForm, behind: &str) -> Vec<Secret> {
    let text = match form {
        SecretForm::Base64 | SecretForm::Base64OrPublicKey => base64_encoded(SECRET.as_bytes()),
        SecretForm::Hex => hex::encode(SECRET),
        SecretForm::Whsec => WHSEC.to_owned(),
        SecretForm::UserPassword => format!("user:{SECRET}"),
        SecretForm::Text | SecretForm::TextOrPublicKey => SECRET.to_owned(),
        SecretForm::PublicKey | SecretForm::HexPublicKey | SecretForm::Whpk => String::new(),
    };
    vec![Secret::new("s", (text + behind).into_bytes())]
}

#[test]
fn a_newline_in_the_secret_is_found_whatever_the_scheme() {
    let mut found = 0;
    for scheme in &Schemes::builtin() {
        let checker = |behind: &str| {
            let secrets = written(scheme.secret, behind);
            let checker = Checker::new(Schemes::builtin(), secrets, Some(&scheme.id)).unwrap();
            checker.with_public_url("https://hooks.example.com")
        };
        let Ok(request) = sign(&checker(""), scheme, unsigned(scheme, b"{}")) else { continue };
        let receiver = checker("\n");
        let verdict = receiver.check(&request, arrival());
        let report = receiver.diagnose(&request, arrival(), &verdict);
        let cause = report.hints.first().map(|hint| hint.cause.as_str());
        assert_eq!(cause, Some("your secret `s` ends with a newline; the sender's has none"), "{}", scheme.id);
        found += 1;
    }
    assert!(found > 60, "{found}");
}

#[test]
fn senders_mistake_secrets_in_these_ways() {
    for (theirs, cause_told) in [
        ("SECRET\n", "the sender's secret ends with a newline; your secret `pm` does not"),
        ("SECRET\r\n", "the sender's secret ends with a line break; your secret `pm` does not"),
        (" SECRET", "the sender's secret begins with a blank; your secret `pm` does not"),
        (" SECRET ", "the sender's secret has a blank at both ends; your secret `pm` does not"),
        ("\"SECRET\"", "the sender's secret is in quotes (\"); your secret `pm` is not"),
    ] {
        for scheme in ["netbox", "github", "stripe", "slack", "shopify"] {
            let request = signed(scheme, &theirs.replace("SECRET", SECRET), BODY);
            assert_eq!(cause(SECRET, &request), cause_told, "{scheme} {theirs:?}");
        }
    }
}

#[test]
fn secrets_are_decoded_or_not() {
    let told =
        |secret: &str, key: &[u8]| cause(secret, &github(format!("sha256={}", hmac_sha256(key, BODY.as_bytes()))));
    let raw = "the sender uses secret `pm`";
    let key = base64_decoded(&WHSEC[6..]);
    assert_eq!(told(WHSEC, &key), format!("{raw} decoded from base64; the rule is as it is"));
    assert_eq!(told(WHSEC, &WHSEC.as_bytes()[6..]), format!("{raw} as text without `whsec_`; the rule is as it is"));
    assert_eq!(told("00ff10ab", &[0, 255, 16, 171]), format!("{raw} decoded from hex; the rule is as it is"));
    assert_eq!(told("00ff10ab", b"00FF10AB"), "the sender writes secret `pm` in upper case");
    assert_eq!(told("s3cret!", b"czNjcmV0IQ=="), "the sender encodes secret `pm` in base64 before using it");
    assert_eq!(told(SECRET, b""), "the sender signs with an empty secret");

    let mut request = signed("svix", WHSEC, BODY);
    let id = request.headers.text("svix-id").unwrap().to_owned();
    let digest = hex::decode(hmac_sha256(WHSEC.as_bytes(), format!("{id}.{TIME}.{BODY}").as_bytes())).unwrap();
    request.headers.set("svix-signature", format!("v1,{}", base64_encoded(&digest)));
    let told = cause(WHSEC, &request);
    assert_eq!(told, "the sender uses secret `pm` as the text that it is, not decoded; the rule is decoded");
}

fn base64_decoded(text: &str) -> Vec<u8> {
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap()
}

fn base64_encoded(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

#[test]
fn tokens_have_white_space_and_quotes_too() {
    for scheme in ["gitlab", "generic-token", "bearer"] {
        let request = signed(scheme, SECRET, BODY);
        let checker =
            Checker::new(Schemes::builtin(), secrets(&[("pm", &format!("{SECRET}\n"))]), Some(scheme)).unwrap();
        let verdict = checker.check(&request, arrival());
        let hint = checker.diagnose(&request, arrival(), &verdict).hints.remove(0);
        assert_eq!(hint.cause, "your secret `pm` ends with a newline; the sender's has none", "{scheme}");
        assert!(!format!("{hint:?}").contains(SECRET));
    }
}

#[test]
fn a_verdict_of_an_earlier_time_is_known_as_such() {
    let request = signed("netbox", SECRET, BODY);
    let (before, _) = examined(&[("other", "x")], &request);
    let verdict = Verdict { secret: None, ..before };
    let checker = Checker::new(Schemes::builtin(), secrets(&[("pm", SECRET)]), None).unwrap();
    let hint = checker.diagnose(&request, arrival(), &verdict).hints.remove(0);
    assert_eq!(hint.cause, "it holds now: secret `pm` was not configured when this was checked");
}

#[test]
fn the_secret_of_another_place_is_named() {
    let request = signed("netbox", SECRET, BODY);
    let checker = Checker::new(Schemes::builtin(), secrets(&[("pm", "x"), ("staging", SECRET)]), None).unwrap();
    let verdict = Verdict {
        outcome: Outcome::Invalid,
        scheme: Some("netbox".to_owned()),
        secret: Some("pm".to_owned()),
        ..Verdict::default()
    };
    let hint = checker.diagnose(&request, arrival(), &verdict).hints.remove(0);
    assert_eq!(hint.cause, "the sender signs with secret `staging`, expected `pm`");
    assert_eq!(hint.proof, "HMAC-SHA512 matches with secret `staging`");
}

#[test]
fn json_is_written_anew_on_its_way() {
    let compact = r#"{"name":"Z\u00fcrich","url":"https://h.example/a?b=1&c=2","b":1.10,"a":[],"x":"<i>"}"#;
    let told = |words: &str| format!("something on the way re-encoded the JSON: it verifies when written {words}");
    let python = "with a blank behind each comma and colon, as Python writes";
    let plain = compact.replace("\\u00fc", "ü");
    for scheme in SIGNERS {
        let secret = usual_secret(scheme);
        for (was, came, words) in [
            (compact.to_owned(), BODY.to_owned(), "compactly".to_owned()),
            (BODY.to_owned(), compact.to_owned(), python.to_owned()),
            (BODY.to_owned(), plain.clone(), "as Python's json.dumps writes it".to_owned()),
            (plain.clone(), compact.to_owned(), "compactly, without needless escapes, as JavaScript writes".to_owned()),
            (
                compact.to_owned(),
                plain.clone(),
                "compactly, with \\u escapes for what is not ASCII, as Python writes".to_owned(),
            ),
            (
                compact.replace('/', "\\/"),
                plain.clone(),
                "compactly, with \\/ for slashes and \\u escapes, as PHP writes".to_owned(),
            ),
            (plain.replace('/', "\\/"), plain.clone(), "compactly, with \\/ for slashes, as PHP writes".to_owned()),
            (
                plain.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"),
                plain.clone(),
                "compactly, with \\u escapes for < > and &, as Go writes".to_owned(),
            ),
            (
                plain.replace('ü', "\\u00FC").replace('<', "\\u003C").replace('>', "\\u003E").replace('&', "\\u0026"),
                plain.clone(),
                "compactly, with \\u escapes as .NET writes".to_owned(),
            ),
            (
                r#"{"a":1,"b":[2,{"c":3,"d":4}]}"#.to_owned(),
                r#"{"b":[2,{"d":4,"c":3}],"a":1}"#.to_owned(),
                "compactly, with sorted keys".to_owned(),
            ),
            ("{\n  \"a\": 1\n}".to_owned(), r#"{"a":1}"#.to_owned(), "indented by 2 blanks".to_owned()),
            ("{\n    \"a\": 1\n}".to_owned(), r#"{"a":1}"#.to_owned(), "indented by 4 blanks".to_owned()),
            ("{\n\t\"a\": 1\n}".to_owned(), r#"{"a":1}"#.to_owned(), "indented by tabs".to_owned()),
            (
                "{\n  \"a\": 1\n}\n".to_owned(),
                r#"{"a":1}"#.to_owned(),
                "indented by 2 blanks, with a newline at its end".to_owned(),
            ),
        ] {
            let request = with_body(signed(scheme, secret, was), came.clone());
            assert_eq!(cause(secret, &request), told(&words), "{scheme}");
        }
    }
}

#[test]
fn bodies_are_changed_in_other_ways() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(BODY.as_bytes()).unwrap();
    let mut packed = with_body(signed("github", SECRET, BODY), gzip.finish().unwrap());
    packed.headers.push("Content-Encoding", "gzip");
    assert_eq!(cause(SECRET, &packed), "the body was compressed after it was signed");

    let form = "payload=%7B%22a%22%3A+1%7D&b=2";
    let mut request = with_body(signed("github", SECRET, r#"{"a": 1}"#), form);
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(cause(SECRET, &request), "the sender signs the form field payload alone, not the whole body");

    for (was, came, cause_told) in [
        (&b"{}"[..], &b"{}\n"[..], "the body got a newline at its end after it was signed"),
        (b"{}", b"{}\r\n", "the body got a newline at its end after it was signed"),
        (b"a\n", b"a", "the body lost the newline at its end after it was signed"),
        (b"a\r\n", b"a", "the body lost the CR LF at its end after it was signed"),
        (b"a\r\n", b"a\n", "the body lost the CR LF at its end after it was signed"),
        (b"a", b"\n a \n", "the body got white space around it after it was signed"),
        (b"a\r\nb\r\n", b"a\nb\n", "line breaks in the body became LF after it was signed"),
        (b"a\nb", b"a\r\nb", "line breaks in the body became CR LF after it was signed"),
        (b"a", b"\xEF\xBB\xBFa", "the body got a byte order mark after it was signed"),
        (b"\xEF\xBB\xBFa", b"a", "the body lost its byte order mark after it was signed"),
        (b"a=1 2&b", b"a=1%202&b", "the body was percent-encoded after it was signed"),
        (b"Z\xFCrich", "Zürich".as_bytes(), "the text was in ISO 8859-1 when it was signed and came as UTF-8"),
        ("Zürich".as_bytes(), b"Z\xFCrich", "the text was in UTF-8 when it was signed and came as ISO 8859-1"),
        ("Zürich ü".as_bytes(), "ZÃ¼rich Ã¼".as_bytes(), "the text was in UTF-8"),
        (b"", b"{}", "the signature is that of an empty body"),
    ] {
        for scheme in ["netbox", "github", "stripe", "slack", "standard-webhooks", "shopify"] {
            let secret = usual_secret(scheme);
            let told = cause(secret, &with_body(signed(scheme, secret, was.to_vec()), came.to_vec()));
            let same = told == cause_told || (cause_told.ends_with("UTF-8") && told.contains("UTF-8"));
            assert!(same, "{scheme} {came:?}: {told}");
        }
    }
}

#[test]
fn signatures_are_written_in_other_ways() {
    let digest = hmac_sha256(SECRET.as_bytes(), BODY.as_bytes());
    let bytes = hex::decode(&digest).unwrap();
    let base64 = base64_encoded(&bytes);
    for (value, cause_told) in [
        (digest.clone(), "the signature has no `sha256=` before it, as github has"),
        (format!("sha1={digest}"), "the signature has `sha1=` before it; github has `sha256=`"),
        (format!("sha256={base64}"), "the signature is written in base64; github writes hex"),
        (format!("sha256={}", base64.replace('+', "-").replace('/', "_")), "the signature is written in base64"),
        (
            format!("sha256={}", base64_encoded(digest.as_bytes())),
            "the signature is the base64 of hex digits; github has the hex of the bytes",
        ),
        (
            format!(
                "sha256={}",
                hex::encode(
                    Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(BODY).finalize().into_bytes()
                )
            ),
            "the sender uses HMAC-SHA1; scheme github is HMAC-SHA256",
        ),
        (
            format!(
                "sha256={}",
                hex::encode(
                    Hmac::<Sha512>::new_from_slice(SECRET.as_bytes())
                        .unwrap()
                        .chain_update(BODY)
                        .finalize()
                        .into_bytes()
                )
            ),
            "the sender uses HMAC-SHA512; scheme github is HMAC-SHA256",
        ),
        (
            format!("sha256={}", hex::encode(Sha256::digest(BODY))),
            "the signature is the bare SHA-256 of the body, without a secret, not HMAC-SHA256",
        ),
        (
            format!("sha256={}", hex::encode(Sha256::digest(format!("{SECRET}{BODY}")))),
            "the signature is the bare SHA-256 of secret and body, not HMAC-SHA256",
        ),
        (
            format!("sha256={}", hex::encode(Sha256::digest(format!("{BODY}{SECRET}")))),
            "the signature is the bare SHA-256 of body and secret, not HMAC-SHA256",
        ),
        (
            format!("sha256={}", hmac_sha256(SECRET.as_bytes(), hex::encode(Sha256::digest(BODY)).as_bytes())),
            "the sender signs `{body.sha256}`; scheme github is `{body}`",
        ),
    ] {
        let told = cause(SECRET, &github(value));
        assert!(told.starts_with(cause_told), "{told}");
    }
    let mut shopify = signed("shopify", SECRET, BODY);
    shopify.headers.set("X-Shopify-Hmac-SHA256", digest);
    assert_eq!(cause(SECRET, &shopify), "the signature is written in hex; shopify writes base64");
}

#[test]
fn messages_are_put_together_in_other_ways() {
    for message in ["T{body}", "T:{body}", "{body}", "{body}T", "{body}.T", "v0:T:{body}"] {
        let text = message.replace('T', &TIME.to_string()).replace("{body}", BODY);
        let mut request = signed("stripe", SECRET, BODY);
        let value = format!("t={TIME},v1={}", hmac_sha256(SECRET.as_bytes(), text.as_bytes()));
        request.headers.set("Stripe-Signature", value);
        let told = cause(SECRET, &request);
        let expected =
            format!("the sender signs `{}`; scheme stripe is `{{time}}.{{body}}`", message.replace('T', "{time}"));
        assert_eq!(told, expected);
    }
    let mut slack = signed("slack", SECRET, BODY);
    let text = format!("{TIME}.{BODY}");
    slack.headers.set("X-Slack-Signature", format!("v0={}", hmac_sha256(SECRET.as_bytes(), text.as_bytes())));
    assert_eq!(cause(SECRET, &slack), "the sender signs `{time}.{body}`; scheme slack is `v0:{time}:{body}`");
    let mut timed = github(format!("sha256={}", hmac_sha256(SECRET.as_bytes(), text.as_bytes())));
    timed.headers.push("X-Acme-Timestamp", TIME.to_string());
    assert_eq!(cause(SECRET, &timed), "the sender signs `{header:X-Acme-Timestamp}.{body}`; scheme github is `{body}`");
    let mut standard = signed("standard-webhooks", WHSEC, BODY);
    let digest = hex::decode(hmac_sha256(&base64_decoded(&WHSEC[6..]), text.as_bytes())).unwrap();
    standard.headers.set("webhook-signature", format!("v1,{}", base64_encoded(&digest)));
    let told = cause(WHSEC, &standard);
    assert_eq!(
        told,
        "the sender signs `{time}.{body}`; scheme standard-webhooks is `{header:webhook-id}.{time}.{body}`"
    );
}

#[test]
fn urls_are_known_by_other_names() {
    let twilio = |target: &'static str, forwarded: Option<&'static str>| {
        let mut request = signed("twilio", SECRET, "");
        request.headers.set("Host", "10.0.0.7:9000");
        request.target = target.into();
        if let Some(host) = forwarded {
            request.headers.push("X-Forwarded-Host", host);
        }
        cause(SECRET, &request)
    };
    let told = twilio("/in/", Some("hooks.example.com"));
    assert_eq!(told, "the sender knows this receiver as https://hooks.example.com/in/, and signs that URL");
    let mut slashless = signed("twilio", SECRET, "");
    slashless.target = "/in".into();
    let told = cause(SECRET, &slashless);
    assert_eq!(told, "the sender knows this receiver as https://hooks.example.com/in/, and signs that URL");
}

#[test]
fn a_public_url_may_be_another_than_the_sender_knows() {
    for (public, target) in [("http://hooks.example.com", "/in/"), ("https://other.example.com/x", "/in/")] {
        let mut request = signed("twilio", SECRET, "");
        request.target = target.into();
        let checker =
            Checker::new(Schemes::builtin(), secrets(&[("pm", SECRET)]), None).unwrap().with_public_url(public);
        let verdict = checker.check(&request, arrival());
        let hint = checker.diagnose(&request, arrival(), &verdict).hints.remove(0);
        assert_eq!(hint.cause, "the sender knows this receiver as https://hooks.example.com/in/, and signs that URL");
        assert!(hint.fix.starts_with("give --public-url https://hooks.example.com,"), "{}", hint.fix);
    }
}

#[test]
fn another_scheme_is_named() {
    let checker = Checker::new(Schemes::builtin(), secrets(&[("pm", SECRET)]), Some("netbox")).unwrap();
    let told = |request: &Request| {
        let verdict = checker.check(request, arrival());
        checker.diagnose(request, arrival(), &verdict).hints.remove(0)
    };
    let hint = told(&signed("github", SECRET, BODY));
    assert_eq!(hint.cause, "the sender signs as github does (GitHub); the scheme in force is netbox");
    assert!(hint.fix.contains("--scheme github"), "{}", hint.fix);
    let hint = told(&signed("asana", SECRET, BODY));
    assert_eq!(hint.cause, "the sender signs as asana does (Asana); scheme netbox was tried");
}

#[test]
fn headers_of_no_scheme_are_looked_at() {
    let mut request = signed("github", SECRET, BODY);
    request.headers = Headers::default();
    request.headers.push("X-Acme-Signature", hmac_sha256(SECRET.as_bytes(), BODY.as_bytes()));
    assert_eq!(cause(SECRET, &request), "X-Acme-Signature carries a signature, and no scheme looks there");
    for (value, shape) in [
        (hmac_sha256(SECRET.as_bytes(), BODY.as_bytes()), "{hex}"),
        (format!("v1={}", hmac_sha256(SECRET.as_bytes(), BODY.as_bytes())), "v1={hex}"),
        (base64_encoded(&hex::decode(hmac_sha256(SECRET.as_bytes(), BODY.as_bytes())).unwrap()), "{base64}"),
    ] {
        request.headers.set("X-Acme-Signature", value);
        let row = format!(
            "verify = \"hmac-sha256\", signature = {{ header = \"X-Acme-Signature\", value = \"{shape}\" }}, message = \
             \"{{body}}\""
        );
        let fix = examined(&[("pm", SECRET)], &request).1.hints.remove(0).fix;
        assert!(fix.ends_with(&row), "{fix}");
    }
    request.headers = Headers::default();
    let value = format!("sha256={}", hmac_sha256(SECRET.as_bytes(), BODY.as_bytes()));
    request.headers.push("X-Forwarded-X-Hub-Signature-256", value);
    let told = cause(SECRET, &request);
    let renamed = "X-Forwarded-X-Hub-Signature-256 carries the signature of X-Hub-Signature-256: something on the way \
                   renamed the header";
    assert_eq!(told, renamed);
}

#[test]
fn requests_that_are_not_whole_say_so_first() {
    let mut request = signed("github", SECRET, BODY);
    request.headers.push("Content-Length", BODY.len().to_string());
    let whole = request.clone();
    request = with_body(request, &BODY.as_bytes()[..20]);
    let told = format!("the body is incomplete: 20 of {} bytes came", BODY.len());
    assert_eq!(cause(SECRET, &request), told);
    let mut kept = with_body(whole, &BODY.as_bytes()[..20]);
    kept.body.total = BODY.len() as u64;
    assert!(cause(SECRET, &kept).starts_with("the body is incomplete: only the first 20 of "));

    let mut redirected = with_body(signed("netbox", SECRET, BODY), "");
    redirected.method = "GET".into();
    let told = "this is a GET that followed a redirect and carries the signature of the POST before it";
    assert_eq!(cause(SECRET, &redirected), told);
    assert!(examined(&[("pm", SECRET)], &redirected).1.redirected);
}

#[test]
fn times_are_off() {
    let late = |request: &Request, seconds: i64| {
        let arrived = arrival() + TimeDelta::seconds(seconds);
        let checker = Checker::new(Schemes::builtin(), secrets(&[("pm", SECRET)]), None).unwrap();
        let verdict = checker.check(request, arrived);
        assert_eq!(verdict.outcome, Outcome::Stale);
        checker.diagnose(request, arrived, &verdict).hints.remove(0).cause
    };
    for scheme in ["stripe", "slack"] {
        let request = signed(scheme, SECRET, BODY);
        assert_eq!(late(&request, 720), "signed 12 minutes before it arrived; the limit is 5 minutes");
    }
    let ahead = late(&signed("slack", SECRET, BODY), -3 * 3600);
    assert_eq!(ahead, "signed 3 hours ahead of its arrival; the limit is 5 minutes");
    let mut request = signed("slack", SECRET, BODY);
    let text = format!("v0:{TIME}123:{BODY}");
    request.headers.set("X-Slack-Request-Timestamp", format!("{TIME}123"));
    request.headers.set("X-Slack-Signature", format!("v0={}", hmac_sha256(SECRET.as_bytes(), text.as_bytes())));
    assert_eq!(late(&request, 3), "its time is in milliseconds; the rule is seconds");
}

#[test]
fn two_things_at_once_are_found() {
    let compact = r#"{"a":1}"#;
    let request = with_body(signed("netbox", SECRET, compact), "{\"a\": 1}");
    let told = cause(&format!("{SECRET}\n"), &request);
    assert_eq!(
        told,
        "your secret `pm` ends with a newline; the sender's has none; and something on the way re-encoded the JSON: it \
         verifies when written compactly"
    );
}

#[test]
fn nothing_is_said_of_foreign_secrets_and_valid_signatures() {
    for scheme in SIGNERS.into_iter().chain(["twilio", "gitlab", "asana", "svix", "hubspot-v1", "mailgun"]) {
        let Ok(request) = std::panic::catch_unwind(|| signed(scheme, "whsec_c29tZXRoaW5nIGVsc2UgZW50aXJlbHk=", "{}"))
        else {
            continue;
        };
        let (verdict, report) = examined(&[("pm", SECRET), ("whsec", WHSEC)], &request);
        assert_eq!((verdict.outcome, report.hints), (Outcome::Invalid, vec![]), "{scheme}");
        assert!(!report.ruled_out.is_empty() && report.complete, "{scheme}");
    }
    for scheme in SIGNERS {
        let secret = usual_secret(scheme);
        let (verdict, report) = examined(&[("pm", secret)], &signed(scheme, secret, BODY));
        assert_eq!((verdict.outcome, report.hints, report.tried), (Outcome::Valid, vec![], 0), "{scheme}");
    }
    let unsigned = Request { method: "POST".into(), body: Body::whole(BODY), ..Request::default() };
    assert_eq!(examined(&[("pm", SECRET)], &unsigned).1.hints, []);
}

#[test]
fn big_bodies_are_not_tried_in_every_way() {
    let big = format!("[{}1]", "1, ".repeat(2 << 20));
    let (_, report) = examined(&[("pm", "other")], &signed("netbox", SECRET, big.clone()));
    assert!(!report.complete && report.hints.is_empty() && report.tried < 20, "{report:?}");
    assert!(cause(&format!("{SECRET}\n"), &signed("netbox", SECRET, big)).contains("newline"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn junk_never_panics_and_never_hints(
        name in "(X-Hub-Signature-256|X-Hook-Signature|Stripe-Signature|webhook-signature|X-Twilio-Signature|X-A)",
        value in "([ -~]{0,80}|(sha256=|t=1,v1=|v1,)?[0-9a-f]{128}|(sha256=|t=1,v1=)?[0-9a-f]{64}|v1,[A-Za-z0-9+/]{43}=)",
        body in any::<Vec<u8>>(),
    ) {
        let mut request = Request { method: "POST".into(), body: Body::whole(body), ..Request::default() };
        request.headers.push(name, value);
        prop_assert_eq!(examined(&[("pm", SECRET), ("ws", WHSEC)], &request).1.hints, vec![]);
    }

    #[test]
    fn hints_show_no_secret_and_no_digest(
        scheme in prop::sample::select(&SIGNERS[..]),
        ending in "(\n|\r\n| |\"|)",
        spaced in any::<bool>(),
    ) {
        let secret = usual_secret(scheme);
        let body = if spaced { "{\"a\": 1}" } else { "{\"a\":1}" };
        let signed = signed(scheme, secret, body);
        let request = with_body(signed.clone(), "{\n\"a\":1}");
        let (_, report) = examined(&[("pm", &format!("{secret}{ending}"))], &request);
        let shown = format!("{report:?}");
        for form in [secret.to_owned(), hex::encode(secret), base64_encoded(secret.as_bytes()), secret.replace("whsec_", "")] {
            prop_assert!(!shown.contains(&form), "{}", shown);
        }
        for header in &signed.headers {
            let value = String::from_utf8_lossy(&header.value);
            let digest = value.rsplit(['=', ',']).find(|part| part.len() > 20);
            prop_assert!(digest.is_none_or(|digest| !shown.contains(digest)), "{}", shown);
        }
    }
}
