//! Forges: GitHub and those who speak like it (Forgejo, Gitea, Gogs), GitLab, Bitbucket.

use crate::capture::ObjectKey;

use super::{Account, Seen};

pub(super) fn forgejo(seen: &Seen) -> Account {
    like_github(seen, "x-forgejo-event")
}

pub(super) fn gitea(seen: &Seen) -> Account {
    like_github(seen, "x-gitea-event")
}

pub(super) fn gogs(seen: &Seen) -> Account {
    like_github(seen, "x-gogs-event")
}

pub(super) fn github(seen: &Seen) -> Account {
    like_github(seen, "x-github-event")
}

/// An event about an issue or a pull request is told with its number and title, another with what it has.
fn like_github(seen: &Seen, header: &str) -> Account {
    let place = seen.text(&["repository.full_name"]);
    let numbered = ["pull_request", "issue"].into_iter().find(|kind| seen.outline.has(&[kind]));
    let number = numbered.and_then(|kind| seen.text(&[&format!("{kind}.number"), "number"]));
    let name = match (numbered, &number) {
        (Some(kind), Some(number)) => Some(headline('#', number, seen.text(&[&format!("{kind}.title")]))),
        _ => seen.text(&["ref", "release.tag_name", "workflow_run.name", "zen"]),
    };
    Account {
        event: words(seen.header(header), seen.text(&["action"])),
        name,
        object: numbered.zip(number).map(|(kind, number)| object(kind, place.as_deref(), '#', &number)),
        place,
    }
}

/// GitLab's kinds are `merge_request`, `issue`, `push`; a merge request's number is written with `!`.
pub(super) fn gitlab(seen: &Seen) -> Account {
    let place = seen.text(&["project.path_with_namespace", "repository.name"]);
    let kind = seen.text(&["object_kind", "event_name"]);
    let sign = if kind.as_deref() == Some("merge_request") { '!' } else { '#' };
    let number = seen.text(&["object_attributes.iid"]);
    let title = seen.text(&["object_attributes.title"]);
    let object = kind.as_ref().zip(number.as_ref()).map(|(kind, number)| object(kind, place.as_deref(), sign, number));
    Account {
        event: words(
            kind.as_deref().or_else(|| seen.header("x-gitlab-event")),
            seen.text(&["object_attributes.action"]),
        ),
        name: match &number {
            Some(number) => Some(headline(sign, number, title)),
            None => seen.text(&["ref", "object_attributes.ref"]).or(title),
        },
        object,
        place,
    }
}

pub(super) fn bitbucket(seen: &Seen) -> Account {
    let place = seen.text(&["repository.full_name", "repository.name"]);
    let number = seen.text(&["pullrequest.id"]);
    Account {
        event: seen.header("x-event-key").map(str::to_owned),
        name: match &number {
            Some(number) => Some(headline('#', number, seen.text(&["pullrequest.title"]))),
            None => seen.text(&["push.changes.new.name"]),
        },
        object: number.map(|number| object("pullrequest", place.as_deref(), '#', &number)),
        place,
    }
}

/// `issues opened`: the event and what was done.
fn words(event: Option<&str>, action: Option<String>) -> Option<String> {
    match (event, action) {
        (Some(event), Some(action)) => Some(format!("{event} {action}")),
        (event, action) => event.map(str::to_owned).or(action),
    }
}

/// `#12 It does not start`
fn headline(sign: char, number: &str, title: Option<String>) -> String {
    title.map_or_else(|| format!("{sign}{number}"), |title| format!("{sign}{number} {title}"))
}

/// Numbers are counted per repository.
fn object(kind: &str, repository: Option<&str>, sign: char, number: &str) -> ObjectKey {
    ObjectKey { model: kind.to_owned(), id: format!("{}{sign}{number}", repository.unwrap_or_default()) }
}
