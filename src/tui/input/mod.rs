//! What the terminal sends, as inputs, in order and without losing any: keys, mouse, pastes, sizes, focus.
//!
//! Reads the terminal only while somebody waits for an input. There is no thread that would take keys which are meant
//! for an editor that has the terminal, and nothing to stop or start around it.

mod parser;
mod sequence;

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

use self::parser::Parser;
use super::tty;
use crate::app::{Input, MouseKind};

/// A click this soon after the window came to the front was meant for the window.
const FOCUS_CLICK: Duration = Duration::from_millis(50);
/// As much as a terminal's line discipline holds.
const CHUNK: usize = 4096;
/// How much is taken at once before something else gets its turn.
const DRAIN: usize = 256 * CHUNK;

/// The inputs of a terminal.
pub struct Events {
    source: AsyncFd<OwnedFd>,
    resized: Signal,
    parser: Parser,
    last_read: Instant,
    focused: Option<Instant>,
    gone: bool,
}

impl Events {
    /// The inputs of the terminal that the program runs in. Must be called within a runtime.
    pub fn of_terminal() -> io::Result<Self> {
        Self::over(tty::input()?)
    }

    /// The inputs that come from this descriptor, which nobody else may read.
    pub fn over(source: OwnedFd) -> io::Result<Self> {
        Ok(Self {
            source: register(source)?,
            resized: signal(SignalKind::window_change())?,
            parser: Parser::default(),
            last_read: Instant::now(),
            focused: None,
            gone: false,
        })
    }

    /// The next input; nothing once the terminal is gone, which is to be taken as SIGHUP is. Nothing is lost when this
    /// is dropped before it is ready.
    pub async fn next(&mut self) -> Option<Input> {
        loop {
            if let Some(input) = self.parsed() {
                return Some(input);
            }
            if self.gone {
                return None;
            }
            let patience = self.parser.patience();
            let deadline = self.last_read + patience.unwrap_or_default();
            tokio::select! {
                biased;
                ready = self.source.readable() => {
                    let result = ready.map(|mut ready| ready.try_io(|source| read(source.get_ref())));
                    self.take(result.and_then(|result| result.unwrap_or_else(|_| Err(io::ErrorKind::WouldBlock.into()))));
                }
                Some(()) = self.resized.recv() => return Some(resize()),
                () = tokio::time::sleep_until(deadline), if patience.is_some() => self.parser.give_up(),
            }
        }
    }

    /// All that is there already, without waiting, so that keys typed ahead act in order before anything is drawn.
    pub fn drain_ready(&mut self) -> VecDeque<Input> {
        let mut taken = 0;
        while !self.gone && taken < DRAIN {
            match read(self.source.get_ref()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                result => {
                    taken += CHUNK;
                    self.take(result);
                }
            }
        }
        std::iter::from_fn(|| self.parsed()).collect()
    }

    /// Takes what was read into account; an end of file and errors mean that the terminal is gone.
    fn take(&mut self, read: io::Result<Vec<u8>>) {
        match read {
            Ok(bytes) if !bytes.is_empty() => {
                self.last_read = Instant::now();
                self.parser.feed(&bytes);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            _ => self.gone = true,
        }
    }

    /// The next input that was read, without the click that brought the window to the front.
    fn parsed(&mut self) -> Option<Input> {
        loop {
            let input = self.parser.next()?;
            match &input {
                Input::Focus(true) => self.focused = Some(self.last_read),
                Input::Mouse(mouse) if mouse.kind == MouseKind::Press => {
                    let focused = self.focused.take();
                    if focused.is_some_and(|at| self.last_read.duration_since(at) < FOCUS_CLICK) {
                        continue;
                    }
                }
                _ => {}
            }
            return Some(input);
        }
    }
}

#[expect(
    deprecated,
    reason = "its unsafe successor asks that the descriptor stays open and the same, which an OwnedFd that is never replaced is"
)]
fn register(source: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(source, tokio::io::Interest::READABLE)
}

fn resize() -> Input {
    let size = tty::size();
    Input::Resize { width: size.width, height: size.height }
}

/// Reads what is there. The descriptor blocks, because making it not block would do so to the shell's as well; so it
/// is asked first.
fn read(source: &OwnedFd) -> io::Result<Vec<u8>> {
    let mut asked = [PollFd::from_borrowed_fd(source.as_fd(), PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    if rustix::event::poll(&mut asked, Some(&at_once))? == 0 {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let mut bytes = vec![0; CHUNK];
    let length = rustix::io::read(source, &mut bytes)?;
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::app::Mouse;
    use crate::config::{Key, KeyCode};

    fn terminal() -> (UnixStream, Events) {
        let (near, far) = UnixStream::pair().unwrap();
        (near, Events::over(far.into()).unwrap())
    }

    fn typed(text: &str) -> Vec<Input> {
        text.chars().map(|char| Input::Key(Key::char(char))).collect()
    }

    #[tokio::test]
    async fn keys_typed_ahead_are_there_in_order() {
        let (mut near, mut events) = terminal();
        near.write_all(b"/abcdef").unwrap();
        assert_eq!(events.next().await.as_ref(), typed("/").first());
        assert_eq!(events.drain_ready(), typed("abcdef"));
        assert_eq!(events.drain_ready(), []);
        near.write_all(b"j").unwrap();
        assert_eq!(events.next().await.as_ref(), typed("j").first());
    }

    #[tokio::test]
    async fn a_lone_escape_is_esc_after_a_moment_and_an_arrow_is_not() {
        let (mut near, mut events) = terminal();
        near.write_all(b"\x1b").unwrap();
        assert_eq!(events.drain_ready(), []);
        near.write_all(b"[A").unwrap();
        assert_eq!(events.next().await, Some(Input::Key(Key::new(KeyCode::Up))));
        near.write_all(b"\x1b").unwrap();
        assert_eq!(events.next().await, Some(Input::Key(Key::new(KeyCode::Esc))));
    }

    #[tokio::test]
    async fn waiting_that_is_given_up_loses_nothing() {
        let (mut near, mut events) = terminal();
        for key in typed("jjk") {
            tokio::select! {
                biased;
                _ = events.next() => panic!("nothing was typed"),
                () = std::future::ready(()) => {}
            }
            near.write_all(key_bytes(&key)).unwrap();
            assert_eq!(events.next().await, Some(key));
        }
    }

    fn key_bytes(input: &Input) -> &'static [u8] {
        if *input == Input::Key(Key::char('j')) { b"j" } else { b"k" }
    }

    #[tokio::test]
    async fn a_terminal_that_is_gone_ends_the_inputs_after_what_it_sent() {
        let (mut near, mut events) = terminal();
        near.write_all(b"q").unwrap();
        drop(near);
        assert_eq!(events.next().await.as_ref(), typed("q").first());
        assert_eq!(events.next().await, None);
        assert_eq!(events.next().await, None);
    }

    #[tokio::test]
    async fn the_click_that_brings_the_window_to_the_front_does_nothing_else() {
        let (mut near, mut events) = terminal();
        near.write_all(b"\x1b[I\x1b[<0;1;1M\x1b[<0;1;1m\x1b[<0;1;1M").unwrap();
        let mouse = |kind| Input::Mouse(Mouse { kind, column: 0, row: 0 });
        assert_eq!(events.next().await, Some(Input::Focus(true)));
        assert_eq!(events.next().await, Some(mouse(MouseKind::Release)));
        assert_eq!(events.next().await, Some(mouse(MouseKind::Press)));
    }
}
