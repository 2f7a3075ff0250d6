//! From text to a tree: Jinja2's grammar, with its messages and lines.

pub mod ast;
mod expression;
mod lexer;
mod literal;
mod statement;
mod stream;
mod tags;
mod token;
mod walk;

pub use literal::is_identifier;

use super::Dialect;
use super::failure::Failure;
use ast::Stmt;
use stream::Parser;

/// Parses a template.
pub fn parse(source: &str, dialect: Dialect) -> Result<Vec<Stmt>, Failure> {
    let mut parser = Parser::new(source, dialect)?;
    parser.body(None)
}
