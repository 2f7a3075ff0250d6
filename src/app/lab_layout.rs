//! Where the panes of the lab are: pure, and used by update and by draw alike.

use super::Model;
use super::layout::{Area, LEAST, percent};
use super::sheet::{LabPane, LabSheet};

/// The panes, each with its headline. One of no size is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabPanes {
    /// The templates.
    pub template: Area,
    /// What they make of one capture.
    pub output: Area,
    /// What they make of all.
    pub all: Area,
    /// The JSON of that capture.
    pub context: Area,
}

impl LabPanes {
    /// A pane without its headline.
    pub fn inner(&self, pane: LabPane) -> Area {
        self.of(pane).below(1)
    }

    /// A pane.
    pub fn of(&self, pane: LabPane) -> Area {
        match pane {
            LabPane::Template => self.template,
            LabPane::Output => self.output,
            LabPane::All => self.all,
            LabPane::Context => self.context,
        }
    }

    /// The pane that a cell is in.
    pub fn at(&self, column: u16, row: u16) -> Option<LabPane> {
        LabPane::ALL.into_iter().find(|pane| self.of(*pane).contains(column, row))
    }
}

impl Model {
    /// Where the panes of the lab are; `None` when it is not in sight, or the terminal is too small.
    pub fn lab_panes(&self) -> Option<LabPanes> {
        if self.width < LEAST.0 || self.height < LEAST.1 {
            return None;
        }
        Some(panes(Area::new(0, 1, self.width, self.height - 3), self.lab_in_sight()?))
    }
}

/// Lower than this there is room for one pane alone.
const LOW: usize = 9;

/// Three columns when there is room for them; two; else one, in which all and context take turns.
fn panes(area: Area, sheet: &LabSheet) -> LabPanes {
    let none = LabPanes::default();
    if sheet.zoom || area.height < LOW {
        return match sheet.pane {
            LabPane::Template => LabPanes { template: area, ..none },
            LabPane::Output => LabPanes { output: area, ..none },
            LabPane::All => LabPanes { all: area, ..none },
            LabPane::Context => LabPanes { context: area, ..none },
        };
    }
    let (lines, rows) = (sheet.line_count() + 2, sheet.all.len() + 2);
    if area.width >= 160 && area.height >= 27 {
        let left = percent(area.width, 36);
        let right = percent(area.width, 28).clamp(44, 64);
        let (column, rest) = (area.take(left), area.skip(left + 1));
        let output = rest.take(rest.width - right - 1);
        let (template, all) = split(column, area.height - rows.clamp(5, area.height / 2));
        return LabPanes { template, all, output, context: rest.last(right) };
    }
    if area.width >= 100 {
        let left = area.width / 2;
        let rows = percent(area.height, 60);
        let (template, all) = split(area.take(left), rows);
        let (output, context) = split(area.skip(left + 1), rows);
        return LabPanes { template, output, all, context };
    }
    let third = area.height / 3;
    let (template, rest) = split(area, lines.clamp(3, third.max(3)));
    if sheet.pane == LabPane::Context {
        let (output, context) = split(rest, rest.height.saturating_sub(percent(area.height, 45)));
        return LabPanes { template, output, context, ..none };
    }
    let (output, all) = split(rest, rest.height.saturating_sub(rows.clamp(3, third.max(3))));
    LabPanes { template, output, all, ..none }
}

fn split(area: Area, rows: usize) -> (Area, Area) {
    let rows = rows.min(area.height);
    (Area { height: rows, ..area }, area.below(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Files;

    #[test]
    fn no_pane_leaves_the_area_and_none_lies_on_another() {
        let mut sheet = LabSheet::new(Files::parse("a", None), None);
        for (width, height) in [(40, 5), (80, 21), (99, 60), (100, 5), (120, 32), (160, 27), (200, 47)] {
            let area = Area::new(0, 1, width, height);
            for zoom in [false, true] {
                for pane in LabPane::ALL {
                    (sheet.zoom, sheet.pane) = (zoom, pane);
                    let panes = panes(area, &sheet);
                    let cells = |area: Area| {
                        (area.y..area.y + area.height)
                            .flat_map(move |y| (area.x..area.x + area.width).map(move |x| (x, y)))
                    };
                    let mut seen = std::collections::HashSet::new();
                    for cell in LabPane::ALL.map(|pane| panes.of(pane)).into_iter().flat_map(cells) {
                        assert!(seen.insert(cell), "{width}x{height} {pane:?} {cell:?}");
                        assert!(cell.0 < width && (1..=height).contains(&cell.1), "{width}x{height} {pane:?} {cell:?}");
                    }
                    assert!(panes.of(pane).height > 0, "{width}x{height} {pane:?}");
                }
            }
        }
    }
}
