//! Filters on sequences as they are: first, last, join, batch, slice, reverse, sum and others.

use num_traits::ToPrimitive as _;

use super::super::call::Args;
use super::super::dict::ViewKind;
use super::super::engine::Operator;
use super::super::failure::Failure;
use super::super::markup;
use super::super::methods;
use super::super::parameters::{Bindings, Signature};
use super::super::print;
use super::super::run::Run;
use super::super::value::{Iter, Value};
use super::attribute::{Path, nothing};
use super::{Table, argument_error};

pub(super) const FILTERS: Table = &[
    ("batch", batch),
    ("count", length),
    ("d", default),
    ("default", default),
    ("first", first),
    ("items", items),
    ("join", join),
    ("last", last),
    ("length", length),
    ("list", list),
    ("random", |_, _| Err(Failure::refused("the filter random, whose answer is chance"))),
    ("reverse", reverse),
    ("slice", slice),
    ("sum", sum),
];

fn length(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = builtin("len", args)?;
    run.len(&value).map(Value::int)
}

/// The argument of one of Python's own functions that takes one.
pub(super) fn builtin(name: &str, args: Args) -> Result<Value, Failure> {
    if !args.keyword.is_empty() {
        return Err(Failure::type_error(format!("{name}() takes no keyword arguments")));
    }
    let given = args.positional.len();
    let mut values = args.positional.into_iter();
    match (values.next(), given) {
        (Some(value), 1) => Ok(value),
        _ => Err(Failure::type_error(format!("{name}() takes exactly one argument ({given} given)"))),
    }
}

const DEFAULT: Signature =
    Signature { name: "do_default", hidden: 0, names: &["value", "default_value", "boolean"], required: 1 };

fn default(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&DEFAULT, args)?;
    let (value, default) = (bound.required(), bound.or(Value::str("")));
    let boolean = bound.or(Value::Bool(false));
    if value.is_undefined() || (run.truth(&boolean)? && !run.truth(&value)?) { Ok(default) } else { Ok(value) }
}

const FIRST: Signature = Signature { name: "sync_do_first", hidden: 1, names: &["seq"], required: 1 };

fn first(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&FIRST, args)?.required();
    let first = run.iterate(&value)?.next(run)?;
    Ok(first.unwrap_or_else(|| nothing("No first item, sequence was empty.")))
}

const LAST: Signature = Signature { name: "do_last", hidden: 1, names: &["seq"], required: 1 };

fn last(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&LAST, args)?.required();
    let last = match reversed(run, &value)? {
        Some(items) => items.next(run)?,
        None => return Err(Failure::type_error(format!("'{}' object is not reversible", value.class()))),
    };
    Ok(last.unwrap_or_else(|| nothing("No last item, sequence was empty.")))
}

/// `reversed(value)`; nothing for what has no order from behind.
fn reversed(run: &Run, value: &Value) -> Result<Option<Iter>, Failure> {
    let class = match value {
        Value::List(_) => "list_reverseiterator",
        Value::Range(_) => "range_iterator",
        Value::Dict(_) => "dict_reversekeyiterator",
        Value::View(view) => match view.kind {
            ViewKind::Keys => "dict_reversekeyiterator",
            ViewKind::Values => "dict_reversevalueiterator",
            ViewKind::Items => "dict_reverseitemiterator",
        },
        Value::Tuple(_) | Value::Str(_) | Value::Markup(_) | Value::Bytes(_) | Value::Undefined(_) => "reversed",
        _ => return Ok(None),
    };
    if let Value::List(list) = value {
        let (list, mut left) = (list.clone(), list.len());
        return Ok(Some(Iter::new(class, "", move |_: &Run| {
            let Some(next) = left.checked_sub(1) else { return Ok(None) };
            left = next;
            Ok(list.get(next))
        })));
    }
    let mut rest = run.list(value)?;
    Ok(Some(Iter::new(class, "", move |_: &Run| Ok(rest.pop()))))
}

const REVERSE: Signature = Signature { name: "do_reverse", hidden: 0, names: &["value"], required: 1 };

fn reverse(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&REVERSE, args)?.required();
    match &value {
        Value::Str(text) => return Ok(Value::str(text.chars().rev().collect::<String>())),
        Value::Markup(text) => return Ok(Value::markup(text.chars().rev().collect::<String>())),
        _ => {}
    }
    if let Some(items) = reversed(run, &value)? {
        return Ok(Value::Iterator(items));
    }
    let mut items = run.list(&value).map_err(|failure| {
        if failure.is_any(&["TypeError"]) { argument_error("argument must be iterable") } else { failure }
    })?;
    items.reverse();
    Ok(Value::list(items))
}

