//! Commands that rules run for a capture: when it is their turn, what they are told, and the record of them.

use std::ffi::OsString;

use bytes::Bytes;
use chrono::{SubsecRound as _, Utc};
use tokio::time::Instant;

use super::actions::{Actions, Asked};
use super::instead::instead;
use super::process::{self, Ended};
use super::turns::Task;
use crate::capture::{Answer, Capture, Run, RunOutcome};
use crate::rules::Command;

/// What is said of a command that was not started because the program ends.
const ENDING: &str = "hookview was stopped first";
/// Characters of a variable: Linux takes 128 KiB, and one may have four bytes.
const LONGEST: usize = 30_000;

impl Actions {
    /// Runs a command when it is its turn, and keeps what came of it.
    pub(super) async fn run(&self, command: &Command, task: Task, asked: &Asked) -> Run {
        let turn = tokio::select! {
            biased;
            () = async {}, if !asked.has_room() => Err(RunOutcome::Refused),
            () = self.stop.cancelled() => Err(RunOutcome::NotStarted(ENDING.to_owned())),
            turn = self.turns.take(task, command.at_once, command.queue) => turn.ok_or(RunOutcome::Refused),
        };
        let (at, start) = (Utc::now().trunc_subsecs(6), Instant::now());
        let ended = match turn {
            Ok(_turn) => {
                let body = asked.capture.request.body.bytes.clone();
                process::run(command, facts(&asked.capture, &asked.rule), body, &self.stop, &self.warden).await
            }
            Err(outcome) => Ended::without_start(outcome),
        };
        let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.keep_run(Run { at, took_us, ..record(command, asked, ended) }).await
    }

    async fn keep_run(&self, mut run: Run) -> Run {
        match self.store.add_run(run.clone()).await {
            Ok(id) => run.id = id,
            Err(error) => tracing::error!(%error, "the run of a command could not be stored"),
        }
        run
    }
}

fn record(command: &Command, asked: &Asked, ended: Ended) -> Run {
    Run {
        id: 0,
        capture: asked.capture.id,
        at: Utc::now().trunc_subsecs(6),
        rule: asked.rule.clone(),
        command: command.argv.clone(),
        outcome: ended.outcome,
        stdout: ended.stdout.bytes.freeze(),
        stdout_total: ended.stdout.total,
        stderr: ended.stderr.bytes.freeze(),
        stderr_total: ended.stderr.total,
        took_us: 0,
    }
}

/// The answer that a command makes: `planned` with what it wrote as its body, or a 500, or a 503 when it had no turn.
/// What went wrong is said in the note; the client learns no more than that something did.
pub(super) fn answer(planned: Answer, run: &Run) -> Answer {
    let failed = |body: &'static str, note: String| instead(&planned, 500, body, note);
    let program = run.command.first().map_or("the command", String::as_str);
    match &run.outcome {
        RunOutcome::Exited(0) if run.stdout_total == run.stdout.len() as u64 => {
            with_output(planned, run.stdout.clone())
        }
        RunOutcome::Exited(0) => {
            let note =
                format!("{program} wrote {} bytes: an answer has at most {}", run.stdout_total, process::MAX_KEPT);
            failed("The command that answers wrote too much.\n", note)
        }
        RunOutcome::Exited(code) => {
            failed("The command that answers failed.\n", format!("{program} ended with exit code {code}"))
        }
        RunOutcome::Killed(signal) => {
            failed("The command that answers was ended.\n", format!("{program} was ended by signal {signal}"))
        }
        RunOutcome::TimedOut(limit) => {
            failed("The command that answers took too long.\n", format!("{program} was ended after {limit} ms"))
        }
        RunOutcome::NotStarted(why) => failed("The command that answers could not be started.\n", why.clone()),
        RunOutcome::Refused => {
            let note = format!("{program} was not started: too many are waiting already");
            let body = "Too many requests are waiting for this answer. Try again later.\n";
            let mut answer = instead(&planned, 503, body, note);
            answer.headers.set("Retry-After", "1");
            answer
        }
    }
}

fn with_output(mut planned: Answer, output: Bytes) -> Answer {
    if !planned.headers.has("Content-Type") {
        let is_text = std::str::from_utf8(&output).is_ok();
        let content_type = if is_text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
        planned.headers.push("Content-Type", content_type);
    }
    planned.body = output;
    planned
}

