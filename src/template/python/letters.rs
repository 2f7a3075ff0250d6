//! What CPython's `str` knows of single characters: their classes, cases and values. Beside Rust's own tables it reads
//! those of `unicode_tables`.

use super::unicode_tables as tables;

fn within(ranges: &[(u32, u32)], letter: char) -> bool {
    let code = u32::from(letter);
    let index = ranges.partition_point(|range| range.1 < code);
    ranges.get(index).is_some_and(|range| range.0 <= code)
}

/// `str.isprintable` of one character; `repr` escapes the others.
pub fn is_printable(letter: char) -> bool {
    if letter.is_ascii() { (' '..='~').contains(&letter) } else { !within(tables::UNPRINTABLE, letter) }
}

/// `str.isalpha` of one character.
pub fn is_alpha(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_alphabetic() } else { within(tables::LETTERS, letter) }
}

/// The value of a decimal digit of any script.
pub fn decimal(letter: char) -> Option<u32> {
    if letter.is_ascii() {
        return letter.to_digit(10);
    }
    let code = u32::from(letter);
    let index = tables::ZEROS.partition_point(|zero| *zero <= code);
    let zero = tables::ZEROS.get(index.checked_sub(1)?)?;
    (code - zero < 10).then_some(code - zero)
}

/// `str.isdigit` of one character.
pub fn is_digit(letter: char) -> bool {
    decimal(letter).is_some() || within(tables::DIGITS, letter)
}

/// `str.isnumeric` of one character.
pub fn is_numeric(letter: char) -> bool {
    is_digit(letter) || within(tables::NUMERICS, letter)
}

/// `str.isalnum` of one character.
pub fn is_alphanumeric(letter: char) -> bool {
    is_alpha(letter) || is_numeric(letter)
}

/// Whether the character may follow the first of an identifier: marks and connectors beside letters and digits.
pub fn is_word_part(letter: char) -> bool {
    is_alphanumeric(letter) || letter == '_' || unicode_normalization::char::is_combining_mark(letter)
}

/// `str.isspace` of one character, and what `strip` and `split` take for space.
pub fn is_space(letter: char) -> bool {
    matches!(letter, '\t'..='\r' | '\x1c'..='\x1f') || letter.is_whitespace()
}

/// Whether a line ends with the character, for `splitlines`.
pub fn ends_line(letter: char) -> bool {
    matches!(letter, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether the character is in title case by itself.
pub fn is_titlecase(letter: char) -> bool {
    !letter.is_ascii() && within(tables::TITLECASE, letter)
}

/// Whether the character has case.
pub fn is_cased(letter: char) -> bool {
    letter.is_lowercase() || letter.is_uppercase() || is_titlecase(letter)
}

fn special(table: &[(u32, &'static str)], letter: char) -> Option<&'static str> {
    let index = table.binary_search_by_key(&u32::from(letter), |row| row.0).ok()?;
    Some(table[index].1)
}

/// Appends the title case of a character.
pub fn push_title(out: &mut String, letter: char) {
    if letter.is_ascii() {
        out.push(letter.to_ascii_uppercase());
    } else if within(tables::OWN_TITLE, letter) {
        out.push(letter);
    } else if let Some(title) = special(tables::TITLES, letter) {
        out.push_str(title);
    } else {
        out.extend(letter.to_uppercase());
    }
}

/// Appends the case folding of a character.
pub fn push_folded(out: &mut String, letter: char) {
    if letter.is_ascii() {
        out.push(letter.to_ascii_lowercase());
    } else if let Some(folded) = special(tables::FOLDED, letter) {
        out.push_str(folded);
    } else {
        out.extend(cherokee(letter).map_or_else(|| letter.to_lowercase().collect::<Vec<_>>(), |folded| vec![folded]));
    }
}

/// Cherokee folds to its capitals, alone among the scripts.
fn cherokee(letter: char) -> Option<char> {
    match u32::from(letter) {
        0x13a0..=0x13f5 => Some(letter),
        code @ 0x13f8..=0x13fd => char::from_u32(code - 8),
        code @ 0xab70..=0xabbf => char::from_u32(code - 0xab70 + 0x13a0),
        _ => None,
    }
}

/// The lower case of a text, the final sigma told from the others.
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// `str.title`: the first cased character of each run of them in title case, the others in lower case.
pub fn title(text: &str) -> String {
    let lowered = LowerInPlace::new(text);
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for (at, letter) in text.char_indices() {
        if inside {
            lowered.push(&mut out, at, letter);
        } else {
            push_title(&mut out, letter);
        }
        inside = is_cased(letter);
    }
    out
}

/// `str.capitalize`: the first character in title case, the others in lower case.
pub fn capitalize(text: &str) -> String {
    let lowered = LowerInPlace::new(text);
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if at > 0 { lowered.push(&mut out, at, letter) } else { push_title(&mut out, letter) }
    }
    out
}

/// `str.swapcase`.
pub fn swap_case(text: &str) -> String {
    let lowered = LowerInPlace::new(text);
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if letter.is_uppercase() {
            lowered.push(&mut out, at, letter);
        } else if letter.is_lowercase() {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
    }
    out
}

/// `str.casefold`.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|letter| push_folded(&mut out, letter));
    out
}

/// Lowers single characters of a text where they stand: a sigma at the end of a word has another form.
struct LowerInPlace<'a> {
    text: &'a str,
}

impl<'a> LowerInPlace<'a> {
    fn new(text: &'a str) -> Self {
        Self { text }
    }

    fn push(&self, out: &mut String, at: usize, letter: char) {
        match letter {
            '\u{3a3}' => out.push(if self.final_sigma(at) { '\u{3c2}' } else { '\u{3c3}' }),
            _ => out.extend(letter.to_lowercase()),
        }
    }

    /// Rust decides it for a word as CPython does: it is asked for the word around the sigma.
    fn final_sigma(&self, at: usize) -> bool {
        let around = |letter: char| letter.is_whitespace();
        let start = self.text[..at].rfind(around).map_or(0, |found| found);
        let end = self.text[at..].find(around).map_or(self.text.len(), |found| at + found);
        let before = self.text[start..at].to_lowercase().chars().count();
        self.text[start..end].to_lowercase().chars().nth(before) == Some('\u{3c2}')
    }
}

/// Writes a character as `repr` and `json` of Python do when it must be escaped: `\xe9`, `\u2028`, `\U0001f30d`.
pub fn push_escape(out: &mut String, letter: char) {
    use std::fmt::Write as _;
    let code = u32::from(letter);
    let written = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
    debug_assert!(written.is_ok(), "a String takes all text");
}

/// `repr` of a text.
pub fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if letter == quote => out.extend(['\\', quote]),
            _ if is_printable(letter) => out.push(letter),
            _ => push_escape(&mut out, letter),
        }
    }
    out.push(quote);
    out
}

/// `ascii` of a text: as `repr`, with everything beyond ASCII escaped.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() { out.push(letter) } else { push_escape(&mut out, letter) }
    }
    out
}

/// `\w` of Python's regular expressions.
pub fn is_word(letter: char) -> bool {
    letter == '_' || is_alphanumeric(letter)
}
