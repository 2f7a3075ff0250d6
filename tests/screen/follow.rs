//! Follow, hold and pause: a list that moves under the cursor is the worst fault of a live tool, so each rule is a
//! property of every step of a random session: arrivals, evictions, re-checks, keys of the real key map, the mouse,
//! sizes from 0x0 up, time. Every state is drawn.

use bytes::Bytes;
use hookview::app::sheet::{Overlay, PromptKind};
use hookview::app::{Action, Effect, Input, Keymap, Mouse, MouseKind, Msg, Pane, SETTLE, Scroll, Tab};
use hookview::capture::{Capture, CaptureId, Mark, Outcome, Verdict};
use hookview::config::{Key, KeyTable};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::desk::{Desk, at, bindings, keys, request};

/// Steps of a session, and sessions: ten thousand steps in all.
const STEPS: usize = 250;
const SESSIONS: u32 = 40;

#[derive(Clone, Debug)]
enum Step {
    Arrive(Vec<u8>),
    Evict(usize),
    Recheck(Vec<(u8, u8)>),
    Key(prop::sample::Index),
    Type(&'static str),
    Mouse(u8, u16, u16),
    Paste,
    Resize(u16, u16),
    Wait(u64),
    Draw,
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![
        3 => Just((80, 24)),
        2 => Just((120, 35)),
        1 => Just((200, 50)),
        1 => Just((50, 20)),
        1 => Just((0, 0)),
        2 => (0u16..220, 0u16..60),
    ];
    prop_oneof![
        6 => vec(0u8..8, 1..4).prop_map(Step::Arrive),
        2 => (1usize..4).prop_map(Step::Evict),
        1 => vec((0u8..200, 0u8..4), 1..4).prop_map(Step::Recheck),
        12 => any::<prop::sample::Index>().prop_map(Step::Key),
        4 => prop::sample::select(vec![
            "jj", "k", "kk", "G", "f", "/push", "/a", "<esc>", "<enter>", "1", "J", "K", "jjj", "!", "\\", "zM", "zR",
            "yp", "/zzz<esc>", "/alpha<enter>", "q", "<del>", "u", "<tab>",
        ]).prop_map(Step::Type),
        2 => (0u8..4, 0u16..120, 0u16..40).prop_map(|(kind, x, y)| Step::Mouse(kind, x, y)),
        1 => Just(Step::Paste),
        1 => size.prop_map(|(width, height)| Step::Resize(width, height)),
        4 => prop::sample::select(vec![1u64, 60, 200, 399, 401, 1000]).prop_map(Step::Wait),
        3 => Just(Step::Draw),
    ]
}

/// What a user sees that must not move by itself.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    selected: Option<CaptureId>,
    row: Option<usize>,
    visible: Vec<CaptureId>,
    shown: Vec<CaptureId>,
    tab: Tab,
    detail: Option<(CaptureId, Scroll)>,
    following: bool,
    held: bool,
}

impl Seen {
    fn of(desk: &Desk) -> Self {
        let (model, list) = (&desk.model, &desk.model.list);
        let detail = model.detail.view().zip(model.detail.capture()).map(|(view, capture)| (capture.id, view.scroll));
        Self {
            selected: list.selected(),
            row: desk.selected_row(),
            visible: desk.visible(),
            shown: (0..list.len()).filter_map(|index| list.at(index)).map(|row| row.id).collect(),
            tab: model.detail.tab,
            detail,
            following: list.is_following(),
            held: list.is_frozen(),
        }
    }

    fn stands_still(&self) -> bool {
        self.held || !self.following
    }
}

/// A session in progress, and what the rules have to remember of it.
struct Session {
    desk: Desk,
    every_key: Vec<Key>,
    keymap: Keymap,
    last_key: Option<std::time::Duration>,
    drawn: Option<CaptureId>,
    /// Where the list stood when the filter prompt was opened, until something else than typing happened.
    before_filter: Option<Seen>,
    seconds: u32,
}

