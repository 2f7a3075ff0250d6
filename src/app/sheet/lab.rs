//! The lab's sheet: templates, what they make of the selected capture, and what they make of all captures with JSON.
//!
//! The templates are edited elsewhere; they are read, and tried out, outside of the model, which holds what came of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::lab_text::LabText;
use super::matrix::{LabRow, Matrix};
use crate::app::{Level, Model, Pane, Tab};
use crate::capture::CaptureId;
use crate::lab::{Definition, Files, Part, Tryout, dialect_named, name_of};
use crate::template::Dialect;

/// What is to be done with the templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabAsk {
    /// Watch these files, and try them on everything whenever they are saved.
    Open(Files),
    /// Render as this system does; as the one that sent a capture when `None`.
    System(Option<Dialect>),
    /// Try them on this capture, whole.
    Show(CaptureId),
    /// Try them on these, too.
    More(Vec<CaptureId>),
}

/// What comes of it.
#[derive(Clone, Debug)]
pub enum LabNews {
    /// The templates were read, or why they cannot be; all trials begin anew.
    Read(Result<Box<Definition>, String>, DateTime<Utc>),
    /// They were tried on a capture that is looked at: `None` when that has no JSON. How long it took, in microseconds.
    Shown(CaptureId, Option<Box<Tryout>>, u64),
    /// They were tried on some of all, the newest first; so many are still to come.
    Tried(Vec<LabRow>, usize),
}

/// The panes of the lab, in the order in which keys go through them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabPane {
    /// The templates.
    Template,
    /// What they make of the capture that is looked at.
    #[default]
    Output,
    /// What they make of all.
    All,
    /// The capture's JSON.
    Context,
}

impl LabPane {
    /// In the order in which keys go through them.
    pub const ALL: [Self; 4] = [Self::Template, Self::Output, Self::All, Self::Context];

    fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// A text that was good.
#[derive(Clone, Debug)]
pub struct LastGood {
    /// The capture that it was made of.
    pub id: CaptureId,
    /// When.
    pub at: DateTime<Utc>,
    /// The text, as it is shown.
    pub text: Arc<LabText>,
}

/// What is shown of one capture.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The capture.
    pub id: CaptureId,
    /// What was made of it; `None` when it has no JSON.
    pub tryout: Option<Box<Tryout>>,
    /// How long that took, in microseconds.
    pub took: u64,
    /// The request, or the body alone, as it is shown.
    pub text: Arc<LabText>,
    /// The numbers of its lines that were not there before the last save, from zero, in order.
    pub changed: Vec<usize>,
}

/// The sheet.
#[derive(Clone, Debug)]
pub struct LabSheet {
    /// The files, as they were named.
    pub files: Files,
    /// The templates, or why they cannot be read; `None` until they were read.
    pub source: Option<Result<Box<Definition>, String>>,
    /// When they were read last.
    pub read: DateTime<Utc>,
    /// Whose Jinja it is, when it was chosen.
    pub system: Option<Dialect>,
    /// The part that keys edit and copy.
    pub part: Part,
    /// The capture whose output is wanted.
    pub wanted: Option<CaptureId>,
    /// What the templates make of the capture that is looked at.
    pub shown: Option<Shown>,
    /// The last text there was.
    pub good: Option<LastGood>,
    /// The last text there was before the last save.
    before: Option<LastGood>,
    /// What they make of all.
    pub all: Matrix,
    /// How many are still to come.
    pub missing: usize,
    /// The pane with the keys.
    pub pane: LabPane,
    /// Whether it fills the screen.
    pub zoom: bool,
    /// Lines of the templates and of the output that are scrolled past, and rows of all.
    pub top: [usize; 3],
    /// Whether templates and output are wrapped.
    pub wrap: [bool; 2],
    /// Where the user was before: tab and pane.
    pub left: (Tab, Pane),
}

impl LabSheet {
    /// A sheet that knows nothing yet.
    pub fn new(files: Files, wanted: Option<CaptureId>) -> Self {
        Self {
            files,
            source: None,
            read: DateTime::UNIX_EPOCH,
            system: None,
            part: Part::Body,
            wanted,
            shown: None,
            good: None,
            before: None,
            all: Matrix::default(),
            missing: 0,
            pane: LabPane::default(),
            zoom: false,
            top: [0; 3],
            wrap: [false, true],
            left: (Tab::Body, Pane::List),
        }
    }

