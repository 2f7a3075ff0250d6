//! What differs between captures, told on the command line.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::headless::started;
use super::{House, exchange, post};

/// Two captures of an object, and one that is no JSON, kept in the house.
fn captures(bodies: &[&[u8]]) -> House {
    let house = House::new();
    let (child, address) = super::printing::start(&house, "line");
    for body in bodies {
        post(address, "/hooks/pm", body);
    }
    super::printing::stop(child);
    house
}

/// Exit code and standard output of a comparison.
fn diff(house: &House, arguments: &[&str]) -> (Option<i32>, String) {
    let output = house.run(&[&["diff"], arguments].concat());
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

const BEFORE: &[u8] = br#"{"timestamp":1,"data":{"asn":64512,"max":820,"tags":[{"id":1,"name":"a"}],"updated":1},
    "snapshots":{"prechange":{"max":800,"updated":1},"postchange":{"max":820}}}"#;
const AFTER: &[u8] = br#"{"data":{"max":12345678901234567890,"asn":64512.0,"tags":[{"id":2,"name":"b"},{"id":1,"name":"a"}],"updated":2},
    "timestamp":2,"snapshots":{"prechange":{"max":820},"postchange":{"max":840}}}"#;

#[test]
fn json_is_compared_by_meaning() {
    let house = captures(&[BEFORE, AFTER, BEFORE]);
    let (code, text) = diff(&house, &["1", "#2", "--body"]);
    let expected = "\
--- #1
+++ #2
~ .data.max
    820  ->  12345678901234567890
+ .data.tags[0]
    {\"id\":2,\"name\":\"b\"}
2 changes; hidden: timestamp, data.updated, snapshots.prechange.updated (--all shows them); 2 in snapshots as in data
";
    assert_eq!((code, text.as_str()), (Some(1), expected));
    let (code, text) = diff(&house, &["1", "2", "--json"]);
    let told: Value = serde_json::from_str(&text).unwrap();
    assert!(text.contains("\"after\":12345678901234567890"), "{text}");
    assert_eq!((code, &told["equal"], &told["compared"]), (Some(1), &json!(false), &json!("json")));
    assert_eq!(told["changes"][1]["pointer"], json!("/data/tags/0"));
    assert_eq!((told["hidden"].as_array().unwrap().len(), told["repeated"].as_array().unwrap().len()), (3, 2));
    assert_eq!(told["headers"][0]["name"], json!("Content-Length"));
    let (_, text) = diff(&house, &["1", "2", "--all", "--body"]);
    assert!(text.contains("~ .timestamp\n") && text.ends_with("7 changes\n"), "{text}");
    assert_eq!(diff(&house, &["1", "3"]), (Some(0), "--- #1\n+++ #3\nno difference in the body\n".to_owned()));
    let (code, text) = diff(&house, &["1:prechange", "1:postchange"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("~ .max\n    800  ->  820\n1 change; hidden: updated "), "{text}");
    let (_, text) = diff(&house, &["1", "2", "--side", "--body"]);
    let changed = "~     \"max\": 820,";
    assert!(
        text.lines().any(|line| line.starts_with(changed) && line.ends_with("│ ~     \"max\": 12345678901234567890,")),
        "{text}"
    );
    let (_, text) = diff(&house, &["1", "2", "--unified", "--body"]);
    assert!(text.contains("-     \"max\": 820,\n+     \"max\": 12345678901234567890,\n"), "{text}");
}

#[test]
fn what_is_no_json_is_compared_as_lines_or_bytes() {
    let house = captures(&["one\ntwo\u{202e}\n".as_bytes(), b"one\nthree\n", b"PK\x03\x04\x00", b"{}"]);
    let (code, text) = diff(&house, &["1", "2", "--body"]);
    let hostile = text.contains('\u{202e}');
    assert!(code == Some(1) && !hostile && text.starts_with("--- #1\n+++ #2\n  one\n- two"), "{text}");
    assert!(text.ends_with("\n+ three\n1 change\n"), "{text}");
    let (_, text) = diff(&house, &["1", "3", "--body"]);
    assert!(
        text.contains("the first byte that differs is at 0x0 = 0\n") && text.contains("- 00000000  6f 6e"),
        "{text}"
    );
    let (_, text) = diff(&house, &["2", "3", "--json"]);
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&told["compared"], &told["offset"], &told["sizes"]), (&json!("bytes"), &json!(0), &json!([10, 5])));
}

#[test]
fn a_body_of_which_only_a_part_was_kept_is_told_of() {
    let house = House::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookview"));
    command.args(house.arguments()).args(["--output", "line", "--max-body", "8"]);
    command.env_clear().env("HOME", house.path("home")).stdin(Stdio::null()).stdout(Stdio::piped());
    let (child, _, address) = started(&mut command);
    exchange(address, b"POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 12\r\n\r\none\nfour\nsix");
    post(address, "/a", b"one\nfour");
    super::printing::stop(child);
    let (_, text) = diff(&house, &["1", "2", "--body"]);
    assert!(text.starts_with("--- #1\n+++ #2\nonly the first 8 B of #1 were kept\n"), "{text}");
    let (_, text) = diff(&house, &["2", "1", "--json"]);
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["notes"], json!(["only the first 8 B of #1 were kept"]));
}

#[test]
fn a_reader_who_has_seen_enough_changes_nothing_about_the_outcome() {
    let list = |up: bool| format!("[{}0]", format!("{{\"up\":{up}}},").repeat(20_000));
    let house = captures(&[list(true).as_bytes(), list(false).as_bytes()]);
    let mut child = house.hookview(&["diff", "1", "2"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn what_cannot_be_compared_ends_with_two() {
    let house = captures(&[b"{}"]);
    for (arguments, reason) in [
        (["1", "9"], "there is no capture #9"),
        (["1:prechange", "1"], "#1: the body has no snapshots.prechange"),
        (["1:now", "1"], "behind the number comes :prechange or :postchange"),
    ] {
        let output = house.run(&[&["diff"][..], &arguments].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(reason), "{said}");
    }
}
