//! The subcommands about signatures, and how a request is written on the command line.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use bytes::Bytes;
use chrono::{DateTime, NaiveDateTime, Utc};
use clap::builder::{NonEmptyStringValueParser, OsStringValueParser, TypedValueParser};
use clap::{ArgGroup, Args};

use super::StoreArgs;
use super::captures::capture_id;
use crate::capture::{CaptureId, Header};
use crate::config::{Overrides, StoreChoice};

const VERIFY_USAGE: &str = "\
hookview verify [OPTIONS] <ID>
       hookview verify [OPTIONS] --header <LINE> [--body <FILE>]";

const VERIFY_EXAMPLES: &str = "\
Examples:
  hookview verify 17
  hookview verify --scheme github --secret-file github.secret --body event.json \\
    --header 'X-Hub-Signature-256: sha256=5257a8..'

Exit codes: 0 the signature holds, 1 it does not, 2 wrong usage.";

const SIGN_EXAMPLES: &str = "\
curl reads the lines with -H @-, and has to send the same body:
  hookview sign --scheme github --secret-file github.secret --body event.json |
    curl -H @- --data-binary @event.json http://localhost:9000/
  hookview sign --scheme linear --secret-file linear.secret --body event.json \\
    --write-body signed.json | curl -H @- --data-binary @signed.json http://localhost:9000/";

/// `hookview verify`
#[derive(Clone, Debug, Args)]
#[command(after_long_help = VERIFY_EXAMPLES, override_usage = VERIFY_USAGE)]
#[command(group = ArgGroup::new("subject").args(["id", "scheme", "body", "header", "url"]).required(true).multiple(true))]
pub struct VerifyArgs {
    /// Number of a capture, instead of a request on the command line
    #[arg(value_parser = capture_id, conflicts_with_all = ["body", "header", "method", "url", "at"])]
    pub id: Option<CaptureId>,
    /// Signature scheme, or auto, which finds it [default: auto]
    #[arg(long, value_name = "ID")]
    pub scheme: Option<String>,
    /// What to check with.
    #[command(flatten)]
    pub secrets: PlainSecretArgs,
    /// The request.
    #[command(flatten)]
    pub request: RequestArgs,
    /// When it arrived [default: now]
    ///
    /// Seconds since 1970, or a time like 2026-01-31T12:00:00Z. The age of a signature is judged by it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<DateTime<Utc>>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `hookview sign`
#[derive(Clone, Debug, Args)]
#[command(after_long_help = SIGN_EXAMPLES)]
pub struct SignArgs {
    /// Signature scheme
    #[arg(long, value_name = "ID")]
    pub scheme: String,
    /// What to sign with.
    #[command(flatten)]
    pub secrets: PlainSecretArgs,
    /// The request.
    #[command(flatten)]
    pub request: RequestArgs,
    /// When it is signed [default: now]
    ///
    /// Seconds since 1970, or a time like 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<DateTime<Utc>>,
    /// Write the body to send to this file
    ///
    /// Some schemes have their signature or its time in the body: what is signed is then another body than was given.
    #[arg(long, value_name = "FILE")]
    pub write_body: Option<PathBuf>,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `hookview schemes`
#[derive(Clone, Debug, Args)]
pub struct SchemesArgs {
    /// The one to explain; without it all are listed
    pub id: Option<String>,
    /// As JSON: an array, or one object
    #[arg(long)]
    pub json: bool,
    /// Where captures are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Secrets as they are: without names, so that one with `=` in it needs no care.
#[derive(Clone, Debug, Default, Args)]
pub struct PlainSecretArgs {
    /// Secret, as it is; visible to others
    ///
    /// Can be given more than once. The process list shows it to everybody on this machine, and the shell's history
    /// keeps it: prefer --secret-file. Without any, the configured secrets are used.
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true, value_parser = secret())]
    pub secret: Vec<Bytes>,
    /// File with a secret
    ///
    /// Can be given more than once. One line end at the end of the file is dropped.
    #[arg(long, value_name = "PATH")]
    pub secret_file: Vec<PathBuf>,
}

/// A request on the command line.
#[derive(Clone, Debug, Args)]
pub struct RequestArgs {
    /// File with the body, `-` for stdin [default: empty]
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// Header line, like 'Name: value'
    ///
    /// Can be given more than once.
    #[arg(long, value_name = "LINE", value_parser = header())]
    pub header: Vec<Header>,
    /// Method
    #[arg(long, value_name = "METHOD", default_value = "POST", value_parser = NonEmptyStringValueParser::new())]
    pub method: String,
    /// URL as the sender knows it
    ///
    /// Some senders sign it. It also gives path, query and Host, unless there is a --header 'Host: ..'. A path alone
    /// will do where no URL is signed.
    #[arg(long, value_name = "URL", value_parser = url)]
    pub url: Option<String>,
}

fn secret() -> impl TypedValueParser<Value = Bytes> {
    OsStringValueParser::new().try_map(|text| match text.into_vec() {
        bytes if bytes.is_empty() => Err("it is empty: is a variable not set?"),
        bytes => Ok(Bytes::from(bytes)),
    })
}

/// What stands before the first colon, and what stands behind it, without the blanks around it.
fn header() -> impl TypedValueParser<Value = Header> {
    OsStringValueParser::new().try_map(|line: OsString| {
        let line = Bytes::from(line.into_vec());
        let colon = line.iter().position(|&byte| byte == b':').filter(|&colon| colon > 0);
        let colon = colon.ok_or("a header line is a name, a colon and a value, like 'X-Signature: 5257a8'")?;
        let value = &line[colon + 1..];
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let start = value.iter().position(|byte| !is_blank(byte)).unwrap_or(value.len());
        let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
        Ok::<_, &str>(Header { name: line.slice(..colon), value: line.slice_ref(&value[start..end]) })
    })
}

/// A URL byte for byte, since it may be signed; without its fragment, which is never sent.
fn url(text: &str) -> Result<String, &'static str> {
    let text = text.split('#').next().unwrap_or_default();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    match (text.starts_with('/'), rest.len() < text.len()) {
        (true, _) => Ok(text.to_owned()),
        (_, true) if !rest.is_empty() && !rest.starts_with(['/', '?', ':']) => Ok(text.to_owned()),
        _ => Err("a URL begins with http:// or https:// and a host; a path begins with /"),
    }
}

/// Seconds since 1970, also with a fraction, or RFC 3339.
fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let seconds = NaiveDateTime::parse_from_str(text, "%s%.f").map(|time| time.and_utc());
    let rfc3339 = || DateTime::parse_from_rfc3339(text).map(Into::into);
    seconds.or_else(|_| rfc3339()).map_err(|_| "a time is a number of seconds since 1970, or like 2026-01-31T12:00:00Z")
}

/// What these say about the settings. Without a capture there is no store to look for.
fn overrides(store: &StoreArgs, scheme: Option<&String>, needs_store: bool) -> Overrides {
    let overrides = Overrides::from(store);
    let nowhere = (!needs_store).then_some(StoreChoice::Memory);
    Overrides { scheme: scheme.cloned(), store: nowhere.or(overrides.store), ..overrides }
}

impl From<&VerifyArgs> for Overrides {
    fn from(args: &VerifyArgs) -> Self {
        overrides(&args.store, args.scheme.as_ref(), args.id.is_some())
    }
}

impl From<&SignArgs> for Overrides {
    fn from(args: &SignArgs) -> Self {
        overrides(&args.store, Some(&args.scheme), false)
    }
}

impl From<&SchemesArgs> for Overrides {
    fn from(args: &SchemesArgs) -> Self {
        overrides(&args.store, None, false)
    }
}
