//! The detail pane: the selected capture, as six tabs of rows.
//!
//! A capture is loaded when it is looked at and shared from then on; each tab is made from it when first shown and
//! keeps its own place. Rows are made one by one as they are drawn, so a body of a million rows costs no more than a
//! small one.

mod body;
mod content;
mod deeds;
mod diff;
mod headers;
mod place;
mod raw;
mod response;
mod signature;

use std::collections::HashMap;
use std::sync::Arc;

use super::comparison::Comparing;
use super::{Action, Keymap, Line, Role, Scroll, Zone};
use crate::capture::{Answer, Attempt, Capture, CaptureId, Header, Run};
use crate::inspect::{BodyView, SnapshotChanges};
use crate::rules::Explained;
use crate::sender::Judgement;

pub use content::{Content, PageLine, Target, hex_width};
pub use deeds::{milliseconds, outcome_text, response_lines, run_lines, run_title};
pub use diff::DiffPage;
pub use place::Folds;
use place::Place;
pub use raw::masked_wire;
pub use signature::{Diagnosis, covers_text, is_mismatch, verdict_text};

/// The tabs of the detail pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// The body in the form that suits it.
    #[default]
    Body,
    /// The header lines.
    Headers,
    /// The verdict.
    Signature,
    /// Our answer and the attempts to resend.
    Response,
    /// The bytes on the wire.
    Raw,
    /// What differs from another capture.
    Diff,
}

impl Tab {
    /// In the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Body, Self::Headers, Self::Signature, Self::Response, Self::Raw, Self::Diff];

    /// The name on the tab.
    pub fn name(self) -> &'static str {
        match self {
            Self::Body => "Body",
            Self::Headers => "Headers",
            Self::Signature => "Signature",
            Self::Response => "Response",
            Self::Raw => "Raw",
            Self::Diff => "Diff",
        }
    }

    /// The name on the tab where room is tight.
    pub fn short(self) -> &'static str {
        match self {
            Self::Headers => "Head",
            Self::Signature => "Sig",
            Self::Response => "Resp",
            other => other.name(),
        }
    }

    fn index(self) -> usize {
        self as usize
    }
}

/// What the signature tab tells besides the verdict. Never a secret itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureFacts {
    /// The scheme in words: `HMAC-SHA512 of the raw body, hex, in X-Hook-Signature`.
    pub scheme: Option<String>,
    /// The header names that carry the signature of this scheme.
    pub headers: Vec<String>,
    /// Name, length in bytes and fingerprint of the secret that fitted or was tried.
    pub secret: Option<(String, usize, String)>,
    /// The names of all configured secrets.
    pub secrets: Vec<String>,
    /// What the signature that came looks like: `X-Hook-Signature, 128 hex digits: looks like HMAC-SHA512`. Foreign
    /// text.
    pub looks: Option<String>,
    /// Where the sender's users set its secret.
    pub secret_place: Option<&'static str>,
    /// Whether it can be signed again, by who has the secret.
    pub can_sign: bool,
    /// Whether the URL is signed under which senders reach this, and not known.
    pub lacks_url: bool,
    /// The signature that came, and the one that a secret makes.
    pub values: Option<SignatureValues>,
    /// How the sender judges the answer, when that is known.
    pub judgement: Option<Judgement>,
}

/// A signature beside the one that was expected. The first is foreign text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureValues {
    /// As it came.
    pub received: String,
    /// As the secret makes it; shown only when asked for.
    pub expected: String,
    /// The name of that secret.
    pub secret: String,
    /// Whether what came is a secret itself, to be shown only when asked for, too.
    pub is_secret: bool,
}

/// A capture with all that its tabs show.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The capture.
    pub capture: Arc<Capture>,
    /// Its body to look at.
    pub body: BodyView,
    /// What the snapshots in its body tell of the change that it is about.
    pub changes: Option<SnapshotChanges>,
    /// Its attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The commands that were run for it, oldest first.
    pub runs: Vec<Run>,
    /// What would be answered if it came now.
    pub foreseen: Foreseen,
    /// What to say about its signature.
    pub facts: SignatureFacts,
}

