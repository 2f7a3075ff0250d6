//! Reading: over connections of its own, so that neither the writer nor another reader is waited for.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row};

use super::place::Place;
use super::row::{CAPTURE, SUMMARY, capture, number, summary, time, to_sql};
use super::{Session, Store, StoreError};
use crate::capture::{Capture, CaptureId, Summary};

/// Connections that are kept for the next reader.
const KEPT: usize = 4;
/// A batch of captures is read without a pause until it has this many, or this many bytes.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

/// What belongs to the session of the first parameter.
const MINE: &str = "WHERE session = (SELECT id FROM sessions WHERE name = ?1) AND deleted_at IS NULL";

/// Connections for reading, opened when they are needed.
#[derive(Debug)]
pub struct Readers {
    place: Arc<Place>,
    free: Mutex<Vec<Connection>>,
}

impl Readers {
    pub fn new(place: Arc<Place>) -> Self {
        Self { place, free: Mutex::new(Vec::new()) }
    }

    /// Closes the connections that nobody uses.
    pub fn clear(&self) {
        self.free().clear();
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let _gate = self.place.read_gate();
        let free = self.free().pop();
        let connection =
            free.map_or_else(|| self.place.connect_reader(), Ok).map_err(|error| self.place.error(&error))?;
        let result = query(&connection).map_err(|error| self.place.error(&error))?;
        let mut free = self.free();
        if free.len() < KEPT {
            free.push(connection);
        }
        Ok(result)
    }
}

impl Store {
    /// The light rows of this session, oldest first.
    pub fn summaries(&self) -> Result<Vec<Summary>, StoreError> {
        let sql = format!("SELECT {SUMMARY} FROM captures {MINE} ORDER BY id");
        self.read(|connection| connection.prepare_cached(&sql)?.query_map([self.session()], summary)?.collect())
    }

    /// A capture of this session, whole.
    pub fn get(&self, id: CaptureId) -> Result<Option<Capture>, StoreError> {
        let sql = format!("SELECT {CAPTURE} FROM captures JOIN details USING (id) {MINE} AND id = ?2");
        self.read(|connection| {
            connection.prepare_cached(&sql)?.query_row((self.session(), to_sql(id.0)), capture).optional()
        })
    }

    /// Hands every capture of this session to `each`, oldest first, until it breaks off. Read in small batches, so
    /// that neither the writer nor the memory suffers however long `each` takes.
    pub fn for_each(&self, each: impl FnMut(Capture) -> ControlFlow<()>) -> Result<(), StoreError> {
        self.for_each_from(CaptureId::default(), each)
    }

    /// The same, from the capture with this number on.
    pub fn for_each_from(
        &self,
        first: CaptureId,
        mut each: impl FnMut(Capture) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut last = CaptureId(first.0.saturating_sub(1));
        loop {
            let batch = self.batch(last)?;
            let Some(newest) = batch.last() else { return Ok(()) };
            last = newest.id;
            for capture in batch {
                if each(capture).is_break() {
                    return Ok(());
                }
            }
        }
    }

    /// Some captures behind `last`; none when there are no more.
    fn batch(&self, last: CaptureId) -> Result<Vec<Capture>, StoreError> {
        let sql = format!("SELECT {CAPTURE} FROM captures JOIN details USING (id) {MINE} AND id > ?2 ORDER BY id");
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query((self.session(), to_sql(last.0)))?;
            let (mut batch, mut bytes) = (Vec::new(), 0);
            while batch.len() < BATCH
                && bytes < BATCH_BYTES
                && let Some(row) = rows.next()?
            {
                let capture = capture(row)?;
                bytes += capture.request.head.len() + capture.request.body.bytes.len();
                batch.push(capture);
            }
            Ok(batch)
        })
    }

    /// The sessions of this store, by name.
    pub fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        let sql = "SELECT name, captures, bytes, last_at FROM sessions ORDER BY name";
        self.read(|connection| connection.prepare_cached(sql)?.query_map([], session)?.collect())
    }

    /// The name of the session that a capture belongs to, whichever it is.
    pub fn session_of(&self, id: CaptureId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT name FROM captures JOIN sessions ON sessions.id = session WHERE captures.id = ?
                   AND deleted_at IS NULL";
        self.read(|connection| connection.query_row(sql, [to_sql(id.0)], |row| row.get(0)).optional())
    }

    /// The value that was kept under `key` for this session.
    pub fn state(&self, key: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM state WHERE session = (SELECT id FROM sessions WHERE name = ?) AND key = ?";
        self.read(|connection| connection.query_row(sql, [self.session(), key], |row| row.get(0)).optional())
    }

    pub(super) fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.inner.readers.read(query)
    }
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        name: row.get("name")?,
        captures: number(row, "captures")?,
        bytes: number(row, "bytes")?,
        last: row.get::<_, Option<i64>>("last_at")?.map(|_| time(row, "last_at")).transpose()?,
    })
}
