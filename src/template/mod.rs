//! Templates: a Jinja engine whose output equals what Python's Jinja2 3.1 prints in Peering Manager and NetBox.
//!
//! ```text
//!  source --- parse: tokens, tree ---> lower: places, functions, lines ---> code
//!                                                                             |
//!  JSON --- json: values ---> context                                         v
//!                                '--------> execute: steps, evaluate: expressions ---> text, notes
//!                                              |  ask
//!                  lookup, compare, engine, iteration, call: what Python does with values
//!                  filters, predicates, methods, globals: what templates call;  print: str, repr, formats
//! ```
//!
//! The room is pure: no clock, no files, no runtime. Nothing of it panics, and limits keep a template from taking more
//! than its share; what cannot be had without the system itself is refused by name, never guessed.

mod answers;
mod blocks;
mod call;
mod code;
mod compare;
mod convert;
mod dict;
mod ending;
mod engine;
mod evaluate;
mod execute;
mod failure;
mod filters;
mod globals;
mod inclusion;
mod iteration;
mod json;
mod locals;
mod lookup;
mod loops;
mod lower;
mod macros;
mod markup;
mod methods;
mod object;
mod parameters;
mod parse;
mod predicates;
mod print;
mod python;
mod run;
mod slices;
mod value;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use answers::{Order, Python, json_text};
pub(crate) use dict::Dict;
pub use failure::{Failure, InPlace, Raised, Refused};
pub use json::{JsonError, value_from_json};
pub use python::letters;
pub use run::Noticed;
pub use value::Value;

use code::Program;
use locals::Context;
use run::{Notes, Run};

/// Whose templates they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Jinja2 as it comes, sandboxed.
    Plain,
    /// Peering Manager: its own filters; an error becomes the body.
    PeeringManager,
    /// NetBox: the filter `env`.
    NetBox,
    /// NetBox's additional headers: the filter `header_safe` besides, from 4.7 on.
    NetBoxHeaders,
    /// Nautobot.
    Nautobot,
}

/// A template that can be rendered.
#[derive(Clone)]
pub struct Template {
    program: Arc<Program>,
    dialect: Dialect,
}

/// What a template comes to.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The text, byte for byte what the system would send, but for the markers.
    pub text: String,
    /// Names without a value that were printed, joined with texts, filtered or looped over.
    pub undefined: Vec<Noticed>,
    /// What could not be had, by name: the text has a marker in its place.
    pub markers: Vec<Noticed>,
    /// Values that printed in Python's own notation, by their class.
    pub reprs: Vec<Noticed>,
    /// Lines on which a text with a line break in it was printed.
    pub breaks: BTreeSet<usize>,
}

impl Template {
    /// Parses a template as the system does when it renders it.
    pub fn parse(source: &str, dialect: Dialect) -> Result<Template, Failure> {
        let program = parse::parse(source, dialect).and_then(|tree| lower::lower(&tree, dialect));
        let program = program.map_err(|failure| failure.told_by(dialect))?;
        Ok(Template { program: Arc::new(program), dialect })
    }

    /// Renders it with a dict as context, which stays as it is.
    pub fn render(&self, context: &Value, now: DateTime<Utc>) -> Result<Rendered, Failure> {
        let Value::Dict(data) = json::deep_copy(context) else {
            return Err(Failure::refused("a context that is no object"));
        };
        let run = Run::new(self.dialect, now);
        let context = Context::new(self.program.clone(), data, self.dialect, globals::find);
        let text = execute::procedure(&run, &context, "", &self.program.root);
        context.clear();
        let notes = run.finish();
        let Notes { undefined, markers, reprs, breaks } = notes;
        Ok(Rendered { text: text?, undefined, markers, reprs, breaks })
    }
}
