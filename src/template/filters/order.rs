//! Filters that compare items: sort, dictsort, groupby, unique, min, max.

use std::collections::HashSet;

use super::super::call::Args;
use super::super::dict::Key;
use super::super::failure::Failure;
use super::super::methods::sorted_by;
use super::super::parameters::{Bindings, Signature};
use super::super::parse::ast::Comparison;
use super::super::run::Run;
use super::super::value::{Iter, Tuple, Value};
use super::attribute::{Path, lowered, nothing};
use super::sequence::pairs;
use super::{Table, argument_error};

pub(super) const FILTERS: Table = &[
    ("dictsort", dict_sort),
    ("groupby", group_by),
    ("max", |run, args| extreme(run, args, &MAX, true)),
    ("min", |run, args| extreme(run, args, &MIN, false)),
    ("sort", sort),
    ("unique", unique),
];

const SORT: Signature =
    Signature { name: "do_sort", hidden: 1, names: &["value", "reverse", "case_sensitive", "attribute"], required: 1 };

fn sort(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&SORT, args)?;
    let (value, reverse, sensitive) = (bound.required(), bound.or(Value::Bool(false)), bound.or(Value::Bool(false)));
    let attribute = bound.or(Value::None);
    let sensitive = run.truth(&sensitive)?;
    let paths: Vec<Path> = Path::several(&attribute)?.into_iter().map(|path| path.case(sensitive)).collect();
    let items = run.list(&value)?;
    let reverse = run.truth(&reverse)?;
    // Jinja2 compares lists of one item, too, where there is one attribute.
    let sorted = sorted_by(run, items, reverse, |item| {
        let keys: Result<Vec<Value>, Failure> = paths.iter().map(|path| path.get(run, item)).collect();
        keys.map(Value::list)
    })?;
    Ok(Value::list(sorted))
}

const DICT_SORT: Signature =
    Signature { name: "do_dictsort", hidden: 0, names: &["value", "case_sensitive", "by", "reverse"], required: 1 };

fn dict_sort(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&DICT_SORT, args)?;
    let (value, sensitive) = (bound.required(), bound.or(Value::Bool(false)));
    let (by, reverse) = (bound.or(Value::str("key")), bound.or(Value::Bool(false)));
    let place = match by.as_text().map(|by| &**by) {
        Some("key") => 0,
        Some("value") => 1,
        _ => return Err(argument_error("You can only sort by either \"key\" or \"value\"")),
    };
    let sensitive = run.truth(&sensitive)?;
    let items = pairs(run, &value)?.into_iter().map(|(key, value)| Value::tuple(vec![key, value])).collect();
    let reverse = run.truth(&reverse)?;
    let sorted = sorted_by(run, items, reverse, |item| {
        let Value::Tuple(pair) = item else { return Ok(Value::None) };
        let key = pair.items()[place].clone();
        Ok(if sensitive { key } else { lowered(key) })
    })?;
    Ok(Value::list(sorted))
}

const GROUP_BY: Signature = Signature {
    name: "sync_do_groupby",
    hidden: 1,
    names: &["value", "attribute", "default", "case_sensitive"],
    required: 2,
};

fn group_by(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&GROUP_BY, args)?;
    let (value, attribute, default) = (bound.required(), bound.required(), bound.or(Value::None));
    let sensitive = run.truth(&bound.or(Value::Bool(false)))?;
    let shown = Path::of(&attribute)?.or(default);
    let path = shown.clone().case(sensitive);
    let sorted = sorted_by(run, run.list(&value)?, false, |item| path.get(run, item))?;
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for item in sorted {
        let key = path.get(run, &item)?;
        match groups.last_mut() {
            Some((last, items)) if run.equal(last, &key)? => items.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    let tuples = groups.into_iter().map(|(key, items)| {
        let key = match items.first() {
            Some(first) if !sensitive => shown.get(run, first)?,
            _ => key,
        };
        Ok(Value::Tuple(Tuple::named(vec![key, Value::list(items)], &["grouper", "list"])))
    });
    Ok(Value::list(tuples.collect::<Result<_, Failure>>()?))
}

const UNIQUE: Signature =
    Signature { name: "sync_do_unique", hidden: 1, names: &["value", "case_sensitive", "attribute"], required: 1 };

fn unique(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&UNIQUE, args)?;
    let (value, sensitive, attribute) = (bound.required(), bound.or(Value::Bool(false)), bound.or(Value::None));
    let sensitive = run.truth(&sensitive)?;
    let mut seen: HashSet<Key> = HashSet::new();
    let mut state: Option<(Iter, Path)> = None;
    Ok(Value::generator("sync_do_unique", move |run: &Run| {
        if state.is_none() {
            let path = Path::of(&attribute)?.case(sensitive);
            state = Some((run.iterate(&value)?, path));
        }
        let Some((items, path)) = &state else { return Ok(None) };
        while let Some(item) = items.next(run)? {
            if seen.insert(Key::of(&path.get(run, &item)?)?) {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }))
}

const MIN: Signature =
    Signature { name: "do_min", hidden: 1, names: &["value", "case_sensitive", "attribute"], required: 1 };
const MAX: Signature =
    Signature { name: "do_max", hidden: 1, names: &["value", "case_sensitive", "attribute"], required: 1 };

fn extreme(run: &Run, args: Args, signature: &Signature, greatest: bool) -> Result<Value, Failure> {
    let mut bound = Bindings::of(signature, args)?;
    let (value, sensitive, attribute) = (bound.required(), bound.or(Value::Bool(false)), bound.or(Value::None));
    let items = run.iterate(&value)?;
    let Some(mut best) = items.next(run)? else {
        return Ok(nothing("No aggregated item, sequence was empty."));
    };
    let path = Path::of(&attribute)?.case(run.truth(&sensitive)?);
    let mut best_key = path.get(run, &best)?;
    while let Some(item) = items.next(run)? {
        let key = path.get(run, &item)?;
        let better = if greatest { Comparison::Gt } else { Comparison::Lt };
        let better = run.compare(better, &key, &best_key)?;
        if better {
            (best, best_key) = (item, key);
        }
    }
    Ok(best)
}
