//! Lowering expressions: names to places, filters and tests to functions.

use std::sync::Arc;

use num_traits::Signed as _;

use super::{Frame, Lowering, assertion, folding};
use crate::template::code::{Arguments, Escape, Expr, Literal, Named, Op};
use crate::template::engine::Operator;
use crate::template::failure::Failure;
use crate::template::parse::ast::{self, Node};
use crate::template::value::Value;
use crate::template::{filters, predicates};

type Lowered = Result<Expr, Failure>;

impl Lowering {
    /// Lowers an expression. What Jinja2 can compute while it compiles is written as a literal.
    pub(super) fn expr(&mut self, expr: &ast::Expr, frame: Frame) -> Lowered {
        let tried = self.tried;
        self.tried |= folding::is_tried(&expr.node) && self.escape != Escape::Volatile;
        let lowered = self.tried_once(expr, frame, tried);
        self.tried = tried;
        lowered
    }

    fn tried_once(&mut self, expr: &ast::Expr, frame: Frame, before: bool) -> Lowered {
        if self.tried && !before {
            self.folding.check_dicts(expr)?;
        }
        if self.tried
            && let Some(literal) = self.constant(expr)?.as_ref().and_then(folding::written)
        {
            return Ok(literal);
        }
        self.node(expr, frame)
    }

    /// The value of an expression of literals.
    pub(super) fn constant(&self, expr: &ast::Expr) -> Result<Option<Value>, Failure> {
        self.folding.value(expr, self.escaping, self.escape == Escape::Volatile)
    }

    /// What a print becomes that Jinja2 computes while it compiles.
    pub(super) fn printed(&self, expr: &ast::Expr) -> Option<Op> {
        let value = self.constant(expr).ok().flatten()?;
        match folding::written(&value) {
            Some(literal) if !folding::is_unwritable(&literal) => {
                Some(Op::Print(literal, if self.escaping { Escape::On } else { Escape::Off }))
            }
            Some(_) => self.folding.text(&value).map(|text| Op::Text(text.into())),
            None if value.is_undefined() && fails_later(expr) => Some(Op::Text("".into())),
            None => None,
        }
    }

    fn node(&mut self, expr: &ast::Expr, frame: Frame) -> Lowered {
        Ok(match &expr.node {
            Node::Const(literal) => Expr::Const(literal.clone()),
            Node::Name(name, _) => Expr::Name(self.variable(frame, name)?, name.clone()),
            Node::Namespace(..) | Node::Slice(_) => return Err(invalid_syntax()),
            Node::Tuple(items) => Expr::Tuple(self.exprs(items, frame)?),
            Node::List(items) => Expr::List(self.exprs(items, frame)?),
            Node::Dict(items) => Expr::Dict(self.pairs(items, frame)?),
            Node::Binary(operator, left, right) => binary(*operator, self.both(left, right, frame)?),
            Node::And(..) | Node::Or(..) | Node::Cond(..) => return self.choice(&expr.node, expr.line, frame),
            Node::Not(inner) => Expr::Not(self.boxed(inner, frame)?),
            Node::Neg(inner) => Expr::Neg(self.boxed(inner, frame)?),
            Node::Pos(inner) => Expr::Pos(self.boxed(inner, frame)?),
            Node::Concat(parts) => Expr::Concat(self.exprs(parts, frame)?, self.escape == Escape::On),
            Node::Compare(first, rest) => self.compare(first, rest, frame)?,
            Node::Attribute(owner, name) => Expr::Attribute(self.boxed(owner, frame)?, name.clone()),
            Node::Item(owner, key) => return self.item(owner, key, frame),
            Node::Call(callee, arguments) => {
                Expr::Call(self.boxed(callee, frame)?, Box::new(self.arguments(arguments, frame)?))
            }
            Node::Filter(value, name, arguments) => {
                let named = self.named("filter", name, expr.line, frame)?;
                let value = value.as_ref().map(|value| self.boxed(value, frame)).transpose()?;
                Expr::Filter(named, value, Box::new(self.arguments(arguments, frame)?))
            }
            Node::Test(value, name, arguments) => {
                let named = self.named("test", name, expr.line, frame)?;
                Expr::Test(named, self.boxed(value, frame)?, Box::new(self.arguments(arguments, frame)?))
            }
        })
    }

    fn boxed(&mut self, expr: &ast::Expr, frame: Frame) -> Result<Box<Expr>, Failure> {
        self.expr(expr, frame).map(Box::new)
    }

    fn both(&mut self, left: &ast::Expr, right: &ast::Expr, frame: Frame) -> Result<Box<(Expr, Expr)>, Failure> {
        Ok(Box::new((self.expr(left, frame)?, self.expr(right, frame)?)))
    }

    fn exprs(&mut self, exprs: &[ast::Expr], frame: Frame) -> Result<Vec<Expr>, Failure> {
        exprs.iter().map(|expr| self.expr(expr, frame)).collect()
    }

