//! Defaults, file, environment and flags, made into validated settings; and how keys are written.

mod key;

pub use key::{Key, KeyCode, KeyError};
