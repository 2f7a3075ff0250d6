//! Flags within a pattern: `(?i)`, `(?s-i:..)`.

use super::super::source::Token;
use super::{Parser, PatternError};

/// Flags that are in force at a place.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub ignore_case: bool,
    pub multi_line: bool,
    pub dot_all: bool,
    pub verbose: bool,
    pub ascii: bool,
    /// Whether Unicode was asked for, which it is without asking, too.
    pub unicode: bool,
}

/// All letters that are flags.
pub(super) const LETTERS: &str = "aiLmsux";

impl Flags {
    fn set(&mut self, letter: char, on: bool) {
        match letter {
            'a' => (self.ascii, self.unicode) = (true, false),
            'u' => (self.ascii, self.unicode) = (false, true),
            'i' => self.ignore_case = on,
            'm' => self.multi_line = on,
            's' => self.dot_all = on,
            _ => self.verbose = on,
        }
    }
}

impl Parser {
    /// Flags from `first` on: what they make of `flags`, and whether they hold for a group alone.
    pub(super) fn flags(&mut self, first: char, mut flags: Flags) -> Result<(Flags, bool), PatternError> {
        let (mut on, mut end) = (String::new(), first);
        while end != '-' {
            if end == 'L' {
                return Err(self.source.error("bad inline flags: cannot use 'L' flag with a str pattern", 0));
            }
            on.push(end);
            if on.contains('a') && on.contains('u') {
                return Err(self.source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible", 0));
            }
            end = self.flag("missing -, : or )", "-:)")?;
            if matches!(end, ':' | ')') {
                break;
            }
        }
        let off = if end == '-' { self.flags_off()? } else { String::new() };
        if on.contains(|letter| off.contains(letter)) {
            return Err(self.source.error("bad inline flags: flag turned on and off", 1));
        }
        let is_global = end == ')';
        if is_global && (flags.ascii && on.contains('u') || flags.unicode && on.contains('a')) {
            return Err(PatternError::of_kind("ValueError", "ASCII and UNICODE flags are incompatible"));
        }
        on.chars().for_each(|letter| flags.set(letter, true));
        off.chars().for_each(|letter| flags.set(letter, false));
        Ok((flags, !is_global))
    }

    /// The flags behind the minus sign, up to the colon.
    fn flags_off(&mut self) -> Result<String, PatternError> {
        let (mut off, mut next) = (String::new(), self.flag("missing flag", "")?);
        while next != ':' {
            if matches!(next, 'a' | 'u' | 'L') {
                return Err(self.source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'", 0));
            }
            off.push(next);
            next = self.flag("missing :", ":")?;
        }
        Ok(off)
    }

    /// The next letter of a flag, or one of the `ends`.
    fn flag(&mut self, missing: &str, ends: &str) -> Result<char, PatternError> {
        match self.source.next()? {
            None => Err(self.source.error(missing, 0)),
            Some(Token::Char(char)) if ends.contains(char) || LETTERS.contains(char) => Ok(char),
            Some(Token::Char(char)) if char.is_alphabetic() => Err(self.source.error("unknown flag", 1)),
            Some(token) => Err(self.source.error(missing, token.len())),
        }
    }
}
