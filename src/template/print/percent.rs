//! The `%` of strings: Python's printf-style formatting.

use crate::template::failure::Failure;
use crate::template::run::Run;
use crate::template::value::Value;

/// `template % right`, where `template` is a str, Markup (whose arguments are escaped) or bytes.
pub fn format(_run: &Run, _template: &Value, _right: &Value) -> Result<Value, Failure> {
    Err(Failure::refused("the % of strings"))
}
