//! JSON kept as the bytes that were sent: validated, indexed, folded, re-indented, never re-serialised.
//!
//! One scanner knows the grammar; index and formatters take what it finds. Numbers, escapes, key order and duplicate
//! keys are therefore always the sender's. Knows nothing of how rows are drawn.

mod error;
mod escape;
mod format;
mod index;
mod path;
mod rewrite;
mod row;
mod scan;
#[cfg(test)]
mod tests;
mod tree;

pub use error::JsonError;
pub(in crate::inspect) use escape::readable;
pub use format::{compact, pretty, validate};
pub use index::{JsonIndex, Node, NodeId};
pub use path::{NodePath, Step};
pub use rewrite::{Layout, Letters, Style, rewrite};
pub use tree::{Fold, Tree, TreeRow};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// `{..}`
    Object,
    /// `[..]`
    Array,
    /// `".."`
    String,
    /// `1.10`
    Number,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
}

impl NodeKind {
    /// Its name in the JSON specification: `object`, `array`, `string`, `number`, `boolean`, `null`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
        }
    }

    /// Whether it is an object or an array.
    pub fn is_container(self) -> bool {
        matches!(self, Self::Object | Self::Array)
    }
}
