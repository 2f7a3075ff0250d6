//! The filters: Jinja2's own, and those of each system. Each file has a table of names and functions; a function gets
//! the value on the left as its first argument. Only those of Jinja2 that need chance (`random`) are refused.

mod apply;
mod attribute;
mod entities;
mod json;
mod link;
mod number;
mod order;
mod peering_manager;
mod pprint;
mod sequence;
mod text;
mod wrap;
mod yaml;

use super::Dialect;
use super::call::Function;
use super::failure::Failure;
use super::value::Value;

/// Names, sorted, with what they call.
type Table = &'static [(&'static str, Function)];

/// Jinja2's own filters.
const STOCK: [Table; 6] =
    [apply::FILTERS, number::FILTERS, order::FILTERS, sequence::FILTERS, text::FILTERS, link::FILTERS];

/// The filter of this name, where the dialect has it.
pub fn find(name: &str, dialect: Dialect) -> Option<Function> {
    own(dialect).iter().chain(&STOCK).find_map(|table| {
        let index = table.binary_search_by_key(&name, |row| row.0).ok()?;
        Some(table[index].1)
    })
}

/// The filters that a system adds, or replaces.
fn own(dialect: Dialect) -> &'static [Table] {
    match dialect {
        Dialect::PeeringManager => peering_manager::FILTERS,
        Dialect::NetBox => &[NETBOX],
        Dialect::NetBoxHeaders => &[NETBOX, NETBOX_HEADERS],
        _ => &[],
    }
}

/// NetBox lets templates read environment variables that its settings allow; as it comes, there is none.
const NETBOX: Table = &[("env", |_, _| Ok(Value::None))];

/// What header lines have besides, against values that end a line: <https://github.com/netbox-community/netbox/pull/22754>.
const NETBOX_HEADERS: Table = &[("header_safe", text::header_safe)];

/// The globals that a system adds: Peering Manager's `now`.
pub fn global(name: &str, dialect: Dialect) -> Option<Value> {
    if dialect == Dialect::PeeringManager { peering_manager::global(name) } else { None }
}

/// The text of `Markup.striptags`.
pub use text::without_tags;

/// The text of `html.unescape`.
pub use entities::unescaped;

/// Jinja2's complaint about a filter's arguments.
fn argument_error(message: impl Into<String>) -> Failure {
    Failure::jinja("FilterArgumentError", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_by_name() {
        for table in STOCK.iter().chain(peering_manager::FILTERS) {
            assert!(table.is_sorted_by(|left, right| left.0 < right.0));
        }
    }
}
