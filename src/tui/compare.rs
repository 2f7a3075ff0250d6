//! Comparing captures: small ones at once, big ones off the loop, until another comparison is wanted.

use std::sync::atomic::Ordering;

use super::effects::{Doer, send};
use crate::app::Msg;
use crate::app::compare::{CompareError, CompareJob};
use crate::capture::Capture;
use crate::service::Service;

/// Bodies that are bigger than this together are compared off the loop.
const BIG: u64 = 128 * 1024;

impl Doer {
    /// Compares a capture with another one of `size` body bytes: at once when both are small, else later. One
    /// that is still on the way is stopped.
    pub fn compare(&self, job: CompareJob, size: u64) -> Option<Msg> {
        let number = self.comparing.fetch_add(1, Ordering::Relaxed) + 1;
        if size + job.capture.request.body.total <= BIG {
            return done(&self.service, &job, &|| false);
        }
        let (service, outcomes, current) = (self.service.clone(), self.outcomes.clone(), self.comparing.clone());
        tokio::task::spawn_blocking(move || {
            let stop = || current.load(Ordering::Relaxed) != number;
            if let Some(msg) = done(&service, &job, &stop) {
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

/// What came of it; nothing when it was stopped, which who stopped it knows.
fn done(service: &Service, job: &CompareJob, stop: &dyn Fn() -> bool) -> Option<Msg> {
    let other = job.order.basis.capture().map_or(Ok(None), |id| service.store.get(id));
    let run = |other: Option<Capture>| job.run(other.as_ref(), stop);
    let outcome = other.map_err(|error| CompareError::Read(error.to_string())).and_then(run);
    (!matches!(outcome, Err(CompareError::Stopped))).then(|| Msg::Compared(job.order, Box::new(outcome)))
}