    /// The name of the main file, without its directory.
    pub fn name(&self) -> String {
        self.files.main.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The templates, once they were read.
    pub fn definition(&self) -> Option<&Definition> {
        self.source.as_ref()?.as_ref().ok().map(Box::as_ref)
    }

    /// The template of the part that keys act on.
    pub fn template(&self) -> &str {
        self.definition().map_or("", |definition| definition.webhook.source(self.part))
    }

    /// All lines of all templates, each with its number; 0 is the headline of a part, where there are several.
    pub fn lines(&self) -> Vec<(Part, usize, &str)> {
        let Some(definition) = self.definition() else { return Vec::new() };
        let mut lines = Vec::new();
        for part in definition.parts() {
            if definition.whole {
                lines.push((part, 0, part.name()));
            }
            let numbered = (1..).zip(definition.webhook.source(part).lines());
            lines.extend(numbered.map(|(number, line)| (part, number, line)));
        }
        lines
    }

    /// How many lines [`Self::lines`] has.
    pub fn line_count(&self) -> usize {
        let Some(definition) = self.definition() else { return 0 };
        let count = |part| definition.webhook.source(part).lines().count() + usize::from(definition.whole);
        definition.parts().map(count).sum()
    }

    /// What was made of the capture that is looked at.
    pub fn tryout(&self) -> Option<&Tryout> {
        self.shown()?.tryout.as_deref()
    }

    /// What is shown of the capture that is looked at; `None` until it was rendered.
    pub fn shown(&self) -> Option<&Shown> {
        self.shown.as_ref().filter(|shown| Some(shown.id) == self.wanted)
    }

    /// The line of a template that failed, from 1.
    pub fn failed_line(&self) -> Option<(Part, usize)> {
        self.tryout()?.failures().find_map(|(part, failed)| Some((part, failed.failure.line()?)))
    }

    /// What the system is called whose Jinja it is, when it was chosen rather than told by the capture: here, or in the
    /// definition.
    pub fn chosen_system(&self) -> Option<&'static str> {
        let defined = || dialect_named(self.definition()?.webhook.system.as_deref()?).ok();
        self.system.or_else(defined).map(name_of)
    }

    /// The next system, behind the last the sender's.
    pub fn next_system(&mut self) {
        const SYSTEMS: [Dialect; 4] = [Dialect::PeeringManager, Dialect::NetBox, Dialect::Nautobot, Dialect::Plain];
        let at = self.system.and_then(|system| SYSTEMS.iter().position(|other| *other == system));
        self.system = SYSTEMS.get(at.map_or(0, |at| at + 1)).copied();
        self.begin_anew();
    }

    /// The next part that has a template, or the one before.
    pub fn step_part(&mut self, forward: bool) {
        let parts: Vec<Part> = self.definition().map(|definition| definition.parts().collect()).unwrap_or_default();
        let at = parts.iter().position(|part| *part == self.part).unwrap_or(0);
        let by = if forward { 1 } else { parts.len().saturating_sub(1) };
        if let Some(part) = parts.get((at + by) % parts.len().max(1)) {
            self.part = *part;
            self.top[0] = self.lines().iter().position(|(other, ..)| other == part).unwrap_or(0);
        }
    }

    /// Gives the keys to the next pane, or to the one before.
    pub fn step_pane(&mut self, forward: bool) {
        self.pane = self.pane.step(if forward { 1 } else { LabPane::ALL.len() - 1 });
    }

    fn begin_anew(&mut self) {
        (self.all, self.missing) = (Matrix::default(), 0);
    }

