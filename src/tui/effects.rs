//! Doing what the model asks for: store, clipboard, resends, editor, files. Results come back as messages.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::child::{Edited, Program};
use super::clipboard::{Clipboard, Copied};
use super::run::save_directory;
use super::save::save_new;
use crate::app::{Clip, EditTarget, Effect, Found, Level, Listening, Loaded, Msg, Prepared, ResendPlan, Zone};
use crate::capture::{Attempt, CaptureId};
use crate::config::{self, Settings};
use crate::inspect::{Clean, body_view, bytes_exact};
use crate::receiver::BindError;
use crate::service::{self, Listener, Service};
use crate::signature::Checker;

/// Captures with more body than this are loaded and indexed off the loop.
const BIG: u64 = 256 * 1024;
/// A search reports after so many captures.
const REPORT: usize = 500;

/// What comes back from something that took a while.
pub enum Outcome {
    /// A message for the model.
    Msg(Box<Msg>),
    /// Bytes for the terminal (the clipboard's), and what to say.
    Terminal(Vec<u8>, String),
    /// The editor or pager was closed.
    ChildEnded(Vec<Msg>),
}

/// Reads the settings and the secrets again.
pub type Reload = Arc<dyn Fn() -> anyhow::Result<(Settings, Checker)> + Send + Sync>;

/// Does what the model asks for.
pub struct Doer {
    /// The store, the checker, the client.
    pub service: Arc<Service>,
    /// The receiver.
    pub listener: Arc<Listener>,
    /// The settings that the program started with.
    pub settings: Arc<Settings>,
    /// Reads them again.
    pub reload: Reload,
    /// The ways to the clipboard.
    pub clipboard: Arc<Clipboard>,
    /// Where results go.
    pub outcomes: UnboundedSender<Outcome>,
    /// The generation of the search that may go on.
    pub searching: Arc<AtomicU64>,
    /// Ends a run of attempts.
    pub sending: CancellationToken,
    /// Whether an editor or pager has the terminal.
    pub child: bool,
}

impl Doer {
    /// Whether an editor or pager has the terminal.
    pub fn has_child(&self) -> bool {
        self.child
    }

    /// Notes that it gave the terminal back.
    pub fn child_ended(&mut self) {
        self.child = false;
    }

    fn later(&self, work: impl Future<Output = Option<Msg>> + Send + 'static) {
        let outcomes = self.outcomes.clone();
        tokio::spawn(async move {
            if let Some(msg) = work.await {
                // The loop has ended when nobody takes it.
                let _ = outcomes.send(Outcome::Msg(Box::new(msg)));
            }
        });
    }

    /// Does something; gives back what is known at once.
    pub fn perform(&mut self, effect: Effect) -> Vec<Msg> {
        match effect {
            Effect::Copy(clip) => self.copy(clip),
            Effect::CopyExpected(id) => return self.copy_expected(id).into_iter().collect(),
            Effect::Search { generation, words, only } => self.search(generation, words, only),
            Effect::StopSearch => self.searching.store(0, Ordering::Relaxed),
            Effect::Pin(id, pinned) => self.pin(id, pinned),
            Effect::Delete(id) => self.delete(id),
            Effect::Restore(id) => self.restore(id),
            Effect::Prepare(plan) => return vec![self.prepare(plan)],
            Effect::Send(plan) => self.send(plan),
            Effect::StopSending => self.sending.cancel(),
            Effect::Write(path, bytes) => return vec![write(&path, &bytes)],
            Effect::Sample => self.sample(),
            Effect::Listen(port) => return vec![self.listen(port)],
            Effect::SaveState(state) => {
                let service = self.service.clone();
                self.later(async move {
                    failed("the state of the screen", service.store.set_state("screen", &state).await)
                });
            }
            Effect::Edit(..)
            | Effect::Page(_)
            | Effect::Mouse(_)
            | Effect::Repaint
            | Effect::Suspend
            | Effect::Quit => {}
        }
        Vec::new()
    }

    /// Keeps the state of the screen for the next start.
    pub async fn save_state(&self, state: &str) {
        if let Err(error) = self.service.store.set_state("screen", state).await {
            tracing::warn!(%error, "the state of the screen could not be kept");
        }
    }

    /// Keeps captures from being evicted.
    pub fn protect(&self, ids: Vec<CaptureId>) {
        self.service.store.protect(ids);
    }

