//! Who sent a capture and what it says it is; filled in by `sender`.

use serde::{Deserialize, Serialize};

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
    /// Something about the payload that the reader should know first: it is an error message, say.
    pub notice: Option<Notice>,
}

/// Names the object that a payload is about, so that captures of the same one can be found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// `autonomoussystem`, `dcim.site`.
    pub model: String,
    /// The object's id in its system, as text.
    pub id: String,
}

/// Something about a payload that the reader should know first. All texts are foreign: show them only as `Clean`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The headline: `This body is an error message from Peering Manager's own body template`.
    pub headline: String,
    /// Further lines: what failed, and where to mend it.
    pub lines: Vec<String>,
}
