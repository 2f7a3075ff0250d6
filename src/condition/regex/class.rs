//! Which characters a place in a pattern accepts.

use unicode_normalization::char::is_combining_mark;

/// The zeros of all decimal digits of Unicode 15; nine follow each.
const ZEROS: [u32; 68] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50,
    0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950,
    0x1fbf0,
];

/// Letters in circles and squares, which Unicode calls alphabetic and Python does not.
const ENCLOSED: [(char, char); 4] =
    [('\u{24b6}', '\u{24e9}'), ('\u{1f130}', '\u{1f149}'), ('\u{1f150}', '\u{1f169}'), ('\u{1f170}', '\u{1f189}')];

/// A set of characters.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub items: Vec<Item>,
    pub negated: bool,
    pub ignore_case: bool,
}

/// A part of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Range(char, char),
    Kind { kind: Kind, ascii: bool, negated: bool },
}

/// A kind of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Digit,
    Space,
    Word,
}

impl Class {
    pub fn one(char: char, ignore_case: bool) -> Self {
        Self { items: vec![Item::Range(char, char)], negated: false, ignore_case }
    }

    pub fn of(item: Item) -> Self {
        Self { items: vec![item], negated: false, ignore_case: false }
    }

    /// `.`; with `(?s)` it takes newlines, too.
    pub fn any(newlines: bool) -> Self {
        let items = if newlines { Vec::new() } else { vec![Item::Range('\n', '\n')] };
        Self { items, negated: true, ignore_case: false }
    }

    pub fn has(&self, char: char) -> bool {
        let has = |char| self.items.iter().any(|item| item.has(char));
        let found = has(char) || (self.ignore_case && variants(char).any(has));
        found != self.negated
    }
}

impl Item {
    fn has(self, char: char) -> bool {
        match self {
            Self::Range(first, last) => (first..=last).contains(&char),
            Self::Kind { kind, ascii, negated } => (kind.has(char) && (!ascii || char.is_ascii())) != negated,
        }
    }
}

impl Kind {
    fn has(self, char: char) -> bool {
        match self {
            Self::Digit => is_decimal(char),
            Self::Space => char.is_whitespace() || ('\x1c'..='\x1f').contains(&char),
            Self::Word => is_word(char),
        }
    }
}

fn is_decimal(char: char) -> bool {
    let code = u32::from(char);
    let behind = ZEROS.partition_point(|&zero| zero <= code);
    behind > 0 && code - ZEROS[behind - 1] < 10
}

/// `str.isalnum()`, or an underscore.
pub(super) fn is_word(char: char) -> bool {
    let enclosed = || ENCLOSED.iter().any(|&(first, last)| (first..=last).contains(&char));
    char == '_' || (char.is_alphanumeric() && (char.is_ascii() || !(is_combining_mark(char) || enclosed())))
}

/// Whether two characters are one when case is ignored.
pub(super) fn same_ignoring_case(one: char, other: char) -> bool {
    one == other || variants(one).any(|variant| variant == other || variants(other).any(|other| other == variant))
}

/// The other cases of a character, as far as they are single characters.
fn variants(char: char) -> impl Iterator<Item = char> {
    let lower = single(char.to_lowercase());
    let upper = single(char.to_uppercase());
    let lower_of_upper = upper.and_then(|upper| single(upper.to_lowercase()));
    let upper_of_lower = lower.and_then(|lower| single(lower.to_uppercase()));
    // Two signs of units, and the dotted `İ`, have letters for lower cases; no letter has them for an upper case.
    let sign = match lower {
        Some('i' | 'ı') => Some('\u{130}'),
        Some('k') => Some('\u{212a}'),
        Some('\u{e5}') => Some('\u{212b}'),
        _ => None,
    };
    [lower, upper, lower_of_upper, upper_of_lower, sign].into_iter().flatten()
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}
