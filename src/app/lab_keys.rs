//! What keys and the mouse do in the lab's sheet, and what of it other things have to be told.

use std::path::Path;

use bytes::Bytes;

use super::layout::Pane;
use super::sheet::{LabAsk, LabNews, LabOutput, LabPane, LabSheet, Overlay, PromptKind};
use super::{Action, EditTarget, Effect, Level, Model, Mouse, Tab};
use crate::capture::CaptureId;
use crate::config::Key;
use crate::lab::Files;

impl Model {
    /// Opens the lab with the templates that it had last, or asks for them.
    pub(super) fn open_lab(&mut self) -> Vec<Effect> {
        if self.list.selected().is_none() {
            self.say(Level::Info, "a template is tried on captures: there is none yet");
            return Vec::new();
        }
        match self.templates.first().cloned() {
            Some(files) => self.lab_with(&files),
            None => self.open_prompt(PromptKind::Template, ""),
        }
    }

    /// Opens the lab with the files of this line.
    pub(super) fn lab_with(&mut self, line: &str) -> Vec<Effect> {
        let (selected, files) = (self.list.selected(), Files::parse(line, self.home.as_deref().map(Path::new)));
        let left = self.lab().map_or((self.detail.tab, self.focus), |sheet| sheet.left);
        let mut sheet = LabSheet::new(files.clone(), selected);
        sheet.left = left;
        (self.below, self.overlay) = (None, Some(Overlay::Lab(Box::new(sheet))));
        self.settle_lab();
        let show = selected.map(|id| Effect::Lab(LabAsk::Show(id)));
        [Some(Effect::Lab(LabAsk::Open(files))), show].into_iter().flatten().collect()
    }

    /// Takes what came of the templates. Files that could be read are proposed the next time.
    pub(super) fn lab_news(&mut self, news: LabNews) {
        const MOST: usize = 12;
        let is_read = matches!(news, LabNews::Read(Ok(_), _));
        let Some(sheet) = self.lab_mut() else { return };
        let (line, said) = (sheet.files.to_string(), sheet.take(news));
        if is_read {
            self.templates.retain(|known| *known != line);
            self.templates.insert(0, line);
            self.templates.truncate(MOST);
        }
        if let Some((level, text)) = said {
            self.say(level, text);
        }
    }

    /// Has the templates tried on captures that have just come.
    pub(super) fn lab_arrivals(&self, ids: Vec<CaptureId>) -> Option<Effect> {
        self.lab().filter(|_| !ids.is_empty()).map(|_| Effect::Lab(LabAsk::More(ids)))
    }

    /// Captures that are no more count no more.
    pub(super) fn forget_rendered(&mut self, ids: &[CaptureId]) {
        if let Some(sheet) = self.lab_mut() {
            for id in ids {
                sheet.all.remove(*id);
            }
        }
    }

    pub(super) fn lab_key(&mut self, key: Key) -> Vec<Effect> {
        if std::mem::take(&mut self.folding) {
            self.fold(self.look.keymap.fold(key));
            return Vec::new();
        }
        match self.look.keymap.action(key) {
            Some(action) => self.act_in_lab(action),
            None => self.unbound(key),
        }
    }

    /// Does what an action says in the lab.
    pub(super) fn act_in_lab(&mut self, action: Action) -> Vec<Effect> {
        let height = self.list_height();
        match action {
            Action::Quit | Action::Back => return self.leave_lab(action),
            Action::NextCapture => self.list.step(1, height),
            Action::PreviousCapture => self.list.step(-1, height),
            Action::NextHit | Action::PreviousHit if self.is_searching_context() => return self.act(action),
            Action::NextHit => self.next_lab_problem(true),
            Action::PreviousHit => self.next_lab_problem(false),
            Action::Pin => return self.next_lab_system(),
            Action::Lab => return self.ask_for_template(),
            Action::Resend => return self.resend_rendered(),
            Action::Copy => return self.open_lab_copy(),
            Action::Edit => return self.edit_template(),
            Action::Help
            | Action::Palette
            | Action::Answers
            | Action::Conditions
            | Action::Sample
            | Action::Mouse
            | Action::Redraw
            | Action::Suspend
            | Action::Goto => return self.over_lab(|model| model.act(action)),
            action if self.arranges_lab(action) => {}
            action if self.focus == Pane::Detail => return self.act_in_context(action),
            action => self.scroll_lab(action),
        }
        Vec::new()
    }

