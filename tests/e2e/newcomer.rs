//! The first minutes: five keys, no manual.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{House, ended, has_row, listening, post};

/// What OSC 52 put on the clipboard last.
fn clipboard(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output).into_owned();
    let content = text.rsplit("\x1b]52;c;").next().unwrap();
    let encoded = content.split('\x1b').next().unwrap();
    String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
}

#[test]
fn five_keys_bring_a_capture_its_verdict_and_a_curl_command() {
    let house = House::new();
    let (mut pty, address) = house.start();
    pty.wait_for("Waiting for the first request.");
    pty.send_keys("s");
    pty.wait_until("the sample in the list", |screen| has_row(screen, &["✓", "POST", "update AS64500"]));
    pty.send_keys("3");
    pty.wait_for("Signature verified");
    pty.send_keys("yc");
    pty.wait_for("copied curl");
    let curl = clipboard(&pty.output());
    assert!(curl.starts_with("curl "), "{curl}");
    assert!(curl.contains(&format!("http://{address}/hooks/peering-manager")), "{curl}");
    assert!(!curl.contains(super::SECRET), "{curl}");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn type_ahead_is_kept() {
    let house = House::new();
    let (mut pty, address) = house.start();
    (1..=4).for_each(|number| post(address, &format!("/hook/{number}"), br#"{"a":{"b":1}}"#));
    pty.wait_for("4 of 4");
    pty.send_keys("/abcdef");
    pty.wait_for("/abcdef");
    pty.wait_for("0 of 4");
    pty.send_keys("<esc>");
    pty.wait_for("4 of 4");
    pty.send_keys("1jjyp");
    pty.wait_for("copied path");
    assert_eq!(clipboard(&pty.output()), ".a.b");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn the_first_screen_has_a_copy_too_and_every_key_an_answer() {
    let house = House::new();
    let (mut pty, address) = listening(house.command().size(120, 35).start());
    pty.send_keys("y");
    pty.wait_for("copied the curl line");
    assert_eq!(clipboard(&pty.output()), format!("curl -d '{{\"hello\":\"world\"}}' http://{address}/test"));
    pty.send_keys("Z");
    pty.wait_for("Z does nothing here; ? shows the keys");
    pty.send_keys("?");
    pty.wait_for("MOVE");
    pty.send_keys("<esc>");
    pty.wait_for("Waiting for the first request.");
    pty.send_keys("<ctrl-c>");
    assert_eq!(ended(pty), 0);
}

#[test]
fn wide_characters_leave_nothing_behind() {
    let house = House::new();
    let (mut pty, _) = listening(house.command().size(200, 50).start());
    pty.send_keys("s");
    pty.wait_for("株式会社例");
    // The last row of a frame comes last.
    let help = |screen: &vt100::Screen| screen.contents().lines().last().is_some_and(|row| row.contains("q close"));
    let text = |screen: String| screen.lines().map(|row| row.trim_end().to_owned()).collect::<Vec<_>>();
    pty.send_keys("?");
    pty.wait_until("the help", help);
    let before = text(pty.screen_text());
    pty.send_keys("<ctrl-l>");
    pty.wait_for_output(b"\x1b[2J", 2);
    pty.wait_until("the help again", help);
    assert_eq!(text(pty.screen_text()), before);
    pty.send_keys("<ctrl-c>");
    assert_eq!(ended(pty), 0);
}
