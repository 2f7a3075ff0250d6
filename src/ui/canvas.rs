//! Writing lines into cells: cut where the room ends, never through a character, never outside.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::{Cursor, Theme};
use crate::app::{Area, Line, Role};
use crate::inspect::cells;

/// The cells of a frame, a theme, and where the cursor is. All it is asked to write outside of the frame is left out.
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    signs: Signs,
    /// Where the hardware cursor belongs.
    pub cursor: Cursor,
}

/// Which signs the terminal can show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signs {
    /// Our own in ASCII.
    pub ascii: bool,
    /// Everything else, too: what is not ASCII becomes question marks of the same width.
    pub escape: bool,
}

impl<'a> Canvas<'a> {
    /// A canvas over a frame's cells.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme, signs: Signs) -> Self {
        Self { buffer, theme, signs, cursor: Cursor::default() }
    }

    /// The whole frame.
    pub fn area(&self) -> Area {
        Area::new(0, 0, usize::from(self.buffer.area.width), usize::from(self.buffer.area.height))
    }

    /// Writes a line on the first row of an area, cut with an ellipsis where that ends.
    pub fn line(&mut self, area: Area, line: &Line) {
        self.clipped(area, line, 0);
    }

    /// Writes text in a role on the first row of an area.
    pub fn text(&mut self, area: Area, role: Role, text: &str) {
        self.line(area, &Line::new(role, text));
    }

    /// Writes a line without its first `skip` cells; both cuts are marked.
    pub fn clipped(&mut self, area: Area, line: &Line, skip: usize) {
        if area.height == 0 || area.width == 0 {
            return;
        }
        let (total, end) = (line.width(), skip + area.width);
        let room = if total > end { end - 1 } else { end };
        let mut at = 0;
        for span in &line.spans {
            let style = self.theme.style(span.role);
            for grapheme in span.text.as_str().graphemes(true) {
                let start = at;
                at += cells(grapheme);
                if start >= skip && at <= room {
                    self.put(area.x + start - skip, area.y, grapheme, style);
                }
            }
        }
        if total > end {
            self.put(area.x + area.width - 1, area.y, "…", Style::new());
        }
        if skip > 0 && total > skip {
            self.put(area.x, area.y, "…", Style::new());
        }
    }

    /// Writes a line whose cut says how many cells are not shown, as in `203.0.113.7…(+1212)`.
    pub fn counted(&mut self, area: Area, line: &Line) {
        let total = line.width();
        let cut = |digits: usize| {
            let room = area.width.checked_sub(digits + 3)?;
            let note = format!("(+{})", (total + 1).checked_sub(room)?);
            (cells(&note) == digits + 3).then_some((room, note))
        };
        let note = (1..10).find_map(cut).filter(|_| total > area.width);
        let Some((room, note)) = note else { return self.line(area, line) };
        self.line(area.take(room), line);
        self.text(area.skip(room), Role::Text, &note);
    }

    /// Writes a line over as many rows as it takes, without its first `skip` rows; says how many rows it used.
    pub fn wrapped(&mut self, area: Area, line: &Line, skip: usize) -> usize {
        let (rows, _) = line.wrapped(area.width, |grapheme, role, (row, column)| {
            if row >= skip && row - skip < area.height {
                self.put(area.x + column, area.y + row - skip, grapheme, self.theme.style(role));
            }
        });
        rows.saturating_sub(skip)
    }

    /// Fills the first row of an area with one symbol.
    pub fn rule(&mut self, area: Area, symbol: &str) {
        for column in area.x..area.x + area.width {
            self.put(column, area.y, symbol, Style::new());
        }
    }

    /// Takes away what is in an area.
    pub fn clear(&mut self, area: Area) {
        for row in area.y..area.y + area.height {
            self.rule(Area { y: row, height: 1, ..area }, " ");
        }
    }

    /// Draws a line down the first column of an area.
    pub fn wall(&mut self, area: Area) {
        for row in area.y..area.y + area.height {
            self.put(area.x, row, "│", Style::new());
        }
    }

    /// Marks the first row of an area as the cursor's: reverse video, and the hardware cursor on its first cell.
    pub fn cursor_row(&mut self, area: Area) {
        let Some(((x, y), width)) = cell(area.x, area.y).zip(u16::try_from(area.width).ok()) else { return };
        let rect = Rect::new(x, y, width, 1).intersection(self.buffer.area);
        self.buffer.set_style(rect, Style::new().add_modifier(self.theme.cursor()));
        self.cursor = Cursor { at: Some((x, y)), visible: false };
    }

    /// Shows the hardware cursor in a text field, at the nearest cell of the frame.
    pub fn caret(&mut self, x: usize, y: usize) {
        let frame = self.area();
        let at = cell(x.min(frame.width.saturating_sub(1)), y.min(frame.height.saturating_sub(1)));
        self.cursor = Cursor { at, visible: true };
    }

    /// Puts the hardware cursor, unseen, on the first cell of an area.
    pub fn hide_caret(&mut self, area: Area) {
        self.cursor = Cursor { at: cell(area.x, area.y), visible: false };
    }

    fn put(&mut self, x: usize, y: usize, symbol: &str, style: Style) {
        let frame = self.area();
        let Some((column, row)) = cell(x, y) else { return };
        if y < frame.height && x + cells(symbol).max(1) <= frame.width {
            let symbol = if self.signs.ascii { ascii(symbol) } else { symbol };
            if self.signs.escape && !symbol.is_ascii() {
                self.buffer.set_string(column, row, "?".repeat(cells(symbol)), style);
            } else {
                self.buffer.set_string(column, row, symbol, style);
            }
        }
    }
}

fn cell(x: usize, y: usize) -> Option<(u16, u16)> {
    Some((u16::try_from(x).ok()?, u16::try_from(y).ok()?))
}

/// Our own symbols in ASCII; everything else as it is.
fn ascii(symbol: &str) -> &str {
    match symbol {
        "✗" => "!",
        "–" | "─" => "-",
        "▸" => ">",
        "·" => ".",
        "▾" => "v",
        "↻" => "@",
        "…" => "~",
        "│" => "|",
        "✓" | "┬" | "├" | "┼" => "+",
        "␛" => "^",
        other => other,
    }
}
