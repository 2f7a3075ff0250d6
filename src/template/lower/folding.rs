//! What Jinja2 computes while it compiles, as far as that shows: there, a slice of what cannot be sliced is undefined
//! instead of an error, `~` knows no markup, what literals decide drops the rest, and a dict whose literal key cannot
//! be hashed ends the compiling.

use std::cell::Cell;

use chrono::DateTime;

use crate::template::Dialect;
use crate::template::call::Args;
use crate::template::code;
use crate::template::failure::Failure;
use crate::template::parse::ast::{Arguments, Expr, Literal, Node};
use crate::template::run::Run;
use crate::template::value::{Undefined, Value};
use crate::template::{filters, predicates, print, slices};

/// Filters that need the context and so wait for the render.
const WAITING: [&str; 6] = ["map", "select", "reject", "selectattr", "rejectattr", "random"];

/// Why there is no value.
pub enum Stop {
    /// It waits for the render.
    Impossible,
    /// The compiling ends.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(_: Failure) -> Stop {
        Stop::Impossible
    }
}

type Folded = Result<Value, Stop>;

/// Computes expressions of literals.
pub struct Folding {
    run: Run,
    /// Whether filters and tests wait, since only the render knows whether they escape.
    volatile: Cell<bool>,
}

impl Folding {
    /// For the templates of a system.
    pub fn new(dialect: Dialect) -> Folding {
        Folding { run: Run::new(dialect, DateTime::UNIX_EPOCH), volatile: Cell::new(false) }
    }

