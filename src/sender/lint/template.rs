//! Templates that failed. Peering Manager turns a failing template into the body (or into a header's name), signs it and sends it. Facts
//! from recorded webhooks of Peering Manager 1.10.

use crate::capture::Lint;

use super::{Alarm, PEERING_MANAGER, alarmed, body_template};
use crate::sender::known::Seen;
use crate::sender::outline::shortened;
use crate::sender::title::Alarmed;

/// How a Jinja syntax error begins that Peering Manager renders in place of a template.
const SYNTAX_ERROR: &str = "Syntax error in template at line ";

const TRACEBACK: &str = "Traceback (most recent call last):";

/// Digits of a line's number at most.
const LINE_DIGITS: usize = 9;

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

pub(super) fn template_error(seen: &Seen, sender: Option<&str>) -> Option<Alarm> {
    let text = seen.payload.text.trim_ascii();
    if ![SYNTAX_ERROR, TRACEBACK].iter().any(|start| text.starts_with(start.as_bytes())) {
        return None;
    }
    let text = String::from_utf8_lossy(text);
    let failure = syntax_error(&text).or_else(|| traceback(&text))?;
    if failure.line.is_none() && sender != Some(PEERING_MANAGER) {
        let title = Alarmed::Instead("! Python traceback".to_owned());
        let lines = [failure.message.to_owned()];
        return Some(alarmed(Lint::Traceback, title, "This body is a Python traceback, not a payload.", lines));
    }
    let headline = match sender {
        Some(sender) => format!("This body is an error message from {sender}'s own body template."),
        None => "This body is an error message from the sender's own body template.".to_owned(),
    };
    let title = failure.line.map_or("! template error".to_owned(), |line| format!("! template error, line {line}"));
    let lines = [Some(failure.sentence("Its template")), body_template(sender)];
    Some(alarmed(Lint::TemplateError, Alarmed::Instead(title), &headline, lines.into_iter().flatten()))
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
pub(super) fn header_error(seen: &Seen) -> Option<Alarm> {
    let header = seen.request.headers.iter().find(|header| header.name.starts_with(SYNTAX_ERROR.as_bytes()))?;
    let whole = format!("{}: {}", header.name_text(), String::from_utf8_lossy(&header.value));
    let failure = syntax_error(&whole)?;
    let lines = [
        failure.sentence("The template of its additional headers"),
        "Fix it under Operations > Webhooks > Additional headers.".to_owned(),
    ];
    Some(alarmed(
        Lint::HeaderTemplateError,
        Alarmed::No,
        "A header of this request is an error message from Peering Manager's own template.",
        lines,
    ))
}
