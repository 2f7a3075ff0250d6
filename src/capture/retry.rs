//! A request that repeats an earlier one.

use serde::{Deserialize, Serialize};

use super::CaptureId;

/// That a capture repeats an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// The first of them.
    pub of: CaptureId,
    /// Which repetition this is: 1 for the first.
    pub nth: u32,
    /// Microseconds since the one before.
    pub gap_us: u64,
    /// How it was recognised.
    pub by: Sameness,
}

/// How a repetition is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sameness {
    /// It has the same delivery id.
    DeliveryId,
    /// It has the same method, path and body bytes.
    Bytes,
}
