//! Going through values: iteration, length and truth, as Python has them.

use super::dict::{Dict, View};
use super::failure::Failure;
use super::run::Run;
use super::value::{Iter, List, Produce, Value};

impl Run {
    /// `iter(value)`, or the `TypeError` of what cannot be iterated.
    pub fn iterate(&self, value: &Value) -> Result<Iter, Failure> {
        let iter = match value {
            Value::Undefined(_) => Iter::generator("__iter__", |_: &Run| Ok(None)),
            Value::Str(text) | Value::Markup(text) => {
                let (text, mut at) = (text.clone(), 0);
                Iter::new("str_iterator", "", move |_: &Run| {
                    let char = text[at..].chars().next();
                    at += char.map_or(0, char::len_utf8);
                    Ok(char.map(|char| Value::str(&*char.encode_utf8(&mut [0; 4]))))
                })
            }
            Value::Bytes(bytes) => {
                let bytes = bytes.clone();
                counted("bytes_iterator", move |at| bytes.get(at).map(|byte| Value::int(*byte)))
            }
            Value::List(list) => {
                let list = list.clone();
                counted("list_iterator", move |at| list.get(at))
            }
            Value::Tuple(tuple) => {
                let tuple = tuple.clone();
                counted("tuple_iterator", move |at| tuple.items().get(at).cloned())
            }
            Value::Dict(dict) => {
                let keys = dict.clone();
                Iter::new("dict_keyiterator", "", Steady::new(dict, move |at| keys.at(at).map(|(key, _)| key)))
            }
            Value::View(view) => {
                let shown = view.clone();
                Iter::new(view_iterator(view), "", Steady::new(&view.dict, move |at| shown.at(at)))
            }
            Value::Range(range) => {
                let range = range.clone();
                counted("range_iterator", move |at| (at < range.len).then(|| Value::Int(range.at(at))))
            }
            Value::Iterator(iter) => iter.clone(),
            Value::Object(object) => match object.clone().iterate(self)? {
                Some(iter) => iter,
                None => return Err(not_iterable(value)),
            },
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Method(_) => {
                return Err(not_iterable(value));
            }
        };
        Ok(iter)
    }

    /// `list(value)`.
    pub fn list(&self, value: &Value) -> Result<Vec<Value>, Failure> {
        let iter = self.iterate(value)?;
        let mut items = Vec::new();
        while let Some(item) = iter.next(self)? {
            items.push(item);
        }
        Ok(items)
    }

    /// `bool(value)`.
    pub fn truth(&self, value: &Value) -> Result<bool, Failure> {
        Ok(match value {
            Value::Undefined(_) | Value::None => false,
            Value::Bool(truth) => *truth,
            Value::Int(number) => *number != num_bigint::BigInt::ZERO,
            Value::Float(number) => *number != 0.0,
            Value::Iterator(_) | Value::Method(_) => true,
            Value::Object(object) => object.len(self)? != Some(0),
            _ => self.len(value)? != 0,
        })
    }

    /// `len(value)`, or the `TypeError` of what has none.
    pub fn len(&self, value: &Value) -> Result<usize, Failure> {
        let length = match value {
            Value::Undefined(_) => Some(0),
            Value::Str(text) | Value::Markup(text) => Some(text.chars().count()),
            Value::Bytes(bytes) => Some(bytes.len()),
            Value::List(list) => Some(list.len()),
            Value::Tuple(tuple) => Some(tuple.items().len()),
            Value::Dict(dict) => Some(dict.len()),
            Value::View(view) => Some(view.dict.len()),
            Value::Range(range) => Some(range.len),
            Value::Object(object) => object.len(self)?,
            _ => None,
        };
        length.ok_or_else(|| Failure::type_error(format!("object of type '{}' has no len()", value.class())))
    }
}

fn not_iterable(value: &Value) -> Failure {
    Failure::type_error(format!("'{}' object is not iterable", value.class()))
}

fn view_iterator(view: &View) -> &'static str {
    match view.kind {
        super::dict::ViewKind::Keys => "dict_keyiterator",
        super::dict::ViewKind::Values => "dict_valueiterator",
        super::dict::ViewKind::Items => "dict_itemiterator",
    }
}

/// An iterator over places from 0 on.
fn counted(class: &'static str, mut item: impl FnMut(usize) -> Option<Value> + 'static) -> Iter {
    let mut at = 0;
    Iter::new(class, "", move |_: &Run| {
        at += 1;
        Ok(item(at - 1))
    })
}

/// Iterates over a dict that must keep its size meanwhile.
struct Steady<F> {
    dict: Dict,
    size: usize,
    at: usize,
    item: F,
}

impl<F: FnMut(usize) -> Option<Value>> Steady<F> {
    fn new(dict: &Dict, item: F) -> Self {
        Steady { dict: dict.clone(), size: dict.len(), at: 0, item }
    }
}

impl<F: FnMut(usize) -> Option<Value>> Produce for Steady<F> {
    fn next(&mut self, _run: &Run) -> Result<Option<Value>, Failure> {
        if self.dict.len() != self.size {
            return Err(Failure::raised("RuntimeError", "dictionary changed size during iteration"));
        }
        self.at += 1;
        Ok((self.item)(self.at - 1))
    }
}

/// An iterator over these values.
pub fn over(items: Vec<Value>) -> Iter {
    let list = List::new(items);
    counted("list_iterator", move |at| list.get(at))
}
