//! Peering Manager's global `now(format, timezone)`.

use std::fmt::Write as _;
use std::rc::Rc;
use std::str::FromStr as _;

use chrono::format::{Item, StrftimeItems};

use super::super::super::call::Args;
use super::super::super::failure::Failure;
use super::super::super::object::Object;
use super::super::super::parameters::{Bindings, Signature};
use super::super::super::print;
use super::super::super::python::letters;
use super::super::super::run::Run;
use super::super::super::value::Value;

struct Now;

/// The function.
pub(super) fn value() -> Value {
    Value::Object(Rc::new(Now))
}

const NOW: Signature = Signature { name: "time_now", hidden: 0, names: &["format", "timezone"], required: 0 };

impl Object for Now {
    fn class(&self) -> &'static str {
        "function"
    }

    fn repr(&self, _run: &Run) -> Result<String, Failure> {
        Ok(print::at_address("function time_now", std::ptr::from_ref(self).addr()))
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(self: Rc<Self>, run: &Run, args: Args) -> Result<Value, Failure> {
        let mut bound = Bindings::of(&NOW, args)?;
        let (format, zone) = (bound.or(Value::str("%Y-%m-%dT%H:%M:%SZ")), bound.or(Value::str("")));
        let zone = if run.truth(&zone)? { zone_of(&zone)? } else { chrono_tz::UTC };
        let Some(format) = format.as_text() else {
            let message = format!("strftime() argument 1 must be str, not {}", format.class());
            return Err(Failure::type_error(message));
        };
        let mut out = String::new();
        let written = write!(out, "{}", run.now.with_timezone(&zone).format_with_items(items(format)?.into_iter()));
        written.map_err(|_| Failure::refused("this format of the time"))?;
        Ok(Value::str(out))
    }
}

fn zone_of(name: &Value) -> Result<chrono_tz::Tz, Failure> {
    let Some(text) = name.as_text() else { return Err(Failure::refused("a time zone that is no text")) };
    chrono_tz::Tz::from_str(text).map_err(|_| {
        let message = letters::repr(&format!("No time zone found with key {text}"));
        Failure::raised("zoneinfo._common.ZoneInfoNotFoundError", message)
    })
}

/// What the C library and chrono write alike.
const KNOWN: &str = "aAbBcCdDeFGgHhIjklmMnpPrRsStTuUVwWxXyYzZ%";

fn items(format: &str) -> Result<Vec<Item<'_>>, Failure> {
    let mut parts = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        parts.push(Item::Literal(&rest[..at]));
        rest = &rest[at..];
        let padding = usize::from(rest[1..].starts_with(['-', '_', '0']));
        let letter = rest[1 + padding..].chars().next();
        if letter == Some('f') && padding == 0 {
            parts.extend(StrftimeItems::new("%6f"));
            rest = &rest[2..];
            continue;
        }
        if !letter.is_some_and(|letter| KNOWN.contains(letter)) {
            return Err(Failure::refused(format!("the time in the format {format}")));
        }
        parts.extend(StrftimeItems::new(&rest[..2 + padding]));
        rest = &rest[2 + padding..];
    }
    parts.push(Item::Literal(rest));
    Ok(parts)
}
