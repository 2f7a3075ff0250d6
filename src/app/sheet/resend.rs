//! The resend sheet: where to, how signed, how often, and what will differ. Nothing is sent before enter.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::app::{Field, ResendPlan};
use crate::capture::{Capture, Headers, Signing};
use crate::export::{Difference, Reach, Url};
use crate::inspect;

/// The parts of the sheet that the cursor goes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The URL.
    #[default]
    To,
    /// The body; `e` edits it.
    Body,
    /// The header lines; `e` edits them.
    Headers,
    /// How to sign.
    Signature,
    /// How often.
    Times,
    /// Milliseconds between two.
    Pause,
    /// Seconds to wait for each answer.
    Limit,
    /// The host name, typed to confirm a public target.
    Confirm,
}

/// Targets that were sent to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Targets {
    /// Newest first.
    pub recent: Vec<String>,
    /// The last one of each path.
    pub by_path: std::collections::BTreeMap<String, String>,
}

impl Targets {
    /// Remembers a target.
    pub fn used(&mut self, path: &str, url: &str) {
        const MOST: usize = 8;
        self.recent.retain(|known| known != url);
        self.recent.insert(0, url.to_owned());
        self.recent.truncate(MOST);
        if self.by_path.len() < 100 || self.by_path.contains_key(path) {
            self.by_path.insert(path.to_owned(), url.to_owned());
        }
    }
}

/// A body that came back from the editor.
#[derive(Clone, Debug)]
pub struct EditedBody {
    /// As it was saved.
    saved: Bytes,
    /// The same JSON on one line, when it is JSON.
    compact: Option<Bytes>,
    /// Which of the two is sent; they differ in their signature.
    pub as_saved: bool,
}

impl EditedBody {
    /// JSON whose original was on one line is sent on one line unless chosen otherwise.
    fn new(saved: Bytes, original: &[u8]) -> Self {
        let compact = inspect::compact(&saved).ok().map(Bytes::from).filter(|compact| *compact != saved);
        let as_saved = compact.is_none() || original.contains(&b'\n');
        Self { saved, compact, as_saved }
    }

    /// The bytes that are sent.
    pub fn bytes(&self) -> &Bytes {
        self.compact.as_ref().filter(|_| !self.as_saved).unwrap_or(&self.saved)
    }

    /// Whether there is a choice.
    pub fn has_choice(&self) -> bool {
        self.compact.is_some()
    }
}

/// The resend sheet.
#[derive(Clone, Debug)]
pub struct ResendSheet {
    /// What is resent; never changed.
    pub capture: Arc<Capture>,
    /// The part with the cursor.
    pub part: Part,
    /// The URL.
    pub to: Field,
    /// The ways to sign that are possible, and the chosen one.
    pub signings: Vec<Signing>,
    /// Index into `signings`.
    pub signing: usize,
    /// How often.
    pub times: Field,
    /// Milliseconds between two.
    pub pause: Field,
    /// Seconds to wait for each answer.
    pub limit: Field,
    /// The host name as typed.
    pub confirm: Field,
    /// A body in place of the captured one.
    pub edited: Option<EditedBody>,
    /// Header lines in place of the captured ones.
    pub headers: Option<Headers>,
    /// What will differ, or why it cannot be sent; `None` until it was worked out.
    pub differences: Option<Result<Vec<Difference>, String>>,
    /// Which of the recent targets `up` shows.
    pub recent: Option<usize>,
    /// The method, where it is not the captured one.
    pub method: Option<Bytes>,
    /// The scheme to sign by, where it is not that of the capture.
    pub scheme: Option<String>,
}

/// What the lab rendered to be sent.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The body.
    pub body: Bytes,
    /// URL and header lines; those of the capture where the body alone was rendered.
    pub request: Option<(String, Headers)>,
    /// The method, likewise.
    pub method: Option<Bytes>,
    /// The scheme by which its system signs.
    pub scheme: Option<String>,
    /// The name of the secret that it is signed with, where that is said.
    pub secret: Option<String>,
}

impl ResendSheet {
    /// A sheet for `capture`, filled in with the last target of its path. `secrets` are the names that can sign it
    /// again.
    pub fn new(capture: Arc<Capture>, targets: &Targets, secrets: &[String]) -> Self {
        Self::signed_by(capture, targets, secrets, None)
    }

    /// A sheet that sends what was rendered for a capture, signed as the system signs that rendered it.
    pub fn of_rendered(capture: Arc<Capture>, targets: &Targets, secrets: &[String], rendered: Rendered) -> Self {
        let mut sheet = Self::signed_by(capture, targets, secrets, rendered.scheme);
        sheet.edited = Some(EditedBody { saved: rendered.body, compact: None, as_saved: true });
        sheet.method = rendered.method;
        if let Some((url, headers)) = rendered.request {
            (sheet.to, sheet.headers) = (Field::new(url), Some(headers));
        }
        let named = rendered.secret.map(Signing::With);
        let at = sheet.signings.iter().position(|signing| Some(signing) == named.as_ref());
        sheet.signing = at.unwrap_or(sheet.signing);
        sheet
    }

