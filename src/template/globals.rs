//! The names that every template knows: `range`, `dict`, `cycler`, `joiner`, `namespace`, `lipsum`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

use super::Dialect;
use super::call::{Args, Function};
use super::dict::Dict;
use super::failure::Failure;
use super::filters;
use super::methods;
use super::object::Object;
use super::parameters::Signature;
use super::print;
use super::run::Run;
use super::value::{Range, Value, drop_flat};

/// Items that the sandbox lets a range have.
const LONGEST_RANGE: u32 = 100_000;

/// The global of this name.
pub fn find(name: &str, dialect: Dialect) -> Option<Value> {
    let (class, function): (_, Function) = match name {
        "range" => (Kind::Function("safe_range"), range),
        "dict" => (Kind::Class("builtins", "dict"), |run, args| Ok(Value::Dict(dict(run, args)?))),
        "lipsum" => (Kind::Function("generate_lorem_ipsum"), |_, _| Err(Failure::refused("lipsum: it is random"))),
        "cycler" => (Kind::Class("jinja2.utils", "Cycler"), cycler),
        "joiner" => (Kind::Class("jinja2.utils", "Joiner"), joiner),
        "namespace" => (Kind::Class("jinja2.utils", "Namespace"), namespace),
        _ => return filters::global(name, dialect),
    };
    Some(Value::Object(Rc::new(Builtin { kind: class, function })))
}

enum Kind {
    Function(&'static str),
    Class(&'static str, &'static str),
}

/// A function or class by its name.
struct Builtin {
    kind: Kind,
    function: Function,
}

impl Object for Builtin {
    fn class(&self) -> &'static str {
        match self.kind {
            Kind::Function(_) => "function",
            Kind::Class(..) => "type",
        }
    }

    fn repr(&self, _run: &Run) -> Result<String, Failure> {
        Ok(match self.kind {
            Kind::Function(name) => format!("<function {name} at 0xADDR>"),
            Kind::Class("builtins", name) => format!("<class '{name}'>"),
            Kind::Class(module, name) => format!("<class '{module}.{name}'>"),
        })
    }

    fn attribute(self: Rc<Self>, _run: &Run, name: &str) -> Result<Option<Value>, Failure> {
        match self.kind {
            Kind::Class("builtins", class) if methods::find(&Value::Dict(Dict::new()), name).is_some() => {
                Err(Failure::refused(format!("the method {name} of the class {class}")))
            }
            _ => Ok(None),
        }
    }

    fn item(&self, _run: &Run, _key: &Value) -> Result<Option<Value>, Failure> {
        match self.kind {
            Kind::Class("builtins", name) => Err(Failure::refused(format!("{name}[..]: a type with parameters"))),
            _ => Ok(None),
        }
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(self: Rc<Self>, run: &Run, args: Args) -> Result<Value, Failure> {
        (self.function)(run, args)
    }

    fn identity(&self) -> Option<&'static str> {
        // Each look at a global makes a new object here, which is one in Python.
        Some(match self.kind {
            Kind::Function(name) | Kind::Class(_, name) => name,
        })
    }
}

fn range(_run: &Run, args: Args) -> Result<Value, Failure> {
    if let Some((name, _)) = args.keyword.first() {
        return Err(Failure::type_error(format!("safe_range() got an unexpected keyword argument '{name}'")));
    }
    let given = args.positional.len();
    if given == 0 {
        return Err(Failure::type_error("range expected at least 1 argument, got 0"));
    }
    if given > 3 {
        return Err(Failure::type_error(format!("range expected at most 3 arguments, got {given}")));
    }
    let number = |value: Value| {
        value.as_int().ok_or_else(|| {
            Failure::type_error(format!("'{}' object cannot be interpreted as an integer", value.class()))
        })
    };
    let mut numbers = args.positional.into_iter().map(number).collect::<Result<Vec<_>, _>>()?;
    if given == 1 {
        numbers.insert(0, BigInt::ZERO);
    }
    let step = numbers.get(2).cloned().unwrap_or_else(|| BigInt::from(1));
    if step == BigInt::ZERO {
        return Err(Failure::value_error("range() arg 3 must not be zero"));
    }
    let (start, until) = (numbers[0].clone(), numbers[1].clone());
    let distance = if step.is_positive() { &until - &start } else { &start - &until };
    let length = if distance.is_positive() { distance.div_ceil(&step.abs()) } else { BigInt::ZERO };
    if length.bits() > 63 {
        return Err(Failure::raised("OverflowError", "Python int too large to convert to C ssize_t"));
    }
    if length > BigInt::from(LONGEST_RANGE) {
        let message = "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).";
        return Err(Failure::raised("OverflowError", message));
    }
    Ok(Value::Range(Rc::new(Range { start, stop: until, step, len: length.to_usize().unwrap_or_default() })))
}

