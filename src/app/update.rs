//! How the model changes: one message in, effects out.

use bytes::Bytes;

use super::field::one_line;
use super::layout::Pane;
use super::sheet::{Overlay, PromptKind};
use super::{EditTarget, Effect, Found, Input, Level, Listening, Model, Msg, Prepared, SETTLE};
use crate::capture::{Attempt, CaptureId, Headers, Mark, Summary, parse_header_lines};

/// Takes a message; the clock of the model was set before.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Input(input) => return model.input(input),
        Msg::Arrived(rows) => return model.arrived(rows),
        Msg::Settled(row) => model.settled(*row),
        Msg::Done(id) => model.done(id),
        Msg::Evicted(ids) => {
            model.list.remove(&ids);
            model.forget_tried(&ids);
            model.past.forget(&ids);
            model.forget_rendered(&ids);
        }
        Msg::Loaded(loaded) => {
            if model.list.selected() == Some(loaded.capture.id) {
                model.detail.load(*loaded);
            }
        }
        Msg::Diagnosed(id, diagnosis) => model.detail.diagnosed(id, *diagnosis),
        Msg::LoadFailed(id, reason) => {
            if model.list.selected() == Some(id) {
                model.say(Level::Error, format!("{id} cannot be read: {reason}"));
            }
        }
        Msg::Found(found) => model.found(found),
        Msg::Compared(order, outcome) => model.compared(order, outcome),
        Msg::Rechecked(changes) => model.rechecked(&changes),
        Msg::Prepared(prepared) => model.prepared(*prepared),
        Msg::Attempted(attempt) => model.attempted(&attempt),
        Msg::SendingStopped => model.sending_ended(),
        Msg::Edited(target, edited) => return model.edited(&target, edited),
        Msg::Restored(row) => {
            model.say(Level::Info, format!("{} is back", row.id));
            model.list.insert(*row);
        }
        Msg::Pinned(id, pinned) => model.list.change(id, |row| row.pinned = pinned),
        Msg::Say(level, text) => model.say(level, text),
        Msg::Store(error) => model.store(error),
        Msg::Listening(listening) => model.listening(listening),
        Msg::Answers(answers) => model.take_answers(*answers),
        Msg::Conditions(file) => return model.take_conditions(*file),
        Msg::Tried(generation, tried) => model.take_tried(generation, *tried),
        Msg::TrialReport(report) => model.take_report(report),
        Msg::Past(told) => model.past.take(told),
        Msg::RulesRead(level, text) => {
            model.answers_changed();
            model.reload();
            model.say(level, text);
        }
        Msg::Lab(news) => model.lab_news(*news),
        Msg::Completed(typed, names) => model.completed(&typed, &names),
        Msg::Secrets(names) => {
            model.secrets = names;
            model.reload();
        }
        Msg::Tick => model.tick(),
    }
    Vec::new()
}

