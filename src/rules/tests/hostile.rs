//! Requests that nobody would send in good faith.

use proptest::prelude::*;

use super::*;
use crate::rules::REFERENCE;

/// Rules that look at everything, behind every rule of the reference, all of them on.
fn curious() -> Bench {
    let all_on = REFERENCE.replace("on = false", "");
    Bench::new(&format!("{all_on}{CURIOUS}"))
}

const CURIOUS: &str = r#"
[[rule]]
when = { path = "/**/{a}/**", query = { q = { regex = "^(a+)+$" } }, header = { x = { contains = "y" } }, first = 1000 }
answer = { template = "{{ request }}{{ request.json | tojson }}", headers = { X = "{{ request.query.q }}{{ request.body }}" } }
[[rule]]
when = { json = ['.. | strings | test("(x+)+y")', "flatten | unique | sort | length > 0", "tostring | length > 0"] }
answer = { echo = true }
[[rule]]
limits = { rate = "1000/s", per = "path", schema = "site.json" }
cors = ["https://a"]
run = { command = ["x", "{{ request.path }}", "{{ request.body }}"] }
forward = { url = "http://up/?a=1", answer = "ours" }
"#;

fn check(bench: &mut Bench, capture: &Capture) {
    if let Some(plan) = bench.plan(capture) {
        for header in &plan.answer.headers {
            assert!(!header.name.iter().chain(&header.value).any(u8::is_ascii_control), "{header:?}");
        }
        assert!((200..600).contains(&plan.answer.status));
        for argument in plan.commands.iter().flat_map(|command| &command.argv) {
            assert!(!argument.contains('\0'), "{argument:?}");
        }
        let targets = ["http://up/", "http://127.0.0.1:8080/"];
        assert!(plan.forward.is_none_or(|forward| targets.iter().any(|target| forward.url.starts_with(target))));
    }
    bench.book.explain(&bench.rules, &Occasion { capture, now: bench.now });
}

proptest! {
    #[test]
    fn whatever_comes_no_header_is_split_and_nothing_panics(
        path in "[ -~\\x00-\\x1f%0ad]{0,30}",
        header in "[ -~\\x01-\\x1f]{0,30}",
        name in prop::sample::select(vec!["origin", "authorization", "content-type", "content-encoding", "x", "access-control-request-headers"]),
        body in prop::collection::vec(any::<u8>(), 0..200),
        method in prop::sample::select(vec!["GET", "OPTIONS", "POST", ""]),
    ) {
        let mut capture = request("POST /");
        capture.request.method = method.as_bytes().to_vec().into();
        capture.request.target = path.into_bytes().into();
        capture.request.headers.push("Access-Control-Request-Method", "POST");
        capture.request.headers.push("Origin", "https://a");
        capture.request.headers.set(name, header.into_bytes());
        capture.request.body = Body::whole(body);
        check(&mut curious(), &capture);
    }
}

#[test]
fn bodies_that_take_long_to_read_are_not_looked_at() {
    let bench = Bench::new("[[rule]]\nwhen.json = 'true'\nanswer = 204");
    for (body, why) in [
        ("1".repeat(1 << 20), "the body has a number of more than 500 digits"),
        (format!("[{}1]", "1,".repeat(400_000)), "the body has more than 50000 values"),
        ("[".repeat(500_000), "the body is nested deeper than 128"),
        (format!("\"{}\"", "x".repeat(1 << 20)), "the body is over 1 MiB"),
    ] {
        assert_eq!(bench.findings(&format!("POST /a\n\n{body}")), [Finding::Differs(why.to_owned())]);
    }
}
