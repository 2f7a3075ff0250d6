//! So many requests in a time, for each key: a generic cell rate algorithm (ITU-T I.371), as token buckets refill.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::rules::subject::Subject;

/// Keys that are kept for one rule at most. Who sends the requests picks the keys.
const MOST: usize = 4096;

/// So many requests in a time; they may come all at once, and as many come again as time passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Rate {
    count: u32,
    /// In microseconds.
    period: i64,
    /// As it was written.
    text: String,
    pub per: Per,
}

/// What is counted apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::rules) enum Per {
    /// Each address that requests come from.
    #[default]
    Source,
    /// Each path.
    Path,
    /// Each value of this header; without it, as one.
    Header(String),
    /// Nothing: all together.
    All,
}

/// When each key has its full measure again, in microseconds. Keys are digests, as long as all others.
#[derive(Clone, Debug, Default)]
pub(in crate::rules) struct Buckets(HashMap<[u8; 32], i64>);

impl Buckets {
    /// Takes one request in. The error is the seconds until the next, rounded up.
    pub fn take(&mut self, rate: &Rate, subject: &Subject) -> Result<(), u64> {
        let (now, key) = (subject.now.timestamp_micros(), rate.per.key(subject));
        let full = self.next(rate, key, now)?;
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        self.0.insert(key, full);
        Ok(())
    }

    /// The same without taking it.
    pub fn peek(&self, rate: &Rate, subject: &Subject) -> Result<(), u64> {
        self.next(rate, rate.per.key(subject), subject.now.timestamp_micros()).map(|_| ())
    }

    /// When the key has its full measure again with one more request.
    fn next(&self, rate: &Rate, key: [u8; 32], now: i64) -> Result<i64, u64> {
        let each = rate.period / i64::from(rate.count);
        let full = self.0.get(&key).map_or(now, |full| (*full).max(now)) + each;
        let wait = full - now - rate.period;
        if wait <= 0 { Ok(full) } else { Err(u64::try_from(wait).unwrap_or(0).div_ceil(1_000_000)) }
    }

    /// Forgets the keys that have their full measure; when none has, the one that is nearest to it.
    fn make_room(&mut self, now: i64) {
        self.0.retain(|_, full| *full > now);
        if self.0.len() >= MOST
            && let Some(key) = self.0.iter().min_by_key(|(_, full)| **full).map(|(key, _)| *key)
        {
            self.0.remove(&key);
        }
    }
}

impl Per {
    fn key(&self, subject: &Subject) -> [u8; 32] {
        let text = match self {
            // All ports of an address, and all that come over a Unix socket, count as one.
            Self::Source => subject.source().map_or_else(String::new, |source| source.to_string()),
            Self::Path => subject.path.clone(),
            Self::Header(name) => subject.header(name).join(", "),
            Self::All => String::new(),
        };
        Sha256::digest(text.as_bytes()).into()
    }
}

impl FromStr for Per {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(' ') {
            None if text == "source" => Ok(Self::Source),
            None if text == "path" => Ok(Self::Path),
            None if text == "all" => Ok(Self::All),
            Some(("header", name)) if !name.trim().is_empty() => Ok(Self::Header(name.trim().to_owned())),
            _ => Err("it is \"source\", \"path\", \"header NAME\" or \"all\""),
        }
    }
}

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = "it is a number of requests in a time, like 5/minute, 10/s or 100/15m";
        let (count, period) = text.split_once('/').ok_or(bad)?;
        let count: u32 = count.trim().parse().ok().filter(|count| (1..=1_000_000).contains(count)).ok_or(bad)?;
        let period = match period.trim() {
            "s" | "sec" | "second" => 1_000_000,
            "m" | "min" | "minute" => 60_000_000,
            "h" | "hour" => 3_600_000_000,
            "d" | "day" => 86_400_000_000,
            other => {
                let period = crate::config::parse_duration(other).map_err(|_| bad)?;
                i64::try_from(period.as_micros())
                    .ok()
                    .filter(|period| (1_000..=86_400_000_000).contains(period))
                    .ok_or(bad)?
            }
        };
        Ok(Self { count, period, text: text.trim().to_owned(), per: Per::default() })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.text)?;
        match &self.per {
            Per::Source => f.write_str("per source"),
            Per::Path => f.write_str("per path"),
            Per::Header(name) => write!(f, "per {name}"),
            Per::All => f.write_str("in all"),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::rules::tests::capture;

    fn take(buckets: &mut Buckets, rate: &str, path: &str, at_ms: i64) -> Result<(), u64> {
        let rate = Rate { per: Per::Path, ..rate.parse().unwrap() };
        let capture = capture(&format!("GET {path} HTTP/1.1\r\n\r\n"));
        buckets.take(&rate, &Subject::new(&capture, DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(at_ms)))
    }

    #[test]
    fn a_burst_passes_and_then_one_by_one() {
        let mut buckets = Buckets::default();
        let mut at = |path: &str, ms| take(&mut buckets, "5/minute", path, ms);
        assert!((0..5).all(|_| at("/a", 0).is_ok()));
        assert_eq!(at("/a", 0), Err(12));
        assert_eq!(at("/a", 500), Err(12));
        assert_eq!(at("/a", 11_001), Err(1));
        assert_eq!(at("/b", 11_001), Ok(()));
        assert_eq!((at("/a", 12_000), at("/a", 12_000)), (Ok(()), Err(12)));
    }

    #[test]
    fn keys_are_forgotten_before_they_are_too_many() {
        let mut buckets = Buckets::default();
        for path in 0..MOST + 500 {
            take(&mut buckets, "1/minute", &format!("/{path}"), i64::try_from(path).unwrap()).unwrap();
        }
        assert_eq!(buckets.0.len(), MOST);
        take(&mut buckets, "1/minute", "/late", 10_000_000).unwrap();
        assert_eq!(buckets.0.len(), 1);
    }

    #[test]
    fn rates_are_read() {
        for text in ["5/minute", "10/s", "100/15m", "1/500ms"] {
            assert!(text.parse::<Rate>().is_ok(), "{text}");
        }
        for text in ["5", "0/s", "-1/s", "5/fortnight", "5/0s", "/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
