//! What a text must be: this one, one of these, fitting an expression, there, not there.

use std::borrow::Cow;
use std::fmt;

use regex::Regex;

/// What a text, or each of several under one name, is tested for.
#[derive(Clone, Debug)]
pub(in crate::rules) enum Test {
    /// It is this.
    Is(String),
    /// It is this, whatever the case.
    IsAnyCase(String),
    /// It has this in it.
    Contains(String),
    /// It fits this.
    Fits(Regex),
    /// It is there.
    There,
    /// It is not there.
    Absent,
    /// One of these holds.
    OneOf(Vec<Test>),
    /// This does not hold.
    Not(Box<Test>),
}

impl Test {
    /// Whether one of the values passes; [`Test::Absent`] and [`Test::Not`] want to see none.
    pub fn holds(&self, values: &[Cow<str>]) -> bool {
        match self {
            Self::Absent => values.is_empty(),
            Self::OneOf(tests) => tests.iter().any(|test| test.holds(values)),
            Self::Not(test) => !test.holds(values),
            _ => values.iter().any(|value| self.holds_for(value)),
        }
    }

    fn holds_for(&self, value: &str) -> bool {
        match self {
            Self::Is(text) => value == text,
            Self::IsAnyCase(text) => value.to_lowercase() == text.to_lowercase(),
            Self::Contains(text) => value.contains(text.as_str()),
            Self::Fits(regex) => regex.is_match(value),
            _ => true,
        }
    }
}

impl fmt::Display for Test {
    /// Continues a name: `= fail`, `is there`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(text) | Self::IsAnyCase(text) => write!(f, "= {text}"),
            Self::Contains(text) => write!(f, "contains {text}"),
            Self::Fits(regex) => write!(f, "~ {regex}"),
            Self::There => f.write_str("is there"),
            Self::Absent => f.write_str("is not there"),
            Self::OneOf(tests) => list(f, tests),
            Self::Not(test) => write!(f, "not {test}"),
        }
    }
}

/// `= a or b` when all are plain, else `= a or ~ b`.
fn list(f: &mut fmt::Formatter<'_>, tests: &[Test]) -> fmt::Result {
    for (index, test) in tests.iter().enumerate() {
        match test {
            _ if index == 0 => write!(f, "{test}")?,
            Test::Is(text) | Test::IsAnyCase(text) => write!(f, " or {text}")?,
            _ => write!(f, " or {test}")?,
        }
    }
    Ok(())
}
