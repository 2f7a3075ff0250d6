//! Contexts from JSON, read as Python's `json` reads them: big integers exact, `1.0` and `1` apart, the last of two
//! equal keys wins in the first one's place.

use num_bigint::BigInt;
use serde_json::value::RawValue;

use super::dict::Dict;
use super::value::Value;

/// How deep JSON may nest.
const DEEPEST: usize = 150;

/// Why a text is no context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It is no JSON.
    #[error("{0}")]
    Syntax(String),
    /// It goes deeper than a template could follow.
    #[error("nested more than {DEEPEST} deep")]
    TooDeep,
}

/// Reads JSON.
pub fn value_from_json(bytes: &[u8]) -> Result<Value, JsonError> {
    let raw: &RawValue = serde_json::from_slice(bytes).map_err(|error| JsonError::Syntax(error.to_string()))?;
    Reader { rest: raw.get() }.value(0)
}

/// Reads text that is known to be JSON.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        if depth > DEEPEST {
            return Err(JsonError::TooDeep);
        }
        match self.next() {
            b'{' => self.dict(depth),
            b'[' => self.list(depth),
            b'"' => self.text().map(Value::str),
            _ => self.word(),
        }
    }

    /// The byte that comes next, after space.
    fn next(&mut self) -> u8 {
        self.rest = self.rest.trim_ascii_start();
        self.rest.as_bytes().first().copied().unwrap_or_default()
    }

    /// Takes one byte of punctuation.
    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn list(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut items = Vec::new();
        self.skip();
        while !matches!(self.next(), b']' | 0) {
            items.push(self.value(depth + 1)?);
            if self.next() == b',' {
                self.skip();
            }
        }
        self.skip();
        Ok(Value::list(items))
    }

    fn dict(&mut self, depth: usize) -> Result<Value, JsonError> {
        let dict = Dict::new();
        self.skip();
        while self.next() == b'"' {
            let key = self.text()?;
            if self.next() == b':' {
                self.skip();
            }
            let value = self.value(depth + 1)?;
            dict.insert(Value::str(key), value).map_err(|failure| JsonError::Syntax(failure.to_string()))?;
            if self.next() == b',' {
                self.skip();
            }
        }
        self.skip();
        Ok(Value::Dict(dict))
    }

    fn text(&mut self) -> Result<String, JsonError> {
        let mut escaped = false;
        let end = self.rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let literal = self.take(end.map_or(self.rest.len(), |end| end + 2));
        serde_json::from_str(literal).map_err(|error| JsonError::Syntax(error.to_string()))
    }

    fn word(&mut self) -> Result<Value, JsonError> {
        let ends = |char: char| matches!(char, ',' | ']' | '}') || char.is_ascii_whitespace();
        let word = self.take(self.rest.find(ends).unwrap_or(self.rest.len()));
        let unreadable = || JsonError::Syntax(format!("not a value: {word}"));
        Ok(match word {
            "null" => Value::None,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ if word.contains(['.', 'e', 'E']) => Value::Float(word.parse().map_err(|_| unreadable())?),
            _ => Value::Int(word.parse::<BigInt>().map_err(|_| unreadable())?),
        })
    }
}

/// A copy that shares nothing with the original: templates change what they are given.
pub fn deep_copy(value: &Value) -> Value {
    match value {
        Value::List(list) => Value::list(list.items().iter().map(deep_copy).collect()),
        Value::Dict(dict) => {
            let copy = Dict::new();
            dict.change(|entries| {
                copy.change(|copied| {
                    for (key, (shown, value)) in entries.iter() {
                        copied.insert(key.clone(), (shown.clone(), deep_copy(value)));
                    }
                });
            });
            Value::Dict(copy)
        }
        other => other.clone(),
    }
}
