//! Methods of `str` that work with tables and templates: translate, maketrans, format; and those that Markup adds.

use super::Table;
use super::encode::encode;
use super::text::{like, native, own, text_argument};
use crate::template::call::Args;
use crate::template::dict::Dict;
use crate::template::failure::Failure;
use crate::template::filters;
use crate::template::markup;
use crate::template::print::braces::{self, Fields};
use crate::template::run::Run;
use crate::template::value::Value;
use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

pub(super) const METHODS: Table = &[
    ("encode", encode),
    ("format", format),
    ("format_map", format_map),
    ("maketrans", make_table),
    ("translate", translate),
];

pub(super) const MARKUP: Table = &[("escape", escape), ("striptags", strip_tags), ("unescape", unescape)];

fn format(run: &Run, mut args: Args) -> Result<Value, Failure> {
    let object = args.positional.remove(0);
    braces::format(run, &object, &args)
}

/// The sandbox checks the arguments itself, in words of its own.
fn format_map(run: &Run, mut args: Args) -> Result<Value, Failure> {
    if !args.keyword.is_empty() {
        return Err(Failure::type_error("format_map() takes no keyword arguments"));
    }
    let object = args.positional.remove(0);
    let given = args.positional.len();
    let Some(named) = args.positional.pop().filter(|_| given == 1) else {
        return Err(Failure::type_error(format!("format_map() takes exactly one argument ({given} given)")));
    };
    braces::format_fields(run, &object, &Fields { positional: &[], named })
}

fn one_letter(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

fn code(letter: char) -> Value {
    Value::int(u32::from(letter))
}

fn make_table(run: &Run, args: Args) -> Result<Value, Failure> {
    let (_, rest) = native("maketrans").between(args, 1, 3)?;
    if rest.len() == 1 {
        return table_of_dict(&rest[0]);
    }
    let second = text_argument("maketrans() argument 2", &rest[1])?;
    let third = rest.get(2).map(|third| text_argument("maketrans() argument 3", third)).transpose()?;
    let first = rest[0].as_text().cloned().ok_or_else(|| {
        Failure::type_error("first maketrans argument must be a string if there is a second argument")
    })?;
    if first.chars().count() != second.chars().count() {
        return Err(Failure::value_error("the first two maketrans arguments must have equal length"));
    }
    let table = Dict::of(first.chars().zip(second.chars()).map(|(from, to)| (code(from), code(to))))?;
    for letter in third.iter().flat_map(|third| third.chars()) {
        table.insert(code(letter), Value::None)?;
    }
    run.charge(table.len())?;
    Ok(Value::Dict(table))
}

fn table_of_dict(value: &Value) -> Result<Value, Failure> {
    let Value::Dict(given) = value else {
        return Err(Failure::type_error("if you give only one argument to maketrans it must be a dict"));
    };
    let table = Dict::new();
    for (key, value) in given.pairs() {
        let key = match &key {
            Value::Str(text) | Value::Markup(text) => code(
                one_letter(text)
                    .ok_or_else(|| Failure::value_error("string keys in translate table must be of length 1"))?,
            ),
            Value::Int(_) | Value::Bool(_) => key,
            _ => return Err(Failure::type_error("keys in translate table must be strings or integers")),
        };
        table.insert(key, value)?;
    }
    Ok(Value::Dict(table))
}

fn translate(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, table) = native("translate").one(args)?;
    let mut out = String::new();
    for letter in own(&object).chars() {
        match mapped(&table, letter)? {
            None => out.push(letter),
            Some(Value::None) => {}
            Some(Value::Str(text) | Value::Markup(text)) => out.push_str(&text),
            Some(value) => out.push(letter_of(&value)?),
        }
    }
    Ok(like(&object, out))
}

fn letter_of(value: &Value) -> Result<char, Failure> {
    let code: BigInt =
        value.as_int().ok_or_else(|| Failure::type_error("character mapping must return integer, None or str"))?;
    let range = || Failure::value_error("character mapping must be in range(0x110000)");
    code.to_u32().and_then(char::from_u32).ok_or_else(range)
}

/// What a table says of a character; nothing where it has no entry.
fn mapped(table: &Value, letter: char) -> Result<Option<Value>, Failure> {
    match table {
        Value::Dict(dict) => dict.get(&code(letter)),
        Value::List(list) => Ok(list.get(letter as usize)),
        Value::Tuple(tuple) => Ok(tuple.items().get(letter as usize).cloned()),
        Value::Str(text) | Value::Markup(text) => {
            Ok(text.chars().nth(letter as usize).map(|found| Value::str(found.to_string())))
        }
        other => Err(Failure::type_error(format!("'{}' object is not subscriptable", other.class()))),
    }
}

fn escape(run: &Run, args: Args) -> Result<Value, Failure> {
    let (_, value) = native("escape").one(args)?;
    Ok(Value::markup(markup::escape(run, &value)?))
}

fn strip_tags(_run: &Run, args: Args) -> Result<Value, Failure> {
    let object = native("striptags").none(args)?;
    Ok(Value::str(filters::without_tags(&own(&object))?))
}

fn unescape(_run: &Run, args: Args) -> Result<Value, Failure> {
    let object = native("unescape").none(args)?;
    Ok(Value::str(filters::unescaped(&own(&object))?))
}
