//! HTTP message signatures (RFC 9421): the request says what of it is signed, in which order, and until when.
//!
//! The algorithm is decided by the key, never by the request: an `alg` that contradicts the key makes a signature invalid.
//! The body is covered when a digest of it is signed and fits.

mod base;
mod component;
mod digest;
mod sign;

use chrono::{DateTime, TimeDelta, Utc};
use sfv::{Dictionary, InnerList, Key as Name, ListEntry, Parser};

use super::checker::{Checker, truncated, verdict};
use super::key::{Key, Piece, Secret};
use super::reading::{Facts, Reading, Received};
use super::scheme::{SKEW, Scheme, span};
use crate::capture::{Covers, Outcome, Verdict};
use base::Base;
pub(super) use sign::sign;

/// The header with the components and parameters of a signature.
pub(super) const INPUT: &str = "Signature-Input";

/// A signature with what it says of itself.
#[derive(Debug)]
struct Labelled {
    label: Name,
    /// The covered components, and the parameters.
    input: InnerList,
    signature: Vec<u8>,
}

/// The signatures of a request, as far as they can be read before any secret comes into it.
pub(super) fn read(scheme: &Scheme, facts: Facts<'_>) -> Reading {
    if facts.header("Signature").is_none_or(|value| value.trim_ascii().is_empty()) {
        return Reading::Unsigned { empty: facts.header("Signature").is_some() };
    }
    match labelled(facts) {
        Err(reason) => Reading::Unfit(reason),
        Ok(labelled) => Reading::Signed(Received {
            text: scheme.signatures[0].shape.encoding().encode(&labelled[0].signature).into_bytes(),
            encoding: scheme.signatures[0].shape.encoding(),
            signatures: labelled.into_iter().map(|labelled| labelled.signature).collect(),
            all: false,
            time: None,
            hash: None,
        }),
    }
}

/// So many signatures of a request are looked at: each may sign all of a long head.
const MOST_LABELS: usize = 16;

/// Every label that has both an input and a signature, in the order of the inputs, up to a number; at least one.
fn labelled(facts: Facts<'_>) -> Result<Vec<Labelled>, String> {
    let inputs = dictionary(facts, INPUT)?;
    let mut signatures = dictionary(facts, "Signature")?;
    let pair = |(label, input)| {
        let ListEntry::InnerList(input) = input else { return None };
        let Some(ListEntry::Item(item)) = signatures.swap_remove(&label) else { return None };
        let signature = item.bare_item.as_byte_sequence()?.to_vec();
        Some(Labelled { label, input, signature })
    };
    let labelled: Vec<_> = inputs.into_iter().filter_map(pair).take(MOST_LABELS).collect();
    if labelled.is_empty() {
        return Err("no label is in both Signature-Input and Signature".to_owned());
    }
    Ok(labelled)
}

fn dictionary(facts: Facts<'_>, name: &str) -> Result<Dictionary, String> {
    let lines = component::lines(&facts.request.headers, name);
    if lines.is_empty() {
        return Err(format!("the header {name} is missing"));
    }
    Parser::new(&lines.join(&b", "[..])).parse().map_err(|_| format!("{name} is not a structured field (RFC 9651)"))
}

impl Checker {
    /// The verdict on the signatures of a request: the best that any of them gets.
    pub(super) fn verify_http_message(&self, at: usize, facts: Facts<'_>, arrived: DateTime<Utc>) -> Verdict {
        let labelled = match labelled(facts) {
            Ok(labelled) => labelled,
            Err(reason) => return verdict(&self.schemes[at], Outcome::Invalid, reason),
        };
        let verdicts = labelled.iter().map(|signed| {
            let verdict = self.verify_labelled(at, facts, signed, arrived);
            let note =
                if labelled.len() > 1 { format!("signature {}; ", signed.label.as_str()) } else { String::new() };
            Verdict { note: note + &verdict.note, ..verdict }
        });
        verdicts.min_by_key(|verdict| rank(verdict.outcome)).unwrap_or_default()
    }

    fn verify_labelled(&self, at: usize, facts: Facts<'_>, signed: &Labelled, arrived: DateTime<Utc>) -> Verdict {
        let scheme = &self.schemes[at];
        let invalid = |reason| verdict(scheme, Outcome::Invalid, reason);
        let bases = match base::all(&signed.input, facts) {
            Ok(bases) => bases,
            Err(reason) => return invalid(reason),
        };
        let (secret, base) = match self.signer(at, signed, &bases) {
            Ok(Some(found)) => found,
            Ok(None) => return self.mismatch_of(at, facts, None, bases.iter().any(|base| base.url.is_some())),
            Err(contradiction) => return invalid(contradiction),
        };
        let covers_digest = signed.components().any(|name| digest::field(name).is_some());
        if let Some(reason) = truncated(facts).filter(|_| covers_digest) {
            return verdict(scheme, Outcome::NotChecked, reason);
        }
        let body = match digest::covers_body(signed.components(), facts) {
            Ok(covered) => covered,
            Err(reason) => return invalid(format!("matches, but {reason}")),
        };
        let objection = signed.objection(scheme, arrived);
        let outcome = if objection.is_some() { Outcome::Stale } else { Outcome::Valid };
        let created = signed.time("created");
        Verdict {
            secret: Some(secret.name.clone()),
            covers: Covers { body, time: created.is_some() || signed.time("expires").is_some() },
            age_s: created.map(|created| (arrived - created).num_seconds()),
            note: signed.note(base, bases.len() > 1),
            ..verdict(scheme, outcome, objection.unwrap_or_default())
        }
    }

