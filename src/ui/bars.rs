//! The title, the status line and the hints.

use super::canvas::Canvas;
use crate::app::sheet::{Overlay, PromptKind};
use crate::app::status::{self, Sides};
use crate::app::{Area, Model, Role};
use crate::inspect::{Clean, cells};

/// The title line.
pub fn title(model: &Model, area: Area, canvas: &mut Canvas) {
    let width = usize::from(area.width);
    sides(status::title(model, width), area, canvas);
    if width >= 160 {
        let text = format!("session {}", Clean::text(&model.session));
        canvas.text((width - cells(&text)) / 2, usize::from(area.y), 60, Role::Dim, &text);
    }
}

/// The right part is whole or not there; the left one is cut.
fn sides((left, right): Sides, area: Area, canvas: &mut Canvas) {
    let (width, y) = (usize::from(area.width), usize::from(area.y));
    let right_width = right.width();
    let fits = right_width < width;
    let room = if fits { width - right_width } else { width };
    canvas.line(0, y, room.saturating_sub(usize::from(right_width > 0 && fits)), &left);
    if fits {
        canvas.line(width - right_width, y, right_width, &right);
    }
}

/// The status line, or the prompt in its place.
pub fn status(model: &Model, area: Area, canvas: &mut Canvas) {
    let y = usize::from(area.y);
    sides(status::status(model), area, canvas);
    match &model.overlay {
        Some(Overlay::Prompt(prompt)) => {
            let count = status::status(model).1.width();
            let room = usize::from(area.width).saturating_sub(count + 1);
            canvas.text(0, y, usize::from(area.width), Role::Strong, prompt.sign());
            let sign = cells(prompt.sign());
            field(
                prompt.field.text(),
                prompt.field.before_cursor(),
                Area { x: sign as u16, y: area.y, width: room.saturating_sub(sign) as u16, height: 1 },
                canvas,
            );
        }
        Some(Overlay::Palette(palette)) => canvas.caret(2 + cells(palette.field.before_cursor()), y),
        Some(Overlay::Help(help)) if help.typing => canvas.caret(2 + cells(&help.find), y),
        _ => {}
    }
}

/// A text field with the hardware cursor in it; the text moves when the cursor would leave the field.
pub fn field(text: &str, before: &str, area: Area, canvas: &mut Canvas) {
    let width = usize::from(area.width);
    let caret = cells(Clean::text(before).as_str());
    let skip = (caret + 1).saturating_sub(width);
    let line = crate::app::Line::text(text);
    canvas.clipped(usize::from(area.x), usize::from(area.y), width, &line, skip);
    canvas.caret(usize::from(area.x) + caret - skip, usize::from(area.y));
}

/// The hint line: keys in bold.
pub fn hints(model: &Model, area: Area, canvas: &mut Canvas) {
    let (width, y) = (usize::from(area.width), usize::from(area.y));
    if let Some(Overlay::Prompt(prompt)) = &model.overlay {
        let room = width.saturating_sub(cells(&status::always(model)) + 3);
        canvas.text(0, y, room, Role::Dim, prompt_hint(model, prompt.kind).as_str());
    } else {
        let mut x = 1;
        for (_, key, word) in status::hints(model, width) {
            canvas.text(x, y, width, Role::Strong, &key);
            canvas.text(x + cells(&key) + 1, y, width, Role::Text, word);
            x += cells(&key) + cells(word) + 3;
        }
    }
    let always = status::always(model);
    let start = width.saturating_sub(cells(&always) + 1);
    let mut x = start;
    for (index, word) in always.split(' ').enumerate() {
        let role = if index % 3 == 0 { Role::Strong } else { Role::Text };
        canvas.text(x, y, width, role, word);
        x += cells(word) + 1;
    }
}

fn prompt_hint(model: &Model, kind: PromptKind) -> String {
    match (kind, model.list.filter().scan) {
        (PromptKind::Filter, Some(scan)) => {
            let percent = scan.scanned * 100 / scan.total.max(1);
            format!(" searching headers and bodies, {percent}%")
        }
        (PromptKind::Filter, None) => " words in method, path, text, headers, body; all must match".to_owned(),
        (PromptKind::Search, _) => " text to find in this tab; n N go on".to_owned(),
        (PromptKind::Goto, _) => " number of a capture; in the detail a line, or 0x20 for a byte".to_owned(),
        (PromptKind::JumpKey, _) => " the beginning of a JSON key, or some of its letters".to_owned(),
        (PromptKind::Write, _) => " file name; an existing file is not overwritten".to_owned(),
    }
}
