//! Re-indenting XML without changing what it says, and colouring a row of it.
//!
//! Every token is copied from the source: entities are never expanded, attributes and character data stay as sent.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Clean, Piece, Role};

/// The deepest nesting that is re-indented.
const MAX_DEPTH: usize = 512;
/// Re-indented, a document grows to this many times its size at most.
const GROWTH: usize = 16;

/// A token of a document, with where it is.
struct Token {
    kind: TokenKind,
    start: usize,
    end: usize,
    /// Of a start tag: the number of the token that ends the element.
    last: usize,
    /// Of a start tag: its content must stay as it is, because text is in it.
    inline: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Start,
    End,
    /// Character data, entity references, CDATA sections.
    Text,
    /// White space between tags.
    Blank,
    /// Anything that stands by itself: empty elements, comments, declarations.
    Single,
}

/// Re-indents a document by two blanks a level; elements that hold text stay as they are. The error is a sentence
/// that is safe to show.
pub fn pretty_xml(text: &str) -> Result<String, String> {
    let tokens = tokens(text)?;
    let limit = text.len().saturating_mul(GROWTH).saturating_add(1 << 20);
    let mut out = String::with_capacity(text.len() * 3 / 2);
    let (mut depth, mut at) = (0usize, 0);
    while let Some(token) = tokens.get(at) {
        depth -= usize::from(token.kind == TokenKind::End);
        // An element whose content stays is copied to its end.
        let last = if token.inline { token.last } else { at };
        if token.kind != TokenKind::Blank {
            out.extend(std::iter::repeat_n(' ', 2 * depth));
            out.push_str(&text[token.start..tokens[last].end]);
            out.push('\n');
        }
        depth += usize::from(token.kind == TokenKind::Start && !token.inline);
        at = last + 1;
        if out.len() > limit {
            return Err("nested so deep that indenting would make it 16 times as long".to_owned());
        }
    }
    Ok(out)
}

/// Takes a well-formed document apart.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut reader = Reader::from_str(text);
    let mut tokens: Vec<Token> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        let start = position(reader.buffer_position());
        let event = reader
            .read_event()
            .map_err(|error| at_line(text, position(reader.error_position()), &error.to_string()))?;
        let end = position(reader.buffer_position());
        let source = text.get(start..end).unwrap_or_default();
        let kind = match event {
            Event::Start(_) => TokenKind::Start,
            Event::End(_) => TokenKind::End,
            Event::Text(_) if source.trim_ascii().is_empty() => TokenKind::Blank,
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => TokenKind::Text,
            Event::Eof => break,
            _ => TokenKind::Single,
        };
        let number = tokens.len();
        match (kind, open.last()) {
            (TokenKind::Text, None) => return Err(at_line(text, start, "text outside of any element")),
            (TokenKind::Text, Some(&element)) => tokens[element].inline = true,
            (TokenKind::Start, _) if open.len() == MAX_DEPTH => {
                return Err("nested more than 512 levels deep".to_owned());
            }
            (TokenKind::Start, _) => open.push(number),
            (TokenKind::End, _) => close(&mut tokens, open.pop(), number),
            _ => {}
        }
        // An element may ask for its white space to be kept.
        let inline = kind == TokenKind::Start && source.contains("xml:space");
        tokens.push(Token { kind, start, end, last: number, inline });
    }
    match open.last() {
        Some(&element) => Err(at_line(text, tokens[element].start, "an element is never closed")),
        None if tokens.iter().all(|token| token.kind == TokenKind::Blank) => Err("no element".to_owned()),
        None => Ok(tokens),
    }
}

