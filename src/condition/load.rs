//! Reading conditions, refusing what the system refuses.

use super::System;
use super::operator::Operator;
use super::shown;
use super::tree::{Fault, Logic};
use crate::template::{self, Python, Value};

/// Sets nested deeper are not looked into.
const DEEPEST: usize = 100;

/// Conditions that a system accepts.
#[derive(Debug)]
pub struct Conditions {
    pub(super) system: System,
    pub(super) root: Part,
}

/// A set or a condition.
#[derive(Debug)]
pub(super) enum Part {
    Set(Logic, Vec<Part>),
    Condition(Condition),
}

#[derive(Debug)]
pub(super) struct Condition {
    pub attr: Value,
    pub op: Operator,
    /// Nothing for the operators that compare snapshots.
    pub value: Option<Value>,
    pub negate: bool,
}

/// Why conditions are none.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// They are no JSON.
    #[error("the conditions are not JSON: {0}")]
    Json(String),
    /// The system refuses them when it evaluates them.
    #[error("{} refuses these conditions: {}: {}", .0.name(), .1.kind, .1.message)]
    Refused(System, Fault),
}

impl Conditions {
    /// Reads conditions from JSON.
    pub fn load(system: System, json: &[u8]) -> Result<Self, LoadError> {
        let value = template::value_from_json(json).map_err(|error| LoadError::Json(error.to_string()))?;
        Self::from_value(system, &value).map_err(|fault| LoadError::Refused(system, fault))
    }

    /// The same from JSON that was read already.
    pub fn from_value(system: System, value: &Value) -> Result<Self, Fault> {
        Ok(Self { system, root: set(system, value, 0)? })
    }
}

fn value_error(message: impl Into<String>) -> Fault {
    Fault::new("ValueError", message)
}

fn type_error(message: impl Into<String>) -> Fault {
    Fault::new("TypeError", message)
}

/// `ConditionSet(ruleset)`.
fn set(system: System, ruleset: &Value, depth: usize) -> Result<Part, Fault> {
    if depth > DEEPEST {
        return Err(Fault::refused("conditions that are nested so deeply"));
    }
    let Value::Dict(dict) = ruleset else {
        return Err(value_error(format!("Ruleset must be a dictionary, not <class '{}'>.", ruleset.class())));
    };
    let entries = dict.pairs();
    let [(key, _)] = &entries[..] else {
        return several_keys(system, ruleset, &entries);
    };
    let written = key.as_text().map(ToString::to_string).unwrap_or_default();
    let logic = match written.to_lowercase().as_str() {
        "and" => Logic::And,
        "or" => Logic::Or,
        _ if system == System::PeeringManager => {
            return Err(value_error(format!("Invalid logic type: {written} (must be 'and' or 'or')")));
        }
        _ => return Err(value_error("Invalid logic type: must be 'AND' or 'OR'. Please check documentation.")),
    };
    // The rules are looked up under the name in lower case, so that `AND` is accepted and then not found.
    let name = if logic == Logic::And { "and" } else { "or" };
    let rules = entries.iter().find(|(key, _)| key.as_text().is_some_and(|key| **key == *name));
    let (_, rules) = rules.ok_or_else(|| Fault::new("KeyError", format!("'{name}'")))?;
    let parts = items(rules)?.iter().map(|rule| part(system, rule, depth)).collect::<Result<_, _>>()?;
    Ok(Part::Set(logic, parts))
}

/// A ruleset of no or several keys: NetBox takes it for a condition.
fn several_keys(system: System, ruleset: &Value, entries: &[(Value, Value)]) -> Result<Part, Fault> {
    if system == System::PeeringManager {
        let found = entries.len();
        return Err(value_error(format!("Ruleset must have exactly one logical operator (found {found})")));
    }
    condition(system, ruleset).map_err(|fault| match fault.kind.as_str() {
        "TypeError" => value_error("Incorrect key(s) informed. Please check documentation."),
        _ => fault,
    })
}

/// What Python's `for` gives.
fn items(rules: &Value) -> Result<Vec<Value>, Fault> {
    match rules {
        Value::List(list) => Ok(list.items()),
        Value::Dict(dict) => Ok(dict.pairs().into_iter().map(|(key, _)| key).collect()),
        Value::Str(text) => Ok(text.chars().map(|char| Value::str(char.to_string())).collect()),
        other => Err(type_error(format!("'{}' object is not iterable", other.class()))),
    }
}

