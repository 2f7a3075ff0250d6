//! `str.format` and `str.format_map` as the sandbox does them, and `format(value, spec)`.

use num_bigint::BigInt;

use crate::template::call::Args;
use crate::template::convert;
use crate::template::failure::Failure;
use crate::template::markup;
use crate::template::python::format_spec::{Refused, Spec};
use crate::template::python::letters;
use crate::template::run::Run;
use crate::template::value::Value;

/// Where fields take their values from.
pub struct Fields<'a> {
    /// The positional arguments.
    pub positional: &'a [Value],
    /// The keyword arguments, or the mapping of `format_map`.
    pub named: Value,
}

/// `template.format(..)`; a Markup escapes what it takes in.
pub fn format(run: &Run, template: &Value, args: &Args) -> Result<Value, Failure> {
    let pairs = args.keyword.iter().map(|(name, value)| (Value::Str(name.clone()), value.clone()));
    let named = Value::Dict(crate::template::dict::Dict::of(pairs)?);
    format_fields(run, template, &Fields { positional: &args.positional, named })
}

/// `template.format(..)` with the fields given.
pub fn format_fields(run: &Run, template: &Value, fields: &Fields) -> Result<Value, Failure> {
    let text = template.as_text().cloned().unwrap_or_default();
    let escaping = matches!(template, Value::Markup(_));
    let mut formatter = Formatter { run, fields, escaping, next: Some(0) };
    let out = formatter.text(&text, 3)?;
    run.charge(out.len() / 8)?;
    Ok(if escaping { Value::markup(out) } else { Value::str(out) })
}

struct Formatter<'a> {
    run: &'a Run,
    fields: &'a Fields<'a>,
    escaping: bool,
    /// The number of the next field without a name; nothing after a field with a number of its own.
    next: Option<usize>,
}

struct Replacement<'a> {
    name: &'a str,
    conversion: Option<char>,
    spec: &'a str,
}

impl Formatter<'_> {
    fn text(&mut self, text: &str, depth: usize) -> Result<String, Failure> {
        if depth == 0 {
            return Err(Failure::value_error("Max string recursion exceeded"));
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                out.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" || rest.is_empty() {
                return Err(Failure::value_error(format!("Single '{brace}' encountered in format string")));
            }
            let (field, after) = split_field(rest)?;
            rest = after;
            out.push_str(&self.field(&field, depth)?);
        }
        out.push_str(rest);
        Ok(out)
    }

    fn field(&mut self, field: &Replacement, depth: usize) -> Result<String, Failure> {
        let value = self.lookup(field.name)?;
        let value = self.converted(value, field.conversion)?;
        let spec = self.text(field.spec, depth - 1)?;
        if !self.escaping {
            return format_value(self.run, &value, &spec);
        }
        match &value {
            Value::Markup(text) if spec.is_empty() => Ok(text.to_string()),
            Value::Markup(_) => Err(Failure::value_error("Unsupported format specification for Markup.")),
            Value::Object(object) if spec.is_empty() && object.html(self.run)?.is_some() => {
                markup::escape(self.run, &value)
            }
            _ => Ok(markup::escape_text(&format_value(self.run, &value, &spec)?)),
        }
    }

    fn numbered(&mut self, name: &str) -> Result<String, Failure> {
        let automatic = name.is_empty();
        let digits = name.bytes().all(|byte| byte.is_ascii_digit());
        if automatic {
            let number = self.next.ok_or_else(|| {
                Failure::value_error("cannot switch from manual field specification to automatic field numbering")
            })?;
            self.next = Some(number + 1);
            return Ok(number.to_string());
        }
        if digits {
            if self.next.is_some_and(|number| number > 0) {
                return Err(Failure::value_error(
                    "cannot switch from manual field specification to automatic field numbering",
                ));
            }
            self.next = None;
        }
        Ok(name.to_owned())
    }

    fn lookup(&mut self, name: &str) -> Result<Value, Failure> {
        let name = self.numbered(name)?;
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, path) = name.split_at(end);
        let mut value = self.first(first)?;
        let mut rest = path;
        while !rest.is_empty() {
            let step = Step::read(&mut rest)?;
            value = match step {
                Step::Attribute(name) => self.run.attribute(&value, name)?,
                Step::Item(key) => self.run.item(&value, &key)?,
            };
        }
        Ok(value)
    }

    fn first(&self, name: &str) -> Result<Value, Failure> {
        if let Some(index) = whole_number(name)? {
            let out_of_range = || Failure::raised("IndexError", "tuple index out of range");
            return self.fields.positional.get(index).cloned().ok_or_else(out_of_range);
        }
        match &self.fields.named {
            Value::Dict(dict) => dict.get_str(name).ok_or_else(|| Failure::raised("KeyError", letters::repr(name))),
            Value::Undefined(undefined) => Err(self.run.undefined_error(undefined)),
            Value::List(_) | Value::Tuple(_) | Value::Range(_) => Err(Failure::type_error(format!(
                "{} indices must be integers or slices, not str",
                self.fields.named.class()
            ))),
            Value::Str(_) | Value::Markup(_) => Err(Failure::type_error("string indices must be integers, not 'str'")),
            other => Err(Failure::type_error(format!("'{}' object is not subscriptable", other.class()))),
        }
    }

    fn converted(&self, value: Value, conversion: Option<char>) -> Result<Value, Failure> {
        Ok(match conversion {
            None => value,
            Some('s') => Value::str(super::str(self.run, &value)?),
            Some('r') => Value::str(super::repr(self.run, &value)?),
            Some('a') => Value::str(letters::ascii(&super::repr(self.run, &value)?)),
            Some(other) => {
                return Err(Failure::value_error(format!("Unknown conversion specifier {other}")));
            }
        })
    }
}