    /// Takes what came of something; says what to tell the user.
    pub fn take(&mut self, news: LabNews) -> Option<(Level, String)> {
        match news {
            LabNews::Read(source, at) => {
                let said = match (&source, &self.source) {
                    (Err(reason), _) => Some((Level::Error, reason.clone())),
                    // What was said of it stands no more.
                    (Ok(_), Some(Err(_))) => Some((Level::Info, "read again".to_owned())),
                    (Ok(_), _) => None,
                };
                if let Ok(definition) = &source
                    && definition.place(self.part).is_none()
                {
                    self.part = definition.parts().next().unwrap_or_default();
                }
                (self.source, self.read) = (Some(source), at);
                self.before = self.good.clone();
                self.shown.iter_mut().for_each(|shown| shown.changed.clear());
                self.begin_anew();
                return said;
            }
            LabNews::Shown(id, tryout, took) => {
                let text = tryout.as_ref().map(|tryout| self.shown_text(tryout)).unwrap_or_default();
                let text = Arc::new(LabText::new(text));
                let before = self.before.as_ref().filter(|before| before.id == id);
                let changed = before.map_or_else(Vec::new, |before| text.not_in(&before.text));
                if tryout.as_ref().is_some_and(|tryout| !tryout.is_failed()) {
                    self.good = Some(LastGood { id, at: self.read, text: text.clone() });
                }
                self.shown = Some(Shown { id, tryout, took, text, changed });
            }
            LabNews::Tried(rows, missing) => {
                for row in rows {
                    self.all.insert(row);
                }
                self.missing = missing;
            }
        }
        None
    }

    /// The request as it would be sent, as far as it can be told; the body alone where only that is rendered.
    fn shown_text(&self, tryout: &Tryout) -> String {
        let body = tryout.text(Part::Body).unwrap_or_default();
        let Some(around) = &tryout.around else { return body.to_owned() };
        let method = self.definition().map_or("POST", |definition| &definition.webhook.method);
        let url = tryout.text(Part::Url).unwrap_or("?");
        let lines = match &around.request {
            Ok(request) => String::from_utf8_lossy(&request.headers.to_lines()).replace("\r\n", "\n"),
            Err(_) => tryout.text(Part::Headers).map(|text| format!("{text}\n")).unwrap_or_default(),
        };
        format!("{method} {url}\n{lines}\n{body}")
    }
}

impl Model {
    /// The lab's sheet, when it is open, be it below something else.
    pub fn lab(&self) -> Option<&LabSheet> {
        [&self.overlay, &self.below].into_iter().find_map(|overlay| match overlay {
            Some(super::Overlay::Lab(sheet)) => Some(sheet.as_ref()),
            _ => None,
        })
    }

    pub(in crate::app) fn lab_mut(&mut self) -> Option<&mut LabSheet> {
        [&mut self.overlay, &mut self.below].into_iter().find_map(|overlay| match overlay {
            Some(super::Overlay::Lab(sheet)) => Some(sheet.as_mut()),
            _ => None,
        })
    }

    /// The lab's sheet, when it is seen: nothing else has its place.
    pub fn lab_in_sight(&self) -> Option<&LabSheet> {
        use super::Overlay::{Copy, Lab, Prompt};
        self.lab().filter(|_| matches!(self.overlay, None | Some(Lab(_) | Prompt(_) | Copy(_))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Sample;

    fn shown(body: &str, context: &str) -> LabNews {
        let definition = Definition::of_body("a.j2", body);
        let sample = Sample { json: context.as_bytes(), label: "#1", content_type: None, now: DateTime::UNIX_EPOCH };
        let tryout = Tryout::of(&definition, Dialect::Plain, &sample);
        LabNews::Shown(CaptureId(1), Some(Box::new(tryout)), 0)
    }

    #[test]
    fn what_a_save_changed_is_found_out_once_and_forgotten_at_the_next() {
        let mut sheet = LabSheet::new(Files::parse("a.j2", None), Some(CaptureId(1)));
        let read = || LabNews::Read(Ok(Box::new(Definition::of_body("a.j2", "x"))), DateTime::UNIX_EPOCH);
        let changed = |sheet: &LabSheet| sheet.shown().unwrap().changed.clone();
        sheet.take(read());
        sheet.take(shown("a\nb\nc", "{}"));
        assert!(changed(&sheet).is_empty());
        sheet.take(read());
        sheet.take(shown("a\nB\nc\nd", "{}"));
        assert_eq!(changed(&sheet), [1, 3]);
        sheet.take(LabNews::Read(Err("gone".to_owned()), DateTime::UNIX_EPOCH));
        assert!(changed(&sheet).is_empty());
        sheet.wanted = Some(CaptureId(2));
        assert!(sheet.shown().is_none());
    }
}
