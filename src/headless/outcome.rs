//! What became of a capture, in words: what is wrong with what it says, whose answer it was and how it was sent, what
//! it repeats, what was done about it.

use super::Tools;
use crate::capture::{
    Asker, Attempt, AttemptOutcome, Capture, Deeds, Finding, NEVER_MADE, Retry, Run, RunOutcome, Sameness,
};

/// Each thing on a line, as `name: words`, cleaned.
pub(super) fn lines(capture: &Capture, deeds: &Deeds, tools: &Tools) -> Vec<String> {
    let retry = capture.retry.map(|retry| ("retry", retry_words(retry)));
    let answer = answer_words(capture, tools).map(|words| ("answer", words));
    let note = note(capture);
    let runs = deeds.runs.iter().map(|run| ("command", run_words(run)));
    let forwards = deeds.forwards.iter().map(|attempt| ("forward", forward_words(attempt)));
    let lint = capture.identity.lint.iter().map(|finding| ("lint", finding_words(finding)));
    let all = lint.chain(retry).chain(answer).chain(note).chain(runs).chain(forwards);
    all.map(|(name, words)| format!("{name}: {}", (tools.clean)(words.as_bytes()))).collect()
}

/// `invalid-json: This body is not valid JSON, although its content type says so. Line 2, column 11: a value is
/// missing.`
fn finding_words(finding: &Finding) -> String {
    let parts: Vec<&str> = [&finding.text].into_iter().chain(&finding.lines).map(String::as_str).collect();
    format!("{}: {}", finding.code.code(), parts.join(" "))
}

/// `1 of #12, 4.2 s after the one before, same delivery id`
fn retry_words(retry: Retry) -> String {
    let same = match retry.by {
        Sameness::DeliveryId => "same delivery id",
        Sameness::Bytes => "same bytes",
    };
    format!("{} of {}, {} after the one before, {same}", retry.nth, retry.of, spelled(retry.gap_us))
}

/// Whose answer it was, when that says more than the status does, and what was played.
fn answer_words(capture: &Capture, tools: &Tools) -> Option<String> {
    let Some(answer) = &capture.answer else {
        return (!capture.is_settled()).then(|| "none yet".to_owned());
    };
    let says_itself =
        capture.problem.is_some() || is_handshake(capture) || matches!(answer.rule.as_str(), "default" | NEVER_MADE);
    let rule = (!says_itself).then(|| format!("by {}", answer.rule));
    let words: Vec<String> = rule.into_iter().chain((tools.played)(answer)).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// What there is to say about the answer to a handshake, and about any other.
fn note(capture: &Capture) -> Option<(&'static str, String)> {
    let answer = capture.answer.as_ref().filter(|answer| !answer.note.is_empty())?;
    Some((if is_handshake(capture) { "handshake" } else { "note" }, answer.note.clone()))
}

/// Whether what is said about the answer is about a handshake: only there, the default has something to say.
fn is_handshake(capture: &Capture) -> bool {
    let answer = capture.answer.as_ref();
    answer.is_some_and(|answer| {
        answer.rule.starts_with("handshake ") || (answer.rule == "default" && !answer.note.is_empty())
    })
}

/// `deploy --now: exit code 1 after 0.3 s: cannot connect`
fn run_words(run: &Run) -> String {
    let took = spelled(run.took_us);
    let outcome = match &run.outcome {
        RunOutcome::Exited(code) => format!("exit code {code} after {took}"),
        RunOutcome::Killed(signal) => format!("ended by signal {signal} after {took}"),
        RunOutcome::TimedOut(limit) => format!("ended after its {}", spelled(limit * 1000)),
        RunOutcome::NotStarted(why) => format!("not started: {why}"),
        RunOutcome::Refused => "not started: too many are waiting already".to_owned(),
    };
    let complaint = String::from_utf8_lossy(&run.stderr);
    let complaint = complaint.lines().find(|line| !line.trim().is_empty()).filter(|_| !run.went_well());
    let complaint = complaint.map(|line| format!(": {}", line.trim())).unwrap_or_default();
    format!("{}: {outcome}{complaint}", run.command.join(" "))
}

/// `200 after 0.03 s, http://127.0.0.1:8080/hooks, try 2`
fn forward_words(attempt: &Attempt) -> String {
    let outcome = match &attempt.outcome {
        AttemptOutcome::Answered(response) => {
            format!("{} after {}", response.status, spelled(attempt.timing.total_us))
        }
        AttemptOutcome::Failed(why) => why.clone(),
    };
    let nth = match &attempt.by {
        Asker::Forward { nth, .. } if *nth > 1 => format!(", try {nth}"),
        _ => String::new(),
    };
    format!("{outcome}, {}{nth}", attempt.url)
}

/// `0.034 s`, `4.2 s`, `12 min`: from microseconds, to about three digits.
fn spelled(us: u64) -> String {
    let ms = us / 1000;
    match ms {
        0..1_000 => format!("0.{ms:03} s"),
        1_000..100_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        100_000..6_000_000 => format!("{} min", ms / 60_000),
        _ => format!("{} h", ms / 3_600_000),
    }
}
