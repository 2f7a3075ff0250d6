//! `hookview lint`, and the option that switches findings off.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::StoreArgs;
use super::captures::capture_id;
use crate::capture::{CaptureId, Lint};
use crate::config::Overrides;

/// What is not looked for.
#[derive(Clone, Debug, Default, Args)]
pub struct LintingArgs {
    /// Find nothing of this sort
    ///
    /// Can be given more than once, or with commas between. hookview lint --codes lists the codes.
    #[arg(long, value_name = "CODE", value_delimiter = ',', hide_possible_values = true, hide_short_help = true)]
    #[arg(value_parser = code())]
    pub lint_off: Vec<Lint>,
}

/// `hookview lint`
#[derive(Clone, Debug, Args)]
pub struct LintArgs {
    /// Numbers of the captures
    #[arg(required_unless_present_any = ["all", "codes"], value_name = "ID", value_parser = capture_id)]
    pub ids: Vec<CaptureId>,
    /// All captures of the session
    #[arg(long, conflicts_with = "ids")]
    pub all: bool,
    /// List what can be found, and its codes
    #[arg(long, conflicts_with_all = ["ids", "all"])]
    pub codes: bool,
    /// One JSON object a line: id, lint
    #[arg(long)]
    pub json: bool,
    /// What is not looked for.
    #[command(flatten)]
    pub linting: LintingArgs,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

fn code() -> impl TypedValueParser<Value = Lint> {
    let codes = Lint::ALL.iter().map(|lint| PossibleValue::new(lint.code()));
    PossibleValuesParser::new(codes).try_map(|code| Lint::from_code(&code).ok_or("there is no such code"))
}

impl From<&LintArgs> for Overrides {
    fn from(args: &LintArgs) -> Self {
        Overrides { lint_off: args.linting.lint_off.clone(), ..Self::from(&args.store) }
    }
}
