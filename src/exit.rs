//! Exit codes.

use std::process::ExitCode;

/// How the program ends, as its caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Fine.
    Ok,
    /// Something failed; a sentence on stderr says what. What was compared differs; what was checked does not hold.
    Failed,
    /// The command line or the configuration is wrong.
    Usage,
    /// The signal of this number asked it to end.
    Signal(u8),
    /// A thread panicked.
    Panicked,
}

impl Exit {
    /// 0, 1, 2, 101 after a panic, or 128 and the number of the signal.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Panicked => 101,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_shells_know() {
        let exits = [Exit::Ok, Exit::Failed, Exit::Usage, Exit::Signal(2), Exit::Signal(15), Exit::Signal(200)];
        assert_eq!(exits.map(Exit::code), [0, 1, 2, 130, 143, 255]);
    }
}
