//! The tree that the parser makes: what is written, before names are places.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::template::engine::Operator;

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `none`
    None,
    /// `true`, `false`
    Bool(bool),
    /// An integer.
    Int(BigInt),
    /// A float.
    Float(f64),
    /// A string.
    Str(Arc<str>),
}

/// What a name does where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It is read.
    Load,
    /// It is set.
    Store,
    /// It is a parameter.
    Param,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `not in`
    NotIn,
}

/// An expression and the line that Jinja2 gives it.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// From 1.
    pub line: usize,
    /// How deep the tree below goes.
    pub depth: usize,
}

impl Expr {
    /// An expression of parts that are there already.
    pub fn new(node: Node, line: usize) -> Expr {
        let mut expr = Expr { node, line, depth: 0 };
        let mut deepest = 0;
        expr.children(&mut |child| deepest = child.depth.max(deepest));
        expr.depth = deepest + 1;
        expr
    }
}

/// Arguments as they are written.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// In order.
    pub positional: Vec<Expr>,
    /// By name.
    pub keyword: Vec<(Arc<str>, Expr)>,
    /// `*args`
    pub star: Option<Box<Expr>>,
    /// `**kwargs`
    pub double_star: Option<Box<Expr>>,
}

/// The parts of a slice.
pub type Slice = [Option<Expr>; 3];

/// The expressions.
#[derive(Debug, Clone)]
pub enum Node {
    /// A literal.
    Const(Literal),
    /// A name.
    Name(Arc<str>, Use),
    /// `ns.attr` as a target.
    Namespace(Arc<str>, Arc<str>),
    /// A tuple.
    Tuple(Vec<Expr>),
    /// A list.
    List(Vec<Expr>),
    /// A dict.
    Dict(Vec<(Expr, Expr)>),
    /// `left operator right`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `and`
    And(Box<Expr>, Box<Expr>),
    /// `or`
    Or(Box<Expr>, Box<Expr>),
    /// `not`
    Not(Box<Expr>),
    /// `-x`
    Neg(Box<Expr>),
    /// `+x`
    Pos(Box<Expr>),
    /// `a ~ b`
    Concat(Vec<Expr>),
    /// `a < b < c`
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    /// `x if test else y`: test, x, y.
    Cond(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    /// `x.name`
    Attribute(Box<Expr>, Arc<str>),
    /// `x[key]`
    Item(Box<Expr>, Box<Expr>),
    /// `a:b:c` in brackets.
    Slice(Box<Slice>),
    /// `x(...)`
    Call(Box<Expr>, Box<Arguments>),
    /// `x|name(...)`; in a filter block the value comes from elsewhere.
    Filter(Option<Box<Expr>>, Arc<str>, Box<Arguments>),
    /// `x is name(...)`
    Test(Box<Expr>, Arc<str>, Box<Arguments>),
}

/// The head and body of a macro or call block.
#[derive(Debug, Clone)]
pub struct Signature {
    /// The parameters, all [`Node::Name`].
    pub parameters: Vec<Expr>,
    /// The defaults of the last ones.
    pub defaults: Vec<Expr>,
    /// The body.
    pub body: Vec<Stmt>,
}

/// A loop.
#[derive(Debug, Clone)]
pub struct For {
    /// What is set for each item.
    pub target: Expr,
    /// What is looped over.
    pub iter: Expr,
    /// The body.
    pub body: Vec<Stmt>,
    /// What stands in for no items.
    pub otherwise: Vec<Stmt>,
    /// The filter.
    pub test: Option<Expr>,
    /// Whether it may call itself.
    pub recursive: bool,
}

/// A block.
#[derive(Debug, Clone)]
pub struct Block {
    /// Its name.
    pub name: Arc<str>,
    /// The body.
    pub body: Vec<Stmt>,
    /// Whether it sees the variables around it.
    pub scoped: bool,
    /// Whether it must be overridden.
    pub required: bool,
}

/// A statement and its line.
#[derive(Debug, Clone)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// From 1.
    pub line: usize,
}

/// A part of the output.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text of the template.
    Text(Arc<str>),
    /// Something printed.
    Print(Expr),
}

/// The statements.
#[derive(Debug, Clone)]
pub enum StmtKind {
    /// Text and prints in a row.
    Output(Vec<Part>),
    /// A loop.
    For(Box<For>),
    /// The tests with their bodies and lines, and what else.
    If(Vec<(Expr, Vec<Stmt>, usize)>, Vec<Stmt>),
    /// `set target = value`
    Assign(Expr, Expr),
    /// `set target | filter`, the body.
    Capture(Expr, Option<Expr>, Vec<Stmt>),
    /// `with`: targets, values, body.
    With(Vec<Expr>, Vec<Expr>, Vec<Stmt>),
    /// `macro name(...)`
    Macro(Arc<str>, Signature),
    /// `call(...) expression`
    CallBlock(Expr, Signature),
    /// `filter`: the filters, the body.
    FilterBlock(Expr, Vec<Stmt>),
    /// `autoescape`
    Autoescape(Expr, Vec<Stmt>),
    /// `block`
    Block(Block),
    /// `extends`
    Extends(Expr),
    /// `include`, and whether a missing template is passed over.
    Include(Expr, bool),
    /// `import x as name`
    Import(Expr, Arc<str>),
    /// `from x import names`, by the names that they get here.
    FromImport(Expr, Vec<Arc<str>>),
    /// A tag that Peering Manager adds: `include_configuration`.
    SystemInclude(Arc<str>, Expr),
}
