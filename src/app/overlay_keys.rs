//! What keys do while something is open: prompts, menus, sheets.

use std::path::PathBuf;

use bytes::Bytes;

use super::keys::is_escape;
use super::sheet::{Entry, Help, HelpOn, Overlay, Part, PromptKind, ValueSheet, clip, help_lines, is_hidden};
use super::{Action, Clip, CopyKind, EditTarget, Effect, Level, Model};
use crate::config::{Key, KeyCode};

const UP: Key = Key::new(KeyCode::Up);
const DOWN: Key = Key::new(KeyCode::Down);
const ENTER: Key = Key::new(KeyCode::Enter);
const TAB: Key = Key::new(KeyCode::Tab);

impl Model {
    /// Takes a key while something is open.
    pub(super) fn overlay_key(&mut self, key: Key) -> Vec<Effect> {
        match &self.overlay {
            Some(Overlay::Prompt(prompt)) => {
                let kind = prompt.kind;
                self.prompt_key(kind, key)
            }
            Some(Overlay::Copy(_)) => self.copy_key(key),
            Some(Overlay::Palette(_)) => self.palette_key(key),
            Some(Overlay::Help(_)) => self.help_key(key),
            Some(Overlay::Value(_)) => self.value_key(key),
            Some(Overlay::Resend(_)) => self.resend_key(key),
            Some(Overlay::Attempts(_)) => self.attempts_key(key),
            Some(Overlay::Answers(_)) => self.answers_key(key),
            Some(Overlay::Conditions(_)) => self.conditions_key(key),
            Some(Overlay::Temporary(_)) => self.temporary_key(key),
            Some(Overlay::Lab(_)) => self.lab_key(key),
            None => Vec::new(),
        }
    }

    fn prompt_key(&mut self, kind: PromptKind, key: Key) -> Vec<Effect> {
        if is_escape(key) {
            return self.cancel_prompt();
        }
        if key == ENTER {
            return self.accept_prompt(kind);
        }
        if matches!(kind, PromptKind::Filter | PromptKind::Template) && (key == UP || key == DOWN) {
            self.recall(kind, key == UP);
            return self.prompt_changed(kind);
        }
        if key == TAB {
            return self.complete();
        }
        let Some(Overlay::Prompt(prompt)) = &mut self.overlay else { return Vec::new() };
        prompt.choices.clear();
        match prompt.field.key(key) {
            Some(true) => self.prompt_changed(kind),
            _ => Vec::new(),
        }
    }

