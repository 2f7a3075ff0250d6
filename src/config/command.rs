//! Asking a command for a secret: its output, less one line end. What it is called with and what it says is not ours to
//! show; of its complaints the last line, when it fails.

use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// So much of what it complains about is read.
const COMPLAINT: u64 = 64 * 1024;

/// Why a command gave nothing; each continues a sentence that begins with the command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no shell, or no process to be had.
    #[error("cannot be started: {0}")]
    Start(io::Error),
    /// It took too long.
    #[error("gave none within {} s, and was ended: does it wait for somebody to answer it?", .0.as_secs())]
    TooSlow(Duration),
    /// It failed.
    #[error("failed, {status}{}", said(.complaint))]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// The last line that it wrote to stderr; may be empty.
        complaint: String,
    },
}

fn said(complaint: &str) -> String {
    if complaint.is_empty() { String::new() } else { format!(": {complaint}") }
}

/// What a command writes to stdout, at most `most` bytes of it and one more.
///
/// Blocks until it has ended, or for `limit`; then it and everything that it started is ended.
pub(super) fn output(command: &str, most: u64, limit: Duration) -> Result<Vec<u8>, CommandError> {
    let until = Instant::now() + limit;
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that what it started can be ended with it.
    let mut child = shell.process_group(0).spawn().map_err(CommandError::Start)?;
    let group = Pid::from_child(&child);
    let (out, complaints) = (drained(child.stdout.take(), most + 1), drained(child.stderr.take(), COMPLAINT));
    let ended = ending(child);
    let within = || until.saturating_duration_since(Instant::now());
    let Ok(Ok(status)) = ended.recv_timeout(within()) else {
        // Nobody to end when it has just ended by itself.
        let _ = kill_process_group(group, Signal::KILL);
        return Err(CommandError::TooSlow(limit));
    };
    if !status.success() {
        let complaint = last_line(&complaints.recv_timeout(within()).unwrap_or_default());
        return Err(CommandError::Failed { status, complaint });
    }
    out.recv_timeout(within()).map_err(|_| {
        let _ = kill_process_group(group, Signal::KILL);
        CommandError::TooSlow(limit)
    })
}

/// Waits for the end on a thread, because waiting has no limit in the standard library.
fn ending(mut child: Child) -> Receiver<io::Result<ExitStatus>> {
    let (tell, ended) = channel();
    thread::spawn(move || tell.send(child.wait()));
    ended
}

/// Reads to the end on a thread, keeping the first bytes, so that the command never waits for a full pipe.
fn drained(pipe: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (tell, bytes) = channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.by_ref().take(most).read_to_end(&mut kept);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        tell.send(kept)
    });
    bytes
}

fn last_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn fails(command: &str, limit: Duration) -> String {
        output(command, 100, limit).unwrap_err().to_string()
    }

    #[test]
    fn the_output_is_what_it_writes_to_stdout() {
        assert_eq!(output("printf 'a\\nb\\n'; echo no >&2", 100, LONG).unwrap(), b"a\nb\n");
        assert_eq!(output("cat", 100, LONG).unwrap(), b"");
        assert_eq!(output("yes | head -c 1000000", 100, LONG).unwrap().len(), 101);
    }

    #[test]
    fn one_that_fails_is_told_with_its_last_complaint() {
        assert_eq!(fails("echo one >&2; echo ' two ' >&2; echo; exit 3", LONG), "failed, exit status: 3: two");
        assert_eq!(fails("echo out; exit 1", LONG), "failed, exit status: 1");
        let missing = fails("no-such-command-anywhere", LONG);
        assert!(missing.starts_with("failed, exit status: 127: ") && missing.ends_with("not found"), "{missing}");
    }

    #[test]
    fn one_that_takes_too_long_is_ended_with_all_that_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let fifo = directory.path().join("fifo");
        let mode = rustix::fs::Mode::RWXU;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let held = format!("sleep 600 >'{}' & wait", fifo.display());
        let reader = thread::spawn(move || std::fs::read(fifo).unwrap());
        let error = fails(&held, Duration::from_secs(1));
        assert_eq!(error, "gave none within 1 s, and was ended: does it wait for somebody to answer it?");
        // Ends when the last writer is gone.
        assert_eq!(reader.join().unwrap(), b"");
    }

    #[test]
    fn what_it_leaves_behind_counts_as_not_ended_while_it_holds_the_output() {
        assert!(fails("sleep 600 &", Duration::from_secs(1)).starts_with("gave none within 1 s"));
    }
}
