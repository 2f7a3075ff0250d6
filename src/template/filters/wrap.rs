//! The filter wordwrap: Python's textwrap without expanding tabs or replacing blanks.

use std::collections::VecDeque;

use super::super::call::Args;
use super::super::convert;
use super::super::failure::Failure;
use super::super::markup;
use super::super::methods::{like, lines};
use super::super::parameters::{Bindings, Signature};
use super::super::python::letters;
use super::super::run::Run;
use super::super::value::Value;

const WORD_WRAP: Signature = Signature {
    name: "do_wordwrap",
    hidden: 1,
    names: &["s", "width", "break_long_words", "wrapstring", "break_on_hyphens"],
    required: 1,
};

pub(super) fn word_wrap(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&WORD_WRAP, args)?;
    let (value, width) = (bound.required(), bound.or(Value::int(79)));
    let (long, between) = (bound.or(Value::Bool(true)), bound.or(Value::None));
    let (long, hyphens) = (run.truth(&long)?, run.truth(&bound.or(Value::Bool(true)))?);
    let between = if between.is_none() { Value::str("\n") } else { between };
    let (Some(joint), Some(text)) = (between.as_text(), value.as_text()) else {
        let lacking = if between.as_text().is_none() { (&between, "join") } else { (&value, "splitlines") };
        return Err(no_attribute(run, lacking.0, lacking.1));
    };
    run.charge(text.len())?;
    let lines = lines(text, false);
    if lines.is_empty() {
        return Ok(like(&between, ""));
    }
    let wrapper = Wrapper { width: width_of(run, &width)?, long, hyphens };
    let safe = matches!(between, Value::Markup(_));
    let escape = |part: String| if safe { markup::escape_text(&part) } else { part };
    let parts: Vec<String> = lines
        .into_iter()
        .map(|line| wrapper.wrap(line).into_iter().map(escape).collect::<Vec<_>>().join(joint))
        .collect();
    Ok(like(&between, parts.join(joint)))
}

fn no_attribute(run: &Run, value: &Value, name: &str) -> Failure {
    if let Value::Undefined(undefined) = value {
        return run.undefined_error(undefined);
    }
    Failure::raised("AttributeError", format!("'{}' object has no attribute '{name}'", value.class()))
}

fn width_of(run: &Run, value: &Value) -> Result<usize, Failure> {
    if matches!(value, Value::Float(_)) {
        return Err(Failure::refused("wordwrap with a width that is no integer"));
    }
    if let Value::Undefined(undefined) = value {
        return Err(run.undefined_error(undefined));
    }
    let width = convert::index(value).map_err(|_| {
        Failure::type_error(format!("'<=' not supported between instances of '{}' and 'int'", value.class()))
    })?;
    match usize::try_from(width) {
        Ok(width) if width > 0 => Ok(width),
        _ => Err(Failure::value_error(format!("invalid width {width} (must be > 0)"))),
    }
}

struct Wrapper {
    width: usize,
    /// Whether words that are too long for a line are broken.
    long: bool,
    hyphens: bool,
}

impl Wrapper {
    fn wrap(&self, text: &str) -> Vec<String> {
        let letters: Vec<char> = text.chars().collect();
        let mut chunks: VecDeque<Vec<char>> =
            if self.hyphens { Chunks::new(&letters).collect() } else { simple(&letters) };
        let mut lines: Vec<String> = Vec::new();
        while !chunks.is_empty() {
            if !lines.is_empty() && chunks.front().is_some_and(|chunk| is_blank(chunk)) {
                chunks.pop_front();
            }
            let mut line = self.line(&mut chunks);
            if line.last().is_some_and(|chunk| is_blank(chunk)) {
                line.pop();
            }
            if !line.is_empty() {
                lines.push(line.into_iter().flatten().collect());
            }
        }
        lines
    }

    fn line(&self, chunks: &mut VecDeque<Vec<char>>) -> Vec<Vec<char>> {
        let mut line: Vec<Vec<char>> = Vec::new();
        let mut length = 0;
        while let Some(chunk) = chunks.front()
            && length + chunk.len() <= self.width
        {
            length += chunk.len();
            line.extend(chunks.pop_front());
        }
        if chunks.front().is_some_and(|chunk| chunk.len() > self.width) {
            self.long_word(chunks, &mut line, self.width - length);
        }
        line
    }

