//! The methods of lists, tuples and ranges; sorting as CPython sorts.

use super::Table;
use crate::template::call::Args;
use crate::template::convert;
use crate::template::failure::Failure;
use crate::template::parameters::Native;
use crate::template::print;
use crate::template::run::Run;
use crate::template::value::{List, Value};

pub(super) const LIST: Table = &[
    ("append", append),
    ("clear", clear),
    ("copy", copy),
    ("count", |run, args| counted(run, args, "list")),
    ("extend", extend),
    ("index", |run, args| indexed(run, args, "list")),
    ("insert", insert),
    ("pop", pop),
    ("remove", remove),
    ("reverse", reverse),
    ("sort", sort),
];

pub(super) const TUPLE: Table =
    &[("count", |run, args| counted(run, args, "tuple")), ("index", |run, args| indexed(run, args, "tuple"))];

pub(super) const RANGE: Table = &[("count", |run, args| counted(run, args, "range")), ("index", range_index)];

fn native(name: &'static str) -> Native {
    Native { name, class: "list" }
}

fn own(value: &Value) -> List {
    match value {
        Value::List(list) => list.clone(),
        _ => List::default(),
    }
}

fn append(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, item) = native("append").one(args)?;
    run.step()?;
    own(&object).change(|items| items.push(item));
    Ok(Value::None)
}

fn clear(_run: &Run, args: Args) -> Result<Value, Failure> {
    let object = native("clear").none(args)?;
    drop(own(&object).change(std::mem::take));
    Ok(Value::None)
}

fn copy(run: &Run, args: Args) -> Result<Value, Failure> {
    let list = own(&native("copy").none(args)?);
    run.charge(list.len())?;
    Ok(Value::list(list.items()))
}

fn extend(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, items) = native("extend").one(args)?;
    let mut more = run.list(&items)?;
    own(&object).change(|items| items.append(&mut more));
    Ok(Value::None)
}

/// The items of anything that is counted or searched.
fn items(run: &Run, object: &Value) -> Result<Vec<Value>, Failure> {
    match object {
        Value::Tuple(tuple) => Ok(tuple.items().to_vec()),
        _ => run.list(object),
    }
}

fn counted(run: &Run, args: Args, class: &'static str) -> Result<Value, Failure> {
    let (object, wanted) = Native { name: "count", class }.one(args)?;
    let mut count = 0;
    for item in items(run, &object)? {
        count += usize::from(run.equal(&item, &wanted)?);
    }
    Ok(Value::int(count))
}

fn slice_end(value: &Value, length: usize) -> Result<usize, Failure> {
    let end = convert::index(value)
        .map_err(|_| Failure::type_error("slice indices must be integers or have an __index__ method"))?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    Ok(usize::try_from(if end < 0 { end.saturating_add(length) } else { end }).unwrap_or(0))
}

fn indexed(run: &Run, args: Args, class: &'static str) -> Result<Value, Failure> {
    let (object, rest) = Native { name: "index", class }.between(args, 1, 3)?;
    let items = items(run, &object)?;
    let start = rest.get(1).map_or(Ok(0), |start| slice_end(start, items.len()))?;
    let end = rest.get(2).map_or(Ok(items.len()), |end| slice_end(end, items.len()))?;
    for (index, item) in items.iter().enumerate().take(end).skip(start) {
        if run.equal(item, &rest[0])? {
            return Ok(Value::int(index));
        }
    }
    Err(Failure::value_error(match class {
        "tuple" => "tuple.index(x): x not in tuple".to_owned(),
        _ => format!("{} is not in list", print::repr(run, &rest[0])?),
    }))
}

fn range_index(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, wanted) = Native { name: "index", class: "range" }.one(args)?;
    for (index, item) in run.list(&object)?.iter().enumerate() {
        if run.equal(item, &wanted)? {
            return Ok(Value::int(index));
        }
    }
    Err(Failure::value_error(match wanted.as_int() {
        Some(number) => format!("{number} is not in range"),
        None => "sequence.index(x): x not in sequence".to_owned(),
    }))
}

fn insert(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, mut rest) = native("insert").between(args, 2, 2)?;
    let list = own(&object);
    let place = slice_end_index(&rest[0], list.len())?;
    run.charge(list.len() / 8 + 1)?;
    let item = rest.swap_remove(1);
    list.change(|items| items.insert(place, item));
    Ok(Value::None)
}

fn slice_end_index(value: &Value, length: usize) -> Result<usize, Failure> {
    let place = convert::size(value)?;
    let wide = i64::try_from(length).unwrap_or(i64::MAX);
    let place = if place < 0 { place.saturating_add(wide) } else { place };
    Ok(usize::try_from(place).unwrap_or(0).min(length))
}