/// `dict(..)`: of a mapping or of pairs, then of names.
pub fn dict(run: &Run, args: Args) -> Result<Dict, Failure> {
    let given = args.positional.len();
    if given > 1 {
        return Err(Failure::type_error(format!("dict expected at most 1 argument, got {given}")));
    }
    let dict = Dict::new();
    match args.positional.first() {
        Some(Value::Dict(other)) => {
            for (key, value) in other.pairs() {
                dict.insert(key, value)?;
            }
        }
        Some(pairs) => {
            let pairs = run.iterate(pairs)?;
            let mut at = 0;
            while let Some(pair) = pairs.next(run)? {
                let (key, value) = pair_of(run, &pair, at)?;
                dict.insert(key, value)?;
                at += 1;
            }
        }
        None => {}
    }
    for (name, value) in args.keyword {
        dict.insert(Value::Str(name), value)?;
    }
    Ok(dict)
}

fn pair_of(run: &Run, pair: &Value, at: usize) -> Result<(Value, Value), Failure> {
    let items = run.list(pair).map_err(|failure| {
        if failure.is_any(&["TypeError"]) {
            Failure::type_error(format!("cannot convert dictionary update sequence element #{at} to a sequence"))
        } else {
            failure
        }
    })?;
    let length = items.len();
    let pair: Result<[Value; 2], _> = items.try_into();
    let [key, value] = pair.map_err(|_| {
        let message = format!("dictionary update sequence element #{at} has length {length}; 2 is required");
        Failure::value_error(message)
    })?;
    Ok((key, value))
}

fn address() -> &'static str {
    "0xADDR"
}

/// `cycler(..)`
struct Cycler {
    items: Vec<Value>,
    at: Cell<usize>,
}

fn cycler(_run: &Run, args: Args) -> Result<Value, Failure> {
    if let Some((name, _)) = args.keyword.first() {
        return Err(Failure::type_error(format!("Cycler.__init__() got an unexpected keyword argument '{name}'")));
    }
    if args.positional.is_empty() {
        return Err(Failure::raised("RuntimeError", "at least one item has to be provided"));
    }
    Ok(Value::Object(Rc::new(Cycler { items: args.positional, at: Cell::new(0) })))
}

impl Drop for Cycler {
    fn drop(&mut self) {
        drop_flat(std::mem::take(&mut self.items));
    }
}

impl Cycler {
    fn current(&self) -> Value {
        self.items[self.at.get()].clone()
    }
}

/// A method of an object of this room, with the object itself.
struct Action<T> {
    owner: Rc<T>,
    name: &'static str,
    act: fn(&T) -> Value,
}

impl<T: Object + 'static> Object for Action<T> {
    fn class(&self) -> &'static str {
        "method"
    }

    fn repr(&self, run: &Run) -> Result<String, Failure> {
        Ok(format!("<bound method {}.{} of {}>", self.owner.class(), self.name, self.owner.repr(run)?))
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(self: Rc<Self>, _run: &Run, args: Args) -> Result<Value, Failure> {
        let name = format!("{}.{}", self.owner.class(), self.name);
        if let Some((keyword, _)) = args.keyword.first() {
            return Err(Failure::type_error(format!("{name}() got an unexpected keyword argument '{keyword}'")));
        }
        if !args.positional.is_empty() {
            let given = args.positional.len() + 1;
            return Err(Failure::type_error(format!("{name}() takes 1 positional argument but {given} were given")));
        }
        Ok((self.act)(&self.owner))
    }
}

