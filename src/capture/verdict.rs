//! The outcome of checking a signature, with its reason.

use serde::{Deserialize, Serialize};

/// The outcome of checking a signature. The kebab-case names are part of the JSON output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A secret and a scheme fit.
    Valid,
    /// They fit, but the signed time is outside of the scheme's tolerance.
    Stale,
    /// A signature came and does not hold.
    Invalid,
    /// A secret is configured and no signature came.
    Missing,
    /// No secret is configured.
    #[default]
    NotChecked,
}

impl Outcome {
    /// The kebab-case name, as in the JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Stale => "stale",
            Self::Invalid => "invalid",
            Self::Missing => "missing",
            Self::NotChecked => "not-checked",
        }
    }
}

/// A verdict: the outcome and what it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the signature holds.
    pub outcome: Outcome,
    /// Id of the scheme that fitted or was the best candidate.
    pub scheme: Option<String>,
    /// Name (never the value) of the secret that fitted, or the one that was expected to.
    pub secret: Option<String>,
    /// Why, in words, without a final stop; empty when valid.
    pub reason: String,
    /// What the signature covers when it holds.
    pub covers: Covers,
    /// Seconds between the signed time and the arrival; negative when the signed time is ahead.
    pub age_s: Option<i64>,
    /// What else is to be said when it holds, in words: which of several signatures or messages did, what is odd about a
    /// certificate. Mostly empty; may hold foreign text.
    #[serde(default)]
    pub note: String,
}

/// What a signature covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covers {
    /// Changing the body breaks it.
    pub body: bool,
    /// It has a signed time.
    pub time: bool,
}

/// The sign that lists show for a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mark {
    /// `✓` the signature holds.
    Verified,
    /// `✗` it does not, or is too old.
    Failed,
    /// `–` nothing is signed.
    #[default]
    Unsigned,
    /// `?` signed, but there is no secret to check with.
    Unchecked,
}

impl Verdict {
    /// The sign that lists show. Unchecked and unsigned differ by whether a signature was recognised.
    pub fn mark(&self) -> Mark {
        match self.outcome {
            Outcome::Valid => Mark::Verified,
            Outcome::Stale | Outcome::Invalid => Mark::Failed,
            Outcome::NotChecked if self.scheme.is_some() => Mark::Unchecked,
            Outcome::Missing | Outcome::NotChecked => Mark::Unsigned,
        }
    }
}
