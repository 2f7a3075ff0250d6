//! The methods of dicts and of the views on them.

use super::Table;
use crate::template::call::Args;
use crate::template::dict::{Dict, View, ViewKind};
use crate::template::failure::Failure;
use crate::template::parameters::Native;
use crate::template::print;
use crate::template::run::Run;
use crate::template::value::Value;

pub(super) const DICT: Table = &[
    ("clear", clear),
    ("copy", copy),
    ("fromkeys", from_keys),
    ("get", get),
    ("items", |_, args| view(args, "items", ViewKind::Items)),
    ("keys", |_, args| view(args, "keys", ViewKind::Keys)),
    ("pop", pop),
    ("popitem", pop_item),
    ("setdefault", set_default),
    ("update", update_method),
    ("values", |_, args| view(args, "values", ViewKind::Values)),
];

pub(super) const VIEW: Table = &[("isdisjoint", is_disjoint)];

fn native(name: &'static str) -> Native {
    Native { name, class: "dict" }
}

fn own(value: &Value) -> Dict {
    match value {
        Value::Dict(dict) => dict.clone(),
        _ => Dict::new(),
    }
}

fn clear(_run: &Run, args: Args) -> Result<Value, Failure> {
    let object = native("clear").none(args)?;
    drop(own(&object).change(std::mem::take));
    Ok(Value::None)
}

fn copy(run: &Run, args: Args) -> Result<Value, Failure> {
    let dict = own(&native("copy").none(args)?);
    run.charge(dict.len())?;
    Ok(Value::Dict(Dict::of(dict.pairs())?))
}

fn from_keys(run: &Run, args: Args) -> Result<Value, Failure> {
    let (_, mut rest) = native("fromkeys").between(args, 1, 2)?;
    let value = if rest.len() == 2 { rest.swap_remove(1) } else { Value::None };
    let keys = run.list(&rest[0])?;
    Ok(Value::Dict(Dict::of(keys.into_iter().map(|key| (key, value.clone())))?))
}

fn get(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, rest) = native("get").between(args, 1, 2)?;
    let default = || rest.get(1).cloned().unwrap_or(Value::None);
    Ok(own(&object).get(&rest[0])?.unwrap_or_else(default))
}

fn view(args: Args, name: &'static str, kind: ViewKind) -> Result<Value, Failure> {
    let object = native(name).none(args)?;
    Ok(Value::View(View { dict: own(&object), kind }))
}

fn pop(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, rest) = native("pop").between(args, 1, 2)?;
    let dict = own(&object);
    if dict.is_empty() {
        let missing = || Failure::raised("KeyError", print::repr(run, &rest[0]).unwrap_or_default());
        return rest.get(1).cloned().ok_or_else(missing);
    }
    match (dict.remove(&rest[0])?, rest.get(1)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(Failure::raised("KeyError", print::repr(run, &rest[0])?)),
    }
}

fn pop_item(_run: &Run, args: Args) -> Result<Value, Failure> {
    let object = native("popitem").none(args)?;
    let last = own(&object).change(indexmap::IndexMap::pop);
    let empty = || Failure::raised("KeyError", "'popitem(): dictionary is empty'");
    let (_, (key, value)) = last.ok_or_else(empty)?;
    Ok(Value::tuple(vec![key, value]))
}

fn set_default(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, mut rest) = native("setdefault").between(args, 1, 2)?;
    let default = if rest.len() == 2 { rest.swap_remove(1) } else { Value::None };
    let dict = own(&object);
    if let Some(value) = dict.get(&rest[0])? {
        return Ok(value);
    }
    dict.insert(rest.swap_remove(0), default.clone())?;
    Ok(default)
}

fn update_method(run: &Run, mut args: Args) -> Result<Value, Failure> {
    let dict = own(&args.positional.remove(0));
    update(run, &dict, args, "update")?;
    Ok(Value::None)
}

/// `dict.update(..)` or the filling of `dict(..)`, as `name` has it in messages; the arguments are without the dict.
pub fn update(run: &Run, dict: &Dict, args: Args, name: &str) -> Result<(), Failure> {
    let given = args.positional.len();
    if given > 1 {
        return Err(Failure::type_error(format!("{name} expected at most 1 argument, got {given}")));
    }
    if let Some(source) = args.positional.first() {
        update_from(run, dict, source)?;
    }
    for (key, value) in args.keyword {
        dict.insert(Value::Str(key), value)?;
    }
    Ok(())
}

fn update_from(run: &Run, dict: &Dict, source: &Value) -> Result<(), Failure> {
    match source {
        Value::Dict(other) => {
            for (key, value) in other.pairs() {
                dict.insert(key, value)?;
            }
            return Ok(());
        }
        Value::Undefined(undefined) => return Err(run.undefined_error(undefined)),
        _ => {}
    }
    for (index, pair) in run.list(source)?.iter().enumerate() {
        let (key, value) = pair_of(run, pair, index)?;
        dict.insert(key, value)?;
    }
    Ok(())
}

fn pair_of(run: &Run, pair: &Value, index: usize) -> Result<(Value, Value), Failure> {
    let items = run.list(pair).map_err(|failure| {
        if failure.is_any(&["TypeError"]) {
            Failure::type_error(format!("cannot convert dictionary update sequence element #{index} to a sequence"))
        } else {
            failure
        }
    })?;
    match <[Value; 2]>::try_from(items) {
        Ok([key, value]) => Ok((key, value)),
        Err(items) => Err(Failure::value_error(format!(
            "dictionary update sequence element #{index} has length {}; 2 is required",
            items.len()
        ))),
    }
}

fn is_disjoint(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, other) = Native { name: "isdisjoint", class: object_class(&args) }.one(args)?;
    for item in run.list(&other)? {
        if run.contains(&object, &item)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn object_class(args: &Args) -> &'static str {
    match args.positional.first() {
        Some(Value::View(view)) => view.kind.class(),
        _ => "dict_keys",
    }
}
