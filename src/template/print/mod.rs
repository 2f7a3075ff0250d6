//! How values print: Python's `str()` and `repr()`.

pub mod percent;

use super::failure::Failure;
use super::run::Run;
use super::value::Value;

/// `str(value)`: what `{{ }}` prints. An unsafe `Undefined` raises.
pub fn str(_run: &Run, _value: &Value) -> Result<String, Failure> {
    Err(Failure::refused("printing"))
}

/// `repr(value)`.
pub fn repr(_run: &Run, _value: &Value) -> Result<String, Failure> {
    Err(Failure::refused("printing"))
}

/// `repr()` of a float.
pub fn float(_number: f64) -> String {
    String::new()
}