    fn pairs(&mut self, pairs: &[(ast::Expr, ast::Expr)], frame: Frame) -> Result<Vec<(Expr, Expr)>, Failure> {
        pairs.iter().map(|(key, value)| Ok((self.expr(key, frame)?, self.expr(value, frame)?))).collect()
    }

    /// `and`, `or`, `x if y`.
    fn choice(&mut self, node: &Node, line: usize, frame: Frame) -> Lowered {
        Ok(match node {
            Node::And(left, right) => Expr::And(self.both(left, right, frame)?),
            Node::Or(left, right) => Expr::Or(self.both(left, right, frame)?),
            Node::Cond(test, then, otherwise) => {
                let frame = frame.soft();
                let then = self.expr(then, frame)?;
                let test = self.expr(test, frame)?;
                let otherwise = match otherwise {
                    Some(otherwise) => Ok(self.boxed(otherwise, frame)?),
                    None => Err(line),
                };
                Expr::Cond(Box::new((test, then)), otherwise)
            }
            _ => return Err(invalid_syntax()),
        })
    }

    fn compare(&mut self, first: &ast::Expr, rest: &[(ast::Comparison, ast::Expr)], frame: Frame) -> Lowered {
        let first = self.boxed(first, frame)?;
        let rest = rest.iter().map(|(comparison, other)| Ok((*comparison, self.expr(other, frame)?)));
        Ok(Expr::Compare(first, rest.collect::<Result<_, Failure>>()?))
    }

    fn item(&mut self, owner: &ast::Expr, key: &ast::Expr, frame: Frame) -> Lowered {
        let owner = self.expr(owner, frame)?;
        let Node::Slice(parts) = &key.node else {
            return Ok(Expr::Item(Box::new((owner, self.expr(key, frame)?))));
        };
        let mut lowered = [None, None, None];
        for (place, part) in lowered.iter_mut().zip(parts.iter()) {
            *place = part.as_ref().map(|part| self.expr(part, frame)).transpose()?;
        }
        Ok(Expr::Slice(Box::new(owner), Box::new(lowered)))
    }

    fn arguments(&mut self, arguments: &ast::Arguments, frame: Frame) -> Result<Arguments, Failure> {
        let mut lowered = Arguments { positional: self.exprs(&arguments.positional, frame)?, ..Arguments::default() };
        for (name, value) in &arguments.keyword {
            if lowered.keyword.iter().any(|(other, _)| other == name) {
                return Err(repeated(name));
            }
            lowered.keyword.push((name.clone(), self.expr(value, frame)?));
        }
        lowered.star = arguments.star.as_ref().map(|star| self.expr(star, frame)).transpose()?;
        lowered.double_star = arguments.double_star.as_ref().map(|star| self.expr(star, frame)).transpose()?;
        Ok(lowered)
    }

    /// A filter or test. An unknown one fails now, or inside of `if` when it is used.
    fn named(&self, kind: &str, name: &Arc<str>, line: usize, frame: Frame) -> Result<Named, Failure> {
        let function = match kind {
            "filter" => filters::find(name, self.dialect),
            _ => predicates::find(name),
        };
        if function.is_none() && !frame.soft {
            return Err(assertion(format!("No {kind} named '{name}'."), line));
        }
        Ok(Named { name: name.clone(), function })
    }
}

/// Python refuses a keyword argument that is given twice.
pub(super) fn repeated(name: &str) -> Failure {
    Failure::raised("SyntaxError", format!("keyword argument repeated: {name}"))
}

/// Python cannot read what Jinja2 writes for this.
fn invalid_syntax() -> Failure {
    Failure::raised("SyntaxError", "invalid syntax")
}

/// Python reads a minus that Jinja2 writes in front of a power as the sign of the whole.
fn binary(operator: Operator, sides: Box<(Expr, Expr)>) -> Expr {
    let bare = match &*sides {
        _ if operator != Operator::Pow => None,
        (_, Expr::Const(_)) => None,
        (Expr::Const(Literal::Int(number)), _) if number.is_negative() => Some(Literal::Int(-number)),
        (Expr::Const(Literal::Float(number)), _) if number.is_sign_negative() => Some(Literal::Float(-number)),
        _ => None,
    };
    match bare {
        Some(bare) => Expr::Neg(Box::new(Expr::Binary(operator, Box::new((Expr::Const(bare), sides.1))))),
        None => Expr::Binary(operator, sides),
    }
}

/// Whether there is something in it that only the compiling lets pass: a slice, an infinite number.
fn fails_later(expr: &ast::Expr) -> bool {
    let mut found = match &expr.node {
        Node::Slice(_) => true,
        Node::Const(Literal::Float(number)) => !number.is_finite(),
        _ => false,
    };
    expr.children(&mut |inner| found = found || fails_later(inner));
    found
}
