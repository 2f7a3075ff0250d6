//! Key text: how a key is written in the configuration, in hints, in help and in the README (`j`, `ctrl-d`, `pgdn`).

use std::fmt;
use std::str::FromStr;

/// A key as the keyboard sends it. Shift is part of the character; alt chords do not exist here on purpose, because
/// some systems turn them into other characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Whether ctrl was held.
    pub ctrl: bool,
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyCode {
    /// A printable character, `' '` included.
    Char(char),
    /// Function keys, 1 to 12.
    F(u8),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Shift and tabulator.
    BackTab,
    /// Delete to the left.
    Backspace,
    /// Delete to the right.
    Delete,
    /// Cursor keys.
    Up,
    /// Cursor keys.
    Down,
    /// Cursor keys.
    Left,
    /// Cursor keys.
    Right,
    /// First.
    Home,
    /// Last.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
}

/// Names of keys that are no characters, as written.
const NAMES: [(&str, KeyCode); 15] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("del", KeyCode::Delete),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
];

impl Key {
    /// A key without ctrl.
    pub const fn new(code: KeyCode) -> Self {
        Self { code, ctrl: false }
    }

    /// A character without ctrl.
    pub const fn char(char: char) -> Self {
        Self::new(KeyCode::Char(char))
    }

    /// A character with ctrl.
    pub const fn ctrl(char: char) -> Self {
        Self { code: KeyCode::Char(char), ctrl: true }
    }

    /// The character that a text field takes for this key.
    pub fn printable(self) -> Option<char> {
        match self.code {
            KeyCode::Char(char) if !self.ctrl => Some(char),
            _ => None,
        }
    }
}

/// Why a key text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a key: write one character, a name (enter, esc, tab, space, del, up, pgdn, f1 ..) or ctrl- and a letter"
)]
pub struct KeyError(String);

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut chars = text.chars();
        if let (Some(char), None) = (chars.next(), chars.next()) {
            return if char.is_control() || char == ' ' {
                Err(KeyError(text.to_owned()))
            } else {
                Ok(Self::char(char))
            };
        }
        let lower = text.to_ascii_lowercase();
        if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == lower) {
            return Ok(Self::new(*code));
        }
        if let Some(key) = lower.strip_prefix("ctrl-").and_then(ctrl) {
            return Ok(key);
        }
        let number = lower.strip_prefix('f').and_then(|digits| digits.parse().ok());
        let number = number.filter(|number| (1..=12).contains(number)).ok_or_else(|| KeyError(text.to_owned()))?;
        Ok(Self::new(KeyCode::F(number)))
    }
}

fn ctrl(rest: &str) -> Option<Key> {
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (Some(char), None) if char.is_ascii_graphic() => Some(Key::ctrl(char)),
        _ => None,
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(char) => write!(f, "{char}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read_as_it_is_written() {
        let named = NAMES.iter().map(|(_, code)| Key::new(*code));
        let chars = ('!'..='~').flat_map(|char| [Key::char(char), Key::ctrl(char.to_ascii_lowercase())]);
        let functions = (1..=12).map(|number| Key::new(KeyCode::F(number)));
        for key in named.chain(chars).chain(functions) {
            assert_eq!(key.to_string().parse::<Key>().as_ref(), Ok(&key), "{key}");
        }
    }

    #[test]
    fn refuses_what_no_keyboard_sends() {
        for text in ["", " ", "ctrl-", "ctrl-ab", "f0", "f13", "alt-x", "\u{1b}"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }
}
