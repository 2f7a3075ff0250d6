//! Peering Manager, NetBox and Nautobot: one family, which tells of changed objects.
//!
//! Their bodies are templates; only a blank one gives the context that is read here. Facts from recorded webhooks of
//! Peering Manager 1.10 and NetBox 4.6, and from the sources of Nautobot and of older NetBox releases.

use crate::capture::ObjectKey;

use super::super::outline::Value;
use super::generic;
use super::{Account, Seen};

/// What serializers of this family call the name of an object, best first.
const NAMES: &[&str] =
    &["data.display", "data.display_name", "data.name", "data.label", "data.address", "data.prefix", "data.title"];

/// Its event words lack the `d` that those of its relatives have.
pub(super) fn is_peering_manager(outline: &Value) -> bool {
    matches!(outline.text("event"), Some("create" | "update" | "delete"))
        && outline.has(&["model", "username", "request_id", "data", "snapshots"])
}

pub(super) fn is_nautobot(outline: &Value) -> bool {
    is_relative(outline) && outline.has(&["model", "snapshots.differences"])
}

/// NetBox 4 names an `object_type`; releases before it a `model`, and NetBox 2 a `signal_received_timestamp`.
pub(super) fn is_netbox(outline: &Value) -> bool {
    let old = outline.has(&["model"]) && matches!(outline.text("event"), Some("created" | "updated" | "deleted"));
    let oldest = outline.has(&["event", "model", "data", "signal_received_timestamp"]);
    is_relative(outline) && (outline.has(&["object_type"]) || old) || oldest
}

fn is_relative(outline: &Value) -> bool {
    outline.has(&["event", "username", "request_id", "data"])
}

/// The way to know a NetBox whose body template hides everything else.
pub(super) fn signs_like_netbox(seen: &Seen) -> bool {
    let urllib3 = seen.header("user-agent").is_some_and(|agent| agent.starts_with("python-urllib3/"));
    urllib3 && seen.request.headers.has("x-hook-signature")
}

pub(super) fn peering_manager(seen: &Seen) -> Account {
    change(seen, &["model"])
}

pub(super) fn netbox(seen: &Seen) -> Account {
    change(seen, &["object_type", "model"])
}

pub(super) fn nautobot(seen: &Seen) -> Account {
    change(seen, &["data.object_type", "model"])
}

/// What one request to the sender changed shares its id; `request.id` is the newer name of `NetBox`. An id is a UUID:
/// what is much longer is none.
pub(super) fn change_id(seen: &Seen) -> Option<String> {
    const LONGEST: usize = 64;
    seen.text(&["request_id", "request.id"]).filter(|id| id.len() <= LONGEST)
}

fn change(seen: &Seen, models: &[&str]) -> Account {
    let Some(model) = seen.text(models).filter(|_| seen.outline.has(&["event", "data"])) else {
        return generic::tell(seen);
    };
    let id = seen.text(&["data.id"]);
    Account {
        event: seen.text(&["event"]),
        name: seen.text(NAMES).or_else(|| id.as_ref().map(|id| format!("#{id}"))),
        place: Some(model.clone()),
        object: id.map(|id| ObjectKey { model, id }),
    }
}
