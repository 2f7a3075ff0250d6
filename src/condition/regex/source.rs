//! A pattern being read: its tokens (a character, or a backslash with the one behind it) and its errors.

/// What `re.compile` says about a pattern that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    kind: &'static str,
    message: String,
}

impl PatternError {
    /// The class of Python's exception, with its module unless it is Python's own; empty for what hookview cannot do.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// An error of another class than most, which names no place.
    pub(super) fn of_kind(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Python would compile the pattern, hookview cannot.
    pub(super) fn refused(message: &str) -> Self {
        Self::of_kind("", message)
    }

    /// An error that names no place.
    pub(super) fn of_whole(message: impl Into<String>) -> Self {
        Self::of_kind("re.error", message)
    }
}

/// A token: a character, or an escaped one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Char(char),
    Escaped(char),
}

impl Token {
    /// Characters that it takes in the pattern.
    pub fn len(self) -> usize {
        match self {
            Self::Char(_) => 1,
            Self::Escaped(_) => 2,
        }
    }
}

/// Reads a pattern token by token.
pub(super) struct Source {
    chars: Vec<char>,
    at: usize,
}

impl Source {
    pub fn new(pattern: &str) -> Self {
        Self { chars: pattern.chars().collect(), at: 0 }
    }

    /// Where the next token begins, in characters.
    pub fn tell(&self) -> usize {
        self.at
    }

    pub fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// The next token, left where it is; Python reads one token ahead, so that a lone backslash at the end fails early.
    pub fn peek(&self) -> Result<Option<Token>, PatternError> {
        match self.chars.get(self.at) {
            None => Ok(None),
            Some('\\') => match self.chars.get(self.at + 1) {
                Some(&char) => Ok(Some(Token::Escaped(char))),
                None => Err(self.error_at("bad escape (end of pattern)", self.at)),
            },
            Some(&char) => Ok(Some(Token::Char(char))),
        }
    }

    pub fn next(&mut self) -> Result<Option<Token>, PatternError> {
        let token = self.peek()?;
        self.at += token.map_or(0, Token::len);
        Ok(token)
    }

    /// The next token when it is this character.
    pub fn take(&mut self, wanted: char) -> Result<bool, PatternError> {
        let is_next = self.peek()? == Some(Token::Char(wanted));
        if is_next {
            self.at += 1;
            self.peek()?;
        }
        Ok(is_next)
    }

    /// The characters from here on that `fits`, `most` of them at most.
    pub fn take_while(&mut self, most: usize, fits: impl Fn(char) -> bool) -> String {
        let taken: String = self.chars[self.at..].iter().take(most).take_while(|char| fits(**char)).collect();
        self.at += taken.chars().count();
        taken
    }

    /// A name up to `end`, which is dropped.
    pub fn until(&mut self, end: char, what: &str) -> Result<String, PatternError> {
        let start = self.at;
        let Some(length) = self.chars[start..].iter().position(|&char| char == end) else {
            let reason = if start == self.chars.len() {
                format!("missing {what}")
            } else {
                format!("missing {end}, unterminated name")
            };
            return Err(self.error_at(&reason, start));
        };
        if length == 0 {
            return Err(self.error_at(&format!("missing {what}"), start));
        }
        self.at = start + length + 1;
        Ok(self.chars[start..start + length].iter().collect())
    }

    /// An error that is `back` characters before what is read next.
    pub fn error(&self, message: &str, back: usize) -> PatternError {
        self.error_at(message, self.at.saturating_sub(back))
    }

    pub fn error_at(&self, message: &str, position: usize) -> PatternError {
        let before = &self.chars[..position.min(self.chars.len())];
        if !self.chars.contains(&'\n') {
            return PatternError::of_whole(format!("{message} at position {position}"));
        }
        let line = before.iter().filter(|&&char| char == '\n').count() + 1;
        let column = position - before.iter().rposition(|&char| char == '\n').map_or(0, |at| at + 1) + 1;
        PatternError::of_whole(format!("{message} at position {position} (line {line}, column {column})"))
    }
}
