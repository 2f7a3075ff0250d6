//! Whether a webhook would fire: the conditions of Peering Manager and NetBox, evaluated as they do it, and explained.
//!
//! Owns the format ([`Conditions::load`]), evaluation with Python's values and errors, and the tree that shows what
//! every condition found. Pure. Sources: the documentation of both systems and what they answered to some thousand
//! conditions.

mod explain;
mod fit;
mod leaf;
mod load;
mod looked;
mod netbox47;
mod operator;
mod path;
mod regex;
mod tree;

use crate::template::{Python, Value};

pub use fit::Unfit;
pub use load::{Conditions, LoadError};
pub use regex::{Pattern, PatternError, TooHard};
pub use tree::{Evaluated, Fault, Leaf, Logic, Outcome, Tree};

/// Whose conditions they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Peering Manager: what is missing is null, and an error fails the job.
    PeeringManager,
    /// NetBox up to 4.6: what is missing is an error, and an error is logged and counts as not met.
    NetBox46,
    /// NetBox from 4.7 on: also `changed`, `unchanged` and paths into `snapshots`.
    NetBox47,
}

impl System {
    /// The name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::PeeringManager => "peering-manager",
            Self::NetBox46 => "netbox-4.6",
            Self::NetBox47 => "netbox-4.7",
        }
    }

    /// What an outcome means there.
    pub fn explanation(self, outcome: &Outcome) -> String {
        let fault = if let Outcome::Fault(fault) = outcome { fault.message.as_str() } else { "" };
        // Also what a lone condition gets, which is what one copies.
        let is_no_set = fault.contains("exactly one logical operator");
        let hint = if is_no_set { "; conditions stand in a set: {\"and\": [..]} or {\"or\": [..]}" } else { "" };
        self.meaning(outcome) + hint
    }

    fn meaning(self, outcome: &Outcome) -> String {
        match outcome {
            Outcome::Known(true) => "the webhook would be sent".to_owned(),
            Outcome::Known(false) => "nothing would be sent".to_owned(),
            Outcome::Fault(fault) if fault.kind.is_empty() => format!("cannot be told here: {}", fault.message),
            Outcome::Fault(fault) if self == Self::PeeringManager => {
                format!("nothing would be sent, the job fails: {}: {}", fault.kind, fault.message)
            }
            Outcome::Fault(fault) if fault.is_invalid() => {
                format!("nothing would be sent, NetBox logs it: {}", fault.message)
            }
            Outcome::Fault(fault) => {
                format!("nothing would be sent, NetBox fails on it: {}: {}", fault.kind, fault.message)
            }
        }
    }

    /// The name in sentences.
    pub fn name(self) -> &'static str {
        match self {
            Self::PeeringManager => "Peering Manager",
            Self::NetBox46 => "NetBox up to 4.6",
            Self::NetBox47 => "NetBox 4.7",
        }
    }
}

/// `str(value)`; nothing for what cannot be printed.
fn shown(value: &Value) -> String {
    Python::default().text(value).unwrap_or_default()
}
