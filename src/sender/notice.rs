//! What the reader of a payload should know first: that it is an error message, broken, or not what it claims.
//!
//! Peering Manager turns a failing template into the body (or into a header's name), signs it and sends it. Facts
//! from recorded webhooks of Peering Manager 1.10.

use crate::capture::Notice;

use super::flaw;
use super::known::Seen;
use super::outline::shortened;
use super::payload::{Declared, Looks};
use super::title::Alarmed;

/// How a Jinja syntax error begins that Peering Manager renders in place of a template.
const SYNTAX_ERROR: &str = "Syntax error in template at line ";

const TRACEBACK: &str = "Traceback (most recent call last):";

/// Digits of a line's number at most.
const LINE_DIGITS: usize = 9;

const PEERING_MANAGER: &str = "Peering Manager";

/// A notice, and what it does to the title.
pub(super) struct Alarm {
    pub notice: Notice,
    pub title: Alarmed,
}

/// The worst that there is to say about the payload.
pub(super) fn alarm(seen: &Seen, sender: Option<&str>) -> Option<Alarm> {
    template_error(seen, sender)
        .or_else(|| header_error(seen))
        .or_else(|| redirected(seen))
        .or_else(|| empty(seen, sender))
        .or_else(|| mismatch(seen))
        .or_else(|| invalid_json(seen, sender))
        .or_else(|| encoding(seen))
}

fn alarmed(title: Alarmed, headline: &str, lines: impl IntoIterator<Item = String>) -> Alarm {
    Alarm { notice: Notice { headline: headline.to_owned(), lines: lines.into_iter().collect() }, title }
}

/// Where to mend a body template, for those whose menus are known.
fn body_template(sender: Option<&str>) -> Option<String> {
    (sender == Some(PEERING_MANAGER)).then(|| "Fix it under Operations > Webhooks > Body template.".to_owned())
}

/// How a template failed.
struct Failure<'a> {
    /// The template's line, from one.
    line: Option<&'a str>,
    message: &'a str,
}

impl Failure<'_> {
    fn sentence(&self, what: &str) -> String {
        match self.line {
            Some(line) => format!("{what} failed at line {line}: {}", self.message),
            None => format!("{what} failed: {}", self.message),
        }
    }
}

fn template_error(seen: &Seen, sender: Option<&str>) -> Option<Alarm> {
    let text = seen.payload.text.trim_ascii();
    if ![SYNTAX_ERROR, TRACEBACK].iter().any(|start| text.starts_with(start.as_bytes())) {
        return None;
    }
    let text = String::from_utf8_lossy(text);
    let failure = syntax_error(&text).or_else(|| traceback(&text))?;
    if failure.line.is_none() && sender != Some(PEERING_MANAGER) {
        let title = Alarmed::Instead("! Python traceback".to_owned());
        return Some(alarmed(title, "This body is a Python traceback, not a payload.", [failure.message.to_owned()]));
    }
    let headline = match sender {
        Some(sender) => format!("This body is an error message from {sender}'s own body template."),
        None => "This body is an error message from the sender's own body template.".to_owned(),
    };
    let title = failure.line.map_or("! template error".to_owned(), |line| format!("! template error, line {line}"));
    let lines = [Some(failure.sentence("Its template")), body_template(sender)];
    Some(alarmed(Alarmed::Instead(title), &headline, lines.into_iter().flatten()))
}

/// `Syntax error in template at line 2: unexpected '}'`
fn syntax_error(text: &str) -> Option<Failure<'_>> {
    let (line, message) = text.strip_prefix(SYNTAX_ERROR)?.split_once(':')?;
    let is_number = (1..=LINE_DIGITS).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Failure { line: Some(line), message: shortened(message.trim()) })
}

/// The last line of a traceback is the error; the last frame in `<template>` is where the template was.
fn traceback(text: &str) -> Option<Failure<'_>> {
    let frames = text.strip_prefix(TRACEBACK)?;
    let line = frames.rsplit_once("File \"<template>\", line ").map(|(_, rest)| {
        let digits = rest.bytes().take(LINE_DIGITS).take_while(u8::is_ascii_digit).count();
        &rest[..digits]
    });
    let error = frames.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let message = match error.split_once(": ") {
        Some((class, message)) if class.starts_with("jinja2.exceptions.") => message,
        _ => error,
    };
    Some(Failure { line: line.filter(|line| !line.is_empty()), message: shortened(message) })
}

