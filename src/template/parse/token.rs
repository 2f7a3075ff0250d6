//! The words of a template, and how Jinja2's messages call them.

use std::sync::Arc;

use num_bigint::BigInt;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Text outside of all tags.
    Data(Arc<str>),
    /// `{{`
    VariableBegin,
    /// `}}`
    VariableEnd,
    /// `{%`
    BlockBegin,
    /// `%}`
    BlockEnd,
    /// A name or keyword.
    Name(Arc<str>),
    /// A string literal, unescaped.
    String(Arc<str>),
    /// An integer literal.
    Integer(BigInt),
    /// A float literal.
    Float(f64),
    /// An operator as it is written.
    Operator(&'static str),
    /// The end.
    Eof,
}

/// A token and its line.
#[derive(Debug, Clone)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// From 1.
    pub line: usize,
}

/// Longest first, so that the first that fits is right.
pub const OPERATORS: [&str; 26] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".",
    ":", "|", ",", ";",
];

impl Kind {
    /// Whether it is this name.
    pub fn is_name(&self, name: &str) -> bool {
        matches!(self, Kind::Name(own) if &**own == name)
    }

    /// Whether it is this operator.
    pub fn is(&self, operator: &str) -> bool {
        matches!(self, Kind::Operator(own) if *own == operator)
    }

    /// What messages call it.
    pub fn describe(&self) -> &str {
        match self {
            Kind::Data(_) => "template data / text",
            Kind::VariableBegin => "begin of print statement",
            Kind::VariableEnd => "end of print statement",
            Kind::BlockBegin => "begin of statement block",
            Kind::BlockEnd => "end of statement block",
            Kind::Name(name) => name,
            Kind::String(_) => "string",
            Kind::Integer(_) => "integer",
            Kind::Float(_) => "float",
            Kind::Operator(operator) => operator,
            Kind::Eof => "end of template",
        }
    }
}
