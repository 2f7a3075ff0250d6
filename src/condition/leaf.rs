//! Evaluating: one condition, and sets of them.

use super::System;
use super::load::{Condition, Conditions, Part, no_text};
use super::looked::{Judged, Looked, field};
use super::path::follow;
use super::tree::{Evaluated, Fault, Leaf, Logic, Outcome, Tree};
use super::{explain, netbox47, shown};
use crate::template::{Dict, Python, Value};

impl Conditions {
    /// Evaluates on the data of a webhook: the whole body, when that is what is given, or the object alone.
    pub fn evaluate(&self, context: &Value) -> Evaluated {
        let (data, is_absent) = data_of(self.system, context);
        let python = Python::default();
        let looked = Looked { system: self.system, data: &data, is_absent, python: &python };
        let tree = self.root.evaluate(looked, true);
        Evaluated { outcome: tree.outcome().clone(), tree }
    }
}

/// What the system gives to the conditions of a webhook, and whether it tells of no object; what is no webhook is the
/// object itself.
fn data_of(system: System, context: &Value) -> (Value, bool) {
    let Some(data) = object_of(context) else { return (context.clone(), false) };
    if system != System::NetBox47 {
        return (data, false);
    }
    let snapshots = field(context, "snapshots").filter(|snapshots| !snapshots.is_none());
    let own = if let Value::Dict(data) = &data { data.pairs() } else { Vec::new() };
    let both = own.into_iter().chain(snapshots.map(|snapshots| (Value::str("snapshots"), snapshots)));
    (Dict::of(both).map_or_else(|_| data.clone(), Value::Dict), !matches!(data, Value::Dict(_)))
}

/// What a webhook is about, when this is a webhook's body as it is without a template.
pub(super) fn object_of(context: &Value) -> Option<Value> {
    let is_body = ["event", "timestamp", "request_id"].iter().all(|name| field(context, name).is_some());
    field(context, "data").filter(|_| is_body)
}

impl Part {
    fn evaluate(&self, looked: Looked<'_>, reached: bool) -> Tree {
        match self {
            Self::Set(logic, parts) => set(*logic, parts, looked, reached),
            Self::Condition(condition) => Tree::Leaf(condition.evaluate(looked, reached)),
        }
    }
}

/// Looks at one part after the other until the outcome is known, as Python's `all` and `any` do; then at the others to
/// show them.
fn set(logic: Logic, parts: &[Part], looked: Looked<'_>, reached: bool) -> Tree {
    let decides = logic == Logic::Or;
    let mut outcome = None;
    let mut trees = Vec::new();
    for part in parts {
        let tree = part.evaluate(looked, reached && outcome.is_none());
        match tree.outcome() {
            Outcome::Known(met) if *met != decides => {}
            decisive => {
                outcome.get_or_insert_with(|| decisive.clone());
            }
        }
        trees.push(tree);
    }
    Tree::Set { logic, outcome: outcome.unwrap_or(Outcome::Known(!decides)), reached, parts: trees }
}

impl Condition {
    fn evaluate(&self, looked: Looked<'_>, reached: bool) -> Leaf {
        let Judged { found, met } = self.judge(looked);
        let outcome = met.map_or_else(Outcome::Fault, Outcome::Known);
        let (attr, op, value) = (shown(&self.attr), self.op.name(), self.value.clone());
        let mut leaf = Leaf { attr, op, value, negate: self.negate, found, outcome, reached, hint: None };
        leaf.hint = explain::hint(self, &leaf, looked);
        leaf
    }

    fn judge(&self, looked: Looked<'_>) -> Judged {
        if looked.system == System::NetBox47 {
            return netbox47::judge(self, looked);
        }
        let found = match &self.attr {
            Value::Str(path) => follow(looked.system, looked.data, path),
            attr => Err(no_text(attr, "split")),
        };
        match found {
            Ok(found) => Judged { met: self.compare(looked, &found).map(|met| met != self.negate), found: Some(found) },
            Err(fault) => Judged { found: None, met: Err(fault) },
        }
    }

    /// What the operator makes of the value that was found.
    pub(super) fn compare(&self, looked: Looked<'_>, found: &Value) -> Result<bool, Fault> {
        let judged = self.op.apply(looked.python, found, self.value.as_ref().unwrap_or(&Value::None));
        let is_wrapped = looked.system != System::PeeringManager;
        judged.map_err(|fault| match fault.kind.as_str() {
            "TypeError" if is_wrapped => {
                let (attr, op) = (shown(&self.attr), self.op.name());
                let message = format!("Invalid data type at '{attr}' for '{op}' evaluation: {}", fault.message);
                Fault::invalid(message)
            }
            _ => fault,
        })
    }
}
