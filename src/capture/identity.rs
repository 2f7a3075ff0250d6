//! Who sent a capture and what it says it is; filled in by `sender`.

use serde::{Deserialize, Serialize};

use super::Finding;

/// Who sent a capture and what it says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The sender's name when it was recognised: `Peering Manager`.
    pub sender: Option<String>,
    /// Its version when it tells one: `1.10`.
    pub version: Option<String>,
    /// What gave it away: `user-agent and body shape`.
    pub evidence: Option<String>,
    /// One line that tells this capture from its neighbours: `update AS64512 - Example Net  autonomoussystem`.
    /// Foreign text: show it only as `Clean`.
    pub title: String,
    /// The event word of the payload: `update`.
    pub event: Option<String>,
    /// The object that the payload is about.
    pub object: Option<ObjectKey>,
    /// The id of the change that it tells of, where several webhooks tell of one. Foreign text, short.
    pub change: Option<String>,
    /// What is wrong with it, the worst first.
    pub lint: Vec<Finding>,
}

impl Identity {
    /// The codes of what is wrong with it, the worst first, a blank between them.
    pub fn lint_codes(&self) -> String {
        self.lint.iter().map(|finding| finding.code.code()).collect::<Vec<_>>().join(" ")
    }
}

/// Names the object that a payload is about, so that captures of the same one can be found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// `autonomoussystem`, `dcim.site`.
    pub model: String,
    /// The object's id in its system, as text.
    pub id: String,
}
