//! Words for a POSIX shell, made so that pasting them into sh (dash) or bash gives exactly the bytes they stand for.
//!
//! What is made here has no control character but the newline, so that a terminal neither acts on it nor ends a
//! bracketed paste, and no line that a terminal in line mode would cut (4095 bytes on Linux: what is cut might be a
//! closing quote). History expansion, which bash does line by line, finds nothing to expand.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A line break inside of a word is forced behind this many bytes.
const MAX_LINE: usize = 3900;
/// Breaks the line outside of the quotes: the shell drops it.
const BREAK: &str = "'\\\n'";

/// Whether the bytes can stand in quotes as they are: UTF-8 without control characters other than the newline, and
/// without the marks that turn the reading direction, which would show another command than the one that runs.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(|char| char == '\n' || is_plain_char(char)))
}

fn is_plain_char(char: char) -> bool {
    !char.is_control()
        && !matches!(char, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A word of any bytes but NUL that do not end with a newline: quoted when plain, else written by `printf`.
pub(super) fn word(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if is_plain(bytes) => quoted(text),
        _ => format!("\"$(printf {})\"", printf_format(bytes)),
    }
}

/// A plain text in single quotes; letters, digits, `-` and `_` alone as they are.
pub(super) fn quoted(text: &str) -> String {
    if !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && text.len() < MAX_LINE
    {
        return text.to_owned();
    }
    let many_lines = text.contains('\n');
    let mut pieces = Pieces::new();
    for char in text.chars() {
        match char {
            '\'' => pieces.push("'\\''"),
            // Old versions of bash take the second line of a quoted text for an unquoted one.
            '!' | '^' if many_lines => pieces.push(&format!("'\\{char}'")),
            _ => pieces.push(char.encode_utf8(&mut [0; 4])),
        }
    }
    pieces.end()
}

/// Any bytes as a format for `printf`, one line a piece.
pub(super) fn printf_format(bytes: &[u8]) -> String {
    let mut pieces = Pieces::new();
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            push_escaped(&mut pieces, char);
        }
        for byte in chunk.invalid() {
            pieces.push(&format!("\\{byte:03o}"));
        }
    }
    pieces.end()
}

fn push_escaped(pieces: &mut Pieces, char: char) {
    match char {
        '%' => pieces.push("%%"),
        '\\' => pieces.push("\\\\"),
        '\r' => pieces.push("\\r"),
        '\t' => pieces.push("\\t"),
        '\n' => pieces.push_last_of_line("\\n"),
        // A leading `-` would be an option; history expansion looks into double quotes.
        '-' if pieces.is_empty() => pieces.push("\\055"),
        '\'' | '!' | '^' => pieces.push(&format!("\\{:03o}", u32::from(char))),
        _ if is_plain_char(char) => pieces.push(char.encode_utf8(&mut [0; 4])),
        _ => {
            let octal = char.encode_utf8(&mut [0; 4]).bytes().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "\\{byte:03o}");
                text
            });
            pieces.push(&octal);
        }
    }
}

/// Base64 in lines of 76, as a here-document with this delimiter can hold it: no line of base64 is three long.
pub(super) fn here_document(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + bytes.len() / 50 + 8);
    for line in bytes.chunks(57) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text + "EOF"
}

/// A single-quoted word under construction, broken into lines.
struct Pieces {
    text: String,
    /// Bytes since the last line break.
    column: usize,
    /// The next piece begins a line.
    break_next: bool,
}

impl Pieces {
    fn new() -> Self {
        Self { text: "'".to_owned(), column: 0, break_next: false }
    }

    fn is_empty(&self) -> bool {
        self.text.len() == 1
    }

    /// Adds a piece that must not be broken.
    fn push(&mut self, piece: &str) {
        if self.break_next || self.column + piece.len() > MAX_LINE {
            self.text.push_str(BREAK);
            (self.column, self.break_next) = (1, false);
        }
        self.text.push_str(piece);
        self.column = if piece == "\n" { 0 } else { self.column + piece.len() };
    }

    /// Adds a piece, and begins a line if more follows.
    fn push_last_of_line(&mut self, piece: &str) {
        self.push(piece);
        self.break_next = true;
    }

    fn end(mut self) -> String {
        self.text.push('\'');
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_one_would_by_hand() {
        assert_eq!(word(b"PUT"), "PUT");
        assert_eq!(word(b""), "''");
        assert_eq!(word(br#"{"a": "$HOME `id` !x"}"#), r#"'{"a": "$HOME `id` !x"}'"#);
        assert_eq!(word(b"it's"), r"'it'\''s'");
        assert_eq!(word("zürich".as_bytes()), "'zürich'");
        assert_eq!(word(b"a\n!b"), "'a\n'\\!'b'");
    }

    #[test]
    fn writes_what_cannot_be_quoted_with_printf() {
        assert_eq!(word(b"X: caf\xe9"), r#""$(printf 'X: caf\351')""#);
        assert_eq!(word(b"-\x1b[31m%!'\\"), r#""$(printf '\055\033[31m%%\041\047\\')""#);
        assert_eq!(word("a\u{202e}b\u{85}".as_bytes()), r#""$(printf 'a\342\200\256b\302\205')""#);
        assert_eq!(printf_format(b"a\r\nb\r\n"), "'a\\r\\n'\\\n'b\\r\\n'");
    }

    #[test]
    fn breaks_long_lines() {
        for text in ["x ".repeat(9000), "'".repeat(9000), "ü".repeat(9000), format!("a\n{}", "! ".repeat(9000))] {
            let longest = |made: String| made.lines().map(str::len).max().unwrap();
            assert!(longest(quoted(&text)) < 4000);
            assert!(longest(printf_format(text.as_bytes())) < 4000);
        }
        assert!(here_document(&[0; 1000]).lines().all(|line| line.len() <= 76));
    }
}
