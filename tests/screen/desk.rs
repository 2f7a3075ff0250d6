//! A user at a desk: the model, its store in memory, a keyboard, a clock and a screen, run as the loop runs them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hookview::app::{
    Answers, Boot, Diagnosis, Effect, Foreseen, Found, Input, Keymap, LayoutChoice, Listening, Loaded, Look, Model,
    Mouse, MouseKind, Msg, Prepared, TimeFormat, TrialReport, Try, TryOn, Zone, update,
};
use hookview::capture::{Answer, Body, Capture, CaptureId, Outcome, Request, parse_request};
use hookview::config::{self, Bindings, Key, Overrides, Paths, Surroundings};
use hookview::inspect::{body_view, cells, snapshot_changes};
use hookview::outbound::{Client, Resent, TlsOptions};
use hookview::sender;
use hookview::service::{self, Service};
use hookview::signature::{Checker, Schemes, Secret};
use hookview::store::{Location, Options, Store};
use hookview::ui::{self, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;
use tokio::runtime::{Builder, Runtime};

/// The address that the receiver is said to listen on.
pub const ADDRESS: &str = "127.0.0.1:9000";

/// The default keys.
pub fn bindings() -> Bindings {
    let paths = Paths { config: None, store: Some("store.db".into()) };
    let around = Surroundings { paths: &paths, env: &|_| None, terminal: true };
    config::load(&around, &Overrides::default()).unwrap().bindings
}

/// The keys that a text stands for: characters, and names in angle brackets (`jj/abc<enter>`, `<lt>` for `<`).
pub fn keys(text: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        if let Some((name, after)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            keys.push(if name == "lt" { Key::char('<') } else { name.parse().unwrap() });
            rest = after;
        } else {
            keys.push(Key::char(char));
            rest = &rest[char.len_utf8()..];
        }
    }
    keys
}

/// A time of the day on which everything here happens.
pub fn at(clock: &str) -> DateTime<Utc> {
    format!("2026-10-07T{clock}Z").parse().unwrap()
}

/// A request of HTTP/1.1 with its `Host` first and its `Content-Length` last.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request {
    let body = body.into();
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!("{method} {target} HTTP/1.1\r\nhost: {ADDRESS}\r\n{lines}{length}\r\n");
    let head = Bytes::from(head);
    let read = parse_request(&head).unwrap();
    Request::from_head(head, read, Body::whole(body))
}

/// What a user has in front of them.
pub struct Desk {
    pub model: Model,
    pub service: Service,
    pub theme: Theme,
    /// How things stand with the rules, and what they make of every capture, in place of what the service says.
    pub rules: Option<(Answers, Foreseen)>,
    /// Whether comparisons take so long that none comes to its end.
    pub slow: bool,
    /// What the store was last told to keep.
    pub protected: Vec<CaptureId>,
    terminal: Terminal<TestBackend>,
    runtime: Runtime,
}

impl Desk {
    /// An empty session on a screen of this size, checked with these secrets.
    pub fn new(size: (u16, u16), secrets: &[(&str, &str)]) -> Self {
        let secrets: Vec<Secret> =
            secrets.iter().map(|(name, value)| Secret::new(*name, value.as_bytes().to_vec())).collect();
        let names = secrets.iter().map(|secret| secret.name.clone()).collect();
        let checker = Checker::new(Schemes::builtin(), secrets, None).unwrap();
        let resent = Resent::default();
        let client = Client::new(&TlsOptions::default(), resent.clone()).unwrap();
        let store = Store::open(&Location::Memory, Options::default()).unwrap();
        let model = Model::new(Boot {
            home: None,
            rows: Vec::new(),
            listening: Listening::On(vec![ADDRESS.parse::<SocketAddr>().unwrap().into()]),
            addresses: Vec::new(),
            certificate: None,
            session: "default".to_owned(),
            secrets: names,
            look: Look {
                zone: Zone::Utc,
                masked: ["authorization", "cookie"].map(str::to_owned).to_vec(),
                hidden: ["timestamp", "request_id", "data.updated"].map(str::to_owned).to_vec(),
                keymap: Keymap::from(&bindings()),
                escape: false,
            },
            layout: LayoutChoice::Auto,
            ascii: false,
            time: TimeFormat::Clock,
            mouse: true,
            state: None,
        });
        let mut desk = Self {
            model,
            service: Service::new(store, checker, client, resent),
            theme: Theme::new(true),
            rules: None,
            slow: false,
            protected: Vec::new(),
            terminal: Terminal::new(TestBackend::new(size.0, size.1)).unwrap(),
            runtime: Builder::new_current_thread().enable_all().build().unwrap(),
        };
        desk.model.now = Duration::from_secs(60);
        desk.model.wall = at("12:35:00");
        desk.resize(size.0, size.1);
        desk
    }

