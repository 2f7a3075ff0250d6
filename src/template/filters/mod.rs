//! The filters: Jinja2's own, and those of each system.

use super::Dialect;
use super::call::Function;
use super::value::Value;

/// The filter of this name, where the dialect has it.
pub fn find(_name: &str, _dialect: Dialect) -> Option<Function> {
    None
}

/// The globals that a system adds: Peering Manager's `now`.
pub fn global(_name: &str, _dialect: Dialect) -> Option<Value> {
    None
}
