//! What is recognised: every fixture of `tests/data/senders`, every sample, and whatever junk may come.
//!
//! A fixture begins with `# key: value` lines: what [`identify`] must say of the request below them. A key that is not
//! there must be `None`; `line` may come several times.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::capture::{Body, Headers, Identity, head_length, parse_request};

/// A request from text with plain line ends in its head.
fn request(text: &str) -> Request {
    let end = head_length(text.as_bytes(), 0).expect("a blank line behind the head");
    let (head, body) = text.split_at(end);
    let head = Bytes::from(head.replace('\n', "\r\n"));
    let parsed = parse_request(&head).expect("a request head");
    Request::from_head(head, parsed, Body::whole(body.to_owned()))
}

fn post(headers: &[(&'static str, &'static str)], body: impl Into<Bytes>) -> Request {
    let mut request =
        Request { method: "POST".into(), target: "/".into(), body: Body::whole(body), ..Request::default() };
    request.headers = Headers::default();
    for (name, value) in headers {
        request.headers.push(*name, *value);
    }
    request
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn json(body: impl Into<Bytes>) -> Identity {
    identify(&post(&[JSON], body))
}

fn headline(identity: &Identity) -> Option<&str> {
    identity.lint.first().map(|finding| finding.text.as_str())
}

/// The identity in the form in which fixtures state it.
fn stated(identity: &Identity) -> Vec<(&str, String)> {
    let findings = identity.lint.iter().flat_map(|finding| {
        let said = [("lint", finding.code.code().to_owned()), ("notice", finding.text.clone())];
        said.into_iter().chain(finding.lines.iter().map(|line| ("line", line.clone())))
    });
    let optional = [
        ("sender", identity.sender.clone()),
        ("version", identity.version.clone()),
        ("evidence", identity.evidence.clone()),
        ("title", Some(identity.title.clone())),
        ("event", identity.event.clone()),
        ("object", identity.object.as_ref().map(|object| format!("{} {}", object.model, object.id))),
    ];
    let present = optional.into_iter().filter_map(|(key, value)| Some((key, value?)));
    present.chain(findings).collect()
}

#[test]
fn every_fixture_is_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/senders");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let statements = text.lines().map_while(|line| line.strip_prefix("# ")?.split_once(": "));
        let expected: Vec<_> = statements.map(|(key, value)| (key, value.to_owned())).collect();
        let rest: String = text.split_inclusive('\n').skip(expected.len()).collect();
        let identity = identify(&request(rest.strip_suffix('\n').unwrap()));
        assert_eq!(stated(&identity), expected, "{}", file.display());
    }
}

