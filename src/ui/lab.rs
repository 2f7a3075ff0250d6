//! The lab's sheet: template, output, all captures.

use super::canvas::Canvas;
use super::sheet::headline;
use crate::app::sheet::{Grade, LabRow, LabSheet};
use crate::app::{Area, Line, Model, Role};
use crate::inspect::bytes_exact;
use crate::lab::{Failed, Instead, Oddity, Output, Trial};

/// Draws the three panes: below each other, or the output beside the others.
pub fn draw(model: &Model, sheet: &LabSheet, area: Area, canvas: &mut Canvas) {
    if area.width >= 100 {
        let left = area.width / 2;
        let (below, beside) = (area.take(left), area.skip(left + 1));
        let half = area.height * 2 / 3;
        template(model, sheet, Area { height: half, ..below }, canvas);
        all(model, sheet, below.below(half), canvas);
        canvas.wall(Area { width: 1, ..area.skip(left) });
        return output(model, sheet, beside, canvas);
    }
    let lines = sheet.template().lines().count();
    let first = (lines + 2).clamp(3, area.height / 3);
    let last = (sheet.problems().len() + 3).clamp(3, area.height / 3);
    template(model, sheet, Area { height: first, ..area }, canvas);
    let middle = area.height.saturating_sub(first + last);
    output(model, sheet, Area { height: middle, ..area.below(first) }, canvas);
    all(model, sheet, area.below(first + middle), canvas);
}

/// A headline, in brackets where the keys go.
fn title(area: Area, text: &str, (note, focused): (&str, bool), canvas: &mut Canvas) {
    if focused {
        return headline(area, text, note, canvas);
    }
    headline(area, "", note, canvas);
    let room = area.width.saturating_sub(crate::inspect::cells(note) + 4);
    canvas.rule(area.take(4), "─");
    canvas.line(area.skip(1).take(room), &Line::text(format!(" {text} ")));
}

fn template(model: &Model, sheet: &LabSheet, area: Area, canvas: &mut Canvas) {
    let saved = format!("saved {}, watching", model.look.zone.stamp(sheet.read, model.wall));
    let note = match &sheet.source {
        None => "reading",
        Some(Err(_)) => "cannot be read",
        Some(Ok(_)) => saved.as_str(),
    };
    title(area, &format!("Template {}", sheet.name()), (note, !sheet.on_output), canvas);
    let rest = area.below(1);
    if let Some(Err(reason)) = &sheet.source {
        canvas.wrapped(rest, &Line::new(Role::Bad, format!("  ✗ {reason}")).hanging(4), 0);
        return;
    }
    let failed = sheet.failed_line();
    let top =
        if sheet.on_output { failed.map_or(0, |line| line.saturating_sub(rest.height / 2 + 1)) } else { sheet.top[0] };
    for (offset, (at, line)) in sheet.template().lines().enumerate().skip(top).take(rest.height).enumerate() {
        let is_failed = failed == Some(at + 1);
        let (sign, role) = if is_failed { ("✗", Role::Bad) } else { (" ", Role::Dim) };
        canvas.line(rest.row(offset), &Line::new(role, format!("{sign}{:>2}  ", at + 1)).and(Role::Text, line));
    }
}

fn output(model: &Model, sheet: &LabSheet, area: Area, canvas: &mut Canvas) {
    let id = sheet.wanted.map(|id| id.to_string()).unwrap_or_default();
    let took = sheet.shown.as_ref().map_or(0, |(.., took)| *took);
    title(area, &format!("Output for {id}"), (&output_note(sheet.trial(), took), sheet.on_output), canvas);
    let mut rest = area.below(1);
    for line in output_lines(model, sheet).into_iter().skip(sheet.top[1]) {
        rest = rest.below(canvas.wrapped(rest, &line, 0));
    }
}

/// `✓ valid JSON, 65 B, 0.4 ms`
fn output_note(trial: Option<&Trial>, took: u64) -> String {
    match trial.map(|trial| (trial, &trial.result)) {
        None => String::new(),
        Some((_, Err(failed))) => failed.failure.line().map_or("✗".to_owned(), |line| format!("✗ line {line}")),
        Some((trial, Ok(output))) => {
            let grade = Grade::of(trial);
            let words = if grade == Grade::Good { trial.words() } else { "odd".to_owned() };
            let size = bytes_exact(output.text.len() as u64);
            format!("{} {words}, {size}, {}.{} ms", grade.sign(), took / 1000, took % 1000 / 100)
        }
    }
}