/// A failing template of the additional headers leaves a header that is named like its error.
fn header_error(seen: &Seen) -> Option<Alarm> {
    let header = seen.request.headers.iter().find(|header| header.name.starts_with(SYNTAX_ERROR.as_bytes()))?;
    let whole = format!("{}: {}", header.name_text(), String::from_utf8_lossy(&header.value));
    let failure = syntax_error(&whole)?;
    let lines = [
        failure.sentence("The template of its additional headers"),
        "Fix it under Operations > Webhooks > Additional headers.".to_owned(),
    ];
    Some(alarmed(
        Alarmed::No,
        "A header of this request is an error message from Peering Manager's own template.",
        lines,
    ))
}

/// The library that Peering Manager and NetBox send with drops body and content type when it follows a redirect, but
/// not the signature. A GET webhook whose template rendered to nothing keeps its content type.
fn redirected(seen: &Seen) -> Option<Alarm> {
    let headers = &seen.request.headers;
    let bare = is_bodiless(seen) && !headers.has("content-type") && !headers.has("content-length");
    if !(bare && seen.payload.looks == Looks::Empty && headers.has("x-hook-signature")) {
        return None;
    }
    let lines = [
        "Its sender was answered 301, 302 or 303 elsewhere and followed with a bare GET.".to_owned(),
        "The signature is that of the lost body and cannot match. Give the webhook its final URL.".to_owned(),
    ];
    let title = Alarmed::Instead("! redirected, body lost".to_owned());
    Some(alarmed(title, "This GET is what a redirect left of a webhook: the body is lost.", lines))
}

fn empty(seen: &Seen, sender: Option<&str>) -> Option<Alarm> {
    let payload = seen.payload;
    let expected = !is_bodiless(seen) || seen.request.headers.has("x-hook-signature");
    if payload.declared != Declared::Json || payload.looks != Looks::Empty || payload.cut || !expected {
        return None;
    }
    let rendered = sender.map(|_| "Its body template rendered to nothing.".to_owned());
    let lines = rendered.into_iter().chain(body_template(sender));
    Some(alarmed(Alarmed::No, "The body is empty, although its content type says JSON.", lines))
}

/// Whether nobody expects a body with this method.
fn is_bodiless(seen: &Seen) -> bool {
    matches!(&seen.request.method[..], b"GET" | b"HEAD" | b"DELETE" | b"OPTIONS")
}

fn mismatch(seen: &Seen) -> Option<Alarm> {
    let encoded = seen.header("content-encoding").is_some();
    let (claim, looks) = match (seen.payload.declared, seen.payload.looks) {
        (Declared::Json, Looks::Xml) => ("JSON", "looks like XML or HTML"),
        (Declared::Json, Looks::Form) => ("JSON", "looks like a form"),
        (Declared::Json, Looks::Opaque) if !encoded => ("JSON", "is binary, or text in UTF-16"),
        (Declared::Form, Looks::Json) => ("a form", "looks like JSON"),
        (Declared::Xml, Looks::Json) => ("XML", "looks like JSON"),
        _ => return None,
    };
    let from_curl = seen.header("user-agent").is_some_and(|agent| agent.starts_with("curl/"));
    let hint = (from_curl && claim == "a form")
        .then(|| "curl -d says so unless told otherwise: add -H 'Content-Type: application/json'.".to_owned());
    Some(alarmed(Alarmed::No, &format!("The content type says {claim}, but the body {looks}."), hint))
}

fn invalid_json(seen: &Seen, sender: Option<&str>) -> Option<Alarm> {
    let error = seen.error.filter(|error| flaw::is_flaw(error) && !(error.is_eof() && seen.payload.cut))?;
    if seen.payload.declared != Declared::Json {
        return None;
    }
    let flaw = flaw::find(&seen.payload.text, error);
    let place = format!("Line {}, column {}: {}.", flaw.line, flaw.column, flaw.cause);
    let lines = std::iter::once(place).chain(body_template(sender));
    Some(alarmed(
        Alarmed::Before("! invalid JSON"),
        "This body is not valid JSON, although its content type says so.",
        lines,
    ))
}

fn encoding(seen: &Seen) -> Option<Alarm> {
    let payload = seen.payload;
    if payload.declared != Declared::Json || payload.looks == Looks::Opaque {
        return None;
    }
    if payload.marked {
        let hint = "JSON must not have one, and many readers refuse it.".to_owned();
        return Some(alarmed(Alarmed::No, "The body begins with a byte order mark.", [hint]));
    }
    let error = std::str::from_utf8(&payload.text).err().filter(|error| error.error_len().is_some() || !payload.cut)?;
    let at = error.valid_up_to();
    let place =
        format!("The first odd byte is 0x{:02X}, at offset {at}.", payload.text.get(at).copied().unwrap_or_default());
    Some(alarmed(Alarmed::No, "The body is not UTF-8, as JSON must be.", [place]))
}
