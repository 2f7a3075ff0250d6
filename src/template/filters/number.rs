//! Filters on numbers: int, float, abs, round, filesizeformat.

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

use super::super::call::Args;
use super::super::convert;
use super::super::engine::Operator;
use super::super::failure::Failure;
use super::super::parameters::{Bindings, Signature};
use super::super::python::number::{self, Layout};
use super::super::run::Run;
use super::super::value::Value;
use super::sequence::builtin;
use super::{Table, argument_error};

pub(super) const FILTERS: Table =
    &[("abs", abs), ("filesizeformat", file_size), ("float", float), ("int", int), ("round", round)];

fn abs(_run: &Run, args: Args) -> Result<Value, Failure> {
    let value = builtin("abs", args)?;
    match &value {
        Value::Float(number) => Ok(Value::Float(number.abs())),
        _ => value
            .as_int()
            .map(|number| Value::Int(number.abs()))
            .ok_or_else(|| Failure::type_error(format!("bad operand type for abs(): '{}'", value.class()))),
    }
}

const INT: Signature = Signature { name: "do_int", hidden: 0, names: &["value", "default", "base"], required: 1 };

fn int(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&INT, args)?;
    let (value, default, base) = (bound.required(), bound.or(Value::int(0)), bound.or(Value::int(10)));
    let first = match value.as_text() {
        Some(text) => int_in_base(text, &base),
        None => convert::int(run, &value),
    };
    match first {
        Ok(number) => Ok(Value::Int(number)),
        Err(failure) if !failure.is_any(&["TypeError", "ValueError"]) => Err(failure),
        Err(_) => match convert::float(run, &value).and_then(convert::int_of_float) {
            Ok(number) => Ok(Value::Int(number)),
            Err(failure) if failure.is_any(&["TypeError", "ValueError", "OverflowError"]) => Ok(default),
            Err(failure) => Err(failure),
        },
    }
}

fn int_in_base(text: &str, base: &Value) -> Result<BigInt, Failure> {
    let base = convert::index(base)?;
    match u32::try_from(base) {
        Ok(base @ (0 | 2..=36)) => convert::int_of_text(text, base),
        _ => Err(Failure::value_error("int() base must be >= 2 and <= 36, or 0")),
    }
}

const FLOAT: Signature = Signature { name: "do_float", hidden: 0, names: &["value", "default"], required: 1 };

fn float(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&FLOAT, args)?;
    let (value, default) = (bound.required(), bound.or(Value::Float(0.0)));
    match convert::float(run, &value) {
        Ok(number) => Ok(Value::Float(number)),
        Err(failure) if failure.is_any(&["TypeError", "ValueError"]) => Ok(default),
        Err(failure) => Err(failure),
    }
}

const FILE_SIZE: Signature =
    Signature { name: "do_filesizeformat", hidden: 0, names: &["value", "binary"], required: 1 };

fn file_size(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&FILE_SIZE, args)?;
    let value = bound.required();
    let bytes = convert::float(run, &value)?;
    let binary = run.truth(&bound.or(Value::Bool(false)))?;
    Ok(Value::str(size_text(bytes, binary)))
}

fn size_text(bytes: f64, binary: bool) -> String {
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    #[expect(clippy::float_cmp, reason = "one byte is exactly one")]
    if bytes == 1.0 {
        return "1 Byte".to_owned();
    }
    if bytes < base {
        return format!("{} Bytes", convert::int_of_float(bytes).map_or(String::new(), |whole| whole.to_string()));
    }
    let suffix = if binary { "iB" } else { "B" };
    let letters = if binary { "KMGTPEZY" } else { "kMGTPEZY" };
    let mut unit = base;
    let mut last = String::new();
    for letter in letters.chars() {
        unit *= base;
        let text = number::with_precision(base * bytes / unit, Layout::Fixed, 1, false);
        last = format!("{text} {letter}{suffix}");
        if bytes < unit {
            break;
        }
    }
    last
}

const ROUND: Signature =
    Signature { name: "do_round", hidden: 0, names: &["value", "precision", "method"], required: 1 };

