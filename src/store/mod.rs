//! Where captures live: one SQLite file (or SQLite in memory) with the captures of every session.
//!
//! Owns the schema, the one writer thread with its group commit, and what is evicted. Knows nothing of sockets,
//! schemes or screens. Changes go through the writer thread; reads go through connections of their own, so that
//! neither waits for the other.

mod change;
mod error;
mod ledger;
mod lines;
mod owner;
mod place;
mod read;
mod row;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, oneshot};

use crate::capture::{Capture, CaptureId};

pub use error::StoreError;

use ledger::Limits;
use place::Place;
use read::Readers;
use row::Entry;
use writer::{Append, Job, Told, Writer};

/// This many bytes of captures may be on their way to the writer.
const IN_FLIGHT: usize = 32 << 20;
/// What a capture counts for at least, so that there are not too many of them.
const IN_FLIGHT_EACH: usize = 4 << 10;

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
    /// The answer to this capture, which was kept before, is known now or has come to its end.
    Settled(Arc<Capture>),
    /// All that was [`Capture::pending`] about this capture has ended, and is kept.
    Done(CaptureId),
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
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    session: String,
    readers: Readers,
    jobs: Sender<Job>,
    writer: Mutex<Option<JoinHandle<()>>>,
    in_flight: Arc<Semaphore>,
}

impl Store {
    /// Opens a store to receive into it, making it (0600, in a directory 0700) when there is none. What a hookview that
    /// was killed was still answering is settled: nobody will answer that any more.
    pub fn open(location: &Location, options: Options) -> Result<Self, StoreError> {
        let place = Place::new(location, &options);
        place.create()?;
        let mut writer = open_writer(place, options)?;
        writer.check_writable()?;
        writer.transaction(|transaction, ledger| ledger.purge_old(transaction))?;
        writer.settle_left_behind()?;
        Self::start(writer)
    }

    /// Opens a store that is there already, for looking at it: makes no file and no session, and tidies nothing up.
    /// It may be read-only, and its directory too; changes then fail with [`StoreError::ReadOnly`].
    pub fn open_existing(location: &Location, options: Options) -> Result<Self, StoreError> {
        let place = Place::new(location, &options);
        let frozen = place.frozen();
        match (open_writer(place, options.clone()), frozen) {
            (Err(StoreError::ReadOnly(_) | StoreError::Open { .. }), Some(place)) => {
                Self::start(open_writer(place, options)?)
            }
            (opened, _) => Self::start(opened?),
        }
    }

    fn start(writer: Writer) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel();
        let place = writer.place();
        let session = writer.session().to_owned();
        let thread = thread::Builder::new().name("store".to_owned()).spawn(move || writer.run(&queue));
        let thread = thread.map_err(|error| StoreError::Failed { path: place.name(), reason: error.to_string() })?;
        let inner = Inner {
            session,
            readers: Readers::new(place),
            jobs,
            writer: Mutex::new(Some(thread)),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The session that captures go to and are read from.
    pub fn session(&self) -> &str {
        &self.inner.session
    }

    /// Keeps a capture and numbers it; comes back after the commit. Waits while too many bytes are on their way.
    ///
    /// Those committed together are told through one of them, so poll it until it is done or drop it: one that is kept
    /// and not polled keeps others waiting.
    pub async fn append(&self, capture: Capture) -> Result<CaptureId, StoreError> {
        let entry = Entry::new(capture);
        let share = (entry.stored + IN_FLIGHT_EACH).min(IN_FLIGHT);
        let share = u32::try_from(share).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.inner.in_flight).acquire_many_owned(share).await;
        let permit = permit.map_err(|_| StoreError::Closed)?;
        let (done, told) = oneshot::channel();
        self.send(Job::Append(Box::new(Append { entry, done, permit })))?;
        told.await.map_or(Err(StoreError::Closed), Told::pass_on)
    }

    /// Has `sink` told of every commit from now on, on the writer thread and in id order. While it blocks, nothing
    /// further is committed. It must not hold a handle of this store, which would never close then.
    pub fn on_commit(&self, sink: impl FnMut(Committed) + Send + 'static) {
        // After the end there are no commits to be told of.
        let _ = self.send(Job::Sink(Box::new(sink)));
    }

    /// Keeps these captures, besides the pinned ones, from being evicted, and no longer those named before.
    pub fn protect(&self, ids: Vec<CaptureId>) {
        // After the end nothing is evicted.
        let _ = self.send(Job::Protect(Arc::new(ids.into_iter().collect())));
    }

    /// Commits what is on its way and ends the writer, for all clones of this handle; blocks until that is done.
    /// A sink that waits for somebody to make room must not wait for the caller.
    pub fn close(&self) {
        self.inner.close();
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.inner.jobs.send(job).map_err(|_| StoreError::Closed)
    }
}

impl Inner {
    fn close(&self) {
        self.readers.clear();
        let _ = self.jobs.send(Job::Close);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _ = writer.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn open_writer(place: Place, options: Options) -> Result<Writer, StoreError> {
    place.check()?;
    let mut connection = place.connect().map_err(|error| place.error(&error))?;
    schema::prepare(&mut connection, &place)?;
    let limits = Limits::new(&options, !place.is_file());
    Ok(Writer::new(Arc::new(place), connection, options.session, limits))
}
