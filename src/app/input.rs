//! What the terminal reports, in the program's own words.

use crate::config::Key;

/// One report of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed (or repeats).
    Key(Key),
    /// A mouse button or the wheel.
    Mouse(Mouse),
    /// Bracketed paste: text, never keys.
    Paste(String),
    /// The terminal has a new size, in cells.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The window came to the front (true) or went behind.
    Focus(bool),
}

/// A mouse report; position in cells from the upper left corner, which is 0, 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What happened.
    pub kind: MouseKind,
    /// Column.
    pub column: u16,
    /// Row.
    pub row: u16,
}

/// What a mouse report says; motion is never asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// The left button came up.
    Release,
    /// The wheel turned away from the user.
    WheelUp,
    /// The wheel turned to the user.
    WheelDown,
}
