//! What the command line can say about the settings, and how single values are written there and in the file.

use std::net::IpAddr;
use std::path::PathBuf;

use super::choices::{Output, When};
use super::expect::Enforce;
use super::listen::Listen;
use super::quantity::parse_size;
use super::secrets::SecretArgument;
use crate::capture::Lint;
use crate::rules::Everyday;

/// `SQLite` refuses a row of more than 1 GB, and a body must fit in twice, with and without its framing.
const MOST_BODY: u64 = 256 << 20;

/// Where a store is, as it is written: a path or a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreChoice {
    /// The default path.
    Auto,
    /// In memory.
    Memory,
    /// In this file.
    File(PathBuf),
}

/// Where the rules are, as it is written: a path or a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesChoice {
    /// Where they are by default.
    Auto,
    /// Nowhere.
    None,
    /// In this file.
    File(PathBuf),
}

/// What the command line says; everything else is as the file has it.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--port`
    pub port: Option<u16>,
    /// `--bind`, in place of all addresses when not empty.
    pub bind: Vec<IpAddr>,
    /// `--listen`, in place of all others when not empty.
    pub listen: Vec<Listen>,
    /// `--tls`
    pub tls: bool,
    /// `--cert`
    pub cert: Option<PathBuf>,
    /// `--key`
    pub key: Option<PathBuf>,
    /// `--client-ca`
    pub client_ca: Option<PathBuf>,
    /// `--rules`
    pub rules: Option<RulesChoice>,
    /// `--status` and the other one-line forms of rules
    pub everyday: Everyday,
    /// `--max-body`
    pub max_body: Option<u64>,
    /// `--store`
    pub store: Option<StoreChoice>,
    /// `--session`
    pub session: Option<String>,
    /// `--keep`
    pub keep: Option<u64>,
    /// `--keep-bytes`
    pub keep_bytes: Option<u64>,
    /// `--scheme`
    pub scheme: Option<String>,
    /// `--no-handshakes`
    pub no_handshakes: bool,
    /// `--schemes`
    pub schemes: Option<PathBuf>,
    /// `--public-url`
    pub public_url: Option<String>,
    /// `--enforce`
    pub enforce: Option<Enforce>,
    /// `--secret`, `--secret-file` and `--secret-command`
    pub secrets: Vec<SecretArgument>,
    /// `--lint-off`, besides what the file switches off.
    pub lint_off: Vec<Lint>,
    /// `--output`
    pub output: Option<Output>,
    /// `--no-headers`
    pub no_headers: bool,
    /// `--log`
    pub log: Option<PathBuf>,
    /// `--ca-file`
    pub ca_file: Option<PathBuf>,
    /// `--client-cert`
    pub client_cert: Option<PathBuf>,
    /// `--client-key`
    pub client_key: Option<PathBuf>,
    /// `--insecure`
    pub insecure: bool,
    /// `--ascii`
    pub ascii: bool,
    /// `--color`
    pub color: Option<When>,
    /// `--utc`
    pub utc: bool,
}

/// Reads `auto`, `memory` or a path.
pub fn parse_store(text: &str) -> Result<StoreChoice, &'static str> {
    match text {
        "" => Err("it is empty: say auto, memory or the path of a file"),
        "auto" => Ok(StoreChoice::Auto),
        "memory" => Ok(StoreChoice::Memory),
        path => Ok(StoreChoice::File(path.into())),
    }
}

/// Reads `auto`, `none` or a path.
pub fn parse_rules(text: &str) -> Result<RulesChoice, &'static str> {
    match text {
        "" => Err("it is empty: say auto, none or the path of a file"),
        "auto" => Ok(RulesChoice::Auto),
        "none" => Ok(RulesChoice::None),
        path => Ok(RulesChoice::File(path.into())),
    }
}

/// Reads the name of a session.
pub fn parse_session(text: &str) -> Result<String, &'static str> {
    let fits = !text.trim().is_empty() && text.len() <= 64 && !text.contains(char::is_control);
    fits.then(|| text.to_owned()).ok_or("a session's name is 1 to 64 bytes of printable text")
}

/// Reads the number of body bytes to keep.
pub fn parse_max_body(text: &str) -> Result<u64, String> {
    check_max_body(parse_size(text).map_err(|error| error.to_string())?)
}

/// The number itself when a body may be as long.
pub(super) fn check_max_body(bytes: u64) -> Result<u64, String> {
    if bytes > MOST_BODY { Err("the most is 256MiB".to_owned()) } else { Ok(bytes) }
}

/// Reads the URL under which senders reach this receiver.
pub fn parse_public_url(text: &str) -> Result<String, &'static str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.ok_or("a public URL begins with https:// or http://")?;
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.is_empty() || authority.starts_with(':') {
        return Err("it names no host");
    }
    if authority.contains('@') {
        return Err("a public URL has no user and password");
    }
    if rest.contains(['?', '#']) {
        return Err("leave query and fragment out: those of each request are used");
    }
    if rest.contains(|char: char| char.is_control() || char.is_whitespace()) {
        return Err("a URL has no blanks in it");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin_with_or_without_a_path() {
        for url in ["https://a.example", "http://localhost:9000/", "https://[2001:db8::1]:8443/hooks"] {
            assert_eq!(parse_public_url(url).as_deref(), Ok(url));
        }
        for (url, reason) in [
            ("", "begins with"),
            ("a.example", "begins with"),
            ("ftp://a.example", "begins with"),
            ("https://", "no host"),
            ("https:///path", "no host"),
            ("https://:443/", "no host"),
            ("https://me:pw@a.example", "no user and password"),
            ("https://a.example/?q", "query"),
            ("https://a.example#f", "query"),
            ("https://a example", "blanks"),
        ] {
            assert!(parse_public_url(url).unwrap_err().contains(reason), "{url}");
        }
    }
}
