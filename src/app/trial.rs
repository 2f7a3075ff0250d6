//! Conditions that are tried on captures: their file, and what comes of them.
//!
//! The file is read and the captures are fetched outside; what conditions make of a capture is worked out here, without
//! a screen, so that it can be done off the loop.

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::tally::Tally;
use crate::capture::{Capture, CaptureId};
use crate::condition::{Conditions, Evaluated, Fault, LoadError, Outcome, System, Unfit};
use crate::inspect::{DECODE_LIMIT, decode};

/// The systems that have conditions, in the order in which they are chosen.
const SYSTEMS: [System; 3] = [System::PeeringManager, System::NetBox46, System::NetBox47];

/// How far the trying of conditions is.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// The file as it was named; `None` until it is asked for.
    pub file: Option<String>,
    /// Whether the file is watched.
    pub(super) watched: bool,
    /// What is in it, or why it cannot be read; `None` until it was read.
    pub read: Option<Result<Bytes, String>>,
    /// When it was saved.
    pub saved: Option<DateTime<Utc>>,
    /// The system that was chosen; the sender's when `None`.
    pub system: Option<System>,
    /// The selected capture, looked at closely.
    pub shown: Option<Tried>,
    /// What came of the captures.
    pub(super) fired: Tally,
    /// Whether all captures were tried.
    pub(super) done: bool,
    /// Counts what changes all outcomes, so that a late result of an earlier state is recognised.
    pub(super) generation: u64,
    /// The capture that is being looked at closely.
    pub(super) asked: Option<CaptureId>,
}

/// What would become of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fired {
    /// It would be sent.
    Yes,
    /// It would not.
    No,
    /// The conditions fail.
    Fails,
    /// Conditions cannot be tried on it.
    LeftOut(Unfit),
}

/// What conditions make of a capture. The texts may be foreign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The capture.
    pub capture: CaptureId,
    /// Whose rules hold; `None` when the sender is none of those that have conditions.
    pub system: Option<System>,
    /// What would become of the webhook; `None` when the conditions cannot be read.
    pub fired: Option<Fired>,
    /// The same as a sentence, or why that cannot be told.
    pub said: String,
    /// Every part of the conditions, one a row, indented, with what came of it.
    pub rows: Vec<String>,
}

/// What there is to try.
#[derive(Clone, Debug)]
pub struct Try {
    /// The trial's generation.
    pub generation: u64,
    /// The conditions, JSON.
    pub conditions: Bytes,
    /// Whose rules hold; the sender's when `None`.
    pub system: Option<System>,
    /// The captures.
    pub on: TryOn,
}

/// On which captures conditions are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryOn {
    /// This one, closely.
    One(CaptureId),
    /// These.
    Some(Vec<CaptureId>),
    /// All of the session.
    All,
}

/// How the trying goes.
#[derive(Clone, Debug)]
pub struct TrialReport {
    /// The generation that it is for.
    pub generation: u64,
    /// What came of captures.
    pub fired: Vec<(CaptureId, Fired)>,
    /// Whether all captures were tried now.
    pub done: bool,
}

/// A file with conditions as it was read.
#[derive(Clone, Debug)]
pub struct ConditionsFile {
    /// As it was named.
    pub name: String,
    /// What is in it, or why it cannot be read.
    pub content: Result<Bytes, String>,
    /// When it was saved.
    pub saved: Option<DateTime<Utc>>,
}

impl Trial {
    /// `would fire 3 of 7, 1 in error, 2 left out`; empty before anything was tried.
    pub fn tally(&self) -> String {
        self.fired.sentence(self.done)
    }

    /// How many captures are left out of the tally, and why.
    pub fn left_out(&self) -> Option<String> {
        Unfit::tally(self.fired.left_out())
    }

    /// Forgets what came of other conditions, or of the same ones elsewhere.
    pub(super) fn begin_anew(&mut self) {
        self.generation += 1;
        self.fired = Tally::default();
        self.done = false;
        self.asked = None;
    }

    /// The next system, behind the last the sender's.
    pub(super) fn next_system(&mut self) {
        let at = self.system.and_then(|system| SYSTEMS.iter().position(|other| *other == system));
        self.system = SYSTEMS.get(at.map_or(0, |at| at + 1)).copied();
        self.begin_anew();
    }

    /// What has to be tried, when there is something to try.
    pub(super) fn to_try(&self, on: TryOn) -> Option<Try> {
        let conditions = self.read.as_ref()?.as_ref().ok()?.clone();
        Some(Try { generation: self.generation, conditions, system: self.system, on })
    }
}

/// What comes of conditions by the rules of a system.
type Judged = (System, Result<Evaluated, Fault>);

/// Why conditions were not tried.
enum Untried {
    LeftOut(Unfit),
    /// They are no JSON.
    Unread(String),
}

impl Try {
    /// Tries the conditions on a capture.
    pub fn on_capture(&self, capture: &Capture) -> Tried {
        let tried = |system, fired, said, rows| Tried { capture: capture.id, system, fired, said, rows };
        match self.judge(capture) {
            Err(Untried::LeftOut(unfit)) => tried(None, Some(Fired::LeftOut(unfit)), unfit.to_string(), Vec::new()),
            Err(Untried::Unread(reason)) => tried(None, None, reason, Vec::new()),
            Ok((system, result)) => {
                let outcome = outcome_of(&result);
                let rows = result.map(|evaluated| evaluated.tree.rows()).unwrap_or_default();
                tried(Some(system), Some(Fired::of(&outcome)), system.explanation(&outcome), rows)
            }
        }
    }