    /// The secret that made a signature, and of what; the contradiction when no secret may serve for its `alg`.
    fn signer<'s>(
        &'s self,
        at: usize,
        signed: &Labelled,
        bases: &'s [Base],
    ) -> Result<Option<(&'s Secret, &'s Base)>, String> {
        let mut contradiction = None;
        let mut tried = false;
        for (secret, key) in self.usable(at) {
            let Some(way) = Way::of(key, signed.text("alg")) else {
                contradiction = contradiction.or_else(|| Some(contradicts(secret, signed.text("alg"))));
                continue;
            };
            tried = true;
            if let Some(base) = bases.iter().find(|base| way.verifies(&base.text, &signed.signature)) {
                return Ok(Some((secret, base)));
            }
        }
        contradiction.filter(|_| !tried).map_or(Ok(None), Err)
    }
}

/// A key with the algorithms that it may be used with.
struct Way<'k> {
    key: &'k Key,
    alg: Option<&'k str>,
}

impl<'k> Way<'k> {
    /// `None` when the request says an algorithm that is not one for this key.
    fn of(key: &'k Key, alg: Option<&'k str>) -> Option<Self> {
        let fits = |name: Option<&str>| alg.is_none() || alg == name;
        let any = match key {
            Key::Public(_, algorithms) => algorithms.iter().any(|algorithm| fits(algorithm.http_message_name())),
            _ => fits(Some("hmac-sha256")),
        };
        any.then_some(Self { key, alg })
    }

    fn verifies(&self, base: &[u8], signature: &[u8]) -> bool {
        let Key::Public(key, algorithms) = self.key else {
            return self.key.verify(&[Piece::Borrowed(base)], [signature].into_iter()) == [true];
        };
        let mut allowed = algorithms.iter().filter(|way| self.alg.is_none() || way.http_message_name() == self.alg);
        allowed.any(|way| key.verifies(*way, base, signature))
    }
}

fn contradicts(secret: &Secret, alg: Option<&str>) -> String {
    let kind = secret.public_key_words().unwrap_or("a shared secret");
    format!("alg `{}` is not for secret `{secret}`, which is {kind}", alg.unwrap_or_default())
}

/// The less, the better.
fn rank(outcome: Outcome) -> usize {
    [Outcome::Valid, Outcome::Stale, Outcome::NotChecked].iter().position(|known| *known == outcome).unwrap_or(3)
}

impl Labelled {
    /// Names of the covered components.
    fn components(&self) -> impl Iterator<Item = &str> {
        self.input.items.iter().filter_map(|item| Some(item.bare_item.as_string()?.as_str()))
    }

    fn text(&self, parameter: &str) -> Option<&str> {
        Some(self.input.params.get(parameter)?.as_string()?.as_str())
    }

    fn time(&self, parameter: &str) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.input.params.get(parameter)?.as_integer()?.into(), 0)
    }

    /// Why the signature does not count at `arrived`.
    fn objection(&self, scheme: &Scheme, arrived: DateTime<Utc>) -> Option<String> {
        if let Some(end) = self.time("expires").filter(|end| *end < arrived) {
            return Some(format!("matches but expired {} before it arrived", span((arrived - end).num_seconds())));
        }
        let created = self.time("created")?;
        if let Some(tolerance) = scheme.time.as_ref().and_then(|time| time.tolerance) {
            return tolerance.objection(arrived - created);
        }
        let ahead = created - arrived;
        let words = || format!("matches but its time is {} ahead of the arrival", span(ahead.num_seconds()));
        (ahead > TimeDelta::seconds(SKEW)).then(words)
    }

    /// What is signed, and for which URL when several were tried.
    fn note(&self, base: &Base, several: bool) -> String {
        let components: Vec<_> = self.components().collect();
        let url = base.url.as_ref().filter(|_| several).map(|url| format!(", for {url}"));
        match components[..] {
            [] => "signed: nothing of the request".to_owned(),
            _ => format!("signed: {}{}", components.join(" "), url.unwrap_or_default()),
        }
    }
}
