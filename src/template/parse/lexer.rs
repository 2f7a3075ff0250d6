//! Cuts a template into tokens: where tags begin and end, what whitespace they take along, what is raw or a comment.
//!
//! Line ends are made `\n` first and one final line end is dropped, as the systems' environments are set.

use super::literal;
use super::token::{Kind, OPERATORS, Token};
use crate::template::failure::Failure;
use crate::template::python::letters;

/// All tokens up to the first mistake. The mistake counts when the parser gets there: one that it finds itself before
/// is reported first.
pub struct Tokens {
    /// The tokens; the last one is the end unless there is a failure.
    pub tokens: Vec<Token>,
    /// What stopped the reading.
    pub failure: Option<Failure>,
}

/// Cuts the source.
pub fn tokenize(source: &str) -> Tokens {
    let mut lines = source.replace("\r\n", "\n").replace('\r', "\n");
    if lines.ends_with('\n') {
        lines.pop();
    }
    let mut lexer = Lexer { source: &lines, at: 0, line: 1, open: Vec::new(), tokens: Vec::new() };
    let failure = lexer.root().err();
    let mut tokens = lexer.tokens;
    if failure.is_none() {
        tokens.push(Token { kind: Kind::Eof, line: tokens.last().map_or(1, |last| last.line) });
    }
    Tokens { tokens, failure }
}

/// A `TemplateSyntaxError` at this line.
pub fn syntax_error(message: impl Into<String>, line: usize) -> Failure {
    Failure::jinja("TemplateSyntaxError", message).at(line)
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    line: usize,
    /// Brackets that are open, by what closes them.
    open: Vec<&'static str>,
    tokens: Vec<Token>,
}

/// Where a tag begins.
struct Opening {
    at: usize,
    mark: &'static str,
}

