//! The thread that makes every change. Captures are committed in groups that wait for nobody: what is queued when the
//! last commit ended makes up the next.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::ledger::{Ledger, Limits};
use super::owner::{self, Owner};
use super::place::Place;
use super::row::Entry;
use super::{Committed, StoreError};
use crate::capture::CaptureId;

/// A group has at most this many captures.
const GROUP: usize = 512;
/// A group is closed when it has this many bytes.
const GROUP_BYTES: usize = 8 << 20;
/// After this long without work, limits are enforced to the point and the write-ahead log is emptied.
const IDLE: Duration = Duration::from_millis(200);

/// Work for the writer, done in the order it is sent.
pub enum Job {
    Append(Box<Append>),
    Change(Change),
    Sink(Sink),
    /// Nothing but these, and the pinned ones, is spared from now on.
    Protect(Arc<HashSet<CaptureId>>),
    Close,
}

/// A capture to keep.
pub struct Append {
    pub entry: Entry,
    /// Whom to tell.
    pub done: oneshot::Sender<Told>,
    /// Its share of the bytes that may be on their way.
    pub permit: OwnedSemaphorePermit,
}

/// What became of a capture; and, for the first of a group, of the others.
pub struct Told {
    kept: Result<CaptureId, StoreError>,
    others: Others,
}

impl Told {
    /// What became of the capture; tells the others.
    pub fn pass_on(self) -> Result<CaptureId, StoreError> {
        drop(self.others);
        self.kept
    }
}

/// Those of a group who are still to be told. They are when this is dropped, in the runtime of whoever was told first:
/// waking many tasks from a thread outside of it costs more than all else that the writer does for them.
#[derive(Default)]
struct Others(Vec<(oneshot::Sender<Told>, Result<CaptureId, StoreError>)>);

impl Drop for Others {
    fn drop(&mut self) {
        for (done, kept) in self.0.drain(..) {
            // Whoever asked and went away meanwhile is not missed.
            let _ = done.send(Told { kept, others: Others::default() });
        }
    }
}

/// A change other than a capture; tells whoever asked for it by itself.
pub type Change = Box<dyn FnOnce(&mut Writer) + Send>;

/// Is told of every commit.
pub type Sink = Box<dyn FnMut(Committed) + Send>;

/// What the writer's thread owns.
pub struct Writer {
    place: Arc<Place>,
    pub(super) connection: Connection,
    session: String,
    limits: Limits,
    protected: Arc<HashSet<CaptureId>>,
    sinks: Vec<Sink>,
    /// Marks what is under way; `None` when nobody would find it afterwards, or nobody can tell who is alive.
    owner: Option<Owner>,
    /// Something was written since the last time without work.
    untidy: bool,
}

impl Writer {
    pub fn new(place: Arc<Place>, connection: Connection, session: String, limits: Limits) -> Self {
        let protected = Arc::default();
        Self { place, connection, session, limits, protected, sinks: Vec::new(), owner: None, untidy: false }
    }

    pub fn place(&self) -> Arc<Place> {
        Arc::clone(&self.place)
    }

    pub fn session(&self) -> &str {
        &self.session
    }

