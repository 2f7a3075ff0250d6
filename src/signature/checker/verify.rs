//! Verifying the signatures that one scheme found in a request: every secret, every message, then the age.

use chrono::{DateTime, TimeDelta, Utc};

use super::Checker;
use crate::capture::{Outcome, Verdict};
use crate::signature::key::{Key, Method, Secret, flat};
use crate::signature::reading::{Composed, Facts, Received, messages};
use crate::signature::scheme::{Message, Scheme};

/// The key and the candidates that fit each other.
struct Match<'c> {
    secret: &'c Secret,
    key: &'c Key,
    message: usize,
    /// `None` when all signatures had to hold.
    signature: Option<usize>,
}

impl Checker {
    /// The verdict on signatures that were received for the scheme at this position.
    pub(in crate::signature) fn verify(
        &self,
        at: usize,
        facts: Facts<'_>,
        received: &Received,
        arrived: DateTime<Utc>,
    ) -> Verdict {
        let scheme = &self.schemes[at];
        if !self.secrets.iter().any(|secret| secret.is_for(&scheme.id)) {
            let reason = "signed, but there is no secret to check it with".to_owned();
            return verdict(scheme, Outcome::NotChecked, reason);
        }
        match scheme.method {
            Method::HttpMessage => return self.verify_http_message(at, facts, arrived),
            Method::Jwt => return self.verify_jwt(at, facts, received, arrived),
            _ => {}
        }
        if let Some(reason) = truncated(facts).filter(|_| scheme.covers().body) {
            return verdict(scheme, Outcome::NotChecked, reason);
        }
        let age = age(scheme, received, arrived);
        let messages = match messages(scheme, facts, received.time.as_deref()) {
            Ok(messages) => messages,
            Err(missing) => return verdict(scheme, Outcome::Invalid, age.err().unwrap_or(missing)),
        };
        match self.fitting(at, &messages, received) {
            Some(found) => {
                let secret = Some(found.secret.name.clone());
                let note = note(scheme, facts, arrived, &found, (&messages, received));
                Verdict { secret, note, ..judged(scheme, age) }
            }
            None => self.mismatch(at, facts, age.err()),
        }
    }

