//! Who decides what is answered, in which order.

use hyper::StatusCode;
use tokio::task::spawn_blocking;

use super::Service;
use super::intake::BIG;
use crate::capture::{Answer, Capture};
use crate::rules::Plan;
use crate::signature::{Checker, Refused, Reply};

/// A path that begins like this and ends in a status is answered with it.
const STATUS_PATHS: &str = "/status/";

impl Service {
    /// The receiver's own answer when it has one; else that to a handshake which may be answered whatever is enforced; else a
    /// refusal, when that is wished for; else the temporary answer from the screen or the first rule that matches; else the
    /// answer to any other handshake; else what the path asks for; else the default: 200, because Peering Manager accepts
    /// nothing else.
    pub(super) async fn decide(&self, checker: &Checker, capture: &Capture, reply: Option<&Reply>) -> Plan {
        if let Some(answer) = above_rules(checker, capture, reply) {
            return Plan::ready(answer);
        }
        let ruled = self.ruled(capture).await;
        ruled.unwrap_or_else(|| Plan::ready(below_rules(capture, reply)))
    }

    /// What the rules say. They are asked about whole requests only, and about a big one on a thread of its own.
    async fn ruled(&self, capture: &Capture) -> Option<Plan> {
        if capture.problem.is_some() {
            return None;
        }
        if capture.request.body.bytes.len() < BIG {
            return self.rulebook.plan(capture);
        }
        let (rulebook, capture) = (self.rulebook.clone(), capture.clone());
        let plan = spawn_blocking(move || rulebook.plan(&capture)).await;
        plan.inspect_err(|error| tracing::error!("the rules could not be asked: {error}")).ok().flatten()
    }
}

/// What is answered whatever the rules say.
pub(super) fn above_rules(checker: &Checker, capture: &Capture, reply: Option<&Reply>) -> Option<Answer> {
    let stands = || reply.filter(|reply| reply.stands).and_then(|reply| reply.answer.clone());
    let refused = || checker.refused(&capture.request, &capture.verdict).map(refusal);
    capture.answer.clone().or_else(stands).or_else(refused)
}

/// What is answered when no rule says anything.
pub(super) fn below_rules(capture: &Capture, reply: Option<&Reply>) -> Answer {
    let shaken = reply.and_then(|reply| reply.answer.clone());
    let note = || reply.map(|reply| reply.note.clone()).unwrap_or_default();
    let default = || Answer { note: note(), ..Answer::text(200, "OK\n", "default") };
    shaken.or_else(|| asked_for(&capture.request.path())).unwrap_or_else(default)
}

fn refusal(refused: Refused) -> Answer {
    let mut answer = Answer::text(refused.status, format!("{}\n", refused.reason), "enforce");
    if let Some(challenge) = refused.challenge {
        answer.headers.push("WWW-Authenticate", challenge);
    }
    answer
}

/// `/status/503`, `/status/hooks/pm/503`: the path says what it wants to be answered.
fn asked_for(path: &str) -> Option<Answer> {
    let last = path.strip_prefix(STATUS_PATHS)?.rsplit('/').next()?;
    let digits = last.len() == 3 && last.bytes().all(|byte| byte.is_ascii_digit());
    let status = last.parse().ok().filter(|status| digits && (200..=599).contains(status))?;
    let words = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    Some(Answer::text(status, format!("{} {}\n", status, words.unwrap_or_default()), "status path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_ask_for_a_status() {
        let status = |path| asked_for(path).map(|answer| answer.status);
        assert_eq!(status("/status/503"), Some(503));
        assert_eq!(status("/status/hooks/pm/200"), Some(200));
        let others = ["/status/", "/status/199", "/status/600", "/status/+503", "/status/0503", "/status/503/", "/503"];
        assert_eq!(others.map(status), [None; 7]);
        assert_eq!(asked_for("/status/429").unwrap().body, "429 Too Many Requests\n");
    }
}
