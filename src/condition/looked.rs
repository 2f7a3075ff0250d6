//! What conditions are given to look at, and what one makes of it.

use super::System;
use super::tree::Fault;
use crate::template::{Python, Value};

/// What conditions look at.
#[derive(Clone, Copy)]
pub(super) struct Looked<'a> {
    pub system: System,
    /// The object, as it is after the change; NetBox 4.7 puts the snapshots beside its fields.
    pub data: &'a Value,
    /// Whether the webhook tells of no object at all.
    pub is_absent: bool,
    pub python: &'a Python,
}

/// What a condition finds at its path, if it gets there, and whether it is met.
pub(super) struct Judged {
    pub found: Option<Value>,
    pub met: Result<bool, Fault>,
}

/// The value under a key, when it is a dict that has it.
pub(super) fn field(value: &Value, name: &str) -> Option<Value> {
    if let Value::Dict(dict) = value { dict.get_str(name) } else { None }
}