impl Object for Cycler {
    fn class(&self) -> &'static str {
        "Cycler"
    }

    fn module(&self) -> &'static str {
        "jinja2.utils"
    }

    fn repr(&self, _run: &Run) -> Result<String, Failure> {
        Ok(format!("<jinja2.utils.Cycler object at {}>", address()))
    }

    fn attribute(self: Rc<Self>, _run: &Run, name: &str) -> Result<Option<Value>, Failure> {
        let action = |name, act| Value::Object(Rc::new(Action { owner: self.clone(), name, act }));
        Ok(Some(match name {
            "items" => Value::tuple(self.items.clone()),
            "pos" => Value::int(self.at.get()),
            "current" => self.current(),
            "next" => action("next", |cycler| {
                let current = cycler.current();
                cycler.at.set((cycler.at.get() + 1) % cycler.items.len());
                current
            }),
            "reset" => action("reset", |cycler| {
                cycler.at.set(0);
                Value::None
            }),
            _ => return Ok(None),
        }))
    }
}

/// `joiner(..)`
struct Joiner {
    separator: Value,
    used: Cell<bool>,
}

fn joiner(_run: &Run, args: Args) -> Result<Value, Failure> {
    let signature = Signature { name: "Joiner.__init__", hidden: 1, names: &["sep"], required: 0 };
    let separator = signature.bind(args)?.into_iter().flatten().next().unwrap_or_else(|| Value::str(", "));
    Ok(Value::Object(Rc::new(Joiner { separator, used: Cell::new(false) })))
}

impl Drop for Joiner {
    fn drop(&mut self) {
        drop_flat(vec![std::mem::replace(&mut self.separator, Value::None)]);
    }
}

impl Object for Joiner {
    fn class(&self) -> &'static str {
        "Joiner"
    }

    fn module(&self) -> &'static str {
        "jinja2.utils"
    }

    fn repr(&self, _run: &Run) -> Result<String, Failure> {
        Ok(format!("<jinja2.utils.Joiner object at {}>", address()))
    }

    fn attribute(self: Rc<Self>, _run: &Run, name: &str) -> Result<Option<Value>, Failure> {
        Ok(match name {
            "sep" => Some(self.separator.clone()),
            "used" => Some(Value::Bool(self.used.get())),
            _ => None,
        })
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(self: Rc<Self>, _run: &Run, args: Args) -> Result<Value, Failure> {
        Signature { name: "Joiner.__call__", hidden: 1, names: &[], required: 0 }.bind(args)?;
        Ok(if self.used.replace(true) { self.separator.clone() } else { Value::str("") })
    }
}

/// `namespace(..)`
struct Namespace {
    attributes: RefCell<Dict>,
}

fn namespace(run: &Run, args: Args) -> Result<Value, Failure> {
    Ok(Value::Object(Rc::new(Namespace { attributes: RefCell::new(dict(run, args)?) })))
}

impl Object for Namespace {
    fn class(&self) -> &'static str {
        "Namespace"
    }

    fn module(&self) -> &'static str {
        "jinja2.utils"
    }

    fn repr(&self, run: &Run) -> Result<String, Failure> {
        let attributes = Value::Dict(self.attributes.borrow().clone());
        Ok(format!("<Namespace {}>", print::repr(run, &attributes)?))
    }

    fn attribute(self: Rc<Self>, _run: &Run, name: &str) -> Result<Option<Value>, Failure> {
        Ok(self.attributes.borrow().get_str(name))
    }

    fn assign(&self, name: &str, value: Value) -> bool {
        self.attributes.borrow().insert(Value::str(name), value).is_ok()
    }

    fn namespace(&self) -> bool {
        true
    }
}
