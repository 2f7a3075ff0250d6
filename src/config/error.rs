//! What can be wrong with the configuration, as the sentences that the user reads.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A line of a configuration file: `config.toml:12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// What is wrong with the configuration. Each sentence is whole: none has a source that would be told once more.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {why}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// The file cannot be made.
    #[error("cannot make the configuration {}: {why}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// It is not TOML.
    #[error("{place}: not valid TOML: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// Why, in the words of the parser.
        message: String,
    },
    /// A name that does not exist.
    #[error("{place}: unknown {what} `{name}`{hint}")]
    Unknown {
        /// Where.
        place: Place,
        /// What sort of name: `setting`.
        what: &'static str,
        /// The name.
        name: String,
        /// What may have been meant: `, did you mean ..?`
        hint: String,
    },
    /// A value that does not fit.
    #[error("{place}: `{name}` {problem}")]
    Value {
        /// Where.
        place: Place,
        /// The setting.
        name: String,
        /// What it must be, and what it is.
        problem: String,
    },
    /// A key that would do two things.
    #[error("{place}: the key `{key}` is bound to `{first}` and to `{second}`: bind one of them to another key")]
    BoundTwice {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// An action.
        first: String,
        /// The other one.
        second: String,
    },
    /// A setting is missing from the defaults.
    #[error("the built-in configuration has no `{0}`: please report this")]
    NoDefault(String),
    /// Two secrets of one name on the command line.
    #[error("two secrets are called `{0}`: give each its own name, as in --secret {0}-2=...")]
    SameSecret(String),
    /// A secret on the command line is called what means something else.
    #[error("a secret cannot be called `{0}`, which says something else in --sign: give it another name")]
    TakenName(String),
    /// Two listeners on the command line cannot be together.
    #[error("--listen {0}")]
    Listen(&'static str),
    /// A key without its certificate.
    #[error("there is a private key and no certificate: name that too, with --{}", .0.replace('_', "-"))]
    KeyAlone(&'static str),
    /// Nowhere to keep captures.
    #[error("cannot tell where your files are kept: set HOME, or say --store PATH or --store memory")]
    NoHome,
    /// A screen was asked for and there is none.
    #[error("--output tui needs a terminal: leave it out, or say --output text, line or json")]
    NoTerminal,
}
