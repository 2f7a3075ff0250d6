//! What is wrong with what captures say, from the wire to every face of the program.

use serde_json::{Value, json};

use super::{House, ended, exchange, listening, post};

const BROKEN: &[u8] = br#"{"text": "tags", "tags": None}"#;
const READABLE: &[u8] = br#"{"peer": {"password": "hunter2"}}"#;

fn stdout(house: &House, arguments: &[&str]) -> (Option<i32>, String) {
    let output = house.run(arguments);
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn findings_are_kept_told_and_fail_the_command() {
    let house = House::new();
    let mut receiver = house.receive(&["tail"]);
    for body in [BROKEN, READABLE, b"{}"] {
        post(receiver.address, "/hooks/pm", body);
    }
    assert_eq!(receiver.end(), Some(143));
    let (code, text) = stdout(&house, &["lint", "1", "#2", "3"]);
    assert_eq!(code, Some(1));
    let told = [
        "#1 python-repr: This body is not valid JSON, although its content type says so.\n    Line 1, column 26: None is",
        "#2 password-in-clear: ",
        "\n    .peer.password\n",
        "\n#3 nothing found\n",
    ];
    assert!(told.iter().all(|part| text.contains(part)) && !text.contains("hunter2"), "{text}");
    let (code, lines) = stdout(&house, &["lint", "--all", "--json", "--lint-off", "python-repr"]);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, &lines[0]), (Some(1), &json!({"id": 1, "lint": []})));
    assert_eq!(lines[1]["lint"][0]["code"], "password-in-clear");
    assert_eq!(stdout(&house, &["lint", "3"]), (Some(0), "#3 nothing found\n".to_owned()));
    let (_, listed) = stdout(&house, &["list", "--json"]);
    let first: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    assert_eq!(first["lint"][0]["code"], "python-repr");
    let (_, shown) = stdout(&house, &["show", "2"]);
    assert!(shown.contains("\nlint: password-in-clear: "), "{shown}");
}

#[test]
fn what_a_template_left_empty_is_seen_beside_the_default_body() {
    let house = House::new();
    let mut receiver = house.receive(&["tail"]);
    let default = hookview::sender::sample("peering-manager-update").unwrap().request.body.bytes;
    post(receiver.address, "/hooks/pm", &default);
    let body = r#"{"text": "changed", "asn": ""}"#;
    let head = format!(
        "POST /hooks/slack HTTP/1.1\r\nHost: h\r\nConnection: close\r\nUser-Agent: PeeringManager/1.10\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(receiver.address, &[head.as_bytes(), body.as_bytes()].concat());
    assert_eq!(receiver.end(), Some(143));
    let (code, text) = stdout(&house, &["lint", "2"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("#2 vanished-variable: ") && text.contains(".asn is empty, data.asn of #1 is not"), "{text}");
    let (code, _) = stdout(&house, &["lint", "2", "--lint-off", "vanished-variable"]);
    assert_eq!(code, Some(0));
}

#[test]
fn what_the_configuration_switches_off_is_not_found() {
    let house = House::new();
    house.configure("config.toml", "lint = { off = [\"password-in-clear\"] }\n");
    let mut receiver = house.receive(&["tail", "--lint-off", "invalid-json,python-repr"]);
    for body in [READABLE, BROKEN] {
        post(receiver.address, "/", body);
    }
    assert_eq!(receiver.end(), Some(143));
    let (_, listed) = stdout(&house, &["list", "--json"]);
    let lint = |line: &str| serde_json::from_str::<Value>(line).unwrap()["lint"].clone();
    assert_eq!(listed.lines().map(lint).collect::<Vec<_>>(), [json!([]), json!([])]);
    let (code, text) = stdout(&house, &["lint", "--all"]);
    assert_eq!((code, text.lines().last()), (Some(1), Some("findings in 1 of 2")));
    let (code, text) = stdout(&house, &["lint", "--codes"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("password-in-clear") && text.contains("(off)"), "{text}");
    assert_eq!(house.run(&["lint"]).status.code(), Some(2));
    assert_eq!(house.run(&["lint", "1", "--lint-off", "invalid"]).status.code(), Some(2));
}

#[test]
fn conditions_are_tried_again_when_their_file_changes() {
    let house = House::new();
    let file = house.path("when.json");
    std::fs::write(&file, r#"{"and": [{"attr": "asn", "value": 64501}]}"#).unwrap();
    let (mut pty, address) = listening(house.command().start());
    let body = hookview::sender::sample("peering-manager-update").unwrap().request.body.bytes;
    post(address, "/hooks/pm", &body);
    pty.wait_for("#1");
    pty.send_keys(":conditions\r");
    pty.wait_for("conditions: ");
    pty.send_keys(&format!("{}\r", file.display()));
    pty.wait_for("would fire 0 of 1");
    pty.wait_for("asn eq 64501: is 64500");
    std::fs::write(house.path("new.json"), r#"{"and": [{"attr": "asn", "value": 64500}]}"#).unwrap();
    std::fs::rename(house.path("new.json"), &file).unwrap();
    pty.wait_for("would fire 1 of 1");
    pty.wait_for("the webhook would be sent");
    std::fs::remove_file(&file).unwrap();
    pty.wait_for("cannot read");
    pty.send_keys("qq");
    assert_eq!(ended(pty), 0);
}
