//! Signatures without a receiver: `sign`, `verify` and `schemes`.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::{House, exchange, listening};

const BODY: &[u8] = br#"{"event":"ping"}"#;

/// Runs the program in the house, without a home of its own, and with something to read.
fn run(house: &House, arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hookview"))
        .args(arguments)
        .current_dir(house.path(""))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that does not read its input may have ended.
    let _ = child.stdin.take().unwrap().write_all(input);
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// The object that `verify --json` prints.
fn verdict(house: &House, arguments: &[&str], input: &[u8]) -> (i32, serde_json::Value) {
    let (code, out, err) = run(house, &[&["verify", "--json"], arguments].concat(), input);
    assert_eq!((out.lines().count(), err.as_str()), (1, ""), "{out}");
    (code, serde_json::from_str(&out).unwrap())
}

#[test]
fn what_sign_prints_is_what_verify_takes() {
    let house = House::new();
    let signed = ["sign", "--scheme", "slack", "--secret", "a=b", "--body", "-", "--at", "1767225600"];
    let (code, lines, err) = run(&house, &signed, BODY);
    assert_eq!((code, err.as_str(), lines.lines().count()), (0, "", 2), "{lines}");
    let headers: Vec<&str> = lines.lines().flat_map(|line| ["--header", line]).collect();
    let check = |more: &[&str], body| verdict(&house, &[&headers[..], &["--body", "-"], more].concat(), body);

    let (code, object) = check(&["--secret", "a=b", "--at", "1767225610"], BODY);
    assert_eq!((code, &object["verdict"], &object["scheme"]), (0, &"valid".into(), &"slack".into()));
    assert_eq!(object["covers"], serde_json::json!({"body": true, "time": true}));
    assert_eq!(
        (&object["age_s"], &object["hints"], &object["reason"]),
        (&10.into(), &serde_json::json!([]), &"".into())
    );

    let (code, object) = check(&["--secret", "a=b", "--at", "2026-01-01T01:00:00Z"], BODY);
    assert_eq!((code, &object["verdict"]), (1, &"stale".into()));
    let (code, object) = check(&["--secret", "a=b", "--at", "1767225610"], b"{}");
    assert_eq!((code, &object["verdict"]), (1, &"invalid".into()));
    let (code, object) = check(&["--secret", "b", "--secret", "a=b", "--at", "1767225600.5"], BODY);
    assert_eq!((code, &object["secret"]), (0, &"secret-2".into()));
}

#[test]
fn a_verdict_is_told_in_words() {
    let house = House::new();
    let url = ["--scheme", "square", "--secret-file", "pm.secret", "--url", "https://h.example/a?b"];
    let (_, line, _) = run(&house, &[&["sign"], &url[..]].concat(), b"");
    let (code, told, _) = run(&house, &[&["verify", "--header", line.trim()], &url[..]].concat(), b"");
    assert_eq!(code, 0);
    insta::assert_snapshot!(told, @r"
    Signature verified
      scheme   square: HMAC-SHA256 of {url}{body}, base64, in x-square-hmacsha256-signature
      secret   secret
      covers   the body, no time
    ");
    let (code, told, _) = run(&house, &["verify", "--scheme", "bearer", "--secret", "x"], b"");
    assert_eq!(code, 1);
    insta::assert_snapshot!(told, @"
    Not signed
      cause    no signature: there is none in Authorization
      fix      set a secret at the sender; without one it does not sign
      scheme   bearer: the secret itself, in Authorization
    ");
}

#[test]
fn a_secret_that_cannot_serve_is_a_reason() {
    let house = House::new();
    let header = format!("HmacSignature: {}=", "A".repeat(43));
    let (code, object) = verdict(&house, &["--scheme", "adyen-platform", "--secret", "xyz", "--header", &header], b"");
    assert_eq!((code, &object["verdict"]), (1, &"invalid".into()));
    assert_eq!(object["reason"], "secret `secret` is not hex, which adyen-platform needs");
}

#[test]
fn what_is_wrong_with_a_call_is_told() {
    let house = House::new();
    for (arguments, code, sentence) in [
        (&["verify", "--scheme", "githb", "--secret", "x"][..], 2, "unknown scheme `githb`: did you mean github?"),
        (&["verify", "--scheme", "github", "--secret-file", "none"], 1, "cannot read the secret `secret` from none: "),
        (&["verify", "--scheme", "github", "--body", "none"], 1, "cannot read the body from none: "),
        (&["sign", "--scheme", "githb", "--secret", "x"], 2, "unknown scheme `githb`: did you mean github?"),
        (&["sign", "--scheme", "github"], 1, "there is no secret to sign with: give one with --secret-file"),
        (&["sign", "--scheme", "twilio", "--secret", "x"], 2, "twilio signs the URL: say it with --url"),
        (
            &["sign", "--scheme", "meraki", "--secret", "x"],
            1,
            "cannot sign for meraki: the JSON field /sharedSecret is not there",
        ),
        (&["schemes", "githb"], 1, "unknown scheme `githb`: did you mean github?"),
    ] {
        let (got, out, err) = run(&house, arguments, b"");
        assert_eq!((got, out.as_str()), (code, ""), "{arguments:?} {err}");
        assert!(err.starts_with(&format!("hookview: {sentence}")), "{arguments:?}: {err}");
    }
}

#[test]
fn a_body_that_signing_changes_is_kept_when_asked_for() {
    let house = House::new();
    let sign = ["sign", "--scheme", "linear", "--secret", "x", "--body", "-", "--at", "1767225600"];
    let body = br#"{ "webhookTimestamp":1 }"#;
    let (code, line, err) = run(&house, &sign, body);
    assert_eq!(
        (code, err.as_str()),
        (0, "hookview: linear changes the body, too: --write-body FILE keeps what to send\n")
    );
    let (_, again, err) = run(&house, &[&sign[..], &["--write-body", "signed.json"]].concat(), body);
    assert_eq!((again, err.as_str()), (line.clone(), ""));
    assert_eq!(super::file(house.path("signed.json")), r#"{ "webhookTimestamp":1767225600000 }"#);
    let arguments = ["--secret", "x", "--body", "signed.json", "--at", "1767225601", "--header", line.trim()];
    assert_eq!(verdict(&house, &arguments, b"").0, 0);
    let (_, none, told) =
        run(&house, &["sign", "--scheme", "cloudevents", "--secret", "x", "--url", "http://h/?access_token=1&b"], b"");
    assert_eq!((none.as_str(), told.as_str()), ("", "hookview: send it to http://h/?access_token=x&b\n"));
}

#[test]
fn a_capture_is_verified_with_its_own_time_and_left_alone() {
    let house = House::new();
    let signed = ["sign", "--scheme", "stripe", "--secret-file", "pm.secret", "--body", "-"];
    let (_, line, _) = run(&house, &signed, BODY);
    let (mut pty, address) = listening(house.command().start());
    let head = format!(
        "POST /a HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{}\r\nContent-Length: {}\r\n\r\n",
        line.trim(),
        BODY.len()
    );
    assert!(exchange(address, &[head.as_bytes(), BODY].concat()).starts_with("HTTP/1.1 200 "));
    pty.send_keys("q");
    assert_eq!(super::ended(pty), 0);
    let before = run(&house, &["list", "--json", "--store", "store.db"], b"").1;
    let (code, object) = verdict(&house, &["1", "--store", "store.db", "--secret-file", "pm.secret"], b"");
    assert_eq!((code, &object["scheme"]), (0, &"stripe".into()));
    let (code, object) = verdict(&house, &["#1", "--store", "store.db", "--secret", "x", "--scheme", "github"], b"");
    assert_eq!((code, &object["verdict"]), (1, &"missing".into()));
    assert_eq!(run(&house, &["list", "--json", "--store", "store.db"], b"").1, before);
    fs::remove_file(house.path("store.db")).unwrap();
    assert_eq!(run(&house, &["verify", "1", "--store", "store.db", "--secret", "x"], b"").0, 1);
}

#[test]
fn a_scheme_is_explained_with_an_example_that_verifies() {
    let house = House::new();
    let (code, told, _) = run(&house, &["schemes", "stripe"], b"");
    assert_eq!(code, 0);
    insta::assert_snapshot!(told, @r#"
    stripe: Stripe

      signature    Stripe-Signature: t={time},v1={hex},...
      signed       HMAC-SHA256 of {time}.{body}
      secret       taken as it is
      time         a number of seconds in Stripe-Signature; up to 300 seconds old, or any time ahead
      covers       the body and the time
      detected     by the header Stripe-Signature
      known from   the sender's library
      note         The `whsec_` is part of the key and nothing is decoded, unlike with Standard Webhooks.

    Example, with the secret `an example secret`:

      POST /hook HTTP/1.1
      Host: hooks.example.com
      Content-Type: application/json
      Stripe-Signature: t=1767225600,v1=6206fab1305b5b9df1a37b92b18c76762b34b7ebf4d552752e91a0c9cae88827

      {"event":"ping"}
    "#);
    let example = told.lines().find(|line| line.contains("Stripe-Signature: t=1")).unwrap().trim();
    let arguments = ["--header", example, "--secret", "an example secret", "--body", "-", "--at", "1767225600"];
    assert_eq!(verdict(&house, &arguments, BODY).0, 0);
    for (scheme, line) in [
        ("github-sha1", "detected     by the header X-Hub-Signature; not when there is the header X-Hub-Signature-256"),
        ("mailgun", "/event-data, or by the form fields timestamp, token, signature"),
        ("aws-sns", "hash         SHA-1 when the JSON field /SignatureVersion is 1, SHA-256 when it is 2"),
    ] {
        let (_, told, _) = run(&house, &["schemes", scheme], b"");
        assert!(told.lines().any(|told| told.ends_with(line)), "{told}");
    }
}

#[test]
fn schemes_are_listed_whole_where_they_are_read_by_a_program() {
    let house = House::new();
    let (_, table, _) = run(&house, &["schemes"], b"");
    let netbox = table.lines().next().unwrap();
    assert!(
        netbox.starts_with("netbox  ") && netbox.ends_with("HMAC-SHA512 of the raw body, hex, in X-Hook-Signature"),
        "{netbox}"
    );
    let (_, json, _) = run(&house, &["schemes", "--json"], b"");
    let schemes: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(schemes.as_array().unwrap().len(), table.lines().count());
    let (_, json, _) = run(&house, &["schemes", "peering-manager", "--json"], b"");
    let netbox: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&netbox["id"], &netbox["headers"][0]), (&"netbox".into(), &"X-Hook-Signature".into()));
}