    /// Loads a capture: at once when it is small, else later.
    pub fn load(&self, id: CaptureId, size: u64) -> Option<Msg> {
        let service = self.service.clone();
        let zone = if self.settings.screen.utc { Zone::Utc } else { Zone::Local };
        let masked: Arc<[String]> = self.settings.screen.masked_headers.clone().into();
        if size <= BIG {
            return Some(load(&service, id, zone, masked));
        }
        let work = tokio::task::spawn_blocking(move || load(&service, id, zone, masked));
        self.later(async move { Some(work.await.unwrap_or_else(|error| Msg::LoadFailed(id, error.to_string()))) });
        None
    }

    fn copy(&self, clip: Clip) {
        let (clipboard, outcomes) = (self.clipboard.clone(), self.outcomes.clone());
        tokio::spawn(async move {
            let size = bytes_exact(clip.bytes.len() as u64);
            let copied = clipboard.copy(&clip.bytes, &save_directory(), &clip.file_name).await;
            let outcome = match copied {
                Ok(Copied::Clipboard { way, confirmed, sequence }) => {
                    let doubt = if confirmed { "" } else { "; this terminal cannot confirm it" };
                    Outcome::Terminal(sequence, format!("copied {}, {size}, {way}{doubt}", clip.what))
                }
                Ok(Copied::Saved(path)) => {
                    let text = format!("{size} is too big for the clipboard: saved to {}", path.display());
                    Outcome::Msg(Box::new(Msg::Say(Level::Info, text)))
                }
                Err(error) => Outcome::Msg(Box::new(Msg::Say(Level::Error, error.to_string()))),
            };
            let _ = outcomes.send(outcome);
        });
    }

    fn copy_expected(&self, id: CaptureId) -> Option<Msg> {
        let capture = self.service.store.get(id).ok().flatten()?;
        match self.service.facts(&capture).values {
            Some(values) => {
                let file_name = format!("hookview-{}-signature.txt", id.0);
                let what = format!("the signature of {id} that secret {} makes", values.secret);
                self.copy(Clip { what, bytes: values.expected.into(), file_name });
                None
            }
            None => {
                Some(Msg::Say(Level::Info, "no secret is known to fit this scheme, so nothing is expected".to_owned()))
            }
        }
    }

    fn search(&self, generation: u64, words: Vec<String>, only: Option<Vec<CaptureId>>) {
        self.searching.store(generation, Ordering::Relaxed);
        let search = Search { generation, words, current: self.searching.clone(), outcomes: self.outcomes.clone() };
        let service = self.service.clone();
        tokio::task::spawn_blocking(move || search.run(&service, only));
    }

    fn pin(&self, id: CaptureId, pinned: bool) {
        let service = self.service.clone();
        self.later(async move { failed("the pin", service.store.set_pinned(id, pinned).await) });
    }

    fn delete(&self, id: CaptureId) {
        let service = self.service.clone();
        self.later(async move { failed("the deletion", service.store.delete(vec![id]).await) });
    }

    fn restore(&self, id: CaptureId) {
        let service = self.service.clone();
        self.later(async move {
            match service.store.restore(vec![id]).await {
                Ok(ids) if ids.is_empty() => Some(Msg::Say(Level::Error, format!("{id} is gone for good"))),
                Ok(_) => {
                    let capture = service.store.get(id).ok().flatten()?;
                    Some(Msg::Restored(vec![capture.summary()]))
                }
                Err(error) => Some(Msg::Say(Level::Error, error.to_string())),
            }
        });
    }

    fn prepare(&self, plan: ResendPlan) -> Msg {
        let outcome = self.service.prepare(&plan).map(|job| job.differences).map_err(|error| error.to_string());
        Msg::Prepared(Box::new(Prepared { plan, outcome }))
    }

    fn send(&mut self, plan: ResendPlan) {
        let (service, outcomes) = (self.service.clone(), self.outcomes.clone());
        self.sending = CancellationToken::new();
        let stop = self.sending.clone();
        tokio::spawn(async move {
            for time in 0..plan.times {
                let pause = if time == 0 { std::time::Duration::ZERO } else { plan.pause };
                tokio::select! {
                    biased;
                    () = stop.cancelled() => {
                        let _ = outcomes.send(Outcome::Msg(Box::new(Msg::SendingStopped)));
                        return;
                    }
                    () = tokio::time::sleep(pause) => {}
                }
                let attempt: Attempt = service.attempt(&plan).await;
                let _ = outcomes.send(Outcome::Msg(Box::new(Msg::Attempted(Box::new(attempt)))));
            }
        });
    }

