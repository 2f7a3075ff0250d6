//! How CPython writes numbers: the shortest text of a float that reads back the same, floats with a precision, integers
//! in a base and with digits grouped. Knows numbers and text, no template values.

use num_bigint::{BigInt, Sign};

/// What `repr(x)` and `str(x)` say.
pub fn repr(x: f64) -> String {
    with_sign(x, shortest(x.abs(), true, 16))
}

fn with_sign(x: f64, magnitude: String) -> String {
    if x.is_sign_negative() && !x.is_nan() { format!("-{magnitude}") } else { magnitude }
}

/// The fewest digits that tell `x` (not negative) apart, without an exponent up to 10 to the power of `limit`.
fn shortest(x: f64, dot_zero: bool, limit: i32) -> String {
    if let Some(word) = not_finite(x) {
        return word.to_owned();
    }
    let (digits, exponent) = scientific(&fewest_digits(x));
    let point = exponent + 1;
    if point <= -4 || point > limit {
        return format!("{}{}", with_point(&digits, 1), exponent_text(exponent));
    }
    let plain = positional(&digits, point);
    if dot_zero && !plain.contains('.') { plain + ".0" } else { plain }
}

/// Where two texts are as short and as near, CPython takes the even one and Rust the upper one.
fn fewest_digits(x: f64) -> String {
    let text = format!("{x:e}");
    let digits = text.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    if digits < 16 {
        return text;
    }
    let even = format!("{x:.*e}", digits - 1);
    if even.parse() == Ok(x) { even } else { text }
}

fn not_finite(x: f64) -> Option<&'static str> {
    if x.is_nan() {
        return Some("nan");
    }
    x.is_infinite().then_some("inf")
}

/// Digits without the point, and the power of ten of the first, from Rust's `1.25e-7`.
fn scientific(text: &str) -> (String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn exponent_text(exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("e{sign}{:02}", exponent.abs())
}

fn with_point(digits: &str, at: usize) -> String {
    if digits.len() <= at {
        return digits.to_owned();
    }
    format!("{}.{}", &digits[..at], &digits[at..])
}

fn positional(digits: &str, point: i32) -> String {
    let Ok(at) = usize::try_from(point) else {
        return format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    };
    match at {
        0 => format!("0.{digits}"),
        _ if digits.len() <= at => format!("{digits}{}", "0".repeat(at - digits.len())),
        _ => with_point(digits, at),
    }
}

/// How a float with a precision is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Digits after the point: `f`.
    Fixed,
    /// One digit before the point, and an exponent: `e`.
    Exponent,
    /// Significant digits, whichever of the two is shorter: `g`.
    General,
    /// As `General`, with a digit after the point at least: a format without a type.
    GeneralFloat,
}

/// The magnitude of `x` with `precision` digits; `alternate` keeps the point and the zeros that `g` drops.
pub fn with_precision(x: f64, layout: Layout, precision: usize, alternate: bool) -> String {
    let x = x.abs();
    if let Some(word) = not_finite(x) {
        return word.to_owned();
    }
    match layout {
        Layout::Fixed => pointed(format!("{x:.precision$}"), alternate),
        Layout::Exponent => exponential(x, precision, alternate),
        Layout::General | Layout::GeneralFloat => general(x, layout, precision.max(1), alternate),
    }
}

fn pointed(text: String, alternate: bool) -> String {
    if alternate && !text.contains('.') { text + "." } else { text }
}

fn exponential(x: f64, precision: usize, alternate: bool) -> String {
    let text = format!("{x:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    pointed(mantissa.to_owned(), alternate) + &exponent_text(exponent.parse().unwrap_or(0))
}

fn general(x: f64, layout: Layout, precision: usize, alternate: bool) -> String {
    let (digits, exponent) = scientific(&format!("{x:.*e}", precision - 1));
    let kept = if alternate { digits.as_str() } else { significant(&digits) };
    let point = exponent + 1;
    let dot_zero = layout == Layout::GeneralFloat;
    let limit = i32::try_from(precision).unwrap_or(i32::MAX) - i32::from(dot_zero);
    if point <= -4 || point > limit {
        let mantissa = with_point(kept, 1);
        return pointed(mantissa, alternate) + &exponent_text(exponent);
    }
    let plain = positional(kept, point);
    if dot_zero && !plain.contains('.') { plain + ".0" } else { pointed(plain, alternate) }
}

fn significant(digits: &str) -> &str {
    let kept = digits.trim_end_matches('0');
    if kept.is_empty() { "0" } else { kept }
}

/// The magnitude of `x` as `repr` has it: the type `r` of formats.
pub fn shortest_magnitude(x: f64) -> String {
    shortest(x.abs(), true, 16)
}

/// The digits of an integer's magnitude in a base, in lower case.
pub fn digits(number: &BigInt, base: u32) -> String {
    number.magnitude().to_str_radix(base)
}

/// Whether an integer is below zero.
pub fn is_negative(number: &BigInt) -> bool {
    number.sign() == Sign::Minus
}

/// Puts `separator` between groups of `size` digits, from the right; the digits are ASCII.
pub fn grouped(digits: &str, separator: char, size: usize) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / size);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(size) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// The integer nearest to zero of a finite float.
pub fn truncated(x: f64) -> BigInt {
    use num_bigint::ToBigInt as _;
    x.trunc().to_bigint().unwrap_or_default()
}

/// `int(text, base)`, without its limit of digits: space around, a sign, digits of any script, single underscores
/// between them, and a prefix that fits the base. Base 0 reads the prefix.
pub fn parse_int(text: &str, base: u32) -> Option<BigInt> {
    let text = text.trim_matches(super::letters::is_space);
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (base, digits, prefixed) = with_base(rest, base);
    let digits = if prefixed { digits.strip_prefix('_').unwrap_or(digits) } else { digits };
    let plain = without_underscores(digits)?;
    let leading_zero = base == 0 && plain.starts_with('0') && plain.bytes().any(|digit| digit != b'0');
    if leading_zero {
        return None;
    }
    let magnitude = BigInt::parse_bytes(plain.as_bytes(), if base == 0 { 10 } else { base })?;
    Some(if negative { -magnitude } else { magnitude })
}

fn with_base(text: &str, base: u32) -> (u32, &str, bool) {
    let prefixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    for (prefix, value) in prefixes {
        let found = text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        if found && (base == value || base == 0) {
            return (value, &text[2..], true);
        }
    }
    (base, text, false)
}

/// ASCII digits without the underscores, which stand between digits one at a time.
fn without_underscores(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut after_digit = false;
    for letter in text.chars() {
        if letter == '_' {
            if !after_digit {
                return None;
            }
            after_digit = false;
            continue;
        }
        let digit = super::letters::decimal(letter).and_then(|value| char::from_digit(value, 10));
        out.push(digit.or_else(|| letter.is_ascii_alphabetic().then_some(letter))?);
        after_digit = true;
    }
    after_digit.then_some(out)
}

/// `float(text)`.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim_matches(super::letters::is_space);
    let mut plain = String::with_capacity(text.len());
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '_' {
            let between =
                before.is_ascii_digit() && letters.peek().is_some_and(|next| super::letters::decimal(*next).is_some());
            if !between {
                return None;
            }
            before = '_';
            continue;
        }
        before = super::letters::decimal(letter).and_then(|value| char::from_digit(value, 10)).unwrap_or(letter);
        plain.push(before);
    }
    let word = plain.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let number_like = word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if !number_like && !matches!(&*word, "inf" | "infinity" | "nan") {
        return None;
    }
    plain.parse().ok()
}
