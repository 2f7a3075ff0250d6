//! Filters on texts: case, trim, replace, indent, truncate, format, escape and others.

use super::super::call::Args;
use super::super::convert;
use super::super::engine::Operator;
use super::super::failure::Failure;
use super::super::markup;
use super::super::methods::{self, replaced};
use super::super::parameters::{Bindings, Signature};
use super::super::print::{self, percent};
use super::super::python::letters;
use super::super::run::Run;
use super::super::value::Value;
use super::entities::unescaped;
use super::sequence::pairs;
use super::{Table, argument_error};

pub(super) const FILTERS: Table = &[
    ("capitalize", |run, args| by_method(run, args, "do_capitalize", "capitalize")),
    ("center", center),
    ("e", escape),
    ("escape", escape),
    ("forceescape", force_escape),
    ("format", format),
    ("indent", indent),
    ("lower", |run, args| by_method(run, args, "do_lower", "lower")),
    ("pprint", super::pprint::filter),
    ("replace", replace),
    ("safe", safe),
    ("string", string),
    ("striptags", strip_tags),
    ("title", title),
    ("tojson", super::json::to_json),
    ("trim", trim),
    ("truncate", truncate),
    ("upper", |run, args| by_method(run, args, "do_upper", "upper")),
    ("wordcount", word_count),
    ("wordwrap", super::wrap::word_wrap),
    ("xmlattr", xml_attributes),
];

/// The one argument of a filter that is written in Python.
fn only(name: &'static str, parameter: &'static [&'static str], args: Args) -> Result<Value, Failure> {
    let signature = Signature { name, hidden: 0, names: parameter, required: 1 };
    Ok(Bindings::of(&signature, args)?.required())
}

fn by_method(run: &Run, args: Args, name: &'static str, method: &str) -> Result<Value, Failure> {
    let text = markup::soft_str(run, &only(name, &["s"], args)?)?;
    methods::call(run, &text, method, Vec::new())
}

const CENTER: Signature = Signature { name: "do_center", hidden: 0, names: &["value", "width"], required: 1 };

fn center(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&CENTER, args)?;
    let text = markup::soft_str(run, &bound.required())?;
    methods::call(run, &text, "center", vec![bound.or(Value::int(80))])
}

fn escape(run: &Run, args: Args) -> Result<Value, Failure> {
    markup::escape(run, &only("escape", &["s"], args)?).map(Value::markup)
}

/// What `__html__` says of a value, or what it prints.
fn html_or_text(run: &Run, value: &Value) -> Result<String, Failure> {
    if let Value::Object(object) = value
        && let Some(html) = object.html(run)?
    {
        return Ok(html);
    }
    print::str(run, value)
}

fn force_escape(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = only("do_forceescape", &["value"], args)?;
    Ok(Value::markup(markup::escape_text(&html_or_text(run, &value)?)))
}

fn safe(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = only("do_mark_safe", &["value"], args)?;
    html_or_text(run, &value).map(Value::markup)
}

fn string(run: &Run, args: Args) -> Result<Value, Failure> {
    markup::soft_str(run, &only("soft_str", &["s"], args)?)
}

fn format(run: &Run, mut args: Args) -> Result<Value, Failure> {
    if args.positional.is_empty() {
        return Err(Failure::type_error("do_format() missing 1 required positional argument: 'value'"));
    }
    let template = markup::soft_str(run, &args.positional.remove(0))?;
    if !args.positional.is_empty() && !args.keyword.is_empty() {
        return Err(argument_error("can't handle positional and keyword arguments at the same time"));
    }
    if args.keyword.is_empty() {
        return percent::format(run, &template, &Value::tuple(args.positional));
    }
    let pairs = args.keyword.into_iter().map(|(name, value)| (Value::Str(name), value));
    percent::format(run, &template, &Value::Dict(super::super::dict::Dict::of(pairs)?))
}

const TRIM: Signature = Signature { name: "do_trim", hidden: 0, names: &["value", "chars"], required: 1 };

/// NetBox: the text without line breaks and other control characters. Which of the rarer ones it takes for such is not known.
pub fn header_safe(run: &Run, args: Args) -> Result<Value, Failure> {
    let text = print::str(run, &only("header_safe", &["value"], args)?)?;
    if text.chars().any(|char| matches!(char, '\t' | '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}')) {
        return Err(Failure::refused("header_safe of a tab or a rare control character"));
    }
    Ok(Value::str(text.chars().filter(|char| !char.is_control()).collect::<String>()))
}

