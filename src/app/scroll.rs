//! A window over rows: which row has the cursor, which is the first on the screen.

/// A window over rows that are numbered from zero. Rows are counted, never held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The row with the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Cells cut off at the left.
    pub left: usize,
}

impl Scroll {
    /// Puts the cursor on a row, the nearest there is, and the window around it.
    pub fn go(&mut self, row: usize, rows: usize, height: usize) {
        self.cursor = row.min(rows.saturating_sub(1));
        self.keep_visible(rows, height);
    }

    /// Moves the cursor by so many rows.
    pub fn step(&mut self, by: isize, rows: usize, height: usize) {
        self.go(self.cursor.saturating_add_signed(by), rows, height);
    }

    /// Moves the window by so many rows; the cursor stays on its row unless that leaves the window.
    pub fn wheel(&mut self, by: isize, rows: usize, height: usize) {
        let last = rows.saturating_sub(height.max(1));
        self.top = self.top.saturating_add_signed(by).min(last);
        let bottom = self.top + height.saturating_sub(1);
        self.cursor = self.cursor.clamp(self.top, bottom.max(self.top)).min(rows.saturating_sub(1));
    }

    /// Moves the window as little as it takes to show the cursor, and no further than the rows go.
    pub fn keep_visible(&mut self, rows: usize, height: usize) {
        self.cursor = self.cursor.min(rows.saturating_sub(1));
        if height == 0 {
            self.top = self.cursor;
            return;
        }
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(height));
        self.top = self.top.min(rows.saturating_sub(height));
    }

    /// Moves the window so that the cursor, now on `cursor`, stays on the same row of the screen as before.
    pub fn hold(&mut self, cursor: usize, rows: usize, height: usize) {
        let offset = self.cursor.saturating_sub(self.top);
        self.top = cursor.saturating_sub(offset);
        self.cursor = cursor;
        self.keep_visible(rows, height);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_cursor_is_always_on_the_screen(
            rows in 0usize..60, height in 0usize..30,
            moves in proptest::collection::vec((0u8..4, -70isize..70), 0..30),
        ) {
            let mut scroll = Scroll::default();
            for (kind, by) in moves {
                match kind {
                    0 => scroll.step(by, rows, height),
                    1 => scroll.wheel(by, rows, height),
                    2 => scroll.go(by.unsigned_abs(), rows, height),
                    _ => scroll.hold(by.unsigned_abs(), rows, height),
                }
                prop_assert!(scroll.cursor < rows.max(1));
                prop_assert!(scroll.top <= scroll.cursor);
                prop_assert!(height == 0 || scroll.cursor < scroll.top + height);
                prop_assert!(height == 0 || scroll.top == 0 || scroll.top + height <= rows);
            }
        }
    }
}
