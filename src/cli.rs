//! Command line types, and what they say about the settings.
#![expect(clippy::doc_markdown, reason = "the comments on arguments are their help, shown as they are written")]

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use crate::config::{
    Choice, Output, Overrides, SecretArgument, StoreChoice, When, parse_max_body, parse_session, parse_size,
    parse_store,
};

mod answering;
mod captures;
mod checking;
mod comparing;
mod develop;
mod linting;
mod listening;
mod order;
mod signatures;

use order::Order;

pub use answering::{AnsweringArgs, RulesArgs};
pub use captures::{Form, ListArgs, ResendArgs, SampleArgs, ShowArgs};
pub use checking::CheckingArgs;
pub use comparing::{DiffArgs, Part};
pub use develop::{ConditionArgs, ContextArgs, Dialect, RenderArgs};
pub use linting::{LintArgs, LintingArgs};
pub use listening::ListeningArgs;
pub use signatures::{PlainSecretArgs, RequestArgs, SchemesArgs, SignArgs, VerifyArgs};

const EXAMPLES: &str = "\
Examples:
  hookview                                   listen on http://localhost:9000
  hookview --secret-file netbox.secret       check signatures
  hookview --bind 0.0.0.0                    let containers and other hosts in
  hookview --tls                             HTTPS, with a certificate made for this machine
  hookview --output json | jq .signature     without a screen
  hookview list '/hooks/pm'                  what came so far
  hookview show 17 --as curl                 a command that sends #17 once more
  hookview resend 17 --to http://localhost:8080/hook --times 3
  hookview sample peering-manager-create --to http://localhost:9000/hooks/pm
  hookview verify 17                         whether its signature holds, and why not
  hookview schemes stripe                    how Stripe signs, with an example
  hookview --fail-first 2                    answer 503 twice: does the sender try again?
  hookview --forward http://localhost:8080   pass everything on, and its answer back
  hookview lint --all                        broken JSON, failed templates, passwords in clear
  hookview rules hookview.toml --capture 17  what these rules would answer to #17, and why
  hookview render slack.j2 --all             what this template makes of each capture
  hookview diff 14 17                        what differs between #14 and #17

Secrets also come from [secrets] in the configuration file, or from the environment variable HOOKVIEW_SECRET.

Exit codes: 0 fine, 1 failed, 2 wrong usage, 128 and the number of the signal that ended it.";

/// Capture webhooks: see them, check their signatures, copy them, send them again
#[derive(Clone, Debug, Parser)]
#[command(name = "hookview", version, after_long_help = EXAMPLES, max_term_width = 100)]
#[command(disable_help_subcommand = true, override_usage = "hookview [OPTIONS]\n       hookview <COMMAND>")]
pub struct Cli {
    /// Where options may stand.
    #[command(flatten)]
    order: Order,
    /// What to do instead of receiving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to receive.
    #[command(flatten)]
    pub receive: ReceiveArgs,
}

/// What to do instead of receiving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Receive, one line a capture: for screen readers and logs
    Tail(Box<ReceiveArgs>),
    /// List captures
    List(ListArgs),
    /// Print a capture
    Show(ShowArgs),
    /// Send captures again
    Resend(ResendArgs),
    /// Send an example of what a known sender sends, signed
    Sample(SampleArgs),
    /// Say whether a signature holds, and why not
    Verify(Box<VerifyArgs>),
    /// Print the header lines that sign a request
    Sign(Box<SignArgs>),
    /// List the signature schemes, or explain one
    Schemes(SchemesArgs),
    /// Check a rules file, and say what it makes of a capture
    Rules(RulesArgs),
    /// Say whether a webhook's conditions would let it fire, and why not
    Condition(ConditionArgs),
    /// Say what is wrong with what captures say
    Lint(LintArgs),
    /// Say what a webhook's template makes of a capture
    Render(RenderArgs),
    /// Say what differs between two captures, by meaning
    Diff(DiffArgs),
}