    fn sample(&self) {
        let (service, bound) = (self.service.clone(), self.listener.bound());
        self.later(async move {
            let address = bound.first()?;
            let url = format!("http://{}/", reachable(*address)).parse().ok()?;
            let outgoing = match service.sample("peering-manager-update", &url) {
                Ok(outgoing) => outgoing,
                Err(error) => return Some(Msg::Say(Level::Error, error.to_string())),
            };
            match service.send(&outgoing).await.0 {
                crate::capture::AttemptOutcome::Answered(_) => None,
                crate::capture::AttemptOutcome::Failed(reason) => Some(Msg::Say(Level::Error, reason)),
            }
        });
    }

    fn listen(&self, port: u16) -> Msg {
        let listening = match self.listener.listen(port) {
            Ok(bound) => Listening::On(bound),
            Err(error) => busy(&self.listener, &error),
        };
        Msg::Listening(listening)
    }

    /// Opens the editor or the pager; the terminal was lent before.
    pub fn open(&mut self, effect: Effect) {
        self.child = true;
        let outcomes = self.outcomes.clone();
        let session =
            Session { service: self.service.clone(), settings: self.settings.clone(), reload: self.reload.clone() };
        tokio::spawn(async move {
            let msgs = match effect {
                Effect::Edit(EditTarget::Secrets, _) => session.secrets().await,
                Effect::Edit(target, bytes) => session.edit(target, &bytes).await,
                Effect::Page(clip) => session.page(&clip).await,
                _ => Vec::new(),
            };
            let _ = outcomes.send(Outcome::ChildEnded(msgs));
        });
    }
}

/// Loads a capture with all that its tabs show.
fn load(service: &Service, id: CaptureId, zone: Zone, masked: Arc<[String]>) -> Msg {
    let capture = match service.store.get(id) {
        Ok(Some(capture)) => capture,
        Ok(None) => return Msg::LoadFailed(id, "it is no longer in the store".to_owned()),
        Err(error) => return Msg::LoadFailed(id, error.to_string()),
    };
    let attempts = service.store.attempts(id).unwrap_or_default();
    let body = body_view(&capture.request.headers, &capture.request.body);
    let facts = service.facts(&capture);
    Msg::Loaded(Box::new(Loaded { capture: Arc::new(capture), body, attempts, facts, zone, masked }))
}

/// What to say when a change did not reach the store.
fn failed<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> Option<Msg> {
    result.err().map(|error| Msg::Say(Level::Error, format!("{what} was not kept: {error}")))
}

fn write(path: &Path, bytes: &Bytes) -> Msg {
    let path: PathBuf = if path.is_absolute() { path.to_owned() } else { save_directory().join(path) };
    let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Msg::Say(Level::Error, "this is not a file name".to_owned());
    };
    match save_new(directory, name, bytes) {
        Ok(path) => Msg::Say(Level::Info, format!("{} written to {}", bytes_exact(bytes.len() as u64), path.display())),
        Err(error) => Msg::Say(Level::Error, error.to_string()),
    }
}

/// An address at which a listener can be reached from this machine.
fn reachable(address: std::net::SocketAddr) -> std::net::SocketAddr {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
        _ => address,
    }
}

/// What the screen shows when the port cannot be had.
pub fn busy(listener: &Listener, error: &BindError) -> Listening {
    let address = error.address();
    let holder = match error {
        BindError::InUse { holder, .. } => holder.as_ref().map(ToString::to_string),
        _ => None,
    };
    let free = listener.free_port(address.port().saturating_add(1));
    Listening::Busy { address, holder, free, reason: error.to_string() }
}

/// A search through the store.
struct Search {
    generation: u64,
    words: Vec<String>,
    current: Arc<AtomicU64>,
    outcomes: UnboundedSender<Outcome>,
}

