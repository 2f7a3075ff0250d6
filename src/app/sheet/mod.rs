//! What can take the place of the detail pane or the status line: menus, prompts, sheets. At most one at a time.

mod answers;
mod attempts;
mod conditions;
mod copy;
mod help;
mod lab;
mod lab_output;
mod lab_text;
mod matrix;
mod palette;
mod prompt;
mod resend;
mod temporary;
mod value;

pub use answers::{AnswersSheet, DEFAULT, default_hits, file_words, first_rule, rule_lines, temporary_words, why_not};
pub use attempts::Attempts;
pub use conditions::{ConditionsSheet, condition_lines, conditions_note};
pub use copy::{CopyItem, CopyMenu, clip, is_hidden, node_at_cursor, outside};
pub use help::{Help, HelpOn, help_lines};
pub use lab::{LabAsk, LabNews, LabPane, LabSheet, LastGood, Shown};
pub use lab_output::LabOutput;
pub use lab_text::LabText;
pub use matrix::{LabRow, Matrix};
pub use palette::{Entry, Palette};
pub use prompt::{Prompt, PromptKind};
pub use resend::{Part, Rendered, ResendSheet, Targets};
pub use temporary::{FAULTS, TemporaryPart, TemporarySheet, UNTIL};
pub use value::ValueSheet;

/// What is open besides list and detail.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The keys.
    Help(Help),
    /// Every command by name.
    Palette(Palette),
    /// The key behind `y` is awaited.
    Copy(CopyMenu),
    /// A line of text in the status line.
    Prompt(Prompt),
    /// One value, whole.
    Value(ValueSheet),
    /// A resend before it is sent.
    Resend(Box<ResendSheet>),
    /// Attempts as they come in.
    Attempts(Attempts),
    /// The rules that answer.
    Answers(AnswersSheet),
    /// What conditions make of the capture.
    Conditions(ConditionsSheet),
    /// A temporary answer before it stands.
    Temporary(Box<TemporarySheet>),
    /// A template, tried out.
    Lab(Box<LabSheet>),
}

impl Overlay {
    /// Whether it is a passing thing, which holds the list; the others pause it.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Help(_) | Self::Palette(_) | Self::Copy(_) => true,
            Self::Prompt(prompt) => prompt.kind == PromptKind::Filter,
            Self::Value(_)
            | Self::Resend(_)
            | Self::Attempts(_)
            | Self::Answers(_)
            | Self::Conditions(_)
            | Self::Temporary(_)
            | Self::Lab(_) => false,
        }
    }

    /// Whether it takes the place of the detail pane.
    pub fn takes_detail(&self) -> bool {
        !matches!(self, Self::Prompt(_))
    }
}
