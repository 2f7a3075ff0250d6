//! Comparing captures: small ones at once, big ones off the loop, until another comparison is wanted. The screen is
//! shown what such a one has found so far.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::effects::{Doer, send};
use crate::app::Msg;
use crate::app::comparison::{CompareError, CompareJob, Watch};
use crate::capture::Capture;
use crate::inspect::{BodyDiff, Comparison, HeaderChange};
use crate::service::Service;

/// Bodies that are bigger than this together are compared off the loop.
const BIG: usize = 128 * 1024;

/// What was found so far is shown when it begins to be something, then this far apart,
const APART: Duration = Duration::from_millis(50);
/// and so many times further than it takes to copy, when there is much of it.
const EASY: u32 = 10;

impl Doer {
    /// Compares a capture with another one of `size` body bytes: at once when both are small, else later. One
    /// that is still on the way is stopped.
    pub fn compare(&self, job: CompareJob, size: u64) -> Option<Msg> {
        let number = self.comparing.fetch_add(1, Ordering::Relaxed) + 1;
        let small = usize::try_from(size).is_ok_and(|size| size.saturating_add(job.body.size()) <= BIG);
        let other = small.then(|| stored(&self.service, &job));
        // A small compressed body may be a big one.
        let packed = |other: &Capture| other.request.headers.has("content-encoding");
        if let Some(other) = other.filter(|other| !matches!(other, Ok(Some(other)) if packed(other))) {
            return Some(compared(&job, other, &mut |_, _| true));
        }
        let (service, outcomes, current) = (self.service.clone(), self.outcomes.clone(), self.comparing.clone());
        tokio::task::spawn_blocking(move || {
            let other = stored(&service, &job);
            let notes = other.as_ref().map(|other| job.notes(other.as_ref())).unwrap_or_default();
            let (mut shown, mut apart, mut any, order) = (Instant::now(), APART, false, job.order);
            let mut watch = |headers: &[HeaderChange], body: &BodyDiff| {
                let first = !any && body.count() > 0;
                if first || shown.elapsed() >= apart {
                    let start = Instant::now();
                    let (headers, body, notes) = (headers.to_vec(), body.clone(), notes.clone());
                    let comparison = Comparison { headers, body, notes };
                    send(&outcomes, Msg::Compared(order, Ok(Arc::new(comparison))));
                    (shown, any) = (Instant::now(), any || first);
                    apart = APART.max(EASY * start.elapsed());
                }
                current.load(Ordering::Relaxed) == number
            };
            let msg = compared(&job, other, &mut watch);
            if current.load(Ordering::Relaxed) == number {
                send(&outcomes, msg);
            }
        });
        None
    }

    /// Stops the comparison that is on the way.
    pub fn stop_comparing(&self) {
        self.comparing.fetch_add(1, Ordering::Relaxed);
    }
}

/// The capture to compare with; nothing for the snapshots of one.
fn stored(service: &Service, job: &CompareJob) -> Result<Option<Capture>, CompareError> {
    let other = job.order.basis.capture().map_or(Ok(None), |id| service.store.get(id));
    other.map_err(|error| CompareError::Read(error.to_string()))
}

fn compared(job: &CompareJob, other: Result<Option<Capture>, CompareError>, watch: &mut Watch<'_>) -> Msg {
    let outcome = other.and_then(|other| job.run(other.as_ref(), watch));
    Msg::Compared(job.order, outcome.map(Arc::new))
}
