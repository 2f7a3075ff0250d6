//! The parser's state: the tokens, where it is, and which tags are open.

use std::sync::Arc;

use super::lexer::{self, syntax_error};
use super::token::{Kind, Token};
use crate::template::Dialect;
use crate::template::failure::Failure;

/// How deep tags and expressions may nest.
const DEEPEST: usize = 80;

/// Tags that end a body.
pub type Ends = &'static [&'static str];

/// The parser.
pub struct Parser {
    /// Whose tags there are.
    pub dialect: Dialect,
    /// The tags that are open, the innermost last.
    pub open_tags: Vec<Arc<str>>,
    /// What ends the open bodies.
    pub ends: Vec<Ends>,
    tokens: Vec<Token>,
    at: usize,
    failure: Option<Failure>,
    depth: usize,
}

impl Parser {
    /// Reads the source as far as it can be cut into tokens.
    pub fn new(source: &str, dialect: Dialect) -> Result<Parser, Failure> {
        let lexer::Tokens { tokens, failure } = lexer::tokenize(source);
        if tokens.is_empty() {
            return Err(failure.unwrap_or_else(|| Failure::refused("a template without tokens")));
        }
        Ok(Parser { dialect, open_tags: Vec::new(), ends: Vec::new(), tokens, at: 0, failure, depth: 0 })
    }

    /// The token that comes next.
    pub fn kind(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    /// The line of the token that comes next.
    pub fn line(&self) -> usize {
        self.tokens[self.at].line
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Result<Token, Failure> {
        let token = self.tokens[self.at].clone();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        } else if let Some(failure) = self.failure.clone() {
            return Err(failure);
        }
        Ok(token)
    }

    /// The token after the next one.
    pub fn look(&self) -> Result<&Kind, Failure> {
        match self.tokens.get(self.at + 1) {
            Some(token) => Ok(&token.kind),
            None => self.failure.clone().map_or(Ok(self.kind()), Err),
        }
    }

    /// Takes this operator if it comes next.
    pub fn skip_operator(&mut self, operator: &str) -> Result<bool, Failure> {
        let found = self.kind().is(operator);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// Takes this name if it comes next.
    pub fn skip_name(&mut self, name: &str) -> Result<bool, Failure> {
        let found = self.kind().is_name(name);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// Takes this operator, or fails.
    pub fn expect_operator(&mut self, operator: &str) -> Result<Token, Failure> {
        if self.kind().is(operator) { self.next() } else { Err(self.expected(operator)) }
    }

    /// Takes this name, or fails.
    pub fn expect_word(&mut self, name: &str) -> Result<Token, Failure> {
        if self.kind().is_name(name) { self.next() } else { Err(self.expected(name)) }
    }

    /// Takes any name, or fails.
    pub fn expect_name(&mut self) -> Result<(Arc<str>, usize), Failure> {
        let line = self.line();
        let Kind::Name(name) = self.kind().clone() else { return Err(self.expected("name")) };
        self.next()?;
        Ok((name, line))
    }

    /// Takes the end of a tag, or fails.
    pub fn expect_end(&mut self, end: &Kind) -> Result<(), Failure> {
        if self.kind() == end { self.next().map(drop) } else { Err(self.expected(end.describe())) }
    }

    fn expected(&self, what: &str) -> Failure {
        let message = match self.kind() {
            Kind::Eof => format!("unexpected end of template, expected {}.", quote(what)),
            kind => format!("expected token {}, got {}", quote(what), quote(kind.describe())),
        };
        syntax_error(message, self.line())
    }

    /// A syntax error at the next token.
    pub fn fail<T>(&self, message: impl Into<String>) -> Result<T, Failure> {
        Err(syntax_error(message, self.line()))
    }

    /// Runs a part of the parser one level deeper.
    pub fn deeper<T>(&mut self, part: impl FnOnce(&mut Parser) -> Result<T, Failure>) -> Result<T, Failure> {
        if self.depth >= DEEPEST {
            let line = self.line();
            return Err(Failure::refused(format!("expressions or tags nested more than {DEEPEST} deep")).at(line));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }

    /// What an unknown tag, or the end of the template, leads to.
    pub fn unexpected(&self, tag: Option<&str>, ends: &[Ends], line: usize) -> Failure {
        let mut message = match tag {
            Some(tag) => format!("Encountered unknown tag {}.", quote(tag)),
            None => "Unexpected end of template.".to_owned(),
        };
        if let Some(innermost) = ends.last() {
            let looking = innermost.iter().map(|end| quote(end)).collect::<Vec<_>>().join(" or ");
            if tag.is_some_and(|tag| ends.iter().any(|ends| ends.contains(&tag))) {
                message +=
                    " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ";
                message += &looking;
                message.push('.');
            } else {
                message = format!("{message} Jinja was looking for the following tags: {looking}.");
            }
        }
        if let Some(tag) = self.open_tags.last() {
            message = format!("{message} The innermost block that needs to be closed is {}.", quote(tag));
        }
        syntax_error(message, line)
    }
}

/// Python's repr of words, which hold no quotes but the one operator.
pub fn quote(text: &str) -> String {
    format!("'{text}'")
}
