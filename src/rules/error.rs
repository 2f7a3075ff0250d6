//! What can be wrong with a rules file, as the sentence that the user reads.

use std::path::PathBuf;

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
