//! How values print: Python's `str()` and `repr()`, and the two ways of formatting.

pub mod braces;
pub mod percent;

use super::dict::ViewKind;
use super::failure::Failure;
use super::python::{letters, number};
use super::run::Run;
use super::value::{Iter, Value};
use num_bigint::BigInt;

/// How deep values may be nested to be printed; CPython's own limit is its stack.
const DEPTH: usize = 200;

/// The most digits of an integer that CPython writes.
const DIGITS: u64 = 4300;

/// `str(value)`: what `{{ }}` prints.
pub fn str(run: &Run, value: &Value) -> Result<String, Failure> {
    match value {
        Value::Str(text) | Value::Markup(text) => Ok(text.to_string()),
        Value::Undefined(_) => Ok(String::new()),
        Value::Object(object) => object.str(run),
        _ => repr(run, value),
    }
}

/// `repr(value)`.
pub fn repr(run: &Run, value: &Value) -> Result<String, Failure> {
    let mut printer = Printer { run, out: String::new(), inside: Vec::new() };
    printer.value(value)?;
    run.charge(printer.out.len() / 8)?;
    Ok(printer.out)
}

/// `repr()` of a float.
pub fn float(number: f64) -> String {
    number::repr(number)
}

/// `str()` of an integer, or the `ValueError` of one that is too long.
pub fn integer(number: &BigInt) -> Result<String, Failure> {
    // 4300 digits need 14,281 bits at least.
    if number.bits() > 14_280 {
        let text = number.to_string();
        let limit = usize::try_from(DIGITS).unwrap_or(usize::MAX);
        if text.trim_start_matches('-').len() > limit {
            return Err(Failure::value_error(format!(
                "Exceeds the limit ({DIGITS} digits) for integer string conversion; \
                 use sys.set_int_max_str_digits() to increase the limit"
            )));
        }
        return Ok(text);
    }
    Ok(number.to_string())
}

/// How an object prints that shows its class and address alone.
pub fn at_address(what: &str, address: usize) -> String {
    format!("<{what} at 0x{address:x}>")
}

struct Printer<'a> {
    run: &'a Run,
    out: String,
    /// The addresses of the containers that are being printed: one inside of itself prints as dots.
    inside: Vec<usize>,
}

impl Printer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Failure> {
        match value {
            Value::Undefined(_) => self.out.push_str("Undefined"),
            Value::None => self.out.push_str("None"),
            Value::Bool(truth) => self.out.push_str(if *truth { "True" } else { "False" }),
            Value::Int(number) => self.out.push_str(&integer(number)?),
            Value::Float(number) => self.out.push_str(&float(*number)),
            Value::Str(text) => self.out.push_str(&letters::repr(text)),
            Value::Markup(text) => self.out.extend(["Markup(", &letters::repr(text), ")"]),
            Value::Bytes(bytes) => self.out.push_str(&bytes_repr(bytes)),
            Value::Range(range) => self.out.push_str(&range_repr(range)),
            Value::Iterator(iter) => self.out.push_str(&iterator_repr(iter)),
            Value::Method(bound) if by_markup(bound) => {
                self.out.extend(["<bound method Markup.", bound.name, " of "]);
                self.value(&bound.receiver)?;
                self.out.push('>');
            }
            Value::Method(bound) => self.out.push_str(&method_repr(bound)),
            Value::Object(object) => self.out.push_str(&object.repr(self.run)?),
            Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::View(_) => self.container(value)?,
        }
        Ok(())
    }

    fn container(&mut self, value: &Value) -> Result<(), Failure> {
        if self.inside.len() >= DEPTH {
            return Err(Failure::refused(format!("values nested more than {DEPTH} deep, printed")));
        }
        self.run.step()?;
        match value {
            Value::List(list) => self.guarded(list.address(), "[...]", |this| this.sequence('[', &list.items(), ']')),
            Value::Dict(dict) => self.guarded(dict.address(), "{...}", |this| this.pairs(&dict.pairs())),
            Value::Tuple(tuple) => self.guarded(usize::MAX, "(...)", |this| this.tuple(tuple.items())),
            Value::View(view) => self.guarded(usize::MAX, "...", |this| {
                this.out.push_str(view.kind.class());
                this.out.push('(');
                this.sequence('[', &view.items(), ']')?;
                this.out.push(')');
                Ok(())
            }),
            _ => Ok(()),
        }
    }

    fn guarded(
        &mut self,
        address: usize,
        dots: &str,
        print: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if address != usize::MAX && self.inside.contains(&address) {
            self.out.push_str(dots);
            return Ok(());
        }
        self.inside.push(address);
        print(self)?;
        self.inside.pop();
        Ok(())
    }

    fn sequence(&mut self, open: char, items: &[Value], close: char) -> Result<(), Failure> {
        self.out.push(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            self.value(item)?;
        }
        self.out.push(close);
        Ok(())
    }

    fn tuple(&mut self, items: &[Value]) -> Result<(), Failure> {
        self.sequence('(', items, ')')?;
        if items.len() == 1 {
            self.out.insert(self.out.len() - 1, ',');
        }
        Ok(())
    }

    fn pairs(&mut self, pairs: &[(Value, Value)]) -> Result<(), Failure> {
        self.out.push('{');
        for (index, (key, value)) in pairs.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            self.value(key)?;
            self.out.push_str(": ");
            self.value(value)?;
        }
        self.out.push('}');
        Ok(())
    }
}

fn bytes_repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for byte in bytes {
        match char::from(*byte) {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => out.extend(['\\', letter]),
            letter @ ' '..='~' => out.push(letter),
            letter => letters::push_escape(&mut out, letter),
        }
    }
    out.push(quote);
    out
}

fn range_repr(range: &super::value::Range) -> String {
    if range.step == BigInt::from(1) {
        format!("range({}, {})", range.start, range.stop)
    } else {
        format!("range({}, {}, {})", range.start, range.stop, range.step)
    }
}

fn iterator_repr(iter: &Iter) -> String {
    let what = match iter.class() {
        "generator" => format!("generator object {}", iter.name()),
        class => format!("{class} object"),
    };
    at_address(&what, iter.address())
}

/// Methods of `str` that Markup has of its own are written in Python.
const BY_MARKUP: [&str; 26] = [
    "capitalize",
    "casefold",
    "center",
    "expandtabs",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "strip",
    "striptags",
    "swapcase",
    "title",
    "translate",
    "unescape",
    "upper",
    "zfill",
];

fn by_markup(bound: &super::call::Bound) -> bool {
    matches!(bound.receiver, Value::Markup(_)) && BY_MARKUP.contains(&bound.name)
}

/// A method prints as CPython's own do; those that Markup overrides are written in Python, and the sandbox wraps
/// `format` in a function.
fn method_repr(bound: &super::call::Bound) -> String {
    let class = bound.receiver.class();
    let address = std::ptr::from_ref(bound).addr();
    if matches!(bound.name, "format" | "format_map") && bound.receiver.as_text().is_some() {
        return at_address(&format!("function {class}.{}", bound.name), address);
    }
    let what = format!("built-in method {} of {class} object", bound.name);
    at_address(&what, address_of(&bound.receiver).unwrap_or(address))
}

fn address_of(value: &Value) -> Option<usize> {
    match value {
        Value::List(list) => Some(list.address()),
        Value::Dict(dict) => Some(dict.address()),
        Value::View(view) if view.kind != ViewKind::Values => Some(view.dict.address()),
        _ => None,
    }
}
