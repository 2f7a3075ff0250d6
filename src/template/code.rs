//! A template made ready: names are places, filters are functions, and every step knows the line that Jinja2 would
//! report for it. The lowering writes it, the rest of the engine runs it.

use std::sync::Arc;

use super::call::Function;
use super::engine::Operator;
pub use super::parse::ast::{Comparison, Literal};

/// A whole template.
pub struct Program {
    /// The body.
    pub root: Procedure,
    /// The blocks by name.
    pub blocks: Vec<(Arc<str>, Arc<Procedure>)>,
}

/// A body with variables of its own: the root or a block.
pub struct Procedure {
    /// How many variables it has.
    pub slots: usize,
    /// Where `self` goes, if it is used.
    pub self_slot: Option<usize>,
    /// Where `super` goes, if it is used.
    pub super_slot: Option<usize>,
    /// What it does.
    pub body: Vec<Stmt>,
}

/// The place of a variable: how many functions further out, and which of that one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Functions to go out.
    pub hops: usize,
    /// The place there.
    pub slot: usize,
}

/// How a variable begins when its scope is entered.
#[derive(Debug, Clone)]
pub enum Load {
    /// From the context, by name.
    Resolve(Arc<str>),
    /// As a copy of another one.
    Alias(Variable),
    /// Without a value.
    Missing,
}

/// The variables that a scope sets at its beginning and takes away at its end.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// At the beginning.
    pub loads: Vec<(usize, Load)>,
    /// At the end.
    pub leaves: Vec<usize>,
}

/// How printed values are made text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As they are.
    Off,
    /// Escaped.
    On,
    /// As the render says at that time.
    Volatile,
}

/// A step and the line that a failure in it gets.
pub struct Stmt {
    /// What it does.
    pub op: Op,
    /// From 1.
    pub line: usize,
}

/// The steps.
pub enum Op {
    /// Text of the template.
    Text(Arc<str>),
    /// A value printed.
    Print(Expr, Escape),
    /// Enters a scope.
    Enter(Vec<(usize, Load)>),
    /// Leaves a scope.
    Leave(Vec<usize>),
    /// Targets `ns.attr` must be namespaces.
    CheckNamespaces(Vec<Variable>),
    /// `set`
    Assign(Target, Expr, Vec<Export>),
    /// `set` with a body; the filters work on the text.
    Capture(Box<Capture>),
    /// One test after the other; each has its line.
    If(Vec<(Expr, Vec<Stmt>, usize)>, Vec<Stmt>),
    /// A loop.
    For(Arc<For>),
    /// A macro becomes a variable.
    Macro(Variable, Arc<Macro>, Option<Arc<str>>),
    /// A call with a body.
    CallBlock(Arc<Macro>, Expr),
    /// Filters over a body.
    FilterBlock(Vec<Stmt>, Expr),
    /// Sets what `autoescape` is; gives it back after the body.
    Autoescape(Expr, Vec<Stmt>),
    /// A block's place.
    Block(BlockPlace),
    /// `include`, `extends`, `import`: what it is, the template, whether a missing one is passed over.
    Template(Inclusion, Expr, bool),
}

/// Ways to use another template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inclusion {
    /// Of one by name: `extends`, `import`, or `include` with a literal.
    One,
    /// `include` of a literal list.
    Select,
    /// `include` of whatever comes.
    Any,
    /// A tag of the system's own.
    System(Arc<str>),
}

/// A name that the context learns, and where its value is.
pub type Export = (Arc<str>, Variable);

/// A body that becomes a value.
pub struct Capture {
    /// The body.
    pub body: Vec<Stmt>,
    /// The filters, over the text.
    pub filter: Option<Expr>,
    /// Where it goes.
    pub target: Target,
    /// What the context learns.
    pub exports: Vec<Export>,
}

/// The place of a block.
pub struct BlockPlace {
    /// Its name.
    pub name: Arc<str>,
    /// The variables that it sees, if it is scoped.
    pub scoped: Option<Vec<Export>>,
    /// Whether it must be overridden.
    pub required: bool,
}

/// Where values go.
pub enum Target {
    /// A variable.
    Variable(Variable),
    /// An attribute of a namespace.
    Namespace(Variable, Arc<str>),
    /// As many as there are.
    Tuple(Vec<Target>),
}

