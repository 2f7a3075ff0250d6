//! Changes other than new captures: answers, pins, deletions, verdicts, attempts, runs and state. All go through the writer.

use std::sync::Arc;

use rusqlite::{Row, Transaction, params};
use tokio::sync::oneshot;

use super::ledger::Ledger;
use super::lines::pack;
use super::row::{bytes, from_json, headers, json, meta, number, time, to_sql, verdict_columns};
use super::writer::Job;
use super::{Committed, Store, StoreError, owner};
use crate::capture::{Attempt, AttemptOutcome, Capture, CaptureId, Deeds, Response, Run, Verdict};

impl Store {
    /// Pins a capture, or lets go of it. Tells whether it was there.
    pub async fn set_pinned(&self, id: CaptureId, pinned: bool) -> Result<bool, StoreError> {
        self.change(move |transaction, ledger| {
            let sql = "UPDATE captures SET pinned = ? WHERE id = ? AND session = ? AND deleted_at IS NULL";
            Ok(transaction.execute(sql, params![pinned, to_sql(id.0), ledger.session])? > 0)
        })
        .await
    }

    /// Puts captures aside: nothing shows them, [`Self::restore`] brings them back. Tells which were there.
    pub async fn delete(&self, ids: Vec<CaptureId>) -> Result<Vec<CaptureId>, StoreError> {
        self.change(move |transaction, ledger| {
            ledger.purge_old(transaction)?;
            ledger.delete(transaction, &ids)
        })
        .await
    }

    /// Brings deleted captures back. Tells which could be: they are purged after a day, or when their room is needed.
    pub async fn restore(&self, ids: Vec<CaptureId>) -> Result<Vec<CaptureId>, StoreError> {
        self.change(move |transaction, ledger| ledger.restore(transaction, &ids)).await
    }

    /// Replaces the verdicts of captures, passing over those that are gone.
    pub async fn update_verdicts(&self, verdicts: Vec<(CaptureId, Verdict)>) -> Result<(), StoreError> {
        self.change(move |transaction, ledger| {
            let sql = "UPDATE captures SET mark = ?, verdict = ? WHERE id = ? AND session = ?";
            let mut update = transaction.prepare_cached(sql)?;
            for (id, verdict) in &verdicts {
                let (mark, verdict) = verdict_columns(verdict);
                update.execute(params![mark, verdict, to_sql(id.0), ledger.session])?;
            }
            Ok(())
        })
        .await
    }

    /// Keeps a value under `key` for this session.
    pub async fn set_state(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.change(move |transaction, ledger| {
            let sql = "INSERT OR REPLACE INTO state (session, key, value) VALUES (?, ?, ?)";
            transaction.execute(sql, params![ledger.session, key, value])?;
            Ok(())
        })
        .await
    }

    /// Keeps an attempt and gives its number.
    pub async fn add_attempt(&self, attempt: Attempt) -> Result<u64, StoreError> {
        self.change(move |transaction, ledger| {
            let size = match &attempt.outcome {
                AttemptOutcome::Answered(response) => response.body.len(),
                AttemptOutcome::Failed(_) => 0,
            };
            ledger.grow(transaction, attempt.capture, size)?;
            insert_attempt(transaction, &attempt)
        })
        .await
    }

    /// The attempts to send a capture again, oldest first.
    pub fn attempts(&self, id: CaptureId) -> Result<Vec<Attempt>, StoreError> {
        let sql = "SELECT * FROM attempts WHERE capture = ? ORDER BY id";
        self.read(|connection| connection.prepare_cached(sql)?.query_map([to_sql(id.0)], attempt)?.collect())
    }

    /// Keeps the answer that a stored capture has now, and tells the sinks.
    pub async fn settle(&self, capture: Arc<Capture>) -> Result<(), StoreError> {
        let (done, told) = oneshot::channel();
        self.send(Job::Change(Box::new(move |writer| {
            let settled = writer.transaction(|transaction, ledger| {
                let body = capture.answer.as_ref().map_or(0, |answer| answer.body.len());
                ledger.grow(transaction, capture.id, body)?;
                set_answer(transaction, &capture)
            });
            if settled.is_ok() {
                writer.tell(&Committed::Settled(capture));
            }
            let _ = done.send(settled);
        })))?;
        told.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Tells the sinks that what was pending about a capture has ended, behind all of it that was kept before.
    pub fn done(&self, id: CaptureId) {
        // After the end nobody is told anything.
        let _ = self.send(Job::Change(Box::new(move |writer| writer.tell(&Committed::Done(id)))));
    }

    /// Keeps the run of a command and gives its number.
    pub async fn add_run(&self, run: Run) -> Result<u64, StoreError> {
        self.change(move |transaction, ledger| {
            ledger.grow(transaction, run.capture, run.stdout.len() + run.stderr.len())?;
            insert_run(transaction, &run)
        })
        .await
    }

    /// The commands that were run for a capture, oldest first.
    pub fn runs(&self, id: CaptureId) -> Result<Vec<Run>, StoreError> {
        let sql = "SELECT * FROM runs WHERE capture = ? ORDER BY id";
        self.read(|connection| connection.prepare_cached(sql)?.query_map([to_sql(id.0)], run)?.collect())
    }

    /// What rules did about a capture.
    pub fn deeds(&self, id: CaptureId) -> Result<Deeds, StoreError> {
        Ok(Deeds::new(self.runs(id)?, self.attempts(id)?))
    }

    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>, &mut Ledger) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, told) = oneshot::channel();
        self.send(Job::Change(Box::new(move |writer| {
            let _ = done.send(writer.transaction(change));
        })))?;
        told.await.unwrap_or(Err(StoreError::Closed))
    }
}

