//! The `%` of strings: Python's printf-style formatting.

use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use crate::template::convert;
use crate::template::failure::Failure;
use crate::template::markup;
use crate::template::python::letters;
use crate::template::python::number::{self, Layout};
use crate::template::run::Run;
use crate::template::value::Value;

/// The widest field and the longest precision that are written.
const WIDEST: usize = 1_000_000;

/// `template % right`, where `template` is a str, Markup (whose arguments are escaped) or bytes.
pub fn format(run: &Run, template: &Value, right: &Value) -> Result<Value, Failure> {
    let Some(text) = template.as_text() else {
        return Err(Failure::refused("the % of bytes"));
    };
    let escaping = matches!(template, Value::Markup(_));
    let mut formatter = Formatter::new(run, right, escaping);
    formatter.template(text)?;
    formatter.finish()?;
    run.charge(formatter.out.len() / 8)?;
    Ok(if escaping { Value::markup(formatter.out) } else { Value::str(formatter.out) })
}

/// What of a conversion stands between the `%` and its letter.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "flags in any combination, as the format has them")]
struct Field {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// Where the next argument comes from.
enum Source {
    /// The items of a tuple, and how many were taken.
    Tuple(Vec<Value>, usize),
    /// One value, and whether it was taken.
    One(Value, bool),
}

struct Formatter<'a> {
    run: &'a Run,
    out: String,
    source: Source,
    mapping: Option<Value>,
    escaping: bool,
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// The place in characters, as Python counts.
    fn index(&self) -> usize {
        self.text[..self.at].chars().count()
    }
}

impl<'a> Formatter<'a> {
    fn new(run: &'a Run, right: &Value, escaping: bool) -> Self {
        let source = match right {
            Value::Tuple(tuple) => Source::Tuple(tuple.items().to_vec(), 0),
            _ => Source::One(right.clone(), false),
        };
        let subscripted = match right {
            Value::Dict(_) | Value::List(_) | Value::Range(_) | Value::Bytes(_) | Value::Undefined(_) => true,
            Value::Object(object) => object.class() == "TemplateReference",
            _ => false,
        };
        Self { run, out: String::new(), source, mapping: subscripted.then(|| right.clone()), escaping }
    }

    fn template(&mut self, text: &str) -> Result<(), Failure> {
        let mut cursor = Cursor { text, at: 0 };
        while let Some(found) = text[cursor.at..].find('%') {
            self.out.push_str(&text[cursor.at..cursor.at + found]);
            cursor.at += found + 1;
            self.conversion(&mut cursor)?;
        }
        self.out.push_str(&text[cursor.at..]);
        Ok(())
    }

    fn finish(&self) -> Result<(), Failure> {
        let left = match &self.source {
            Source::Tuple(items, taken) => *taken < items.len(),
            Source::One(_, taken) => !taken,
        };
        if left && self.mapping.is_none() {
            return Err(Failure::type_error("not all arguments converted during string formatting"));
        }
        Ok(())
    }

    fn argument(&mut self) -> Result<Value, Failure> {
        let next = match &mut self.source {
            Source::Tuple(items, taken) => {
                *taken += 1;
                items.get(*taken - 1).cloned()
            }
            Source::One(value, taken) if !*taken => {
                *taken = true;
                Some(value.clone())
            }
            Source::One(..) => None,
        };
        next.ok_or_else(|| Failure::type_error("not enough arguments for format string"))
    }

    fn conversion(&mut self, cursor: &mut Cursor) -> Result<(), Failure> {
        if cursor.peek() == Some('%') {
            cursor.next();
            self.out.push('%');
            return Ok(());
        }
        if cursor.peek() == Some('(') {
            let key = Self::key(cursor, self.mapping.is_some())?;
            let mapping = self.mapping.clone().unwrap_or(Value::None);
            self.source = Source::One(subscript(self.run, &mapping, &key)?, false);
        }
        let field = self.field(cursor)?;
        if matches!(cursor.peek(), Some('h' | 'l' | 'L')) {
            cursor.next();
        }
        let incomplete = || Failure::value_error("incomplete format");
        let letter = cursor.next().ok_or_else(incomplete)?;
        self.one(&field, letter, cursor)
    }

