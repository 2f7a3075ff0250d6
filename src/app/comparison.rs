//! A comparison: what a capture is compared with, the work of making it, and how the one stands that the Diff tab
//! shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use thiserror::Error;

use super::Line;
use crate::capture::{Capture, CaptureId};
use crate::inspect::{
    BodyDiff, Comparable, Comparison, HeaderChange, Hidden, NoSnapshot, Snapshot, body_diff, body_view, header_diff,
    unseen,
};

/// What a capture is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The capture that is marked A.
    Marked(CaptureId),
    /// The previous capture of the same object.
    SameObject(CaptureId),
    /// Nothing else: its own snapshots with each other.
    Snapshots,
    /// The previous capture on the same path.
    SamePath(CaptureId),
}

impl Basis {
    /// The capture that comes first in the comparison, when it is another one.
    pub fn capture(self) -> Option<CaptureId> {
        match self {
            Self::Marked(id) | Self::SameObject(id) | Self::SamePath(id) => Some(id),
            Self::Snapshots => None,
        }
    }

    /// What it is to the capture, in two words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Marked(_) => "marked",
            Self::SameObject(_) => "same object",
            Self::Snapshots => "its snapshots",
            Self::SamePath(_) => "same path",
        }
    }

    /// Whether it is the same choice, be it of another capture.
    pub fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// Which comparison is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompareOrder {
    /// The capture.
    pub capture: CaptureId,
    /// What it is compared with.
    pub basis: Basis,
    /// Whether nothing is left out.
    pub all: bool,
}

/// A comparison with what it takes to make it, but for the other capture.
#[derive(Clone, Debug)]
pub struct CompareJob {
    /// Which one.
    pub order: CompareOrder,
    /// The capture.
    pub capture: Arc<Capture>,
    /// Its body.
    pub body: Comparable,
    /// Paths at which changes are left out.
    pub hidden: Vec<String>,
}

/// Why two captures could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompareError {
    /// It was stopped before its end.
    #[error("stopped")]
    Stopped,
    /// The other capture is not there.
    #[error("{0} is no longer in the store")]
    Gone(CaptureId),
    /// There are no snapshots.
    #[error(transparent)]
    NoSnapshot(#[from] NoSnapshot),
    /// Reading it failed.
    #[error("{0}")]
    Read(String),
}

/// Sees what a comparison has found so far, in the head and in the body, and says whether it goes on.
pub type Watch<'a> = dyn FnMut(&[HeaderChange], &BodyDiff) -> bool + 'a;

impl CompareJob {
    /// What is not there to be compared; `other` is the capture that the order names.
    pub fn notes(&self, other: Option<&Capture>) -> Vec<String> {
        other.into_iter().chain([&*self.capture]).filter_map(unseen).collect()
    }

    /// Makes the comparison; `other` is the capture that the order names. `watch` is asked about every millisecond.
    /// Takes up to some seconds for bodies of 10 MiB: not for the loop when they are big.
    pub fn run(&self, other: Option<&Capture>, watch: &mut Watch<'_>) -> Result<Comparison, CompareError> {
        let hidden = if self.order.all { Hidden::nothing() } else { Hidden::new(&self.hidden) };
        let notes = self.notes(other);
        let (before, headers) = match (self.order.basis.capture(), other) {
            (None, _) => {
                let (before, after) = (Snapshot::Prechange, Snapshot::Postchange);
                let (before, after) = (self.body.snapshot(before)?, self.body.snapshot(after)?);
                let body = body_diff((&before, &after), &hidden.within_data(), &mut |body| watch(&[], body));
                return Ok(Comparison { headers: Vec::new(), body, notes });
            }
            (Some(id), None) => return Err(CompareError::Gone(id)),
            (Some(_), Some(other)) => {
                let before = Comparable::from(&body_view(&other.request.headers, &other.request.body));
                (before, header_diff(&other.request, &self.capture.request))
            }
        };
        let body = body_diff((&before, &self.body), &hidden, &mut |body| watch(&headers, body));
        Ok(Comparison { headers, body, notes })
    }
}

/// How the comparison stands that the Diff tab shows.
#[derive(Clone, Debug, Default)]
pub enum Standing {
    /// There is nothing to compare with.
    #[default]
    Nothing,
    /// It is being made, and nothing is known yet.
    Running,
    /// What was found, all or so far.
    Found {
        /// What was found.
        comparison: Arc<Comparison>,
        /// Whether it is still being made.
        going: bool,
    },
    /// It could not be made.
    Failed(CompareError),
}

impl Standing {
    /// Whether it is being made.
    pub fn is_going(&self) -> bool {
        matches!(self, Self::Running | Self::Found { going: true, .. })
    }

    /// Whether it was stopped before its end.
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Found { comparison, going } => !going && !comparison.body.is_whole(),
            Self::Failed(error) => *error == CompareError::Stopped,
            Self::Nothing | Self::Running => false,
        }
    }
}

/// What the Diff tab shows, and what was chosen for it.
#[derive(Clone, Debug, Default)]
pub struct Comparing {
    /// The comparison that is shown or on the way.
    pub order: Option<CompareOrder>,
    /// How it stands.
    pub standing: Standing,
    /// What is compared, in a line: numbers, times, verdicts, why these two.
    pub heading: Line,
    /// Whether nothing is left out.
    pub all: bool,
    /// The stretches of equal lines that are shown, of the comparison as it stands.
    pub unfolded: BTreeSet<usize>,
    /// What the user chose to compare with; where that is not to be had, the first that is.
    pub chosen: Option<Basis>,
}

impl Comparing {
    /// Whether what is shown stays although the other capture is gone: an eviction moves nothing on the screen.
    pub fn outlives(&self, shown: CaptureId, is_there: impl Fn(CaptureId) -> bool) -> bool {
        self.order.is_some_and(|order| {
            let gone = order.basis.capture().is_some_and(|id| !is_there(id));
            gone && order.capture == shown && order.all == self.all
        })
    }

    /// In how many places the capture differs, once that is known.
    pub fn count(&self, id: CaptureId) -> Option<usize> {
        match (&self.standing, self.order) {
            (Standing::Found { comparison, .. }, Some(order)) if order.capture == id => Some(comparison.body.count()),
            _ => None,
        }
    }
}
