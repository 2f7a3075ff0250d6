//! The signature tab: the verdict, why, what to do, and the evidence.

use std::time::Duration;

use super::{Content, Page, View};
use crate::app::{Action, CopyKind, Line, Role};
use crate::capture::{Mark, Outcome, Verdict};
use crate::inspect::bytes_exact;
use crate::signature::{Hint, Report};

/// What the doctor found out, and how long it took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// What was found.
    pub report: Report,
    /// How long it took.
    pub took: Duration,
}

impl Diagnosis {
    /// The likeliest cause.
    pub fn cause(&self) -> Option<&str> {
        self.report.hints.first().map(|hint| hint.cause.as_str())
    }

    /// `11 variants tried in 0.3 ms, 1 matches`; `None` when nothing had to be tried.
    pub fn effort(&self) -> Option<String> {
        let Report { tried, matching, complete, .. } = &self.report;
        let (plural, more) = (if *tried == 1 { "" } else { "s" }, if *complete { "" } else { ", not all" });
        let matching = if *matching == 0 { "none".to_owned() } else { matching.to_string() };
        let took = self.took.as_secs_f64() * 1000.0;
        (*tried > 0).then(|| format!("{tried} variant{plural} tried in {took:.1} ms{more}, {matching} matches"))
    }
}

/// The tab.
pub(super) fn view(page: Page) -> View {
    let verdict = &page.loaded.capture.verdict;
    let mut lines = vec![headline(page), Line::default()];
    lines.extend(match hints(page) {
        [] => explanation(page),
        hints => known(hints),
    });
    lines.push(Line::default());
    lines.extend(evidence(page));
    if verdict.outcome == Outcome::Invalid {
        lines.extend(tried(page));
    }
    let mut view = View::new(Content::lines(lines));
    view.has_cursor = false;
    view
}

fn hints(page: Page<'_>) -> &[Hint] {
    page.diagnosis.map(|diagnosis| diagnosis.report.hints.as_slice()).unwrap_or_default()
}

fn headline(page: Page) -> Line {
    let verdict = &page.loaded.capture.verdict;
    let (role, sign) = match (verdict.outcome, verdict.mark()) {
        (Outcome::Valid, _) => (Role::Good, "✓"),
        (Outcome::Stale | Outcome::Invalid, _) => (Role::Bad, "✗"),
        (Outcome::Missing, _) => (Role::Strong, "–"),
        (Outcome::NotChecked, Mark::Unchecked) => (Role::Unchecked, "?"),
        (Outcome::NotChecked, _) => (Role::Text, "–"),
    };
    Line::new(role, format!("{sign} {}", verdict_text(verdict, !hints(page).is_empty())))
}

/// The verdict in a sentence: `Signature verified`; that of one whose cause the doctor knows says so.
pub fn verdict_text(verdict: &Verdict, known: bool) -> &'static str {
    match (verdict.outcome, verdict.mark()) {
        (Outcome::Valid, _) => "Signature verified",
        (Outcome::Stale, _) => "Signature is genuine, but its time is out of tolerance",
        (Outcome::Invalid, _) if known => "Signature does not match, but the cause is known",
        (Outcome::Invalid, _) => "Signature does not match",
        (Outcome::Missing, _) if known => "No signature where one is looked for",
        (Outcome::Missing, _) => "Not signed",
        (Outcome::NotChecked, Mark::Unchecked) if known => "Signed, and cannot be checked",
        (Outcome::NotChecked, Mark::Unchecked) => "Signed, but there is no secret to check it with",
        (Outcome::NotChecked, _) => "Not signed, and no secret is configured",
    }
}

/// Near misses, the likeliest first.
fn known(hints: &[Hint]) -> Vec<Line> {
    let rows = |hint: &Hint| {
        let proof =
            Line::new(Role::Key, format!("  {:<10}", "proof")).and(Role::Good, "✓ ").and(Role::Text, &hint.proof);
        [row("cause", &hint.cause), proof.hanging(12), row("fix", &hint.fix)]
    };
    hints.iter().flat_map(rows).collect()
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
        Outcome::Stale => vec![row("cause", &verdict.reason)],
        Outcome::Invalid => unknown(page),
        Outcome::Missing => missing(page),
        Outcome::NotChecked if verdict.mark() == Mark::Unchecked => add_secret(page),
        Outcome::NotChecked => vec![row("note", format!("press {edit} to add a secret; signatures are then checked"))],
    }
}

/// No signature came: that is as it should be for a handshake.
fn missing(page: Page) -> Vec<Line> {
    let capture = &page.loaded.capture;
    let reason = if capture.verdict.reason.is_empty() { "no signature header came" } else { &capture.verdict.reason };
    if capture.answer.as_ref().is_some_and(|answer| answer.rule.starts_with("handshake ")) {
        let note = format!("it is a handshake: tab {} says how it was answered", page.key(Action::Response));
        return vec![row("cause", reason), row("note", note)];
    }
    let place = secret_place(page).map_or_else(|| "at the sender".to_owned(), |place| format!("under {place}"));
    vec![row("cause", reason), row("fix", format!("set a secret {place}; without one it does not sign"))]
}

/// Where the sender's users set its secret, with the sender's name.
fn secret_place(page: Page) -> Option<String> {
    let (sender, place) = (page.loaded.capture.identity.sender.as_ref()?, page.loaded.facts.secret_place?);
    Some(format!("{sender} > {place}"))
}

