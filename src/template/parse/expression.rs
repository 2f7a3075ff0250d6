//! Expressions, by precedence.

use std::sync::Arc;

use super::ast::{Arguments, Comparison, Expr, Literal, Node, Use};
use super::lexer::syntax_error;
use super::stream::{Parser, quote};
use super::token::Kind;
use crate::template::engine::Operator;
use crate::template::failure::Failure;

/// How deep the tree of an expression may be.
const DEEPEST: usize = 120;

type Parsed = Result<Expr, Failure>;

fn expr(node: Node, line: usize) -> Expr {
    Expr::new(node, line)
}

/// How a tuple is read.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "rules that come in any combination")]
pub struct TupleRules {
    /// Names and literals alone.
    pub simplified: bool,
    /// No `x if y`.
    pub without_condition: bool,
    /// In parentheses it may be empty.
    pub parentheses: bool,
    /// `ns.attr` is a target here.
    pub namespace: bool,
}

impl Parser {
    /// One expression.
    pub fn expression(&mut self) -> Parsed {
        let parsed = self.deeper(Parser::condition)?;
        self.not_too_deep(parsed)
    }

    fn not_too_deep(&self, parsed: Expr) -> Parsed {
        if parsed.depth > DEEPEST {
            return Err(Failure::refused(format!("expressions nested more than {DEEPEST} deep")).at(self.line()));
        }
        Ok(parsed)
    }

    fn condition(&mut self) -> Parsed {
        let mut line = self.line();
        let mut left = self.or()?;
        while self.skip_name("if")? {
            let test = self.or()?;
            let otherwise = if self.skip_name("else")? { Some(Box::new(self.expression()?)) } else { None };
            left = expr(Node::Cond(Box::new(test), Box::new(left), otherwise), line);
            line = self.line();
        }
        Ok(left)
    }

