//! What is refused, and how.

use super::*;
use crate::capture::Outcome;

fn header(plan: &Plan, name: &str) -> String {
    plan.answer.headers.text(name).unwrap_or_default().to_owned()
}

#[test]
fn methods_are_refused_with_those_that_are_allowed() {
    let mut bench = Bench::new("[[rule]]\nlimits.methods = ['post', 'PUT']\nanswer = 204");
    let refused = bench.plan(&request("GET /")).unwrap();
    assert_eq!((refused.answer.status, header(&refused, "allow")), (405, "POST, PUT".to_owned()));
    assert_eq!(bench.statuses("PUT /", 1), [204]);
}

#[test]
fn rates_are_refused_until_it_is_time() {
    let mut bench =
        Bench::new("[[rule]]\nname = 'a'\nlimits = { rate = '2/minute', per = 'header X-Key' }\nanswer = 204");
    assert_eq!(bench.statuses("GET /\nX-Key: a", 3), [204, 204, 429]);
    assert_eq!(bench.statuses("GET /\nX-Key: b", 1), [204]);
    let refused = bench.plan(&request("GET /\nX-Key: a")).unwrap();
    assert_eq!(
        (header(&refused, "retry-after"), &refused.answer.note[..]),
        ("30".into(), "more than 2/minute per X-Key")
    );
    bench.wait(30);
    assert_eq!(bench.statuses("GET /\nX-Key: a", 2), [204, 429]);
    bench.book.reset("a", bench.now);
    assert_eq!(bench.statuses("GET /\nX-Key: a", 1), [204]);
}

#[test]
fn strangers_are_asked_who_they_are() {
    let mut bench = Bench::new("[[rule]]\nlimits.auth = ['me:pass', 'bearer t0k']\nanswer = 204");
    let refused = bench.plan(&request("GET /")).unwrap();
    assert_eq!(
        (refused.answer.status, header(&refused, "www-authenticate")),
        (401, "Basic realm=\"hookview\", charset=\"UTF-8\"".into())
    );
    assert_eq!(bench.statuses("GET /\nAuthorization: Basic bWU6cGFzcw==", 1), [204]);
    assert_eq!(bench.statuses("GET /\nAuthorization: Bearer t0k", 1), [204]);
    assert_eq!(bench.statuses("GET /\nAuthorization: Bearer t0k3n", 1), [401]);
}

#[test]
fn signatures_can_be_required() {
    let mut bench = Bench::new("[[rule]]\nlimits.require_valid_signature = true\nanswer = 204");
    let mut capture = request("GET /");
    let refused = bench.plan(&capture).unwrap().answer;
    assert_eq!((refused.status, &refused.body[..]), (403, &b"no valid signature\n"[..]));
    assert!(refused.note.contains("there is no secret"));
    capture.verdict.outcome = Outcome::Valid;
    assert_eq!(bench.plan(&capture).unwrap().answer.status, 204);
}

#[test]
fn misfits_are_told_what_and_where() {
    let mut bench = Bench::new("[[rule]]\nlimits.schema = 'site.json'\nanswer = 204");
    assert_eq!(bench.statuses("POST /\n\n{\"asn\":1}", 1), [204]);
    let refused = bench.plan(&request("POST /\n\n{\"asn\":\"x\",\"name\":\"b\"}")).unwrap().answer;
    let body: serde_json::Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!((refused.status, &body["count"]), (422, &2.into()));
    let pointers: Vec<&str> =
        body["violations"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/asn", "/name"]);
    assert_eq!(refused.note, "site.json: /asn \"x\" is not of type \"integer\" (2 violations)");
    let refused = bench.plan(&request("POST /\n\nno")).unwrap().answer;
    assert_eq!((refused.status, refused.note.starts_with("site.json: the body is not JSON")), (422, true));
    assert_eq!(bench.rules.files(), [std::path::PathBuf::from("/etc/hooks/site.json")]);
}

#[test]
fn guards_let_through_to_the_rules_below() {
    let mut bench = Bench::new(
        "[[rule]]\nname = 'guard'\nwhen.path = '/a'\nlimits.auth = 'me:pass'\n[[rule]]\nname = 'b'\nanswer = 204",
    );
    assert_eq!(bench.answer("GET /a"), "guard 401");
    assert_eq!(bench.answer("GET /a\nAuthorization: Basic bWU6cGFzcw=="), "b 204");
    assert_eq!(bench.answer("GET /"), "b 204");
    assert_eq!(bench.book.hits("guard"), 1);
}

#[test]
fn pages_get_leave() {
    let mut bench = Bench::new(
        "[[rule]]\nname = 'page'\nwhen = { method = 'POST', path = '/a', header = { x-a = '1' }, first = 1 }\ncors = ['https://app']\nlimits = { auth = 'a:b', methods = ['POST', 'PUT'] }\nanswer = 204",
    );
    let ask = |origin: &str, method: &str| {
        request(&format!(
            "OPTIONS /a\nOrigin: {origin}\nAccess-Control-Request-Method: {method}\nAccess-Control-Request-Headers: x-a, authorization"
        ))
    };
    let leave = bench.plan(&ask("https://app", "POST")).unwrap();
    assert_eq!(leave.answer.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "https://app"),
        ("access-control-allow-methods", "POST, PUT"),
        ("access-control-allow-headers", "x-a, authorization"),
        ("vary", "Origin"),
    ] {
        assert_eq!(header(&leave, name), value, "{name}");
    }
    assert!(bench.plan(&ask("https://app", "DELETE")).is_none());
    let denied = bench.plan(&ask("https://evil", "POST")).unwrap();
    assert_eq!(header(&denied, "access-control-allow-origin"), "");
    assert_eq!(bench.book.hits("page"), 0);
    let refused = bench.plan(&request("POST /a\nX-A: 1\nOrigin: https://app")).unwrap();
    assert_eq!((refused.answer.status, header(&refused, "access-control-allow-origin")), (401, "https://app".into()));
}

#[test]
fn what_a_preflight_asks_splits_no_header() {
    let mut bench = Bench::new("[[rule]]\ncors = true\nanswer = 204");
    let mut capture = request("OPTIONS /\nOrigin: https://a\nAccess-Control-Request-Method: GET");
    capture.request.headers.push("Access-Control-Request-Headers", "x\r\nSet-Cookie: a");
    let leave = bench.plan(&capture).unwrap();
    assert_eq!(
        (header(&leave, "access-control-allow-origin"), header(&leave, "access-control-allow-headers")),
        ("*".into(), String::new())
    );
}
