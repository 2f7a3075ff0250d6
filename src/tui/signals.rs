//! What the system tells the program: to stop, to pause, to go on; and that a thread panicked. One stream of it all.

use std::io;
use std::time::Duration;

use futures_util::FutureExt;
use nix::unistd;
use rustix::process::{self, Signal as Number};
use tokio::signal::unix::{Signal as Listener, SignalKind, signal};
use tokio::time::Instant;

use super::tty;
use crate::exit::Exit;

/// The system signals that a terminal goes before it takes it away, and some shells do so before they end.
const GOING: Duration = Duration::from_millis(100);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM.
    Terminate,
    /// SIGHUP, and the terminal is gone that was there at the start.
    Hangup,
    /// SIGHUP, and the terminal is there, or never was: somebody asks to read the settings again.
    Reread,
    /// SIGINT. While a child has the terminal, ctrl-c there comes here too and is meant for the child.
    Interrupt,
    /// SIGQUIT, with the same remark about ctrl-\.
    Quit,
    /// SIGTSTP from outside; ctrl-z comes as a key. While a child has the terminal, its ctrl-z.
    Stop,
    /// SIGCONT: the program goes on after it was stopped, and the terminal may look like anything.
    Continue,
    /// A thread panicked. The terminal is given back and the message printed; what remains is to end in good order.
    Panic,
}

impl Signal {
    /// How the program ends for this; nothing when it goes on.
    pub fn exit(self) -> Option<Exit> {
        let number = match self {
            Self::Terminate => Number::TERM,
            Self::Hangup => Number::HUP,
            Self::Interrupt => Number::INT,
            Self::Quit => Number::QUIT,
            Self::Panic => return Some(Exit::Panicked),
            Self::Reread | Self::Stop | Self::Continue => return None,
        };
        u8::try_from(number.as_raw()).ok().map(Exit::Signal)
    }
}

/// Listens from the moment it is made; there is no going back to the system's defaults for these signals.
pub struct Signals {
    terminate: Listener,
    hangup: Listener,
    /// When to look whether the terminal is gone, after a SIGHUP.
    look: Option<Instant>,
    had_terminal: bool,
    interrupt: Listener,
    quit: Listener,
    stop: Listener,
    resume: Listener,
}

impl Signals {
    /// Starts to listen. Must be called within a runtime.
    pub fn listen() -> io::Result<Self> {
        let on = |number: Number| signal(SignalKind::from_raw(number.as_raw()));
        Ok(Self {
            terminate: on(Number::TERM)?,
            hangup: on(Number::HUP)?,
            look: None,
            had_terminal: tty::has_controlling(),
            interrupt: on(Number::INT)?,
            quit: on(Number::QUIT)?,
            stop: on(Number::TSTP)?,
            resume: on(Number::CONT)?,
        })
    }

    /// The next thing that happens. Nothing is lost when this is dropped before it is ready.
    pub async fn next(&mut self) -> Signal {
        loop {
            let look = self.look;
            tokio::select! {
                biased;
                () = super::panic::happened() => return Signal::Panic,
                Some(()) = self.terminate.recv() => return Signal::Terminate,
                Some(()) = self.interrupt.recv() => return Signal::Interrupt,
                Some(()) = self.quit.recv() => return Signal::Quit,
                Some(()) = self.resume.recv() => return Signal::Continue,
                Some(()) = self.stop.recv() => return Signal::Stop,
                Some(()) = self.hangup.recv() => self.look = Some(Instant::now() + GOING),
                () = tokio::time::sleep_until(look.unwrap_or_else(Instant::now)), if look.is_some() => {
                    self.look = None;
                    let gone = self.had_terminal && !tty::has_controlling();
                    return if gone { Signal::Hangup } else { Signal::Reread };
                }
            }
        }
    }

    /// Stops every process of the job, as ctrl-z in a terminal does: what started the program must stop too, or no
    /// shell gets the terminal. Ends when the job is continued.
    pub async fn stop_job(&mut self) -> io::Result<()> {
        // Or a report of the last time would end the wait before the stop, which may come a moment after the request.
        let _ = self.resume.recv().now_or_never();
        process::kill_current_process_group(Number::STOP)?;
        self.resume.recv().await;
        Ok(())
    }
}

/// Whether a shell would continue the program after it stopped. Nobody does when the program's job is the whole
/// session (a container, `ssh host hookview`), or when the shell that started it is gone.
pub(super) fn somebody_resumes() -> bool {
    let Ok(session) = unistd::getsid(None) else { return false };
    let job = unistd::getpgrp();
    let orphaned = job == unistd::getpid() && {
        let parent = unistd::getppid();
        // A parent outside of the process namespace has no number here, and getsid(2) takes 0 for the caller.
        parent.as_raw() == 0 || unistd::getsid(Some(parent)) != Ok(session)
    };
    job != session && !orphaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_as_shells_say_them() {
        let codes = [Signal::Terminate, Signal::Hangup, Signal::Interrupt, Signal::Quit, Signal::Panic];
        let codes = codes.map(|signal| signal.exit().map(Exit::code));
        assert_eq!(codes, [143, 129, 130, 131, 101].map(Some));
        assert_eq!([Signal::Stop, Signal::Continue, Signal::Reread].map(Signal::exit), [None; 3]);
    }

    #[tokio::test]
    async fn signals_arrive_one_by_one() {
        let mut signals = Signals::listen().unwrap();
        process::kill_process(process::getpid(), Number::HUP).unwrap();
        // Nobody took the terminal away, if there is one.
        assert_eq!(signals.next().await, Signal::Reread);
        process::kill_process(process::getpid(), Number::CONT).unwrap();
        assert_eq!(signals.next().await, Signal::Continue);
    }
}
