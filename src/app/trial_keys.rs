//! What keys do in the conditions sheet, and how the model takes what comes of trying conditions.

use std::path::PathBuf;

use bytes::Bytes;

use super::sheet::{ConditionsSheet, Overlay, PromptKind};
use super::{Action, ConditionsFile, EditTarget, Effect, Fired, Model, TrialReport, Tried, TryOn};
use crate::capture::{CaptureId, Summary};
use crate::config::Key;

impl Model {
    /// Opens the conditions; asks for their file first when none is known.
    pub(super) fn open_conditions(&mut self) -> Vec<Effect> {
        let Some(file) = self.trial.file.clone() else {
            return self.open_prompt(PromptKind::Conditions, "");
        };
        self.overlay = Some(Overlay::Conditions(ConditionsSheet::default()));
        self.trial.begin_anew();
        if self.trial.watched { self.try_all() } else { self.watch_conditions(file) }
    }

    /// Takes the name of the file that holds the conditions.
    pub(super) fn name_conditions(&mut self, name: &str) -> Vec<Effect> {
        let name = name.trim();
        if name.is_empty() {
            return Vec::new();
        }
        self.overlay = Some(Overlay::Conditions(ConditionsSheet::default()));
        self.trial.begin_anew();
        (self.trial.read, self.trial.saved, self.trial.shown) = (None, None, None);
        self.watch_conditions(name.to_owned())
    }

    fn watch_conditions(&mut self, name: String) -> Vec<Effect> {
        self.trial.file = Some(name.clone());
        self.trial.watched = true;
        vec![Effect::WatchConditions(name)]
    }

    fn try_all(&self) -> Vec<Effect> {
        self.trial.to_try(TryOn::All).map(Effect::Try).into_iter().collect()
    }

    /// Takes the file as it is now.
    pub(super) fn take_conditions(&mut self, file: ConditionsFile) -> Vec<Effect> {
        if self.trial.file.as_ref() != Some(&file.name) {
            return Vec::new();
        }
        (self.trial.read, self.trial.saved) = (Some(file.content), file.saved);
        self.trial.begin_anew();
        if matches!(self.overlay, Some(Overlay::Conditions(_))) { self.try_all() } else { Vec::new() }
    }

    /// Captures that came while the sheet is open are tried, too.
    pub(super) fn try_arrivals(&self, rows: &[Summary]) -> Option<Effect> {
        let is_open = matches!(self.overlay, Some(Overlay::Conditions(_)));
        let ids: Vec<CaptureId> = rows.iter().map(|row| row.id).collect();
        if !is_open || ids.is_empty() {
            return None;
        }
        self.trial.to_try(TryOn::Some(ids)).map(Effect::Try)
    }

    pub(super) fn take_report(&mut self, report: TrialReport) {
        if report.generation == self.trial.generation {
            report.fired.into_iter().for_each(|(id, fired)| self.trial.fired.add(id, fired));
            self.trial.done |= report.done;
        }
    }

    pub(super) fn take_tried(&mut self, generation: u64, tried: Tried) {
        if generation == self.trial.generation && self.list.selected() == Some(tried.capture) {
            self.trial.shown = Some(tried);
        }
    }

    /// Captures that are no more count no more.
    pub(super) fn forget_tried(&mut self, ids: &[CaptureId]) {
        for id in ids {
            self.trial.fired.remove(*id);
        }
    }

    /// What has to be tried before the sheet is right about the selected capture; asked for once.
    pub fn wanted_try(&mut self) -> Option<Effect> {
        let selected = self.list.selected()?;
        let is_open = matches!(self.overlay, Some(Overlay::Conditions(_)));
        if !is_open || self.trial.asked == Some(selected) {
            return None;
        }
        let attempt = self.trial.to_try(TryOn::One(selected))?;
        self.trial.asked = Some(selected);
        Some(Effect::Try(attempt))
    }

    pub(super) fn conditions_key(&mut self, key: Key) -> Vec<Effect> {
        let (height, width) = self.sheet_size();
        let rows = super::sheet::condition_lines(self).iter().map(|line| line.rows(width)).sum::<usize>();
        let (last, page) = (rows.saturating_sub(height), height.max(1));
        let Some(action) = self.look.keymap.action(key) else { return Vec::new() };
        let Some(Overlay::Conditions(sheet)) = &mut self.overlay else { return Vec::new() };
        match action {
            Action::Down => sheet.top = (sheet.top + 1).min(last),
            Action::Up => sheet.top = sheet.top.saturating_sub(1),
            Action::PageDown | Action::HalfDown => sheet.top = (sheet.top + page / 2).min(last),
            Action::PageUp | Action::HalfUp => sheet.top = sheet.top.saturating_sub(page / 2),
            Action::First => sheet.top = 0,
            Action::Last => sheet.top = last,
            Action::Quit | Action::Back => self.overlay = None,
            action => return self.act_on_conditions(action),
        }
        Vec::new()
    }

    fn act_on_conditions(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::NextCapture => self.step_tried(1),
            Action::PreviousCapture => self.step_tried(-1),
            Action::Pin => {
                self.trial.next_system();
                return self.try_all();
            }
            Action::Edit => {
                let path = PathBuf::from(self.trial.file.clone().unwrap_or_default());
                return vec![Effect::Edit(EditTarget::Conditions(path), Bytes::new())];
            }
            Action::Open => {
                let file = self.trial.file.clone().unwrap_or_default();
                return self.open_prompt(PromptKind::Conditions, &file);
            }
            Action::Help | Action::Palette => return self.act(action),
            _ => {}
        }
        Vec::new()
    }

    fn step_tried(&mut self, by: isize) {
        self.list.step(by, self.list_height());
        if let Some(Overlay::Conditions(sheet)) = &mut self.overlay {
            sheet.top = 0;
        }
    }
}

impl Fired {
    /// The sign that the tree has for it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Yes => "✓",
            Self::No => "✗",
            Self::Fails => "!",
            Self::LeftOut(_) => "?",
        }
    }
}
