//! What came of evaluating conditions: the outcome, and a tree that says it of every part.

use crate::template::{self, Failure, Value};

/// What came of evaluating.
#[derive(Debug)]
pub struct Evaluated {
    /// Of the whole.
    pub outcome: Outcome,
    /// Of every part, those that the system would not have looked at any more included.
    pub tree: Tree,
}

/// Whether something is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is, or it is not.
    Known(bool),
    /// The system fails on it.
    Fault(Fault),
}

/// A Python exception, or what hookview cannot do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The class, with its module unless it is Python's own; empty for what hookview cannot do.
    pub kind: String,
    /// What it says.
    pub message: String,
}

/// How the parts of a set are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logic {
    /// All must be met.
    And,
    /// One must be met.
    Or,
}

/// A part of the conditions.
#[derive(Debug)]
pub enum Tree {
    /// Several, joined.
    Set {
        /// How.
        logic: Logic,
        /// What comes of them.
        outcome: Outcome,
        /// Whether the system looks at it at all.
        reached: bool,
        /// The parts.
        parts: Vec<Tree>,
    },
    /// A condition.
    Leaf(Leaf),
}

/// A condition and what it found.
#[derive(Debug)]
pub struct Leaf {
    /// The path.
    pub attr: String,
    /// The operator.
    pub op: &'static str,
    /// What is wanted.
    pub value: Value,
    /// Whether the outcome is turned round.
    pub negate: bool,
    /// What is there; nothing where the path breaks.
    pub found: Option<Value>,
    /// What comes of it.
    pub outcome: Outcome,
    /// Whether the system looks at it at all.
    pub reached: bool,
    /// Where the path breaks, or what was probably meant. May hold foreign text.
    pub hint: Option<String>,
}

impl Fault {
    pub(super) fn new(kind: &str, message: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), message: message.into() }
    }

    /// What hookview cannot do.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new("", message)
    }

    pub(super) fn of(failure: Failure) -> Self {
        match failure {
            Failure::Raised(raised) => Self::new(&raised.kind, raised.message),
            Failure::Refused(refused) => Self::refused(refused.what),
        }
    }
}

impl Outcome {
    /// `true`, `false` or `error`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Known(true) => "true",
            Self::Known(false) => "false",
            Self::Fault(_) => "error",
        }
    }
}

impl Logic {
    /// What it says of its parts.
    fn words(self) -> &'static str {
        match self {
            Self::And => "all of",
            Self::Or => "one of",
        }
    }
}

impl Tree {
    /// The tree as lines, indented. They hold foreign text.
    pub fn rows(&self) -> Vec<String> {
        match self {
            Self::Set { logic, outcome, reached, parts } => {
                let inner = parts.iter().flat_map(Self::rows).map(|row| format!("  {row}"));
                std::iter::once(format!("{} {}", sign(outcome, *reached), logic.words())).chain(inner).collect()
            }
            Self::Leaf(leaf) => leaf.rows(),
        }
    }

    /// What comes of it.
    pub fn outcome(&self) -> &Outcome {
        match self {
            Self::Set { outcome, .. } => outcome,
            Self::Leaf(leaf) => &leaf.outcome,
        }
    }
}

/// `✓` met, `✗` not met, `!` an error, `·` not looked at.
fn sign(outcome: &Outcome, reached: bool) -> char {
    match outcome {
        _ if !reached => '·',
        Outcome::Known(true) => '✓',
        Outcome::Known(false) => '✗',
        Outcome::Fault(_) => '!',
    }
}

impl Leaf {
    fn rows(&self) -> Vec<String> {
        let not = if self.negate { "not " } else { "" };
        let wanted = cut(&template::json_text(&self.value));
        let found = match (&self.found, &self.outcome) {
            (Some(found), _) => format!("is {}", cut(&template::json_text(found))),
            (None, Outcome::Fault(fault)) => fault.message.clone(),
            (None, Outcome::Known(_)) => "is not there".to_owned(),
        };
        let sign = sign(&self.outcome, self.reached);
        let mut rows = vec![format!("{sign} {} {not}{} {wanted}: {found}", self.attr, self.op)];
        if let (Some(_), Outcome::Fault(fault)) = (&self.found, &self.outcome) {
            rows.push(format!("    {}", fault.message));
        }
        rows.extend(self.hint.as_ref().map(|hint| format!("    {hint}")));
        rows
    }
}

/// As much of a value as fits a line.
fn cut(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
