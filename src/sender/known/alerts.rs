//! Monitoring: Alertmanager, Grafana, PagerDuty, Sentry.

use crate::capture::ObjectKey;

use super::super::outline::Value;
use super::{Account, Seen};

/// Grafana speaks Alertmanager's format and adds fields of its own.
pub(super) fn is_grafana(outline: &Value) -> bool {
    is_alertmanager(outline) && outline.has(&["orgId"])
}

pub(super) fn is_alertmanager(outline: &Value) -> bool {
    outline.has(&["alerts", "groupKey", "receiver", "status"])
}

/// `firing HighLatency (3 alerts)  noc`
pub(super) fn alertmanager(seen: &Seen) -> Account {
    let name = seen.text(&["commonLabels.alertname", "alerts.labels.alertname", "title"]);
    let alerts = seen.outline.count("alerts").filter(|&count| count > 1);
    Account {
        event: seen.text(&["status"]),
        name: match (name, alerts) {
            (name, None) => name,
            (name, Some(count)) => {
                Some(format!("{} ({count} alerts)", name.unwrap_or_default()).trim_start().to_owned())
            }
        },
        place: seen.text(&["receiver"]),
        object: seen.text(&["groupKey"]).map(|id| ObjectKey { model: "alert group".to_owned(), id }),
    }
}

/// Version 3 of its webhooks: `incident.triggered The router is on fire  incident`.
pub(super) fn pagerduty(seen: &Seen) -> Account {
    let model = seen.text(&["event.data.type"]);
    let id = seen.text(&["event.data.id"]);
    Account {
        event: seen.text(&["event.event_type"]),
        name: seen.text(&["event.data.title", "event.data.summary", "event.data.message"]).or_else(|| id.clone()),
        place: None,
        object: model.zip(id).map(|(model, id)| ObjectKey { model, id }),
    }
}

/// The resource that the header names, what happened to it, and its title.
pub(super) fn sentry(seen: &Seen) -> Account {
    let resource = seen.header("sentry-hook-resource").unwrap_or_default();
    let action = seen.text(&["action"]).unwrap_or_default();
    Account {
        event: Some(format!("{resource} {action}").trim().to_owned()),
        name: seen.text(&["data.issue.title", "data.event.title", "data.error.title"]),
        place: seen.text(&["data.issue.project.name"]),
        object: seen.text(&["data.issue.id"]).map(|id| ObjectKey { model: "issue".to_owned(), id }),
    }
}
