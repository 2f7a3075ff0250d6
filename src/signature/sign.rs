//! Signing a request as a sender would, and showing what a signature should have been.

use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::checker::{Checker, UnknownScheme};
use super::compose::messages;
use super::facts::{Facts, Url};
use super::key::{Key, Method};
use super::reading::Reading;
use super::scheme::{Place, Scheme};
use crate::capture::{Body, Headers, Request};

/// A request to sign.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// The method.
    pub method: &'a str,
    /// The whole URL that it will be sent to.
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
    #[error("there is no secret called `{0}`")]
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
    /// The signature is not in a header.
    #[error("{scheme} has its signature in {place}: edit it there, signing does not change what is sent")]
    NotInHeader {
        /// Id of the scheme.
        scheme: String,
        /// Where it has it, in words.
        place: String,
    },
    /// The secret would be the value of a header and cannot be one.
    #[error("secret `{secret}` cannot be sent in a header: it is not one line of plain text")]
    NotAHeaderValue {
        /// Name of the secret.
        secret: String,
    },
    /// Only the sender can sign.
    #[error("{0} is verified with a public key: only its sender, who has the private one, can sign")]
    OnlySender(String),
    /// The request itself would have to say what is signed.
    #[error("{0} leaves it to the request what is signed: signing for it is not supported")]
    NotSupported(String),
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
    /// The header lines that sign a request: a fresh delivery id and time where the scheme has them, then the
    /// signature. `scheme` is an id or an alias, `secret` a name.
    pub fn sign(
        &self,
        scheme: &str,
        secret: &str,
        unsigned: &Unsigned<'_>,
    ) -> Result<Vec<(String, String)>, SignError> {
        let at = self.schemes.position(scheme).ok_or_else(|| UnknownScheme::new(&self.schemes, scheme))?;
        let scheme = &self.schemes[at];
        if scheme.method.is_asymmetric() {
            return Err(SignError::OnlySender(scheme.id.clone()));
        }
        if !scheme.method.signs_messages() && !scheme.method.reveals_secret() {
            return Err(SignError::NotSupported(scheme.id.clone()));
        }
        let key = self.key(at, secret)?;
        let signature = &scheme.signatures[0];
        let Some(header) = signature.place.header() else {
            return Err(SignError::NotInHeader { scheme: scheme.id.clone(), place: signature.place.words() });
        };
        let mut request = request(unsigned);
        let mut lines = fresh_lines(scheme, unsigned.now);
        for (name, value) in &lines {
            request.headers.set(name, value.clone());
        }
        let facts = Facts { request: &request, url: Url::Exact(unsigned.url) };
        let time = scheme.time.as_ref().and_then(|time| match &time.place {
            Some(Place::Json(pointer)) => facts.json(pointer).into_iter().next(),
            _ => Some(time.unit.print(unsigned.now).into_bytes()),
        });
        let signed = signature_text(scheme, key, facts, time.as_deref())?;
        let value = signature.shape.fill(&signed, &String::from_utf8_lossy(&time.unwrap_or_default()));
        if scheme.method == Method::Token && !is_header_value(key, &value) {
            return Err(SignError::NotAHeaderValue { secret: secret.to_owned() });
        }
        lines.push((header, value));
        Ok(lines)
    }

    /// The signature that a request came with beside the one that a secret makes for it.
    pub fn expected(&self, scheme: &str, secret: &str, request: &Request) -> Option<Comparison> {
        let at = self.schemes.position(scheme)?;
        let scheme = &self.schemes[at];
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

fn request(unsigned: &Unsigned<'_>) -> Request {
    Request {
        method: Bytes::copy_from_slice(unsigned.method.as_bytes()),
        target: Bytes::copy_from_slice(unsigned.url.as_bytes()),
        headers: unsigned.headers.clone(),
        body: Body::whole(unsigned.body.clone()),
        ..Request::default()
    }
}

/// The header lines beside the signature that are new with every delivery.
fn fresh_lines(scheme: &Scheme, now: DateTime<Utc>) -> Vec<(String, String)> {
    let id = scheme.delivery_id.iter().map(|name| (name.clone(), delivery_id()));
    let time = scheme.time.iter().filter_map(|time| Some((time.place.as_ref()?.header()?, time.unit.print(now))));
    id.chain(time).collect()
}

/// An id in the form of a random UUID.
fn delivery_id() -> String {
    let random = |round: u8| RandomState::new().hash_one(round);
    let digits = format!("{:016x}{:016x}", random(0), random(1));
    let variant = &digits[17..20];
    format!("{}-{}-4{}-a{variant}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[20..])
}

fn signature_text(scheme: &Scheme, key: &Key, facts: Facts<'_>, time: Option<&[u8]>) -> Result<String, SignError> {
    let incomplete = |missing| SignError::Incomplete { scheme: scheme.id.clone(), missing };
    let messages = messages(scheme, facts, time).map_err(incomplete)?;
    let first = messages.first().map(Deref::deref).unwrap_or_default();
    let expected = key.expected(first).ok_or_else(|| SignError::OnlySender(scheme.id.clone()))?;
    Ok(scheme.signatures[0].shape.encoding().encode(&expected))
}

/// Whether a token is itself once it went through a header: one line, nothing that is trimmed or replaced.
fn is_header_value(key: &Key, value: &str) -> bool {
    let Some(secret) = key.expected(&[]) else { return false };
    let plain = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
    secret.iter().all(plain) && value.trim() == value && value.as_bytes().ends_with(&secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::{Schemes, Secret};

    fn checker() -> Checker {
        let secrets = [("pm", "s3cret"), ("pair", "me:you"), ("odd", "a\nb"), ("whsec", "whsec_AAEC")];
        let secrets = secrets.map(|(name, value)| Secret::new(name, value.as_bytes().to_vec()));
        Checker::new(Schemes::builtin(), secrets.into(), None).unwrap()
    }

    fn sign(scheme: &str, secret: &str) -> Result<Vec<(String, String)>, SignError> {
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
        let (headers, body) = (Headers::default(), Bytes::from_static(b"{}"));
        checker().sign(
            scheme,
            secret,
            &Unsigned { method: "POST", url: "http://h/p", headers: &headers, body: &body, now },
        )
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
        assert!(far.ends_with(" and others; the README lists all") && far.contains("netbox"), "{far}");
        assert_eq!(why("github", "pn"), "there is no secret called `pn`");
        assert_eq!(why("basic", "pm"), "secret `pm` is not user:password, which basic needs");
        let odd = "secret `odd` cannot be sent in a header: it is not one line of plain text";
        assert_eq!(why("bearer", "odd"), odd);
        let twitch = "cannot sign for aruba-central: the header X-Central-Service is signed and missing";
        assert_eq!(why("aruba-central", "pm"), twitch);
        assert!(why("meraki", "pm").starts_with("meraki has its signature in the JSON field /sharedSecret"));
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
    }
}
