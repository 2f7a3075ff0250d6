//! `hookview render` as its users have it: the binary, files, exit codes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod rendering;
mod webhooks;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What Peering Manager tells of a change.
const UPDATE: &str = r#"{"event": "update", "model": "autonomoussystem", "username": "theo", "timestamp": "t", "request_id": "r",
    "data": {"asn": 64512, "name": "Example", "comments": "he said \"hi\"", "none": null, "tags": [{"name": "a"}, {"name": "b"}]},
    "snapshots": {"prechange": {"asn": 64512, "max": 820}, "postchange": {"asn": 64512, "max": 840}}}"#;
const DELETE: &str =
    r#"{"event": "delete", "data": {"asn": 1}, "snapshots": {"prechange": {"asn": 1}, "postchange": null}}"#;

/// A directory with contexts and templates.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        bench.write("update.json", UPDATE);
        bench.write("delete.json", DELETE);
        bench
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    /// Runs in the directory.
    fn run(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookview"));
        command.args(arguments).current_dir(self.0.path()).env("HOME", self.0.path()).env("LC_ALL", "C.UTF-8");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that reads nothing may have ended already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Renders a template from stdin: exit code, stdout, stderr.
    fn render(&self, template: &str, arguments: &[&str]) -> (i32, String, String) {
        told(self.run(&[&["render", "-"], arguments].concat(), template))
    }
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}
