//! What is wrong with what a request says: an error message in place of a payload, broken JSON, gaps where a template's
//! variables were, passwords for all to read.
//!
//! Owns the findings and their order. Knows nothing of signatures, of answers, or of what is done about a finding.

mod content;
mod emptied;
mod flaw;
mod strings;
mod template;

use std::collections::BTreeSet;

use crate::capture::{Finding, Lint};

use super::known::Seen;
use super::title::Alarmed;

pub use emptied::emptied;

const PEERING_MANAGER: &str = "Peering Manager";

/// A finding, and what it does to the title.
pub(super) struct Alarm {
    pub finding: Finding,
    pub title: Alarmed,
}

/// How much of the strings in a body is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// The beginning: the sender waits for its answer.
    Arrival,
    /// All that was read of it.
    Whole,
}

/// All that there is to say against the payload, the worst first; of what is the consequence of something else, nothing.
pub(super) fn alarms(seen: &Seen, sender: Option<&str>, depth: Depth) -> Vec<Alarm> {
    let ruined = template::template_error(seen, sender)
        .or_else(|| content::redirected(seen))
        .or_else(|| content::empty(seen, sender))
        .or_else(|| content::mismatch(seen))
        .or_else(|| content::invalid_json(seen, sender));
    let mut alarms = match ruined {
        Some(alarm) => vec![alarm],
        None => content::not_utf8(seen).into_iter().chain(strings::alarms(seen, sender, depth)).collect(),
    };
    alarms.extend(template::header_error(seen));
    alarms.extend(content::marked(seen));
    alarms.sort_by_key(|alarm| alarm.finding.code);
    alarms
}

/// The same without those that are switched off.
pub(super) fn wanted(alarms: Vec<Alarm>, off: &BTreeSet<Lint>) -> Vec<Alarm> {
    alarms.into_iter().filter(|alarm| !off.contains(&alarm.finding.code)).collect()
}

fn alarmed(code: Lint, title: Alarmed, text: &str, lines: impl IntoIterator<Item = String>) -> Alarm {
    Alarm { finding: Finding { code, text: text.to_owned(), lines: lines.into_iter().collect() }, title }
}

/// Where to mend a body template, for those whose menus are known.
fn body_template(sender: Option<&str>) -> Option<String> {
    (sender == Some(PEERING_MANAGER)).then(|| "Fix it under Operations > Webhooks > Body template.".to_owned())
}
