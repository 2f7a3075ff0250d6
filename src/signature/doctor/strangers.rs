//! Signatures that the checker did not look at: of another scheme, or in a header of no scheme.

use chrono::{DateTime, Utc};

use super::change::Change;
use super::forms::Form;
use super::written::{Digest, Sign, digests};
use crate::capture::{Outcome, Request};
use crate::signature::Checker;
use crate::signature::reading::{Facts, Reading};
use crate::signature::scheme::{Message, Place, Scheme, Shape};

/// Headers whose values have the length of a digest and are none.
const NOT_SIGNATURES: [&str; 10] = [
    "Authorization",
    "Cookie",
    "ETag",
    "If-None-Match",
    "If-Match",
    "Content-MD5",
    "Content-Digest",
    "Digest",
    "Traceparent",
    "X-Request-Id",
];

/// Another scheme that the signature holds for: the user asked for one, or the path is tied to one.
pub(super) fn other_scheme(
    checker: &Checker,
    facts: Facts<'_>,
    arrived: DateTime<Utc>,
    blamed: Option<&str>,
) -> Option<Change> {
    let other = |scheme: &Scheme| Some(scheme.id.as_str()) != blamed && !scheme.is_outdone(facts);
    let schemes = || checker.schemes.iter().enumerate().filter(|(_, scheme)| other(scheme));
    let holds = |at: usize, scheme: &Scheme| {
        let Reading::Signed(received) = Reading::of(scheme, facts) else { return None };
        let verdict = checker.verify(at, facts, &received, arrived);
        matches!(verdict.outcome, Outcome::Valid | Outcome::Stale).then_some(verdict.secret)
    };
    // Those that are never tried unnamed come last: they are anybody's.
    let (detected, named): (Vec<_>, Vec<_>) = schemes().partition(|(_, scheme)| !scheme.detect.is_empty());
    let (scheme, secret) =
        detected.into_iter().chain(named).find_map(|(at, scheme)| Some((scheme, holds(at, scheme)?)))?;
    let secret = secret.map(|name| format!(" with secret `{name}`")).unwrap_or_default();
    let asked = blamed.map(|id| format!("; the scheme in force is {id}")).unwrap_or_default();
    Some(Change::new(
        format!("the sender signs as {} does ({}){asked}", scheme.id, scheme.sender),
        format!("{} matches{secret}", scheme.describe()),
        format!("name the scheme: --scheme {}, or leave the scheme out to have it detected", scheme.id),
    ))
}

/// Headers that carry what may be a signature although no scheme has them, each as a scheme of its own.
pub(super) fn unknown_headers(checker: &Checker, request: &Request) -> Vec<(Vec<Sign>, Form)> {
    let Some(generic) = checker.schemes.get("generic-hmac") else { return Vec::new() };
    let mut found: Vec<(Vec<Sign>, Form)> = Vec::new();
    for header in &request.headers {
        if NOT_SIGNATURES.iter().any(|name| header.is(name)) {
            continue;
        }
        let digests = digests(&header.value);
        let shape = digests.first().and_then(|digest| shape(digest, &header.value));
        let signs = digests.into_iter().map(|digest| Sign { bytes: digest.bytes, change: None });
        let signs: Vec<Sign> = signs.take(4).collect();
        if let Some(shape) = shape {
            let mut scheme = generic.clone();
            scheme.signatures.truncate(1);
            scheme.signatures[0].place = Place::Header(header.name_text().into_owned());
            scheme.signatures[0].shape = shape;
            found.push((signs, Form { scheme, url: None }));
        }
    }
    found.truncate(4);
    found
}

/// How a scheme would say what a value with this signature looks like.
fn shape(digest: &Digest, value: &[u8]) -> Option<Shape> {
    let list = if value.contains(&b',') { ",..." } else { "" };
    Shape::parse(&format!("{}{{{}}}{list}", digest.prefix, digest.encoding.name())).ok()
}

/// What to say of a header that turned out to be a signature.
pub(super) fn unknown_header(checker: &Checker, form: &Form) -> Change {
    let place = form.scheme.signatures[0].place.words();
    let messages: Vec<&str> = form.scheme.messages.iter().map(Message::text).collect();
    let (method, message) = (form.scheme.method.name(), messages.join("` or `"));
    let renamed = checker.schemes.iter().find_map(|scheme| {
        let name = scheme.signatures[0].place.header()?;
        let (plain, found) = (letters(&name), letters(&place));
        (plain.len() > 8 && scheme.method == form.scheme.method && found.ends_with(&plain)).then_some(name)
    });
    match renamed {
        Some(name) => Change::new(
            format!("{place} carries the signature of {name}: something on the way renamed the header"),
            format!("{method} of `{message}` matches"),
            format!("have the proxy pass {name} on under its own name"),
        ),
        None => Change::new(
            format!("{place} carries a signature, and no scheme looks there"),
            format!("{method} of `{message}` matches"),
            format!(
                "add a [[scheme]] of your own to schemes.toml: verify = \"{}\", signature = {{ header = \"{place}\", \
                 value = \"{}\" }}, message = \"{message}\"",
                method.to_lowercase().replace("sha-", "sha"),
                form.scheme.signatures[0].shape.text(),
            ),
        ),
    }
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
