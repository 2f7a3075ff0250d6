//! What a pattern says, as a tree.

use super::class::Class;

/// A part of a pattern. Flags are already worked into it.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// One character of a class.
    One(Class),
    /// A place between characters.
    At(Place),
    /// One after the other.
    All(Vec<Node>),
    /// The first that leads to a match.
    Any(Vec<Node>),
    /// A group that is remembered under this number, from 1.
    Group(usize, Box<Node>),
    /// A group that is not remembered; transparent for repeats.
    Plain(Box<Node>),
    /// What the group of this number matched; whether case is ignored.
    Back(usize, bool),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: u32,
        greed: Greed,
    },
    /// What stands here, or, with a width, before here.
    Look {
        node: Box<Node>,
        behind: Option<u32>,
        negated: bool,
    },
    /// Once matched, it is not entered again.
    Atomic(Box<Node>),
    /// One or the other, depending on whether the group of this number matched.
    If {
        group: usize,
        yes: Box<Node>,
        no: Box<Node>,
    },
    /// Never matches.
    Never,
}

/// How a repeat is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// A place between characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    /// The end, or before a newline that ends the text.
    End,
    /// A border of a word; whether only ASCII counts, and whether it must be none.
    Border {
        ascii: bool,
        negated: bool,
    },
}

/// No upper limit of a repeat.
pub(super) const ENDLESS: u32 = u32::MAX;

impl Node {
    /// The fewest and the most characters that it takes; the most saturates.
    pub fn width(&self, groups: &[(u32, u32)]) -> (u32, u32) {
        match self {
            Self::One(_) => (1, 1),
            Self::At(_) | Self::Look { .. } | Self::Never => (0, 0),
            Self::All(nodes) => nodes
                .iter()
                .map(|node| node.width(groups))
                .fold((0, 0), |sum, width| (sum.0.saturating_add(width.0), sum.1.saturating_add(width.1))),
            Self::Any(nodes) => {
                let widths = nodes.iter().map(|node| node.width(groups));
                widths.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))).unwrap_or_default()
            }
            Self::Group(_, node) | Self::Plain(node) | Self::Atomic(node) => node.width(groups),
            Self::Back(group, _) => groups.get(*group).copied().unwrap_or_default(),
            Self::Repeat { node, min, max, .. } => {
                let (least, most) = node.width(groups);
                (least.saturating_mul(*min), most.saturating_mul(*max))
            }
            Self::If { yes, no, .. } => {
                let (yes, no) = (yes.width(groups), no.width(groups));
                (yes.0.min(no.0), yes.1.max(no.1))
            }
        }
    }
}
