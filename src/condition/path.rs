//! Following `a.b.c` into the data, as Peering Manager and NetBox up to 4.6 do it.

use super::System;
use super::tree::Fault;
use crate::template::{Python, Value};

/// The value at `path`, or what the system makes of one that breaks. Peering Manager takes what is missing as null, so
/// that it never breaks there.
pub fn follow(system: System, data: &Value, path: &str) -> Result<Value, Fault> {
    let mut value = data.clone();
    for key in path.split('.') {
        let step = |item: &Value| match system {
            System::PeeringManager => get(item, key),
            _ => item_of(item, key, path),
        };
        let next = match &value {
            Value::List(list) => list.items().iter().map(step).collect::<Result<Vec<_>, _>>().map(Value::list),
            value => step(value),
        };
        value = match next {
            Err(_) if system == System::PeeringManager => return Ok(Value::None),
            next => next?,
        };
    }
    Ok(value)
}

/// `dict.get(item, key)`: for anything but a dict, a `TypeError` that ends the whole path.
fn get(item: &Value, key: &str) -> Result<Value, Fault> {
    match item {
        Value::Dict(dict) => Ok(dict.get_str(key).unwrap_or(Value::None)),
        _ => Err(Fault::new("TypeError", "not a dict")),
    }
}

/// `(item or {})[key]`.
fn item_of(item: &Value, key: &str, path: &str) -> Result<Value, Fault> {
    let missing = || Fault::invalid(format!("Invalid key path: {path}"));
    match item {
        Value::Dict(dict) => dict.get_str(key).ok_or_else(missing),
        item if is_falsy(item) => Err(missing()),
        Value::Str(_) => Err(Fault::new("TypeError", "string indices must be integers, not 'str'")),
        Value::List(_) => Err(Fault::new("TypeError", "list indices must be integers or slices, not str")),
        other => Err(Fault::new("TypeError", format!("'{}' object is not subscriptable", other.class()))),
    }
}

/// Whether Python takes `{}` in its place: `item or {}`.
fn is_falsy(item: &Value) -> bool {
    Python::default().truth(item).is_ok_and(|truth| !truth)
}
