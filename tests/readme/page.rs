//! The README as text: its code blocks, its tables, and the parts of it that are generated.

use std::path::PathBuf;

/// The README.
pub struct Page(String);

impl Page {
    /// The one of this repository.
    pub fn read() -> Self {
        Self(std::fs::read_to_string(Self::path()).unwrap())
    }

    /// Where it is.
    pub fn path() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The contents of the code blocks in a language.
    pub fn blocks(&self, language: &str) -> Vec<&str> {
        let fence = format!("\n```{language}\n");
        self.0.split(&fence).skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect()
    }

    /// The command lines, in order.
    pub fn commands(&self) -> Vec<&str> {
        self.blocks("sh").into_iter().flat_map(str::lines).collect()
    }

    /// The text from a headline up to the next one.
    pub fn section(&self, headline: &str) -> &str {
        let start = self.0.find(&format!("\n{headline}\n")).unwrap_or_else(|| panic!("no headline {headline}"));
        let text = &self.0[start + 1..];
        let end = text.find("\n## ").unwrap_or(text.len());
        &text[..end]
    }

    /// What stands between the marks of a generated part.
    pub fn generated(&self, name: &str) -> &str {
        self.split(name)[1]
    }

    /// The page with another text between the marks of a generated part.
    pub fn with(&self, name: &str, text: &str) -> Self {
        let [before, _, after] = self.split(name);
        Self([before, text, after].concat())
    }

    fn split(&self, name: &str) -> [&str; 3] {
        let begin = format!("<!-- begin {name} -->\n");
        let start = self.0.find(&begin).unwrap() + begin.len();
        let end = self.0.find(&format!("<!-- end {name} -->")).unwrap();
        [&self.0[..start], &self.0[start..end], &self.0[end..]]
    }
}

/// The first cells of a table's rows, as code.
pub fn first_cells(section: &str) -> Vec<&str> {
    section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(cell, _)| cell).collect()
}
