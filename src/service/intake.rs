//! What becomes of a request: checked, recognised, answered in mind, kept, and only then answered in fact.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use chrono::Utc;
use tokio::task::spawn_blocking;

use super::Service;
use super::retries::{Likeness, Retries};
use crate::capture::{Answer, Capture, CaptureId, Ending, Lint, ProblemKind, Request};
use crate::inspect::Clean;
use crate::receiver::{Intake, Reply, Taken};
use crate::rules::{Plan, Source};
use crate::sender;
use crate::signature::Checker;

/// Bodies of this many bytes are looked at on a thread of their own, so that they delay no other connection.
pub(super) const BIG: usize = 256 * 1024;

impl Intake for Service {
    /// A 2xx means kept: this returns after the commit, or with a 503.
    async fn take(&self, mut capture: Capture) -> Taken {
        capture.resent_from = self.resent.take(&capture.remote);
        let checker = self.checker();
        let (mut capture, likeness) = match self.examined(&checker, capture).await {
            Ok(examined) => examined,
            Err(reason) => return Taken::not_kept(self.refuse(&reason)),
        };
        let reply = self.handshake(&capture);
        let plan = self.decide(&checker, &capture, reply.as_ref()).await;
        let plan = self.admit(plan, &capture.request);
        if let Some(reply) = &reply {
            capture.identity.title.clone_from(&reply.title);
        }
        if let Some(problem) = &capture.problem {
            tracing::info!(remote = capture.remote, "incomplete request: {}", Clean::text(&problem.text));
        }
        let taken = self.keep(capture, plan, likeness).await;
        taken.unwrap_or_else(|reason| {
            if let Some(secret) = reply.and_then(|reply| reply.learned) {
                self.forget(&secret);
            }
            Taken::not_kept(self.refuse(&reason))
        })
    }

    fn withholds_continue(&self, request: &Request, remote: &str) -> bool {
        self.rulebook.withholds_continue(request, remote)
    }

    fn ended(&self, id: CaptureId, ending: Ending) {
        self.settling.ended(id, ending);
    }
}

impl Service {
    /// Fills in what the request itself and those before it tell: verdict, identity, retry.
    async fn examined(
        &self,
        checker: &Arc<Checker>,
        mut capture: Capture,
    ) -> Result<(Capture, Option<Likeness>), String> {
        self.retries.fill(&self.store).await;
        let look =
            Examiner { checker: checker.clone(), retries: self.retries.clone(), lint_off: self.lint_off.clone() };
        if capture.request.body.bytes.len() < BIG {
            let likeness = look.examine(&mut capture);
            return Ok((capture, likeness));
        }
        let examined = spawn_blocking(move || {
            let likeness = look.examine(&mut capture);
            (capture, likeness)
        });
        examined.await.map_err(|error| format!("it could not be examined: {error}"))
    }

    /// Commits the capture with the answer that is known, and carries out what is to be done about it. The error says why it
    /// is not kept.
    async fn keep(&self, mut capture: Capture, mut plan: Plan, likeness: Option<Likeness>) -> Result<Taken, String> {
        stamp(&mut plan.answer, &capture);
        if plan.source == Source::Ready && capture.problem.is_none() {
            capture.answer = Some(plan.answer.clone());
        }
        capture.pending = plan.does_more();
        let (at, retry) = (capture.received_at, capture.retry);
        // Most captures are answered and done with: only those that more is done for are held besides.
        let held = (!plan.is_answer()).then(|| capture.clone());
        let id = self.store.append(capture).await.map_err(|error| error.to_string())?;
        self.fault.send_if_modified(|fault| fault.take().is_some());
        if let Some(likeness) = likeness {
            self.retries.kept(likeness, id, at, retry);
        }
        let Some(held) = held else { return Ok(Taken::now(id, plan.answer)) };
        let capture = Capture { id, ..held };
        let reply = match self.carry_out(plan, Arc::new(capture.clone())).await {
            Reply::Later(making) => self.later(capture, making),
            reply @ Reply::Now(_) => reply,
        };
        Ok(Taken { id: Some(id), reply })
    }

    /// An answer that is being made, and is kept before it is sent.
    fn later(&self, capture: Capture, making: Pin<Box<dyn Future<Output = Answer> + Send>>) -> Reply {
        let settling = self.settling.clone();
        Reply::Later(Box::pin(async move {
            let mut answer = making.await;
            stamp(&mut answer, &capture);
            settling.made(capture, answer.clone()).await;
            answer
        }))
    }

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

/// Notes how long it took until the answer was known.
fn stamp(answer: &mut Answer, capture: &Capture) {
    let since = (Utc::now() - capture.received_at).num_microseconds().unwrap_or(0);
    let arriving = capture.timing.head_us + capture.timing.body_us;
    answer.after_us = u64::try_from(since).unwrap_or(0).saturating_sub(arriving);
}

/// What looks at a request before it is answered.
struct Examiner {
    checker: Arc<Checker>,
    retries: Retries,
    lint_off: Arc<BTreeSet<Lint>>,
}

impl Examiner {
    fn examine(&self, capture: &mut Capture) -> Option<Likeness> {
        if !capture.request.method.is_empty() {
            capture.verdict = self.checker.check(&capture.request, capture.received_at);
        }
        capture.identity = sender::identify_without(&capture.request, &self.lint_off);
        if let Some(problem) = capture.problem.as_ref().filter(|problem| problem.kind == ProblemKind::TlsFailed) {
            capture.identity.title = format!("TLS: {}", problem.text);
        }
        let likeness = self.retries.likeness(capture);
        capture.retry = likeness.and_then(|likeness| self.retries.find(likeness, capture.received_at));
        likeness
    }
}
