//! Python's `re`, as far as `re.match` on text needs it: the same syntax, the same matches, the same errors.
//!
//! Owns parsing ([`parse`]), compiling to a small program ([`program`]) and running it with backtracking ([`machine`]). It
//! is no general regex library: patterns come from webhook conditions, which Python evaluates, so that nearly the same is not
//! enough. Source of the format: the documentation of Python 3.12's `re`.

mod class;
mod machine;
mod node;
mod parse;
mod program;
mod source;

pub use machine::TooHard;
pub use source::PatternError;

use program::Program;

/// A pattern that Python would compile.
#[derive(Debug)]
pub struct Pattern(Program);

impl Pattern {
    /// Parses a pattern as `re.compile` does.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        let parsed = parse::parse(pattern)?;
        program::compile(&parsed).map(Self)
    }

    /// Whether `re.match` finds something: the text begins with a match.
    pub fn matches(&self, text: &str) -> Result<bool, TooHard> {
        let text: Vec<char> = text.chars().collect();
        machine::matches(&self.0, &text)
    }
}
