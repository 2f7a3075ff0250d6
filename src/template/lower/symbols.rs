//! Which name means which variable: Jinja2's rules of scoping.
//!
//! Every scope has a level; a variable is a name at a level. Reading a name that no scope around knows takes it from
//! the context when the scope is entered; setting one that a scope around knows makes a copy of it for this scope.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::children::{self, Child};
use crate::template::parse::ast::{Expr, Node, Stmt, StmtKind, Use};

/// A variable: a name at a level.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ident {
    /// The level of the scope that made it.
    pub level: usize,
    /// The name.
    pub name: Arc<str>,
}

/// How a variable begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// It is a parameter.
    Parameter,
    /// From the context.
    Resolve,
    /// As a copy of one further out.
    Alias(Ident),
    /// Without a value.
    Missing,
}

/// The names of one scope.
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    /// The scope around.
    pub parent: Option<usize>,
    /// The function that it is in.
    pub function: usize,
    /// Its level.
    pub level: usize,
    /// The variables by name.
    pub refs: BTreeMap<Arc<str>, Ident>,
    /// How they begin.
    pub loads: IndexMap<Ident, Begin>,
    /// The names that are set here.
    pub stores: BTreeSet<Arc<str>>,
}

/// All scopes; the last one made is not yet in while it is analysed.
#[derive(Default)]
pub struct Scopes {
    all: Vec<Symbols>,
}

impl Scopes {
    /// An empty scope in another one.
    pub fn inner(&self, parent: usize, function: usize) -> Symbols {
        let level = self.all[parent].level + 1;
        Symbols { parent: Some(parent), function, level, ..Symbols::default() }
    }

    /// Keeps a scope; its number.
    pub fn add(&mut self, symbols: Symbols) -> usize {
        self.all.push(symbols);
        self.all.len() - 1
    }

    /// A scope by its number.
    pub fn get(&self, scope: usize) -> &Symbols {
        &self.all[scope]
    }

    /// The variable of this name as this scope sees it, and the function that it belongs to.
    pub fn find(&self, scope: usize, name: &str) -> Option<(&Ident, usize)> {
        let symbols = &self.all[scope];
        match symbols.refs.get(name) {
            Some(ident) => Some((ident, symbols.function)),
            None => self.find(symbols.parent?, name),
        }
    }

    /// All names that are set in this scope or around it.
    pub fn stores(&self, scope: usize) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        let mut next = Some(scope);
        while let Some(scope) = next {
            names.extend(self.all[scope].stores.iter().cloned());
            next = self.all[scope].parent;
        }
        names.sort();
        names.dedup();
        names
    }
}

