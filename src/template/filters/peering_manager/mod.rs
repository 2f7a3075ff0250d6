//! What Peering Manager adds to Jinja2: filters that work on plain data, filters that want its live objects, and `now`.
//!
//! A webhook's context is plain data, and so most of the filters on live objects fail on it, in words that are known;
//! an answer that only its database has is refused.

mod address;
mod live;
mod mac;
mod network;
mod now;
mod plain;

use super::Table;
use crate::template::value::Value;

/// The tables of its filters.
pub(super) const FILTERS: &[Table] = &[plain::FILTERS, live::FILTERS, address::FILTERS];

/// Its global of this name.
pub(super) fn global(name: &str) -> Option<Value> {
    (name == "now").then(now::value)
}
