//! The response tab: what we answered and by which rule, what was played, how the sender judges it, and what was done
//! besides.

use super::deeds::{forwards, resends, runs};
use super::{Content, Page, PageLine, View};
use crate::app::clock::duration;
use crate::app::played::played;
use crate::app::sheet::{DEFAULT, why_not};
use crate::app::{Line, Role};
use crate::capture::{Answer, Header, Headers, NEVER_MADE, Retry, Sameness, status_text};
use crate::inspect::{self, bytes_exact};

/// The tab; `chosen` is the attempt whose answer is shown below, the newest unless one is.
pub(super) fn view(page: Page, chosen: Option<u64>) -> View {
    let mut lines = answer(page);
    lines.extend(page.loaded.capture.retry.map(retry));
    for part in [runs(page), forwards(page, chosen), resends(page, chosen)].into_iter().filter(|part| !part.is_empty())
    {
        lines.push(PageLine::plain(Line::default()));
        lines.extend(part);
    }
    View::new(Content::Lines(lines))
}

fn row(name: &str, value: impl AsRef<str>) -> PageLine {
    PageLine::plain(Line::new(Role::Key, format!("  {name:<8} ")).and(Role::Text, value).hanging(11))
}

fn answer(page: Page) -> Vec<PageLine> {
    let capture = &page.loaded.capture;
    let Some(answer) = &capture.answer else {
        let why =
            if capture.is_settled() { "Not answered: the connection gave no chance to" } else { "Not answered yet" };
        return vec![PageLine::plain(Line::new(Role::Strong, why))];
    };
    let mut lines = vec![PageLine::plain(answered(answer))];
    lines.extend(rule(page, answer));
    let judgement = page.loaded.facts.judgement.as_ref();
    if !answer.note.is_empty() && judgement.is_none_or(|judgement| judgement.text != answer.note) {
        lines.push(row("why", &answer.note));
    }
    if answer.sent_status() > 0 {
        lines.extend(played(answer).map(|played| row("played", played)));
        lines.extend(header_rows(&answer.headers, "sent", |name| page.hides(name)));
        if !answer.body.is_empty() {
            lines.push(row("body", inspect::Clean::bytes(answer.body.trim_ascii_end()).as_str()));
        }
    }
    if let Some(note) = judgement {
        let role = if note.accepted { Role::Good } else { Role::Bad };
        lines.push(PageLine::plain(Line::new(Role::Key, "  note     ").and(role, &note.text).hanging(11)));
        lines.extend((!note.next.is_empty()).then(|| row("", &note.next)));
    }
    lines
}

fn answered(answer: &Answer) -> Line {
    if answer.sent_status() == 0 {
        let played = played(answer).unwrap_or_default();
        return Line::new(Role::Strong, "Not answered  ").and(Role::Bad, played).hanging(2);
    }
    let body = if answer.body.is_empty() { "empty body".to_owned() } else { bytes_exact(answer.body.len() as u64) };
    let after = super::milliseconds(answer.after_us);
    let role = if answer.status < 400 { Role::Good } else { Role::Bad };
    Line::new(Role::Strong, "Answered  ")
        .and(role, format!("{},", status_text(answer.status, "")))
        .and(Role::Text, format!(" {body}, ready {after} after the last byte"))
        .hanging(2)
}

/// Which rule it was, and why it was none above it: as the rules are now, for they may have changed since.
fn rule(page: Page, answer: &Answer) -> Vec<PageLine> {
    const MOST: usize = 6;
    if answer.rule == NEVER_MADE {
        return Vec::new();
    }
    let findings = &page.loaded.foreseen.findings;
    let at = findings.iter().position(|found| found.rule == answer.rule);
    let above = at.or((answer.rule == DEFAULT).then_some(findings.len())).unwrap_or(0);
    let words = match above {
        0 => answer.rule.clone(),
        1 => format!("{}; of the rule above it, as it is now:", answer.rule),
        count => format!("{}; of the {count} rules above it, as they are now:", answer.rule),
    };
    let mut lines = vec![row("by", words)];
    lines.extend(findings.iter().take(above.min(MOST)).map(|found| row("", why_not(found))));
    lines.extend((above > MOST).then(|| row("", format!("and {} more", above - MOST))));
    lines
}

fn retry(retry: Retry) -> PageLine {
    let by = match retry.by {
        Sameness::DeliveryId => "it has the same delivery id",
        Sameness::Bytes => "it has the same path and bytes",
    };
    row("retry", format!("{} of {}, {} after the one before: {by}", retry.nth, retry.of, duration(retry.gap_us)))
}

fn header_rows(headers: &Headers, name: &str, hides: impl Fn(&[u8]) -> bool) -> Vec<PageLine> {
    let value = |header: &Header| {
        if hides(&header.name) { inspect::Clean::text("masked") } else { inspect::Clean::bytes(&header.value) }
    };
    let texts = headers.iter().map(|header| format!("{}: {}", header.name_text(), value(header)));
    texts.enumerate().map(|(index, text)| row(if index == 0 { name } else { "" }, text)).collect()
}
