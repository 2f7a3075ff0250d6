//! What came of evaluating conditions: the outcome, and a tree that says it of every part.

use crate::template::{self, Failure, Value};

/// The class of NetBox's own exception.
const INVALID: &str = "InvalidCondition";

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
    /// What is wanted; nothing for an operator that compares snapshots.
    pub value: Option<Value>,
    /// Whether the outcome is turned round.
    pub negate: bool,
    /// What is there, or what was before and is after the change as a list; nothing where the path breaks.
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

    /// NetBox's own exception, which it logs.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(INVALID, message)
    }

    /// Whether it is NetBox's own exception.
    pub(super) fn is_invalid(&self) -> bool {
        self.kind == INVALID
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
        let wanted = self.value.as_ref().map(|value| format!(" {}", text(value))).unwrap_or_default();
        let sign = sign(&self.outcome, self.reached);
        let mut rows = vec![format!("{sign} {} {not}{}{wanted}: {}", self.attr, self.op, self.finding())];
        if let (Some(_), Outcome::Fault(fault)) = (&self.found, &self.outcome) {
            rows.push(format!("    {}", fault.message));
        }
        rows.extend(self.hint.as_ref().map(|hint| format!("    {hint}")));
        rows
    }

    fn finding(&self) -> String {
        match (&self.found, &self.outcome) {
            (Some(Value::List(sides)), _) if self.value.is_none() => {
                let [before, after] = [0, 1].map(|side| text(&sides.get(side).unwrap_or(Value::None)));
                if before == after { format!("is still {after}") } else { format!("was {before}, is {after}") }
            }
            (Some(found), _) => format!("is {}", text(found)),
            (None, Outcome::Fault(fault)) => fault.message.clone(),
            (None, Outcome::Known(_)) => "is not there".to_owned(),
        }
    }
}

/// A value as JSON, cut to fit a line.
fn text(value: &Value) -> String {
    cut(&template::json_text(value))
}

/// As much of a value as fits a line.
fn cut(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
