//! Bodies held against a JSON Schema.

use jsonschema::{PatternOptions, Validator};
use serde_json::{Value, json};

use crate::inspect::cut;

/// Violations that are listed at most.
const MOST: usize = 20;
/// Characters of a violation's message at most; it quotes the body.
const LONGEST: usize = 300;

/// A schema that is ready to be held against bodies.
#[derive(Debug)]
pub(in crate::rules) struct Schema {
    /// The file, as the rule names it.
    pub name: String,
    validator: Validator,
}

impl Schema {
    /// Reads a schema. It cannot refer to other files.
    pub fn new(name: &str, text: &str) -> Result<Self, String> {
        let schema = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        // An expression in a schema may not take for ever on what a body says.
        let patterns = PatternOptions::fancy_regex().backtrack_limit(100_000);
        let validator = jsonschema::options().with_pattern_options(patterns).build(&schema);
        let validator = validator.map_err(|error| format!("is no JSON Schema that can be used: {error}"))?;
        Ok(Self { name: name.to_owned(), validator })
    }

    /// The violations of a body, as a JSON text to answer with; `None` when there is none.
    pub fn violations(&self, body: Result<&Value, String>) -> Option<Violations> {
        let body = match body {
            Ok(body) => body,
            Err(why) => return Some(Violations { count: 1, first: why.clone(), list: vec![violation("", "", &why)] }),
        };
        let mut errors = self.validator.iter_errors(body).peekable();
        let first = errors.peek().map(|error| {
            format!("{} {}", pointer(&error.instance_path().to_string()), cut(&error.to_string(), LONGEST))
        })?;
        let mut list: Vec<Value> = Vec::new();
        let mut count = 0;
        for error in errors {
            count += 1;
            if list.len() < MOST {
                list.push(violation(
                    &error.instance_path().to_string(),
                    &error.schema_path().to_string(),
                    &error.to_string(),
                ));
            }
        }
        Some(Violations { count, first, list })
    }
}

/// What a body violates.
pub(in crate::rules) struct Violations {
    pub count: usize,
    /// The first of them, in words.
    pub first: String,
    list: Vec<Value>,
}

impl Violations {
    /// As a body to answer with.
    pub fn body(&self) -> String {
        let body = json!({
            "error": "the body does not fit the schema",
            "violations": self.list,
            "count": self.count,
        });
        format!("{body:#}\n")
    }
}

fn violation(pointer: &str, schema: &str, message: &str) -> Value {
    json!({ "pointer": pointer, "schema": schema, "message": cut(message, LONGEST) })
}

fn pointer(text: &str) -> &str {
    if text.is_empty() { "the body" } else { text }
}