    fn key(cursor: &mut Cursor, mapping: bool) -> Result<String, Failure> {
        if !mapping {
            return Err(Failure::type_error("format requires a mapping"));
        }
        cursor.next();
        let start = cursor.at;
        let mut depth = 1;
        while depth > 0 {
            match cursor.next() {
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                Some(_) => {}
                None => return Err(Failure::value_error("incomplete format key")),
            }
        }
        Ok(cursor.text[start..cursor.at - 1].to_owned())
    }

    fn field(&mut self, cursor: &mut Cursor) -> Result<Field, Failure> {
        let mut field = Field::default();
        while let Some(flag) = cursor.peek() {
            match flag {
                '-' => field.left = true,
                '+' => field.plus = true,
                ' ' => field.space = true,
                '#' => field.alternate = true,
                '0' => field.zero = true,
                _ => break,
            }
            cursor.next();
        }
        let width = self.count(cursor, "width too big")?.unwrap_or(0);
        field.left |= width < 0;
        field.width = limited(width.unsigned_abs())?;
        if cursor.peek() == Some('.') {
            cursor.next();
            let precision = self.precision(cursor)?;
            field.precision = Some(limited(precision.max(0).unsigned_abs())?);
        }
        Ok(field)
    }

    /// A number in the template, or from the arguments where a star stands.
    fn count(&mut self, cursor: &mut Cursor, too_big: &str) -> Result<Option<i64>, Failure> {
        if cursor.peek() == Some('*') {
            cursor.next();
            let value = self.argument()?;
            if self.escaping || value.as_int().is_none() {
                return Err(Failure::type_error("* wants int"));
            }
            return convert::size(&value).map(Some);
        }
        let start = cursor.at;
        while cursor.peek().is_some_and(|letter| letter.is_ascii_digit()) {
            cursor.next();
        }
        match &cursor.text[start..cursor.at] {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(|_| Failure::value_error(too_big)),
        }
    }

    /// CPython counts decimals in a C int.
    fn precision(&mut self, cursor: &mut Cursor) -> Result<i64, Failure> {
        let starred = cursor.peek() == Some('*');
        let too_large = || Failure::raised("OverflowError", "Python int too large to convert to C int");
        match self.count(cursor, "precision too big") {
            Ok(Some(precision)) if i32::try_from(precision).is_ok() => Ok(precision),
            Ok(None) => Ok(0),
            Ok(Some(_)) if !starred => Err(Failure::value_error("precision too big")),
            Ok(Some(_)) => Err(too_large()),
            Err(failure) if failure.is_any(&["OverflowError"]) => Err(too_large()),
            Err(failure) => Err(failure),
        }
    }

    fn one(&mut self, field: &Field, letter: char, cursor: &Cursor) -> Result<(), Failure> {
        if !"srdiuoxXeEfFgGca".contains(letter) {
            // The argument is taken before the letter is looked at.
            self.argument()?;
            let shown = if (' '..='\u{7e}').contains(&letter) { letter } else { '?' };
            let place = cursor.index() - 1;
            return Err(Failure::value_error(format!(
                "unsupported format character '{shown}' (0x{:x}) at index {place}",
                u32::from(letter)
            )));
        }
        let value = self.argument()?;
        match letter {
            's' | 'r' | 'a' => self.text(field, letter, &value),
            'c' => self.character(field, &value),
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => self.integer(field, letter, &value),
            _ => self.float(field, letter, &value),
        }
    }

