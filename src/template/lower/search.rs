//! Questions about whole parts of a tree: which special names they use, what they hold somewhere inside.

use std::sync::Arc;

use super::children::{self, Child};
use crate::template::parse::ast::{Expr, Node, Stmt, StmtKind, Use};

/// Which of these names are read before they are set; blocks are not looked into.
pub fn undeclared(body: &[Stmt], names: &[&'static str]) -> Vec<&'static str> {
    let mut search = Undeclared { names: names.to_vec(), found: Vec::new() };
    for statement in body {
        search.statement(statement);
    }
    search.found
}

struct Undeclared {
    names: Vec<&'static str>,
    found: Vec<&'static str>,
}

impl Undeclared {
    fn statement(&mut self, statement: &Stmt) {
        if matches!(statement.kind, StmtKind::Block(_)) {
            return;
        }
        children::of_statement(statement, &mut |child| match child {
            Child::Stmt(inner) => self.statement(inner),
            Child::Expr(expr) => self.expr(expr),
        });
    }

    fn expr(&mut self, expr: &Expr) {
        let Node::Name(name, role) = &expr.node else {
            return children::of_expr(expr, &mut |inner| self.expr(inner));
        };
        match self.names.iter().copied().find(|own| *own == &**name) {
            Some(own) if *role == Use::Load => self.found.push(own),
            _ => self.names.retain(|own| *own != &**name),
        }
    }
}

/// Calls this for every statement in here, at any depth.
pub fn statements<'t>(body: &'t [Stmt], visit: &mut dyn FnMut(&'t Stmt)) {
    for statement in body {
        visit(statement);
        children::of_statement(statement, &mut |child| {
            if let Child::Stmt(inner) = child {
                statements(std::slice::from_ref(inner), visit);
            }
        });
    }
}

/// The line of the first place where this name is set, at any depth.
pub fn first_store(statement: &Stmt, name: &str) -> Option<usize> {
    let mut found = None;
    children::of_statement(statement, &mut |child| {
        let line = match child {
            Child::Stmt(inner) => first_store(inner, name),
            Child::Expr(expr) => store_in(expr, name),
        };
        found = found.or(line);
    });
    found
}

fn store_in(expr: &Expr, name: &str) -> Option<usize> {
    match &expr.node {
        Node::Name(own, Use::Store) if &**own == name => Some(expr.line),
        Node::Tuple(items) => items.iter().find_map(|item| store_in(item, name)),
        _ => None,
    }
}

/// The namespaces that a target sets attributes of, each once.
pub fn namespaces(target: &Expr) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    match &target.node {
        Node::Namespace(name, _) => names.push(name.clone()),
        Node::Tuple(items) => names.extend(items.iter().flat_map(namespaces)),
        _ => {}
    }
    let mut seen = Vec::new();
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(name.clone());
            true
        }
    });
    names
}
