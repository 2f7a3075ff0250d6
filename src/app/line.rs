//! Lines of text with roles: what the brain wants to have on the screen, without colours.

use unicode_segmentation::UnicodeSegmentation;

use crate::capture::Mark;
use crate::inspect::{Clean, cells};

/// What a piece of text is; the theme gives it a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    #[default]
    Text,
    /// A signature that holds; what was accepted.
    Good,
    /// A signature that does not hold; what failed.
    Bad,
    /// Signed, not checked.
    Unchecked,
    /// Headlines, active tabs, keys in hints.
    Strong,
    /// Punctuation and masks; never carries meaning alone.
    Dim,
    /// A JSON key, a header name.
    Key,
    /// A string.
    String,
    /// A number, true, false, null.
    Number,
    /// The part of a text that differs from another one.
    Differs,
}

/// The sign of a verdict.
pub fn mark(mark: Mark) -> (Role, &'static str) {
    match mark {
        Mark::Verified => (Role::Good, "✓"),
        Mark::Failed => (Role::Bad, "✗"),
        Mark::Unsigned => (Role::Text, "–"),
        Mark::Unchecked => (Role::Unchecked, "?"),
    }
}

/// A piece of clean text with a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub role: Role,
    /// The text; no byte of it can harm the terminal.
    pub text: Clean,
}

impl Span {
    /// A piece of text, made clean.
    pub fn new(role: Role, text: impl AsRef<str>) -> Self {
        Self { role, text: Clean::text(text.as_ref()) }
    }
}

/// The pieces that a line may be broken between: words with the blanks behind them, or the whole of a text that is to
/// be filled to the edge.
fn words(text: &str, apart: bool) -> impl Iterator<Item = &str> {
    let break_at = move |char: char| apart && char == ' ';
    text.split_inclusive(break_at)
}

/// One line on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its pieces, left to right.
    pub spans: Vec<Span>,
    /// Cells that the second and later rows are indented by when it is wrapped.
    pub hang: usize,
}

impl Line {
    /// A line of one piece.
    pub fn new(role: Role, text: impl AsRef<str>) -> Self {
        Self { spans: vec![Span::new(role, text)], hang: 0 }
    }

    /// A line of ordinary text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::new(Role::Text, text)
    }

    /// The same line with a piece more.
    #[must_use]
    pub fn and(mut self, role: Role, text: impl AsRef<str>) -> Self {
        self.spans.push(Span::new(role, text));
        self
    }

    /// The same line with later rows indented when it is wrapped.
    #[must_use]
    pub fn hanging(mut self, cells: usize) -> Self {
        self.hang = cells;
        self
    }

    /// Rows that it takes when wrapped at this width.
    pub fn rows(&self, width: usize) -> usize {
        self.wrapped(width, |_, _, _| {}).0
    }

    /// Calls `place` with each grapheme, its role, and its row and column when wrapped at this width; gives back how
    /// many rows it takes and where the last one ends.
    pub fn wrapped(&self, width: usize, mut place: impl FnMut(&str, Role, (usize, usize))) -> (usize, usize) {
        let (width, hang) = (width.max(1), self.hang_at(width));
        let (mut row, mut column) = (0, 0);
        for span in &self.spans {
            for word in words(span.text.as_str(), self.hang > 0) {
                let long = cells(word.trim_end());
                if column > hang && column + long > width && hang + long <= width {
                    (row, column) = (row + 1, hang);
                }
                for grapheme in word.graphemes(true) {
                    let wide = cells(grapheme);
                    if self.hang > 0 && grapheme == " " && column == width {
                        continue; // a blank that would begin a row
                    }
                    if column + wide > width && column > 0 {
                        (row, column) = (row + 1, hang);
                    }
                    place(grapheme, span.role, (row, column));
                    column += wide;
                }
            }
        }
        (row + 1, column)
    }

    /// The indent of later rows at this width: none where it would leave no room.
    pub fn hang_at(&self, width: usize) -> usize {
        if self.hang * 2 > width { 0 } else { self.hang }
    }

    /// Width in cells.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|span| span.text.width()).sum()
    }

    /// The text without roles.
    pub fn plain(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}
