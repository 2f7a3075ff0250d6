//! Values with behaviour of their own: `loop`, macros, namespaces, functions, classes, dates.

use std::rc::Rc;

use num_bigint::BigInt;

use super::call::Args;
use super::failure::Failure;
use super::run::Run;
use super::value::{Iter, Value};

/// What an object can be asked. The defaults are those of a plain Python object.
pub trait Object {
    /// `type(object).__name__`.
    fn class(&self) -> &str;

    /// The module of its class.
    fn module(&self) -> &'static str {
        "builtins"
    }

    /// `repr(object)`; `0xADDR`-like addresses come from the pointer.
    fn repr(&self, run: &Run) -> Result<String, Failure>;

    /// `str(object)`.
    fn str(&self, run: &Run) -> Result<String, Failure> {
        self.repr(run)
    }

    /// `object.name`; nothing is an `AttributeError`.
    fn attribute(self: Rc<Self>, _run: &Run, _name: &str) -> Result<Option<Value>, Failure> {
        Ok(None)
    }

    /// `object[key]`; nothing means that it has no subscripts.
    fn item(&self, _run: &Run, _key: &Value) -> Result<Option<Value>, Failure> {
        Ok(None)
    }

    /// What `object[a:b]` raises, if not that it has no subscripts; the slice comes as Python shows it.
    fn slice(&self, _shown: &str) -> Option<Failure> {
        None
    }

    /// `object.name = value` as `{% set ns.name %}` does; false when it is no namespace.
    fn assign(&self, _name: &str, _value: Value) -> bool {
        false
    }

    /// Whether it is a `namespace`.
    fn namespace(&self) -> bool {
        false
    }

    /// `callable(object)`.
    fn callable(&self) -> bool {
        false
    }

    /// `object(...)`; only asked when callable.
    fn call(self: Rc<Self>, _run: &Run, _args: Args) -> Result<Value, Failure> {
        Err(Failure::type_error(format!("'{}' object is not callable", self.class())))
    }

    /// `iter(object)`; nothing when it cannot be iterated.
    fn iterate(self: Rc<Self>, _run: &Run) -> Result<Option<Iter>, Failure> {
        Ok(None)
    }

    /// `len(object)`; nothing when it has none.
    fn len(&self, _run: &Run) -> Result<Option<usize>, Failure> {
        Ok(None)
    }

    /// `object == other`; nothing means identity.
    fn equals(&self, _other: &Value) -> Option<bool> {
        None
    }

    /// What tells the object apart where several here are one in Python.
    fn identity(&self) -> Option<&'static str> {
        None
    }

    /// `object.__html__()`, where it has one.
    fn html(&self, _run: &Run) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    /// `int(object)`, of what counts as Python's integers do.
    fn number(&self) -> Option<BigInt> {
        None
    }

    /// What a plain value prints, by which two of one class are told apart.
    fn plain_text(&self) -> Option<String> {
        None
    }
}
