//! Sizes for people.

/// All digits, grouped: `2,148 B`.
pub fn bytes_exact(_bytes: u64) -> String {
    todo!()
}

/// At most five characters, in units of 1,024: `0`, `812`, `2.1k`, `812k`, `1.4M`.
pub fn bytes_short(_bytes: u64) -> String {
    todo!()
}
