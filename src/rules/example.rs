//! The text of a rule that answers requests like a captured one.

use crate::capture::Capture;

/// TOML text of a rule that matches requests like this one and answers them as it was, to be edited.
pub fn rule_for(_capture: &Capture) -> String {
    String::new()
}
