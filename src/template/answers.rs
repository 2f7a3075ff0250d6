//! Python's own answers about values, for what evaluates as Python does without being a template.

use chrono::DateTime;

use super::failure::Failure;
use super::parse::ast::Comparison;
use super::run::Run;
use super::value::Value;
use super::{Dialect, print};

/// Answers questions about values. It tires after some million steps, as a render does.
pub struct Python(Run);

/// A comparison by order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Default for Python {
    fn default() -> Self {
        Self(Run::new(Dialect::Plain, DateTime::UNIX_EPOCH))
    }
}

impl Python {
    /// `left == right`.
    pub fn equal(&self, left: &Value, right: &Value) -> Result<bool, Failure> {
        self.0.equal(left, right)
    }

    /// `left < right` and its like.
    pub fn ordered(&self, left: &Value, order: Order, right: &Value) -> Result<bool, Failure> {
        let comparison = match order {
            Order::Less => Comparison::Lt,
            Order::LessOrEqual => Comparison::Le,
            Order::Greater => Comparison::Gt,
            Order::GreaterOrEqual => Comparison::Ge,
        };
        self.0.compare(comparison, left, right)
    }

    /// `needle in haystack`.
    pub fn contains(&self, haystack: &Value, needle: &Value) -> Result<bool, Failure> {
        self.0.contains(haystack, needle)
    }

    /// `bool(value)`.
    pub fn truth(&self, value: &Value) -> Result<bool, Failure> {
        self.0.truth(value)
    }

    /// `str(value)`.
    pub fn text(&self, value: &Value) -> Result<String, Failure> {
        print::str(&self.0, value)
    }
}

/// A value that came from JSON as JSON again, on one line; other values as nothing.
pub fn json_text(value: &Value) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    match value {
        Value::None => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => print::float(*number),
        Value::Str(text) | Value::Markup(text) => quoted(text),
        Value::List(list) => format!("[{}]", list.items().iter().map(json_text).collect::<Vec<_>>().join(", ")),
        Value::Dict(dict) => {
            let entry = |(key, value): &(Value, Value)| {
                format!("{}: {}", quoted(key.as_text().map_or("", |key| key)), json_text(value))
            };
            format!("{{{}}}", dict.pairs().iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    }
}
