//! The two sides of a line or of a change, and which part of each tells it from the other.

use std::ops::Range;

use super::super::json::readable;
use super::super::{Clean, Hex, HexRow, JsonIndex, NodeId, NodeKind, Piece, Role, bytes_exact, compact};
use super::body::BYTES;
use super::{BodyDiff, Change, DiffLine, Document, Matter};

/// Of a long value this many bytes are shown, from a little before the part that differs.
const SHOWN: usize = 2048;
const LEAD: usize = SHOWN / 4;

/// One of two texts that belong beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffSide {
    /// The text.
    pub pieces: Vec<Piece>,
    /// The bytes of all pieces together that the other text has not, or has otherwise.
    pub differs: Vec<Range<usize>>,
}

impl DiffSide {
    /// The text alone.
    pub fn plain(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    fn of(text: Clean) -> Self {
        Self { pieces: vec![(Role::Text, text)], differs: Vec::new() }
    }
}

impl BodyDiff {
    /// What a line has in the first body and in the second; nothing where it is not there.
    pub fn sides(&self, line: DiffLine) -> (DiffSide, DiffSide) {
        match &self.matter {
            Matter::Json(one, other) => json_sides((one, other), line),
            Matter::Text(one, other) => {
                let text = |row: &[u8]| DiffSide::of(Clean::bytes(row));
                let before = line.before.map(|at| text(one.row(at))).unwrap_or_default();
                let after = line.after.map(|at| text(other.row(at))).unwrap_or_default();
                if line.change.is_some() { marked_lines(before, after) } else { (before, after) }
            }
            Matter::Bytes(one, other) => byte_sides((one, other), line),
        }
    }

