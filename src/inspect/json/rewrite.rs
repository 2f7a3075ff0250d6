//! Writing a document anew as other programs would: their white space, their escapes, their order of keys.
//!
//! Numbers keep their text and duplicate keys stay. For finding out who re-encoded a document on its way; what is
//! stored and sent is never touched.

use std::fmt::Write as _;

use super::escape::{escaped, unescape};
use super::{JsonIndex, NodeId, NodeKind};

/// A document grows to this many times its size at most, so that deep nesting cannot become gigabytes of blanks.
const GROWTH: usize = 8;

/// The white space between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// None.
    Compact,
    /// A blank behind each comma and colon, as Python's `json.dumps` writes.
    Spaced,
    /// A line for each value, indented by this for each level.
    Indented(&'static str),
}

/// How a program writes its strings. All but [`Letters::Kept`] escape nothing but what they must and what is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// As they were.
    Kept,
    /// Nothing more, as JavaScript writes.
    Plain,
    /// `\u00fc` for what is not ASCII, as Python writes.
    Ascii,
    /// `\/` for slashes and `\u00fc` for what is not ASCII, as PHP writes.
    AsciiSlashes,
    /// `\/` for slashes, as PHP writes with `JSON_UNESCAPED_UNICODE`.
    Slashes,
    /// `\u003c` for `<`, `>` and `&`, as Go writes.
    Html,
    /// `\u00FC` and `\u0027` for all but the most harmless, as .NET writes.
    Wary,
}

/// How to write a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The white space.
    pub layout: Layout,
    /// The strings.
    pub letters: Letters,
    /// Whether the keys of objects are in order; those that are equal keep theirs.
    pub sorted: bool,
}

/// The document in another style; `None` when it would become many times as long.
pub fn rewrite(index: &JsonIndex, style: Style) -> Option<Vec<u8>> {
    let size = index.bytes().len();
    let mut writer =
        Writer { index, style, out: String::with_capacity(size + size / 4), limit: size.saturating_mul(GROWTH) + 1024 };
    writer.value(0, 1)?;
    Some(writer.out.into_bytes())
}

struct Writer<'a> {
    index: &'a JsonIndex,
    style: Style,
    out: String,
    limit: usize,
}

impl Writer<'_> {
    /// The scanner bounds the depth that this recurses to.
    fn value(&mut self, id: NodeId, depth: usize) -> Option<()> {
        let brackets = match self.index.kind(id) {
            NodeKind::Object => ('{', '}'),
            NodeKind::Array => ('[', ']'),
            NodeKind::String => {
                self.string(self.index.raw(id));
                return Some(());
            }
            _ => {
                self.out.push_str(self.index.raw(id));
                return Some(());
            }
        };
        self.out.push(brackets.0);
        let members = self.members(id);
        for (at, member) in members.iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.blank(at > 0, depth);
            self.member(*member, depth)?;
        }
        if !members.is_empty() {
            self.blank(false, depth - 1);
        }
        self.out.push(brackets.1);
        (self.out.len() <= self.limit).then_some(())
    }

    fn member(&mut self, id: NodeId, depth: usize) -> Option<()> {
        if let Some(key) = self.index.raw_key(id) {
            self.string(key);
            self.out.push_str(if self.style.layout == Layout::Compact { ":" } else { ": " });
        }
        self.value(id, depth + 1)
    }

    fn members(&self, id: NodeId) -> Vec<NodeId> {
        let mut members: Vec<NodeId> = self.index.children(id).collect();
        if self.style.sorted && self.index.kind(id) == NodeKind::Object {
            members.sort_by_cached_key(|member| self.index.raw_key(*member).map(|key| unescape(key).into_owned()));
        }
        members
    }

    /// What stands before a value or a closing bracket.
    fn blank(&mut self, behind_comma: bool, depth: usize) {
        match self.style.layout {
            Layout::Spaced if behind_comma => self.out.push(' '),
            Layout::Compact | Layout::Spaced => {}
            Layout::Indented(indent) => {
                self.out.push('\n');
                (0..depth).for_each(|_| self.out.push_str(indent));
            }
        }
    }

    fn string(&mut self, quoted: &str) {
        let letters = self.style.letters;
        if letters == Letters::Kept || !letters.may_change(quoted) {
            return self.out.push_str(quoted);
        }
        self.out.push('"');
        let mut rest = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        while let Some(c) = rest.chars().next() {
            let (c, length) = if c == '\\' { escaped(rest) } else { (c, c.len_utf8()) };
            let (source, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
            // Half a surrogate pair has no other form than its escape.
            if c == char::REPLACEMENT_CHARACTER && source.starts_with('\\') {
                self.out.push_str(source);
            } else {
                letters.write(c, &mut self.out);
            }
            rest = behind;
        }
        self.out.push('"');
    }
}

