//! Signing a request as a sender would, and showing what a signature should have been.

mod draft;

use std::hash::{BuildHasher, RandomState};

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::checker::{Checker, UnknownScheme};
use super::http_message;
use super::jwt;
use super::key::{Key, Method, flat};
use super::reading::{Composed, Reading, messages};
use super::scheme::{Fill, Message, Missing, Place, Scheme, Signature, Time};
use crate::capture::{Headers, Outcome, Request, Signed};
pub(super) use draft::Draft;

/// A request to sign.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// The method.
    pub method: &'a str,
    /// The whole URL as its receiver knows it, without a fragment.
    pub url: &'a str,
    /// Its header lines; those that carry a signature, its time or a delivery id are not looked at.
    pub headers: &'a Headers,
    /// Its body.
    pub body: &'a Bytes,
    /// The time to sign with.
    pub now: DateTime<Utc>,
}

/// Why a request cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The scheme is not known.
    #[error(transparent)]
    UnknownScheme(#[from] UnknownScheme),
    /// The secret is not known.
    #[error("there is no secret called `{0}`: name it under [secrets] in the configuration")]
    UnknownSecret(String),
    /// The secret does not have the form that the scheme needs.
    #[error("secret `{secret}` is not {needed}, which {scheme} needs")]
    UnfitSecret {
        /// Name of the secret.
        secret: String,
        /// Id of the scheme.
        scheme: String,
        /// What the secret should be.
        needed: &'static str,
    },
    /// The secret would be the value of a header and cannot be one.
    #[error("secret `{secret}` cannot be sent in a header: it is not one line of plain text")]
    NotAHeaderValue {
        /// Name of the secret.
        secret: String,
    },
    /// The secret would be a value in the body or the URL and cannot be one.
    #[error("secret `{secret}` cannot be sent in {place}: it is not text, or begins or ends with a blank")]
    NotAValue {
        /// Name of the secret.
        secret: String,
        /// Where it would go, in words.
        place: String,
    },
    /// Only the sender can sign.
    #[error("{0} is verified with a public key: only its sender, who has the private one, can sign")]
    OnlySender(String),
    /// Something that is signed is not there.
    #[error("cannot sign for {scheme}: {missing}")]
    Incomplete {
        /// Id of the scheme.
        scheme: String,
        /// What is missing, in words.
        missing: String,
    },
}

/// A signature beside the one that a secret makes, both as they are written on the wire. Show only when asked to.
#[derive(Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The signature that came; foreign text.
    pub received: String,
    /// The one that the secret makes.
    pub expected: String,
}

impl Checker {
    /// What signs a request: a fresh delivery id and time where the scheme has them, and the signature, in the place
    /// where the request has one, else in the first place of the scheme. `scheme` is an id or an alias, `secret` a name.
    pub fn sign(&self, scheme: &str, secret: &str, unsigned: &Unsigned<'_>) -> Result<Signed, SignError> {
        let at = self.schemes.position(scheme).ok_or_else(|| UnknownScheme::new(&self.schemes, scheme))?;
        let scheme = &self.schemes[at];
        if scheme.method.is_asymmetric() {
            return Err(SignError::OnlySender(scheme.id.clone()));
        }
        let key = self.key(at, secret)?;
        let incomplete = |missing| SignError::Incomplete { scheme: scheme.id.clone(), missing };
        if matches!(key, Key::Public(..)) {
            return Err(SignError::OnlySender(scheme.id.clone()));
        }
        let mut draft = Draft::new(unsigned);
        let values = match scheme.method {
            Method::HttpMessage => http_message::sign(&mut draft, key, unsigned.now).map(|()| Vec::new()),
            Method::Jwt => Ok(vec![token_value(scheme, &draft, key, unsigned.now)]),
            _ => freshen(scheme, &mut draft, unsigned.now).and_then(|time| {
                signature_values((scheme, place_to_sign(scheme, &draft)), key, &draft, time.as_deref())
            }),
        };
        for (place, value) in values.map_err(incomplete)? {
            if scheme.method == Method::Token {
                check_token(key, &value, &place, secret)?;
            }
            draft.set(&place, &value).map_err(incomplete)?;
        }
        Ok(draft.finish())
    }

