//! What YAML 1.1 reads a plain text as: only what is a text anyway may be written without quotes.

/// Whether a plain text would be read as a text.
pub(super) fn is_text(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let other = match first {
        '0'..='9' | '-' | '+' | '.' => is_int(text) || is_float(text) || is_time(text),
        _ => is_word(text),
    };
    !other
}

fn is_word(text: &str) -> bool {
    matches!(
        text,
        "yes"
            | "Yes"
            | "YES"
            | "no"
            | "No"
            | "NO"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
            | "on"
            | "On"
            | "ON"
            | "off"
            | "Off"
            | "OFF"
            | "~"
            | "null"
            | "Null"
            | "NULL"
            | "<<"
            | "="
            | "!"
            | "&"
            | "*"
    )
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(fits)
}

fn is_digits(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && all(text, |byte| byte.is_ascii_digit() || byte == b'_')
}

fn is_int(text: &str) -> bool {
    let text = unsigned(text);
    if let Some(digits) = text.strip_prefix("0b") {
        return all(digits, |byte| matches!(byte, b'0' | b'1' | b'_'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, |byte| byte.is_ascii_hexdigit() || byte == b'_');
    }
    if let Some(digits) = text.strip_prefix('0') {
        return digits.is_empty() || all(digits, |byte| matches!(byte, b'0'..=b'7' | b'_'));
    }
    is_digits(text) || is_sexagesimal(text)
}

/// Digits, then groups of one or two behind colons, up to 59.
fn is_sexagesimal(text: &str) -> bool {
    let mut groups = text.split(':');
    let first = groups.next().is_some_and(is_digits);
    let group = |group: &str| match group.as_bytes() {
        [one] => one.is_ascii_digit(),
        [tens, one] => (b'0'..=b'5').contains(tens) && one.is_ascii_digit(),
        _ => false,
    };
    first && text.contains(':') && groups.all(group)
}

fn is_float(text: &str) -> bool {
    let after_sign = unsigned(text);
    if matches!(after_sign, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, rest)) = after_sign.split_once('.') else { return false };
    let underscored = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if whole.contains(':') {
        return is_sexagesimal(whole) && underscored(rest);
    }
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (rest, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        exponent.strip_prefix(['-', '+']).is_some_and(|digits| all(digits, |byte| byte.is_ascii_digit()))
    });
    let mantissa_fits = if whole.is_empty() {
        after_sign.len() == text.len() && is_digits(fraction)
    } else {
        is_digits(whole) && underscored(fraction)
    };
    mantissa_fits && exponent_fits
}

/// Takes digits off the front: at least `least`, at most `most`.
fn take_digits<'a>(text: &mut &'a str, least: usize, most: usize) -> Option<&'a str> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(count);
    *text = rest;
    (count >= least).then_some(digits)
}

fn take(text: &mut &str, wanted: char) -> Option<()> {
    *text = text.strip_prefix(wanted)?;
    Some(())
}

fn is_time(text: &str) -> bool {
    is_date(text) || date_and_time(text).is_some_and(str::is_empty)
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
}

/// What is left behind a date and a time.
fn date_and_time(text: &str) -> Option<&str> {
    let mut rest = text;
    take_digits(&mut rest, 4, 4)?;
    take(&mut rest, '-')?;
    take_digits(&mut rest, 1, 2)?;
    take(&mut rest, '-')?;
    take_digits(&mut rest, 1, 2)?;
    let blank = rest.trim_start_matches([' ', '\t']);
    rest = if blank.len() < rest.len() { blank } else { rest.strip_prefix(['T', 't'])? };
    take_digits(&mut rest, 1, 2)?;
    for _ in 0..2 {
        take(&mut rest, ':')?;
        take_digits(&mut rest, 2, 2)?;
    }
    if take(&mut rest, '.').is_some() {
        take_digits(&mut rest, 0, usize::MAX)?;
    }
    let zone = rest.trim_start_matches([' ', '\t']);
    if let Some(after) = zone.strip_prefix('Z') {
        return Some(after);
    }
    let Some(mut zone) = zone.strip_prefix(['-', '+']) else {
        // Blanks without a zone belong to the time, too.
        return Some(zone);
    };
    take_digits(&mut zone, 1, 2)?;
    if take(&mut zone, ':').is_some() {
        take_digits(&mut zone, 2, 2)?;
    }
    Some(zone)
}
