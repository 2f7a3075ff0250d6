//! Evaluating expressions.

use std::rc::Rc;
use std::sync::Arc;

use super::call::{Args, Function};
use super::code::{Arguments, Expr, Literal, Named, Variable};
use super::dict::Dict;
use super::execute::Activation;
use super::failure::Failure;
use super::value::{Undefined, Value};
use super::{markup, print, slices};

type Evaluated = Result<Value, Failure>;

impl Activation<'_> {
    /// The value of an expression.
    pub fn eval(&self, expr: &Expr) -> Evaluated {
        self.run.nested(|| self.eval_node(expr))
    }

    fn eval_node(&self, expr: &Expr) -> Evaluated {
        match expr {
            Expr::Const(literal) => constant(literal),
            Expr::Markup(text) => Ok(Value::Markup(text.clone())),
            Expr::Name(variable, name) => Ok(self.name(*variable, name)),
            Expr::Tuple(items) => Ok(Value::tuple(self.all(items)?)),
            Expr::List(items) => Ok(Value::list(self.all(items)?)),
            Expr::Dict(items) => self.dict(items),
            Expr::Binary(operator, sides) => {
                let (left, right) = (self.eval(&sides.0)?, self.eval(&sides.1)?);
                self.run.binary(*operator, &left, &right)
            }
            Expr::And(sides) => self.choose(sides, false),
            Expr::Or(sides) => self.choose(sides, true),
            Expr::Not(inner) => Ok(Value::Bool(!self.truth(inner)?)),
            Expr::Neg(inner) => self.run.signed(true, &self.eval(inner)?),
            Expr::Pos(inner) => self.run.signed(false, &self.eval(inner)?),
            Expr::Concat(parts, markup) => self.concat(parts, *markup),
            Expr::Compare(first, rest) => self.run.chain(first.as_ref(), rest, |expr| self.eval(expr)),
            Expr::Cond(branches, otherwise) => self.cond(branches, otherwise),
            Expr::Attribute(owner, name) => self.run.attribute(&self.eval(owner)?, name),
            Expr::Item(sides) => {
                let (owner, key) = (self.eval(&sides.0)?, self.eval(&sides.1)?);
                self.run.item(&owner, &key)
            }
            Expr::Slice(owner, parts) => self.slice(owner, parts),
            Expr::Call(callee, arguments) => {
                let callee = self.eval(callee)?;
                let args = self.args(Vec::new(), arguments, "jinja2.sandbox.SandboxedEnvironment.call")?;
                self.call(&callee, args)
            }
            Expr::Filter(named, value, arguments) => self.filter(named, value.as_deref(), arguments),
            Expr::Test(named, value, arguments) => self.test(named, value, arguments),
        }
    }

    /// The truth of an expression.
    pub fn truth(&self, expr: &Expr) -> Result<bool, Failure> {
        let value = self.eval(expr)?;
        self.run.truth(&value)
    }

    fn all(&self, exprs: &[Expr]) -> Result<Vec<Value>, Failure> {
        exprs.iter().map(|expr| self.eval(expr)).collect()
    }

    fn name(&self, variable: Variable, name: &Arc<str>) -> Value {
        self.locals.get(variable).unwrap_or_else(|| {
            let undefined = Undefined { name: Some(Value::Str(name.clone())), ..Undefined::default() };
            Value::Undefined(Rc::new(undefined))
        })
    }

    fn dict(&self, items: &[(Expr, Expr)]) -> Evaluated {
        let dict = Dict::new();
        for (key, value) in items {
            let (key, value) = (self.eval(key)?, self.eval(value)?);
            dict.insert(key, value)?;
        }
        Ok(Value::Dict(dict))
    }

    /// The left side if its truth is this, else the right one.
    fn choose(&self, sides: &(Expr, Expr), truth: bool) -> Evaluated {
        let left = self.eval(&sides.0)?;
        if self.run.truth(&left)? == truth { Ok(left) } else { self.eval(&sides.1) }
    }

    fn concat(&self, parts: &[Expr], markup: bool) -> Evaluated {
        let values = self.all(parts)?;
        let mut text = String::new();
        let markup = markup && values.iter().any(|value| matches!(value, Value::Markup(_)));
        for value in &values {
            self.run.notice_undefined(value);
            if markup {
                text.push_str(&markup::escape(self.run, value)?);
            } else {
                text.push_str(&print::str(self.run, value)?);
            }
        }
        self.run.charge(text.len() / 16)?;
        Ok(if markup { Value::markup(text) } else { Value::str(text) })
    }

    fn cond(&self, branches: &(Expr, Expr), otherwise: &Result<Box<Expr>, usize>) -> Evaluated {
        if self.truth(&branches.0)? {
            return self.eval(&branches.1);
        }
        match otherwise {
            Ok(otherwise) => self.eval(otherwise),
            Err(line) => {
                let hint = format!(
                    "the inline if-expression on line {line} evaluated to false and no else section was defined."
                );
                Ok(Value::Undefined(Rc::new(Undefined { hint: Some(hint), ..Undefined::default() })))
            }
        }
    }

    fn slice(&self, owner: &Expr, parts: &[Option<Expr>; 3]) -> Evaluated {
        let owner = self.eval(owner)?;
        let mut values = [Value::None, Value::None, Value::None];
        for (value, part) in values.iter_mut().zip(parts) {
            if let Some(part) = part {
                *value = self.eval(part)?;
            }
        }
        slices::slice(self.run, &owner, &values)
    }

    /// The arguments of a call, behind those that are there already.
    pub fn args(&self, first: Vec<Value>, arguments: &Arguments, callee: &str) -> Result<Args, Failure> {
        let mut args = Args::new(first);
        for expr in &arguments.positional {
            args.positional.push(self.eval(expr)?);
        }
        if let Some(star) = &arguments.star {
            let star = self.eval(star)?;
            let items = self.run.list(&star).map_err(|failure| not_iterable(failure, &star))?;
            args.positional.extend(items);
        }
        for (name, expr) in &arguments.keyword {
            args.keyword.push((name.clone(), self.eval(expr)?));
        }
        if let Some(star) = &arguments.double_star {
            let star = self.eval(star)?;
            self.keywords(&mut args, &star, callee)?;
        }
        Ok(args)
    }

    fn keywords(&self, args: &mut Args, star: &Value, callee: &str) -> Result<(), Failure> {
        let Value::Dict(dict) = star else {
            let message = format!("{callee}() argument after ** must be a mapping, not {}", star.class());
            return Err(match star {
                Value::Undefined(undefined) => self.run.undefined_error(undefined),
                _ => Failure::type_error(message),
            });
        };
        for (key, value) in dict.pairs() {
            let Some(name) = key.as_text() else { return Err(Failure::type_error("keywords must be strings")) };
            if args.named(name).is_some() {
                let message = format!("{callee}() got multiple values for keyword argument '{name}'");
                return Err(Failure::type_error(message));
            }
            args.keyword.push((name.clone(), value));
        }
        Ok(())
    }

    /// Calls something from the template.
    pub fn call(&self, callee: &Value, args: Args) -> Evaluated {
        self.run.call(callee, args)
    }

    fn filter(&self, named: &Named, value: Option<&Expr>, arguments: &Arguments) -> Evaluated {
        let value = match value {
            Some(value) => self.eval(value)?,
            None => self.filtered.clone().unwrap_or(Value::None),
        };
        if !matches!(&*named.name, "default" | "d") {
            self.run.notice_undefined(&value);
        }
        let args = self.args(vec![value], arguments, &named.name)?;
        let filter = known(named, "filter")?;
        self.run.charge_text(args.positional.first())?;
        filter(self.run, args)
    }

    fn test(&self, named: &Named, value: &Expr, arguments: &Arguments) -> Evaluated {
        let value = self.eval(value)?;
        let args = self.args(vec![value], arguments, &named.name)?;
        let test = known(named, "test")?;
        test(self.run, args)
    }
}

fn known(named: &Named, kind: &str) -> Result<Function, Failure> {
    named
        .function
        .ok_or_else(|| Failure::jinja("TemplateRuntimeError", format!("No {kind} named '{}' found.", named.name)))
}

/// The complaint about a `*` argument that is none.
fn not_iterable(failure: Failure, value: &Value) -> Failure {
    if !failure.is_any(&["TypeError"]) || !failure.to_string().contains("is not iterable") {
        return failure;
    }
    Failure::type_error(format!("Value after * must be an iterable, not {}", value.class()))
}

/// Python has no literals for infinity and for what is no number; Jinja2 writes their names.
fn constant(literal: &Literal) -> Evaluated {
    match literal {
        Literal::Float(number) if !number.is_finite() => {
            let name = if number.is_nan() { "nan" } else { "inf" };
            Err(Failure::raised("NameError", format!("name '{name}' is not defined")))
        }
        literal => Ok(literal.into()),
    }
}