    /// The same with the first secret that can; `None` when there is no secret. Of secrets that all cannot, the first
    /// says why.
    pub fn sign_with_any(&self, scheme: &str, unsigned: &Unsigned<'_>) -> Option<Result<Signed, SignError>> {
        let mut refused = None;
        for secret in &self.secrets {
            match self.sign(scheme, &secret.name, unsigned) {
                Ok(signed) => return Some(Ok(signed)),
                Err(error) => refused = refused.or(Some(Err(error))),
            }
        }
        refused
    }

    /// Every scheme by which a request is signed with one of the secrets, whatever its age: a sender may write several
    /// signatures for receivers of different kinds.
    pub fn signed_for(&self, request: &Request) -> Vec<&Scheme> {
        let facts = self.facts(request);
        let holds = |at: &usize| {
            let Reading::Signed(received) = Reading::of(&self.schemes[*at], facts) else { return false };
            let verdict = self.verify(*at, facts, &received, DateTime::UNIX_EPOCH);
            matches!(verdict.outcome, Outcome::Valid | Outcome::Stale)
        };
        self.index.detected(&self.schemes, facts).into_iter().filter(holds).map(|at| &self.schemes[at]).collect()
    }

    /// The signature that a request came with beside the one that a secret makes for it; `None` where the request says
    /// itself what is signed.
    pub fn expected(&self, scheme: &str, secret: &str, request: &Request) -> Option<Comparison> {
        let at = self.schemes.position(scheme)?;
        let by_the_row = |scheme: &&Scheme| scheme.method.signs_messages() || scheme.method.reveals_secret();
        let scheme = Some(&self.schemes[at]).filter(by_the_row)?;
        let facts = self.facts(request);
        let Reading::Signed(received) = Reading::of(scheme, facts) else { return None };
        let message = messages(scheme, facts, received.time.as_deref()).ok()?.into_iter().next()?;
        let expected = self.key(at, secret).ok()?.expected(&message)?;
        Some(Comparison {
            received: String::from_utf8_lossy(&received.text).into_owned(),
            expected: received.encoding.encode(&expected),
        })
    }

    fn key(&self, at: usize, secret: &str) -> Result<&Key, SignError> {
        let position = self.secrets.iter().position(|known| known.name == secret);
        let position = position.ok_or_else(|| SignError::UnknownSecret(secret.to_owned()))?;
        let scheme = &self.schemes[at];
        self.keys(at)[position].as_ref().ok_or_else(|| SignError::UnfitSecret {
            secret: secret.to_owned(),
            scheme: scheme.id.clone(),
            needed: if self.secrets[position].is_for(&scheme.id) { scheme.secret.words() } else { "one to sign with" },
        })
    }
}

/// Writes everything but the signature that is new with every delivery; gives back the time as it is written.
fn freshen(scheme: &Scheme, draft: &mut Draft, now: DateTime<Utc>) -> Result<Option<String>, Missing> {
    if let Some(name) = &scheme.delivery_id {
        draft.set(&Place::Header(name.clone()), &delivery_id())?;
    }
    for place in &scheme.nonce {
        if draft.holds(place) {
            draft.set(place, &random_digits(NONCE_LENGTH))?;
        }
    }
    let time = scheme.time.as_ref().map(|time| set_time(time, draft, now)).transpose()?;
    if let Some(pair) = &scheme.must_equal {
        make_equal(pair, draft, time.as_deref())?;
    }
    Ok(time)
}

