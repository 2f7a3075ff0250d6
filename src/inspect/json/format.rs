//! Changing only the white space between the tokens of a document.

use super::scan::{Nothing, Sink, scan};
use super::{JsonError, NodeKind};

/// Blanks a level.
const INDENT: usize = 2;

/// A document grows to this many times its size at most, so that deep nesting cannot become gigabytes of blanks.
const GROWTH: usize = 16;

/// Checks a document: RFC 8259, at most 512 levels deep.
pub fn validate(bytes: &[u8]) -> Result<(), JsonError> {
    scan(bytes, &mut Nothing)
}

/// Re-indents a document by two blanks a level, byte by byte: numbers, strings, key order and duplicate keys stay.
pub fn pretty(bytes: &[u8]) -> Result<Vec<u8>, JsonError> {
    format(bytes, Some(INDENT))
}

/// Drops the white space between tokens.
pub fn compact(bytes: &[u8]) -> Result<Vec<u8>, JsonError> {
    format(bytes, None)
}

fn format(bytes: &[u8], indent: Option<usize>) -> Result<Vec<u8>, JsonError> {
    let out = Vec::with_capacity(bytes.len() + if indent.is_some() { bytes.len() / 2 } else { 0 });
    let limit = bytes.len().saturating_mul(GROWTH).saturating_add(1 << 20);
    let mut formatter = Formatter { source: bytes, out, indent, depth: 0, first: true, keyed: false, limit };
    scan(bytes, &mut formatter)?;
    Ok(formatter.out)
}

struct Formatter<'a> {
    source: &'a [u8],
    out: Vec<u8>,
    indent: Option<usize>,
    depth: usize,
    /// Nothing stands in the current container yet.
    first: bool,
    /// A key was just written.
    keyed: bool,
    limit: usize,
}

impl Formatter<'_> {
    /// What stands before a key, or before a value without one.
    fn lead(&mut self) {
        if std::mem::take(&mut self.keyed) || self.depth == 0 {
            return;
        }
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        if let Some(indent) = self.indent {
            self.out.push(b'\n');
            let length = self.out.len() + indent * self.depth;
            self.out.resize(length, b' ');
        }
    }
}

impl Sink for Formatter<'_> {
    fn open(&mut self, kind: NodeKind, _: usize) {
        self.lead();
        self.out.push(if kind == NodeKind::Object { b'{' } else { b'[' });
        self.depth += 1;
        self.first = true;
    }

    fn close(&mut self, kind: NodeKind, _: usize) {
        self.depth -= 1;
        if !std::mem::take(&mut self.first) {
            self.new_line();
        }
        self.out.push(if kind == NodeKind::Object { b'}' } else { b']' });
    }

    fn key(&mut self, start: usize, end: usize) {
        self.lead();
        self.out.extend_from_slice(&self.source[start..end]);
        self.out.extend_from_slice(if self.indent.is_some() { b": " } else { b":" });
        self.keyed = true;
    }

    fn scalar(&mut self, _: NodeKind, start: usize, end: usize) {
        self.lead();
        self.out.extend_from_slice(&self.source[start..end]);
    }

    fn full(&self) -> Option<&'static str> {
        (self.out.len() > self.limit).then_some("nested so deep that indenting would make it 16 times as long")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(result: Result<Vec<u8>, JsonError>) -> String {
        String::from_utf8(result.unwrap()).unwrap()
    }

    #[test]
    fn only_white_space_changes() {
        let source = br#" {"a":1.10,"b" : [1e3,23456789012345678901234, {}] ,"a":[ ],"c":"x\u00e9\/ :,"}"#;
        let expected = "{\n  \"a\": 1.10,\n  \"b\": [\n    1e3,\n    23456789012345678901234,\n    {}\n  ],\n  \
                        \"a\": [],\n  \"c\": \"x\\u00e9\\/ :,\"\n}";
        assert_eq!(text(pretty(source)), expected);
        let small = r#"{"a":1.10,"b":[1e3,23456789012345678901234,{}],"a":[],"c":"x\u00e9\/ :,"}"#;
        assert_eq!(text(compact(source)), small);
        assert_eq!(text(compact(expected.as_bytes())), small);
    }

    #[test]
    fn scalars_are_documents() {
        assert_eq!(text(pretty(b" 1 ")), "1");
        assert_eq!(text(compact(b"\n\"x\"\n")), "\"x\"");
    }

    #[test]
    fn deep_nesting_does_not_become_gigabytes() {
        let deep = [&b"["[..], &b"[".repeat(500), &b"1,".repeat(100_000), b"1", &b"]".repeat(501)].concat();
        assert!(pretty(&deep).unwrap_err().limit);
        assert!(compact(&deep).is_ok());
    }
}
