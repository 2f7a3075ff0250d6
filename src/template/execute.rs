//! Running the steps of a program.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::blocks;
use super::call::Args;
use super::code::{BlockPlace, Capture, Escape, Export, Expr, Macro, Op, Procedure, Stmt, Target, Variable};
use super::failure::Failure;
use super::inclusion;
use super::locals::{Context, Locals};
use super::loops;
use super::macros;
use super::run::{Noticed, Run};
use super::value::Value;
use super::{markup, print};

type Done = Result<(), Failure>;

/// A function of the template while it runs.
#[derive(Clone)]
pub struct Activation<'r> {
    /// The render.
    pub run: &'r Run,
    /// Names that no scope sets.
    pub context: Rc<Context>,
    /// The variables.
    pub locals: Rc<Locals>,
    /// The text that the filters of a block work on.
    pub filtered: Option<Value>,
}

/// Runs a procedure of the template: its body's text.
pub fn procedure(run: &Run, context: &Rc<Context>, name: &str, procedure: &Procedure) -> Result<String, Failure> {
    let locals = Locals::new(procedure.slots, None);
    if let Some(slot) = procedure.self_slot {
        locals.set_own(slot, Some(blocks::reference(context)));
    }
    if let Some(slot) = procedure.super_slot {
        locals.set_own(slot, Some(blocks::no_parent(name)));
    }
    let activation = Activation { run, context: context.clone(), locals, filtered: None };
    let mut out = String::new();
    activation.body(&procedure.body, &mut out)?;
    Ok(out)
}

