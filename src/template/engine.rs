//! Python's operators on values, with its errors and coercions.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Pow, Signed, ToPrimitive, Zero};

use super::convert;
use super::failure::Failure;
use super::markup;
use super::print::percent;
use super::run::Run;
use super::value::Value;

/// Bits that an integer may have.
const MOST_BITS: u64 = 400_000;
/// Items or bytes that a repeated sequence may have.
const LONGEST: usize = 2_000_000;

/// A binary operator of Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
}

impl Operator {
    /// As Python's messages write it.
    fn sign(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Sub => "-",
            Operator::Mul => "*",
            Operator::Div => "/",
            Operator::FloorDiv => "//",
            Operator::Mod => "%",
            Operator::Pow => "** or pow()",
        }
    }
}

/// A number as an operator sees it.
enum Number {
    Int(BigInt),
    Float(f64),
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Float(float) => Some(Number::Float(*float)),
        _ => value.as_int().map(Number::Int),
    }
}

impl Run {
    /// `left operator right`.
    pub fn binary(&self, operator: Operator, left: &Value, right: &Value) -> Result<Value, Failure> {
        self.step()?;
        if operator == Operator::Mod && matches!(left, Value::Str(_) | Value::Markup(_) | Value::Bytes(_)) {
            return percent::format(self, left, right);
        }
        if let Value::Undefined(undefined) = left {
            return Err(self.undefined_error(undefined));
        }
        if let Value::Undefined(undefined) = right {
            return Err(match (operator, left) {
                (Operator::Mul, Value::Markup(_)) => convert::not_an_index(right),
                _ => self.undefined_error(undefined),
            });
        }
        if let (Some(left), Some(right)) = (number(left), number(right)) {
            return arithmetic(operator, left, right);
        }
        if counts(left) || counts(right) {
            return Err(Failure::refused("calculating with an address"));
        }
        match operator {
            Operator::Add => self.concatenate(left, right),
            Operator::Mul => self.repeat(left, right),
            Operator::Sub if is_set(left) || is_set(right) => self.difference(left, right),
            _ => Err(unsupported(operator, left, right)),
        }
    }

    /// What is iterated less what is iterated, a set, whose order is Python's own.
    fn difference(&self, left: &Value, right: &Value) -> Result<Value, Failure> {
        let items = self.list(left)?;
        for item in items.iter().chain(&self.list(right)?) {
            super::dict::Key::of(item)?;
        }
        Err(Failure::refused("the difference of dict views"))
    }

    fn concatenate(&self, left: &Value, right: &Value) -> Result<Value, Failure> {
        match (left, right) {
            (Value::Str(left), Value::Str(right)) => {
                self.charge(left.len() + right.len())?;
                Ok(Value::str(format!("{left}{right}")))
            }
            (Value::Markup(text), other) if other.as_text().is_some() || has_html(self, other)? => {
                Ok(Value::markup(format!("{text}{}", markup::escape(self, other)?)))
            }
            (other, Value::Markup(text)) if other.as_text().is_some() || has_html(self, other)? => {
                Ok(Value::markup(format!("{}{text}", markup::escape(self, other)?)))
            }
            (Value::List(left), Value::List(right)) => {
                self.charge(left.len() + right.len())?;
                Ok(Value::list([left.items(), right.items()].concat()))
            }
            (Value::Tuple(left), Value::Tuple(right)) => {
                self.charge(left.items().len() + right.items().len())?;
                Ok(Value::tuple([left.items(), right.items()].concat()))
            }
            (Value::Bytes(left), Value::Bytes(right)) => Ok(Value::Bytes([&**left, &**right].concat().into())),
            (Value::Bytes(_), other) => Err(Failure::type_error(format!("can't concat {} to bytes", other.class()))),
            (Value::Str(_) | Value::List(_) | Value::Tuple(_), other) => {
                let class = if matches!(left, Value::Tuple(_)) { "tuple" } else { left.class() };
                Err(Failure::type_error(format!("can only concatenate {class} (not \"{}\") to {class}", other.class())))
            }
            _ => Err(unsupported(Operator::Add, left, right)),
        }
    }

