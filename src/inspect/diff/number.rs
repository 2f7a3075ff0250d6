//! Numbers by value: `1`, `1.0` and `10e-1` are one, and no digit is lost.

/// A JSON number in the one form that its value has.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: String,
    /// The power of ten of the last digit.
    exponent: i64,
}

/// Whether two JSON numbers have the same value.
pub fn equal(one: &str, other: &str) -> bool {
    one == other || matches!((decimal(one), decimal(other)), (Some(one), Some(other)) if one == other)
}

/// The value of a JSON number; nothing for an exponent beyond all counting.
pub fn decimal(number: &str) -> Option<Decimal> {
    let (negative, number) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return Some(Decimal { negative: false, digits: String::new(), exponent: 0 });
    }
    let zeros = all.len() - all.trim_end_matches('0').len();
    let shift = i64::try_from(zeros).ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    Some(Decimal { negative, digits: digits.to_owned(), exponent: exponent.checked_add(shift)? })
}
