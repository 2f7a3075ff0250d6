//! Lowering statements, in the order in which Jinja2 writes their code.

use super::symbols::Symbols;
use super::{Frame, Lowering, assertion, search};
use crate::template::code::{BlockPlace, Capture, Escape, Export, Inclusion, Op, Stmt, Target};
use crate::template::failure::Failure;
use crate::template::parse::ast::{self, Literal, Node, Part, StmtKind, Use};

impl Lowering {
    /// A step at the last marked line.
    pub(super) fn push(&self, steps: &mut Vec<Stmt>, op: Op) {
        steps.push(Stmt { op, line: self.mark });
    }

    /// Enters a scope.
    pub(super) fn enter(&mut self, scope: usize, steps: &mut Vec<Stmt>) {
        let loads = self.scope(scope).loads;
        if !loads.is_empty() {
            self.push(steps, Op::Enter(loads));
        }
    }

    /// Leaves a scope.
    pub(super) fn leave(&mut self, scope: usize, steps: &mut Vec<Stmt>) {
        let leaves = self.scope(scope).leaves;
        if !leaves.is_empty() {
            self.push(steps, Op::Leave(leaves));
        }
    }

    /// Lowers statements into steps.
    pub(super) fn body(&mut self, body: &[ast::Stmt], frame: Frame, steps: &mut Vec<Stmt>) -> Result<(), Failure> {
        body.iter().try_for_each(|statement| self.statement(statement, frame, steps))
    }

    /// Lowers statements that stand alone.
    pub(super) fn block_of(&mut self, body: &[ast::Stmt], frame: Frame) -> Result<Vec<Stmt>, Failure> {
        let mut steps = Vec::new();
        self.body(body, frame, &mut steps)?;
        Ok(steps)
    }

    fn statement(&mut self, statement: &ast::Stmt, frame: Frame, steps: &mut Vec<Stmt>) -> Result<(), Failure> {
        let line = statement.line;
        match &statement.kind {
            StmtKind::Output(parts) => self.output(parts, frame, steps),
            StmtKind::For(inner) => self.for_(statement, inner, frame, steps),
            StmtKind::If(branches, otherwise) => self.if_(branches, otherwise, frame, steps),
            StmtKind::Assign(target, value) => self.assign(target, value, line, (frame, steps)),
            StmtKind::Capture(target, filter, body) => {
                self.capture(target, filter.as_ref(), body, (line, frame, steps))
            }
            StmtKind::With(targets, values, body) => self.with(targets, values, body, (frame, steps)),
            StmtKind::Macro(name, signature) => self.macro_(name, signature, line, (frame, steps)),
            StmtKind::CallBlock(call, signature) => self.call_block(call, signature, line, (frame, steps)),
            StmtKind::FilterBlock(filter, body) => self.filter_block(filter, body, line, (frame, steps)),
            StmtKind::Autoescape(on, body) => self.autoescape(on, body, frame, steps),
            StmtKind::Block(block) => self.place_block(block, line, frame, steps),
            StmtKind::Extends(template) => self.extends(template, line, frame, steps),
            StmtKind::Include(template, ignore) => self.include(template, *ignore, line, (frame, steps)),
            StmtKind::Import(template, _) | StmtKind::FromImport(template, _) => {
                self.mark = line;
                let template = self.expr(template, frame)?;
                self.push(steps, Op::Template(Inclusion::One, template, false));
                Ok(())
            }
            StmtKind::SystemInclude(tag, name) => {
                self.mark = line;
                let name = self.expr(name, frame)?;
                self.push(steps, Op::Template(Inclusion::System(tag.clone()), name, false));
                Ok(())
            }
        }
    }

    fn output(&mut self, parts: &[Part], frame: Frame, steps: &mut Vec<Stmt>) -> Result<(), Failure> {
        if frame.output_check && self.extended {
            return Ok(());
        }
        for part in parts {
            let op = match part {
                Part::Text(text) => Op::Text(text.clone()),
                Part::Print(expr) => {
                    let computed = self.printed(expr);
                    // What is computed already is text for Jinja2: it marks no line.
                    if computed.is_none() && !matches!(expr.node, Node::Const(_)) {
                        self.mark = expr.line;
                    }
                    match computed {
                        Some(op) => op,
                        None => Op::Print(self.expr(expr, frame)?, self.escape),
                    }
                }
            };
            self.push(steps, op);
        }
        Ok(())
    }

