//! Verifying the signatures that one scheme found in a request: every secret, every message, then the age.

use chrono::{DateTime, TimeDelta, Utc};

use super::checker::Checker;
use super::compose::messages;
use super::facts::Facts;
use super::key::{Key, Piece};
use super::message::Message;
use super::reading::Received;
use super::scheme::Scheme;
use super::secret::Secret;
use crate::capture::{Outcome, Verdict};

impl Checker {
    /// The verdict on signatures that were received for the scheme at this position.
    pub(super) fn verify(&self, at: usize, facts: Facts<'_>, received: &Received, arrived: DateTime<Utc>) -> Verdict {
        let scheme = &self.schemes[at];
        if self.secrets.is_empty() {
            let reason = "signed, but there is no secret to check it with".to_owned();
            return verdict(scheme, Outcome::NotChecked, reason);
        }
        if facts.request.body.total > facts.body().len() as u64 && scheme.covers().body {
            let reason =
                format!("only the first {} bytes of the body were kept, and all are signed", facts.body().len());
            return verdict(scheme, Outcome::NotChecked, reason);
        }
        let age = age(scheme, received, arrived);
        let messages = match messages(scheme, facts, received.time.as_deref()) {
            Ok(messages) => messages,
            Err(missing) => return verdict(scheme, Outcome::Invalid, age.err().unwrap_or(missing)),
        };
        match self.fitting(at, &messages, received) {
            Some(secret) => Verdict { secret: Some(secret.name.clone()), ..judged(scheme, age) },
            None => self.mismatch(at, facts, age.err()),
        }
    }

    /// The first secret that makes the received signatures from one of the messages.
    pub(super) fn fitting(&self, at: usize, messages: &[Vec<Piece<'_>>], received: &Received) -> Option<&Secret> {
        let fits = |key: &Key| messages.iter().any(|message| received.holds(key, message));
        let mut keys = self.secrets.iter().zip(self.keys(at));
        keys.find(|(_, key)| key.as_ref().is_some_and(fits)).map(|(secret, _)| secret)
    }

    fn mismatch(&self, at: usize, facts: Facts<'_>, objection: Option<String>) -> Verdict {
        let scheme = &self.schemes[at];
        let keys = self.secrets.iter().zip(self.keys(at));
        let mut tried: Vec<_> = keys.filter(|(_, key)| key.is_some()).map(|(secret, _)| secret).collect();
        let reason = if tried.is_empty() {
            tried = self.secrets.iter().collect();
            unusable(scheme, &tried)
        } else {
            objection.or_else(|| incomplete(scheme, facts)).unwrap_or_else(|| self.no_match(scheme, &tried))
        };
        let only = if let [secret] = tried[..] { Some(secret.name.clone()) } else { None };
        Verdict { secret: only, ..verdict(scheme, Outcome::Invalid, reason) }
    }

    fn no_match(&self, scheme: &Scheme, tried: &[&Secret]) -> String {
        let guessed_url = self.public_url.is_none() && scheme.messages.iter().any(Message::has_url);
        let hint = if guessed_url { "; the URL is signed, too: give the public URL" } else { "" };
        match tried {
            [secret] => format!("does not match secret `{secret}`{hint}"),
            _ => format!("does not match any of the {} secrets{hint}", tried.len()),
        }
    }
}

/// Says that no secret has the form that the scheme needs.
fn unusable(scheme: &Scheme, secrets: &[&Secret]) -> String {
    let (needed, id) = (scheme.secret.words(), &scheme.id);
    match secrets {
        [secret] => format!("secret `{secret}` is not {needed}, which {id} needs"),
        all => format!("none of the {} secrets is {needed}, which {id} needs", all.len()),
    }
}

impl Received {
    fn holds(&self, key: &Key, message: &[Piece<'_>]) -> bool {
        let expected = key.expected(message);
        let holds = |signature: &Vec<u8>| expected.equals(signature);
        if self.all { self.signatures.iter().all(holds) } else { self.signatures.iter().any(holds) }
    }
}

/// A verdict that blames or names a scheme.
pub(super) fn verdict(scheme: &Scheme, outcome: Outcome, reason: String) -> Verdict {
    Verdict { outcome, scheme: Some(scheme.id.clone()), reason, covers: scheme.covers(), ..Verdict::default() }
}

/// The verdict on a signature that matches: it may still be too old.
fn judged(scheme: &Scheme, age: Result<Option<TimeDelta>, String>) -> Verdict {
    let age = match age {
        Ok(age) => age,
        Err(reason) => return verdict(scheme, Outcome::Invalid, format!("matches, but {reason}")),
    };
    let tolerance = scheme.time.as_ref().and_then(|time| time.tolerance);
    let objection = tolerance.zip(age).and_then(|(tolerance, age)| tolerance.objection(age));
    let outcome = if objection.is_some() { Outcome::Stale } else { Outcome::Valid };
    Verdict { age_s: age.map(|age| age.num_seconds()), ..verdict(scheme, outcome, objection.unwrap_or_default()) }
}

/// How long before its arrival the request was signed. A time that cannot be read is an error only where its age counts.
fn age(scheme: &Scheme, received: &Received, arrived: DateTime<Utc>) -> Result<Option<TimeDelta>, String> {
    let Some(time) = &scheme.time else { return Ok(None) };
    let signed = received.time.as_deref().and_then(|text| time.unit.parse(text));
    match (signed, time.tolerance, &received.time) {
        (Some(signed), _, _) => Ok(Some(arrived.signed_duration_since(signed))),
        (None, None, _) => Ok(None),
        (None, Some(_), Some(_)) => {
            Err(format!("the timestamp in {} is not {}", timestamp_place(scheme), time.unit.words()))
        }
        (None, Some(_), None) => Err(format!("the timestamp in {} is missing", timestamp_place(scheme))),
    }
}

fn timestamp_place(scheme: &Scheme) -> String {
    let place = scheme.time.as_ref().and_then(|time| time.place.as_ref());
    place.unwrap_or(&scheme.signatures[0].place).words()
}

/// Says that less of the body came than its head promised.
fn incomplete(scheme: &Scheme, facts: Facts<'_>) -> Option<String> {
    let promised: usize = std::str::from_utf8(facts.header("Content-Length")?).ok()?.parse().ok()?;
    let came = facts.body().len();
    let cut = came < promised && scheme.covers().body;
    cut.then(|| format!("only {came} of {promised} body bytes came, and all are signed"))
}
