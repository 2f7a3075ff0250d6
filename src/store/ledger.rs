//! The books of a session: how much it holds, what gives way, what is put aside.
//!
//! All inside of the writer's transactions, which read the running totals at their start and write them at their end,
//! so that several processes keep the same books.

use std::collections::HashSet;

use chrono::{TimeDelta, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

use super::row::{Entry, Insert, from_sql, to_sql};
use super::{Options, owner};
use crate::capture::CaptureId;

/// Deleted captures can come back for this long.
const UNDO: TimeDelta = TimeDelta::days(1);

/// What may give way in a session, before an id.
pub const OLDEST: &str = "SELECT id, stored FROM captures
    WHERE session = ? AND id < ? AND deleted_at IS NULL AND pinned = 0 ORDER BY id";

/// What was put aside in a session, before a time.
pub const DELETED: &str = "SELECT id, stored FROM captures
    WHERE session = ? AND deleted_at < ? ORDER BY deleted_at, id";

/// How much a session may hold; 0 for no limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    keep: i64,
    keep_bytes: i64,
}

/// SQLite's memory ends at 1 GiB, of which half-filled pages may take a half.
const MEMORY_BYTES: i64 = 512 << 20;

impl Limits {
    pub fn new(options: &Options, memory: bool) -> Self {
        let (keep, keep_bytes) = (to_sql(options.keep), to_sql(options.keep_bytes));
        match keep_bytes {
            0 if memory => Self { keep, keep_bytes: MEMORY_BYTES },
            _ if memory => Self { keep, keep_bytes: keep_bytes.min(MEMORY_BYTES) },
            _ => Self { keep, keep_bytes },
        }
    }

    /// Under load, captures give way many at a time: this much more than the limit is let in first.
    pub fn with_slack(self) -> Self {
        let widen = |limit: i64| limit + limit / 64;
        Self { keep: widen(self.keep), keep_bytes: widen(self.keep_bytes) }
    }
}

/// The running totals of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The session's row.
    pub session: i64,
    captures: i64,
    bytes: i64,
    last_id: i64,
    last_at: Option<i64>,
}

