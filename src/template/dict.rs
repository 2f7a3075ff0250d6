//! Python's dict: order of insertion, keys of any hashable type, shared by reference; and the views on it.
//!
//! Two keys are one where Python says so: `1`, `1.0` and `True` are the same key, and the first one stays.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use num_bigint::BigInt;
use num_traits::FromPrimitive;

use super::failure::Failure;
use super::value::{Value, drop_flat};

/// What makes keys equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// `None`.
    None,
    /// All `Undefined` are equal in Jinja2.
    Undefined,
    /// An int, a bool, or a float without fraction.
    Int(BigInt),
    /// The bits of any other float.
    Float(u64),
    /// A str or Markup.
    Str(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A tuple.
    Tuple(Vec<Key>),
    /// What is equal to itself alone.
    Identity(usize),
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Key::None => 1.hash(state),
            Key::Undefined => 2.hash(state),
            Key::Int(number) => number.hash(state),
            Key::Float(bits) => bits.hash(state),
            Key::Str(text) => text.hash(state),
            Key::Bytes(bytes) => bytes.hash(state),
            Key::Tuple(keys) => keys.hash(state),
            Key::Identity(address) => address.hash(state),
        }
    }
}

impl Key {
    /// The key of a value, or the `TypeError` of what cannot be hashed. `depth` limits tuples in tuples.
    pub fn of(value: &Value) -> Result<Key, Failure> {
        Key::nested(value, 0)
    }

    fn nested(value: &Value, depth: usize) -> Result<Key, Failure> {
        Ok(match value {
            Value::Undefined(_) => Key::Undefined,
            Value::None => Key::None,
            Value::Bool(truth) => Key::Int(BigInt::from(i32::from(*truth))),
            Value::Int(number) => Key::Int(number.clone()),
            Value::Float(number) => Key::float(*number),
            Value::Str(text) | Value::Markup(text) => Key::Str(text.clone()),
            Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
            Value::Tuple(_) if depth > 100 => return Err(Failure::refused("tuples nested this deep as a key")),
            Value::Tuple(tuple) => {
                let keys: Result<_, _> = tuple.items().iter().map(|item| Key::nested(item, depth + 1)).collect();
                Key::Tuple(keys?)
            }
            Value::List(_) | Value::Dict(_) => return Err(Key::unhashable(value.class())),
            Value::View(view) if view.kind != ViewKind::Values => return Err(Key::unhashable(value.class())),
            Value::View(view) => Key::Identity(view.dict.address()),
            Value::Range(range) => Key::Identity(Rc::as_ptr(range).addr()),
            Value::Iterator(iter) => Key::Identity(iter.address()),
            Value::Method(bound) => Key::Identity(Rc::as_ptr(bound).addr()),
            Value::Object(object) => Key::Identity(Rc::as_ptr(object).addr()),
        })
    }

    fn unhashable(class: &str) -> Failure {
        Failure::type_error(format!("unhashable type: '{class}'"))
    }

    fn float(number: f64) -> Key {
        match BigInt::from_f64(number) {
            Some(whole) if number.fract() == 0.0 => Key::Int(whole),
            _ => Key::Float(number.to_bits()),
        }
    }
}

/// The entries of a dict: by key, the key as it was first given and the value.
pub type Entries = IndexMap<Key, (Value, Value)>;

/// A dict, by reference: clones are the same dict.
#[derive(Clone, Default)]
pub struct Dict(Rc<DictCell>);

#[derive(Default)]
struct DictCell(RefCell<Entries>);

impl Drop for DictCell {
    fn drop(&mut self) {
        drop_flat(self.0.get_mut().drain(..).map(|(_, (_, value))| value).collect());
    }
}

impl Dict {
    /// An empty dict.
    pub fn new() -> Dict {
        Dict::default()
    }

    /// A dict of these pairs; later ones win, the place is the first one's.
    pub fn of(pairs: impl IntoIterator<Item = (Value, Value)>) -> Result<Dict, Failure> {
        let dict = Dict::new();
        for (key, value) in pairs {
            dict.insert(key, value)?;
        }
        Ok(dict)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.0.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of this key; a key that cannot be hashed is an error.
    pub fn get(&self, key: &Value) -> Result<Option<Value>, Failure> {
        let key = Key::of(key)?;
        Ok(self.0.0.borrow().get(&key).map(|(_, value)| value.clone()))
    }

    /// The value of this text.
    pub fn get_str(&self, key: &str) -> Option<Value> {
        self.0.0.borrow().get(&Key::Str(key.into())).map(|(_, value)| value.clone())
    }

    /// The entry at this place.
    pub fn at(&self, index: usize) -> Option<(Value, Value)> {
        self.0.0.borrow().get_index(index).map(|(_, pair)| pair.clone())
    }

    /// Sets the value of a key.
    pub fn insert(&self, key: Value, value: Value) -> Result<(), Failure> {
        let hashed = Key::of(&key)?;
        self.change(|entries| match entries.get_mut(&hashed) {
            Some(pair) => pair.1 = value,
            None => drop(entries.insert(hashed, (key, value))),
        });
        Ok(())
    }

    /// Takes a key out, keeping the order of the others.
    pub fn remove(&self, key: &Value) -> Result<Option<Value>, Failure> {
        let key = Key::of(key)?;
        Ok(self.change(|entries| entries.shift_remove(&key)).map(|(_, value)| value))
    }

    /// A copy of the entries, to work with while the dict may change.
    pub fn pairs(&self) -> Vec<(Value, Value)> {
        self.0.0.borrow().values().cloned().collect()
    }

    /// A copy of the keys.
    pub fn keys(&self) -> Vec<Value> {
        self.0.0.borrow().values().map(|(key, _)| key.clone()).collect()
    }

    /// Changes the entries in place. The closure must not run template code.
    pub fn change<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> T {
        change(&mut self.0.0.borrow_mut())
    }

    /// Whether both are the one dict.
    pub fn is(&self, other: &Dict) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Tells dicts apart; stands for the memory address.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// The values of a dict that nobody else holds.
    pub(super) fn into_inner_values(self) -> Vec<Value> {
        let Some(mut cell) = Rc::into_inner(self.0) else { return Vec::new() };
        cell.0.get_mut().drain(..).map(|(_, (_, value))| value).collect()
    }
}

/// What a view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    /// `.keys()`
    Keys,
    /// `.values()`
    Values,
    /// `.items()`
    Items,
}

impl ViewKind {
    /// Python's class.
    pub fn class(self) -> &'static str {
        match self {
            ViewKind::Keys => "dict_keys",
            ViewKind::Values => "dict_values",
            ViewKind::Items => "dict_items",
        }
    }

    /// Whether it behaves as a set.
    pub fn is_set(self) -> bool {
        self != ViewKind::Values
    }
}

/// A window on a dict, which shows what it holds when it is looked at.
#[derive(Clone)]
pub struct View {
    /// The dict.
    pub dict: Dict,
    /// What of it.
    pub kind: ViewKind,
}

impl View {
    /// What it shows of the entry at this place.
    pub fn at(&self, index: usize) -> Option<Value> {
        let (key, value) = self.dict.at(index)?;
        Some(match self.kind {
            ViewKind::Keys => key,
            ViewKind::Values => value,
            ViewKind::Items => Value::tuple(vec![key, value]),
        })
    }

    /// All that it shows.
    pub fn items(&self) -> Vec<Value> {
        (0..self.dict.len()).filter_map(|index| self.at(index)).collect()
    }
}
