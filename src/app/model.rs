//! The state of the screen: everything that drawing needs, and nothing that it does not.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::layout::{Facts, LayoutChoice, Pane, Panes, panes};
use super::list::Drawn;
use super::sheet::LabPane;
use super::{
    Answers, Detail, Level, List, Listening, Look, Overlay, OwnCertificate, Past, ResendPlan, Tab, Targets, TimeFormat,
    Trial,
};
use crate::capture::{CaptureId, Endpoint, Summary};

/// How long after a key an arrival does not move the selection.
pub const SETTLE: Duration = Duration::from_millis(400);
/// How long a message stays at least.
pub const MESSAGE: Duration = Duration::from_secs(2);

/// What the model starts from.
#[derive(Clone, Debug)]
pub struct Boot {
    /// The captures of the session, oldest first.
    pub rows: Vec<Summary>,
    /// Whether and where the receiver listens.
    pub listening: Listening,
    /// Addresses of this host at which others reach us, when bound to more than loopback: `192.0.2.10`.
    pub addresses: Vec<String>,
    /// The certificate that hookview made for itself, when that is shown to clients.
    pub certificate: Option<OwnCertificate>,
    /// The name of the session.
    pub session: String,
    /// Names of the configured secrets.
    pub secrets: Vec<String>,
    /// Keys, zone of times, masked headers.
    pub look: Look,
    /// The layout.
    pub layout: LayoutChoice,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// How lists show times.
    pub time: TimeFormat,
    /// Whether mouse reports are on.
    pub mouse: bool,
    /// The home directory.
    pub home: Option<PathBuf>,
    /// What [`Model::state`] gave when the session was last left.
    pub state: Option<String>,
}

/// A message in the status line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sentence; foreign text may be in it.
    pub text: String,
    /// How much it matters.
    pub level: Level,
    /// When it came, on the model's clock.
    pub at: Duration,
}

/// The state of the screen.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the screen")]
#[derive(Clone, Debug)]
pub struct Model {
    /// Columns of the terminal.
    pub width: usize,
    /// Rows of the terminal.
    pub height: usize,
    /// The captures.
    pub list: List,
    /// The selected one.
    pub detail: Detail,
    /// The pane with the cursor.
    pub focus: Pane,
    /// Whether it fills the screen.
    pub zoom: bool,
    /// The layout.
    pub layout: LayoutChoice,
    /// What is open besides.
    pub overlay: Option<Overlay>,
    /// Whether `z` waits for its second key.
    pub folding: bool,
    /// The message in the status line.
    pub message: Option<Message>,
    /// The last messages, oldest first.
    pub messages: VecDeque<Message>,
    /// Keys, zone of times, masked headers.
    pub look: Arc<Look>,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// How lists show times.
    pub time: TimeFormat,
    /// Whether mouse reports are on.
    pub mouse: bool,
    /// Whether and where the receiver listens.
    pub listening: Listening,
    /// Addresses of this host at which others reach us.
    pub addresses: Vec<String>,
    /// The certificate that hookview made for itself, when that is shown to clients.
    pub certificate: Option<OwnCertificate>,
    /// The name of the session.
    pub session: String,
    /// Names of the configured secrets.
    pub secrets: Vec<String>,
    /// Why the store does not take captures now.
    pub store_error: Option<String>,
    /// Whether a run of attempts is under way.
    pub sending: bool,
    /// How things stand with the rules, as far as it was asked for.
    pub answers: Answers,
    pub(super) answers_stale: bool,
    /// How far the trying of conditions is.
    pub trial: Trial,
    /// What captures of an object changed, as far as it was shown.
    pub past: Past,
    /// The templates that the lab had, the last ones first.
    pub templates: Vec<String>,
    /// The home directory, which `~` stands for.
    pub home: Option<PathBuf>,
    /// What waits below of what is open.
    pub below: Option<Overlay>,
    /// Where resends went.
    pub targets: Targets,
    /// The last resend, for `.`.
    pub last_plan: Option<ResendPlan>,
    /// The capture that is marked A, to compare others with.
    pub mark: Option<CaptureId>,
    /// Deleted captures, for `u`; the last one at the end.
    pub deleted: Vec<CaptureId>,
    /// Filters that were kept, newest last.
    pub history: Vec<String>,
    /// The model's clock: time since the start.
    pub now: Duration,
    /// The wall clock.
    pub wall: DateTime<Utc>,
    /// Attempts that the run under way has still to make.
    pub(super) unsent: u32,
    /// Whether the last key asked to quit while a resend was running.
    pub(super) asked: bool,
    /// Whether an error was told since the last frame.
    pub alarm: bool,
    pub(super) busy_left: bool,
    pub(super) last_key: Option<Duration>,
    pub(super) last_click: Option<(Duration, u16)>,
    pub(super) focused_at: Option<Duration>,
    drawn: Drawn,
}

