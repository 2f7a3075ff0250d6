//! Forwards: a capture sent on as it arrives, tried again as its rule says, each try kept as an attempt.
//!
//! The body is in memory when a forward begins, within the limit of what is received, and is sent from there: it is
//! stored before anything else is done with it, and has to be there for the next try.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use chrono::{SubsecRound as _, Utc};
use tokio::time::sleep;

use super::actions::{Actions, Asked};
use super::resend::{Job, is_kept, job};
use super::turns::Task;
use crate::capture::{Asker, Attempt, AttemptOutcome, AttemptTiming, Request, Response, Signing};
use crate::export::{Additions, Outgoing, Plan, has_come_by, onward, unframed};
use crate::outbound::{MAX_KEPT, Unanswered};
use crate::rules::Forward;

/// The longest body of an answer that can be passed through, in bytes.
pub(super) const MAX_PASSED: usize = 32 * 1024 * 1024;
/// So many forwards of one rule are under way at once.
const AT_ONCE: usize = 64;
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why there is no answer to pass on. The sentence is for the user, not for the client.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("it came through here before: {0} leads back to this hookview, which does not forward it again")]
    Circle(String),
    #[error("the body was over the limit and only its first part is kept, so it was not forwarded: raise max-body")]
    NotKept,
    #[error("its Transfer-Encoding is not chunked alone, and the target would not know what to undo")]
    Coded,
    #[error("{0}")]
    NotPrepared(String),
    #[error("too much is waiting to be sent on already, so it was not forwarded: send it again when there is room")]
    NoRoom,
    #[error("the rule passes a target's answer through, and names no target")]
    NoTarget,
    #[error("hookview was stopped first")]
    Stopped,
    #[error("{0}")]
    Unanswered(Unanswered),
}

impl Actions {
    /// Sends a capture on, as often as it takes or may, and gives the last answer with up to `keep` bytes of its body.
    pub(super) async fn forward(
        &self,
        forward: Option<&Forward>,
        asked: &Asked,
        keep: usize,
    ) -> Result<Response, NoAnswer> {
        let forward = forward.ok_or(NoAnswer::NoTarget)?;
        let mut nth = 1;
        loop {
            let answer = self.try_once(forward, asked, (nth, keep)).await;
            if nth > forward.retries || !is_tried_again(forward, &answer) {
                return answer;
            }
            let share = unit(RandomState::new().hash_one(nth));
            tokio::select! {
                () = self.stop.cancelled() => return answer,
                () = sleep(wait(forward.backoff, nth, share)) => {}
            }
            nth += 1;
        }
    }

    async fn try_once(
        &self,
        forward: &Forward,
        asked: &Asked,
        (nth, keep): (u32, usize),
    ) -> Result<Response, NoAnswer> {
        // Never refused: what waits here has room in memory.
        let _turn = self.turns.take(Task::Forward(asked.rule.clone()), AT_ONCE, usize::MAX).await;
        let at = Utc::now().trunc_subsecs(6);
        let (answer, timing) = match self.prepare(forward, asked) {
            Ok(outgoing) => tokio::select! {
                biased;
                () = self.stop.cancelled() => (Err(NoAnswer::Stopped), AttemptTiming::default()),
                (answer, timing) = self.client.ask(&outgoing, forward.time_limit, keep) => {
                    (answer.map_err(NoAnswer::Unanswered), timing)
                }
            },
            Err(error) => (Err(error), AttemptTiming::default()),
        };
        let outcome = match &answer {
            Ok(response) => AttemptOutcome::Answered(first_part(response)),
            Err(error) => AttemptOutcome::Failed(error.to_string()),
        };
        self.keep_attempt(Attempt { at, timing, ..record(forward, asked, nth, outcome) }).await;
        answer
    }

    /// The request that goes out now; signatures are fresh.
    fn prepare(&self, forward: &Forward, asked: &Asked) -> Result<Outgoing, NoAnswer> {
        let capture = &asked.capture;
        if !asked.has_room() {
            return Err(NoAnswer::NoRoom);
        }
        if self.has_seen(&capture.request) {
            return Err(NoAnswer::Circle(forward.url.clone()));
        }
        if !is_kept(capture) {
            return Err(NoAnswer::NotKept);
        }
        if !is_plainly_framed(&capture.request) {
            return Err(NoAnswer::Coded);
        }
        let url = forward.url.parse().map_err(|error| NoAnswer::NotPrepared(format!("{}: {error}", forward.url)))?;
        let plan = Plan { url, signing: signing(forward), edited: None, method: None };
        let Job { outgoing, .. } = job(&asked.checker, &unframed(capture), plan, None)
            .map_err(|error| NoAnswer::NotPrepared(error.to_string()))?;
        Ok(onward(outgoing, capture, Additions { via: &self.via, client: forward.forwarded_headers }))
    }

    /// Whether a request has been forwarded by this hookview before.
    pub(super) fn has_seen(&self, request: &Request) -> bool {
        has_come_by(request, &self.via)
    }

    async fn keep_attempt(&self, attempt: Attempt) {
        if let Err(error) = self.store.add_attempt(attempt).await {
            tracing::error!(%error, "the attempt of a forward could not be stored");
        }
    }
}

/// Whether the body is what it was before it was put in chunks, if it was.
fn is_plainly_framed(request: &Request) -> bool {
    request.headers.all("transfer-encoding").all(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

fn record(forward: &Forward, asked: &Asked, nth: u32, outcome: AttemptOutcome) -> Attempt {
    Attempt {
        id: 0,
        capture: asked.capture.id,
        by: Asker::Forward { rule: asked.rule.clone(), nth },
        at: Utc::now().trunc_subsecs(6),
        url: forward.url.clone(),
        signing: signing(forward),
        edited: false,
        outcome,
        timing: AttemptTiming::default(),
    }
}

fn signing(forward: &Forward) -> Signing {
    forward.sign_with.clone().map_or(Signing::Captured, Signing::With)
}

/// What a try came to can be another thing the next time.
fn is_tried_again(forward: &Forward, answer: &Result<Response, NoAnswer>) -> bool {
    match answer {
        Ok(response) => forward.retry_on.contains(&response.status),
        Err(error) => matches!(error, NoAnswer::Unanswered(_)),
    }
}

/// Exponential backoff with full jitter: up to `backoff`, then up to twice as long, and so on. `share` is from 0 to 1.
fn wait(backoff: Duration, nth: u32, share: f64) -> Duration {
    let most = backoff.saturating_mul(2_u32.saturating_pow(nth.saturating_sub(1)));
    most.min(LONGEST_WAIT).mul_f64(share)
}

/// A number from 0 up to and without 1.
fn unit(random: u64) -> f64 {
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
}

/// What is kept of an answer.
fn first_part(response: &Response) -> Response {
    Response { body: response.body.slice(..response.body.len().min(MAX_KEPT)), ..response.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit_and_are_spread_over_all_of_it() {
        let most = |nth| wait(Duration::from_millis(100), nth, 1.0);
        assert_eq!([most(1), most(2), most(3)].map(|wait| wait.as_millis()), [100, 200, 400]);
        assert_eq!((most(20), most(u32::MAX)), (LONGEST_WAIT, LONGEST_WAIT));
        assert_eq!(wait(Duration::MAX, 9, 0.5), LONGEST_WAIT / 2);
        assert_eq!(wait(LONGEST_WAIT, 1, 0.0), Duration::ZERO);
    }

    #[test]
    fn shares_lie_between_nothing_and_all() {
        assert_eq!((unit(0), unit(1 << 63)), (0.0, 0.5));
        assert!(unit(u64::MAX) < 1.0);
    }
}
