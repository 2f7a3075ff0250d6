//! The light row that lists keep of a capture: everything a list shows and filters by, no body.

use chrono::{DateTime, Utc};

use super::{Answer, Capture, CaptureId, Mark, ObjectKey, Retry};

/// The light row of a capture. Texts are foreign: show them only as `Clean`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The capture.
    pub id: CaptureId,
    /// When its first byte arrived.
    pub received_at: DateTime<Utc>,
    /// The request's method, invalid UTF-8 replaced.
    pub method: Box<str>,
    /// The request's target as on the request line, invalid UTF-8 replaced.
    pub target: Box<str>,
    /// Body bytes seen.
    pub size: u64,
    /// The sign of its verdict.
    pub mark: Mark,
    /// The status that the client got; zero when it got none.
    pub status: u16,
    /// What decided the answer: the name of a rule, `default`; empty when there was none.
    pub rule: Box<str>,
    /// What it says it is.
    pub title: Box<str>,
    /// Who sent it, when recognised.
    pub sender: Option<Box<str>>,
    /// The object it is about.
    pub object: Option<ObjectKey>,
    /// The id of the change that it tells of, which the webhooks of one change share.
    pub change: Option<Box<str>>,
    /// Whether something went wrong while receiving it.
    pub incomplete: bool,
    /// Never evicted.
    pub pinned: bool,
    /// The capture it is a resend of.
    pub resent_from: Option<CaptureId>,
    /// That it repeats an earlier capture.
    pub retry: Option<Retry>,
    /// Codes of what is wrong with what it says, the worst first, a blank between them.
    pub lint: Box<str>,
}

impl Summary {
    pub(super) fn of(capture: &Capture) -> Self {
        Self {
            id: capture.id,
            received_at: capture.received_at,
            method: capture.request.method_text().into(),
            target: capture.request.target_text().into(),
            size: capture.request.body.total,
            mark: capture.verdict.mark(),
            status: capture.answer.as_ref().map_or(0, Answer::sent_status),
            rule: capture.answer.as_ref().map_or("", |answer| answer.rule.as_str()).into(),
            title: capture.identity.title.as_str().into(),
            sender: capture.identity.sender.as_deref().map(Into::into),
            object: capture.identity.object.clone(),
            change: capture.identity.change.as_deref().map(Into::into),
            incomplete: capture.problem.is_some(),
            pinned: capture.pinned,
            resent_from: capture.resent_from,
            retry: capture.retry,
            lint: capture.identity.lint_codes().into(),
        }
    }

    /// Whether `!` shows it: a failed signature, an answer of 400 and up, an incomplete request, or a finding.
    pub fn is_problem(&self) -> bool {
        self.mark == Mark::Failed || self.status >= 400 || self.incomplete || !self.lint.is_empty()
    }
}
