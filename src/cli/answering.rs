//! Options that say what is answered, and the subcommand that looks at rules.

use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;

use super::StoreArgs;
use crate::capture::CaptureId;
use crate::config::{Overrides, RulesChoice, parse_rules};
use crate::export::Url;
use crate::rules::{Delay, Everyday, Login, parse_delay, parse_header, parse_login, parse_status};

/// What is answered.
#[derive(Clone, Debug, Default, Args)]
pub struct AnsweringArgs {
    /// File with rules for what is answered
    ///
    /// Unless given it is hookview.toml in the current directory, else rules.toml beside the configuration file, when it is
    /// there; `none` does without. It is read again when it is saved. `hookview rules --example` explains what can be in it.
    /// The options below stand behind its rules: they answer what no rule in it does.
    #[arg(long, value_name = "FILE", value_parser = parse_rules)]
    pub rules: Option<RulesChoice>,
    /// Answer with this status [default: 200]
    ///
    /// A path can ask for a status, too: /status/503 is answered 503, unless a rule or option says otherwise.
    #[arg(long, value_name = "CODE", value_parser = parse_status)]
    pub status: Option<u16>,
    /// Add a header line to the answer
    ///
    /// Can be given more than once.
    #[arg(long, value_name = "NAME: VALUE", value_parser = parse_header, hide_short_help = true)]
    pub header: Vec<(String, String)>,
    /// Answer with this body
    #[arg(long, value_name = "TEXT", value_parser = body, hide_short_help = true)]
    pub body: Option<Bytes>,
    /// Wait before answering: 2s, or 1s-3s
    ///
    /// Of a range, another time is drawn for each request.
    #[arg(long, value_name = "TIME", value_parser = parse_delay)]
    pub delay: Option<Delay>,
    /// Answer 503 to the first N
    ///
    /// To see whether and when the sender tries again.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub fail_first: Option<u64>,
    /// Send everything on to this URL
    ///
    /// The path of each request is joined to that of the URL, and the target's answer is passed through: 502 or 504 when it
    /// gives none. What comes is kept in any case.
    #[arg(long, value_name = "URL")]
    pub forward: Option<Url>,
    /// Answer 401 unless the client knows this
    ///
    /// A user name and password for HTTP Basic, or `bearer TOKEN`. The process list shows it to everybody on this machine:
    /// it is for trying things out.
    #[arg(long, value_name = "USER:PASSWORD", value_parser = parse_login, hide_short_help = true)]
    pub auth: Option<Login>,
    /// Let web pages of any origin send (CORS)
    #[arg(long, hide_short_help = true)]
    pub cors: bool,
}

/// `hookview rules`
#[derive(Clone, Debug, Args)]
pub struct RulesArgs {
    /// The file [default: the one that would be used]
    pub file: Option<PathBuf>,
    /// Say what each rule makes of this capture
    ///
    /// As if it came now: whether each matches, what it would answer, and why not. Hits that a running hookview has counted
    /// are not known here.
    #[arg(long, value_name = "ID", value_parser = super::captures::capture_id)]
    pub capture: Option<CaptureId>,
    /// Print a file that explains all that rules can say
    #[arg(long, conflicts_with_all = ["file", "capture"])]
    pub example: bool,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

impl From<&RulesArgs> for Overrides {
    fn from(args: &RulesArgs) -> Self {
        Self::from(&args.store)
    }
}

impl AnsweringArgs {
    /// The one-line forms.
    pub fn everyday(&self) -> Everyday {
        let args = self.clone();
        Everyday {
            status: args.status,
            headers: args.header,
            body: args.body,
            delay: args.delay,
            fail_first: args.fail_first,
            forward: args.forward,
            auth: args.auth,
            cors: args.cors,
        }
    }
}

/// Any text is a body, also an empty one.
fn body(text: &str) -> Result<Bytes, std::convert::Infallible> {
    Ok(Bytes::copy_from_slice(text.as_bytes()))
}
