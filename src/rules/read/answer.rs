//! Reading `answer` and `fault`.

use std::path::{Component, Path};

use bytes::Bytes;

use super::Surroundings;
use crate::capture::Fault;
use crate::config::{ConfigError, Entry, parse_duration};
use crate::rules::delay::parse_delay;
use crate::rules::reply::{Body, PLAIN, Reply};
use crate::rules::template::Text;

pub(super) const KEYS: [&str; 11] =
    ["status", "headers", "body", "json", "template", "template_file", "file", "echo", "redirect", "delay", "fault"];

const BODIES: [&str; 6] = ["body", "json", "template", "template_file", "file", "echo"];

const FAULTS: [&str; 7] = ["close", "reset", "hang", "drip", "cut", "garbage", "no-continue"];

/// Header lines that say how an answer is framed: the receiver's.
const FRAMING: [&str; 5] = ["content-length", "transfer-encoding", "connection", "trailer", "upgrade"];

/// One answer, or a list of them that are given one after the other.
pub(super) fn replies(field: &Entry, around: &Surroundings) -> Result<Vec<Reply>, ConfigError> {
    match &field.items()[..] {
        [] => Err(field.wrong("is an empty list: write a status, or a table")),
        items => items.iter().map(|item| reply(item, around)).collect(),
    }
}

/// A bare answer: a status, and nothing else.
pub(super) fn bare(status: u16) -> Reply {
    Reply { status, headers: Vec::new(), body: Body::Empty, delay: None, fault: None }
}

fn reply(item: &Entry, around: &Surroundings) -> Result<Reply, ConfigError> {
    if item.is_number() {
        return Ok(bare(status(item)?));
    }
    if !item.is_table() {
        return Err(item.wrong("must be a status, a table like { status = 503, delay = \"2s\" }, or a list of them"));
    }
    let (mut reply, mut redirect) = (bare(200), false);
    let fields = item.table()?;
    for field in &fields {
        match field.name {
            "status" => reply.status = status(field)?,
            "headers" => reply.headers.extend(headers(field)?),
            "redirect" => {
                reply.headers.push(("Location".to_owned(), text(field)?));
                redirect = true;
            }
            "delay" => reply.delay = Some(field.parsed(parse_delay)?),
            "fault" => reply.fault = Some(fault(field)?),
            _ => reply.body = body(field, around)?,
        }
    }
    if redirect && !fields.iter().any(|field| field.name == "status") {
        reply.status = 302;
    }
    check(item, &fields, &reply)?;
    Ok(reply)
}

/// What the keys of an answer say together.
fn check(item: &Entry, fields: &[Entry], reply: &Reply) -> Result<(), ConfigError> {
    let has = |name: &str| fields.iter().find(|field| field.name == name);
    let bodies: Vec<&Entry> = fields.iter().filter(|field| BODIES.contains(&field.name)).collect();
    if let [first, second, ..] = bodies[..] {
        return Err(second.wrong(format_args!("and `{}` are two bodies: leave one of them out", first.name)));
    }
    if let (Some(body), 204 | 304) = (bodies.first(), reply.status) {
        return Err(body.wrong(format_args!("cannot be there: an answer {} has no body", reply.status)));
    }
    if let Some(status) = has("redirect").filter(|_| ![301, 302, 303, 307, 308].contains(&reply.status)) {
        return Err(status.wrong("needs a status of 301, 302, 303, 307 or 308"));
    }
    check_cut(item, reply)
}

fn check_cut(item: &Entry, reply: &Reply) -> Result<(), ConfigError> {
    let Some(Fault::Cut { after }) = reply.fault else { return Ok(()) };
    let length = match &reply.body {
        Body::Empty => 0,
        Body::Ok => 3,
        Body::Bytes(bytes, _) => bytes.len() as u64,
        _ => u64::MAX,
    };
    if after < length {
        return Ok(());
    }
    Err(item.wrong(format_args!("is cut after {after} bytes and has {length}: give it a longer body")))
}

fn status(entry: &Entry) -> Result<u16, ConfigError> {
    Ok(u16::try_from(entry.number(200..=599)?).unwrap_or_default())
}

