//! Jinja2's tests: `value is name`.

use super::call::{Args, Function};
use super::compare;
use super::engine::Operator;
use super::failure::Failure;
use super::filters;
use super::parameters;
use super::parse::ast::Comparison;
use super::print;
use super::python::letters;
use super::run::Run;
use super::value::Value;

type Answer = Result<Value, Failure>;

const TESTS: [(&str, Function); 39] = [
    ("odd", |run, args| remainder(run, args, "test_odd", 1)),
    ("even", |run, args| remainder(run, args, "test_even", 0)),
    ("divisibleby", divisible_by),
    ("defined", |_, args| one(args, "test_defined", |value| !value.is_undefined())),
    ("undefined", |_, args| one(args, "test_undefined", Value::is_undefined)),
    ("filter", |run, args| known(run, args, "test_filter")),
    ("test", |run, args| known(run, args, "test_test")),
    ("none", |_, args| one(args, "test_none", Value::is_none)),
    ("boolean", |_, args| one(args, "test_boolean", |value| matches!(value, Value::Bool(_)))),
    ("false", |_, args| one(args, "test_false", |value| matches!(value, Value::Bool(false)))),
    ("true", |_, args| one(args, "test_true", |value| matches!(value, Value::Bool(true)))),
    ("integer", |_, args| one(args, "test_integer", |value| matches!(value, Value::Int(_)))),
    ("float", |_, args| one(args, "test_float", |value| matches!(value, Value::Float(_)))),
    ("lower", |run, args| cased(run, args, "test_lower", char::is_uppercase)),
    ("upper", |run, args| cased(run, args, "test_upper", char::is_lowercase)),
    ("string", |_, args| one(args, "test_string", |value| value.as_text().is_some())),
    ("mapping", |_, args| one(args, "test_mapping", |value| matches!(value, Value::Dict(_)))),
    ("number", |_, args| {
        one(args, "test_number", |value| matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_)))
    }),
    ("sequence", |_, args| one(args, "test_sequence", is_sequence)),
    ("iterable", iterable),
    ("callable", callable),
    ("sameas", same_as),
    ("escaped", |_, args| one(args, "test_escaped", |value| matches!(value, Value::Markup(_)))),
    ("in", contained),
    ("==", |run, args| compared(run, args, Comparison::Eq, "eq")),
    ("eq", |run, args| compared(run, args, Comparison::Eq, "eq")),
    ("equalto", |run, args| compared(run, args, Comparison::Eq, "eq")),
    ("!=", |run, args| compared(run, args, Comparison::Ne, "ne")),
    ("ne", |run, args| compared(run, args, Comparison::Ne, "ne")),
    (">", |run, args| compared(run, args, Comparison::Gt, "gt")),
    ("gt", |run, args| compared(run, args, Comparison::Gt, "gt")),
    ("greaterthan", |run, args| compared(run, args, Comparison::Gt, "gt")),
    ("ge", |run, args| compared(run, args, Comparison::Ge, "ge")),
    (">=", |run, args| compared(run, args, Comparison::Ge, "ge")),
    ("<", |run, args| compared(run, args, Comparison::Lt, "lt")),
    ("lt", |run, args| compared(run, args, Comparison::Lt, "lt")),
    ("lessthan", |run, args| compared(run, args, Comparison::Lt, "lt")),
    ("<=", |run, args| compared(run, args, Comparison::Le, "le")),
    ("le", |run, args| compared(run, args, Comparison::Le, "le")),
];

/// The test of this name.
pub fn find(name: &str) -> Option<Function> {
    TESTS.iter().find(|(own, _)| *own == name).map(|(_, test)| *test)
}

fn bind<const N: usize>(
    args: Args,
    function: &'static str,
    names: &'static [&'static str; N],
) -> Result<[Value; N], Failure> {
    let signature = parameters::Signature { name: function, hidden: 0, names, required: N };
    let values = signature.bind(args)?.into_iter().flatten().collect::<Vec<_>>();
    values.try_into().map_err(|_| Failure::type_error(format!("{function}() got the wrong arguments")))
}

fn one(args: Args, function: &'static str, holds: impl Fn(&Value) -> bool) -> Answer {
    let [value] = bind(args, function, &["value"])?;
    Ok(Value::Bool(holds(&value)))
}

fn remainder(run: &Run, args: Args, function: &'static str, rest: i32) -> Answer {
    let [value] = bind(args, function, &["value"])?;
    let found = run.binary(Operator::Mod, &value, &Value::int(2))?;
    Ok(Value::Bool(run.equal(&found, &Value::int(rest))?))
}

