//! Handshakes, as senders make them: what goes over the wire, what is printed and what the screen says.

use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::headless::started;
use super::{House, exchange, listening};

/// The program printing JSON, ended when dropped.
struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
}

impl Program {
    fn start(house: &House, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookview"));
        command.args(["--port", "0", "--store", "memory", "--output", "json"]).args(arguments);
        command.env_clear().env("HOME", house.path("home")).stdin(Stdio::null());
        let (mut child, _, address) = started(command.stdout(Stdio::piped()));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, address }
    }

    /// Sends a request; gives the answer as it came, and the capture as it was printed.
    fn send(&mut self, method: &str, target: &str, headers: &str, body: &str) -> (String, Value) {
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        let answer = exchange(self.address, request.as_bytes());
        (answer, serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

const SLACK: &str = r#"{"token":"t","challenge":"3eZbrw1aBm","type":"url_verification"}"#;

#[test]
fn slack_gets_its_challenge_back_as_json_and_html_is_never_rendered() {
    let house = House::new();
    let mut program = Program::start(&house, &[]);
    let (answer, capture) = program.send("POST", "/slack", "Accept: text/html\r\n", SLACK);
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("{\"challenge\":\"3eZbrw1aBm\"}"),
        "{answer}"
    );
    assert!(answer.contains("Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n"), "{answer}");
    assert_eq!(capture["title"], "handshake: Slack url_verification");
    assert_eq!(capture["answer"]["rule"], "handshake slack-url-verification");
    assert_eq!(capture["body"], SLACK);
    let (answer, _) = program.send("GET", "/?challenge=%3Cscript%3E", "Accept: text/html\r\n", "");
    assert!(answer.contains("Content-Type: text/plain") && answer.ends_with("\r\n\r\n<script>"), "{answer}");
}

#[test]
fn a_path_that_expects_a_scheme_has_its_handshakes_whatever_is_enforced() {
    let house = House::new();
    house.configure(
        "config.toml",
        "enforce = true\n[secrets]\nx = \"s3cret\"\nhooks = \"other\"\n[[expect]]\npath = \"/x/**\"\nscheme = \"asana\"\n\
         [[expect]]\npath = \"/crc\"\nscheme = \"twitter\"\nsecret = \"x\"\n",
    );
    let mut program = Program::start(&house, &[]);
    let (answer, capture) = program.send("GET", "/crc?crc_token=foo", "", "");
    let mut code = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
    code.update(b"foo");
    let code = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, code.finalize().into_bytes());
    assert!(answer.ends_with(&format!("{{\"response_token\":\"sha256={code}\"}}")), "{answer}");
    assert_eq!(capture["answer"]["rule"], "handshake twitter-crc");
    let (answer, capture) = program.send("GET", "/elsewhere?crc_token=foo", "", "");
    assert!(answer.starts_with("HTTP/1.1 403 ") && !answer.contains("response_token"), "{answer}");
    assert_eq!(capture["answer"]["rule"], "enforce");
    let (answer, _) = program.send("GET", "/elsewhere?challenge=foo", "", "");
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let (answer, capture) = program.send("POST", "/x/y", "X-Hook-Secret: told\r\n", "");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("X-Hook-Secret: told\r\n"), "{answer}");
    assert_eq!(capture["answer"]["rule"], "handshake asana-hook-secret");
    let signature = "X-Hook-Signature: 62f0ef8fbd0d0bdb7bb1d2d9ba2bd8f4a9e4c7a4a9d4f3f3f3f3f3f3f3f3f3f3\r\n";
    let (answer, _) = program.send("POST", "/x/y", signature, "{}");
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let mut code = Hmac::<Sha256>::new_from_slice(b"told").unwrap();
    code.update(b"{}");
    let signature = format!("X-Hook-Signature: {}\r\n", hex::encode(code.finalize().into_bytes()));
    let (answer, capture) = program.send("POST", "/x/y", &signature, "{}");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!((&capture["signature"]["verdict"], &capture["signature"]["secret"]), (&"valid".into(), &"asana".into()));
}

#[test]
fn a_wrong_verify_token_is_refused() {
    let house = House::new();
    let mut program = Program::start(&house, &["--secret", "verify_token=mine"]);
    let ask = |token: &str| format!("/?hub.mode=subscribe&hub.challenge=1158&hub.verify_token={token}");
    let (answer, _) = program.send("GET", &ask("mine"), "", "");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n1158"), "{answer}");
    let (answer, capture) = program.send("GET", &ask("yours"), "", "");
    assert!(answer.starts_with("HTTP/1.1 403 ") && !answer.contains("1158"), "{answer}");
    assert_eq!(capture["answer"]["note"], "its hub.verify_token is not the secret `verify_token`");
}

