//! Comparing values: equality, order and membership, with Python's errors.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::FromPrimitive;

use super::dict::{Key, View, ViewKind};
use super::engine;
use super::failure::Failure;
use super::parse::ast::Comparison;
use super::run::Run;
use super::value::Value;

/// How deep containers are compared.
const DEEPEST: usize = 150;

impl Run {
    /// `left == right`.
    pub fn equal(&self, left: &Value, right: &Value) -> Result<bool, Failure> {
        self.equal_at(left, right, 0)
    }

    fn equal_at(&self, left: &Value, right: &Value, depth: usize) -> Result<bool, Failure> {
        self.step()?;
        if depth > DEEPEST {
            return Err(Failure::refused(format!("comparing what is nested more than {DEEPEST} deep")));
        }
        Ok(match (left, right) {
            (Value::Undefined(_), Value::Undefined(_)) | (Value::None, Value::None) => true,
            (Value::List(left), Value::List(right)) => {
                left.is(right) || self.all_equal(&left.items(), &right.items(), depth)?
            }
            (Value::Tuple(left), Value::Tuple(right)) => self.all_equal(left.items(), right.items(), depth)?,
            (Value::Dict(left), Value::Dict(right)) if left.is(right) => true,
            (Value::Dict(left), Value::Dict(right)) if left.len() == right.len() => {
                for (key, value) in left.pairs() {
                    match right.get(&key)? {
                        Some(other) if self.same_or_equal(&value, &other, depth)? => {}
                        _ => return Ok(false),
                    }
                }
                true
            }
            (Value::View(left), Value::View(right)) => self.views_equal(left, right)?,
            (Value::Object(object), other) | (other, Value::Object(object)) => {
                object.equals(other).unwrap_or_else(|| identical(left, right))
            }
            _ => match (text(left), text(right)) {
                (Some(left), Some(right)) => left == right,
                _ => numbers(left, right)
                    .map_or_else(|| plain_equal(left, right), |order| order == Some(Ordering::Equal)),
            },
        })
    }