fn divisible_by(run: &Run, args: Args) -> Answer {
    let [value, divisor] = bind(args, "test_divisibleby", &["value", "num"])?;
    let rest = run.binary(Operator::Mod, &value, &divisor)?;
    Ok(Value::Bool(run.equal(&rest, &Value::int(0))?))
}

fn known(run: &Run, args: Args, function: &'static str) -> Answer {
    // The environment comes first for Jinja2, which its messages count.
    let signature = parameters::Signature { name: function, hidden: 1, names: &["value"], required: 1 };
    let name = signature.bind(args)?.into_iter().flatten().next().unwrap_or(Value::None);
    let Some(name) = name.as_text() else {
        super::dict::Key::of(&name)?;
        return Ok(Value::Bool(false));
    };
    let found = if function == "test_filter" { filters::find(name, run.dialect) } else { find(name) };
    Ok(Value::Bool(found.is_some()))
}

/// `str(value).islower()` or `.isupper()`: some letter has the case, and none the other one.
fn cased(run: &Run, args: Args, function: &'static str, other: fn(char) -> bool) -> Answer {
    let [value] = bind(args, function, &["value"])?;
    let text = print::str(run, &value)?;
    Ok(Value::Bool(
        text.chars().any(letters::is_cased) && !text.chars().any(|char| other(char) || letters::is_titlecase(char)),
    ))
}

fn is_sequence(value: &Value) -> bool {
    matches!(
        value,
        Value::Str(_)
            | Value::Markup(_)
            | Value::Bytes(_)
            | Value::List(_)
            | Value::Tuple(_)
            | Value::Dict(_)
            | Value::Range(_)
            | Value::Undefined(_)
    )
}

fn iterable(run: &Run, args: Args) -> Answer {
    let [value] = bind(args, "test_iterable", &["value"])?;
    match run.iterate(&value) {
        Ok(_) => Ok(Value::Bool(true)),
        Err(failure) if failure.is_any(&["TypeError"]) => Ok(Value::Bool(false)),
        Err(failure) => Err(failure),
    }
}

fn exactly(name: &str, args: Args, count: usize) -> Result<Vec<Value>, Failure> {
    if !args.keyword.is_empty() {
        let module = if name == "callable" { "" } else { "_operator." };
        return Err(Failure::type_error(format!("{module}{name}() takes no keyword arguments")));
    }
    let given = args.positional.len();
    if given == count {
        return Ok(args.positional);
    }
    Err(Failure::type_error(if count == 1 {
        format!("{name}() takes exactly one argument ({given} given)")
    } else {
        format!("{name} expected {count} arguments, got {given}")
    }))
}

fn callable(_run: &Run, args: Args) -> Answer {
    let value = exactly("callable", args, 1)?.remove(0);
    Ok(Value::Bool(match value {
        Value::Method(_) | Value::Undefined(_) => true,
        Value::Object(object) => object.callable(),
        _ => false,
    }))
}

/// `value is other`: numbers and texts, whose identity Python leaves open, cannot be told.
fn same_as(_run: &Run, args: Args) -> Answer {
    let [value, other] = bind(args, "test_sameas", &["value", "other"])?;
    if value.class() != other.class() {
        return Ok(Value::Bool(false));
    }
    match (&value, &other) {
        (Value::Int(left), Value::Int(right)) => {
            let cached = |number: &num_bigint::BigInt| (-5..=256).contains(&i32::try_from(number).unwrap_or(-6));
            if left != right || cached(left) {
                return Ok(Value::Bool(left == right));
            }
            Err(unsure())
        }
        (Value::Str(left), Value::Str(right)) if std::sync::Arc::ptr_eq(left, right) => Ok(Value::Bool(true)),
        (Value::Str(left), Value::Str(right)) | (Value::Markup(left), Value::Markup(right)) if left == right => {
            Err(unsure())
        }
        (Value::Float(left), Value::Float(right)) if left.to_bits() == right.to_bits() => Err(unsure()),
        _ => Ok(Value::Bool(compare::identical(&value, &other))),
    }
}

fn unsure() -> Failure {
    Failure::refused("`is sameas` of equal numbers or texts: Python leaves it open")
}

fn contained(run: &Run, args: Args) -> Answer {
    let [value, sequence] = bind(args, "test_in", &["value", "seq"])?;
    run.contains(&sequence, &value).map(Value::Bool)
}

fn compared(run: &Run, args: Args, comparison: Comparison, name: &str) -> Answer {
    let mut sides = exactly(name, args, 2)?;
    let right = sides.remove(1);
    run.compare(comparison, &sides[0], &right).map(Value::Bool)
}