    /// The value of a JSON change before and after, on one line each; a long one says how long it is.
    pub fn values(&self, change: &Change) -> (Option<DiffSide>, Option<DiffSide>) {
        let Matter::Json(one, other) = &self.matter else { return (None, None) };
        let (one, other) = (one.index(), other.index());
        if let (Some(a), Some(b)) = (change.before, change.after)
            && (one.kind(a), other.kind(b)) == (NodeKind::String, NodeKind::String)
        {
            let (before, after) = excerpts(one.raw(a), other.raw(b));
            return (Some(before), Some(after));
        }
        let side = |index: &JsonIndex, id| DiffSide::of(on_one_line(index, id));
        (change.before.map(|id| side(one, id)), change.after.map(|id| side(other, id)))
    }
}

/// A value on one line; of a long one the start, and how long it is.
fn on_one_line(index: &JsonIndex, id: NodeId) -> Clean {
    let raw = index.raw(id);
    if raw.len() > SHOWN {
        let start = &raw[..boundary(raw, SHOWN)];
        let spaced = start.split_whitespace().collect::<Vec<_>>().join(" ");
        return Clean::text(&format!("{}… {}", readable(&spaced), bytes_exact(raw.len() as u64)));
    }
    let compact = raw.contains('\n').then(|| compact(raw.as_bytes()).ok()).flatten();
    let compact = compact.and_then(|bytes| String::from_utf8(bytes).ok());
    Clean::text(&readable(compact.as_deref().unwrap_or(raw)))
}

/// Two JSON strings, marked; of long ones the part around what differs.
fn excerpts(one: &str, other: &str) -> (DiffSide, DiffSide) {
    let long = one.len().max(other.len()) > SHOWN;
    let start = if long { differing(one, other).0.start.saturating_sub(LEAD) } else { 0 };
    let start = boundary(one, start);
    let shown = |text: &str| {
        let end = boundary(text, start + SHOWN);
        let front = if start > 0 { "…" } else { "" };
        Clean::text(&format!("{front}{}", readable(text.get(start..end).unwrap_or_default())))
    };
    let rest = |text: &str| {
        let cut = text.len() > start + SHOWN || start > 0;
        let size = if cut { format!("… {}", bytes_exact(text.len() as u64)) } else { String::new() };
        (Role::Preview, Clean::text(&size))
    };
    let (before, after) = (shown(one), shown(other));
    let (gone, new) = differing(before.as_str(), after.as_str());
    let side = |text, rest, differs| DiffSide { pieces: vec![(Role::String, text), rest], differs: vec![differs] };
    (side(before, rest(one), gone), side(after, rest(other), new))
}

fn json_sides((one, other): (&Document, &Document), line: DiffLine) -> (DiffSide, DiffSide) {
    let side = |document: &Document, at: Option<usize>| {
        let pieces = at.map(|at| document.at(at)).map(|(id, closing)| document.index().line(id, closing));
        DiffSide { pieces: pieces.unwrap_or_default(), differs: Vec::new() }
    };
    let (mut before, mut after) = (side(one, line.before), side(other, line.after));
    let (Some(_), Some(a), Some(b)) = (line.change, line.before, line.after) else { return (before, after) };
    let (a, b) = (one.at(a).0, other.at(b).0);
    let (from, to) = (value_of(&before.pieces), value_of(&after.pieces));
    if let (Some(from), Some(to), NodeKind::String, NodeKind::String) =
        (from, to, one.index().kind(a), other.index().kind(b))
    {
        let (gone, new) = excerpts(one.index().raw(a), other.index().raw(b));
        put(&mut before, from, gone);
        put(&mut after, to, new);
    } else {
        before.differs.extend(from.map(|at| range_of(&before.pieces, at)));
        after.differs.extend(to.map(|at| range_of(&after.pieces, at)));
    }
    (before, after)
}

/// The piece of a line that is a value.
fn value_of(pieces: &[Piece]) -> Option<usize> {
    pieces.iter().position(|(role, _)| matches!(role, Role::String | Role::Number | Role::Literal))
}

fn range_of(pieces: &[Piece], at: usize) -> Range<usize> {
    let length = |pieces: &[Piece]| pieces.iter().map(|(_, text)| text.as_str().len()).sum::<usize>();
    length(&pieces[..at])..length(&pieces[..=at])
}

/// Puts a value in its place in a line; how long it is it says itself.
fn put(line: &mut DiffSide, at: usize, value: DiffSide) {
    let start = range_of(&line.pieces, at).start;
    line.differs = value.differs.into_iter().map(|range| start + range.start..start + range.end).collect();
    let said = usize::from(line.pieces.get(at + 1).is_some_and(|(role, _)| *role == Role::Preview));
    line.pieces.splice(at..=at + said, value.pieces);
}

/// Two lines of text, marked when they have much in common.
fn marked_lines(mut before: DiffSide, mut after: DiffSide) -> (DiffSide, DiffSide) {
    let (one, other) = (before.plain(), after.plain());
    let (gone, new) = differing(&one, &other);
    let longer = one.len().max(other.len());
    if 3 * (longer - gone.len().max(new.len())) >= longer {
        (before.differs, after.differs) = (vec![gone], vec![new]);
    }
    (before, after)
}

fn byte_sides((one, other): (&Hex, &Hex), line: DiffLine) -> (DiffSide, DiffSide) {
    let row = |hex: &Hex, at: Option<usize>| at.map(|at| hex.row(at, BYTES));
    let bytes = |hex: &Hex, row: &Option<HexRow>| {
        let range = row.as_ref().map_or(0..0, |row| row.offset..row.offset + row.len);
        hex.0.slice(range)
    };
    let (was, is) = (row(one, line.before), row(other, line.after));
    let (gone, new) = (bytes(one, &was), bytes(other, &is));
    let differs: Vec<usize> = (0..BYTES).filter(|at| gone.get(*at) != new.get(*at)).collect();
    let side = |row: Option<HexRow>| {
        let Some(row) = row else { return DiffSide::default() };
        let (digits, text) = (row.address.len() + 2, row.address.len() + row.digits.len() + 5);
        let marks = differs.iter().filter(|at| line.before.is_some() && line.after.is_some() && **at < row.len);
        let (digit, letter) = (
            marks.clone().map(|at| digits + HexRow::cell_of(*at)).map(|start| start..start + 2),
            marks.map(|at| text + at..text + at + 1),
        );
        DiffSide {
            differs: digit.chain(letter).collect(),
            ..DiffSide::of(Clean::text(&format!("{}  {}  {}", row.address, row.digits, row.text)))
        }
    };
    (side(was), side(is))
}

/// The last start of a character at or before this byte.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The parts of two texts that differ, as byte ranges: what is left without the beginning and the end that they share.
fn differing(before: &str, after: &str) -> (Range<usize>, Range<usize>) {
    let mut start = shared(before.as_bytes(), after.as_bytes());
    while !(before.is_char_boundary(start) && after.is_char_boundary(start)) {
        start -= 1;
    }
    let (rest, other) = (&before[start..], &after[start..]);
    let mut end = shared_end(rest.as_bytes(), other.as_bytes());
    while !rest.is_char_boundary(rest.len() - end) {
        end -= 1;
    }
    (start..before.len() - end, start..after.len() - end)
}

/// So many bytes are compared at once.
const STRIDE: usize = 4096;

/// How many bytes come first in both.
fn shared(one: &[u8], other: &[u8]) -> usize {
    let far = one.chunks(STRIDE).zip(other.chunks(STRIDE)).take_while(|(one, other)| one == other);
    let far: usize = far.map(|(one, _)| one.len()).sum();
    far + one[far..].iter().zip(&other[far..]).take_while(|(one, other)| one == other).count()
}

/// How many bytes come last in both.
fn shared_end(one: &[u8], other: &[u8]) -> usize {
    let far = one.rchunks(STRIDE).zip(other.rchunks(STRIDE)).take_while(|(one, other)| one == other);
    let far: usize = far.map(|(one, _)| one.len()).sum();
    let (one, other) = (&one[..one.len() - far], &other[..other.len() - far]);
    far + one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_differing_part_of_texts_is_found() {
        let parts = |before: &str, after: &str| {
            let (one, other) = differing(before, after);
            (before[one].to_owned(), after[other].to_owned())
        };
        assert_eq!(parts("AS-EXAMPLE", "AS64512:AS-EXAMPLE"), (String::new(), "64512:AS".to_owned()));
        assert_eq!(parts("né", "nè"), ("é".to_owned(), "è".to_owned()));
        assert_eq!(parts("ĩé", "ũé"), ("ĩ".to_owned(), "ũ".to_owned()));
        assert_eq!(parts("aé", "aĩ"), ("é".to_owned(), "ĩ".to_owned()));
        assert_eq!(parts("aaa", "aa"), ("a".to_owned(), String::new()));
        assert_eq!(parts("", "x"), (String::new(), "x".to_owned()));
        let long = "x".repeat(3 * STRIDE);
        assert_eq!(parts(&format!("{long}a{long}"), &format!("{long}b{long}")), ("a".to_owned(), "b".to_owned()));
    }
}
