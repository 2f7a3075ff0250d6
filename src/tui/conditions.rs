//! Watching the file with the conditions, and trying them on captures off the loop.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;

use super::effects::{Doer, Outcome, send};
use super::outside::Outside;
use crate::app::{ConditionsFile, Fired, Level, Msg, TrialReport, Try, TryOn};
use crate::capture::{Capture, CaptureId};
use crate::service::{Saves, Service};

/// What came of so many captures is told at once.
const REPORT: usize = 500;
/// A file of more bytes holds no conditions.
const MOST: u64 = 1024 * 1024;
/// What a file is made with.
const BEGINNING: &str = "{\"and\": [\n    {\"attr\": \"status.value\", \"value\": \"enabled\"}\n]}\n";

impl Doer {
    /// Reads a file now and whenever it changes; another one that was watched is no more.
    pub fn watch_conditions(&mut self, name: String) {
        let outcomes = self.outcomes.clone();
        if let Some(before) = self.conditions.take() {
            before.abort();
        }
        self.conditions = Some(tokio::spawn(watch(name, outcomes)));
    }

    /// Tries conditions; what was tried on all captures before stops.
    pub fn try_conditions(&self, attempt: Try) {
        let (service, outcomes, current) = (self.service.clone(), self.outcomes.clone(), self.trying.clone());
        current.store(attempt.generation, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || match &attempt.on {
            TryOn::One(id) => one(&attempt, *id, &service, &outcomes),
            TryOn::Some(ids) => some(&attempt, ids, &service, &outcomes),
            TryOn::All => all(&attempt, &service, &current, &outcomes),
        });
    }
}

async fn watch(name: String, outcomes: UnboundedSender<Outcome>) {
    let path = PathBuf::from(&name);
    send(&outcomes, Msg::Conditions(Box::new(read(&name))));
    let mut saves = match Saves::new() {
        Ok(saves) => saves,
        Err(error) => return send(&outcomes, Msg::Say(Level::Error, format!("{name} is not watched: {error}"))),
    };
    let files = || [Some(path.clone()), path.canonicalize().ok()].into_iter().flatten().collect::<Vec<_>>();
    loop {
        if let Some(reason) = saves.follow(&files()) {
            send(&outcomes, Msg::Say(Level::Error, format!("{name} is not watched: {reason}")));
        }
        saves.next(files).await;
        send(&outcomes, Msg::Conditions(Box::new(read(&name))));
    }
}

/// The file as it is now.
fn read(name: &str) -> ConditionsFile {
    let path = Path::new(name);
    let metadata = path.metadata();
    let saved = metadata.as_ref().ok().and_then(|metadata| metadata.modified().ok()).map(Into::into);
    let content = match metadata {
        Ok(metadata) if metadata.len() > MOST => Err(format!("{name} is too long for conditions")),
        Ok(metadata) if !metadata.is_file() => Err(format!("{name} is no file")),
        _ => std::fs::read(path).map(Bytes::from).map_err(|error| format!("cannot read {name}: {error}")),
    };
    ConditionsFile { name: name.to_owned(), content, saved }
}

fn one(attempt: &Try, id: CaptureId, service: &Service, outcomes: &UnboundedSender<Outcome>) {
    if let Ok(Some(capture)) = service.store.get(id) {
        send(outcomes, Msg::Tried(attempt.generation, Box::new(attempt.on_capture(&capture))));
    }
}

fn some(attempt: &Try, ids: &[CaptureId], service: &Service, outcomes: &UnboundedSender<Outcome>) {
    let tried = |id: &CaptureId| fired(attempt, &service.store.get(*id).ok().flatten()?);
    let fired = ids.iter().filter_map(tried).collect();
    send(outcomes, Msg::TrialReport(TrialReport { generation: attempt.generation, fired, done: false }));
}

fn fired(attempt: &Try, capture: &Capture) -> Option<(CaptureId, Fired)> {
    Some((capture.id, attempt.fired(capture)?))
}

fn all(attempt: &Try, service: &Service, current: &AtomicU64, outcomes: &UnboundedSender<Outcome>) {
    let mut found = Vec::new();
    let report = |found: &mut Vec<_>, done| {
        let fired = std::mem::take(found);
        send(outcomes, Msg::TrialReport(TrialReport { generation: attempt.generation, fired, done }));
    };
    let searched = service.store.for_each(|capture| {
        if current.load(Ordering::Relaxed) != attempt.generation {
            return ControlFlow::Break(());
        }
        found.extend(fired(attempt, &capture));
        if found.len() >= REPORT {
            report(&mut found, false);
        }
        ControlFlow::Continue(())
    });
    if let Err(error) = searched {
        send(outcomes, Msg::Say(Level::Error, error.to_string()));
    }
    report(&mut found, true);
}

impl Outside {
    /// Lets the user edit the conditions, in a new file when there is none. Who watches it tells what came of it.
    pub async fn conditions(&self, path: &Path) -> Vec<Msg> {
        let edited = match self.editor() {
            Ok(editor) => begin(path).map(|()| editor),
            Err(error) => Err(error),
        };
        let edited = match edited {
            Ok(editor) => editor.edit_file(path).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        edited.err().map(|error| Msg::Say(Level::Error, error)).into_iter().collect()
    }
}

/// Makes the file when it is not there.
fn begin(path: &Path) -> Result<(), String> {
    use std::io::Write as _;
    match std::fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(BEGINNING.as_bytes()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
    .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
