//! Methods of `str` that take it apart: split, strip, lines.

use super::Table;
use super::text::{Side, like, native, own};
use crate::template::call::Args;
use crate::template::convert;
use crate::template::failure::Failure;
use crate::template::python::letters;
use crate::template::run::Run;
use crate::template::value::Value;

pub(super) const METHODS: Table = &[
    ("lstrip", |_, args| strip(args, "lstrip", true, false)),
    ("rsplit", |_, args| split(args, "rsplit", Side::Right)),
    ("rstrip", |_, args| strip(args, "rstrip", false, true)),
    ("split", |_, args| split(args, "split", Side::Left)),
    ("splitlines", split_lines),
    ("strip", |_, args| strip(args, "strip", true, true)),
];

fn strip(args: Args, name: &'static str, left: bool, right: bool) -> Result<Value, Failure> {
    let (object, rest) = native(name).between(args, 0, 1)?;
    let text = own(&object);
    let chars = match rest.first() {
        None | Some(Value::None) => None,
        Some(Value::Str(chars) | Value::Markup(chars)) => Some(chars.clone()),
        Some(_) => return Err(Failure::type_error(format!("{name} arg must be None or str"))),
    };
    let stripped = |letter: char| match &chars {
        Some(chars) => chars.contains(letter),
        None => letters::is_space(letter),
    };
    let mut kept: &str = &text;
    if left {
        kept = kept.trim_start_matches(stripped);
    }
    if right {
        kept = kept.trim_end_matches(stripped);
    }
    Ok(like(&object, kept))
}

fn split(args: Args, name: &'static str, side: Side) -> Result<Value, Failure> {
    let (object, bound) = native(name).by_name(args, &["sep", "maxsplit"], 0)?;
    let text = own(&object);
    let limit = bound[1].as_ref().map_or(Ok(-1), convert::size)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts = match &bound[0] {
        None | Some(Value::None) => match side {
            Side::Left => words(&text, limit),
            Side::Right => words_from_right(&text, limit),
        },
        Some(Value::Str(separator) | Value::Markup(separator)) => {
            if separator.is_empty() {
                return Err(Failure::value_error("empty separator"));
            }
            by_separator(&text, separator, limit.saturating_add(1), side)
        }
        Some(other) => {
            return Err(Failure::type_error(format!("must be str or None, not {}", other.class())));
        }
    };
    Ok(Value::list(parts.into_iter().map(|part| like(&object, part)).collect()))
}

fn by_separator<'a>(text: &'a str, separator: &str, pieces: usize, side: Side) -> Vec<&'a str> {
    match side {
        Side::Left => text.splitn(pieces, separator).collect(),
        Side::Right => {
            let mut parts: Vec<&str> = text.rsplitn(pieces, separator).collect();
            parts.reverse();
            parts
        }
    }
}

fn words(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(letters::is_space);
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let end = rest.find(letters::is_space).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(letters::is_space);
    }
    parts
}

fn words_from_right(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end_matches(letters::is_space);
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let start = rest.char_indices().rfind(|(_, letter)| letters::is_space(*letter));
        let start = start.map_or(0, |(at, letter)| at + letter.len_utf8());
        parts.push(&rest[start..]);
        rest = rest[..start].trim_end_matches(letters::is_space);
    }
    parts.reverse();
    parts
}

fn split_lines(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, bound) = native("splitlines").by_name(args, &["keepends"], 0)?;
    let keep = bound[0].as_ref().map_or(Ok(false), |keep| run.truth(keep))?;
    let text = own(&object);
    let lines = lines(&text, keep);
    Ok(Value::list(lines.into_iter().map(|line| like(&object, line)).collect()))
}

/// `text.splitlines(keep)`.
pub fn lines(text: &str, keep: bool) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(end) = rest.find(letters::ends_line) else {
            lines.push(rest);
            break;
        };
        let letter = rest[end..].chars().next().map_or(1, char::len_utf8);
        let after = if rest[end..].starts_with("\r\n") { end + 2 } else { end + letter };
        lines.push(if keep { &rest[..after] } else { &rest[..end] });
        rest = &rest[after..];
    }
    lines
}
