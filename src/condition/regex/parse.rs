//! From a pattern's text to its tree, with Python's errors.

use std::collections::HashMap;

use super::class::{Class, Item};
use super::node::{ENDLESS, Greed, Node, Place};
use super::source::{PatternError, Source, Token};

mod escape;
mod flags;
mod group;
mod set;

use flags::Flags;

/// Nested deeper, a pattern would end our stack before Python's.
const DEEPEST: usize = 200;

/// A parsed pattern.
pub(super) struct Parsed {
    pub node: Node,
    /// How many groups are remembered.
    pub groups: usize,
}

struct Parser {
    source: Source,
    /// The widths of the groups, from 0 for the whole; nothing while one is open.
    groups: Vec<Option<(u32, u32)>>,
    names: HashMap<String, usize>,
    depth: usize,
    /// Groups below this number are out of bounds for references from within a look-behind.
    behind_from: Option<usize>,
    /// Groups that conditionals name, which may come behind them, and where.
    awaited: Vec<(usize, usize)>,
}

/// Parses a pattern.
pub(super) fn parse(pattern: &str) -> Result<Parsed, PatternError> {
    let mut flags = Flags::default();
    // A global `(?x)` changes how what stands before it is read, so that the pattern is read again.
    for _ in 0..2 {
        let mut parser = Parser {
            source: Source::new(pattern),
            groups: vec![None],
            names: HashMap::new(),
            depth: 0,
            behind_from: None,
            awaited: Vec::new(),
        };
        let global = flags;
        let node = parser.alternatives(&mut flags, true)?;
        if parser.source.peek()?.is_some() {
            return Err(parser.source.error("unbalanced parenthesis", 0));
        }
        parser.check_awaited()?;
        if flags.verbose == global.verbose {
            return Ok(Parsed { node, groups: parser.groups.len() });
        }
    }
    Err(PatternError::refused("verbose flags do not settle"))
}

impl Parser {
    fn check_awaited(&self) -> Result<(), PatternError> {
        let missing = self.awaited.iter().find(|(group, _)| *group >= self.groups.len());
        missing
            .map_or(Ok(()), |(group, at)| Err(self.source.error_at(&format!("invalid group reference {group}"), *at)))
    }

    /// Alternatives up to the end or a closing parenthesis. `flags` learn of global ones when this is the whole
    /// pattern.
    fn alternatives(&mut self, flags: &mut Flags, is_whole: bool) -> Result<Node, PatternError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(PatternError::refused("the pattern is nested too deeply for hookview"));
        }
        let mut branches = vec![self.sequence(flags, is_whole)?];
        while self.source.take('|')? {
            branches.push(self.sequence(flags, false)?);
        }
        self.depth -= 1;
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Any(branches) })
    }

    /// Items one after the other. Global flags may only stand `at_start`.
    fn sequence(&mut self, flags: &mut Flags, at_start: bool) -> Result<Node, PatternError> {
        let mut items: Vec<Node> = Vec::new();
        while let Some(token) = self.source.peek()? {
            if matches!(token, Token::Char('|' | ')')) {
                break;
            }
            let start = self.source.tell();
            self.source.next()?;
            match token {
                Token::Char(char) if flags.verbose && char.is_ascii_whitespace() => {}
                Token::Char('#') if flags.verbose => self.skip_comment()?,
                Token::Char(char @ ('*' | '+' | '?' | '{')) => self.repeat(&mut items, char, *flags, start)?,
                Token::Char('(') => {
                    let is_first = at_start && items.is_empty();
                    items.extend(self.group(flags, is_first, start)?);
                }
                token => items.push(self.single(token, *flags)?),
            }
        }
        Ok(if items.len() == 1 { items.remove(0) } else { Node::All(items) })
    }

    fn skip_comment(&mut self) -> Result<(), PatternError> {
        while self.source.next()?.is_some_and(|token| token != Token::Char('\n')) {}
        Ok(())
    }

    /// An item of one token, or a set.
    fn single(&mut self, token: Token, flags: Flags) -> Result<Node, PatternError> {
        Ok(match token {
            Token::Escaped(char) => self.escape(char, flags)?,
            Token::Char('.') => Node::One(Class::any(flags.dot_all)),
            Token::Char('^') => Node::At(if flags.multi_line { Place::LineStart } else { Place::TextStart }),
            Token::Char('$') => Node::At(if flags.multi_line { Place::LineEnd } else { Place::End }),
            Token::Char('[') => self.set(flags)?,
            Token::Char(char) => Node::One(Class::one(char, flags.ignore_case)),
        })
    }

    fn repeat(&mut self, items: &mut Vec<Node>, char: char, flags: Flags, start: usize) -> Result<(), PatternError> {
        let Some((min, max)) = self.bounds(char)? else {
            items.push(Node::One(Class::one('{', flags.ignore_case)));
            return Ok(());
        };
        match items.last() {
            None | Some(Node::At(_)) => return Err(self.source.error_at("nothing to repeat", start)),
            Some(Node::Repeat { .. }) => return Err(self.source.error_at("multiple repeat", start)),
            Some(_) => {}
        }
        let greed = if self.source.take('?')? {
            Greed::Lazy
        } else if self.source.take('+')? {
            Greed::Possessive
        } else {
            Greed::Greedy
        };
        if let Some(node) = items.pop() {
            items.push(Node::Repeat { node: Box::new(node), min, max, greed });
        }
        Ok(())
    }

    /// How often an item is repeated; nothing for a brace that means itself.
    fn bounds(&mut self, char: char) -> Result<Option<(u32, u32)>, PatternError> {
        match char {
            '?' => return Ok(Some((0, 1))),
            '*' => return Ok(Some((0, ENDLESS))),
            '+' => return Ok(Some((1, ENDLESS))),
            _ => {}
        }
        let here = self.source.tell();
        if self.source.peek()? == Some(Token::Char('}')) {
            return Ok(None);
        }
        let least = self.source.take_while(usize::MAX, |char| char.is_ascii_digit());
        let most = if self.source.take(',')? {
            self.source.take_while(usize::MAX, |char| char.is_ascii_digit())
        } else {
            least.clone()
        };
        if !self.source.take('}')? {
            self.source.seek(here);
            return Ok(None);
        }
        let count = |digits: &str, none: u32| match digits {
            "" => Ok(none),
            digits => {
                let count = digits.parse().ok().filter(|count| *count < ENDLESS);
                count.ok_or_else(|| PatternError::of_kind("OverflowError", "the repetition number is too large"))
            }
        };
        let (min, max) = (count(&least, 0)?, count(&most, ENDLESS)?);
        if max < min {
            return Err(self.source.error_at("min repeat greater than max repeat", here));
        }
        Ok(Some((min, max)))
    }
}

/// A node for characters of this kind.
fn one_of(item: Item) -> Node {
    Node::One(Class::of(item))
}
