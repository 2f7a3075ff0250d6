//! JSON that a terminal can show: the same value, with nothing in it that acts or hides.

use std::fmt::Write as _;

/// Writes the characters of JSON text that a terminal would act on or not show as `\u` escapes. They can only stand
/// in strings, so the value stays what it is.
pub(super) fn visible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for char in json.chars() {
        if is_unseen(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(char);
        }
    }
    text
}

/// Control characters (a serializer leaves DEL and C1 as they are), and Unicode's format characters: direction,
/// zero width, tags.
fn is_unseen(char: char) -> bool {
    matches!(char, '\u{7f}'..='\u{9f}')
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(char, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
