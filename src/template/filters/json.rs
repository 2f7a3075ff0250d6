//! Python's `json.dumps`, and the filter tojson.

use super::super::call::Args;
use super::super::engine::Operator;
use super::super::failure::Failure;
use super::super::methods::sorted_by;
use super::super::parameters::{Bindings, Signature};
use super::super::print;
use super::super::run::Run;
use super::super::value::Value;

/// How deep values may be nested to be written; CPython's own limit is its stack.
const DEPTH: usize = 200;

const TO_JSON: Signature = Signature { name: "do_tojson", hidden: 1, names: &["value", "indent"], required: 1 };

pub(super) fn to_json(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&TO_JSON, args)?;
    let value = bound.required();
    let text = dumps(run, &value, &bound.or(Value::None), true)?;
    let safe = text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027");
    Ok(Value::markup(safe))
}

/// `json.dumps(value, indent=indent, sort_keys=sort_keys)`.
pub(super) fn dumps(run: &Run, value: &Value, indent: &Value, sort_keys: bool) -> Result<String, Failure> {
    if let Some(text) = value.as_text() {
        // A text alone is written without a look at the indentation.
        let mut out = String::new();
        push_text(&mut out, text);
        return Ok(out);
    }
    let indent = match indent {
        Value::None => None,
        Value::Str(text) | Value::Markup(text) => Some(text.to_string()),
        other => Some(print::str(run, &run.binary(Operator::Mul, &Value::str(" "), other)?)?),
    };
    let mut writer = Writer { run, out: String::new(), indent, sort_keys, inside: Vec::new() };
    writer.value(value)?;
    run.charge(writer.out.len() / 8)?;
    Ok(writer.out)
}

struct Writer<'a> {
    run: &'a Run,
    out: String,
    indent: Option<String>,
    sort_keys: bool,
    /// The addresses of the containers that are being written.
    inside: Vec<usize>,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Failure> {
        match value {
            Value::None => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&print::integer(number)?),
            Value::Float(number) => self.out.push_str(&float(*number)),
            Value::Str(text) | Value::Markup(text) => push_text(&mut self.out, text),
            Value::List(list) => self.items(list.address(), &list.items())?,
            Value::Tuple(tuple) => self.items(tuple.items().as_ptr().addr(), tuple.items())?,
            Value::Dict(dict) => self.dict(dict.address(), dict.pairs())?,
            other => {
                let message = format!("Object of type {} is not JSON serializable", other.class());
                return Err(Failure::type_error(message));
            }
        }
        Ok(())
    }

    fn enter(&mut self, address: usize) -> Result<(), Failure> {
        self.run.step()?;
        if self.inside.contains(&address) {
            return Err(Failure::value_error("Circular reference detected"));
        }
        if self.inside.len() >= DEPTH {
            return Err(Failure::refused(format!("values nested more than {DEPTH} deep as JSON")));
        }
        self.inside.push(address);
        Ok(())
    }

    /// A line end and the indentation here, after a comma unless it is the first item.
    fn next_item(&mut self, first: bool) {
        if !first {
            self.out.push(',');
        }
        match &self.indent {
            Some(indent) => {
                self.out.push('\n');
                self.out.push_str(&indent.repeat(self.inside.len()));
            }
            None if !first => self.out.push(' '),
            None => {}
        }
    }

    fn close(&mut self, bracket: char) {
        self.inside.pop();
        if let Some(indent) = &self.indent {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(self.inside.len()));
        }
        self.out.push(bracket);
    }

    fn items(&mut self, address: usize, items: &[Value]) -> Result<(), Failure> {
        if items.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.enter(address)?;
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            self.next_item(index == 0);
            self.value(item)?;
        }
        self.close(']');
        Ok(())
    }

    fn dict(&mut self, address: usize, pairs: Vec<(Value, Value)>) -> Result<(), Failure> {
        if pairs.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        self.enter(address)?;
        let pairs = if self.sort_keys { sorted_pairs(self.run, pairs)? } else { pairs };
        self.out.push('{');
        for (index, (key, value)) in pairs.iter().enumerate() {
            let key = Self::key(key)?;
            self.next_item(index == 0);
            push_text(&mut self.out, &key);
            self.out.push_str(": ");
            self.value(value)?;
        }
        self.close('}');
        Ok(())
    }

    fn key(key: &Value) -> Result<String, Failure> {
        Ok(match key {
            Value::Str(text) | Value::Markup(text) => text.to_string(),
            Value::Float(number) => float(*number),
            Value::Bool(truth) => if *truth { "true" } else { "false" }.to_owned(),
            Value::None => "null".to_owned(),
            Value::Int(number) => print::integer(number)?,
            other => {
                let class = other.class();
                return Err(Failure::type_error(format!("keys must be str, int, float, bool or None, not {class}")));
            }
        })
    }
}

/// The pairs in the order of their keys.
pub(super) fn sorted_pairs(run: &Run, pairs: Vec<(Value, Value)>) -> Result<Vec<(Value, Value)>, Failure> {
    let tuples = pairs.into_iter().map(|(key, value)| Value::tuple(vec![key, value])).collect();
    let part = |value: &Value, place: usize| match value {
        Value::Tuple(pair) => pair.items()[place].clone(),
        _ => Value::None,
    };
    let sorted = sorted_by(run, tuples, false, |pair| Ok(part(pair, 0)))?;
    Ok(sorted.iter().map(|pair| (part(pair, 0), part(pair, 1))).collect())
}

fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    print::float(number)
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            ' '..='~' => out.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    out.extend(format!("\\u{unit:04x}").chars());
                }
            }
        }
    }
    out.push('"');
}
