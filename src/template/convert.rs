//! Python's conversions: `int(x)`, `float(x)`, and the integers that arguments must be.

use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use super::failure::Failure;
use super::python::{letters, number};
use super::run::Run;
use super::value::Value;

/// `int(value)`.
pub fn int(run: &Run, value: &Value) -> Result<BigInt, Failure> {
    match value {
        Value::Int(_) | Value::Bool(_) => Ok(value.as_int().unwrap_or_default()),
        Value::Float(number) => int_of_float(*number),
        Value::Str(text) | Value::Markup(text) => int_of_text(text, 10).map_err(|failure| match value {
            Value::Markup(_) if failure.is_any(&["ValueError"]) => no_int(&format!("Markup({})", letters::repr(text))),
            _ => failure,
        }),
        Value::Bytes(bytes) => {
            int_of_text(&String::from_utf8_lossy(bytes), 10).or_else(|_| Err(no_int(&super::print::repr(run, value)?)))
        }
        Value::Undefined(undefined) => Err(run.undefined_error(undefined)),
        Value::Object(object) if object.number().is_some() => Ok(object.number().unwrap_or_default()),
        _ => Err(Failure::type_error(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            value.class()
        ))),
    }
}

fn no_int(shown: &str) -> Failure {
    Failure::value_error(format!("invalid literal for int() with base 10: {shown}"))
}

/// `int(float)`.
pub fn int_of_float(value: f64) -> Result<BigInt, Failure> {
    if value.is_nan() {
        return Err(Failure::value_error("cannot convert float NaN to integer"));
    }
    if value.is_infinite() {
        return Err(Failure::raised("OverflowError", "cannot convert float infinity to integer"));
    }
    Ok(number::truncated(value))
}

/// `int(text, base)`.
pub fn int_of_text(text: &str, base: u32) -> Result<BigInt, Failure> {
    let digits = text.chars().filter(|letter| letters::decimal(*letter).is_some()).count();
    if digits > 4300 && !base.is_power_of_two() {
        return Err(Failure::value_error(format!(
            "Exceeds the limit (4300 digits) for integer string conversion: value has {digits} digits; \
             use sys.set_int_max_str_digits() to increase the limit"
        )));
    }
    number::parse_int(text, base).ok_or_else(|| {
        Failure::value_error(format!("invalid literal for int() with base {base}: {}", letters::repr(text)))
    })
}

/// `float(value)`.
pub fn float(run: &Run, value: &Value) -> Result<f64, Failure> {
    match value {
        Value::Float(number) => Ok(*number),
        Value::Int(_) | Value::Bool(_) => float_of_int(&value.as_int().unwrap_or_default()),
        Value::Str(text) | Value::Markup(text) => number::parse_float(text).ok_or_else(|| {
            let shown = letters::repr(text);
            let shown = if matches!(value, Value::Markup(_)) { format!("Markup({shown})") } else { shown };
            Failure::value_error(format!("could not convert string to float: {shown}"))
        }),
        Value::Bytes(bytes) => match number::parse_float(&String::from_utf8_lossy(bytes)) {
            Some(number) if bytes.is_ascii() => Ok(number),
            _ => {
                let shown = super::print::repr(run, value)?;
                Err(Failure::value_error(format!("could not convert string to float: {shown}")))
            }
        },
        Value::Undefined(undefined) => Err(run.undefined_error(undefined)),
        _ => Err(Failure::type_error(format!(
            "float() argument must be a string or a real number, not '{}'",
            value.class()
        ))),
    }
}

/// `float(int)`.
pub fn float_of_int(value: &BigInt) -> Result<f64, Failure> {
    let too_large = || Failure::raised("OverflowError", "int too large to convert to float");
    value.to_f64().filter(|number| number.is_finite()).ok_or_else(too_large)
}

/// The error of what is no integer where one must be.
pub fn not_an_index(value: &Value) -> Failure {
    Failure::type_error(format!("'{}' object cannot be interpreted as an integer", value.class()))
}

/// What must be an integer, as an argument that C code counts with; values beyond its reach become the nearest.
pub fn index(value: &Value) -> Result<i64, Failure> {
    let number = value.as_int().ok_or_else(|| not_an_index(value))?;
    Ok(number.to_i64().unwrap_or(if number::is_negative(&number) { i64::MIN } else { i64::MAX }))
}

/// As [`index`], with the `OverflowError` of what does not fit.
pub fn size(value: &Value) -> Result<i64, Failure> {
    let clamped = index(value)?;
    let fits = value.as_int().is_some_and(|number| number.to_i64().is_some());
    if fits {
        return Ok(clamped);
    }
    Err(Failure::raised("OverflowError", "Python int too large to convert to C ssize_t"))
}
