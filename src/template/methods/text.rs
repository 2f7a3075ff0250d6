//! Methods of `str` that search, replace and join.

use std::sync::Arc;

use super::Table;
use crate::template::call::Args;
use crate::template::convert;
use crate::template::failure::Failure;
use crate::template::markup;
use crate::template::parameters::Native;
use crate::template::run::Run;
use crate::template::value::Value;

pub(super) const METHODS: Table = &[
    ("count", count),
    ("endswith", ends_with),
    ("find", |run, args| searched(run, args, "find", Side::Left)),
    ("index", |run, args| found("index", searched(run, args, "index", Side::Left))),
    ("join", join),
    ("partition", |run, args| partition(run, args, "partition", Side::Left)),
    ("removeprefix", remove_prefix),
    ("removesuffix", remove_suffix),
    ("replace", replace),
    ("rfind", |run, args| searched(run, args, "rfind", Side::Right)),
    ("rindex", |run, args| found("rindex", searched(run, args, "rindex", Side::Right))),
    ("rpartition", |run, args| partition(run, args, "rpartition", Side::Right)),
    ("startswith", starts_with),
];

/// From which end a method looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A method's name as messages show it.
pub(super) fn native(name: &'static str) -> Native {
    Native { name, class: "str" }
}

/// The text of the object, which the table was chosen by.
pub(super) fn own(value: &Value) -> Arc<str> {
    value.as_text().cloned().unwrap_or_default()
}

/// A text of the object's own class.
pub fn like(object: &Value, text: impl Into<Arc<str>>) -> Value {
    if matches!(object, Value::Markup(_)) { Value::Markup(text.into()) } else { Value::Str(text.into()) }
}

fn must_be_text(value: &Value) -> Result<Arc<str>, Failure> {
    let wrong = || Failure::type_error(format!("must be str, not {}", value.class()));
    value.as_text().cloned().ok_or_else(wrong)
}

/// An argument that must be a text, named in the message: `replace() argument 1`.
pub(super) fn text_argument(what: &str, value: &Value) -> Result<Arc<str>, Failure> {
    // CPython's own checks of arguments name None by itself.
    let class = if value.is_none() { "None" } else { value.class() };
    let wrong = || Failure::type_error(format!("{what} must be str, not {class}"));
    value.as_text().cloned().ok_or_else(wrong)
}

/// One end of a slice in characters; nothing for `None`.
fn slice_end(value: Option<&Value>) -> Result<Option<i64>, Failure> {
    match value {
        None | Some(Value::None) => Ok(None),
        Some(value) => convert::index(value)
            .map(Some)
            .map_err(|_| Failure::type_error("slice indices must be integers or None or have an __index__ method")),
    }
}

/// A part of a text, with the place of its start in characters.
struct Window<'a> {
    text: &'a str,
    start: usize,
}

/// The part between two ends as slices count them; nothing when the start is behind the end.
fn window<'a>(text: &'a str, start: Option<&Value>, end: Option<&Value>) -> Result<Option<Window<'a>>, Failure> {
    let (start, end) = (slice_end(start)?, slice_end(end)?);
    if start.is_none() && end.is_none() {
        return Ok(Some(Window { text, start: 0 }));
    }
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let clamp = |place: i64| if place < 0 { (place.saturating_add(length)).max(0) } else { place };
    let start = clamp(start.unwrap_or(0));
    let end = clamp(end.unwrap_or(length)).min(length);
    if start > end {
        return Ok(None);
    }
    let byte = |place: i64| {
        let place = usize::try_from(place).unwrap_or(0);
        text.char_indices().nth(place).map_or(text.len(), |(byte, _)| byte)
    };
    let start_at = usize::try_from(start).unwrap_or(0);
    Ok(Some(Window { text: &text[byte(start)..byte(end)], start: start_at }))
}

/// The object, what is looked for, and the ends.
struct Search {
    object: Value,
    needle: Value,
    ends: Vec<Value>,
}

impl Search {
    fn read(args: Args, name: &'static str) -> Result<Self, Failure> {
        if !args.keyword.is_empty() {
            return Err(Failure::type_error(format!("{name}() takes no keyword arguments")));
        }
        let given = args.positional.len() - 1;
        if given == 0 {
            return Err(Failure::type_error(format!("{name}() takes at least 1 argument (0 given)")));
        }
        if given > 3 {
            return Err(Failure::type_error(format!("{name}() takes at most 3 arguments ({given} given)")));
        }
        let mut values = args.positional.into_iter();
        let object = values.next().unwrap_or(Value::None);
        let needle = values.next().unwrap_or(Value::None);
        Ok(Self { object, needle, ends: values.collect() })
    }

    fn window<'a>(&self, text: &'a str) -> Result<Option<Window<'a>>, Failure> {
        window(text, self.ends.first(), self.ends.get(1))
    }
}

