//! What a condition does with the value that it finds.

use super::System;
use super::regex::Pattern;
use super::tree::Fault;
use crate::template::{Order, Python, Value};

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Eq,
    Gt,
    Gte,
    Lt,
    Lte,
    In,
    Contains,
    Regex,
    /// NetBox 4.7: differs between the snapshots.
    Changed,
    /// NetBox 4.7: is the same in both snapshots.
    Unchanged,
}

/// All that every system knows, in the order in which they list them, then NetBox 4.7's own.
const NAMES: [(&str, Operator); 10] = [
    ("eq", Operator::Eq),
    ("gt", Operator::Gt),
    ("gte", Operator::Gte),
    ("lt", Operator::Lt),
    ("lte", Operator::Lte),
    ("in", Operator::In),
    ("contains", Operator::Contains),
    ("regex", Operator::Regex),
    ("changed", Operator::Changed),
    ("unchanged", Operator::Unchanged),
];

impl Operator {
    /// The operators of a system with their names.
    pub fn all(system: System) -> &'static [(&'static str, Self)] {
        if system == System::NetBox47 { &NAMES } else { &NAMES[..8] }
    }

    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }

    /// Whether it looks at the snapshots and takes no value.
    pub fn compares_snapshots(self) -> bool {
        matches!(self, Self::Changed | Self::Unchanged)
    }

    /// Whether it takes a value of this class; nothing for a class that no operator takes.
    pub fn takes(self, value: &Value) -> Option<bool> {
        let fits: &[Self] = match value {
            Value::Str(_) => &[Self::Eq, Self::Contains, Self::Regex],
            Value::Bool(_) => &[Self::Eq, Self::Contains],
            Value::Int(_) | Value::Float(_) => &[Self::Eq, Self::Gt, Self::Gte, Self::Lt, Self::Lte, Self::Contains],
            Value::List(_) => &[Self::Eq, Self::In, Self::Contains],
            Value::None => &[Self::Eq],
            _ => return None,
        };
        Some(fits.contains(&self))
    }

    /// What it makes of the value that was `found`.
    pub fn apply(self, python: &Python, found: &Value, wanted: &Value) -> Result<bool, Fault> {
        let result = match self {
            Self::Eq => python.equal(found, wanted),
            Self::Gt => python.ordered(found, Order::Greater, wanted),
            Self::Gte => python.ordered(found, Order::GreaterOrEqual, wanted),
            Self::Lt => python.ordered(found, Order::Less, wanted),
            Self::Lte => python.ordered(found, Order::LessOrEqual, wanted),
            Self::In => python.contains(wanted, found),
            Self::Contains => python.contains(found, wanted),
            Self::Regex => return matches(found, wanted),
            Self::Changed | Self::Unchanged => Ok(false),
        };
        result.map_err(Fault::of)
    }
}

/// `re.match(wanted, found)`; the pattern is compiled first.
fn matches(found: &Value, wanted: &Value) -> Result<bool, Fault> {
    let pattern = wanted.as_text().map(|text| Pattern::parse(text)).transpose();
    let pattern = pattern.map_err(|error| Fault::new(error.kind(), error.to_string()))?;
    if let (Some(pattern), Some(text)) = (pattern, found.as_text()) {
        return pattern.matches(text).map_err(|error| Fault::refused(error.to_string()));
    }
    let class = found.class();
    Err(Fault::new("TypeError", format!("expected string or bytes-like object, got '{class}'")))
}
