//! `html.unescape`: names and numbers of characters, as HTML5 reads them, with and without the semicolon.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::super::failure::Failure;

/// A name, a blank, and the code points in hexadecimal, in each line; names that HTML takes without a semicolon stand
/// there twice.
const NAMES: &str = include_str!("entities.txt");

/// The longest name.
const LONGEST: usize = 32;

fn names() -> &'static HashMap<&'static str, String> {
    static TABLE: OnceLock<HashMap<&'static str, String>> = OnceLock::new();
    TABLE.get_or_init(|| {
        NAMES.lines().filter_map(|line| line.split_once(' ')).map(|(name, codes)| (name, text(codes))).collect()
    })
}

fn text(codes: &str) -> String {
    codes.split(' ').filter_map(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?)).collect()
}

/// The text with its references replaced.
pub fn unescaped(text: &str) -> Result<String, Failure> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let taken =
            if let Some(number) = rest.strip_prefix('#') { numbered(number, &mut out)? } else { named(rest, &mut out) };
        if taken == 0 {
            out.push('&');
        }
        rest = &rest[taken..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Reads the reference after `&#`, and says how much it takes after the `&`.
fn numbered(text: &str, out: &mut String) -> Result<usize, Failure> {
    let hexadecimal = text.starts_with(['x', 'X']);
    let (radix, digits) = if hexadecimal { (16, &text[1..]) } else { (10, text) };
    let end = digits.find(|letter: char| !letter.is_digit(radix)).unwrap_or(digits.len());
    if !hexadecimal && digits.chars().next().is_some_and(|letter| !letter.is_ascii() && letter.is_numeric()) {
        return Err(Failure::refused("a character reference with digits beyond ASCII"));
    }
    if end == 0 {
        return Ok(0);
    }
    // More digits than these are beyond all characters anyway.
    let significant = digits[..end].trim_start_matches('0');
    let code = u32::from_str_radix(significant.get(..9).unwrap_or(significant), radix).unwrap_or(u32::MAX);
    push_code(if significant.is_empty() { 0 } else { code }, out);
    let semicolon = usize::from(digits[end..].starts_with(';'));
    Ok(1 + usize::from(hexadecimal) + end + semicolon)
}

fn push_code(code: u32, out: &mut String) {
    match code {
        0 | 0xd800..=0xdfff => out.push('\u{fffd}'),
        0x0d => out.push('\r'),
        0x80..=0x9f => out.push(WINDOWS_1252[code as usize - 0x80]),
        0x1..=0x8 | 0xb | 0xe..=0x1f | 0x7f | 0xfdd0..=0xfdef => {}
        _ if code & 0xfffe == 0xfffe && code <= 0x10_ffff => {}
        _ => out.push(char::from_u32(code).unwrap_or('\u{fffd}')),
    }
}

/// What the control codes from 0x80 on stand for in HTML.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}',
    '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}',
    '\u{17e}', '\u{178}',
];

/// Reads the reference after `&`, the longest name that is one, and says how much it takes.
fn named(text: &str, out: &mut String) -> usize {
    let ends = |letter: char| matches!(letter, '\t' | '\n' | '\x0c' | ' ' | '<' | '&' | '#' | ';');
    let end = text.char_indices().take(LONGEST).find(|(_, letter)| ends(*letter)).map(|(at, _)| at);
    let longest = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    let mut end = end.map_or(longest, |at| at + usize::from(text[at..].starts_with(';')));
    while end > 0 {
        if let Some(found) = text.get(..end).and_then(|name| names().get(name)) {
            out.push_str(found);
            return end;
        }
        end -= 1;
    }
    0
}
