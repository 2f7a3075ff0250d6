//! The lab's sheet: templates, output, all captures, the context.

use super::canvas::Canvas;
use super::sheet::{cursor, headline};
use super::{detail, sheet};
use crate::app::sheet::{CopyMenu, LabOutput, LabPane, LabRow, LabSheet, Overlay};
use crate::app::{Area, LabPanes, Line, Model, Panes, Role};
use crate::inspect::{bytes_exact, cells, cut_front};
use crate::lab::{Grade, Part};

/// Draws the panes, and the copy menu below them.
pub fn draw(model: &Model, lab: &LabSheet, area: Area, canvas: &mut Canvas) {
    let Some(panes) = model.lab_panes() else { return };
    template(model, lab, panes.template, canvas);
    output(model, lab, &panes, canvas);
    all(model, lab, panes.all, canvas);
    context(model, lab, panes.context, canvas);
    for pane in [panes.output, panes.context].into_iter().filter(|pane| pane.x > 0) {
        let wall = Area { x: pane.x - 1, width: 1, ..pane };
        canvas.wall(wall);
        canvas.rule(wall, if pane.y == area.y { "┬" } else { "┼" });
    }
    if let Some(Overlay::Copy(menu)) = &model.overlay {
        copy(model, menu, area, canvas);
    }
}

fn copy(model: &Model, menu: &CopyMenu, area: Area, canvas: &mut Canvas) {
    let rows = menu.items.len() + 1;
    let below = area.below(area.height.saturating_sub(rows));
    canvas.clear(below);
    sheet::copy(model, menu, &Panes { detail: below, ..Panes::default() }, canvas);
}

/// A headline, in brackets where the keys go.
fn title(area: Area, text: &str, (note, focused): (&str, bool), canvas: &mut Canvas) {
    if focused {
        return headline(area, text, note, canvas);
    }
    headline(area, "", note, canvas);
    let room = area.width.saturating_sub(cells(note) + 4);
    canvas.rule(area.take(4), "─");
    canvas.line(area.skip(1).take(room), &Line::text(format!(" {text} ")));
}

fn template(model: &Model, lab: &LabSheet, area: Area, canvas: &mut Canvas) {
    if area.height == 0 {
        return;
    }
    let stamp = model.look.zone.stamp(lab.read, model.wall);
    let note = match &lab.source {
        None => "reading".to_owned(),
        Some(Err(_)) => "cannot be read, watching".to_owned(),
        Some(Ok(_)) => format!("saved {stamp}, watching"),
    };
    title(area, &template_title(lab), (&note, lab.pane == LabPane::Template), canvas);
    let mut rest = area.below(1);
    if let Some(Err(reason)) = &lab.source {
        rest = rest.below(canvas.wrapped(rest, &Line::new(Role::Bad, format!("  ✗ {reason}")).hanging(4), 0));
        let edit = model.look.keymap.hint(crate::app::Action::Edit);
        let hint = format!("    {edit} opens {} in the editor, and makes it where it is not there yet", lab.name());
        canvas.wrapped(rest, &Line::new(Role::Dim, hint).hanging(4), 0);
        return;
    }
    let (lines, failed) = (lab.lines(), lab.failed_line());
    let at = failed.and_then(|(part, line)| lines.iter().position(|(of, number, _)| (*of, *number) == (part, line)));
    let centred = at.map_or(0, |at| (at + 1).saturating_sub(rest.height / 2 + 1));
    let top = if lab.pane == LabPane::Template { lab.top[0] } else { centred };
    let whole = lab.definition().is_some_and(|definition| definition.whole);
    for (part, number, text) in lines.iter().skip(top) {
        let line = match number {
            0 => part_line(lab, *part),
            _ => source_line((*number, text), failed == Some((*part, *number)), whole),
        };
        let used = if lab.wrap[0] { canvas.wrapped(rest, &line, 0) } else { 1 };
        if !lab.wrap[0] {
            canvas.line(rest, &line);
        }
        rest = rest.below(used);
        if rest.height == 0 {
            break;
        }
    }
}

/// `Template change.toml: url`
fn template_title(lab: &LabSheet) -> String {
    match lab.definition() {
        Some(definition) if definition.whole => format!("Webhook {}: {}", lab.name(), lab.part.name()),
        _ => format!("Template {}", lab.name()),
    }
}

/// The headline of a part: how it fares, and the file that it is in.
fn part_line(lab: &LabSheet, part: Part) -> Line {
    let (role, mark) = if part == lab.part { (Role::Strong, ">") } else { (Role::Key, " ") };
    let trial = lab.tryout().and_then(|tryout| tryout.part(part));
    let stopped = part == Part::Headers && lab.tryout().is_some_and(|tryout| tryout.refused().is_some());
    let (look, sign) = match trial.map(|trial| &trial.result) {
        Some(Ok(_)) if stopped => (Role::Bad, "✗"),
        None => (Role::Dim, " "),
        Some(Err(_)) => (Role::Bad, "✗"),
        Some(Ok(output)) if output.oddities.is_empty() => (Role::Good, "✓"),
        Some(Ok(_)) => (Role::Strong, "!"),
    };
    let file = lab.definition().and_then(|definition| definition.place(part)).map(|place| &place.file);
    let file = file.filter(|file| **file != lab.files.main).map(|file| format!("  {}", file.display()));
    Line::new(role, mark)
        .and(look, sign)
        .and(role, format!(" {}", part.name()))
        .and(Role::Dim, file.unwrap_or_default())
}

