//! Conditions as NetBox 4.7 evaluates them: paths that are checked by what they lead through, and snapshots.
//!
//! The snapshots stand in the data, beside the fields of the object. Sources: NetBox's documentation of conditions and
//! what its own evaluation answers.

use super::load::{Condition, no_text};
use super::looked::{Judged, Looked, field};
use super::operator::Operator;
use super::tree::Fault;
use crate::template::Value;

/// Whether a path can be walked; what it leads to, if anything; else why a value on it cannot be gone into.
type Walked = Result<Option<Value>, String>;

/// Judges a condition.
pub fn judge(condition: &Condition, looked: Looked<'_>) -> Judged {
    let Value::Str(path) = &condition.attr else {
        return Judged { found: None, met: Err(no_text(&condition.attr, "startswith")) };
    };
    if condition.op.compares_snapshots() {
        return changed(condition, path, looked);
    }
    let first = path.split('.').next().unwrap_or_default();
    if looked.is_absent && field(looked.data, first).is_none() {
        return Judged { found: None, met: Ok(false) };
    }
    let is_absent = is_absent_snapshot(path, looked.data);
    let found = match if is_absent { Ok(Some(Value::None)) } else { walk(looked.data, path, false) } {
        Ok(Some(found)) => found,
        Ok(None) => return invalid(format!("Invalid key path: {path}")),
        Err(reason) => return invalid(format!("Invalid key path: {path} ({reason})")),
    };
    let met = match condition.compare(looked, &found) {
        Err(fault) if is_absent && fault.is_invalid() => Ok(false),
        met => met,
    };
    Judged { met: met.map(|met| met != condition.negate), found: Some(found) }
}

fn invalid(message: String) -> Judged {
    Judged { found: None, met: Err(Fault::invalid(message)) }
}

/// Follows a path. A list on it stands for what its items have there, an empty one for nothing when so asked.
fn walk(value: &Value, path: &str, empty_is_nothing: bool) -> Walked {
    let mut value = value.clone();
    for key in path.split('.') {
        let next = match &value {
            Value::List(list) if list.is_empty() && empty_is_nothing => None,
            Value::List(list) => {
                let items: Option<Vec<_>> =
                    list.items().iter().map(|item| step(item, key)).collect::<Result<_, _>>()?;
                items.map(Value::list)
            }
            value => step(value, key)?,
        };
        match next {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

fn step(value: &Value, key: &str) -> Walked {
    match value {
        Value::None => Ok(None),
        Value::Dict(dict) => Ok(dict.get_str(key)),
        other => Err(format!("cannot resolve '{key}' within {}", other.class())),
    }
}

/// Whether a path leads into a snapshot that is null for this event, and fits the other one.
fn is_absent_snapshot(path: &str, data: &Value) -> bool {
    let mut parts = path.splitn(3, '.');
    let (Some("snapshots"), Some(which)) = (parts.next(), parts.next()) else { return false };
    let opposite = match which {
        "prechange" => "postchange",
        "postchange" => "prechange",
        _ => return false,
    };
    let Some(snapshots) = field(data, "snapshots") else { return false };
    if !field(&snapshots, which).is_some_and(|snapshot| snapshot.is_none()) {
        return false;
    }
    let rest = parts.next().filter(|rest| !rest.is_empty());
    match (rest, field(&snapshots, opposite).filter(|other| !other.is_none())) {
        (Some(rest), Some(other)) => matches!(walk(&other, rest, true), Ok(Some(_))),
        _ => true,
    }
}

/// Compares what a path leads to before and after the change.
fn changed(condition: &Condition, path: &str, looked: Looked<'_>) -> Judged {
    let op = condition.op.name();
    let useless = "Snapshot operators are only meaningful on update and delete events.";
    let Some(snapshots) = field(looked.data, "snapshots").filter(|value| matches!(value, Value::Dict(_))) else {
        return invalid(format!("No snapshot data available for '{op}' operator. {useless}"));
    };
    let sides = ["prechange", "postchange"].map(|side| field(&snapshots, side).filter(|side| !side.is_none()));
    if sides.iter().all(Option::is_none) {
        return invalid(format!("No snapshot data available for '{op}' operator: {path}. {useless}"));
    }
    let walked = sides.map(|side| side.map_or(Ok(None), |side| walk(&side, path, true)));
    let reason = walked.iter().find_map(|side| side.as_ref().err().map(|reason| format!(" ({reason})")));
    let [before, after] = walked.map(Result::unwrap_or_default);
    if before.is_none() && after.is_none() {
        return invalid(format!(
            "Invalid key path for '{op}' operator: {path}{}. The attribute resolves in neither snapshot. Note that snapshots \
             store raw field values, so choice fields have no '.value' suffix.",
            reason.unwrap_or_default()
        ));
    }
    let same = match (&before, &after) {
        (Some(before), Some(after)) => looked.python.equal(before, after).map_err(Fault::of),
        _ => Ok(false),
    };
    let met = same.map(|same| (same == (condition.op == Operator::Unchanged)) != condition.negate);
    Judged { found: Some(Value::list([before, after].map(|side| side.unwrap_or(Value::None)).into())), met }
}
