//! JSON strings to text.

use std::borrow::Cow;

use crate::inspect::Clean;

/// What a valid JSON string (with its quotes) says. Half a surrogate pair becomes U+FFFD.
pub(super) fn unescape(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let Some(first) = inner.find('\\') else { return Cow::Borrowed(inner) };
    let mut text = inner[..first].to_owned();
    let mut rest = &inner[first..];
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (c, length) = escaped(&rest[at..]);
        text.push(c);
        rest = rest.get(at + length..).unwrap_or_default();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The same JSON string for a reader: letters that were sent as `\u00fc` are letters. Escapes of what is not safe to
/// show stay escapes.
pub(in crate::inspect) fn readable(quoted: &str) -> Cow<'_, str> {
    if !quoted.contains("\\u") {
        return Cow::Borrowed(quoted);
    }
    let mut text = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        let (c, length) = escaped(escape);
        let (escape, behind) = escape.split_at_checked(length).unwrap_or((escape, ""));
        text.push_str(before);
        if c.is_ascii() || c == char::REPLACEMENT_CHARACTER || !is_clean(c) {
            text.push_str(escape);
        } else {
            text.push(c);
        }
        rest = behind;
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Text as most senders write it in a JSON string: `\u00fc` for what is not ASCII.
pub(super) fn escape_letters(text: &str) -> String {
    let escape = |c: char| match c {
        c if c.is_ascii() => c.to_string(),
        c => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat(),
    };
    text.chars().map(escape).collect()
}

fn is_clean(c: char) -> bool {
    let mut buffer = [0; 4];
    let text = c.encode_utf8(&mut buffer);
    Clean::text(text).as_str() == text
}

/// The character that an escape at the start of `text` stands for, and the escape's length.
pub(super) fn escaped(text: &str) -> (char, usize) {
    let c = match text.as_bytes().get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text),
        Some(&other) => char::from(other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (c, 2)
}

/// `\u00e9`, or a surrogate pair, `\ud83d\ude00`.
fn unicode(text: &str) -> (char, usize) {
    let unit = |at: usize| text.get(at..at + 4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let pair = unit(8).filter(|_| text.get(6..8) == Some("\\u"));
    let units = [unit(2).unwrap_or(0xFFFD), pair.unwrap_or(0)];
    match char::decode_utf16(units).next() {
        Some(Ok(c)) => (c, if c.len_utf16() == 2 { 12 } else { 6 }),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_read() {
        for (json, text) in [
            (r#""""#, ""),
            (r#""plain é""#, "plain é"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""a\u00e9b\uD83D\uDE00c""#, "aéb😀c"),
            (r#""\ud83d x \ude00""#, "\u{fffd} x \u{fffd}"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
        ] {
            assert_eq!(unescape(json), text, "{json}");
        }
    }

    #[test]
    fn letters_are_readable_and_the_rest_stays_escaped() {
        for (json, shown) in [
            (r#""Z\u00fcrich \u4E0A\uD83D\uDE00""#, "\"Zürich 上😀\""),
            (
                r#""\\u00fc \u202e \u001b \u0041 \u0301 \ud800 \n""#,
                r#""\\u00fc \u202e \u001b \u0041 \u0301 \ud800 \n""#,
            ),
            (r#""cut \u00"#, r#""cut \u00"#),
            (r#""cut \"#, r#""cut \"#),
        ] {
            assert_eq!(readable(json), shown);
        }
    }

    proptest! {
        #[test]
        fn readable_says_the_same(json in r#""([a-zé ]|\\\\|\\n|\\u[0-9a-fA-F]{4}|\\ud83d\\ude[0-9a-f]{2}){0,20}""#) {
            let readable = readable(&json);
            prop_assert_eq!(unescape(&readable), unescape(&json));
        }

        #[test]
        fn agrees_with_serde(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(unescape(&json), text.as_str());
            let ascii = escape_letters(&json);
            prop_assert!(ascii.is_ascii());
            prop_assert_eq!(unescape(&ascii), text.as_str());
        }
    }
}
