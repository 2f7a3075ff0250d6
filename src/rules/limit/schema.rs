//! Bodies held against a JSON Schema, which may refer to others beside it: to files, never to the network.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jsonschema::{PatternOptions, Retrieve, Uri, Validator};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
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
    /// Reads a schema, with those that it refers to: `load` gives the text of one by its path below the directory of the
    /// rules, which `name` is seen from, too.
    pub fn new(name: &str, text: &str, load: Load) -> Result<Self, String> {
        let schema = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        let others = Others::default();
        loop {
            let error = match build(name, &schema, &others) {
                Ok(validator) => return Ok(Self { name: name.to_owned(), validator }),
                Err(error) => error,
            };
            let Some(missing) = others.missing() else {
                return Err(format!("is no JSON Schema that can be used: {error}"));
            };
            others.add(missing, load)?;
        }
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

fn build(name: &str, schema: &Value, others: &Others) -> Result<Validator, String> {
    // An expression in a schema may not take for ever on what a body says.
    let patterns = PatternOptions::fancy_regex().backtrack_limit(100_000);
    let options = jsonschema::options().with_pattern_options(patterns).with_retriever(others.clone());
    let path = utf8_percent_encode(name, PATH);
    // The directory of the rules is the root: nothing that is written leads out of it.
    let is_below = !name.starts_with('/') && !name.split('/').any(|part| part == "..");
    let options = if is_below { options.with_base_uri(format!("{ROOT}{path}")) } else { options };
    options.build(schema).map_err(|error| error.to_string())
}

/// Gives the text of a schema by its path, or says why there is none.
pub(in crate::rules) type Load<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// What paths begin with in the addresses of schemas.
const ROOT: &str = "file:///";
/// What stands in the path of an address as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Schemas that one can refer to, by way of others, too.
const MOST_OTHERS: usize = 64;

/// The schemas that one refers to. What is asked for and is not there is read by whoever builds it, who then tries again:
/// the library keeps this for itself, and files can be read only while the rules are. Clones share them.
#[derive(Clone, Default)]
struct Others(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    known: BTreeMap<String, Value>,
    missing: Option<String>,
}

impl Others {
    fn missing(&self) -> Option<String> {
        self.shelf().missing.take()
    }

    fn add(&self, address: String, load: Load) -> Result<(), String> {
        let path = address.strip_prefix(ROOT).and_then(|path| percent_decode_str(path).decode_utf8().ok());
        let path = path.filter(|path| is_below(path)).ok_or_else(|| {
            format!(
                "refers to {address}: only files below the directory of the rules can be referred to, as from there"
            )
        })?;
        let text = load(&path).map_err(|why| format!("refers to {path}, which {why}"))?;
        let schema =
            serde_json::from_str(&text).map_err(|error| format!("refers to {path}, which is not JSON: {error}"))?;
        let mut read = self.shelf();
        if read.known.len() >= MOST_OTHERS {
            return Err(format!("refers to more than {MOST_OTHERS} others"));
        }
        read.known.insert(address, schema);
        Ok(())
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a path leads to below where it is seen from. The dots of an address are gone before it is decoded: what is
/// then one of them was not.
fn is_below(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

impl Retrieve for Others {
    fn retrieve(&self, address: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let mut others = self.shelf();
        if let Some(schema) = others.known.get(address.as_str()) {
            return Ok(schema.clone());
        }
        others.missing = Some(address.as_str().to_owned());
        Err("it is not read yet".into())
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
