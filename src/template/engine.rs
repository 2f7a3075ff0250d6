//! What filters, methods and functions may ask of the engine while it renders.

use super::call::Args;
use super::failure::Failure;
use super::run::Run;
use super::value::{Iter, Undefined, Value};

/// A binary operator of Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
}

impl Run {
    /// Calls anything callable.
    pub fn call(&self, _callee: &Value, _args: Args) -> Result<Value, Failure> {
        Err(Failure::refused("calls"))
    }

    /// A filter by name, as `map('upper')` applies it; unknown is a `TemplateRuntimeError`.
    pub fn filter(&self, _name: &str, _args: Args) -> Result<Value, Failure> {
        Err(Failure::refused("filters"))
    }

    /// A test by name, as `select('odd')` applies it; its answer is not always a bool.
    pub fn test(&self, _name: &str, _args: Args) -> Result<Value, Failure> {
        Err(Failure::refused("tests"))
    }

    /// `environment.getattr`: attribute, then item, else Undefined. `owner.name` in a template.
    pub fn attribute(&self, _owner: &Value, _name: &str) -> Result<Value, Failure> {
        Err(Failure::refused("attributes"))
    }

    /// `environment.getitem`: item, then attribute, else Undefined. `owner[key]` in a template.
    pub fn item(&self, _owner: &Value, _key: &Value) -> Result<Value, Failure> {
        Err(Failure::refused("items"))
    }

    /// `iter(value)`, or the `TypeError` of what cannot be iterated.
    pub fn iterate(&self, _value: &Value) -> Result<Iter, Failure> {
        Err(Failure::refused("loops"))
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
    pub fn truth(&self, _value: &Value) -> Result<bool, Failure> {
        Err(Failure::refused("conditions"))
    }

    /// `len(value)`, or the `TypeError` of what has none.
    pub fn len(&self, _value: &Value) -> Result<usize, Failure> {
        Err(Failure::refused("lengths"))
    }

    /// `left == right`.
    pub fn equal(&self, _left: &Value, _right: &Value) -> Result<bool, Failure> {
        Err(Failure::refused("comparisons"))
    }

    /// `left < right`, or the `TypeError` of what has no order.
    pub fn less(&self, _left: &Value, _right: &Value) -> Result<bool, Failure> {
        Err(Failure::refused("comparisons"))
    }

    /// `needle in haystack`.
    pub fn contains(&self, _haystack: &Value, _needle: &Value) -> Result<bool, Failure> {
        Err(Failure::refused("comparisons"))
    }

    /// `left operator right`.
    pub fn binary(&self, _operator: Operator, _left: &Value, _right: &Value) -> Result<Value, Failure> {
        Err(Failure::refused("operators"))
    }

    /// What using this Undefined raises.
    pub fn undefined_error(&self, _undefined: &Undefined) -> Failure {
        Failure::refused("undefined values")
    }
}
