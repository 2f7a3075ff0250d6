//! What a template computes with: Python's values as Rust data.
//!
//! Lists, dicts and iterators are shared by reference, because templates change them in place. Strings are [`Arc`]s so
//! that a parsed template, which holds literals, can cross threads; values themselves stay in one render. This module
//! owns the shapes alone: how they print, compare and compute, others say.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use num_bigint::BigInt;

use super::call::Bound;
use super::dict::{Dict, View};
use super::ending;
use super::failure::Failure;
use super::object::Object;
use super::parse::ast::Literal;
use super::run::Run;

/// A Python value.
#[derive(Clone)]
pub enum Value {
    /// A name or attribute that is not there; prints as nothing.
    Undefined(Rc<Undefined>),
    /// `None`.
    None,
    /// `True` and `False`.
    Bool(bool),
    /// An integer of any size.
    Int(BigInt),
    /// A float.
    Float(f64),
    /// `str`.
    Str(Arc<str>),
    /// `markupsafe.Markup`: a `str` that escapes what it is joined with.
    Markup(Arc<str>),
    /// `bytes`.
    Bytes(Arc<[u8]>),
    /// `list`, by reference.
    List(List),
    /// `tuple`.
    Tuple(Tuple),
    /// `dict`, by reference.
    Dict(Dict),
    /// `dict.keys()`, `.values()`, `.items()`: a window on the dict.
    View(View),
    /// `range`.
    Range(Rc<Range>),
    /// A generator or another one-shot iterator, by reference.
    Iterator(Iter),
    /// A method bound to the value that it was taken from.
    Method(Rc<Bound>),
    /// Everything else: `loop`, macros, namespaces, functions, classes, dates.
    Object(Rc<dyn Object>),
}

/// Why a value is not there, as Jinja2's `Undefined` tells it.
#[derive(Clone, Default)]
pub struct Undefined {
    /// The whole message, where it is not made of the rest.
    pub hint: Option<String>,
    /// What the name was looked up on; nothing for a variable.
    pub owner: Option<Value>,
    /// The name, or the subscript.
    pub name: Option<Value>,
    /// Whether using it is a `SecurityError` instead of an `UndefinedError`.
    pub unsafe_access: bool,
}

/// A list, by reference: clones are the same list.
#[derive(Clone, Default)]
pub struct List(Rc<ListCell>);

#[derive(Default)]
struct ListCell(RefCell<Vec<Value>>);

impl List {
    /// A new list.
    pub fn new(items: Vec<Value>) -> List {
        List(Rc::new(ListCell(RefCell::new(items))))
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.0.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at this index.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.0.0.borrow().get(index).cloned()
    }

    /// A copy of the items, to work with while the list may change.
    pub fn items(&self) -> Vec<Value> {
        self.0.0.borrow().clone()
    }

    /// Changes the items in place. The closure must not run template code.
    pub fn change<T>(&self, change: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        change(&mut self.0.0.borrow_mut())
    }

    /// Whether both are the one list.
    pub fn is(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Tells lists apart; stands for the memory address.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

/// Nested lists are taken apart in a loop: recursion would end the stack at some depth.
impl Drop for ListCell {
    fn drop(&mut self) {
        drop_flat(std::mem::take(self.0.get_mut()));
    }
}

/// Drops values whose nesting may be deep.
pub(super) fn drop_flat(mut waiting: Vec<Value>) {
    while let Some(value) = waiting.pop() {
        match value {
            Value::List(list) => {
                if let Some(mut cell) = Rc::into_inner(list.0) {
                    waiting.append(cell.0.get_mut());
                }
            }
            Value::Tuple(tuple) => {
                if let Some(mut cell) = Rc::into_inner(tuple.0) {
                    waiting.append(&mut cell.items);
                }
            }
            Value::Dict(dict) => waiting.extend(dict.into_inner_values()),
            Value::Object(_) | Value::Iterator(_) | Value::Method(_) => ending::defer(value),
            _ => {}
        }
    }
}

/// A tuple; with field names it is one of Jinja2's `_GroupTuple`s.
#[derive(Clone)]
pub struct Tuple(Rc<TupleCell>);

struct TupleCell {
    items: Vec<Value>,
    fields: &'static [&'static str],
}

impl Drop for TupleCell {
    fn drop(&mut self) {
        drop_flat(std::mem::take(&mut self.items));
    }
}

impl Tuple {
    /// A plain tuple.
    pub fn new(items: Vec<Value>) -> Tuple {
        Tuple::named(items, &[])
    }

    /// A tuple whose items are attributes, too.
    pub fn named(items: Vec<Value>, fields: &'static [&'static str]) -> Tuple {
        Tuple(Rc::new(TupleCell { items, fields }))
    }

    /// The items.
    pub fn items(&self) -> &[Value] {
        &self.0.items
    }

