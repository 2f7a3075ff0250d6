//! The terminal UI's brain: the model, what changes it, and what it asks the world to do. No drawing, no I/O.

mod input;

pub use input::{Input, Mouse, MouseKind};
