//! Captures without a screen: as text, a line or a JSON object each, written to a stream as they arrive.
//!
//! Owns the forms of text and line. Decoding, indenting and JSON are done by other rooms and handed in as [`Tools`].
//! Everything foreign is cleaned before it is written, because the reader of a stream is a terminal in the end.

mod json;
mod line;
mod outcome;
mod printer;
mod text;

use bytes::Bytes;

use crate::capture::{Answer, Capture, ChangePlace, Deeds, Outcome, Request, Verdict};
use crate::signature::Hint;

pub use printer::{Ended, Printer, Teller};

/// What other rooms do for this one.
#[derive(Clone, Copy)]
pub struct Tools {
    /// Makes foreign bytes safe to show, as one line; in ASCII where the locale has no more. Text and line show nothing
    /// foreign that did not go through it. JSON is UTF-8 in any locale.
    pub clean: fn(&[u8]) -> String,
    /// The body without its compression, and what is to be said about that.
    pub decode: fn(&Request) -> (Bytes, Vec<String>),
    /// JSON, indented; `None` for what is not JSON.
    pub pretty: fn(&[u8]) -> Option<Vec<u8>>,
    /// What was played when an answer was sent and how that ended, in words; `None` when it went out at once and whole.
    pub played: fn(&Answer) -> Option<String>,
    /// The JSON object of a capture, with what else is told of it, in the session of this name; without a line end.
    pub json: fn(&Capture, &Told, &str) -> String,
}

/// What is told of a capture besides itself.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Why its signature does not hold.
    pub hints: Vec<Hint>,
    /// What rules did about it.
    pub deeds: Deeds,
    /// Which of the captures of its change it is.
    pub place: Option<ChangePlace>,
}

/// How captures are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Everything of it, for people.
    Text {
        /// Whether the header lines are in.
        headers: bool,
        /// Names of headers whose value is left out, in lower case.
        masked: Vec<String>,
    },
    /// A line, and another for what went wrong.
    Line {
        /// Whether the time is UTC instead of local.
        utc: bool,
    },
    /// A JSON object on a line.
    Json {
        /// The session that the captures belong to.
        session: String,
    },
}

impl Form {
    /// The capture in this form, line ends included, with what else is told of it.
    pub fn of(&self, capture: &Capture, told: &Told, tools: &Tools) -> String {
        match self {
            Self::Text { headers, masked } => text::text(capture, told, headers.then_some(masked), tools),
            Self::Line { utc } => line::line(capture, told, *utc, tools),
            Self::Json { session } => json::visible(&(tools.json)(capture, told, session)) + "\n",
        }
    }
}

/// The status that the client got, `-` when it got none.
fn status_word(capture: &Capture) -> String {
    let status = capture.answer.as_ref().map_or(0, Answer::sent_status);
    if status == 0 { "-".to_owned() } else { status.to_string() }
}

/// A verdict in words: `valid (netbox, secret pm)`, `invalid: the sender signs with a different secret`.
fn verdict_words(verdict: &Verdict, tools: &Tools) -> String {
    let scheme = verdict.scheme.as_deref().unwrap_or("unknown scheme");
    let outcome = match (verdict.outcome, &verdict.secret) {
        (Outcome::Valid | Outcome::Stale, Some(secret)) => {
            format!("{} ({scheme}, secret {secret})", verdict.outcome.as_str())
        }
        (Outcome::NotChecked, _) => "not checked".to_owned(),
        (outcome, _) => outcome.as_str().to_owned(),
    };
    let reason = if verdict.reason.is_empty() { String::new() } else { format!(": {}", verdict.reason) };
    (tools.clean)(format!("{outcome}{reason}").as_bytes())
}

#[cfg(test)]
mod tests;