/// What comes back with the session.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    tab: usize,
    time: String,
    targets: Targets,
    history: Vec<String>,
    /// The file with the conditions.
    conditions: Option<String>,
    /// The templates of the lab.
    templates: Vec<String>,
}

impl Model {
    /// The first state: following, the newest capture selected.
    pub fn new(boot: Boot) -> Self {
        let saved: Saved = boot.state.and_then(|state| serde_json::from_str(&state).ok()).unwrap_or_default();
        let time = if saved.time.is_empty() { boot.time } else { TimeFormat::from_name(&saved.time) };
        let tab = Tab::ALL.get(saved.tab).copied().unwrap_or_default();
        let look = Arc::new(boot.look);
        Self {
            width: 80,
            height: 24,
            list: List::new(boot.rows),
            detail: Detail::on(tab, look.clone()),
            focus: Pane::List,
            zoom: false,
            layout: boot.layout,
            overlay: None,
            folding: false,
            message: None,
            messages: VecDeque::new(),
            look,
            ascii: boot.ascii,
            time,
            mouse: boot.mouse,
            listening: boot.listening,
            addresses: boot.addresses,
            certificate: boot.certificate,
            session: boot.session,
            secrets: boot.secrets,
            store_error: None,
            sending: false,
            answers: Answers::default(),
            answers_stale: true,
            trial: Trial { file: saved.conditions, ..Trial::default() },
            past: Past::default(),
            templates: saved.templates,
            home: boot.home,
            below: None,
            targets: saved.targets,
            last_plan: None,
            mark: None,
            deleted: Vec::new(),
            history: saved.history,
            now: Duration::ZERO,
            wall: DateTime::default(),
            unsent: 0,
            asked: false,
            alarm: false,
            busy_left: false,
            last_key: None,
            last_click: None,
            focused_at: None,
            drawn: Drawn::default(),
        }
    }

    /// What should come back with the session.
    pub fn state(&self) -> String {
        let tab = self.detail.tab as usize;
        let saved = Saved {
            tab,
            time: self.time.name().to_owned(),
            templates: self.templates.clone(),
            targets: self.targets.clone(),
            conditions: self.trial.file.clone(),
            history: self.history.iter().rev().take(20).rev().cloned().collect(),
        };
        serde_json::to_string(&saved).unwrap_or_default()
    }

    /// Where everything is on the screen; `None` when it is too small.
    pub fn panes(&self) -> Option<Panes> {
        let sheet = self.overlay.as_ref().is_some_and(Overlay::takes_detail);
        let focus = if sheet { Pane::Detail } else { self.focus };
        let zoom = self.zoom && !(sheet && self.focus == Pane::List);
        let mut panes = panes(self.width, self.height, Facts { choice: self.layout, focus, zoom })?;
        if let Some(lab) = self.lab_panes() {
            panes.detail = lab.inner(LabPane::Context);
        }
        Some(panes)
    }

    /// Rows of the list on the screen.
    pub fn list_height(&self) -> usize {
        self.panes().map_or(0, |panes| panes.list.height)
    }

    /// Rows and columns that the rows of a tab have: less the cursor's column and the lines above that stay.
    pub fn detail_size(&self) -> (usize, usize) {
        let area = self.panes().map(|panes| panes.detail).unwrap_or_default();
        (area.height - self.preface_rows(area.height), area.width.saturating_sub(1))
    }

    /// How many lines above the rows of a tab stay in sight, in a pane of this height; none in the lab, where the tab
    /// is the context.
    pub fn preface_rows(&self, height: usize) -> usize {
        let preface = self.detail.view().map_or(0, |view| view.preface.len());
        if self.lab_in_sight().is_some() { 0 } else { preface.min(height / 2) }
    }

