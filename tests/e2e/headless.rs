//! The program without a screen, in a home of its own that has a configuration.

use std::io::{BufRead as _, BufReader, Lines};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use chrono::{DateTime, Utc};
use hookview::capture::Headers;
use hookview::signature::{Checker, Schemes, Secret, Unsigned};
use rustix::process::{Pid, Signal, kill_process};

use super::{House, exchange};

/// The program, receiving. Dropped, it is ended.
pub struct Headless {
    child: Child,
    /// What it says on stderr behind the line that tells the address, unless somebody else listens.
    said: Option<Lines<BufReader<ChildStderr>>>,
    pub address: SocketAddr,
}

impl House {
    /// Writes a file beside the configuration.
    pub fn configure(&self, name: &str, text: &str) {
        let directory = self.path("home/.config/hookview");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(name), text).unwrap();
    }

    /// The program with these arguments, this home and this store.
    pub fn hookview(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookview"));
        command.args(arguments).arg("--store").arg(self.path("store.db")).stdin(Stdio::null());
        command.env_clear().env("HOME", self.path("home")).env("LC_ALL", "C.UTF-8");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.hookview(arguments).output().unwrap()
    }

    /// How it ends when it does not start: its exit code and what it says, without the house's directory.
    pub fn refused(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        let directory = format!("{}/", self.path("home/.config/hookview").display());
        (output.status.code(), said.replace(&directory, "").trim_end().to_owned())
    }

    /// Starts it on a free port.
    pub fn receive(&self, arguments: &[&str]) -> Headless {
        let mut command = self.hookview(arguments);
        let (child, said, address) =
            started(command.args(["--port", "0", "--bind", "127.0.0.1"]).stdout(Stdio::null()));
        Headless { child, said: Some(said), address }
    }

    /// What was captured: path, verdict, and status and origin of the answer, in a line each.
    pub fn captured(&self) -> Vec<String> {
        let listed = String::from_utf8(self.run(&["list", "--json"]).stdout).unwrap();
        let line = |line: &str| {
            let capture: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |pointer| capture.pointer(pointer).and_then(|value| value.as_str()).unwrap().to_owned();
            let (status, rule) = (&capture["answer"]["status"], text("/answer/rule"));
            format!("{} {} {status} {rule}", text("/target"), text("/signature/verdict"))
        };
        listed.lines().map(line).collect()
    }
}

/// Starts a program that receives; what it says behind the line that tells its address, and the address.
pub fn started(command: &mut Command) -> (Child, Lines<BufReader<ChildStderr>>, SocketAddr) {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = said.next().unwrap().unwrap();
    let address = ready.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{ready}")).parse().unwrap();
    (child, said, address)
}

impl Headless {
    /// One whose words somebody else reads.
    pub fn of(child: Child, address: SocketAddr) -> Self {
        Self { child, said: None, address }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the next line on stderr.
    pub fn says(&mut self) -> String {
        self.said.as_mut().unwrap().next().unwrap().unwrap()
    }

    /// Asks it to read its settings again; what it says then.
    pub fn reread(&mut self) -> String {
        self.signal(Signal::HUP);
        self.says()
    }

    /// Posts `{}` with header lines; status and everything of the answer.
    pub fn post(&self, path: &str, headers: &[(String, String)]) -> (u16, String) {
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\nContent-Length: 2\r\n{lines}\r\n");
        let answer = exchange(self.address, format!("{head}{{}}").as_bytes());
        (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
    }

    /// Posts what a scheme signs with a secret; the status.
    pub fn signed(&self, path: &str, scheme: &str, secret: &str) -> u16 {
        self.post(path, &signature(scheme, secret, Utc::now())).0
    }

    /// Ends it; its exit code.
    pub fn end(&mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The header lines with which a built-in scheme signs `{}`.
pub fn signature(scheme: &str, secret: &str, now: DateTime<Utc>) -> Vec<(String, String)> {
    let secrets = vec![Secret::new("s", secret.as_bytes().to_vec())];
    let checker = Checker::new(Schemes::builtin(), secrets, None).unwrap();
    let (headers, body) = (Headers::default(), "{}".into());
    let url = "https://public.example/hooks/square";
    checker.sign(scheme, "s", &Unsigned { method: "POST", url, headers: &headers, body: &body, now }).unwrap().headers
}