impl Search {
    fn run(self, service: &Service, only: Option<Vec<CaptureId>>) {
        if let Some(ids) = only {
            let holds = |id: &CaptureId| {
                service.store.get(*id).ok().flatten().is_some_and(|capture| service::holds_all(&capture, &self.words))
            };
            let found = ids.into_iter().filter(holds).collect();
            return self.report(found, 0, 0, true);
        }
        let total = service.store.summaries().map_or(0, |rows| rows.len());
        let (mut scanned, mut found) = (0, Vec::new());
        let searched = service.store.for_each(|capture| {
            if self.current.load(Ordering::Relaxed) != self.generation {
                return ControlFlow::Break(());
            }
            scanned += 1;
            if service::holds_all(&capture, &self.words) {
                found.push(capture.id);
            }
            if scanned % REPORT == 0 {
                self.report(std::mem::take(&mut found), scanned, total, false);
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = searched {
            let _ = self.outcomes.send(Outcome::Msg(Box::new(Msg::Say(Level::Error, error.to_string()))));
        }
        self.report(found, scanned, total, true);
    }

    fn report(&self, ids: Vec<CaptureId>, scanned: usize, total: usize, done: bool) {
        let found = Found { generation: self.generation, ids, scanned, total, done };
        let _ = self.outcomes.send(Outcome::Msg(Box::new(Msg::Found(found))));
    }
}

/// What an editor or pager needs.
struct Session {
    service: Arc<Service>,
    settings: Arc<Settings>,
    reload: Reload,
}

impl Session {
    fn editor(&self) -> Result<Program, String> {
        let configured = Some(self.settings.screen.editor.as_str()).filter(|text| !text.is_empty());
        Program::editor(configured, |name| std::env::var(name).ok()).map_err(|error| error.to_string())
    }

    /// Edits the configuration, reads it again and checks every capture with the secrets that it has now.
    async fn secrets(&self) -> Vec<Msg> {
        let Some(path) = &self.settings.file else {
            return vec![Msg::Say(
                Level::Error,
                "there is no home directory for a configuration: use --config".to_owned(),
            )];
        };
        if let Err(error) = config::ensure_user_file(path) {
            return vec![Msg::Say(Level::Error, error.to_string())];
        }
        let edited = match self.editor() {
            Ok(program) => program.edit_file(path).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        if let Err(error) = edited {
            return vec![Msg::Say(Level::Error, error)];
        }
        match (self.reload)() {
            Ok((_, checker)) => self.recheck(checker).await,
            Err(error) => vec![Msg::Say(Level::Error, format!("the old secrets stay in force: {error:#}"))],
        }
    }

    async fn recheck(&self, checker: Checker) -> Vec<Msg> {
        let names = checker.secrets().iter().map(|secret| secret.name.clone()).collect();
        self.service.set_checker(checker);
        let service = self.service.clone();
        let rechecked = tokio::task::spawn_blocking(move || service.recheck()).await;
        let (done, verdicts) = match rechecked {
            Ok(Ok(rechecked)) => rechecked,
            Ok(Err(error)) => return vec![Msg::Say(Level::Error, error.to_string())],
            Err(error) => return vec![Msg::Say(Level::Error, error.to_string())],
        };
        let said = format!("re-checked {}, {} changed", done.total, done.changes.len());
        if let Err(error) = self.service.store.update_verdicts(verdicts).await {
            return vec![Msg::Say(Level::Error, error.to_string())];
        }
        vec![Msg::Secrets(names), Msg::Rechecked(done.changes), Msg::Say(Level::Info, said)]
    }

    async fn edit(&self, target: EditTarget, bytes: &Bytes) -> Vec<Msg> {
        let name = match &target {
            EditTarget::Headers(_) => "headers.txt",
            _ if crate::inspect::pretty(bytes).is_ok() => "body.json",
            _ => "body.txt",
        };
        let edited = match self.editor() {
            Ok(program) => program.edit(bytes, name).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        match edited {
            Ok(Edited::Changed(bytes)) => vec![Msg::Edited(target, Some(bytes.into()))],
            Ok(Edited::Unchanged) => vec![Msg::Edited(target, None)],
            Err(error) => vec![Msg::Say(Level::Error, error)],
        }
    }

    async fn page(&self, clip: &Clip) -> Vec<Msg> {
        let text: Vec<String> =
            clip.bytes.split(|byte| *byte == b'\n').map(|line| Clean::bytes(line).to_string()).collect();
        let configured = Some(self.settings.screen.pager.as_str()).filter(|text| !text.is_empty());
        let program = Program::pager(configured, |name| std::env::var(name).ok());
        let paged = match program {
            Ok(program) => program.page(&text.join("\n"), &clip.file_name).await,
            Err(error) => Err(error),
        };
        paged.err().map(|error| Msg::Say(Level::Error, error.to_string())).into_iter().collect()
    }
}
