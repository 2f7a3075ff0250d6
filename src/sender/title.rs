//! The one line that tells a capture from its neighbours.

use super::known::{Account, Seen};
use super::payload::Looks;

/// Characters of a title at most.
const LENGTH: usize = 200;

/// What an alarm does to the title.
pub(super) enum Alarmed {
    /// Nothing.
    No,
    /// These words come before it.
    Before(&'static str),
    /// These words take its place.
    Instead(String),
}

/// The title: what the payload says it is, else what can be said of the request.
pub(super) fn title(seen: &Seen, account: &Account, alarmed: Option<&Alarmed>) -> String {
    let usual = || told(account).unwrap_or_else(|| untold(seen));
    one_line(&match alarmed {
        Some(Alarmed::Instead(words)) => words.clone(),
        Some(Alarmed::Before(words)) => format!("{words}  {}", told(account).unwrap_or_else(|| beginning(seen))),
        Some(Alarmed::No) | None => usual(),
    })
}

/// Event, name, and behind two blanks the place; nothing when there is neither event nor name.
fn told(account: &Account) -> Option<String> {
    let mut line =
        [account.event.as_deref(), account.name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return None;
    }
    if let Some(place) = &account.place {
        line.push_str("  ");
        line.push_str(place);
    }
    Some(line)
}

/// The path unless it says nothing, then how the body begins, or who sent none.
fn untold(seen: &Seen) -> String {
    if seen.request.method.is_empty() {
        return format!("not HTTP: {}", String::from_utf8_lossy(start(&seen.request.head)));
    }
    let what = if seen.payload.looks == Looks::Empty { bodiless(seen) } else { beginning(seen) };
    let path = seen.request.path();
    if path == "/" { what } else { format!("{path}  {what}") }
}

/// `no body, curl/8.5.0`
fn bodiless(seen: &Seen) -> String {
    let what = if seen.request.body.bytes.is_empty() { "no body" } else { "blank body" };
    seen.header("user-agent").map_or_else(|| what.to_owned(), |agent| format!("{what}, {agent}"))
}

fn beginning(seen: &Seen) -> String {
    let text = &seen.payload.text;
    match seen.payload.looks {
        Looks::Opaque => {
            seen.header("content-encoding").map_or("binary body".to_owned(), |coding| format!("{coding} body"))
        }
        Looks::Form => form(text),
        Looks::Xml => String::from_utf8_lossy(start(behind_prolog(text))).into_owned(),
        _ => String::from_utf8_lossy(start(text)).into_owned(),
    }
}

/// `a=1 b=two words`
fn form(text: &[u8]) -> String {
    let fields = form_urlencoded::parse(start(text)).take(8);
    let shown = fields.map(|(key, value)| if value.is_empty() { key.into_owned() } else { format!("{key}={value}") });
    shown.collect::<Vec<_>>().join(" ")
}

fn behind_prolog(xml: &[u8]) -> &[u8] {
    let end =
        xml.trim_ascii_start().starts_with(b"<?xml").then(|| xml.windows(2).take(200).position(|two| two == b"?>"));
    end.flatten().map_or(xml, |end| &xml[end + 2..])
}

/// Bytes that are enough for a title.
fn start(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.trim_ascii_start();
    &bytes[..bytes.len().min(4 * LENGTH)]
}

/// A line break, and the white space behind it, becomes one blank. Other white space stays as it is: two blanks can be
/// where a template's variable vanished.
fn one_line(text: &str) -> String {
    let is_break = |character| matches!(character, '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut line = String::with_capacity(text.len().min(4 * LENGTH));
    let mut broken = false;
    for character in text.trim().chars().take(LENGTH) {
        let was_broken = broken;
        broken = is_break(character) || (broken && character == ' ');
        match (was_broken, broken) {
            (true, true) => {}
            (false, true) => line.push(' '),
            (_, false) => line.push(character),
        }
    }
    line.truncate(line.trim_end().len());
    line
}
