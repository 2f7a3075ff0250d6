//! Signed times: the ways senders write them, and how old is too old.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// How a sender writes its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Either, told apart by magnitude; written as milliseconds.
    SecondsOrMilliseconds,
    /// `2026-11-22T03:17:53Z`, with any offset and any fraction.
    Rfc3339,
    /// `Sun, 22 Nov 2026 03:17:53 +0000`
    Rfc2822,
}

/// The units with their words in `assets/schemes.toml`.
pub(super) const UNITS: [(&str, Unit); 5] = [
    ("s", Unit::Seconds),
    ("ms", Unit::Milliseconds),
    ("s or ms", Unit::SecondsOrMilliseconds),
    ("rfc3339", Unit::Rfc3339),
    ("rfc2822", Unit::Rfc2822),
];

/// Seconds that a sender's clock may be ahead where it is the signature that says from when it counts.
pub(in crate::signature) const SKEW: i64 = 60;

/// In milliseconds this is March 1973, in seconds the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

impl Unit {
    pub(in crate::signature) fn parse(self, text: &[u8]) -> Option<DateTime<Utc>> {
        let text = std::str::from_utf8(text).ok()?.trim();
        match self {
            Self::Seconds => DateTime::from_timestamp(text.parse().ok()?, 0),
            Self::Milliseconds => DateTime::from_timestamp_millis(text.parse().ok()?),
            Self::SecondsOrMilliseconds => match text.parse().ok()? {
                ms @ FIRST_MILLISECONDS.. => DateTime::from_timestamp_millis(ms),
                s => DateTime::from_timestamp(s, 0),
            },
            Self::Rfc3339 => DateTime::parse_from_rfc3339(text).ok().map(Into::into),
            Self::Rfc2822 => DateTime::parse_from_rfc2822(text).ok().map(Into::into),
        }
    }

    pub(in crate::signature) fn print(self, time: DateTime<Utc>) -> String {
        match self {
            Self::Seconds => time.timestamp().to_string(),
            Self::Milliseconds | Self::SecondsOrMilliseconds => time.timestamp_millis().to_string(),
            Self::Rfc3339 => time.to_rfc3339_opts(SecondsFormat::Millis, true),
            Self::Rfc2822 => time.to_rfc2822(),
        }
    }

    /// What a timestamp must be, for a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Seconds => "a number of seconds",
            Self::Milliseconds => "a number of milliseconds",
            Self::SecondsOrMilliseconds => "a number of seconds or milliseconds",
            Self::Rfc3339 => "a time such as 2026-01-31T12:00:00Z",
            Self::Rfc2822 => "a time such as Sat, 31 Jan 2026 12:00:00 +0000",
        }
    }
}

/// How far a signed time may be from the arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// The limit in seconds, the sender's own number.
    pub seconds: u32,
    /// Times ahead of the arrival are accepted, however far.
    pub ahead_is_fine: bool,
}

impl Tolerance {
    /// Why `age` is out of tolerance, in words; `None` when it is within.
    pub(in crate::signature) fn objection(self, age: TimeDelta) -> Option<String> {
        let limit = i64::from(self.seconds);
        if age > TimeDelta::seconds(limit) {
            let (age, limit) = spans(age, limit);
            Some(format!("matches but too old: signed {age} before it arrived, the limit is {limit}"))
        } else if -age > TimeDelta::seconds(limit) && !self.ahead_is_fine {
            let (ahead, limit) = spans(-age, limit);
            Some(format!("matches but its time is {ahead} ahead of the arrival, the limit is {limit}"))
        } else {
            None
        }
    }
}

/// A length of time and a limit that it exceeds, in units that tell the two apart.
fn spans(length: TimeDelta, limit: i64) -> (String, String) {
    let seconds = (length - TimeDelta::nanoseconds(1)).num_seconds() + 1;
    match (span(seconds), span(limit)) {
        (length, limit) if length != limit => (length, limit),
        _ => (format!("{seconds} seconds"), format!("{limit} seconds")),
    }
}

/// `90 seconds`, `9 minutes`, `3 hours`, `2 days`, rounded down.
pub(in crate::signature) fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE_MINUTES: Tolerance = Tolerance { seconds: 300, ahead_is_fine: false };

    #[test]
    fn reads_every_unit() {
        let time = DateTime::from_timestamp(1_767_225_600, 0);
        let texts = [
            (Unit::Seconds, "1767225600"),
            (Unit::Milliseconds, "1767225600000"),
            (Unit::SecondsOrMilliseconds, "1767225600"),
            (Unit::SecondsOrMilliseconds, "1767225600000"),
            (Unit::Rfc3339, "2026-01-01T01:00:00.000000000+01:00"),
            (Unit::Rfc2822, "Thu, 1 Jan 2026 00:00:00 +0000"),
        ];
        for (unit, text) in texts {
            assert_eq!(unit.parse(text.as_bytes()), time, "{unit:?} {text}");
            assert_eq!(unit.parse(unit.print(time.unwrap()).as_bytes()), time, "{unit:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "now", "1e9", "99999999999999999999", "9223372036854775807", "1.5", "\u{661}"] {
            for (_, unit) in UNITS {
                assert_eq!(unit.parse(text.as_bytes()), None, "{unit:?} {text}");
            }
        }
    }

    #[test]
    fn says_how_far_out_of_tolerance() {
        let objection = |age| FIVE_MINUTES.objection(TimeDelta::milliseconds(age));
        assert_eq!(objection(300_000), None);
        assert_eq!(objection(-300_000), None);
        let old = "matches but too old: signed 9 minutes before it arrived, the limit is 5 minutes";
        assert_eq!(objection(540_000).unwrap(), old);
        let barely = "matches but too old: signed 301 seconds before it arrived, the limit is 300 seconds";
        assert_eq!(objection(300_001).unwrap(), barely);
        let ahead = "matches but its time is 2 hours ahead of the arrival, the limit is 5 minutes";
        assert_eq!(objection(-7_200_000).unwrap(), ahead);
        let lenient = Tolerance { ahead_is_fine: true, ..FIVE_MINUTES };
        assert_eq!(lenient.objection(TimeDelta::hours(-9)), None);
    }
}
