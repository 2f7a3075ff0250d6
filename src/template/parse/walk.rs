//! What is right below an expression, in the order in which Jinja2 looks at it.

use super::ast::{Arguments, Expr, Node};

impl Expr {
    /// Calls this for every expression right below.
    pub fn children<'t>(&'t self, visit: &mut dyn FnMut(&'t Expr)) {
        match &self.node {
            Node::Const(_) | Node::Name(..) | Node::Namespace(..) => {}
            Node::Tuple(items) | Node::List(items) | Node::Concat(items) => items.iter().for_each(visit),
            Node::Dict(items) => items.iter().for_each(|(key, value)| {
                visit(key);
                visit(value);
            }),
            Node::Binary(_, left, right) | Node::And(left, right) | Node::Or(left, right) | Node::Item(left, right) => {
                visit(left);
                visit(right);
            }
            Node::Not(inner) | Node::Neg(inner) | Node::Pos(inner) | Node::Attribute(inner, _) => visit(inner),
            Node::Compare(first, rest) => {
                visit(first);
                for (_, other) in rest {
                    visit(other);
                }
            }
            Node::Cond(test, then, otherwise) => {
                visit(test);
                visit(then);
                if let Some(otherwise) = otherwise {
                    visit(otherwise);
                }
            }
            Node::Slice(parts) => parts.iter().flatten().for_each(visit),
            Node::Call(callee, arguments) | Node::Test(callee, _, arguments) => {
                visit(callee);
                of_arguments(arguments, visit);
            }
            Node::Filter(value, _, arguments) => {
                if let Some(value) = value {
                    visit(value);
                }
                of_arguments(arguments, visit);
            }
        }
    }
}

fn of_arguments<'t>(arguments: &'t Arguments, visit: &mut dyn FnMut(&'t Expr)) {
    arguments.positional.iter().for_each(&mut *visit);
    for (_, value) in &arguments.keyword {
        visit(value);
    }
    if let Some(star) = &arguments.star {
        visit(star);
    }
    if let Some(star) = &arguments.double_star {
        visit(star);
    }
}
