//! What can be wrong with a rules file, as the sentence that the user reads.

use std::path::PathBuf;

use crate::config::{ConfigError, Place};

/// Why a rules file is refused: `hookview.toml:12: ...`. The rules before it go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {reason}", path.display())]
pub struct RulesError {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there, and what to do about it. May quote the file.
    pub reason: String,
}

impl RulesError {
    pub(super) fn at(place: Place, reason: impl Into<String>) -> Self {
        Self { path: place.path, line: place.line, reason: reason.into() }
    }
}

impl From<ConfigError> for RulesError {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Syntax { place, message } => Self::at(place, format!("not valid TOML: {message}")),
            ConfigError::Unknown { place, what, name, hint } => {
                Self::at(place, format!("unknown {what} `{name}`{hint}"))
            }
            ConfigError::Value { place, name, problem } => Self::at(place, format!("`{name}` {problem}")),
            other => Self { path: PathBuf::new(), line: 1, reason: other.to_string() },
        }
    }
}
