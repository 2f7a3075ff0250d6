//! [`Clean`]: foreign text that cannot harm a terminal or hide anything from its reader.
//!
//! What a terminal would obey, reorder, leave out or draw at a width of its own choosing becomes a visible sign: a
//! control picture (`␛`) or a code point (`⟨U+202E⟩`). Must know nothing of what the text means.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Tabs become blanks up to the next multiple of this many cells.
const TAB: usize = 4;

/// So many combining marks stay on one character; enough for any script, too few to draw over the rows around.
const MARKS: usize = 5;

/// Characters that terminals obey, leave out, or disagree about, beside control characters: format controls (Unicode
/// category Cf), line and paragraph separators, invisible letters, half-width voicing marks, and the parts of emoji
/// sequences.
const HIDDEN: &[(u32, u32)] = &[
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFF9E, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1_10BD, 0x1_10BD),
    (0x1_10CD, 0x1_10CD),
    (0x1_3430, 0x1_345F),
    (0x1_BCA0, 0x1_BCA3),
    (0x1_D173, 0x1_D17A),
    (0x1_F1E6, 0x1_F1FF),
    (0x1_F3FB, 0x1_F3FF),
    (0xE_0000, 0xE_0FFF),
];

/// Text that is safe to show.
///
/// Holds no control character (C0, C1, DEL), no line break, no direction control, nothing invisible; tabs are blanks;
/// normalised to NFC. Copies and exports use the bytes as received instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clean(String);

