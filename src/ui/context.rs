//! The context column of wide screens: signature, headers, answer and resends, what
//! belongs to the same change, the same object's history, the sender.

use super::canvas::Canvas;
use crate::app::clock::duration;
use crate::app::detail::{milliseconds, outcome_text};
use crate::app::mark;
use crate::app::played::played;
use crate::app::{Action, Area, Diagnosis, Line, Loaded, Model, Role, Tab, Told};
use crate::capture::{Answer, Asker, Attempt, Outcome, Summary};
use crate::inspect::{Clean, cells, cut};

/// Cells before the title in the row of a capture: number, time, sign.
const BEFORE_TITLE: usize = 19;

/// Draws the column.
pub fn draw(model: &Model, area: Area, canvas: &mut Canvas) {
    let Some(loaded) = model.detail.loaded().filter(|_| area.width > 0) else { return };
    // The first headline is on the line above, beside those of list and tabs; the wall is left of the column.
    let mut rest = Area { y: area.y.saturating_sub(1), height: area.height + 1, ..area };
    canvas.wall(Area { x: area.x - 1, ..area });
    for (index, (title, lines)) in
        sections(model, loaded, (area.width.saturating_sub(1), area.height)).into_iter().enumerate()
    {
        if rest.height < 2 {
            break;
        }
        canvas.rule(Area { x: area.x - 1, width: 1, ..rest }, if index == 0 { "┬" } else { "├" });
        canvas.rule(rest, "─");
        canvas.text(rest.skip(1), Role::Strong, &format!(" {title} "));
        rest = rest.below(1);
        for line in &lines {
            rest = rest.below(prose_or_line(rest.skip(1), line, canvas));
        }
        rest = rest.below(1);
    }
}

/// Writes prose over as many rows as it takes, anything else on one; says how many rows that were.
fn prose_or_line(area: Area, line: &Line, canvas: &mut Canvas) -> usize {
    if line.hang > 0 {
        return canvas.wrapped(area, line, 0);
    }
    canvas.line(area, line);
    1
}

fn sections(model: &Model, loaded: &Loaded, (width, height): (usize, usize)) -> Vec<(String, Vec<Line>)> {
    let sign = mark(loaded.capture.verdict.mark()).1;
    let count = loaded.capture.request.headers.len();
    let status = loaded.capture.answer.as_ref().map_or(0, Answer::sent_status);
    let mut sections = vec![
        (format!("Signature {sign}"), signature(model, loaded)),
        (format!("Headers {count}"), headers(model, loaded, height / 3)),
        (if status == 0 { "Not answered".to_owned() } else { format!("Answered {status}") }, answer(model, loaded)),
    ];
    let tries = schedule(model, loaded);
    if tries.len() > 1 {
        sections.push((format!("Schedule seen: {} tries", tries.len()), tries));
    }
    let changed = changed(loaded);
    if !changed.is_empty() {
        sections.push((format!("Changed {}", changed.len()), changed));
    }
    sections.extend(change(model, loaded));
    if let Some(object) = &loaded.capture.identity.object {
        let title = format!("This object: {} {}", Clean::text(&object.model), Clean::text(&object.id));
        sections.push((title, history(model, loaded, width)));
    }
    sections.push(("Sender".to_owned(), sender(model, loaded)));
    sections
}

