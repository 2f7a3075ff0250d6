//! The terminal as a device: where to read, where to write, how large it is. Knows nothing of what is written.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags};

use super::guard::Device;

/// What a terminal without a size is taken for, as everybody does (serial lines, some containers).
const UNKNOWN: Size = Size { width: 80, height: 24 };
/// More cells than any screen has; some pseudo terminals claim 65,535 by 65,535, which would be 4 billion.
const LARGEST: Size = Size { width: 1000, height: 500 };

/// Where keys come from: standard input when it is a terminal, else the controlling terminal.
pub fn input() -> io::Result<OwnedFd> {
    let stdin = io::stdin();
    if stdin.is_terminal() { stdin.as_fd().try_clone_to_owned() } else { Ok(File::open("/dev/tty")?.into()) }
}

/// Whether this process has a controlling terminal, which it loses when that hangs up or its session ends.
pub fn has_controlling() -> bool {
    File::open("/dev/tty").is_ok()
}

/// The size of the terminal in cells, never zero.
pub fn size() -> Size {
    let asked = [
        rustix::termios::tcgetwinsize(rustix::stdio::stdout()),
        rustix::termios::tcgetwinsize(rustix::stdio::stdin()),
        rustix::termios::tcgetwinsize(rustix::stdio::stderr()),
    ];
    let found = asked.into_iter().find_map(Result::ok);
    sane(found.map_or(Size::ZERO, |size| Size { width: size.ws_col, height: size.ws_row }))
}

fn sane(size: Size) -> Size {
    if size.width == 0 || size.height == 0 {
        return UNKNOWN;
    }
    Size { width: size.width.min(LARGEST.width), height: size.height.min(LARGEST.height) }
}

/// The terminal to draw on: standard output when it is one, else the controlling terminal.
pub struct Tty {
    output: File,
}

impl Tty {
    /// Opens it; fails where there is no terminal at all.
    pub fn open() -> io::Result<Self> {
        let stdout = io::stdout();
        let output = if stdout.is_terminal() {
            File::from(stdout.as_fd().try_clone_to_owned()?)
        } else {
            File::options().write(true).open("/dev/tty")?
        };
        Ok(Self { output })
    }
}

impl Write for Tty {
    /// Waits where the terminal was made non-blocking, which any program that shares it can do to us.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.output.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    rustix::event::poll(&mut [PollFd::new(&self.output, PollFlags::OUT)], None)?;
                }
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Device for Tty {
    fn set_raw(&mut self, raw: bool) -> io::Result<()> {
        if raw { crossterm::terminal::enable_raw_mode() } else { crossterm::terminal::disable_raw_mode() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_never_zero_and_never_absurd() {
        let size = |width, height| Size { width, height };
        assert_eq!(sane(size(0, 0)), size(80, 24));
        assert_eq!(sane(size(0, 40)), size(80, 24));
        assert_eq!(sane(size(1, 1)), size(1, 1));
        assert_eq!(sane(size(u16::MAX, u16::MAX)), size(1000, 500));
    }
}
