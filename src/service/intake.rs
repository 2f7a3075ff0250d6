//! What becomes of a request: checked, recognised, answered in mind, kept, and only then answered in fact.

use chrono::Utc;

use super::Service;
use crate::capture::{Answer, Capture, ProblemKind};
use crate::inspect::Clean;
use crate::receiver::{Intake, Taken};
use crate::signature::Reply;
use crate::{sender, signature};

/// Bodies of this many bytes are checked on a thread of their own, so that they delay no other connection.
const BIG: usize = 256 * 1024;

impl Intake for Service {
    /// A 2xx means kept: this returns after the commit, or with a 503.
    async fn take(&self, mut capture: Capture) -> Taken {
        capture.resent_from = self.resent.take(&capture.remote);
        let checker = self.checker();
        let mut capture = if capture.request.body.bytes.len() < BIG {
            examine(&checker, &mut capture);
            capture
        } else {
            let checker = checker.clone();
            let examined = tokio::task::spawn_blocking(move || {
                examine(&checker, &mut capture);
                capture
            });
            match examined.await {
                Ok(capture) => capture,
                Err(error) => return Taken::not_kept(self.refuse(&format!("it could not be examined: {error}"))),
            }
        };
        let reply = self.handshake(&capture);
        let answer = decide(&checker, &capture, reply.as_ref());
        if let Some(reply) = &reply {
            capture.identity.title.clone_from(&reply.title);
        }
        if let Some(problem) = &capture.problem {
            tracing::info!(remote = capture.remote, "incomplete request: {}", Clean::text(&problem.text));
        }
        capture.answer = capture.answer.or_else(|| capture.problem.is_none().then(|| answer.clone()));
        match self.store.append(capture).await {
            Ok(id) => {
                self.fault.send_if_modified(|fault| fault.take().is_some());
                Taken::now(id, answer)
            }
            Err(error) => {
                if let Some(secret) = reply.and_then(|reply| reply.learned) {
                    self.forget(&secret);
                }
                Taken::not_kept(self.refuse(&error.to_string()))
            }
        }
    }
}

impl Service {
    /// The answer when a capture could not be kept.
    fn refuse(&self, reason: &str) -> Answer {
        tracing::error!(reason, "a request could not be stored and was answered 503");
        self.fault.send_if_modified(|fault| {
            let new = fault.as_deref() != Some(reason);
            *fault = Some(reason.to_owned());
            new
        });
        Answer::text(
            503,
            "hookview could not store this request, so it is not accepted. Try again later.\n",
            "not stored",
        )
    }
}

/// Fills in what the request itself tells: verdict and identity.
fn examine(checker: &signature::Checker, capture: &mut Capture) {
    if !capture.request.method.is_empty() {
        capture.verdict = checker.check(&capture.request, capture.received_at);
    }
    capture.identity = sender::identify(&capture.request);
    if let Some(problem) = capture.problem.as_ref().filter(|problem| problem.kind == ProblemKind::TlsFailed) {
        capture.identity.title = format!("TLS: {}", problem.text);
    }
}

/// The receiver's own answer when it has one; else that to a handshake which may be answered whatever is enforced; else a
/// refusal, when that is wished for; else that to any other handshake; else the default: 200, because Peering Manager
/// accepts nothing else.
fn decide(checker: &signature::Checker, capture: &Capture, reply: Option<&Reply>) -> Answer {
    let refused = || checker.refused(&capture.request, &capture.verdict).map(refusal);
    let shaken = || reply.and_then(|reply| reply.answer.clone());
    let stands = reply.is_some_and(|reply| reply.stands);
    let ours = || if stands { shaken().or_else(refused) } else { refused().or_else(shaken) };
    let note = || reply.map(|reply| reply.note.clone()).unwrap_or_default();
    let answer = capture.answer.clone().or_else(ours);
    let mut answer = answer.unwrap_or_else(|| Answer { note: note(), ..Answer::text(200, "OK\n", "default") });
    let since = (Utc::now() - capture.received_at).num_microseconds().unwrap_or(0);
    let arriving = capture.timing.head_us + capture.timing.body_us;
    answer.after_us = u64::try_from(since).unwrap_or(0).saturating_sub(arriving);
    answer
}

fn refusal(refused: signature::Refused) -> Answer {
    let mut answer = Answer::text(refused.status, format!("{}\n", refused.reason), "enforce");
    if let Some(challenge) = refused.challenge {
        answer.headers.push("WWW-Authenticate", challenge);
    }
    answer
}