/// How to receive.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Clone, Debug, Args)]
pub struct ReceiveArgs {
    /// Where to listen.
    #[command(flatten)]
    pub listening: ListeningArgs,
    /// Keep this much of a body [default: 10MiB]
    ///
    /// The sender of a longer one is answered 413.
    #[arg(long, value_name = "SIZE", value_parser = parse_max_body, hide_short_help = true)]
    pub max_body: Option<u64>,
    /// What is answered.
    #[command(flatten)]
    pub answering: AnsweringArgs,
    /// What to check signatures with.
    #[command(flatten)]
    pub secrets: SecretArgs,
    /// Signature scheme, instead of finding it
    #[arg(long, value_name = "ID")]
    pub scheme: Option<String>,
    /// Answer no handshakes
    ///
    /// Unless given, what senders ask for before they send is answered as they want it, when that is safe.
    #[arg(long, hide_short_help = true)]
    pub no_handshakes: bool,
    /// How strictly signatures are checked.
    #[command(flatten)]
    pub checking: CheckingArgs,
    /// What is not looked for.
    #[command(flatten)]
    pub linting: LintingArgs,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Keep this many captures [default: 10000]
    ///
    /// The oldest that are not pinned go first; 0 is no limit.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub keep: Option<u64>,
    /// Keep this much of captures [default: 1GiB]
    ///
    /// The oldest that are not pinned go first; 0 is no limit.
    #[arg(long, value_name = "SIZE", value_parser = parse_size, hide_short_help = true)]
    pub keep_bytes: Option<u64>,
    /// Show captures as tui, text, line or json
    ///
    /// Unless given it is tui on a terminal, else text. tui is the full screen, text everything of a capture, line one
    /// line a capture, json one object a line.
    #[arg(short, long, value_name = "HOW", hide_possible_values = true, value_parser = choice::<Output>())]
    pub output: Option<Output>,
    /// Leave the header lines out of text
    #[arg(long, hide_short_help = true)]
    pub no_headers: bool,
    /// Show times in UTC
    #[arg(long, hide_short_help = true)]
    pub utc: bool,
    /// Draw with ASCII characters alone
    #[arg(long, hide_short_help = true)]
    pub ascii: bool,
    /// Colours: auto, always or never
    ///
    /// Unless given it is auto: none when NO_COLOR is set or the terminal has none.
    #[arg(long, value_name = "WHEN", hide_possible_values = true, value_parser = choice::<When>(), hide_short_help = true)]
    pub color: Option<When>,
    /// Write a log to this file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub log: Option<PathBuf>,
    /// How targets of resends are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// What to check signatures with, and to sign with.
#[derive(Clone, Debug, Default, Args)]
pub struct SecretArgs {
    /// Secret; visible to others: prefer a file
    ///
    /// Can be given more than once. The process list shows it to everybody on this machine, and the shell's history
    /// keeps it: prefer --secret-file, HOOKVIEW_SECRET or `[secrets]` in the configuration file.
    ///
    /// NAME (letters, digits, `.`, `_`, `-`) is all that is ever shown of it; `secret`, `secret-2` .. unless given.
    /// `a=b` is the secret `b` named `a`: for the secret `a=b` itself write `x=a=b`.
    #[arg(long, value_name = "[NAME=]SECRET", value_parser = SecretArgument::value)]
    pub secret: Vec<SecretArgument>,
    /// File with a secret
    ///
    /// Can be given more than once. One line end at the end of the file is dropped. NAME is as with --secret.
    #[arg(long, value_name = "[NAME=]PATH", value_parser = SecretArgument::file)]
    pub secret_file: Vec<SecretArgument>,
    /// Command for sh that writes a secret
    ///
    /// Can be given more than once. It has 10 seconds, and nothing to read. One line end at the end of its output is
    /// dropped. NAME is as with --secret.
    #[arg(long, value_name = "[NAME=]CMD", hide_short_help = true, value_parser = SecretArgument::command)]
    pub secret_command: Vec<SecretArgument>,
}

/// Where captures are kept; these may stand before a subcommand, too.
#[derive(Clone, Debug, Default, Args)]
pub struct StoreArgs {
    /// File that keeps captures, or `memory`
    ///
    /// Unless given it is $XDG_STATE_HOME/hookview/store.db (~/.local/state/hookview/store.db).
    #[arg(long, global = true, value_name = "PATH", value_parser = parse_store)]
    pub store: Option<StoreChoice>,
    /// Collection of captures [default: default]
    ///
    /// It is there again at the next start.
    #[arg(long, global = true, value_name = "NAME", value_parser = parse_session)]
    pub session: Option<String>,
    /// Configuration file
    ///
    /// Unless given it is $XDG_CONFIG_HOME/hookview/config.toml (~/.config/hookview/config.toml).
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// File with schemes of your own
    ///
    /// Unless given it is schemes.toml beside the configuration file, when it is there.
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub schemes: Option<PathBuf>,
}

/// How targets are trusted.
#[derive(Clone, Debug, Default, Args)]
pub struct TrustArgs {
    /// Trust these certificates when sending
    ///
    /// A file in PEM, for https targets whose certificate the system does not know. --cacert is another name for this.
    #[arg(long, alias = "cacert", value_name = "PEM")]
    pub ca_file: Option<PathBuf>,
    /// Certificate to show when sending, in PEM
    ///
    /// For https targets that ask clients for one. Behind it those that issued it; --client-key may be left out when
    /// the private key is in the same file.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub client_cert: Option<PathBuf>,
    /// Private key of that certificate, in PEM
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub client_key: Option<PathBuf>,
    /// Trust every certificate when sending
    #[arg(long)]
    pub insecure: bool,
}

/// Reads one of a setting's words.
fn choice<T: Choice + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let words = PossibleValuesParser::new(T::words());
    words.try_map(|word| T::from_word(&word).ok_or("this word has no meaning"))
}

