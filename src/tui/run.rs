//! The loop: signals, inputs, results and captures in, frames out. It alone owns the model.
//!
//! Input comes first, so that `q` works under a flood. A frame is drawn at once after an input, at most every 50 ms
//! after arrivals, and not at all while nothing changed; an idle loop sleeps without a timer.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::sync::mpsc;

use super::effects::{Doer, Outcome};
use super::input::Events;
use super::screen::Screen;
use super::signals::{Signal, Signals};
use super::tty;
use crate::app::{Effect, Input, Level, Model, Msg, update};
use crate::capture::{CaptureId, Summary};
use crate::exit::Exit;
use crate::ui::{self, Theme};

/// Frames after arrivals are at least this far apart.
const FRAME: Duration = Duration::from_millis(50);
/// The store has this long to keep the state of the screen at the end.
const FAREWELL: Duration = Duration::from_secs(2);
/// So many arrivals are taken at once.
const BATCH: usize = 4096;

/// What the store tells the screen, light.
#[derive(Debug)]
pub enum Arrival {
    /// A capture was committed.
    Captured(Box<Summary>),
    /// The answer to a capture is known, or has come to its end.
    Settled(Box<Summary>),
    /// What rules did about a capture beside answering has ended.
    Done(CaptureId),
    /// Captures were evicted.
    Evicted(Vec<CaptureId>),
}

/// The loop and what it owns.
pub struct Run {
    model: Model,
    theme: Theme,
    screen: Screen,
    events: Events,
    signals: Signals,
    doer: Doer,
    started: Instant,
    last_draw: Instant,
    dirty: bool,
    protected: Vec<CaptureId>,
    ahead: VecDeque<Input>,
    suspend: bool,
    exit: Option<Exit>,
}

impl Run {
    /// A loop over these parts.
    pub fn new(model: Model, theme: Theme, screen: Screen, parts: (Events, Signals, Doer)) -> Self {
        let (events, signals, doer) = parts;
        let now = Instant::now();
        let (started, last_draw) = (now, now);
        Self {
            model,
            theme,
            screen,
            events,
            signals,
            doer,
            started,
            last_draw,
            dirty: true,
            protected: Vec::new(),
            ahead: VecDeque::new(),
            suspend: false,
            exit: None,
        }
    }

    /// Runs until the user or a signal ends it; gives the terminal back.
    pub async fn run(
        mut self,
        mut arrivals: mpsc::Receiver<Arrival>,
        mut outcomes: mpsc::UnboundedReceiver<Outcome>,
        mut faults: tokio::sync::watch::Receiver<Option<String>>,
    ) -> Exit {
        let mut batch = Vec::with_capacity(BATCH);
        let mut standing = self.doer.service.rulebook.standing();
        self.doer.watch_rules();
        self.doer.watch_certificates();
        self.resized();
        self.draw();
        while self.exit.is_none() {
            let lent = self.doer.has_child();
            let frame = self.last_draw + FRAME;
            let wake = self.model.wake_at().map(|at| self.started + at);
            tokio::select! {
                biased;
                signal = self.signals.next() => self.signal(signal),
                input = self.events.next(), if !lent => self.inputs(input),
                Some(outcome) = outcomes.recv() => self.outcome(outcome),
                Ok(()) = standing.changed() => {
                    let standing = standing.borrow_and_update().clone();
                    let level = if standing.refused.is_some() { Level::Error } else { Level::Info };
                    self.apply(Msg::Say(level, standing.words()));
                    self.draw();
                }
                Ok(()) = faults.changed() => {
                    let fault = faults.borrow_and_update().clone();
                    self.apply(Msg::Store(fault));
                    self.draw();
                }
                () = sleep_until(Some(frame)), if self.dirty && !lent => self.draw(),
                count = arrivals.recv_many(&mut batch, BATCH), if !arrivals.is_closed() || !arrivals.is_empty() => {
                    if count > 0 {
                        self.arrived(&mut batch);
                    }
                }
                () = sleep_until(wake), if wake.is_some() && !lent => {
                    self.apply(Msg::Tick);
                    self.draw();
                }
            }
            if std::mem::take(&mut self.suspend) {
                self.suspend().await;
            }
        }
        // First of all the writer of the store is let go, which may be waiting for room, and the terminal.
        drop(arrivals);
        if let Err(error) = self.screen.leave() {
            tracing::error!(%error, "the terminal could not be given back");
        }
        let state = self.model.state();
        if tokio::time::timeout(FAREWELL, self.doer.save_state(&state)).await.is_err() {
            tracing::warn!("the state of the screen was not kept: the store is busy");
        }
        self.exit.unwrap_or(Exit::Ok)
    }

