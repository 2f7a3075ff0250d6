//! Text as rows: where each line begins, lines as clean pieces, and finding a needle in bytes.

use bytes::Bytes;

use super::xml::xml_pieces;
use super::{Clean, Piece, Role};

/// A longer line is several rows, so that drawing a row is never slow.
const ROW_BYTES: usize = 4096;

/// Where the rows of a text begin: its lines, a line over 4 KiB in several pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineIndex {
    bytes: Bytes,
    /// Where each row begins.
    starts: Vec<u32>,
}

impl LineIndex {
    /// Finds the lines. They end with `\n` or `\r\n`. Only the first 4 GiB are looked at.
    pub fn build(bytes: Bytes) -> Self {
        let mut starts = Vec::new();
        let mut at = 0;
        while at < bytes.len() && u32::try_from(at).is_ok() {
            let line = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
            let content = at + without_line_end(&bytes[at..line]).len();
            starts.extend(u32::try_from(at));
            while content - at > ROW_BYTES {
                at = char_boundary(&bytes, at + ROW_BYTES);
                starts.extend(u32::try_from(at));
            }
            at = line;
        }
        Self { bytes, starts }
    }

    /// Number of rows; zero without bytes.
    pub fn row_count(&self) -> usize {
        self.starts.len()
    }

    /// Row `n`, from zero, without its line end; empty behind the end.
    pub fn row(&self, n: usize) -> &[u8] {
        let Some(&start) = self.starts.get(n) else { return &[] };
        let end = self.starts.get(n + 1).map_or(self.bytes.len(), |&next| next as usize);
        without_line_end(&self.bytes[start as usize..end])
    }

    /// The row that holds the byte at `offset`.
    pub fn row_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    /// Rows that contain the start of a `needle`, in order. Capital letters count only when `needle` has some.
    pub fn search(&self, needle: &str) -> Vec<usize> {
        let mut rows: Vec<usize> = find_all(&self.bytes, needle).map(|(start, _)| self.row_at(start)).collect();
        rows.dedup();
        rows
    }

    /// The text.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The last start of a UTF-8 character at or before `at`.
fn char_boundary(bytes: &[u8], at: usize) -> usize {
    (at - 3..=at).rev().find(|&at| bytes[at] & 0xC0 != 0x80).unwrap_or(at)
}

/// Where `needle` is in `haystack`, as start and end, without overlaps. ASCII letters match in both cases unless
/// `needle` has a capital one.
pub(super) fn find_all<'a>(haystack: &'a [u8], needle: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    find_bytes(haystack, needle.as_bytes(), needle.bytes().any(|byte| byte.is_ascii_uppercase()))
}

/// Where `needle` is in `haystack`, as start and end, without overlaps; `exact`: in this case of ASCII letters only.
pub(super) fn find_bytes<'a>(
    haystack: &'a [u8],
    needle: &'a [u8],
    exact: bool,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let first = needle.first().copied().map(|byte| (byte, if exact { byte } else { byte.to_ascii_uppercase() }));
    let mut at = 0;
    std::iter::from_fn(move || {
        let (lower, upper) = first?;
        loop {
            at += haystack.get(at..)?.iter().position(|&byte| byte == lower || byte == upper)?;
            let here = haystack.get(at..at + needle.len())?;
            if here == needle || !exact && here.eq_ignore_ascii_case(needle) {
                at += needle.len();
                return Some((at - needle.len(), at));
            }
            at += 1;
        }
    })
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
    /// Text without colours.
    pub fn plain(bytes: Bytes) -> Self {
        Self { lines: LineIndex::build(bytes), syntax: Syntax::Plain }
    }

    /// Row `n` in pieces.
    pub fn row(&self, n: usize) -> Vec<Piece> {
        let row = self.lines.row(n);
        match (self.syntax, std::str::from_utf8(row)) {
            (Syntax::Xml, Ok(text)) => xml_pieces(text),
            _ => vec![(Role::Text, Clean::bytes(row))],
        }
    }
}
