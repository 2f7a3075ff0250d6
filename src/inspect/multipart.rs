//! `multipart/..` bodies (RFC 2046, section 5.1), as lenient as a witness must be.

use bytes::Bytes;

use crate::capture::Headers;

/// A body of several parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multipart {
    /// The parts, in order.
    pub parts: Vec<Part>,
    /// What is not as it should be: `the closing boundary is missing`.
    pub problems: Vec<String>,
}

/// One part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its header lines.
    pub headers: Headers,
    /// The field's name.
    pub name: Option<String>,
    /// The file's name.
    pub filename: Option<String>,
    /// Its content.
    pub bytes: Bytes,
}

/// Reads a body.
pub fn multipart(_boundary: &str, _bytes: &Bytes) -> Multipart {
    todo!()
}
