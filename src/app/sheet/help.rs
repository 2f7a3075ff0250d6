//! The help screen, made from the table of actions and the keys in force, so that it is never out of date.

use crate::app::{Action, CopyKind, Group, Keymap, Line, Role, Scroll};
use crate::config::Key;

/// The help screen.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// Its window; the cursor is on a key that enter runs.
    pub scroll: Scroll,
    /// Narrows it to lines that hold this.
    pub find: String,
    /// Whether what is typed goes into `find`.
    pub typing: bool,
}

impl Help {
    /// The help screen with the cursor on its first key, below the first headline.
    pub fn new() -> Self {
        Self { scroll: Scroll { cursor: 1, ..Scroll::default() }, ..Self::default() }
    }
}

/// Where help is asked for: its keys come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpOn {
    /// The list of captures.
    List,
    /// What is beside it.
    Detail,
    /// The template lab.
    Lab,
}

impl HelpOn {
    /// The headline.
    pub fn title(self) -> &'static str {
        match self {
            Self::List => "Help: captures list",
            Self::Detail => "Help: detail",
            Self::Lab => "Help: template lab",
        }
    }
}

/// What keys mean in the lab alone.
const LAB: [(Action, &str); 13] = [
    (Action::Edit, "edit the template, at the line that fails"),
    (Action::NextCapture, "the next capture that it is tried on"),
    (Action::PreviousCapture, "the one before"),
    (Action::NextHit, "the next capture with a problem"),
    (Action::PreviousHit, "the one before"),
    (Action::Resend, "send what was rendered, signed as the system signs"),
    (Action::Copy, "copy the output, the template, a curl command .."),
    (Action::NextPane, "the next pane: template, output, all captures, context"),
    (Action::NextTab, "the next part of a webhook: body, URL, headers"),
    (Action::Zoom, "let the pane fill the screen"),
    (Action::Pin, "render as another system does"),
    (Action::Wrap, "wrap long lines"),
    (Action::Lab, "another template"),
];

/// A line of the help screen and the action that enter runs.
pub type HelpLine = (Line, Option<Action>);

/// The lines, narrowed to those that hold `find`.
pub fn help_lines(keymap: &Keymap, on: HelpOn, find: &str) -> Vec<HelpLine> {
    let mut groups = Group::ALL;
    if on == HelpOn::Detail {
        groups.rotate_left(4);
    }
    let mut lines: Vec<HelpLine> = Vec::new();
    if on == HelpOn::Lab {
        let rows = LAB.map(|(action, text)| (keys_and(keymap, action, text), Some(action)));
        section(&mut lines, "IN THE LAB", rows.into(), find);
    }
    for group in groups {
        let rows = Action::ALL.iter().filter(|action| action.group() == group).map(|action| row(keymap, *action));
        let copies = CopyKind::ALL.iter().filter(|kind| kind.group() == group).map(|kind| copy_row(keymap, *kind));
        section(&mut lines, group.title(), rows.chain(copies).collect(), find);
    }
    section(&mut lines, "MARKS", marks(), find);
    lines
}

fn section(lines: &mut Vec<HelpLine>, title: &str, rows: Vec<HelpLine>, find: &str) {
    let find = find.to_lowercase();
    let rows: Vec<HelpLine> =
        rows.into_iter().filter(|(line, _)| line.plain().to_lowercase().contains(&find)).collect();
    if rows.is_empty() {
        return;
    }
    if !lines.is_empty() {
        lines.push((Line::default(), None));
    }
    lines.push((Line::new(Role::Strong, format!("  {title}")), None));
    lines.extend(rows);
}

fn row(keymap: &Keymap, action: Action) -> HelpLine {
    (keys_and(keymap, action, action.describe()), Some(action))
}

fn keys_and(keymap: &Keymap, action: Action, text: &str) -> Line {
    let keys: Vec<String> = keymap.keys(action).iter().map(Key::to_string).collect();
    Line::new(Role::Strong, format!("  {:<14} ", keys.join(" "))).and(Role::Text, text)
}

fn copy_row(keymap: &Keymap, kind: CopyKind) -> HelpLine {
    let copy = keymap.hint(Action::Copy);
    let key = keymap.copy_key(kind).map(|key| format!("{copy}{key}")).unwrap_or_default();
    (Line::new(Role::Strong, format!("  {key:<14} ")).and(Role::Text, kind.describe()), None)
}

fn marks() -> Vec<HelpLine> {
    let row =
        |role: Role, mark: &str, text: &str| (Line::new(role, format!("  {mark:<14} ")).and(Role::Text, text), None);
    vec![
        row(Role::Good, "✓", "the signature is verified"),
        row(Role::Bad, "✗", "the signature failed"),
        row(Role::Text, "–", "not signed"),
        row(Role::Unchecked, "?", "signed, no secret to check it with"),
        row(Role::Text, "*", "pinned: never evicted"),
        row(Role::Text, "↻", "sent by this hookview"),
        row(Role::Text, "!", "something went wrong while it was received"),
        row(Role::Text, "> ·", "the cursor, where the keys go and where they do not"),
    ]
}
