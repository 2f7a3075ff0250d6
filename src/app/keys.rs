//! What each action does in list and detail.

use std::path::Path;

use super::detail::{Content, Tab, Target};
use super::keymap::FoldCommand;
use super::layout::Pane;
use super::sheet::{
    Attempts, CopyMenu, Help, Overlay, Palette, Prompt, PromptKind, ResendSheet, ValueSheet, clip, outside,
};
use super::{Action, Clip, CopyKind, EditTarget, Effect, Level, Listening, Model};
use crate::capture::Endpoint;
use crate::config::{Key, KeyCode};
use crate::export::{Reach, Url};

impl Model {
    /// Takes a key.
    pub(super) fn key(&mut self, key: Key) -> Vec<Effect> {
        match self.look.keymap.action(key) {
            Some(Action::Interrupt) => return vec![Effect::Quit],
            // Also while something is open, but what a text field can hold is text there.
            Some(Action::Redraw) if key.printable().is_none() => return vec![Effect::Repaint],
            Some(Action::Suspend) if key.printable().is_none() => return vec![Effect::Suspend],
            Some(Action::Quit) => {}
            _ => self.asked = false,
        }
        if self.overlay.is_some() {
            return self.overlay_key(key);
        }
        if std::mem::take(&mut self.folding) {
            self.fold(self.look.keymap.fold(key));
            return Vec::new();
        }
        match self.look.keymap.action(key) {
            Some(action) => self.act(action),
            None => self.unbound(key),
        }
    }

    pub(super) fn unbound(&mut self, key: Key) -> Vec<Effect> {
        let help = self.look.keymap.hint(Action::Help);
        self.say(Level::Info, format!("{key} does nothing here; {help} shows the keys"));
        Vec::new()
    }

    /// Whether the screen says that the port is taken; esc leaves it for the captures that there are.
    pub fn shows_busy(&self) -> bool {
        matches!(self.listening, Listening::Busy { .. }) && (!self.busy_left || self.list.total() == 0)
    }

    /// While the port is taken: enter takes the next free one, `.` tries again.
    fn act_on_busy(&mut self, action: Action) -> Option<Vec<Effect>> {
        let Listening::Busy { address, free, .. } = &self.listening else { return None };
        match action {
            _ if !self.shows_busy() => None,
            Action::Open => Some(vec![Effect::Listen(free.unwrap_or(0))]),
            Action::ResendAgain => Some(vec![Effect::Listen(address.port())]),
            Action::Back => {
                self.busy_left = true;
                Some(Vec::new())
            }
            _ => None,
        }
    }

    /// Quits, but asks once while a resend is running.
    fn quit_unless_sending(&mut self) -> Vec<Effect> {
        if !self.sending || self.asked {
            return vec![Effect::Quit];
        }
        self.asked = true;
        let quit = self.look.keymap.hint(Action::Quit);
        self.say(Level::Error, format!("a resend is running; {quit} again stops it and quits"));
        Vec::new()
    }

