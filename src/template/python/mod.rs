//! What CPython does with plain texts and numbers, and Rust does otherwise: `repr`, cases, formats. Knows nothing of
//! templates and their values.

pub mod format_spec;
pub mod letters;
pub mod number;
mod unicode_tables;
