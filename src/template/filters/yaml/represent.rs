//! Values as YAML nodes, as PyYAML's representer makes them.

use super::super::super::failure::Failure;
use super::super::super::print;
use super::super::super::run::Run;
use super::super::super::value::Value;
use super::super::json::sorted_pairs;

/// How deep values may be nested to be written; CPython's own limit is its stack.
const DEPTH: usize = 200;

/// A node of a document.
#[derive(Debug)]
pub(super) enum Node {
    /// A text that its type is read from, or a text that must stay one.
    Scalar { text: String, is_text: bool },
    /// Items, with the tag that they need.
    Sequence { tag: Option<&'static str>, items: Vec<Node> },
    /// Keys and values.
    Mapping(Vec<(Node, Node)>),
}

/// The node of a value.
pub(super) fn node(run: &Run, value: &Value, sort_keys: bool) -> Result<Node, Failure> {
    Representer { run, sort_keys }.node(value, 0)
}

struct Representer<'a> {
    run: &'a Run,
    sort_keys: bool,
}

fn plain(text: impl Into<String>) -> Node {
    Node::Scalar { text: text.into(), is_text: false }
}

impl Representer<'_> {
    fn node(&self, value: &Value, depth: usize) -> Result<Node, Failure> {
        self.run.step()?;
        if depth >= DEPTH {
            return Err(Failure::refused(format!("values nested more than {DEPTH} deep as YAML")));
        }
        match value {
            Value::None => Ok(plain("null")),
            Value::Bool(truth) => Ok(plain(if *truth { "true" } else { "false" })),
            Value::Int(number) => print::integer(number).map(plain),
            Value::Float(number) => Ok(plain(float(*number))),
            Value::Str(text) => Ok(Node::Scalar { text: text.to_string(), is_text: true }),
            Value::List(list) => self.sequence(None, &list.items(), depth),
            Value::Tuple(tuple) if tuple.fields().is_empty() => {
                self.sequence(Some("!!python/tuple"), tuple.items(), depth)
            }
            Value::Tuple(tuple) => {
                self.sequence(Some("!!python/object/new:jinja2.filters._GroupTuple"), tuple.items(), depth)
            }
            Value::Dict(dict) => self.mapping(dict.pairs(), depth),
            other => self.object(other, depth),
        }
    }

    fn sequence(&self, tag: Option<&'static str>, items: &[Value], depth: usize) -> Result<Node, Failure> {
        let items = items.iter().map(|item| self.node(item, depth + 1)).collect::<Result<_, _>>()?;
        Ok(Node::Sequence { tag, items })
    }

    /// Keys without an order between them stay as they are.
    fn mapping(&self, pairs: Vec<(Value, Value)>, depth: usize) -> Result<Node, Failure> {
        let ordered = if self.sort_keys {
            match sorted_pairs(self.run, pairs.clone()) {
                Err(failure) if failure.is_any(&["TypeError"]) => pairs,
                sorted => sorted?,
            }
        } else {
            pairs
        };
        let nodes = ordered.iter().map(|(key, value)| {
            let key = self.node(key, depth + 1)?;
            Ok((key, self.node(value, depth + 1)?))
        });
        nodes.collect::<Result<_, Failure>>().map(Node::Mapping)
    }

    /// What PyYAML asks the object itself for, as pickle does.
    fn object(&self, value: &Value, depth: usize) -> Result<Node, Failure> {
        match value {
            Value::Markup(text) => {
                self.sequence(Some("!!python/object/new:markupsafe.Markup"), &[Value::Str(text.clone())], depth)
            }
            Value::Range(range) => {
                let numbers = [&range.start, &range.stop, &range.step].map(|number| Value::Int(number.clone()));
                self.sequence(Some("!!python/object/apply:builtins.range"), &numbers, depth)
            }
            Value::Undefined(_) => {
                Err(Failure::value_error("dictionary update sequence element #0 has length 1; 2 is required"))
            }
            Value::View(_) => Err(Failure::type_error(format!("cannot pickle '{}' object", value.class()))),
            Value::Iterator(iter) if iter.class() == "generator" => {
                Err(Failure::type_error("cannot pickle 'generator' object"))
            }
            other => Err(Failure::refused(format!("a {} as YAML", other.class()))),
        }
    }
}

fn float(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = print::float(number);
    if text.contains('.') { text } else { text.replacen('e', ".0e", 1) }
}
