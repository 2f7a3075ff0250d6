//! The screen: frames on the terminal, and lending the terminal to others. Knows nothing of what is drawn.

use std::io::{self, Write};

use ratatui::Frame;

use super::frame::Painter;
use super::guard::{self, Guard};
use super::modes::Mode;
use super::signals::{self, Signals};
use super::tty::{self, Tty};

/// What the user wants of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenOptions {
    /// Whether the mouse is asked for.
    pub mouse: bool,
    /// Whether the hardware cursor is always seen, not only in text fields.
    pub cursor_visible: bool,
}

/// Why the program does not stop for ctrl-z.
#[derive(Debug, thiserror::Error)]
pub enum SuspendError {
    /// It leads its session, or its shell is gone.
    #[error("cannot be suspended here: no shell would bring it back; q quits")]
    NobodyResumes,
    /// The terminal or the system refused.
    #[error("cannot be suspended: {0}")]
    Refused(#[from] io::Error),
}

/// The terminal, held: raw, on its second screen, pastes and focus reported, cursor hidden. Dropped, left, or at a
/// panic in any thread, everything that was changed is changed back, once.
pub struct Screen {
    painter: Painter,
    options: ScreenOptions,
    lent: bool,
}

impl Screen {
    /// Takes the terminal. Fails, with everything undone, where there is none.
    pub fn enter(options: ScreenOptions) -> io::Result<Self> {
        super::panic::install_hook();
        // Whether there are colours is decided by the theme alone, not by what the backend reads from the environment.
        crossterm::style::force_color_output(true);
        let painter = Painter::new(tty::size)?;
        let mut modes = vec![Mode::AlternateScreen, Mode::BracketedPaste, Mode::FocusReports];
        if options.mouse {
            modes.extend(Mode::MOUSE);
        }
        modes.push(Mode::HiddenCursor);
        guard::hold(|| Guard::take(Box::new(Tty::open()?), &modes))?;
        let mut screen = Self { painter, options, lent: false };
        screen.force_repaint();
        Ok(screen)
    }

    /// Draws a frame: one write, nothing when nothing changed, nothing while others have the terminal. The frame's
    /// cursor position is where the hardware cursor goes; `show_cursor` says whether it is seen there.
    pub fn draw(&mut self, show_cursor: bool, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if self.lent || !guard::is_taken() {
            return Ok(());
        }
        let bytes = self.painter.paint(show_cursor || self.options.cursor_visible, render)?;
        self.write(&bytes)
    }

    /// Makes the next frame a whole one, for when another program wrote on the screen.
    pub fn force_repaint(&mut self) {
        self.painter.forget();
    }

    /// Asks for mouse reports, or for none so that the terminal's own selection works. Costs nothing when it is so.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        guard::with(|guard| guard.switch(&Mode::MOUSE, on))
    }

    /// Writes a sequence between two frames, such as one for the clipboard. It must not move the cursor or paint.
    pub fn write(&mut self, sequence: &[u8]) -> io::Result<()> {
        guard::with(|guard| guard.write(sequence))
    }

    /// Gives the terminal back to the shell, prints a line there, and stops the program until the shell continues it;
    /// then takes the terminal again. While a child has the terminal, the program just stops and goes on with it.
    pub async fn suspend(&mut self, line: &str, signals: &mut Signals) -> Result<(), SuspendError> {
        if !signals::somebody_resumes() {
            return Err(SuspendError::NobodyResumes);
        }
        if !self.lent {
            guard::with(Guard::release)?;
            // On stderr, for stdout may be a pipe; that nobody reads it is no reason not to stop.
            let _ = writeln!(io::stderr(), "{line}");
        }
        let stopped = signals.stop_job().await;
        self.resume()?;
        Ok(stopped?)
    }

    /// Takes the terminal again after the program was stopped from outside and continued, unless a child has it.
    pub fn resume(&mut self) -> io::Result<()> {
        if self.lent { Ok(()) } else { self.take_back() }
    }

    /// Gives the terminal to a child such as an editor. Nobody may read the terminal until [`Self::take_back`].
    pub fn lend(&mut self) -> io::Result<()> {
        self.lent = true;
        guard::with(Guard::release)
    }

    /// Takes the terminal from a child, or from whoever used it; the next frame is a whole one.
    pub fn take_back(&mut self) -> io::Result<()> {
        self.lent = false;
        self.force_repaint();
        guard::with(Guard::retake)
    }

    /// Gives the terminal back for good, saying when that failed.
    pub fn leave(self) -> io::Result<()> {
        guard::let_go()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = guard::let_go();
    }
}
