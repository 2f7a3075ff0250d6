//! The JSON grammar (RFC 8259), once, for everything that reads JSON: strict, iterative, and without copies.
//!
//! What it finds goes to a [`Sink`] as offsets. Depth is bounded, and no input makes it recurse.

use super::{JsonError, NodeKind};

/// The deepest nesting that is read.
pub(super) const MAX_DEPTH: usize = 512;

/// Takes what the scanner finds, in document order. Ends are exclusive; quotes and brackets are inside.
pub(super) trait Sink {
    /// A container begins.
    fn open(&mut self, kind: NodeKind, start: usize);
    /// The container that began last ends.
    fn close(&mut self, kind: NodeKind, end: usize);
    /// The key of the value that follows.
    fn key(&mut self, start: usize, end: usize);
    /// A string, number, boolean or null.
    fn scalar(&mut self, kind: NodeKind, start: usize, end: usize);
    /// A sentence when it has had too much.
    fn full(&self) -> Option<&'static str> {
        None
    }
}

/// Finds nothing: for validation alone.
pub(super) struct Nothing;

impl Sink for Nothing {
    fn open(&mut self, _: NodeKind, _: usize) {}
    fn close(&mut self, _: NodeKind, _: usize) {}
    fn key(&mut self, _: usize, _: usize) {}
    fn scalar(&mut self, _: NodeKind, _: usize, _: usize) {}
}

/// Reads a whole document into `sink`.
pub(super) fn scan(bytes: &[u8], sink: &mut impl Sink) -> Result<(), JsonError> {
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(JsonError::expected(bytes, error.valid_up_to(), "UTF-8"));
    }
    let mut scanner = Scanner { bytes, at: 0, open: Vec::new(), sink };
    let mut expect = Expect::Value;
    loop {
        scanner.skip_blanks();
        expect = match expect {
            Expect::Value | Expect::FirstItem => scanner.value(expect)?,
            Expect::Key | Expect::FirstKey => scanner.key(expect)?,
            Expect::Next => scanner.next()?,
            Expect::End if scanner.at == bytes.len() => return Ok(()),
            Expect::End => return Err(scanner.expected("nothing more")),
        };
    }
}

/// What the grammar allows next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value, or the end of an empty array.
    FirstItem,
    Key,
    /// A key, or the end of an empty object.
    FirstKey,
    /// A comma, or the end of the container.
    Next,
    /// The end of the document.
    End,
}

struct Scanner<'a, S> {
    bytes: &'a [u8],
    at: usize,
    open: Vec<NodeKind>,
    sink: &'a mut S,
}

impl<S: Sink> Scanner<'_, S> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn expected(&self, wanted: &str) -> JsonError {
        JsonError::expected(self.bytes, self.at, wanted)
    }

    fn value(&mut self, expect: Expect) -> Result<Expect, JsonError> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'"') => self.string(NodeKind::String)?,
            Some(b'{') => return self.open(NodeKind::Object),
            Some(b'[') => return self.open(NodeKind::Array),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal("true", NodeKind::Boolean)?,
            Some(b'f') => self.literal("false", NodeKind::Boolean)?,
            Some(b'n') => self.literal("null", NodeKind::Null)?,
            Some(b']') if expect == Expect::FirstItem => return Ok(self.close(NodeKind::Array)),
            _ if expect == Expect::FirstItem => return Err(self.expected("a value or `]`")),
            _ => return Err(self.expected("a value")),
        };
        self.sink.scalar(kind, start, self.at);
        match self.sink.full() {
            Some(why) => Err(JsonError::limit(self.bytes, start, why)),
            None => Ok(self.after_value()),
        }
    }

    fn key(&mut self, expect: Expect) -> Result<Expect, JsonError> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => self.string(NodeKind::String)?,
            Some(b'}') if expect == Expect::FirstKey => return Ok(self.close(NodeKind::Object)),
            _ if expect == Expect::FirstKey => return Err(self.expected("a key in double quotes or `}`")),
            _ => return Err(self.expected("a key in double quotes")),
        };
        self.sink.key(start, self.at);
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.expected("`:`"));
        }
        self.at += 1;
        Ok(Expect::Value)
    }

    fn next(&mut self) -> Result<Expect, JsonError> {
        let in_object = self.open.last() == Some(&NodeKind::Object);
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(if in_object { Expect::Key } else { Expect::Value })
            }
            Some(b'}') if in_object => Ok(self.close(NodeKind::Object)),
            Some(b']') if !in_object => Ok(self.close(NodeKind::Array)),
            _ if in_object => Err(self.expected("`,` or `}`")),
            _ => Err(self.expected("`,` or `]`")),
        }
    }

    fn open(&mut self, kind: NodeKind) -> Result<Expect, JsonError> {
        let too_much =
            if self.open.len() == MAX_DEPTH { Some("nested more than 512 levels deep") } else { self.sink.full() };
        if let Some(why) = too_much {
            return Err(JsonError::limit(self.bytes, self.at, why));
        }
        self.sink.open(kind, self.at);
        self.open.push(kind);
        self.at += 1;
        Ok(if kind == NodeKind::Object { Expect::FirstKey } else { Expect::FirstItem })
    }

    fn close(&mut self, kind: NodeKind) -> Expect {
        self.at += 1;
        self.open.pop();
        self.sink.close(kind, self.at);
        self.after_value()
    }

    fn after_value(&self) -> Expect {
        if self.open.is_empty() { Expect::End } else { Expect::Next }
    }

    fn literal(&mut self, word: &str, kind: NodeKind) -> Result<NodeKind, JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn number(&mut self) -> Result<NodeKind, JsonError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        let digits = self.digits()?;
        if zero && digits > 1 {
            self.at -= digits;
            return Err(self.expected("a number without leading zeros"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(NodeKind::Number)
    }

    /// At least one digit; how many.
    fn digits(&mut self) -> Result<usize, JsonError> {
        let count = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Err(self.expected("a digit"));
        }
        self.at += count;
        Ok(count)
    }

    fn string(&mut self, kind: NodeKind) -> Result<NodeKind, JsonError> {
        self.at += 1;
        loop {
            self.at = special(self.bytes, self.at);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(kind);
                }
                Some(b'\\') => self.escape()?,
                Some(b'\n') => return Err(self.expected("`\"` (a line break in a string is written `\\n`)")),
                Some(_) => return Err(self.expected("`\"` (a control character in a string is written `\\u00..`)")),
                None => return Err(self.expected("`\"`")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.expected("four hexadecimal digits behind `\\u`"));
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.expected("one of `\"\\/bfnrtu` behind `\\`")),
        }
        Ok(())
    }
}

/// Where the first quote, backslash or control character is, from `at` on; the end when there is none.
fn special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let found = special_bits(u64::from_le_bytes(word));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < b' ').map_or(bytes.len(), |more| at + more)
}

/// Eight bytes at once: the high bit of the first special byte is the lowest bit that is set (borrows only spoil the
/// bytes behind it).
fn special_bits(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zero_byte = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero_byte(word ^ (ONES * 0x22));
    let backslash = zero_byte(word ^ (ONES * 0x5C));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & (ONES * 0x80)
}
