//! Names, numbers and strings as templates write them.

use num_bigint::BigInt;
use num_traits::Num;

use super::token::Kind;
use crate::template::failure::Failure;
use crate::template::python::letters;

/// Whether Jinja2's lexer takes the character into a name.
pub fn in_name(char: char) -> bool {
    char == '_' || letters::is_alphanumeric(char) || unicode_ident::is_xid_continue(char)
}

/// `str.isidentifier()`.
pub fn is_identifier(name: &str) -> bool {
    let starts = name.starts_with(|char| char == '_' || unicode_ident::is_xid_start(char));
    starts && name.chars().all(unicode_ident::is_xid_continue)
}

/// The number at the beginning of this text and its length. A float does not follow a dot.
pub fn number(text: &str, after_dot: bool) -> Option<(Kind, usize)> {
    let float = if after_dot { None } else { float_length(text) };
    if let Some(length) = float {
        let number = text[..length].replace('_', "").parse().ok()?;
        return Some((Kind::Float(number), length));
    }
    integer(text)
}

/// The length of digits with single underscores between them.
fn digits(text: &str, valid: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        if valid(*byte) {
            length += 1;
        } else if *byte == b'_' && length > 0 && bytes.get(length + 1).is_some_and(|next| valid(*next)) {
            length += 2;
        } else {
            break;
        }
    }
    length
}

fn decimal(text: &str) -> usize {
    digits(text, |byte| byte.is_ascii_digit())
}

fn float_length(text: &str) -> Option<usize> {
    let mut length = decimal(text);
    if length == 0 {
        return None;
    }
    let fraction = text[length..].strip_prefix('.').map_or(0, decimal);
    if fraction > 0 {
        length += 1 + fraction;
    }
    match exponent(&text[length..]) {
        Some(exponent) => Some(length + exponent),
        None => (fraction > 0).then_some(length),
    }
}

fn exponent(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(['e', 'E'])?;
    let digits_at = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let length = decimal(digits_at);
    (length > 0).then_some(text.len() - digits_at.len() + length)
}

fn integer(text: &str) -> Option<(Kind, usize)> {
    for (prefix, radix) in [("0b", 2), ("0o", 8), ("0x", 16)] {
        let Some(head) = text.get(..2).filter(|head| head.eq_ignore_ascii_case(prefix)) else { continue };
        let body = &text[head.len()..];
        // One underscore may stand before the first digit.
        let skip = usize::from(body.starts_with('_'));
        let length = digits(&body[skip..], |byte| char::from(byte).is_digit(radix));
        if length > 0 {
            let number = body[skip..skip + length].replace('_', "");
            return Some((Kind::Integer(BigInt::from_str_radix(&number, radix).ok()?), 2 + skip + length));
        }
    }
    let length = if text.starts_with('0') { digits(text, |byte| byte == b'0') } else { decimal(text) };
    let number = text[..length].replace('_', "");
    (length > 0).then(|| number.parse().ok().map(|number| (Kind::Integer(number), length)))?
}

/// The length of the string literal at the beginning of this text, quotes included.
pub fn string_length(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|char| matches!(char, '\'' | '"'))?;
    let mut chars = text.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        if char == quote {
            return Some(at + 1);
        }
        if char == '\\' {
            chars.next();
        }
    }
    None
}

/// The text that a literal stands for, or Python's complaint about an escape, without its line.
pub fn unescape(literal: &str) -> Result<String, Failure> {
    if !literal.contains('\\') {
        return Ok(literal.to_owned());
    }
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        rest = escape(after, &mut out)?;
    }
    out.push_str(rest);
    Ok(out)
}

/// Reads one escape, whose backslash is behind us.
fn escape<'t>(text: &'t str, out: &mut String) -> Result<&'t str, Failure> {
    let Some(char) = text.chars().next() else { return Err(complaint("\\ at end of string")) };
    let rest = &text[char.len_utf8()..];
    let simple = match char {
        '\n' => return Ok(rest),
        '\\' | '\'' | '"' => char,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '0'..='7' => return Ok(octal(text, out)),
        'x' => return hexadecimal(rest, 2, "truncated \\xXX escape", out),
        'u' => return hexadecimal(rest, 4, "truncated \\uXXXX escape", out),
        'U' => return hexadecimal(rest, 8, "truncated \\UXXXXXXXX escape", out),
        'N' if rest.starts_with('{') => return Err(Failure::refused("a character by its Unicode name")),
        'N' => return Err(complaint("malformed \\N character escape")),
        _ if !char.is_ascii() => return Ok(escaped_twice(char, rest, out)),
        _ => {
            out.push('\\');
            char
        }
    };
    out.push(simple);
    Ok(rest)
}

fn complaint(message: &str) -> Failure {
    Failure::jinja("TemplateSyntaxError", message)
}

/// Jinja2 writes a character beyond ASCII as an escape before it reads escapes: the backslash in front takes the other.
fn escaped_twice<'t>(char: char, rest: &'t str, out: &mut String) -> &'t str {
    let code = u32::from(char);
    let escape = match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    };
    out.push_str(&escape);
    rest
}

fn octal<'t>(text: &'t str, out: &mut String) -> &'t str {
    let length = text.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    let code = u32::from_str_radix(&text[..length], 8).unwrap_or_default();
    out.extend(char::from_u32(code));
    &text[length..]
}

fn hexadecimal<'t>(text: &'t str, length: usize, truncated: &str, out: &mut String) -> Result<&'t str, Failure> {
    let found = text.bytes().take(length).take_while(u8::is_ascii_hexdigit).count();
    if found < length {
        return Err(complaint(truncated));
    }
    let code = u32::from_str_radix(&text[..length], 16).unwrap_or(u32::MAX);
    match char::from_u32(code) {
        Some(char) => out.push(char),
        None if code > 0x0010_ffff => return Err(complaint("illegal Unicode character")),
        None => return Err(Failure::refused("half of a surrogate pair")),
    }
    Ok(&text[length..])
}
