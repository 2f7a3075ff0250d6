//! What is said of a text that is probably not meant, and of which place in it.

/// Something that is probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What it is. May quote the context.
    pub text: String,
    /// The line of the template to look at, from 1.
    pub line: Option<usize>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in the text it is.
    pub spot: Option<Spot>,
}

impl Oddity {
    /// One without a place.
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), line: None, hint: None, spot: None }
    }

    /// One of a line of the template.
    pub(super) fn at(text: impl Into<String>, line: usize) -> Self {
        Self { line: Some(line), ..Self::of(text) }
    }
}

/// A place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What stands around it.
    pub excerpt: String,
    /// Where in the excerpt it is, in characters.
    pub caret: usize,
}
