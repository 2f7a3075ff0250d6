//! Everything in parentheses.

use super::super::source::Token;
use super::flags::LETTERS;
use super::{Flags, Node, Parser, PatternError};

/// What a group is, told by what follows its opening parenthesis.
enum Kind {
    Remembered(Option<String>),
    Plain(Flags),
    Atomic,
    Look { behind: bool, negated: bool },
}

impl Parser {
    /// A group whose opening parenthesis, at `start`, is read; nothing for a comment or global flags.
    pub(super) fn group(
        &mut self,
        flags: &mut Flags,
        is_first: bool,
        start: usize,
    ) -> Result<Option<Node>, PatternError> {
        if !self.source.take('?')? {
            return self.body(&Kind::Remembered(None), *flags, start).map(Some);
        }
        let kind = match self.after_mark("")? {
            'P' => return self.named(*flags, start).map(Some),
            ':' => Kind::Plain(*flags),
            '>' => Kind::Atomic,
            char @ ('=' | '!') => Kind::Look { behind: false, negated: char == '!' },
            '<' => match self.after_mark("<")? {
                char @ ('=' | '!') => Kind::Look { behind: true, negated: char == '!' },
                char => return Err(self.unknown(&format!("<{char}"))),
            },
            '#' => return self.comment(start).map(|()| None),
            '(' => return self.conditional(*flags, start).map(Some),
            char if char == '-' || LETTERS.contains(char) => match self.flags(char, *flags)? {
                (changed, true) => Kind::Plain(changed),
                (_, false) if !is_first => {
                    return Err(self.source.error_at("global flags not at the start of the expression", start));
                }
                (changed, false) => {
                    *flags = changed;
                    return Ok(None);
                }
            },
            char => return Err(self.unknown(&char.to_string())),
        };
        self.body(&kind, *flags, start).map(Some)
    }

    /// The character behind `(?` and what was read `before` it; an escape is an error.
    fn after_mark(&mut self, before: &str) -> Result<char, PatternError> {
        match self.source.next()? {
            Some(Token::Char(char)) => Ok(char),
            Some(Token::Escaped(char)) => Err(self.unknown(&format!("{before}\\{char}"))),
            None => Err(self.source.error("unexpected end of pattern", 0)),
        }
    }

    fn unknown(&self, extension: &str) -> PatternError {
        self.source.error(&format!("unknown extension ?{extension}"), extension.chars().count() + 1)
    }

    /// `(?P<name>..)` and `(?P=name)`.
    fn named(&mut self, flags: Flags, start: usize) -> Result<Node, PatternError> {
        match self.after_mark("P")? {
            '<' => {
                let name = self.source.until('>', "group name")?;
                self.check_name(&name, 1)?;
                self.body(&Kind::Remembered(Some(name)), flags, start)
            }
            '=' => {
                let name = self.source.until(')', "group name")?;
                self.check_name(&name, 1)?;
                let back = name.chars().count() + 1;
                let group = *self.names.get(&name).ok_or_else(|| self.source.error(&unknown_name(&name), back))?;
                Ok(self.refer(group, back, flags)?.unwrap_or(Node::Never))
            }
            char => Err(self.unknown(&format!("P{char}"))),
        }
    }

    fn check_name(&self, name: &str, behind: usize) -> Result<(), PatternError> {
        let is_start = |char: char| char == '_' || char.is_alphabetic();
        let fits =
            name.chars().next().is_some_and(is_start) && name.chars().all(|char| char == '_' || char.is_alphanumeric());
        let message = || format!("bad character in group name {}", quoted(name));
        if fits { Ok(()) } else { Err(self.source.error(&message(), name.chars().count() + behind)) }
    }

    fn comment(&mut self, start: usize) -> Result<(), PatternError> {
        loop {
            match self.source.next()? {
                None => return Err(self.source.error_at("missing ), unterminated comment", start)),
                Some(Token::Char(')')) => return Ok(()),
                Some(_) => {}
            }
        }
    }