    /// The first secret that makes the received signatures from one of the messages.
    fn fitting(&self, at: usize, messages: &[Composed<'_>], received: &Received) -> Option<Match<'_>> {
        self.usable(at).find_map(|(secret, key)| {
            let (message, signature) = received.fitting(key, messages)?;
            Some(Match { secret, key, message, signature })
        })
    }

    /// The secrets that have the form which the scheme needs, with their keys.
    pub(in crate::signature) fn usable(&self, at: usize) -> impl Iterator<Item = (&Secret, &Key)> {
        self.secrets.iter().zip(self.keys(at)).filter_map(|(secret, key)| Some((secret, key.as_ref()?)))
    }

    /// The verdict when no secret fits. `objection` is what else is wrong, which then is the reason.
    pub(in crate::signature) fn mismatch(&self, at: usize, facts: Facts<'_>, objection: Option<String>) -> Verdict {
        let signs_url = self.schemes[at].messages.iter().any(Message::has_url);
        self.mismatch_of(at, facts, objection, signs_url)
    }

    /// The same for a request of which it is known whether its URL is signed.
    pub(in crate::signature) fn mismatch_of(
        &self,
        at: usize,
        facts: Facts<'_>,
        objection: Option<String>,
        signs_url: bool,
    ) -> Verdict {
        let scheme = &self.schemes[at];
        let mut tried: Vec<_> = self.usable(at).map(|(secret, _)| secret).collect();
        let reason = if tried.is_empty() {
            tried = self.secrets.iter().filter(|secret| secret.is_for(&scheme.id)).collect();
            unusable(scheme, &tried)
        } else {
            objection.or_else(|| incomplete(scheme, facts)).unwrap_or_else(|| {
                let guessed_url = signs_url && self.public_url.is_none();
                no_match(scheme, facts, &tried, guessed_url)
            })
        };
        let only = if let [secret] = tried[..] { Some(secret.name.clone()) } else { None };
        Verdict { secret: only, ..verdict(scheme, Outcome::Invalid, reason) }
    }
}

fn no_match(scheme: &Scheme, facts: Facts<'_>, tried: &[&Secret], guessed_url: bool) -> String {
    let hint = if guessed_url { "; the URL is signed, too: give the public URL" } else { "" };
    let odd = scheme.key_from.as_ref().and_then(|source| source.objection(facts));
    let odd = odd.map(|odd| format!("; {odd}")).unwrap_or_default();
    match tried {
        [secret] => format!("does not match secret `{secret}`{hint}{odd}"),
        _ => format!("does not match any of the {} secrets{hint}{odd}", tried.len()),
    }
}

/// Says that no secret has the form that the scheme needs.
fn unusable(scheme: &Scheme, secrets: &[&Secret]) -> String {
    let (needed, id) = (scheme.secret.words(), &scheme.id);
    let secret = match secrets {
        [secret] => secret,
        all => return format!("none of the {} secrets is {needed}, which {id} needs", all.len()),
    };
    match secret.public_key_words() {
        Some(key) if scheme.secret.is_public() => format!("secret `{secret}` is {key}, which does not go with {id}"),
        Some(key) => format!("secret `{secret}` is {key}, and {id} needs a shared secret"),
        None => format!("secret `{secret}` is not {needed}, which {id} needs"),
    }
}

/// Says that less of the body was kept than came.
pub(in crate::signature) fn truncated(facts: Facts<'_>) -> Option<String> {
    let kept = facts.body().len();
    let truncated = facts.request.body.total > kept as u64;
    truncated.then(|| format!("only the first {kept} bytes of the body were kept, and all are signed"))
}

impl Received {
    /// The first message of which `key` makes a signature that came, and which of those it was.
    fn fitting(&self, key: &Key, messages: &[Composed<'_>]) -> Option<(usize, Option<usize>)> {
        let named = self.hash.and_then(|hash| key.with_hash(hash));
        let key = named.as_ref().unwrap_or(key);
        let signatures = || self.signatures.iter().map(Vec::as_slice);
        if self.all && messages.iter().any(|message| message.item.is_some()) {
            let item = |message: &Composed<'_>| signatures().skip(message.item.unwrap_or_default()).take(1);
            let holds = |message: &Composed<'_>| key.verify(message, item(message)) == [true];
            return messages.iter().all(holds).then_some((0, None));
        }
        messages.iter().enumerate().find_map(|(at, message)| {
            let held = key.verify(message, signatures());
            if self.all {
                return held.iter().all(|held| *held).then_some((at, None));
            }
            held.iter().position(|held| *held).map(|signature| (at, Some(signature)))
        })
    }
}

/// What is to be said about how it holds: which of several candidates did, what is odd about the key.
fn note(
    scheme: &Scheme,
    facts: Facts<'_>,
    arrived: DateTime<Utc>,
    found: &Match<'_>,
    (messages, received): (&[Composed<'_>], &Received),
) -> String {
    let all = received.signatures.len();
    let signature = match found.signature {
        Some(at) if all > 1 => Some(format!("signature {} of {all}", at + 1)),
        None if all > 1 => Some(format!("all {all} signatures")),
        _ => None,
    };
    let message = &messages[found.message];
    let differs = |other: &Composed<'_>| {
        other.url != message.url || (other.template != message.template && flat(other) != flat(message))
    };
    let several = messages.iter().any(differs);
    let signed = message.template.filter(|_| several).map(|template| match &message.url {
        Some(url) => format!("signed for {url}"),
        None => format!("signed: {}", template.summary()),
    });
    let dates = match found.key {
        Key::Public(key, _) => key.dates_note(arrived),
        _ => None,
    };
    let origin = scheme.key_from.as_ref().and_then(|source| source.objection(facts));
    let notes = [signature, signed, dates, origin];
    notes.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// A verdict that blames or names a scheme.
pub(in crate::signature) fn verdict(scheme: &Scheme, outcome: Outcome, reason: String) -> Verdict {
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