/// An element without elements inside stays on its line, too.
fn close(tokens: &mut [Token], element: Option<usize>, last: usize) {
    let Some(element) = element else { return };
    let empty = tokens[element + 1..].iter().all(|token| token.kind == TokenKind::Blank);
    tokens[element].last = last;
    tokens[element].inline |= empty;
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn at_line(text: &str, offset: usize, message: &str) -> String {
    let line = text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1;
    format!("line {line}: {}", Clean::text(message))
}

/// A row of XML in pieces: names, attribute values, punctuation, comments. Knows only this row.
pub(super) fn xml_pieces(row: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = row;
    while !rest.is_empty() {
        let (length, inside) = match rest.find('<') {
            Some(0) => (rest.find('>').map_or(rest.len(), |end| end + 1), true),
            Some(tag) => (tag, false),
            None => (rest.len(), false),
        };
        let (piece, behind) = rest.split_at(length);
        match (inside, piece.starts_with("<!")) {
            (true, true) => pieces.push((Role::Preview, Clean::text(piece))),
            (true, false) => tag_pieces(&mut pieces, piece),
            (false, _) => pieces.push((Role::Text, Clean::text(piece))),
        }
        rest = behind;
    }
    pieces
}

/// `<name attribute="value">`
fn tag_pieces(pieces: &mut Vec<Piece>, tag: &str) {
    let is_mark = |c: char| matches!(c, '<' | '>' | '/' | '?' | '=');
    let mut rest = tag;
    while let Some(first) = rest.chars().next() {
        let (role, length) = match first {
            '"' | '\'' => (Role::String, rest[1..].find(first).map_or(rest.len(), |end| end + 2)),
            c if is_mark(c) => (Role::Punctuation, rest.find(|c| !is_mark(c)).unwrap_or(rest.len())),
            _ => (Role::Key, rest.find(|c| is_mark(c) || c == '"' || c == '\'').unwrap_or(rest.len())),
        };
        let (piece, behind) = rest.split_at(length);
        pieces.push((role, Clean::text(piece)));
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_white_space_between_tags_changes() {
        let source = "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY lol \"ha\">]><a x='1' y=\"&lt;\"><b/><!-- c\n d --><c>one &lol;&amp; <i>two</i>  three</c>\
                      <d>\n\n<e></e>   </d><f><![CDATA[<x>]]></f><g xml:space=\"preserve\"> <h/> </g><k> </k></a>\n";
        let expected = "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY lol \"ha\">]>\n<a x='1' y=\"&lt;\">\n  <b/>\n  <!-- c\n d -->\n  \
                        <c>one &lol;&amp; <i>two</i>  three</c>\n  <d>\n    <e></e>\n  </d>\n  <f><![CDATA[<x>]]></f>\n  \
                        <g xml:space=\"preserve\"> <h/> </g>\n  <k> </k>\n</a>\n";
        assert_eq!(pretty_xml(source).unwrap(), expected);
        assert_eq!(pretty_xml(expected).unwrap(), expected);
    }

    #[test]
    fn says_what_is_wrong() {
        for (source, message) in [
            ("<a>\n<b></a>", "line 2: "),
            ("<a>\n<b>", "line 2: an element is never closed"),
            ("words", "line 1: text outside of any element"),
            (" \n", "no element"),
            ("<a", "line 1: "),
            ("</a>", "line 1: "),
        ] {
            let error = pretty_xml(source).unwrap_err();
            assert!(error.starts_with(message), "{source}: {error}");
        }
        assert!(pretty_xml(&"<a>".repeat(100_000)).unwrap_err().contains("512"));
        let deep = ["<a>".repeat(500), "<b/>".repeat(50_000), "</a>".repeat(500)].concat();
        assert!(pretty_xml(&deep).unwrap_err().contains("16 times"));
    }

    #[test]
    fn rows_have_roles() {
        let pieces = xml_pieces("  <a x=\"1>\">te<!--c--></a>");
        let texts: Vec<(Role, &str)> = pieces.iter().map(|(role, text)| (*role, text.as_str())).collect();
        assert_eq!(
            texts[..5],
            [
                (Role::Text, "  "),
                (Role::Punctuation, "<"),
                (Role::Key, "a x"),
                (Role::Punctuation, "="),
                (Role::String, "\"1>")
            ]
        );
        assert_eq!(
            texts[texts.len() - 4..],
            [(Role::Preview, "<!--c-->"), (Role::Punctuation, "</"), (Role::Key, "a"), (Role::Punctuation, ">")]
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost(pieces in prop::collection::vec(
            prop::sample::select(vec!["<a>", "</a>", "<b x='1'>", "</b>", "<c/>", "text", " ", "\n", "&amp;", "<!--x-->", "<![CDATA[x]]>", "é", "<", ">"]), 0..20)) {
            let source = pieces.concat();
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            if let Ok(pretty) = pretty_xml(&source) {
                prop_assert_eq!(solid(&pretty), solid(&source));
                prop_assert_eq!(pretty_xml(&pretty).unwrap(), pretty);
            }
            let row: String = xml_pieces(&source).iter().map(|(_, text)| text.as_str().to_owned()).collect();
            prop_assert_eq!(solid(&row.replace('␊', "\n")), solid(&source));
        }
    }
}
