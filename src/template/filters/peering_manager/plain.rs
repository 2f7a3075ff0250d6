//! Peering Manager's filters that plain data has an answer for.

use unicode_normalization::UnicodeNormalization as _;

use super::super::super::call::{Args, Bound};
use super::super::super::convert;
use super::super::super::engine::Operator;
use super::super::super::failure::Failure;
use super::super::super::methods::{self, lines};
use super::super::super::parameters::{Bindings, Signature};
use super::super::super::print;
use super::super::super::run::Run;
use super::super::super::value::{Iter, Value};
use super::super::{Table, json, yaml};

pub(in super::super) const FILTERS: Table = &[
    ("arista_password", arista_password),
    ("as_json", as_json),
    ("as_yaml", as_yaml),
    ("cisco_password", cisco_password),
    ("count", length),
    ("filter", filter),
    ("get", get),
    ("indent", indent),
    ("iterate", iterate),
    ("len", length),
    ("length", length),
    ("quote", quote),
    ("safe_string", safe_string),
    ("unique_items", unique_items),
];

const LENGTH: Signature = Signature { name: "length", hidden: 0, names: &["value"], required: 1 };

fn length(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&LENGTH, args)?.required();
    run.len(&value).map(Value::int)
}

/// `getattr(value, name)` of Python itself, which knows no items; nothing where there is no such attribute.
pub(super) fn attribute(run: &Run, value: &Value, name: &str) -> Result<Option<Value>, Failure> {
    if let Some(found) = methods::attribute(value, name) {
        return Ok(Some(found));
    }
    if let Some((name, function)) = methods::find(value, name) {
        return Ok(Some(Value::Method(Bound { receiver: value.clone(), name, function }.into())));
    }
    match value {
        Value::Object(object) => std::rc::Rc::clone(object).attribute(run, name),
        Value::Undefined(undefined) if !name.starts_with("__") => Err(run.undefined_error(undefined)),
        _ if name.starts_with("__") => Err(Failure::refused(format!("the attribute {name}"))),
        _ => Ok(None),
    }
}

fn iterable(run: &Run, value: &Value) -> Result<Iter, Failure> {
    run.iterate(value).map_err(|failure| {
        if failure.is_any(&["TypeError"]) {
            Failure::value_error("value cannot be filtered (not iterable)")
        } else {
            failure
        }
    })
}

fn only_value(name: &'static str, args: &mut Args) -> Result<Value, Failure> {
    let signature = Signature { name, hidden: 0, names: &["value"], required: 1 };
    let positional = std::mem::take(&mut args.positional);
    Ok(Bindings::of(&signature, Args::new(positional))?.required())
}

