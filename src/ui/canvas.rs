//! Writing lines into cells: cut where the room ends, never through a character, never outside.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::{Cursor, Theme};
use crate::app::{Area, Line, Role};
use crate::inspect::cells;

/// The cells of a frame, a theme, and where the cursor is.
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    ascii: bool,
    /// Where the hardware cursor belongs.
    pub cursor: Cursor,
}

/// What lies between two full-width lines.
pub fn below(title: Area, status: Area) -> Area {
    let y = title.y + title.height;
    Area::new(0, y, title.width, status.y.saturating_sub(y))
}

impl<'a> Canvas<'a> {
    /// A canvas over a frame's cells.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme, ascii: bool) -> Self {
        Self { buffer, theme, ascii, cursor: Cursor::default() }
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        (self.buffer.area.width, self.buffer.area.height)
    }

    /// Writes a line at a cell, cut after `width` cells with an ellipsis.
    pub fn line(&mut self, x: usize, y: usize, width: usize, line: &Line) {
        self.clipped(x, y, width, line, 0);
    }

    /// Writes a line without its first `skip` cells; both cuts are marked.
    pub fn clipped(&mut self, x: usize, y: usize, width: usize, line: &Line, skip: usize) {
        let total = line.width();
        let (mut at, end) = (0, skip + width);
        let cut = total > end;
        for span in &line.spans {
            let style = self.theme.style(span.role);
            for grapheme in span.text.as_str().graphemes(true) {
                let wide = cells(grapheme);
                let start = at;
                at += wide;
                let room_end = if cut { end.saturating_sub(1) } else { end };
                if start < skip || at > room_end {
                    continue;
                }
                self.put(x + start - skip, y, grapheme, style);
            }
        }
        if cut && width > 0 {
            self.put(x + width - 1, y, "…", Style::new());
        }
        if skip > 0 && total > skip && width > 0 {
            self.put(x, y, "…", Style::new());
        }
    }

    /// Writes text in a role.
    pub fn text(&mut self, x: usize, y: usize, width: usize, role: Role, text: &str) {
        self.line(x, y, width, &Line::new(role, text));
    }

    /// Writes a line over several rows from its row `from` on; says how many rows it used.
    pub fn wrapped(&mut self, area: Area, y: usize, line: &Line, from: usize) -> usize {
        let (x, top, height) = (usize::from(area.x), usize::from(area.y), usize::from(area.height));
        let (rows, _) = line.wrapped(usize::from(area.width), |grapheme, role, (row, column)| {
            if row >= from && y + row - from < height {
                self.put(x + column, top + y + row - from, grapheme, self.theme.style(role));
            }
        });
        rows.saturating_sub(from)
    }

    /// Fills cells of a row with one symbol.
    pub fn rule(&mut self, x: usize, y: usize, width: usize, symbol: &str) {
        for column in x..x + width {
            self.put(column, y, symbol, Style::new());
        }
    }

    /// Draws a line down.
    pub fn wall(&mut self, x: u16, top: u16, bottom: u16) {
        for row in top..bottom {
            self.put(usize::from(x), usize::from(row), "│", Style::new());
        }
    }

    /// Marks cells of a row as the cursor's: reverse video, and the hardware cursor on its first cell.
    pub fn cursor_row(&mut self, area: Area, y: usize) {
        let (Ok(row), width) = (u16::try_from(y), area.width) else { return };
        let rect = Rect::new(area.x, row, width, 1).intersection(self.buffer.area);
        self.buffer.set_style(rect, Style::new().add_modifier(self.theme.cursor()));
        self.cursor = Cursor { at: Some((area.x, row)), visible: false };
    }

    /// Shows the hardware cursor in a text field.
    pub fn caret(&mut self, x: usize, y: usize) {
        let (width, height) = self.size();
        let at = (u16::try_from(x).unwrap_or(width).min(width - 1), u16::try_from(y).unwrap_or(height).min(height - 1));
        self.cursor = Cursor { at: Some(at), visible: true };
    }

    fn put(&mut self, x: usize, y: usize, symbol: &str, style: Style) {
        let (Ok(column), Ok(row)) = (u16::try_from(x), u16::try_from(y)) else { return };
        let area = self.buffer.area;
        let wide = u16::try_from(cells(symbol)).unwrap_or(1).max(1);
        if row >= area.bottom() || column.saturating_add(wide) > area.right() {
            return;
        }
        let symbol = if self.ascii { ascii(symbol) } else { symbol };
        self.buffer.set_string(column, row, symbol, style);
    }
}

/// Our own symbols in ASCII; everything else as it is.
fn ascii(symbol: &str) -> &str {
    match symbol {
        "✓" => "+",
        "✗" => "!",
        "–" | "─" => "-",
        "▸" | "·" => ">",
        "▾" => "v",
        "↻" => "@",
        "…" => "~",
        "│" => "|",
        "┬" | "├" | "┤" | "┴" | "┼" => "+",
        "␛" => "^",
        other => other,
    }
}