    fn set_clock(&mut self) {
        self.model.now = self.started.elapsed();
        self.model.wall = Utc::now();
    }

    /// Takes a message and does what the model asks for.
    fn apply(&mut self, msg: Msg) {
        self.set_clock();
        for effect in update(&mut self.model, msg) {
            self.perform(effect);
        }
        if self.model.lab().is_none() {
            self.doer.lab = None;
        }
        self.dirty = true;
    }

    /// What only the loop can do; the rest goes to the doer.
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.exit = Some(Exit::Ok),
            Effect::Repaint => self.screen.force_repaint(),
            Effect::Mouse(on) => {
                let switched = self.screen.set_mouse(on);
                self.complain(switched);
            }
            Effect::Suspend => self.suspend = true,
            Effect::Edit(..) | Effect::Page(_) => match self.screen.lend() {
                Ok(()) => self.doer.open(effect),
                refused => self.complain(refused),
            },
            other => {
                for msg in self.doer.perform(other) {
                    self.apply(msg);
                }
            }
        }
    }

    fn complain(&mut self, result: std::io::Result<()>) {
        if let Err(error) = result {
            self.apply(Msg::Say(Level::Error, format!("the terminal refused: {error}")));
        }
    }

    /// Stops until the shell continues the program.
    async fn suspend(&mut self) {
        let line = format!("hookview: port {} does not answer until fg", self.model.port());
        if let Err(error) = self.screen.suspend(&line, &mut self.signals).await {
            self.apply(Msg::Say(Level::Error, error.to_string()));
        }
        self.resized();
        self.draw();
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Continue => {
                let resumed = self.screen.resume();
                self.complain(resumed);
                self.resized();
                self.draw();
            }
            Signal::Stop => self.suspend = true,
            Signal::Reread => self.doer.reread(),
            // While a child has the terminal, ctrl-c there is meant for it.
            Signal::Interrupt | Signal::Quit if self.doer.has_child() => {}
            ends => self.exit = ends.exit(),
        }
    }

    /// Keys typed ahead act in order before anything is drawn, each on what the one before it brought up.
    fn inputs(&mut self, first: Option<Input>) {
        let Some(first) = first else {
            self.exit = Some(Exit::Signal(1));
            return;
        };
        self.ahead.push_back(first);
        self.ahead.extend(self.events.drain_ready());
        self.act_on_inputs();
    }

    /// What was typed ahead of an editor waits until that is closed.
    fn act_on_inputs(&mut self) {
        while self.exit.is_none() && !self.doer.has_child() {
            let Some(input) = self.ahead.pop_front() else { break };
            self.apply(Msg::Input(input));
            self.load_wanted();
            self.model.prepare_frame();
            self.model.frame_drawn();
        }
        self.draw();
    }

    fn outcome(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Msg(msg) => self.apply(*msg),
            Outcome::Terminal(bytes, said) => {
                let written = self.screen.write(&bytes);
                self.complain(written);
                self.apply(Msg::Say(Level::Info, said));
            }
            Outcome::ChildEnded(msgs) => {
                self.doer.child_ended();
                let taken = self.screen.take_back();
                self.complain(taken);
                self.resized();
                for msg in msgs {
                    self.apply(msg);
                }
                self.act_on_inputs();
            }
            Outcome::HungUp => self.exit = Signal::Hangup.exit(),
        }
    }

    fn arrived(&mut self, batch: &mut Vec<Arrival>) {
        let mut rows = Vec::new();
        for arrival in batch.drain(..) {
            match arrival {
                Arrival::Captured(row) => rows.push(*row),
                Arrival::Settled(row) => {
                    self.apply(Msg::Arrived(std::mem::take(&mut rows)));
                    self.apply(Msg::Settled(row));
                }
                Arrival::Done(id) => {
                    self.apply(Msg::Arrived(std::mem::take(&mut rows)));
                    self.apply(Msg::Done(id));
                }
                Arrival::Evicted(ids) => {
                    self.apply(Msg::Arrived(std::mem::take(&mut rows)));
                    self.apply(Msg::Evicted(ids));
                }
            }
        }
        self.apply(Msg::Arrived(rows));
    }

    fn resized(&mut self) {
        let size = tty::size();
        self.apply(Msg::Input(Input::Resize { width: size.width, height: size.height }));
    }

    /// Loads what the next frame shows and is not there yet: the rules, the selected capture, what conditions make of
    /// it, what those of its object changed, what differs from another.
    fn load_wanted(&mut self) {
        if self.model.wants_answers() {
            let answers = self.doer.answers();
            self.apply(answers);
        }
        if let Some(effect) = self.model.wanted_try() {
            self.perform(effect);
        }
        if let Some(id) = self.model.wanted() {
            let size = self.model.list.row(id).map_or(0, |row| row.size);
            self.model.detail.begin_loading(id);
            if let Some(msg) = self.doer.load(id, size) {
                self.apply(msg);
            }
        }
        if let Some(effect) = self.model.wanted_past() {
            self.perform(effect);
        }
        if let Some(effect) = self.model.left_comparison() {
            self.perform(effect);
        }
        if let Some(job) = self.model.wanted_comparison() {
            let other = job.order.basis.capture().and_then(|id| self.model.list.row(id));
            let size = other.map_or(0, |row| row.size);
            if let Some(msg) = self.doer.compare(job, size) {
                self.apply(msg);
            }
        }
    }

    fn draw(&mut self) {
        if self.doer.has_child() || self.exit.is_some() {
            return;
        }
        self.set_clock();
        self.load_wanted();
        self.model.prepare_frame();
        let protected = self.model.protected();
        if protected != self.protected {
            self.doer.protect(protected.clone());
            self.protected = protected;
        }
        let (model, theme) = (&self.model, &self.theme);
        let mut cursor = ui::Cursor::default();
        let shows = model.shows_caret();
        let drawn = self.screen.draw(shows, |frame| {
            cursor = ui::draw(model, theme, frame);
            if let Some(at) = cursor.at {
                frame.set_cursor_position(at);
            }
        });
        if std::mem::take(&mut self.model.alarm) && self.doer.settings.screen.bell {
            let rung = self.screen.write(b"\x07");
            self.complain(rung);
        }
        self.model.frame_drawn();
        self.last_draw = Instant::now();
        self.dirty = false;
        if drawn.is_err() {
            self.exit = Some(Exit::Signal(1));
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Where files go that the user saves: the current directory, else the one for temporary files.
pub fn save_directory() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| std::env::temp_dir())
}

/// Makes a sink for the store that tells the loop, waiting when it is behind.
pub fn sink(arrivals: mpsc::Sender<Arrival>) -> impl FnMut(crate::store::Committed) + Send + 'static {
    use crate::store::Committed;
    move |committed| {
        let arrival = match committed {
            Committed::Captured(capture) => Arrival::Captured(Box::new(Arc::as_ref(&capture).summary())),
            Committed::Settled(capture) => Arrival::Settled(Box::new(Arc::as_ref(&capture).summary())),
            Committed::Done(id) => Arrival::Done(id),
            Committed::Evicted(ids) => Arrival::Evicted(ids),
        };
        // The loop has ended when nobody takes it; the captures are committed all the same.
        let _ = arrivals.blocking_send(arrival);
    }
}
