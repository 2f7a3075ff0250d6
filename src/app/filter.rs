//! Which captures the list shows: words that must all occur, `rule:`, `lint:`, `change:` and `is:` terms, and the problems-only switch.

use std::collections::BTreeSet;

use crate::capture::{CaptureId, Summary};

/// What the list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    text: String,
    words: Vec<String>,
    terms: Vec<Term>,
    /// Only failed signatures, answers of 400 and up, incomplete requests, findings.
    pub problems: bool,
    /// Switched off for a moment, text kept.
    pub off: bool,
    /// Captures whose headers or bodies hold the words; found in the store.
    found: BTreeSet<CaptureId>,
    /// How far the search through the store is.
    pub scan: Option<Scan>,
    /// Counts changes of the text, so that a late result of an earlier one is recognised.
    pub generation: u64,
}

/// What is asked of a row itself, by a name and a colon.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// `rule:NAME`: this rule answered it; the name in lower case.
    Rule(String),
    /// `lint:CODE`: this was found in it, or a code that begins like this.
    Lint(String),
    /// `change:ID`: it tells of this change, or of one whose id begins like this.
    Change(String),
    /// `is:retry`: it repeats an earlier capture.
    Retry,
}

impl Term {
    /// A word that is a term, from lower case; others are searched for as they are.
    fn parse(word: &str) -> Option<Self> {
        match word.split_once(':')? {
            ("rule", name) if !name.is_empty() => Some(Self::Rule(name.to_owned())),
            ("lint", code) => Some(Self::Lint(code.to_owned())),
            ("change", id) => Some(Self::Change(id.to_owned())),
            ("is", "retry") => Some(Self::Retry),
            _ => None,
        }
    }

    fn holds(&self, row: &Summary) -> bool {
        match self {
            Self::Rule(name) => {
                let char = |char: char| if char.is_whitespace() { '-' } else { char };
                row.rule.chars().map(char).flat_map(char::to_lowercase).eq(name.chars())
            }
            Self::Lint(code) => row.lint.split(' ').any(|found| !found.is_empty() && found.starts_with(code.as_str())),
            Self::Change(id) => {
                row.change.as_ref().is_some_and(|change| change.to_lowercase().starts_with(id.as_str()))
            }
            Self::Retry => row.retry.is_some(),
        }
    }
}

/// How far a search through the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Captures looked at.
    pub scanned: usize,
    /// Captures to look at.
    pub total: usize,
}

impl Filter {
    /// The text as typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words to find, in lower case.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Takes a new text; what was found for the old one is forgotten.
    pub fn set_text(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        (self.words, self.terms) = (Vec::new(), Vec::new());
        for word in text.split_whitespace().map(str::to_lowercase) {
            match Term::parse(&word) {
                Some(term) => self.terms.push(term),
                None => self.words.push(word),
            }
        }
        self.found.clear();
        self.scan = None;
        self.generation += 1;
    }

    /// Adds captures that the search through the store found.
    pub fn add_found(&mut self, ids: impl IntoIterator<Item = CaptureId>) {
        self.found.extend(ids);
    }

    /// Whether it narrows the list now.
    pub fn is_active(&self) -> bool {
        !self.off && self.is_set()
    }

    /// Whether it would narrow the list if it were on.
    pub fn is_set(&self) -> bool {
        self.problems || !self.words.is_empty() || !self.terms.is_empty()
    }

    /// Whether a capture is shown.
    pub fn shows(&self, row: &Summary) -> bool {
        self.admits(row) && (self.has_words(row) || self.found.contains(&row.id))
    }

    /// Whether a capture is shown if all words are found in it.
    pub fn admits(&self, row: &Summary) -> bool {
        (!self.problems || row.is_problem()) && self.terms.iter().all(|term| term.holds(row))
    }

    /// Whether the row alone holds all words, so that the store need not be asked.
    pub fn has_words(&self, row: &Summary) -> bool {
        let fields: [&str; 4] = [&row.title, &row.target, &row.method, row.sender.as_deref().unwrap_or_default()];
        self.words.iter().all(|word| fields.iter().any(|field| contains(field, word)))
    }

    /// What the title says of it.
    pub fn describe(&self) -> String {
        match (self.problems, self.text.trim()) {
            (true, "") => "problems".to_owned(),
            (true, text) => format!("problems {text}"),
            (false, text) => text.to_owned(),
        }
    }
}

/// The term that narrows the list to the captures which a rule answered. Words end at blanks, so that a name has none there.
pub fn rule_term(name: &str) -> String {
    format!("rule:{}", name.replace(char::is_whitespace, "-"))
}

/// Whether `text` holds `word` in any case. `word` is in lower case.
pub fn contains(text: &str, word: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(word);
    }
    let Some(first) = word.as_bytes().first() else { return true };
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let starts = text.len().saturating_sub(word.len().saturating_sub(1));
    (0..starts.min(text.len())).any(|at| {
        text[at].to_ascii_lowercase() == *first
            && text.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_lower_casing_finds(text in "[a-zA-ZäÄ ]{0,20}", word in "[a-zä]{0,4}") {
            prop_assert_eq!(contains(&text, &word), text.to_lowercase().contains(&word));
        }
    }
}
