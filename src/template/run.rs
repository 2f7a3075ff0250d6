//! One render: its limits, its dialect, its clock, and what is noticed on the way.
//!
//! Everything that a filter, method or function needs from the engine hangs here; the methods that run template code
//! or ask about values are in the modules that own those questions.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::{Rc, Weak};

use chrono::{DateTime, Utc};

use super::Dialect;
use super::call::Args;
use super::failure::Failure;
use super::locals::Locals;
use super::value::Value;
use super::{filters, predicates, print};

/// Steps that a render may take.
const STEPS: u64 = 2_000_000;
/// How deep calls may nest.
const DEEPEST: usize = 60;

/// Bodies and expressions that may be inside of each other at a time.
const MOST_NESTED: usize = 330;

/// Names without a value that are noted, each once a line.
const MOST_NOTICED: usize = 100;

/// The state of one render.
pub struct Run {
    /// Whose template it is.
    pub dialect: Dialect,
    /// What time it is.
    pub now: DateTime<Utc>,
    /// Whether `{% autoescape %}` is on here.
    pub autoescape: Cell<bool>,
    /// How many bodies around are captured instead of printed.
    pub captured: Cell<usize>,
    /// What was noticed.
    pub notes: RefCell<Notes>,
    /// The line of the step that is at work.
    pub line: Cell<usize>,
    steps: Cell<u64>,
    depth: Cell<usize>,
    nested: Cell<usize>,
    /// Variables that macros may hold on to, which hold the macros in turn.
    closures: RefCell<Vec<Weak<Locals>>>,
}

/// A name and the line where it was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// The name, or what else there is to say.
    pub name: String,
    /// From 1.
    pub line: usize,
}

/// What is noticed while a template renders.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// Undefined values that were printed, joined with texts, filtered or looped over.
    pub undefined: Vec<Noticed>,
    /// What could not be had, and has a marker in the text.
    pub markers: Vec<Noticed>,
    /// Values that printed as Python writes them.
    pub reprs: Vec<Noticed>,
    /// Lines on which a text with a line break in it was printed.
    pub breaks: BTreeSet<usize>,
}

impl Run {
    /// A render about to begin.
    pub fn new(dialect: Dialect, now: DateTime<Utc>) -> Run {
        Run {
            dialect,
            now,
            autoescape: Cell::new(false),
            captured: Cell::new(0),
            notes: RefCell::default(),
            line: Cell::new(0),
            steps: Cell::new(0),
            depth: Cell::new(0),
            nested: Cell::new(0),
            closures: RefCell::default(),
        }
    }

    /// Counts one step: an iteration, a call, a node.
    pub fn step(&self) -> Result<(), Failure> {
        self.charge(1)
    }

    /// Counts work that grows with data: items copied, bytes made.
    pub fn charge(&self, steps: usize) -> Result<(), Failure> {
        let spent = self.steps.get().saturating_add(steps as u64);
        self.steps.set(spent);
        if spent > STEPS {
            Err(Failure::limit(format!("a template that takes more than {STEPS} steps")))
        } else {
            Ok(())
        }
    }

    /// Counts what it takes to read a text, which most of what is called on one does.
    pub fn charge_text(&self, value: Option<&Value>) -> Result<(), Failure> {
        value.and_then(Value::as_text).map_or(Ok(()), |text| self.charge(text.len() / 64))
    }

    /// Runs something one call deeper.
    pub fn deeper<T>(&self, part: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        self.step()?;
        if self.depth.get() >= DEEPEST {
            return Err(Failure::limit(format!("calls nested more than {DEEPEST} deep")));
        }
        self.depth.set(self.depth.get() + 1);
        let result = part();
        self.depth.set(self.depth.get() - 1);
        result
    }

    /// Evaluates a part of something: what nests in the template nests on the stack.
    pub fn nested<T>(&self, part: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        self.step()?;
        let depth = self.nested.get();
        if depth >= MOST_NESTED {
            return Err(Failure::limit("a template that nests this deep while it runs"));
        }
        self.nested.set(depth + 1);
        let result = part();
        self.nested.set(depth);
        result
    }

    /// Runs a body whose text does not go to the output directly.
    pub fn capture<T>(&self, part: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        self.captured.set(self.captured.get() + 1);
        let result = part();
        self.captured.set(self.captured.get() - 1);
        result
    }

    /// Variables that a macro holds on to.
    pub fn keep(&self, locals: &Rc<Locals>) {
        let mut closures = self.closures.borrow_mut();
        let last = closures.last().and_then(Weak::upgrade);
        if !last.is_some_and(|last| Rc::ptr_eq(&last, locals)) {
            closures.push(Rc::downgrade(locals));
        }
    }

    /// Notes a value that is a name without one. An inline `if` that is false and has no `else` has no name, and is meant.
    pub fn notice_undefined(&self, value: &Value) {
        let Value::Undefined(undefined) = value else { return };
        let Some(name) = undefined.name.as_ref().and_then(|name| print::str(self, name).ok()) else { return };
        let noticed = Noticed { name, line: self.line.get() };
        let known = &mut self.notes.borrow_mut().undefined;
        if !known.contains(&noticed) && known.len() < MOST_NOTICED {
            known.push(noticed);
        }
    }

    /// Ends the render: macros and their variables let go of each other.
    pub fn finish(&self) -> Notes {
        for locals in self.closures.take() {
            if let Some(locals) = locals.upgrade() {
                locals.clear();
            }
        }
        self.notes.take()
    }

    /// Calls anything callable.
    pub fn call(&self, callee: &Value, args: Args) -> Result<Value, Failure> {
        match callee {
            Value::Undefined(undefined) => Err(self.undefined_error(undefined)),
            Value::Method(bound) => {
                self.charge_text(Some(&bound.receiver))?;
                self.deeper(|| bound.call(self, args))
            }
            Value::Object(object) if object.callable() => self.deeper(|| object.clone().call(self, args)),
            _ => Err(Failure::type_error(format!("'{}' object is not callable", callee.class()))),
        }
    }

    /// A filter by name, as `map('upper')` applies it; unknown is a `TemplateRuntimeError`.
    pub fn filter(&self, name: &str, args: Args) -> Result<Value, Failure> {
        self.charge_text(args.positional.first())?;
        match filters::find(name, self.dialect) {
            Some(filter) => filter(self, args),
            None => Err(Failure::jinja("TemplateRuntimeError", format!("No filter named {}.", repr(name)))),
        }
    }

    /// A test by name, as `select('odd')` applies it; its answer is not always a bool.
    pub fn test(&self, name: &str, args: Args) -> Result<Value, Failure> {
        match predicates::find(name) {
            Some(test) => test(self, args),
            None => Err(Failure::jinja("TemplateRuntimeError", format!("No test named {}.", repr(name)))),
        }
    }
}

fn repr(name: &str) -> String {
    super::python::letters::repr(name)
}