fn trim(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&TRIM, args)?;
    let text = markup::soft_str(run, &bound.required())?;
    methods::call(run, &text, "strip", vec![bound.or(Value::None)])
}

const REPLACE: Signature =
    Signature { name: "do_replace", hidden: 1, names: &["s", "old", "new", "count"], required: 3 };

fn replace(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&REPLACE, args)?;
    let (text, old, new) = (bound.required(), bound.required(), bound.required());
    let count = match bound.or(Value::None) {
        Value::None => -1,
        count => convert::size(&count)?,
    };
    if run.autoescape.get() {
        let safe = |value: &Value| matches!(value, Value::Markup(_));
        let escaped = safe(&old) || (safe(&new) && !safe(&text));
        let text = if escaped { Value::markup(markup::escape(run, &text)?) } else { markup::soft_str(run, &text)? };
        let rest = vec![markup::soft_str(run, &old)?, markup::soft_str(run, &new)?, Value::int(count)];
        return methods::call(run, &text, "replace", rest);
    }
    let (text, old, new) = (print::str(run, &text)?, print::str(run, &old)?, print::str(run, &new)?);
    let out = replaced(&text, &old, &new, count);
    run.charge(out.len() / 8)?;
    Ok(Value::str(out))
}

const INDENT: Signature =
    Signature { name: "do_indent", hidden: 0, names: &["s", "width", "first", "blank"], required: 1 };

fn indent(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&INDENT, args)?;
    let (value, width) = (bound.required(), bound.or(Value::int(4)));
    let (first, blank) = (bound.or(Value::Bool(false)), bound.or(Value::Bool(false)));
    let indention = match &width {
        Value::Str(text) | Value::Markup(text) => text.to_string(),
        _ => print::str(run, &run.binary(Operator::Mul, &Value::str(" "), &width)?)?,
    };
    let Some(text) = value.as_text() else { return Err(not_indented(run, &value)) };
    let (first, blank) = (run.truth(&first)?, run.truth(&blank)?);
    let text = format!("{text}\n");
    let mut out = String::new();
    for (index, line) in methods::lines(&text, false).into_iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let wanted = if index == 0 { first } else { blank || !line.is_empty() };
        if wanted {
            out.push_str(&indention);
        }
        out.push_str(line);
    }
    run.charge(out.len() / 8)?;
    Ok(if matches!(value, Value::Markup(_)) { Value::markup(out) } else { Value::str(out) })
}

/// The failure of adding a line end to what is no text.
fn not_indented(run: &Run, value: &Value) -> Failure {
    match value {
        Value::Undefined(undefined) => run.undefined_error(undefined),
        Value::List(_) => Failure::raised("AttributeError", "'list' object has no attribute 'splitlines'"),
        Value::Tuple(_) => Failure::type_error("can only concatenate tuple (not \"str\") to tuple"),
        other => Failure::type_error(format!("unsupported operand type(s) for +=: '{}' and 'str'", other.class())),
    }
}

const TRUNCATE: Signature =
    Signature { name: "do_truncate", hidden: 1, names: &["s", "length", "killwords", "end", "leeway"], required: 1 };

fn truncate(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&TRUNCATE, args)?;
    let (value, length) = (bound.required(), bound.or(Value::int(255)));
    let (kill, end) = (bound.or(Value::Bool(false)), bound.or(Value::str("...")));
    let leeway = Some(bound.or(Value::None)).filter(|leeway| !leeway.is_none()).unwrap_or(Value::int(5));
    let end_length = run.len(&end)?;
    at_least(run, &length, end_length, "length")?;
    at_least(run, &leeway, 0, "leeway")?;
    let longest = run.binary(Operator::Add, &length, &leeway)?;
    if !run.less(&longest, &Value::int(run.len(&value)?))? {
        return Ok(value);
    }
    let room = run.binary(Operator::Sub, &length, &Value::int(end_length))?;
    let (Some(text), Some(end)) = (value.as_text(), end.as_text()) else {
        return Err(Failure::refused(format!("truncate of a {}", value.class())));
    };
    let room = convert::index(&room)
        .map_err(|_| Failure::type_error("slice indices must be integers or None or have an __index__ method"))?;
    let kept: String = text.chars().take(usize::try_from(room).unwrap_or(0)).collect();
    let kept =
        if run.truth(&kill)? { kept.as_str() } else { kept.rsplit_once(' ').map_or(kept.as_str(), |split| split.0) };
    let end = if matches!(value, Value::Markup(_)) { markup::escape_text(end) } else { end.to_string() };
    let out = format!("{kept}{end}");
    Ok(if matches!(value, Value::Markup(_)) { Value::markup(out) } else { Value::str(out) })
}

