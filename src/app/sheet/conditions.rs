//! The conditions sheet: what conditions make of the selected capture, in lines.

use crate::app::{Fired, Line, Model, Role, Tried};
use crate::inspect::{Clean, cells};

/// The conditions that are tried.
#[derive(Clone, Debug, Default)]
pub struct ConditionsSheet {
    /// Rows that are scrolled past.
    pub top: usize,
}

/// What the headline says at the right: `saved 12:33:10, would fire 3 of 7`; the first part where there is room for it.
pub fn conditions_note(model: &Model, room: usize) -> String {
    let saved = model.trial.saved.map(|at| format!("saved {}", model.look.zone.clock(at)));
    let tally = Some(model.trial.tally()).filter(|tally| !tally.is_empty());
    let whole = saved.into_iter().chain(tally.clone()).collect::<Vec<_>>().join(", ");
    if cells(&whole) <= room { whole } else { tally.unwrap_or_default() }
}

/// The outcome, whose rules hold, the tree, and what the tally leaves out.
pub fn condition_lines(model: &Model) -> Vec<Line> {
    match &model.trial.read {
        None => vec![Line::new(Role::Dim, "  reading")],
        Some(Err(reason)) => vec![Line::new(Role::Bad, format!("  ✗ {}", Clean::text(reason))).hanging(4)],
        Some(Ok(_)) => {
            let shown = model.trial.shown.as_ref().filter(|shown| model.list.selected() == Some(shown.capture));
            shown.map_or_else(|| vec![Line::new(Role::Dim, waiting(model))], |shown| tried_lines(model, shown))
        }
    }
}

fn waiting(model: &Model) -> &'static str {
    if model.list.selected().is_some() { "  looking" } else { "  no capture is selected" }
}

fn tried_lines(model: &Model, shown: &Tried) -> Vec<Line> {
    let (role, sign) = match shown.fired {
        Some(fired) => (role_of(fired), fired.sign()),
        None => (Role::Unchecked, "?"),
    };
    let verdict = Line::new(role, format!("  {sign} ")).and(Role::Strong, shown.capture.to_string());
    let mut lines = vec![verdict.and(Role::Text, format!("  {}", shown.said)).hanging(4)];
    lines.extend(shown.system.map(|system| {
        let whose = if model.trial.system.is_some() { "as chosen" } else { "which sent it" };
        Line::new(Role::Dim, format!("    by the rules of {}, {whose}", system.name()))
    }));
    lines.push(Line::default());
    lines.extend(shown.rows.iter().map(|row| row_line(row)));
    let left_out = model.trial.left_out();
    lines.extend(left_out.map(|why| Line::new(Role::Dim, format!("    {why}")).hanging(4)));
    lines
}

/// A row of the tree, its sign in the colour of what came of it.
fn row_line(row: &str) -> Line {
    let rest = row.trim_start();
    let indent = " ".repeat(2 + row.len() - rest.len());
    let role = match rest.chars().next() {
        Some('✓') => role_of(Fired::Yes),
        Some('✗') => role_of(Fired::No),
        Some('!') => role_of(Fired::Fails),
        Some('·') => return Line::new(Role::Dim, format!("{indent}{rest}")).hanging(indent.len() + 2),
        _ => return Line::new(Role::Key, format!("{indent}{rest}")).hanging(indent.len()),
    };
    let mut chars = rest.chars();
    let sign = chars.next().map(String::from).unwrap_or_default();
    let hang = indent.len() + 2;
    Line::text(indent).and(role, sign).and(Role::Text, chars.as_str()).hanging(hang)
}

fn role_of(fired: Fired) -> Role {
    match fired {
        Fired::Yes => Role::Good,
        Fired::No => Role::Text,
        Fired::Fails => Role::Bad,
        Fired::LeftOut(_) => Role::Unchecked,
    }
}