impl Letters {
    fn may_change(self, quoted: &str) -> bool {
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        inner.contains('\\') || inner.chars().any(|c| self.escapes(c))
    }

    /// Whether it writes more of a character than the character itself.
    fn escapes(self, c: char) -> bool {
        matches!(
            (self, c),
            (_, '"' | '\\' | '\0'..='\x1f')
                | (Self::AsciiSlashes | Self::Slashes, '/')
                | (Self::Ascii | Self::AsciiSlashes | Self::Wary, '\u{80}'..)
                | (Self::Html, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
                | (Self::Wary, '<' | '>' | '&' | '\'' | '+' | '`' | '\x7f')
        )
    }

    fn write(self, c: char, out: &mut String) {
        match c {
            c if !self.escapes(c) => out.push(c),
            '"' if self == Self::Wary => out.push_str("\\u0022"),
            '"' | '\\' | '/' => out.extend(['\\', c]),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ =
                        if self == Self::Wary { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    fn styled(json: &str, layout: Layout, letters: Letters, sorted: bool) -> String {
        let index = JsonIndex::build(Bytes::copy_from_slice(json.as_bytes())).unwrap();
        String::from_utf8(rewrite(&index, Style { layout, letters, sorted }).unwrap()).unwrap()
    }

    #[test]
    fn only_white_space_changes_with_the_layout() {
        let source = r#" {"b":1.10,"a" : [1e3, {}] ,"b":[ ],"c":"x\u00e9\/ :,"}"#;
        let layout = |layout| styled(source, layout, Letters::Kept, false);
        assert_eq!(layout(Layout::Compact), r#"{"b":1.10,"a":[1e3,{}],"b":[],"c":"x\u00e9\/ :,"}"#);
        assert_eq!(layout(Layout::Spaced), r#"{"b": 1.10, "a": [1e3, {}], "b": [], "c": "x\u00e9\/ :,"}"#);
        let tabs =
            "{\n\t\"b\": 1.10,\n\t\"a\": [\n\t\t1e3,\n\t\t{}\n\t],\n\t\"b\": [],\n\t\"c\": \"x\\u00e9\\/ :,\"\n}";
        assert_eq!(layout(Layout::Indented("\t")), tabs);
        let sorted = styled(source, Layout::Compact, Letters::Kept, true);
        assert_eq!(sorted, r#"{"a":[1e3,{}],"b":1.10,"b":[],"c":"x\u00e9\/ :,"}"#);
    }

    #[test]
    fn letters_are_written_as_others_write_them() {
        let source = r#""é\u00FC\ud83d\ude00 \/ a/b <'\u0041> \ud800 \"\n\u0001\\""#;
        for (letters, text) in [
            (Letters::Kept, source),
            (Letters::Plain, r#""éü😀 / a/b <'A> \ud800 \"\n\u0001\\""#),
            (Letters::Ascii, r#""\u00e9\u00fc\ud83d\ude00 / a/b <'A> \ud800 \"\n\u0001\\""#),
            (Letters::AsciiSlashes, r#""\u00e9\u00fc\ud83d\ude00 \/ a\/b <'A> \ud800 \"\n\u0001\\""#),
            (Letters::Slashes, r#""éü😀 \/ a\/b <'A> \ud800 \"\n\u0001\\""#),
            (Letters::Html, r#""éü😀 / a/b \u003c'A\u003e \ud800 \"\n\u0001\\""#),
            (Letters::Wary, r#""\u00E9\u00FC\uD83D\uDE00 / a/b \u003C\u0027A\u003E \ud800 \u0022\n\u0001\\""#),
        ] {
            assert_eq!(styled(source, Layout::Compact, letters, false), text, "{letters:?}");
        }
    }

    #[test]
    fn deep_nesting_does_not_become_gigabytes() {
        let deep = [&b"["[..], &b"[".repeat(500), &b"1,".repeat(100_000), b"1", &b"]".repeat(501)].concat();
        let index = JsonIndex::build(deep.into()).unwrap();
        let style = Style { layout: Layout::Indented("    "), letters: Letters::Kept, sorted: false };
        assert_eq!(rewrite(&index, style), None);
    }

    proptest! {
        #[test]
        fn says_the_same(text in any::<String>(), wary in any::<bool>()) {
            let json = serde_json::to_string(&[&text]).unwrap();
            let letters = if wary { Letters::Wary } else { Letters::AsciiSlashes };
            let written = styled(&json, Layout::Indented(" "), letters, true);
            prop_assert!(written.is_ascii());
            prop_assert_eq!(serde_json::from_str::<[String; 1]>(&written).unwrap(), [text]);
        }

        #[test]
        fn python_and_javascript_write_so(text in "[a-zé/<\"\\\\ ]{0,20}") {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(styled(&json, Layout::Compact, Letters::Plain, false), json);
        }
    }
}
