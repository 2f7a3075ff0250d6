//! What a template is tried on.

use chrono::{DateTime, Utc};

/// What a template is tried on.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The context, as JSON.
    pub json: &'a [u8],
    /// What it is called: `#17`, or a file's name.
    pub label: &'a str,
    /// The content type under which the text would be sent, when it is known.
    pub content_type: Option<&'a str>,
    /// What `now()` says.
    pub now: DateTime<Utc>,
}
