//! The lab's sheet: a template, what it makes of the selected capture, and what it makes of all captures with JSON.
//!
//! The template is edited elsewhere; it is read, and tried out, outside of the model, which holds what came of it.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::app::{Level, Model};
use crate::capture::CaptureId;
use crate::lab::Trial;

/// What is to be done with the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabAsk {
    /// Watch this file, and try it on everything whenever it is saved.
    Open(PathBuf),
    /// Try it on this capture, whole.
    Show(CaptureId),
    /// Try it on these, too.
    More(Vec<CaptureId>),
}

/// What comes of it.
#[derive(Clone, Debug)]
pub enum LabNews {
    /// The template was read, or why it cannot be; all trials begin anew.
    Read(Result<String, String>, DateTime<Utc>),
    /// It was tried on a capture that is looked at: `None` when that has no JSON. How long it took, in microseconds.
    Shown(CaptureId, Option<Box<Trial>>, u64),
    /// It was tried on some of all, the newest first; so many are still to come.
    Tried(Vec<LabRow>, usize),
}

/// What a template makes of one of all captures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabRow {
    /// The capture.
    pub id: CaptureId,
    /// How it went.
    pub grade: Grade,
    /// Bytes of the text.
    pub size: usize,
    /// What there is to say. May quote the capture.
    pub words: String,
}

/// How a trial went, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Nothing to say.
    Good,
    /// It would be sent, and is probably not meant.
    Odd,
    /// It failed.
    Failed,
}

impl Grade {
    /// Of a trial.
    pub fn of(trial: &Trial) -> Self {
        match trial.result {
            Err(_) => Self::Failed,
            Ok(_) if trial.is_good() => Self::Good,
            Ok(_) => Self::Odd,
        }
    }

    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Odd => "!",
            Self::Failed => "✗",
        }
    }
}

/// A text that was good.
#[derive(Clone, Debug)]
pub struct LastGood {
    /// The capture that it was made of.
    pub id: CaptureId,
    /// When.
    pub at: DateTime<Utc>,
    /// The text.
    pub text: String,
}

/// The sheet.
#[derive(Clone, Debug)]
pub struct LabSheet {
    /// The file, as it was named.
    pub file: PathBuf,
    /// The template, or why it cannot be read; `None` until it was read.
    pub source: Option<Result<String, String>>,
    /// When it was read last.
    pub read: DateTime<Utc>,
    /// The capture whose output is wanted.
    pub wanted: Option<CaptureId>,
    /// What it makes of the capture that is shown.
    pub shown: Option<(CaptureId, Option<Box<Trial>>, u64)>,
    /// The last text there was.
    pub good: Option<LastGood>,
    /// The text before the last save, of the same capture.
    pub before: Option<LastGood>,
    /// What it makes of all, the newest first.
    pub rows: Vec<LabRow>,
    /// How many are still to come.
    pub missing: usize,
    /// Whether keys scroll and copy the output, not the template.
    pub on_output: bool,
    /// Lines of the template and of the output that are scrolled past.
    pub top: [usize; 2],
}

impl LabSheet {
    /// A sheet that knows nothing yet.
    pub fn new(file: PathBuf, wanted: Option<CaptureId>) -> Self {
        Self {
            file,
            source: None,
            read: DateTime::UNIX_EPOCH,
            wanted,
            shown: None,
            good: None,
            before: None,
            rows: Vec::new(),
            missing: 0,
            on_output: true,
            top: [0; 2],
        }
    }

    /// The name of the file, without its directory.
    pub fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The template.
    pub fn template(&self) -> &str {
        self.source.as_ref().and_then(|source| source.as_ref().ok()).map_or("", String::as_str)
    }

    /// The trial of the capture that is looked at.
    pub fn trial(&self) -> Option<&Trial> {
        let (id, trial, _) = self.shown.as_ref()?;
        trial.as_deref().filter(|_| Some(*id) == self.wanted)
    }

    /// The text that is made of the capture that is looked at.
    pub fn output(&self) -> Option<&str> {
        self.trial()?.result.as_ref().ok().map(|output| output.text.as_str())
    }

    /// The line of the template that failed, from 1.
    pub fn failed_line(&self) -> Option<usize> {
        self.trial()?.result.as_ref().err()?.failure.line()
    }

    /// Whether a line of the output was not there before the last save.
    pub fn is_changed(&self, line: &str) -> bool {
        let before = self.before.as_ref().filter(|before| Some(before.id) == self.wanted);
        before.is_some_and(|before| !before.text.lines().any(|known| known == line))
    }

    /// How many went so: good, odd, failed.
    pub fn counts(&self) -> [usize; 3] {
        [Grade::Good, Grade::Odd, Grade::Failed].map(|grade| self.rows.iter().filter(|row| row.grade == grade).count())
    }

    /// The rows worth a line of their own, the worst first, then the newest.
    pub fn problems(&self) -> Vec<&LabRow> {
        let mut rows: Vec<&LabRow> = self.rows.iter().filter(|row| row.grade != Grade::Good).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.grade), std::cmp::Reverse(row.id)));
        rows
    }

    /// The next odd or failed capture in the order of [`Self::problems`].
    pub fn next_problem(&self, forward: bool) -> Option<CaptureId> {
        let problems = self.problems();
        let count = problems.len();
        let at = problems.iter().position(|row| Some(row.id) == self.wanted);
        let next = match (at, forward) {
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
            (None, _) => 0,
        };
        problems.get(next).map(|row| row.id)
    }

    /// Takes what came of something; says what to tell the user.
    pub fn take(&mut self, news: LabNews) -> Option<(Level, String)> {
        match news {
            LabNews::Read(source, at) => {
                let said = source.as_ref().err().map(|reason| (Level::Error, reason.clone()));
                (self.source, self.read) = (Some(source), at);
                self.before.clone_from(&self.good);
                (self.rows, self.missing) = (Vec::new(), 0);
                return said;
            }
            LabNews::Shown(id, trial, took) => {
                let text =
                    trial.as_ref().and_then(|trial| trial.result.as_ref().ok()).map(|output| output.text.clone());
                if let Some(text) = text {
                    self.good = Some(LastGood { id, at: self.read, text });
                }
                self.shown = Some((id, trial, took));
            }
            LabNews::Tried(rows, missing) => {
                self.rows.retain(|known| !rows.iter().any(|row| row.id == known.id));
                self.rows.extend(rows);
                self.missing = missing;
            }
        }
        None
    }
}

impl Model {
    /// The lab's sheet, when it is open.
    pub fn lab(&self) -> Option<&LabSheet> {
        match &self.overlay {
            Some(super::Overlay::Lab(sheet)) => Some(sheet),
            _ => None,
        }
    }
}