fn signature(model: &Model, loaded: &Loaded) -> Vec<Line> {
    let verdict = &loaded.capture.verdict;
    let secret = verdict.secret.as_deref().map(|name| format!(" secret {name}")).unwrap_or_default();
    let (role, text) = match verdict.outcome {
        Outcome::Valid => (Role::Good, format!("✓ verified with{secret}")),
        Outcome::Stale => (Role::Bad, "✗ genuine, but too old".to_owned()),
        Outcome::Invalid => (Role::Bad, format!("✗ does not match{secret}")),
        Outcome::Missing => (Role::Text, "– not signed".to_owned()),
        Outcome::NotChecked if verdict.scheme.is_some() => (Role::Unchecked, "? no secret to check it with".to_owned()),
        Outcome::NotChecked => (Role::Text, "– not signed, no secret configured".to_owned()),
    };
    let mut lines = vec![Line::new(role, text)];
    if !verdict.reason.is_empty() && verdict.outcome != Outcome::Valid {
        let known = model.detail.diagnosis().and_then(Diagnosis::cause);
        let cause = known.unwrap_or(verdict.reason.as_str());
        lines.push(Line::new(Role::Key, "cause  ").and(Role::Text, cause).hanging(7));
        if model.detail.tab != Tab::Signature {
            let key = model.look.keymap.hint(Action::Signature);
            lines.push(Line::new(Role::Dim, format!("press {key} for the evidence and the fix")));
        }
    } else if let Some(scheme) = &loaded.facts.scheme {
        lines.push(Line::text(scheme));
    }
    lines
}

fn headers(model: &Model, loaded: &Loaded, most: usize) -> Vec<Line> {
    let headers = &loaded.capture.request.headers;
    let width = headers.iter().map(|header| cells(&header.name_text())).max().unwrap_or(0).min(20);
    let line = |header: &crate::capture::Header| {
        let name = Clean::bytes(&header.name);
        let pad = " ".repeat(width.saturating_sub(name.width()) + 2);
        let value = if model.detail.hides(&header.name) {
            "masked".to_owned()
        } else {
            Clean::bytes(&header.value).to_string()
        };
        Line::new(Role::Key, name.as_str()).and(Role::Text, format!("{pad}{value}"))
    };
    let mut lines: Vec<Line> = headers.iter().take(most).map(line).collect();
    if headers.len() > most {
        lines.push(Line::new(Role::Dim, format!("{} more", headers.len() - most)));
    }
    lines
}

fn answer(model: &Model, loaded: &Loaded) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(answer) = &loaded.capture.answer {
        lines.push(Line::new(Role::Key, "by    ").and(Role::Text, &answer.rule));
        lines.push(Line::new(Role::Key, "took  ").and(Role::Text, milliseconds(answer.after_us)));
        lines.extend(played(answer).map(|played| Line::new(Role::Key, "play  ").and(Role::Text, played).hanging(6)));
    }
    if let Some(note) = &loaded.facts.judgement {
        lines.push(Line::new(if note.accepted { Role::Good } else { Role::Bad }, &note.text).hanging(1));
    }
    let is_resend = |attempt: &&Attempt| attempt.by == Asker::Resend;
    let (resent, forwarded): (Vec<&Attempt>, Vec<&Attempt>) = loaded.attempts.iter().partition(is_resend);
    for (name, attempts) in [("forwarded", forwarded), ("resent", resent)] {
        attempted(model, name, &attempts, &mut lines);
    }
    lines
}

/// The newest of some attempts, newest first.
fn attempted(model: &Model, name: &str, attempts: &[&Attempt], lines: &mut Vec<Line>) {
    const MOST: usize = 5;
    match attempts.len() {
        0 => return,
        1 => lines.extend([Line::default(), Line::text(format!("{name} once"))]),
        count => lines.extend([Line::default(), Line::text(format!("{name} {count} times"))]),
    }
    for attempt in attempts.iter().rev().take(MOST) {
        let (role, text) = outcome_text(attempt);
        lines.push(
            Line::text(format!("{}  ", model.look.zone.clock(attempt.at)))
                .and(role, text)
                .and(Role::Text, format!("  {}", attempt.url)),
        );
    }
}

