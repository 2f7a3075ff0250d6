//! Conditions that are tried on captures: their file, and what comes of them.
//!
//! The file is read and the captures are fetched outside; what conditions make of a capture is worked out here, without a
//! screen, so that it can be done off the loop.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::capture::{Capture, CaptureId};
use crate::condition::{Conditions, Evaluated, Fault, LoadError, Outcome, System};
use crate::inspect::{DECODE_LIMIT, decode};
use crate::template;

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
    /// What came of the captures that conditions can be tried on.
    pub(super) fired: BTreeMap<CaptureId, Fired>,
    /// Whether all captures were tried.
    pub(super) done: bool,
    /// Counts what changes all outcomes, so that a late result of an earlier state is recognised.
    pub(super) generation: u64,
    /// The capture that is being looked at closely.
    pub(super) asked: Option<CaptureId>,
}

/// What would become of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fired {
    /// It would be sent.
    Yes,
    /// It would not.
    No,
    /// The conditions fail.
    Fails,
}

/// What conditions make of a capture. The texts may be foreign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The capture.
    pub capture: CaptureId,
    /// Whose rules hold; `None` when the sender is none of those that have conditions.
    pub system: Option<System>,
    /// What would become of the webhook; `None` when that cannot be asked.
    pub fired: Option<Fired>,
    /// The same as a sentence, or why it cannot be asked.
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
    /// What came of captures that conditions can be tried on.
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
    /// `would fire 3 of 7, 1 fails`; empty before anything was tried.
    pub fn tally(&self) -> String {
        let count = |wanted: Fired| self.fired.values().filter(|fired| **fired == wanted).count();
        if self.fired.is_empty() {
            return if self.done { "no capture to try them on".to_owned() } else { String::new() };
        }
        let fails = match count(Fired::Fails) {
            0 => String::new(),
            count => format!(", {count} in error"),
        };
        let more = if self.done { "" } else { "+" };
        format!("would fire {} of {}{more}{fails}", count(Fired::Yes), self.fired.len())
    }

    /// Forgets what came of other conditions, or of the same ones elsewhere.
    pub(super) fn begin_anew(&mut self) {
        self.generation += 1;
        self.fired.clear();
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

impl Try {
    /// Tries the conditions on a capture.
    pub fn on_capture(&self, capture: &Capture) -> Tried {
        let sender = capture.identity.sender.as_deref();
        let system = self.system.or(match sender {
            Some("Peering Manager") => Some(System::PeeringManager),
            Some("NetBox") => Some(System::NetBox47),
            _ => None,
        });
        let tried = |fired, said, rows| Tried { capture: capture.id, system, fired, said, rows };
        match self.judge(capture, system) {
            Err(reason) => tried(None, reason, Vec::new()),
            Ok((system, result)) => {
                let outcome = match &result {
                    Ok(evaluated) => evaluated.outcome.clone(),
                    Err(fault) => Outcome::Fault(fault.clone()),
                };
                let fired = match &outcome {
                    Outcome::Known(true) => Fired::Yes,
                    Outcome::Known(false) => Fired::No,
                    Outcome::Fault(_) => Fired::Fails,
                };
                let rows = result.map(|evaluated| evaluated.tree.rows()).unwrap_or_default();
                tried(Some(fired), system.explanation(&outcome), rows)
            }
        }
    }

    /// What the system makes of it, or why that cannot be asked.
    fn judge(&self, capture: &Capture, system: Option<System>) -> Result<(System, Result<Evaluated, Fault>), String> {
        let headers = &capture.request.headers;
        let (coding, media) = (headers.text("content-encoding"), headers.text("content-type"));
        let body = decode(coding, media, &capture.request.body.bytes, DECODE_LIMIT).bytes;
        let data = template::value_from_json(&body).map_err(|_| "its body is not JSON: there is nothing to look at")?;
        let system = system.ok_or_else(|| match capture.identity.sender.as_deref() {
            Some("Nautobot") => "Nautobot has no conditions: every change is sent".to_owned(),
            _ => "it does not tell which system sent it".to_owned(),
        })?;
        match Conditions::load(system, &self.conditions) {
            Ok(conditions) => Ok((system, Ok(conditions.evaluate(&data)))),
            Err(LoadError::Refused(_, fault)) => Ok((system, Err(fault))),
            Err(error @ LoadError::Json(_)) => Err(error.to_string()),
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
        assert_eq!((github.fired, github.said.as_str()), (None, "it does not tell which system sent it"));
        let broken = attempt("{", None, "netbox-created");
        assert!(broken.fired.is_none() && broken.said.starts_with("the conditions are not JSON"), "{broken:?}");
        let refused = attempt(r#"{"xor": []}"#, None, "netbox-created");
        assert_eq!(refused.fired, Some(Fired::Fails));
        let text = Request { body: Body::whole("text"), ..Request::default() };
        let attempt = Try { generation: 1, conditions: any.into(), system: None, on: TryOn::All };
        assert_eq!(attempt.on_capture(&capture(text)).said, "its body is not JSON: there is nothing to look at");
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
        trial.fired =
            [(1, Fired::Yes), (2, Fired::No), (3, Fired::Fails)].map(|(id, fired)| (CaptureId(id), fired)).into();
        assert_eq!(trial.tally(), "would fire 1 of 3, 1 in error");
        trial.done = false;
        assert_eq!(trial.tally(), "would fire 1 of 3+, 1 in error");
    }
}
