//! Slack: events, slash commands and interactions.

use super::{Account, Seen};

pub(super) fn slack(seen: &Seen) -> Account {
    if seen.outline.has(&["command"]) {
        return told(seen, &["command"], &["text"], &["channel_name"]);
    }
    if seen.outline.has(&["event"]) {
        return told(seen, &["event.type"], &["event.text", "event.name"], &["event.channel"]);
    }
    told(
        seen,
        &["type"],
        &["actions.action_id", "callback_id", "view.callback_id", "text"],
        &["channel.name", "channel_name"],
    )
}

fn told(seen: &Seen, event: &[&str], name: &[&str], place: &[&str]) -> Account {
    Account { event: seen.text(event), name: seen.text(name), place: seen.text(place), object: None }
}
