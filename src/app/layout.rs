//! Where everything is on the screen: one pure function, used by update (page sizes, mouse) and by draw alike.

/// A rectangle of cells; 0, 0 is the upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Area {
    /// A rectangle.
    pub const fn new(x: usize, y: usize, width: usize, height: usize) -> Self {
        Self { x, y, width, height }
    }

    /// Whether it holds this cell.
    pub fn contains(self, column: u16, row: u16) -> bool {
        let (column, row) = (usize::from(column), usize::from(row));
        (self.x..self.x + self.width).contains(&column) && (self.y..self.y + self.height).contains(&row)
    }

    /// Its row `n`, from zero; of no height behind its last.
    #[must_use]
    pub fn row(self, n: usize) -> Self {
        Self { y: self.y + n, height: usize::from(n < self.height), ..self }
    }

    /// What is below its first `rows`.
    #[must_use]
    pub fn below(self, rows: usize) -> Self {
        self.split_top(rows).1
    }

    /// What is right of its first `columns`.
    #[must_use]
    pub fn skip(self, columns: usize) -> Self {
        self.split_left(columns).1
    }

    /// Its first `columns`.
    #[must_use]
    pub fn take(self, columns: usize) -> Self {
        self.split_left(columns).0
    }

    /// Its last `columns`.
    #[must_use]
    pub fn last(self, columns: usize) -> Self {
        self.skip(self.width.saturating_sub(columns))
    }

    /// Splits `rows` off the top.
    fn split_top(self, rows: usize) -> (Self, Self) {
        let rows = rows.min(self.height);
        (Self { height: rows, ..self }, Self { y: self.y + rows, height: self.height - rows, ..self })
    }

    /// Splits `columns` off the left.
    fn split_left(self, columns: usize) -> (Self, Self) {
        let columns = columns.min(self.width);
        (Self { width: columns, ..self }, Self { x: self.x + columns, width: self.width - columns, ..self })
    }
}

/// How the panes are placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LayoutChoice {
    /// By the size of the terminal.
    #[default]
    Auto,
    /// List left, detail right.
    Side,
    /// List above, detail below.
    Stacked,
    /// One pane at a time.
    Single,
}

/// The pane that has the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The list of captures.
    #[default]
    List,
    /// The tab of the selected capture, or the sheet in its place.
    Detail,
}

/// What decides the layout besides the size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// The user's choice.
    pub choice: LayoutChoice,
    /// The pane with the cursor.
    pub focus: Pane,
    /// Whether that pane fills the screen.
    pub zoom: bool,
}

/// The parts of the screen. A part of no size is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panes {
    /// The title line.
    pub title: Area,
    /// The line above list and detail, in side layouts.
    pub headline: Area,
    /// The names of the list's columns, in side layouts.
    pub columns: Area,
    /// The rows of the list.
    pub list: Area,
    /// The line of tabs.
    pub tabs: Area,
    /// The tab, or a sheet.
    pub detail: Area,
    /// The context column.
    pub context: Area,
    /// The status line.
    pub status: Area,
    /// The hint line.
    pub hint: Area,
    /// Whether only one pane is shown at a time.
    pub single: bool,
}

/// Smaller than this shows facts only.
pub const LEAST: (usize, usize) = (40, 8);

/// Places the panes; `None` when the terminal is too small for any.
pub fn panes(width: usize, height: usize, facts: Facts) -> Option<Panes> {
    if width < LEAST.0 || height < LEAST.1 {
        return None;
    }
    let (title, rest) = Area::new(0, 0, width, height).split_top(1);
    let (middle, bottom) = rest.split_top(rest.height - 2);
    let (status, hint) = bottom.split_top(1);
    let base = Panes { title, status, hint, ..Panes::default() };
    let choice = match facts.choice {
        LayoutChoice::Auto if width >= 100 => LayoutChoice::Side,
        LayoutChoice::Auto if width >= 60 && height >= 16 => LayoutChoice::Stacked,
        LayoutChoice::Auto => LayoutChoice::Single,
        LayoutChoice::Side if width < 80 => LayoutChoice::Single,
        LayoutChoice::Stacked if height < 14 => LayoutChoice::Single,
        other => other,
    };
    Some(match choice {
        _ if facts.zoom || choice == LayoutChoice::Single => single(middle, facts.focus, &base, choice),
        LayoutChoice::Stacked => stacked(middle, height, &base),
        _ => side(middle, width, height, &base),
    })
}