fn searched(_run: &Run, args: Args, name: &'static str, side: Side) -> Result<Value, Failure> {
    let search = Search::read(args, name)?;
    let text = own(&search.object);
    let window = search.window(&text)?;
    let needle = must_be_text(&search.needle)?;
    let place = window.and_then(|window| {
        let byte = match side {
            Side::Left => window.text.find(&*needle),
            Side::Right => window.text.rfind(&*needle),
        }?;
        i64::try_from(window.start + window.text[..byte].chars().count()).ok()
    });
    Ok(Value::int(place.unwrap_or(-1)))
}

fn found(_name: &str, place: Result<Value, Failure>) -> Result<Value, Failure> {
    match place? {
        Value::Int(place) if place < num_bigint::BigInt::ZERO => Err(Failure::value_error("substring not found")),
        place => Ok(place),
    }
}

fn count(_run: &Run, args: Args) -> Result<Value, Failure> {
    let search = Search::read(args, "count")?;
    let text = own(&search.object);
    let window = search.window(&text)?;
    let needle = must_be_text(&search.needle)?;
    let count = window.map_or(0, |window| match &*needle {
        "" => window.text.chars().count() + 1,
        needle => window.text.matches(needle).count(),
    });
    Ok(Value::int(count))
}

fn starts_with(_run: &Run, args: Args) -> Result<Value, Failure> {
    affixed(args, "startswith", |text, affix| text.starts_with(affix))
}

fn ends_with(_run: &Run, args: Args) -> Result<Value, Failure> {
    affixed(args, "endswith", |text, affix| text.ends_with(affix))
}

fn affixed(args: Args, name: &'static str, holds: fn(&str, &str) -> bool) -> Result<Value, Failure> {
    let search = Search::read(args, name)?;
    let text = own(&search.object);
    let window = search.window(&text)?;
    let holds = |affix: &str| window.as_ref().is_some_and(|window| holds(window.text, affix));
    match &search.needle {
        Value::Str(affix) | Value::Markup(affix) => Ok(Value::Bool(holds(affix))),
        Value::Tuple(affixes) => {
            for affix in affixes.items() {
                let wrong =
                    || Failure::type_error(format!("tuple for {name} must only contain str, not {}", affix.class()));
                if holds(affix.as_text().ok_or_else(wrong)?) {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        }
        other => {
            Err(Failure::type_error(format!("{name} first arg must be str or a tuple of str, not {}", other.class())))
        }
    }
}

fn join(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, items) = native("join").one(args)?;
    let escaping = matches!(object, Value::Markup(_));
    let items = run.list(&items).map_err(|failure| {
        if failure.is_any(&["TypeError"]) && !escaping {
            Failure::type_error("can only join an iterable")
        } else {
            failure
        }
    })?;
    let mut parts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        parts.push(match item {
            _ if escaping => Arc::from(markup::escape(run, item)?),
            _ => text_argument(&format!("sequence item {index}: expected str instance, {} found", item.class()), item)
                .map_err(|_| {
                    Failure::type_error(format!("sequence item {index}: expected str instance, {} found", item.class()))
                })?,
        });
    }
    let joined = parts.join(&*own(&object));
    run.charge(joined.len() / 8)?;
    Ok(like(&object, joined))
}

fn partition(_run: &Run, args: Args, name: &'static str, side: Side) -> Result<Value, Failure> {
    let (object, separator) = native(name).one(args)?;
    let (text, separator) = (own(&object), must_be_text(&separator)?);
    if separator.is_empty() {
        return Err(Failure::value_error("empty separator"));
    }
    let split = match side {
        Side::Left => text.split_once(&*separator),
        Side::Right => text.rsplit_once(&*separator),
    };
    let parts = match (split, side) {
        (Some((left, right)), _) => [left, &separator, right],
        (None, Side::Left) => [&text, "", ""],
        (None, Side::Right) => ["", "", &text],
    };
    Ok(Value::tuple(parts.into_iter().map(|part| like(&object, part)).collect()))
}

fn remove_prefix(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, prefix) = native("removeprefix").one(args)?;
    let (text, prefix) = (own(&object), text_argument("removeprefix() argument", &prefix)?);
    Ok(like(&object, text.strip_prefix(&*prefix).unwrap_or(&text)))
}

fn remove_suffix(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, suffix) = native("removesuffix").one(args)?;
    let (text, suffix) = (own(&object), text_argument("removesuffix() argument", &suffix)?);
    Ok(like(&object, text.strip_suffix(&*suffix).unwrap_or(&text)))
}

fn replace(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, rest) = native("replace").between(args, 2, 3)?;
    let old = text_argument("replace() argument 1", &rest[0])?;
    let new = match &object {
        Value::Markup(_) => Arc::from(markup::escape(run, &rest[1])?),
        _ => text_argument("replace() argument 2", &rest[1])?,
    };
    let count = rest.get(2).map_or(Ok(-1), convert::size)?;
    let text = replaced(&own(&object), &old, &new, count);
    run.charge(text.len() / 8)?;
    Ok(like(&object, text))
}

/// `text.replace(old, new, count)`.
pub fn replaced(text: &str, old: &str, new: &str, count: i64) -> String {
    let Ok(count) = usize::try_from(count) else {
        return text.replace(old, new);
    };
    text.replacen(old, new, count)
}
