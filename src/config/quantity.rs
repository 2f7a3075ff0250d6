//! Sizes and times as people write them: `10MiB`, `64k`, `30s`, `500ms`.

use std::time::Duration;

const SIZES: [(&str, u64); 10] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
    ("G", 1 << 30),
    ("M", 1 << 20),
    ("k", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

/// In milliseconds.
const TIMES: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Why a text is not a size or a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a size.
    #[error("a size is a whole number and a unit, like 512, 64k, 10MiB or 1GiB")]
    Size,
    /// Not a time.
    #[error("a time is a whole number and a unit, like 500ms, 30s, 2m or 1h")]
    Time,
    /// More than fits.
    #[error("that is more than this machine can count")]
    TooLarge,
}

/// Bytes of `10MiB`. `k`, `M`, `G` and `KiB`, `MiB`, `GiB` count by 1024, `kB`, `MB`, `GB` by 1000; no unit is bytes.
pub fn parse_size(text: &str) -> Result<u64, QuantityError> {
    let (number, unit) = split(text).ok_or(QuantityError::Size)?;
    let unit = if unit.is_empty() { "B" } else { unit };
    number?.checked_mul(factor(&SIZES, unit).ok_or(QuantityError::Size)?).ok_or(QuantityError::TooLarge)
}

/// The shortest exact way to write a number of bytes: `10MiB`.
pub fn format_size(bytes: u64) -> String {
    format(&SIZES[..4], bytes)
}

/// The time of `30s`. A bare number is refused, because it could be either, but for `0`.
pub fn parse_duration(text: &str) -> Result<Duration, QuantityError> {
    let (number, unit) = split(text).ok_or(QuantityError::Time)?;
    let unit = if unit.is_empty() && number == Ok(0) { "s" } else { unit };
    let factor = factor(&TIMES, unit).ok_or(QuantityError::Time)?;
    number?.checked_mul(factor).map(Duration::from_millis).ok_or(QuantityError::TooLarge)
}

/// The shortest exact way to write a time, to the millisecond: `30s`.
pub fn format_duration(time: Duration) -> String {
    format(&TIMES, u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Number and unit, once the text has the form of both.
fn split(text: &str) -> Option<(Result<u64, QuantityError>, &str)> {
    let text = text.trim();
    let digits = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..digits].parse().map_err(|_| QuantityError::TooLarge);
    (digits > 0).then(|| (number, text[digits..].trim_start()))
}

fn factor(units: &[(&str, u64)], unit: &str) -> Option<u64> {
    units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, factor)| *factor)
}

/// `units` go from the largest to one of factor 1.
fn format(units: &[(&str, u64)], number: u64) -> String {
    let fits = units.iter().find(|(_, factor)| number >= *factor && number.is_multiple_of(*factor));
    fits.or(units.last()).map_or_else(String::new, |(name, factor)| format!("{}{name}", number / factor))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("64k", 65_536),
            ("64K", 65_536),
            ("64kB", 64_000),
            ("10MiB", 10 << 20),
            ("10 mib", 10 << 20),
            ("1GiB", 1 << 30),
            (" 2G ", 2 << 30),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in ["", "k", "-1", "1.5M", "10 potatoes", "1k1", "٣k"] {
            assert_eq!(parse_size(text), Err(QuantityError::Size), "{text}");
        }
        assert_eq!(parse_size("99999999999999999999"), Err(QuantityError::TooLarge));
        assert_eq!(parse_size("18446744073709551615G"), Err(QuantityError::TooLarge));
    }

    #[test]
    fn times_are_read() {
        for (text, millis) in [("500ms", 500), ("30s", 30_000), ("2m", 120_000), ("1h", 3_600_000), ("0", 0)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "30", "s", "1.5s", "1m30s", "1d"] {
            assert_eq!(parse_duration(text), Err(QuantityError::Time), "{text}");
        }
        assert_eq!(parse_duration("18446744073709551615h"), Err(QuantityError::TooLarge));
    }

    #[test]
    fn they_are_written_short() {
        assert_eq!([0, 1023, 1024, 10 << 20, 74_994].map(format_size), ["0B", "1023B", "1KiB", "10MiB", "74994B"]);
        let times = [0, 500, 1500, 30_000, 60_000].map(|millis| format_duration(Duration::from_millis(millis)));
        assert_eq!(times, ["0ms", "500ms", "1500ms", "30s", "1m"]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(number: u64) {
            prop_assert_eq!(parse_size(&format_size(number)), Ok(number));
            let time = Duration::from_millis(number);
            prop_assert_eq!(parse_duration(&format_duration(time)), Ok(time));
        }
    }
}