/// The delivery and its repetitions among the recent captures, each with the pause before it, this one marked.
fn schedule(model: &Model, loaded: &Loaded) -> Vec<Line> {
    const MOST: usize = 10;
    const RECENT: usize = 10_000;
    let first = loaded.capture.retry.map_or(loaded.capture.id, |retry| retry.of);
    let is_try = |row: &&Summary| row.id == first || row.retry.is_some_and(|retry| retry.of == first);
    let tries = model.list.rows().rev().take(RECENT).filter(is_try).take(MOST);
    let mut lines: Vec<Line> = tries
        .map(|row| {
            let this = if row.id == loaded.capture.id { ">" } else { " " };
            let time = model.look.zone.clock(row.received_at);
            let pause = row.retry.map(|retry| format!("+{}", duration(retry.gap_us))).unwrap_or_default();
            let status = if row.status == 0 { "–".to_owned() } else { row.status.to_string() };
            Line::text(format!("{this}{:>6} {time} {pause:>9}  {status}", row.id.to_string()))
        })
        .collect();
    lines.reverse();
    lines
}

/// What its snapshots tell of the change, a field a line.
fn changed(loaded: &Loaded) -> Vec<Line> {
    let fields = loaded.changes.iter().flat_map(|changes| &changes.fields);
    fields.map(|field| Line::text(field.to_string())).collect()
}

/// The webhooks of the same change, one a line, this one marked; those around it when they are many.
fn change(model: &Model, loaded: &Loaded) -> Option<(String, Vec<Line>)> {
    const MOST: usize = 6;
    let (nth, rows) = model.list.change_of(loaded.capture.id)?;
    let start = nth.saturating_sub(MOST / 2).min(rows.len().saturating_sub(MOST));
    let around = rows.iter().enumerate().skip(start).take(MOST);
    let mut lines: Vec<Line> = around.map(|(index, row)| row_line(model, row, index + 1 == nth, None)).collect();
    let id = loaded.capture.identity.change.as_deref().unwrap_or_default();
    let begin: String = id.chars().take_while(|char| !char.is_whitespace()).take(8).collect();
    let key = model.look.keymap.hint(Action::Find);
    lines.push(Line::new(Role::Dim, format!("{key} change:{begin} shows them")));
    Some((format!("This change: {nth} of {}", rows.len()), lines))
}

/// The captures of the same object among the recent ones with what each changed, one a line, this one marked.
fn history(model: &Model, loaded: &Loaded, width: usize) -> Vec<Line> {
    let line = |row: &Summary| {
        let told = model.past.told(row.id).map(|told| told_text(told, width.saturating_sub(BEFORE_TITLE)));
        row_line(model, row, row.id == loaded.capture.id, told.as_deref())
    };
    model.object_rows().into_iter().map(line).collect()
}

/// The first change, cut so that the number of others is seen: `description "a very lon…, +2 more`.
fn told_text(told: &Told, width: usize) -> String {
    let more = if told.more == 0 { String::new() } else { format!(", +{} more", told.more) };
    cut(&told.text(width.saturating_sub(cells(&more))), width.saturating_sub(cells(&more))) + &more
}

/// A capture in a line, with its title unless there is something better to say.
fn row_line(model: &Model, row: &Summary, is_this: bool, said: Option<&str>) -> Line {
    let (role, sign) = mark(row.mark);
    let this = if is_this { ">" } else { " " };
    let time = model.look.zone.clock(row.received_at);
    Line::text(format!("{this}{:>6} {time} ", row.id.to_string()))
        .and(role, sign)
        .and(Role::Text, format!(" {}", said.unwrap_or(&row.title)))
}

fn sender(model: &Model, loaded: &Loaded) -> Vec<Line> {
    let (capture, identity) = (&loaded.capture, &loaded.capture.identity);
    let name = identity.sender.as_deref().unwrap_or("not recognised");
    let version = identity.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
    let evidence = identity.evidence.as_deref().map(|evidence| format!("  (by {evidence})")).unwrap_or_default();
    let mut lines = vec![
        Line::text(format!("{name}{version}{evidence}")),
        Line::text(format!("from {}, {}", capture.remote, capture.request.version)),
        Line::text(format!("received {}", model.look.zone.full(capture.received_at))),
        Line::text(format!(
            "head {}  body {}",
            milliseconds(capture.timing.head_us),
            milliseconds(capture.timing.body_us)
        )),
    ];
    lines.extend(capture.tls.as_ref().map(|tls| Line::text(Clean::text(&tls.to_string()).to_string())));
    lines
}
