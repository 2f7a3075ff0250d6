//! What can go wrong with a store, as the sentence that the user reads.

use std::path::PathBuf;

/// Why a store cannot be opened, read or written. `Display` is a sentence without a final stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No space is left.
    #[error("no space is left for the store {}: make room on its disk, or lower --keep-bytes", .0.display())]
    Full(PathBuf),
    /// The file, its directory or its file system cannot be written to.
    #[error(
        "the store {} is read-only: make it and its directory writable, or name another with --store PATH",
        .0.display()
    )]
    ReadOnly(PathBuf),
    /// Another program holds the lock for longer than [`super::Options::busy_timeout`].
    #[error("the store {} is locked by another program: close that, or name another with --store PATH", .0.display())]
    Locked(PathBuf),
    /// The file is something else.
    #[error("{} is not a hookview store: name another file with --store PATH", .0.display())]
    NotAStore(PathBuf),
    /// A newer hookview wrote it.
    #[error(
        "the store {} was written by a newer version (schema {found}, this program knows {known}): \
         update hookview, or name another file with --store PATH",
        path.display()
    )]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// The schema version of the file.
        found: i64,
        /// The newest schema version that this program knows.
        known: i64,
    },
    /// There is no store yet, and this use does not make one.
    #[error("there is no store at {}: capture something first, or name the right file with --store PATH", .0.display())]
    Missing(PathBuf),
    /// The directory of the store cannot be made.
    #[error(
        "cannot create the directory {} for the store ({reason}): name another file with --store PATH",
        path.display()
    )]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file cannot be opened or made.
    #[error("cannot open the store {} ({reason}): name another file with --store PATH", path.display())]
    Open {
        /// The store's file.
        path: PathBuf,
        /// What the system or SQLite says.
        reason: String,
    },
    /// Its content contradicts itself.
    #[error("the store {} is damaged ({reason}): move it away, or name another file with --store PATH", path.display())]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What contradicts what.
        reason: String,
    },
    /// Reading or writing failed in another way.
    #[error(
        "the store {} cannot be read or written ({reason}): check its disk, or name another file with --store PATH",
        path.display()
    )]
    Failed {
        /// The store's file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// It was closed before.
    #[error("the store is closed")]
    Closed,
}
