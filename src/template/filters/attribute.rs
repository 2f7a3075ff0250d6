//! Paths to attributes, as `map(attribute='a.b')`, `sort(attribute='a,b')` and others take them.

use super::super::failure::Failure;
use super::super::python::letters;
use super::super::run::Run;
use super::super::value::{Undefined, Value};

/// What is taken from an item, and how.
#[derive(Clone, Default)]
pub(super) struct Path {
    steps: Vec<Value>,
    /// What stands for an undefined step.
    default: Option<Value>,
    ignore_case: bool,
}

impl Path {
    /// The path that an attribute names: a text with dots, a number, or nothing for the item itself.
    pub(super) fn of(attribute: &Value) -> Result<Path, Failure> {
        let steps = match attribute {
            Value::None => Vec::new(),
            Value::Str(text) | Value::Markup(text) => text.split('.').map(step).collect::<Result<_, _>>()?,
            other => vec![other.clone()],
        };
        Ok(Path { steps, ..Path::default() })
    }

    /// The paths of an attribute with commas.
    pub(super) fn several(attribute: &Value) -> Result<Vec<Path>, Failure> {
        match attribute.as_text() {
            Some(text) => text.split(',').map(|part| Path::of(&Value::str(part))).collect(),
            None => Ok(vec![Path::of(attribute)?]),
        }
    }

    /// The same path with a value for what is undefined; `None` is none.
    pub(super) fn or(mut self, default: Value) -> Path {
        self.default = Some(default).filter(|default| !default.is_none());
        self
    }

    /// The same path, texts in lower case unless the case counts.
    pub(super) fn case(mut self, sensitive: bool) -> Path {
        self.ignore_case = !sensitive;
        self
    }

    /// What the path leads to from an item.
    pub(super) fn get(&self, run: &Run, item: &Value) -> Result<Value, Failure> {
        let mut value = item.clone();
        for step in &self.steps {
            value = run.item(&value, step)?;
            if let (Value::Undefined(_), Some(default)) = (&value, &self.default) {
                value = default.clone();
            }
        }
        Ok(if self.ignore_case { lowered(value) } else { value })
    }
}

fn step(text: &str) -> Result<Value, Failure> {
    if text.is_empty() || !text.chars().all(letters::is_digit) {
        return Ok(Value::str(text));
    }
    super::super::convert::int_of_text(text, 10).map(Value::Int)
}

/// A text in lower case; anything else as it is.
pub(super) fn lowered(value: Value) -> Value {
    match value {
        Value::Str(text) => Value::Str(letters::lower(&text).into()),
        Value::Markup(text) => Value::Markup(letters::lower(&text).into()),
        other => other,
    }
}

/// An undefined value that says why there is nothing.
pub(super) fn nothing(why: &str) -> Value {
    Value::Undefined(Undefined { hint: Some(why.to_owned()), ..Undefined::default() }.into())
}