    /// The value of an expression of literals. A failure of what it computes only means that it waits.
    pub fn value(&self, expr: &Expr, autoescape: bool, volatile: bool) -> Result<Option<Value>, Failure> {
        self.run.autoescape.set(autoescape);
        self.volatile.set(volatile);
        match self.eval(expr) {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Impossible) => Ok(None),
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    /// The text that a value prints, if it prints.
    pub fn text(&self, value: &Value) -> Option<String> {
        print::str(&self.run, value).ok()
    }

    /// Whether a value is true.
    pub fn truth(&self, value: &Value) -> bool {
        self.run.truth(value).unwrap_or(false)
    }

    /// The error of the first dict in the expression whose literal keys cannot all be hashed.
    pub fn check_dicts(&self, expr: &Expr) -> Result<(), Failure> {
        let mut checked = Ok(());
        expr.children(&mut |inner| {
            if checked.is_ok() {
                checked = self.check_dicts(inner);
            }
        });
        checked?;
        match &expr.node {
            Node::Dict(items) => match self.dict(items) {
                Err(Stop::Failed(failure)) => Err(failure),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn eval(&self, expr: &Expr) -> Folded {
        let run = &self.run;
        run.step()?;
        Ok(match &expr.node {
            Node::Const(literal) => literal.into(),
            Node::Name(..) | Node::Namespace(..) | Node::Call(..) | Node::Slice(_) => return Err(Stop::Impossible),
            Node::Tuple(items) => Value::tuple(self.all(items)?),
            Node::List(items) => Value::list(self.all(items)?),
            Node::Dict(items) => return self.dict(items),
            Node::Binary(operator, left, right) => run.binary(*operator, &self.eval(left)?, &self.eval(right)?)?,
            Node::And(left, right) => return self.choose(left, right, false),
            Node::Or(left, right) => return self.choose(left, right, true),
            Node::Not(inner) => Value::Bool(!run.truth(&self.eval(inner)?)?),
            Node::Neg(inner) => run.signed(true, &self.eval(inner)?)?,
            Node::Pos(inner) => run.signed(false, &self.eval(inner)?)?,
            Node::Concat(parts) => {
                let texts = self.all(parts)?.iter().map(|part| print::str(run, part)).collect::<Result<Vec<_>, _>>()?;
                Value::str(texts.concat())
            }
            Node::Compare(first, rest) => return run.chain(first.as_ref(), rest, |expr| self.eval(expr)),
            Node::Cond(test, then, otherwise) => match (run.truth(&self.eval(test)?)?, otherwise) {
                (true, _) => self.eval(then)?,
                (false, Some(otherwise)) => self.eval(otherwise)?,
                (false, None) => return Err(Stop::Impossible),
            },
            Node::Attribute(owner, name) => run.attribute(&self.eval(owner)?, name)?,
            Node::Item(owner, key) => return self.item(owner, key),
            Node::Filter(value, name, arguments) => return self.filter(value.as_deref(), name, arguments),
            Node::Test(value, name, arguments) => {
                let value = self.eval(value)?;
                let test = predicates::find(name).ok_or(Stop::Impossible)?;
                test(run, self.args(value, arguments)?)?
            }
        })
    }

    fn all(&self, exprs: &[Expr]) -> Result<Vec<Value>, Stop> {
        exprs.iter().map(|expr| self.eval(expr)).collect()
    }

    fn dict(&self, items: &[(Expr, Expr)]) -> Folded {
        let dict = crate::template::dict::Dict::new();
        for (key, value) in items {
            let (key, value) = (self.eval(key)?, self.eval(value)?);
            dict.insert(key, value).map_err(Stop::Failed)?;
        }
        Ok(Value::Dict(dict))
    }

    /// The left side if its truth is this, else the right one.
    fn choose(&self, left: &Expr, right: &Expr, truth: bool) -> Folded {
        let left = self.eval(left)?;
        if self.run.truth(&left)? == truth { Ok(left) } else { self.eval(right) }
    }

    fn item(&self, owner: &Expr, key: &Expr) -> Folded {
        let owner = self.eval(owner)?;
        let found = match &key.node {
            Node::Slice(parts) => {
                let mut values = [Value::None, Value::None, Value::None];
                for (value, part) in values.iter_mut().zip(parts.iter()) {
                    if let Some(part) = part {
                        *value = self.eval(part)?;
                    }
                }
                slices::slice(&self.run, &owner, &values)
            }
            Node::Tuple(items) if items.iter().any(|item| matches!(item.node, Node::Slice(_))) => {
                Err(Failure::type_error("a slice is no key"))
            }
            _ => self.run.item(&owner, &self.eval(key)?),
        };
        match found {
            Err(failure) if failure.is_any(&["TypeError", "KeyError"]) => {
                Ok(Value::Undefined(Undefined { owner: Some(owner), ..Undefined::default() }.into()))
            }
            found => Ok(found?),
        }
    }

    fn filter(&self, value: Option<&Expr>, name: &str, arguments: &Arguments) -> Folded {
        let value = self.eval(value.ok_or(Stop::Impossible)?)?;
        if WAITING.contains(&name) {
            return Err(Stop::Impossible);
        }
        let filter = filters::find(name, self.run.dialect).ok_or(Stop::Impossible)?;
        Ok(filter(&self.run, self.args(value, arguments)?)?)
    }

    fn args(&self, first: Value, arguments: &Arguments) -> Result<Args, Stop> {
        if self.volatile.get() || arguments.star.is_some() || arguments.double_star.is_some() {
            return Err(Stop::Impossible);
        }
        let mut args = Args::new(vec![first]);
        args.positional.extend(self.all(&arguments.positional)?);
        for (name, value) in &arguments.keyword {
            args.keyword.push((name.clone(), self.eval(value)?));
        }
        Ok(args)
    }
}

/// The literal that Jinja2 writes for a value, if it can be written.
pub fn written(value: &Value) -> Option<code::Expr> {
    let all = |items: &[Value]| items.iter().map(written).collect::<Option<Vec<_>>>();
    Some(match value {
        Value::None => code::Expr::Const(Literal::None),
        Value::Bool(truth) => code::Expr::Const(Literal::Bool(*truth)),
        Value::Int(number) => code::Expr::Const(Literal::Int(number.clone())),
        Value::Float(number) => code::Expr::Const(Literal::Float(*number)),
        Value::Str(text) => code::Expr::Const(Literal::Str(text.clone())),
        Value::Markup(text) => code::Expr::Markup(text.clone()),
        Value::List(list) => code::Expr::List(all(&list.items())?),
        Value::Tuple(tuple) => code::Expr::Tuple(all(tuple.items())?),
        Value::Dict(dict) => {
            let pairs = dict.pairs();
            let mut pairs = pairs.iter().map(|(key, value)| Some((written(key)?, written(value)?)));
            code::Expr::Dict(pairs.by_ref().collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    })
}

/// Whether a number that Python has no literal for is somewhere in it.
pub fn is_unwritable(expr: &code::Expr) -> bool {
    match expr {
        code::Expr::Const(Literal::Float(number)) => !number.is_finite(),
        code::Expr::List(items) | code::Expr::Tuple(items) => items.iter().any(is_unwritable),
        code::Expr::Dict(items) => items.iter().any(|(key, value)| is_unwritable(key) || is_unwritable(value)),
        _ => false,
    }
}

/// Whether Jinja2 tries to compute what is below this.
pub fn is_tried(node: &Node) -> bool {
    !matches!(
        node,
        Node::Const(_)
            | Node::Name(..)
            | Node::Namespace(..)
            | Node::Tuple(_)
            | Node::List(_)
            | Node::Dict(_)
            | Node::Slice(_)
    )
}
