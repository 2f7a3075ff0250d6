//! Trying templates out off the loop: whenever they are saved, first on the capture that is looked at, then on all, a few
//! at a time.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use super::effects::{Outcome, send};
use crate::app::Msg;
use crate::app::sheet::{LabAsk, LabNews, LabRow};
use crate::capture::{Capture, CaptureId};
use crate::inspect::{self, DECODE_LIMIT};
use crate::lab::{Definition, Files, Sample, Tryout, dialect_named, dialect_of};
use crate::service::{Saves, Service, text_of_regular};
use crate::template::Dialect;

/// What was found out about all is told after this time: so long the capture that is looked at waits at most.
const TURN: Duration = Duration::from_millis(20);

/// Templates at work. Dropped, they stop.
pub struct Lab {
    asks: UnboundedSender<LabAsk>,
    task: JoinHandle<()>,
}

impl Lab {
    /// Reads and watches files.
    pub fn open(files: Files, service: Arc<Service>, outcomes: UnboundedSender<Outcome>) -> Self {
        let (asks, taken) = unbounded_channel();
        let bench = Bench { service, outcomes, files, system: None, recipe: None, shown: None, queue: VecDeque::new() };
        Self { asks, task: tokio::spawn(bench.work(taken)) }
    }

    /// Has something done with them.
    pub fn ask(&self, ask: LabAsk) {
        // The task ends only with this.
        let _ = self.asks.send(ask);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How captures are rendered.
#[derive(Clone)]
struct Recipe {
    definition: Arc<Definition>,
    /// Whose Jinja it is; the sender's when `None`.
    system: Option<Dialect>,
}

/// What was done in one turn.
enum Turn {
    /// Rows of captures, and those for which there was no time.
    All(Vec<LabRow>, VecDeque<CaptureId>),
    /// The capture that is looked at.
    Shown(LabNews),
}

struct Bench {
    service: Arc<Service>,
    outcomes: UnboundedSender<Outcome>,
    files: Files,
    /// As the user chose.
    system: Option<Dialect>,
    /// `None` until templates were read.
    recipe: Option<Recipe>,
    /// The capture that is looked at, until it was rendered.
    shown: Option<CaptureId>,
    /// Captures that are still to be rendered, in their order.
    queue: VecDeque<CaptureId>,
}

impl Bench {
    async fn work(mut self, mut asks: UnboundedReceiver<LabAsk>) {
        let saves = match Saves::new() {
            Ok(saves) => saves,
            Err(error) => return self.tell(LabNews::Read(Err(format!("cannot watch files: {error}")), Utc::now())),
        };
        let (mut looked_at, mut turn, mut is_stale) = (None, None, false);
        // Kept over the turns, so that what they find out does not put it off.
        let mut change = Box::pin(self.next_change(saves, self.named()));
        loop {
            turn = turn.or_else(|| self.next_turn());
            tokio::select! {
                biased;
                ask = asks.recv() => match ask {
                    Some(LabAsk::Show(id)) => {
                        looked_at = Some(id);
                        self.shown = looked_at;
                    }
                    Some(LabAsk::More(ids)) => ids.into_iter().for_each(|id| self.queue.push_front(id)),
                    Some(LabAsk::System(system)) => {
                        self.system = system;
                        is_stale = turn.is_some();
                        self.begin_anew(looked_at).await;
                    }
                    Some(LabAsk::Open(_)) => {}
                    None => return,
                },
                saves = &mut change => {
                    let files = self.read().await;
                    change.set(self.next_change(saves, files));
                    is_stale = turn.is_some();
                    self.begin_anew(looked_at).await;
                }
                done = ended(&mut turn) => {
                    turn = None;
                    // One that began before everything began anew could not be stopped; what it found out is of the past.
                    if !std::mem::take(&mut is_stale) {
                        self.take(done);
                    }
                }
            }
        }
    }

    /// Waits until these files are others than before: at once the first time.
    fn next_change(&self, mut saves: Saves, files: Vec<PathBuf>) -> impl Future<Output = Saves> + use<> {
        if let Some(reason) = saves.follow(&files) {
            let reason = format!("cannot watch {}: {reason}", self.files);
            self.tell(LabNews::Read(Err(reason), Utc::now()));
        }
        async move {
            saves.next(|| files.clone()).await;
            saves
        }
    }

    fn tell(&self, news: LabNews) {
        send(&self.outcomes, Msg::Lab(Box::new(news)));
    }

    fn named(&self) -> Vec<PathBuf> {
        [Some(&self.files.main), self.files.url.as_ref(), self.files.headers.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// Reads the templates; gives back the files that they are in.
    async fn read(&mut self) -> Vec<PathBuf> {
        let (mut files, named) = (self.named(), self.files.clone());
        let (found, read) = match spawn_blocking(move || read(&named)).await {
            Ok(read) => read,
            Err(error) => (Vec::new(), Err(error.to_string())),
        };
        files.extend(found);
        files.sort();
        files.dedup();
        self.recipe = read.as_ref().ok().cloned();
        let definition = read.map(|recipe| Box::new(Definition::clone(&recipe.definition)));
        self.tell(LabNews::Read(definition, Utc::now()));
        files
    }

    /// Everything is to be rendered again, the newest first.
    async fn begin_anew(&mut self, looked_at: Option<CaptureId>) {
        self.shown = looked_at;
        let service = self.service.clone();
        let all = move || service.store.summaries().unwrap_or_default().iter().rev().map(|row| row.id).collect();
        self.queue = spawn_blocking(all).await.unwrap_or_default();
    }

    /// Renders what is looked at first; there is one turn at a time.
    fn next_turn(&mut self) -> Option<JoinHandle<Turn>> {
        let mut recipe = self.recipe.clone()?;
        recipe.system = self.system.or(recipe.system);
        let service = self.service.clone();
        if let Some(id) = self.shown.take() {
            return Some(spawn_blocking(move || Turn::Shown(recipe.shown(&service, id))));
        }
        let queue = std::mem::take(&mut self.queue);
        (!queue.is_empty()).then(|| spawn_blocking(move || recipe.some(&service, queue)))
    }

    fn take(&mut self, done: Result<Turn, JoinError>) {
        match done {
            Ok(Turn::Shown(news)) => self.tell(news),
            Ok(Turn::All(rows, rest)) => {
                // Arrivals of the meantime come before the rest.
                self.queue.extend(rest);
                self.tell(LabNews::Tried(rows, self.queue.len()));
            }
            Err(error) => tracing::error!(%error, "a template could not be tried out"),
        }
    }
}

/// Reads templates: the files that were looked at, and how captures are rendered with them.
fn read(files: &Files) -> (Vec<PathBuf>, Result<Recipe, String>) {
    let mut found = Vec::new();
    let read = Definition::read(files, &mut |file| {
        found.push(file.to_owned());
        text_of_regular(file)
    });
    let recipe = read.map_err(|error| error.to_string()).and_then(|definition| {
        let system = definition.webhook.system.as_deref().map(dialect_named).transpose();
        let recipe = |system| Recipe { definition: Arc::new(definition), system };
        system.map_err(|error| error.to_string()).map(recipe)
    });
    (found, recipe)
}

/// Waits for a turn to end; for ever when there is none.
async fn ended(turn: &mut Option<JoinHandle<Turn>>) -> Result<Turn, JoinError> {
    match turn {
        Some(turn) => turn.await,
        None => std::future::pending().await,
    }
}

impl Recipe {
    fn shown(&self, service: &Service, id: CaptureId) -> LabNews {
        let capture = stored(service, id);
        let start = Instant::now();
        let tryout = capture.map(|capture| Box::new(self.try_on(&capture)));
        LabNews::Shown(id, tryout, u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// As many as there is time for, but one.
    fn some(&self, service: &Service, mut queue: VecDeque<CaptureId>) -> Turn {
        let (mut rows, start) = (Vec::new(), Instant::now());
        while let Some(id) = queue.pop_front() {
            rows.extend(stored(service, id).map(|capture| LabRow::of(id, &self.try_on(&capture))));
            if start.elapsed() >= TURN {
                break;
            }
        }
        Turn::All(rows, queue)
    }

    fn try_on(&self, capture: &Capture) -> Tryout {
        let label = capture.id.to_string();
        let json = &capture.request.body.bytes;
        let sample = Sample { json, label: &label, content_type: None, now: Utc::now() };
        let dialect = self.system.unwrap_or_else(|| dialect_of(capture.identity.sender.as_deref()));
        Tryout::of(&self.definition, dialect, &sample)
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
