//! The text of a rule that answers requests like a captured one.

use std::fmt::Write as _;
use std::time::Duration;

use super::read::check_name;
use super::reply::PLAIN;
use crate::capture::{Answer, Capture, Fault};
use crate::config::format_duration;
use crate::inspect::is_hidden;

/// The longest body of an answer that is written into a rule, in bytes.
const LONGEST: usize = 4096;

/// TOML text of a rule that matches requests like this one and answers them as it was, to be edited. It is one that can
/// be read, whatever the request has in it.
pub fn rule_for(capture: &Capture) -> String {
    let method = capture.request.method_text();
    let path = capture.request.path();
    let mut text = format!("[[rule]]\nname = {}\n", quoted(&name(capture, &path)));
    let _ = writeln!(text, "when.method = {}", quoted(&method));
    let _ = writeln!(text, "when.path = {}", pattern(&path));
    let fault = capture.answer.as_ref().and_then(|answer| answer.play.fault);
    // What is withheld before there is a body cannot depend on who sent it.
    if let Some(sender) = capture.identity.sender.as_ref().filter(|_| fault != Some(Fault::NoContinue)) {
        let _ = writeln!(text, "when.sender = {}", quoted(sender));
    }
    text.push_str("# when.first = 2\n");
    answer(&mut text, capture.answer.as_ref());
    text
}

/// `post-hooks-pm-17`
fn name(capture: &Capture, path: &str) -> String {
    let whole = format!("{}-{path}-{}", capture.request.method_text(), capture.id.0).to_lowercase();
    let words: Vec<&str> =
        whole.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    crate::inspect::cut_middle(&words.join("-"), 40)
}

/// The path as a pattern; one that would mean something else as one, as an expression.
fn pattern(path: &str) -> String {
    let plain = path.starts_with('/') && !path.contains(['*', '{', '}', '#', '%']);
    if plain { quoted(path) } else { format!("{{ regex = {} }}", quoted(&format!("^{}$", regex::escape(path)))) }
}

fn answer(text: &mut String, answer: Option<&Answer>) {
    let status = answer.map_or(200, |answer| answer.status);
    let _ = writeln!(text, "answer.status = {}", if (200..600).contains(&status) { status } else { 200 });
    let body = answer.and_then(|answer| std::str::from_utf8(&answer.body).ok()).unwrap_or_default();
    let has_body = !body.is_empty() && body.len() <= LONGEST && !matches!(status, 204 | 304);
    if has_body {
        let _ = writeln!(text, "answer.body = {}", quoted(body));
    }
    headers(text, answer, has_body);
    let play = answer.map(|answer| answer.play).unwrap_or_default();
    let delay = (play.delay_ms > 0).then(|| quoted(&format_duration(play.delay())));
    // Where there is no body, there is nothing to be cut.
    let fault = play.fault.filter(|fault| has_body || !matches!(fault, Fault::Cut { .. })).map(fault_text);
    let _ = match delay {
        Some(delay) => writeln!(text, "answer.delay = {delay}"),
        None => writeln!(text, "# answer.delay = \"2s\""),
    };
    let _ = match fault {
        Some(fault) => writeln!(text, "fault = {fault}"),
        None => writeln!(text, "# fault = \"reset\""),
    };
}

/// The header lines of the answer, less those that a rule has without being told, and those that it cannot have.
fn headers(text: &mut String, answer: Option<&Answer>, has_body: bool) {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for header in answer.iter().flat_map(|answer| &answer.headers) {
        let (name, value) = (header.name_text().into_owned(), std::str::from_utf8(&header.value));
        let Ok(value) = value else { continue };
        let is_usual = header.is("content-type") && (!has_body || value == PLAIN);
        if is_usual || check_name(&name).is_err() || value.chars().any(char::is_control) {
            continue;
        }
        match lines.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => values.push(literal(value)),
            None => lines.push((name, vec![literal(value)])),
        }
    }
    for (name, values) in lines {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        let value = if let [value] = &values[..] { value.clone() } else { format!("[{}]", values.join(", ")) };
        let _ = writeln!(text, "answer.headers.{} = {value}", quoted(&name));
    }
}

/// A text that is no template, whatever is in it: what would begin one is written as a string of one.
fn literal(text: &str) -> String {
    let is_plain = !["{{", "{%", "{#"].iter().any(|start| text.contains(start));
    if is_plain { text.to_owned() } else { text.replace('{', "{{ '{' }}") }
}

fn fault_text(fault: Fault) -> String {
    match fault {
        Fault::Close => quoted("close"),
        Fault::Reset => quoted("reset"),
        Fault::Hang => quoted("hang"),
        Fault::Drip { pause_ms } => {
            format!("{{ drip = {} }}", quoted(&format_duration(Duration::from_millis(pause_ms))))
        }
        Fault::Cut { after } => format!("{{ cut = {after} }}"),
        Fault::Garbage => quoted("garbage"),
        Fault::NoContinue => quoted("no-continue"),
    }
}

/// A basic string of TOML on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if char.is_control() || is_hidden(char) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(char));
            }
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
