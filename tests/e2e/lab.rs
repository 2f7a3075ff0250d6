//! The lab in a terminal: what is seen when a template is saved.

use std::fs;

use super::{House, ended, has_row, listening};

#[test]
fn a_template_is_rendered_again_whenever_it_is_saved() {
    let house = House::new();
    let template = house.path("slack.j2");
    fs::write(&template, "{\"text\": \"first {{ data.asn }}\"}\n").unwrap();
    let (mut pty, _) = listening(house.command().size(120, 35).start());
    pty.send_keys("s");
    pty.wait_until("the sample", |screen| has_row(screen, &["✓", "update AS64500"]));
    pty.send_keys("t");
    pty.wait_for("template: ");
    pty.send_keys(&format!("{}<enter>", template.display()));
    pty.wait_for("{\"text\": \"first 64500\"}");
    pty.wait_for("1 ✓  0 !  0 ✗");
    fs::write(house.path("new"), "{\"text\": \"second {{ data.asn }}\"}\n").unwrap();
    fs::rename(house.path("new"), &template).unwrap();
    pty.wait_until("the change", |screen| has_row(screen, &["~", "second 64500"]));
    fs::write(&template, "{{ data.asn }").unwrap();
    pty.wait_until("the failure", |screen| has_row(screen, &["✗ line 1"]));
    pty.wait_for("last good output");
    pty.wait_for("0 ✓  0 !  1 ✗");
    pty.send_keys("qq");
    assert_eq!(ended(pty), 0);
}
