//! What holds for every scheme: signing then verifying, any flipped bit fails, junk never panics.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hookview::capture::{Body, Headers, Outcome, Request};
use hookview::signature::{
    Checker, Encoding, Method, Place, Role, Scheme, Schemes, Secret, SecretForm, SignError, Unsigned,
};
use proptest::prelude::*;

const ORIGIN: &str = "https://hooks.example.com";
const URL: &str = "https://hooks.example.com/in?x=1";
const TIME: i64 = 1_767_225_600;

/// A way to spoil a request: which part, and which of its bits.
#[derive(Clone, Copy, Debug)]
enum Flip {
    Body(usize),
    Secret(usize),
    Time(usize),
    Signature(usize),
}

fn flips() -> impl Strategy<Value = Flip> {
    (0..4, any::<usize>()).prop_map(|(part, bit)| match part {
        0 => Flip::Body(bit),
        1 => Flip::Secret(bit),
        2 => Flip::Time(bit),
        _ => Flip::Signature(bit),
    })
}

/// `bytes` with a bit flipped; `None` when there is none.
pub fn flip(bytes: &[u8], bit: usize) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let bit = bit.checked_rem(bytes.len() * 8)?;
    bytes[bit / 8] ^= 1 << (bit % 8);
    Some(bytes)
}

fn arrival() -> DateTime<Utc> {
    DateTime::from_timestamp(TIME, 0).unwrap()
}

/// A secret with this key, written in the form that the scheme wants.
fn secret(form: SecretForm, key: &[u8]) -> Secret {
    let value = match form {
        SecretForm::Text | SecretForm::TextOrPublicKey => key.to_vec(),
        SecretForm::Base64 | SecretForm::Base64OrPublicKey => STANDARD.encode(key).into_bytes(),
        SecretForm::Hex => hex::encode_upper(key).into_bytes(),
        SecretForm::Whsec => format!("whsec_{}", STANDARD.encode(key)).into_bytes(),
        SecretForm::UserPassword => [b"user:", key].concat(),
        SecretForm::PublicKey | SecretForm::HexPublicKey | SecretForm::Whpk => {
            format!("whpk_{}", STANDARD.encode([7; 32])).into_bytes()
        }
    };
    Secret::new("s", value)
}

fn checker(scheme: &Scheme, secret: Secret) -> Checker {
    Checker::new(Schemes::builtin(), vec![secret], Some(&scheme.id)).unwrap().with_public_url(ORIGIN)
}

/// The request of a sender of this scheme, unsigned; its body holds `content` in a form that the scheme can read.
pub fn unsigned(scheme: &Scheme, content: &[u8]) -> Request {
    let mut request = scheme.example();
    let example = request.body.bytes.clone();
    let text = hex::encode(content);
    request.body = Body::whole(match serde_json::from_slice(&example) {
        Ok(serde_json::Value::Object(mut fields)) if !fields.contains_key("event") => {
            fields.insert("content".to_owned(), text.into());
            serde_json::Value::Object(fields).to_string().into_bytes()
        }
        Ok(_) => content.to_vec(),
        Err(_) => [&example[..], b"&Content=", text.as_bytes()].concat(),
    });
    request
}

/// The request as it is sent once it is signed.
pub fn sign(checker: &Checker, scheme: &Scheme, mut request: Request) -> Result<Request, SignError> {
    let url = format!("{ORIGIN}{}", request.target_text());
    let unsigned =
        Unsigned { method: "POST", url: &url, headers: &request.headers, body: &request.body.bytes, now: arrival() };
    let signed = checker.sign(&scheme.id, "s", &unsigned)?;
    for (name, value) in signed.headers {
        request.headers.set(&name, value);
    }
    if let Some(body) = signed.body {
        request.body = Body::whole(body);
    }
    if let Some(query) = signed.query {
        request.target = format!("{}?{query}", request.path()).into();
    }
    Ok(request)
}

