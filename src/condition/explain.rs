//! What was probably meant: the usual mistakes in conditions, named.

use super::System;
use super::load::Condition;
use super::looked::Looked;
use super::operator::Operator;
use super::path::follow;
use super::regex::Pattern;
use super::shown;
use super::tree::{Leaf, Outcome};
use crate::config::nearest;
use crate::template::Value;

/// Where the path of a condition breaks, or what was probably meant, unless the condition is simply met.
pub fn hint(condition: &Condition, leaf: &Leaf, looked: Looked<'_>) -> Option<String> {
    let path = condition.attr.as_text()?;
    if condition.op.compares_snapshots() {
        return raw(path, leaf);
    }
    if let Some(misplaced) = misplaced(path, looked) {
        return Some(misplaced);
    }
    if leaf.outcome == Outcome::Known(true) && !condition.negate {
        return None;
    }
    broken(path, looked).or_else(|| mistaken(condition, leaf.found.as_ref()?))
}

/// Snapshots have the bare value where the object has one with a label.
fn raw(path: &str, leaf: &Leaf) -> Option<String> {
    let bare = path.strip_suffix(".value").or_else(|| path.strip_suffix(".label"))?;
    matches!(leaf.outcome, Outcome::Fault(_)).then(|| format!("snapshots hold bare values: write {bare}"))
}

/// Paths that begin outside of the object.
fn misplaced(path: &str, looked: Looked<'_>) -> Option<String> {
    let first = path.split('.').next()?;
    if has(looked.data, first) {
        return None;
    }
    match first {
        "data" => {
            let rest = path.strip_prefix("data.").unwrap_or("the field itself");
            Some(format!("conditions look at the object alone: write {rest}, without data"))
        }
        "snapshots" if looked.system == System::NetBox47 => Some("there are no snapshots in this context".to_owned()),
        "snapshots" => Some(format!("{} gives conditions no snapshots, only the object", looked.system.name())),
        "event" | "model" | "object_type" | "username" | "request_id" | "timestamp" | "request" => {
            Some(format!("{first} stands beside the object in the body: conditions look at the object alone"))
        }
        _ => None,
    }
}

/// The first part of a path that is not there.
fn broken(path: &str, looked: Looked<'_>) -> Option<String> {
    let parts: Vec<&str> = path.split('.').collect();
    let (mut value, mut known) = (looked.data.clone(), String::new());
    for part in parts {
        let items = match &value {
            Value::List(list) => list.items(),
            other => vec![other.clone()],
        };
        if items.iter().any(|item| !has(item, part)) {
            return Some(gap(&known, part, &items, matches!(value, Value::List(_))));
        }
        value = follow(System::PeeringManager, &value, part).ok()?;
        known = if known.is_empty() { part.to_owned() } else { format!("{known}.{part}") };
    }
    None
}

fn gap(known: &str, part: &str, items: &[Value], is_list: bool) -> String {
    let place = if known.is_empty() { "the object".to_owned() } else { known.to_owned() };
    let Some(item) = items.iter().find(|item| !has(item, part)) else { return String::new() };
    match item {
        Value::Dict(dict) => {
            let names: Vec<String> = dict.pairs().iter().map(|(key, _)| shown(key)).collect();
            let meant = nearest(part, names.iter().map(String::as_str));
            let meant = meant.map(|name| format!(": did you mean {name}?")).unwrap_or_default();
            let whose = if is_list { format!("an item of {place}") } else { place };
            format!("{whose} has no {part}{meant}")
        }
        Value::None => format!("{place} is null here, so that there is no {part} in it"),
        other => format!("{place} is {}, there is no {part} in it", words(other)),
    }
}

fn has(item: &Value, key: &str) -> bool {
    matches!(item, Value::Dict(dict) if dict.get_str(key).is_some())
}

/// The path leads somewhere, but not to what the value was made for.
fn mistaken(condition: &Condition, found: &Value) -> Option<String> {
    let (path, wanted) = (shown(&condition.attr), condition.value.as_ref()?);
    match (found, wanted, condition.op) {
        (Value::Dict(_), wanted, Operator::Eq | Operator::In | Operator::Regex)
            if !matches!(wanted, Value::Dict(_)) =>
        {
            ["value", "slug", "name", "id"]
                .iter()
                .find(|key| has(found, key))
                .map(|key| format!("{path} is an object: use {path}.{key}"))
        }
        (Value::List(list), Value::Str(_) | Value::Int(_), Operator::Contains | Operator::Eq) => {
            let item = list.get(0)?;
            let keys: Vec<&str> = ["name", "slug", "id"].into_iter().filter(|key| has(&item, key)).collect();
            match &keys[..] {
                [] if condition.op == Operator::Eq => Some(format!("{path} is a list: use contains")),
                [] => None,
                [one] => Some(format!("{path} holds objects: use {path}.{one}")),
                [one, two, ..] => Some(format!("{path} holds objects: use {path}.{one} or {path}.{two}")),
            }
        }
        (Value::Str(text), Value::Str(pattern), Operator::Regex) => unanchored(text, pattern),
        (Value::Str(text), Value::Str(wanted), Operator::Eq) if text.to_lowercase() == wanted.to_lowercase() => {
            Some("only the case differs".to_owned())
        }
        (Value::None, _, Operator::Eq | Operator::In) => None,
        (found, wanted, Operator::Eq | Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte)
            if words(found) != words(wanted) && !matches!(wanted, Value::None) =>
        {
            Some(format!("{path} is {}, the value is {}", words(found), words(wanted)))
        }
        _ => None,
    }
}

/// The pattern would match further on: Python's `re.match` begins at the start.
fn unanchored(text: &str, pattern: &str) -> Option<String> {
    let anywhere = Pattern::parse(&format!("(?s:.*?)(?:{pattern})")).ok()?;
    let found = anywhere.matches(text).ok()?;
    found.then(|| "it matches further on, but only the start is looked at: begin the pattern with .*".to_owned())
}

/// What sort of thing a value is, in the words of JSON.
fn words(value: &Value) -> &'static str {
    match value {
        Value::None => "null",
        Value::Bool(_) => "true or false",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::Str(_) => "text",
        Value::List(_) => "a list",
        _ => "an object",
    }
}