    /// The inside of a group up to its closing parenthesis.
    fn body(&mut self, kind: &Kind, flags: Flags, start: usize) -> Result<Node, PatternError> {
        let number = match kind {
            Kind::Remembered(name) => Some(self.open(name.clone())?),
            _ => None,
        };
        let mut inner = if let Kind::Plain(changed) = kind { *changed } else { flags };
        let outer = self.behind_from;
        if matches!(kind, Kind::Look { behind: true, .. }) {
            self.behind_from.get_or_insert(self.groups.len());
        }
        let node = Box::new(self.alternatives(&mut inner, false)?);
        self.behind_from = outer;
        self.close(start)?;
        if let Some(number) = number {
            self.groups[number] = Some(node.width(&self.widths()));
            return Ok(Node::Group(number, node));
        }
        Ok(match kind {
            Kind::Atomic => Node::Atomic(node),
            Kind::Look { behind, negated } => self.look(node, *behind, *negated)?,
            Kind::Plain(_) | Kind::Remembered(_) => Node::Plain(node),
        })
    }

    fn look(&self, node: Box<Node>, behind: bool, negated: bool) -> Result<Node, PatternError> {
        let (least, most) = node.width(&self.widths());
        if behind && least != most {
            return Err(PatternError::of_whole("look-behind requires fixed-width pattern"));
        }
        Ok(Node::Look { node, behind: behind.then_some(least), negated })
    }

    fn widths(&self) -> Vec<(u32, u32)> {
        self.groups.iter().map(|width| width.unwrap_or_default()).collect()
    }

    fn open(&mut self, name: Option<String>) -> Result<usize, PatternError> {
        let number = self.groups.len();
        self.groups.push(None);
        let Some(name) = name else { return Ok(number) };
        if let Some(earlier) = self.names.get(&name) {
            let quoted = quoted(&name);
            let message = format!("redefinition of group name {quoted} as group {number}; was group {earlier}");
            return Err(self.source.error(&message, name.chars().count() + 1));
        }
        self.names.insert(name, number);
        Ok(number)
    }

    fn close(&mut self, start: usize) -> Result<(), PatternError> {
        if self.source.take(')')? {
            return Ok(());
        }
        Err(self.source.error_at("missing ), unterminated subpattern", start))
    }

    /// `(?(group)yes|no)`; up to the second parenthesis is read.
    fn conditional(&mut self, mut flags: Flags, start: usize) -> Result<Node, PatternError> {
        let name = self.source.until(')', "group name")?;
        let back = name.chars().count() + 1;
        let group = if name.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = name.parse().unwrap_or(usize::MAX);
            match number {
                0 => return Err(self.source.error("bad group number", back)),
                number if number > 0x7fff_ffff => {
                    return Err(self.source.error(&format!("invalid group reference {name}"), back));
                }
                number => {
                    self.awaited.push((number, self.source.tell() - back));
                    number
                }
            }
        } else {
            self.check_name(&name, 1)?;
            *self.names.get(&name).ok_or_else(|| self.source.error(&unknown_name(&name), back))?
        };
        let yes = Box::new(self.sequence(&mut flags, false)?);
        let mut no = Box::new(Node::All(Vec::new()));
        if self.source.take('|')? {
            no = Box::new(self.sequence(&mut flags, false)?);
            if self.source.peek()? == Some(Token::Char('|')) {
                return Err(self.source.error("conditional backref with more than two branches", 0));
            }
        }
        self.close(start)?;
        Ok(Node::If { group, yes, no })
    }
}

fn quoted(name: &str) -> String {
    let quote = if name.contains('\'') && !name.contains('"') { '"' } else { '\'' };
    format!("{quote}{}{quote}", name.replace('\\', "\\\\"))
}

fn unknown_name(name: &str) -> String {
    format!("unknown group name {}", quoted(name))
}
