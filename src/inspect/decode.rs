//! Undoing `Content-Encoding` and turning text into UTF-8, within a limit.

use bytes::Bytes;

/// How far a body is decoded, in bytes.
pub const DECODE_LIMIT: usize = 64 << 20;

/// A body, ready to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The decoded bytes; as received when nothing could be decoded.
    pub bytes: Bytes,
    /// What was done: `gzip, 812 B decoded to 2,148 B`.
    pub notes: Vec<String>,
    /// Why it could not be decoded (to its end), in words.
    pub failed: Option<String>,
}

/// Undoes `content_encoding`, last coding first, then turns the charset that `content_type` or a byte order mark names
/// into UTF-8. Never yields more than `limit` bytes.
pub fn decode(_content_encoding: Option<&str>, _content_type: Option<&str>, _bytes: &Bytes, _limit: usize) -> Decoded {
    todo!()
}
