//! Where captures live: one SQLite file (or SQLite in memory) with the captures of every session.
//!
//! Owns the schema, the one writer thread with its group commit, and what is evicted. Knows nothing of sockets,
//! schemes or screens. Changes go through the writer thread; reads go through connections of their own, so that
//! neither waits for the other.

mod error;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::capture::{Attempt, Capture, CaptureId, Summary, Verdict};

pub use error::StoreError;

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In this file; SQLite puts `-wal` and `-shm` files beside it.
    File(PathBuf),
    /// In the memory of this process, gone when it ends.
    Memory,
}

/// How much a commit outlives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Also a power cut: every group of captures is synced to the disk.
    #[default]
    Full,
    /// The end of this program, however it comes; a power cut may take the last seconds.
    Normal,
}

/// How a store is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The session that captures go to and are read from.
    pub session: String,
    /// How many captures the session keeps; 0 for no limit.
    pub keep: u64,
    /// How many bytes of captures the session keeps; 0 for no limit.
    pub keep_bytes: u64,
    /// How much a commit outlives.
    pub durability: Durability,
    /// How long to wait for another program's lock.
    pub busy_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            session: "default".to_owned(),
            keep: 10_000,
            keep_bytes: 1 << 30,
            durability: Durability::default(),
            busy_timeout: Duration::from_secs(3),
        }
    }
}

/// What a commit changed, told to the sinks of [`Store::on_commit`].
#[derive(Clone, Debug, PartialEq)]
pub enum Committed {
    /// This capture was kept; it has its id.
    Captured(Arc<Capture>),
    /// These gave way to newer ones.
    Evicted(Vec<CaptureId>),
}

/// A session in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub name: String,
    /// How many captures it has.
    pub captures: u64,
    /// How many bytes it takes, deleted captures that can still come back included.
    pub bytes: u64,
    /// When its latest capture arrived, if it ever had one.
    pub last: Option<DateTime<Utc>>,
}

/// A handle to an open store, cheap to clone. The last one to be dropped ends the writer, like [`Self::close`].
#[derive(Clone, Debug)]
pub struct Store {}

#[expect(unused_variables, clippy::unused_async, clippy::needless_pass_by_value, reason = "being built")]
impl Store {
    /// Opens a store, making it (0600, in a directory 0700) when there is none.
    pub fn open(location: &Location, options: Options) -> Result<Self, StoreError> {
        todo!()
    }

    /// Opens a store that is there already, for looking at it: makes no file and tidies nothing up.
    pub fn open_existing(location: &Location, options: Options) -> Result<Self, StoreError> {
        todo!()
    }

    /// The session that captures go to and are read from.
    pub fn session(&self) -> &str {
        todo!()
    }

    /// Keeps a capture and numbers it; comes back after the commit. Waits while too many bytes are on their way.
    pub async fn append(&self, capture: Capture) -> Result<CaptureId, StoreError> {
        todo!()
    }

    /// Has `sink` told of every commit from now on: on the writer thread, in id order, before anybody else learns of
    /// it. While the sink blocks, nothing further is committed.
    pub fn on_commit(&self, sink: impl FnMut(Committed) + Send + 'static) {
        todo!()
    }

    /// The light rows of this session, oldest first.
    pub fn summaries(&self) -> Result<Vec<Summary>, StoreError> {
        todo!()
    }

    /// A capture of this session, whole.
    pub fn get(&self, id: CaptureId) -> Result<Option<Capture>, StoreError> {
        todo!()
    }

    /// Hands every capture of this session to `each`, oldest first, until it breaks off.
    pub fn for_each(&self, each: impl FnMut(Capture) -> ControlFlow<()>) -> Result<(), StoreError> {
        todo!()
    }

    /// The sessions of this store, by name.
    pub fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        todo!()
    }

    /// The name of the session that a capture belongs to, whichever it is.
    pub fn session_of(&self, id: CaptureId) -> Result<Option<String>, StoreError> {
        todo!()
    }

    /// The attempts to send a capture again, oldest first.
    pub fn attempts(&self, id: CaptureId) -> Result<Vec<Attempt>, StoreError> {
        todo!()
    }

    /// Keeps an attempt and numbers it.
    pub async fn add_attempt(&self, attempt: Attempt) -> Result<u64, StoreError> {
        todo!()
    }

    /// Pins a capture, or lets go of it.
    pub async fn set_pinned(&self, id: CaptureId, pinned: bool) -> Result<(), StoreError> {
        todo!()
    }

    /// Puts captures aside: nothing shows them, [`Self::restore`] brings them back. Tells which were there.
    pub async fn delete(&self, ids: Vec<CaptureId>) -> Result<Vec<CaptureId>, StoreError> {
        todo!()
    }

    /// Brings deleted captures back. Tells which could be: they are purged after a day, or when their room is needed.
    pub async fn restore(&self, ids: Vec<CaptureId>) -> Result<Vec<CaptureId>, StoreError> {
        todo!()
    }

    /// Replaces the verdicts of captures.
    pub async fn update_verdicts(&self, verdicts: Vec<(CaptureId, Verdict)>) -> Result<(), StoreError> {
        todo!()
    }

    /// Keeps a value under `key` for this session.
    pub async fn set_state(&self, key: &str, value: &str) -> Result<(), StoreError> {
        todo!()
    }

    /// The value that was kept under `key` for this session.
    pub fn state(&self, key: &str) -> Result<Option<String>, StoreError> {
        todo!()
    }

    /// Keeps these captures, besides the pinned ones, from being evicted, and no longer those named before.
    pub fn protect(&self, ids: Vec<CaptureId>) {
        todo!()
    }

    /// Commits what is on its way and ends the writer, for all clones of this handle; blocks until that is done.
    pub fn close(&self) {
        todo!()
    }
}