    fn repeat(&self, left: &Value, right: &Value) -> Result<Value, Failure> {
        let markup = |value: &Value| matches!(value, Value::Markup(_));
        let (sequence, times) = match (is_sequence(left), is_sequence(right)) {
            (true, _) => (left, right),
            (false, true) => (right, left),
            (false, false) => return Err(unsupported(Operator::Mul, left, right)),
        };
        let Some(times) = times.as_int() else {
            return Err(match (markup(left), markup(right)) {
                // Markup multiplies itself, whichever side it is on.
                (true, _) => convert::not_an_index(right),
                (false, true) => convert::not_an_index(left),
                _ => Failure::type_error(format!("can't multiply sequence by non-int of type '{}'", times.class())),
            });
        };
        if times.bits() > 63 {
            return Err(Failure::raised("OverflowError", "cannot fit 'int' into an index-sized integer"));
        }
        let times = if times.is_negative() { 0 } else { times.to_usize().unwrap_or(usize::MAX) };
        let length = self.len(sequence)?;
        if length.saturating_mul(times) > LONGEST {
            return Err(Failure::refused(format!("a sequence repeated to more than {LONGEST} items")));
        }
        self.charge(length * times / 8)?;
        Ok(match sequence {
            Value::Str(text) => Value::str(text.repeat(times)),
            Value::Markup(text) => Value::markup(text.repeat(times)),
            Value::Bytes(bytes) => Value::Bytes(bytes.repeat(times).into()),
            Value::List(list) => Value::list(copies(&list.items(), times)),
            Value::Tuple(tuple) => Value::tuple(copies(tuple.items(), times)),
            _ => return Err(unsupported(Operator::Mul, left, right)),
        })
    }

    /// `-value` or `+value`.
    pub fn signed(&self, negative: bool, value: &Value) -> Result<Value, Failure> {
        if let Value::Undefined(undefined) = value {
            return Err(self.undefined_error(undefined));
        }
        match number(value) {
            Some(Number::Int(number)) => Ok(Value::Int(if negative { -number } else { number })),
            Some(Number::Float(number)) => Ok(Value::Float(if negative { -number } else { number })),
            None => Err(Failure::type_error(format!(
                "bad operand type for unary {}: '{}'",
                if negative { '-' } else { '+' },
                value.class()
            ))),
        }
    }
}

/// Whether it is an object that has a number, as addresses do.
pub fn counts(value: &Value) -> bool {
    matches!(value, Value::Object(object) if object.number().is_some())
}

/// Whether a dict view behaves as a set.
fn is_set(value: &Value) -> bool {
    matches!(value, Value::View(view) if view.kind.is_set())
}

fn has_html(run: &Run, value: &Value) -> Result<bool, Failure> {
    match value {
        Value::Object(object) => Ok(object.html(run)?.is_some()),
        _ => Ok(matches!(value, Value::Markup(_))),
    }
}

fn is_sequence(value: &Value) -> bool {
    matches!(value, Value::Str(_) | Value::Markup(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_))
}

fn copies(items: &[Value], times: usize) -> Vec<Value> {
    std::iter::repeat_n(items, times).flatten().cloned().collect()
}

fn unsupported(operator: Operator, left: &Value, right: &Value) -> Failure {
    Failure::type_error(format!(
        "unsupported operand type(s) for {}: '{}' and '{}'",
        operator.sign(),
        left.class(),
        right.class()
    ))
}

fn arithmetic(operator: Operator, left: Number, right: Number) -> Result<Value, Failure> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => integers(operator, &left, &right),
        (Number::Int(left), Number::Float(right)) => floats(operator, convert::float_of_int(&left)?, right),
        (Number::Float(left), Number::Int(right)) => floats(operator, left, convert::float_of_int(&right)?),
        (Number::Float(left), Number::Float(right)) => floats(operator, left, right),
    }
}

fn zero_division(message: &str) -> Failure {
    Failure::raised("ZeroDivisionError", message)
}

fn integers(operator: Operator, left: &BigInt, right: &BigInt) -> Result<Value, Failure> {
    Ok(Value::Int(match operator {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mul if left.bits() + right.bits() > MOST_BITS => return Err(too_large()),
        Operator::Mul => left * right,
        Operator::Div => return quotient(left, right).map(Value::Float),
        Operator::FloorDiv if right.is_zero() => return Err(zero_division("integer division or modulo by zero")),
        Operator::Mod if right.is_zero() => return Err(zero_division("integer modulo by zero")),
        Operator::FloorDiv => left.div_floor(right),
        Operator::Mod => left.mod_floor(right),
        Operator::Pow => return power(left, right),
    }))
}