/// The request or the checker with a bit of it flipped; `None` where the scheme has nothing of that sort to flip.
fn spoil(scheme: &Scheme, signed: &Request, key: &[u8], flipped: Flip) -> Option<(Checker, Request)> {
    let mut request = signed.clone();
    let mut key = key.to_vec();
    match flipped {
        Flip::Body(bit) if scheme.covers().body => {
            let spoilt = flip(&signed.body.bytes, bit)?;
            // A form that says the same in other bytes is the same to a sender that signs what it says.
            if is_form(signed) && same_fields(&spoilt, &signed.body.bytes) {
                return None;
            }
            request.body = Body::whole(spoilt);
        }
        Flip::Body(_) => return None,
        Flip::Secret(bit) => key = flip(&key, bit)?,
        Flip::Time(bit) => flip_header(scheme, &mut request, Role::Time, bit)?,
        Flip::Signature(bit) => flip_signature(scheme, &mut request, bit)?,
    }
    Some((checker(scheme, secret(scheme.secret, &key)), request))
}

fn is_form(request: &Request) -> bool {
    request.headers.text("Content-Type") == Some("application/x-www-form-urlencoded")
}

/// Whether two forms have the same text once their fields are sorted and joined.
fn same_fields(left: &[u8], right: &[u8]) -> bool {
    let joined = |form: &[u8]| {
        let mut fields: Vec<_> = form_urlencoded::parse(form).into_owned().collect();
        fields.sort();
        fields.dedup();
        fields.into_iter().flat_map(|(name, value)| [name, value]).collect::<String>()
    };
    joined(left) == joined(right)
}

fn flip_header(scheme: &Scheme, request: &mut Request, role: Role, bit: usize) -> Option<()> {
    let header = request.headers.iter().find(|header| scheme.role_of(&header.name) == Some(role))?;
    let (name, value) = (header.name_text().into_owned(), header.value.clone());
    let spoilt = flip(&value, bit)?;
    // The same bytes in another case are the same signature; so is the name of an authentication scheme.
    let case_counts = scheme.signatures[0].shape.encoding() != Encoding::Hex && name != "Authorization";
    if !case_counts && spoilt.eq_ignore_ascii_case(&value) {
        return None;
    }
    // The last letter of base64 has bits that stand for nothing; readers of structured fields are told to pass over them.
    let flipped = value.iter().zip(&spoilt).position(|(old, new)| old != new)?;
    if scheme.method == Method::HttpMessage && value.get(flipped + 1) == Some(&b'=') {
        return None;
    }
    request.headers.set(&name, spoilt);
    Some(())
}

/// In a header or, for the schemes that have it there, in the body; there in a digit or letter, so that it stays JSON.
fn flip_signature(scheme: &Scheme, request: &mut Request, bit: usize) -> Option<()> {
    let Place::Json(pointer) = &scheme.signatures[0].place else {
        return flip_header(scheme, request, Role::Signature, bit);
    };
    let mut json: serde_json::Value = serde_json::from_slice(&request.body.bytes).ok()?;
    let value = json.pointer_mut(&pointer.replace('*', "0"))?;
    let spoilt = flip(value.as_str()?.as_bytes(), bit)?;
    let spoilt = String::from_utf8(spoilt).ok().filter(|spoilt| !spoilt.trim_ascii().is_empty())?;
    if scheme.signatures[0].shape.encoding() == Encoding::Hex && spoilt.eq_ignore_ascii_case(value.as_str()?) {
        return None;
    }
    *value = spoilt.into();
    request.body = Body::whole(json.to_string());
    Some(())
}

