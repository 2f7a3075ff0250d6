//! Loading the capture that is looked at: small ones at once, big ones off the loop; and why its signature does not
//! hold, which comes behind it.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::UnboundedSender;

use super::effects::{Doer, Outcome, send};
use crate::app::{Diagnosis, Loaded, Msg, PastJob};
use crate::capture::{self, Capture, CaptureId};
use crate::inspect::{body_view, snapshot_changes};
use crate::service::Service;

/// Captures with more body than this are loaded and indexed off the loop.
const BIG: u64 = 256 * 1024;

impl Doer {
    /// Loads a capture: at once when it is small, else later. A small compressed body may be a big one.
    pub fn load(&self, id: CaptureId, size: u64) -> Option<Msg> {
        let service = self.service.clone();
        if size <= BIG {
            return match stored(&service, id) {
                Ok(capture) if capture.request.headers.has("content-encoding") => {
                    self.load_later(id, move || Ok(loaded(&service, capture)))
                }
                capture => {
                    let msg = capture.map_or_else(|msg| msg, |capture| loaded(&service, capture));
                    examine(&service, &self.outcomes, doubtful(&msg));
                    Some(msg)
                }
            };
        }
        self.load_later(id, move || stored(&service, id).map(|capture| loaded(&service, capture)))
    }

    /// Works out what captures of an object changed.
    pub fn tell_past(&self, job: PastJob) {
        let (service, outcomes) = (self.service.clone(), self.outcomes.clone());
        tokio::task::spawn_blocking(move || {
            let told = job.run(|id| service.store.get(id).ok().flatten());
            send(&outcomes, Msg::Past(told));
        });
    }

    fn load_later(&self, id: CaptureId, load: impl FnOnce() -> Result<Msg, Msg> + Send + 'static) -> Option<Msg> {
        let (service, outcomes) = (self.service.clone(), self.outcomes.clone());
        let work = tokio::task::spawn_blocking(move || load().unwrap_or_else(|msg| msg));
        tokio::spawn(async move {
            let msg = work.await.unwrap_or_else(|error| Msg::LoadFailed(id, error.to_string()));
            let doubtful = doubtful(&msg);
            send(&outcomes, msg);
            examine(&service, &outcomes, doubtful);
        });
        None
    }
}

/// A capture that was loaded and whose signature does not hold.
fn doubtful(msg: &Msg) -> Option<Arc<Capture>> {
    let Msg::Loaded(loaded) = msg else { return None };
    let loaded = &loaded.capture;
    (loaded.verdict.outcome != capture::Outcome::Valid).then(|| loaded.clone())
}

/// Has the doctor look at a capture; what it finds out is told later.
fn examine(service: &Arc<Service>, outcomes: &UnboundedSender<Outcome>, capture: Option<Arc<Capture>>) {
    let Some(capture) = capture else { return };
    let (service, outcomes) = (service.clone(), outcomes.clone());
    tokio::task::spawn_blocking(move || {
        let start = Instant::now();
        let report = service.diagnose(&capture);
        send(&outcomes, Msg::Diagnosed(capture.id, Box::new(Diagnosis { report, took: start.elapsed() })));
    });
}

/// A capture from the store, or what to say instead.
fn stored(service: &Service, id: CaptureId) -> Result<Capture, Msg> {
    match service.store.get(id) {
        Ok(Some(capture)) => Ok(capture),
        Ok(None) => Err(Msg::LoadFailed(id, "it is no longer in the store".to_owned())),
        Err(error) => Err(Msg::LoadFailed(id, error.to_string())),
    }
}

/// A capture with all that its tabs show.
fn loaded(service: &Service, capture: Capture) -> Msg {
    let attempts = service.store.attempts(capture.id).unwrap_or_default();
    let runs = service.store.runs(capture.id).unwrap_or_default();
    let body = body_view(&capture.request.headers, &capture.request.body);
    let (facts, foreseen) = (service.facts(&capture), service.foresee(&capture));
    let changes = snapshot_changes(&body);
    Msg::Loaded(Box::new(Loaded { capture: Arc::new(capture), body, changes, attempts, runs, foreseen, facts }))
}