    /// The capture that has to be loaded before the next frame.
    pub fn wanted(&self) -> Option<CaptureId> {
        let selected = self.list.selected()?;
        let there = (self.detail.shows(selected) && !self.detail.stale) || self.detail.loading == Some(selected);
        (!there).then_some(selected)
    }

    /// Makes the rows of the tab on the screen, if they are not there yet. To be called before a frame is drawn.
    pub fn prepare_frame(&mut self) {
        self.list.anchor(self.list_height());
        if self.list.selected().is_none() && self.detail.loaded().is_some() {
            self.detail.clear();
        }
        self.detail.resize(self.detail_size().1);
        let height = self.panes().map_or(0, |panes| panes.detail.height);
        if self.detail.view_mut(height).is_some() {
            self.settle_view();
        }
    }

    /// Notes that a frame with this state is on the screen: keys act on what it shows.
    pub fn frame_drawn(&mut self) {
        self.drawn = self.list.drawn(self.list_height());
    }

    /// The selection goes back to what the user saw when the key was pressed.
    pub(super) fn act_on_drawn(&mut self) {
        self.list.back_to(self.drawn);
    }

    /// Whether a text field has the cursor, so that the hardware cursor is seen in it.
    pub fn shows_caret(&self) -> bool {
        match &self.overlay {
            Some(Overlay::Prompt(_) | Overlay::Palette(_)) => true,
            Some(Overlay::Help(help)) => help.typing,
            Some(Overlay::Resend(sheet)) => sheet.has_field(),
            Some(Overlay::Temporary(sheet)) => sheet.has_field(),
            _ => false,
        }
    }

    /// Captures that must not be evicted now.
    pub fn protected(&self) -> Vec<CaptureId> {
        let sending = self.last_plan.as_ref().filter(|_| self.sending).map(|plan| plan.capture);
        self.list.on_screen(self.list_height()).into_iter().chain(sending).collect()
    }

    /// When the model has to be woken, on its clock, if nothing else happens.
    pub fn wake_at(&self) -> Option<Duration> {
        let passing = self.overlay.as_ref().is_some_and(Overlay::is_passing);
        let settle = self.last_key.map(|at| at + SETTLE).filter(|_| self.list.is_frozen() && !passing);
        let age = self.age_wake();
        [settle, age].into_iter().flatten().min()
    }

    /// Ages are redrawn each second while the newest is under a minute, else each minute.
    fn age_wake(&self) -> Option<Duration> {
        let newest = self.list.newest().filter(|_| self.time == TimeFormat::Age)?;
        let fresh = (self.wall - newest.received_at).num_seconds() < 60;
        Some(self.now + Duration::from_secs(if fresh { 1 } else { 60 }))
    }

    /// Puts a sentence in the status line.
    pub fn say(&mut self, level: Level, text: impl Into<String>) {
        const MOST: usize = 200;
        self.alarm |= level == Level::Error;
        let message = Message { text: text.into(), level, at: self.now };
        self.messages.push_back(message.clone());
        if self.messages.len() > MOST {
            self.messages.pop_front();
        }
        self.message = Some(message);
    }

    /// The URL to show: of the first place that the receiver listens at; of this host when it listens on all addresses.
    pub fn url(&self) -> String {
        self.endpoint().map(|endpoint| self.url_of(&endpoint)).unwrap_or_default()
    }

    /// How others write a place.
    pub fn url_of(&self, endpoint: &Endpoint) -> String {
        match (endpoint.address(), self.addresses.first()) {
            (Some(address), Some(host)) if address.ip().is_unspecified() => {
                format!("{}://{host}:{}", endpoint.scheme(), address.port())
            }
            _ => endpoint.to_string(),
        }
    }

    /// The URL at which this machine reaches the receiver.
    pub fn local_url(&self) -> String {
        self.endpoint().map(|endpoint| endpoint.local_url()).unwrap_or_default()
    }

    /// The first place that has a port, else the first one.
    pub(super) fn endpoint(&self) -> Option<Endpoint> {
        match &self.listening {
            Listening::On(places) => {
                let with_port = places.iter().find(|place| place.address().is_some());
                with_port.or_else(|| places.first()).cloned()
            }
            Listening::Busy { address, .. } => Some((*address).into()),
        }
    }

    /// Port of that address.
    pub fn port(&self) -> u16 {
        self.endpoint().and_then(|endpoint| endpoint.address()).map_or(0, |address| address.port())
    }
}