fn whole_number(name: &str) -> Result<Option<usize>, Failure> {
    if name.is_empty() || !name.chars().all(|letter| letters::decimal(letter).is_some()) {
        return Ok(None);
    }
    let digits: String =
        name.chars().filter_map(letters::decimal).filter_map(|value| char::from_digit(value, 10)).collect();
    let number: i64 = digits.parse().map_err(|_| Failure::value_error("Too many decimal digits in format string"))?;
    Ok(Some(usize::try_from(number).unwrap_or(usize::MAX)))
}

enum Step<'a> {
    Attribute(&'a str),
    Item(Value),
}

impl<'a> Step<'a> {
    fn read(rest: &mut &'a str) -> Result<Self, Failure> {
        let empty = || Failure::value_error("Empty attribute in format string");
        if let Some(name) = rest.strip_prefix('.') {
            let end = name.find(['.', '[']).unwrap_or(name.len());
            *rest = &name[end..];
            return if end == 0 { Err(empty()) } else { Ok(Self::Attribute(&name[..end])) };
        }
        let Some(inner) = rest.strip_prefix('[') else {
            return Err(Failure::value_error("Only '.' or '[' may follow ']' in format field specifier"));
        };
        let end = inner.find(']').ok_or_else(|| Failure::value_error("Missing ']' in format string"))?;
        let key = &inner[..end];
        *rest = &inner[end + 1..];
        match whole_number(key)? {
            _ if key.is_empty() => Err(empty()),
            Some(index) => Ok(Self::Item(Value::int(index))),
            None => Ok(Self::Item(Value::str(key))),
        }
    }
}

/// The field that a `{` opened, up to its `}`, and what follows. Brackets hide what stands between them.
fn split_field(text: &str) -> Result<(Replacement<'_>, &str), Failure> {
    let expected = || Failure::value_error("expected '}' before end of string");
    let mut in_brackets = false;
    let end = text.find(|letter| {
        match letter {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ => {}
        }
        !in_brackets && matches!(letter, '{' | '}' | ':' | '!')
    });
    let end = end.ok_or_else(expected)?;
    let name = &text[..end];
    let mut rest = &text[end..];
    if rest.starts_with('{') {
        return Err(Failure::value_error("unexpected '{' in field name"));
    }
    let mut conversion = None;
    if let Some(after) = rest.strip_prefix('!') {
        let mut letters = after.chars();
        let letter = letters
            .next()
            .ok_or_else(|| Failure::value_error("end of string while looking for conversion specifier"))?;
        if letter == '}' {
            return Err(Failure::value_error("unmatched '{' in format spec"));
        }
        conversion = Some(letter);
        rest = letters.as_str();
        if rest.is_empty() {
            return Err(Failure::value_error("unmatched '{' in format spec"));
        }
        if !rest.starts_with([':', '}']) {
            return Err(Failure::value_error("expected ':' after conversion specifier"));
        }
    }
    let Some(spec) = rest.strip_prefix(':') else {
        return Ok((Replacement { name, conversion, spec: "" }, &rest[1..]));
    };
    let end = closing(spec).ok_or_else(|| Failure::value_error("unmatched '{' in format spec"))?;
    Ok((Replacement { name, conversion, spec: &spec[..end] }, &spec[end + 1..]))
}

fn closing(spec: &str) -> Option<usize> {
    let mut depth = 1;
    spec.find(|letter| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

/// `format(value, spec)`.
pub fn format_value(run: &Run, value: &Value, spec: &str) -> Result<String, Failure> {
    if spec.is_empty() {
        return super::str(run, value);
    }
    let class = value.class();
    match value {
        Value::Str(text) | Value::Markup(text) => {
            raised(Spec::parse(spec, class, false).and_then(|spec| spec.text(text, class)))
        }
        Value::Int(_) | Value::Bool(_) => integer(&value.as_int().unwrap_or_default(), spec, class),
        Value::Float(number) => raised(Spec::parse(spec, class, true).and_then(|spec| spec.float(*number, class))),
        _ => Err(Failure::type_error(format!("unsupported format string passed to {class}.__format__"))),
    }
}

fn integer(number: &BigInt, spec: &str, class: &str) -> Result<String, Failure> {
    let spec = raised(Spec::parse(spec, class, true))?;
    if matches!(spec.kind(), Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) {
        return raised(spec.float(convert::float_of_int(number)?, class));
    }
    if matches!(spec.kind(), None | Some('d' | 'n')) {
        super::integer(number)?;
    }
    raised(spec.integer(number, class))
}

fn raised<T>(result: Result<T, Refused>) -> Result<T, Failure> {
    result.map_err(|refused| match refused {
        Refused::Value(message) => Failure::value_error(message),
        Refused::Overflow(message) => Failure::raised("OverflowError", message),
        Refused::TooLong => Failure::refused("a field wider than 1000000 characters"),
    })
}
