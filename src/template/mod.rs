//! Templates: a Jinja engine whose output equals what Python's Jinja2 3.1 prints in Peering Manager and NetBox.

mod call;
mod convert;
mod dict;
mod engine;
mod failure;
mod filters;
mod markup;
mod methods;
mod object;
mod parameters;
mod parse;
mod print;
mod python;
mod run;
mod value;

pub use failure::{Failure, Raised, Refused};
pub use value::Value;

/// Whose templates they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Jinja2 as it comes, sandboxed.
    Plain,
    /// Peering Manager: its own filters; an error becomes the body.
    PeeringManager,
    /// NetBox: the filter `env`.
    NetBox,
    /// Nautobot.
    Nautobot,
}