/// Where a web token goes, and the value with it.
fn token_value(scheme: &Scheme, draft: &Draft, key: &Key, now: DateTime<Utc>) -> (Place, String) {
    let old = match Reading::of(scheme, draft.facts()) {
        Reading::Signed(received) => Some(received.text),
        _ => None,
    };
    let token = jwt::renewed(old.as_deref(), draft.facts().body(), key, now);
    let Signature { place, shape } = place_to_sign(scheme, draft);
    (place.clone(), shape.fill(&token, ""))
}

fn set_time(time: &Time, draft: &mut Draft, now: DateTime<Utc>) -> Result<String, Missing> {
    let text = time.unit.print(now);
    let form = time.form.clone().map(Place::Form);
    let place = form.filter(|form| draft.holds(form)).or_else(|| time.place.clone());
    place.map_or(Ok(()), |place| draft.set(&place, &text))?;
    Ok(text)
}

/// Gives that of the two which is a value of the request the text of the other.
fn make_equal([left, right]: &[Message; 2], draft: &mut Draft, time: Option<&str>) -> Result<(), Missing> {
    let place = |message: &Message| message.places().into_iter().next();
    let (place, other) = match (place(left), place(right)) {
        (Some(place), _) => (place, right),
        (None, Some(place)) => (place, left),
        (None, None) => return Ok(()),
    };
    let text = flat(&other.fill(draft.facts(), Fill::of(time.map(str::as_bytes)))?);
    draft.set(&place, &String::from_utf8_lossy(&text))
}

/// The first place in which the request has something, else the first of all.
fn place_to_sign<'s>(scheme: &'s Scheme, draft: &Draft) -> &'s Signature {
    let has_one = scheme.signatures.iter().find(|signature| draft.holds(&signature.place));
    has_one.unwrap_or(&scheme.signatures[0])
}

/// What goes where: one value, or one for each item where items are signed one by one.
fn signature_values(
    (scheme, signature): (&Scheme, &Signature),
    key: &Key,
    draft: &Draft,
    time: Option<&str>,
) -> Result<Vec<(Place, String)>, Missing> {
    let messages = messages(scheme, draft.facts(), time.map(str::as_bytes))?;
    let signed = messages.iter().enumerate().filter(|(index, message)| *index == 0 || message.item.is_some());
    let value = |message: &Composed<'_>| {
        let digest = key.expected(message).map(|expected| signature.shape.encoding().encode(&expected));
        signature.shape.fill(&digest.unwrap_or_default(), time.unwrap_or_default())
    };
    Ok(signed.map(|(_, message)| (place_of(&signature.place, message.item), value(message))).collect())
}

/// The place itself, or that of one item of its array.
fn place_of(place: &Place, item: Option<usize>) -> Place {
    match (place, item) {
        (Place::Json(pointer), Some(item)) => Place::Json(pointer.replacen("/*", &format!("/{item}"), 1)),
        (place, _) => place.clone(),
    }
}

/// Digits of a random number that a body carries so that no two deliveries are alike; as many as Mailgun sends.
const NONCE_LENGTH: usize = 50;

