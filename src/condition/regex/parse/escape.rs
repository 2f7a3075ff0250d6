//! What a backslash means, outside of sets and in them.

use super::super::class::Kind;
use super::super::source::Token;
use super::{Class, Flags, Item, Node, Parser, PatternError, Place, one_of};

impl Parser {
    /// An escape outside of a set; the backslash and `char` are read.
    pub(super) fn escape(&mut self, char: char, flags: Flags) -> Result<Node, PatternError> {
        if let Some(item) = kind(char, flags.ascii) {
            return Ok(one_of(item));
        }
        if let Some(place) = place(char, flags.ascii) {
            return Ok(Node::At(place));
        }
        match char {
            '0' => {
                let digits = self.source.take_while(2, |char| char.is_digit(8));
                self.octal(&format!("0{digits}")).map(|char| literal(char, flags))
            }
            '1'..='9' => self.reference(char, flags),
            _ => match self.character(char)? {
                Some(char) => Ok(literal(char, flags)),
                None => Err(self.source.error(&format!("bad escape \\{char}"), 2)),
            },
        }
    }

    /// A group's number, or an octal number of three digits.
    fn reference(&mut self, first: char, flags: Flags) -> Result<Node, PatternError> {
        let mut digits = first.to_string() + &self.source.take_while(1, |char| char.is_ascii_digit());
        if digits.len() == 2 && digits.chars().all(|char| char.is_digit(8)) {
            let third = self.source.take_while(1, |char| char.is_digit(8));
            if !third.is_empty() {
                digits += &third;
                return self.octal(&digits).map(|char| literal(char, flags));
            }
        }
        let group: usize = digits.parse().unwrap_or(usize::MAX);
        self.refer(group, digits.len() + 1, flags).and_then(|node| {
            node.ok_or_else(|| self.source.error(&format!("invalid group reference {group}"), digits.len()))
        })
    }

    /// A reference to a group, when there is such a one. `back` characters ago it began.
    pub(super) fn refer(&self, group: usize, back: usize, flags: Flags) -> Result<Option<Node>, PatternError> {
        match self.groups.get(group) {
            None => Ok(None),
            Some(None) => Err(self.source.error("cannot refer to an open group", back)),
            Some(Some(_)) if self.behind_from.is_some_and(|from| group >= from) => {
                Err(self.source.error("cannot refer to group defined in the same lookbehind subpattern", back))
            }
            Some(Some(_)) => Ok(Some(Node::Back(group, flags.ignore_case))),
        }
    }

    /// An escape in a set: a character or a kind of them.
    pub(super) fn escape_in_set(&mut self, char: char, flags: Flags) -> Result<Item, PatternError> {
        if let Some(item) = kind(char, flags.ascii) {
            return Ok(item);
        }
        let single = |char| Item::Range(char, char);
        match char {
            'b' => Ok(single('\x08')),
            '0'..='7' => {
                let digits = format!("{char}{}", self.source.take_while(2, |char| char.is_digit(8)));
                self.octal(&digits).map(single)
            }
            _ => match self.character(char)? {
                Some(char) if !char.is_ascii_digit() => Ok(single(char)),
                _ => Err(self.source.error(&format!("bad escape \\{char}"), 2)),
            },
        }
    }

    /// The character that an escape stands for, in a set or not; nothing for what is none.
    fn character(&mut self, char: char) -> Result<Option<char>, PatternError> {
        let named = match char {
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'x' => return self.hex(char, 2).map(Some),
            'u' => return self.hex(char, 4).map(Some),
            'U' => return self.hex(char, 8).map(Some),
            'N' if self.source.peek()? != Some(Token::Char('{')) => return Err(self.source.error("missing {", 0)),
            'N' => {
                return Err(PatternError::refused("hookview does not know characters by their names: write \\uXXXX"));
            }
            char if char.is_ascii_alphabetic() => return Ok(None),
            char => char,
        };
        Ok(Some(named))
    }

    /// The character of at most three octal digits, which were read.
    fn octal(&self, digits: &str) -> Result<char, PatternError> {
        let char = u8::from_str_radix(digits, 8).map(char::from);
        let message = || format!("octal escape value \\{digits} outside of range 0-0o377");
        char.map_err(|_| self.source.error(&message(), digits.len() + 1))
    }

    fn hex(&mut self, kind: char, length: usize) -> Result<char, PatternError> {
        let digits = self.source.take_while(length, |char| char.is_ascii_hexdigit());
        let back = digits.len() + 2;
        if digits.len() < length {
            return Err(self.source.error(&format!("incomplete escape \\{kind}{digits}"), back));
        }
        let char = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
        char.ok_or_else(|| self.source.error(&format!("bad escape \\{kind}{digits}"), back))
    }
}

fn literal(char: char, flags: Flags) -> Node {
    Node::One(Class::one(char, flags.ignore_case))
}

fn kind(char: char, ascii: bool) -> Option<Item> {
    let kind = match char.to_ascii_lowercase() {
        'd' => Kind::Digit,
        's' => Kind::Space,
        'w' => Kind::Word,
        _ => return None,
    };
    Some(Item::Kind { kind, ascii, negated: char.is_ascii_uppercase() })
}

fn place(char: char, ascii: bool) -> Option<Place> {
    Some(match char {
        'A' => Place::TextStart,
        'Z' => Place::TextEnd,
        'b' => Place::Border { ascii, negated: false },
        'B' => Place::Border { ascii, negated: true },
        _ => return None,
    })
}
