//! The methods and attributes of integers and floats.

use num_bigint::BigInt;
use num_traits::{One as _, ToPrimitive as _, Zero as _};

use super::Table;
use super::text::text_argument;
use crate::template::call::Args;
use crate::template::convert;
use crate::template::failure::Failure;
use crate::template::parameters::Native;
use crate::template::python::number;
use crate::template::run::Run;
use crate::template::value::Value;

pub(super) const INT: Table = &[
    ("as_integer_ratio", |_, args| {
        int(args, "as_integer_ratio", |own| Value::tuple(vec![Value::Int(own), Value::int(1)]))
    }),
    ("bit_count", |_, args| int(args, "bit_count", |own| Value::int(own.magnitude().count_ones()))),
    ("bit_length", |_, args| int(args, "bit_length", |own| Value::int(own.bits()))),
    ("conjugate", |_, args| int(args, "conjugate", Value::Int)),
    ("from_bytes", from_bytes),
    ("is_integer", |_, args| int(args, "is_integer", |_| Value::Bool(true))),
    ("to_bytes", to_bytes),
];

pub(super) const FLOAT: Table = &[
    ("as_integer_ratio", float_ratio),
    ("conjugate", |_, args| float(args, "conjugate", Value::Float)),
    ("fromhex", |_, _| super::refused("float.fromhex")),
    ("hex", |_, args| float(args, "hex", |own| Value::str(hex(own)))),
    ("is_integer", |_, args| float(args, "is_integer", |own| Value::Bool(own.is_finite() && own.fract() == 0.0))),
];

fn int(args: Args, name: &'static str, answer: fn(BigInt) -> Value) -> Result<Value, Failure> {
    let class = match args.positional.first() {
        Some(Value::Bool(_)) => "bool",
        _ => "int",
    };
    let object = Native { name, class }.none(args)?;
    Ok(answer(object.as_int().unwrap_or_default()))
}

fn float(args: Args, name: &'static str, answer: fn(f64) -> Value) -> Result<Value, Failure> {
    let object = Native { name, class: "float" }.none(args)?;
    Ok(answer(own_float(&object)))
}

fn own_float(value: &Value) -> f64 {
    if let Value::Float(number) = value { *number } else { 0.0 }
}

fn to_bytes(run: &Run, args: Args) -> Result<Value, Failure> {
    let signed = args.named("signed").map_or(Ok(false), |signed| run.truth(signed))?;
    let keyword = args.keyword.into_iter().filter(|(name, _)| &**name != "signed").collect();
    let args = Args { positional: args.positional, keyword };
    let (object, bound) = Native { name: "to_bytes", class: "int" }.by_name(args, &["length", "byteorder"], 0)?;
    let length = bound[0].as_ref().map_or(Ok(1), convert::size)?;
    let length = usize::try_from(length).map_err(|_| Failure::value_error("length argument must be non-negative"))?;
    if length > 10_000 {
        return super::refused("int.to_bytes of more than 10000 bytes");
    }
    let big = is_big(bound[1].as_ref(), "to_bytes")?;
    let own = object.as_int().unwrap_or_default();
    let negative = number::is_negative(&own);
    if negative && !signed {
        return Err(Failure::raised("OverflowError", "can't convert negative int to unsigned"));
    }
    let mut bytes = if signed { own.to_signed_bytes_le() } else { own.magnitude().to_bytes_le() };
    if own.is_zero() {
        bytes.clear();
    }
    if bytes.len() > length {
        return Err(Failure::raised("OverflowError", "int too big to convert"));
    }
    bytes.resize(length, if negative { 0xff } else { 0 });
    if big {
        bytes.reverse();
    }
    Ok(Value::Bytes(bytes.into()))
}

fn is_big(order: Option<&Value>, method: &str) -> Result<bool, Failure> {
    let Some(order) = order else { return Ok(true) };
    match &*text_argument(&format!("{method}() argument 'byteorder'"), order)? {
        "big" => Ok(true),
        "little" => Ok(false),
        _ => Err(Failure::value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn from_bytes(run: &Run, args: Args) -> Result<Value, Failure> {
    let signed = args.named("signed").map_or(Ok(false), |signed| run.truth(signed))?;
    let keyword = args.keyword.into_iter().filter(|(name, _)| &**name != "signed").collect();
    let args = Args { positional: args.positional, keyword };
    let (_, bound) = Native { name: "from_bytes", class: "int" }.by_name(args, &["bytes", "byteorder"], 1)?;
    let big = is_big(bound[1].as_ref(), "from_bytes")?;
    let mut bytes = bytes_of(run, bound[0].as_ref().unwrap_or(&Value::None))?;
    if big {
        bytes.reverse();
    }
    Ok(Value::Int(if signed {
        BigInt::from_signed_bytes_le(&bytes)
    } else {
        BigInt::from_bytes_le(num_bigint::Sign::Plus, &bytes)
    }))
}

fn bytes_of(run: &Run, value: &Value) -> Result<Vec<u8>, Failure> {
    let wrong = || Failure::type_error(format!("cannot convert '{}' object to bytes", value.class()));
    match value {
        Value::Bytes(bytes) => Ok(bytes.to_vec()),
        Value::Str(_) | Value::Markup(_) => Err(wrong()),
        _ => run
            .list(value)
            .map_err(|failure| if failure.is_any(&["TypeError"]) { wrong() } else { failure })?
            .iter()
            .map(|item| {
                let number = convert::index(item)?;
                u8::try_from(number).map_err(|_| Failure::value_error("bytes must be in range(0, 256)"))
            })
            .collect(),
    }
}

fn float_ratio(_run: &Run, args: Args) -> Result<Value, Failure> {
    let object = Native { name: "as_integer_ratio", class: "float" }.none(args)?;
    let own = own_float(&object);
    if own.is_nan() {
        return Err(Failure::value_error("cannot convert NaN to integer ratio"));
    }
    if own.is_infinite() {
        return Err(Failure::raised("OverflowError", "cannot convert Infinity to integer ratio"));
    }
    let (mut fraction, mut denominator) = (own, BigInt::one());
    while fraction.fract() != 0.0 {
        fraction *= 2.0;
        denominator *= 2;
    }
    Ok(Value::tuple(vec![Value::Int(number::truncated(fraction)), Value::Int(denominator)]))
}

/// `float.hex`.
fn hex(own: f64) -> String {
    let sign = if own.is_sign_negative() { "-" } else { "" };
    if !own.is_finite() {
        return number::repr(own);
    }
    if own == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = own.to_bits();
    let (exponent, fraction) = ((bits >> 52) & 0x7ff, bits & 0x000f_ffff_ffff_ffff);
    let power = exponent.max(1).to_i64().unwrap_or(1) - 1023;
    format!("{sign}0x{}.{fraction:013x}p{power:+}", u8::from(exponent > 0))
}

/// `(5).real` and its like.
pub(super) fn int_attribute(value: &Value, name: &str) -> Option<Value> {
    match name {
        "real" | "numerator" => value.as_int().map(Value::Int),
        "imag" => Some(Value::int(0)),
        "denominator" => Some(Value::int(1)),
        _ => None,
    }
}

/// `(1.5).real` and its like.
pub(super) fn float_attribute(number: f64, name: &str) -> Option<Value> {
    match name {
        "real" => Some(Value::Float(number)),
        "imag" => Some(Value::Float(0.0)),
        _ => None,
    }
}