#[test]
fn nothing_is_signed_for_strangers() {
    let house = House::new();
    let crc = "/?crc_token=whatever+a+stranger+likes";
    let mut program = Program::start(&house, &["--secret", "twitter=s3cret"]);
    let (answer, capture) = program.send("GET", crc, "", "");
    assert!(answer.ends_with("\r\n\r\nOK\n"), "{answer}");
    assert_eq!(capture["title"], "handshake: X's CRC, not answered");
    let why = "looks like X's CRC; not answered because no scheme twitter is named: start with --scheme twitter";
    assert_eq!((&capture["answer"]["rule"], &capture["answer"]["note"]), (&"default".into(), &why.into()));

    let zoom = r#"{"payload":{"plainToken":"likes"},"event":"endpoint.url_validation"}"#;
    for arguments in [["--secret", "zoom=s3cret"].as_slice(), &["--secret", "zoom=s3cret", "--scheme", "zoom"]] {
        let mut program = Program::start(&house, arguments);
        let (answer, _) = program.send("POST", "/", "", zoom);
        assert!(answer.ends_with("\r\n\r\nOK\n"), "{answer}");
    }

    let mut named = Program::start(&house, &["--secret", "twitter=s3cret", "--secret", "b=b", "--scheme", "twitter"]);
    let (answer, capture) = named.send("GET", crc, "", "");
    let signature = base64(&hmac(b"s3cret", b"whatever a stranger likes"));
    assert!(answer.ends_with(&format!("{{\"response_token\":\"sha256={signature}\"}}")), "{answer}");
    assert_eq!(capture["answer"]["note"], "signed with secret twitter");
}

#[test]
fn the_secret_that_asana_tells_is_learned_once() {
    let house = House::new();
    let mut program = Program::start(&house, &["--scheme", "asana"]);
    let event = r#"{"events":[]}"#;
    let signed = format!("X-Hook-Signature: {}\r\n", hex(&hmac(b"told by asana", event.as_bytes())));
    let (_, capture) = program.send("POST", "/asana", &signed, event);
    assert_eq!(capture["signature"]["verdict"], "not-checked");
    let (answer, capture) = program.send("POST", "/asana", "X-Hook-Secret: told by asana\r\n", "");
    assert!(answer.contains("\r\nX-Hook-Secret: told by asana\r\n"), "{answer}");
    assert_eq!(capture["title"], "handshake: Asana X-Hook-Secret");
    let (_, capture) = program.send("POST", "/asana", &signed, event);
    assert_eq!((&capture["signature"]["verdict"], &capture["signature"]["secret"]), (&"valid".into(), &"asana".into()));

    let (answer, capture) = program.send("POST", "/asana", "X-Hook-Secret: told by a stranger\r\n", "");
    assert!(answer.starts_with("HTTP/1.1 403 ") && !answer.contains("X-Hook-Secret:"), "{answer}");
    let note = capture["answer"]["note"].as_str().unwrap();
    assert!(note.starts_with("a second X-Hook-Secret came and was not learned"), "{note}");
    let (_, capture) = program.send("POST", "/asana", &signed, event);
    assert_eq!(capture["signature"]["verdict"], "valid");
}

#[test]
fn none_is_answered_when_that_is_asked_for() {
    let house = House::new();
    let mut program = Program::start(&house, &["--no-handshakes"]);
    let (answer, capture) = program.send("POST", "/slack", "", SLACK);
    assert!(answer.ends_with("\r\n\r\nOK\n"), "{answer}");
    assert_eq!((&capture["answer"]["rule"], &capture["answer"]["note"]), (&"default".into(), &"".into()));
    assert_eq!(capture["title"], "url_verification");
}

#[test]
fn the_screen_says_what_it_is_and_why_it_was_not_answered() {
    let house = House::new();
    let arguments = ["--scheme", "asana"];
    let (mut pty, address) = listening(house.command().args(arguments).size(140, 35).start());
    let get = "GET /x?crc_token=abc HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    exchange(address, get.as_bytes());
    pty.wait_for("handshake: X's CRC");
    pty.wait_for("#1 looks like X's CRC; not answered because no scheme twitter is named: start with --scheme twitter");
    let tell =
        "POST / HTTP/1.1\r\nHost: h\r\nX-Hook-Secret: t0ld-by-asana\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    exchange(address, tell.as_bytes());
    pty.wait_for("its X-Hook-Secret was learned as secret asana");
    pty.send_keys("<enter>4");
    pty.wait_for("by       handshake asana-hook-secret");
    pty.wait_for("X-Hook-Secret: masked");
    pty.send_keys("3");
    pty.wait_for("asana (learned)");
    assert!(!pty.screen_text().contains("t0ld-by-asana"));
    pty.send_keys("2");
    pty.wait_for("x shows");
    assert!(!pty.screen_text().contains("t0ld-by-asana"));
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
