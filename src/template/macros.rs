//! Macros and `caller`: how arguments become parameters, and running the body.

use std::rc::Rc;
use std::sync::Arc;

use super::call::Args;
use super::code::Macro;
use super::dict::Dict;
use super::execute::Activation;
use super::failure::Failure;
use super::locals::{Context, Locals};
use super::object::Object;
use super::python::letters;
use super::run::Run;
use super::value::{Undefined, Value};

/// A macro that sees the variables around it, as they are when it is called.
struct Closure {
    code: Arc<Macro>,
    context: Rc<Context>,
    outer: Rc<Locals>,
}

/// Makes a macro here.
pub fn closure(activation: &Activation<'_>, code: &Arc<Macro>) -> Value {
    activation.run.keep(&activation.locals);
    let (context, outer) = (activation.context.clone(), activation.locals.clone());
    Value::Object(Rc::new(Closure { code: code.clone(), context, outer }))
}

fn undefined(hint: String, name: &str) -> Value {
    Value::Undefined(Rc::new(Undefined { hint: Some(hint), name: Some(Value::str(name)), ..Undefined::default() }))
}

impl Closure {
    /// The name as messages show it.
    fn shown(&self) -> String {
        self.code.name.as_ref().map_or_else(|| "None".to_owned(), |name| letters::repr(name))
    }

    /// Whether `caller` is one of the parameters.
    fn explicit_caller(&self) -> bool {
        self.code.parameters.iter().any(|parameter| &*parameter.name == "caller")
    }

    /// Gives each argument its variable.
    fn bind(&self, mut args: Args, locals: &Locals) -> Result<(), Failure> {
        let parameters = &self.code.parameters;
        let mut rest = args.positional.split_off(parameters.len().min(args.positional.len()));
        let given = args.positional.len();
        let mut found_caller = given == parameters.len() && self.explicit_caller();
        for (parameter, value) in parameters.iter().zip(args.positional) {
            locals.set_own(parameter.slot, Some(value));
        }
        for parameter in &parameters[given..] {
            found_caller |= &*parameter.name == "caller";
            locals.set_own(parameter.slot, take(&mut args.keyword, &parameter.name));
        }
        if self.code.uses_caller && !found_caller {
            self.bind_caller(&mut args.keyword, locals);
        }
        self.bind_keywords(args.keyword, locals)?;
        if let Some(slot) = self.code.varargs {
            locals.set_own(slot, Some(Value::tuple(std::mem::take(&mut rest))));
        }
        if rest.is_empty() {
            return Ok(());
        }
        let message = format!("macro {} takes not more than {} argument(s)", self.shown(), parameters.len());
        Err(Failure::type_error(message))
    }

    fn bind_caller(&self, keyword: &mut Vec<(Arc<str>, Value)>, locals: &Locals) {
        let caller = take(keyword, "caller").filter(|caller| !caller.is_none());
        let caller = caller.unwrap_or_else(|| undefined("No caller defined".to_owned(), "caller"));
        if let Some(slot) = self.code.caller {
            locals.set_own(slot, Some(caller));
        }
    }

    fn bind_keywords(&self, keyword: Vec<(Arc<str>, Value)>, locals: &Locals) -> Result<(), Failure> {
        if let Some(slot) = self.code.kwargs {
            let pairs = keyword.into_iter().map(|(name, value)| (Value::Str(name), value));
            locals.set_own(slot, Some(Value::Dict(Dict::of(pairs)?)));
            return Ok(());
        }
        let Some((first, _)) = keyword.first() else { return Ok(()) };
        let shown = self.shown();
        Err(Failure::type_error(if keyword.iter().any(|(name, _)| &**name == "caller") {
            format!(
                "macro {shown} was invoked with two values for the special caller argument. This is most likely a bug."
            )
        } else {
            format!("macro {shown} takes no keyword argument {}", letters::repr(first))
        }))
    }

    fn run(&self, activation: &Activation<'_>) -> Result<String, Failure> {
        activation.locals.enter(&self.code.loads, &self.context);
        for parameter in &self.code.parameters {
            let own = super::code::Variable { hops: 0, slot: parameter.slot };
            if activation.locals.get(own).is_some() {
                continue;
            }
            let value = if let Some(default) = &parameter.default {
                activation.eval(default).map_err(|failure| failure.at(self.code.line))?
            } else {
                let name = &parameter.name;
                undefined(format!("parameter {} was not provided", letters::repr(name)), name)
            };
            activation.locals.set_own(parameter.slot, Some(value));
        }
        let mut out = String::new();
        activation.run.capture(|| activation.body(&self.code.body, &mut out))?;
        Ok(out)
    }
}

fn take(keyword: &mut Vec<(Arc<str>, Value)>, name: &str) -> Option<Value> {
    let at = keyword.iter().position(|(own, _)| &**own == name)?;
    Some(keyword.remove(at).1)
}

impl Object for Closure {
    fn class(&self) -> &'static str {
        "Macro"
    }

    fn module(&self) -> &'static str {
        "jinja2.runtime"
    }

    fn repr(&self, _run: &Run) -> Result<String, Failure> {
        Ok(match &self.code.name {
            Some(name) => format!("<Macro {}>", letters::repr(name)),
            None => "<Macro anonymous>".to_owned(),
        })
    }

    fn attribute(self: Rc<Self>, _run: &Run, name: &str) -> Result<Option<Value>, Failure> {
        let code = &self.code;
        Ok(Some(match name {
            "name" => code.name.as_ref().map_or(Value::None, |name| Value::Str(name.clone())),
            "arguments" => {
                Value::tuple(code.parameters.iter().map(|parameter| Value::Str(parameter.name.clone())).collect())
            }
            "catch_kwargs" => Value::Bool(code.kwargs.is_some()),
            "catch_varargs" => Value::Bool(code.varargs.is_some()),
            "caller" => Value::Bool(code.uses_caller),
            "explicit_caller" => Value::Bool(self.explicit_caller()),
            _ => return Ok(None),
        }))
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(self: Rc<Self>, run: &Run, args: Args) -> Result<Value, Failure> {
        let locals = Locals::new(self.code.slots, Some(self.outer.clone()));
        self.bind(args, &locals)?;
        let activation = Activation { run, context: self.context.clone(), locals, filtered: None };
        let text = self.run(&activation)?;
        Ok(activation.text_value(text))
    }
}