/// What would be made of a capture, if it came now.
#[derive(Clone, Debug, Default)]
pub struct Foreseen {
    /// What each rule makes of it, in their order.
    pub findings: Vec<Explained>,
    /// What would be answered, as far as that is known before anything is done for it.
    pub answer: Answer,
    /// Whether it is answered so whatever the rules say: a refusal, a handshake.
    pub above_rules: bool,
    /// How its sender would judge the answer, when that is known.
    pub judgement: Option<Judgement>,
}

/// What the tabs need to know besides the capture.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The zone that times are shown in.
    pub zone: Zone,
    /// Names of headers whose values are secrets, in lower case.
    pub masked: Vec<String>,
    /// Paths at which comparisons leave changes out, as `data.updated`.
    pub hidden: Vec<String>,
    /// The keys, for sentences that name one.
    pub keymap: Keymap,
    /// Whether the locale has ASCII alone, so that the user's data is escaped, too.
    pub escape: bool,
}

/// What a tab is made from.
#[derive(Clone, Copy)]
struct Page<'a> {
    loaded: &'a Loaded,
    diagnosis: Option<&'a Diagnosis>,
    look: &'a Look,
    reveal: bool,
}

impl Page<'_> {
    /// The key of an action, for a sentence.
    fn key(&self, action: Action) -> String {
        self.look.keymap.hint(action)
    }

    /// Whether the value of a header line of this name is hidden.
    fn hides(&self, name: &[u8]) -> bool {
        !self.reveal && self.look.is_secret(name)
    }
}

impl Look {
    /// Whether the value of a header of this name is a secret by its nature.
    pub fn is_secret(&self, name: &[u8]) -> bool {
        self.masked.iter().any(|masked| name.trim_ascii().eq_ignore_ascii_case(masked.as_bytes()))
    }
}

/// The rows of one tab.
#[derive(Clone, Debug)]
pub struct View {
    /// Lines above the rows that stay in sight: notes, notices.
    pub preface: Vec<Line>,
    /// The rows.
    pub content: Content,
    /// Cursor and window.
    pub scroll: Scroll,
    /// Whether long rows are wrapped.
    pub wrap: bool,
    /// Whether there is a cursor; else keys move the window.
    pub has_cursor: bool,
    /// The ways there are to show this tab, the usual one first.
    pub ways: Vec<&'static str>,
    /// The one in use, by its place among them.
    pub way: usize,
}

impl View {
    /// Rows with a cursor, unwrapped, from the top.
    pub fn new(content: Content) -> Self {
        Self {
            preface: Vec::new(),
            content,
            scroll: Scroll::default(),
            wrap: false,
            has_cursor: true,
            ways: Vec::new(),
            way: 0,
        }
    }
}

/// A search in the tab on the screen.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What is searched for.
    pub text: String,
    /// How many rows hold it.
    pub hits: usize,
    /// Which of them the cursor is on, from 1; 0 before the first jump.
    pub at: usize,
}

/// The detail pane.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The tab on the screen.
    pub tab: Tab,
    /// The capture on the screen.
    loaded: Option<Loaded>,
    /// Why its signature does not hold, once that is found out.
    diagnosis: Option<Diagnosis>,
    /// The capture being loaded.
    pub loading: Option<CaptureId>,
    /// Whether what is on the screen has to be loaded anew: its verdict or attempts changed.
    pub stale: bool,
    views: [Option<View>; 6],
    places: [Place; 6],
    /// Whether each tab wraps; the two in words do from the start.
    wraps: [bool; 6],
    /// The way chosen with `v` for each tab and usual way.
    chosen: HashMap<(Tab, &'static str), &'static str>,
    folds: Folds,
    /// What the tabs need to know besides the capture.
    pub look: Arc<Look>,
    /// Whether secret values are shown.
    pub reveal: bool,
    /// The search in force.
    pub search: Option<Search>,
    /// Columns that the rows of a tab have.
    pub width: usize,
    /// The comparison that the diff tab shows.
    pub comparing: Comparing,
    /// The attempt whose answer the response tab shows, by its number; the newest unless chosen.
    pub attempt: Option<u64>,
}

