//! What holds for every scheme: signing then verifying, any flipped bit fails, junk never panics.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hookview::capture::{Body, Headers, Outcome, Request};
use hookview::signature::{Checker, Encoding, Role, Scheme, Schemes, Secret, SecretForm, SignError, Unsigned};
use proptest::prelude::*;

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
    Checker::new(Schemes::builtin(), vec![secret], Some(&scheme.id))
        .unwrap()
        .with_public_url("https://hooks.example.com")
}

/// The request of a sender of this scheme, unsigned; its body holds `content`.
pub fn unsigned(scheme: &Scheme, content: &[u8]) -> Request {
    let mut headers = Headers::default();
    headers.push("X-Central-Service", "alerts");
    headers.push("x-contentful-signed-headers", "x-contentful-signed-headers,x-contentful-timestamp");
    let body = match scheme.id.as_str() {
        "linear" => format!(r#"{{"webhookTimestamp":{TIME}000,"x":"{}"}}"#, hex::encode(content)).into_bytes(),
        "twilio" | "twilio-sha256" => Vec::new(),
        _ => content.to_vec(),
    };
    Request { method: "POST".into(), target: "/in?x=1".into(), headers, body: Body::whole(body), ..Request::default() }
}

/// The request with the header lines that sign it.
pub fn sign(checker: &Checker, scheme: &Scheme, mut request: Request) -> Result<Request, SignError> {
    let unsigned =
        Unsigned { method: "POST", url: URL, headers: &request.headers, body: &request.body.bytes, now: arrival() };
    for (name, value) in checker.sign(&scheme.id, "s", &unsigned)? {
        request.headers.set(&name, value);
    }
    Ok(request)
}

/// The request or the checker with a bit of it flipped; `None` where the scheme has nothing of that sort to flip.
fn spoil(scheme: &Scheme, signed: &Request, key: &[u8], flipped: Flip) -> Option<(Checker, Request)> {
    let mut request = signed.clone();
    let mut key = key.to_vec();
    match flipped {
        Flip::Body(bit) if scheme.covers().body => request.body = Body::whole(flip(&signed.body.bytes, bit)?),
        Flip::Body(_) => return None,
        Flip::Secret(bit) => key = flip(&key, bit)?,
        Flip::Time(bit) => flip_header(scheme, &mut request, Role::Time, bit)?,
        Flip::Signature(bit) => flip_header(scheme, &mut request, Role::Signature, bit)?,
    }
    Some((checker(scheme, secret(scheme.secret, &key)), request))
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
    request.headers.set(&name, spoilt);
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
                Ok(signed) => signed,
                Err(
                    SignError::NotInHeader { .. }
                    | SignError::Incomplete { .. }
                    | SignError::OnlySender(_)
                    | SignError::NotSupported(_),
                ) => continue,
                Err(error) => panic!("{}: {error}", scheme.id),
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
fn all_schemes_sign_but_those_whose_signature_is_elsewhere() {
    let schemes = Schemes::builtin();
    let cannot = schemes.iter().filter(|scheme| {
        let checker = checker(scheme, secret(scheme.secret, b"key"));
        sign(&checker, scheme, unsigned(scheme, b"{}")).is_err()
    });
    let cannot: BTreeSet<_> = cannot.map(|scheme| scheme.id.as_str()).collect();
    let in_the_body = ["meraki", "adyen-standard", "twilio-body", "mailgun", "msgraph"];
    let by_the_request = ["aruba-central-new", "http-message-signatures", "http-message-signatures-base64"]
        .into_iter()
        .chain(["atlassian-connect", "jwt", "netlify"]);
    let by_the_sender = ["standard-webhooks-ed25519", "sendgrid", "discord", "aws-sns", "aws-sns-v1"];
    let expected: BTreeSet<_> = in_the_body.into_iter().chain(by_the_request).chain(by_the_sender).collect();
    assert_eq!(cannot, expected);
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
