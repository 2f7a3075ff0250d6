//! Methods of `str` that ask for or change the form of its characters: case, classes, width.

use super::Table;
use super::text::{like, native, own};
use crate::template::call::Args;
use crate::template::convert;
use crate::template::failure::Failure;
use crate::template::markup;
use crate::template::python::letters;
use crate::template::run::Run;
use crate::template::value::Value;

pub(super) const METHODS: Table = &[
    ("capitalize", |_, args| changed(args, "capitalize", letters::capitalize)),
    ("casefold", |_, args| changed(args, "casefold", letters::fold)),
    ("center", |run, args| padded(run, args, "center", |missing, width| missing / 2 + (missing & width & 1))),
    ("expandtabs", expand_tabs),
    ("isalnum", |_, args| all(args, "isalnum", letters::is_alphanumeric)),
    ("isalpha", |_, args| all(args, "isalpha", letters::is_alpha)),
    ("isascii", |_, args| asked(args, "isascii", str::is_ascii)),
    ("isdecimal", |_, args| all(args, "isdecimal", |letter| letters::decimal(letter).is_some())),
    ("isdigit", |_, args| all(args, "isdigit", letters::is_digit)),
    ("isidentifier", |_, args| asked(args, "isidentifier", crate::template::parse::is_identifier)),
    ("islower", |_, args| asked(args, "islower", is_lower)),
    ("isnumeric", |_, args| all(args, "isnumeric", letters::is_numeric)),
    ("isprintable", |_, args| asked(args, "isprintable", |text| text.chars().all(letters::is_printable))),
    ("isspace", |_, args| all(args, "isspace", letters::is_space)),
    ("istitle", |_, args| asked(args, "istitle", is_title)),
    ("isupper", |_, args| asked(args, "isupper", is_upper)),
    ("ljust", |run, args| padded(run, args, "ljust", |_, _| 0)),
    ("lower", |_, args| changed(args, "lower", letters::lower)),
    ("rjust", |run, args| padded(run, args, "rjust", |missing, _| missing)),
    ("swapcase", |_, args| changed(args, "swapcase", letters::swap_case)),
    ("title", |_, args| changed(args, "title", letters::title)),
    ("upper", |_, args| changed(args, "upper", str::to_uppercase)),
    ("zfill", zero_fill),
];

fn changed(args: Args, name: &'static str, change: fn(&str) -> String) -> Result<Value, Failure> {
    let object = native(name).none(args)?;
    Ok(like(&object, change(&own(&object))))
}

fn asked(args: Args, name: &'static str, answer: fn(&str) -> bool) -> Result<Value, Failure> {
    let object = native(name).none(args)?;
    Ok(Value::Bool(answer(&own(&object))))
}

fn all(args: Args, name: &'static str, class: fn(char) -> bool) -> Result<Value, Failure> {
    let object = native(name).none(args)?;
    let text = own(&object);
    Ok(Value::Bool(!text.is_empty() && text.chars().all(class)))
}

/// `str.islower`.
pub fn is_lower(text: &str) -> bool {
    let other = |letter: char| letter.is_uppercase() || letters::is_titlecase(letter);
    !text.chars().any(other) && text.chars().any(char::is_lowercase)
}

/// `str.isupper`.
pub fn is_upper(text: &str) -> bool {
    let other = |letter: char| letter.is_lowercase() || letters::is_titlecase(letter);
    !text.chars().any(other) && text.chars().any(char::is_uppercase)
}

fn is_title(text: &str) -> bool {
    let mut inside = false;
    let mut seen = false;
    for letter in text.chars() {
        let upper = letter.is_uppercase() || letters::is_titlecase(letter);
        let cased = upper || letter.is_lowercase();
        if cased && upper == inside {
            return false;
        }
        seen |= cased;
        inside = cased;
    }
    seen
}

fn fill_character(run: &Run, object: &Value, fill: Option<&Value>) -> Result<char, Failure> {
    let Some(fill) = fill else { return Ok(' ') };
    let text = match (object, fill) {
        (Value::Markup(_), _) => markup::escape(run, fill)?,
        (_, Value::Str(text) | Value::Markup(text)) => text.to_string(),
        (_, other) => {
            let class = other.class();
            return Err(Failure::type_error(format!("The fill character must be a unicode character, not {class}")));
        }
    };
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => Ok(letter),
        _ => Err(Failure::type_error("The fill character must be exactly one character long")),
    }
}

/// The widest text that is padded.
const WIDEST: usize = 1_000_000;

fn wide(width: i64) -> Result<usize, Failure> {
    let width = usize::try_from(width).unwrap_or(0);
    if width > WIDEST {
        Err(Failure::refused(format!("a text padded to more than {WIDEST} characters")))
    } else {
        Ok(width)
    }
}

fn padded(run: &Run, args: Args, name: &'static str, left: fn(usize, usize) -> usize) -> Result<Value, Failure> {
    let (object, rest) = native(name).between(args, 1, 2)?;
    let width = wide(convert::size(&rest[0])?)?;
    let fill = fill_character(run, &object, rest.get(1))?.to_string();
    let text = own(&object);
    let missing = width.saturating_sub(text.chars().count());
    run.charge(missing / 8)?;
    let left = left(missing, width);
    let padded = if missing == 0 {
        text.to_string()
    } else {
        [&fill.repeat(left), &*text, &fill.repeat(missing - left)].concat()
    };
    Ok(like(&object, padded))
}

fn zero_fill(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, width) = native("zfill").one(args)?;
    let width = wide(convert::size(&width)?)?;
    let text = own(&object);
    let missing = width.saturating_sub(text.chars().count());
    run.charge(missing / 8)?;
    let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
    Ok(like(&object, [sign, &"0".repeat(missing), digits].concat()))
}

fn expand_tabs(run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, bound) = native("expandtabs").by_name(args, &["tabsize"], 0)?;
    let size = wide(bound[0].as_ref().map_or(Ok(8), convert::size)?)?;
    let mut out = String::new();
    let mut column = 0;
    for letter in own(&object).chars() {
        match letter {
            '\t' if size == 0 => {}
            '\t' => {
                let blanks = size - column % size;
                run.charge(blanks / 8)?;
                out.push_str(&" ".repeat(blanks));
                column += blanks;
            }
            _ => {
                out.push(letter);
                column = if matches!(letter, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    Ok(like(&object, out))
}