fn source_line((number, text): (usize, &str), failed: bool, indented: bool) -> Line {
    let (role, sign) = if failed { (Role::Bad, "✗") } else { (Role::Dim, " ") };
    let indent = if indented { " " } else { "" };
    let number = format!("{indent}{sign}{number:>2}  ");
    let hang = cells(&number);
    Line::new(role, number).and(Role::Text, text).hanging(hang)
}

fn output(model: &Model, lab: &LabSheet, panes: &LabPanes, canvas: &mut Canvas) {
    let area = panes.output;
    if area.height == 0 {
        return;
    }
    let id = lab.wanted.map(|id| id.to_string()).unwrap_or_default();
    let system = lab.chosen_system().map(|system| format!(" as {system}")).unwrap_or_default();
    title(area, &format!("Output for {id}{system}"), (&output_note(lab), lab.pane == LabPane::Output), canvas);
    let mut rest = area.below(1);
    for line in LabOutput::of(model, lab).lines(lab.top[1]) {
        if rest.height == 0 {
            break;
        }
        let used = if lab.wrap[1] { canvas.wrapped(rest, &line, 0) } else { 1 };
        if !lab.wrap[1] {
            canvas.line(rest, &line);
        }
        rest = rest.below(used);
    }
}

/// `✓ valid JSON, 65 B, 0.4 ms`
fn output_note(lab: &LabSheet) -> String {
    let Some(tryout) = lab.tryout() else { return String::new() };
    let grade = Grade::of(tryout);
    if grade == Grade::Failed {
        return match lab.failed_line() {
            Some((Part::Body, line)) => format!("✗ line {line}"),
            Some((part, line)) => format!("✗ {}, line {line}", part.name()),
            None => "✗".to_owned(),
        };
    }
    let took = lab.shown.as_ref().map_or(0, |shown| shown.took);
    let words = if grade == Grade::Good { tryout.words() } else { "odd".to_owned() };
    let size = bytes_exact(tryout.output().map_or(0, |output| output.text.len() as u64));
    format!("{} {words}, {size}, {}.{} ms", grade.sign(), took / 1000, took % 1000 / 100)
}

fn all(model: &Model, lab: &LabSheet, area: Area, canvas: &mut Canvas) {
    if area.height == 0 {
        return;
    }
    let [good, odd, failed] = lab.all.counts();
    let missing = if lab.missing > 0 { format!("  {} to come", lab.missing) } else { String::new() };
    let note = format!("{good} ✓  {odd} !  {failed} ✗{missing}");
    let focused = lab.pane == LabPane::All;
    title(area, &format!("All {} JSON captures", lab.all.len()), (&note, focused), canvas);
    let rest = area.below(1);
    for (offset, row) in lab.all.from(lab.top[2]).take(rest.height).enumerate() {
        let chosen = Some(row.id) == lab.wanted;
        canvas.line(rest.row(offset), &all_line(model, row, chosen));
        if chosen && focused {
            cursor(rest.row(offset), canvas);
        }
    }
}

/// `✗ #10 delete  line 2: ..`, `✓ #11 update  61 B`
fn all_line(model: &Model, row: &LabRow, chosen: bool) -> Line {
    let role = match row.grade {
        Grade::Good => Role::Good,
        Grade::Odd => Role::Strong,
        Grade::Failed => Role::Bad,
    };
    let title = model.list.row(row.id).map(|row| row.title.split(' ').next().unwrap_or_default().to_owned());
    let mark = if chosen { ">" } else { " " };
    let words = if row.grade == Grade::Good { bytes_exact(row.size as u64) } else { row.words.clone() };
    Line::new(role, format!("{mark}{} {} ", row.grade.sign(), row.id))
        .and(Role::Text, format!("{}  {words}", title.unwrap_or_default()))
}

fn context(model: &Model, lab: &LabSheet, area: Area, canvas: &mut Canvas) {
    if area.height == 0 {
        return;
    }
    let id = lab.wanted.map(|id| id.to_string()).unwrap_or_default();
    let focused = lab.pane == LabPane::Context;
    let note = crate::app::sheet::node_at_cursor(&model.detail)
        .filter(|_| focused)
        .and_then(|(tree, node)| tree.index().path(node).jinja())
        .map(|jinja| cut_front(&jinja, area.width.saturating_sub(26)))
        .unwrap_or_default();
    title(area, &format!("Context of {id}"), (&note, focused), canvas);
    detail::rows(model, area.below(1), canvas);
}
