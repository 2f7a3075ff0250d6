//! The signature tab: the verdict, why, what to do, and the evidence.

use super::{Content, Page, View};
use crate::app::{Action, CopyKind, Line, Role};
use crate::capture::{Mark, Outcome, Verdict};

/// The tab.
pub(super) fn view(page: Page) -> View {
    let verdict = &page.loaded.capture.verdict;
    let mut lines = vec![headline(verdict), Line::default()];
    lines.extend(explanation(page));
    lines.push(Line::default());
    lines.extend(evidence(page));
    let mut view = View::new(Content::lines(lines));
    view.has_cursor = false;
    view
}

fn headline(verdict: &Verdict) -> Line {
    let (role, sign) = match (verdict.outcome, verdict.mark()) {
        (Outcome::Valid, _) => (Role::Good, "✓"),
        (Outcome::Stale | Outcome::Invalid, _) => (Role::Bad, "✗"),
        (Outcome::Missing, _) => (Role::Strong, "–"),
        (Outcome::NotChecked, Mark::Unchecked) => (Role::Unchecked, "?"),
        (Outcome::NotChecked, _) => (Role::Text, "–"),
    };
    Line::new(role, format!("{sign} {}", verdict_text(verdict)))
}

/// The verdict in a sentence: `Signature verified`.
pub fn verdict_text(verdict: &Verdict) -> &'static str {
    match (verdict.outcome, verdict.mark()) {
        (Outcome::Valid, _) => "Signature verified",
        (Outcome::Stale, _) => "Signature is genuine, but too old",
        (Outcome::Invalid, _) => "Signature does not match",
        (Outcome::Missing, _) => "Not signed",
        (Outcome::NotChecked, Mark::Unchecked) => "Signed, but there is no secret to check it with",
        (Outcome::NotChecked, _) => "Not signed, and no secret is configured",
    }
}

fn row(name: &str, value: impl AsRef<str>) -> Line {
    Line::new(Role::Key, format!("  {name:<10}")).and(Role::Text, value).hanging(12)
}

/// Cause and fix; what it covers when it holds.
fn explanation(page: Page) -> Vec<Line> {
    let (verdict, edit) = (&page.loaded.capture.verdict, page.key(Action::Edit));
    match verdict.outcome {
        Outcome::Valid => {
            let note = (!verdict.note.is_empty()).then(|| row("note", &verdict.note));
            std::iter::once(row("covers", covers_text(verdict))).chain(note).collect()
        }
        Outcome::Stale => vec![
            row("cause", &verdict.reason),
            row(
                "fix",
                "compare the clocks of sender and receiver; a resend of an old request is re-signed with a fresh time",
            ),
        ],
        Outcome::Invalid => vec![
            row("cause", &verdict.reason),
            row(
                "fix",
                format!(
                    "give both sides the same secret: press {edit} to edit the secrets, saving checks every capture again"
                ),
            ),
        ],
        Outcome::Missing => vec![
            row("cause", if verdict.reason.is_empty() { "no signature header came" } else { &verdict.reason }),
            row("fix", "set a secret at the sender; without one it does not sign"),
        ],
        Outcome::NotChecked if verdict.mark() == Mark::Unchecked => add_secret(page),
        Outcome::NotChecked => vec![row("note", format!("press {edit} to add a secret; signatures are then checked"))],
    }
}

/// What a signature that holds covers: `the body and the time, signed 2 s before it arrived`.
pub fn covers_text(verdict: &Verdict) -> String {
    let covered = match (verdict.covers.body, verdict.covers.time) {
        (true, true) => "the body and the time",
        (true, false) => "the body, no time",
        (false, true) => "the time, not the body",
        (false, false) => "not the body, no time",
    };
    let age = verdict.age_s.map(|age| format!(", signed {age} s before it arrived")).unwrap_or_default();
    format!("{covered}{age}")
}

fn add_secret(page: Page) -> Vec<Line> {
    let name = page.loaded.capture.verdict.scheme.as_deref().unwrap_or("sender");
    let name: String = name.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '-').collect();
    vec![
        row(
            "fix",
            format!(
                "press {} and add under [secrets], then save; every capture is checked again",
                page.key(Action::Edit)
            ),
        ),
        Line::default(),
        Line::text(format!("              {name} = \"the secret that the sender has\"")),
        Line::text(format!("              {name} = {{ file = \"{name}.secret\" }}")),
        Line::default(),
        Line::new(Role::Dim, "  ? means unchecked, not wrong"),
    ]
}

fn evidence(page: Page) -> Vec<Line> {
    let (verdict, facts) = (&page.loaded.capture.verdict, &page.loaded.facts);
    let mut lines = Vec::new();
    if let Some(scheme) = &facts.scheme {
        let id = verdict.scheme.as_deref().unwrap_or_default();
        lines.push(row("scheme", format!("{id}: {scheme}")));
    }
    if let Some((name, length, fingerprint)) = &facts.secret {
        lines.push(row("secret", format!("{name}, {length} bytes, fingerprint {fingerprint}")));
    }
    let others = facts.secrets.iter().filter(|name| facts.secret.as_ref().is_none_or(|secret| secret.0 != **name));
    let others: Vec<&str> = others.map(String::as_str).collect();
    if !others.is_empty() {
        let besides = if facts.secret.is_some() { "besides" } else { "tried" };
        lines.push(row("secrets", format!("{}  ({besides})", others.join(", "))));
    }
    if let Some(sender) = &page.loaded.capture.identity.sender {
        lines.push(row("sender", sender));
    }
    lines.extend(values(page));
    lines
}

/// The signature that came, and when asked for the one that was expected.
fn values(page: Page) -> Vec<Line> {
    let Some(values) = &page.loaded.facts.values else { return Vec::new() };
    let expected = if page.reveal {
        format!("{} with secret {}", values.expected, values.secret)
    } else {
        let copy = page.look.keymap.copy_key(CopyKind::Signature).map(|key| key.to_string()).unwrap_or_default();
        let (show, menu, secret) = (page.key(Action::Reveal), page.key(Action::Copy), &values.secret);
        format!("hidden: {show} shows what secret {secret} makes, {menu}{copy} copies it")
    };
    vec![row("received", &values.received), row("expected", expected)]
}