impl Ledger {
    /// Reads the totals of the session of this name, which is made when it is new.
    pub fn load(transaction: &Transaction<'_>, name: &str) -> rusqlite::Result<Self> {
        let sql =
            "SELECT id, captures, bytes, last_at, (SELECT max(last_id) FROM sessions) FROM sessions WHERE name = ?";
        let mut select = transaction.prepare_cached(sql)?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Self {
                session: row.get(0)?,
                captures: row.get(1)?,
                bytes: row.get(2)?,
                last_at: row.get(3)?,
                last_id: row.get(4)?,
            })
        };
        if let Some(ledger) = select.query_row([name], read).optional()? {
            return Ok(ledger);
        }
        transaction.execute("INSERT INTO sessions (name) VALUES (?)", [name])?;
        select.query_row([name], read)
    }

    pub fn save(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        transaction
            .prepare_cached("UPDATE sessions SET captures = ?, bytes = ?, last_id = ?, last_at = ? WHERE id = ?")?
            .execute(params![self.captures, self.bytes, self.last_id, self.last_at, self.session])?;
        Ok(())
    }

    /// Numbers the captures and keeps them.
    pub fn insert(&mut self, transaction: &Transaction<'_>, entries: &mut [Entry]) -> rusqlite::Result<()> {
        let mut insert = Insert::new(transaction)?;
        for entry in entries {
            self.last_id += 1;
            entry.capture.id = CaptureId(from_sql(self.last_id));
            insert.run(self.session, entry)?;
            self.captures += 1;
            self.bytes += to_sql(entry.stored as u64);
            self.last_at = Some(entry.capture.received_at.timestamp_micros());
        }
        Ok(())
    }

    pub fn exceeds(&self, limits: Limits) -> bool {
        self.too_many(limits) || self.too_large(limits)
    }

    fn too_many(&self, limits: Limits) -> bool {
        limits.keep > 0 && self.captures > limits.keep
    }

    fn too_large(&self, limits: Limits) -> bool {
        limits.keep_bytes > 0 && self.bytes > limits.keep_bytes
    }

    /// Makes room: what was deleted goes first when bytes are short, then the oldest that is neither pinned nor
    /// protected. The newest capture stays in any case.
    pub fn evict(
        &mut self,
        transaction: &Transaction<'_>,
        limits: Limits,
        protected: &HashSet<CaptureId>,
    ) -> rusqlite::Result<Vec<CaptureId>> {
        let mut evicted = Vec::new();
        if self.too_large(limits) {
            self.purge(transaction, i64::MAX, |ledger| ledger.too_large(limits))?;
        }
        if !self.exceeds(limits) {
            return Ok(evicted);
        }
        let mut select = transaction.prepare_cached(OLDEST)?;
        let mut rows = select.query([self.session, self.last_id])?;
        while self.exceeds(limits)
            && let Some(row) = rows.next()?
        {
            let (id, stored): (i64, i64) = (row.get(0)?, row.get(1)?);
            if !protected.contains(&CaptureId(from_sql(id))) {
                self.captures -= 1;
                self.bytes -= stored;
                evicted.push(CaptureId(from_sql(id)));
            }
        }
        drop(rows);
        remove(transaction, evicted.iter().map(|id| to_sql(id.0)))?;
        Ok(evicted)
    }

    /// Drops what was deleted too long ago to come back.
    pub fn purge_old(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        self.purge(transaction, (Utc::now() - UNDO).timestamp_micros(), |_| true)
    }

    /// Drops what was deleted before a time, the oldest first, while `more` is wanted.
    fn purge(
        &mut self,
        transaction: &Transaction<'_>,
        before: i64,
        more: impl Fn(&Self) -> bool,
    ) -> rusqlite::Result<()> {
        let mut select = transaction.prepare_cached(DELETED)?;
        let mut rows = select.query([self.session, before])?;
        let mut purged: Vec<i64> = Vec::new();
        while more(self)
            && let Some(row) = rows.next()?
        {
            self.bytes -= row.get::<_, i64>(1)?;
            purged.push(row.get(0)?);
        }
        drop(rows);
        remove(transaction, purged.into_iter())
    }

    /// Puts captures aside; tells which were there.
    pub fn delete(&mut self, transaction: &Transaction<'_>, ids: &[CaptureId]) -> rusqlite::Result<Vec<CaptureId>> {
        let mut update = transaction
            .prepare_cached("UPDATE captures SET deleted_at = ? WHERE id = ? AND session = ? AND deleted_at IS NULL")?;
        let now = Utc::now().timestamp_micros();
        let mut deleted = Vec::new();
        for &id in ids {
            if update.execute([now, to_sql(id.0), self.session])? > 0 {
                self.captures -= 1;
                deleted.push(id);
            }
        }
        Ok(deleted)
    }

    /// Brings captures back; tells which were still there.
    pub fn restore(&mut self, transaction: &Transaction<'_>, ids: &[CaptureId]) -> rusqlite::Result<Vec<CaptureId>> {
        let mut update = transaction.prepare_cached(
            "UPDATE captures SET deleted_at = NULL WHERE id = ? AND session = ? AND deleted_at IS NOT NULL",
        )?;
        let mut restored = Vec::new();
        for &id in ids {
            if update.execute([to_sql(id.0), self.session])? > 0 {
                self.captures += 1;
                restored.push(id);
            }
        }
        Ok(restored)
    }

    /// Counts bytes that were added to a capture.
    pub fn grow(&mut self, transaction: &Transaction<'_>, id: CaptureId, bytes: usize) -> rusqlite::Result<()> {
        let bytes = to_sql(bytes as u64);
        let grown = transaction
            .prepare_cached("UPDATE captures SET stored = stored + ? WHERE id = ? AND session = ?")?
            .execute([bytes, to_sql(id.0), self.session])?;
        if grown > 0 {
            self.bytes += bytes;
        }
        Ok(())
    }
}

fn remove(transaction: &Transaction<'_>, ids: impl Iterator<Item = i64>) -> rusqlite::Result<()> {
    let mut light = transaction.prepare_cached("DELETE FROM captures WHERE id = ?")?;
    let mut details = transaction.prepare_cached("DELETE FROM details WHERE id = ?")?;
    let mut attempts = transaction.prepare_cached("DELETE FROM attempts WHERE capture = ?")?;
    let mut runs = transaction.prepare_cached("DELETE FROM runs WHERE capture = ?")?;
    for id in ids {
        owner::end(transaction, id)?;
        light.execute([id])?;
        details.execute([id])?;
        attempts.execute([id])?;
        runs.execute([id])?;
    }
    Ok(())
}
