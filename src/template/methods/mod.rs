//! The methods of Python's own types.

use super::call::Function;
use super::value::Value;

/// The method of this name that the value's type has, with the name as it prints. What the sandbox forbids is checked
/// before; attributes that are no methods (`int.numerator`) are [`attribute`]'s.
pub fn find(_value: &Value, _name: &str) -> Option<(&'static str, Function)> {
    None
}

/// An attribute that is no method: `(5).real`, `range.start`.
pub fn attribute(_value: &Value, _name: &str) -> Option<Value> {
    None
}
