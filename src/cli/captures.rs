//! The subcommands that look at captures, and those that send.

use std::time::Duration;

use clap::{Arg, Args, ValueEnum};

use super::{SecretArgs, StoreArgs, TrustArgs};
use crate::capture::{CaptureId, Signing};
use crate::config::{Overrides, parse_duration};

/// `hookview list`
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// Words that a capture must have in its method, path, title, headers or body
    pub filter: Vec<String>,
    /// One JSON object a line, as with --output json
    #[arg(long)]
    pub json: bool,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `hookview show`
#[derive(Clone, Debug, Args)]
pub struct ShowArgs {
    /// Number of the capture
    #[arg(value_parser = capture_id)]
    pub id: CaptureId,
    /// In which form
    #[arg(long = "as", value_name = "FORM", default_value = "text")]
    pub form: Form,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// The forms in which a capture can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people, as with --output text
    Text,
    /// As with --output json
    Json,
    /// A command that sends the same bytes once more
    Curl,
    /// The exact bytes of the request
    Raw,
    /// The exact bytes of its body
    Body,
    /// The exact bytes of its header lines
    Headers,
}

/// `hookview resend`
#[derive(Clone, Debug, Args)]
#[command(mut_arg("client_cert", as_curl_does("cert")), mut_arg("client_key", as_curl_does("key")))]
pub struct ResendArgs {
    /// Numbers of the captures, sent in this order
    #[arg(required = true, value_name = "ID", value_parser = capture_id)]
    pub ids: Vec<CaptureId>,
    /// URL to send to [default: as it came]
    ///
    /// Unless given it is the address and path that the capture was sent to.
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// Secret to sign with, captured, or none
    ///
    /// The name of a secret; or `captured`, which sends the signature that came; or `none`, which leaves it out.
    /// Unless given it is the secret that fits, else captured.
    #[arg(long, value_name = "NAME", value_parser = signing)]
    pub sign: Option<Signing>,
    /// Scheme to sign for [default: the capture's]
    ///
    /// For captures that came without a signature, or to sign them as another sender would.
    #[arg(long, value_name = "ID")]
    pub scheme: Option<String>,
    /// How many times each is sent
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    pub times: u32,
    /// Time between two of them
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = parse_duration)]
    pub pause: Duration,
    /// Time that each may take
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time_limit)]
    pub time_limit: Duration,
    /// What to sign with.
    #[command(flatten)]
    pub secrets: SecretArgs,
    /// How targets are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `hookview sample`
#[derive(Clone, Debug, Args)]
#[command(mut_arg("client_cert", as_curl_does("cert")), mut_arg("client_key", as_curl_does("key")))]
pub struct SampleArgs {
    /// Which one; without it they are listed
    pub name: Option<String>,
    /// List them
    #[arg(long, conflicts_with_all = ["name", "to"])]
    pub list: bool,
    /// URL to send to [default: this machine]
    ///
    /// Unless given it is the hookview on this machine.
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// What to sign with.
    #[command(flatten)]
    pub secrets: SecretArgs,
    /// How targets are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Another name for an option, where no listener has one of that name.
fn as_curl_does(name: &'static str) -> impl Fn(Arg) -> Arg {
    move |option| option.visible_alias(name)
}

/// `17` or `#17`.
pub(super) fn capture_id(text: &str) -> Result<CaptureId, &'static str> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    digits.parse().map(CaptureId).map_err(|_| "a capture has a number, as in the list: 17")
}

fn signing(text: &str) -> Result<Signing, &'static str> {
    match text {
        "" => Err("it is empty: name a secret, or say captured or none"),
        "captured" => Ok(Signing::Captured),
        "none" => Ok(Signing::None),
        name => Ok(Signing::With(name.to_owned())),
    }
}

fn time_limit(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text).map_err(|error| error.to_string())?;
    if time.is_zero() { Err("nothing answers in no time".to_owned()) } else { Ok(time) }
}

impl From<&ListArgs> for Overrides {
    fn from(args: &ListArgs) -> Self {
        Self::from(&args.store)
    }
}

impl From<&ShowArgs> for Overrides {
    fn from(args: &ShowArgs) -> Self {
        Self::from(&args.store)
    }
}

impl From<&ResendArgs> for Overrides {
    fn from(args: &ResendArgs) -> Self {
        let scheme = args.scheme.clone();
        Overrides { scheme, ..sending(&args.secrets, &args.trust, &args.store) }
    }
}

impl From<&SampleArgs> for Overrides {
    fn from(args: &SampleArgs) -> Self {
        sending(&args.secrets, &args.trust, &args.store)
    }
}

fn sending(secrets: &SecretArgs, trust: &TrustArgs, store: &StoreArgs) -> Overrides {
    Overrides {
        secrets: secrets.all(),
        ca_file: trust.ca_file.clone(),
        client_cert: trust.client_cert.clone(),
        client_key: trust.client_key.clone(),
        insecure: trust.insecure,
        ..Overrides::from(store)
    }
}