impl Model {
    fn input(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Key(key) => {
                self.act_on_drawn();
                self.last_key = Some(self.now);
                self.clear_message();
                let effects = self.key(key);
                self.after_input();
                [effects, self.lab_selected()].concat()
            }
            Input::Mouse(mouse) => {
                self.act_on_drawn();
                self.last_key = Some(self.now);
                let effects = self.mouse(mouse);
                self.after_input();
                [effects, self.lab_selected()].concat()
            }
            Input::Paste(text) => self.paste(&text),
            Input::Resize { width, height } => {
                (self.width, self.height) = (usize::from(width), usize::from(height));
                self.list.keep_visible(self.list_height());
                self.settle_view();
                Vec::new()
            }
            Input::Focus(front) => {
                self.focused_at = front.then_some(self.now);
                Vec::new()
            }
        }
    }

    /// A message stays until the next key, but at least a while; an error until a key.
    fn clear_message(&mut self) {
        let old = self.message.as_ref().is_some_and(|message| {
            message.level == Level::Error || self.now.saturating_sub(message.at) >= super::model::MESSAGE
        });
        if old {
            self.message = None;
        }
    }

    /// Holds the list while something passing is open, pauses it while something else is, lets it go when both are
    /// gone.
    fn after_input(&mut self) {
        self.raise();
        let height = self.list_height();
        match &self.overlay {
            Some(overlay) if overlay.is_passing() => self.list.freeze(height),
            Some(_) => self.list.pause(height),
            None if self.focus == Pane::Detail => self.list.pause(height),
            None => self.thaw_if_settled(),
        }
    }

    fn thaw_if_settled(&mut self) {
        let settled = self.last_key.is_none_or(|at| self.now.saturating_sub(at) >= SETTLE);
        if settled || self.list.new_count() == 0 {
            self.list.thaw();
        }
    }

    fn tick(&mut self) {
        if self.overlay.as_ref().is_none_or(|overlay| !overlay.is_passing()) {
            self.thaw_if_settled();
        }
    }

    fn arrived(&mut self, rows: Vec<Summary>) -> Vec<Effect> {
        let fresh = self.last_key.is_some_and(|at| self.now.saturating_sub(at) < SETTLE);
        if fresh {
            self.list.freeze(self.list_height());
        }
        let filter = self.list.filter();
        let unsure = |row: &&Summary| !filter.words().is_empty() && filter.admits(row) && !filter.has_words(row);
        let only: Vec<CaptureId> = rows.iter().filter(unsure).map(|row| row.id).collect();
        let tried = self.try_arrivals(&rows);
        let rendered = self.lab_arrivals(rows.iter().map(|row| row.id).collect());
        self.list.arrive(rows);
        self.answers_changed();
        let searched = (!only.is_empty()).then(|| self.search_store(Some(only)));
        searched.into_iter().chain(tried).chain(rendered).collect()
    }

    /// Has headers and bodies searched for the words of the filter, in these captures or in all.
    pub(super) fn search_store(&self, only: Option<Vec<CaptureId>>) -> Effect {
        let filter = self.list.filter();
        if filter.words().is_empty() {
            return Effect::StopSearch;
        }
        Effect::Search { generation: filter.generation, words: filter.words().to_vec(), only, total: self.list.total() }
    }

    fn found(&mut self, found: Found) {
        if found.generation != self.list.filter().generation {
            return;
        }
        let (following, frozen) = (self.list.is_following(), self.list.is_frozen());
        let height = self.list_height();
        self.list.found(found, height);
        if following && !frozen && self.overlay.is_none() {
            self.list.follow();
        }
    }

    fn done(&mut self, id: CaptureId) {
        if self.list.selected() == Some(id) {
            self.reload();
        }
    }

    fn settled(&mut self, settled: Summary) {
        let id = settled.id;
        self.answers_changed();
        self.list.change(id, |row| (row.status, row.rule) = (settled.status, settled.rule));
        self.done(id);
    }

    fn rechecked(&mut self, changes: &[(CaptureId, Mark)]) {
        for (id, mark) in changes {
            self.list.change(*id, |row| row.mark = *mark);
        }
        self.reload();
    }

    /// Has the capture on the screen loaded anew.
    pub(super) fn reload(&mut self) {
        self.detail.stale = true;
    }

    fn prepared(&mut self, prepared: Prepared) {
        if let Some(Overlay::Resend(sheet)) = &mut self.overlay
            && sheet.plan().is_ok_and(|plan| plan == prepared.plan)
        {
            sheet.differences = Some(prepared.outcome);
        }
    }

    fn attempted(&mut self, attempt: &Attempt) {
        let id = attempt.capture;
        self.unsent = self.unsent.saturating_sub(1);
        if self.unsent == 0 {
            self.sending_ended();
        }
        if let Some(Overlay::Attempts(sheet)) = &mut self.overlay {
            sheet.add(attempt.clone(), &self.look);
        }
        if self.detail.shows(id) {
            self.reload();
        }
        if self.overlay.is_none() {
            let (role, text) = super::detail::outcome_text(attempt);
            let level = if role == super::Role::Good { Level::Info } else { Level::Error };
            self.say(level, format!("resent {id} to {}: {text}", attempt.url));
        }
    }

    fn sending_ended(&mut self) {
        self.sending = false;
        if let Some(Overlay::Attempts(sheet)) = &mut self.overlay {
            sheet.running = false;
        }
    }

    fn edited(&mut self, target: &EditTarget, edited: Option<Bytes>) -> Vec<Effect> {
        let Some(bytes) = edited else {
            if matches!(target, EditTarget::Body(_) | EditTarget::Headers(_)) {
                self.say(Level::Info, "not changed");
            }
            return Vec::new();
        };
        let Some(Overlay::Resend(sheet)) = &mut self.overlay else { return Vec::new() };
        match target {
            EditTarget::Body(id) if *id == sheet.capture.id => sheet.set_body(bytes),
            EditTarget::Headers(id) if *id == sheet.capture.id => sheet.headers = Some(header_lines(&bytes)),
            _ => {}
        }
        self.prepare()
    }

    fn store(&mut self, error: Option<String>) {
        match (&self.store_error, &error) {
            (_, Some(reason)) => self.say(Level::Error, format!("not stored, answered 503: {reason}")),
            (Some(_), None) => self.say(Level::Info, "the store takes captures again"),
            (None, None) => {}
        }
        self.store_error = error;
    }

    fn listening(&mut self, listening: Listening) {
        if let Listening::Busy { reason, .. } = &listening {
            self.say(Level::Error, reason.clone());
        } else {
            self.message = None;
        }
        self.listening = listening;
    }

    fn paste(&mut self, text: &str) -> Vec<Effect> {
        if let Some(Overlay::Help(help)) = &mut self.overlay
            && help.typing
        {
            help.find.push_str(&one_line(text));
            return Vec::new();
        }
        let field = match &mut self.overlay {
            Some(Overlay::Prompt(prompt)) => Some(&mut prompt.field),
            Some(Overlay::Palette(palette)) => Some(&mut palette.field),
            Some(Overlay::Resend(sheet)) => sheet.field(),
            Some(Overlay::Temporary(sheet)) => sheet.field(),
            _ => None,
        };
        let Some(field) = field else {
            self.say(Level::Info, "pasted text is not taken as keys; open a prompt first");
            return Vec::new();
        };
        field.paste(text);
        match &self.overlay {
            Some(Overlay::Prompt(prompt)) => self.prompt_changed(prompt.kind),
            Some(Overlay::Resend(_)) => self.prepare(),
            _ => Vec::new(),
        }
    }

    /// Acts on what a prompt says while it is typed.
    pub(super) fn prompt_changed(&mut self, kind: PromptKind) -> Vec<Effect> {
        match kind {
            PromptKind::Filter => self.filter_changed(),
            PromptKind::JumpKey => {
                self.jump_to_key();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}

/// Header lines as the user edited them, one a line.
fn header_lines(bytes: &Bytes) -> Headers {
    let lines: Vec<u8> = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .collect::<Vec<_>>()
        .join(&b'\n');
    parse_header_lines(&Bytes::from([&lines[..], b"\n"].concat()))
}
