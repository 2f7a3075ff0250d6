//! What templates and conditions are tried on: bodies of captures, or a file.

use std::fs;

use anyhow::Context as _;
use bytes::Bytes;

use super::{capture, decoded, existing};
use crate::capture::{Body, Capture, CaptureId, Request};
use crate::cli::ContextArgs;
use crate::config::Settings;
use crate::inspect;
use crate::sender;

/// Something to try on.
pub struct Context {
    /// What it is called: `#17`, or a file's name. Foreign text.
    pub label: String,
    /// The body, decoded; it need not be JSON.
    pub json: Bytes,
    /// The capture, unless it is a file.
    pub capture: Option<CaptureId>,
    /// Who sent it, as far as it tells.
    pub sender: Option<String>,
}

/// Which captures will do, when none is named.
pub struct Wanted<'a> {
    /// Whether one does.
    pub does: &'a dyn Fn(&Context) -> bool,
    /// What none of the session has when none does, after `no capture of session default`.
    pub what: &'static str,
}

impl Context {
    /// All that the arguments ask for, the oldest first; at least one.
    pub fn of(args: &ContextArgs, settings: &Settings, wanted: &Wanted) -> anyhow::Result<Vec<Self>> {
        if let Some(path) = &args.context {
            let json = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(vec![Self::of_json(path.display().to_string(), json.into())]);
        }
        let service = existing(settings)?;
        if let Some(id) = args.capture {
            return Ok(vec![Self::of_capture(&capture(&service, id)?)]);
        }
        let mut contexts = Vec::new();
        for row in service.store.summaries()?.iter().rev() {
            let context = service.store.get(row.id)?.map(|capture| Self::of_capture(&capture));
            contexts.extend(context.filter(wanted.does));
            if !args.all && !contexts.is_empty() {
                break;
            }
        }
        anyhow::ensure!(
            !contexts.is_empty(),
            "no capture of session {} {}: name a file with --context",
            service.store.session(),
            wanted.what
        );
        contexts.reverse();
        Ok(contexts)
    }

    /// Whether it is JSON.
    pub fn is_json(&self) -> bool {
        inspect::validate(&self.json).is_ok()
    }

    fn of_capture(capture: &Capture) -> Self {
        let (json, _) = decoded(&capture.request);
        let sender = capture.identity.sender.clone();
        Self { label: capture.id.to_string(), json, capture: Some(capture.id), sender }
    }

    fn of_json(label: String, json: Bytes) -> Self {
        let request = Request { body: Body::whole(json.clone()), ..Request::default() };
        Self { label, json, capture: None, sender: sender::identify(&request).sender }
    }
}