impl Symbols {
    fn outer<'s>(&self, scopes: &'s Scopes, name: &str) -> Option<&'s Ident> {
        scopes.find(self.parent?, name).map(|(ident, _)| ident)
    }

    fn define(&mut self, name: &Arc<str>, begin: Begin) {
        let ident = Ident { level: self.level, name: name.clone() };
        self.refs.insert(name.clone(), ident.clone());
        self.loads.insert(ident, begin);
    }

    /// The name is a parameter here.
    pub fn parameter(&mut self, name: &Arc<str>) {
        self.stores.insert(name.clone());
        self.define(name, Begin::Parameter);
    }

    /// Whether the name is a parameter here.
    pub fn is_parameter(&self, name: &Arc<str>) -> bool {
        self.refs.get(name).is_some_and(|ident| self.loads.get(ident) == Some(&Begin::Parameter))
    }

    fn store(&mut self, scopes: &Scopes, name: &Arc<str>) {
        self.stores.insert(name.clone());
        if !self.refs.contains_key(name) {
            let begin = self.outer(scopes, name).map_or(Begin::Missing, |outer| Begin::Alias(outer.clone()));
            self.define(name, begin);
        }
    }

    /// The name is read here.
    pub fn load(&mut self, scopes: &Scopes, name: &Arc<str>) {
        if !self.refs.contains_key(name) && self.outer(scopes, name).is_none() {
            self.define(name, Begin::Resolve);
        }
    }

    /// Puts the branches of an `if` together: what only a branch sets begins outside of it.
    fn branches(&mut self, scopes: &Scopes, branches: Vec<Symbols>) {
        let stores: BTreeSet<Arc<str>> = branches.iter().flat_map(|branch| branch.stores.iter().cloned()).collect();
        let fresh: Vec<Arc<str>> = stores.difference(&self.stores).cloned().collect();
        for branch in branches {
            self.refs.extend(branch.refs);
            self.loads.extend(branch.loads);
            self.stores.extend(branch.stores);
        }
        for name in fresh {
            let Some(ident) = self.refs.get(&name).cloned() else { continue };
            let begin = self.outer(scopes, &name).map_or(Begin::Resolve, |outer| Begin::Alias(outer.clone()));
            self.loads.insert(ident, begin);
        }
    }

    /// Reads statements of this scope.
    pub fn visit_body(&mut self, scopes: &Scopes, body: &[Stmt]) {
        for statement in body {
            self.visit(scopes, statement);
        }
    }

    /// Reads a statement, without going into scopes of its own.
    fn visit(&mut self, scopes: &Scopes, statement: &Stmt) {
        match &statement.kind {
            StmtKind::If(branches, otherwise) => self.visit_if(scopes, branches, otherwise),
            StmtKind::Macro(name, _) => self.store(scopes, name),
            StmtKind::Import(template, name) => {
                self.visit_expr(scopes, template);
                self.store(scopes, name);
            }
            StmtKind::FromImport(template, names) => {
                self.visit_expr(scopes, template);
                for name in names {
                    self.store(scopes, name);
                }
            }
            StmtKind::Assign(target, value) => {
                self.visit_expr(scopes, value);
                self.visit_expr(scopes, target);
            }
            StmtKind::Capture(target, ..) => self.visit_expr(scopes, target),
            StmtKind::For(inner) => self.visit_expr(scopes, &inner.iter),
            StmtKind::CallBlock(call, _) => self.visit_expr(scopes, call),
            StmtKind::FilterBlock(filter, _) => self.visit_expr(scopes, filter),
            StmtKind::With(_, values, _) => values.iter().for_each(|value| self.visit_expr(scopes, value)),
            StmtKind::Autoescape(..) | StmtKind::Block(_) => {}
            StmtKind::Output(_) | StmtKind::Extends(_) | StmtKind::Include(..) | StmtKind::SystemInclude(..) => {
                children::of_statement(statement, &mut |child| {
                    if let Child::Expr(expr) = child {
                        self.visit_expr(scopes, expr);
                    }
                });
            }
        }
    }

    fn visit_if(&mut self, scopes: &Scopes, branches: &[(Expr, Vec<Stmt>, usize)], otherwise: &[Stmt]) {
        let Some(((test, body, _), elifs)) = branches.split_first() else { return };
        self.visit_expr(scopes, test);
        let mut first = self.clone();
        first.visit_body(scopes, body);
        let mut second = self.clone();
        // Each `elif` is an `if` of its own here, one after the other.
        for at in 0..elifs.len() {
            second.visit_if(scopes, &elifs[at..=at], &[]);
        }
        let mut third = self.clone();
        third.visit_body(scopes, otherwise);
        self.branches(scopes, vec![first, second, third]);
    }

    /// Reads an expression or a target.
    pub fn visit_expr(&mut self, scopes: &Scopes, expr: &Expr) {
        match &expr.node {
            Node::Name(name, Use::Load) | Node::Namespace(name, _) => self.load(scopes, name),
            Node::Name(name, Use::Store) => self.store(scopes, name),
            Node::Name(name, Use::Param) => self.parameter(name),
            _ => children::of_expr(expr, &mut |inner| self.visit_expr(scopes, inner)),
        }
    }

    /// Reads a target whose names are parameters here.
    pub fn visit_target(&mut self, target: &Expr) {
        match &target.node {
            Node::Name(name, _) => self.parameter(name),
            _ => children::of_expr(target, &mut |inner| self.visit_target(inner)),
        }
    }
}