/// An id in the form of a random UUID.
pub(super) fn delivery_id() -> String {
    let digits = random_digits(32);
    let variant = &digits[17..20];
    format!("{}-{}-4{}-a{variant}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[20..])
}

/// Random hexadecimal digits: unlike any others, but no secret.
pub(super) fn random_digits(length: usize) -> String {
    let words = (0_usize..).map(|round| format!("{:016x}", RandomState::new().hash_one(round)));
    let mut digits: String = words.take(length.div_ceil(16)).collect();
    digits.truncate(length);
    digits
}

/// Refuses a token that is not itself any more once it was written and read: in a header it must be one line of plain
/// text, everywhere text that is not trimmed.
fn check_token(key: &Key, value: &str, place: &Place, name: &str) -> Result<(), SignError> {
    let secret = key.expected(&[]).map(|secret| secret.to_vec()).unwrap_or_default();
    let is_header = matches!(place, Place::Header(_));
    let plain = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
    let stays = value.trim_ascii() == value && value.as_bytes().ends_with(&secret);
    match (is_header, stays && (!is_header || secret.iter().all(plain))) {
        (_, true) => Ok(()),
        (true, false) => Err(SignError::NotAHeaderValue { secret: name.to_owned() }),
        (false, false) => Err(SignError::NotAValue { secret: name.to_owned(), place: place.words() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Body;
    use crate::signature::{Schemes, Secret};

    fn checker() -> Checker {
        let secrets = [("pm", "s3cret"), ("pair", "me:you"), ("odd", "a\nb"), ("whsec", "whsec_AAEC"), ("blank", "s ")];
        let secrets = secrets.map(|(name, value)| Secret::new(name, value.as_bytes().to_vec()));
        Checker::new(Schemes::builtin(), secrets.into(), None).unwrap()
    }

    fn sign(scheme: &str, secret: &str) -> Result<Vec<(String, String)>, SignError> {
        Ok(signed(scheme, secret, ("http://h/p", "application/json", "{}"))?.headers)
    }

    fn signed(scheme: &str, secret: &str, (url, kind, body): (&str, &str, &str)) -> Result<Signed, SignError> {
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
        let mut headers = Headers::default();
        headers.push("Content-Type", kind.to_owned());
        let body = Bytes::copy_from_slice(body.as_bytes());
        checker().sign(scheme, secret, &Unsigned { method: "POST", url, headers: &headers, body: &body, now })
    }

    #[test]
    fn makes_a_new_id_and_time() {
        let (first, second) =
            (sign("standard-webhooks", "whsec").unwrap(), sign("standard-webhooks", "whsec").unwrap());
        let names: Vec<_> = first.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["webhook-id", "webhook-timestamp", "webhook-signature"]);
        assert_eq!(first[1].1, "1767225600");
        assert_ne!(first[0].1, second[0].1);
        assert_eq!((first[0].1.len(), first[0].1.matches('-').count()), (36, 4));
    }

    #[test]
    fn says_why_it_cannot_sign() {
        let why = |scheme, secret| sign(scheme, secret).unwrap_err().to_string();
        assert_eq!(why("githb", "pm"), "unknown scheme `githb`: did you mean github?");
        let far = why("frobnicate", "pm");
        assert!(far.starts_with("unknown scheme `frobnicate`: there are "), "{far}");
        assert!(far.ends_with(" and others; hookview schemes lists all") && far.contains("netbox"), "{far}");
        assert_eq!(why("github", "pn"), "there is no secret called `pn`: name it under [secrets] in the configuration");
        assert_eq!(why("basic", "pm"), "secret `pm` is not user:password, which basic needs");
        let odd = "secret `odd` cannot be sent in a header: it is not one line of plain text";
        assert_eq!(why("bearer", "odd"), odd);
        let twitch = "cannot sign for aruba-central: the header X-Central-Service is signed and missing";
        assert_eq!(why("aruba-central", "pm"), twitch);
        assert_eq!(why("meraki", "pm"), "cannot sign for meraki: the JSON field /sharedSecret is not there");
        assert_eq!(why("linear", "pm"), "cannot sign for linear: the JSON field /webhookTimestamp is not there");
        let body = |body| signed("meraki", "blank", ("http://h/", "", body)).unwrap_err().to_string();
        assert_eq!(
            body(r#"{"sharedSecret":""}"#),
            "secret `blank` cannot be sent in the JSON field /sharedSecret: it is not text, or begins or ends with a blank"
        );
    }

    #[test]
    fn writes_a_secret_where_the_body_has_it() {
        let meraki = |body| signed("meraki", "odd", ("http://h/", "", body)).unwrap().body.unwrap();
        assert_eq!(meraki("{ \"a\":1.0,\n\"sharedSecret\" :\"old\"}"), "{ \"a\":1.0,\n\"sharedSecret\" :\"a\\nb\"}");
        let graph = r#"{"value":[{"clientState":"x","n":1},{"n":2},{"clientState":"y"}]}"#;
        let signed = signed("msgraph", "pm", ("http://h/", "", graph)).unwrap();
        assert_eq!(
            signed.body.unwrap(),
            r#"{"value":[{"clientState":"s3cret","n":1},{"n":2},{"clientState":"s3cret"}]}"#
        );
        assert!(signed.headers.is_empty() && signed.query.is_none());
    }

    #[test]
    fn a_token_goes_where_the_request_has_one() {
        let place = |url| {
            let Signed { headers, query, .. } = signed("cloudevents", "pm", (url, "", "")).unwrap();
            (headers.first().map(|(_, value)| value.clone()), query)
        };
        assert_eq!(place("http://h/?a&access_token=old&b=1"), (None, Some("a&access_token=s3cret&b=1".to_owned())));
        assert_eq!(place("http://h/?a"), (Some("Bearer s3cret".to_owned()), None));
    }

    #[test]
    fn a_body_with_its_own_time_gets_a_new_one_before_it_is_signed() {
        let linear = signed("linear", "pm", ("http://h/", "", r#"{"a":"\u0041","webhookTimestamp":1}"#)).unwrap();
        let body = r#"{"a":"\u0041","webhookTimestamp":1767225600000}"#;
        assert_eq!(linear.body.unwrap(), body);
        let of_the_new_body = signed("grafana", "pm", ("http://h/", "", body)).unwrap();
        assert_eq!(linear.headers[0].1, of_the_new_body.headers[0].1);
    }

    #[test]
    fn mailgun_gets_a_new_time_and_token_in_json_and_in_forms() {
        let json = r#"{"signature":{"timestamp":"1","token":"t","signature":"s"},"event-data":{}}"#;
        let json = signed("mailgun", "pm", ("http://h/", "application/json", json)).unwrap().body.unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let value = |name: &str| json["signature"][name].as_str().unwrap().to_owned();
        assert_eq!(
            (value("timestamp").as_str(), value("token").len(), value("signature").len()),
            ("1767225600", 50, 64)
        );
        let form = "timestamp=1&subject=a+b&token=t&signature=s";
        let form = signed("mailgun", "pm", ("http://h/", "application/x-www-form-urlencoded", form)).unwrap().body;
        let form = String::from_utf8(form.unwrap().into()).unwrap();
        let token =
            form.strip_prefix("timestamp=1767225600&subject=a+b&token=").and_then(|rest| rest.split('&').next());
        assert_eq!(token.map(str::len), Some(50), "{form}");
    }

    #[test]
    fn a_hash_in_the_query_follows_the_body_and_is_signed_with_the_url() {
        let sent = |query: &str| signed("twilio-body", "pm", (&format!("http://h/?{query}"), "", "{}")).unwrap();
        let first = sent("a&bodySHA256=0");
        let hash = "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(first.query, Some(format!("a&{hash}")));
        assert_eq!(first.headers, sent(&format!("a&{hash}")).headers);
    }

    #[test]
    fn shows_received_and_expected_on_demand() {
        let mut request = Request { body: Body::whole("{}"), ..Request::default() };
        request.headers.push("X-Hub-Signature-256", format!("sha256={}", "0".repeat(64)));
        let comparison = checker().expected("github", "pm", &request).unwrap();
        assert_eq!(comparison.received, "0".repeat(64));
        let (_, signed) = &sign("github", "pm").unwrap()[0];
        assert_eq!(format!("sha256={}", comparison.expected), *signed);
        assert!(checker().expected("netbox", "pm", &request).is_none());
        request.headers.push("X-Webhook-Signature", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA");
        assert!(checker().expected("netlify", "pm", &request).is_none(), "a token says itself what is signed");
    }
}
