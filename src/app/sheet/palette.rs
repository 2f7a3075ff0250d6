//! Every command by name, found by a few of its letters.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};

use crate::app::{Action, CopyKind, Field, Keymap};

/// The palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What is typed.
    pub field: Field,
    /// Which of the matching entries has the cursor.
    pub cursor: usize,
}

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// What a key does.
    Action(Action),
    /// What a key behind `y` does.
    Copy(CopyKind),
    /// The messages of the status line so far.
    Messages,
}

impl Entry {
    /// Every command.
    pub fn all() -> impl Iterator<Item = Self> {
        let hidden =
            [Action::Down, Action::Up, Action::Left, Action::Right, Action::Back, Action::Interrupt, Action::Palette];
        let actions = Action::ALL.iter().copied().filter(move |action| !hidden.contains(action)).map(Self::Action);
        actions.chain(CopyKind::ALL.iter().copied().map(Self::Copy)).chain([Self::Messages])
    }

    /// What it does.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Action(action) => action.describe(),
            Self::Copy(kind) => kind.describe(),
            Self::Messages => "the last messages of the status line",
        }
    }

    /// Its keys.
    pub fn keys(self, keymap: &Keymap) -> String {
        match self {
            Self::Action(action) => keymap.hint(action),
            Self::Messages => String::new(),
            Self::Copy(kind) => {
                keymap.copy_key(kind).map(|key| format!("{}{key}", keymap.hint(Action::Copy))).unwrap_or_default()
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Action(action) => action.name(),
            Self::Copy(kind) => kind.name(),
            Self::Messages => "messages",
        }
    }
}

impl Palette {
    /// The commands that match what is typed, best first.
    pub fn matches(&self) -> Vec<Entry> {
        let text = self.field.text().trim();
        if text.is_empty() {
            return Entry::all().collect();
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut score = |entry: Entry| {
            let text = format!("{} {}", entry.name(), entry.describe());
            pattern.score(nucleo_matcher::Utf32Str::new(&text, &mut buffer), &mut matcher)
        };
        let mut found: Vec<(u32, Entry)> = Entry::all().filter_map(|entry| Some((score(entry)?, entry))).collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, entry)| entry).collect()
    }
}
