//! Times at which a rule applies.

use std::fmt;

use chrono::{DateTime, NaiveTime, Utc};

/// From when, until when; and between which times of the day, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::rules) struct Window {
    /// The first moment.
    pub from: Option<DateTime<Utc>>,
    /// The first moment behind it.
    pub until: Option<DateTime<Utc>>,
    /// The second may be the earlier one: then it is night.
    pub between: Option<(NaiveTime, NaiveTime)>,
}

impl Window {
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        let time = now.time();
        let day = self.between.is_none_or(|(from, until)| {
            if from <= until { from <= time && time < until } else { from <= time || time < until }
        });
        day && self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    pub fn is_always(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads `22:00-06:00`.
pub(in crate::rules) fn parse_between(text: &str) -> Result<(NaiveTime, NaiveTime), &'static str> {
    let bad = "it is two times of the day in UTC, like 22:00-06:00";
    let read = |text: &str| {
        let text = text.trim();
        NaiveTime::parse_from_str(text, "%H:%M:%S")
            .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
            .map_err(|_| bad)
    };
    let (from, until) = text.split_once('-').ok_or(bad)?;
    Ok((read(from)?, read(until)?))
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.from.map(|from| format!("from {}", from.format("%Y-%m-%d %H:%M:%SZ")));
        let until = self.until.map(|until| format!("until {}", until.format("%Y-%m-%d %H:%M:%SZ")));
        let between =
            self.between.map(|(from, until)| format!("{} to {} UTC", from.format("%H:%M"), until.format("%H:%M")));
        let words: Vec<String> = [from, until, between].into_iter().flatten().collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_open_and_close() {
        let open = |between: &str, now: &str| {
            let window = Window { between: Some(parse_between(between).unwrap()), ..Window::default() };
            window.is_open(format!("2026-11-22T{now}Z").parse().unwrap())
        };
        assert!(open("09:00-17:00", "09:00:00") && open("09:00-17:00", "16:59:59"));
        assert!(!open("09:00-17:00", "17:00:00") && !open("09:00-17:00", "08:59:59"));
        assert!(open("22:00-06:00", "23:00:00") && open("22:00-06:00", "05:59:00") && !open("22:00-06:00", "06:00:00"));
        assert!(parse_between("9-17").is_err() && parse_between("25:00-26:00").is_err());
    }
}
