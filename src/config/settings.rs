//! The settings that the program runs with: validated, and every question that the surroundings answer answered.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::bindings::Bindings;
use super::choices::{Cursor, Durability, Layout, Output, TimeFormat};
use super::expect::{Enforce, Expect};
use super::listen::{Certificates, Listen};
use super::secrets::SecretSource;
use crate::capture::Lint;
use crate::rules::Everyday;

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where to listen, at least one place.
    pub listen: Vec<Listen>,
    /// The certificates of what speaks TLS.
    pub certificates: Certificates,
    /// What a request may take.
    pub limits: Limits,
    /// Where captures are kept, and how many.
    pub keeping: Keeping,
    /// Where the rules are that say what is answered.
    pub rules: RulesFile,
    /// The rule that stands behind those of the file.
    pub everyday: Everyday,
    /// Whether handshakes are answered.
    pub handshakes: bool,
    /// What is checked, how strictly, and with which schemes.
    pub checking: Checking,
    /// Where the secrets come from, most important first; see [`super::read_secrets`].
    pub secrets: Vec<SecretSource>,
    /// What is not to be found in what comes.
    pub lint_off: BTreeSet<Lint>,
    /// How captures are put out.
    pub output: Output,
    /// Whether text output has the header lines.
    pub headers: bool,
    /// Where the log goes.
    pub log: Option<PathBuf>,
    /// What TLS targets are trusted besides the system's.
    pub trust: Trust,
    /// How the screen is.
    pub screen: Screen,
    /// Which key does what.
    pub bindings: Bindings,
    /// The user's configuration file, whether or not it exists; `None` when there is no home for it.
    pub file: Option<PathBuf>,
}

/// What is checked, how strictly, and with which schemes; with which secrets is in [`Settings::secrets`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checking {
    /// The id of the scheme to check everything with that no expectation names one for; `None` to find it from the
    /// headers. Not known to exist.
    pub scheme: Option<String>,
    /// The file with the user's own schemes.
    pub schemes: Option<SchemeFile>,
    /// The URL under which senders reach the receiver.
    pub public_url: Option<String>,
    /// Whether what does not hold is refused.
    pub enforce: Enforce,
    /// What is expected on some paths; the first that fits counts.
    pub expect: Vec<Expect>,
}

/// The file with the user's own schemes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeFile {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was named, so that it must be there.
    pub named: bool,
}

/// Where the rules are that say what is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RulesFile {
    /// There are none.
    #[default]
    None,
    /// In this file, which must be there.
    Named(PathBuf),
    /// In the first of these files that is there.
    Auto {
        /// Of the current directory: it may be somebody else's, so it may do no more than answer.
        here: PathBuf,
        /// Beside the configuration file.
        beside: Option<PathBuf>,
    },
}

/// What a request may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Body bytes that are kept.
    pub max_body: u64,
    /// For the whole head.
    pub head_timeout: Duration,
    /// Between two pieces of a body.
    pub body_idle: Duration,
    /// For the whole TLS handshake.
    pub handshake_timeout: Duration,
}

/// Where captures are kept, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// Where; `None` is in memory.
    pub store: Option<PathBuf>,
    /// The session.
    pub session: String,
    /// Captures a session; 0 for no limit.
    pub captures: u64,
    /// Bytes a session; 0 for no limit.
    pub bytes: u64,
    /// What a commit outlives.
    pub durability: Durability,
}

/// What TLS targets are trusted besides the system's, and what is shown to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Certificates in PEM.
    pub ca_file: Option<PathBuf>,
    /// The file of the certificate that is shown to those that ask for one, and that of its key.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Everything, unchecked.
    pub insecure: bool,
}

/// How the screen is.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Where list and detail are.
    pub layout: Layout,
    /// Whether to draw with ASCII characters alone.
    pub ascii: bool,
    /// Whether the locale can show more than ASCII; where it cannot, foreign text is escaped too.
    pub utf8: bool,
    /// Whether to use colours.
    pub color: bool,
    /// The hardware cursor.
    pub cursor: Cursor,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// What the list shows of the time.
    pub time: TimeFormat,
    /// Whether times are UTC.
    pub utc: bool,
    /// Whether errors ring.
    pub bell: bool,
    /// Names of headers whose value is not shown until asked for, in lower case.
    pub masked_headers: Vec<String>,
    /// Paths within JSON bodies at which comparisons leave changes out, as `data.updated`.
    pub diff_hidden: Vec<String>,
    /// The editor, a command line.
    pub editor: String,
    /// The pager, a command line.
    pub pager: String,
    /// A copy of more bytes goes to a file.
    pub clipboard_limit: u64,
}
