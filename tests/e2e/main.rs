//! The program as its users have it: the binary in a terminal, real requests, real keys.

#![allow(clippy::pedantic, clippy::type_complexity, reason = "tables and drivers of tests read best plainly")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../support/pty.rs"]
mod pty;

mod answering;
mod causes;
mod certificates;
mod checking;
mod comparing;
mod editing;
mod handshakes;
mod headless;
mod lab;
mod lifetime;
mod linting;
mod newcomer;
mod printing;
mod resending;
mod signatures;
mod wire;

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

use pty::{Pty, PtyCommand};
use tempfile::TempDir;

/// The secret that everything here is signed with.
const SECRET: &str = "correct horse battery staple";

/// A directory with a secret in a file, and a place for a store.
struct House {
    directory: TempDir,
}

impl House {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("pm.secret"), SECRET).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a program that can be an editor.
    fn script(&self, name: &str, lines: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// The arguments that every start has: a free port, this store, this secret.
    fn arguments(&self) -> Vec<OsString> {
        let mut secret = OsString::from("pm=");
        secret.push(self.path("pm.secret"));
        let store = self.path("store.db").into_os_string();
        vec!["--port".into(), "0".into(), "--store".into(), store, "--secret-file".into(), secret]
    }

    fn command(&self) -> PtyCommand {
        PtyCommand::new(env!("CARGO_BIN_EXE_hookview")).args(self.arguments())
    }

    /// The program on a terminal of 80 by 24, listening.
    fn start(&self) -> (Pty, SocketAddr) {
        listening(self.command().start())
    }
}

/// The address in the title of a program that has just started.
fn listening(pty: Pty) -> (Pty, SocketAddr) {
    pty.wait_for("hookview  http://");
    let text = pty.screen_text();
    let address = text.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    let address = address.parse().unwrap_or_else(|_| panic!("no address in {address:?}"));
    (pty, address)
}

/// Sends a request as it is, and gives the whole answer.
fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Posts a body; the answer is 200, so it is stored.
fn post(address: SocketAddr, path: &str, body: &[u8]) {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    let answer = exchange(address, &[head.as_bytes(), body].concat());
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// Waits for the end; gives the exit code and the output, and says whether the terminal is as it was.
fn ended(mut pty: Pty) -> u32 {
    let status = pty.wait_exit();
    assert_eq!(pty.modes_left_on(), [""; 0]);
    assert!(pty.settings_are_restored());
    status.exit_code()
}

/// Whether the terminal knows a row that holds all of these.
fn has_row(screen: &vt100::Screen, parts: &[&str]) -> bool {
    screen.contents().lines().any(|row| parts.iter().all(|part| row.contains(part)))
}

/// What is in a directory, by name.
fn file(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}