const LIST: Signature = Signature { name: "sync_do_list", hidden: 0, names: &["value"], required: 1 };

fn list(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&LIST, args)?.required();
    run.list(&value).map(Value::list)
}

const ITEMS: Signature = Signature { name: "do_items", hidden: 0, names: &["value"], required: 1 };

fn items(_run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&ITEMS, args)?.required();
    let mut pairs: Option<Iter> = None;
    Ok(Value::generator("do_items", move |run: &Run| {
        let pairs = match &pairs {
            Some(pairs) => pairs,
            None => match &value {
                Value::Undefined(_) => return Ok(None),
                Value::Dict(_) => {
                    let view = methods::call(run, &value, "items", Vec::new())?;
                    pairs.insert(run.iterate(&view)?)
                }
                _ => return Err(Failure::type_error("Can only get item pairs from a mapping.")),
            },
        };
        pairs.next(run)
    }))
}

const JOIN: Signature = Signature { name: "sync_do_join", hidden: 1, names: &["value", "d", "attribute"], required: 1 };

fn join(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&JOIN, args)?;
    let (value, between) = (bound.required(), bound.or(Value::str("")));
    let path = Path::of(&bound.or(Value::None))?;
    let source = run.iterate(&value)?;
    let mut items = Vec::new();
    while let Some(item) = source.next(run)? {
        items.push(path.get(run, &item)?);
    }
    if !run.autoescape.get() {
        let texts: Vec<String> = items.iter().map(|item| print::str(run, item)).collect::<Result<_, _>>()?;
        return joined(run, &texts, &print::str(run, &between)?).map(Value::str);
    }
    join_escaping(run, &items, &between)
}

fn joined(run: &Run, texts: &[String], between: &str) -> Result<String, Failure> {
    let joined = texts.join(between);
    run.charge(joined.len() / 8)?;
    Ok(joined)
}

fn join_escaping(run: &Run, items: &[Value], between: &Value) -> Result<Value, Failure> {
    let safe = matches!(between, Value::Markup(_));
    if !safe && !items.iter().any(|item| matches!(item, Value::Markup(_))) {
        let texts: Vec<String> = items.iter().map(|item| print::str(run, item)).collect::<Result<_, _>>()?;
        return joined(run, &texts, &print::str(run, between)?).map(Value::str);
    }
    let texts: Vec<String> = items.iter().map(|item| escaped_soft(run, item)).collect::<Result<_, _>>()?;
    joined(run, &texts, &escaped_soft(run, between)?).map(Value::markup)
}

fn escaped_soft(run: &Run, value: &Value) -> Result<String, Failure> {
    markup::escape(run, &markup::soft_str(run, value)?)
}

const BATCH: Signature =
    Signature { name: "do_batch", hidden: 0, names: &["value", "linecount", "fill_with"], required: 2 };

fn batch(_run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&BATCH, args)?;
    let (value, size, fill) = (bound.required(), bound.required(), bound.or(Value::None));
    let mut items: Option<Iter> = None;
    let mut line: Vec<Value> = Vec::new();
    let mut ended = false;
    Ok(Value::generator("do_batch", move |run: &Run| {
        if items.is_none() {
            items = Some(run.iterate(&value)?);
        }
        while let Some(source) = items.as_ref().filter(|_| !ended) {
            let Some(item) = source.next(run)? else { break };
            let complete = run.equal(&Value::int(line.len()), &size)?;
            let before = if complete { std::mem::take(&mut line) } else { Vec::new() };
            line.push(item);
            if complete {
                return Ok(Some(Value::list(before)));
            }
        }
        if std::mem::replace(&mut ended, true) || line.is_empty() {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut line);
        if !fill.is_none() && run.less(&Value::int(line.len()), &size)? {
            let missing = size.as_int().and_then(|size| size.to_usize()).unwrap_or(0).saturating_sub(line.len());
            run.charge(missing)?;
            line.resize(line.len() + missing, fill.clone());
        }
        Ok(Some(Value::list(line)))
    }))
}

const SLICE: Signature =
    Signature { name: "sync_do_slice", hidden: 0, names: &["value", "slices", "fill_with"], required: 2 };

