//! `lint`: what is not to be found in what comes.

use super::document::{Entry, Layers};
use super::error::ConfigError;
use super::suggest::hint;
use crate::capture::Lint;

/// The codes under `off`.
pub(super) fn off(layers: &Layers) -> Result<Vec<Lint>, ConfigError> {
    let fields = layers.entry("lint")?.table()?;
    let mut off = Vec::new();
    for field in &fields {
        if field.name != "off" {
            return Err(field.unknown("key of lint", ["off"]));
        }
        for item in field.items() {
            off.push(code(&item)?);
        }
    }
    Ok(off)
}

fn code(item: &Entry) -> Result<Lint, ConfigError> {
    let code = item.text()?;
    let codes = Lint::ALL.iter().map(|lint| lint.code());
    Lint::from_code(code).ok_or_else(|| item.wrong(format_args!("cannot be {code:?}{}", hint(code, codes))))
}
