//! What a tab consists of: rows, counted and made one at a time.

use super::DiffPage;
use crate::app::{Line, Role, Span};
use crate::inspect::{self, Fold, Hex, Piece, TextBody, Tree};

/// The rows of a tab.
#[derive(Clone, Debug)]
pub enum Content {
    /// A JSON document that folds.
    Tree(Tree),
    /// Text.
    Text(TextBody),
    /// Bytes; 16 or 32 a row.
    Hex(Hex),
    /// Lines that were made beforehand, few of them.
    Lines(Vec<PageLine>),
    /// A comparison with another capture.
    Diff(DiffPage),
}

/// A line that was made beforehand, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLine {
    /// The text.
    pub line: Line,
    /// What keys act on when the cursor is here.
    pub target: Target,
}

/// What a line stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing.
    None,
    /// A header line of the request, by its place on the wire.
    Header(usize),
    /// An attempt, by its place among the capture's attempts, oldest first.
    Attempt(usize),
    /// A command that was run, by its place among the capture's runs, oldest first.
    Run(usize),
    /// A name and the whole of its value.
    Value(String, String),
}

impl PageLine {
    /// A line that stands for nothing.
    pub fn plain(line: Line) -> Self {
        Self { line, target: Target::None }
    }
}

impl Content {
    /// Lines that stand for nothing.
    pub fn lines(lines: impl IntoIterator<Item = Line>) -> Self {
        Self::Lines(lines.into_iter().map(PageLine::plain).collect())
    }

    /// Number of rows. `width` decides how many bytes a row of hex has.
    pub fn len(&self, width: usize) -> usize {
        match self {
            Self::Tree(tree) => tree.row_count(),
            Self::Text(text) => text.lines.row_count(),
            Self::Hex(hex) => hex.row_count(hex_width(width)),
            Self::Lines(lines) => lines.len(),
            Self::Diff(page) => page.len(width),
        }
    }

    /// How many columns it needs for two sides, when it is to show them and has only so many.
    pub fn lacks(&self, width: usize) -> Option<usize> {
        if let Self::Diff(page) = self { page.lacks(width) } else { None }
    }

    /// Row `n`, from zero; empty behind the end. The first cell, for the cursor, is not part of it.
    pub fn row(&self, n: usize, width: usize) -> Line {
        match self {
            Self::Tree(tree) => tree_row(tree, n),
            Self::Text(text) => {
                Line { spans: [vec![Span::new(Role::Text, "  ")], spans(text.row(n))].concat(), hang: 2 }
            }
            Self::Hex(hex) => hex_row(hex, n, width),
            Self::Lines(lines) => lines.get(n).map(|line| line.line.clone()).unwrap_or_default(),
            Self::Diff(page) => page.row(n, width),
        }
    }

    /// Row `n` as it is drawn on one row of the screen, `left` cells moved aside: the line, and how many of these are
    /// still to be cut off. A comparison is cut so that what differs is seen.
    pub fn fitted(&self, n: usize, width: usize, left: usize) -> (Line, usize) {
        match self {
            Self::Diff(page) => page.fitted(n, width, left),
            content => (content.row(n, width), left),
        }
    }

    /// What the row stands for.
    pub fn target(&self, n: usize, width: usize) -> &Target {
        match self {
            Self::Lines(lines) => lines.get(n).map_or(&Target::None, |line| &line.target),
            Self::Diff(page) => page.target(n, width),
            _ => &Target::None,
        }
    }

    /// Rows that hold `needle` in any case; a tree is searched whole, so its answer is nodes made visible.
    pub fn search(&mut self, needle: &str, width: usize) -> Vec<usize> {
        match self {
            Self::Tree(tree) => {
                let nodes = tree.search(needle);
                nodes.iter().take(1000).for_each(|node| tree.reveal(*node));
                let mut rows: Vec<usize> = nodes.into_iter().map(|node| tree.row_of(node)).collect();
                rows.dedup();
                rows
            }
            Self::Text(text) => text.lines.search(needle),
            Self::Hex(hex) => {
                let per_row = hex_width(width);
                let mut rows: Vec<usize> = hex.search(needle.as_bytes()).into_iter().map(|at| at / per_row).collect();
                rows.dedup();
                rows
            }
            Self::Diff(page) => page.search(needle, width),
            Self::Lines(lines) => {
                let needle = needle.to_lowercase();
                let holds = |line: &PageLine| line.line.plain().to_lowercase().contains(&needle);
                (0..lines.len()).filter(|row| holds(&lines[*row])).collect()
            }
        }
    }
}

/// Bytes in a row of hex on a screen of this width.
pub fn hex_width(width: usize) -> usize {
    if width >= 156 { 32 } else { 16 }
}

fn tree_row(tree: &Tree, n: usize) -> Line {
    let Some(row) = tree.row(n) else { return Line::default() };
    let mark = match row.fold {
        Fold::None => "  ",
        Fold::Open => "▾ ",
        Fold::Closed => "▸ ",
    };
    let indent = format!("{mark}{}", " ".repeat(row.indent));
    Line { spans: [vec![Span::new(Role::Text, indent)], spans(row.pieces)].concat(), hang: row.indent + 4 }
}

fn hex_row(hex: &Hex, n: usize, width: usize) -> Line {
    if n >= hex.row_count(hex_width(width)) {
        return Line::default();
    }
    let row = hex.row(n, hex_width(width));
    Line::new(Role::Dim, row.address).and(Role::Text, format!("  {}  ", row.digits)).and(Role::String, row.text)
}

pub(super) fn spans(pieces: Vec<Piece>) -> Vec<Span> {
    pieces.into_iter().map(|(role, text)| Span { role: look(role), text }).collect()
}

pub(super) fn look(role: inspect::Role) -> Role {
    match role {
        inspect::Role::Text => Role::Text,
        inspect::Role::Key => Role::Key,
        inspect::Role::String => Role::String,
        inspect::Role::Number | inspect::Role::Literal => Role::Number,
        inspect::Role::Punctuation | inspect::Role::Preview => Role::Dim,
    }
}