impl Session {
    fn new() -> Self {
        let mut desk = Desk::new((80, 24), &[]);
        let bindings = bindings();
        let tables = [&bindings.keys, &bindings.copy, &bindings.folds];
        let every_key = tables.into_iter().flat_map(KeyTable::iter).flat_map(|(_, keys)| keys.to_vec()).collect();
        let first: Vec<_> = (0..5).map(|kind| store(&desk, kind, 0)).collect();
        desk.arrive(&first);
        let drawn = desk.model.list.selected();
        let keymap = Keymap::from(&bindings);
        Self { desk, every_key, keymap, last_key: None, drawn, before_filter: None, seconds: 1 }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Arrive(kinds) => {
                self.seconds += 1;
                let captures: Vec<_> = kinds.iter().map(|kind| store(&self.desk, *kind, self.seconds)).collect();
                let settling = self.is_settling();
                let before = Seen::of(&self.desk);
                self.desk.tell(Msg::Arrived(captures.iter().map(Capture::summary).collect()));
                self.check_world("an arrival", &before, settling);
            }
            Step::Evict(count) => self.evict(*count),
            Step::Recheck(changes) => self.recheck(changes),
            Step::Key(index) => self.key(*index.get(&self.every_key)),
            Step::Type(text) => {
                for key in keys(text) {
                    self.key(key);
                }
                self.draw();
            }
            Step::Mouse(kind, column, row) => self.mouse(*kind, *column, *row),
            Step::Paste => {
                self.desk.paste("pu\nq");
            }
            Step::Resize(width, height) => {
                self.before_filter = None;
                let selected = self.desk.model.list.selected();
                self.desk.resize(*width, *height);
                self.drawn = self.desk.model.list.selected();
                assert_eq!(self.desk.model.list.selected(), selected, "a resize changed the selection");
            }
            Step::Wait(milliseconds) => {
                let before = Seen::of(&self.desk);
                self.desk.wait(*milliseconds);
                if !before.following || self.desk.model.overlay.as_ref().is_some_and(Overlay::is_passing) {
                    self.still("time", &before);
                }
            }
            Step::Draw => {}
        }
        if !matches!(step, Step::Arrive(_) | Step::Key(_)) {
            self.draw();
        }
        self.check_always();
    }

    fn draw(&mut self) {
        self.desk.draw();
        self.drawn = self.desk.model.list.selected();
    }

    fn is_settling(&self) -> bool {
        self.last_key.is_some_and(|at| self.desk.model.now.saturating_sub(at) < SETTLE)
    }

    /// The oldest that is not protected goes, as the store does it.
    fn evict(&mut self, count: usize) {
        self.draw();
        let list = &self.desk.model.list;
        let free = |id: &CaptureId| !self.desk.protected.contains(id) && !list.row(*id).is_some_and(|row| row.pinned);
        let gone: Vec<CaptureId> = list.rows().map(|row| row.id).filter(free).take(count).collect();
        if self.before_filter.as_ref().is_some_and(|place| place.visible.iter().any(|id| gone.contains(id))) {
            self.before_filter = None;
        }
        let before = Seen::of(&self.desk);
        self.desk.block_on(self.desk.service.store.delete(gone.clone())).unwrap();
        self.desk.tell(Msg::Evicted(gone));
        self.draw();
        if before.stands_still() {
            self.still("an eviction", &before);
        }
        // Rule 6: what must not go.
        assert!(before.selected.is_none_or(|id| self.desk.model.list.row(id).is_some()), "rule 6: the selection went");
    }

    fn recheck(&mut self, changes: &[(u8, u8)]) {
        let rows: Vec<CaptureId> = self.desk.model.list.rows().map(|row| row.id).collect();
        if rows.is_empty() {
            return;
        }
        let row = |row: u8| rows[usize::from(row) % rows.len()];
        let verdicts: Vec<(CaptureId, Verdict)> = changes.iter().map(|(at, mark)| (row(*at), verdict(*mark))).collect();
        let marks: Vec<(CaptureId, Mark)> = verdicts.iter().map(|(id, verdict)| (*id, verdict.mark())).collect();
        let before = Seen::of(&self.desk);
        self.desk.block_on(self.desk.service.store.update_verdicts(verdicts)).unwrap();
        self.desk.tell(Msg::Rechecked(marks.clone()));
        self.draw();
        // Rule 8: no row comes or goes by a re-check, and its mark is new.
        assert_eq!(Seen::of(&self.desk).shown, before.shown, "rule 8: a re-check changed which rows are shown");
        for (id, mark) in marks.iter().rev().take(1) {
            assert_eq!(self.desk.model.list.row(*id).unwrap().mark, *mark, "rule 8: {id} kept its old mark");
        }
        if before.stands_still() && before.tab != Tab::Signature {
            self.still("a re-check", &before);
        }
    }

    /// Rules 1, 3 and 8 for what the world does.
    fn check_world(&mut self, what: &str, before: &Seen, settling: bool) {
        if before.stands_still() || settling {
            self.still(what, before);
        }
        self.desk.model.prepare_frame();
        let after = Seen::of(&self.desk);
        // Rule 8, again: only an edit of the filter takes rows out.
        let kept = before.shown.iter().all(|id| after.shown.contains(id));
        assert!(kept, "rule 8: {what} took rows out: {:?} -> {:?}", before.shown, after.shown);
    }

    /// Rule 1: nothing that the user looks at moves.
    fn still(&self, what: &str, before: &Seen) {
        let after = Seen::of(&self.desk);
        assert_eq!(after.selected, before.selected, "rule 1: {what} changed the selection");
        assert_eq!(after.row, before.row, "rule 1: {what} moved the selected row on the screen");
        let common = before.visible.len();
        assert_eq!(after.visible[..common.min(after.visible.len())], before.visible, "rule 6: {what} moved rows");
        assert_eq!(after.tab, before.tab, "rule 1: {what} changed the tab");
        assert_eq!(after.detail, before.detail, "rule 1: {what} moved the detail");
    }

    fn key(&mut self, key: Key) {
        let before = Seen::of(&self.desk);
        let (overlay, drawn) = (self.desk.model.overlay.clone(), self.drawn);
        let (path, focus) = (self.desk.path(), self.desk.model.focus);
        let action = self.keymap.action(key).filter(|_| overlay.is_none() && !self.desk.model.folding);
        let effects = self.desk.input(Input::Key(key));
        self.last_key = Some(self.desk.model.now);
        let after = Seen::of(&self.desk);
        // Rule 2: only f, G and End bring following back; a command run by name may.
        let by_name = matches!(overlay, Some(Overlay::Help(_) | Overlay::Palette(_)));
        let resumes = matches!(action, Some(Action::Follow | Action::Last)) || by_name;
        assert!(resumes || before.following || !after.following, "rule 2: {key} resumed following");
        if action == Some(Action::Last) && focus == Pane::Detail {
            assert_eq!(after.following, before.following, "rule 2: {key} in the detail resumed following");
        }
        Self::check_acts_on_drawn(&effects, before.following, drawn);
        if matches!(action, Some(Action::NextCapture | Action::PreviousCapture)) {
            self.check_same_place(before.tab, path);
        }
        self.check_filter(overlay.as_ref(), key, before);
        self.drawn = self.desk.model.list.selected();
    }

    /// Rule 3: a key acts on the capture that was in the last frame.
    fn check_acts_on_drawn(effects: &[Effect], following: bool, drawn: Option<CaptureId>) {
        if !following {
            return;
        }
        let acted = effects.iter().find_map(|effect| match effect {
            Effect::Pin(id, _) | Effect::Delete(id) => Some(*id),
            _ => None,
        });
        assert!(acted.is_none() || acted == drawn, "rule 3: acted on {acted:?}, {drawn:?} was on the screen");
    }

    /// Rule 9: the same tab, and the same JSON path or its nearest parent.
    fn check_same_place(&self, tab: Tab, path: Option<String>) {
        assert_eq!(self.desk.model.detail.tab, tab, "rule 9: another tab");
        if let Some((old, new)) = path.zip(self.desk.path()) {
            assert!(old.starts_with(new.trim_end_matches('.')), "rule 9: from {old} to {new}");
        }
    }

    /// Rule 7: esc puts selection and scroll back exactly.
    fn check_filter(&mut self, overlay: Option<&Overlay>, key: Key, before: Seen) {
        let was = matches!(overlay, Some(Overlay::Prompt(prompt)) if prompt.kind == PromptKind::Filter);
        let is = matches!(&self.desk.model.overlay, Some(Overlay::Prompt(prompt)) if prompt.kind == PromptKind::Filter);
        if is && !was {
            let unfiltered = !self.desk.model.list.filter().is_set();
            self.before_filter = Some(before).filter(|place| place.stands_still() && unfiltered);
        } else if was && key == "esc".parse().unwrap() {
            let after = Seen::of(&self.desk);
            if let Some(place) = self.before_filter.take() {
                assert_eq!(after.selected, place.selected, "rule 7: esc changed the selection");
                assert_eq!(after.row, place.row, "rule 7: esc moved the list");
            }
        } else if !is {
            self.before_filter = None;
        }
        let list = &self.desk.model.list;
        let shown = !was || list.is_empty() || list.selected_index().is_some();
        assert!(shown, "rule 7: the selection is not among the rows shown");
    }

    fn mouse(&mut self, kind: u8, column: u16, row: u16) {
        let before = Seen::of(&self.desk);
        let kinds = [MouseKind::Press, MouseKind::Release, MouseKind::WheelUp, MouseKind::WheelDown];
        let kind = kinds[usize::from(kind)];
        self.desk.input(Input::Mouse(Mouse { kind, column, row }));
        self.last_key = Some(self.desk.model.now);
        let after = Seen::of(&self.desk);
        let counter_or_hint = kind == MouseKind::Press && (row == 0 || usize::from(row) + 1 == self.desk.model.height);
        assert!(counter_or_hint || before.following || !after.following, "rule 2: the mouse resumed following");
        if matches!(kind, MouseKind::WheelUp | MouseKind::WheelDown) {
            assert!(after.selected == before.selected || before.following, "the wheel changed the selection");
        }
        self.drawn = self.desk.model.list.selected();
    }

    fn check_always(&self) {
        let (model, list) = (&self.desk.model, &self.desk.model.list);
        let height = model.list_height();
        let start = list.window_start(height);
        assert!(start <= list.len().saturating_sub(height), "the window begins behind its end");
        if list.len() <= height {
            assert_eq!(start, 0, "rule 5: a list with room to spare is scrolled");
        }
        if list.is_following() && !list.is_frozen() {
            assert_eq!(list.selected_index(), list.len().checked_sub(1), "following, but not on the newest");
            assert_eq!(model.focus, Pane::List, "following with the cursor in the detail");
        }
        let protected = model.protected();
        let kept = self.desk.visible().iter().chain(&list.selected()).all(|id| protected.contains(id));
        assert!(kept, "rule 6: a capture on the screen may be evicted");
    }
}

