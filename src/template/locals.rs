//! Where variables live while a function of the template runs, and the context around them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::code::{Load, Program, Variable};
use super::dict::Dict;
use super::value::Value;

/// The variables of one run of a function. Functions inside of it see them through `outer`, as they are then.
pub struct Locals {
    slots: RefCell<Vec<Option<Value>>>,
    outer: Option<Rc<Locals>>,
}

impl Locals {
    /// Variables without values.
    pub fn new(slots: usize, outer: Option<Rc<Locals>>) -> Rc<Locals> {
        Rc::new(Locals { slots: RefCell::new(vec![None; slots]), outer })
    }

    fn owner(&self, hops: usize) -> &Locals {
        let mut locals = self;
        for _ in 0..hops {
            match &locals.outer {
                Some(outer) => locals = outer,
                None => break,
            }
        }
        locals
    }

    /// The value of a variable, unless it is missing.
    pub fn get(&self, variable: Variable) -> Option<Value> {
        self.owner(variable.hops).slots.borrow().get(variable.slot).cloned().flatten()
    }

    /// Sets a variable, or makes it missing.
    pub fn set(&self, variable: Variable, value: Option<Value>) {
        let before = match self.owner(variable.hops).slots.borrow_mut().get_mut(variable.slot) {
            Some(slot) => std::mem::replace(slot, value),
            None => None,
        };
        drop(before);
    }

    /// Sets a variable of this function.
    pub fn set_own(&self, slot: usize, value: Option<Value>) {
        self.set(Variable { hops: 0, slot }, value);
    }

    /// Enters a scope.
    pub fn enter(&self, loads: &[(usize, Load)], context: &Context) {
        for (slot, load) in loads {
            let value = match load {
                Load::Resolve(name) => context.resolve(name),
                Load::Alias(variable) => self.get(*variable),
                Load::Missing => None,
            };
            self.set_own(*slot, value);
        }
    }

    /// Leaves a scope.
    pub fn leave(&self, slots: &[usize]) {
        for slot in slots {
            self.set_own(*slot, None);
        }
    }

    /// Lets go of all values.
    pub fn clear(&self) {
        let values = std::mem::take(&mut *self.slots.borrow_mut());
        drop(values);
    }
}

/// What names mean that no scope of the template sets: the capture's data, the globals, and what the template's own
/// scope has set so far.
pub struct Context {
    /// The template.
    pub program: Arc<Program>,
    vars: RefCell<HashMap<Arc<str>, Value>>,
    data: Dict,
    globals: fn(&str, super::Dialect) -> Option<Value>,
    dialect: super::Dialect,
    outer: Option<Rc<Context>>,
}

impl Context {
    /// The context of a render.
    pub fn new(
        program: Arc<Program>,
        data: Dict,
        dialect: super::Dialect,
        globals: fn(&str, super::Dialect) -> Option<Value>,
    ) -> Rc<Context> {
        Rc::new(Context { program, vars: RefCell::default(), data, globals, dialect, outer: None })
    }

    /// The context of a scoped block: these variables in front of the rest.
    pub fn derived(self: &Rc<Context>, locals: HashMap<Arc<str>, Value>) -> Rc<Context> {
        Rc::new(Context {
            program: self.program.clone(),
            vars: RefCell::new(locals),
            data: self.data.clone(),
            globals: self.globals,
            dialect: self.dialect,
            outer: Some(self.clone()),
        })
    }

    /// The value of a name.
    pub fn resolve(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.vars.borrow().get(name) {
            return Some(value.clone());
        }
        match &self.outer {
            Some(outer) => outer.resolve(name),
            None => self.data.get_str(name).or_else(|| (self.globals)(name, self.dialect)),
        }
    }

    /// The template's own scope has set a name.
    pub fn export(&self, name: &Arc<str>, value: Option<Value>) {
        let before = match value {
            Some(value) => self.vars.borrow_mut().insert(name.clone(), value),
            None => self.vars.borrow_mut().remove(name),
        };
        drop(before);
    }

    /// Lets go of all that was set.
    pub fn clear(&self) {
        let vars = self.vars.take();
        drop(vars);
    }
}
