//! Pieces of a row: clean text and what it is, for whoever colours it.

use super::Clean;

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Plain text.
    Text,
    /// A JSON key with its quotes, an XML name.
    Key,
    /// A string with its quotes.
    String,
    /// A number.
    Number,
    /// `true`, `false`, `null`.
    Literal,
    /// Brackets, colons, commas.
    Punctuation,
    /// What a closed container holds, in short; XML comments.
    Preview,
}

/// A piece of a row.
pub type Piece = (Role, Clean);
