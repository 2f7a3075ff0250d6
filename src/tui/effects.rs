//! Doing what the model asks for: store, clipboard, resends, editor, files. Results come back as messages.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::clipboard::{Clipboard, Copied};
use super::complete;
use super::lab::Lab;
use super::outside::Outside;
use super::run::save_directory;
use super::save::save_new;
use crate::app::sheet::LabAsk;
use crate::app::{Clip, EditTarget, Effect, Found, Level, Listening, Msg, Prepared, ResendPlan};
use crate::capture::{Attempt, CaptureId, Header};
use crate::config::Settings;
use crate::export;
use crate::inspect::bytes_exact;
use crate::receiver::BindError;
use crate::service::{self, ListenError, Listener, Rechecked, Renewed, Reread, Service, Standing};
use crate::store::StoreError;

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
    /// After a SIGHUP there was nothing new to read: it asks the program to end, as it does elsewhere.
    HungUp,
}

/// Does what the model asks for.
pub struct Doer {
    /// The store, the checker, the client.
    pub service: Arc<Service>,
    /// The receiver.
    pub listener: Arc<Listener>,
    /// The settings that the program started with.
    pub settings: Arc<Settings>,
    /// Reads them again.
    pub reread: Reread,
    /// The ways to the clipboard.
    pub clipboard: Arc<Clipboard>,
    /// Where results go.
    pub outcomes: UnboundedSender<Outcome>,
    /// The generation of the search that may go on.
    pub searching: Arc<AtomicU64>,
    /// The generation of the conditions that may be tried on all captures.
    pub trying: Arc<AtomicU64>,
    /// Watches the file with the conditions.
    pub conditions: Option<JoinHandle<()>>,
    /// The number of the comparison that may go on.
    pub comparing: Arc<AtomicU64>,
    /// Whose turn it is to change the store.
    pub changes: Arc<Mutex<()>>,
    /// Ends a run of attempts.
    pub sending: CancellationToken,
    /// The template that is tried out.
    pub lab: Option<Lab>,
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
                send(&outcomes, msg);
            }
        });
    }

    /// Does something; gives back what is known at once.
    pub fn perform(&mut self, effect: Effect) -> Vec<Msg> {
        match effect {
            Effect::Copy(clip) => self.copy(clip),
            Effect::CopyExpected(id) => return self.copy_expected(id).into_iter().collect(),
            Effect::Search { generation, words, only, total } => self.search(Search { generation, words, total }, only),
            Effect::StopSearch => self.searching.store(0, Ordering::Relaxed),
            Effect::StopComparing => self.stop_comparing(),
            Effect::Pin(id, pinned) => self.pin(id, pinned),
            Effect::Delete(id) => self.delete(id),
            Effect::Restore(id) => self.restore(id),
            Effect::Prepare(plan) => return vec![self.prepare(plan)],
            Effect::Send(plan) => self.send(plan),
            Effect::StopSending => self.sending.cancel(),
            Effect::Write(path, bytes) => return vec![write(&path, &bytes)],
            Effect::Sample => self.sample(),
            Effect::Listen(port) => return vec![self.listen(port)],
            Effect::Rules(change) => self.service.change_rules(change),
            Effect::WatchConditions(name) => self.watch_conditions(name),
            Effect::Try(attempt) => self.try_conditions(attempt),
            Effect::TellPast(job) => self.tell_past(job),
            Effect::Lab(ask) => self.lab(ask),
            Effect::Complete(typed) => self.complete(typed),
            Effect::CopyCurl(plan, reveal) => return self.copy_curl(&plan, reveal).into_iter().collect(),
            Effect::Edit(..)
            | Effect::Page(_)
            | Effect::Mouse(_)
            | Effect::Repaint
            | Effect::Suspend
            | Effect::Quit => {}
        }
        Vec::new()
    }

    fn lab(&mut self, ask: LabAsk) {
        if let LabAsk::Open(files) = &ask {
            self.lab = Some(Lab::open(files.clone(), self.service.clone(), self.outcomes.clone()));
        } else if let Some(lab) = &self.lab {
            lab.ask(ask);
        }
    }

    fn complete(&self, typed: String) {
        let home = std::env::home_dir();
        self.later(async move {
            let asked = typed.clone();
            let names = tokio::task::spawn_blocking(move || complete::names(&asked, home.as_deref())).await;
            Some(Msg::Completed(typed, names.unwrap_or_default()))
        });
    }

    /// A command that sends what a plan would; values that are shown only when asked for are masked.
    fn copy_curl(&self, plan: &ResendPlan, reveal: bool) -> Option<Msg> {
        let outgoing = match self.service.prepare(plan) {
            Ok(job) => job.outgoing,
            Err(error) => return Some(Msg::Say(Level::Error, error.to_string())),
        };
        let masked = &self.settings.screen.masked_headers;
        let hides = |header: &Header| !reveal && masked.iter().any(|name| header.is(name));
        let bytes = export::curl(&outgoing.request, &outgoing.url, hides).text.into();
        let count = outgoing.request.headers.iter().filter(|header| hides(header)).count();
        let note = if count == 0 { String::new() } else { format!(" ({count} masked)") };
        let what = format!("curl of the request rendered for {}{note}", plan.capture);
        self.copy(Clip { what, bytes, file_name: format!("hookview-{}.sh", plan.capture.0) });
        None
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

    fn search(&self, search: Search, only: Option<Vec<CaptureId>>) {
        self.searching.store(search.generation, Ordering::Relaxed);
        let (current, outcomes, service) = (self.searching.clone(), self.outcomes.clone(), self.service.clone());
        tokio::task::spawn_blocking(move || match only {
            Some(ids) => search.among(&service, ids, &outcomes),
            None => search.everywhere(&service, &current, &outcomes),
        });
    }

    /// Changes of the store happen one after the other, in the order in which they were asked for.
    fn change<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
        undo: impl FnOnce() -> Option<Msg> + Send + 'static,
    ) {
        let (turn, outcomes) = (self.changes.clone().lock_owned(), self.outcomes.clone());
        tokio::spawn(async move {
            let _turn = turn.await;
            if let Err(error) = work.await {
                let said = Msg::Say(Level::Error, format!("not kept: {error}"));
                undo().into_iter().chain([said]).for_each(|msg| send(&outcomes, msg));
            }
        });
    }

    fn pin(&self, id: CaptureId, pinned: bool) {
        let service = self.service.clone();
        let work = async move { service.store.set_pinned(id, pinned).await };
        self.change(work, move || Some(Msg::Pinned(id, !pinned)));
    }

    fn delete(&self, id: CaptureId) {
        let (service, again) = (self.service.clone(), self.service.clone());
        let work = async move { service.store.delete(vec![id]).await };
        self.change(work, move || restored(&again, id));
    }

    fn restore(&self, id: CaptureId) {
        let (service, outcomes) = (self.service.clone(), self.outcomes.clone());
        let work = async move {
            let back = !service.store.restore(vec![id]).await?.is_empty();
            let gone = || Msg::Say(Level::Error, format!("{id} is gone for good"));
            send(&outcomes, back.then(|| restored(&service, id)).flatten().unwrap_or_else(gone));
            Ok(())
        };
        self.change(work, || None);
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
                        return send(&outcomes, Msg::SendingStopped);
                    }
                    () = tokio::time::sleep(pause) => {}
                }
                let attempt: Attempt = service.attempt(&plan).await;
                send(&outcomes, Msg::Attempted(Box::new(attempt)));
            }
        });
    }

    fn sample(&self) {
        let (service, bound) = (self.service.clone(), self.listener.bound());
        self.later(async move {
            let Some(url) = service::reachable(&bound).and_then(|url| url.parse().ok()) else {
                let reason = "a sample needs a port to go to: add --listen http://127.0.0.1:9000";
                return Some(Msg::Say(Level::Error, reason.to_owned()));
            };
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
        match self.listener.listen_on(port) {
            Ok(bound) => Msg::Listening(Listening::On(bound)),
            Err(ListenError::Bind(error)) => Msg::Listening(busy(&self.listener, &error)),
            Err(ListenError::Unix(error)) => Msg::Say(Level::Error, error.to_string()),
        }
    }

    /// How things stand with the rules.
    pub fn answers(&self) -> Msg {
        Msg::Answers(Box::new(self.service.answers()))
    }

    /// Tells the loop whenever other rules are in force, or new ones are refused.
    pub fn watch_rules(&self) {
        let (mut standing, outcomes) = (self.service.rulebook.standing(), self.outcomes.clone());
        tokio::spawn(async move {
            while standing.changed().await.is_ok() {
                let msg = rules_read(&standing.borrow_and_update());
                send(&outcomes, msg);
            }
        });
    }

    /// Tells the loop whenever certificates were read again.
    pub fn watch_certificates(&self) {
        let Some(mut told) = self.service.certificates.as_ref().map(|certificates| certificates.told()) else { return };
        let outcomes = self.outcomes.clone();
        tokio::spawn(async move {
            while told.changed().await.is_ok() {
                let Renewed { refused, words } = told.borrow_and_update().clone();
                send(&outcomes, Msg::Say(if refused { Level::Error } else { Level::Info }, words));
            }
        });
    }

    /// Reads schemes and secrets again, and checks every capture with them; ends the program when there is nothing new.
    pub fn reread(&self) {
        let (service, reread, outcomes) = (self.service.clone(), self.reread.clone(), self.outcomes.clone());
        tokio::spawn(async move {
            let reread = service.reread(reread).await;
            if reread.as_ref().is_ok_and(|done| !done.anew) {
                // The loop has ended when nobody takes it.
                let _ = outcomes.send(Outcome::HungUp);
                return;
            }
            for msg in said_of(&service, reread) {
                send(&outcomes, msg);
            }
        });
    }

    /// Opens the editor or the pager; the terminal was lent before.
    pub fn open(&mut self, effect: Effect) {
        self.child = true;
        let outcomes = self.outcomes.clone();
        let outside =
            Outside { service: self.service.clone(), settings: self.settings.clone(), reread: self.reread.clone() };
        tokio::spawn(async move {
            let msgs = match effect {
                Effect::Edit(EditTarget::Secrets, _) => outside.secrets().await,
                Effect::Edit(target @ (EditTarget::Rules(_) | EditTarget::NewRule(_)), _) => {
                    outside.rules(target).await
                }
                Effect::Edit(EditTarget::Conditions(path), _) => outside.conditions(&path).await,
                Effect::Edit(EditTarget::Template(path, line), _) => outside.template(&path, line).await,
                Effect::Edit(target, bytes) => outside.edit(target, &bytes).await,
                Effect::Page(clip) => outside.page(&clip).await,
                _ => Vec::new(),
            };
            let _ = outcomes.send(Outcome::ChildEnded(msgs));
        });
    }
}

/// What the model is to know of having read schemes and secrets again.
pub(super) fn said_of(service: &Service, reread: anyhow::Result<Rechecked>) -> Vec<Msg> {
    match reread {
        Ok(done) => {
            let names = service.checker().secrets().iter().map(|secret| secret.name.clone()).collect();
            let said = Msg::Say(Level::Info, done.words());
            vec![Msg::Secrets(names), Msg::Rechecked(done.changes), said]
        }
        // A status line is short: that the old ones stay is left out, not where the mistake is.
        Err(error) => {
            let why: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
            let said = if why.is_empty() { error.to_string() } else { why.join(": ") };
            vec![Msg::Say(Level::Error, said)]
        }
    }
}

/// What the model is to know of the rules having been read again.
fn rules_read(standing: &Standing) -> Msg {
    let level = if standing.refused.is_some() { Level::Error } else { Level::Info };
    Msg::RulesRead(level, standing.words())
}

/// The row of a capture that is there again.
fn restored(service: &Service, id: CaptureId) -> Option<Msg> {
    let capture = service.store.get(id).ok().flatten()?;
    Some(Msg::Restored(Box::new(capture.summary())))
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
    /// How many captures there are.
    total: usize,
}

impl Search {
    fn among(self, service: &Service, ids: Vec<CaptureId>, outcomes: &UnboundedSender<Outcome>) {
        let holds = |id: &CaptureId| {
            service.store.get(*id).ok().flatten().is_some_and(|capture| service::holds_all(&capture, &self.words))
        };
        let ids = ids.into_iter().filter(holds).collect();
        send(outcomes, Msg::Found(Found { generation: self.generation, ids, scanned: 0, total: 0, done: true }));
    }

    fn everywhere(self, service: &Service, current: &AtomicU64, outcomes: &UnboundedSender<Outcome>) {
        let (mut scanned, mut found) = (0, Vec::new());
        let report = |ids: &mut Vec<CaptureId>, scanned: usize, done: bool| {
            let (generation, ids, total) = (self.generation, std::mem::take(ids), self.total.max(1));
            send(outcomes, Msg::Found(Found { generation, ids, scanned, total, done }));
        };
        let searched = service.store.for_each(|capture| {
            if current.load(Ordering::Relaxed) != self.generation {
                return ControlFlow::Break(());
            }
            scanned += 1;
            if service::holds_all(&capture, &self.words) {
                found.push(capture.id);
            }
            if scanned % REPORT == 0 {
                report(&mut found, scanned, false);
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = searched {
            send(outcomes, Msg::Say(Level::Error, error.to_string()));
        }
        report(&mut found, scanned, true);
    }
}

/// Tells the loop; it has ended when nobody takes it.
pub(super) fn send(outcomes: &UnboundedSender<Outcome>, msg: Msg) {
    let _ = outcomes.send(Outcome::Msg(Box::new(msg)));
}