fn round(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&ROUND, args)?;
    let (value, precision, method) = (bound.required(), bound.or(Value::int(0)), bound.or(Value::str("common")));
    if matches!(method, Value::List(_) | Value::Dict(_)) {
        return Err(Failure::type_error(format!("unhashable type: '{}'", method.class())));
    }
    match method.as_text().map(|method| &**method) {
        Some("common") => rounded(&value, &precision),
        Some("ceil") => scaled(run, &value, &precision, f64::ceil),
        Some("floor") => scaled(run, &value, &precision, f64::floor),
        _ => Err(argument_error("method must be common, ceil or floor")),
    }
}

/// `func(value * 10 ** precision) / 10 ** precision`.
fn scaled(run: &Run, value: &Value, precision: &Value, func: fn(f64) -> f64) -> Result<Value, Failure> {
    let scale = run.binary(Operator::Pow, &Value::int(10), precision)?;
    let product = run.binary(Operator::Mul, value, &scale)?;
    let whole = match &product {
        Value::Float(number) => Value::Int(convert::int_of_float(func(*number))?),
        Value::Int(_) | Value::Bool(_) => product,
        other => return Err(Failure::type_error(format!("must be real number, not {}", other.class()))),
    };
    run.binary(Operator::Div, &whole, &scale)
}

/// `round(value, precision)`.
fn rounded(value: &Value, precision: &Value) -> Result<Value, Failure> {
    let unsupported = || Failure::type_error(format!("type {} doesn't define __round__ method", value.class()));
    match value {
        Value::Float(number) if precision.is_none() => {
            convert::int_of_float(rounded_float(*number, 0)?).map(Value::Int)
        }
        Value::Float(number) => {
            let digits = convert::index(precision)?;
            rounded_float(*number, digits).map(Value::Float)
        }
        Value::Int(_) | Value::Bool(_) => {
            let number = value.as_int().ok_or_else(unsupported)?;
            if precision.is_none() {
                return Ok(Value::Int(number));
            }
            Ok(Value::Int(rounded_int(number, convert::index(precision)?)))
        }
        _ => Err(unsupported()),
    }
}

fn rounded_float(value: f64, digits: i64) -> Result<f64, Failure> {
    if !value.is_finite() || digits > 323 {
        return Ok(value);
    }
    if digits < -308 {
        return Ok(0.0 * value);
    }
    let text = match usize::try_from(digits) {
        Ok(digits) => format!("{value:.digits$}"),
        Err(_) => whole_to_tens(value, digits),
    };
    let rounded: f64 = text.parse().unwrap_or(value);
    if rounded.is_finite() {
        return Ok(rounded.copysign(value));
    }
    Err(Failure::raised("OverflowError", "rounded value too large to represent"))
}

/// The nearest multiple of a power of ten, the even one between two; what is behind the point decides a tie.
fn whole_to_tens(value: f64, digits: i64) -> String {
    let ten = BigInt::from(10).pow(u32::try_from(-digits).unwrap_or(0));
    let whole = number::truncated(value.abs());
    let (quotient, rest) = (&whole / &ten, &whole % &ten);
    let twice = rest * 2;
    let beyond = twice > ten || (twice == ten && (value.fract() != 0.0 || is_odd(&quotient)));
    ((quotient + i32::from(beyond)) * ten).to_string()
}

fn is_odd(number: &BigInt) -> bool {
    !BigInt::is_zero(&(number % 2))
}

fn rounded_int(number: BigInt, digits: i64) -> BigInt {
    if digits >= 0 {
        return number;
    }
    let bits = number.bits().to_i64().unwrap_or(i64::MAX);
    if -digits > bits {
        return BigInt::ZERO;
    }
    let ten = BigInt::from(10).pow(u32::try_from(-digits).unwrap_or(u32::MAX));
    let (quotient, rest) = (number.abs() / &ten, number.abs() % &ten);
    let twice = rest * 2;
    let beyond = twice > ten || (twice == ten && is_odd(&quotient));
    let magnitude = (quotient + i32::from(beyond)) * ten;
    if number.is_negative() { -magnitude } else { magnitude }
}