    /// SQLite opens a file that it may not write to without a word.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        match self.connection.is_readonly(rusqlite::MAIN_DB) {
            Ok(false) => Ok(()),
            Ok(true) => Err(StoreError::ReadOnly(self.place.name())),
            Err(error) => Err(self.place.error(&error)),
        }
    }

    /// Puts up our sign, and settles what was under way in hookviews that are gone.
    pub fn settle_left_behind(&mut self) -> Result<(), StoreError> {
        let place = self.place();
        if !place.is_file() {
            return Ok(());
        }
        self.owner = self.transaction(|transaction, _| {
            let claimed = Owner::claim(&place.name());
            let unknown =
                |error| tracing::warn!(%error, "cannot tell who else receives into {}", place.name().display());
            let Some((owner, living)) = claimed.map_err(unknown).ok() else { return Ok(None) };
            owner::settle_left_behind(transaction, &living)?;
            Ok(Some(owner))
        })?;
        Ok(())
    }

    /// Works until told to close, or until nobody can send any more.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        let mut next = None;
        while let Some(job) = next.take().or_else(|| self.wait(jobs)) {
            match job {
                Job::Append(first) => {
                    let group;
                    (group, next) = collect(first, jobs);
                    self.commit(group);
                }
                Job::Change(change) => change(&mut self),
                Job::Sink(sink) => self.sinks.push(sink),
                Job::Protect(ids) => self.protected = ids,
                Job::Close => break,
            }
        }
        if self.untidy {
            self.tidy();
        }
    }

    fn wait(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        if self.untidy {
            match jobs.recv_timeout(IDLE) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.tidy(),
            }
        }
        jobs.recv().ok()
    }

    /// Does `work` in one transaction: all of it is kept, or nothing.
    pub fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut Ledger) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.place);
        let _gate = place.write_gate();
        self.untidy = true;
        self.attempt(work).map_err(|error| place.error(&error))
    }

    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut Ledger) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let transaction = Transaction::new(&mut self.connection, TransactionBehavior::Immediate)?;
        let mut ledger = Ledger::load(&transaction, &self.session)?;
        let before = ledger.clone();
        let result = work(&transaction, &mut ledger)?;
        if ledger != before {
            ledger.save(&transaction)?;
        }
        transaction.commit()?;
        Ok(result)
    }

    fn commit(&mut self, mut group: Group) {
        let (limits, protected) = (self.limits, Arc::clone(&self.protected));
        let (entries, owner) = (&mut group.entries, self.owner.as_ref().map(|owner| owner.number));
        let evicted = self.transaction(|transaction, ledger| {
            ledger.insert(transaction, entries)?;
            if let Some(owner) = owner {
                let mut under_way = entries.iter().map(|entry| &entry.capture).filter(|capture| !capture.is_settled());
                under_way.try_for_each(|capture| owner::begin(transaction, capture, owner))?;
            }
            if ledger.exceeds(limits.with_slack()) { ledger.evict(transaction, limits, &protected) } else { Ok(vec![]) }
        });
        group.acknowledge(evicted.as_ref().err());
        if let Ok(evicted) = evicted {
            for entry in group.entries {
                self.tell(&Committed::Captured(Arc::new(entry.capture)));
            }
            self.tell_evicted(evicted);
        }
    }

    /// What is due when nothing else is.
    fn tidy(&mut self) {
        let (limits, protected) = (self.limits, Arc::clone(&self.protected));
        let evicted = self.transaction(|transaction, ledger| ledger.evict(transaction, limits, &protected));
        // When it fails, the next commit reports why, and the next time without work tries again.
        self.tell_evicted(evicted.unwrap_or_default());
        if self.place.is_file() {
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
        self.untidy = false;
    }

    fn tell_evicted(&mut self, evicted: Vec<CaptureId>) {
        if !evicted.is_empty() {
            self.tell(&Committed::Evicted(evicted));
        }
    }

    pub(super) fn tell(&mut self, committed: &Committed) {
        for sink in &mut self.sinks {
            sink(committed.clone());
        }
    }
}

/// Captures that are committed together.
struct Group {
    entries: Vec<Entry>,
    waiting: Vec<oneshot::Sender<Told>>,
    /// Held until the sinks have taken the captures, so that slow ones slow the senders down.
    permits: Vec<OwnedSemaphorePermit>,
}

impl Group {
    fn push(&mut self, append: Box<Append>) {
        self.entries.push(append.entry);
        self.waiting.push(append.done);
        self.permits.push(append.permit);
    }

    /// Tells the first, who passes it on.
    fn acknowledge(&mut self, error: Option<&StoreError>) {
        let kept = |entry: &Entry| error.map_or(Ok(entry.capture.id), |error| Err(error.clone()));
        let mut others = Others(self.waiting.drain(..).zip(self.entries.iter().map(kept)).collect());
        if let Some((done, kept)) = others.0.pop() {
            // When nobody takes it, the others are told here and now.
            let _ = done.send(Told { kept, others });
        }
    }
}

/// Takes what is queued behind `first`, up to a size; also gives the job that was taken and does not belong in a group.
fn collect(first: Box<Append>, jobs: &Receiver<Job>) -> (Group, Option<Job>) {
    let mut group = Group { entries: Vec::new(), waiting: Vec::new(), permits: Vec::new() };
    let mut bytes = first.entry.stored;
    group.push(first);
    while group.entries.len() < GROUP && bytes < GROUP_BYTES {
        match jobs.try_recv() {
            Ok(Job::Append(append)) => {
                bytes += append.entry.stored;
                group.push(append);
            }
            other => return (group, other.ok()),
        }
    }
    (group, None)
}
