//! Sets of characters: `[a-z\d]`.

use super::super::source::Token;
use super::{Class, Flags, Item, Node, Parser, PatternError};

impl Parser {
    /// A set, whose opening bracket is read.
    pub(super) fn set(&mut self, flags: Flags) -> Result<Node, PatternError> {
        let here = self.source.tell() - 1;
        let negated = self.source.take('^')?;
        let mut items = Vec::new();
        loop {
            let first = self.within_set(here)?;
            if first == Token::Char(']') && !items.is_empty() {
                break;
            }
            let from = self.item(first, flags)?;
            if !self.source.take('-')? {
                items.push(from);
                continue;
            }
            let second = self.within_set(here)?;
            if second == Token::Char(']') {
                items.extend([from, Item::Range('-', '-')]);
                break;
            }
            let until = self.item(second, flags)?;
            match (from, until) {
                (Item::Range(low, _), Item::Range(high, _)) if low <= high => items.push(Item::Range(low, high)),
                _ => {
                    let back = self.source.tell() - self.set_start(first, second);
                    let message = format!("bad character range {}-{}", written(first), written(second));
                    return Err(self.source.error(&message, back));
                }
            }
        }
        Ok(Node::One(Class { items, negated, ignore_case: flags.ignore_case }))
    }

    fn set_start(&self, first: Token, second: Token) -> usize {
        self.source.tell() - first.len() - 1 - second.len()
    }

    fn within_set(&mut self, here: usize) -> Result<Token, PatternError> {
        let token = self.source.next()?;
        token.ok_or_else(|| self.source.error_at("unterminated character set", here))
    }

    fn item(&mut self, token: Token, flags: Flags) -> Result<Item, PatternError> {
        match token {
            Token::Char(char) => Ok(Item::Range(char, char)),
            Token::Escaped(char) => self.escape_in_set(char, flags),
        }
    }
}

fn written(token: Token) -> String {
    match token {
        Token::Char(char) => char.to_string(),
        Token::Escaped(char) => format!("\\{char}"),
    }
}