/// Nothing that is near holds: what that means, and how to find out.
fn unknown(page: Page) -> Vec<Line> {
    let (verdict, edit) = (&page.loaded.capture.verdict, page.key(Action::Edit));
    if page.diagnosis.is_none() {
        return vec![row("cause", &verdict.reason), Line::new(Role::Dim, "            looking for the cause")];
    }
    if !is_mismatch(verdict) {
        let scheme = verdict.scheme.as_deref().unwrap_or_default();
        return vec![
            row("cause", &verdict.reason),
            row("fix", format!("hookview schemes {scheme} shows what it has to look like")),
        ];
    }
    let place = secret_place(page).unwrap_or_else(|| "the secret of the webhook at the sender".to_owned());
    let agree =
        format!("make both sides agree: {place}; press {edit} to edit yours, saving checks every capture again");
    if page.loaded.facts.lacks_url {
        return vec![
            row("cause", "most likely the URL, which is signed, too: it can only be guessed here"),
            row("verdict", &verdict.reason),
            row(
                "fix",
                format!(
                    "press {edit} and set public_url = \"https://HOST\" as the sender has it, or start with --public-url; \
                     if it still does not match, the secrets differ"
                ),
            ),
        ];
    }
    vec![
        row("cause", "most likely the sender signs with a different secret"),
        row("verdict", &verdict.reason),
        row("fix", agree),
    ]
}

/// Whether a signature was read and none of the secrets makes it, rather than that there was nothing to compare.
pub fn is_mismatch(verdict: &Verdict) -> bool {
    verdict.outcome == Outcome::Invalid && verdict.reason.starts_with("does not match")
}

/// What the doctor looked at in vain.
fn tried(page: Page) -> Vec<Line> {
    let Some(report) = page.diagnosis.map(|diagnosis| &diagnosis.report) else { return Vec::new() };
    if report.ruled_out.is_empty() {
        return Vec::new();
    }
    let body = &page.loaded.capture.request.body;
    let mut lines = vec![(Role::Good, format!("✓ body complete: {}", bytes_exact(body.total)))];
    lines.extend(page.loaded.facts.looks.iter().map(|looks| (Role::Good, format!("✓ {looks}"))));
    lines.extend(report.ruled_out.iter().map(|text| (Role::Text, format!("✗ {text}"))));
    let big = (!report.complete).then(|| (Role::Dim, "the body is so big that not everything was tried".to_owned()));
    lines.extend(big);
    let named = |(index, (role, text)): (usize, (Role, String))| {
        let name = if index == 0 { "tried" } else { "" };
        Line::new(Role::Key, format!("  {name:<10}")).and(role, text).hanging(14)
    };
    std::iter::once(Line::default()).chain(lines.into_iter().enumerate().map(named)).collect()
}

/// What a signature that holds covers: `the body and the time, signed 2 s before it arrived`.
pub fn covers_text(verdict: &Verdict) -> String {
    let covered = match (verdict.covers.body, verdict.covers.time) {
        (true, true) => "the body and the time",
        (true, false) => "the body, no time",
        (false, true) => "the time, not the body",
        (false, false) => "neither the body nor the time",
    };
    let age = verdict.age_s.map(|age| format!(", signed {age} s before it arrived")).unwrap_or_default();
    format!("{covered}{age}")
}

fn add_secret(page: Page) -> Vec<Line> {
    let capture = &page.loaded.capture;
    let scheme = capture.verdict.scheme.as_deref().unwrap_or_default();
    let name: String = scheme.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '-').collect();
    let edit = page.key(Action::Edit);
    let mut lines: Vec<Line> = page.loaded.facts.looks.iter().map(|looks| row("header", looks)).collect();
    lines.extend(capture.identity.sender.iter().map(|sender| row("sender", sender)));
    lines.push(row("fix", format!("press {edit} and add this, then save; every capture is checked again")));
    lines.push(Line::default());
    let path = capture.request.path();
    lines.extend(
        [
            "[secrets]".to_owned(),
            format!("{name} = \"the secret that the sender has\""),
            format!("# or: {name} = {{ file = \"{name}.secret\" }}"),
            String::new(),
            "[[expect]]  # if others use this path, too".to_owned(),
            format!("path = \"{path}\""),
            format!("scheme = \"{scheme}\""),
            format!("secret = \"{name}\""),
        ]
        .map(|text| Line::text(format!("              {text}"))),
    );
    lines.push(Line::default());
    lines.push(Line::new(Role::Dim, "  ? means unchecked, not wrong"));
    lines
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
        let besides = match (&facts.secret, verdict.outcome) {
            (Some(_), _) => "  (besides)",
            (None, Outcome::Invalid | Outcome::Stale) => "  (tried)",
            _ => "",
        };
        lines.push(row("secrets", format!("{}{besides}", others.join(", "))));
    }
    let told = verdict.mark() == Mark::Unchecked;
    if let Some(sender) = page.loaded.capture.identity.sender.as_ref().filter(|_| !told) {
        lines.push(row("sender", sender));
    }
    lines.extend(values(page));
    lines
}

/// The signature that came, and when asked for the one that was expected.
fn values(page: Page) -> Vec<Line> {
    let Some(values) = &page.loaded.facts.values else { return Vec::new() };
    let hidden = values.is_secret && !page.reveal;
    let received =
        if hidden { format!("hidden: {} shows it", page.key(Action::Reveal)) } else { values.received.clone() };
    if page.loaded.capture.verdict.outcome == Outcome::Valid {
        return vec![row("received", received)];
    }
    let expected = if page.reveal {
        format!("{} with secret {}", values.expected, values.secret)
    } else {
        let copy = page.look.keymap.copy_key(CopyKind::Signature).map(|key| key.to_string()).unwrap_or_default();
        let (show, menu, secret) = (page.key(Action::Reveal), page.key(Action::Copy), &values.secret);
        format!("hidden: {show} shows what secret {secret} makes, {menu}{copy} copies it")
    };
    vec![row("received", received), row("expected", expected)]
}