    fn if_(
        &mut self,
        branches: &[(ast::Expr, Vec<ast::Stmt>, usize)],
        otherwise: &[ast::Stmt],
        frame: Frame,
        steps: &mut Vec<Stmt>,
    ) -> Result<(), Failure> {
        let frame = frame.soft();
        let mut lowered = Vec::with_capacity(branches.len());
        for (test, body, line) in branches {
            self.mark = *line;
            let test = self.expr(test, frame)?;
            lowered.push((test, self.block_of(body, frame)?, *line));
        }
        let otherwise = self.block_of(otherwise, frame)?;
        self.push(steps, Op::If(lowered, otherwise));
        Ok(())
    }

    fn assign(
        &mut self,
        target: &ast::Expr,
        value: &ast::Expr,
        line: usize,
        (frame, steps): (Frame, &mut Vec<Stmt>),
    ) -> Result<(), Failure> {
        let namespaces = search::namespaces(target);
        if !namespaces.is_empty() {
            let variables = namespaces.iter().map(|name| self.variable(frame, name)).collect::<Result<_, _>>()?;
            self.push(steps, Op::CheckNamespaces(variables));
        }
        self.mark = line;
        let lowered = self.target(target, frame)?;
        let value = self.expr(value, frame)?;
        let exports = self.exports(target, frame)?;
        self.push(steps, Op::Assign(lowered, value, exports));
        Ok(())
    }

