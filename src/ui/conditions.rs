//! The conditions sheet.

use super::canvas::Canvas;
use super::sheet::headline;
use crate::app::sheet::{ConditionsSheet, condition_lines, conditions_note};
use crate::app::{Model, Panes};
use crate::inspect::cells;

/// Cells of the headline besides the file's name and the note.
const FRAME: usize = 20;
/// A longer file name is cut before the note is.
const LEAST_FILE: usize = 16;

/// Draws what conditions make of the selected capture.
pub fn draw(model: &Model, sheet: &ConditionsSheet, panes: &Panes, canvas: &mut Canvas) {
    let file = model.trial.file.as_deref().unwrap_or_default();
    let note = conditions_note(model, panes.tabs.width.saturating_sub(cells(file).min(LEAST_FILE) + FRAME));
    let room = panes.tabs.width.saturating_sub(cells(&note) + FRAME);
    headline(panes.tabs, &format!("Conditions {}", crate::inspect::cut_front(file, room)), &note, canvas);
    let mut rest = panes.detail;
    rest = rest.take(rest.width.saturating_sub(2));
    let mut skip = sheet.top;
    for line in condition_lines(model) {
        let rows = line.rows(rest.width);
        if skip >= rows {
            skip -= rows;
            continue;
        }
        if rest.height == 0 {
            break;
        }
        rest = rest.below(canvas.wrapped(rest, &line, skip));
        skip = 0;
    }
}
