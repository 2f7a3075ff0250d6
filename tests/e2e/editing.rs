//! Other programs on the same terminal.

use super::{House, ended, file, has_row, listening, post};

#[test]
fn a_body_is_edited_while_captures_arrive() {
    let house = House::new();
    let (fifo, copy) = (house.path("go"), house.path("seen"));
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    let lines = format!(
        "cp \"$1\" '{}'\nprintf 'the editor has the screen'\nread go <'{}'\nprintf '{{\"edited\":true}}' >\"$1\"",
        copy.display(),
        fifo.display()
    );
    let editor = house.script("editor.sh", &lines);
    let (mut pty, address) = listening(house.command().env("EDITOR", &editor).start());
    post(address, "/edit", br#"{"event":"first","a":1}"#);
    pty.wait_for("/edit");
    pty.send_keys("R");
    pty.wait_for("the editor has the screen");
    assert!(!pty.modes_left_on().contains(&"alternate screen"));
    (0..50).for_each(|number| post(address, &format!("/meanwhile/{number}"), b"{}"));
    pty.wait_until("an untouched screen", |screen| screen.contents().trim_end().ends_with("the editor has the screen"));
    assert!(file(&copy).contains("first"));
    std::fs::write(&fifo, "go\n").unwrap();
    pty.wait_for("15 B, edited");
    pty.wait_for("51 captures");
    pty.send_keys("<enter>");
    pty.wait_until("the attempt", |screen| has_row(screen, &["✓ 200"]));
    pty.send_keys("q<esc>G1");
    pty.wait_for("\"edited\": true");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn edited_secrets_check_every_capture_again() {
    let house = House::new();
    let line = r#"printf '\npm = "correct horse battery staple"\n' >>"$1""#;
    let editor = house.script("editor.sh", line);
    let store = house.path("store.db");
    let start = |secrets: &[std::ffi::OsString]| {
        let mut arguments = house.arguments()[..4].to_vec();
        arguments.extend_from_slice(secrets);
        super::pty::PtyCommand::new(env!("CARGO_BIN_EXE_hookview")).args(arguments).env("EDITOR", &editor).start()
    };
    let (mut pty, _) = listening(start(&house.arguments()[4..]));
    pty.send_keys("s");
    pty.wait_until("the sample", |screen| has_row(screen, &["✓", "update AS64500"]));
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
    assert!(store.exists());
    // Signed, and now checked with another secret, which it does not fit.
    let (mut pty, address) = listening(start(&["--secret".into(), "other=wrong".into()]));
    post(address, "/unsigned", b"{}");
    pty.wait_for("2 of 2");
    pty.send_keys("e");
    pty.wait_for("re-checked 2, ");
    pty.wait_until("still verified", |screen| has_row(screen, &["✓", "update AS64500"]));
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn the_pager_gets_the_formatted_body_and_gives_the_screen_back() {
    let house = House::new();
    let copy = house.path("paged");
    let pager = house.script("pager.sh", &format!("cat \"$@\" >'{}'", copy.display()));
    let (mut pty, address) = listening(house.command().env("PAGER", &pager).start());
    post(address, "/edit", br#"{"event":"first","a":1}"#);
    pty.wait_for("/edit");
    pty.send_keys("o");
    pty.wait_for_output(b"\x1b[?1049h", 2);
    pty.wait_for("/edit");
    assert!(file(&copy).contains("  \"event\": \"first\""), "{}", file(&copy));
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}