    fn signed_by(capture: Arc<Capture>, targets: &Targets, secrets: &[String], scheme: Option<String>) -> Self {
        let original = Url::original(&capture).map(|url| url.to_string()).unwrap_or_default();
        let known = targets.by_path.get(&capture.request.path()).cloned();
        let signed = capture.verdict.scheme.is_some() || scheme.is_some();
        let with = secrets.iter().filter(|_| signed).cloned().map(Signing::With);
        let signings: Vec<Signing> = with.chain([Signing::Captured, Signing::None]).collect();
        let fitted = capture.verdict.secret.clone().map(Signing::With);
        let signing = signings.iter().position(|signing| Some(signing) == fitted.as_ref()).unwrap_or(0);
        Self {
            capture,
            part: Part::To,
            to: Field::new(known.unwrap_or(original)),
            signings,
            signing,
            times: Field::new("1"),
            pause: Field::new("0"),
            limit: Field::new("5"),
            confirm: Field::default(),
            edited: None,
            headers: None,
            differences: None,
            recent: None,
            method: None,
            scheme,
        }
    }

    /// The checked URL, or what is wrong with it.
    pub fn url(&self) -> Result<Url, String> {
        self.to.text().trim().parse().map_err(|error: crate::export::UrlError| error.to_string())
    }

    /// The host that has to be typed, when the target is neither this machine nor a private address.
    pub fn public_host(&self) -> Option<String> {
        self.url().ok().filter(|url| url.reach() == Reach::Public).map(|url| url.host())
    }

    /// Whether a public target was confirmed, or none has to be.
    pub fn is_confirmed(&self) -> bool {
        self.public_host().is_none_or(|host| self.confirm.text().trim().eq_ignore_ascii_case(&host))
    }

    /// The parts that the cursor goes through now.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts =
            vec![Part::To, Part::Body, Part::Headers, Part::Signature, Part::Times, Part::Pause, Part::Limit];
        if self.public_host().is_some() {
            parts.push(Part::Confirm);
        }
        parts
    }

    /// Moves the cursor to the next part or the one before.
    pub fn next_part(&mut self, forward: bool) {
        let parts = self.parts();
        let at = parts.iter().position(|part| *part == self.part).unwrap_or(0);
        let step = if forward { 1 } else { parts.len() - 1 };
        self.part = parts[(at + step) % parts.len()];
    }

    /// The body as the editor gets it: JSON on one line is spread out.
    pub fn body_to_edit(&self) -> Bytes {
        let body = self.edited.as_ref().map_or(&self.capture.request.body.bytes, |edited| &edited.saved);
        let spread = if body.contains(&b'\n') { None } else { inspect::pretty(body).ok() };
        spread.map_or_else(|| body.clone(), Bytes::from)
    }

    /// Takes what came back from the editor.
    pub fn set_body(&mut self, saved: Bytes) {
        self.edited = Some(EditedBody::new(saved, &self.capture.request.body.bytes));
    }

    /// Whether the cursor is in a text field.
    pub fn has_field(&self) -> bool {
        !matches!(self.part, Part::Body | Part::Headers | Part::Signature)
    }

    /// The text field with the cursor, if it is on one.
    pub fn field(&mut self) -> Option<&mut Field> {
        match self.part {
            Part::To => Some(&mut self.to),
            Part::Times => Some(&mut self.times),
            Part::Pause => Some(&mut self.pause),
            Part::Limit => Some(&mut self.limit),
            Part::Confirm => Some(&mut self.confirm),
            Part::Body | Part::Headers | Part::Signature => None,
        }
    }

    /// The plan that the sheet stands for, or what is wrong with a number in it.
    pub fn plan(&self) -> Result<ResendPlan, String> {
        let number = |field: &Field, name: &str, most: u64| {
            let value = field.text().trim().parse::<u64>().ok().filter(|value| *value <= most);
            value.ok_or_else(|| format!("{name}: write a number up to {most}"))
        };
        let times = number(&self.times, "times", 1000)?;
        let times = if self.public_host().is_some() { times.min(1) } else { times };
        Ok(ResendPlan {
            capture: self.capture.id,
            url: self.url()?.to_string(),
            signing: self.signings.get(self.signing).cloned().unwrap_or_default(),
            headers: self.headers.clone(),
            body: self.edited.as_ref().map(|edited| edited.bytes().clone()),
            method: self.method.clone(),
            scheme: self.scheme.clone(),
            times: u32::try_from(times).unwrap_or(1).max(1),
            pause: Duration::from_millis(number(&self.pause, "pause", 600_000)?),
            time_limit: Duration::from_secs(number(&self.limit, "time limit", 600)?.max(1)),
        })
    }

    /// Shows an older (or newer) recent target in the URL field.
    pub fn recall(&mut self, recent: &[String], older: bool) {
        let next = match (self.recent, older) {
            (None, true) => Some(0),
            (Some(at), true) => Some((at + 1).min(recent.len().saturating_sub(1))),
            (Some(at), false) => at.checked_sub(1),
            (None, false) => None,
        };
        if let Some(url) = next.and_then(|at| recent.get(at)) {
            self.to = Field::new(url.clone());
            self.recent = next;
        }
    }
}