    fn all_equal(&self, left: &[Value], right: &[Value], depth: usize) -> Result<bool, Failure> {
        if left.len() != right.len() {
            return Ok(false);
        }
        for (left, right) in left.iter().zip(right) {
            if !self.same_or_equal(left, right, depth)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn same_or_equal(&self, left: &Value, right: &Value, depth: usize) -> Result<bool, Failure> {
        Ok(identical(left, right) || self.equal_at(left, right, depth + 1)?)
    }

    fn views_equal(&self, left: &View, right: &View) -> Result<bool, Failure> {
        if left.kind == ViewKind::Values || right.kind == ViewKind::Values {
            return Ok(false);
        }
        if left.dict.len() != right.dict.len() {
            return Ok(false);
        }
        for item in left.items() {
            if !self.contains(&Value::View(right.clone()), &item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `left < right`, or the `TypeError` of what has no order.
    pub fn less(&self, left: &Value, right: &Value) -> Result<bool, Failure> {
        self.ordered(left, right, "<")
    }

    /// Any comparison.
    pub fn compare(&self, comparison: Comparison, left: &Value, right: &Value) -> Result<bool, Failure> {
        match comparison {
            Comparison::Eq => self.equal(left, right),
            Comparison::Ne => self.equal(left, right).map(|equal| !equal),
            Comparison::Lt => self.ordered(left, right, "<"),
            Comparison::Le => self.ordered(left, right, "<="),
            Comparison::Gt => self.ordered(left, right, ">"),
            Comparison::Ge => self.ordered(left, right, ">="),
            Comparison::In => self.contains(right, left),
            Comparison::NotIn => self.contains(right, left).map(|found| !found),
        }
    }

    /// A chain of comparisons as `1 < x < 9`: `value` is asked for each side until one comparison is false.
    pub fn chain<E, F: From<Failure>>(
        &self,
        first: &E,
        rest: &[(Comparison, E)],
        value: impl Fn(&E) -> Result<Value, F>,
    ) -> Result<Value, F> {
        let mut left = value(first)?;
        for (comparison, right) in rest {
            let right = value(right)?;
            if !self.compare(*comparison, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn ordered(&self, left: &Value, right: &Value, operator: &str) -> Result<bool, Failure> {
        let order = self.order(left, right, operator, 0)?;
        Ok(match (order, operator) {
            (None, _) => false,
            (Some(order), "<") => order.is_lt(),
            (Some(order), "<=") => order.is_le(),
            (Some(order), ">") => order.is_gt(),
            (Some(order), _) => order.is_ge(),
        })
    }

    /// The order of two values; nothing where a NaN has none.
    fn order(&self, left: &Value, right: &Value, operator: &str, depth: usize) -> Result<Option<Ordering>, Failure> {
        self.step()?;
        if let (Some(left), Some(right)) = (text(left), text(right)) {
            return Ok(Some(left.cmp(right)));
        }
        if let Some(order) = numbers(left, right) {
            return Ok(order);
        }
        match (left, right) {
            (Value::Undefined(undefined), _) | (_, Value::Undefined(undefined)) => Err(self.undefined_error(undefined)),
            (Value::Bytes(left), Value::Bytes(right)) => Ok(Some(left.cmp(right))),
            (Value::List(left), Value::List(right)) => self.sequences(&left.items(), &right.items(), operator, depth),
            (Value::Tuple(left), Value::Tuple(right)) => self.sequences(left.items(), right.items(), operator, depth),
            (Value::View(one), Value::View(other)) if one.kind.is_set() && other.kind.is_set() => {
                self.subset(left, right)
            }
            _ if engine::counts(left) && engine::counts(right) => Err(Failure::refused("the order of addresses")),
            _ => Err(Failure::type_error(format!(
                "'{operator}' not supported between instances of '{}' and '{}'",
                left.class(),
                right.class()
            ))),
        }
    }

    /// Which of two sets has the other in it.
    fn subset(&self, left: &Value, right: &Value) -> Result<Option<Ordering>, Failure> {
        let (mut within, mut around) = (true, true);
        for item in self.list(left)? {
            within = within && self.contains(right, &item)?;
        }
        for item in self.list(right)? {
            around = around && self.contains(left, &item)?;
        }
        Ok(match (within, around) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (false, false) => None,
        })
    }

    fn sequences(
        &self,
        left: &[Value],
        right: &[Value],
        operator: &str,
        depth: usize,
    ) -> Result<Option<Ordering>, Failure> {
        if depth > DEEPEST {
            return Err(Failure::refused(format!("comparing what is nested more than {DEEPEST} deep")));
        }
        for (left, right) in left.iter().zip(right) {
            if !self.same_or_equal(left, right, depth)? {
                return self.order(left, right, operator, depth + 1);
            }
        }
        Ok(Some(left.len().cmp(&right.len())))
    }

    /// `needle in haystack`.
    pub fn contains(&self, haystack: &Value, needle: &Value) -> Result<bool, Failure> {
        match haystack {
            Value::Str(text) | Value::Markup(text) => match needle.as_text() {
                Some(needle) => Ok(text.contains(&**needle)),
                None => Err(Failure::type_error(format!(
                    "'in <string>' requires string as left operand, not {}",
                    needle.class()
                ))),
            },
            Value::Bytes(bytes) => in_bytes(bytes, needle),
            Value::Dict(dict) | Value::View(View { dict, kind: ViewKind::Keys }) => Ok(dict.get(needle)?.is_some()),
            Value::View(View { dict, kind: ViewKind::Items }) => match needle {
                Value::Tuple(pair) if pair.items().len() == 2 => match dict.get(&pair.items()[0])? {
                    Some(value) => self.same_or_equal(&value, &pair.items()[1], 0),
                    None => Ok(false),
                },
                _ => Ok(false),
            },
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Method(_) => {
                Err(Failure::type_error(format!("argument of type '{}' is not iterable", haystack.class())))
            }
            _ => self.found_in(haystack, needle),
        }
    }

    fn found_in(&self, haystack: &Value, needle: &Value) -> Result<bool, Failure> {
        let iter = self.iterate(haystack).map_err(|failure| match failure {
            Failure::Raised(raised) if raised.kind == "TypeError" => {
                Failure::type_error(format!("argument of type '{}' is not iterable", haystack.class()))
            }
            other => other,
        })?;
        while let Some(item) = iter.next(self)? {
            if self.same_or_equal(&item, needle, 0)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn in_bytes(bytes: &[u8], needle: &Value) -> Result<bool, Failure> {
    match needle {
        Value::Bytes(part) => Ok(part.is_empty() || bytes.windows(part.len()).any(|window| window == &**part)),
        _ => match needle.as_int() {
            Some(number) => match u8::try_from(number) {
                Ok(byte) => Ok(bytes.contains(&byte)),
                Err(_) => Err(Failure::value_error("byte must be in range(0, 256)")),
            },
            None => Err(Failure::type_error(format!("a bytes-like object is required, not '{}'", needle.class()))),
        },
    }
}

fn text(value: &Value) -> Option<&str> {
    value.as_text().map(|text| &**text)
}

/// `left is right`, as far as values here can tell.
pub fn identical(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::None, Value::None) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::List(left), Value::List(right)) => left.is(right),
        (Value::Tuple(left), Value::Tuple(right)) => {
            left.is(right) || (left.items().is_empty() && right.items().is_empty())
        }
        (Value::Dict(left), Value::Dict(right)) => left.is(right),
        (Value::Iterator(left), Value::Iterator(right)) => left.address() == right.address(),
        (Value::Object(left), Value::Object(right)) => {
            std::rc::Rc::ptr_eq(left, right) || (left.identity().is_some() && left.identity() == right.identity())
        }
        (Value::Undefined(left), Value::Undefined(right)) => std::rc::Rc::ptr_eq(left, right),
        (Value::Method(left), Value::Method(right)) => std::rc::Rc::ptr_eq(left, right),
        (Value::Range(left), Value::Range(right)) => std::rc::Rc::ptr_eq(left, right),
        // A NaN that went through variables is still the same object.
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        _ => false,
    }
}

/// Equality of what is neither number nor text nor container.
fn plain_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Bytes(left), Value::Bytes(right)) => left == right,
        (Value::Range(left), Value::Range(right)) => {
            left.len == right.len
                && (left.len == 0 || (left.start == right.start && (left.len == 1 || left.step == right.step)))
        }
        (Value::Method(left), Value::Method(right)) => {
            left.name == right.name && left.receiver.class() == right.receiver.class() && same_key(left, right)
        }
        _ => identical(left, right),
    }
}

fn same_key(left: &super::call::Bound, right: &super::call::Bound) -> bool {
    identical(&left.receiver, &right.receiver)
        || match (Key::of(&left.receiver), Key::of(&right.receiver)) {
            (Ok(left), Ok(right)) => left == right,
            _ => false,
        }
}

/// The order of two numbers; nothing when one of them is none, `Some(None)` for a NaN.
#[expect(clippy::option_option, reason = "not numbers, and numbers without an order, are two things")]
fn numbers(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    Some(match (left, right) {
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Float(left), _) => float_and_int(*left, &right.as_int()?),
        (_, Value::Float(right)) => float_and_int(*right, &left.as_int()?).map(Ordering::reverse),
        _ => Some(left.as_int()?.cmp(&right.as_int()?)),
    })
}

/// Compared exactly, however large.
fn float_and_int(float: f64, int: &BigInt) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let Some(whole) = BigInt::from_f64(float.trunc()) else {
        return Some(if float > 0.0 { Ordering::Greater } else { Ordering::Less });
    };
    let fraction = float.fract();
    Some(whole.cmp(int).then(if fraction > 0.0 {
        Ordering::Greater
    } else if fraction < 0.0 {
        Ordering::Less
    } else {
        Ordering::Equal
    }))
}
