//! Walking the tree: what is right below a node, in the order in which Jinja2 looks at it.

use crate::template::parse::ast::{Arguments, Expr, Node, Part, Signature, Stmt, StmtKind};

/// Something below a statement.
pub enum Child<'t> {
    /// A statement.
    Stmt(&'t Stmt),
    /// An expression or target.
    Expr(&'t Expr),
}

/// The expressions right below an expression.
pub fn of_expr<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&'t Expr)) {
    match &expr.node {
        Node::Const(_) | Node::Name(..) | Node::Namespace(..) => {}
        Node::Tuple(items) | Node::List(items) | Node::Concat(items) => items.iter().for_each(visit),
        Node::Dict(items) => items.iter().for_each(|(key, value)| {
            visit(key);
            visit(value);
        }),
        Node::Binary(_, left, right) | Node::And(left, right) | Node::Or(left, right) | Node::Item(left, right) => {
            visit(left);
            visit(right);
        }
        Node::Not(inner) | Node::Neg(inner) | Node::Pos(inner) | Node::Attribute(inner, _) => visit(inner),
        Node::Compare(first, rest) => {
            visit(first);
            rest.iter().for_each(|(_, other)| visit(other));
        }
        Node::Cond(test, then, otherwise) => {
            visit(test);
            visit(then);
            otherwise.iter().for_each(|otherwise| visit(otherwise));
        }
        Node::Slice(parts) => parts.iter().flatten().for_each(visit),
        Node::Call(callee, arguments) | Node::Test(callee, _, arguments) => {
            visit(callee);
            of_arguments(arguments, visit);
        }
        Node::Filter(value, _, arguments) => {
            value.iter().for_each(|value| visit(value));
            of_arguments(arguments, visit);
        }
    }
}

fn of_arguments<'t>(arguments: &'t Arguments, visit: &mut dyn FnMut(&'t Expr)) {
    arguments.positional.iter().for_each(&mut *visit);
    arguments.keyword.iter().for_each(|(_, value)| visit(value));
    arguments.star.iter().for_each(|star| visit(star));
    arguments.double_star.iter().for_each(|star| visit(star));
}

/// What is right below a statement.
pub fn of_statement<'t>(statement: &'t Stmt, visit: &mut dyn FnMut(Child<'t>)) {
    match &statement.kind {
        StmtKind::Output(parts) => parts.iter().for_each(|part| {
            if let Part::Print(expr) = part {
                visit(Child::Expr(expr));
            }
        }),
        StmtKind::For(inner) => {
            exprs([&inner.target, &inner.iter], visit);
            body(&inner.body, visit);
            body(&inner.otherwise, visit);
            exprs(&inner.test, visit);
        }
        StmtKind::If(branches, otherwise) => {
            for (test, inner, _) in branches {
                visit(Child::Expr(test));
                body(inner, visit);
            }
            body(otherwise, visit);
        }
        StmtKind::Assign(target, value) => exprs([target, value], visit),
        StmtKind::Capture(target, filter, inner) => {
            visit(Child::Expr(target));
            exprs(filter, visit);
            body(inner, visit);
        }
        StmtKind::With(targets, values, inner) => {
            exprs(targets.iter().chain(values), visit);
            body(inner, visit);
        }
        StmtKind::Macro(_, signature) => of_signature(signature, visit),
        StmtKind::CallBlock(call, signature) => {
            visit(Child::Expr(call));
            of_signature(signature, visit);
        }
        StmtKind::FilterBlock(filter, inner) => {
            body(inner, visit);
            visit(Child::Expr(filter));
        }
        StmtKind::Autoescape(on, inner) => {
            visit(Child::Expr(on));
            body(inner, visit);
        }
        StmtKind::Block(block) => body(&block.body, visit),
        StmtKind::Extends(expr)
        | StmtKind::Include(expr, _)
        | StmtKind::Import(expr, _)
        | StmtKind::FromImport(expr, _)
        | StmtKind::SystemInclude(_, expr) => visit(Child::Expr(expr)),
    }
}

fn of_signature<'t>(signature: &'t Signature, visit: &mut dyn FnMut(Child<'t>)) {
    exprs(signature.parameters.iter().chain(&signature.defaults), visit);
    body(&signature.body, visit);
}

fn body<'t>(statements: &'t [Stmt], visit: &mut dyn FnMut(Child<'t>)) {
    statements.iter().for_each(|statement| visit(Child::Stmt(statement)));
}

fn exprs<'t>(exprs: impl IntoIterator<Item = &'t Expr>, visit: &mut dyn FnMut(Child<'t>)) {
    exprs.into_iter().for_each(|expr| visit(Child::Expr(expr)));
}