    fn text(&mut self, field: &Field, letter: char, value: &Value) -> Result<(), Failure> {
        let text = match (letter, self.escaping) {
            ('s', false) => super::str(self.run, value)?,
            ('s', true) => markup::escape(self.run, value)?,
            (_, false) => super::repr(self.run, value)?,
            (_, true) => markup::escape_text(&super::repr(self.run, value)?),
        };
        let text = if letter == 'a' { letters::ascii(&text) } else { text };
        let kept: String = match field.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        };
        self.pad(field, "", &kept, false);
        Ok(())
    }

    fn character(&mut self, field: &Field, value: &Value) -> Result<(), Failure> {
        let wanted = || Failure::type_error("%c requires int or char");
        let letter = match value {
            _ if self.escaping => return Err(wanted()),
            Value::Str(text) | Value::Markup(text) => {
                let mut letters = text.chars();
                letters.next().filter(|_| letters.next().is_none()).ok_or_else(wanted)?
            }
            Value::Int(_) | Value::Bool(_) => {
                let code = value.as_int().unwrap_or_default();
                let range = || Failure::raised("OverflowError", "%c arg not in range(0x110000)");
                code.to_u32().and_then(char::from_u32).ok_or_else(range)?
            }
            _ => return Err(wanted()),
        };
        self.pad(field, "", &letter.to_string(), false);
        Ok(())
    }

    fn whole(&self, letter: char, value: &Value) -> Result<BigInt, Failure> {
        let decimal = matches!(letter, 'd' | 'i' | 'u');
        let wanted = if decimal { "a real number" } else { "an integer" };
        let class = if self.escaping { "_MarkupEscapeHelper" } else { value.class() };
        let wrong = || Failure::type_error(format!("%{letter} format: {wanted} is required, not {class}"));
        match value {
            _ if self.escaping && decimal => convert::int(self.run, value)
                .map_err(|failure| if failure.is_any(&["TypeError"]) { wrong() } else { failure }),
            _ if self.escaping => Err(wrong()),
            Value::Int(_) | Value::Bool(_) => value.as_int().ok_or_else(wrong),
            Value::Float(number) if decimal => convert::int_of_float(*number),
            Value::Undefined(undefined) if decimal => Err(self.run.undefined_error(undefined)),
            _ => Err(wrong()),
        }
    }

    fn integer(&mut self, field: &Field, letter: char, value: &Value) -> Result<(), Failure> {
        let number = self.whole(letter, value)?;
        let (base, prefix) = match letter {
            'o' => (8, "0o"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        if base == 10 {
            super::integer(&number)?;
        }
        let digits = number::digits(&number, base);
        let digits = if letter == 'X' { digits.to_uppercase() } else { digits };
        let missing = field.precision.unwrap_or(0).saturating_sub(digits.len());
        let digits = "0".repeat(missing) + &digits;
        let prefix = if field.alternate { prefix } else { "" };
        let sign = field.sign(number::is_negative(&number));
        self.pad(field, &format!("{sign}{prefix}"), &digits, field.zero);
        Ok(())
    }

    fn float(&mut self, field: &Field, letter: char, value: &Value) -> Result<(), Failure> {
        let number = match value {
            Value::Str(_) | Value::Markup(_) | Value::None if !self.escaping => {
                return Err(Failure::type_error(format!("must be real number, not {}", value.class())));
            }
            _ if self.escaping => convert::float(self.run, value)?,
            Value::Float(_) | Value::Int(_) | Value::Bool(_) | Value::Undefined(_) => convert::float(self.run, value)?,
            _ => return Err(Failure::type_error(format!("must be real number, not {}", value.class()))),
        };
        let layout = match letter.to_ascii_lowercase() {
            'e' => Layout::Exponent,
            'f' => Layout::Fixed,
            _ => Layout::General,
        };
        let text = number::with_precision(number, layout, field.precision.unwrap_or(6), field.alternate);
        let text = if letter.is_ascii_uppercase() { text.to_uppercase() } else { text };
        let negative = number.is_sign_negative() && !number.is_nan();
        self.pad(field, field.sign(negative), &text, field.zero);
        Ok(())
    }

    fn pad(&mut self, field: &Field, sign: &str, body: &str, zero: bool) {
        let length = sign.len() + body.chars().count();
        let missing = field.width.saturating_sub(length);
        let (left, middle, right) = match (field.left, zero) {
            (true, _) => (0, 0, missing),
            (false, true) => (0, missing, 0),
            (false, false) => (missing, 0, 0),
        };
        self.out.push_str(&" ".repeat(left));
        self.out.push_str(sign);
        self.out.push_str(&"0".repeat(middle));
        self.out.push_str(body);
        self.out.push_str(&" ".repeat(right));
    }
}

impl Field {
    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }
}

fn limited(wide: u64) -> Result<usize, Failure> {
    let refused = || Failure::refused(format!("a field wider than {WIDEST} characters"));
    usize::try_from(wide).ok().filter(|wide| *wide <= WIDEST).ok_or_else(refused)
}

/// `mapping[key]` of Python itself, which raises where Jinja2's subscript would be undefined.
fn subscript(run: &Run, mapping: &Value, key: &str) -> Result<Value, Failure> {
    match mapping {
        Value::Dict(dict) => dict.get_str(key).ok_or_else(|| Failure::raised("KeyError", letters::repr(key))),
        Value::Undefined(undefined) => Err(run.undefined_error(undefined)),
        Value::Bytes(_) => Err(Failure::type_error("byte indices must be integers or slices, not str")),
        _ => Err(Failure::type_error(format!("{} indices must be integers or slices, not str", mapping.class()))),
    }
}
