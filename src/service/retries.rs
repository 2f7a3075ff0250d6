//! Retries seen: requests that repeat an earlier one, by the id of the delivery or, where there is none, byte by byte.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::OnceCell;

use crate::capture::{Capture, CaptureId, Retry, Sameness, Summary};
use crate::sender;
use crate::store::{Store, StoreError};

/// Who tries again does so within this time, the slowest of senders too; what comes later only looks the same.
const LONGEST_GAP: TimeDelta = TimeDelta::hours(24);
/// So many requests are remembered, and up to twice as many.
const REMEMBERED: usize = 8192;
/// So many bytes of captures are read to remember them at the start.
const READ_AT_START: u64 = 64 << 20;

/// What a request has in common with its repetitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// Keyed for this run, so that nobody can make two that are the same.
    hash: u64,
    by: Sameness,
}

/// The requests that a later one can repeat.
#[derive(Clone, Default)]
pub struct Retries {
    hashing: RandomState,
    seen: Arc<Mutex<Seen>>,
    filled: Arc<OnceCell<()>>,
}

/// What was seen of late, in two generations: when the young one is full it is the old one, which is forgotten.
#[derive(Default)]
struct Seen {
    young: HashMap<u64, Last>,
    old: HashMap<u64, Last>,
}

/// A request and how often it was repeated.
#[derive(Clone, Copy)]
struct Last {
    first: CaptureId,
    nth: u32,
    at: DateTime<Utc>,
}

impl Retries {
    /// Remembers what is in the store, once. Reads up to 64 MiB of it, on a thread of its own.
    pub async fn fill(&self, store: &Store) {
        let fill = async || {
            let (store, hashing) = (store.clone(), self.hashing.clone());
            let seen = tokio::task::spawn_blocking(move || seen_in(&store, &hashing)).await;
            match seen {
                Ok(Ok(seen)) => *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen,
                Ok(Err(error)) => tracing::warn!("retries of what is in the store are not seen: {error}"),
                Err(error) => tracing::error!("retries of what is in the store are not seen: {error}"),
            }
        };
        self.filled.get_or_init(fill).await;
    }

    /// What a repetition of this capture would have in common with it; `None` for what is no delivery: what has neither id
    /// nor body, what is not whole, what we sent again ourselves.
    pub fn likeness(&self, capture: &Capture) -> Option<Likeness> {
        likeness(capture, &self.hashing)
    }

    /// The retry that a capture of this likeness is, when an earlier one was kept.
    pub fn find(&self, likeness: Likeness, at: DateTime<Utc>) -> Option<Retry> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).find(likeness, at)
    }

    /// Remembers a capture that was kept.
    pub fn kept(&self, likeness: Likeness, id: CaptureId, at: DateTime<Utc>, retry: Option<Retry>) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).kept(likeness, id, at, retry);
    }
}

impl Seen {
    fn find(&mut self, likeness: Likeness, at: DateTime<Utc>) -> Option<Retry> {
        let last = self.young.get(&likeness.hash).or_else(|| self.old.get(&likeness.hash))?;
        let gap = at - last.at;
        let gap_us = gap.num_microseconds().map_or(0, |gap| u64::try_from(gap).unwrap_or(0));
        (gap <= LONGEST_GAP).then(|| Retry { of: last.first, nth: last.nth + 1, gap_us, by: likeness.by })
    }

    fn kept(&mut self, likeness: Likeness, id: CaptureId, at: DateTime<Utc>, retry: Option<Retry>) {
        if self.young.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
        }
        let last = Last { first: retry.map_or(id, |retry| retry.of), nth: retry.map_or(0, |retry| retry.nth), at };
        self.young.insert(likeness.hash, last);
    }
}

fn likeness(capture: &Capture, hashing: &RandomState) -> Option<Likeness> {
    let request = &capture.request;
    let is_delivery = capture.problem.is_none() && capture.resent_from.is_none();
    let id = sender::delivery_id(request, &capture.identity);
    if !is_delivery || (id.is_none() && request.body.bytes.is_empty()) {
        return None;
    }
    let mut hasher = hashing.build_hasher();
    (&request.method[..], &request.target[..]).hash(&mut hasher);
    let by = if id.is_some() { Sameness::DeliveryId } else { Sameness::Bytes };
    match id {
        Some(id) => (0, id).hash(&mut hasher),
        None => (1, &request.body.bytes[..]).hash(&mut hasher),
    }
    Some(Likeness { hash: hasher.finish(), by })
}

/// What the newest captures of the store leave to remember.
fn seen_in(store: &Store, hashing: &RandomState) -> Result<Seen, StoreError> {
    let mut seen = Seen::default();
    let Some(from) = oldest_of_interest(&store.summaries()?, Utc::now()) else { return Ok(seen) };
    store.for_each_from(from, |capture| {
        if let Some(likeness) = likeness(&capture, hashing) {
            seen.kept(likeness, capture.id, capture.received_at, capture.retry);
        }
        ControlFlow::Continue(())
    })?;
    Ok(seen)
}

/// The first of those that are worth reading, newest first until they are too old or too many.
fn oldest_of_interest(rows: &[Summary], now: DateTime<Utc>) -> Option<CaptureId> {
    let mut bytes = 0;
    let recent = rows.iter().rev().take(REMEMBERED).take_while(|row| {
        bytes += row.size;
        now - row.received_at <= LONGEST_GAP && bytes <= READ_AT_START
    });
    recent.last().map(|row| row.id)
}
