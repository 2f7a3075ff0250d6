//! Bodies and assignment targets: what statements are made of.

use std::sync::Arc;

use super::ast::{Expr, Node, Part, Signature, Stmt, StmtKind, Use};
use super::expression::TupleRules;
use super::lexer::syntax_error;
use super::stream::{Ends, Parser, quote};
use super::token::Kind;
use crate::template::failure::Failure;

/// Names that are constants.
const CONSTANTS: [&str; 6] = ["true", "false", "none", "True", "False", "None"];

impl Parser {
    /// Statements up to one of these tags, whose name comes next then; or up to the end of the template.
    pub fn body(&mut self, ends: Option<Ends>) -> Result<Vec<Stmt>, Failure> {
        self.ends.extend(ends);
        let body = self.deeper(|parser| parser.statements(ends));
        if ends.is_some() {
            self.ends.pop();
        }
        body
    }

    fn statements(&mut self, ends: Option<Ends>) -> Result<Vec<Stmt>, Failure> {
        let mut body = Vec::new();
        let mut parts = Vec::new();
        let mut first_line = 0;
        loop {
            let line = self.line();
            match self.kind().clone() {
                Kind::Eof => break,
                Kind::Data(text) => {
                    self.next()?;
                    first_line = if parts.is_empty() { line } else { first_line };
                    parts.push(Part::Text(text));
                }
                Kind::VariableBegin => {
                    self.next()?;
                    let printed = self.tuple(TupleRules::default())?;
                    self.expect_end(&Kind::VariableEnd)?;
                    first_line = if parts.is_empty() { printed.line } else { first_line };
                    parts.push(Part::Print(printed));
                }
                _ => {
                    flush(&mut body, &mut parts, first_line);
                    self.next()?;
                    if self.at_end_tag(ends) {
                        return Ok(body);
                    }
                    let statement = self.statement()?;
                    body.push(statement);
                    self.expect_end(&Kind::BlockEnd)?;
                }
            }
        }
        flush(&mut body, &mut parts, first_line);
        Ok(body)
    }

    fn at_end_tag(&self, ends: Option<Ends>) -> bool {
        ends.is_some_and(|ends| ends.iter().any(|end| self.kind().is_name(end)))
    }

    /// The body of a tag, from the end of its head on; the tag that ends it comes next then.
    pub fn tag_body(&mut self, ends: Ends) -> Result<Vec<Stmt>, Failure> {
        self.skip_operator(":")?;
        self.expect_end(&Kind::BlockEnd)?;
        let body = self.body(Some(ends))?;
        if matches!(self.kind(), Kind::Eof) {
            let open: Vec<Ends> = self.ends.iter().copied().chain([ends]).collect();
            return Err(self.unexpected(None, &open, self.line()));
        }
        Ok(body)
    }

    /// The body of a tag; the tag that ends it is taken.
    pub fn whole_body(&mut self, ends: Ends) -> Result<Vec<Stmt>, Failure> {
        let body = self.tag_body(ends)?;
        self.next()?;
        Ok(body)
    }

    fn statement(&mut self) -> Result<Stmt, Failure> {
        let line = self.line();
        let Kind::Name(tag) = self.kind().clone() else { return self.fail("tag name expected") };
        let Some(parse) = self.tag(&tag) else { return Err(self.unexpected(Some(&tag), &self.ends, line)) };
        self.open_tags.push(tag);
        self.next()?;
        let kind = parse(self, line);
        self.open_tags.pop();
        Ok(Stmt { kind: kind?, line })
    }

    /// A target of `set`, `for` or `with`.
    pub fn target(&mut self, namespace: bool, role: Use) -> Result<Expr, Failure> {
        let rules = TupleRules { simplified: true, namespace, ..TupleRules::default() };
        let mut target = self.deeper(|parser| parser.tuple(rules))?;
        if let Some(what) = unassignable(&target.node) {
            return Err(syntax_error(format!("can't assign to {}", quote(what)), target.line));
        }
        set_use(&mut target, role);
        Ok(target)
    }

    /// A name that is set.
    pub fn target_name(&mut self) -> Result<(Arc<str>, usize), Failure> {
        let (name, line) = self.expect_name()?;
        if CONSTANTS.contains(&&*name) {
            return Err(syntax_error("can't assign to 'name'", line));
        }
        Ok((name, line))
    }

    /// The parameters of a macro or call block; the body is still to come.
    pub fn signature(&mut self) -> Result<Signature, Failure> {
        let mut signature = Signature { parameters: Vec::new(), defaults: Vec::new(), body: Vec::new() };
        self.expect_operator("(")?;
        while !self.kind().is(")") {
            if !signature.parameters.is_empty() {
                self.expect_operator(",")?;
            }
            let (name, line) = self.target_name()?;
            if self.skip_operator("=")? {
                signature.defaults.push(self.expression()?);
            } else if !signature.defaults.is_empty() {
                return self.fail("non-default argument follows default argument");
            }
            signature.parameters.push(Expr::new(Node::Name(name, Use::Param), line));
        }
        self.expect_operator(")")?;
        Ok(signature)
    }
}

fn flush(body: &mut Vec<Stmt>, parts: &mut Vec<Part>, line: usize) {
    if !parts.is_empty() {
        body.push(Stmt { kind: StmtKind::Output(std::mem::take(parts)), line });
    }
}

/// What Jinja2 calls a node that cannot be assigned to.
fn unassignable(node: &Node) -> Option<&'static str> {
    match node {
        Node::Name(..) | Node::Namespace(..) => None,
        Node::Tuple(items) => items.iter().any(|item| unassignable(&item.node).is_some()).then_some("tuple"),
        Node::Const(_) => Some("const"),
        Node::List(_) => Some("list"),
        Node::Dict(_) => Some("dict"),
        other => Some(class_of(other)),
    }
}

/// The lower-case name of Jinja2's node class.
fn class_of(node: &Node) -> &'static str {
    use crate::template::engine::Operator;
    match node {
        Node::Binary(operator, ..) => match operator {
            Operator::Add => "add",
            Operator::Sub => "sub",
            Operator::Mul => "mul",
            Operator::Div => "div",
            Operator::FloorDiv => "floordiv",
            Operator::Mod => "mod",
            Operator::Pow => "pow",
        },
        Node::And(..) => "and",
        Node::Or(..) => "or",
        Node::Not(_) => "not",
        Node::Neg(_) => "neg",
        Node::Pos(_) => "pos",
        Node::Concat(_) => "concat",
        Node::Compare(..) => "compare",
        Node::Cond(..) => "condexpr",
        Node::Attribute(..) => "getattr",
        Node::Item(..) => "getitem",
        Node::Call(..) => "call",
        Node::Filter(..) => "filter",
        Node::Test(..) => "test",
        _ => "slice",
    }
}

fn set_use(target: &mut Expr, role: Use) {
    match &mut target.node {
        Node::Name(_, own) => *own = role,
        Node::Tuple(items) => items.iter_mut().for_each(|item| set_use(item, role)),
        _ => {}
    }
}