fn too_large() -> Failure {
    Failure::refused(format!("integers of more than {MOST_BITS} bits"))
}

fn power(base: &BigInt, exponent: &BigInt) -> Result<Value, Failure> {
    if exponent.is_negative() {
        return floats(Operator::Pow, convert::float_of_int(base)?, convert::float_of_int(exponent)?);
    }
    let small = base.abs() <= BigInt::from(1);
    if !small
        && exponent.to_u64().and_then(|exponent| exponent.checked_mul(base.bits())).is_none_or(|bits| bits > MOST_BITS)
    {
        return Err(too_large());
    }
    let exponent = match exponent.to_u64() {
        Some(exponent) => exponent,
        // -1, 0 and 1 to a power beyond counting: only its parity matters.
        None => 2 + u64::from(exponent.is_odd()),
    };
    Ok(Value::Int(Pow::pow(base, exponent)))
}

/// The float nearest to the quotient of two integers.
fn quotient(left: &BigInt, right: &BigInt) -> Result<f64, Failure> {
    if right.is_zero() {
        return Err(zero_division("division by zero"));
    }
    if left.bits() <= 53 && right.bits() <= 53 {
        return Ok(left.to_f64().unwrap_or_default() / right.to_f64().unwrap_or(1.0));
    }
    let too_large = || Failure::raised("OverflowError", "integer division result too large for a float");
    // 66 bits of the quotient and a last one for the rest round as the whole would.
    let shift = 66 + right.bits().cast_signed() - left.bits().cast_signed();
    let (numerator, denominator) =
        if shift >= 0 { (left.abs() << shift, right.abs()) } else { (left.abs(), right.abs() << -shift) };
    let (whole, rest) = numerator.div_rem(&denominator);
    let sticky: BigInt = (whole << 1) + u8::from(!rest.is_zero());
    let rounded = sticky.to_f64().ok_or_else(too_large)?;
    let result = scale(rounded, -shift - 1);
    if result.is_infinite() {
        return Err(too_large());
    }
    Ok(if left.is_negative() == right.is_negative() { result } else { -result })
}

/// `number * 2 ** exponent`, in steps that stay within range.
fn scale(mut number: f64, mut exponent: i64) -> f64 {
    while exponent != 0 {
        let step = exponent.clamp(-500, 500);
        number *= 2f64.powi(i32::try_from(step).unwrap_or_default());
        exponent -= step;
        if number == 0.0 || number.is_infinite() {
            break;
        }
    }
    number
}

fn floats(operator: Operator, left: f64, right: f64) -> Result<Value, Failure> {
    Ok(Value::Float(match operator {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mul => left * right,
        Operator::Div if right == 0.0 => return Err(zero_division("float division by zero")),
        Operator::FloorDiv if right == 0.0 => return Err(zero_division("float floor division by zero")),
        Operator::Mod if right == 0.0 => return Err(zero_division("float modulo")),
        Operator::Div => left / right,
        Operator::FloorDiv => floor_divide(left, right).0,
        Operator::Mod => floor_divide(left, right).1,
        Operator::Pow => return float_power(left, right),
    }))
}

/// Quotient and rest as CPython computes them: the rest has the sign of the divisor.
fn floor_divide(left: f64, right: f64) -> (f64, f64) {
    let mut rest = left % right;
    let mut quotient = (left - rest) / right;
    if rest == 0.0 {
        rest = 0f64.copysign(right);
    } else if (right < 0.0) != (rest < 0.0) {
        rest += right;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0f64.copysign(left / right), rest);
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, rest)
}

fn float_power(base: f64, exponent: f64) -> Result<Value, Failure> {
    if base == 0.0 && exponent < 0.0 {
        return Err(zero_division("0.0 cannot be raised to a negative power"));
    }
    if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent.fract() != 0.0 {
        return Err(Failure::refused("complex numbers"));
    }
    let result = base.powf(exponent);
    if result.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err(Failure::raised("OverflowError", "(34, 'Numerical result out of range')"));
    }
    Ok(Value::Float(result))
}
