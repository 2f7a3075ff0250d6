//! Why a document is not shown as JSON.

use std::fmt;

use crate::inspect::Clean;

/// Why a document is not shown as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} column {column}: {message}")]
pub struct JsonError {
    /// In bytes from the start.
    pub offset: usize,
    /// From one.
    pub line: usize,
    /// In characters, from one.
    pub column: usize,
    /// What was expected and what is there; safe to show.
    pub message: String,
    /// It may be valid, and is too deep or too big for us.
    pub limit: bool,
}

impl JsonError {
    /// What the grammar does not allow at `offset`.
    pub(super) fn syntax(bytes: &[u8], offset: usize, message: impl fmt::Display) -> Self {
        let before = &bytes[..offset];
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        Self {
            offset,
            line: before.split(|&byte| byte == b'\n').count(),
            column: String::from_utf8_lossy(&before[start..]).chars().count() + 1,
            message: message.to_string(),
            limit: false,
        }
    }

    /// What we do not go along with.
    pub(super) fn limit(bytes: &[u8], offset: usize, message: impl fmt::Display) -> Self {
        Self { limit: true, ..Self::syntax(bytes, offset, message) }
    }

    /// Something else than `wanted`.
    pub(super) fn expected(bytes: &[u8], offset: usize, wanted: &str) -> Self {
        Self::syntax(bytes, offset, format_args!("expected {wanted}, found {}", found(&bytes[offset..])))
    }
}

/// The word or character at the start of `rest`, for a sentence.
fn found(rest: &[u8]) -> String {
    let word: String =
        rest.iter().take(20).map(|&byte| char::from(byte)).take_while(char::is_ascii_alphanumeric).collect();
    if !word.is_empty() {
        return format!("`{word}`");
    }
    let start = &rest[..rest.len().min(4)];
    match start.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()) {
        Some(' ') => "a blank".to_owned(),
        Some(c) => format!("`{}`", Clean::text(c.encode_utf8(&mut [0; 4]))),
        None if rest.is_empty() => "the end".to_owned(),
        None => format!("the byte {:02X}", rest[0]),
    }
}