fn verdict(mark: u8) -> Verdict {
    let outcome = [Outcome::Valid, Outcome::Invalid, Outcome::Missing, Outcome::NotChecked][usize::from(mark)];
    Verdict { outcome, scheme: Some("netbox".to_owned()), ..Verdict::default() }
}

/// A capture of one of eight kinds; some have paths in common, some no JSON at all.
fn store(desk: &Desk, kind: u8, second: u32) -> Capture {
    let body: Bytes = match kind {
        0 | 1 => Bytes::from(format!(
            r#"{{"event":"update","model":"alpha","data":{{"id":{second},"tags":[{{"a":1}},2],"x":{{"y":null}}}}}}"#
        )),
        2 => Bytes::from_static(br#"{"event":"push","data":{"id":9,"tags":[]},"more":[1,2,3,[4,[5]]]}"#),
        3 => Bytes::from_static(b"plain alpha text\nof two lines, one of them quite long, to be wrapped somewhere"),
        4 => Bytes::from((0..200u8).collect::<Vec<u8>>()),
        5 => Bytes::from_static(b"a=1&b=alpha"),
        6 => Bytes::from("[".repeat(30) + &"]".repeat(30)),
        _ => Bytes::new(),
    };
    let received = at("12:00:00") + chrono::TimeDelta::seconds(i64::from(second));
    desk.store_changed(request("POST", &format!("/hook/{kind}"), &[], body), received, |capture| {
        capture.verdict = verdict(kind % 4);
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: SESSIONS,
        failure_persistence: None,
        max_shrink_iters: 0,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_moves_under_the_cursor(steps in vec(step(), STEPS)) {
        let mut session = Session::new();
        for step in &steps {
            session.step(step);
        }
    }
}
