//! Lines of text with roles: what the brain wants to have on the screen, without colours.

use crate::inspect::Clean;

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
    /// A search match.
    Match,
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

/// One line on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its pieces, left to right.
    pub spans: Vec<Span>,
}

impl Line {
    /// A line of one piece.
    pub fn new(role: Role, text: impl AsRef<str>) -> Self {
        Self { spans: vec![Span::new(role, text)] }
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

    /// Width in cells.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|span| span.text.width()).sum()
    }

    /// The text without roles.
    pub fn plain(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}