/// What an assertion of truncate demands of a number.
fn at_least(run: &Run, value: &Value, least: usize, name: &str) -> Result<(), Failure> {
    if value.as_int().is_none() && !matches!(value, Value::Float(_)) {
        return Err(Failure::type_error(format!(
            "'>=' not supported between instances of '{}' and 'int'",
            value.class()
        )));
    }
    if run.less(value, &Value::int(least))? {
        let message = format!("expected {name} >= {least}, got {}", print::str(run, value)?);
        return Err(Failure::raised("AssertionError", message));
    }
    Ok(())
}

fn title(run: &Run, args: Args) -> Result<Value, Failure> {
    let text = markup::soft_str(run, &only("do_title", &["s"], args)?)?;
    let text = text.as_text().cloned().unwrap_or_default();
    let starts_word = |letter: char| letters::is_space(letter) || "-({[<".contains(letter);
    let mut out = String::new();
    let mut rest: &str = &text;
    while let Some(first) = rest.chars().next() {
        let blank = starts_word(first);
        let end = rest.find(|letter| starts_word(letter) != blank).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        out.extend(first.to_uppercase());
        out.push_str(&letters::lower(&word[first.len_utf8()..]));
        rest = after;
    }
    Ok(Value::str(out))
}

fn word_count(run: &Run, args: Args) -> Result<Value, Failure> {
    let text = markup::soft_str(run, &only("do_wordcount", &["s"], args)?)?;
    let text = text.as_text().cloned().unwrap_or_default();
    let words = text.split(|letter| !letters::is_word(letter)).filter(|word| !word.is_empty());
    Ok(Value::int(words.count()))
}

fn strip_tags(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = only("do_striptags", &["value"], args)?;
    without_tags(&html_or_text(run, &value)?).map(Value::str)
}

/// The text of `Markup.striptags`: without tags and comments, blanks run together, references replaced.
pub fn without_tags(text: &str) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start..];
        let end = match tag.strip_prefix("<!--") {
            Some(comment) => comment.find("-->").map(|end| end + 7),
            None => tag.find('>').map(|end| end + 1),
        };
        let Some(end) = end else { break };
        out.push_str(&rest[..start]);
        rest = &tag[end..];
    }
    out.push_str(rest);
    let words: Vec<&str> = out.split(letters::is_space).filter(|word| !word.is_empty()).collect();
    unescaped(&words.join(" "))
}

const XML_ATTRIBUTES: Signature = Signature { name: "do_xmlattr", hidden: 1, names: &["d", "autospace"], required: 1 };

fn xml_attributes(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&XML_ATTRIBUTES, args)?;
    let dict = bound.required();
    let space = run.truth(&bound.or(Value::Bool(true)))?;
    let mut attributes = Vec::new();
    for (key, value) in pairs(run, &dict)? {
        if value.is_none() || value.is_undefined() {
            continue;
        }
        let Some(name) = key.as_text() else {
            let message = format!("expected string or bytes-like object, got '{}'", key.class());
            return Err(Failure::type_error(message));
        };
        if name.contains(['\t', '\n', '\x0b', '\x0c', '\r', ' ', '/', '>', '=']) {
            let name = print::repr(run, &key)?;
            return Err(Failure::value_error(format!("Invalid character in attribute name: {name}")));
        }
        attributes.push(format!("{}=\"{}\"", markup::escape(run, &key)?, markup::escape(run, &value)?));
    }
    let text = attributes.join(" ");
    let text = if space && !text.is_empty() { format!(" {text}") } else { text };
    Ok(if run.autoescape.get() { Value::markup(text) } else { Value::str(text) })
}
