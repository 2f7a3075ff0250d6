//! The terminal: taking and giving it back, what it sends, what is asked of the programs around it (clipboard, editor,
//! pager), and the signals that end or pause the program. Knows inputs and keys, not what they mean.

pub mod child;
pub mod clipboard;
mod compare;
mod complete;
mod conditions;
pub mod effects;
mod frame;
mod guard;
pub mod input;
mod lab;
mod load;
mod modes;
mod outside;
pub mod panic;
mod rules;
pub mod run;
pub mod save;
pub mod screen;
pub mod signals;
mod tty;

pub use tty::size as terminal_size;
