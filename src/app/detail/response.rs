//! The response tab: what we answered, how the sender judges it, and the attempts to resend, newest first.

use super::{Content, Page, PageLine, Target, View};
use crate::app::Zone;
use crate::app::{Action, Line, Role};
use crate::capture::{Answer, Attempt, AttemptOutcome, Header, Headers, Response, Signing};
use crate::inspect::{self, bytes_exact};

/// The tab; `chosen` is the attempt whose answer is shown below, the newest unless one is.
pub(super) fn view(page: Page, chosen: Option<u64>) -> View {
    let mut lines = answer(page);
    lines.push(PageLine::plain(Line::default()));
    lines.extend(attempts(page, chosen));
    View::new(Content::Lines(lines))
}

fn row(name: &str, value: impl AsRef<str>) -> PageLine {
    PageLine::plain(Line::new(Role::Key, format!("  {name:<8} ")).and(Role::Text, value).hanging(11))
}

fn answer(page: Page) -> Vec<PageLine> {
    let loaded = page.loaded;
    let Some(answer) = &loaded.capture.answer else {
        return vec![PageLine::plain(Line::new(Role::Strong, "Not answered: the connection gave no chance to"))];
    };
    let mut lines = vec![PageLine::plain(answered(answer)), row("rule", &answer.rule)];
    if !answer.note.is_empty() {
        lines.push(row("why", &answer.note));
    }
    lines.extend(header_rows(&answer.headers, "sent", |name| page.hides(name)));
    if !answer.body.is_empty() {
        lines.push(row("body", inspect::Clean::bytes(answer.body.trim_ascii_end()).as_str()));
    }
    if let Some(note) = &loaded.facts.judgement {
        let role = if loaded.facts.judged_good { Role::Good } else { Role::Bad };
        lines.push(PageLine::plain(Line::new(Role::Key, "  note     ").and(role, note).hanging(11)));
    }
    lines
}

fn answered(answer: &Answer) -> Line {
    let body = if answer.body.is_empty() { "empty body".to_owned() } else { bytes_exact(answer.body.len() as u64) };
    let after = milliseconds(answer.after_us);
    let role = if answer.status < 400 { Role::Good } else { Role::Bad };
    Line::new(Role::Strong, "Answered  ")
        .and(role, status_text(answer.status, ""))
        .and(Role::Text, format!(", {body}, ready {after} after the last byte"))
}

fn header_rows(headers: &Headers, name: &str, hides: impl Fn(&[u8]) -> bool) -> Vec<PageLine> {
    let value = |header: &Header| {
        if hides(&header.name) { inspect::Clean::text("masked") } else { inspect::Clean::bytes(&header.value) }
    };
    let texts = headers.iter().map(|header| format!("{}: {}", header.name_text(), value(header)));
    texts.enumerate().map(|(index, text)| row(if index == 0 { name } else { "" }, text)).collect()
}

fn attempts(page: Page, chosen: Option<u64>) -> Vec<PageLine> {
    let (loaded, zone) = (page.loaded, page.look.zone);
    let count = loaded.attempts.len();
    if count == 0 {
        return vec![PageLine::plain(Line::new(
            Role::Dim,
            format!("Not resent yet: {} opens the sheet", page.key(Action::Resend)),
        ))];
    }
    let times = if count == 1 { "once".to_owned() } else { format!("{count} times, newest first") };
    let mut lines = vec![PageLine::plain(Line::new(Role::Strong, format!("Resent    {times}")))];
    let newest = loaded.attempts.iter().enumerate().rev();
    lines.extend(
        newest.map(|(index, attempt)| PageLine { line: attempt_line(attempt, zone), target: Target::Attempt(index) }),
    );
    let shown = loaded.attempts.iter().find(|attempt| Some(attempt.id) == chosen).or(loaded.attempts.last());
    if let Some((attempt, response)) = shown.and_then(|attempt| Some((attempt, attempt_response(attempt)?))) {
        lines.push(PageLine::plain(Line::default()));
        lines.push(PageLine::plain(Line::new(Role::Strong, format!("{} response", zone.clock(attempt.at)))));
        lines.extend(response_lines(response, |name| page.hides(name)).into_iter().map(PageLine::plain));
    }
    lines
}

fn attempt_response(attempt: &Attempt) -> Option<&Response> {
    match &attempt.outcome {
        AttemptOutcome::Answered(response) => Some(response),
        AttemptOutcome::Failed(_) => None,
    }
}

/// An attempt on one line: when, what came of it, how long it took, where to.
pub fn attempt_line(attempt: &Attempt, zone: Zone) -> Line {
    let signing = match &attempt.signing {
        Signing::Captured => "as captured".to_owned(),
        Signing::With(name) => format!("re-signed {name}"),
        Signing::None => "unsigned".to_owned(),
    };
    let edited = if attempt.edited { ", edited" } else { "" };
    let line = Line::text(format!("  {}  ", zone.clock(attempt.at)));
    let (role, outcome) = outcome_text(attempt);
    line.and(role, outcome).and(Role::Text, format!("   {}   {signing}{edited}", attempt.url))
}

/// What came of an attempt, with its sign and how long it took.
pub fn outcome_text(attempt: &Attempt) -> (Role, String) {
    match &attempt.outcome {
        AttemptOutcome::Answered(response) => {
            let (role, mark) = if attempt.accepted() { (Role::Good, "✓") } else { (Role::Bad, "✗") };
            let size = bytes_exact(response.body_total);
            (
                role,
                format!(
                    "{mark} {}  {}  {size}",
                    status_text(response.status, &response.reason),
                    milliseconds(attempt.timing.total_us)
                ),
            )
        }
        AttemptOutcome::Failed(reason) => (Role::Bad, format!("✗ {reason}")),
    }
}

/// A whole answer: status line, headers, body.
/// Values of header lines for which `hides` holds are left out.
pub fn response_lines(response: &Response, hides: impl Fn(&[u8]) -> bool) -> Vec<Line> {
    let mut lines = vec![Line::text(format!("  {}", status_text(response.status, &response.reason)))];
    for header in &response.headers {
        let value = inspect::Clean::bytes(if hides(&header.name) { b"masked" } else { &header.value[..] });
        lines.push(Line::new(Role::Key, format!("  {}", header.name_text())).and(Role::Text, format!(": {value}")));
    }
    lines.push(Line::default());
    let body = inspect::pretty(&response.body).unwrap_or_else(|_| response.body.to_vec());
    let text = String::from_utf8_lossy(&body);
    lines.extend(text.lines().take(5_000).map(|line| Line::text(format!("  {line}"))));
    let kept = response.body.len() as u64;
    if response.body_total > kept {
        lines.push(Line::new(Role::Dim, format!("  {} more were not kept", bytes_exact(response.body_total - kept))));
    }
    lines
}

/// `200 OK`, with the usual words where the answer gave none.
pub fn status_text(status: u16, reason: &str) -> String {
    let usual = match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    };
    let reason = if reason.is_empty() { usual } else { reason };
    format!("{status} {reason}").trim_end().to_owned()
}

/// A duration in milliseconds, with a decimal below ten.
pub fn milliseconds(us: u64) -> String {
    if us < 10_000 { format!("{}.{} ms", us / 1000, us % 1000 / 100) } else { format!("{} ms", us / 1000) }
}
