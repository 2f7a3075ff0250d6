//! A program in a pseudo terminal, as a user has it: keys go in, a screen comes out.
//!
//! Everything waits for a condition and has a limit; what is on the screen is said when the limit is over. The terminal
//! answers no questions, so a program that asks any (`ESC[6n`) is found out.

#![allow(dead_code, reason = "each test program uses its part of this")]
#![expect(clippy::unwrap_used, reason = "a test that cannot have its terminal fails")]

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{ChildKiller, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Far more than anything here takes, for machines that do other things too.
const LIMIT: Duration = Duration::from_secs(30);

/// Modes that a program must not leave behind: name, the bytes that set it, the bytes that unset it.
const MODES: [(&str, &str, &str); 9] = [
    ("alternate screen", "\x1b[?1049h", "\x1b[?1049l"),
    ("mouse buttons", "\x1b[?1000h", "\x1b[?1000l"),
    ("mouse drag", "\x1b[?1002h", "\x1b[?1002l"),
    ("mouse motion", "\x1b[?1003h", "\x1b[?1003l"),
    ("mouse positions", "\x1b[?1006h", "\x1b[?1006l"),
    ("focus reports", "\x1b[?1004h", "\x1b[?1004l"),
    ("bracketed paste", "\x1b[?2004h", "\x1b[?2004l"),
    ("synchronized output", "\x1b[?2026h", "\x1b[?2026l"),
    ("hidden cursor", "\x1b[?25l", "\x1b[?25h"),
];

/// What is started, and how.
pub struct PtyCommand {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    size: (u16, u16),
}

impl PtyCommand {
    /// This program, in 80 columns and 24 rows, with a home of its own and nothing else in its environment but `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self { program: program.as_ref().into(), arguments: Vec::new(), environment: Vec::new(), size: (80, 24) }
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().into()));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), value.as_ref().into()));
        self
    }

    /// Sets the size in cells.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// Starts it.
    pub fn start(self) -> Pty {
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(&self.program);
        command.args(&self.arguments);
        command.cwd(home.path());
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home.path());
        for directory in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            command.env(directory, home.path().join(directory));
        }
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")] {
            command.env(name, value);
        }
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        Pty::start(command, self.size, home)
    }
}

/// What came out so far.
struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    ended: bool,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// A running program and its terminal. Dropped, the program is ended.
pub struct Pty {
    master: Box<dyn MasterPty>,
    writer: Box<dyn Write + Send>,
    seen: Shared,
    id: Pid,
    killer: Box<dyn ChildKiller + Send + Sync>,
    exit: Receiver<ExitStatus>,
    exited: Option<ExitStatus>,
    settings_before: String,
    home: TempDir,
}