/// A loop.
pub struct For {
    /// What is looped over.
    pub iter: Expr,
    /// The filter, a function of its own.
    pub filter: Option<Arc<LoopFilter>>,
    /// What is set for each item.
    pub target: Target,
    /// Where `loop` goes, if it is used.
    pub loop_slot: Option<usize>,
    /// The body's scope.
    pub scope: Scope,
    /// The body.
    pub body: Vec<Stmt>,
    /// The scope and body for no items.
    pub otherwise: Option<(Scope, Vec<Stmt>)>,
    /// The number of variables, when it is a function that may call itself.
    pub recursive: Option<usize>,
    /// How a recursive loop's text comes back.
    pub escape: Escape,
    /// The line of the loop itself.
    pub line: usize,
}

/// The `if` of a loop.
pub struct LoopFilter {
    /// How many variables it has.
    pub slots: usize,
    /// Its scope.
    pub loads: Vec<(usize, Load)>,
    /// What is set for each item.
    pub target: Target,
    /// The test.
    pub test: Expr,
    /// The line of the test.
    pub line: usize,
}

/// A macro or call block.
pub struct Macro {
    /// Its name; a call block has none.
    pub name: Option<Arc<str>>,
    /// The parameters with their places and defaults.
    pub parameters: Vec<Parameter>,
    /// Where `caller` goes, if it is used without being a parameter.
    pub caller: Option<usize>,
    /// Where `kwargs` go.
    pub kwargs: Option<usize>,
    /// Where `varargs` go.
    pub varargs: Option<usize>,
    /// Whether `caller` is used at all.
    pub uses_caller: bool,
    /// How many variables it has.
    pub slots: usize,
    /// Its scope.
    pub loads: Vec<(usize, Load)>,
    /// The body.
    pub body: Vec<Stmt>,
    /// The line of its head.
    pub line: usize,
}

/// A parameter of a macro.
pub struct Parameter {
    /// Its name.
    pub name: Arc<str>,
    /// Its place.
    pub slot: usize,
    /// What it is without an argument.
    pub default: Option<Expr>,
}

/// Arguments of a call.
#[derive(Default)]
pub struct Arguments {
    /// In order.
    pub positional: Vec<Expr>,
    /// By name.
    pub keyword: Vec<(Arc<str>, Expr)>,
    /// `*args`
    pub star: Option<Expr>,
    /// `**kwargs`
    pub double_star: Option<Expr>,
}

/// A filter or test by its name; nothing where it is only known to be missing when it is used.
pub struct Named {
    /// The name.
    pub name: Arc<str>,
    /// What it does.
    pub function: Option<Function>,
}

/// The expressions.
pub enum Expr {
    /// A literal.
    Const(Literal),
    /// Markup that is known already.
    Markup(Arc<str>),
    /// A variable and its name.
    Name(Variable, Arc<str>),
    /// A tuple.
    Tuple(Vec<Expr>),
    /// A list.
    List(Vec<Expr>),
    /// A dict.
    Dict(Vec<(Expr, Expr)>),
    /// `left operator right`
    Binary(Operator, Box<(Expr, Expr)>),
    /// `and`
    And(Box<(Expr, Expr)>),
    /// `or`
    Or(Box<(Expr, Expr)>),
    /// `not`
    Not(Box<Expr>),
    /// `-x`
    Neg(Box<Expr>),
    /// `+x`
    Pos(Box<Expr>),
    /// `a ~ b`; whether Markup escapes the others.
    Concat(Vec<Expr>, bool),
    /// `a < b < c`
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    /// test, then, otherwise or the line to tell.
    Cond(Box<(Expr, Expr)>, Result<Box<Expr>, usize>),
    /// `x.name`
    Attribute(Box<Expr>, Arc<str>),
    /// `x[key]`
    Item(Box<(Expr, Expr)>),
    /// `x[a:b:c]`
    Slice(Box<Expr>, Box<[Option<Expr>; 3]>),
    /// `x(...)`
    Call(Box<Expr>, Box<Arguments>),
    /// A filter; without a value it works on the text of its body.
    Filter(Named, Option<Box<Expr>>, Box<Arguments>),
    /// A test.
    Test(Named, Box<Expr>, Box<Arguments>),
}
