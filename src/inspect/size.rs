//! Sizes for people.

/// All digits, grouped: `2,148 B`.
pub fn bytes_exact(bytes: u64) -> String {
    let digits = bytes.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + " B"
}

/// At most four characters up to 999 P, in units of 1,024: `0`, `812`, `2.1k`, `812k`, `1.4M`.
pub fn bytes_short(bytes: u64) -> String {
    if bytes < 1000 {
        return bytes.to_string();
    }
    let mut unit = 1u128;
    for name in ['k', 'M', 'G', 'T', 'P'] {
        unit *= 1024;
        let tenths = (u128::from(bytes) * 10 + unit / 2) / unit;
        if tenths < 100 {
            return format!("{}.{}{name}", tenths / 10, tenths % 10);
        }
        let whole = (u128::from(bytes) + unit / 2) / unit;
        if whole < 1000 {
            return format!("{whole}{name}");
        }
    }
    format!("{}E", bytes >> 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_sizes_fit_their_column() {
        for (bytes, short) in [
            (0, "0"),
            (812, "812"),
            (999, "999"),
            (1000, "1.0k"),
            (2148, "2.1k"),
            (7561, "7.4k"),
            (10_188, "9.9k"),
            (10_189, "10k"),
            (831_488, "812k"),
            (1_023_487, "999k"),
            (1_023_488, "1.0M"),
            (1_468_006, "1.4M"),
            (10 << 30, "10G"),
            (u64::MAX, "15E"),
        ] {
            assert_eq!(bytes_short(bytes), short);
        }
    }

    #[test]
    fn exact_sizes_have_every_digit() {
        for (bytes, exact) in [(0, "0 B"), (999, "999 B"), (2148, "2,148 B"), (1_048_576, "1,048,576 B")] {
            assert_eq!(bytes_exact(bytes), exact);
        }
    }
}
