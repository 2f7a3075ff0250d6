//! Evaluating: one condition, and sets of them.

use super::System;
use super::explain;
use super::load::{Condition, Conditions, Part};
use super::operator::Operator;
use super::path::follow;
use super::shown;
use super::tree::{Evaluated, Fault, Leaf, Logic, Outcome, Tree};
use crate::template::{Python, Value};

/// What conditions look at.
#[derive(Clone, Copy)]
pub(super) struct Looked<'a> {
    pub system: System,
    /// The object, as it is after the change.
    pub data: &'a Value,
    /// The object before and after, as NetBox 4.7 has them.
    pub snapshots: Option<&'a Value>,
    pub python: &'a Python,
}

impl Conditions {
    /// Evaluates on the data of a webhook: the whole body, when that is what is given, or the object alone.
    pub fn evaluate(&self, context: &Value) -> Evaluated {
        let (data, snapshots) = parts_of(context);
        let python = Python::default();
        let looked = Looked { system: self.system, data: &data, snapshots: snapshots.as_ref(), python: &python };
        let tree = self.root.evaluate(looked, true);
        Evaluated { outcome: tree.outcome().clone(), tree }
    }
}

/// The object and the snapshots of a webhook's body; what is no such body is the object itself.
fn parts_of(context: &Value) -> (Value, Option<Value>) {
    let get = |name: &str| match context {
        Value::Dict(dict) => dict.get_str(name),
        _ => None,
    };
    let is_body = ["event", "timestamp", "request_id"].iter().all(|name| get(name).is_some());
    match get("data").filter(|_| is_body) {
        Some(data) => (data, get("snapshots").filter(|snapshots| !snapshots.is_none())),
        None => (context.clone(), None),
    }
}

impl Part {
    fn evaluate(&self, looked: Looked<'_>, reached: bool) -> Tree {
        match self {
            Self::Set(logic, parts) => set(*logic, parts, looked, reached),
            Self::Condition(condition) => Tree::Leaf(condition.evaluate(looked, reached)),
        }
    }
}

/// Looks at one part after the other until the outcome is known, as Python's `all` and `any` do; then at the others to show them.
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
        let result = self.look(looked);
        let (found, result) = match result {
            Ok(found) => (Some(found.clone()), self.judge(looked, &found)),
            Err(fault) => (None, Err(fault)),
        };
        let outcome = match result {
            Ok(met) => Outcome::Known(met != self.negate),
            Err(fault) => Outcome::Fault(fault),
        };
        let mut leaf = Leaf {
            attr: shown(&self.attr),
            op: self.op.name(),
            value: self.value.clone(),
            negate: self.negate,
            found,
            outcome,
            reached,
            hint: None,
        };
        leaf.hint = explain::hint(self, &leaf, looked);
        leaf
    }

    /// The value that its path leads to.
    fn look(&self, looked: Looked<'_>) -> Result<Value, Fault> {
        let Value::Str(path) = &self.attr else {
            let message = format!("'{}' object has no attribute 'split'", self.attr.class());
            return Err(Fault::new("AttributeError", message));
        };
        if self.op.compares_snapshots() {
            return Ok(changes(looked, path));
        }
        match (looked.system, looked.snapshots, path.strip_prefix("snapshots.")) {
            (System::NetBox47, Some(snapshots), Some(rest)) => follow(looked.system, snapshots, rest),
            _ => follow(looked.system, looked.data, path),
        }
    }

    fn judge(&self, looked: Looked<'_>, found: &Value) -> Result<bool, Fault> {
        if self.op.compares_snapshots() {
            let [before, after] = sides(found);
            let same = looked.python.equal(&before, &after).map_err(Fault::of)?;
            return Ok(same == (self.op == Operator::Unchanged));
        }
        let judged = self.op.apply(looked.python, found, &self.value);
        let is_wrapped = looked.system != System::PeeringManager;
        judged.map_err(|fault| match fault.kind.as_str() {
            "TypeError" if is_wrapped => {
                let (attr, op) = (shown(&self.attr), self.op.name());
                let message = format!("Invalid data type at '{attr}' for '{op}' evaluation: {}", fault.message);
                Fault::new("InvalidCondition", message)
            }
            _ => fault,
        })
    }
}

/// What a path leads to before and after the change, as a list of both; what is not there is null.
fn changes(looked: Looked<'_>, path: &str) -> Value {
    let side = |name: &str| {
        let snapshot = looked.snapshots.and_then(|snapshots| follow(System::PeeringManager, snapshots, name).ok());
        snapshot.and_then(|snapshot| follow(System::PeeringManager, &snapshot, path).ok()).unwrap_or(Value::None)
    };
    Value::list(vec![side("prechange"), side("postchange")])
}

fn sides(found: &Value) -> [Value; 2] {
    match found {
        Value::List(list) => [list.get(0).unwrap_or(Value::None), list.get(1).unwrap_or(Value::None)],
        _ => [Value::None, Value::None],
    }
}