impl Activation<'_> {
    /// Runs steps.
    pub fn body(&self, steps: &[Stmt], out: &mut String) -> Done {
        let run = || steps.iter().try_for_each(|step| self.step(step, out).map_err(|failure| failure.at(step.line)));
        self.run.nested(run)
    }

    fn step(&self, step: &Stmt, out: &mut String) -> Done {
        self.run.step()?;
        // A macro's steps are within one of its caller, who goes on behind them.
        let outer = self.run.line.replace(step.line);
        let done = self.act(step, out);
        self.run.line.set(outer);
        done
    }

    fn act(&self, step: &Stmt, out: &mut String) -> Done {
        match &step.op {
            Op::Text(text) => self.write(text, out),
            Op::Print(expr, escape) => self.print(expr, *escape, step.line, out),
            Op::Enter(loads) => {
                self.locals.enter(loads, &self.context);
                Ok(())
            }
            Op::Leave(slots) => {
                self.locals.leave(slots);
                Ok(())
            }
            Op::CheckNamespaces(variables) => self.check_namespaces(variables),
            Op::Assign(target, value, exports) => {
                let value = self.eval(value)?;
                self.assign(target, value)?;
                self.export(exports);
                Ok(())
            }
            Op::Capture(capture) => self.capture(capture),
            Op::If(branches, otherwise) => self.if_(branches, otherwise, out),
            Op::For(code) => loops::run(self, code, out),
            Op::Macro(variable, code, export) => {
                self.define(*variable, code, export.as_ref());
                Ok(())
            }
            Op::CallBlock(code, call) => self.call_block(code, call, out),
            Op::FilterBlock(body, filter) => self.filter_block(body, filter, out),
            Op::Autoescape(on, body) => self.autoescape(on, body, out),
            Op::Block(place) => self.block(place, out),
            Op::Template(inclusion, template, ignore) => inclusion::run(self, inclusion, template, *ignore),
        }
    }

    fn write(&self, text: &str, out: &mut String) -> Done {
        self.run.charge(text.len() / 16)?;
        out.push_str(text);
        Ok(())
    }

    fn print(&self, expr: &Expr, escape: Escape, line: usize, out: &mut String) -> Done {
        let text = self.eval(expr).and_then(|value| {
            self.notice(&value, line);
            if self.escapes(escape) { markup::escape(self.run, &value) } else { print::str(self.run, &value) }
        });
        match text {
            Ok(text) => self.write(&text, out),
            Err(Failure::Refused(refused)) if !refused.limit && self.run.captured.get() == 0 => {
                let marker = format!("\u{27ea}{}\u{27eb}", refused.what);
                let noticed = Noticed { name: refused.what, line: refused.line.unwrap_or(line) };
                self.run.notes.borrow_mut().markers.push(noticed);
                self.write(&marker, out)
            }
            Err(failure) => Err(failure),
        }
    }

    fn escapes(&self, escape: Escape) -> bool {
        match escape {
            Escape::Off => false,
            Escape::On => true,
            Escape::Volatile => self.run.autoescape.get(),
        }
    }

    /// Notes what is likely not meant: a name that prints nothing, or Python's own notation.
    fn notice(&self, value: &Value, line: usize) {
        match value {
            Value::Undefined(_) => self.run.notice_undefined(value),
            Value::Str(text) if text.contains(['\n', '\r']) => {
                self.run.notes.borrow_mut().breaks.insert(line);
            }
            Value::None
            | Value::Bool(_)
            | Value::List(_)
            | Value::Tuple(_)
            | Value::Dict(_)
            | Value::View(_)
            | Value::Bytes(_)
            | Value::Iterator(_)
            | Value::Method(_)
            | Value::Object(_) => {
                self.run.notes.borrow_mut().reprs.push(Noticed { name: value.class().to_owned(), line });
            }
            Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Markup(_) | Value::Range(_) => {}
        }
    }

    fn check_namespaces(&self, variables: &[Variable]) -> Done {
        let is_namespace = |variable: &Variable| matches!(self.locals.get(*variable), Some(Value::Object(object)) if object.namespace());
        if variables.iter().all(is_namespace) {
            return Ok(());
        }
        Err(Failure::jinja("TemplateRuntimeError", "cannot assign attribute on non-namespace object"))
    }

    /// Sets a target.
    pub fn assign(&self, target: &Target, value: Value) -> Done {
        match target {
            Target::Variable(variable) => self.locals.set(*variable, Some(value)),
            Target::Namespace(variable, name) => return self.set_attribute(*variable, name, value),
            Target::Tuple(targets) => {
                let values = self.unpack(&value, targets.len())?;
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, value)?;
                }
            }
        }
        Ok(())
    }

    fn set_attribute(&self, variable: Variable, name: &Arc<str>, value: Value) -> Done {
        let owner = self.locals.get(variable);
        let class = match &owner {
            Some(Value::Object(object)) if object.assign(name, value.clone()) => return Ok(()),
            Some(Value::Dict(dict)) => return dict.insert(Value::Str(name.clone()), value),
            Some(Value::List(_)) => {
                return Err(Failure::type_error("list indices must be integers or slices, not str"));
            }
            Some(other) => other.class(),
            None => "MissingType",
        };
        Err(Failure::type_error(format!("'{class}' object does not support item assignment")))
    }

    /// As many values as there are targets.
    fn unpack(&self, value: &Value, count: usize) -> Result<Vec<Value>, Failure> {
        let iter = self.run.iterate(value).map_err(|failure| {
            if failure.is_any(&["TypeError"]) {
                Failure::type_error(format!("cannot unpack non-iterable {} object", value.class()))
            } else {
                failure
            }
        })?;
        let mut values = Vec::with_capacity(count);
        while let Some(item) = iter.next(self.run)? {
            if values.len() == count {
                return Err(Failure::value_error(format!("too many values to unpack (expected {count})")));
            }
            values.push(item);
        }
        if values.len() < count {
            let message = format!("not enough values to unpack (expected {count}, got {})", values.len());
            return Err(Failure::value_error(message));
        }
        Ok(values)
    }

    fn export(&self, exports: &[Export]) {
        for (name, variable) in exports {
            self.context.export(name, self.locals.get(*variable));
        }
    }

    /// The text of a body as a value: Markup where text is escaped.
    fn captured(&self, body: &[Stmt]) -> Result<Value, Failure> {
        let mut text = String::new();
        self.run.capture(|| self.body(body, &mut text))?;
        Ok(self.text_value(text))
    }

    /// A captured text as a value.
    pub fn text_value(&self, text: String) -> Value {
        if self.run.autoescape.get() { Value::markup(text) } else { Value::str(text) }
    }

    fn capture(&self, capture: &Capture) -> Done {
        let mut value = self.captured(&capture.body)?;
        if let Some(filter) = &capture.filter {
            value = self.filtering(value, filter)?;
            if self.run.autoescape.get() {
                value = Value::markup(print::str(self.run, &value)?);
            }
        }
        self.assign(&capture.target, value)?;
        self.export(&capture.exports);
        Ok(())
    }

    fn filtering(&self, value: Value, filter: &Expr) -> Result<Value, Failure> {
        let inner = Activation { filtered: Some(value), ..self.clone() };
        inner.eval(filter)
    }

    fn filter_block(&self, body: &[Stmt], filter: &Expr, out: &mut String) -> Done {
        let text = self.captured(body)?;
        let value = self.filtering(text, filter)?;
        self.write_raw(&value, out)
    }

    /// Writes what is joined to the output without being printed first: it must be a string.
    fn write_raw(&self, value: &Value, out: &mut String) -> Done {
        match value.as_text() {
            Some(text) => self.write(text, out),
            None => Err(Failure::refused(format!("a {} in the place of a body's text", value.class()))),
        }
    }

    fn if_(&self, branches: &[(Expr, Vec<Stmt>, usize)], otherwise: &[Stmt], out: &mut String) -> Done {
        for (test, body, line) in branches {
            if self.truth(test).map_err(|failure| failure.at(*line))? {
                return self.body(body, out);
            }
        }
        self.body(otherwise, out)
    }

    fn define(&self, variable: Variable, code: &Arc<Macro>, export: Option<&Arc<str>>) {
        let value = macros::closure(self, code);
        if let Some(name) = export {
            self.context.export(name, Some(value.clone()));
        }
        self.locals.set(variable, Some(value));
    }

    fn call_block(&self, code: &Arc<Macro>, call: &Expr, out: &mut String) -> Done {
        let body = macros::closure(self, code);
        let Expr::Call(callee, arguments) = call else { return Ok(()) };
        let callee = self.eval(callee)?;
        let mut args: Args = self.args(Vec::new(), arguments, "jinja2.sandbox.SandboxedEnvironment.call")?;
        args.keyword.push((Arc::from("caller"), body));
        let value = self.call(&callee, args)?;
        self.write_raw(&value, out)
    }

    fn autoescape(&self, on: &Expr, body: &[Stmt], out: &mut String) -> Done {
        let on = self.truth(on)?;
        let before = self.run.autoescape.replace(on);
        self.body(body, out)?;
        self.run.autoescape.set(before);
        Ok(())
    }

    fn block(&self, place: &BlockPlace, out: &mut String) -> Done {
        if place.required {
            let message = format!("Required block '{}' not found", place.name);
            return Err(Failure::jinja("TemplateRuntimeError", message));
        }
        let context = match &place.scoped {
            Some(names) => {
                let value = |(name, variable): &Export| Some((name.clone(), self.locals.get(*variable)?));
                self.context.derived(names.iter().filter_map(value).collect::<HashMap<_, _>>())
            }
            None => self.context.clone(),
        };
        let text = self.run.deeper(|| blocks::text(self.run, &context, &place.name))?;
        self.write(&text, out)
    }
}