    /// The names of the items, if they have some.
    pub fn fields(&self) -> &'static [&'static str] {
        self.0.fields
    }

    /// Whether both are the one tuple.
    pub fn is(&self, other: &Tuple) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// `range(start, stop, step)`, limited by the sandbox to 100,000 items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first number.
    pub start: BigInt,
    /// Where it stops, exclusive.
    pub stop: BigInt,
    /// The distance, not zero.
    pub step: BigInt,
    /// How many there are.
    pub len: usize,
}

impl Range {
    /// The number at this index, which is below `len`.
    pub fn at(&self, index: usize) -> BigInt {
        &self.start + &self.step * index
    }
}

/// Produces the values of an [`Iter`]. It may run template code, and fail where Python's generator would.
pub trait Produce {
    /// The next value, or nothing at the end.
    fn next(&mut self, run: &Run) -> Result<Option<Value>, Failure>;
}

impl<F: FnMut(&Run) -> Result<Option<Value>, Failure>> Produce for F {
    fn next(&mut self, run: &Run) -> Result<Option<Value>, Failure> {
        self(run)
    }
}

/// A one-shot iterator, by reference: what one reader took, no other gets.
#[derive(Clone)]
pub struct Iter(Rc<IterCell>);

struct IterCell {
    /// Python's class: `generator`, `list_reverseiterator`.
    class: &'static str,
    /// The name that a generator's repr shows: `sync_do_map`.
    name: &'static str,
    /// Nothing after the end or a failure, as a finished generator.
    source: RefCell<Option<Box<dyn Produce>>>,
}

impl Drop for IterCell {
    fn drop(&mut self) {
        if let Some(source) = self.source.take() {
            ending::defer(source);
        }
    }
}

impl Iter {
    /// An iterator of this class. A generator prints with its name.
    pub fn new(class: &'static str, name: &'static str, source: impl Produce + 'static) -> Iter {
        Iter(Rc::new(IterCell { class, name, source: RefCell::new(Some(Box::new(source))) }))
    }

    /// A generator with this function name.
    pub fn generator(name: &'static str, source: impl Produce + 'static) -> Iter {
        Iter::new("generator", name, source)
    }

    /// The next value. A generator that asks itself for more fails as in Python.
    pub fn next(&self, run: &Run) -> Result<Option<Value>, Failure> {
        let Ok(mut source) = self.0.source.try_borrow_mut() else {
            return Err(Failure::raised("ValueError", "generator already executing"));
        };
        let Some(producer) = source.as_mut() else { return Ok(None) };
        let next = run.nested(|| producer.next(run));
        if !matches!(next, Ok(Some(_))) {
            let ended = source.take();
            drop(source);
            drop(ended);
        }
        next
    }

    /// Python's class.
    pub fn class(&self) -> &'static str {
        self.0.class
    }

    /// The name of the generator's function.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Tells iterators apart; stands for the memory address.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

impl From<&Literal> for Value {
    fn from(literal: &Literal) -> Value {
        match literal {
            Literal::None => Value::None,
            Literal::Bool(truth) => Value::Bool(*truth),
            Literal::Int(number) => Value::Int(number.clone()),
            Literal::Float(number) => Value::Float(*number),
            Literal::Str(text) => Value::Str(text.clone()),
        }
    }
}

impl Value {
    /// A `str`.
    pub fn str(text: impl Into<Arc<str>>) -> Value {
        Value::Str(text.into())
    }

    /// A `Markup`.
    pub fn markup(text: impl Into<Arc<str>>) -> Value {
        Value::Markup(text.into())
    }

    /// An `int`.
    pub fn int(number: impl Into<BigInt>) -> Value {
        Value::Int(number.into())
    }

    /// A new list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(List::new(items))
    }

    /// A tuple.
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Tuple::new(items))
    }

    /// A generator with this function name.
    pub fn generator(name: &'static str, source: impl Produce + 'static) -> Value {
        Value::Iterator(Iter::generator(name, source))
    }

    /// The text of a `str` or `Markup`.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Value::Str(text) | Value::Markup(text) => Some(text),
            _ => None,
        }
    }

    /// The number of an `int`, or of a `bool`, which is one in Python.
    pub fn as_int(&self) -> Option<BigInt> {
        match self {
            Value::Int(number) => Some(number.clone()),
            Value::Bool(truth) => Some(BigInt::from(i32::from(*truth))),
            _ => None,
        }
    }

    /// Whether it is an `Undefined`.
    pub fn is_undefined(&self) -> bool {
        matches!(self, Value::Undefined(_))
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// `type(value).__name__`.
    pub fn class(&self) -> &str {
        match self {
            Value::Undefined(_) => "Undefined",
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Markup(_) => "Markup",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Tuple(tuple) if tuple.fields().is_empty() => "tuple",
            Value::Tuple(_) => "_GroupTuple",
            Value::Dict(_) => "dict",
            Value::View(view) => view.kind.class(),
            Value::Range(_) => "range",
            Value::Iterator(iter) => iter.class(),
            Value::Method(_) => "builtin_function_or_method",
            Value::Object(object) => object.class(),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.class())
    }
}