/// A set where there is a dict with the one key `and` or `or`, else a condition.
fn part(system: System, rule: &Value, depth: usize) -> Result<Part, Fault> {
    let is_logic = |key: &Value| key.as_text().is_some_and(|key| matches!(&**key, "and" | "or"));
    match rule {
        Value::Dict(dict) if dict.len() == 1 && dict.pairs().iter().all(|(key, _)| is_logic(key)) => {
            set(system, rule, depth + 1)
        }
        rule => condition(system, rule),
    }
}

/// `Condition(**rule)`.
fn condition(system: System, rule: &Value) -> Result<Part, Fault> {
    let Value::Dict(dict) = rule else {
        let class = rule.class();
        let message = format!("extras.conditions.Condition() argument after ** must be a mapping, not {class}");
        return Err(type_error(message));
    };
    let (mut attr, mut value, mut op, mut negate) = (None, None, None, None);
    for (key, given) in dict.pairs() {
        let place = match key.as_text().map(ToString::to_string).unwrap_or_default().as_str() {
            "attr" => &mut attr,
            "value" => &mut value,
            "op" => &mut op,
            "negate" => &mut negate,
            "self" => return Err(type_error("Condition.__init__() got multiple values for argument 'self'")),
            other => {
                let message = format!("Condition.__init__() got an unexpected keyword argument '{other}'");
                return Err(type_error(message));
            }
        };
        *place = Some(given);
    }
    let attr_is_missing = attr.is_none();
    let Some(attr) = attr.filter(|_| value.is_some() || takes_no_value(system)) else {
        return Err(missing(attr_is_missing, value.is_none() && !takes_no_value(system)));
    };
    let op = op.map_or(Ok(Operator::Eq), |op| known(system, &op))?;
    if op.compares_snapshots() {
        only_attr(op, &attr, value.as_ref())?;
    } else {
        let missing = || value_error(format!("A value is required for the '{}' operator.", op.name()));
        fitting(op, value.as_ref().ok_or_else(missing)?)?;
    }
    let negate = negate.is_some_and(|negate| Python::default().truth(&negate).unwrap_or_default());
    Ok(Part::Condition(Condition { attr, op, value, negate }))
}

/// Whether a condition may come without a value, as far as Python is concerned.
fn takes_no_value(system: System) -> bool {
    system == System::NetBox47
}

fn missing(attr: bool, value: bool) -> Fault {
    let names = match (attr, value) {
        (true, true) => "2 required positional arguments: 'attr' and 'value'",
        (true, false) => "1 required positional argument: 'attr'",
        _ => "1 required positional argument: 'value'",
    };
    type_error(format!("Condition.__init__() missing {names}"))
}

/// The operator that is written so.
fn known(system: System, written: &Value) -> Result<Operator, Fault> {
    let all = Operator::all(system);
    let found = all.iter().find(|(name, _)| matches!(written, Value::Str(text) if **text == **name));
    found.map(|(_, operator)| *operator).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let written = shown(written);
        value_error(format!("Unknown operator: {written}. Must be one of: {}", names.join(", ")))
    })
}

/// Refuses what an operator that compares snapshots does not take.
fn only_attr(op: Operator, attr: &Value, value: Option<&Value>) -> Result<(), Fault> {
    let op = op.name();
    if value.is_some() {
        return Err(value_error(format!("The '{op}' operator compares snapshots and does not accept a value.")));
    }
    let Value::Str(attr) = attr else { return Err(no_text(attr, "startswith")) };
    if attr.starts_with("snapshots.") {
        return Err(value_error(format!(
            "The '{op}' operator resolves '{attr}' within each snapshot dict, not the top-level condition context. Use the \
             bare attribute name (e.g. 'status') rather than a snapshot path (e.g. 'snapshots.prechange.status'), which is \
             only valid with standard operators."
        )));
    }
    Ok(())
}

/// Refuses a value of a class that the operator does not take.
fn fitting(op: Operator, value: &Value) -> Result<(), Fault> {
    let class = value.class();
    match op.takes(value) {
        Some(true) => Ok(()),
        Some(false) => Err(value_error(format!("Invalid type for {} operation: <class '{class}'>", op.name()))),
        None => Err(value_error(format!("Unsupported value type: <class '{class}'>"))),
    }
}

/// What Python says of a path that is no text.
pub(super) fn no_text(attr: &Value, method: &str) -> Fault {
    Fault::new("AttributeError", format!("'{}' object has no attribute '{method}'", attr.class()))
}