impl SecretArgs {
    /// All of them, values first.
    fn all(&self) -> Vec<SecretArgument> {
        self.secret.iter().chain(&self.secret_file).chain(&self.secret_command).cloned().collect()
    }
}

impl From<&StoreArgs> for Overrides {
    fn from(args: &StoreArgs) -> Self {
        let StoreArgs { store, session, config, schemes } = args.clone();
        Self { config, store, session, schemes, ..Self::default() }
    }
}

impl From<&ReceiveArgs> for Overrides {
    fn from(args: &ReceiveArgs) -> Self {
        let args = args.clone();
        Self {
            port: args.listening.port,
            bind: args.listening.bind,
            listen: args.listening.listen,
            tls: args.listening.tls,
            cert: args.listening.cert,
            key: args.listening.key,
            client_ca: args.listening.client_ca,
            everyday: args.answering.everyday(),
            rules: args.answering.rules,
            max_body: args.max_body,
            keep: args.keep,
            keep_bytes: args.keep_bytes,
            scheme: args.scheme,
            no_handshakes: args.no_handshakes,
            public_url: args.checking.public_url,
            enforce: args.checking.enforce,
            secrets: args.secrets.all(),
            lint_off: args.linting.lint_off,
            output: args.output,
            no_headers: args.no_headers,
            log: args.log,
            ca_file: args.trust.ca_file,
            client_cert: args.trust.client_cert,
            client_key: args.trust.client_key,
            insecure: args.trust.insecure,
            ascii: args.ascii,
            color: args.color,
            utc: args.utc,
            ..Self::from(&args.store)
        }
    }
}

impl Cli {
    /// What the command line says about the settings, whatever it asks to be done.
    pub fn overrides(&self) -> Overrides {
        match &self.command {
            None => Overrides::from(&self.receive),
            Some(Command::Tail(args)) => {
                let overrides = Overrides::from(&**args);
                Overrides { output: overrides.output.or(Some(Output::Line)), ..overrides }
            }
            Some(Command::List(args)) => args.into(),
            Some(Command::Show(args)) => args.into(),
            Some(Command::Resend(args)) => args.into(),
            Some(Command::Sample(args)) => args.into(),
            Some(Command::Verify(args)) => (&**args).into(),
            Some(Command::Sign(args)) => (&**args).into(),
            Some(Command::Schemes(args)) => args.into(),
            Some(Command::Rules(args)) => args.into(),
            Some(Command::Condition(args)) => args.into(),
            Some(Command::Lint(args)) => args.into(),
            Some(Command::Render(args)) => args.into(),
            Some(Command::Diff(args)) => args.into(),
        }
    }
}

#[cfg(test)]
mod tests;
