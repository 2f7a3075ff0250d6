//! How long an answer waits.

use std::fmt;
use std::time::Duration;

use crate::config::{format_duration, parse_duration};

/// A wait, or a range that one is drawn from each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The shortest.
    pub least: Duration,
    /// The longest.
    pub most: Duration,
}

/// The longest wait: a day.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Reads `2s`, or a range like `100ms-2s`.
pub fn parse_delay(text: &str) -> Result<Delay, &'static str> {
    let bad = "write a time like 500ms or 2s, or a range like 1s-3s";
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    let (least, most) = (parse_duration(least).map_err(|_| bad)?, parse_duration(most).map_err(|_| bad)?);
    match () {
        () if least > most => Err("the longer time of a range stands second"),
        () if most > LONGEST => Err("an answer waits for a day at most"),
        () => Ok(Delay { least, most }),
    }
}

impl Delay {
    /// The wait in milliseconds; `part` of the range, from 0 to 1.
    pub(super) fn at(&self, part: f64) -> u64 {
        let wait = self.least + self.most.saturating_sub(self.least).mul_f64(part);
        u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether it differs from time to time.
    pub(super) fn is_range(&self) -> bool {
        self.least < self.most
    }
}

impl fmt::Display for Delay {
    /// `2s`, `1s to 3s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_duration(self.least))?;
        if self.is_range() { write!(f, " to {}", format_duration(self.most)) } else { Ok(()) }
    }
}
