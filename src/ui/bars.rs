//! The title, the status line and the hints.

use super::canvas::Canvas;
use crate::app::hints;
use crate::app::sheet::{Overlay, PromptKind};
use crate::app::status::{self, Sides};
use crate::app::{Area, Field, Line, Model, Role};
use crate::inspect::{Clean, cells};

/// The title line.
pub fn title(model: &Model, area: Area, canvas: &mut Canvas) {
    sides(&status::title(model, area.width), area, canvas);
    if area.width >= 160 {
        let text = format!("session {}", Clean::text(&model.session));
        canvas.text(area.skip(area.width.saturating_sub(cells(&text)) / 2).take(60), Role::Dim, &text);
    }
}

/// The right part is whole or not there; the left one is cut.
fn sides((left, right): &Sides, area: Area, canvas: &mut Canvas) {
    let width = right.width();
    if width == 0 || width >= area.width {
        return canvas.line(area, left);
    }
    canvas.line(area.take(area.width - width - 1), left);
    canvas.line(area.last(width), right);
}

/// The status line, or the prompt in its place.
pub fn status(model: &Model, area: Area, canvas: &mut Canvas) {
    let parts = status::status(model);
    sides(&parts, area, canvas);
    match &model.overlay {
        Some(Overlay::Prompt(prompt)) => {
            canvas.text(area, Role::Strong, prompt.sign());
            let room = area.take(area.width.saturating_sub(parts.1.width() + 1));
            field(&prompt.field, room.skip(cells(prompt.sign())), canvas);
        }
        Some(Overlay::Palette(palette)) => canvas.caret(2 + cells(palette.field.before_cursor()), area.y),
        Some(Overlay::Help(help)) if help.typing => canvas.caret(2 + cells(&help.find), area.y),
        _ => {}
    }
}

/// A text field with the hardware cursor in it; the text moves when the cursor would leave the field.
pub fn field(field: &Field, area: Area, canvas: &mut Canvas) {
    let caret = cells(Clean::text(field.before_cursor()).as_str());
    let skip = (caret + 1).saturating_sub(area.width);
    canvas.clipped(area, &Line::text(field.text()), skip);
    canvas.caret(area.x + caret - skip, area.y);
}

/// The hint line: keys in bold.
pub fn hints(model: &Model, area: Area, canvas: &mut Canvas) {
    let always = hints::always(model);
    if let Some(Overlay::Prompt(prompt)) = &model.overlay {
        let room = area.take(area.width.saturating_sub(cells(&always) + 3));
        match prompt.choices.as_slice() {
            [] => canvas.text(room, Role::Dim, &prompt_hint(model, prompt.kind)),
            choices => canvas.text(room, Role::Text, &format!(" {}", choices.join("  "))),
        }
    } else {
        let mut rest = area.skip(1);
        for (_, key, word) in hints::hints(model, area.width) {
            canvas.line(rest, &Line::new(Role::Strong, &key).and(Role::Text, format!(" {word}")));
            rest = rest.skip(cells(&key) + cells(word) + 3);
        }
    }
    let words = always.split(' ').enumerate();
    let line = words.fold(Line::default(), |line, (index, word)| {
        line.and(if index % 3 == 0 { Role::Strong } else { Role::Text }, format!("{word} "))
    });
    canvas.line(area.last(cells(&always) + 1), &line);
}

fn prompt_hint(model: &Model, kind: PromptKind) -> String {
    match (kind, model.list.filter().scan) {
        (PromptKind::Filter, Some(scan)) => {
            let percent = scan.scanned * 100 / scan.total.max(1);
            format!(" searching headers and bodies, {percent}%")
        }
        (PromptKind::Filter, None) => " words, or rule:NAME, lint:CODE, change:ID, is:retry".to_owned(),
        (PromptKind::Search, _) => " text to find in this tab; n N go on".to_owned(),
        (PromptKind::Goto, _) => " number of a capture; in the detail a line, or 0x20 for a byte".to_owned(),
        (PromptKind::JumpKey, _) => " the beginning of a JSON key, or some of its letters".to_owned(),
        (PromptKind::Conditions, _) => {
            " file with the conditions, in JSON; it is read again when it changes".to_owned()
        }
        (PromptKind::Template, _) => " a body's template, or a webhook (.toml)".to_owned(),
        (PromptKind::Write, _) => " file name; an existing file is not overwritten".to_owned(),
    }
}
