//! Why a signature does not hold, from the wire to every face of the program.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;

use super::printing::{start, stop};
use super::{House, SECRET, ended, exchange, listening};

/// Sends a webhook whose sender has this secret.
fn signed(address: SocketAddr, secret: &str) {
    let body = r#"{"event": "update"}"#;
    let mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    let (digest, length) = (hex::encode(mac.finalize().into_bytes()), body.len());
    let head = format!(
        "POST /hooks HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Hook-Signature: {digest}\r\nContent-Length: {length}\r\n\r\n"
    );
    let answer = exchange(address, &[head.as_bytes(), body.as_bytes()].concat());
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn the_screen_tells_the_cause() {
    let house = House::new();
    let (mut pty, address) = listening(house.command().start());
    signed(address, &format!("{SECRET}\n"));
    pty.wait_for("the sender's secret ends with a newline");
    pty.send_keys("3");
    pty.wait_for("but the cause is known");
    pty.wait_for("1 matches");
    pty.send_keys("q");
    assert_eq!(ended(pty), 0);
}

#[test]
fn json_tells_the_cause() {
    let house = House::new();
    let (mut child, address) = start(&house, "json");
    signed(address, &format!("\"{SECRET}\""));
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let capture: serde_json::Value = serde_json::from_str(&line).unwrap();
    let hints = &capture["signature"]["hints"];
    assert!(hints[0]["cause"].as_str().unwrap().starts_with("the sender's secret is in quotes"), "{hints}");
    assert!(!line.contains(SECRET));
    assert_eq!(stop(child), Some(143));
}
