//! The form for a temporary answer: what is answered, how it is played, for how long. In no file.

use crate::app::Field;
use crate::capture::{Answer, Fault, Play, status_text};
use crate::config::parse_duration;
use crate::rules::{Temporary, Until, parse_status};

/// The parts of the form that the cursor goes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TemporaryPart {
    /// The status.
    #[default]
    Status,
    /// The wait before it.
    Delay,
    /// What is done instead of sending it well.
    Fault,
    /// For how long.
    Until,
}

impl TemporaryPart {
    /// From top to bottom.
    pub const ALL: [Self; 4] = [Self::Status, Self::Delay, Self::Fault, Self::Until];
}

/// The faults to choose from, each with the words for it.
pub const FAULTS: [(Option<Fault>, &str); 7] = [
    (None, "none"),
    (Some(Fault::Close), "close the connection without an answer"),
    (Some(Fault::Reset), "reset the connection without an answer"),
    (Some(Fault::Hang), "hang until the client gives up"),
    (Some(Fault::Drip { pause_ms: 100 }), "send it a byte every 100 ms"),
    (Some(Fault::Cut { after: 1 }), "cut the body off after 1 byte"),
    (Some(Fault::Garbage), "send bytes that are no HTTP"),
];

/// How long it can stand, each with the words for it.
pub const UNTIL: [(Until, &str); 2] = [(Until::Next, "the next request"), (Until::TakenBack, "until I say so")];

/// The form.
#[derive(Clone, Debug)]
pub struct TemporarySheet {
    /// The part with the cursor.
    pub part: TemporaryPart,
    /// The status.
    pub status: Field,
    /// The wait: `2s`; none when empty.
    pub delay: Field,
    /// Which of [`FAULTS`].
    pub fault: usize,
    /// Which of [`UNTIL`].
    pub until: usize,
}

impl Default for TemporarySheet {
    /// A form that answers the next request 503.
    fn default() -> Self {
        let (status, delay) = (Field::new("503"), Field::default());
        Self { part: TemporaryPart::default(), status, delay, fault: 0, until: 0 }
    }
}

impl TemporarySheet {
    /// Goes to the next part, or the one before.
    pub fn next_part(&mut self, forward: bool) {
        let parts = TemporaryPart::ALL;
        let at = parts.iter().position(|part| *part == self.part).unwrap_or(0);
        self.part = parts[(at + if forward { 1 } else { parts.len() - 1 }) % parts.len()];
    }

    /// The field with the cursor.
    pub fn field(&mut self) -> Option<&mut Field> {
        match self.part {
            TemporaryPart::Status => Some(&mut self.status),
            TemporaryPart::Delay => Some(&mut self.delay),
            TemporaryPart::Fault | TemporaryPart::Until => None,
        }
    }

    /// Whether the cursor is in a text field.
    pub fn has_field(&self) -> bool {
        matches!(self.part, TemporaryPart::Status | TemporaryPart::Delay)
    }

    /// Takes the next choice of the part with the cursor, or the one before.
    pub fn turn(&mut self, forward: bool) {
        let (choice, count) = match self.part {
            TemporaryPart::Fault => (&mut self.fault, FAULTS.len()),
            TemporaryPart::Until => (&mut self.until, UNTIL.len()),
            TemporaryPart::Status | TemporaryPart::Delay => return,
        };
        *choice = (*choice + if forward { 1 } else { count - 1 }) % count;
    }

    /// The answer that it describes, or what is wrong with it.
    pub fn temporary(&self) -> Result<Temporary, String> {
        let status = parse_status(self.status.text().trim())?;
        let delay = match self.delay.text().trim() {
            "" => std::time::Duration::ZERO,
            text => parse_duration(text).map_err(|_| "delay: write a time like 500ms or 2s".to_owned())?,
        };
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let play = Play { delay_ms, fault: FAULTS[self.fault].0 };
        let text = format!("{}\n", status_text(status, ""));
        let answer = Answer { play, ..Answer::text(status, text, "temporary") };
        Ok(Temporary { answer, until: UNTIL[self.until].0 })
    }
}