fn single(middle: Area, focus: Pane, base: &Panes, choice: LayoutChoice) -> Panes {
    let single = choice == LayoutChoice::Single;
    if focus == Pane::List {
        return Panes { list: middle, single, ..*base };
    }
    let (tabs, detail) = middle.split_top(1);
    Panes { tabs, detail, single, ..*base }
}

/// The list gets 35 % of the rows that are not fixed.
fn stacked(middle: Area, height: usize, base: &Panes) -> Panes {
    let (list, rest) = middle.split_top(percent(height.saturating_sub(4), 35).max(2));
    let (tabs, detail) = rest.split_top(1);
    Panes { list, tabs, detail, ..*base }
}

/// So many hundredths of a size.
pub(super) fn percent(size: usize, part: usize) -> usize {
    size * part / 100
}

/// The list gets 42 % of the columns, within 44 to 56; with a context column 30 %, within 50 to 72.
fn side(middle: Area, width: usize, height: usize, base: &Panes) -> Panes {
    let with_context = width >= 160 && height >= 30;
    let list_width =
        if with_context { percent(width, 30).clamp(50, 72) } else { percent(width, 42).clamp(44, 56).min(width / 2) };
    let context_width = if with_context { percent(width, 28).clamp(44, 64) } else { 0 };
    let (headline, below) = middle.split_top(1);
    let (list, right) = below.split_left(list_width);
    let (columns, list) = list.split_top(1);
    let (_, right) = right.split_left(1);
    let divider = usize::from(with_context);
    let (detail, rest) = right.split_left(right.width - context_width - divider);
    let (_, context) = rest.split_left(divider);
    let tabs = Area { x: detail.x, y: headline.y, width: detail.width, height: 1 };
    Panes { headline, columns, list, tabs, detail, context, ..*base }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: usize, height: usize) -> Panes {
        panes(width, height, Facts::default()).unwrap()
    }

    #[test]
    fn the_usual_terminal_stacks_list_and_detail() {
        let panes = at(80, 24);
        assert_eq!((panes.list, panes.tabs.y, panes.detail), (Area::new(0, 1, 80, 7), 8, Area::new(0, 9, 80, 13)));
    }

    #[test]
    fn wide_terminals_put_them_side_by_side() {
        let panes = at(120, 35);
        assert_eq!((panes.list, panes.detail), (Area::new(0, 3, 50, 30), Area::new(51, 2, 69, 31)));
        let panes = at(200, 50);
        assert_eq!((panes.list.width, panes.detail.width, panes.context.width), (60, 82, 56));
        assert_eq!(panes.context.x, 144);
    }

    #[test]
    fn small_terminals_show_one_pane_and_tiny_ones_facts() {
        assert_eq!(at(50, 20).list, Area::new(0, 1, 50, 17));
        assert!(panes(39, 24, Facts::default()).is_none());
        assert!(panes(80, 7, Facts::default()).is_none());
    }

    #[test]
    fn no_part_leaves_the_screen_at_any_size() {
        for (width, height) in (0..=220).step_by(3).flat_map(|w| (0..=70).map(move |h| (w, h))) {
            for zoom in [false, true] {
                for choice in [LayoutChoice::Auto, LayoutChoice::Side, LayoutChoice::Stacked, LayoutChoice::Single] {
                    let facts = Facts { choice, zoom, focus: Pane::Detail };
                    let Some(panes) = panes(width, height, facts) else { continue };
                    let parts = [panes.title, panes.headline, panes.columns, panes.list, panes.tabs, panes.detail];
                    for area in parts.into_iter().chain([panes.context, panes.status, panes.hint]) {
                        assert!(
                            area.x + area.width <= width && area.y + area.height <= height,
                            "{width}x{height} {area:?}"
                        );
                    }
                }
            }
        }
    }
}
