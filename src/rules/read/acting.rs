//! Reading `run` and `forward`.

use std::time::Duration;

use super::Surroundings;
use crate::config::{ConfigError, Entry, parse_duration};
use crate::export::Url;
use crate::rules::task::{Onward, Task, command};
use crate::rules::template::{Text, is_template};
use crate::rules::{Passing, Rule};

pub(super) const RUN_KEYS: [&str; 8] =
    ["command", "shell", "directory", "environment", "time_limit", "at_once", "queue", "answer"];

pub(super) const FORWARD_KEYS: [&str; 9] =
    ["url", "path", "answer", "forwarded_headers", "sign_with", "retries", "backoff", "retry_on", "time_limit"];

pub(super) fn tasks(field: &Entry, around: &Surroundings) -> Result<Vec<Task>, ConfigError> {
    field.items().iter().map(|item| task(item, around)).collect()
}

fn task(item: &Entry, around: &Surroundings) -> Result<Task, ConfigError> {
    if !item.is_table() {
        return Err(item.wrong("must be a table with a `command`, like run = { command = [\"make\", \"deploy\"] }"));
    }
    let mut task = Task { argv: Vec::new(), command: command(around.directory.clone()), answers: false };
    for field in item.table()? {
        match field.name {
            "command" | "shell" if !task.argv.is_empty() => {
                return Err(field.wrong("is one of two: leave `command` or `shell` out"));
            }
            "command" => task.argv = argv(&field)?,
            "shell" => task.argv = shell(&field)?,
            "directory" => task.command.directory = around.directory.join(field.text()?),
            "environment" => task.command.environment = environment(&field)?,
            "time_limit" => task.command.time_limit = time_limit(&field)?,
            "at_once" => task.command.at_once = count(&field, 1..=256)?,
            "queue" => task.command.queue = count(&field, 0..=65_536)?,
            "answer" => task.answers = field.flag()?,
            _ => return Err(field.unknown("key of `run`", RUN_KEYS)),
        }
    }
    if task.argv.is_empty() { Err(item.wrong("needs a `command`, like [\"make\", \"deploy\"]")) } else { Ok(task) }
}

/// The program is a plain text, the arguments may be templates.
fn argv(field: &Entry) -> Result<Vec<Text>, ConfigError> {
    if !field.is_list() {
        return Err(field
            .wrong("must be a list of the program and its arguments; for a line that a shell reads there is `shell`"));
    }
    let items = field.items();
    match items.first().map(Entry::text).transpose()? {
        Some(program) if program.is_empty() || is_template(program) => {
            Err(field.wrong("must begin with the name of a program, which is not a template"))
        }
        _ => items.iter().map(argument).collect(),
    }
}

fn argument(item: &Entry) -> Result<Text, ConfigError> {
    let text = item.text()?;
    if text.contains('\0') {
        return Err(item.wrong("cannot have a NUL character in it"));
    }
    Text::new(text).map_err(|error| item.wrong(format_args!("is a template that cannot be read: {error}")))
}

/// What a shell reads is never made from a request.
fn shell(field: &Entry) -> Result<Vec<Text>, ConfigError> {
    let line = field.text()?;
    if line.trim().is_empty() || line.contains('\0') {
        return Err(field.wrong("must be a line for sh"));
    }
    if is_template(line) {
        return Err(field.wrong(
            "cannot be a template: what a request says would be run. It is in the environment, as \"$HOOKVIEW_PATH\"",
        ));
    }
    Ok(["sh", "-c", line].map(|word| Text::Plain(word.to_owned())).to_vec())
}

fn environment(field: &Entry) -> Result<Vec<(String, String)>, ConfigError> {
    let variable = |entry: &Entry| {
        if entry.name.is_empty() || entry.name.contains(['=', '\0']) || entry.text()?.contains('\0') {
            return Err(entry.wrong("is no variable of an environment"));
        }
        Ok((entry.name.to_owned(), entry.text()?.to_owned()))
    };
    field.table()?.iter().map(variable).collect()
}

fn time_limit(field: &Entry) -> Result<Duration, ConfigError> {
    let time = field.parsed(parse_duration)?;
    if time.is_zero() { Err(field.wrong("must be longer than no time")) } else { Ok(time) }
}

fn count(field: &Entry, range: std::ops::RangeInclusive<u64>) -> Result<usize, ConfigError> {
    Ok(usize::try_from(field.number(range)?).unwrap_or(usize::MAX))
}

/// A URL, or a table with one.
pub(super) fn onward(entry: &Entry) -> Result<Onward, ConfigError> {
    if entry.is_text() {
        return Ok(Onward::to(url(entry)?, Passing::Through));
    }
    let fields = entry.table()?;
    let place = fields.iter().find(|field| field.name == "url");
    let place = place.ok_or_else(|| entry.wrong("needs a `url`, like \"http://127.0.0.1:8080\""))?;
    let passing = fields.iter().find(|field| field.name == "answer").map_or(Ok(Passing::Through), passing)?;
    let mut onward = Onward::to(url(place)?, passing);
    for field in &fields {
        let forward = &mut onward.forward;
        match field.name {
            "url" | "answer" => {}
            "path" => onward.joins = joins(field)?,
            "forwarded_headers" => forward.forwarded_headers = field.flag()?,
            "sign_with" => forward.sign_with = Some(field.text()?.to_owned()),
            "retries" => forward.retries = u32::try_from(field.number(0..=100)?).unwrap_or_default(),
            "backoff" => forward.backoff = time_limit(field)?,
            "retry_on" => forward.retry_on = field.items().iter().map(status).collect::<Result<_, _>>()?,
            "time_limit" => forward.time_limit = time_limit(field)?,
            _ => return Err(field.unknown("key of `forward`", FORWARD_KEYS)),
        }
    }
    Ok(onward)
}

fn url(field: &Entry) -> Result<Url, ConfigError> {
    field.parsed(str::parse)
}

fn passing(field: &Entry) -> Result<Passing, ConfigError> {
    match field.text()? {
        "theirs" => Ok(Passing::Through),
        "ours" => Ok(Passing::Shown),
        word => Err(field.wrong(format_args!("cannot be {word:?}: it is \"theirs\" or \"ours\""))),
    }
}

fn joins(field: &Entry) -> Result<bool, ConfigError> {
    match field.text()? {
        "join" => Ok(true),
        "replace" => Ok(false),
        word => Err(field.wrong(format_args!("cannot be {word:?}: it is \"join\" or \"replace\""))),
    }
}

fn status(item: &Entry) -> Result<u16, ConfigError> {
    Ok(u16::try_from(item.number(100..=599)?).unwrap_or_default())
}

/// Refuses what would be answered twice.
pub(super) fn check_answers(row: &Entry, rule: &Rule) -> Result<(), ConfigError> {
    let theirs = rule.onward.as_ref().is_some_and(|onward| onward.forward.passing == Passing::Through);
    let outputs = rule.tasks.iter().filter(|task| task.answers).count();
    let bodies = rule.replies.iter().any(|reply| !reply.is_bare());
    match (theirs, outputs) {
        (true, 1..) => {
            Err(row.wrong("has two answers, that of `run` and that of `forward`: say answer = \"ours\" in one"))
        }
        (_, 2..) => Err(row.wrong("has two commands with answer = true: only one of them can be the answer")),
        (true, _) if !rule.replies.is_empty() && bodies => Err(row.wrong(
            "has two answers, its own and the target's: say answer = \"ours\" in `forward`, or leave `answer` out",
        )),
        _ => Ok(()),
    }
}
