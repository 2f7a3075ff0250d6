//! Sending again.

use super::{House, ended, has_row, listening};

#[test]
fn a_resend_to_itself_arrives_and_is_kept_as_an_attempt() {
    let house = House::new();
    let (mut pty, _) = listening(house.command().size(120, 35).start());
    pty.send_keys("s");
    pty.wait_until("the sample", |screen| has_row(screen, &["✓", "update AS64500"]));
    pty.send_keys("r");
    pty.wait_for("nothing sent yet");
    pty.wait_for("this machine");
    pty.send_keys("<enter>");
    pty.wait_until("the attempt", |screen| has_row(screen, &["✓ 200"]));
    pty.wait_until("the arrival", |screen| has_row(screen, &["↻", "resent #1"]));
    pty.send_keys("q");
    pty.wait_for("[1 Body]");
    pty.send_keys("4");
    pty.wait_until("tab 4", |screen| has_row(screen, &["Resent", "once"]) && has_row(screen, &["re-signed pm"]));
    pty.send_keys(".");
    pty.wait_for("2 times, newest first");
    pty.send_keys("<esc>f");
    pty.wait_until("both arrivals", |screen| has_row(screen, &["3 of 3"]) && has_row(screen, &["↻", "3", "✓"]));
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn a_public_target_needs_its_name() {
    let house = House::new();
    let (mut pty, _) = house.start();
    pty.send_keys("s");
    pty.wait_until("the sample", |screen| has_row(screen, &["✓", "update AS64500"]));
    pty.send_keys("r<ctrl-u>https://example.com/in<enter>");
    pty.wait_for("type its host name to confirm");
    pty.wait_for("nothing sent yet");
    pty.send_keys("<esc>q");
    assert_eq!(ended(pty), 0);
}
