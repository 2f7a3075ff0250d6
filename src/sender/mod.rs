//! Who sent a request, what its payload says it is, and how that sender judges an answer; and sample payloads.
//!
//! Owns what is known of senders: the marks they leave in headers and payloads, the titles that their payloads are
//! worth, the ways in which their templates fail. Reads only the few fields that a title needs. Knows nothing of
//! signatures, stores or screens; the texts it hands out are foreign and not cleaned.

mod delivery;
mod flaw;
mod judge;
mod known;
mod notice;
mod outline;
mod payload;
mod sample;
mod secret;
mod title;

#[cfg(test)]
mod tests;

use crate::capture::{Identity, Request};

pub use delivery::delivery_id;
pub use judge::{Judgement, judge, judge_answer};
pub use sample::{Sample, UnknownSample, sample, samples};
pub use secret::secret_place;

use known::Seen;
use payload::Payload;

/// Recognises who sent `request` and reads what its payload says it is. Runs before the request is answered, so it
/// reads the first mebibyte of a body at most and never fails: what cannot be told stays `None`.
pub fn identify(request: &Request) -> Identity {
    let payload = Payload::of(request);
    let (outline, error) = payload.outline();
    let seen = Seen { request, payload: &payload, outline: &outline, error: error.as_ref() };
    let known = known::recognise(&seen);
    let account = (known.tells)(&seen);
    let alarm = notice::alarm(&seen, known.sender);
    Identity {
        title: title::title(&seen, &account, alarm.as_ref().map(|alarm| &alarm.title)),
        sender: known.sender.map(str::to_owned),
        version: known.version.map(str::to_owned),
        evidence: known.evidence,
        event: account.event,
        object: account.object,
        notice: alarm.map(|alarm| alarm.notice),
    }
}
