//! What holds where the algorithm is not an HMAC over a row's message: any flipped bit fails, junk never panics.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use hookview::capture::{Body, Headers, Outcome, Request};
use hookview::signature::{Checker, Schemes, Secret};
use proptest::prelude::*;

use crate::known_answers::{Case, cases};
use crate::properties::flip;

/// The scheme, with the header of its signature and what stands around it, where it is in a header.
const SCHEMES: [(&str, &str, &str); 5] = [
    ("discord", "X-Signature-Ed25519", ""),
    ("sendgrid", "X-Twilio-Email-Event-Webhook-Signature", ""),
    ("standard-webhooks-ed25519", "webhook-signature", "v1a,"),
    ("http-message-signatures", "Signature", "sig=:"),
    ("aws-sns", "", ""),
];

static CASES: LazyLock<Vec<(String, Case)>> = LazyLock::new(cases);

/// The first valid case of a scheme.
fn valid(scheme: &str) -> Case {
    let mut cases = CASES.iter().map(|(_, case)| case);
    let found = cases.find(|case| case.scheme.as_deref() == Some(scheme) && case.verdict == Some(Outcome::Valid));
    found.unwrap().clone()
}

/// The same signature with a bit flipped, written as before.
fn flipped(value: &str, prefix: &str, bit: usize) -> String {
    let text = value.strip_prefix(prefix).unwrap();
    let (text, end) = text.strip_suffix(':').map_or((text, ""), |text| (text, ":"));
    match hex::decode(text) {
        Ok(bytes) => hex::encode(flip(&bytes, bit).unwrap()),
        Err(_) => format!("{prefix}{}{end}", STANDARD.encode(flip(&STANDARD.decode(text).unwrap(), bit).unwrap())),
    }
}

fn holds(case: &Case, request: &Request) -> bool {
    matches!(case.verdict_on(request).outcome, Outcome::Valid | Outcome::Stale)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_flipped_bit_of_the_signature_fails(bit in any::<usize>()) {
        for (scheme, header, prefix) in SCHEMES {
            let case = valid(scheme);
            let mut request = case.request();
            prop_assert!(holds(&case, &request), "{scheme}");
            if let Some(value) = request.headers.text(header).map(str::to_owned) {
                request.headers.set(header, flipped(&value, prefix, bit));
            } else {
                let mut body: serde_json::Value = serde_json::from_slice(&request.body.bytes).unwrap();
                body["Signature"] = flipped(body["Signature"].as_str().unwrap(), "", bit).into();
                request.body = Body::whole(body.to_string());
            }
            prop_assert!(!holds(&case, &request), "{scheme} {:?}", request.headers);
        }
    }

    #[test]
    fn a_flipped_bit_of_what_is_signed_fails(bit in any::<usize>()) {
        for (scheme, ..) in &SCHEMES[..4] {
            let case = valid(scheme);
            let mut request = case.request();
            request.body = Body::whole(flip(&request.body.bytes, bit).unwrap());
            prop_assert!(!holds(&case, &request), "{scheme} {:?}", request.body);
        }
    }

    #[test]
    fn junk_in_structured_fields_is_judged_without_panic(
        input in r#"(sig|a)=\(("@?[a-z-]{0,9}"(;(sf|bs|tr|key="a"|name="b"))? ?){0,4}\)(;(created|expires|alg|keyid)=("[ -~]{0,9}"|-?[0-9]{1,15}))*.{0,3}"#,
        signature in "(sig|a)=:[A-Za-z0-9+/]{0,90}={0,2}:.{0,3}",
        digest in "(sha-256=:[A-Za-z0-9+/]{0,12}:|SHA-512=[ -~]{0,9}|[ -~]{0,20})",
        secret in prop_oneof!["[ -~]{0,20}", "-----BEGIN [ -~\n]{0,60}", "whpk_[A-Za-z0-9+/=]{0,50}", "MI[A-Za-z0-9+/=]{0,90}"],
    ) {
        let mut headers = Headers::default();
        for (name, value) in
            [("Signature-Input", &input), ("Signature", &signature), ("Content-Digest", &digest), ("Digest", &digest)]
        {
            headers.push(name, value.clone());
        }
        headers.push("Authorization", format!("JWT {}.{}.{}", STANDARD.encode(&input), STANDARD.encode(&digest), signature));
        let request = Request { method: "POST".into(), target: "/a?b=c".into(), headers, ..Request::default() };
        for scheme in ["http-message-signatures", "http-message-signatures-base64", "atlassian-connect", "sendgrid"] {
            let secret = Secret::new("s", secret.clone().into_bytes());
            let checker = Checker::new(Schemes::builtin(), vec![secret], Some(scheme)).unwrap();
            let verdict = checker.check(&request, DateTime::UNIX_EPOCH);
            prop_assert!(verdict.outcome != Outcome::Valid, "{verdict:?}");
        }
    }

    #[test]
    fn a_damaged_key_or_certificate_is_no_key_or_another(
        bit in any::<usize>(),
        length in any::<proptest::sample::Index>(),
    ) {
        for scheme in ["sendgrid", "aws-sns", "discord"] {
            let mut case = valid(scheme);
            let request = case.request();
            let whole = case.secrets.as_ref().unwrap()["test"].clone();
            let cut = &whole[..length.index(whole.len())];
            case.secrets = Some([("test".to_owned(), cut.to_owned())].into());
            // Padding may be missing, and of a PEM its last line, behind which there is no key any more.
            let key = whole.rfind("-----END").unwrap_or(whole.trim_end().len() - 2);
            prop_assert!(cut.len() >= key || !holds(&case, &request), "{scheme} {cut}");
            let damaged = String::from_utf8_lossy(&flip(whole.as_bytes(), bit).unwrap()).into_owned();
            case.secrets = Some([("test".to_owned(), damaged)].into());
            let _ = case.verdict_on(&request);
        }
    }
}