#[test]
fn every_sample_is_recognised() {
    let told: Vec<_> = samples()
        .map(|sample| {
            let identity = identify(&sample.request);
            assert_eq!(identity.lint, [], "{}", sample.name);
            format!("{}: {} | {}", sample.name, identity.sender.unwrap_or_default(), identity.title)
        })
        .collect();
    let expected = [
        "peering-manager-create: Peering Manager | create AS64500 - Réseau d'exemple  autonomoussystem",
        "peering-manager-update: Peering Manager | update AS64500 - Réseau d'exemple  autonomoussystem",
        "peering-manager-delete: Peering Manager | delete AS64500 - Réseau d'exemple  autonomoussystem",
        "netbox-created: NetBox | created Zürich 1  dcim.site",
        "github-push: GitHub | push refs/heads/main  acme/site",
        "stripe: Stripe | invoice.paid in_1SExample0000000000000042",
        "slack: Slack | app_mention <@U0EXAMPLE2> is AS64500 up at all exchanges?  C0EXAMPLE1",
        "catalyst-center: Catalyst Center | active Network Device 192.0.2.7 Is Unreachable From Controller  NETWORK-NON-FABRIC_WIRED-1-200",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_broken_payload_keeps_what_came_before_the_break() {
    let cut = r#"{"event": "create", "model": "router", "username": "ada", "request_id": "r", "data": {"id": 2, "display": "edge-1", "x": tru"#;
    let identity = identify(&post(&[JSON, ("User-Agent", "PeeringManager/1.10")], cut));
    assert_eq!(identity.title, "! invalid JSON  create edge-1  router");
    assert_eq!(identity.object.unwrap().id, "2");
}

#[test]
fn a_body_that_was_cut_short_is_not_called_invalid() {
    let announced = post(&[JSON, ("Content-Length", "500")], r#"{"event": "paid", "x": "#);
    assert_eq!(identify(&announced).title, "paid");
    let mut over_limit = post(&[JSON], r#"{"event": "paid", "x": "#);
    over_limit.body.total = 500;
    assert_eq!(identify(&over_limit).lint, []);
}

#[test]
fn a_long_body_is_read_by_its_beginning() {
    let filler = "x".repeat(3 << 20);
    let identity = json(format!(r#"{{"event": "paid", "filler": "{filler}", "name": "late"}}"#));
    assert_eq!((identity.title.as_str(), headline(&identity)), ("paid", None));
}

#[test]
fn deep_nesting_is_no_danger() {
    for open in ["[", "{\"data\":", "{\"x\":"] {
        let identity = json(open.repeat(100_000));
        assert_eq!(headline(&identity), Some("This body is not valid JSON, although its content type says so."));
    }
}

#[test]
fn odd_bytes_are_noticed() {
    let marked = json("\u{feff}{\"event\": \"paid\"}");
    assert_eq!((marked.title.as_str(), headline(&marked)), ("paid", Some("The body begins with a byte order mark.")));
    let latin1 = json(Bytes::from_static(b"{\"x\": \"caf\xe9\"}"));
    assert_eq!(headline(&latin1), Some("The body is not UTF-8, as JSON must be."));
    assert_eq!(latin1.lint[0].lines, ["The first odd byte is 0xE9, at offset 10."]);
    let utf16 = json(Bytes::from_static(b"\xff\xfe{\0}\0"));
    assert_eq!(headline(&utf16), Some("The content type says JSON, but the body is binary, or text in UTF-16."));
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

const GZIP: (&str, &str) = ("Content-Encoding", "gzip");

#[test]
fn a_compressed_body_is_known_by_what_is_in_it() {
    let netbox = sample("netbox-created").unwrap().request;
    let packed = identify(&post(&[JSON, GZIP], gzipped(&netbox.body.bytes)));
    assert_eq!((packed.sender.as_deref(), packed.title.as_str()), (Some("NetBox"), "created Zürich 1  dcim.site"));
    let form = post(&[("Content-Type", "application/x-www-form-urlencoded"), GZIP], gzipped(b"a=1&b=2"));
    assert_eq!(identify(&form).title, "a=1 b=2");
    let broken = identify(&post(&[JSON, GZIP], gzipped(b"{\"event\": }")));
    assert_eq!(headline(&broken), Some("This body is not valid JSON, although its content type says so."));
}

#[test]
fn of_a_compressed_body_the_beginning_is_read() {
    let long = format!(r#"{{"event": "paid", "filler": "{}", "name": "late"}}"#, "x".repeat(50 << 20));
    let identity = identify(&post(&[JSON, GZIP], gzipped(long.as_bytes())));
    assert_eq!((identity.title.as_str(), headline(&identity)), ("paid", None));
}

#[test]
fn a_body_that_cannot_be_decoded_is_left_alone() {
    let request = post(&[JSON, GZIP], Bytes::from_static(b"\x1f\x8b\x08\0\0"));
    assert_eq!(identify(&request), Identity { title: "gzip body".to_owned(), ..Identity::default() });
}

#[test]
fn what_is_not_http_is_titled_by_its_first_bytes() {
    let request = Request { head: "EHLO example.net\r\n".into(), ..Request::default() };
    assert_eq!(identify(&request).title, "not HTTP: EHLO example.net");
}

#[test]
fn no_body_needs_no_user_agent() {
    assert_eq!(identify(&post(&[], "")).title, "no body");
    assert_eq!(identify(&post(&[], " \r\n")).title, "blank body");
}

#[test]
fn requests_without_a_body_are_told_apart_by_their_paths() {
    let title = |target: &'static str| {
        let request = Request { target: target.into(), ..post(&[("User-Agent", "kube-probe/1.31")], "") };
        identify(&request).title
    };
    let titles = [title("/livez?full=1"), title("/readyz"), title("/"), title("/?x=1")];
    let expected = [
        "/livez  no body, kube-probe/1.31",
        "/readyz  no body, kube-probe/1.31",
        "no body, kube-probe/1.31",
        "no body, kube-probe/1.31",
    ];
    assert_eq!(titles, expected);
}

#[test]
fn titles_are_one_line_of_bounded_length() {
    let identity = json(format!(r#"{{"text": "one\n\ttwo\r\nthree  four {}"}}"#, "ü".repeat(5000)));
    assert!(identity.title.starts_with("one two three  four üü"), "{}", identity.title);
    assert_eq!(identity.title.chars().count(), 198);
}

#[test]
fn nothing_that_is_kept_of_a_long_payload_is_long() {
    let long = "9".repeat(100_000);
    let bodies = [
        format!(
            r#"{{"event": "create", "model": "{long}", "username": "", "request_id": "", "data": {{"id": "{long}"}}, "snapshots": 1}}"#
        ),
        format!(r#"{{"event": "{long}"}}"#),
        format!("Syntax error in template at line 1: {long}"),
        format!("Traceback (most recent call last):\nFile \"<template>\", line {long}\nError: {long}"),
    ];
    for body in bodies {
        let identity = json(body);
        assert!(format!("{identity:?}").len() < 4000, "{identity:?}");
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    assert_eq!(json(r#"{"event": "a", "event": "b"}"#).title, "b");
}

#[test]
fn an_empty_body_is_only_noticed_where_one_belongs() {
    assert_eq!(headline(&json("")), Some("The body is empty, although its content type says JSON."));
    let mut get = post(&[JSON], "");
    get.method = "GET".into();
    assert_eq!(identify(&get).lint, []);
}

#[test]
fn the_webhooks_of_one_change_are_known_by_its_id() {
    let change = |name: &str| identify(&sample(name).unwrap().request).change;
    assert!(change("peering-manager-update").is_some_and(|id| !id.is_empty()));
    assert!(change("netbox-created").is_some());
    assert_eq!(change("github-push"), None);
    let newer =
        r#"{"event": "updated", "object_type": "dcim.site", "username": "ada", "request": {"id": "5b2c"}, "data": {}}"#;
    let signed = [JSON, ("User-Agent", "python-urllib3/2.6"), ("X-Hook-Signature", "00")];
    assert_eq!(identify(&post(&signed, newer)).change.as_deref(), Some("5b2c"));
    let agent = ("User-Agent", "PeeringManager/1.10");
    let of = |id: &str| identify(&post(&[JSON, agent], format!(r#"{{"text": "x", "request_id": {id}}}"#))).change;
    assert_eq!(of(r#""5b2c""#).as_deref(), Some("5b2c"), "a template of one's own may keep it");
    assert_eq!((of("null"), of(&format!("\"{}\"", "a".repeat(65)))), (None, None));
    assert_eq!(json(r#"{"event": "paid", "request_id": "5b2c"}"#).change, None, "others have an id for each request");
}

fn codes(identity: &Identity) -> String {
    identity.lint_codes()
}

fn none_off() -> BTreeSet<Lint> {
    BTreeSet::new()
}

#[test]
fn a_password_is_named_and_never_shown() {
    let identity = json(r#"{"a": [{"password": "hunter2"}], "psk": "hunter3", "b": {"secret": "********"}}"#);
    assert_eq!(codes(&identity), "password-in-clear");
    assert_eq!(identity.lint[0].lines[..2], [".a[0].password", ".psk"]);
    assert!(!format!("{:?}", identity.lint).contains("hunter"));
    let many = (0..9).map(|n| format!(r#"{{"password": "p{n}"}}"#)).collect::<Vec<_>>().join(",");
    assert_eq!(json(format!("[{many}]")).lint[0].lines[4..6], ["[4].password", "and 4 more"]);
}

#[test]
fn everything_is_found_the_worst_first() {
    let identity = json("\u{feff}{\"password\": \"x1\"}");
    assert_eq!(codes(&identity), "byte-order-mark password-in-clear");
    assert_eq!(codes(&json(r#"{"a": None, "password": "x1"}"#)), "python-repr");
    let error = ("Syntax error in template at line 1", " unexpected '}'");
    let both = identify(&post(&[JSON, ("User-Agent", "PeeringManager/1.10"), error], "{,}"));
    assert_eq!(codes(&both), "header-template-error invalid-json");
    assert_eq!(both.title, "! invalid JSON  {,}");
}

#[test]
fn what_is_switched_off_is_not_found_and_changes_no_title() {
    let request = post(&[JSON], r#"{"event": "paid", "x": None}"#);
    let off = BTreeSet::from([Lint::PythonRepr]);
    assert_eq!(identify(&request).title, "! invalid JSON  paid");
    let identity = identify_without(&request, &off);
    assert_eq!((identity.title.as_str(), codes(&identity)), ("paid", String::new()));
    assert_eq!(lint(&request, &off), []);
}

#[test]
fn on_arrival_the_beginning_is_looked_at_and_later_all_of_it() {
    let far = post(&[JSON], format!(r#"{{"filler": "{}", "password": "x1"}}"#, "x".repeat(100_000)));
    assert_eq!(identify(&far).lint, []);
    assert_eq!(lint(&far, &none_off())[0].lines[0], ".password");
    let farther = post(&[JSON], format!(r#"{{"filler": "{}", "x": ]}}"#, "x".repeat(3 << 20)));
    assert_eq!(identify(&farther).lint, []);
    assert_eq!(lint(&farther, &none_off())[0].code, Lint::InvalidJson);
}

#[test]
fn gaps_are_looked_for_where_a_template_made_the_body() {
    let agent = ("User-Agent", "PeeringManager/1.10");
    let made = |body: &'static str| codes(&identify(&post(&[JSON, agent], body)));
    assert_eq!(made(r#"{"text": "AS64500  was changed by None"}"#), "vanished-variable");
    assert_eq!(made(r#"{"tags": "['a', 'b']", "name": "None"}"#), "python-repr");
    let default = r#"{"event": "update", "username": "ada", "data": {"comments": "two  blanks", "mode": "None"}}"#;
    assert_eq!(made(default), "");
    assert_eq!(codes(&json(r#"{"text": "two  blanks"}"#)), "");
}

#[test]
fn gaps_of_plain_text_are_looked_for_in_sentences_alone() {
    let text = ("Content-Type", "text/plain");
    let made = |agent, body: &'static str| identify(&post(&[text, ("User-Agent", agent)], body));
    let identity = made("PeeringManager/1.10", "IXP session  was created by admin.\n");
    assert_eq!(codes(&identity), "vanished-variable");
    assert_eq!(identity.lint[0].lines[0], "IXP session  was created by admin.: two blanks in a row");
    assert_eq!(codes(&made("PeeringManager/1.10", "AS64500  up\nAS64501  down\n")), "", "columns");
    assert_eq!(codes(&made("curl/8.5", "two  blanks")), "");
}

/// Text that is nearly JSON, nearly a form, nearly a template error.
fn nearly() -> impl Strategy<Value = String> {
    let pieces = "(\\{|\\}|\\[|\\]|,|:|\"|'|\\\\|None|true|1e999|-|&|=|%|\"event\"|\"data\"|\"id\"|payload=|<|\\?>|\\n|é|\u{feff}\
        |Traceback \\(most recent call last\\):|Syntax error in template at line |File \"<template>\", line )";
    proptest::collection::vec(proptest::string::string_regex(pieces).unwrap(), 0..40).prop_map(|parts| parts.concat())
}

fn check_any(request: &Request) {
    let identity = identify(request);
    assert!(identity.title.chars().count() <= 200 && !identity.title.contains(['\n', '\r']), "{:?}", identity.title);
}

proptest! {
    #[test]
    fn any_bytes_get_an_identity(
        head in proptest::collection::vec(any::<u8>(), 0..80),
        body in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let head = Bytes::from([&b"POST / HTTP/1.1\r\n"[..], &head, b"\r\n\r\n"].concat());
        let parsed = parse_request(&head).unwrap();
        check_any(&Request::from_head(head, parsed, Body::whole(body)));
    }

    #[test]
    fn nearly_right_bodies_get_an_identity(body in nearly(), media in 0..4usize) {
        let types = ["application/json", "application/x-www-form-urlencoded", "text/xml", ""];
        check_any(&post(&[("Content-Type", types[media]), ("User-Agent", "PeeringManager/1.10")], body));
    }

    #[test]
    fn a_damaged_sample_gets_an_identity(which in 0..8usize, at in 0..3000usize, byte in any::<u8>()) {
        let mut request = samples().nth(which).unwrap().request;
        let mut body = request.body.bytes.to_vec();
        let at = at % body.len();
        body[at] = byte;
        request.body = Body::whole(body);
        check_any(&request);
    }
}