    fn or(&mut self) -> Parsed {
        let mut line = self.line();
        let mut left = self.and()?;
        let mut terms = 0;
        while self.skip_name("or")? {
            let right = self.and()?;
            left = expr(Node::Or(Box::new(left), Box::new(right)), line);
            line = self.line();
            self.chain(&mut terms)?;
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed {
        let mut line = self.line();
        let mut left = self.not()?;
        let mut terms = 0;
        while self.skip_name("and")? {
            let right = self.not()?;
            left = expr(Node::And(Box::new(left), Box::new(right)), line);
            line = self.line();
            self.chain(&mut terms)?;
        }
        Ok(left)
    }

    /// A chain of operators makes a tree as deep as it is long.
    fn chain(&self, terms: &mut usize) -> Result<(), Failure> {
        *terms += 1;
        if *terms > 90 { Err(Failure::refused("chains of more than 90 operators").at(self.line())) } else { Ok(()) }
    }

    fn not(&mut self) -> Parsed {
        if self.kind().is_name("not") {
            let line = self.next()?.line;
            let negated = self.deeper(Parser::not)?;
            return Ok(expr(Node::Not(Box::new(negated)), line));
        }
        self.compare()
    }

    fn compare(&mut self) -> Parsed {
        let mut line = self.line();
        let left = self.sum()?;
        let mut rest = Vec::new();
        while let Some(comparison) = self.comparison()? {
            rest.push((comparison, self.sum()?));
            line = self.line();
        }
        if rest.is_empty() { Ok(left) } else { Ok(expr(Node::Compare(Box::new(left), rest), line)) }
    }

    fn comparison(&mut self) -> Result<Option<Comparison>, Failure> {
        let found = match self.kind() {
            Kind::Operator(operator) => comparison_of(operator),
            Kind::Name(name) if &**name == "in" => Some(Comparison::In),
            Kind::Name(name) if &**name == "not" && self.look()?.is_name("in") => {
                self.next()?;
                Some(Comparison::NotIn)
            }
            _ => None,
        };
        if found.is_some() {
            self.next()?;
        }
        Ok(found)
    }

    fn binary(&mut self, operators: &[(&str, Operator)], part: fn(&mut Parser) -> Parsed) -> Parsed {
        let mut line = self.line();
        let mut left = part(self)?;
        let mut terms = 0;
        while let Some((_, operator)) = operators.iter().find(|(text, _)| self.kind().is(text)) {
            self.next()?;
            let right = part(self)?;
            left = expr(Node::Binary(*operator, Box::new(left), Box::new(right)), line);
            line = self.line();
            self.chain(&mut terms)?;
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        self.binary(&[("+", Operator::Add), ("-", Operator::Sub)], Parser::concat)
    }

    fn concat(&mut self) -> Parsed {
        let line = self.line();
        let first = self.product()?;
        let mut parts = vec![first];
        while self.skip_operator("~")? {
            parts.push(self.product()?);
        }
        if parts.len() > 1 {
            return Ok(expr(Node::Concat(parts), line));
        }
        Ok(parts.remove(0))
    }

    fn product(&mut self) -> Parsed {
        let operators = [("*", Operator::Mul), ("/", Operator::Div), ("//", Operator::FloorDiv), ("%", Operator::Mod)];
        self.binary(&operators, |parser| parser.binary(&[("**", Operator::Pow)], |parser| parser.unary(true)))
    }

    fn unary(&mut self, with_filter: bool) -> Parsed {
        let line = self.line();
        let sign = [("-", true), ("+", false)].into_iter().find(|(text, _)| self.kind().is(text));
        let mut node = match sign {
            Some((_, negative)) => {
                self.next()?;
                let inner = Box::new(self.deeper(|parser| parser.unary(false))?);
                expr(if negative { Node::Neg(inner) } else { Node::Pos(inner) }, line)
            }
            None => self.primary(false)?,
        };
        node = self.postfix(node)?;
        if with_filter { self.filters_and_tests(node) } else { Ok(node) }
    }

    /// A name, a literal, or something in brackets.
    pub fn primary(&mut self, namespace: bool) -> Parsed {
        let line = self.line();
        let node = match self.kind().clone() {
            Kind::Name(name) => {
                self.next()?;
                return self.named(name, namespace, line);
            }
            Kind::String(text) => return self.strings(&text, line),
            Kind::Integer(number) => Node::Const(Literal::Int(number)),
            Kind::Float(number) => Node::Const(Literal::Float(number)),
            Kind::Operator("(") => return self.parentheses(),
            Kind::Operator("[") => return self.list(line),
            Kind::Operator("{") => return self.dict(line),
            other => return self.fail(format!("unexpected {}", quote(other.describe()))),
        };
        self.next()?;
        Ok(expr(node, line))
    }

    fn named(&mut self, name: Arc<str>, namespace: bool, line: usize) -> Parsed {
        let node = match &*name {
            "true" | "True" => Node::Const(Literal::Bool(true)),
            "false" | "False" => Node::Const(Literal::Bool(false)),
            "none" | "None" => Node::Const(Literal::None),
            _ if namespace && self.skip_operator(".")? => Node::Namespace(name, self.expect_name()?.0),
            _ => Node::Name(name, Use::Load),
        };
        Ok(expr(node, line))
    }

    /// Strings next to each other are one.
    fn strings(&mut self, first: &str, line: usize) -> Parsed {
        let mut text = first.to_owned();
        self.next()?;
        while let Kind::String(more) = self.kind().clone() {
            text.push_str(&more);
            self.next()?;
        }
        Ok(expr(Node::Const(Literal::Str(text.into())), line))
    }

    fn parentheses(&mut self) -> Parsed {
        self.next()?;
        let rules = TupleRules { parentheses: true, ..TupleRules::default() };
        let inner = self.deeper(|parser| parser.tuple(rules))?;
        self.expect_operator(")")?;
        Ok(inner)
    }

    fn list(&mut self, line: usize) -> Parsed {
        self.next()?;
        let mut items = Vec::new();
        while !self.kind().is("]") {
            if !items.is_empty() {
                self.expect_operator(",")?;
            }
            if self.kind().is("]") {
                break;
            }
            items.push(self.expression()?);
        }
        self.expect_operator("]")?;
        Ok(expr(Node::List(items), line))
    }

    fn dict(&mut self, line: usize) -> Parsed {
        self.next()?;
        let mut items = Vec::new();
        while !self.kind().is("}") {
            if !items.is_empty() {
                self.expect_operator(",")?;
            }
            if self.kind().is("}") {
                break;
            }
            let key = self.expression()?;
            self.expect_operator(":")?;
            items.push((key, self.expression()?));
        }
        self.expect_operator("}")?;
        Ok(expr(Node::Dict(items), line))
    }

    /// One expression, or several with commas between them: a tuple.
    pub fn tuple(&mut self, rules: TupleRules) -> Parsed {
        let mut line = self.line();
        let mut items = Vec::new();
        let mut is_tuple = false;
        loop {
            if !items.is_empty() {
                self.expect_operator(",")?;
            }
            if self.ends_tuple() {
                break;
            }
            items.push(self.tuple_item(rules)?);
            if !self.kind().is(",") {
                break;
            }
            is_tuple = true;
            line = self.line();
        }
        if is_tuple || (items.is_empty() && rules.parentheses) {
            return Ok(expr(Node::Tuple(items), line));
        }
        match items.pop() {
            Some(only) => Ok(only),
            None => self.fail(format!("Expected an expression, got {}", quote(self.kind().describe()))),
        }
    }

    fn tuple_item(&mut self, rules: TupleRules) -> Parsed {
        if rules.simplified {
            self.primary(rules.namespace)
        } else if rules.without_condition {
            let parsed = self.deeper(Parser::or)?;
            self.not_too_deep(parsed)
        } else {
            self.expression()
        }
    }

    fn ends_tuple(&self) -> bool {
        matches!(self.kind(), Kind::VariableEnd | Kind::BlockEnd) || self.kind().is(")")
    }

    /// Attributes, subscripts and calls.
    pub fn postfix(&mut self, mut node: Expr) -> Parsed {
        let mut terms = 0;
        loop {
            node = match self.kind() {
                Kind::Operator(".") => self.attribute(node)?,
                Kind::Operator("[") => self.subscript(node)?,
                Kind::Operator("(") => self.call(node)?,
                _ => return Ok(node),
            };
            self.chain(&mut terms)?;
        }
    }

    fn filters_and_tests(&mut self, mut node: Expr) -> Parsed {
        let mut terms = 0;
        loop {
            node = match self.kind() {
                Kind::Operator("|") => {
                    self.next()?;
                    self.filter(Some(node))?
                }
                Kind::Operator("(") => self.call(node)?,
                kind if kind.is_name("is") => self.test(node)?,
                _ => return Ok(node),
            };
            self.chain(&mut terms)?;
        }
    }

    fn attribute(&mut self, owner: Expr) -> Parsed {
        let line = self.next()?.line;
        let token = self.next()?;
        match token.kind {
            Kind::Name(name) => Ok(expr(Node::Attribute(Box::new(owner), name), line)),
            Kind::Integer(index) => {
                let key = expr(Node::Const(Literal::Int(index)), token.line);
                Ok(expr(Node::Item(Box::new(owner), Box::new(key)), line))
            }
            _ => Err(syntax_error("expected name or number", token.line)),
        }
    }

    fn subscript(&mut self, owner: Expr) -> Parsed {
        let line = self.next()?.line;
        let mut keys = Vec::new();
        while !self.kind().is("]") {
            if !keys.is_empty() {
                self.expect_operator(",")?;
            }
            keys.push(self.subscribed()?);
        }
        self.expect_operator("]")?;
        let key = if keys.len() == 1 { keys.remove(0) } else { expr(Node::Tuple(keys), line) };
        Ok(expr(Node::Item(Box::new(owner), Box::new(key)), line))
    }

    fn subscribed(&mut self) -> Parsed {
        let line = self.line();
        let start = if self.kind().is(":") {
            None
        } else {
            let start = self.expression()?;
            if !self.kind().is(":") {
                return Ok(start);
            }
            Some(start)
        };
        self.next()?;
        let until = if self.kind().is(":") { None } else { self.slice_part()? };
        let step = if self.skip_operator(":")? { self.slice_part()? } else { None };
        Ok(expr(Node::Slice(Box::new([start, until, step])), line))
    }

    fn slice_part(&mut self) -> Result<Option<Expr>, Failure> {
        if self.kind().is("]") || self.kind().is(",") { Ok(None) } else { self.expression().map(Some) }
    }

    fn call(&mut self, callee: Expr) -> Parsed {
        let line = self.line();
        let arguments = self.arguments()?;
        Ok(expr(Node::Call(Box::new(callee), Box::new(arguments)), line))
    }

    fn arguments(&mut self) -> Result<Arguments, Failure> {
        let line = self.expect_operator("(")?.line;
        let mut arguments = Arguments::default();
        let mut first = true;
        while !self.kind().is(")") {
            if !std::mem::take(&mut first) {
                self.expect_operator(",")?;
                if self.kind().is(")") {
                    break;
                }
            }
            self.argument(&mut arguments, line)?;
        }
        self.expect_operator(")")?;
        Ok(arguments)
    }

    fn argument(&mut self, arguments: &mut Arguments, line: usize) -> Result<(), Failure> {
        let ensure = |holds: bool| {
            if holds { Ok(()) } else { Err(syntax_error("invalid syntax for function call expression", line)) }
        };
        let (star, double) = (arguments.star.is_none(), arguments.double_star.is_none());
        if self.kind().is("*") {
            ensure(star && double)?;
            self.next()?;
            arguments.star = Some(Box::new(self.expression()?));
        } else if self.kind().is("**") {
            ensure(double)?;
            self.next()?;
            arguments.double_star = Some(Box::new(self.expression()?));
        } else if matches!(self.kind(), Kind::Name(_)) && self.look()?.is("=") {
            ensure(double)?;
            let (name, _) = self.expect_name()?;
            self.next()?;
            arguments.keyword.push((name, self.expression()?));
        } else {
            ensure(star && double && arguments.keyword.is_empty())?;
            arguments.positional.push(self.expression()?);
        }
        Ok(())
    }

    fn dotted(&mut self) -> Result<(Arc<str>, usize), Failure> {
        let (mut name, line) = self.expect_name()?;
        while self.skip_operator(".")? {
            name = format!("{name}.{}", self.expect_name()?.0).into();
        }
        Ok((name, line))
    }

    /// A filter, after its bar, and those that follow it.
    pub fn filter(&mut self, value: Option<Expr>) -> Parsed {
        let (name, line) = self.dotted()?;
        let arguments = if self.kind().is("(") { self.arguments()? } else { Arguments::default() };
        Ok(expr(Node::Filter(value.map(Box::new), name, Box::new(arguments)), line))
    }

    fn test(&mut self, value: Expr) -> Parsed {
        let line = self.next()?.line;
        let negated = self.skip_name("not")?;
        let (name, _) = self.dotted()?;
        let mut arguments = Arguments::default();
        if self.kind().is("(") {
            arguments = self.arguments()?;
        } else if self.begins_argument() {
            if self.kind().is_name("is") {
                return self.fail("You cannot chain multiple tests with is");
            }
            let only = self.primary(false)?;
            arguments.positional.push(self.postfix(only)?);
        }
        let test = expr(Node::Test(Box::new(value), name, Box::new(arguments)), line);
        Ok(if negated { expr(Node::Not(Box::new(test)), line) } else { test })
    }

    fn begins_argument(&self) -> bool {
        match self.kind() {
            Kind::Name(name) => !matches!(&**name, "else" | "or" | "and"),
            Kind::String(_) | Kind::Integer(_) | Kind::Float(_) => true,
            kind => kind.is("[") || kind.is("{"),
        }
    }
}

fn comparison_of(operator: &str) -> Option<Comparison> {
    Some(match operator {
        "==" => Comparison::Eq,
        "!=" => Comparison::Ne,
        "<" => Comparison::Lt,
        "<=" => Comparison::Le,
        ">" => Comparison::Gt,
        ">=" => Comparison::Ge,
        _ => return None,
    })
}
