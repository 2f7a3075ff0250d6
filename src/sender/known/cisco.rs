//! Cisco: Catalyst Center (formerly DNA Center) and Meraki.

use crate::capture::ObjectKey;

use super::super::outline::Value;
use super::{Account, Seen};

pub(super) fn is_catalyst_center(outline: &Value) -> bool {
    outline.has(&["eventId", "instanceId", "ciscoDnaEventLink"])
}

/// `active Network Device 192.0.2.7 Is Unreachable From Controller  NETWORK-NON-FABRIC_WIRED-1-200`
pub(super) fn catalyst_center(seen: &Seen) -> Account {
    let link = seen.outline.text("ciscoDnaEventLink").unwrap_or_default();
    let issue = link.split_once("issueId=").map(|(_, rest)| rest.split('&').next().unwrap_or_default());
    Account {
        event: seen.text(&["details.Assurance Issue Status", "category"]),
        name: seen.text(&["details.Assurance Issue Name", "name", "description", "details.Device"]),
        place: seen.text(&["eventId"]),
        object: issue.map(|id| ObjectKey { model: "issue".to_owned(), id: id.to_owned() }),
    }
}

pub(super) fn is_meraki(outline: &Value) -> bool {
    outline.has(&["alertType", "organizationId", "sharedSecret"])
}

/// `APs went down branch-ap-1  Branch office`
pub(super) fn meraki(seen: &Seen) -> Account {
    Account {
        event: seen.text(&["alertType"]),
        name: seen.text(&["deviceName"]),
        place: seen.text(&["networkName", "organizationName"]),
        object: None,
    }
}
