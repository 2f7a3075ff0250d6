//! Holding the terminal: what was changed about it is recorded, and undone once, whoever asks first.
//!
//! A process has one terminal, so the guard that holds it is one static: a panic in any thread can give the terminal
//! back, and a frame that was being made meanwhile goes nowhere instead of onto the shell's screen.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::modes::{Mode, Modes};

static HELD: Mutex<Option<Guard>> = Mutex::new(None);

/// What a guard needs of a terminal.
pub trait Device: Write + Send {
    /// Takes keys one by one and unseen, or leaves that to the line discipline as it was before.
    fn set_raw(&mut self, raw: bool) -> io::Result<()>;
}

/// A terminal and what was changed about it.
pub struct Guard {
    device: Box<dyn Device>,
    modes: Modes,
    taken: bool,
}

impl Guard {
    /// Takes the terminal and sets these modes. When that fails half way, what was done is undone.
    pub fn take(device: Box<dyn Device>, wanted: &[Mode]) -> io::Result<Self> {
        let mut modes = Modes::default();
        for mode in wanted {
            modes.switch(*mode, true);
        }
        let mut guard = Self { device, modes, taken: false };
        guard.retake()?;
        Ok(guard)
    }

    /// Takes the terminal again with the modes as they were, also when it was not given back but somebody used it.
    pub fn retake(&mut self) -> io::Result<()> {
        // A shell that had the terminal meanwhile may have changed it: from what it is now, not from what it was.
        self.device.set_raw(false)?;
        self.device.set_raw(true)?;
        self.taken = true;
        self.send(self.modes.set().as_bytes()).inspect_err(|_| drop(self.release()))
    }

    /// Gives the terminal back as it was; does nothing the second time. The modes are remembered for [`Self::retake`].
    pub fn release(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.taken) {
            return Ok(());
        }
        let unset = self.send(self.modes.unset().as_bytes());
        // Also when the bytes could not be sent: a shell without echo is worse than one with a mode left on.
        self.device.set_raw(false).and(unset)
    }

    /// Switches modes, now or when the terminal is taken again.
    pub fn switch(&mut self, modes: &[Mode], on: bool) -> io::Result<()> {
        let bytes: String = modes.iter().map(|mode| self.modes.switch(*mode, on)).collect();
        self.write(bytes.as_bytes())
    }

    /// Writes all of it at once; nothing at all while the terminal is not held.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.taken { self.send(bytes) } else { Ok(()) }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.device.write_all(bytes)?;
        self.device.flush()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.release();
    }
}

/// Makes this guard the one that holds the process's terminal. What held it before gives it back first.
pub fn hold(guard: impl FnOnce() -> io::Result<Guard>) -> io::Result<()> {
    let mut held = held();
    drop(held.take());
    *held = Some(guard()?);
    Ok(())
}

/// Works with the guard; does nothing when there is none any more.
pub fn with(work: impl FnOnce(&mut Guard) -> io::Result<()>) -> io::Result<()> {
    held().as_mut().map_or(Ok(()), work)
}

/// Whether the terminal is held right now.
pub fn is_taken() -> bool {
    held().as_ref().is_some_and(|guard| guard.taken)
}

/// Gives the terminal back for good.
pub fn let_go() -> io::Result<()> {
    held().take().map_or(Ok(()), |mut guard| guard.release())
}

fn held() -> MutexGuard<'static, Option<Guard>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Writes down what happens to it, and fails where it is told to.
    #[derive(Clone, Default)]
    struct Recorder {
        log: Arc<Mutex<String>>,
        fail_writes_after: Option<usize>,
    }

    impl Recorder {
        fn log(&self) -> String {
            self.log.lock().unwrap().replace('\x1b', "^")
        }
    }

    impl Write for Recorder {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut log = self.log.lock().unwrap();
            if self.fail_writes_after.is_some_and(|limit| log.len() >= limit) {
                return Err(io::Error::other("gone"));
            }
            log.push_str(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Device for Recorder {
        fn set_raw(&mut self, raw: bool) -> io::Result<()> {
            self.log.lock().unwrap().push_str(if raw { "<raw>" } else { "<cooked>" });
            Ok(())
        }
    }

    const WANTED: [Mode; 3] = [Mode::AlternateScreen, Mode::MouseButtons, Mode::HiddenCursor];

    #[test]
    fn what_was_taken_is_given_back_once() {
        let recorder = Recorder::default();
        let mut guard = Guard::take(Box::new(recorder.clone()), &WANTED).unwrap();
        assert_eq!(recorder.log(), "<cooked><raw>^[?1049h^[?1000h^[?25l");
        recorder.log.lock().unwrap().clear();
        guard.release().unwrap();
        guard.write(b"a frame that is late").unwrap();
        drop(guard);
        assert_eq!(recorder.log(), "^[?25h^[?1000l^[?1049l<cooked>");
    }

    #[test]
    fn modes_switched_meanwhile_are_given_back_as_they_are() {
        let recorder = Recorder::default();
        let mut guard = Guard::take(Box::new(recorder.clone()), &WANTED).unwrap();
        recorder.log.lock().unwrap().clear();
        guard.switch(&Mode::MOUSE, false).unwrap();
        guard.switch(&[Mode::BracketedPaste], true).unwrap();
        drop(guard);
        assert_eq!(recorder.log(), "^[?1000l^[?2004h^[?2004l^[?25h^[?1049l<cooked>");
    }

    #[test]
    fn what_is_switched_while_away_is_set_on_return() {
        let recorder = Recorder::default();
        let mut guard = Guard::take(Box::new(recorder.clone()), &WANTED).unwrap();
        guard.release().unwrap();
        recorder.log.lock().unwrap().clear();
        guard.switch(&Mode::MOUSE, false).unwrap();
        guard.retake().unwrap();
        assert_eq!(recorder.log(), "<cooked><raw>^[?1049h^[?25l");
    }

    #[test]
    fn a_setup_that_fails_is_undone() {
        let recorder = Recorder { fail_writes_after: Some(0), ..Recorder::default() };
        assert!(Guard::take(Box::new(recorder.clone()), &WANTED).is_err());
        assert_eq!(recorder.log(), "<cooked><raw><cooked>");
    }
}
