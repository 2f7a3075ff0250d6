//! The README's commands, run one after another as a reader would, in a home of their own, against a running hookview.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// What a command of the README is to the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sets up or tests: this very test runs because of it.
    Cargo,
    /// Receives until it is told to stop.
    Receives,
    /// Does something and ends.
    Ends,
}

/// What a command line does.
pub fn kind(command: &str) -> Kind {
    let mut words = command.split_whitespace();
    match (words.next(), words.next()) {
        (Some("cargo"), _) => Kind::Cargo,
        (
            Some("hookview"),
            Some(
                "list" | "show" | "resend" | "sample" | "verify" | "sign" | "schemes" | "rules" | "lint" | "render"
                | "condition" | "diff",
            ),
        ) => Kind::Ends,
        (Some("hookview"), _) => Kind::Receives,
        _ => Kind::Ends,
    }
}

/// A machine on which hookview was just installed, and receives.
pub struct Machine {
    home: TempDir,
    receiver: Receiver,
}

/// A running hookview; dropped, it is ended.
struct Receiver {
    child: Child,
    /// Kept, or what it says later would have nowhere to go.
    _lines: Lines<BufReader<ChildStderr>>,
    port: u16,
}

impl Machine {
    /// With a hookview that receives on the port that its configuration names.
    pub fn start(secret_file: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("pm.secret"), secret_file).unwrap();
        let receiver = Receiver::start(home.path(), "hookview --port 0 --secret-file pm=pm.secret --output json");
        let config = home.path().join(".config/hookview");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("config.toml"), format!("port = {}\n", receiver.port)).unwrap();
        Self { home, receiver }
    }

    /// Runs a command to its end; gives back what it printed. Ports of the README become the one there is.
    pub fn run(&self, command: &str) -> String {
        let here = format!("localhost:{}", self.receiver.port);
        let command = command.replace("localhost:9000", &here);
        let output = shell(self.home.path(), &command).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        // A capture that came unsigned is answered with 1, as the README says.
        let is_verdict = command.starts_with("hookview verify 1") && output.status.code() == Some(1) && err.is_empty();
        assert!(output.status.success() || is_verdict, "{command}: {}\n{out}\n{err}", output.status);
        out.into_owned()
    }

    /// Starts a command that receives, on a free port, until it is ready; then ends it, and expects that it says why.
    pub fn receive(&self, command: &str) {
        let command = command.split("  #").next().unwrap().replace(" --port 9000", "");
        let command = if command.contains("--listen") {
            command.replace(":9000", ":0").replace(":9443", ":0")
        } else {
            command + " --port 0"
        };
        let mut receiver = Receiver::start(self.home.path(), &command);
        assert_eq!(receiver.end(), Some(128 + 15), "{command}");
    }
}

impl Receiver {
    fn start(home: &Path, command: &str) -> Self {
        let mut command = shell(home, &format!("exec {command}"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let port = |line: &str| {
            let bound = line.strip_prefix("listening on http").map(|rest| rest.trim_start_matches('s'))?;
            bound.strip_prefix("://127.0.0.1:")?.parse().ok()
        };
        let port = lines.find_map(|line| port(&line.unwrap()));
        let port = port.unwrap_or_else(|| panic!("{command:?} does not listen"));
        Self { child, _lines: lines, port }
    }

    fn end(&mut self) -> Option<i32> {
        let id = Pid::from_child(&self.child);
        // It may have ended by itself.
        let _ = kill_process(id, Signal::TERM);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.end();
    }
}

fn shell(home: &Path, command: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_hookview")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(home).env_clear();
    shell.env("HOME", home).env("PATH", format!("{}:{path}", program.display())).env("LC_ALL", "C.UTF-8");
    shell.stdin(Stdio::null());
    shell
}