    /// What would become of a capture; nothing when the conditions cannot be read.
    pub fn fired(&self, capture: &Capture) -> Option<Fired> {
        match self.judge(capture) {
            Err(Untried::LeftOut(unfit)) => Some(Fired::LeftOut(unfit)),
            Err(Untried::Unread(_)) => None,
            Ok((_, result)) => Some(Fired::of(&outcome_of(&result))),
        }
    }

    fn judge(&self, capture: &Capture) -> Result<Judged, Untried> {
        let headers = &capture.request.headers;
        let (coding, media) = (headers.text("content-encoding"), headers.text("content-type"));
        let body = decode(coding, media, &capture.request.body.bytes, DECODE_LIMIT).bytes;
        let fitting = System::fitting(capture.identity.sender.as_deref(), self.system, &body);
        let (system, body) = fitting.map_err(Untried::LeftOut)?;
        match Conditions::load(system, &self.conditions) {
            Ok(conditions) => Ok((system, Ok(conditions.evaluate(&body)))),
            Err(LoadError::Refused(_, fault)) => Ok((system, Err(fault))),
            Err(error @ LoadError::Json(_)) => Err(Untried::Unread(error.to_string())),
        }
    }
}

fn outcome_of(result: &Result<Evaluated, Fault>) -> Outcome {
    match result {
        Ok(evaluated) => evaluated.outcome.clone(),
        Err(fault) => Outcome::Fault(fault.clone()),
    }
}

impl Fired {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Known(true) => Self::Yes,
            Outcome::Known(false) => Self::No,
            Outcome::Fault(_) => Self::Fails,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Body, Request};
    use crate::sender::{identify, sample};

    fn capture(request: Request) -> Capture {
        let mut capture = Capture::new(request, DateTime::default(), "r".into(), "l".into());
        capture.identity = identify(&capture.request);
        capture
    }

    fn attempt(conditions: &'static str, system: Option<System>, name: &str) -> Tried {
        let attempt = Try { generation: 1, conditions: conditions.into(), system, on: TryOn::All };
        attempt.on_capture(&capture(sample(name).unwrap().request))
    }

    #[test]
    fn the_sender_says_whose_rules_hold_unless_told() {
        let missing = r#"{"and": [{"attr": "nowhere", "value": null}]}"#;
        let pm = attempt(missing, None, "peering-manager-update");
        assert_eq!((pm.system, pm.fired), (Some(System::PeeringManager), Some(Fired::Yes)));
        let netbox = attempt(missing, None, "netbox-created");
        assert_eq!((netbox.system, netbox.fired), (Some(System::NetBox47), Some(Fired::Fails)));
        let chosen = attempt(missing, Some(System::NetBox46), "peering-manager-update");
        assert_eq!((chosen.system, chosen.fired), (Some(System::NetBox46), Some(Fired::Fails)));
        assert!(pm.rows.iter().any(|row| row.contains("nowhere eq null")), "{:?}", pm.rows);
    }

    #[test]
    fn what_cannot_be_asked_is_said_and_not_counted() {
        let any = r#"{"and": [{"attr": "id", "value": 1}]}"#;
        let github = attempt(any, None, "github-push");
        let left_out = Some(Fired::LeftOut(Unfit::OtherSender));
        assert_eq!((github.fired, github.said.as_str()), (left_out, "its sender has no conditions"));
        let broken = attempt("{", None, "netbox-created");
        assert!(broken.fired.is_none() && broken.said.starts_with("the conditions are not JSON"), "{broken:?}");
        let refused = attempt(r#"{"xor": []}"#, None, "netbox-created");
        assert_eq!(refused.fired, Some(Fired::Fails));
        let text = Request { body: Body::whole("text"), ..Request::default() };
        let attempt = Try { generation: 1, conditions: any.into(), system: None, on: TryOn::All };
        assert_eq!(attempt.fired(&capture(text)), Some(Fired::LeftOut(Unfit::NoObject)));
    }

    #[test]
    fn systems_take_turns() {
        let mut trial = Trial::default();
        let mut turn = || {
            trial.next_system();
            trial.system.map(System::id)
        };
        let turns = [turn(), turn(), turn(), turn()];
        assert_eq!(turns, [Some("peering-manager"), Some("netbox-4.6"), Some("netbox-4.7"), None]);
    }

    #[test]
    fn the_tally_says_how_many() {
        let mut trial = Trial { done: true, ..Trial::default() };
        assert_eq!(trial.tally(), "no capture to try them on");
        let all = [(1, Fired::Yes), (2, Fired::No), (3, Fired::Fails)];
        for (id, fired) in all {
            trial.fired.add(CaptureId(id), fired);
        }
        assert_eq!(trial.tally(), "would fire 1 of 3, 1 in error");
        trial.done = false;
        assert_eq!(trial.tally(), "would fire 1 of 3+, 1 in error");
        trial.fired.add(CaptureId(4), Fired::LeftOut(Unfit::Templated));
        assert_eq!(trial.tally(), "would fire 1 of 3+, 1 in error, 1 left out");
        assert_eq!(trial.left_out().as_deref(), Some("1 left out: 1 made by a template"));
        trial.fired.add(CaptureId(1), Fired::No);
        (2..=3).for_each(|id| trial.fired.remove(CaptureId(id)));
        assert_eq!(trial.tally(), "would fire 0 of 1+, 1 left out");
        trial.fired.remove(CaptureId(1));
        trial.done = true;
        assert_eq!(trial.tally(), "no capture to try them on");
    }
}