pub(super) fn set_answer(transaction: &Transaction<'_>, capture: &Capture) -> rusqlite::Result<()> {
    let (id, answer) = (to_sql(capture.id.0), capture.answer.as_ref());
    if capture.is_settled() {
        owner::end(transaction, id)?;
    }
    let (status, rule) = answer.map_or((0, ""), |answer| (answer.sent_status(), answer.rule.as_str()));
    let sql = "UPDATE captures SET status = ?, rule = ? WHERE id = ?";
    transaction.prepare_cached(sql)?.execute(params![status, rule, id])?;
    transaction
        .prepare_cached("UPDATE details SET meta = ?, answer_headers = ?, answer_body = ? WHERE id = ?")?
        .execute(params![
            meta(capture),
            answer.map(|answer| pack(&answer.headers)),
            answer.map(|answer| &answer.body[..]),
            id
        ])?;
    Ok(())
}

fn insert_run(transaction: &Transaction<'_>, run: &Run) -> rusqlite::Result<u64> {
    transaction.execute(
        "INSERT INTO runs (capture, at, rule, command, outcome, stdout, stdout_total, stderr, stderr_total, took_us)
         VALUES (?,?,?,?,?,?,?,?,?,?)",
        params![
            to_sql(run.capture.0),
            run.at.timestamp_micros(),
            run.rule,
            json(&run.command),
            json(&run.outcome),
            &run.stdout[..],
            to_sql(run.stdout_total),
            &run.stderr[..],
            to_sql(run.stderr_total),
            to_sql(run.took_us),
        ],
    )?;
    Ok(u64::try_from(transaction.last_insert_rowid()).unwrap_or_default())
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: number(row, "id")?,
        capture: CaptureId(number(row, "capture")?),
        at: time(row, "at")?,
        rule: row.get("rule")?,
        command: from_json(row, "command")?,
        outcome: from_json(row, "outcome")?,
        stdout: bytes(row, "stdout")?.unwrap_or_default(),
        stdout_total: number(row, "stdout_total")?,
        stderr: bytes(row, "stderr")?.unwrap_or_default(),
        stderr_total: number(row, "stderr_total")?,
        took_us: number(row, "took_us")?,
    })
}

fn insert_attempt(transaction: &Transaction<'_>, attempt: &Attempt) -> rusqlite::Result<u64> {
    let (failure, response) = match &attempt.outcome {
        AttemptOutcome::Answered(response) => (None, Some(response)),
        AttemptOutcome::Failed(reason) => (Some(reason), None),
    };
    transaction.execute(
        "INSERT INTO attempts (capture, at, url, signing, edited, timing, failure, status, reason, body_total, headers,
           body, asker)
         VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        params![
            to_sql(attempt.capture.0),
            attempt.at.timestamp_micros(),
            attempt.url,
            json(&attempt.signing),
            attempt.edited,
            json(&attempt.timing),
            failure,
            response.map(|response| response.status),
            response.map(|response| &response.reason),
            response.map(|response| to_sql(response.body_total)),
            response.map(|response| pack(&response.headers)),
            response.map(|response| &response.body[..]),
            json(&attempt.by),
        ],
    )?;
    Ok(u64::try_from(transaction.last_insert_rowid()).unwrap_or_default())
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let outcome = match row.get("failure")? {
        Some(reason) => AttemptOutcome::Failed(reason),
        None => AttemptOutcome::Answered(response(row)?),
    };
    Ok(Attempt {
        id: number(row, "id")?,
        capture: CaptureId(number(row, "capture")?),
        by: from_json(row, "asker")?,
        at: time(row, "at")?,
        url: row.get("url")?,
        signing: from_json(row, "signing")?,
        edited: row.get("edited")?,
        outcome,
        timing: from_json(row, "timing")?,
    })
}

fn response(row: &Row<'_>) -> rusqlite::Result<Response> {
    Ok(Response {
        status: row.get("status")?,
        reason: row.get("reason")?,
        headers: headers(row, "headers")?,
        body: bytes(row, "body")?.unwrap_or_default(),
        body_total: number(row, "body_total")?,
    })
}