    /// Everything goes back to where it was.
    fn cancel_prompt(&mut self) -> Vec<Effect> {
        let Some(Overlay::Prompt(prompt)) = self.overlay.take() else { return Vec::new() };
        let (height, width) = self.detail_size();
        match prompt.kind {
            PromptKind::Filter => {
                if let Some(place) = prompt.list_place {
                    self.list.restore(place);
                }
                vec![self.search_store(None)]
            }
            PromptKind::JumpKey => {
                if let (Some(view), Some(scroll)) = (self.detail.view_mut(height), prompt.scroll) {
                    view.scroll = scroll;
                    view.keep_visible(height, width);
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn accept_prompt(&mut self, kind: PromptKind) -> Vec<Effect> {
        let Some(Overlay::Prompt(prompt)) = self.overlay.take() else { return Vec::new() };
        let text = prompt.field.text();
        match kind {
            PromptKind::Filter => {
                self.history.retain(|known| known != text);
                self.history.extend((!text.is_empty()).then(|| text.to_owned()));
            }
            PromptKind::Search => self.search(text),
            PromptKind::Goto => self.goto(text),
            PromptKind::JumpKey => {}
            PromptKind::Write => return self.write(text),
            PromptKind::Conditions => return self.name_conditions(text),
            PromptKind::Template if text.trim().is_empty() => {}
            PromptKind::Template => return self.lab_with(text.trim()),
        }
        Vec::new()
    }

    fn write(&mut self, name: &str) -> Vec<Effect> {
        let Some(clip) = clip(&self.detail, CopyKind::Body) else { return Vec::new() };
        if name.trim().is_empty() {
            self.say(Level::Error, "not written: the file needs a name");
            return Vec::new();
        }
        vec![Effect::Write(PathBuf::from(name.trim()), clip.bytes)]
    }

    /// Narrows the list to what is typed now, and has headers and bodies searched for it.
    pub(super) fn filter_changed(&mut self) -> Vec<Effect> {
        let Some(Overlay::Prompt(prompt)) = &self.overlay else { return Vec::new() };
        let (text, place) = (prompt.field.text().to_owned(), prompt.list_place.clone());
        let height = self.list_height();
        if let Some(place) = place {
            self.list.restore(place);
        }
        self.list.set_filter(height, |filter| filter.set_text(&text));
        vec![self.search_store(None)]
    }

    fn recall(&mut self, kind: PromptKind, older: bool) {
        let history: Vec<String> = match kind {
            PromptKind::Template => self.templates.iter().rev().cloned().collect(),
            _ => self.history.clone(),
        };
        let Some(Overlay::Prompt(prompt)) = &mut self.overlay else { return };
        let next = match (prompt.history, older) {
            (None, true) => Some(0),
            (Some(at), true) => Some((at + 1).min(history.len().saturating_sub(1))),
            (Some(at), false) => at.checked_sub(1),
            (None, false) => None,
        };
        if let Some(text) = next.and_then(|at| history.iter().rev().nth(at)) {
            prompt.field = super::Field::new(text.clone());
            prompt.history = next;
        }
    }

    pub(super) fn toggle_filter(&mut self) -> Vec<Effect> {
        let height = self.list_height();
        if self.list.filter().is_set() {
            self.list.set_filter(height, |filter| filter.off = !filter.off);
        } else {
            let find = self.look.keymap.hint(Action::Find);
            self.say(Level::Info, format!("no filter to switch; {find} sets one"));
        }
        Vec::new()
    }

    pub(super) fn toggle_problems(&mut self) -> Vec<Effect> {
        let height = self.list_height();
        let following = self.list.is_following();
        self.list.set_filter(height, |filter| {
            filter.problems = !filter.problems;
            filter.off = false;
        });
        if following {
            self.list.follow();
        }
        Vec::new()
    }

    /// The key behind `y`; any other key cancels and is not acted on.
    fn copy_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(Overlay::Copy(menu)) = self.overlay.take() else { return Vec::new() };
        let again = self.look.keymap.action(key) == Some(Action::Copy);
        let kind = if again { Some(menu.usual) } else { self.look.keymap.copy(key) };
        kind.map(|kind| self.copy(kind)).unwrap_or_default()
    }

    fn copy(&mut self, kind: CopyKind) -> Vec<Effect> {
        if let Some(effects) = self.copy_of_lab(kind) {
            return effects;
        }
        if kind == CopyKind::Signature {
            return self.list.selected().map(Effect::CopyExpected).into_iter().collect();
        }
        let Some(clip) = clip(&self.detail, kind) else {
            let text = self.no_value(kind.short());
            self.say(Level::Info, text);
            return Vec::new();
        };
        vec![Effect::Copy(clip)]
    }

    /// Why there is nothing to copy or open at the cursor.
    pub(super) fn no_value(&self, what: &str) -> String {
        if is_hidden(&self.detail) {
            return format!("this value is masked: {} shows it first", self.look.keymap.hint(Action::Reveal));
        }
        format!("there is no {what} here")
    }

    fn palette_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(Overlay::Palette(palette)) = &mut self.overlay else { return Vec::new() };
        let matches = palette.matches();
        match key.code {
            _ if is_escape(key) => self.overlay = None,
            KeyCode::Up => palette.cursor = palette.cursor.saturating_sub(1),
            KeyCode::Down => palette.cursor = (palette.cursor + 1).min(matches.len().saturating_sub(1)),
            KeyCode::Enter => {
                let entry = matches.get(palette.cursor).copied();
                self.overlay = None;
                return match entry {
                    Some(Entry::Action(action)) => self.run(action),
                    Some(Entry::Copy(kind)) => self.copy(kind),
                    Some(Entry::Messages) => self.show_messages(),
                    None => Vec::new(),
                };
            }
            _ => {
                if palette.field.key(key) == Some(true) {
                    palette.cursor = 0;
                }
            }
        }
        Vec::new()
    }

    /// Does what was chosen by its name, where the user was before.
    fn run(&mut self, action: Action) -> Vec<Effect> {
        self.raise();
        if self.overlay.is_some() { self.act_in_lab(action) } else { self.act(action) }
    }

    fn show_messages(&mut self) -> Vec<Effect> {
        let lines: Vec<String> = self.messages.iter().rev().map(|message| message.text.clone()).collect();
        self.overlay = Some(Overlay::Value(ValueSheet::new("Messages, newest first", lines.join("\n"))));
        Vec::new()
    }

    /// What help is asked for on.
    pub fn help_on(&self) -> HelpOn {
        match self.focus {
            _ if self.lab().is_some() => HelpOn::Lab,
            super::Pane::Detail => HelpOn::Detail,
            super::Pane::List => HelpOn::List,
        }
    }

    fn help_key(&mut self, key: Key) -> Vec<Effect> {
        let height = self.panes().map_or(0, |panes| panes.detail.height + panes.list.height);
        let action = self.look.keymap.action(key);
        let on = self.help_on();
        let Some(Overlay::Help(help)) = &mut self.overlay else { return Vec::new() };
        if help.typing {
            help_typed(help, key);
            return Vec::new();
        }
        let lines = help_lines(&self.look.keymap, on, &help.find);
        let (rows, page) = (lines.len(), height.max(1).cast_signed());
        match action {
            Some(Action::Down) => help.scroll.step(1, rows, height),
            Some(Action::Up) => help.scroll.step(-1, rows, height),
            Some(Action::PageDown | Action::HalfDown) => help.scroll.step(page / 2, rows, height),
            Some(Action::PageUp | Action::HalfUp) => help.scroll.step(-page / 2, rows, height),
            Some(Action::First) => help.scroll.go(0, rows, height),
            Some(Action::Last) => help.scroll.go(rows, rows, height),
            Some(Action::Find) => help.typing = true,
            Some(Action::Open) => {
                let run = lines.get(help.scroll.cursor).and_then(|(_, action)| *action);
                self.overlay = None;
                return run.map(|action| self.run(action)).unwrap_or_default();
            }
            Some(Action::Quit | Action::Back | Action::Help) => self.overlay = None,
            _ => {}
        }
        Vec::new()
    }

    fn value_key(&mut self, key: Key) -> Vec<Effect> {
        let (height, width) = self.sheet_size();
        let action = self.look.keymap.action(key);
        let name = self.detail.capture().map(|capture| capture.id);
        let Some(Overlay::Value(sheet)) = &mut self.overlay else { return Vec::new() };
        let last = sheet.rows(width).saturating_sub(height);
        let page = height.max(1).cast_signed();
        let mut step = |by: isize| sheet.scroll.top = sheet.scroll.top.saturating_add_signed(by).min(last);
        let file_name = format!("hookview-{}-value.txt", name.map_or(0, |id| id.0));
        let clip = Clip { what: sheet.title.clone(), bytes: sheet.bytes.clone(), file_name };
        match action {
            Some(Action::Down) => step(1),
            Some(Action::Up) => step(-1),
            Some(Action::PageDown) => step(page),
            Some(Action::PageUp) => step(-page),
            Some(Action::HalfDown) => step(page / 2),
            Some(Action::HalfUp) => step(-page / 2),
            Some(Action::First) => step(isize::MIN),
            Some(Action::Last) => step(isize::MAX),
            Some(Action::Wrap) => sheet.wrap = !sheet.wrap,
            Some(Action::Copy) => return vec![Effect::Copy(clip)],
            Some(Action::OpenOutside) => return vec![Effect::Page(clip)],
            Some(Action::Quit | Action::Back | Action::Open) => self.overlay = None,
            _ => {}
        }
        Vec::new()
    }

    /// Rows and columns of a sheet in the place of the detail pane.
    pub fn sheet_size(&self) -> (usize, usize) {
        let area = self.panes().map(|panes| panes.detail).unwrap_or_default();
        (area.height, area.width.saturating_sub(4))
    }

    fn resend_key(&mut self, key: Key) -> Vec<Effect> {
        let recent = self.targets.recent.clone();
        let Some(Overlay::Resend(sheet)) = &mut self.overlay else { return Vec::new() };
        match key.code {
            _ if is_escape(key) => self.overlay = None,
            KeyCode::Enter => return self.send_sheet(),
            KeyCode::Up | KeyCode::Down if sheet.part == Part::To && !recent.is_empty() => {
                sheet.recall(&recent, key.code == KeyCode::Up);
                return self.prepare();
            }
            KeyCode::BackTab | KeyCode::Up => sheet.next_part(false),
            KeyCode::Tab | KeyCode::Down => sheet.next_part(true),
            _ => return self.resend_part_key(key),
        }
        Vec::new()
    }

    fn resend_part_key(&mut self, key: Key) -> Vec<Effect> {
        let action = self.look.keymap.action(key);
        let Some(Overlay::Resend(sheet)) = &mut self.overlay else { return Vec::new() };
        if let Some(field) = sheet.field() {
            return if field.key(key) == Some(true) { self.prepare() } else { Vec::new() };
        }
        let id = sheet.capture.id;
        match (sheet.part, action) {
            (_, Some(Action::Quit)) => self.overlay = None,
            (Part::Body, Some(Action::Edit)) => {
                return vec![Effect::Edit(EditTarget::Body(id), sheet.body_to_edit())];
            }
            (Part::Body, Some(Action::Pin | Action::Left | Action::Right)) => {
                if let Some(edited) = &mut sheet.edited {
                    edited.as_saved = !edited.as_saved;
                }
                return self.prepare();
            }
            (Part::Headers, Some(Action::Edit)) => {
                let headers = sheet.headers.as_ref().unwrap_or(&sheet.capture.request.headers);
                let text = String::from_utf8_lossy(&headers.to_lines()).replace("\r\n", "\n");
                return vec![Effect::Edit(EditTarget::Headers(id), Bytes::from(text))];
            }
            (Part::Signature, Some(Action::Pin | Action::Right | Action::Down)) => return self.turn_signing(1),
            (Part::Signature, Some(Action::Left)) => return self.turn_signing(-1),
            (_, Some(Action::Down)) => sheet.next_part(true),
            (_, Some(Action::Up)) => sheet.next_part(false),
            (_, Some(Action::Undo)) => {
                (sheet.edited, sheet.headers) = (None, None);
                return self.prepare();
            }
            _ => {}
        }
        Vec::new()
    }

    fn turn_signing(&mut self, by: isize) -> Vec<Effect> {
        let Some(Overlay::Resend(sheet)) = &mut self.overlay else { return Vec::new() };
        let count = sheet.signings.len().max(1).cast_signed();
        sheet.signing = (sheet.signing.cast_signed() + by).rem_euclid(count).cast_unsigned();
        self.prepare()
    }

    /// Sends what the sheet says, when nothing speaks against it.
    fn send_sheet(&mut self) -> Vec<Effect> {
        let sending = self.sending;
        let Some(Overlay::Resend(sheet)) = &mut self.overlay else { return Vec::new() };
        let refused = match &sheet.differences {
            Some(Err(reason)) => Some(reason.clone()),
            _ if sending => Some("a resend is still running".to_owned()),
            _ if !sheet.is_confirmed() => {
                sheet.part = Part::Confirm;
                Some("a public target: type its host name to confirm".to_owned())
            }
            _ => None,
        };
        let plan = sheet.plan();
        match (refused, plan) {
            (None, Ok(plan)) => self.send(plan, true),
            (Some(reason), _) | (None, Err(reason)) => {
                self.say(Level::Error, reason);
                Vec::new()
            }
        }
    }

    fn attempts_key(&mut self, key: Key) -> Vec<Effect> {
        let action = self.look.keymap.action(key);
        let Some(Overlay::Attempts(sheet)) = &mut self.overlay else { return Vec::new() };
        match action {
            Some(Action::Down) => sheet.go(sheet.scroll.cursor + 1, &self.look),
            Some(Action::Up) => sheet.go(sheet.scroll.cursor.saturating_sub(1), &self.look),
            Some(Action::Open) => self.open_attempt(),
            Some(Action::ResendAgain) if !sheet.running => {
                let plan = sheet.plan.clone();
                return self.send(plan, true);
            }
            Some(Action::EditResend | Action::Resend) if !sheet.running => {
                self.overlay = None;
                return self.act(action.unwrap_or(Action::Resend));
            }
            Some(Action::ResendAgain | Action::EditResend | Action::Resend) => {
                self.say(Level::Info, "still sending: esc stops it");
            }
            Some(Action::Back) if sheet.running && !sheet.stopping => {
                sheet.stopping = true;
                return vec![Effect::StopSending];
            }
            Some(Action::Quit | Action::Back) => self.overlay = None,
            Some(Action::Response) => {
                self.overlay = None;
                self.show_tab(super::Tab::Response);
            }
            _ => {}
        }
        Vec::new()
    }

    fn open_attempt(&mut self) {
        let Some(Overlay::Attempts(sheet)) = &self.overlay else { return };
        let Some(attempt) = sheet.chosen() else { return };
        let Some(answer) = ValueSheet::of_answer(attempt, |name| self.detail.hides(name)) else { return };
        self.overlay = Some(Overlay::Value(answer));
    }
}

fn help_typed(help: &mut Help, key: Key) {
    match key.code {
        KeyCode::Enter => help.typing = false,
        KeyCode::Esc => (help.typing, help.find) = (false, String::new()),
        KeyCode::Backspace => {
            help.find.pop();
        }
        _ => help.find.extend(key.printable()),
    }
    help.scroll = Help::new().scroll;
}