fn keys() -> impl Strategy<Value = Vec<u8>> {
    "[!-~]{1,200}".prop_map(String::into_bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_signed_verifies_and_a_flipped_bit_does_not(
        key in keys(),
        content in proptest::collection::vec(any::<u8>(), 0..300),
        flips in proptest::collection::vec(flips(), 8),
    ) {
        for scheme in &Schemes::builtin() {
            let checker = checker(scheme, secret(scheme.secret, &key));
            let signed = match sign(&checker, scheme, unsigned(scheme, &content)) {
                Err(SignError::OnlySender(_)) => continue,
                signed => signed.unwrap(),
            };
            let verdict = checker.check(&signed, arrival());
            prop_assert_eq!(verdict.outcome, Outcome::Valid, "{} {:?}", scheme.id, verdict);
            for &flip in &flips {
                let Some((checker, request)) = spoil(scheme, &signed, &key, flip) else { continue };
                let verdict = checker.check(&request, arrival());
                let holds = matches!(verdict.outcome, Outcome::Valid | Outcome::Stale);
                prop_assert!(!holds, "{} {:?} {:?}", scheme.id, flip, request);
            }
        }
    }

    #[test]
    fn junk_is_judged_without_panic(
        values in proptest::collection::vec(prop_oneof![
            "(sha256=|v1,|v1=|t=1,v1=|Bearer |Basic |)[0-9a-fA-F+/=, -]{0,140}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..80),
        ], 4),
        target in proptest::collection::vec(any::<u8>(), 0..40),
        body in prop_oneof![
            r#"(\{"[a-z]{0,9}":|\[|\{"value":\[)*[0-9"\]\}]{0,9}"#.prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..80),
        ],
    ) {
        let secrets = || vec![Secret::new("a", b"AAEC".to_vec()), Secret::new("b", vec![0xff, 0])];
        for scheme in &Schemes::builtin() {
            let mut headers = Headers::default();
            headers.push("Content-Type", "application/x-www-form-urlencoded");
            for (name, value) in scheme.signature_headers().into_iter().zip(&values) {
                headers.push(name, value.clone());
            }
            let request = Request {
                target: target.clone().into(),
                headers,
                body: Body::whole(body.clone()),
                ..Request::default()
            };
            for forced in [None, Some(scheme.id.as_str())] {
                let checker = Checker::new(Schemes::builtin(), secrets(), forced).unwrap();
                let verdict = checker.check(&request, arrival());
                prop_assert!(scheme.method.reveals_secret() || verdict.outcome != Outcome::Valid, "{:?}", verdict);
                let _ = checker.expected(&scheme.id, "b", &request);
            }
        }
    }
}

#[test]
fn every_example_is_signed_and_found_unnamed_unless_it_has_to_be_named() {
    for scheme in &Schemes::builtin() {
        let secret = || Secret::new("s", scheme.example_secret().as_bytes().to_vec());
        let checker = Checker::new(Schemes::builtin(), vec![secret()], None).unwrap().with_public_url(ORIGIN);
        let signed = match sign(&checker, scheme, scheme.example()) {
            Err(SignError::OnlySender(_)) => continue,
            signed => signed.unwrap(),
        };
        let verdict = checker.check(&signed, arrival());
        if scheme.detect.is_empty() {
            continue;
        }
        assert_eq!(verdict.outcome, Outcome::Valid, "{}: {verdict:?}", scheme.id);
        let found = checker.signed_for(&signed);
        assert!(found.iter().any(|found| found.id == scheme.id), "{}: {:?}", scheme.id, verdict.scheme);
    }
}

#[test]
fn all_schemes_with_a_shared_secret_sign() {
    let mut by_the_sender = BTreeSet::new();
    let schemes = Schemes::builtin();
    for scheme in &schemes {
        match sign(&checker(scheme, secret(scheme.secret, b"key")), scheme, scheme.example()) {
            Ok(_) => {}
            Err(SignError::OnlySender(_)) => _ = by_the_sender.insert(scheme.id.as_str()),
            Err(error) => panic!("{error}"),
        }
    }
    let public_keys = ["standard-webhooks-ed25519", "sendgrid", "discord", "aws-sns"];
    assert_eq!(by_the_sender, public_keys.into());
}

/// A request with these header lines, signed again over another body a day later; its verdict then, less what was changed.
fn again(scheme: &str, headers: &[(&'static str, &'static str)], body: &'static str) -> (Request, String) {
    let schemes = Schemes::builtin();
    let scheme = schemes.get(scheme).unwrap();
    let checker = checker(scheme, Secret::new("s", b"key".to_vec()));
    let mut request = Request { method: "POST".into(), target: "/in".into(), ..Request::default() };
    for (name, value) in headers {
        request.headers.push(*name, *value);
    }
    request.body = Body::whole(body);
    let signed = sign(&checker, scheme, request).unwrap();
    let verdict = checker.check(&signed, arrival());
    assert_eq!((verdict.outcome, verdict.covers.body, verdict.age_s), (Outcome::Valid, true, Some(0)), "{verdict:?}");
    (signed, verdict.note)
}

#[test]
fn a_message_signature_keeps_its_components_and_gets_a_new_time_and_digest() {
    let input = r#"a=("@method" "@path" "content-digest" "x-id");created=1;expires=61;nonce="n";keyid="k""#;
    let digest = "sha-512=:AAAA:";
    let headers = [("Signature-Input", input), ("Signature", "a=:AAAA:"), ("Content-Digest", digest), ("X-Id", "7")];
    let (signed, note) = again("http-message-signatures", &headers, "{}");
    let value = |name| signed.headers.text(name).unwrap().to_owned();
    let made = value("Signature-Input");
    let start =
        format!(r#"a=("@method" "@path" "content-digest" "x-id");created={TIME};expires={};nonce=""#, TIME + 60);
    assert!(made.starts_with(&start) && made.ends_with(r#"";keyid="k""#) && !made.contains(r#"nonce="n""#), "{made}");
    assert!(value("Content-Digest").starts_with("sha-512=:J8dG"), "{}", value("Content-Digest"));
    assert_eq!(note, "signed: @method @path content-digest x-id, for https://hooks.example.com/in");
}

#[test]
fn a_token_keeps_its_claims_and_gets_new_times_and_the_hash_of_the_body() {
    // {"alg":"HS256","kid":"7"} {"iss":"n","iat":1,"exp":61,"sha256":"00"}
    let old = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjcifQ.eyJpc3MiOiJuIiwiaWF0IjoxLCJleHAiOjYxLCJzaGEyNTYiOiIwMCJ9.AA";
    let (_, note) = again("netlify", &[("X-Webhook-Signature", old)], "{}");
    let hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let end = TIME + 60;
    assert_eq!(note, format!(r#"claims {{"iss":"n","iat":{TIME},"exp":{end},"sha256":"{hash}"}}"#));
}

#[test]
fn signs_gitea_forms_as_gitea_does() {
    let schemes = Schemes::builtin();
    let checker = checker(schemes.get("gitea").unwrap(), Secret::new("s", b"k".to_vec()));
    let signature = |kind: &'static str, body: &'static [u8]| {
        let mut headers = Headers::default();
        headers.push("Content-Type", kind);
        let body = Bytes::from_static(body);
        let unsigned = Unsigned { method: "POST", url: URL, headers: &headers, body: &body, now: arrival() };
        checker.sign("gitea", "s", &unsigned).unwrap()
    };
    let form = signature("application/x-www-form-urlencoded", b"payload=%7B%7D");
    assert_eq!(form, signature("application/json", b"{}"));
}

#[test]
fn an_item_that_lacks_what_is_signed_is_not_passed_over() {
    const ROW: &str = r#"
        [[scheme]]
        id = "items"
        sender = "us"
        verify = "hmac-sha256"
        signature = { json = "/items/*/sig", value = "{hex}" }
        message = "{json:/items/*/id}"
        detect = ["/items"]
    "#;
    let schemes = Schemes::builtin().merge(Schemes::parse(ROW).unwrap());
    let checker = Checker::new(schemes, vec![Secret::new("s", b"key".to_vec())], Some("items")).unwrap();
    let code = |text: &str| {
        use hmac::{Hmac, KeyInit, Mac};
        let mut code = Hmac::<sha2::Sha256>::new_from_slice(b"key").unwrap();
        code.update(text.as_bytes());
        hex::encode(code.finalize().into_bytes())
    };
    let check = |second: &str| {
        let body = format!(r#"{{"items":[{{"id":"1","sig":"{}"}},{second}]}}"#, code("1"));
        checker.check(&Request { body: Body::whole(body), ..Request::default() }, arrival())
    };
    assert_eq!(check(&format!(r#"{{"id":"2","sig":"{}"}}"#, code("2"))).outcome, Outcome::Valid);
    assert_eq!(check(&format!(r#"{{"id":"3","sig":"{}"}}"#, code("2"))).outcome, Outcome::Invalid);
    let lacking = check(&format!(r#"{{"forged":true,"sig":"{}"}}"#, code("2")));
    assert_eq!(lacking.reason, "the JSON field /items/*/id is signed and missing");
}
