//! A text that may be large, with where its lines begin: any of them is had without walking through those before.

use std::collections::HashSet;

/// A text and its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabText {
    text: String,
    /// Where each line begins, in bytes.
    starts: Vec<usize>,
}

impl LabText {
    /// Finds the lines of a text.
    pub fn new(text: String) -> Self {
        let behind = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
        let starts = std::iter::once(0).chain(behind).filter(|start| *start < text.len()).collect();
        Self { text, starts }
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The `n`th line, from zero, without its end; nothing behind the last.
    pub fn line(&self, n: usize) -> &str {
        let end = |n| self.starts.get(n).copied().unwrap_or(self.text.len());
        let line = &self.text[end(n)..end(n + 1)];
        line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line))
    }

    /// All lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|n| self.line(n))
    }

    /// The numbers of the lines that another text has not, from zero, in order.
    pub fn not_in(&self, other: &Self) -> Vec<usize> {
        if self.text == other.text {
            return Vec::new();
        }
        let known: HashSet<&str> = other.lines().collect();
        (0..self.len()).filter(|n| !known.contains(self.line(*n))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_text() {
        for text in ["", "a", "a\n", "\n", "a\r\n\nb\r", "é\n\n\n", "\r\n"] {
            let lines = LabText::new(text.to_owned());
            assert!(lines.lines().eq(text.lines()), "{text:?}");
            assert_eq!((lines.len(), lines.is_empty()), (text.lines().count(), text.is_empty()));
            assert_eq!(lines.line(lines.len()), "");
        }
    }

    #[test]
    fn new_lines_are_told_by_number() {
        let [old, new] = ["a\nb\nc", "a\nx\nb\ny\nb"].map(|text| LabText::new(text.to_owned()));
        assert_eq!((new.not_in(&old), old.not_in(&new), old.not_in(&old)), (vec![1, 3], vec![2], vec![]));
    }
}
