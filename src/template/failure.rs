//! Why a template did not render: what Python would have raised, or what hookview honestly cannot do.

use std::fmt;

use super::Dialect;

/// No text came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The system itself would fail, with this exception.
    Raised(Box<Raised>),
    /// The system would go on; hookview cannot know how.
    Refused(Box<Refused>),
}

/// A Python exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The class with its module, bare for Python's own: `jinja2.exceptions.UndefinedError`, `TypeError`.
    pub kind: String,
    /// What `str()` says of it.
    pub message: String,
    /// The line of the template, from 1; nothing where no line is known.
    pub line: Option<usize>,
}

/// What cannot be had without the system itself, or beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What it is, as the end of "cannot preview ...".
    pub what: String,
    /// Whether a limit was met, after which nothing more is tried.
    pub limit: bool,
    /// The line of the template, from 1.
    pub line: Option<usize>,
}

impl Failure {
    /// An exception of this class; the line is added on the way out.
    pub fn raised(kind: &str, message: impl Into<String>) -> Failure {
        Failure::Raised(Box::new(Raised { kind: kind.to_owned(), message: message.into(), line: None }))
    }

    /// A `TypeError`.
    pub fn type_error(message: impl Into<String>) -> Failure {
        Failure::raised("TypeError", message)
    }

    /// A `ValueError`.
    pub fn value_error(message: impl Into<String>) -> Failure {
        Failure::raised("ValueError", message)
    }

    /// Jinja2's own exceptions, by the class's bare name: `UndefinedError`.
    pub fn jinja(class: &str, message: impl Into<String>) -> Failure {
        Failure::raised(&format!("jinja2.exceptions.{class}"), message)
    }

    /// What hookview cannot do, named.
    pub fn refused(what: impl Into<String>) -> Failure {
        Failure::Refused(Box::new(Refused { what: what.into(), limit: false, line: None }))
    }

    /// A limit that keeps templates from taking hookview down, named.
    pub fn limit(what: impl Into<String>) -> Failure {
        Failure::Refused(Box::new(Refused { what: what.into(), limit: true, line: None }))
    }

    /// Whether Python would raise exactly one of these classes.
    pub fn is_any(&self, kinds: &[&str]) -> bool {
        matches!(self, Failure::Raised(raised) if kinds.contains(&raised.kind.as_str()))
    }

    /// The line of the template.
    pub fn line(&self) -> Option<usize> {
        match self {
            Failure::Raised(raised) => raised.line,
            Failure::Refused(refused) => refused.line,
        }
    }

    /// The same failure at this line, unless one further in is known.
    #[must_use]
    pub fn at(mut self, line: usize) -> Failure {
        let place = match &mut self {
            Failure::Raised(raised) => &mut raised.line,
            Failure::Refused(refused) => &mut refused.line,
        };
        place.get_or_insert(line);
        self
    }
}

/// What Peering Manager sends as the body when a template fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InPlace {
    /// This text.
    Text(String),
    /// A traceback that ends in this line.
    Traceback(String),
}

impl Raised {
    /// What Peering Manager sends as the body.
    pub fn in_place(&self) -> InPlace {
        match self.line {
            Some(line) if self.kind == SYNTAX => {
                InPlace::Text(format!("Syntax error in template at line {line}: {}", self.message))
            }
            _ if self.message.is_empty() => InPlace::Traceback(self.kind.clone()),
            _ => InPlace::Traceback(format!("{}: {}", self.kind, self.message)),
        }
    }
}

const SYNTAX: &str = "jinja2.exceptions.TemplateSyntaxError";

impl Failure {
    /// A failure to compile as the system tells it: Peering Manager makes no difference between a template that cannot
    /// be read and one whose filters it does not know.
    #[must_use]
    pub(super) fn told_by(mut self, dialect: Dialect) -> Failure {
        if dialect == Dialect::PeeringManager
            && let Failure::Raised(raised) = &mut self
            && raised.kind == "jinja2.exceptions.TemplateAssertionError"
        {
            SYNTAX.clone_into(&mut raised.kind);
        }
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line() {
            write!(formatter, "line {line}: ")?;
        }
        match self {
            Failure::Raised(raised) if raised.message.is_empty() => formatter.write_str(&raised.kind),
            Failure::Raised(raised) => write!(formatter, "{}: {}", raised.kind, raised.message),
            Failure::Refused(refused) => write!(formatter, "cannot preview {}", refused.what),
        }
    }
}

impl std::error::Error for Failure {}