impl Detail {
    /// An empty pane that will show this tab first.
    pub fn on(tab: Tab, look: Arc<Look>) -> Self {
        let mut detail = Self { tab, look, ..Self::default() };
        detail.wraps[Tab::Signature.index()] = true;
        detail.wraps[Tab::Response.index()] = true;
        detail
    }

    /// The capture on the screen with all that its tabs show.
    pub fn loaded(&self) -> Option<&Loaded> {
        self.loaded.as_ref()
    }

    /// The capture on the screen.
    pub fn capture(&self) -> Option<&Arc<Capture>> {
        self.loaded.as_ref().map(|loaded| &loaded.capture)
    }

    /// Whether the value of a header line of this name is hidden now.
    pub fn hides(&self, name: &[u8]) -> bool {
        !self.reveal && self.look.is_secret(name)
    }

    /// Whether this capture is on the screen.
    pub fn shows(&self, id: CaptureId) -> bool {
        self.capture().is_some_and(|capture| capture.id == id)
    }

    /// Takes a loaded capture. A reload keeps every place; another capture keeps what it has in common with the last.
    pub fn load(&mut self, loaded: Loaded) {
        self.keep_places();
        self.loading = None;
        self.attempt = self.attempt.filter(|_| self.shows(loaded.capture.id));
        let same = |old: &Arc<Capture>| old.id == loaded.capture.id && old.verdict == loaded.capture.verdict;
        if !self.capture().is_some_and(same) {
            self.diagnosis = None;
        }
        self.loaded = Some(loaded);
        self.views = Default::default();
    }

    /// Takes what was found out about the signature of a capture, when it is still on the screen.
    pub fn diagnosed(&mut self, id: CaptureId, diagnosis: Diagnosis) {
        if self.shows(id) {
            self.diagnosis = Some(diagnosis);
            self.rebuild();
        }
    }

