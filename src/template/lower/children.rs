//! Walking the tree: what is right below a node, in the order in which Jinja2 looks at it.

use crate::template::parse::ast::{Expr, Part, Signature, Stmt, StmtKind};

/// Something below a statement.
pub enum Child<'t> {
    /// A statement.
    Stmt(&'t Stmt),
    /// An expression or target.
    Expr(&'t Expr),
}

/// The expressions right below an expression.
pub fn of_expr<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&'t Expr)) {
    expr.children(visit);
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
    for statement in statements {
        visit(Child::Stmt(statement));
    }
}

fn exprs<'t>(exprs: impl IntoIterator<Item = &'t Expr>, visit: &mut dyn FnMut(Child<'t>)) {
    exprs.into_iter().for_each(|expr| visit(Child::Expr(expr)));
}