fn output_lines(model: &Model, sheet: &LabSheet) -> Vec<Line> {
    let Some((id, trial, _)) = sheet.shown.as_ref().filter(|(id, ..)| Some(*id) == sheet.wanted) else {
        return Vec::new();
    };
    let Some(trial) = trial else {
        return vec![Line::text(format!("    {id} has no JSON in its body, so that there is no context.")).hanging(4)];
    };
    match &trial.result {
        Ok(output) => good(sheet, output),
        Err(failed) => {
            let sender = model.list.selected_row().and_then(|row| row.sender.clone());
            let mut lines = bad(failed, sender.as_deref());
            lines.extend(last_good(model, sheet));
            lines
        }
    }
}

fn good(sheet: &LabSheet, output: &Output) -> Vec<Line> {
    let mut lines: Vec<Line> = output.oddities.iter().map(oddity).collect();
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(output.text.lines().map(|line| {
        let (role, sign) = if sheet.is_changed(line) { (Role::Unchecked, "~") } else { (Role::Text, " ") };
        Line::new(role, format!("  {sign} ")).and(Role::Text, line).hanging(4)
    }));
    lines
}

fn oddity(oddity: &Oddity) -> Line {
    let place = oddity.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let hint = oddity.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
    Line::new(Role::Strong, "  ! ").and(Role::Text, format!("{place}{}{hint}", oddity.text)).hanging(4)
}

fn bad(failed: &Failed, sender: Option<&str>) -> Vec<Line> {
    let text = |text: &str| Line::text(format!("    {text}")).hanging(4);
    let mut lines = vec![Line::new(Role::Bad, format!("  ✗ {}", failed.short())).hanging(4), Line::default()];
    lines.extend(failed.meaning.iter().map(|sentence| text(sentence)));
    if !failed.fix.is_empty() {
        lines.push(text("The usual guard:"));
        lines.extend(failed.fix.iter().map(|line| text(&format!("  {line}"))));
    }
    let system = sender.unwrap_or("The system");
    let instead = match &failed.instead {
        Instead::Text(_) | Instead::Traceback(_) => {
            format!("In {system} this does not stop the webhook: the error becomes the body and is sent.")
        }
        Instead::Nothing => format!("{system} would send nothing."),
        Instead::Unknown => format!("This needs {system} itself: what it would send cannot be told here."),
    };
    lines.push(text(&instead));
    lines
}

fn last_good(model: &Model, sheet: &LabSheet) -> Vec<Line> {
    let Some(good) = &sheet.good else { return Vec::new() };
    let at = model.look.zone.stamp(good.at, model.wall);
    let head = Line::new(Role::Key, format!("  last good output, for {} at {at}", good.id));
    let text = good.text.lines().map(|line| Line::new(Role::Dim, format!("    {line}")).hanging(4));
    [Line::default(), head].into_iter().chain(text).collect()
}

fn all(model: &Model, sheet: &LabSheet, area: Area, canvas: &mut Canvas) {
    let [good, odd, failed] = sheet.counts();
    let missing = if sheet.missing > 0 { format!("  {} to come", sheet.missing) } else { String::new() };
    let note = format!("{good} ✓  {odd} !  {failed} ✗{missing}");
    title(area, &format!("All {} JSON captures", sheet.rows.len()), (&note, false), canvas);
    let rest = area.below(1);
    let problems = sheet.problems();
    let shown = problems.len().min(rest.height.saturating_sub(1));
    // The one that is looked at stays on the screen.
    let at = problems.iter().position(|row| Some(row.id) == sheet.wanted).unwrap_or(0);
    let top = (at + 1).saturating_sub(shown);
    for (offset, row) in problems.iter().skip(top).take(shown).enumerate() {
        canvas.line(rest.row(offset), &problem(model, row, Some(row.id) == sheet.wanted));
    }
    if good > 0 && rest.height > shown {
        canvas.line(rest.row(shown), &others(sheet, good));
    }
}

fn problem(model: &Model, row: &LabRow, chosen: bool) -> Line {
    let role = if row.grade == Grade::Failed { Role::Bad } else { Role::Strong };
    let title = model.list.row(row.id).map(|row| row.title.split(' ').next().unwrap_or_default().to_owned());
    let mark = if chosen { ">" } else { " " };
    Line::new(role, format!("{mark}{} {} ", row.grade.sign(), row.id))
        .and(Role::Text, format!("{}  {}", title.unwrap_or_default(), row.words))
}

fn others(sheet: &LabSheet, good: usize) -> Line {
    let sizes = || sheet.rows.iter().filter(|row| row.grade == Grade::Good).map(|row| row.size as u64);
    let (least, most) = (sizes().min().unwrap_or_default(), sizes().max().unwrap_or_default());
    let size = if least == most { bytes_exact(least) } else { format!("{least} to {}", bytes_exact(most)) };
    let other = if good == sheet.rows.len() { "" } else { " others" };
    Line::new(Role::Good, " ✓ ").and(Role::Text, format!("{good}{other}  {size}"))
}