    /// Why the signature of the capture on the screen does not hold, once that is found out.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.diagnosis.as_ref()
    }

    /// Notes that a capture is being loaded. What was on the screen goes, unless it is the same capture.
    pub fn begin_loading(&mut self, id: CaptureId) {
        if !self.shows(id) {
            self.clear();
        }
        self.stale = false;
        self.loading = Some(id);
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        self.keep_places();
        self.loaded = None;
        self.diagnosis = None;
        self.loading = None;
        self.views = Default::default();
    }

    fn keep_places(&mut self) {
        let model = self.model_key();
        for (index, view) in self.views.iter().enumerate() {
            let Some(view) = view else { continue };
            // While a comparison is on the way, the tab has no rows to be on.
            if index == Tab::Diff.index() && !matches!(view.content, Content::Diff(_)) {
                continue;
            }
            self.places[index] = Place::of(view, self.width);
            self.wraps[index] = view.wrap;
            if let Content::Tree(tree) = &view.content {
                self.folds.remember(&model, tree);
            }
        }
    }

    /// What groups captures whose folds are alike: the model of the object they are about, else the sender.
    fn model_key(&self) -> String {
        let Some(identity) = self.capture().map(|capture| &capture.identity) else { return String::new() };
        let object = identity.object.as_ref().map(|object| object.model.clone());
        object.or_else(|| identity.sender.clone()).unwrap_or_default()
    }

    /// The rows of the tab on the screen, made now if need be.
    pub fn view_mut(&mut self, height: usize) -> Option<&mut View> {
        let index = self.tab.index();
        if self.views[index].is_none() {
            let mut view = self.build()?;
            view.wrap = self.wraps[index];
            if let Content::Tree(tree) = &mut view.content {
                self.folds.apply(&self.model_key(), tree);
            }
            self.places[index].apply(&mut view, height, self.width);
            self.views[index] = Some(view);
        }
        self.views[index].as_mut()
    }

    /// The rows of the tab on the screen, if made.
    pub fn view(&self) -> Option<&View> {
        self.views[self.tab.index()].as_ref()
    }

    /// The name of the header line under the cursor, which of the lines of this name it is, and how many there are.
    pub fn header_at_cursor(&self) -> Option<(String, usize, usize)> {
        let view = self.view()?;
        let Target::Header(index) = *view.content.target(view.scroll.cursor, self.width) else { return None };
        let headers = &self.capture()?.request.headers;
        let header = headers.at(index)?;
        let same = |(_, other): &(usize, &Header)| other.name.eq_ignore_ascii_case(&header.name);
        let same: Vec<usize> = headers.iter().enumerate().filter(same).map(|(at, _)| at).collect();
        let nth = same.iter().position(|at| *at == index)? + 1;
        Some((header.name_text().into_owned(), nth, same.len()))
    }

    /// Forgets the rows of every tab, so that they are made anew; their places stay.
    pub fn rebuild(&mut self) {
        self.keep_places();
        self.views = Default::default();
    }

    /// Takes how many columns rows have from now on.
    pub fn resize(&mut self, width: usize) {
        let lacks = |width| self.view().is_some_and(|view| view.content.lacks(width).is_some());
        if lacks(self.width) != lacks(width) {
            self.rebuild();
        }
        self.width = width;
    }

    /// Shows the comparison as it stands now: what was found before stays where it is.
    pub fn compared(&mut self) {
        let index = Tab::Diff.index();
        let shown = self.views[index].take();
        let Some(old) = shown.filter(|view| self.tab == Tab::Diff && matches!(view.content, Content::Diff(_))) else {
            return;
        };
        if let Some(mut view) = self.build() {
            (view.scroll, view.wrap) = (old.scroll, old.wrap);
            self.views[index] = Some(view);
        }
    }

    /// The next way to show the tab on the screen, for all captures whose usual way is the same.
    pub fn next_way(&mut self) {
        let index = self.tab.index();
        let Some(view) = self.views[index].take() else { return };
        let next = (view.way + 1) % view.ways.len().max(1);
        if let (Some(usual), Some(next)) = (view.ways.first(), view.ways.get(next)) {
            self.chosen.insert((self.tab, usual), next);
        }
        self.places[index] = match view.content {
            Content::Diff(_) => Place::of(&view, self.width),
            _ => Place::default(),
        };
    }

    fn build(&self) -> Option<View> {
        let loaded = self.loaded.as_ref()?;
        let page = Page { loaded, diagnosis: self.diagnosis.as_ref(), look: &self.look, reveal: self.reveal };
        let ways = match self.tab {
            Tab::Body => body::ways(page),
            Tab::Headers => vec![("headers", headers::view(page))],
            Tab::Signature => vec![("words", signature::view(page))],
            Tab::Response => vec![("words", response::view(page, self.attempt))],
            Tab::Raw => raw::ways(page),
            Tab::Diff => diff::ways(page, &self.comparing),
        };
        let usual = ways.first()?.0;
        let chosen = self.chosen.get(&(self.tab, usual)).copied().unwrap_or(usual);
        let names: Vec<&'static str> = ways.iter().map(|(name, _)| *name).collect();
        let at = names.iter().position(|name| *name == chosen).unwrap_or(0);
        let mut view = ways.into_iter().nth(at)?.1;
        if at > 0 {
            let key = page.key(Action::View);
            let way = match view.content.lacks(self.width) {
                Some(columns) => format!("unified: side by side needs {columns} columns"),
                None => names[at].to_owned(),
            };
            view.preface.push(Line::new(Role::Dim, format!("   shown as {way}; {key} for the next way")));
        }
        view.ways = names;
        view.way = at;
        Some(view)
    }
}
