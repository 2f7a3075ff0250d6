//! A guess at a payload of a sender that is not known: what many call an event, a name, a number.

use super::{Account, Seen};

const EVENTS: &[&str] = &[
    "event",
    "event_type",
    "eventType",
    "event_name",
    "event.type",
    "type",
    "action",
    "topic",
    "kind",
    "object_kind",
    "status",
];

const NAMES: &[&str] = &[
    "display",
    "display_name",
    "title",
    "name",
    "subject",
    "summary",
    "text",
    "message",
    "data.display",
    "data.title",
    "data.name",
    "object.name",
    "event.name",
    "event.text",
    "key",
    "description",
];

const IDS: &[&str] = &["id", "data.id", "object.id", "event_id", "number"];

const PLACES: &[&str] = &["model", "object_type", "repository.full_name", "project.name", "data.type"];

pub(super) fn tell(seen: &Seen) -> Account {
    let named = seen.text(NAMES).or_else(|| seen.text(IDS).map(|id| format!("id {id}")));
    Account { event: seen.text(EVENTS), name: named, place: seen.text(PLACES), object: None }
}
