//! Cutting clean text to a number of terminal cells, marked with `…`, never through a grapheme.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The start of `text`, in at most `width` cells, `…` at the end when something is missing.
pub fn cut(text: &str, width: usize) -> String {
    if fits(text, width) {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(1) else { return String::new() };
    format!("{}…", &text[..prefix(text, room)])
}

/// The end of `text`, in at most `width` cells, `…` in front when something is missing.
pub fn cut_front(text: &str, width: usize) -> String {
    if fits(text, width) {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(1) else { return String::new() };
    format!("…{}", &text[text.len() - suffix(text, room)..])
}

/// Both ends of `text`, in at most `width` cells, `…` between them when something is missing.
pub fn cut_middle(text: &str, width: usize) -> String {
    if fits(text, width) {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(1) else { return String::new() };
    let (head, tail) = (prefix(text, room.div_ceil(2)), suffix(text, room / 2));
    format!("{}…{}", &text[..head], &text[text.len() - tail..])
}

/// Whether `text` has at most `width` cells; looks no further than it must.
fn fits(text: &str, width: usize) -> bool {
    // No grapheme has more cells than bytes.
    text.len() <= width || prefix(text, width) == text.len()
}

/// Bytes of the longest start within `width` cells.
fn prefix(text: &str, width: usize) -> usize {
    measure(text.graphemes(true), width)
}

/// Bytes of the longest end within `width` cells.
fn suffix(text: &str, width: usize) -> usize {
    measure(text.graphemes(true).rev(), width)
}

fn measure<'a>(graphemes: impl Iterator<Item = &'a str>, width: usize) -> usize {
    let mut cells = 0;
    graphemes
        .take_while(|grapheme| {
            cells += grapheme.width();
            cells <= width
        })
        .map(str::len)
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::inspect::{Clean, cells};

    #[test]
    fn keeps_the_end_that_was_asked_for() {
        for (text, width, start, end, both) in [
            ("abcdef", 6, "abcdef", "abcdef", "abcdef"),
            ("abcdef", 5, "abcd…", "…cdef", "ab…ef"),
            ("abcdef", 4, "abc…", "…def", "ab…f"),
            ("abcdef", 1, "…", "…", "…"),
            ("abcdef", 0, "", "", ""),
            ("上流は日", 8, "上流は日", "上流は日", "上流は日"),
            ("上流は日", 7, "上流は…", "…流は日", "上…日"),
            ("上流は日", 6, "上流…", "…は日", "上…日"),
        ] {
            assert_eq!(cut(text, width), start);
            assert_eq!(cut_front(text, width), end);
            assert_eq!(cut_middle(text, width), both);
        }
    }

    proptest! {
        #[test]
        fn never_too_wide(text in "\\PC{0,30}", width in 0usize..40) {
            let clean = Clean::text(&text);
            for part in [cut(clean.as_str(), width), cut_front(clean.as_str(), width), cut_middle(clean.as_str(), width)] {
                prop_assert!(cells(&part) <= width, "{part:?}");
                prop_assert!(part == clean.as_str() || width == 0 || part.contains('…'));
            }
        }
    }
}
