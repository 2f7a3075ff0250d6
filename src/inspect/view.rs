//! A body as something to look at.

use bytes::Bytes;

use super::{Clean, Hex, JsonError, Multipart, TextBody, Tree};
use crate::capture::{Body, Headers};

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
    /// What a closed container holds, in short.
    Preview,
}

/// A piece of a row.
pub type Piece = (Role, Clean);

/// A body in the form that suits it.
#[derive(Clone, Debug)]
pub enum View {
    /// No bytes.
    Empty,
    /// A tree that folds.
    Json(Tree),
    /// Rows of text; XML re-indented.
    Text(TextBody),
    /// Names and values, decoded.
    Form(Vec<(String, String)>),
    /// Parts.
    Multipart(Multipart),
    /// Bytes.
    Hex(Hex),
}

/// A body to look at, and what to know about it.
#[derive(Clone, Debug)]
pub struct BodyView {
    /// The form that suits it.
    pub view: View,
    /// The decoded bytes that the view was made from, for other ways to show them.
    pub bytes: Bytes,
    /// One line each: `gzip, 812 B decoded to 2,148 B`, `JSON inside text/plain`.
    pub notes: Vec<String>,
    /// Why a body that looks like JSON, or says so, is not.
    pub json_error: Option<JsonError>,
}

/// Decodes, recognises and indexes a body. Takes about 3 ms a megabyte: do it off the drawing thread when it is big.
pub fn body_view(_headers: &Headers, _body: &Body) -> BodyView {
    todo!()
}
