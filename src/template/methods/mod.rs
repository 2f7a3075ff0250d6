//! The methods of Python's own types, as CPython 3.12 has them. Each file has a table of names and functions; a
//! function gets its object as the first argument.

mod dict;
mod encode;
mod list;
mod number;
mod shape;
mod split;
mod text;
mod translate;

use super::call::{Args, Function};
use super::failure::Failure;
use super::run::Run;
use super::value::{Tuple, Value};

/// Names as they print, sorted, with what they call.
type Table = &'static [(&'static str, Function)];

/// The method of this name that the value's type has, with the name as it prints. What the sandbox forbids is checked
/// before; attributes that are no methods (`int.numerator`) are [`attribute`]'s.
pub fn find(value: &Value, name: &str) -> Option<(&'static str, Function)> {
    tables(value).iter().find_map(|table| {
        let index = table.binary_search_by_key(&name, |row| row.0).ok()?;
        Some(table[index])
    })
}

fn tables(value: &Value) -> &'static [Table] {
    match value {
        Value::Str(_) => &[text::METHODS, shape::METHODS, split::METHODS, translate::METHODS],
        Value::Markup(_) => &[translate::MARKUP, text::METHODS, shape::METHODS, split::METHODS, translate::METHODS],
        Value::Bytes(_) => &[encode::BYTES, encode::OTHER_BYTES],
        Value::List(_) => &[list::LIST],
        Value::Tuple(_) => &[list::TUPLE],
        Value::Range(_) => &[list::RANGE],
        Value::Dict(_) => &[dict::DICT],
        Value::View(view) if view.kind.is_set() => &[dict::VIEW],
        Value::Int(_) | Value::Bool(_) => &[number::INT],
        Value::Float(_) => &[number::FLOAT],
        _ => &[],
    }
}

/// An attribute that is no method: `(5).real`, `range.start`.
pub fn attribute(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Int(_) | Value::Bool(_) => number::int_attribute(value, name),
        Value::Float(number) => number::float_attribute(*number, name),
        Value::Range(range) => match name {
            "start" => Some(Value::Int(range.start.clone())),
            "stop" => Some(Value::Int(range.stop.clone())),
            "step" => Some(Value::Int(range.step.clone())),
            _ => None,
        },
        Value::Tuple(tuple) => field(tuple, name),
        _ => None,
    }
}

fn field(tuple: &Tuple, name: &str) -> Option<Value> {
    let index = tuple.fields().iter().position(|field| *field == name)?;
    tuple.items().get(index).cloned()
}

/// `list.sort` for filters: the items in order, by their keys.
pub use list::sorted_by;

/// The parts of a text that lines end, for filters.
pub use split::lines;

/// `str.replace` for filters: a negative count replaces all. A text of a value's own class.
pub use text::{like, replaced};

/// What a method that is known by name alone answers.
fn refused(what: &str) -> Result<Value, Failure> {
    Err(Failure::refused(what))
}

/// Calls a method by its table name with arguments that are there already.
pub fn call(run: &Run, object: &Value, name: &str, rest: Vec<Value>) -> Result<Value, Failure> {
    let Some((_, function)) = find(object, name) else {
        let message = format!("'{}' object has no attribute '{name}'", object.class());
        return Err(Failure::raised("AttributeError", message));
    };
    let mut positional = vec![object.clone()];
    positional.extend(rest);
    function(run, Args::new(positional))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_by_name() {
        let values = [Value::str(""), Value::markup(""), Value::list(vec![]), Value::tuple(vec![]), Value::int(1)];
        let more = [Value::Float(0.0), Value::Bytes([].into()), Value::Dict(super::super::dict::Dict::new())];
        for table in values.iter().chain(&more).flat_map(tables) {
            assert!(table.is_sorted_by(|left, right| left.0 < right.0));
        }
    }
}
