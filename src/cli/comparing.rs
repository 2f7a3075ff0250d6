//! `hookview diff`

use clap::Args;

use super::StoreArgs;
use super::captures::capture_id;
use crate::capture::CaptureId;
use crate::config::Overrides;
use crate::inspect::Snapshot;

/// A capture, or one of the snapshots in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The capture.
    pub id: CaptureId,
    /// Only this snapshot of it.
    pub snapshot: Option<Snapshot>,
}

/// `hookview diff`
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Clone, Debug, Args)]
pub struct DiffArgs {
    /// What was: 14, or 14:prechange
    #[arg(value_name = "A", value_parser = part)]
    pub before: Part,
    /// What is: 17, or 14:postchange
    #[arg(value_name = "B", value_parser = part)]
    pub after: Part,
    /// As one JSON object
    #[arg(long, conflicts_with_all = ["unified", "side"])]
    pub json: bool,
    /// Line by line, one body after the other
    #[arg(long, conflicts_with = "side")]
    pub unified: bool,
    /// Line by line, beside each other
    #[arg(long)]
    pub side: bool,
    /// Leave nothing out
    ///
    /// Unless given, changes at the paths of `diff_hidden` in the configuration are counted and not shown, and so are
    /// those in snapshots that repeat one of data.
    #[arg(long)]
    pub all: bool,
    /// Compare the bodies, not the headers
    #[arg(long)]
    pub body: bool,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `17`, `#17`, `17:prechange`, `17:postchange`.
fn part(text: &str) -> Result<Part, &'static str> {
    let (id, snapshot) = match text.split_once(':') {
        None => (text, None),
        Some((id, "prechange")) => (id, Some(Snapshot::Prechange)),
        Some((id, "postchange")) => (id, Some(Snapshot::Postchange)),
        Some(_) => return Err("behind the number comes :prechange or :postchange, or nothing"),
    };
    Ok(Part { id: capture_id(id)?, snapshot })
}

impl From<&DiffArgs> for Overrides {
    fn from(args: &DiffArgs) -> Self {
        Self::from(&args.store)
    }
}