impl Pty {
    fn start(command: CommandBuilder, (columns, rows): (u16, u16), home: TempDir) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let settings_before = settings(pair.master.as_ref());
        let mut child = pair.slave.spawn_command(command).unwrap();
        // Or the end of the output is never seen.
        drop(pair.slave);
        let id = child.process_id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).unwrap();
        let killer = child.clone_killer();
        let (exits, exit) = channel();
        thread::spawn(move || exits.send(child.wait().unwrap()));
        let parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        let seen = Arc::new((Mutex::new(Seen { parser, bytes: Vec::new(), ended: false }), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        thread::spawn(move || drain(&mut reader, &shared));
        let writer = pair.master.take_writer().unwrap();
        Self { master: pair.master, writer, seen, id, killer, exit, exited: None, settings_before, home }
    }

    /// The program's home directory.
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Types keys in one write: characters as they are, others by name (`jj/abc<enter>`, `<ctrl-d>`, `<pgdn>`, `<lt>`
    /// for `<`).
    pub fn send_keys(&mut self, keys: &str) {
        self.send(&key_bytes(keys));
    }

    /// Sends bytes in one write.
    pub fn send(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).unwrap();
        self.writer.flush().unwrap();
    }

    /// Makes the terminal larger or smaller.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.seen().parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.id, signal).unwrap();
    }

    /// Waits until the text is on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), |screen| screen.contents().contains(text));
    }

    /// Waits until the text is not on the screen.
    pub fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("{text:?} gone from the screen"), |screen| !screen.contents().contains(text));
    }

    /// Waits until the screen is so.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&vt100::Screen) -> bool) {
        self.wait(what, |seen| condition(seen.parser.screen()));
    }

    /// Waits until the bytes that came out hold these, so many times.
    pub fn wait_for_output(&self, bytes: &[u8], times: usize) {
        self.wait(&format!("{times} times {}", bytes.escape_ascii()), |seen| count(&seen.bytes, bytes) >= times);
    }

    /// What the screen shows, without blanks at the ends.
    pub fn screen_text(&self) -> String {
        self.seen().parser.screen().contents()
    }

    /// Everything that came out so far.
    pub fn output(&self) -> Vec<u8> {
        self.seen().bytes.clone()
    }

    /// The modes that were set and not unset.
    pub fn modes_left_on(&self) -> Vec<&'static str> {
        let output = self.output();
        let last = |sequence: &str| output.windows(sequence.len()).rposition(|window| window == sequence.as_bytes());
        MODES.into_iter().filter(|(_, on, off)| last(on) > last(off)).map(|(name, ..)| name).collect()
    }

    /// Whether the line discipline is as it was before the program started.
    pub fn settings_are_restored(&self) -> bool {
        settings(self.master.as_ref()) == self.settings_before
    }

    /// Waits for the program's end and for all of its output.
    pub fn wait_exit(&mut self) -> ExitStatus {
        if self.exited.is_none() {
            let Ok(status) = self.exit.recv_timeout(LIMIT) else { panic!("still running\n{}", self.report()) };
            self.exited = Some(status);
            self.wait("the end of the output", |seen| seen.ended);
        }
        self.exited.clone().unwrap()
    }

    /// Waits until nothing has the terminal open any more.
    pub fn wait_ended(&self) {
        self.wait("the end of the output", |seen| seen.ended);
    }

    fn wait(&self, what: &str, condition: impl Fn(&Seen) -> bool) {
        let until = Instant::now() + LIMIT;
        let mut seen = self.seen();
        while !condition(&seen) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.ended {
                let reason = if seen.ended { "the program ended" } else { "nothing came" };
                drop(seen);
                panic!("waited for {what}, but {reason}\n{}", self.report());
            }
            (seen, _) = self.seen.1.wait_timeout(seen, left).unwrap();
        }
    }

    fn report(&self) -> String {
        let seen = self.seen();
        let tail = &seen.bytes[seen.bytes.len().saturating_sub(400)..];
        format!("--- screen\n{}\n--- last bytes\n{}", seen.parser.screen().contents(), tail.escape_ascii())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Only what still runs: the number of what ended may be somebody else's by now.
        if self.exited.is_none() && self.exit.try_recv().is_err() {
            let _ = self.killer.kill();
        }
    }
}

/// Takes what comes out, or a program that writes much would wait for us.
fn drain(reader: &mut dyn Read, shared: &Shared) {
    let mut chunk = vec![0; 65_536];
    loop {
        let length = reader.read(&mut chunk).unwrap_or(0);
        let mut seen = shared.0.lock().unwrap();
        seen.parser.process(&chunk[..length]);
        seen.bytes.extend_from_slice(&chunk[..length]);
        seen.ended = length == 0;
        shared.1.notify_all();
        if seen.ended {
            return;
        }
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// A terminal of no size is tested too; what is drawn on it is not.
fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}

/// How often these bytes are among those.
pub fn count(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).filter(|window| *window == wanted).count()
}

/// The bytes that a terminal sends for these keys.
pub fn key_bytes(keys: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = keys;
    while let Some(start) = rest.find('<') {
        bytes.extend_from_slice(&rest.as_bytes()[..start]);
        let (name, after) = rest[start + 1..].split_once('>').unwrap_or_else(|| panic!("{keys}: `<` is written <lt>"));
        bytes.extend(named(name, after.is_empty()));
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn named(name: &str, last: bool) -> Vec<u8> {
    let text = match name {
        "lt" => "<",
        "space" => " ",
        "enter" => "\r",
        "tab" => "\t",
        "shift-tab" => "\x1b[Z",
        "backspace" => "\x7f",
        // With a key after it in one write it would be an alt chord, so it is sent as newer terminals send it.
        "esc" => return if last { b"\x1b".to_vec() } else { b"\x1b[27u".to_vec() },
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "del" => "\x1b[3~",
        "pgup" => "\x1b[5~",
        "pgdn" => "\x1b[6~",
        "f1" => "\x1bOP",
        _ => match name.strip_prefix("ctrl-").map(str::as_bytes) {
            Some([letter]) => return vec![letter & 0x1f],
            _ => panic!("<{name}> is not a key of this terminal"),
        },
    };
    text.into()
}