    /// What the context learns from an assignment: names of the template's own scope.
    fn exports(&mut self, target: &ast::Expr, frame: Frame) -> Result<Vec<Export>, Failure> {
        match &target.node {
            Node::Name(name, Use::Store) if frame.toplevel => Ok(vec![(name.clone(), self.variable(frame, name)?)]),
            Node::Tuple(items) => {
                let exports = items.iter().map(|item| self.exports(item, frame));
                Ok(exports.collect::<Result<Vec<_>, _>>()?.concat())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// A target of an assignment.
    pub(super) fn target(&mut self, target: &ast::Expr, frame: Frame) -> Result<Target, Failure> {
        Ok(match &target.node {
            Node::Namespace(name, attribute) => Target::Namespace(self.variable(frame, name)?, attribute.clone()),
            Node::Tuple(items) => {
                Target::Tuple(items.iter().map(|item| self.target(item, frame)).collect::<Result<_, _>>()?)
            }
            Node::Name(name, _) => Target::Variable(self.variable(frame, name)?),
            _ => return Err(Failure::raised("SyntaxError", "cannot assign to expression")),
        })
    }

    fn capture(
        &mut self,
        target: &ast::Expr,
        filter: Option<&ast::Expr>,
        body: &[ast::Stmt],
        (line, frame, steps): (usize, Frame, &mut Vec<Stmt>),
    ) -> Result<(), Failure> {
        let inner = self.inner_frame(frame, |symbols, scopes| symbols.visit_body(scopes, body));
        let inner = Frame { output_check: false, ..inner };
        self.enter(inner.scope, steps);
        let body = self.block_of(body, inner)?;
        self.mark = line;
        let lowered = self.target(target, frame)?;
        let filter = filter.map(|filter| self.expr(filter, inner)).transpose()?;
        let exports = self.exports(target, frame)?;
        self.push(steps, Op::Capture(Box::new(Capture { body, filter, target: lowered, exports })));
        self.leave(inner.scope, steps);
        Ok(())
    }

    fn with(
        &mut self,
        targets: &[ast::Expr],
        values: &[ast::Expr],
        body: &[ast::Stmt],
        (frame, steps): (Frame, &mut Vec<Stmt>),
    ) -> Result<(), Failure> {
        let inner = self.inner_frame(frame, |symbols, scopes| {
            for target in targets {
                symbols.visit_expr(scopes, target);
            }
            symbols.visit_body(scopes, body);
        });
        self.enter(inner.scope, steps);
        for (target, value) in targets.iter().zip(values) {
            let target = self.target(target, inner)?;
            let value = self.expr(value, frame)?;
            self.push(steps, Op::Assign(target, value, Vec::new()));
        }
        self.body(body, inner, steps)?;
        self.leave(inner.scope, steps);
        Ok(())
    }

    fn filter_block(
        &mut self,
        filter: &ast::Expr,
        body: &[ast::Stmt],
        line: usize,
        (frame, steps): (Frame, &mut Vec<Stmt>),
    ) -> Result<(), Failure> {
        let inner = self.inner_frame(frame, |symbols, scopes| {
            symbols.visit_body(scopes, body);
            symbols.visit_expr(scopes, filter);
        });
        self.enter(inner.scope, steps);
        let body = self.block_of(body, inner)?;
        self.mark = line;
        let filter = self.expr(filter, inner)?;
        self.push(steps, Op::FilterBlock(body, filter));
        self.leave(inner.scope, steps);
        Ok(())
    }

    fn autoescape(
        &mut self,
        on: &ast::Expr,
        body: &[ast::Stmt],
        frame: Frame,
        steps: &mut Vec<Stmt>,
    ) -> Result<(), Failure> {
        let inner = self.inner_frame(frame, |symbols: &mut Symbols, scopes| {
            symbols.visit_expr(scopes, on);
            symbols.visit_body(scopes, body);
        });
        self.enter(inner.scope, steps);
        let lowered = self.expr(on, inner)?;
        let escape = self.known_escape(on)?;
        let before = (std::mem::replace(&mut self.escape, escape), self.escaping);
        if escape != Escape::Volatile {
            self.escaping = escape == Escape::On;
        }
        let body = self.block_of(body, inner);
        (self.escape, self.escaping) = before;
        self.push(steps, Op::Autoescape(lowered, body?));
        self.leave(inner.scope, steps);
        Ok(())
    }

    fn place_block(
        &mut self,
        block: &ast::Block,
        line: usize,
        frame: Frame,
        steps: &mut Vec<Stmt>,
    ) -> Result<(), Failure> {
        if frame.toplevel && self.extended {
            return Ok(());
        }
        let scoped = if block.scoped {
            let names = self.scopes.stores(frame.scope);
            let exports = names.into_iter().map(|name| Ok((name.clone(), self.variable(frame, &name)?)));
            Some(exports.collect::<Result<_, Failure>>()?)
        } else {
            None
        };
        self.mark = line;
        let place = BlockPlace { name: block.name.clone(), scoped, required: block.required };
        self.push(steps, Op::Block(place));
        Ok(())
    }

    fn extends(
        &mut self,
        template: &ast::Expr,
        line: usize,
        frame: Frame,
        steps: &mut Vec<Stmt>,
    ) -> Result<(), Failure> {
        if !frame.toplevel {
            return Err(assertion("cannot use extend from a non top-level scope", line));
        }
        self.mark = line;
        let template = self.expr(template, frame)?;
        self.push(steps, Op::Template(Inclusion::One, template, false));
        self.extended |= frame.rootlevel;
        Ok(())
    }

    fn include(
        &mut self,
        template: &ast::Expr,
        ignore: bool,
        line: usize,
        (frame, steps): (Frame, &mut Vec<Stmt>),
    ) -> Result<(), Failure> {
        let inclusion = match &template.node {
            Node::Const(Literal::Str(_)) => Inclusion::One,
            Node::Tuple(_) | Node::List(_) => Inclusion::Select,
            _ => Inclusion::Any,
        };
        self.mark = line;
        let template = self.expr(template, frame)?;
        self.push(steps, Op::Template(inclusion, template, ignore));
        Ok(())
    }

    /// What `autoescape` is set to, as far as literals say it.
    fn known_escape(&self, on: &ast::Expr) -> Result<Escape, Failure> {
        Ok(match self.constant(on)? {
            Some(value) if self.folding.truth(&value) => Escape::On,
            Some(_) => Escape::Off,
            None => Escape::Volatile,
        })
    }
}