    fn long_word(&self, chunks: &mut VecDeque<Vec<char>>, line: &mut Vec<Vec<char>>, room: usize) {
        if !self.long {
            if line.is_empty() {
                line.extend(chunks.pop_front());
            }
            return;
        }
        let Some(chunk) = chunks.front_mut() else { return };
        let mut end = room;
        if self.hyphens && chunk.len() > room {
            let hyphen = chunk[..room].iter().rposition(|letter| *letter == '-');
            if let Some(at) = hyphen.filter(|at| chunk[..*at].iter().any(|letter| *letter != '-')) {
                end = at + 1;
            }
        }
        line.push(chunk.drain(..end).collect());
    }
}

fn is_blank(chunk: &[char]) -> bool {
    chunk.iter().all(|letter| letters::is_space(*letter))
}

fn is_gap(letter: char) -> bool {
    matches!(letter, '\t'..='\r' | ' ')
}

/// Blanks and words in turn.
fn simple(letters: &[char]) -> VecDeque<Vec<char>> {
    letters.chunk_by(|left, right| is_gap(*left) == is_gap(*right)).map(<[char]>::to_vec).collect()
}

/// The pieces that a line may end after: blanks, dashes, words and parts of words up to a hyphen.
struct Chunks<'a> {
    letters: &'a [char],
    at: usize,
}

impl<'a> Chunks<'a> {
    fn new(letters: &'a [char]) -> Self {
        Self { letters, at: 0 }
    }

    fn is(&self, at: usize, class: fn(char) -> bool) -> bool {
        self.letters.get(at).is_some_and(|letter| class(*letter))
    }

    fn before_is(&self, at: usize, back: usize, class: fn(char) -> bool) -> bool {
        at.checked_sub(back).is_some_and(|at| self.is(at, class))
    }

    /// Where a dash of two hyphens or more ends that stands between words.
    fn dash(&self, at: usize) -> Option<usize> {
        if !self.before_is(at, 1, is_word_or_mark) {
            return None;
        }
        let end = at + self.letters[at..].iter().take_while(|letter| **letter == '-').count();
        (end >= at + 2 && self.is(end, letters::is_word)).then_some(end)
    }

    /// Whether a word may be parted after the hyphen here.
    fn parts(&self, at: usize) -> bool {
        let hyphen = |letter| letter == '-';
        if !self.is(at, hyphen) || !self.before_is(at, 1, is_letter) {
            return false;
        }
        let before =
            self.before_is(at, 2, is_letter) || (self.before_is(at, 2, hyphen) && self.before_is(at, 3, is_letter));
        let after = self.is(at + 1, is_letter)
            && (self.is(at + 2, is_letter) || (self.is(at + 2, hyphen) && self.is(at + 3, is_letter)));
        before && after
    }

    fn word_end(&self, start: usize) -> usize {
        let mut end = start + 1;
        while end < self.letters.len() && !is_gap(self.letters[end]) {
            if self.parts(end) {
                return end + 1;
            }
            if self.dash(end).is_some() {
                return end;
            }
            end += 1;
        }
        end
    }
}

impl Iterator for Chunks<'_> {
    type Item = Vec<char>;

    fn next(&mut self) -> Option<Vec<char>> {
        let start = self.at;
        let first = *self.letters.get(start)?;
        self.at = if is_gap(first) {
            start + self.letters[start..].iter().take_while(|letter| is_gap(**letter)).count()
        } else {
            self.dash(start).unwrap_or_else(|| self.word_end(start))
        };
        Some(self.letters[start..self.at].to_vec())
    }
}

fn is_letter(letter: char) -> bool {
    letters::is_word(letter) && letters::decimal(letter).is_none()
}

fn is_word_or_mark(letter: char) -> bool {
    letters::is_word(letter) || "!\"'&.,?".contains(letter)
}
