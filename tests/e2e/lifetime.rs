//! Starting, stopping and coming back.

use std::net::TcpListener;

use rustix::process::Signal;

use super::pty::PtyCommand;
use super::{House, ended, exchange, has_row, listening, post};

#[test]
fn yesterdays_captures_are_there_again() {
    let house = House::new();
    let (mut pty, address) = house.start();
    post(address, "/yesterday", br#"{"event":"first"}"#);
    pty.wait_for("/yesterday");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
    let (mut pty, address) = house.start();
    pty.wait_for("/yesterday");
    post(address, "/today", b"{}");
    pty.wait_until("both", |screen| has_row(screen, &["/yesterday"]) && has_row(screen, &["> ", "/today"]));
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn what_was_answered_survives_kill_9() {
    let house = House::new();
    let (mut pty, address) = house.start();
    (0..20).for_each(|number| post(address, &format!("/kept/{number}"), b"{}"));
    pty.signal(Signal::KILL);
    pty.wait_exit();
    let (mut pty, _) = house.start();
    pty.wait_for("20 of 20");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let house = House::new();
        let (pty, address) = house.start();
        post(address, "/kept", b"{}");
        pty.wait_for("/kept");
        pty.signal(signal);
        assert_eq!(ended(pty), code);
    }
}

#[test]
fn a_taken_port_is_a_screen_of_its_own() {
    let house = House::new();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap();
    let mut arguments = house.arguments();
    arguments[1] = taken.port().to_string().into();
    let command = || PtyCommand::new(env!("CARGO_BIN_EXE_hookview")).args(arguments.clone()).start();
    let mut pty = command();
    pty.wait_for(&format!("Nothing can arrive: {taken} is already in use"));
    pty.wait_for("NOT LISTENING");
    pty.send_keys("<enter>");
    pty.wait_for("Waiting for the first request.");
    let (mut pty, address) = listening(pty);
    assert_ne!(address.port(), taken.port());
    post(address, "/other", b"{}");
    pty.wait_for("/other");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
    let mut pty = command();
    pty.wait_for("is already in use");
    drop(holder);
    pty.send_keys(".");
    pty.wait_for("FOLLOW");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn ctrl_z_says_that_nothing_answers_and_fg_brings_it_back() {
    let house = House::new();
    let mut pty = PtyCommand::new("sh").args(["-i"]).env("PS1", "prompt: ").start();
    pty.wait_for("prompt: ");
    let arguments: Vec<String> = house.arguments().iter().map(|argument| format!("'{}'", argument.display())).collect();
    pty.send(format!("'{}' {}\r", env!("CARGO_BIN_EXE_hookview"), arguments.join(" ")).as_bytes());
    let (mut pty, address) = listening(pty);
    post(address, "/before", b"{}");
    pty.wait_for("/before");
    pty.send_keys("<ctrl-z>");
    pty.wait_for(&format!("port {} does not answer until fg", address.port()));
    pty.wait_until("the shell's screen", |screen| !screen.alternate_screen());
    pty.send_keys("fg<enter>");
    pty.wait_until("the list", |screen| screen.alternate_screen() && has_row(screen, &["/before"]));
    post(address, "/after", b"{}");
    pty.wait_for("/after");
    pty.send_keys("q");
    pty.wait_for_output(b"prompt: ", 3);
    pty.send_keys("exit<enter>");
    assert_eq!(ended(pty), 0);
}

#[test]
fn without_a_home_or_with_a_broken_store_there_is_a_sentence() {
    let house = House::new();
    std::fs::write(house.path("store.db"), b"this is not a store, only text that is long enough to be looked at")
        .unwrap();
    let mut pty = house.command().start();
    let status = pty.wait_exit();
    assert_eq!(status.exit_code(), 1);
    let output = String::from_utf8_lossy(&pty.output()).into_owned();
    assert!(output.contains("store.db"), "{output}");
    assert!(!output.contains("\x1b[?1049h"), "{output}");
}

#[test]
fn a_request_that_is_none_is_a_row_too() {
    let house = House::new();
    let (mut pty, address) = house.start();
    let answer = exchange(address, b"\x16\x03\x01\x02\x00\x01\x00 this is TLS\r\n\r\n");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    pty.wait_for("1 of 1");
    pty.send_keys("5");
    pty.wait_for("this is TLS");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}
