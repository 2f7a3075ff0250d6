//! Writing nodes as PyYAML's emitter does in block style: indentation, quotes, and where lines are broken.

use super::represent::Node;
use super::resolve;
use super::scalar::{Analysis, analyze, is_break};

/// Lines are broken after this column.
const WIDTH: usize = 80;

/// Keys up to this length, with their tag, stand before the colon in one line.
const SIMPLE_KEY: usize = 128;

/// The text of a document with one root.
pub(super) fn document(root: &Node, indent: usize) -> String {
    let mut emitter = Emitter {
        out: String::new(),
        step: if (2..10).contains(&indent) { indent } else { 2 },
        indent: None,
        column: 0,
        after_blank: true,
        in_indentation: true,
    };
    emitter.node(root, Place::Root);
    emitter.start_line();
    // A document that ends with a plain text is not known to be over.
    if matches!(root, Node::Scalar { text, is_text } if style(text, *is_text, false) == Style::Plain) {
        emitter.out.push_str("...\n");
    }
    emitter.out
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    Value,
    /// A key that stands before its colon.
    Key,
    /// A key behind a question mark.
    LongKey,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

fn style(text: &str, is_text: bool, simple_key: bool) -> Style {
    let Analysis { empty, multiline, plain, single } = analyze(text);
    let readable = !is_text || resolve::is_text(text);
    if readable && plain && !(simple_key && (empty || multiline)) {
        return Style::Plain;
    }
    if single && !(simple_key && multiline) { Style::Single } else { Style::Double }
}

fn is_simple_key(node: &Node) -> bool {
    match node {
        Node::Scalar { text, is_text } => {
            let Analysis { empty, multiline, .. } = analyze(text);
            text.chars().count() + tag_length(text, *is_text) < SIMPLE_KEY && !empty && !multiline
        }
        Node::Sequence { tag, items } => items.is_empty() && tag.map_or("!!seq", |tag| tag).len() < SIMPLE_KEY,
        Node::Mapping(pairs) => pairs.is_empty(),
    }
}

/// The length of the tag that is not written, but counted: `!!str` and its like.
fn tag_length(text: &str, is_text: bool) -> usize {
    match text {
        _ if is_text => "!!str".len(),
        "null" => "!!null".len(),
        "true" | "false" => "!!bool".len(),
        _ if text.contains('.') => "!!float".len(),
        _ => "!!int".len(),
    }
}

struct Emitter {
    out: String,
    /// By how much a level is indented.
    step: usize,
    indent: Option<usize>,
    column: usize,
    /// Whether the last character was a blank or a line end.
    after_blank: bool,
    /// Whether the line has nothing but indentation and dashes so far.
    in_indentation: bool,
}

impl Emitter {
    fn write(&mut self, text: &str) {
        self.column += text.chars().count();
        self.out.push_str(text);
    }

    fn end_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.after_blank = true;
        self.in_indentation = true;
    }

    /// Goes to the indentation of this level, on a new line unless the line is there or before.
    fn start_line(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.in_indentation || self.column > indent || (self.column == indent && !self.after_blank) {
            self.end_line();
        }
        if self.column < indent {
            self.after_blank = true;
            self.write(&" ".repeat(indent - self.column));
        }
    }

    fn indicator(&mut self, indicator: &str, need_blank: bool, in_indentation: bool) {
        if need_blank && !self.after_blank {
            self.write(" ");
        }
        self.after_blank = false;
        self.in_indentation &= in_indentation;
        self.write(indicator);
    }

    /// Runs with the indentation one level in, and comes back.
    fn indented(&mut self, flow: bool, same_level: bool, write: impl FnOnce(&mut Self)) {
        let outer = self.indent;
        self.indent = Some(match outer {
            None if flow => self.step,
            None => 0,
            Some(indent) if same_level => indent,
            Some(indent) => indent + self.step,
        });
        write(self);
        self.indent = outer;
    }

    fn node(&mut self, node: &Node, place: Place) {
        match node {
            Node::Scalar { text, is_text } => self.indented(true, false, |this| this.scalar(text, *is_text, place)),
            Node::Sequence { tag, items } => {
                if let Some(tag) = tag {
                    self.indicator(tag, true, false);
                }
                if items.is_empty() { self.empty("[", "]") } else { self.sequence(items, place) }
            }
            Node::Mapping(pairs) if pairs.is_empty() => self.empty("{", "}"),
            Node::Mapping(pairs) => self.indented(false, false, |this| this.pairs(pairs)),
        }
    }

    fn empty(&mut self, open: &str, close: &str) {
        self.indicator(open, true, false);
        self.indicator(close, false, false);
    }

    fn sequence(&mut self, items: &[Node], place: Place) {
        let in_mapping = matches!(place, Place::Value | Place::Key | Place::LongKey);
        let same_level = in_mapping && !self.in_indentation;
        self.indented(false, same_level, |this| {
            for item in items {
                this.start_line();
                this.indicator("-", true, true);
                this.node(item, Place::Item);
            }
        });
    }

    fn pairs(&mut self, pairs: &[(Node, Node)]) {
        for (key, value) in pairs {
            self.start_line();
            if is_simple_key(key) {
                self.node(key, Place::Key);
                self.indicator(":", false, false);
            } else {
                self.indicator("?", true, true);
                self.node(key, Place::LongKey);
                self.start_line();
                self.indicator(":", true, true);
            }
            self.node(value, Place::Value);
        }
    }

    fn scalar(&mut self, text: &str, is_text: bool, place: Place) {
        let key = place == Place::Key;
        match style(text, is_text, key) {
            Style::Plain => self.plain(text, !key),
            Style::Single => self.single_quoted(text, !key),
            Style::Double => self.double_quoted(text, !key),
        }
    }

    fn plain(&mut self, text: &str, may_break: bool) {
        if text.is_empty() {
            return;
        }
        if !self.after_blank {
            self.write(" ");
        }
        self.after_blank = false;
        self.in_indentation = false;
        for piece in pieces(text) {
            if piece == " " && may_break && self.column > WIDTH {
                self.start_line();
                self.after_blank = false;
                self.in_indentation = false;
            } else {
                self.write(piece);
            }
        }
    }

    fn single_quoted(&mut self, text: &str, may_break: bool) {
        self.indicator("'", true, false);
        let mut at = 0;
        for piece in pieces(text) {
            let inside = at > 0 && at + piece.len() < text.len();
            at += piece.len();
            if piece == " " && may_break && inside && self.column > WIDTH {
                self.start_line();
            } else if piece.starts_with(is_break) {
                self.breaks(piece);
            } else {
                self.write(&piece.replace('\'', "''"));
            }
        }
        self.indicator("'", false, false);
    }

    /// Line ends in a folded text: one of them would be read as a blank, so there is one more.
    fn breaks(&mut self, breaks: &str) {
        if breaks.starts_with('\n') {
            self.end_line();
        }
        for letter in breaks.chars() {
            if letter == '\n' {
                self.end_line();
            } else {
                self.out.push(letter);
                self.column = 0;
                self.after_blank = true;
                self.in_indentation = true;
            }
        }
        self.start_line();
    }

    fn double_quoted(&mut self, text: &str, may_break: bool) {
        let letters: Vec<char> = text.chars().collect();
        self.indicator("\"", true, false);
        let (mut start, mut end) = (0, 0);
        while end <= letters.len() {
            let letter = letters.get(end).copied();
            if letter.is_none_or(needs_escape) {
                self.letters(&letters[start..end.max(start)]);
                start = start.max(end);
                if let Some(letter) = letter {
                    self.write(&escape(letter));
                    start = end + 1;
                }
            }
            let inside = end > 0 && end + 1 < letters.len();
            let breakable = letter == Some(' ') || start >= end;
            if inside
                && breakable
                && may_break
                && self.column + end.saturating_sub(start) > WIDTH + start.saturating_sub(end)
            {
                self.letters(&letters[start.min(end)..end]);
                self.write("\\");
                start = start.max(end);
                self.start_line();
                self.after_blank = false;
                self.in_indentation = false;
                if letters.get(start) == Some(&' ') {
                    self.write("\\");
                }
            }
            end += 1;
        }
        self.indicator("\"", false, false);
    }

    fn letters(&mut self, letters: &[char]) {
        let text: String = letters.iter().collect();
        self.write(&text);
    }
}

/// Runs of blanks, of line ends, and of others, in turn.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let class = |letter: char| match letter {
        ' ' => 0,
        _ if is_break(letter) => 1,
        _ => 2,
    };
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = class(rest.chars().next()?);
        let end = rest.find(|letter| class(letter) != first).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

fn needs_escape(letter: char) -> bool {
    matches!(letter, '"' | '\\') || !(' '..='~').contains(&letter)
}

fn escape(letter: char) -> String {
    let short = match letter {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '\x1b' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            return match u32::from(letter) {
                code @ 0..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}