/// What `\s` matches in Python.
fn is_space(char: char) -> bool {
    char.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&char)
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn push(&mut self, kind: Kind) {
        self.tokens.push(Token { kind, line: self.line });
    }

    /// Goes on by this many bytes, counting lines.
    fn skip(&mut self, bytes: usize) {
        let passed = &self.source[self.at..self.at + bytes];
        self.line += passed.matches('\n').count();
        self.at += bytes;
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        let bytes = rest.len() - rest.trim_start_matches(is_space).len();
        self.skip(bytes);
    }

    /// Skips this text when it comes next.
    fn take(&mut self, text: &str) -> bool {
        let here = self.rest().starts_with(text);
        if here {
            self.skip(text.len());
        }
        here
    }

    fn root(&mut self) -> Result<(), Failure> {
        while self.at < self.source.len() {
            let Some(opening) = self.next_opening() else {
                self.data(self.source.len(), false);
                break;
            };
            let strip = self.source[opening.at + 2..].starts_with('-');
            self.data(opening.at, strip);
            self.tag(&opening)?;
        }
        Ok(())
    }

    fn next_opening(&self) -> Option<Opening> {
        let mut from = self.at;
        while let Some(found) = self.source[from..].find('{') {
            let at = from + found;
            let mark = ["{%", "{#", "{{"].into_iter().find(|mark| self.source[at..].starts_with(mark));
            if let Some(mark) = mark {
                return Some(Opening { at, mark });
            }
            from = at + 1;
        }
        None
    }

    /// The text up to here becomes data, without the space at its end if a `-` takes it.
    fn data(&mut self, end: usize, strip: bool) {
        let text = &self.source[self.at..end];
        let kept = if strip { text.trim_end_matches(is_space) } else { text };
        if !kept.is_empty() {
            let data = Kind::Data(kept.into());
            self.push(data);
        }
        self.skip(end - self.at);
    }

    fn tag(&mut self, opening: &Opening) -> Result<(), Failure> {
        if opening.mark == "{%" && self.raw()? {
            return Ok(());
        }
        let line = self.line;
        self.skip(2);
        if self.rest().starts_with(['-', '+']) {
            self.skip(1);
        }
        match opening.mark {
            "{#" => self.comment(),
            "{%" => self.code(Kind::BlockBegin, line),
            _ => self.code(Kind::VariableBegin, line),
        }
    }

    fn comment(&mut self) -> Result<(), Failure> {
        let Some(end) = self.rest().find("#}") else {
            let message = "Missing end of comment tag";
            return if self.rest().is_empty() { Ok(()) } else { Err(syntax_error(message, self.line)) };
        };
        let strip = self.rest()[..end].ends_with('-');
        self.skip(end + 2);
        if strip {
            self.skip_space();
        }
        Ok(())
    }

    /// A `{% raw %}` with all that it holds; false when this is another tag.
    fn raw(&mut self) -> Result<bool, Failure> {
        let (start, line) = (self.at, self.line);
        self.skip(2);
        if self.rest().starts_with(['-', '+']) {
            self.skip(1);
        }
        self.skip_space();
        let named = self.take("raw");
        if named {
            self.skip_space();
        }
        let strip = named && self.take("-%}");
        let ended = strip || (named && self.take("%}"));
        if !ended {
            (self.at, self.line) = (start, line);
            return Ok(false);
        }
        if strip {
            self.skip_space();
        }
        self.raw_body().map(|()| true)
    }

    fn raw_body(&mut self) -> Result<(), Failure> {
        let mut from = self.at;
        while let Some(found) = self.source[from..].find("{%") {
            let at = from + found;
            if let Some(end) = Self::endraw(&self.source[at..]) {
                let strip = self.source[at + 2..].starts_with('-');
                self.data(at, strip);
                self.skip(end.0);
                if end.1 {
                    self.skip_space();
                }
                return Ok(());
            }
            from = at + 1;
        }
        if self.rest().is_empty() { Ok(()) } else { Err(syntax_error("Missing end of raw directive", self.line)) }
    }

    /// The length of an `{% endraw %}` at the beginning of this text, and whether it takes the space after it.
    fn endraw(text: &str) -> Option<(usize, bool)> {
        let inner = text[2..].strip_prefix(['-', '+']).unwrap_or(&text[2..]);
        let inner = inner.trim_start_matches(is_space).strip_prefix("endraw")?.trim_start_matches(is_space);
        let (rest, strip) = match inner.strip_prefix("-%}") {
            Some(rest) => (rest, true),
            None => (inner.strip_prefix('+').unwrap_or(inner).strip_prefix("%}")?, false),
        };
        Some((text.len() - rest.len(), strip))
    }

    fn code(&mut self, begin: Kind, line: usize) -> Result<(), Failure> {
        let block = begin == Kind::BlockBegin;
        self.tokens.push(Token { kind: begin, line });
        loop {
            if self.open.is_empty() && self.end_of_tag(block) {
                return Ok(());
            }
            let Some(char) = self.rest().chars().next() else { return Ok(()) };
            if is_space(char) {
                self.skip_space();
            } else {
                self.word(char)?;
            }
        }
    }

    fn end_of_tag(&mut self, block: bool) -> bool {
        let (end, kind) = if block { ("%}", Kind::BlockEnd) } else { ("}}", Kind::VariableEnd) };
        let sign = self.rest().chars().next().filter(|char| *char == '-' || (block && *char == '+'));
        if !self.rest()[sign.map_or(0, char::len_utf8)..].starts_with(end) {
            return false;
        }
        self.push(kind);
        self.skip(sign.map_or(0, char::len_utf8) + end.len());
        if sign == Some('-') {
            self.skip_space();
        }
        true
    }

    fn word(&mut self, first: char) -> Result<(), Failure> {
        if let Some((kind, length)) = literal::number(self.rest(), self.source[..self.at].ends_with('.')) {
            self.push(kind);
            self.skip(length);
            return Ok(());
        }
        if literal::in_name(first) {
            return self.name();
        }
        if let Some(length) = literal::string_length(self.rest()) {
            let text = literal::unescape(&self.rest()[1..length - 1]);
            let text = text.map_err(|failure| failure.at(self.line))?;
            self.push(Kind::String(text.into()));
            self.skip(length);
            return Ok(());
        }
        self.operator(first)
    }

    fn name(&mut self) -> Result<(), Failure> {
        let rest = self.rest();
        let length = rest.find(|char| !literal::in_name(char)).unwrap_or(rest.len());
        let name = &rest[..length];
        if !literal::is_identifier(name) {
            return Err(syntax_error("Invalid character in identifier", self.line));
        }
        let name = Kind::Name(name.into());
        self.push(name);
        self.skip(length);
        Ok(())
    }

    fn operator(&mut self, first: char) -> Result<(), Failure> {
        let Some(operator) = OPERATORS.into_iter().find(|operator| self.rest().starts_with(operator)) else {
            let position = self.source[..self.at].chars().count();
            let char = letters::repr(first.encode_utf8(&mut [0; 4]));
            return Err(syntax_error(format!("unexpected char {char} at {position}"), self.line));
        };
        self.balance(operator)?;
        self.push(Kind::Operator(operator));
        self.skip(operator.len());
        Ok(())
    }

    fn balance(&mut self, operator: &str) -> Result<(), Failure> {
        match operator {
            "{" => self.open.push("}"),
            "(" => self.open.push(")"),
            "[" => self.open.push("]"),
            "}" | ")" | "]" => match self.open.pop() {
                Some(expected) if expected == operator => {}
                Some(expected) => {
                    return Err(syntax_error(format!("unexpected '{operator}', expected '{expected}'"), self.line));
                }
                None => return Err(syntax_error(format!("unexpected '{operator}'"), self.line)),
            },
            _ => {}
        }
        Ok(())
    }
}
