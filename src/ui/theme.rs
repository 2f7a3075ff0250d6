//! Looks: the terminal's own sixteen colours, no backgrounds, and attributes alone where there is no colour.

use ratatui::style::{Color, Modifier, Style};

use crate::app::Role;

/// What each role looks like.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    color: bool,
}

impl Theme {
    /// The terminal's own colours, or attributes alone.
    pub fn new(color: bool) -> Self {
        Self { color }
    }

    /// The look of a role.
    pub fn style(&self, role: Role) -> Style {
        let style = Style::new();
        let color = |color: Color| if self.color { style.fg(color) } else { style };
        match role {
            Role::Text => style,
            Role::Good | Role::String => color(Color::Green),
            Role::Bad => color(Color::Red).add_modifier(Modifier::BOLD),
            Role::Unchecked | Role::Number => color(Color::Magenta),
            Role::Strong => style.add_modifier(Modifier::BOLD),
            Role::Dim => style.add_modifier(Modifier::DIM),
            Role::Key => color(Color::Cyan),
            Role::Differs => style.add_modifier(Modifier::UNDERLINED),
        }
    }

    /// The look of the row with the cursor.
    pub fn cursor(&self) -> Modifier {
        Modifier::REVERSED
    }
}
