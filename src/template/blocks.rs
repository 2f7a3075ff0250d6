//! `self` and `super` in templates: calling blocks.

use std::rc::Rc;
use std::sync::Arc;

use super::call::Args;
use super::execute;
use super::failure::Failure;
use super::locals::Context;
use super::object::Object;
use super::run::Run;
use super::value::{Iter, Undefined, Value};

/// The text of a block.
pub fn text(run: &Run, context: &Rc<Context>, name: &str) -> Result<String, Failure> {
    match context.program.blocks.iter().find(|(own, _)| &**own == name) {
        Some((name, block)) => execute::procedure(run, context, name, block),
        None => Err(Failure::raised("KeyError", super::python::letters::repr(name))),
    }
}

/// `self`.
pub fn reference(context: &Rc<Context>) -> Value {
    Value::Object(Rc::new(Reference { context: context.clone() }))
}

/// `super`: without another template there is never a parent block.
pub fn no_parent(block: &str) -> Value {
    let hint = format!("there is no parent block called '{block}'.");
    Value::Undefined(Rc::new(Undefined { hint: Some(hint), name: Some(Value::str("super")), ..Undefined::default() }))
}

struct Reference {
    context: Rc<Context>,
}

impl Object for Reference {
    fn class(&self) -> &'static str {
        "TemplateReference"
    }

    fn module(&self) -> &'static str {
        "jinja2.runtime"
    }

    fn repr(&self, _run: &Run) -> Result<String, Failure> {
        Ok("<TemplateReference None>".to_owned())
    }

    fn item(&self, _run: &Run, key: &Value) -> Result<Option<Value>, Failure> {
        let Some(name) = key.as_text() else { return Ok(None) };
        let blocks = &self.context.program.blocks;
        Ok(blocks.iter().find(|(own, _)| own == name).map(|(name, _)| {
            Value::Object(Rc::new(BlockReference { name: name.clone(), context: self.context.clone() }))
        }))
    }

    fn slice(&self, shown: &str) -> Option<Failure> {
        Some(Failure::raised("KeyError", shown))
    }

    fn iterate(self: Rc<Self>, _run: &Run) -> Result<Option<Iter>, Failure> {
        // Python tries blocks by number.
        Ok(Some(Iter::new("iterator", "", |_: &Run| Err(Failure::raised("KeyError", "0")))))
    }
}

struct BlockReference {
    name: Arc<str>,
    context: Rc<Context>,
}

impl Object for BlockReference {
    fn class(&self) -> &'static str {
        "BlockReference"
    }

    fn module(&self) -> &'static str {
        "jinja2.runtime"
    }

    fn repr(&self, _run: &Run) -> Result<String, Failure> {
        Err(Failure::refused("the memory address of a block"))
    }

    fn attribute(self: Rc<Self>, _run: &Run, name: &str) -> Result<Option<Value>, Failure> {
        Ok(match name {
            "name" => Some(Value::Str(self.name.clone())),
            "super" => Some(no_parent(&self.name)),
            _ => None,
        })
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(self: Rc<Self>, run: &Run, args: Args) -> Result<Value, Failure> {
        if !args.positional.is_empty() || !args.keyword.is_empty() {
            let given = args.positional.len() + 1;
            let message = format!("BlockReference.__call__() takes 1 positional argument but {given} were given");
            return Err(Failure::type_error(message));
        }
        let text = run.capture(|| text(run, &self.context, &self.name))?;
        Ok(if run.autoescape.get() { Value::markup(text) } else { Value::str(text) })
    }
}