fn pop(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, rest) = native("pop").between(args, 0, 1)?;
    let list = own(&object);
    let place = rest.first().map_or(Ok(-1), convert::size)?;
    if list.is_empty() {
        return Err(Failure::raised("IndexError", "pop from empty list"));
    }
    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
    let place = if place < 0 { place.saturating_add(length) } else { place };
    match usize::try_from(place).ok().filter(|place| *place < list.len()) {
        Some(place) => Ok(list.change(|items| items.remove(place))),
        None => Err(Failure::raised("IndexError", "pop index out of range")),
    }
}

fn remove(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, wanted) = native("remove").one(args)?;
    let list = own(&object);
    for (index, item) in list.items().iter().enumerate() {
        if run.equal(item, &wanted)? {
            drop(list.change(|items| (index < items.len()).then(|| items.remove(index))));
            return Ok(Value::None);
        }
    }
    Err(Failure::value_error("list.remove(x): x not in list"))
}

fn reverse(_run: &Run, args: Args) -> Result<Value, Failure> {
    let object = native("reverse").none(args)?;
    own(&object).change(|items| items.reverse());
    Ok(Value::None)
}

fn sort(run: &Run, mut args: Args) -> Result<Value, Failure> {
    let object = args.positional.remove(0);
    if !args.positional.is_empty() {
        return Err(Failure::type_error("sort() takes no positional arguments"));
    }
    let unknown = args.keyword.iter().find(|(name, _)| !matches!(&**name, "key" | "reverse"));
    if let Some((name, _)) = unknown {
        return Err(Failure::type_error(format!("'{name}' is an invalid keyword argument for sort()")));
    }
    let reverse = args.named("reverse").map_or(Ok(false), |reverse| run.truth(reverse))?;
    let key = args.named("key").filter(|key| !key.is_none());
    let list = own(&object);
    let sorted = sorted_by(run, list.items(), reverse, |item| match key {
        Some(key) => run.call(key, Args::new(vec![item.clone()])),
        None => Ok(item.clone()),
    })?;
    list.change(|items| *items = sorted);
    Ok(Value::None)
}

/// `sorted(items, key, reverse)`: equal items keep their order.
pub fn sorted_by(
    run: &Run,
    items: Vec<Value>,
    reverse: bool,
    key: impl Fn(&Value) -> Result<Value, Failure>,
) -> Result<Vec<Value>, Failure> {
    let mut pairs = Vec::with_capacity(items.len());
    for item in items {
        pairs.push((key(&item)?, item));
    }
    if reverse {
        pairs.reverse();
    }
    let mut sorted = Sorter { run }.sort(pairs)?;
    if reverse {
        sorted.reverse();
    }
    Ok(sorted.into_iter().map(|pair| pair.1).collect())
}

/// A key and its item.
type Pair = (Value, Value);

/// Up to this many items CPython sorts by binary insertion. Which pair of items without order is met first, and so the
/// message, depends on it.
const INSERTION: usize = 64;

struct Sorter<'a> {
    run: &'a Run,
}

impl Sorter<'_> {
    fn less(&self, left: &Pair, right: &Pair) -> Result<bool, Failure> {
        self.run.step()?;
        self.run.less(&left.0, &right.0)
    }

    fn sort(&self, mut pairs: Vec<Pair>) -> Result<Vec<Pair>, Failure> {
        if pairs.len() < INSERTION {
            self.insert_all(&mut pairs)?;
            return Ok(pairs);
        }
        let right = self.sort(pairs.split_off(pairs.len() / 2))?;
        let left = self.sort(pairs)?;
        self.merge(left, right)
    }

    fn merge(&self, left: Vec<Pair>, right: Vec<Pair>) -> Result<Vec<Pair>, Failure> {
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
            let from = if self.less(second, first)? { &mut right } else { &mut left };
            merged.extend(from.next());
        }
        merged.extend(left);
        merged.extend(right);
        Ok(merged)
    }

    /// How many items at the front are in order already; those that fall are turned round.
    fn run_length(&self, pairs: &mut [Pair]) -> Result<usize, Failure> {
        if pairs.len() < 2 {
            return Ok(pairs.len());
        }
        let falling = self.less(&pairs[1], &pairs[0])?;
        let mut length = 2;
        while length < pairs.len() && self.less(&pairs[length], &pairs[length - 1])? == falling {
            length += 1;
        }
        if falling {
            pairs[..length].reverse();
        }
        Ok(length)
    }

    fn insert_all(&self, pairs: &mut [Pair]) -> Result<(), Failure> {
        for next in self.run_length(pairs)?..pairs.len() {
            let (mut low, mut high) = (0, next);
            while low < high {
                let middle = low + (high - low) / 2;
                if self.less(&pairs[next], &pairs[middle])? { high = middle } else { low = middle + 1 }
            }
            pairs[low..=next].rotate_right(1);
        }
        Ok(())
    }
}
