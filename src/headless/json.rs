//! JSON that a terminal can show: the same value, with nothing in it that acts or hides.

use std::fmt::Write as _;

use crate::inspect::is_hidden;

/// Writes the characters of JSON text that a terminal would act on or not show as `\u` escapes. They can only stand
/// in strings, so the value stays what it is.
pub(super) fn visible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for char in json.chars() {
        if is_hidden(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(char);
        }
    }
    text
}
