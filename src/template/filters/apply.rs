//! Filters that apply others to each item: map, select, reject and their kin.

use super::super::call::Args;
use super::super::failure::Failure;
use super::super::methods;
use super::super::parameters::{Bindings, Signature};
use super::super::print;
use super::super::python::letters;
use super::super::run::Run;
use super::super::value::{Iter, Undefined, Value};
use super::attribute::Path;
use super::{Table, argument_error};

pub(super) const FILTERS: Table = &[
    ("attr", attr),
    ("map", map),
    ("reject", |_, args| chosen(args, Choice { keep: false, by_attribute: false })),
    ("rejectattr", |_, args| chosen(args, Choice { keep: false, by_attribute: true })),
    ("select", |_, args| chosen(args, Choice { keep: true, by_attribute: false })),
    ("selectattr", |_, args| chosen(args, Choice { keep: true, by_attribute: true })),
];

/// Splits off the value on the left.
fn split_value(mut args: Args) -> (Value, Args) {
    let value = if args.positional.is_empty() { Value::None } else { args.positional.remove(0) };
    (value, args)
}

/// A filter or test that is applied by name to each item, with its other arguments.
struct Applied {
    name: Value,
    args: Args,
}

impl Applied {
    fn args(&self, item: Value) -> Args {
        let mut positional = vec![item];
        positional.extend(self.args.positional.iter().cloned());
        Args { positional, keyword: self.args.keyword.clone() }
    }

    /// The name, or the error of what is none: nothing is found under it.
    fn name(&self, run: &Run, what: &str) -> Result<&str, Failure> {
        if let Some(name) = self.name.as_text() {
            return Ok(name);
        }
        if matches!(self.name, Value::List(_) | Value::Dict(_)) {
            return Err(Failure::type_error(format!("unhashable type: '{}'", self.name.class())));
        }
        let mut message = format!("No {what} named {}.", print::repr(run, &self.name)?);
        if let Value::Undefined(undefined) = &self.name
            && let Failure::Raised(raised) = run.undefined_error(undefined)
        {
            message = format!("{message} ({}; did you forget to quote the callable name?)", raised.message);
        }
        Err(Failure::jinja("TemplateRuntimeError", message))
    }
}

enum Mapper {
    Path(Path),
    Filter(Applied),
}

impl Mapper {
    fn prepare(run: &Run, mut args: Args) -> Result<Mapper, Failure> {
        if args.positional.is_empty() && args.named("attribute").is_some() {
            let mut take = |name: &str| {
                let place = args.keyword.iter().position(|(key, _)| &**key == name)?;
                Some(args.keyword.remove(place).1)
            };
            let attribute = take("attribute").unwrap_or(Value::None);
            let default = take("default").unwrap_or(Value::None);
            if let Some((name, _)) = args.keyword.first() {
                return Err(argument_error(format!("Unexpected keyword argument {}", letters::repr(name))));
            }
            return Ok(Mapper::Path(Path::of(&attribute)?.or(default)));
        }
        if args.positional.is_empty() {
            return Err(argument_error("map requires a filter argument"));
        }
        run.step()?;
        let name = args.positional.remove(0);
        Ok(Mapper::Filter(Applied { name, args }))
    }

    fn apply(&self, run: &Run, item: Value) -> Result<Value, Failure> {
        match self {
            Mapper::Path(path) => path.get(run, &item),
            Mapper::Filter(filter) => run.filter(filter.name(run, "filter")?, filter.args(item)),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of all filters")]
fn map(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (value, args) = split_value(args);
    let mut state: Option<(Iter, Mapper)> = None;
    let mut start = Some((value, args));
    Ok(Value::generator("sync_do_map", move |run: &Run| {
        if let Some((value, args)) = start.take() {
            if !run.truth(&value)? {
                return Ok(None);
            }
            let mapper = Mapper::prepare(run, args)?;
            state = Some((run.iterate(&value)?, mapper));
        }
        let Some((items, mapper)) = &state else { return Ok(None) };
        items.next(run)?.map(|item| mapper.apply(run, item)).transpose()
    }))
}

/// Which items are kept.
#[derive(Clone, Copy)]
struct Choice {
    keep: bool,
    by_attribute: bool,
}

struct Chooser {
    path: Path,
    test: Option<Applied>,
}

impl Chooser {
    fn prepare(choice: Choice, mut args: Args) -> Result<Chooser, Failure> {
        let mut path = Path::default();
        if choice.by_attribute {
            if args.positional.is_empty() {
                return Err(argument_error("Missing parameter for attribute name"));
            }
            path = Path::of(&args.positional.remove(0))?;
        }
        let test = (!args.positional.is_empty()).then(|| {
            let name = args.positional.remove(0);
            Applied { name, args }
        });
        Ok(Chooser { path, test })
    }

    fn holds(&self, run: &Run, item: &Value) -> Result<bool, Failure> {
        let value = self.path.get(run, item)?;
        let Some(test) = &self.test else { return run.truth(&value) };
        let answer = run.test(test.name(run, "test")?, test.args(value))?;
        run.truth(&answer)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of all filters")]
fn chosen(args: Args, choice: Choice) -> Result<Value, Failure> {
    let (value, args) = split_value(args);
    let mut state: Option<(Iter, Chooser)> = None;
    let mut start = Some((value, args));
    Ok(Value::generator("select_or_reject", move |run: &Run| {
        if let Some((value, args)) = start.take() {
            if !run.truth(&value)? {
                return Ok(None);
            }
            let chooser = Chooser::prepare(choice, args)?;
            state = Some((run.iterate(&value)?, chooser));
        }
        let Some((items, chooser)) = &state else { return Ok(None) };
        while let Some(item) = items.next(run)? {
            if chooser.holds(run, &item)? == choice.keep {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }))
}

const ATTR: Signature = Signature { name: "do_attr", hidden: 1, names: &["obj", "name"], required: 2 };

fn attr(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&ATTR, args)?;
    let (object, name) = (bound.required(), bound.required());
    let Some(text) = name.as_text() else {
        return Err(Failure::type_error(format!("attribute name must be string, not '{}'", name.class())));
    };
    if has_attribute(run, &object, text)? {
        return run.attribute(&object, text);
    }
    let undefined = Undefined { owner: Some(object), name: Some(name), ..Undefined::default() };
    Ok(Value::Undefined(undefined.into()))
}

/// Whether Python's object has the attribute; those with underscores that all have are known by name.
fn has_attribute(run: &Run, object: &Value, name: &str) -> Result<bool, Failure> {
    let common =
        ["__class__", "__doc__", "__init__", "__dir__", "__eq__", "__hash__", "__repr__", "__str__", "__new__"];
    if common.contains(&name) || methods::find(object, name).is_some() || methods::attribute(object, name).is_some() {
        return Ok(true);
    }
    match object {
        Value::Object(object) => Ok(std::rc::Rc::clone(object).attribute(run, name)?.is_some()),
        Value::Undefined(undefined) if !name.starts_with("__") => Err(run.undefined_error(undefined)),
        _ => Ok(false),
    }
}
