//! Loops: going through the items, the filter, `loop`, and recursion.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::call::{Args, Bound};
use super::code::{Escape, For, LoopFilter};
use super::execute::Activation;
use super::failure::Failure;
use super::iteration;
use super::locals::{Context, Locals};
use super::object::Object;
use super::run::Run;
use super::value::{Iter, Undefined, Value};

/// Runs a loop.
pub fn run(activation: &Activation<'_>, code: &Arc<For>, out: &mut String) -> Result<(), Failure> {
    let iterable = activation.eval(&code.iter)?;
    activation.run.notice_undefined(&iterable);
    if code.recursive.is_some() {
        let recursion =
            Recursion { code: code.clone(), context: activation.context.clone(), outer: activation.locals.clone() };
        let text = activation.run.deeper(|| recursion.run(activation.run, iterable, 0))?;
        out.push_str(&text);
        return Ok(());
    }
    go_through(activation, code, iterable, (None, 0), out)
}

/// What a recursive loop needs to run once more.
struct Recursion {
    code: Arc<For>,
    context: Rc<Context>,
    outer: Rc<Locals>,
}

impl Recursion {
    fn run(&self, run: &Run, iterable: Value, depth: usize) -> Result<String, Failure> {
        let locals = Locals::new(self.code.recursive.unwrap_or_default(), Some(self.outer.clone()));
        let activation = Activation { run, context: self.context.clone(), locals, filtered: None };
        let again = Recursion { code: self.code.clone(), context: self.context.clone(), outer: self.outer.clone() };
        let mut out = String::new();
        run.capture(|| go_through(&activation, &self.code, iterable, (Some(again), depth), &mut out))?;
        Ok(out)
    }
}

fn go_through(
    activation: &Activation<'_>,
    code: &Arc<For>,
    iterable: Value,
    (recursion, depth): (Option<Recursion>, usize),
    out: &mut String,
) -> Result<(), Failure> {
    let iterable = match &code.filter {
        Some(filter) => Value::Iterator(filtered(activation, filter, iterable)),
        None => iterable,
    };
    let iter = activation.run.iterate(&iterable).map_err(|failure| failure.at(code.line))?;
    let looping = Rc::new(Loop::new(iterable, iter, recursion, depth));
    let mut empty = true;
    while let Some(item) = looping.advance(activation.run).map_err(|failure| failure.at(code.line))? {
        empty = false;
        activation.assign(&code.target, item).map_err(|failure| failure.at(code.line))?;
        if let Some(slot) = code.loop_slot {
            activation.locals.set_own(slot, Some(Value::Object(looping.clone())));
        }
        activation.locals.enter(&code.scope.loads, &activation.context);
        activation.body(&code.body, out)?;
    }
    activation.locals.leave(&code.scope.leaves);
    if let Some((scope, body)) = code.otherwise.as_ref().filter(|_| empty) {
        activation.locals.enter(&scope.loads, &activation.context);
        activation.body(body, out)?;
        activation.locals.leave(&scope.leaves);
    }
    Ok(())
}

/// The items that pass the loop's filter, which is a generator of its own.
fn filtered(activation: &Activation<'_>, filter: &Arc<LoopFilter>, iterable: Value) -> Iter {
    let locals = Locals::new(filter.slots, Some(activation.locals.clone()));
    let (filter, context) = (filter.clone(), activation.context.clone());
    let mut source = None;
    Iter::generator("t_1", move |run: &Run| {
        let activation = Activation { run, context: context.clone(), locals: locals.clone(), filtered: None };
        let next = next_passing(&activation, &filter, &iterable, &mut source);
        next.map_err(|failure| failure.at(filter.line))
    })
}