    /// Actions that change how the lab is shown; says whether this was one.
    fn arranges_lab(&mut self, action: Action) -> bool {
        let Some(sheet) = self.lab_mut() else { return false };
        match action {
            Action::NextPane | Action::PreviousPane => sheet.step_pane(action == Action::NextPane),
            Action::NextTab | Action::PreviousTab => sheet.step_part(action == Action::NextTab),
            Action::Zoom => sheet.zoom = !sheet.zoom,
            Action::Wrap if sheet.pane == LabPane::Template => sheet.wrap[0] = !sheet.wrap[0],
            Action::Wrap if sheet.pane == LabPane::Output => sheet.wrap[1] = !sheet.wrap[1],
            _ => return false,
        }
        self.settle_lab();
        true
    }

    /// One step back: out of a search, of the zoom, of the lab.
    fn leave_lab(&mut self, action: Action) -> Vec<Effect> {
        let searching = self.is_searching_context();
        let Some(sheet) = self.lab_mut() else { return Vec::new() };
        if action == Action::Back && searching {
            self.detail.search = None;
        } else if action == Action::Back && sheet.zoom {
            sheet.zoom = false;
        } else {
            (self.detail.tab, self.focus) = sheet.left;
            self.overlay = None;
        }
        Vec::new()
    }

    fn is_searching_context(&self) -> bool {
        self.focus == Pane::Detail && self.detail.search.is_some()
    }

    /// The context pane is the body's tab: whatever was shown besides goes, and it has the cursor when it has the keys.
    pub(super) fn settle_lab(&mut self) {
        let Some(pane) = self.lab_in_sight().map(|sheet| sheet.pane) else { return };
        self.detail.tab = Tab::Body;
        self.focus = if pane == LabPane::Context { Pane::Detail } else { Pane::List };
    }

    /// Does something that may open something else, which the lab waits below.
    fn over_lab(&mut self, act: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        self.below = self.overlay.take();
        let effects = act(self);
        self.raise();
        effects
    }

    /// What waits below comes back when nothing is above it any more.
    pub(super) fn raise(&mut self) {
        if self.overlay.is_none() && self.below.is_some() {
            self.overlay = self.below.take();
            self.settle_lab();
        }
    }

    /// The keys of a tree act on the context.
    fn act_in_context(&mut self, action: Action) -> Vec<Effect> {
        let is_for_tree = matches!(
            action,
            Action::Find
                | Action::JumpKey
                | Action::Open
                | Action::Fold
                | Action::OpenAll
                | Action::CloseAll
                | Action::View
        );
        if is_for_tree || action == Action::Wrap {
            return self.over_lab(|model| model.act(action));
        }
        self.moves(action);
        Vec::new()
    }

    /// Has the templates tried on the capture that is selected now.
    pub(super) fn lab_selected(&mut self) -> Vec<Effect> {
        let selected = self.list.selected();
        let Some(sheet) = self.lab_mut().filter(|sheet| sheet.wanted != selected) else { return Vec::new() };
        sheet.wanted = selected;
        sheet.top[1] = 0;
        self.keep_row_visible();
        selected.map(|id| Effect::Lab(LabAsk::Show(id))).into_iter().collect()
    }

    fn select_in_lab(&mut self, id: CaptureId) {
        let height = self.list_height();
        if !self.list.select(id, height) {
            self.say(Level::Info, format!("{id} is not in the filtered list"));
        }
    }

    fn next_lab_problem(&mut self, forward: bool) {
        let Some(sheet) = self.lab() else { return };
        match (sheet.all.next_problem(sheet.wanted, forward), sheet.missing) {
            (Some(id), _) => self.select_in_lab(id),
            (None, 0) => self.say(Level::Info, "the template has no problem with any capture"),
            (None, missing) => self.say(Level::Info, format!("no problem so far, {missing} captures are to come")),
        }
    }

    fn next_lab_system(&mut self) -> Vec<Effect> {
        let Some(sheet) = self.lab_mut() else { return Vec::new() };
        sheet.next_system();
        let system = sheet.system;
        let whose = sheet.chosen_system().unwrap_or("the sender");
        self.say(Level::Info, format!("rendered as {whose} does it"));
        vec![Effect::Lab(LabAsk::System(system))]
    }

