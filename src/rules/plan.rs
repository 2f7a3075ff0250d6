//! What is to be done about a request.

use std::path::PathBuf;
use std::time::Duration;

use crate::capture::Answer;

/// What is to be done about a request: decided by the first rule that matches it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The answer as far as it is known: status, headers, note, the name of the rule, how it is played. Its body is
    /// complete when `source` is [`Source::Ready`].
    pub answer: Answer,
    /// Where the answer's body, or all of it, comes from.
    pub source: Source,
    /// Commands to run, in this order. Those that do not make the answer run beside it.
    pub commands: Vec<Command>,
    /// Where to send the request on.
    pub forward: Option<Forward>,
}

/// Where an answer's body comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is there.
    Ready,
    /// A file, inside of the directory of the rules file; a name with links is to be followed and checked again.
    File {
        /// The file.
        path: PathBuf,
        /// The directory that it must be in.
        within: PathBuf,
    },
    /// What this command writes to its standard output; an exit code other than 0 makes it a 500.
    Output(Command),
    /// The answer of the forward's target, status and headers included; a 502 or 504 when there is none.
    Upstream,
}

/// A command to run for a capture. The body is its standard input, facts are in its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments, as they are handed over. No shell reads them.
    pub argv: Vec<String>,
    /// Its working directory: that of the rules file unless the rule says another.
    pub directory: PathBuf,
    /// More variables for its environment.
    pub environment: Vec<(String, String)>,
    /// After this long, it is ended with its whole process group.
    pub time_limit: Duration,
    /// So many of the rule's commands run at once.
    pub at_once: usize,
    /// So many wait for their turn; more are refused.
    pub queue: usize,
}

/// Sending a request on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The whole URL, path joined or replaced already.
    pub url: String,
    /// What becomes of the target's answer.
    pub passing: Passing,
    /// Whether `X-Forwarded-For`, `-Host` and `-Proto` are added.
    pub forwarded_headers: bool,
    /// The name of the secret to sign it with anew; `None` leaves its signature as it is.
    pub sign_with: Option<String>,
    /// Tries after the first.
    pub retries: u32,
    /// The wait before the first retry; it doubles each time, with jitter.
    pub backoff: Duration,
    /// Statuses that are tried again, besides connections that fail.
    pub retry_on: Vec<u16>,
    /// For each try.
    pub time_limit: Duration,
}

/// What becomes of a forward's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// It is passed through to the client: the plan's source is [`Source::Upstream`].
    Through,
    /// The client gets ours at once, and the target's is only kept.
    Shown,
}

impl Plan {
    /// A plan that needs nothing but to be answered.
    pub fn ready(answer: Answer) -> Self {
        Self { answer, source: Source::Ready, commands: Vec::new(), forward: None }
    }

    /// Whether there is nothing to be done but to send the answer.
    pub fn is_answer(&self) -> bool {
        self.source == Source::Ready && self.commands.is_empty() && self.forward.is_none()
    }
}
