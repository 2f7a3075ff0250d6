//! The terminal modes that the program sets, and the bytes that set and unset them. Pure.

/// A mode of the terminal, as DECSET numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The second screen, so that the shell's text is there again afterwards.
    AlternateScreen,
    /// Pasted text comes marked, never as keys.
    BracketedPaste,
    /// The window says when it comes to the front.
    FocusReports,
    /// Buttons and wheel, no motion: 1002 and 1003 would wake the program at every pixel.
    MouseButtons,
    /// Mouse positions beyond column 223.
    MouseLongPositions,
    /// No hardware cursor.
    HiddenCursor,
}

impl Mode {
    /// The two modes that make a mouse of use.
    pub const MOUSE: [Self; 2] = [Self::MouseButtons, Self::MouseLongPositions];

    fn number(self) -> u16 {
        match self {
            Self::AlternateScreen => 1049,
            Self::BracketedPaste => 2004,
            Self::FocusReports => 1004,
            Self::MouseButtons => 1000,
            Self::MouseLongPositions => 1006,
            Self::HiddenCursor => 25,
        }
    }

    /// The bytes that switch it.
    fn bytes(self, on: bool) -> String {
        // 25 is the visible cursor, so it is the only one that works the other way round.
        let high = on != (self == Self::HiddenCursor);
        format!("\x1b[?{}{}", self.number(), if high { 'h' } else { 'l' })
    }
}

/// Which modes are set, in the order in which that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modes(Vec<Mode>);

impl Modes {
    /// Records a change and gives its bytes; none when it is so already.
    pub fn switch(&mut self, mode: Mode, on: bool) -> String {
        if self.0.contains(&mode) == on {
            return String::new();
        }
        if on {
            self.0.push(mode);
        } else {
            self.0.retain(|set| *set != mode);
        }
        mode.bytes(on)
    }

    /// The bytes that set all of them once more, for a terminal that somebody else has used.
    pub fn set(&self) -> String {
        self.0.iter().map(|mode| mode.bytes(true)).collect()
    }

    /// The bytes that unset exactly what was set, last first.
    pub fn unset(&self) -> String {
        self.0.iter().rev().map(|mode| mode.bytes(false)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_unset_in_reverse() {
        let mut modes = Modes::default();
        let set: String = [Mode::AlternateScreen, Mode::BracketedPaste, Mode::HiddenCursor]
            .map(|mode| modes.switch(mode, true))
            .concat();
        assert_eq!(set, "\x1b[?1049h\x1b[?2004h\x1b[?25l");
        assert_eq!(modes.set(), set);
        assert_eq!(modes.unset(), "\x1b[?25h\x1b[?2004l\x1b[?1049l");
    }

    #[test]
    fn a_mode_is_switched_once() {
        let mut modes = Modes::default();
        assert_eq!(modes.switch(Mode::MouseButtons, false), "");
        assert_eq!(modes.switch(Mode::MouseButtons, true), "\x1b[?1000h");
        assert_eq!(modes.switch(Mode::MouseButtons, true), "");
        assert_eq!(modes.switch(Mode::MouseButtons, false), "\x1b[?1000l");
        assert_eq!(modes.unset(), "");
    }
}
