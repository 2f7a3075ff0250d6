//! The conditions sheet.

use super::canvas::Canvas;
use super::sheet::headline;
use crate::app::sheet::{ConditionsSheet, condition_lines, conditions_note};
use crate::app::{Model, Panes};
use crate::inspect::cells;

/// Draws what conditions make of the selected capture.
pub fn draw(model: &Model, sheet: &ConditionsSheet, panes: &Panes, canvas: &mut Canvas) {
    let note = conditions_note(model);
    let room = panes.tabs.width.saturating_sub(cells(&note) + 20);
    let file = model.trial.file.as_deref().unwrap_or_default();
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
