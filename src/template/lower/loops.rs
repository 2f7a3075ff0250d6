//! Lowering loops: the filter as a function of its own, `loop` when it is used, recursion.

use std::sync::Arc;

use super::{Frame, Lowering, assertion, search};
use crate::template::code::{For, LoopFilter, Op, Stmt};
use crate::template::failure::Failure;
use crate::template::parse::ast::{self, StmtKind};

impl Lowering {
    /// Lowers a loop.
    pub(super) fn for_(
        &mut self,
        statement: &ast::Stmt,
        inner: &ast::For,
        frame: Frame,
        steps: &mut Vec<Stmt>,
    ) -> Result<(), Failure> {
        let function = if inner.recursive { self.function(Some(frame.function)) } else { frame.function };
        let extended = uses_loop(inner);
        let place = Frame { function, ..frame };
        let loop_frame = self.inner_frame(place, |symbols, scopes| {
            if extended {
                symbols.parameter(&Arc::from("loop"));
            }
            symbols.visit_target(&inner.target);
            symbols.visit_body(scopes, &inner.body);
        });
        let else_frame = self.inner_frame(place, |symbols, scopes| symbols.visit_body(scopes, &inner.otherwise));
        let filter = inner.test.as_ref().map(|test| self.loop_filter(inner, test, place)).transpose()?;
        if let Some(line) = search::first_store(statement, "loop") {
            return Err(assertion("Can't assign to special loop variable in for-loop target", line));
        }
        self.mark = statement.line;
        let target = self.target(&inner.target, loop_frame)?;
        let loop_slot = if extended { self.slot_of(loop_frame, "loop") } else { None };
        let early = if inner.recursive { None } else { Some(self.expr(&inner.iter, frame)?) };
        let body = self.block_of(&inner.body, loop_frame)?;
        let scope = self.scope(loop_frame.scope);
        let otherwise = if inner.otherwise.is_empty() {
            None
        } else {
            let body = self.block_of(&inner.otherwise, else_frame)?;
            Some((self.scope(else_frame.scope), body))
        };
        if inner.recursive {
            self.mark = statement.line;
        }
        let iter = match early {
            Some(iter) => iter,
            None => self.expr(&inner.iter, frame)?,
        };
        let recursive = inner.recursive.then(|| self.functions[function].slots.len());
        let escape = self.escape;
        let line = statement.line;
        let lowered = For { iter, filter, target, loop_slot, scope, body, otherwise, recursive, escape, line };
        steps.push(Stmt { op: Op::For(Arc::new(lowered)), line });
        Ok(())
    }

    fn loop_filter(&mut self, inner: &ast::For, test: &ast::Expr, place: Frame) -> Result<Arc<LoopFilter>, Failure> {
        let function = self.function(Some(place.function));
        let frame = self.inner_frame(Frame { function, ..place }, |symbols, scopes| {
            symbols.visit_target(&inner.target);
            symbols.visit_expr(scopes, test);
        });
        self.mark = test.line;
        let loads = self.scope(frame.scope).loads;
        let target = self.target(&inner.target, frame)?;
        let lowered = self.expr(test, frame)?;
        let slots = self.functions[function].slots.len();
        Ok(Arc::new(LoopFilter { slots, loads, target, test: lowered, line: test.line }))
    }
}

/// Whether a loop needs its `loop`: it is used, the loop calls itself, or a scoped block inside may use it.
fn uses_loop(inner: &ast::For) -> bool {
    if inner.recursive || !search::undeclared(&inner.body, &["loop"]).is_empty() {
        return true;
    }
    let mut scoped = false;
    for body in [&inner.body, &inner.otherwise] {
        search::statements(body, &mut |statement| {
            scoped |= matches!(&statement.kind, StmtKind::Block(block) if block.scoped);
        });
    }
    scoped
}
