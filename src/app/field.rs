//! A line of text that the user edits. It takes every printable key and never runs a command.

use tui_input::{Input, InputRequest};

use crate::config::{Key, KeyCode};

/// A line of text with a cursor.
#[derive(Clone, Debug, Default)]
pub struct Field(Input);

impl Field {
    /// A field with this text, cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Input::new(text.into()))
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// The text in front of the cursor.
    pub fn before_cursor(&self) -> &str {
        let end = self.text().char_indices().nth(self.0.cursor()).map_or(self.text().len(), |(at, _)| at);
        &self.text()[..end]
    }

    /// Takes a key; says whether the text changed, or `None` when the key is not one of editing.
    pub fn key(&mut self, key: Key) -> Option<bool> {
        let before = self.text().len();
        let request = request(key)?;
        let changes = !matches!(
            request,
            InputRequest::GoToPrevChar
                | InputRequest::GoToNextChar
                | InputRequest::GoToStart
                | InputRequest::GoToEnd
                | InputRequest::GoToPrevWord
                | InputRequest::GoToNextWord
        );
        self.0.handle(request);
        Some(changes && (before != self.text().len() || key.printable().is_some()))
    }

    /// Takes pasted text; line ends become blanks.
    pub fn paste(&mut self, text: &str) {
        let clean = one_line(text);
        let before = self.before_cursor();
        let value = format!("{before}{clean}{}", &self.text()[before.len()..]);
        let cursor = before.chars().count() + clean.chars().count();
        self.0 = Input::new(value).with_cursor(cursor);
    }
}

/// Pasted text as a field of one line takes it.
pub(super) fn one_line(text: &str) -> String {
    let text = text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
    text.chars().filter(|char| !char.is_control()).collect()
}

fn request(key: Key) -> Option<InputRequest> {
    if let Some(char) = key.printable() {
        return Some(InputRequest::InsertChar(char));
    }
    Some(match (key.ctrl, key.code) {
        (false, KeyCode::Left) => InputRequest::GoToPrevChar,
        (false, KeyCode::Right) => InputRequest::GoToNextChar,
        (false, KeyCode::Home) | (true, KeyCode::Char('a')) => InputRequest::GoToStart,
        (false, KeyCode::End) | (true, KeyCode::Char('e')) => InputRequest::GoToEnd,
        (false, KeyCode::Backspace) => InputRequest::DeletePrevChar,
        (false, KeyCode::Delete) => InputRequest::DeleteNextChar,
        (true, KeyCode::Left) => InputRequest::GoToPrevWord,
        (true, KeyCode::Right) => InputRequest::GoToNextWord,
        (true, KeyCode::Char('w')) => InputRequest::DeletePrevWord,
        (true, KeyCode::Char('u')) => InputRequest::DeleteLine,
        (true, KeyCode::Char('k')) => InputRequest::DeleteTillEnd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_printable_keys_and_edits() {
        let mut field = Field::new("ab");
        for key in [Key::char('q'), Key::new(KeyCode::Left), Key::new(KeyCode::Backspace), Key::char('?')] {
            assert!(field.key(key).is_some(), "{key}");
        }
        assert_eq!((field.text(), field.before_cursor()), ("a?q", "a?"));
        assert_eq!(field.key(Key::new(KeyCode::Enter)), None);
        assert_eq!(field.key(Key::new(KeyCode::End)), Some(false));
    }

    #[test]
    fn a_paste_is_text_only() {
        let mut field = Field::new("xy");
        field.key(Key::new(KeyCode::Left));
        field.paste("a\nq\r\n\u{1b}b");
        assert_eq!((field.text(), field.before_cursor()), ("xa q by", "xa q b"));
    }
}
