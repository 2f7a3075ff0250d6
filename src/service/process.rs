//! One process in a group of its own: fed, listened to, and ended with all that it started when its time is over.
//!
//! Knows commands and bytes, not what they are for.

use std::ffi::OsString;
use std::future::pending;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::warden::Warden;
use crate::capture::RunOutcome;
use crate::rules;

/// The first part of each output that is kept, in bytes; more is counted.
pub(super) const MAX_KEPT: usize = 1024 * 1024;
/// What is told to end has this long for it before it is killed, and its output this long to close after that.
const GRACE: Duration = Duration::from_secs(1);

/// What came of a process.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) outcome: RunOutcome,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
}

/// What was written to one pipe.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// The first part of it.
    pub(super) bytes: BytesMut,
    /// Bytes in all.
    pub(super) total: u64,
}

/// What ends a process from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    TimeLimit,
    Stop,
}

/// Runs a command to its end, at most for its time limit or until `stop`. It has ended when it has exited and nobody
/// holds its output any more; what it leaves behind with that closed lives on.
pub(super) async fn run(
    command: &rules::Command,
    facts: Vec<(String, OsString)>,
    input: Bytes,
    stop: &CancellationToken,
    warden: &Warden,
) -> Ended {
    match start(command, facts) {
        Ok(child) => Process::new(child, warden).run(input, command.time_limit, stop).await,
        Err(why) => Ended::without_start(RunOutcome::NotStarted(why)),
    }
}

impl Ended {
    /// Of one that was never there.
    pub(super) fn without_start(outcome: RunOutcome) -> Self {
        Self { outcome, stdout: Output::default(), stderr: Output::default() }
    }
}

/// Starts it, or says in a sentence why not.
fn start(command: &rules::Command, facts: Vec<(String, OsString)>) -> Result<Child, String> {
    let rules::Command { argv, directory, environment, .. } = command;
    let Some((program, arguments)) = argv.split_first() else { return Err("the rule names no program".to_owned()) };
    if !directory.is_dir() {
        return Err(format!("its working directory {} is not there", directory.display()));
    }
    let mut starting = Command::new(program);
    starting.args(arguments).current_dir(directory).process_group(0);
    starting.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Variables of this name say what was received, and nothing else: not our secret either.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"HOOKVIEW_")) {
        starting.env_remove(name);
    }
    starting.envs(facts).envs(environment.iter().map(|(name, value)| (name, value)));
    starting.spawn().map_err(|error| not_started(program, &error))
}

fn not_started(program: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no program {program}: give its path, or a name that is on PATH"),
        io::ErrorKind::PermissionDenied => format!("{program} may not be executed: make it executable (chmod +x)"),
        io::ErrorKind::InvalidInput => {
            format!(
                "{program} was to get an argument or a variable with a NUL byte in it, which no program can be given"
            )
        }
        io::ErrorKind::ArgumentListTooLong => format!("the arguments and variables of {program} are too long together"),
        _ => format!("{program} cannot be started: {error}"),
    }
}

/// A process that runs. Dropping it kills its group.
struct Process<'w> {
    child: Child,
    group: Group<'w>,
}

impl<'w> Process<'w> {
    fn new(child: Child, warden: &'w Warden) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = id {
            warden.watch(group);
        }
        Self { child, group: Group { id, warden } }
    }

    async fn run(mut self, input: Bytes, limit: Duration, stop: &CancellationToken) -> Ended {
        let (mut stdout, mut stderr) = (Output::default(), Output::default());
        let (cause, status) = {
            let mut living = pin!(live(&mut self.child, input, (&mut stdout, &mut stderr)));
            let cause = tokio::select! {
                biased;
                status = &mut living => Err(status),
                () = stop.cancelled() => Ok(Cause::Stop),
                () = sleep(limit) => Ok(Cause::TimeLimit),
            };
            match cause {
                Err(status) => (None, Some(status)),
                Ok(cause) => (Some(cause), self.group.end(living).await),
            }
        };
        let outcome = match (cause, status) {
            (Some(Cause::TimeLimit), _) => RunOutcome::TimedOut(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
            (_, Some(status)) => ended(status),
            (_, None) => RunOutcome::Killed(Signal::KILL.as_raw()),
        };
        self.group.is_over();
        Ended { outcome, stdout, stderr }
    }
}

/// Feeds it, hears it out, and waits for it, all at once: whoever waits for the other's pipe would wait for ever. What it
/// does not read of its input is no failure.
async fn live(child: &mut Child, input: Bytes, (stdout, stderr): (&mut Output, &mut Output)) -> io::Result<ExitStatus> {
    let (mut stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feeding = async move {
        if let Some(stdin) = &mut stdin {
            let _ = stdin.write_all(&input).await;
        }
        drop(stdin);
        pending().await
    };
    let hearing = async { tokio::join!(stdout.fill(out), stderr.fill(err), child.wait()).2 };
    tokio::select! {
        status = hearing => status,
        status = feeding => status,
    }
}

impl Output {
    /// Reads to the end.
    async fn fill(&mut self, pipe: Option<impl AsyncRead + Unpin>) {
        let Some(mut pipe) = pipe else { return };
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = pipe.read(&mut buffer).await {
            let room = MAX_KEPT - self.bytes.len();
            self.bytes.extend_from_slice(&buffer[..length.min(room)]);
            self.total += length as u64;
        }
    }
}

fn ended(status: io::Result<ExitStatus>) -> RunOutcome {
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => RunOutcome::Exited(code),
            (None, signal) => RunOutcome::Killed(signal.unwrap_or_default()),
        },
        Err(error) => RunOutcome::NotStarted(format!("nothing is known of its end: {error}")),
    }
}

/// A process and all that it started, less what has left it for a group of its own.
struct Group<'w> {
    /// None when there is nobody left.
    id: Option<Pid>,
    warden: &'w Warden,
}

impl Group<'_> {
    /// Asks all to end, then makes them; gives what `living` comes to, if it does.
    async fn end<T>(&self, mut living: impl Future<Output = T> + Unpin) -> Option<T> {
        for signal in [Signal::TERM, Signal::KILL] {
            self.send(signal);
            if let Ok(status) = timeout(GRACE, &mut living).await {
                // It went; one that it started may have stayed.
                self.send(Signal::KILL);
                return Some(status);
            }
        }
        None
    }

    fn send(&self, signal: Signal) {
        // Nobody is left to tell when all have gone by themselves.
        let _ = self.id.map(|group| kill_process_group(group, signal));
    }

    /// There is nobody to kill any more.
    fn is_over(&mut self) {
        if let Some(group) = self.id.take() {
            self.warden.release(group);
        }
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        self.send(Signal::KILL);
        self.is_over();
    }
}
