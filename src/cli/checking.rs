//! Options that say how strictly signatures are checked.

use clap::Args;

use crate::config::{Enforce, parse_enforce, parse_public_url};

/// How strictly signatures are checked.
#[derive(Clone, Debug, Default, Args)]
pub struct CheckingArgs {
    /// URL under which senders reach this
    ///
    /// Some senders sign it (HubSpot, Square, Trello, Twilio). The path and query of each request go behind it. Unless
    /// given, the Host header is tried, with https and http.
    #[arg(long, value_name = "URL", value_parser = parse_public_url, hide_short_help = true)]
    pub public_url: Option<String>,
    /// Answer 401 or 403 to what is not valid
    ///
    /// What is not valid (invalid, stale, missing) is answered 401 or 403, as the sender's documentation asks, 403 if it
    /// does not say; with a number, that one. It is still captured.
    #[arg(long, value_name = "STATUS", num_args = 0..=1, default_missing_value = "", value_parser = parse_enforce)]
    pub enforce: Option<Enforce>,
}