    fn scroll_lab(&mut self, action: Action) {
        let (Some(sheet), Some(panes)) = (self.lab(), self.lab_panes()) else { return };
        let (pane, rows) = (sheet.pane, panes.inner(sheet.pane).height.max(1).cast_signed());
        let by = match action {
            Action::Down => 1,
            Action::Up => -1,
            Action::HalfDown => (rows / 2).max(1),
            Action::HalfUp => -(rows / 2).max(1),
            Action::PageDown => rows,
            Action::PageUp => -rows,
            Action::First => isize::MIN,
            Action::Last => isize::MAX,
            action => {
                let (key, help) = (self.look.keymap.hint(action), self.look.keymap.hint(Action::Help));
                return self.say(Level::Info, format!("{key} does nothing in the lab; {help} shows the keys"));
            }
        };
        match pane {
            LabPane::All => self.step_row(by),
            pane => self.scroll_pane(pane, by),
        }
    }

    /// Selects the capture so many rows further down among all.
    fn step_row(&mut self, by: isize) {
        let Some(sheet) = self.lab() else { return };
        let at = sheet.wanted.and_then(|id| sheet.all.position(id));
        let to = at.map_or(0, |at| at.saturating_add_signed(by)).min(sheet.all.len().saturating_sub(1));
        let id = sheet.all.from(to).next().map(|row| row.id);
        if let Some(id) = id {
            self.select_in_lab(id);
        }
    }

    fn scroll_pane(&mut self, pane: LabPane, by: isize) {
        let height = self.lab_panes().map_or(0, |panes| panes.inner(pane).height);
        let Some(sheet) = self.lab() else { return };
        let count = match pane {
            LabPane::Template => sheet.line_count(),
            LabPane::Output => LabOutput::of(self, sheet).len(),
            LabPane::All => sheet.all.len(),
            LabPane::Context => return,
        };
        let Some(sheet) = self.lab_mut() else { return };
        // Lines that wrap take more rows than one.
        let last = if pane == LabPane::All { count.saturating_sub(height) } else { count.saturating_sub(1) };
        let top = &mut sheet.top[pane as usize];
        *top = top.saturating_add_signed(by).min(last);
    }

    /// The capture that is looked at stays in sight among all.
    fn keep_row_visible(&mut self) {
        let height = self.lab_panes().map_or(0, |panes| panes.inner(LabPane::All).height).max(1);
        let Some(sheet) = self.lab_mut() else { return };
        let Some(at) = sheet.wanted.and_then(|id| sheet.all.position(id)) else { return };
        sheet.top[2] = sheet.top[2].min(at).max((at + 1).saturating_sub(height));
    }

    /// The wheel scrolls the pane under the pointer.
    pub(super) fn lab_wheel(&mut self, mouse: Mouse, by: isize) {
        let Some(panes) = self.lab_panes() else { return };
        match panes.at(mouse.column, mouse.row) {
            Some(LabPane::Context) => {
                let (height, width) = self.detail_size();
                if let Some(view) = self.detail.view_mut(height) {
                    view.wheel(by, height, width);
                }
            }
            Some(pane) => self.scroll_pane(pane, by),
            None => {}
        }
    }

    /// A click gives a pane the keys; on a row of all it chooses the capture, on a line of the context the value.
    pub(super) fn lab_press(&mut self, mouse: Mouse) -> Vec<Effect> {
        let Some((panes, pane)) = self.lab_panes().and_then(|panes| Some((panes, panes.at(mouse.column, mouse.row)?)))
        else {
            return Vec::new();
        };
        let inner = panes.inner(pane);
        let row = usize::from(mouse.row).checked_sub(inner.y);
        if let Some(sheet) = self.lab_mut() {
            sheet.pane = pane;
        }
        self.settle_lab();
        match (pane, row) {
            (LabPane::All, Some(row)) => {
                let id = self.lab().and_then(|sheet| sheet.all.from(sheet.top[2] + row).next()).map(|row| row.id);
                if let Some(id) = id {
                    self.select_in_lab(id);
                }
            }
            (LabPane::Context, Some(row)) => return self.over_lab(|model| model.press_detail(mouse, row)),
            _ => {}
        }
        Vec::new()
    }

    fn ask_for_template(&mut self) -> Vec<Effect> {
        let line = self.lab().map(|sheet| sheet.files.to_string()).unwrap_or_default();
        self.over_lab(|model| model.open_prompt(PromptKind::Template, &line))
    }

    /// The editor opens where a template fails, else where the chosen part begins.
    fn edit_template(&mut self) -> Vec<Effect> {
        let Some(sheet) = self.lab() else { return Vec::new() };
        let (part, line) = sheet.failed_line().unwrap_or((sheet.part, 1));
        let (file, line) = match sheet.definition() {
            Some(definition) => definition.line_in_file(part, line),
            None => (sheet.files.main.as_path(), 1),
        };
        vec![Effect::Edit(EditTarget::Template(file.to_owned(), line), Bytes::new())]
    }
}