    /// Does what an action says.
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        if let Some(effects) = self.act_on_busy(action) {
            return effects;
        }
        if self.moves(action) || self.shows(action) {
            return Vec::new();
        }
        match action {
            Action::Open => self.open(),
            Action::Find => self.open_find(),
            Action::Goto => self.open_prompt(PromptKind::Goto, ""),
            Action::Conditions => self.open_conditions(),
            Action::JumpKey => self.open_jump(),
            Action::Copy => self.open_copy(),
            Action::Resend => self.open_resend(false),
            Action::EditResend => self.open_resend(true),
            Action::ResendAgain => self.resend_again(),
            Action::OpenOutside => self.page(),
            Action::Write => self.open_write(),
            Action::Pin => self.pin(),
            Action::Delete => self.delete(),
            Action::Undo => self.undo(),
            Action::Sample => vec![Effect::Sample],
            Action::MakeRule => self.make_rule(),
            Action::Lab => self.open_lab(),
            Action::TemporaryAnswer => self.temporary_answer(),
            Action::Edit => vec![Effect::Edit(EditTarget::Secrets, bytes::Bytes::new())],
            Action::Mouse => self.toggle_mouse(),
            Action::Redraw => vec![Effect::Repaint],
            Action::Suspend => vec![Effect::Suspend],
            Action::Quit => self.quit_unless_sending(),
            Action::Back => self.back(),
            Action::FilterToggle => self.toggle_filter(),
            Action::Problems => self.toggle_problems(),
            Action::NextHit => self.next_hit(true),
            Action::PreviousHit => self.next_hit(false),
            _ => Vec::new(),
        }
    }

    /// Actions that only change how things are shown; says whether this was one.
    fn shows(&mut self, action: Action) -> bool {
        match action {
            Action::NextPane | Action::PreviousPane => self.switch_pane(),
            Action::Body => self.show_tab(Tab::Body),
            Action::Headers => self.show_tab(Tab::Headers),
            Action::Signature => self.show_tab(Tab::Signature),
            Action::Response => self.show_tab(Tab::Response),
            Action::Raw => self.show_tab(Tab::Raw),
            Action::Diff => self.show_comparison(),
            Action::Base => self.next_basis(),
            Action::Mark => self.mark_or_compare(),
            Action::ClearMark => self.clear_mark(),
            Action::NextTab => self.turn_tab(1),
            Action::PreviousTab => self.turn_tab(Tab::ALL.len() - 1),
            Action::Follow if self.list.is_following() => self.list.pause(self.list_height()),
            Action::Follow => self.follow(),
            Action::TimeFormat => self.time = self.time.next(),
            Action::Zoom => self.zoom = !self.zoom,
            Action::Fold => self.folding = true,
            Action::OpenAll => self.fold(Some(FoldCommand::OpenAll)),
            Action::CloseAll => self.fold(Some(FoldCommand::CloseAll)),
            Action::Wrap => self.toggle_wrap(),
            Action::View => self.detail.next_way(),
            Action::Reveal if self.detail.tab == Tab::Diff => self.toggle_hidden(),
            Action::Reveal => self.toggle_reveal(),
            Action::Help => self.overlay = Some(Overlay::Help(Help::new())),
            Action::Palette => self.overlay = Some(Overlay::Palette(Palette::default())),
            Action::Answers => self.open_answers(),
            _ => return false,
        }
        self.prepare_frame();
        true
    }

    fn switch_pane(&mut self) {
        self.focus = match self.focus {
            Pane::List if self.list.selected().is_some() => Pane::Detail,
            _ => Pane::List,
        };
    }

    pub(super) fn show_tab(&mut self, tab: Tab) {
        self.detail.tab = tab;
        self.detail.search = None;
        if self.list.selected().is_some() {
            self.focus = Pane::Detail;
        }
    }

    fn turn_tab(&mut self, by: usize) {
        let at = Tab::ALL.iter().position(|tab| *tab == self.detail.tab).unwrap_or(0);
        self.detail.tab = Tab::ALL[(at + by) % Tab::ALL.len()];
        self.detail.search = None;
    }

    pub(super) fn follow(&mut self) {
        self.focus = Pane::List;
        self.list.follow();
    }

    fn toggle_wrap(&mut self) {
        let (height, _) = self.detail_size();
        if let Some(view) = self.detail.view_mut(height) {
            view.wrap = !view.wrap;
            view.scroll.left = 0;
        }
    }

    fn toggle_reveal(&mut self) {
        self.detail.reveal = !self.detail.reveal;
        self.detail.rebuild();
        let text = if self.detail.reveal {
            "secret values are shown, also in copies"
        } else {
            "secret values are masked, also in copies"
        };
        self.say(Level::Info, text);
    }

    fn toggle_mouse(&mut self) -> Vec<Effect> {
        self.mouse = !self.mouse;
        vec![Effect::Mouse(self.mouse)]
    }

    /// Opens what the cursor is on.
    pub(super) fn open(&mut self) -> Vec<Effect> {
        if self.list.selected().is_none() {
            return Vec::new();
        }
        if self.focus == Pane::List {
            self.focus = Pane::Detail;
            return Vec::new();
        }
        if let Some((tree, node)) = super::sheet::node_at_cursor(&self.detail)
            && tree.index().node(node).kind.is_container()
        {
            self.fold(Some(FoldCommand::Toggle));
            return Vec::new();
        }
        if self.equal_at_cursor().is_some() {
            self.fold_equal(FoldCommand::Toggle);
            return Vec::new();
        }
        let target =
            self.detail.view().map(|view| view.content.target(view.scroll.cursor, self.detail_size().1).clone());
        self.overlay = match target {
            Some(Target::Attempt(index)) => self.attempt_sheet(index),
            Some(Target::Run(index)) => self.run_sheet(index),
            _ => self.value_sheet(),
        }
        .map(Overlay::Value);
        Vec::new()
    }

    fn value_sheet(&self) -> Option<ValueSheet> {
        let value = clip(&self.detail, CopyKind::Value)?;
        let name = clip(&self.detail, CopyKind::Path).or_else(|| clip(&self.detail, CopyKind::Key));
        let name = name.map(|name| String::from_utf8_lossy(&name.bytes).into_owned()).unwrap_or_default();
        let name = self.detail.header_at_cursor().map_or(name, |(name, nth, count)| match count {
            1 => name,
            _ => format!("{name}, {nth} of {count}"),
        });
        Some(ValueSheet::new(name, value.bytes))
    }

    fn attempt_sheet(&mut self, index: usize) -> Option<ValueSheet> {
        let attempts = &self.detail.loaded()?.attempts;
        let attempt = attempts.get(index)?;
        let sheet = ValueSheet::of_answer(attempt, |name| self.detail.hides(name))?;
        self.detail.attempt = Some(attempt.id);
        self.detail.rebuild();
        Some(sheet)
    }

    fn run_sheet(&self, index: usize) -> Option<ValueSheet> {
        let run = self.detail.loaded()?.runs.get(index)?;
        let output = [&run.stdout[..], &run.stderr[..]].concat();
        Some(ValueSheet::of_lines(super::detail::run_title(run), super::detail::run_lines(run), output))
    }

    pub(super) fn open_prompt(&mut self, kind: PromptKind, text: &str) -> Vec<Effect> {
        let mut prompt = Prompt::new(kind, text);
        prompt.list_place = Some(self.list.place(self.list_height()));
        prompt.scroll = self.detail.view().map(|view| view.scroll);
        self.overlay = Some(Overlay::Prompt(prompt));
        Vec::new()
    }

    fn open_find(&mut self) -> Vec<Effect> {
        if self.focus == Pane::Detail {
            return self.open_prompt(PromptKind::Search, "");
        }
        let text = self.list.filter().text().to_owned();
        let effects = self.open_prompt(PromptKind::Filter, &text);
        if self.list.filter().off {
            let height = self.list_height();
            self.list.set_filter(height, |filter| filter.off = false);
        }
        effects
    }

    fn open_jump(&mut self) -> Vec<Effect> {
        self.show_tab(Tab::Body);
        self.prepare_frame();
        if super::sheet::node_at_cursor(&self.detail).is_none() {
            self.say(Level::Info, "this body has no JSON keys to jump to");
            return Vec::new();
        }
        self.open_prompt(PromptKind::JumpKey, "")
    }

    fn open_write(&mut self) -> Vec<Effect> {
        let Some(clip) = clip(&self.detail, CopyKind::Body) else {
            self.say(Level::Info, "there is no body to write");
            return Vec::new();
        };
        self.open_prompt(PromptKind::Write, &clip.file_name)
    }

    fn open_copy(&mut self) -> Vec<Effect> {
        if self.list.total() == 0 {
            let bytes = self.curl_line().into();
            return vec![Effect::Copy(Clip {
                what: "the curl line".to_owned(),
                bytes,
                file_name: "hookview.sh".to_owned(),
            })];
        }
        self.overlay = CopyMenu::new(&self.detail, self.focus == Pane::Detail).map(Overlay::Copy);
        Vec::new()
    }

    /// The command that the empty screen proposes.
    pub fn curl_line(&self) -> String {
        const BODY: &str = r#"-d '{"hello":"world"}'"#;
        match (self.endpoint(), &self.certificate) {
            (Some(Endpoint::Unix(path)), _) => {
                format!("curl --unix-socket {} {BODY} http://localhost/test", word(&path))
            }
            (Some(Endpoint::Tcp { tls: true, .. }), Some(own)) => {
                format!("curl --cacert {} {BODY} {}/test", word(&own.path), self.local_url())
            }
            _ => format!("curl {BODY} {}/test", self.local_url()),
        }
    }

    fn open_resend(&mut self, edit: bool) -> Vec<Effect> {
        let Some(capture) = self.detail.capture().cloned() else { return Vec::new() };
        let id = capture.id;
        let can_sign = self.detail.loaded().is_some_and(|loaded| loaded.facts.can_sign);
        let secrets: &[String] = if can_sign { &self.secrets } else { &[] };
        let sheet = ResendSheet::new(capture, &self.targets, secrets);
        let body = sheet.body_to_edit();
        self.overlay = Some(Overlay::Resend(Box::new(sheet)));
        let mut effects = self.prepare();
        if edit {
            effects.push(Effect::Edit(EditTarget::Body(id), body));
        }
        effects
    }

    /// Has worked out what the open resend sheet would send.
    pub(super) fn prepare(&mut self) -> Vec<Effect> {
        let Some(Overlay::Resend(sheet)) = &mut self.overlay else { return Vec::new() };
        match sheet.plan() {
            Ok(plan) => vec![Effect::Prepare(plan)],
            Err(reason) => {
                sheet.differences = Some(Err(reason));
                Vec::new()
            }
        }
    }

    fn resend_again(&mut self) -> Vec<Effect> {
        let (Some(last), Some(selected)) = (self.last_plan.clone(), self.list.selected()) else {
            return self.open_resend(false);
        };
        if self.sending {
            self.say(Level::Info, "a resend is running; esc in its sheet stops it");
            return Vec::new();
        }
        let same = last.capture == selected;
        let public = |url: &str| url.parse::<Url>().is_ok_and(|url| url.reach() == Reach::Public);
        if !same && public(&last.url) {
            return self.open_resend(false);
        }
        let plan = super::ResendPlan {
            capture: selected,
            headers: last.headers.filter(|_| same),
            body: last.body.filter(|_| same),
            method: last.method.filter(|_| same),
            ..last
        };
        self.send(plan, false)
    }

    /// Sends; `sheet` says whether to watch.
    pub(super) fn send(&mut self, plan: super::ResendPlan, sheet: bool) -> Vec<Effect> {
        (self.sending, self.unsent) = (true, plan.times);
        self.last_plan = Some(plan.clone());
        if let Some(row) = self.list.row(plan.capture) {
            let path = row.target.split('?').next().unwrap_or_default().to_owned();
            self.targets.used(&path, &plan.url);
        }
        if sheet {
            self.overlay = Some(Overlay::Attempts(Attempts::new(plan.clone())));
        }
        vec![Effect::Send(plan)]
    }

    fn page(&mut self) -> Vec<Effect> {
        outside(&self.detail, self.focus == Pane::List).map(Effect::Page).into_iter().collect()
    }

    fn pin(&mut self) -> Vec<Effect> {
        let Some(id) = self.list.selected_shown() else { return Vec::new() };
        let height = self.list_height();
        self.list.pause(height);
        let pinned = !self.list.row(id).is_some_and(|row| row.pinned);
        self.list.change(id, |row| row.pinned = pinned);
        vec![Effect::Pin(id, pinned)]
    }

    fn delete(&mut self) -> Vec<Effect> {
        let Some(id) = self.list.selected_shown().filter(|_| self.focus == Pane::List) else { return Vec::new() };
        let height = self.list_height();
        self.list.pause(height);
        self.list.remove(&[id]);
        self.deleted.push(id);
        let undo = self.look.keymap.hint(Action::Undo);
        self.say(Level::Info, format!("{id} deleted; {undo} brings it back"));
        vec![Effect::Delete(id)]
    }

    fn undo(&mut self) -> Vec<Effect> {
        let Some(id) = self.deleted.pop() else {
            self.say(Level::Info, "nothing to undo");
            return Vec::new();
        };
        vec![Effect::Restore(id)]
    }

    /// One step back: search, detail, filter. Never quits.
    fn back(&mut self) -> Vec<Effect> {
        let height = self.list_height();
        if self.detail.search.take().is_some() {
            return Vec::new();
        }
        if self.is_comparing() && self.focus == Pane::Detail {
            return self.stop_comparing();
        }
        if self.focus == Pane::Detail {
            self.focus = Pane::List;
            self.zoom = false;
        } else if self.list.filter().is_set() {
            self.list.set_filter(height, |filter| {
                filter.set_text("");
                filter.problems = false;
            });
            return vec![Effect::StopSearch];
        }
        Vec::new()
    }

    /// Opens and closes nodes; the cursor's row of the screen does not move.
    pub(super) fn fold(&mut self, command: Option<FoldCommand>) {
        let (height, width) = self.detail_size();
        let Some(command) = command else { return };
        if self.detail.tab == Tab::Diff {
            return self.fold_equal(command);
        }
        let Some(view) = self.detail.view_mut(height) else { return };
        let Content::Tree(tree) = &mut view.content else { return };
        let node = tree.node_at(view.scroll.cursor);
        match command {
            FoldCommand::Toggle => tree.toggle(node),
            FoldCommand::OpenAll => tree.open_all(),
            FoldCommand::CloseAll => tree.close_all(),
            FoldCommand::Depth(depth) => tree.to_depth(usize::from(depth)),
        }
        let row = tree.row_of(node);
        let rows = view.content.len(width);
        view.scroll.hold(row, rows, height);
    }
}

/// Whether a key is the usual one for a step back in a text field.
pub(super) fn is_escape(key: Key) -> bool {
    key == Key::new(KeyCode::Esc)
}

/// A path as a word for the shell.
fn word(path: &Path) -> String {
    let text = path.to_string_lossy();
    shlex::try_quote(&text).map(Into::into).unwrap_or_default()
}
