//! A pattern as a small program for a backtracking machine.

use super::class::Class;
use super::node::{ENDLESS, Greed, Node, Place};
use super::parse::Parsed;
use super::source::PatternError;

/// A program has at most so many steps: counted repeats are written out.
const LONGEST: usize = 100_000;

/// One instruction.
#[derive(Clone, Debug)]
pub(super) enum Step {
    One(Class),
    At(Place),
    Back {
        group: usize,
        ignore_case: bool,
    },
    /// Goes on here, and there if that leads to nothing.
    Try {
        first: usize,
        then: usize,
    },
    Jump(usize),
    /// Remembers the place.
    Save(usize),
    /// Goes on only when the place differs from the one that was saved.
    Moved(usize),
    /// Runs what follows up to its `End` on its own, then goes on at `next`: at the place where it ended, when `keeps`,
    /// else where it began.
    Inner {
        next: usize,
        back: usize,
        negated: bool,
        keeps: bool,
    },
    /// Goes on behind this when the group matched, else there.
    If {
        group: usize,
        otherwise: usize,
    },
    Never,
    /// The program, or what is run on its own, has matched.
    End,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Program {
    pub steps: Vec<Step>,
    /// Places that are remembered: two for each group, then those of repeats.
    pub slots: usize,
}

/// Compiles a parsed pattern.
pub(super) fn compile(parsed: &Parsed) -> Result<Program, PatternError> {
    let mut writer = Writer { steps: Vec::new(), slots: parsed.groups * 2 };
    writer.node(&parsed.node)?;
    writer.push(Step::End)?;
    Ok(Program { steps: writer.steps, slots: writer.slots })
}

struct Writer {
    steps: Vec<Step>,
    slots: usize,
}

impl Writer {
    fn push(&mut self, step: Step) -> Result<usize, PatternError> {
        if self.steps.len() >= LONGEST {
            return Err(PatternError::refused("the pattern repeats too much for hookview"));
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn here(&self) -> usize {
        self.steps.len()
    }

    fn node(&mut self, node: &Node) -> Result<(), PatternError> {
        match node {
            Node::One(class) => self.push(Step::One(class.clone())).map(drop),
            Node::At(place) => self.push(Step::At(*place)).map(drop),
            Node::Back(group, ignore_case) => {
                self.push(Step::Back { group: *group, ignore_case: *ignore_case }).map(drop)
            }
            Node::Never => self.push(Step::Never).map(drop),
            Node::All(nodes) => nodes.iter().try_for_each(|node| self.node(node)),
            Node::Any(branches) => self.any(branches),
            Node::Plain(node) => self.node(node),
            Node::Group(number, node) => {
                self.push(Step::Save(number * 2))?;
                self.node(node)?;
                self.push(Step::Save(number * 2 + 1)).map(drop)
            }
            Node::Repeat { node, min, max, greed } => self.repeat(node, (*min, *max), *greed),
            Node::Look { node, behind, negated } => self.inner(node, (behind.unwrap_or(0), *negated, false)),
            Node::Atomic(node) => self.inner(node, (0, false, true)),
            Node::If { group, yes, no } => self.conditional(*group, yes, no),
        }
    }

    fn any(&mut self, branches: &[Node]) -> Result<(), PatternError> {
        let mut ends = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let is_last = index + 1 == branches.len();
            let fork = if is_last { None } else { Some(self.push(Step::Never)?) };
            self.node(branch)?;
            if let Some(fork) = fork {
                ends.push(self.push(Step::Never)?);
                self.steps[fork] = Step::Try { first: fork + 1, then: self.here() };
            }
        }
        for end in ends {
            self.steps[end] = Step::Jump(self.here());
        }
        Ok(())
    }

    fn inner(&mut self, node: &Node, (back, negated, keeps): (u32, bool, bool)) -> Result<(), PatternError> {
        let start = self.push(Step::Never)?;
        self.node(node)?;
        self.push(Step::End)?;
        self.steps[start] = Step::Inner { next: self.here(), back: back as usize, negated, keeps };
        Ok(())
    }

    fn conditional(&mut self, group: usize, yes: &Node, no: &Node) -> Result<(), PatternError> {
        let question = self.push(Step::Never)?;
        self.node(yes)?;
        let jump = self.push(Step::Never)?;
        self.steps[question] = Step::If { group, otherwise: self.here() };
        self.node(no)?;
        self.steps[jump] = Step::Jump(self.here());
        Ok(())
    }

    fn repeat(&mut self, node: &Node, (min, max): (u32, u32), greed: Greed) -> Result<(), PatternError> {
        if greed == Greed::Possessive {
            let node = Node::Repeat { node: Box::new(node.clone()), min, max, greed: Greed::Greedy };
            return self.inner(&node, (0, false, true));
        }
        (0..min).try_for_each(|_| self.node(node))?;
        if max == ENDLESS {
            return self.endless(node, greed);
        }
        let mut forks = Vec::new();
        for _ in min..max {
            forks.push(self.push(Step::Never)?);
            self.node(node)?;
        }
        for fork in forks {
            self.steps[fork] = fork_to(fork + 1, self.here(), greed);
        }
        Ok(())
    }

    /// Zero or more; a round that takes nothing is the last.
    fn endless(&mut self, node: &Node, greed: Greed) -> Result<(), PatternError> {
        let fork = self.push(Step::Never)?;
        let slot = self.slots;
        self.slots += 1;
        self.push(Step::Save(slot))?;
        self.node(node)?;
        self.push(Step::Moved(slot))?;
        self.push(Step::Jump(fork))?;
        self.steps[fork] = fork_to(fork + 1, self.here(), greed);
        Ok(())
    }
}

fn fork_to(inside: usize, behind: usize, greed: Greed) -> Step {
    match greed {
        Greed::Lazy => Step::Try { first: behind, then: inside },
        Greed::Greedy | Greed::Possessive => Step::Try { first: inside, then: behind },
    }
}
