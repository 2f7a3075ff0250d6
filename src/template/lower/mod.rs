//! From the tree to a program: scopes become places, filters become functions, lines are those that Jinja2 reports.
//!
//! Jinja2 compiles a template to Python and maps Python's lines back, so a failure's line is that of the last marked
//! statement before it in the order of the generated code. [`Lowering::mark`] follows that order.

mod children;
mod expressions;
mod folding;
mod loops;
mod macros;
mod search;
mod statements;
mod symbols;

use std::collections::HashMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::Dialect;
use super::code::{Escape, Load, Procedure, Program, Scope, Variable};
use super::failure::Failure;
use super::parse::ast::{Block, Stmt, StmtKind};
use folding::Folding;
use symbols::{Begin, Ident, Scopes, Symbols};

/// Makes the program of a template.
pub fn lower(body: &[Stmt], dialect: Dialect) -> Result<Program, Failure> {
    let blocks = find_blocks(body)?;
    let mut lowering = Lowering::new(dialect);
    let root = lowering.root(body)?;
    let blocks = blocks.into_iter().map(|(block, line)| {
        let procedure = lowering.block(block, line)?;
        Ok((block.name.clone(), Arc::new(procedure)))
    });
    let blocks = blocks.collect::<Result<Vec<_>, Failure>>()?;
    Ok(Program { root, blocks })
}

fn find_blocks(body: &[Stmt]) -> Result<Vec<(&Block, usize)>, Failure> {
    let mut blocks: Vec<(&Block, usize)> = Vec::new();
    let mut twice = None;
    search::statements(body, &mut |statement| {
        let StmtKind::Block(block) = &statement.kind else { return };
        if blocks.iter().any(|(other, _)| other.name == block.name) {
            twice.get_or_insert((block.name.clone(), statement.line));
        }
        blocks.push((block, statement.line));
    });
    match twice {
        Some((name, line)) => Err(assertion(format!("block '{name}' defined twice"), line)),
        None => Ok(blocks),
    }
}

/// A `TemplateAssertionError`, as Jinja2's compiler raises it.
fn assertion(message: impl Into<String>, line: usize) -> Failure {
    Failure::jinja("TemplateAssertionError", message).at(line)
}

/// Where code stands.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are told apart one by one, as Jinja2 does")]
struct Frame {
    /// Its scope.
    scope: usize,
    /// The function that it is in.
    function: usize,
    /// The template's own scope, also inside of `if`.
    toplevel: bool,
    /// The template's own scope, not inside of anything.
    rootlevel: bool,
    /// Inside of `if`, where unknown filters fail only when they are used.
    soft: bool,
    /// Whether a parent template would swallow what is printed here.
    output_check: bool,
}

impl Frame {
    /// The same place inside of an `if`.
    fn soft(self) -> Frame {
        Frame { rootlevel: false, soft: true, ..self }
    }

    /// A scope in this place.
    fn inner(self, scope: usize, function: usize) -> Frame {
        Frame { scope, function, toplevel: false, rootlevel: false, soft: false, ..self }
    }
}

/// A function of the program: its variables, and the one around it.
#[derive(Default)]
struct Function {
    parent: Option<usize>,
    slots: HashMap<Ident, usize>,
}

struct Lowering {
    dialect: Dialect,
    scopes: Scopes,
    functions: Vec<Function>,
    /// The line of the last marked statement.
    mark: usize,
    escape: Escape,
    /// Whether an `extends` that always counts has been seen.
    extended: bool,
    /// Whether the expression at hand is one that Jinja2 tries to compute itself.
    tried: bool,
    folding: Folding,
    /// What `autoescape` was when it was last known, which is what Jinja2 goes by while it compiles.
    escaping: bool,
}

impl Lowering {
    fn new(dialect: Dialect) -> Lowering {
        Lowering {
            dialect,
            scopes: Scopes::default(),
            functions: Vec::new(),
            mark: 1,
            escape: Escape::Off,
            extended: false,
            tried: false,
            folding: Folding::new(dialect),
            escaping: false,
        }
    }

    fn root(&mut self, body: &[Stmt]) -> Result<Procedure, Failure> {
        let mut extends = false;
        search::statements(body, &mut |statement| extends |= matches!(statement.kind, StmtKind::Extends(_)));
        let special = if search::undeclared(body, &["self"]).is_empty() { [].as_slice() } else { &["self"] };
        let frame =
            Frame { scope: 0, function: 0, toplevel: true, rootlevel: true, soft: false, output_check: extends };
        self.procedure(frame, special, body)
    }