fn filtered(run: &Run, args: Args, name: &'static str) -> Result<Vec<Value>, Failure> {
    let mut args = args;
    let value = only_value(name, &mut args)?;
    let items = iterable(run, &value)?;
    let mut kept = Vec::new();
    while let Some(item) = items.next(run)? {
        let mut fits = true;
        for (name, wanted) in &args.keyword {
            fits = fits && attribute(run, &item, name)?.map_or(Ok(false), |found| run.equal(&found, wanted))?;
        }
        if fits {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn filter(run: &Run, args: Args) -> Result<Value, Failure> {
    filtered(run, args, "filter").map(Value::list)
}

/// Peering Manager asks the list for its count as if it were a query.
fn get(run: &Run, args: Args) -> Result<Value, Failure> {
    filtered(run, args, "get")?;
    Err(Failure::type_error("list.count() takes exactly one argument (0 given)"))
}

const UNIQUE_ITEMS: Signature = Signature { name: "unique_items", hidden: 0, names: &["value", "field"], required: 2 };

fn unique_items(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&UNIQUE_ITEMS, args)?;
    let (value, field) = (bound.required(), bound.required());
    let items = iterable(run, &value)?;
    let mut seen: Vec<Value> = Vec::new();
    let mut kept = Vec::new();
    while let Some(item) = items.next(run)? {
        let Some(found) = attribute(run, &item, field_name(&field)?)? else { continue };
        if !run.contains(&Value::list(seen.clone()), &found)? {
            seen.push(found);
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

fn field_name(field: &Value) -> Result<&str, Failure> {
    let wrong = || Failure::type_error(format!("attribute name must be string, not '{}'", field.class()));
    field.as_text().map(|name| &**name).ok_or_else(wrong)
}

const ITERATE: Signature = Signature { name: "iterate", hidden: 0, names: &["value", "field"], required: 2 };

fn iterate(_run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&ITERATE, args)?;
    let (value, field) = (bound.required(), bound.required());
    let mut items: Option<Iter> = None;
    Ok(Value::generator("iterate", move |run: &Run| {
        let items = match &items {
            Some(items) => items,
            None => items.insert(run.iterate(&value)?),
        };
        let Some(item) = items.next(run)? else { return Ok(None) };
        Ok(Some(attribute(run, &item, field_name(&field)?)?.unwrap_or(Value::None)))
    }))
}

const QUOTE: Signature = Signature { name: "quote", hidden: 0, names: &["value", "char"], required: 1 };

fn quote(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&QUOTE, args)?;
    let (value, quote) = (bound.required(), bound.or(Value::str("\"")));
    if !run.truth(&value)? {
        return Ok(Value::str(""));
    }
    let quote = print::str(run, &quote)?;
    Ok(Value::str(format!("{quote}{}{quote}", print::str(run, &value)?)))
}

const SAFE_STRING: Signature = Signature { name: "safe_string", hidden: 0, names: &["value"], required: 1 };

fn safe_string(_run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&SAFE_STRING, args)?.required();
    let Some(text) = value.as_text() else {
        let class = if value.is_none() { "None" } else { value.class() };
        return Err(Failure::type_error(format!("normalize() argument 2 must be str, not {class}")));
    };
    Ok(Value::str(text.nfkd().filter(char::is_ascii).collect::<String>()))
}

const CISCO_PASSWORD: Signature = Signature { name: "cisco_password", hidden: 0, names: &["password"], required: 1 };

/// What marks a password that is encoded already.
const MAGIC: &str = "7 ";

fn cisco_password(run: &Run, args: Args) -> Result<Value, Failure> {
    let password = Bindings::of(&CISCO_PASSWORD, args)?.required();
    match password.as_text() {
        Some(text) if text.starts_with(MAGIC) => Ok(methods::like(&password, &text[MAGIC.len()..])),
        Some(_) => Ok(password),
        None => Err(no_attribute(run, &password, "startswith")),
    }
}

/// The failure of asking plain data for what it does not have.
pub(super) fn no_attribute(run: &Run, value: &Value, name: &str) -> Failure {
    if let Value::Undefined(undefined) = value {
        return run.undefined_error(undefined);
    }
    Failure::raised("AttributeError", format!("'{}' object has no attribute '{name}'", value.class()))
}

/// As far as it is known, it leaves a text alone that has no mark in front.
fn arista_password(run: &Run, args: Args) -> Result<Value, Failure> {
    let signature = Signature { name: "arista_password", ..CISCO_PASSWORD };
    let password = Bindings::of(&signature, args)?.required();
    match password.as_text() {
        Some(text) if !text.starts_with(MAGIC) => Ok(password),
        Some(_) => Err(Failure::refused("the filter arista_password on a password that is encoded already")),
        None => Err(no_attribute(run, &password, "startswith")),
    }
}

const INDENT: Signature =
    Signature { name: "indent", hidden: 0, names: &["value", "n", "chars", "reset"], required: 2 };

fn indent(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&INDENT, args)?;
    let (value, count) = (bound.required(), bound.required());
    let (chars, reset) = (bound.or(Value::str(" ")), bound.or(Value::Bool(false)));
    let text = print::str(run, &value)?;
    let mut out = String::new();
    for line in lines(&text, true) {
        out.push_str(&print::str(run, &run.binary(Operator::Mul, &chars, &count)?)?);
        if run.truth(&reset)? {
            let stripped = methods::call(run, &Value::str(line), "lstrip", vec![chars.clone()])?;
            out.push_str(&print::str(run, &stripped)?);
        } else {
            out.push_str(line);
        }
    }
    run.charge(out.len() / 8)?;
    Ok(Value::str(out))
}

const AS_JSON: Signature =
    Signature { name: "as_json", hidden: 0, names: &["value", "indent", "sort_keys"], required: 1 };

fn as_json(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&AS_JSON, args)?;
    let (value, indent, sort) = (bound.required(), bound.or(Value::int(4)), bound.or(Value::Bool(true)));
    let sort = run.truth(&sort)?;
    json::dumps(run, &value, &indent, sort).map(Value::str)
}

const AS_YAML: Signature =
    Signature { name: "as_yaml", hidden: 0, names: &["value", "indent", "sort_keys"], required: 1 };

fn as_yaml(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&AS_YAML, args)?;
    let (value, indent, sort) = (bound.required(), bound.or(Value::int(2)), bound.or(Value::Bool(true)));
    let sort = run.truth(&sort)?;
    let indent = match &indent {
        other if !run.truth(other)? => 0,
        Value::Float(_) => return Err(Failure::refused("as_yaml with an indentation that is no integer")),
        other => convert::index(other).map_err(|_| {
            let message = format!("'<' not supported between instances of 'int' and '{}'", other.class());
            Failure::type_error(message)
        })?,
    };
    yaml::dump(run, &value, usize::try_from(indent).unwrap_or(0), sort).map(Value::str)
}
