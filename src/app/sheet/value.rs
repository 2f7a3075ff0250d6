//! One value, whole: nothing left out, wrapped.

use bytes::Bytes;

use crate::app::detail::response_lines;
use crate::app::{Line, Scroll};
use crate::capture::{Attempt, AttemptOutcome, status_text};

/// One value, whole.
#[derive(Clone, Debug)]
pub struct ValueSheet {
    /// What it is: `x-forwarded-for, 1 of 2`.
    pub title: String,
    /// Its lines, clean.
    pub lines: Vec<Line>,
    /// Its exact bytes, for copy and pager.
    pub bytes: Bytes,
    /// Whether lines are wrapped.
    pub wrap: bool,
    /// The first line on the screen, in wrapped rows when wrapped.
    pub scroll: Scroll,
}

impl ValueSheet {
    /// A sheet with a text in it.
    pub fn new(title: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let lines = bytes.split(|byte| *byte == b'\n').map(clean).collect();
        Self { title: title.into(), lines, bytes, wrap: true, scroll: Scroll::default() }
    }

    /// A sheet with lines that were made beforehand.
    pub fn of_lines(title: impl Into<String>, lines: Vec<Line>, bytes: impl Into<Bytes>) -> Self {
        Self { title: title.into(), lines, bytes: bytes.into(), wrap: true, scroll: Scroll::default() }
    }

    /// The answer to an attempt, if one came. Values of header lines for which `hides` holds are left out.
    pub fn of_answer(attempt: &Attempt, hides: impl Fn(&[u8]) -> bool) -> Option<Self> {
        let AttemptOutcome::Answered(response) = &attempt.outcome else { return None };
        let title = format!("{} from {}", status_text(response.status, &response.reason), attempt.url);
        Some(Self::of_lines(title, response_lines(response, hides), response.body.clone()))
    }

    /// Rows on a screen of this width.
    pub fn rows(&self, width: usize) -> usize {
        if self.wrap { self.lines.iter().map(|line| line.rows(width)).sum() } else { self.lines.len() }
    }

    /// Characters in all.
    pub fn characters(&self) -> usize {
        String::from_utf8_lossy(&self.bytes).chars().count()
    }
}

fn clean(line: &[u8]) -> Line {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Line::text(crate::inspect::Clean::bytes(line).as_str())
}
