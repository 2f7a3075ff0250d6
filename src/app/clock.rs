//! Times as the user reads them: clock, age, gap, in local time or UTC.

use chrono::{DateTime, Local, NaiveDate, TimeDelta, Utc};

/// The zone that times are shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// The machine's.
    #[default]
    Local,
    /// UTC.
    Utc,
}

impl Zone {
    /// Formats a time with a chrono pattern.
    fn format(self, at: DateTime<Utc>, pattern: &str) -> String {
        match self {
            Self::Local => at.with_timezone(&Local).format(pattern).to_string(),
            Self::Utc => at.format(pattern).to_string(),
        }
    }

    /// `12:31:04`
    pub fn clock(self, at: DateTime<Utc>) -> String {
        self.format(at, "%H:%M:%S")
    }

    /// In eight cells: `12:31:04` today, `Sa 12:31` in the last days, `21 Nov` before.
    pub fn stamp(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        match (self.day(now) - self.day(at)).num_days() {
            0 => self.clock(at),
            1..7 => {
                let weekday = self.format(at, "%a");
                format!("{} {}", weekday.get(..2).unwrap_or_default(), self.minute(at))
            }
            _ => self.format(at, "%d %b"),
        }
    }

    /// `12:31`
    pub fn minute(self, at: DateTime<Utc>) -> String {
        self.format(at, "%H:%M")
    }

    /// `2026-11-22 12:31:04.131 +01:00`
    pub fn full(self, at: DateTime<Utc>) -> String {
        self.format(at, "%Y-%m-%d %H:%M:%S%.3f %:z")
    }

    fn day(self, at: DateTime<Utc>) -> NaiveDate {
        match self {
            Self::Local => at.with_timezone(&Local).date_naive(),
            Self::Utc => at.date_naive(),
        }
    }
}

/// How lists show times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeFormat {
    /// `12:31:04`
    #[default]
    Clock,
    /// `3s`, `12m`
    Age,
    /// `+0.42`, since the row before.
    Gap,
}

impl TimeFormat {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Clock => Self::Age,
            Self::Age => Self::Gap,
            Self::Gap => Self::Clock,
        }
    }

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Age => "age",
            Self::Gap => "gap",
        }
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Self {
        [Self::Age, Self::Gap].into_iter().find(|format| format.name() == name).unwrap_or_default()
    }
}

/// An age in at most four cells: `3s`, `12m`, `5h`, `9d`.
pub fn age(since: TimeDelta) -> String {
    let seconds = since.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// The gap to the row before, in at most seven cells: `+0.42`, `+12.3`, `+5m`.
pub fn gap(gap: TimeDelta) -> String {
    let ms = gap.num_milliseconds().max(0);
    match ms {
        0..10_000 => format!("+{}.{:02}", ms / 1000, ms % 1000 / 10),
        10_000..100_000 => format!("+{}.{}", ms / 1000, ms % 1000 / 100),
        _ => format!("+{}", age(gap)),
    }
}

/// How long something took, as sentences say it: `0.42 s`, `31.2 s`, `5 min`, `2.1 h`, `3 d`. From microseconds.
pub fn duration(us: u64) -> String {
    let tenths = |unit: u64, name: &str| {
        let tenths = us / (unit / 10);
        let fraction = if tenths.is_multiple_of(10) { String::new() } else { format!(".{}", tenths % 10) };
        format!("{}{fraction} {name}", tenths / 10)
    };
    match us / 1000 {
        0..10_000 => format!("{}.{:02} s", us / 1_000_000, us / 10_000 % 100),
        10_000..100_000 => tenths(1_000_000, "s"),
        100_000..6_000_000 => tenths(60_000_000, "min"),
        6_000_000..172_800_000 => tenths(3_600_000_000, "h"),
        _ => tenths(86_400_000_000, "d"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn other_days_are_told_from_today() {
        let at = |day, hour| Utc.with_ymd_and_hms(2026, 11, day, hour, 31, 4).unwrap();
        let stamp = |day| Zone::Utc.stamp(at(day, 23), at(22, 1));
        assert_eq!([stamp(22), stamp(21), stamp(16), stamp(15)], ["23:31:04", "Sa 23:31", "Mo 23:31", "15 Nov"]);
    }

    #[test]
    fn durations_keep_three_digits() {
        let words = [0, 420_000, 9_999_999, 31_200_000, 60_000_000, 300_000_000, 7_560_000_000, 260_000_000_000];
        let words = words.map(duration);
        assert_eq!(words, ["0.00 s", "0.42 s", "9.99 s", "31.2 s", "60 s", "5 min", "2.1 h", "3 d"]);
    }

    #[test]
    fn ages_and_gaps_are_short() {
        let age_of = |seconds| age(TimeDelta::seconds(seconds));
        assert_eq!(
            [age_of(-3), age_of(59), age_of(3599), age_of(7200), age_of(864_000)],
            ["0s", "59s", "59m", "2h", "10d"]
        );
        let gap_of = |ms| gap(TimeDelta::milliseconds(ms));
        assert_eq!([gap_of(420), gap_of(12_345), gap_of(300_000)], ["+0.42", "+12.3", "+5m"]);
    }
}
