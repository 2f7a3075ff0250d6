//! Where a store is: its file or its memory, connections to it, and errors that name it.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::{Durability, Location, Options, StoreError};

/// After a burst, the write-ahead log is cut back to this many bytes.
const LOG_LIMIT: i64 = 64 << 20;

/// How a file is opened that nobody changes.
const FROZEN: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX).union(OpenFlags::SQLITE_OPEN_URI);

/// Where a store is, and how connections to it are set up.
#[derive(Debug)]
pub struct Place {
    medium: Medium,
    durability: Durability,
    busy_timeout: Duration,
}

#[derive(Debug)]
enum Medium {
    File(PathBuf),
    /// This file, which nobody changes: SQLite needs no files beside it then.
    Frozen(PathBuf),
    /// SQLite's in-memory file of this name. It knows no write-ahead log, and refuses readers while a transaction
    /// writes: they wait at the gate instead.
    Memory {
        uri: String,
        gate: RwLock<()>,
    },
}

impl Place {
    pub fn new(location: &Location, options: &Options) -> Self {
        static MEMORIES: AtomicU64 = AtomicU64::new(0);
        let medium = match location {
            Location::File(path) => Medium::File(path.clone()),
            Location::Memory => {
                let number = MEMORIES.fetch_add(1, Ordering::Relaxed);
                Medium::Memory { uri: format!("file:/hookview-{number}?vfs=memdb"), gate: RwLock::new(()) }
            }
        };
        Self { medium, durability: options.durability, busy_timeout: options.busy_timeout }
    }

    /// The same place for reading it as it is, where not even the files of a write-ahead log can be made. None where
    /// there is a log: what is in it would be missed.
    pub fn frozen(&self) -> Option<Self> {
        let Medium::File(path) = &self.medium else { return None };
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        let is_whole =
            std::fs::metadata(log).map_or_else(|error| error.kind() == ErrorKind::NotFound, |log| log.len() == 0);
        is_whole.then(|| Self { medium: Medium::Frozen(path.clone()), ..*self })
    }

    pub fn is_file(&self) -> bool {
        !matches!(self.medium, Medium::Memory { .. })
    }

    /// The path for messages.
    pub fn name(&self) -> PathBuf {
        match &self.medium {
            Medium::File(path) | Medium::Frozen(path) => path.clone(),
            Medium::Memory { .. } => PathBuf::from("memory"),
        }
    }

    /// Makes the file, for nobody else to read, with its directories, unless it is there.
    pub fn create(&self) -> Result<(), StoreError> {
        let Medium::File(path) = &self.medium else { return Ok(()) };
        if path.exists() {
            return Ok(());
        }
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            create_directory(directory)?;
        }
        match create_file(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(StoreError::Open { path: path.clone(), reason: error.to_string() })
            }
            _ => Ok(()),
        }
    }

    /// Refuses what cannot be a store: nothing there, or something that is not a file.
    pub fn check(&self) -> Result<(), StoreError> {
        let Medium::File(path) = &self.medium else { return Ok(()) };
        let refuse = |reason: String| Err(StoreError::Open { path: path.clone(), reason });
        match path.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(()),
            Ok(metadata) if metadata.is_dir() => refuse("it is a directory".to_owned()),
            Ok(_) => refuse("it is not a regular file".to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::Missing(path.clone())),
            Err(error) => refuse(error.to_string()),
        }
    }

    /// A connection for the writer.
    pub fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.medium {
            Medium::File(path) => Connection::open_with_flags(path, flags)?,
            Medium::Frozen(path) => Connection::open_with_flags(frozen_uri(path), FROZEN)?,
            Medium::Memory { uri, .. } => {
                let flags = flags | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_CREATE;
                Connection::open_with_flags(uri, flags)?
            }
        };
        connection.busy_timeout(self.busy_timeout)?;
        connection.pragma_update(None, "synchronous", self.synchronous())?;
        connection.pragma_update(None, "journal_size_limit", LOG_LIMIT)?;
        Ok(connection)
    }

    /// A connection that cannot change anything.
    pub fn connect_reader(&self) -> rusqlite::Result<Connection> {
        let connection = self.connect()?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    fn synchronous(&self) -> &'static str {
        match (&self.medium, self.durability) {
            (Medium::Memory { .. }, _) => "OFF",
            (_, Durability::Full) => "FULL",
            (_, Durability::Normal) => "NORMAL",
        }
    }

    /// To be held while reading.
    pub fn read_gate(&self) -> Option<RwLockReadGuard<'_, ()>> {
        match &self.medium {
            Medium::File(_) | Medium::Frozen(_) => None,
            Medium::Memory { gate, .. } => Some(gate.read().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// To be held while writing.
    pub fn write_gate(&self) -> Option<RwLockWriteGuard<'_, ()>> {
        match &self.medium {
            Medium::File(_) | Medium::Frozen(_) => None,
            Medium::Memory { gate, .. } => Some(gate.write().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Tries again while another process holds the lock: SQLite does not wait by itself when the journal mode changes.
    pub fn patiently<T>(&self, mut attempt: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let started = Instant::now();
        loop {
            match attempt() {
                Err(error)
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && started.elapsed() < self.busy_timeout =>
                {
                    thread::sleep(Duration::from_millis(5));
                }
                result => return result,
            }
        }
    }

    /// The sentence for what SQLite reports.
    pub fn error(&self, error: &rusqlite::Error) -> StoreError {
        let path = self.name();
        let reason = error.to_string();
        let rusqlite::Error::SqliteFailure(failure, _) = error else {
            return StoreError::Damaged { path, reason };
        };
        match failure.code {
            ErrorCode::DiskFull => StoreError::Full(path),
            // The index of the write-ahead log could not grow.
            _ if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => StoreError::Full(path),
            ErrorCode::ReadOnly => StoreError::ReadOnly(path),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
                StoreError::Locked(path)
            }
            ErrorCode::NotADatabase => StoreError::NotAStore(path),
            ErrorCode::DatabaseCorrupt => StoreError::Damaged { path, reason },
            ErrorCode::CannotOpen => StoreError::Open { path, reason },
            _ => StoreError::Failed { path, reason },
        }
    }
}

fn frozen_uri(path: &Path) -> String {
    let path =
        percent_encoding::percent_encode(path.as_os_str().as_encoded_bytes(), percent_encoding::NON_ALPHANUMERIC);
    format!("file:{path}?immutable=1")
}

fn create_directory(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| StoreError::Directory { path: path.to_owned(), reason: error.to_string() })
}

fn create_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
