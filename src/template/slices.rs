//! Slices: `value[start:stop:step]`.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use super::failure::Failure;
use super::run::Run;
use super::value::{Range, Value};

/// `owner[start:stop:step]`; parts that are not given are `None`.
pub fn slice(run: &Run, owner: &Value, parts: &[Value; 3]) -> Result<Value, Failure> {
    let length = match owner {
        Value::Undefined(undefined) => return Err(run.undefined_error(undefined)),
        Value::Dict(_) => return Err(missing_key(run, parts)),
        Value::Str(_) | Value::Markup(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_) | Value::Range(_) => {
            run.len(owner)?
        }
        _ => return Err(not_subscriptable(run, owner, parts)),
    };
    let places = places(length, parts)?;
    run.charge(places.len() / 8)?;
    let picked = |items: &[Value]| places.iter().filter_map(|at| items.get(*at).cloned()).collect::<Vec<_>>();
    Ok(match owner {
        Value::Str(text) => Value::str(chars(text, &places)),
        Value::Markup(text) => Value::markup(chars(text, &places)),
        Value::Bytes(bytes) => Value::Bytes(places.iter().filter_map(|at| bytes.get(*at).copied()).collect()),
        Value::List(list) => Value::list(picked(&list.items())),
        Value::Tuple(tuple) => Value::tuple(picked(tuple.items())),
        Value::Range(range) => sub_range(range, &places, parts)?,
        _ => Value::None,
    })
}

fn not_subscriptable(run: &Run, owner: &Value, parts: &[Value; 3]) -> Failure {
    if let Value::Object(object) = owner {
        match shown(run, parts) {
            Ok(shown) => {
                if let Some(failure) = object.slice(&shown) {
                    return failure;
                }
            }
            Err(failure) => return failure,
        }
        if let Err(failure) = object.item(run, &Value::None) {
            return failure;
        }
        if let Some(name) = object.identity().filter(|_| object.class() == "type") {
            return Failure::type_error(format!("type '{name}' is not subscriptable"));
        }
    }
    Failure::type_error(format!("'{}' object is not subscriptable", owner.class()))
}

fn chars(text: &str, places: &[usize]) -> String {
    let chars: Vec<char> = text.chars().collect();
    places.iter().filter_map(|at| chars.get(*at)).collect()
}

/// A slice as Python shows it.
fn shown(run: &Run, parts: &[Value; 3]) -> Result<String, Failure> {
    let parts: Result<Vec<String>, Failure> = parts.iter().map(|part| super::print::repr(run, part)).collect();
    Ok(format!("slice({})", parts?.join(", ")))
}

/// A slice is a key for a dict, and never there.
fn missing_key(run: &Run, parts: &[Value; 3]) -> Failure {
    shown(run, parts).map_or_else(|failure| failure, |shown| Failure::raised("KeyError", shown))
}

fn part(value: &Value) -> Result<Option<BigInt>, Failure> {
    match value {
        Value::None => Ok(None),
        _ => value
            .as_int()
            .map(Some)
            .ok_or_else(|| Failure::type_error("slice indices must be integers or None or have an __index__ method")),
    }
}

/// The places of a slice in a sequence of this length.
fn places(length: usize, [start, until, step]: &[Value; 3]) -> Result<Vec<usize>, Failure> {
    let step = part(step)?.unwrap_or_else(|| BigInt::from(1));
    if step == BigInt::ZERO {
        return Err(Failure::value_error("slice step cannot be zero"));
    }
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let backwards = step.is_negative();
    let (lowest, highest) = if backwards { (-1, length - 1) } else { (0, length) };
    let clamp = |value: Option<BigInt>, default| match value {
        None => default,
        Some(value) => {
            let value = if value.is_negative() { value + length } else { value };
            value.clamp(lowest.into(), highest.into()).to_i64().unwrap_or(lowest)
        }
    };
    let mut at = clamp(part(start)?, if backwards { highest } else { lowest });
    let end = clamp(part(until)?, if backwards { lowest } else { highest });
    let step = step.clamp((-length - 1).into(), (length + 1).into()).to_i64().unwrap_or(1);
    let mut places = Vec::new();
    while if backwards { at > end } else { at < end } {
        places.extend(usize::try_from(at));
        at += step;
    }
    Ok(places)
}

fn sub_range(range: &Range, places: &[usize], parts: &[Value; 3]) -> Result<Value, Failure> {
    let step = &range.step * part(&parts[2])?.unwrap_or_else(|| BigInt::from(1));
    let Some(first) = places.first() else {
        return Err(Failure::refused("an empty slice of a range"));
    };
    let start = range.at(*first);
    // Python keeps the stop of the slice, not the one that its items have.
    let Some(last) = places.last() else { return Err(Failure::refused("an empty slice of a range")) };
    let until = match part(&parts[1])? {
        Some(place) if !place.is_negative() && place < BigInt::from(range.len) => &range.start + &range.step * place,
        None if step.is_positive() == range.step.is_positive() => range.stop.clone(),
        _ => return Err(Failure::refused(format!("this slice of a range, up to {}", range.at(*last)))),
    };
    Ok(Value::Range(std::rc::Rc::new(Range { start, stop: until, step, len: places.len() })))
}
