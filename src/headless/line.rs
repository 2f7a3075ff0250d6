//! A capture on one line, and one more for each thing that is wrong with it or became of it: nothing is ever redrawn.

use chrono::Local;

use super::Tools;
use super::{Told, outcome};
use crate::capture::{Capture, Mark, ProblemKind};
use crate::signature::Hint;

/// `#17 12:31:04 bad  POST /hooks/pm 200 2148B update AS64512 - Example Net`
pub(super) fn line(capture: &Capture, told: &Told, utc: bool, tools: &Tools) -> String {
    let parts = [
        capture.id.to_string(),
        clock(capture, utc),
        format!("{:<4}", word(capture.verdict.mark())),
        asked(capture, tools),
        capture.answer.as_ref().map_or("-".to_owned(), |answer| answer.status.to_string()),
        format!("{}B", capture.request.body.total),
        (tools.clean)(capture.identity.title.as_bytes()),
    ];
    let mut lines = vec![parts.join(" ").trim_end().to_owned()];
    if capture.verdict.mark() == Mark::Failed {
        lines.push(format!("    signature: {}", cause(capture, &told.hints, tools)));
    }
    lines.extend(outcome::lines(capture, &told.deeds, tools).into_iter().map(|line| format!("    {line}")));
    if let Some(problem) = &capture.problem {
        lines.push(format!("    problem: {}", (tools.clean)(problem.text.as_bytes())));
    }
    lines.join("\n") + "\n"
}

/// Method and target; of a head that is not HTTP, what stands there instead.
fn asked(capture: &Capture, tools: &Tools) -> String {
    let request = &capture.request;
    if request.method.is_empty() {
        return format!("? {}", opening(capture, tools));
    }
    format!("{} {}", (tools.clean)(&request.method), (tools.clean)(&request.target))
}

/// Marks as words, for ears.
fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Verified => "ok",
        Mark::Failed => "bad",
        Mark::Unsigned => "none",
        Mark::Unchecked => "?",
    }
}

fn cause(capture: &Capture, hints: &[Hint], tools: &Tools) -> String {
    let verdict = &capture.verdict;
    let reason = if verdict.reason.is_empty() { verdict.outcome.as_str() } else { &verdict.reason };
    (tools.clean)(hints.first().map_or(reason, |hint| hint.cause.as_str()).as_bytes())
}

fn clock(capture: &Capture, utc: bool) -> String {
    let at = capture.received_at;
    if utc { at.format("%H:%M:%S").to_string() } else { at.with_timezone(&Local).format("%H:%M:%S").to_string() }
}

/// What stands where a request should.
pub(super) fn opening(capture: &Capture, tools: &Tools) -> String {
    match &capture.problem {
        Some(problem) if problem.kind == ProblemKind::TlsFailed => "TLS handshake".to_owned(),
        _ => first_line(&capture.request.head, tools),
    }
}

/// Of a head that is not HTTP: as much as tells what it is.
fn first_line(head: &[u8], tools: &Tools) -> String {
    let end = head.iter().take(80).position(|&byte| byte == b'\n').unwrap_or(head.len().min(80));
    (tools.clean)(head[..end].trim_ascii_end())
}