impl Clean {
    /// Foreign text.
    pub fn text(text: &str) -> Self {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self(text.to_owned());
        }
        let mut writer = Writer::default();
        writer.text(text);
        Self(writer.out)
    }

    /// Foreign bytes: UTF-8, with every byte that is not shown as `⟨E9⟩`.
    pub fn bytes(bytes: &[u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self::text(text);
        }
        let mut writer = Writer::default();
        for chunk in bytes.utf8_chunks() {
            writer.text(chunk.valid());
            for byte in chunk.invalid() {
                writer.sign(&format!("⟨{byte:02X}⟩"));
            }
        }
        Self(writer.out)
    }

    /// Our own words.
    pub fn trusted(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The same in ASCII alone, for a locale without more: `caf\u{e9}`, `\u{1b}[31m` for `␛[31m`, `<U+202E>` for
    /// `⟨U+202E⟩`. Wider than before: do it before anything is measured or cut.
    #[must_use]
    pub fn ascii(&self) -> Self {
        let mut text = String::with_capacity(self.0.len());
        for c in self.0.chars() {
            match c {
                ' '..='~' => text.push(c),
                '⟨' => text.push('<'),
                '⟩' => text.push('>'),
                _ => text.extend(pictured(c).escape_unicode()),
            }
        }
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Width in terminal cells.
    pub fn width(&self) -> usize {
        cells(&self.0)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The control character that a control picture stands for; anything else as it is.
fn pictured(c: char) -> char {
    match u32::from(c) {
        0x2421 => '\x7f',
        code @ 0x2400..=0x241f => char::from_u32(code - 0x2400).unwrap_or(c),
        _ => c,
    }
}

/// Width of clean text in terminal cells, as ratatui draws it: grapheme by grapheme, not by ligatures across them.
pub fn cells(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// Whether a terminal would obey `c`, leave it out, or draw it at a width of its own choosing: [`Clean`] shows a sign
/// in its place. Combining marks are drawn, on what stands before them.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || is_listed(c) || (c.width() == Some(0) && !is_combining_mark(c))
}

fn is_listed(c: char) -> bool {
    let code = u32::from(c);
    let place = HIDDEN.partition_point(|&(_, last)| last < code);
    HIDDEN.get(place).is_some_and(|&(first, _)| first <= code)
}

/// Builds clean text from left to right.
#[derive(Default)]
struct Writer {
    out: String,
    /// Cells of `out` up to byte `measured`, counted only when a tab needs it.
    column: usize,
    measured: usize,
    /// Where the last character that takes combining marks begins in `out`.
    base: usize,
    /// How many more of them it takes.
    marks: usize,
}

impl Writer {
    fn text(&mut self, text: &str) {
        for c in without_presentation(text).nfc() {
            self.push(c);
        }
    }

    fn push(&mut self, c: char) {
        match c {
            '\t' => self.tab(),
            '\0'..='\x1f' => self.picture(0x2400 + u32::from(c)),
            '\x7f' => self.picture(0x2421),
            _ if is_hidden(c) => self.code_point(c),
            _ if is_combining_mark(c) => self.mark(c),
            _ => {
                self.base = self.out.len();
                self.out.push(c);
                self.marks = MARKS;
            }
        }
    }

    /// A mark needs a character to sit on: at the start of a piece it would land on what was drawn before, and one
    /// that is too new to be known as part of its grapheme would not be drawn at all.
    fn mark(&mut self, c: char) {
        if let Some(left) = self.marks.checked_sub(1) {
            self.out.push(c);
            if self.out[self.base..].graphemes(true).count() == 1 {
                self.marks = left;
                return;
            }
            self.out.pop();
        }
        self.code_point(c);
    }

    fn tab(&mut self) {
        self.column += cells(&self.out[self.measured..]);
        let blanks = TAB - self.column % TAB;
        self.out.extend(std::iter::repeat_n(' ', blanks));
        self.column += blanks;
        self.measured = self.out.len();
        self.marks = 0;
    }

    fn picture(&mut self, code: u32) {
        self.out.extend(char::from_u32(code));
        self.marks = 0;
    }

    fn code_point(&mut self, c: char) {
        self.sign(&format!("⟨U+{:04X}⟩", u32::from(c)));
    }

    fn sign(&mut self, sign: &str) {
        self.out.push_str(sign);
        self.marks = 0;
    }
}

/// Leaves out one presentation selector behind each character: it only chooses between two drawings of the same
/// character, on whose width terminals disagree. More of them in a row hide data and stay to be shown.
fn without_presentation(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut before = '\u{FE0F}';
    text.chars().filter(move |&c| {
        let drop = is_presentation(c) && !is_presentation(before);
        before = c;
        !drop
    })
}

fn is_presentation(c: char) -> bool {
    matches!(c, '\u{FE0E}' | '\u{FE0F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::is_nfc;

    use super::*;

    #[test]
    fn shows_what_would_be_obeyed_or_hidden() {
        for (foreign, clean) in [
            ("plain ~ text", "plain ~ text"),
            ("caf\x1b[31mé \u{202e}txt", "caf␛[31mé ⟨U+202E⟩txt"),
            ("a\r\nb\0\x7f", "a␍␊b␀␡"),
            ("\u{9b}31m", "⟨U+009B⟩31m"),
            ("a\u{200b}b\u{feff}\u{2028}", "a⟨U+200B⟩b⟨U+FEFF⟩⟨U+2028⟩"),
            ("\ta\tbcd\tefgh\t|", "    a   bcd efgh    |"),
            ("上\t|", "上  |"),
            ("e\u{301}", "é"),
            ("\u{301}x", "⟨U+0301⟩x"),
            ("❤\u{fe0f}!", "❤!"),
            ("a\u{fe0f}\u{fe0f}", "a⟨U+FE0F⟩"),
            ("👩\u{200d}💻", "👩⟨U+200D⟩💻"),
            ("👍🏽", "👍⟨U+1F3FD⟩"),
            ("\u{115f}\u{3164}", "⟨U+115F⟩⟨U+3164⟩"),
            ("ｶﾞ", "ｶ⟨U+FF9E⟩"),
            ("नि", "नि"),
        ] {
            assert_eq!(Clean::text(foreign).as_str(), clean, "{foreign:?}");
        }
    }

    #[test]
    fn shows_bytes_that_are_not_utf8() {
        assert_eq!(Clean::bytes(b"caf\xe9 \xff\xfe!").as_str(), "caf⟨E9⟩ ⟨FF⟩⟨FE⟩!");
        assert_eq!(Clean::bytes("上流".as_bytes()).as_str(), "上流");
    }

    #[test]
    fn can_do_with_ascii_alone() {
        for (foreign, ascii) in [
            ("plain ~ text", "plain ~ text"),
            ("Zürich 上 👍", r"Z\u{fc}rich \u{4e0a} \u{1f44d}"),
            ("\x1b[31m\x7f\u{202e}txt", r"\u{1b}[31m\u{7f}<U+202E>txt"),
            ("e\u{316}", r"e\u{316}"),
        ] {
            assert_eq!(Clean::text(foreign).ascii().as_str(), ascii);
        }
        assert_eq!(Clean::bytes(b"caf\xe9").ascii().as_str(), "caf<E9>");
    }

    #[test]
    fn marks_do_not_pile_up() {
        let zalgo = format!("a{}", "\u{316}".repeat(9));
        assert_eq!(Clean::text(&zalgo).as_str(), format!("a{}{}", "\u{316}".repeat(5), "⟨U+0316⟩".repeat(4)));
    }

    #[test]
    fn hidden_ranges_are_in_order() {
        assert!(HIDDEN.iter().all(|(first, last)| first <= last));
        assert!(HIDDEN.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn widths_are_those_of_the_cells() {
        for (text, width) in [("", 0), ("abc", 3), ("上流は", 6), ("é", 1), ("لا", 2), ("👍", 2)] {
            assert_eq!(Clean::text(text).width(), width, "{text}");
        }
    }

    fn nasty() -> impl Strategy<Value = String> {
        let chars = prop_oneof![
            any::<char>(),
            (0u32..0x3000).prop_map(|code| char::from_u32(code).unwrap_or('x')),
            prop::sample::select(vec!['\u{fe0f}', '\u{200d}', '\u{338}', '\u{301}', '↔', 'a', '\t', 'ﾞ', '\u{1161}']),
        ];
        prop::collection::vec(chars, 0..40).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn nothing_harmful_survives(text in nasty()) {
            let clean = Clean::text(&text);
            prop_assert!(!clean.as_str().chars().any(is_hidden));
            prop_assert!(is_nfc(clean.as_str()));
            prop_assert!(clean.ascii().as_str().bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert_eq!(Clean::text(clean.as_str()), clean);
        }

        #[test]
        fn every_grapheme_has_cells(text in nasty()) {
            let clean = Clean::text(&text);
            for grapheme in clean.as_str().graphemes(true) {
                prop_assert!(grapheme.width() > 0, "{grapheme:?}");
            }
            prop_assert!(clean.width() <= clean.as_str().len());
        }

        #[test]
        fn bytes_and_text_agree(text in nasty()) {
            prop_assert_eq!(Clean::bytes(text.as_bytes()), Clean::text(&text));
        }

        #[test]
        fn any_bytes_can_be_shown(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(!Clean::bytes(&bytes).as_str().chars().any(char::is_control));
        }
    }
}
