//! What Jinja2 computes while it compiles, as far as that shows: there, a slice of what cannot be sliced is undefined
//! instead of an error, and a dict whose literal key cannot be hashed ends the compiling.

use super::children;
use crate::template::failure::Failure;
use crate::template::parse::ast::{Expr, Node};

/// Filters that need the context and so wait for the render.
const WAITING: [&str; 7] = ["map", "select", "reject", "selectattr", "rejectattr", "random", "now"];

/// Whether the whole expression is made of literals.
pub fn is_constant(expr: &Expr) -> bool {
    let own = match &expr.node {
        Node::Name(..) | Node::Namespace(..) | Node::Call(..) | Node::Filter(None, ..) | Node::Cond(_, _, None) => {
            false
        }
        Node::Filter(_, name, _) => !WAITING.contains(&&**name),
        _ => true,
    };
    let mut all = own;
    children::of_expr(expr, &mut |inner| all = all && is_constant(inner));
    all
}

/// Whether there is a slice somewhere in it.
pub fn has_slice(expr: &Expr) -> bool {
    let mut found = matches!(expr.node, Node::Slice(_));
    children::of_expr(expr, &mut |inner| found = found || has_slice(inner));
    found
}

/// Whether Jinja2 tries to compute what is below this.
pub fn is_tried(node: &Node) -> bool {
    !matches!(
        node,
        Node::Const(_)
            | Node::Name(..)
            | Node::Namespace(..)
            | Node::Tuple(_)
            | Node::List(_)
            | Node::Dict(_)
            | Node::Slice(_)
    )
}

/// The error of a dict whose literal keys cannot all be hashed.
pub fn check_keys(items: &[(Expr, Expr)]) -> Result<(), Failure> {
    for (key, value) in items {
        let class = match &key.node {
            Node::List(_) => "list",
            Node::Dict(_) => "dict",
            _ => "",
        };
        if !is_constant(key) || !is_constant(value) {
            return Ok(());
        }
        if !class.is_empty() {
            return Err(Failure::type_error(format!("unhashable type: '{class}'")));
        }
    }
    Ok(())
}
