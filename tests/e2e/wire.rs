//! What comes from the network is shown, and does nothing.

use super::{House, ended, exchange, has_row, post};

/// Title, colours, clipboard, cursor, modes, a reset, bells and backspaces, C1 controls, bidi and zero-width characters.
const HOSTILE: &str = "\x1b]0;TAKEN\x07\x1b]52;c;VEFLRU4=\x1b\\\x1b[31mred\x1b[2J\x1b[1;1Hhome\x1b[?1049l\x1b[?25h\x1bc\
    \x08\x08\r\u{9b}31m\u{202e}drow\u{2066}\u{200b}\u{feff}\u{7f}\x1bP+q544e\x1b\\\x0e\x05";

/// The control sequences that came out other than CSI, which draws.
fn strange_sequences(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let starts = text.match_indices('\x1b').map(|(at, _)| text[at + 1..].chars().take(8).collect::<String>());
    starts.filter(|sequence| !sequence.starts_with('[')).collect()
}

#[test]
fn control_bytes_in_requests_do_nothing_to_the_terminal() {
    let house = House::new();
    let (mut pty, address) = house.start();
    let before = pty.output().len();
    let json = serde_json::json!({ "event": HOSTILE, "data": { "display": HOSTILE, HOSTILE: HOSTILE } });
    post(address, "/json", json.to_string().as_bytes());
    post(address, "/text", HOSTILE.as_bytes());
    let head = format!(
        "\x1b[31mPOST /\u{202e}{}?\x1b[2J HTTP/1.1\r\nHost: x\r\nX-\x1b[31mName: {}\r\n\r\n",
        "\x1b]0;TAKEN\x07",
        HOSTILE.replace('\r', "")
    );
    exchange(address, head.as_bytes());
    pty.wait_for("3 of 3");
    pty.send_keys("12345K1zRvv2345K123v4523<enter>");
    pty.send_keys("/TAKEN<enter>");
    pty.send_keys("y");
    pty.wait_for("any other key cancels");
    pty.send_keys("<esc>?");
    pty.wait_for("Help: ");
    pty.send_keys("<esc>");
    pty.wait_gone("Help: ");
    let output = pty.output().split_off(before);
    assert_eq!(strange_sequences(&output), [""; 0]);
    let text = String::from_utf8_lossy(&output);
    let evil = text.chars().find(|char| {
        matches!(char, '\x00'..='\x1a' | '\x1c'..='\x1f' | '\x7f'..='\u{9f}' | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    });
    assert_eq!(evil, None);
    pty.wait_until("a whole screen", |screen| {
        let text = screen.contents();
        text.starts_with(" hookview  http://") && text.lines().last().is_some_and(|row| row.contains("? help  q quit"))
    });
    assert!(pty.modes_left_on().contains(&"alternate screen"));
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn five_megabytes_of_json_open_and_keys_go_on() {
    let house = House::new();
    let (mut pty, address) = house.start();
    let items: Vec<String> =
        (0..55_000).map(|number| format!(r#"{{"number":{number},"text":"{}"}}"#, "x".repeat(70))).collect();
    let body = format!(r#"{{"items":[{}],"end":"here"}}"#, items.join(","));
    assert!(body.len() > 5_000_000);
    post(address, "/big", body.as_bytes());
    pty.wait_until("the row", |screen| has_row(screen, &["/big", "200"]));
    pty.send_keys("1");
    pty.wait_for("\"items\": […] 55000 items");
    pty.send_keys("jl");
    pty.wait_for("number 0");
    pty.send_keys("G");
    pty.wait_for("\"end\": \"here\"");
    pty.send_keys("/here<enter>");
    pty.wait_for("match 1 of 1");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn a_thousand_sizes_while_two_hundred_requests_arrive() {
    let house = House::new();
    let (mut pty, address) = house.start();
    let sender = std::thread::spawn(move || (0..200).for_each(|number| post(address, &format!("/{number}"), b"{}")));
    let sizes = [(1, 1), (300, 100), (2, 1), (80, 24), (10, 3), (40, 8), (39, 7), (120, 35), (0, 0), (200, 50)];
    for (width, height) in sizes.into_iter().cycle().take(100) {
        pty.resize(width, height);
        pty.send_keys("k");
    }
    sender.join().unwrap();
    pty.resize(80, 24);
    pty.send_keys("G");
    pty.wait_for("200 of 200");
    pty.wait_until("a whole screen", |screen| {
        let text = screen.contents();
        text.starts_with(" hookview  http://") && text.contains("200 captures") && text.contains("? help  q quit")
    });
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}
