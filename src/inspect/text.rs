//! Text as rows: where each line begins, and lines as clean pieces.

use bytes::Bytes;

use super::Piece;

/// Where the lines of a text begin. A line over 4 KiB is several rows, so that drawing a row is never slow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineIndex {
    _bytes: Bytes,
}

impl LineIndex {
    /// Finds the lines.
    pub fn build(_bytes: Bytes) -> Self {
        todo!()
    }

    /// Number of rows; zero without bytes.
    pub fn row_count(&self) -> usize {
        todo!()
    }

    /// Row `n`, from zero, without its line end; empty behind the end.
    pub fn row(&self, _n: usize) -> &[u8] {
        todo!()
    }

    /// Rows that contain `needle`.
    pub fn search(&self, _needle: &str) -> Vec<usize> {
        todo!()
    }

    /// The text.
    pub fn bytes(&self) -> &Bytes {
        todo!()
    }
}

/// How rows of text are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Not at all.
    Plain,
    /// Tags, attributes, text.
    Xml,
}

/// Text to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextBody {
    /// Its rows.
    pub lines: LineIndex,
    /// How they are coloured.
    pub syntax: Syntax,
}

impl TextBody {
    /// Row `n` in pieces.
    pub fn row(&self, _n: usize) -> Vec<Piece> {
        todo!()
    }
}
