//! Bytes as rows of hexadecimal digits and text.

use bytes::Bytes;

/// A body to look at byte by byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hex(pub Bytes);

/// One row: `00000020  39 5e ..  ..  |9^.....<a.....?d|`. Cut short at the end of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexRow {
    /// Offset of its first byte.
    pub offset: usize,
    /// How many bytes it shows.
    pub len: usize,
    /// `00000020`
    pub address: String,
    /// Two digits a byte, groups of eight parted by two blanks; always the same width.
    pub digits: String,
    /// `|9^.....<a.....?d|`, control and non-ASCII bytes as `.`
    pub text: String,
}

impl Hex {
    /// Number of rows of `width` bytes each.
    pub fn row_count(&self, _width: usize) -> usize {
        todo!()
    }

    /// Row `n`, counted from zero; `width` is 16 or 32. Empty behind the end.
    pub fn row(&self, _n: usize, _width: usize) -> HexRow {
        todo!()
    }

    /// The little-endian number of `size` (1, 2, 4 or 8) bytes at `offset`.
    pub fn number(&self, _offset: usize, _size: usize) -> Option<u64> {
        todo!()
    }

    /// Offsets at which `needle` begins.
    pub fn search(&self, _needle: &[u8]) -> Vec<usize> {
        todo!()
    }
}