fn next_passing(
    activation: &Activation<'_>,
    filter: &LoopFilter,
    iterable: &Value,
    source: &mut Option<Iter>,
) -> Result<Option<Value>, Failure> {
    if source.is_none() {
        activation.locals.enter(&filter.loads, &activation.context);
        *source = Some(activation.run.iterate(iterable)?);
    }
    let Some(source) = source else { return Ok(None) };
    while let Some(item) = source.next(activation.run)? {
        activation.assign(&filter.target, item.clone())?;
        if activation.truth(&filter.test)? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// `loop`.
struct Loop {
    iterable: Value,
    iter: RefCell<Iter>,
    /// How many items have come.
    count: Cell<usize>,
    length: Cell<Option<usize>>,
    /// The item that was looked at before its turn.
    after: RefCell<Option<Value>>,
    current: RefCell<Option<Value>>,
    before: RefCell<Option<Value>>,
    last_changed: RefCell<Option<Value>>,
    recursion: Option<Recursion>,
    depth: usize,
}

impl Loop {
    fn new(iterable: Value, iter: Iter, recursion: Option<Recursion>, depth: usize) -> Loop {
        Loop {
            iterable,
            iter: RefCell::new(iter),
            count: Cell::new(0),
            length: Cell::new(None),
            after: RefCell::default(),
            current: RefCell::default(),
            before: RefCell::default(),
            last_changed: RefCell::default(),
            recursion,
            depth,
        }
    }

    fn source(&self) -> Iter {
        self.iter.borrow().clone()
    }

    fn advance(&self, run: &Run) -> Result<Option<Value>, Failure> {
        let peeked = self.after.take();
        let next = match peeked {
            Some(item) => Some(item),
            None => self.source().next(run)?,
        };
        if let Some(item) = &next {
            self.count.set(self.count.get() + 1);
            let current = self.current.replace(Some(item.clone()));
            self.before.replace(current);
        }
        Ok(next)
    }

    fn peek(&self, run: &Run) -> Result<Option<Value>, Failure> {
        if self.after.borrow().is_none() {
            let next = self.source().next(run)?;
            self.after.replace(next);
        }
        Ok(self.after.borrow().clone())
    }

    fn length(&self, run: &Run) -> Result<usize, Failure> {
        if let Some(length) = self.length.get() {
            return Ok(length);
        }
        let length = match run.len(&self.iterable) {
            Err(failure) if failure.is_any(&["TypeError"]) => {
                let rest = run.list(&Value::Iterator(self.source()))?;
                let length = rest.len() + self.count.get() + usize::from(self.after.borrow().is_some());
                self.iter.replace(iteration::over(rest));
                length
            }
            other => other?,
        };
        self.length.set(Some(length));
        Ok(length)
    }

    fn counted_back(&self, run: &Run, count: usize) -> Result<Value, Failure> {
        let length = num_bigint::BigInt::from(self.length(run)?);
        Ok(Value::Int(length - count))
    }

    fn changed(&self, run: &Run, args: Args) -> Result<Value, Failure> {
        let value = Value::tuple(args.positional);
        let same = match &*self.last_changed.borrow() {
            Some(last) => run.equal(last, &value)?,
            None => false,
        };
        if !same {
            self.last_changed.replace(Some(value));
        }
        Ok(Value::Bool(!same))
    }
}

fn hinted(hint: &str) -> Value {
    Value::Undefined(Rc::new(Undefined { hint: Some(hint.to_owned()), ..Undefined::default() }))
}

/// The loop that a method was taken from, out of the arguments.
fn receiver(args: &mut Args) -> Option<Value> {
    (!args.positional.is_empty()).then(|| args.positional.remove(0))
}

fn keywords_refused(args: &Args, name: &str) -> Result<(), Failure> {
    match args.keyword.first() {
        Some((keyword, _)) => {
            Err(Failure::type_error(format!("LoopContext.{name}() got an unexpected keyword argument '{keyword}'")))
        }
        None => Ok(()),
    }
}

fn cycle(run: &Run, mut args: Args) -> Result<Value, Failure> {
    keywords_refused(&args, "cycle")?;
    let Some(Value::Object(object)) = receiver(&mut args) else { return Ok(Value::None) };
    if args.positional.is_empty() {
        return Err(Failure::type_error("no items for cycling given"));
    }
    let index = object.attribute(run, "index0")?.and_then(|index| index.as_int()).unwrap_or_default();
    let at = usize::try_from(index).unwrap_or_default() % args.positional.len();
    Ok(args.positional.swap_remove(at))
}

/// `loop.changed`, which keeps what it saw.
struct Changed(Rc<Loop>);

impl Object for Changed {
    fn class(&self) -> &'static str {
        "method"
    }

    fn repr(&self, run: &Run) -> Result<String, Failure> {
        Ok(format!("<bound method LoopContext.changed of {}>", self.0.repr(run)?))
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(self: Rc<Self>, run: &Run, args: Args) -> Result<Value, Failure> {
        keywords_refused(&args, "changed")?;
        self.0.changed(run, args)
    }
}

impl Object for Loop {
    fn class(&self) -> &'static str {
        "LoopContext"
    }

    fn module(&self) -> &'static str {
        "jinja2.runtime"
    }

    fn repr(&self, run: &Run) -> Result<String, Failure> {
        Ok(format!("<LoopContext {}/{}>", self.count.get(), self.length(run)?))
    }

    fn attribute(self: Rc<Self>, run: &Run, name: &str) -> Result<Option<Value>, Failure> {
        let count = self.count.get();
        Ok(Some(match name {
            "index" => Value::int(count),
            "index0" => Value::Int(num_bigint::BigInt::from(count) - 1),
            "length" => Value::int(self.length(run)?),
            "revindex" => self.counted_back(run, count.saturating_sub(1))?,
            "revindex0" => self.counted_back(run, count)?,
            "first" => Value::Bool(count == 1),
            "last" => Value::Bool(self.peek(run)?.is_none()),
            "depth" => Value::int(self.depth + 1),
            "depth0" => Value::int(self.depth),
            "previtem" if count == 1 => hinted("there is no previous item"),
            "previtem" => self.before.borrow().clone().unwrap_or_else(|| hinted("there is no previous item")),
            "nextitem" => self.peek(run)?.unwrap_or_else(|| hinted("there is no next item")),
            "cycle" => {
                let bound = Bound { receiver: Value::Object(self), name: "cycle", function: cycle };
                Value::Method(Rc::new(bound))
            }
            "changed" => Value::Object(Rc::new(Changed(self))),
            _ => return Ok(None),
        }))
    }

    fn len(&self, run: &Run) -> Result<Option<usize>, Failure> {
        self.length(run).map(Some)
    }

    fn iterate(self: Rc<Self>, _run: &Run) -> Result<Option<Iter>, Failure> {
        Ok(Some(Iter::new("LoopContext", "", move |run: &Run| {
            let item = self.advance(run)?;
            Ok(item.map(|item| Value::tuple(vec![item, Value::Object(self.clone())])))
        })))
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(self: Rc<Self>, run: &Run, mut args: Args) -> Result<Value, Failure> {
        let iterable = match (args.positional.len(), args.keyword.len()) {
            (1, 0) => args.positional.remove(0),
            (0, 1) if &*args.keyword[0].0 == "iterable" => args.keyword.remove(0).1,
            (0, 0) => {
                let message = "LoopContext.__call__() missing 1 required positional argument: 'iterable'";
                return Err(Failure::type_error(message));
            }
            (given, _) => {
                let given = given + 1;
                let message = format!("LoopContext.__call__() takes 2 positional arguments but {given} were given");
                return Err(Failure::type_error(message));
            }
        };
        let Some(recursion) = &self.recursion else {
            let message = "The loop must have the 'recursive' marker to be called recursively.";
            return Err(Failure::type_error(message));
        };
        let text = recursion.run(run, iterable, self.depth + 1)?;
        let markup = match recursion.code.escape {
            Escape::Off => false,
            Escape::On => true,
            Escape::Volatile => run.autoescape.get(),
        };
        Ok(if markup { Value::markup(text) } else { Value::str(text) })
    }
}