    /// What the receiver would make of a request: checked, recognised, answered, stored; the screen is not told yet.
    pub fn store(&self, request: Request, received_at: DateTime<Utc>) -> Capture {
        self.store_changed(request, received_at, |_| {})
    }

    /// The same, changed before it is stored.
    pub fn store_changed(
        &self,
        request: Request,
        received_at: DateTime<Utc>,
        change: impl FnOnce(&mut Capture),
    ) -> Capture {
        let mut capture = Capture::new(request, received_at, "127.0.0.1:51514".to_owned(), ADDRESS.to_owned());
        capture.timing.head_us = 200;
        capture.timing.body_us = 300;
        capture.verdict = self.service.checker().check(&capture.request, received_at);
        capture.identity = sender::identify(&capture.request);
        capture.answer = Some(Answer { after_us: 400, ..Answer::text(200, "OK\n", "default") });
        change(&mut capture);
        capture.id = self.runtime.block_on(self.service.store.append(capture.clone())).unwrap();
        capture
    }

    /// The screen learns of captures, as the loop tells it; a frame is drawn.
    pub fn arrive(&mut self, captures: &[Capture]) {
        self.tell(Msg::Arrived(captures.iter().map(Capture::summary).collect()));
        self.draw();
    }

    /// A message from the world, without a frame.
    pub fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        let effects = update(&mut self.model, msg);
        for effect in &effects {
            for answer in self.perform(effect) {
                self.tell(answer);
            }
        }
        effects
    }

    /// What the loop does at once and without a terminal.
    fn perform(&mut self, effect: &Effect) -> Vec<Msg> {
        let store = &self.service.store;
        match effect {
            Effect::Prepare(plan) => {
                let outcome = self.service.prepare(plan).map(|job| job.differences).map_err(|error| error.to_string());
                vec![Msg::Prepared(Box::new(Prepared { plan: plan.clone(), outcome }))]
            }
            Effect::Pin(id, pinned) => {
                self.runtime.block_on(store.set_pinned(*id, *pinned)).unwrap();
                Vec::new()
            }
            Effect::Delete(id) => {
                self.runtime.block_on(store.delete(vec![*id])).unwrap();
                Vec::new()
            }
            Effect::Restore(id) => {
                self.runtime.block_on(store.restore(vec![*id])).unwrap();
                let back = store.get(*id).unwrap();
                back.iter().map(|capture| Msg::Restored(Box::new(capture.summary()))).collect()
            }
            Effect::Rules(change) => {
                self.service.change_rules(change.clone());
                Vec::new()
            }
            Effect::Try(attempt) => self.attempt(attempt),
            Effect::TellPast(job) => vec![Msg::Past(job.run(|id| self.service.store.get(id).unwrap()))],
            Effect::Search { generation, words, only, .. } => vec![self.search(*generation, words, only.as_deref())],
            _ => Vec::new(),
        }
    }

    /// Tries conditions, as the loop has it done elsewhere.
    fn attempt(&self, attempt: &Try) -> Vec<Msg> {
        if let TryOn::One(id) = attempt.on {
            let tried = self.service.store.get(id).unwrap().map(|capture| attempt.on_capture(&capture));
            return tried.into_iter().map(|tried| Msg::Tried(attempt.generation, Box::new(tried))).collect();
        }
        let wanted = |id: &CaptureId| !matches!(&attempt.on, TryOn::Some(ids) if !ids.contains(id));
        let mut fired = Vec::new();
        let each = |capture: Capture| {
            fired.extend(attempt.fired(&capture).filter(|_| wanted(&capture.id)).map(|it| (capture.id, it)));
            std::ops::ControlFlow::Continue(())
        };
        self.service.store.for_each(each).unwrap();
        vec![Msg::TrialReport(TrialReport { generation: attempt.generation, fired, done: attempt.on == TryOn::All })]
    }

    fn search(&self, generation: u64, words: &[String], only: Option<&[CaptureId]>) -> Msg {
        let mut ids = Vec::new();
        let wanted = |id: &CaptureId| only.is_none_or(|only| only.contains(id));
        let each = |capture: Capture| {
            ids.extend(Some(capture.id).filter(|id| wanted(id) && service::holds_all(&capture, words)));
            std::ops::ControlFlow::Continue(())
        };
        self.service.store.for_each(each).unwrap();
        let total = if only.is_none() { self.model.list.total() } else { 0 };
        Msg::Found(Found { generation, ids, scanned: total, total, done: true })
    }

    /// Types keys in one write; gives what the model asked for.
    pub fn keys(&mut self, text: &str) -> Vec<Effect> {
        let effects = keys(text).into_iter().flat_map(|key| self.input(Input::Key(key))).collect();
        self.draw();
        effects
    }

    /// One report of the terminal, without a frame.
    pub fn input(&mut self, input: Input) -> Vec<Effect> {
        let effects = self.tell(Msg::Input(input));
        self.settle();
        effects
    }

    /// A press of the left button, or the wheel.
    pub fn mouse(&mut self, kind: MouseKind, column: u16, row: u16) -> Vec<Effect> {
        let effects = self.input(Input::Mouse(Mouse { kind, column, row }));
        self.draw();
        effects
    }

    /// Pastes text.
    pub fn paste(&mut self, text: &str) {
        self.input(Input::Paste(text.to_owned()));
        self.draw();
    }

    /// The terminal gets another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().resize(width, height);
        self.input(Input::Resize { width, height });
        self.draw();
    }

    /// Time goes by; the model is woken when it asked for it.
    pub fn wait(&mut self, milliseconds: u64) {
        let end = self.model.now + Duration::from_millis(milliseconds);
        while let Some(wake) = self.model.wake_at().filter(|wake| *wake <= end) {
            self.pass(wake.max(self.model.now + Duration::from_millis(1)).saturating_sub(self.model.now));
            self.tell(Msg::Tick);
            self.draw();
        }
        self.pass(end.saturating_sub(self.model.now));
    }

    fn pass(&mut self, time: Duration) {
        self.model.now += time;
        self.model.wall += TimeDelta::from_std(time).unwrap();
    }

    /// Loads what is wanted and makes its rows, as before every frame and between two keys of one write.
    fn settle(&mut self) {
        if self.model.wants_answers() {
            let answers = self.rules.as_ref().map_or_else(|| self.service.answers(), |rules| rules.0.clone());
            self.tell(Msg::Answers(Box::new(answers)));
        }
        if let Some(effect) = self.model.wanted_try() {
            for msg in self.perform(&effect) {
                self.tell(msg);
            }
        }
        if let Some(id) = self.model.wanted() {
            let msg = self.load(id);
            self.tell(msg);
            let looked_at = self.service.store.get(id).unwrap();
            if let Some(capture) = looked_at.filter(|capture| capture.verdict.outcome != Outcome::Valid) {
                let diagnosis = Diagnosis { report: self.service.diagnose(&capture), took: Duration::from_micros(312) };
                self.tell(Msg::Diagnosed(id, Box::new(diagnosis)));
            }
        }
        if let Some(effect) = self.model.wanted_past() {
            self.perform(&effect).into_iter().for_each(|msg| drop(self.tell(msg)));
        }
        self.model.left_comparison();
        if let Some(job) = self.model.wanted_comparison().filter(|_| !self.slow) {
            let other = job.order.basis.capture().and_then(|id| self.service.store.get(id).unwrap());
            let outcome = job.run(other.as_ref(), &mut |_, _| true);
            self.tell(Msg::Compared(job.order, outcome.map(Arc::new)));
        }
        self.model.prepare_frame();
        self.model.frame_drawn();
    }

    fn load(&self, id: CaptureId) -> Msg {
        let Some(capture) = self.service.store.get(id).unwrap() else {
            return Msg::LoadFailed(id, "it is no longer in the store".to_owned());
        };
        let body = body_view(&capture.request.headers, &capture.request.body);
        Msg::Loaded(Box::new(Loaded {
            changes: snapshot_changes(&body),
            body,
            attempts: self.service.store.attempts(id).unwrap(),
            runs: self.service.store.runs(id).unwrap(),
            foreseen: self.rules.as_ref().map_or_else(|| self.service.foresee(&capture), |rules| rules.1.clone()),
            facts: self.service.facts(&capture),
            capture: Arc::new(capture),
        }))
    }

    /// Puts a frame on the screen.
    pub fn draw(&mut self) {
        self.settle();
        self.protected = self.model.protected();
        let (model, theme) = (&self.model, &self.theme);
        // A terminal blanks the other half of a wide character itself; this backend does not.
        self.terminal.clear().unwrap();
        self.terminal
            .draw(|frame| {
                let cursor = ui::draw(model, theme, frame);
                if let Some(at) = cursor.at {
                    frame.set_cursor_position(at);
                }
            })
            .unwrap();
    }

    /// Runs something to its end.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The rows of the screen, whole.
    pub fn rows(&self) -> Vec<String> {
        let buffer = self.terminal.backend().buffer();
        let row = |y: u16| {
            let mut text = String::new();
            let mut x = 0;
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                text += symbol;
                x += u16::try_from(cells(symbol)).unwrap().max(1);
            }
            text
        };
        (0..buffer.area.height).map(row).collect()
    }

    /// The rows of the screen without blanks at the ends. Fingerprints of secrets, salted anew by each process, are
    /// replaced.
    pub fn text(&self) -> String {
        let rows: Vec<String> = self.rows().iter().map(|row| row.trim_end().to_owned()).collect();
        let text = rows.join("\n");
        let secrets = self.service.checker();
        secrets.secrets().iter().fold(text, |text, secret| text.replace(&secret.fingerprint(), "5be1-02c7"))
    }

    /// How each row looks: `r` reverse, `b` bold, `d` dim, `u` underlined, else the first letter of the colour.
    pub fn looks(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let look = |x: u16, y: u16| {
            let cell = &buffer[(x, y)];
            match (cell.modifier, cell.fg) {
                (modifier, _) if modifier.contains(Modifier::REVERSED) => 'r',
                (_, ratatui::style::Color::Green) => 'g',
                (_, ratatui::style::Color::Red) => 'R',
                (_, ratatui::style::Color::Cyan) => 'c',
                (_, ratatui::style::Color::Magenta) => 'm',
                (modifier, _) if modifier.contains(Modifier::BOLD) => 'b',
                (modifier, _) if modifier.contains(Modifier::UNDERLINED) => 'u',
                (modifier, _) if modifier.contains(Modifier::DIM) => 'd',
                _ => ' ',
            }
        };
        let rows = (0..buffer.area.height)
            .map(|y| (0..buffer.area.width).map(|x| look(x, y)).collect::<String>().trim_end().to_owned());
        rows.collect::<Vec<_>>().join("\n")
    }

    /// The captures on the screen, top to bottom.
    pub fn visible(&self) -> Vec<CaptureId> {
        let (list, height) = (&self.model.list, self.model.list_height());
        let start = list.window_start(height);
        (start..start + height).map_while(|index| list.at(index)).map(|row| row.id).collect()
    }

    /// The row of the list's window that the selected capture is on, when it is in sight.
    pub fn selected_row(&self) -> Option<usize> {
        let (list, height) = (&self.model.list, self.model.list_height());
        let row = list.selected_index()?.checked_sub(list.window_start(height))?;
        Some(row).filter(|row| *row < height)
    }

    /// The JSON path under the cursor of the detail.
    pub fn path(&self) -> Option<String> {
        let (tree, node) = hookview::app::sheet::node_at_cursor(&self.model.detail)?;
        Some(tree.index().path(node).jq())
    }
}