fn slice(_run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&SLICE, args)?;
    let (value, slices, fill) = (bound.required(), bound.required(), bound.or(Value::None));
    let mut parts: Option<std::vec::IntoIter<Value>> = None;
    Ok(Value::generator("sync_do_slice", move |run: &Run| {
        let parts = match &mut parts {
            Some(parts) => parts,
            None => parts.insert(sliced(run, &value, &slices, &fill)?.into_iter()),
        };
        Ok(parts.next())
    }))
}

fn sliced(run: &Run, value: &Value, slices: &Value, fill: &Value) -> Result<Vec<Value>, Failure> {
    let items = run.list(value)?;
    // The division says what is wrong with a number that is none, or zero.
    run.binary(Operator::FloorDiv, &Value::int(items.len()), slices)?;
    let count = super::super::convert::index(slices)
        .map_err(|_| Failure::type_error(format!("'{}' object cannot be interpreted as an integer", slices.class())))?;
    let Ok(count) = usize::try_from(count) else { return Ok(Vec::new()) };
    run.charge(count)?;
    let (each, longer) = (items.len() / count, items.len() % count);
    let mut rest = items.into_iter();
    Ok((0..count)
        .map(|index| {
            let mut part: Vec<Value> = rest.by_ref().take(each + usize::from(index < longer)).collect();
            if !fill.is_none() && index >= longer {
                part.push(fill.clone());
            }
            Value::list(part)
        })
        .collect())
}

const SUM: Signature =
    Signature { name: "sync_do_sum", hidden: 1, names: &["iterable", "attribute", "start"], required: 1 };

fn sum(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&SUM, args)?;
    let (value, attribute, start) = (bound.required(), bound.or(Value::None), bound.or(Value::int(0)));
    let path = Path::of(&attribute)?;
    let items = run.iterate(&value)?;
    match &start {
        Value::Str(_) | Value::Markup(_) => {
            return Err(Failure::type_error("sum() can't sum strings [use ''.join(seq) instead]"));
        }
        Value::Bytes(_) => return Err(Failure::type_error("sum() can't sum bytes [use b''.join(seq) instead]")),
        _ => {}
    }
    let mut total = Total::Other(start);
    let mut floats = true;
    while let Some(item) = items.next(run)? {
        total = total.plus(run, &path.get(run, &item)?, &mut floats)?;
    }
    Ok(total.value())
}

/// What has been added up. CPython 3.12 adds floats with the part that is lost to rounding kept apart, from the first
/// float until something else than numbers comes.
enum Total {
    Other(Value),
    Float { sum: f64, lost: f64 },
}

impl Total {
    fn value(self) -> Value {
        match self {
            Total::Other(value) => value,
            Total::Float { sum, lost } if lost != 0.0 && lost.is_finite() => Value::Float(sum + lost),
            Total::Float { sum, .. } => Value::Float(sum),
        }
    }

    fn plus(self, run: &Run, item: &Value, floats: &mut bool) -> Result<Total, Failure> {
        let total = match self {
            Total::Other(Value::Float(sum)) if *floats => Total::Float { sum, lost: 0.0 },
            other => other,
        };
        match (total, item) {
            (Total::Float { sum, lost }, Value::Float(x)) => {
                let next = sum + x;
                let more = if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
                Ok(Total::Float { sum: next, lost: lost + more })
            }
            (Total::Float { sum, lost }, Value::Int(_) | Value::Bool(_)) if small(item).is_some() => {
                Ok(Total::Float { sum: sum + small(item).unwrap_or(0.0), lost })
            }
            (total, item) => {
                // After one item that is no number CPython stays with plain addition.
                *floats &= !matches!(total, Total::Float { .. });
                Ok(Total::Other(run.binary(Operator::Add, &total.value(), item)?))
            }
        }
    }
}

/// An integer that a C long holds.
fn small(value: &Value) -> Option<f64> {
    value.as_int()?.to_i64()?.to_f64()
}

/// The pairs of what has `.items()`, or the `AttributeError` of what has none.
pub(super) fn pairs(run: &Run, value: &Value) -> Result<Vec<(Value, Value)>, Failure> {
    match value {
        Value::Dict(dict) => Ok(dict.pairs()),
        Value::Undefined(undefined) => Err(run.undefined_error(undefined)),
        other => {
            let message = format!("'{}' object has no attribute 'items'", other.class());
            Err(Failure::raised("AttributeError", message))
        }
    }
}
