//! Lowering expressions: names to places, filters and tests to functions.

use std::sync::Arc;

use super::{Frame, Lowering, assertion, folding};
use crate::template::code::{Arguments, Escape, Expr, Literal, Named};
use crate::template::failure::Failure;
use crate::template::parse::ast::{self, Node};
use crate::template::{filters, predicates};

type Lowered = Result<Expr, Failure>;

impl Lowering {
    /// Lowers an expression.
    pub(super) fn expr(&mut self, expr: &ast::Expr, frame: Frame) -> Lowered {
        self.folded(expr, frame, false)
    }

    /// Lowers an expression that is printed as it is.
    pub(super) fn printed(&mut self, expr: &ast::Expr, frame: Frame) -> Lowered {
        self.folded(expr, frame, true)
    }

    fn folded(&mut self, expr: &ast::Expr, frame: Frame, printed: bool) -> Lowered {
        let tried = self.tried;
        self.tried |= folding::is_tried(&expr.node);
        let lowered = if !self.lenient && folding::has_slice(expr) && folding::is_constant(expr) {
            self.both_ways(expr, frame, printed)
        } else {
            self.node(expr, frame)
        };
        self.tried = tried;
        lowered
    }

    /// An expression of literals with a slice in it: as Jinja2 computes it, and as the render does if that fails.
    fn both_ways(&mut self, expr: &ast::Expr, frame: Frame, printed: bool) -> Lowered {
        self.lenient = true;
        let lenient = self.node(expr, frame);
        self.lenient = false;
        Ok(Expr::Folded(Box::new((lenient?, self.node(expr, frame)?)), printed))
    }

    fn node(&mut self, expr: &ast::Expr, frame: Frame) -> Lowered {
        Ok(match &expr.node {
            Node::Const(literal) => Expr::Const(literal.clone()),
            Node::Name(name, _) => Expr::Name(self.variable(frame, name)?, name.clone()),
            Node::Namespace(..) | Node::Slice(_) => return Err(invalid_syntax()),
            Node::Tuple(items) => Expr::Tuple(self.exprs(items, frame)?),
            Node::List(items) => Expr::List(self.exprs(items, frame)?),
            Node::Dict(items) => {
                if self.tried {
                    folding::check_keys(items)?;
                }
                Expr::Dict(self.pairs(items, frame)?)
            }
            Node::Binary(operator, left, right) => Expr::Binary(*operator, self.both(left, right, frame)?),
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

    /// `and`, `or`, `x if y`. Jinja2 decides what literals decide while it compiles; what is not taken then may hold
    /// unknown filters.
    fn choice(&mut self, node: &Node, line: usize, frame: Frame) -> Lowered {
        Ok(match node {
            Node::And(left, right) => match truth(left) {
                Some(false) => self.expr(left, frame)?,
                _ => Expr::And(self.both(left, right, frame)?),
            },
            Node::Or(left, right) => match truth(left) {
                Some(true) => self.expr(left, frame)?,
                _ => Expr::Or(self.both(left, right, frame)?),
            },
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
        Ok(Expr::Slice(Box::new(owner), Box::new(lowered), self.lenient))
    }

    fn arguments(&mut self, arguments: &ast::Arguments, frame: Frame) -> Result<Arguments, Failure> {
        let mut lowered = Arguments { positional: self.exprs(&arguments.positional, frame)?, ..Arguments::default() };
        for (name, value) in &arguments.keyword {
            if lowered.keyword.iter().any(|(other, _)| other == name) {
                return Err(Failure::raised("SyntaxError", format!("keyword argument repeated: {name}")));
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

/// Python cannot read what Jinja2 writes for this.
fn invalid_syntax() -> Failure {
    Failure::raised("SyntaxError", "invalid syntax")
}

/// Whether a literal is true.
fn truth(expr: &ast::Expr) -> Option<bool> {
    let Node::Const(literal) = &expr.node else { return None };
    Some(match literal {
        Literal::None => false,
        Literal::Bool(truth) => *truth,
        Literal::Int(number) => *number != num_bigint::BigInt::ZERO,
        Literal::Float(number) => *number != 0.0,
        Literal::Str(text) => !text.is_empty(),
    })
}
