//! PyYAML's `dump` in block style without aliases: what Peering Manager's filter `as_yaml` prints.
//!
//! `represent` turns a value into nodes, `scalar` says how a text may be written, `emit` writes.

mod emit;
mod represent;
mod resolve;
mod scalar;

use super::super::failure::Failure;
use super::super::run::Run;
use super::super::value::Value;

/// `yaml.dump(value, indent=indent, sort_keys=sort_keys, default_flow_style=False)`.
pub(super) fn dump(run: &Run, value: &Value, indent: usize, sort_keys: bool) -> Result<String, Failure> {
    let node = represent::node(run, value, sort_keys)?;
    let text = emit::document(&node, indent);
    run.charge(text.len() / 8)?;
    Ok(text)
}