fn headers(field: &Entry) -> Result<Vec<(String, Text)>, ConfigError> {
    let mut headers = Vec::new();
    for entry in field.table()? {
        check_name(entry.name).map_err(|problem| entry.wrong(problem))?;
        for item in entry.items() {
            headers.push((entry.name.to_owned(), text(&item)?));
        }
    }
    Ok(headers)
}

/// Why a header of this name cannot be answered with.
pub(in crate::rules) fn check_name(name: &str) -> Result<(), &'static str> {
    let is_token = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    match () {
        () if name.is_empty() || !name.chars().all(is_token) => Err("is not the name of a header"),
        () if FRAMING.contains(&name.to_ascii_lowercase().as_str()) => {
            Err("is hookview's own to say; for a wrong length there is fault = { cut = 10 }")
        }
        () => Ok(()),
    }
}

/// A line of text that may be a template; a number is one, too.
fn text(entry: &Entry) -> Result<Text, ConfigError> {
    let written = if entry.is_number() { entry.json().to_string() } else { entry.text()?.to_owned() };
    if written.chars().any(char::is_control) {
        return Err(entry.wrong("must be one line"));
    }
    Text::new(&written).map_err(|error| entry.wrong(format_args!("is a template that cannot be read: {error}")))
}

fn body(field: &Entry, around: &Surroundings) -> Result<Body, ConfigError> {
    let made = |text: &str| {
        let text = Text::template(text);
        text.map(Body::Made).map_err(|error| field.wrong(format_args!("cannot be read: {error}")))
    };
    match field.name {
        "body" => Ok(Body::Bytes(Bytes::from(field.text()?.to_owned()), PLAIN.to_owned())),
        "json" => Ok(Body::Bytes(field.json().to_string().into(), "application/json".to_owned())),
        "template" => made(field.text()?),
        "template_file" => made(&around.read(field)?),
        "file" => file(field, around),
        "echo" if field.flag()? => Ok(Body::Echo),
        "echo" => Ok(Body::Empty),
        _ => Err(field.unknown("key of `answer`", KEYS)),
    }
}

/// A file below the directory of the rules. Whether links lead out of it, is seen when it is opened.
fn file(field: &Entry, around: &Surroundings) -> Result<Body, ConfigError> {
    let name = Path::new(field.text()?);
    let inside = name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside || name.as_os_str().is_empty() {
        return Err(field.wrong("must be a file below the directory of the rules file, named from there"));
    }
    Ok(Body::File { path: around.directory.join(name), within: around.directory.clone() })
}

pub(super) fn fault(field: &Entry) -> Result<Fault, ConfigError> {
    if field.is_table() {
        return match &field.table()?[..] {
            [one] if one.name == "drip" => {
                let pause = one.parsed(parse_duration)?;
                Ok(Fault::Drip { pause_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) })
            }
            [one] if one.name == "cut" => Ok(Fault::Cut { after: one.number(0..=u64::MAX)? }),
            _ => Err(field.wrong("must be { drip = \"100ms\" } or { cut = 10 }")),
        };
    }
    match field.text()? {
        "close" => Ok(Fault::Close),
        "reset" => Ok(Fault::Reset),
        "hang" => Ok(Fault::Hang),
        "drip" => Ok(Fault::Drip { pause_ms: 100 }),
        "cut" => Err(field.wrong("needs the number of bytes that are sent, like { cut = 10 }")),
        "garbage" => Ok(Fault::Garbage),
        "no-continue" => Ok(Fault::NoContinue),
        word => {
            let near = crate::config::nearest(word, FAULTS).map(|near| format!(", did you mean \"{near}\"?"));
            let hint = near.unwrap_or_else(|| format!("; there are {}", FAULTS.join(", ")));
            Err(field.wrong(format_args!("cannot be {word:?}{hint}")))
        }
    }
}

/// The fault of a rule is that of each answer which has none of its own.
pub(super) fn add_fault(field: &Entry, replies: &mut Vec<Reply>, fault: Fault) -> Result<(), ConfigError> {
    if replies.is_empty() {
        replies.push(Reply::default());
    }
    for reply in replies {
        reply.fault = reply.fault.or(Some(fault));
        check_cut(field, reply)?;
    }
    Ok(())
}
