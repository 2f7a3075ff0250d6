//! Without a screen.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::headless::started;
use super::{House, post};

/// The program printing in a form, and where it listens.
pub fn start(house: &House, form: &str) -> (Child, std::net::SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookview"));
    command.args(house.arguments()).args(["--output", form]).env_clear().env("HOME", house.path("home"));
    let (child, _, address) = started(command.stdin(Stdio::null()).stdout(Stdio::piped()));
    (child, address)
}

/// Ends it; its exit code.
pub fn stop(mut child: Child) -> Option<i32> {
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn json_is_one_object_a_line() {
    let house = House::new();
    let (mut child, address) = start(&house, "json");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    post(address, "/a?b=1", br#"{"event":"first"}"#);
    let line: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(line["target"], "/a?b=1");
    assert_eq!(line["body"], r#"{"event":"first"}"#);
    assert_eq!(line["signature"]["verdict"], "missing");
    assert_eq!(line["answer"]["status"], 200);
    assert_eq!(line["headers"][1][0], "Connection");
    assert_eq!(stop(child), Some(143));
}

#[test]
fn a_line_a_capture() {
    let house = House::new();
    let (mut child, address) = start(&house, "line");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    post(address, "/a", b"{\"event\":\"\x1b[31mred\"}");
    let line = lines.next().unwrap().unwrap();
    assert!(line.starts_with("#1 ") && line.contains("POST /a 200"), "{line}");
    assert!(!line.contains('\x1b'), "{line}");
    assert_eq!(stop(child), Some(143));
}

#[test]
fn text_has_the_headers_and_the_formatted_body() {
    let house = House::new();
    let (mut child, address) = start(&house, "text");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    post(address, "/a", br#"{"event":"first"}"#);
    let wanted = ["POST /a", "Content-Type: application/json", "\"event\": \"first\""];
    for wanted in wanted {
        assert!(lines.by_ref().map_while(Result::ok).any(|line| line.contains(wanted)), "{wanted}");
    }
    assert_eq!(stop(child), Some(143));
}

#[test]
fn nobody_reading_is_the_end() {
    let house = House::new();
    let (mut child, address) = start(&house, "json");
    drop(child.stdout.take());
    post(address, "/a", b"{}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
