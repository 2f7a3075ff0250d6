//! Who sent a request, what its payload says it is, and how that sender judges an answer; and sample payloads.
//!
//! Owns what is known of senders: the marks they leave in headers and payloads, the titles that their payloads are
//! worth, the ways in which their templates fail. Reads only the few fields that a title needs. Knows nothing of
//! signatures, stores or screens; the texts it hands out are foreign and not cleaned.

mod delivery;
mod judge;
mod known;
mod lint;
mod outline;
mod payload;
mod sample;
mod secret;
mod title;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::capture::{Finding, Identity, Lint, Request};

pub use delivery::delivery_id;
pub use judge::{Judgement, judge, judge_answer};
pub use lint::emptied;
pub use sample::{Sample, UnknownSample, sample, samples};
pub use secret::secret_place;

use known::Seen;
use lint::Depth;
use payload::Payload;

/// Recognises who sent `request` and reads what its payload says it is. Runs before the request is answered, so it
/// reads the first mebibyte of a body at most and never fails: what cannot be told stays `None`.
pub fn identify(request: &Request) -> Identity {
    identify_without(request, &BTreeSet::new())
}

/// The same, finding nothing of what is switched off.
pub fn identify_without(request: &Request, off: &BTreeSet<Lint>) -> Identity {
    let payload = Payload::of(request);
    let (outline, error) = payload.outline();
    let seen = Seen { request, payload: &payload, outline: &outline, error: error.as_ref() };
    let known = known::recognise(&seen);
    let account = (known.tells)(&seen);
    let alarms = lint::wanted(lint::alarms(&seen, known.sender, Depth::Arrival), off);
    let told = alarms.iter().map(|alarm| &alarm.title).find(|title| !matches!(title, title::Alarmed::No));
    Identity {
        title: title::title(&seen, &account, told),
        sender: known.sender.map(str::to_owned),
        version: known.version.map(str::to_owned),
        evidence: known.evidence,
        event: account.event,
        object: account.object,
        change: known::change(&seen, known.sender),
        lint: alarms.into_iter().map(|alarm| alarm.finding).collect(),
    }
}

/// Everything that is wrong with what a request says, the worst first: the whole body is read, however long it is.
pub fn lint(request: &Request, off: &BTreeSet<Lint>) -> Vec<Finding> {
    let payload = Payload::whole(request);
    let (outline, error) = payload.outline();
    let seen = Seen { request, payload: &payload, outline: &outline, error: error.as_ref() };
    let sender = known::recognise(&seen).sender;
    let alarms = lint::wanted(lint::alarms(&seen, sender, Depth::Whole), off);
    alarms.into_iter().map(|alarm| alarm.finding).collect()
}