    fn block(&mut self, block: &Block, line: usize) -> Result<Procedure, Failure> {
        self.mark = line;
        let special = search::undeclared(&block.body, &["self", "super"]);
        let frame =
            Frame { scope: 0, function: 0, toplevel: false, rootlevel: false, soft: false, output_check: false };
        self.procedure(frame, &special, &block.body)
    }

    /// A function without one around it. Its special names are set from outside.
    fn procedure(&mut self, frame: Frame, special: &[&str], body: &[Stmt]) -> Result<Procedure, Failure> {
        let function = self.function(None);
        let mut symbols = Symbols { function, ..Symbols::default() };
        for name in special {
            symbols.parameter(&Arc::from(*name));
        }
        symbols.visit_body(&self.scopes, body);
        let scope = self.scopes.add(symbols);
        let frame = Frame { scope, function, ..frame };
        let mut steps = Vec::new();
        self.enter(scope, &mut steps);
        self.body(body, frame, &mut steps)?;
        let slot =
            |lowering: &mut Lowering, name| special.contains(&name).then(|| lowering.slot_of(frame, name)).flatten();
        let (self_slot, super_slot) = (slot(self, "self"), slot(self, "super"));
        Ok(Procedure { slots: self.functions[function].slots.len(), self_slot, super_slot, body: steps })
    }

    fn slot_of(&mut self, frame: Frame, name: &str) -> Option<usize> {
        self.variable(frame, name).ok().map(|variable| variable.slot)
    }

    fn function(&mut self, parent: Option<usize>) -> usize {
        self.functions.push(Function { parent, slots: HashMap::new() });
        self.functions.len() - 1
    }

    fn slot(&mut self, function: usize, ident: &Ident) -> usize {
        // Python takes names as one that look alike: they share a place.
        let name: String = ident.name.nfkc().collect();
        let slots = &mut self.functions[function].slots;
        let next = slots.len();
        *slots.entry(Ident { level: ident.level, name: name.into() }).or_insert(next)
    }

    /// The place of a name as it is seen from here. A name that no scope was told of makes Jinja2 itself fail.
    fn variable(&mut self, frame: Frame, name: &str) -> Result<Variable, Failure> {
        let Some((ident, owner)) = self.scopes.find(frame.scope, name) else {
            let message = format!("Tried to resolve a name to a reference that was unknown to the frame ('{name}')");
            return Err(Failure::raised("AssertionError", message));
        };
        let ident = ident.clone();
        Ok(self.place(frame.function, owner, &ident))
    }

    fn place(&mut self, from: usize, owner: usize, ident: &Ident) -> Variable {
        let slot = self.slot(owner, ident);
        let (mut hops, mut function) = (0, from);
        while function != owner {
            let Some(parent) = self.functions[function].parent else { break };
            function = parent;
            hops += 1;
        }
        Variable { hops, slot }
    }

    /// How the variables of a scope begin, and which end with it.
    fn scope(&mut self, scope: usize) -> Scope {
        let symbols = self.scopes.get(scope).clone();
        let mut lowered = Scope::default();
        for (ident, begin) in &symbols.loads {
            let slot = self.slot(symbols.function, ident);
            lowered.leaves.push(slot);
            let load = match begin {
                Begin::Parameter => continue,
                Begin::Resolve => Load::Resolve(ident.name.clone()),
                Begin::Missing => Load::Missing,
                Begin::Alias(outer) => Load::Alias(self.alias(&symbols, outer)),
            };
            lowered.loads.push((slot, load));
        }
        lowered
    }

    /// The place of a variable around this scope.
    fn alias(&mut self, symbols: &Symbols, outer: &Ident) -> Variable {
        let owner = symbols.parent.and_then(|parent| self.scopes.find(parent, &outer.name)).map(|(_, owner)| owner);
        self.place(symbols.function, owner.unwrap_or(symbols.function), outer)
    }

    /// A scope for these statements in this place.
    fn inner_frame(&mut self, frame: Frame, build: impl FnOnce(&mut Symbols, &Scopes)) -> Frame {
        let mut symbols = self.scopes.inner(frame.scope, frame.function);
        build(&mut symbols, &self.scopes);
        frame.inner(self.scopes.add(symbols), frame.function)
    }
}
