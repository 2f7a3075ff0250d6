//! The subcommands with which webhooks are developed: what they look at, and as which system.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::StoreArgs;
use super::captures::capture_id;
use crate::capture::CaptureId;
use crate::config::Overrides;
use crate::template;

/// What a template is rendered with, or a condition evaluated on.
#[derive(Clone, Debug, Default, Args)]
pub struct ContextArgs {
    /// The body of this capture [default: the newest that has JSON]
    #[arg(long, value_name = "ID", value_parser = capture_id)]
    pub capture: Option<CaptureId>,
    /// A file with JSON
    #[arg(long, value_name = "FILE", conflicts_with = "capture")]
    pub context: Option<PathBuf>,
    /// All captures that have JSON
    #[arg(long, conflicts_with_all = ["capture", "context"])]
    pub all: bool,
}

/// Whose rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// Peering Manager
    PeeringManager,
    /// NetBox; for conditions, NetBox 4.7
    Netbox,
    /// NetBox up to 4.6
    #[value(name = "netbox-4.6")]
    Netbox46,
    /// NetBox from 4.7 on
    #[value(name = "netbox-4.7")]
    Netbox47,
    /// Nautobot
    Nautobot,
    /// Jinja2 as it comes
    Plain,
}

/// `hookview condition`
#[derive(Clone, Debug, Args)]
pub struct ConditionArgs {
    /// File with the conditions, in JSON; - for stdin
    pub file: PathBuf,
    /// What they are evaluated on.
    #[command(flatten)]
    pub context: ContextArgs,
    /// The system that evaluates them [default: the capture's sender]
    #[arg(long, value_name = "SYSTEM")]
    pub dialect: Option<Dialect>,
    /// One JSON object a line: result, error, tree
    #[arg(long)]
    pub json: bool,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

impl From<&ConditionArgs> for Overrides {
    fn from(args: &ConditionArgs) -> Self {
        Self::from(&args.store)
    }
}

/// `hookview render`
#[derive(Clone, Debug, Args)]
pub struct RenderArgs {
    /// Template of a body, or a webhook (.toml); - for stdin
    ///
    /// A webhook is a file with `url`, `body` or `body_file`, and as wanted `headers`, all of them templates, `system`,
    /// `method`, `content_type`, `secret` (its name) and `shape`.
    pub template: PathBuf,
    /// File with the template of the URL
    ///
    /// With it, TEMPLATE is the body of a whole webhook, as if a definition said so.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub url_template: Option<PathBuf>,
    /// File with the template of additional header lines
    #[arg(long, value_name = "FILE", requires = "url_template", hide_short_help = true)]
    pub headers_template: Option<PathBuf>,
    /// What it is rendered with.
    #[command(flatten)]
    pub context: ContextArgs,
    /// The system that renders it [default: the capture's sender]
    #[arg(long, value_name = "SYSTEM")]
    pub dialect: Option<Dialect>,
    /// Content type of the body; JSON is checked
    ///
    /// Unless given, what begins as JSON is checked.
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// What the target takes: slack, teams, ..
    ///
    /// slack, teams, mattermost, github-dispatch, gitlab-trigger, pagerduty, awx-launch. Unless given, the URL tells.
    #[arg(long, value_name = "ID", hide_short_help = true)]
    pub shape: Option<String>,
    /// Render again whenever the file is saved
    #[arg(long, conflicts_with = "send")]
    pub watch: bool,
    /// One JSON object a line: output, error, warnings
    #[arg(long)]
    pub json: bool,
    /// Send what was rendered
    #[arg(long, conflicts_with_all = ["all", "json"])]
    pub send: bool,
    /// URL to send to [default: the webhook's]
    #[arg(long, value_name = "URL", requires = "send")]
    pub to: Option<String>,
    /// Name of the secret to sign with
    #[arg(long, value_name = "NAME", requires = "send")]
    pub sign: Option<String>,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

impl From<&RenderArgs> for Overrides {
    fn from(args: &RenderArgs) -> Self {
        Self::from(&args.store)
    }
}

impl From<Dialect> for template::Dialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::PeeringManager => Self::PeeringManager,
            Dialect::Netbox | Dialect::Netbox46 | Dialect::Netbox47 => Self::NetBox,
            Dialect::Nautobot => Self::Nautobot,
            Dialect::Plain => Self::Plain,
        }
    }
}