/// What a command is told about the capture, in its environment.
///
/// Header lines are there, too, as `HOOKVIEW_HEADER_X_GITHUB_EVENT`; lines of one name are joined with a comma. Names with
/// anything but letters, digits and hyphens are left out, so that none can pass for another.
fn facts(capture: &Capture, rule: &str) -> Vec<(String, OsString)> {
    let (request, verdict, identity) = (&capture.request, &capture.verdict, &capture.identity);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let facts = [
        ("ID", capture.id.0.to_string()),
        ("RULE", rule.to_owned()),
        ("RECEIVED_AT", capture.received_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)),
        ("REMOTE", capture.remote.clone()),
        ("LOCAL", capture.local.clone()),
        ("METHOD", request.method_text().into_owned()),
        ("TARGET", request.target_text().into_owned()),
        ("PATH", request.path()),
        ("QUERY", request.query().unwrap_or_default()),
        ("BODY_BYTES", request.body.bytes.len().to_string()),
        ("VERDICT", verdict.outcome.as_str().to_owned()),
        ("VERDICT_REASON", verdict.reason.clone()),
        ("SCHEME", text(&verdict.scheme)),
        ("SECRET_NAME", text(&verdict.secret)),
        ("SENDER", text(&identity.sender)),
        ("EVENT", text(&identity.event)),
        ("TITLE", identity.title.clone()),
    ];
    let facts = facts.into_iter().map(|(name, value)| (format!("HOOKVIEW_{name}"), value));
    facts.chain(header_facts(capture)).map(|(name, value)| (name, one_line(&value).into())).collect()
}

fn header_facts(capture: &Capture) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    for header in &capture.request.headers {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if header.name.is_empty() || !header.name.iter().all(is_plain) {
            continue;
        }
        let name = format!("HOOKVIEW_HEADER_{}", header.name_text().to_ascii_uppercase().replace('-', "_"));
        let value = String::from_utf8_lossy(&header.value);
        match facts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.extend([", ", &value]),
            None => facts.push((name, value.into_owned())),
        }
    }
    facts
}

/// A value that is one line and harms no terminal: control characters become blanks, of which NUL could not be passed
/// at all. What is too long for a variable is cut, so that no sender can keep a command from being started.
fn one_line(value: &str) -> String {
    value.chars().take(LONGEST).map(|char| if char.is_control() { ' ' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Body, Request, parse_request};

    fn facts_of(head: &'static [u8]) -> Vec<(String, String)> {
        let head = Bytes::from_static(head);
        let request = Request::from_head(head.clone(), parse_request(&head).unwrap(), Body::whole("{}"));
        let capture = Capture::new(request, chrono::DateTime::UNIX_EPOCH, "1.1.1.1:5".into(), "1.1.1.1:6".into());
        facts(&capture, "a").into_iter().map(|(name, value)| (name, value.into_string().unwrap())).collect()
    }

    fn fact(facts: &[(String, String)], name: &str) -> Option<String> {
        let values: Vec<_> = facts.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect();
        assert!(values.len() < 2, "{name} is told twice");
        values.into_iter().next()
    }

    #[test]
    fn facts_are_lines_of_text() {
        let facts = facts_of(
            b"POST /a?b=\x1b[31m\x00 HTTP/1.1\r\nX-Event: a\x00b\x1b]0;x\x07\r\nx-event: \xff\xc2\x9b\r\n\r\n",
        );
        assert_eq!(fact(&facts, "HOOKVIEW_QUERY").unwrap(), "b= [31m ");
        assert_eq!(fact(&facts, "HOOKVIEW_HEADER_X_EVENT").unwrap(), "a b ]0;x , \u{fffd} ");
        assert_eq!(fact(&facts, "HOOKVIEW_RECEIVED_AT").unwrap(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(fact(&facts, "HOOKVIEW_VERDICT").unwrap(), "not-checked");
        assert_eq!(fact(&facts, "HOOKVIEW_BODY_BYTES").unwrap(), "2");
    }

    #[test]
    fn no_header_passes_for_another() {
        let facts =
            facts_of(b"POST / HTTP/1.1\r\nX_Event: forged\r\nX-Event : forged\r\n:x: forged\r\nX-Event: true\r\n\r\n");
        assert_eq!(fact(&facts, "HOOKVIEW_HEADER_X_EVENT").unwrap(), "true");
        assert!(facts.iter().all(|(_, value)| value != "forged"));
    }
}
