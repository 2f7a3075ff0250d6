//! Which characters a place in a pattern accepts.

use crate::template::letters;

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
            Self::Digit => letters::decimal(char).is_some(),
            Self::Space => letters::is_space(char),
            Self::Word => letters::is_word(char),
        }
    }
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
