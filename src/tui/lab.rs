//! Trying a template out off the loop: whenever it is saved, first on the capture that is looked at, then on all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::effects::{Outcome, send};
use crate::app::Msg;
use crate::app::sheet::{Grade, LabAsk, LabNews, LabRow};
use crate::capture::{Capture, CaptureId};
use crate::inspect::{self, DECODE_LIMIT};
use crate::lab::{Sample, Trial, dialect_of};
use crate::service::{Saves, Service};

/// What was found out is told at least this often.
const TOLD: Duration = Duration::from_millis(50);

/// A template at work. Dropped, it stops.
pub struct Lab {
    asks: UnboundedSender<LabAsk>,
    task: JoinHandle<()>,
    generation: Arc<AtomicU64>,
}

impl Lab {
    /// Reads and watches a file.
    pub fn open(file: PathBuf, service: Arc<Service>, outcomes: UnboundedSender<Outcome>) -> Self {
        let (asks, taken) = unbounded_channel();
        let generation = Arc::new(AtomicU64::new(0));
        let bench = Bench { service, outcomes, generation: generation.clone(), source: None, shown: None };
        Self { asks, task: tokio::spawn(bench.work(file, taken)), generation }
    }

    /// Has something done with it.
    pub fn ask(&self, ask: LabAsk) {
        // The task ends only with this.
        let _ = self.asks.send(ask);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.task.abort();
    }
}

struct Bench {
    service: Arc<Service>,
    outcomes: UnboundedSender<Outcome>,
    /// Trials of an older one are of no use.
    generation: Arc<AtomicU64>,
    /// `None` until it was read.
    source: Option<Arc<str>>,
    shown: Option<CaptureId>,
}

impl Bench {
    async fn work(mut self, file: PathBuf, mut asks: UnboundedReceiver<LabAsk>) {
        let mut saves = match Saves::new() {
            Ok(saves) => saves,
            Err(error) => return self.tell(LabNews::Read(Err(format!("cannot watch files: {error}")), Utc::now())),
        };
        let files = vec![file.clone()];
        if let Some(reason) = saves.follow(&files) {
            return self.tell(LabNews::Read(Err(format!("cannot watch {}: {reason}", file.display())), Utc::now()));
        }
        loop {
            tokio::select! {
                ask = asks.recv() => match ask {
                    Some(LabAsk::Show(id)) => {
                        self.shown = Some(id);
                        self.show();
                    }
                    Some(LabAsk::More(ids)) => self.all(ids),
                    Some(LabAsk::Open(_)) => {}
                    None => return,
                },
                () = saves.next(|| files.clone()) => self.read(&file),
            }
        }
    }

    fn tell(&self, news: LabNews) {
        send(&self.outcomes, Msg::Lab(Box::new(news)));
    }

    fn read(&mut self, file: &Path) {
        let read = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()));
        self.generation.fetch_add(1, Ordering::Relaxed);
        let source = read.as_deref().ok().map(Arc::from);
        self.tell(LabNews::Read(read, Utc::now()));
        let Some(source) = source else { return };
        self.source = Some(source);
        self.show();
        let rows = self.service.store.summaries().unwrap_or_default();
        self.all(rows.iter().rev().map(|row| row.id).collect());
    }

    /// Tries it on the capture that is looked at.
    fn show(&self) {
        let (Some(id), Some(source)) = (self.shown, self.source.clone()) else { return };
        let (service, outcomes) = (self.service.clone(), self.outcomes.clone());
        let (current, mine) = (self.generation.clone(), self.generation.load(Ordering::Relaxed));
        tokio::task::spawn_blocking(move || {
            let start = Instant::now();
            let trial = stored(&service, id).map(|capture| try_on(&source, &capture));
            let took = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
            if current.load(Ordering::Relaxed) == mine {
                send(&outcomes, Msg::Lab(Box::new(LabNews::Shown(id, trial.map(Box::new), took))));
            }
        });
    }

    /// Tries it on these, and tells now and then how far it is.
    fn all(&self, ids: Vec<CaptureId>) {
        let Some(source) = self.source.clone() else { return };
        let (service, outcomes) = (self.service.clone(), self.outcomes.clone());
        let (current, mine) = (self.generation.clone(), self.generation.load(Ordering::Relaxed));
        tokio::task::spawn_blocking(move || {
            let (mut rows, mut told) = (Vec::new(), Instant::now());
            let count = ids.len();
            for (at, id) in ids.into_iter().enumerate() {
                if current.load(Ordering::Relaxed) != mine {
                    return;
                }
                rows.extend(stored(&service, id).map(|capture| row(&try_on(&source, &capture), id)));
                if told.elapsed() >= TOLD || at + 1 == count {
                    let news = LabNews::Tried(std::mem::take(&mut rows), count - at - 1);
                    send(&outcomes, Msg::Lab(Box::new(news)));
                    told = Instant::now();
                }
            }
        });
    }
}

/// A capture with JSON in its body, and the JSON in its place.
fn stored(service: &Service, id: CaptureId) -> Option<Capture> {
    let mut capture = service.store.get(id).ok().flatten()?;
    let headers = &capture.request.headers;
    let (encoding, kind) = (headers.text("content-encoding"), headers.text("content-type"));
    let decoded = inspect::decode(encoding, kind, &capture.request.body.bytes, DECODE_LIMIT).bytes;
    inspect::validate(&decoded).ok()?;
    capture.request.body.bytes = decoded;
    Some(capture)
}

fn try_on(source: &str, capture: &Capture) -> Trial {
    let label = capture.id.to_string();
    let json = &capture.request.body.bytes;
    let sample = Sample { json, label: &label, content_type: None, now: Utc::now() };
    Trial::of(source, dialect_of(capture.identity.sender.as_deref()), &sample)
}

fn row(trial: &Trial, id: CaptureId) -> LabRow {
    let size = trial.result.as_ref().map_or(0, |output| output.text.len());
    LabRow { id, grade: Grade::of(trial), size, words: trial.words() }
}
