//! How a tryout went, in a sign.

use super::tryout::Tryout;

/// How a trial went, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Nothing to say.
    Good,
    /// It would be sent, and is probably not meant.
    Odd,
    /// It failed.
    Failed,
}

impl Grade {
    /// Of a tryout.
    pub fn of(tryout: &Tryout) -> Self {
        match tryout.is_failed() {
            true => Self::Failed,
            false if tryout.oddities().next().is_none() => Self::Good,
            false => Self::Odd,
        }
    }

    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Odd => "!",
            Self::Failed => "✗",
        }
    }
}
