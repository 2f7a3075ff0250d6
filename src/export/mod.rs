//! A capture in other forms: a curl command, wire bytes, JSON lines, a request to send again; and JSON read back.
//!
//! Everything here is pure: it says what would be sent and how it differs from what came, `outbound` sends it. Knows
//! nothing of sockets, screens or clipboards. Texts made here carry foreign bytes: show them only as `Clean`.

mod curl;
mod deeds;
mod difference;
mod encoded;
mod json;
mod onward;
mod resend;
mod shell;
mod url;
mod wire;

pub use curl::{CurlCommand, curl};
pub use difference::Difference;
pub use json::{ImportError, from_json, json, verdict_json};
pub use onward::{Additions, end_to_end, has_come_by, onward, unframed};
pub use resend::{Outgoing, Plan, PrepareError, prepare};
pub use url::{Reach, Url, UrlError};
pub use wire::{header_lines, headers_text, raw};
