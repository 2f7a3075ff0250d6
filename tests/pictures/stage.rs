//! The program without its terminal and its clock: the real service, model and drawing, with samples for captures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hookview::app::layout::LayoutChoice;
use hookview::app::{
    Boot, Diagnosis, Effect, Input, Keymap, Listening, Loaded, Look, Model, Msg, Prepared, TimeFormat, Zone, update,
};
use hookview::capture::{Answer, Capture, CaptureId, Outcome, Request};
use hookview::config::{Overrides, Paths, Settings, StoreChoice, Surroundings, load};
use hookview::inspect::{body_view, snapshot_changes};
use hookview::outbound::{Client, Resent, TlsOptions};
use hookview::sender::{identify, sample};
use hookview::service::Service;
use hookview::signature::{Checker, Schemes, Secret, Unsigned};
use hookview::store::{Location, Options, Store};
use hookview::ui::{self, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::desk::{Bench, RulesFile};

/// Names and values of secrets.
pub type Secrets<'a> = &'a [(&'a str, &'a str)];

/// A request that arrives: a sample, seen from the sender's side.
pub struct Arrival {
    /// The name of the sample.
    pub sample: &'static str,
    /// What the sender signs with; `None` when it does not.
    pub secret: Option<&'static str>,
    /// Seconds since the first one.
    pub after: i64,
    /// Words of the body that are others here: from, to.
    pub edits: &'static [(&'static str, &'static str)],
}

/// A running hookview that nobody sees but the pictures.
pub struct Stage {
    model: Model,
    service: Service,
    size: (u16, u16),
    rules: Option<RulesFile>,
    bench: Option<Bench>,
}

impl Stage {
    /// A screen of this size, the secrets that it checks with, and everything that arrived.
    pub fn new(size: (u16, u16), secrets: Secrets<'_>, arrivals: &[Arrival]) -> Self {
        Self::answering(size, secrets, None, arrivals)
    }

    /// The same with a rules file that answers; `None`: everything gets the default.
    pub fn answering(
        size: (u16, u16),
        secrets: Secrets<'_>,
        mut rules: Option<RulesFile>,
        arrivals: &[Arrival],
    ) -> Self {
        let surroundings = Surroundings { paths: &Paths::default(), env: &|_| None, terminal: true };
        let overrides = Overrides { store: Some(StoreChoice::Memory), ..Overrides::default() };
        let settings = load(&surroundings, &overrides).unwrap();
        let store = Store::open(&Location::Memory, Options::default()).unwrap();
        let client = Client::new(&TlsOptions::default(), Resent::default()).unwrap();
        let service = Service::new(store, checker(secrets), client, Resent::default());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for arrival in arrivals {
            let mut capture = capture(arrival, &service.checker());
            if let Some(answer) = rules.as_mut().and_then(|rules| rules.answer(&capture)) {
                capture.answer = Some(Answer { after_us: 420, ..answer });
            }
            runtime.block_on(service.store.append(capture)).unwrap();
        }
        let mut model = Model::new(boot(&settings, &service));
        update(&mut model, Msg::Input(Input::Resize { width: size.0, height: size.1 }));
        model.wall = first() + TimeDelta::hours(1);
        Self { model, service, size, rules, bench: None }
    }

    /// Lays out a template for the lab, whatever file it asks for.
    pub fn with_template(mut self, template: &'static str) -> Self {
        self.bench = Some(Bench { template, saved: self.model.wall });
        self
    }

    /// Remembers a target of a resend, as if it was used before.
    pub fn sent_before(mut self, path: &str, url: &str) -> Self {
        self.model.targets.used(path, url);
        self
    }

    /// Presses keys, with time enough between them; written as in the configuration, a space between two.
    pub fn press(mut self, keys: &str) -> Self {
        self.settle();
        for key in keys.split(' ') {
            self.model.now += Duration::from_secs(3);
            let key = key.parse().unwrap();
            for effect in update(&mut self.model, Msg::Input(Input::Key(key))) {
                self.perform(effect);
            }
            self.settle();
        }
        self
    }

    /// The frame that is on the screen now.
    pub fn frame(mut self) -> Buffer {
        self.settle();
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        terminal.draw(|frame| _ = ui::draw(&self.model, &Theme::new(true), frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Prepare(plan) => {
                let outcome = self.service.prepare(&plan).map(|job| job.differences).map_err(|error| error.to_string());
                update(&mut self.model, Msg::Prepared(Box::new(Prepared { plan, outcome })));
            }
            Effect::Lab(ask) => {
                for news in self.bench.iter().flat_map(|bench| bench.news(&ask, &self.service.store)) {
                    update(&mut self.model, Msg::Lab(Box::new(news)));
                }
            }
            _ => {}
        }
    }

    /// What the loop does before it draws.
    fn settle(&mut self) {
        if let Some(rules) = self.rules.as_ref().filter(|_| self.model.wants_answers()) {
            update(&mut self.model, Msg::Answers(Box::new(rules.answers())));
        }
        if let Some(id) = self.model.wanted() {
            let loaded = self.load(id);
            let capture = loaded.capture.clone();
            update(&mut self.model, Msg::Loaded(Box::new(loaded)));
            if capture.verdict.outcome != Outcome::Valid {
                let diagnosis = Diagnosis { report: self.service.diagnose(&capture), took: Duration::from_micros(312) };
                update(&mut self.model, Msg::Diagnosed(id, Box::new(diagnosis)));
            }
        }
        if let Some(Effect::TellPast(job)) = self.model.wanted_past() {
            update(&mut self.model, Msg::Past(job.run(|id| self.service.store.get(id).unwrap())));
        }
        if let Some(job) = self.model.wanted_comparison() {
            let other = job.order.basis.capture().and_then(|id| self.service.store.get(id).unwrap());
            let outcome = job.run(other.as_ref(), &mut |_, _| true);
            update(&mut self.model, Msg::Compared(job.order, outcome.map(Arc::new)));
        }
        self.model.prepare_frame();
        self.model.frame_drawn();
    }

    fn load(&self, id: CaptureId) -> Loaded {
        let capture = self.service.store.get(id).unwrap().unwrap();
        let body = body_view(&capture.request.headers, &capture.request.body);
        let foreseen = self.rules.as_ref().map(|rules| rules.foresee(&capture, self.model.wall));
        Loaded {
            changes: snapshot_changes(&body),
            body,
            attempts: Vec::new(),
            runs: Vec::new(),
            foreseen: foreseen.unwrap_or_else(|| self.service.foresee(&capture)),
            facts: self.service.facts(&capture),
            capture: Arc::new(capture),
        }
    }
}

fn checker(secrets: Secrets<'_>) -> Checker {
    let secrets = secrets.iter().map(|(name, value)| Secret::new(*name, (*value).into())).collect();
    Checker::new(Schemes::builtin(), secrets, None).unwrap()
}

fn boot(settings: &Settings, service: &Service) -> Boot {
    let addresses = ["127.0.0.1:9000", "[::1]:9000"];
    Boot {
        home: None,
        rows: service.store.summaries().unwrap(),
        listening: Listening::On(
            addresses.iter().map(|address| address.parse::<SocketAddr>().unwrap().into()).collect(),
        ),
        addresses: Vec::new(),
        certificate: None,
        session: settings.keeping.session.clone(),
        secrets: service.checker().secrets().iter().map(|secret| secret.name.clone()).collect(),
        look: Look {
            zone: Zone::Utc,
            masked: settings.screen.masked_headers.clone(),
            hidden: settings.screen.diff_hidden.clone(),
            keymap: Keymap::from(&settings.bindings),
            escape: false,
        },
        layout: LayoutChoice::Auto,
        ascii: false,
        time: TimeFormat::Clock,
        mouse: true,
        state: None,
    }
}

/// When the first capture arrives.
pub fn first() -> DateTime<Utc> {
    "2026-10-07T12:24:51.204118Z".parse().unwrap()
}

/// What the receiver makes of an arrival.
fn capture(arrival: &Arrival, checker: &Checker) -> Capture {
    let at = first() + TimeDelta::seconds(arrival.after);
    let request = request(arrival, at);
    let port = 50_400 + arrival.after % 97;
    let mut capture = Capture::new(request, at, format!("127.0.0.1:{port}"), "127.0.0.1:9000".to_owned());
    capture.verdict = checker.check(&capture.request, at);
    capture.identity = identify(&capture.request);
    capture.timing.body_us = 180;
    capture.answer = Some(Answer { after_us: 420, ..Answer::text(200, "OK\n", "default") });
    capture
}

/// What the sender sends.
fn request(arrival: &Arrival, now: DateTime<Utc>) -> Request {
    let mut sample = sample(arrival.sample).unwrap();
    let request = &mut sample.request;
    if !arrival.edits.is_empty() {
        let mut body = String::from_utf8(request.body.bytes.to_vec()).unwrap();
        for (from, to) in arrival.edits {
            assert!(body.contains(from), "{} has no {from}", arrival.sample);
            body = body.replace(from, to);
        }
        request.headers.set("Content-Length", body.len().to_string());
        request.body = hookview::capture::Body::whole(Bytes::from(body));
    }
    if let Some((scheme, secret)) = sample.scheme.zip(arrival.secret) {
        let (headers, body) = (&request.headers.clone(), &request.body.bytes.clone());
        let unsigned = Unsigned { method: "POST", url: "http://127.0.0.1:9000/", headers, body, now };
        for (name, value) in checker(&[("sender", secret)]).sign(scheme, "sender", &unsigned).unwrap().headers {
            request.headers.set(&name, value);
        }
    }
    let line = format!("POST {} HTTP/1.1\r\n", request.target_text());
    request.head = [line.as_bytes(), &request.headers.to_lines(), b"\r\n"].concat().into();
    sample.request
}
