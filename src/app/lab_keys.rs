//! What keys do in the lab's sheet, and what of it other things have to be told.

use std::path::PathBuf;

use bytes::Bytes;

use super::sheet::{LabAsk, LabNews, LabSheet, Overlay, PromptKind, ResendSheet};
use super::{Action, Clip, EditTarget, Effect, Level, Model};
use crate::capture::CaptureId;
use crate::config::Key;

impl Model {
    /// Opens the lab with the template that it had last, or asks for one.
    pub(super) fn open_lab(&mut self) -> Vec<Effect> {
        if self.list.selected().is_none() {
            self.say(Level::Info, "a template is tried on captures: there is none yet");
            return Vec::new();
        }
        match &self.template {
            Some(file) => self.lab_with(file.clone()),
            None => self.open_prompt(PromptKind::Template, ""),
        }
    }

    /// Opens the lab with this template.
    pub(super) fn lab_with(&mut self, file: PathBuf) -> Vec<Effect> {
        let selected = self.list.selected();
        self.template = Some(file.clone());
        self.overlay = Some(Overlay::Lab(Box::new(LabSheet::new(file.clone(), selected))));
        let show = selected.map(|id| Effect::Lab(LabAsk::Show(id)));
        [Some(Effect::Lab(LabAsk::Open(file))), show].into_iter().flatten().collect()
    }

    /// Takes what came of the template.
    pub(super) fn lab_news(&mut self, news: LabNews) {
        let Some(Overlay::Lab(sheet)) = &mut self.overlay else { return };
        if let Some((level, text)) = sheet.take(news) {
            self.say(level, text);
        }
    }

    /// Has the template tried on captures that have just come.
    pub(super) fn lab_arrivals(&self, ids: Vec<CaptureId>) -> Option<Effect> {
        self.lab().filter(|_| !ids.is_empty()).map(|_| Effect::Lab(LabAsk::More(ids)))
    }

    pub(super) fn lab_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(action) = self.look.keymap.action(key) else { return Vec::new() };
        let height = self.list_height();
        match action {
            Action::Quit | Action::Back => self.overlay = None,
            Action::NextCapture => self.list.step(1, height),
            Action::PreviousCapture => self.list.step(-1, height),
            Action::NextHit => self.next_lab_problem(true),
            Action::PreviousHit => self.next_lab_problem(false),
            Action::Help | Action::Palette => return self.act(action),
            Action::Lab => {
                let file = self.template.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
                return self.open_prompt(PromptKind::Template, &file);
            }
            Action::Resend => return self.resend_output(),
            Action::Copy => return self.copy_of_lab(),
            Action::Edit => return self.edit_template(),
            action => self.scroll_lab(action),
        }
        self.lab_selected()
    }

    /// Has the template tried on the capture that is selected now.
    fn lab_selected(&mut self) -> Vec<Effect> {
        let selected = self.list.selected();
        let Some(Overlay::Lab(sheet)) = &mut self.overlay else { return Vec::new() };
        if sheet.wanted == selected {
            return Vec::new();
        }
        sheet.wanted = selected;
        sheet.top[1] = 0;
        selected.map(|id| Effect::Lab(LabAsk::Show(id))).into_iter().collect()
    }

    fn next_lab_problem(&mut self, forward: bool) {
        let height = self.list_height();
        let Some(id) = self.lab().map(|sheet| sheet.next_problem(forward)) else { return };
        match id {
            Some(id) if self.list.select(id, height) => {}
            Some(id) => self.say(Level::Info, format!("{id} is not in the filtered list")),
            None => self.say(Level::Info, "the template has no problem with any capture"),
        }
    }

    fn scroll_lab(&mut self, action: Action) {
        const PAGE: usize = 5;
        let Some(Overlay::Lab(sheet)) = &mut self.overlay else { return };
        let lines = if sheet.on_output { sheet.output().unwrap_or_default() } else { sheet.template() };
        let last = lines.lines().count().saturating_sub(1);
        let top = &mut sheet.top[usize::from(sheet.on_output)];
        match action {
            Action::NextPane | Action::PreviousPane => sheet.on_output = !sheet.on_output,
            Action::Down => *top = (*top + 1).min(last),
            Action::Up => *top = top.saturating_sub(1),
            Action::PageDown | Action::HalfDown => *top = (*top + PAGE).min(last),
            Action::PageUp | Action::HalfUp => *top = top.saturating_sub(PAGE),
            Action::First => *top = 0,
            Action::Last => *top = last,
            _ => {}
        }
    }

    fn copy_of_lab(&mut self) -> Vec<Effect> {
        let Some(sheet) = self.lab() else { return Vec::new() };
        let clip = if sheet.on_output {
            let id = sheet.wanted.unwrap_or_default();
            sheet.output().map(|text| Clip {
                what: format!("the output for {id}"),
                bytes: Bytes::copy_from_slice(text.as_bytes()),
                file_name: format!("hookview-{}-output.txt", id.0),
            })
        } else {
            Some(Clip {
                what: "the template".to_owned(),
                bytes: Bytes::copy_from_slice(sheet.template().as_bytes()),
                file_name: sheet.name(),
            })
        };
        if clip.is_none() {
            self.say(Level::Info, "there is no output to copy");
        }
        clip.map(Effect::Copy).into_iter().collect()
    }

    fn edit_template(&mut self) -> Vec<Effect> {
        let Some(sheet) = self.lab() else { return Vec::new() };
        let target = EditTarget::Template(sheet.file.clone(), sheet.failed_line().unwrap_or(1));
        vec![Effect::Edit(target, Bytes::new())]
    }

    /// The resend sheet with the output as its body.
    fn resend_output(&mut self) -> Vec<Effect> {
        let output = self.lab().and_then(|sheet| Some((sheet.wanted?, sheet.output()?.to_owned())));
        let capture = self.detail.capture().cloned();
        let (Some((id, text)), Some(capture)) = (output, capture) else {
            self.say(Level::Info, "there is no output to send");
            return Vec::new();
        };
        if capture.id != id {
            return Vec::new();
        }
        let can_sign = self.detail.loaded().is_some_and(|loaded| loaded.facts.can_sign);
        let secrets: &[String] = if can_sign { &self.secrets } else { &[] };
        let mut sheet = ResendSheet::new(capture, &self.targets, secrets);
        sheet.set_exact_body(text.into());
        self.overlay = Some(Overlay::Resend(Box::new(sheet)));
        self.prepare()
    }
}
