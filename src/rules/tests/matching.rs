//! What `when` matches, whose turn it is, and how that is explained.

use super::*;
use crate::capture::Outcome;

/// Whether a rule with this `when` matches.
#[track_caller]
fn matches(when: &str, text: &str) -> bool {
    Bench::new(&format!("[[rule]]\nwhen = {{ {when} }}\nanswer = 204")).answer(text) != "-"
}

#[test]
fn conditions_are_exact_one_of_fitting_there_or_not_there() {
    for (when, fit, unfit) in [
        (r#"method = "post""#, "POST /", "PUT /"),
        (r#"method = ["PUT", "PATCH"]"#, "PATCH /", "POST /"),
        (r#"method = { not = "GET" }"#, "POST /", "GET /"),
        (r#"path = ["/a", "/b/*"]"#, "GET /b/c", "GET /c"),
        (r#"path = { regex = "^/v[0-9]+/" }"#, "GET /v12/x", "GET /vx/"),
        (r#"query = { page = "1" }"#, "GET /?a&page=1", "GET /?page=12"),
        (r"query = { page = 1 }", "GET /?page=1", "GET /"),
        (r#"query = { a = "x y" }"#, "GET /?a=x%20y", "GET /?a=x"),
        (r"query = { debug = true }", "GET /?debug", "GET /?debugging"),
        (r"query = { debug = false }", "GET /", "GET /?debug="),
        (r#"query = { a = ["1", { regex = "^2" }] }"#, "GET /?a=20", "GET /?a=10"),
        (r#"header = { X-Test = "fail" }"#, "GET /\nx-test: fail", "GET /\nx-test: FAIL"),
        (r#"header = { x-test = { contains = "ai" } }"#, "GET /\nX-TEST: fail", "GET /\nx-test: x"),
        (r"header = { x-test = false }", "GET /", "GET /\nX-Test: "),
        (r#"header = { x = "b" }"#, "GET /\nx: a\nx: b", "GET /\nx: a, b"),
        (r#"header = { x = { not = "b" } }"#, "GET /", "GET /\nx: a\nx: b"),
        (r#"source = "127.0.0.0/8""#, "GET /", ""),
        (r#"body = { contains = "asn" }"#, "POST /\n\n{\"asn\":1}", "POST /\n\nas"),
        (r"json = '.asn == 1'", "POST /\n\n{\"asn\":1}", "POST /\n\n{\"asn\":2}"),
        (r"json = ['.a', '.b']", "POST /\n\n{\"a\":1,\"b\":0}", "POST /\n\n{\"a\":1}"),
        (r"json = '.a'", "POST /\n\n{\"a\":1}", "POST /\n\na=1"),
        (r"json = '.a'", "POST /\n\n\u{feff}{\"a\":1}", "POST /"),
        (r#"between = "11:59-12:01""#, "GET /", ""),
    ] {
        assert!(matches(when, fit), "{when} {fit}");
        assert!(unfit.is_empty() || !matches(when, unfit), "{when} {unfit}");
    }
    assert!(!matches(r#"source = ["10.0.0.0/8", "::1"]"#, "GET /"));
    assert!(!matches("from = 2026-11-22T12:00:01Z", "GET /"));
    assert!(!matches("until = 2026-11-22T12:00:00Z", "GET /"));
}

#[test]
fn sender_and_verdict_are_looked_at() {
    let mut bench = Bench::new("[[rule]]\nwhen = { sender = 'netbox', verdict = ['valid', 'stale'] }\nanswer = 204");
    let mut capture = request("POST /");
    capture.verdict.outcome = Outcome::Stale;
    assert!(bench.plan(&capture).is_none());
    capture.identity.sender = Some("NetBox".to_owned());
    assert!(bench.plan(&capture).is_some());
    capture.verdict.outcome = Outcome::Invalid;
    assert!(bench.plan(&capture).is_none());
}

#[test]
fn compressed_bodies_are_read_and_deep_ones_are_not() {
    let mut bench = Bench::new("[[rule]]\nwhen.json = 'true'\nanswer = 204");
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(bench.answer(&format!("POST /\n\n{deep}")), "-");
    let long = format!("POST /\n\n\"{}\"", "a".repeat(2 << 20));
    assert_eq!(bench.answer(&long), "-");
    assert_eq!(bench.findings(&long), [Finding::Differs("the body is over 1 MiB".into())]);
    let mut capture = request("POST /\nContent-Encoding: gzip");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, b"{}").unwrap();
    capture.request.body = Body::whole(gzip.finish().unwrap());
    assert!(bench.plan(&capture).is_some());
}

#[test]
fn the_first_that_matches_answers() {
    let mut bench = Bench::new(
        "[[rule]]\nname = 'a'\nwhen.path = '/a'\nanswer = 201\n[[rule]]\nname = 'b'\nanswer = 202\n[[rule]]\nanswer = 204",
    );
    assert_eq!([bench.answer("GET /a"), bench.answer("GET /b")], ["a 201", "b 202"]);
    bench.book.switch("b", false);
    assert_eq!(bench.answer("GET /b"), "rule-3 204");
    assert_eq!([bench.book.hits("a"), bench.book.hits("b"), bench.book.hits("rule-3")], [1, 1, 1]);
}

#[test]
fn turns_are_taken() {
    let text = "[[rule]]\nname = 'a'\nwhen = { path = '/a', first = 2 }\nanswer = 503\n[[rule]]\nanswer = 200";
    let mut bench = Bench::new(text);
    assert_eq!(bench.statuses("GET /b", 1), [200]);
    assert_eq!(bench.statuses("GET /a", 4), [503, 503, 200, 200]);
    bench.book.reset("a", bench.now);
    assert_eq!(bench.statuses("GET /a", 3), [503, 503, 200]);
    let mut bench = Bench::new("[[rule]]\nwhen.every = 3\nanswer = 503");
    assert_eq!(bench.statuses("GET /", 7), [0, 0, 503, 0, 0, 503, 0]);
    let mut bench = Bench::new("[[rule]]\nwhen = { every = 2, first = 2 }\nanswer = 503");
    assert_eq!(bench.statuses("GET /", 7), [0, 503, 0, 503, 0, 0, 0]);
}

#[test]
fn chance_can_be_had_again() {
    let text = "seed = 9\n[[rule]]\nwhen.probability = '25%'\nanswer = 503";
    let statuses = || {
        let mut bench = Bench::new(text);
        bench.book.reloaded(&bench.rules, bench.now);
        bench.statuses("GET /", 400)
    };
    assert_eq!(statuses(), statuses());
    let failed = statuses().into_iter().filter(|status| *status == 503).count();
    assert!((70..130).contains(&failed), "{failed}");
    assert_eq!(Bench::new("[[rule]]\nwhen.probability = 0\nanswer = 503").statuses("GET /", 50), [0; 50]);
    assert_eq!(Bench::new("[[rule]]\nwhen.probability = 1.0\nanswer = 503").statuses("GET /", 50), [503; 50]);
}

#[test]
fn saving_counts_anew_and_keeps_what_is_switched() {
    let mut bench = Bench::new(
        "[[rule]]\nname = 'a'\nwhen.first = 1\nanswer = 503\n[[rule]]\nname = 'b'\non = false\nanswer = 200",
    );
    bench.book.switch("b", true);
    assert_eq!(bench.statuses("GET /", 2), [503, 200]);
    bench.wait(60);
    bench.book.reloaded(&bench.rules, bench.now);
    assert_eq!((bench.book.hits("a"), bench.book.since("a")), (0, bench.now));
    assert_eq!(bench.statuses("GET /", 2), [503, 200]);
    let without = parse("[[rule]]\nname = 'a'\nanswer = 204");
    bench.book.reloaded(&without, bench.now);
    assert!(!bench.book.is_on(bench.rules.get("b").unwrap()), "it came back as the file says");
}

#[test]
fn each_rule_is_explained() {
    let mut bench = Bench::new(
        r#"
        [[rule]]
        name = "off"
        on = false
        answer = 200
        [[rule]]
        when.method = "PUT"
        answer = 200
        [[rule]]
        when.header = { x-test = "fail" }
        answer = 200
        [[rule]]
        when = { path = "/a", first = 1 }
        answer = 503
        [[rule]]
        when.path = "/b"
        answer = 200
        [[rule]]
        when.json = ".a.b"
        answer = 200
        [[rule]]
        limits.rate = "5/s"
        [[rule]]
        limits.auth = "a:b"
        [[rule]]
        answer = { status = 202, body = "later\n", delay = "2s" }
        "#,
    );
    assert_eq!(bench.answer("GET /a"), "rule-4 503");
    let found = bench.findings("GET /a\n\n{\"a\":\"text\"}");
    let differs = |text: &str| Finding::Differs(text.to_owned());
    assert_eq!(
        found,
        [
            Finding::Off,
            differs("wants method PUT, it is GET"),
            differs("wants header x-test = fail, it is not there"),
            differs("first 1: it answered 1 already"),
            differs("path /b is not /a"),
            differs("json .a.b: cannot index \"text\" with \"b\""),
            Finding::Guards("5/s per source".into()),
            Finding::Answers("401: no Authorization header".into()),
            Finding::TooLate("202 later after 2s".into()),
        ]
    );
    assert_eq!(bench.findings("GET /a\n\n{\"a\":\"text\"}"), found, "explaining counts nothing");
}

#[test]
fn rules_are_told_in_short() {
    let rules = parse(
        r#"
        [[rule]]
        when = { header = { x-test = "fail" } }
        answer = { status = 500, delay = "2s" }
        [[rule]]
        when = { path = "/hooks/pm", first = 2 }
        answer = 503
        [[rule]]
        when = { method = "PUT" }
        answer = { json = { ok = true } }
        [[rule]]
        when = { path = ["/echo", "/e"], method = ["A", "B"], probability = 0.125 }
        answer = { echo = true }
        [[rule]]
        answer = [503, { fault = "reset" }, 200]
        cycle = true
        [[rule]]
        when = { verdict = "valid", source = "10.0.0.0/8", sender = "NetBox" }
        run = [{ command = ["make", "all"] }, { command = ["uptime"], answer = true }]
        [[rule]]
        forward = "http://127.0.0.1:8080"
        limits = { rate = "5/minute", per = "header X-Key", schema = "site.json", auth = "a:b", methods = "post" }
        "#,
    );
    let words: Vec<String> =
        rules.iter().map(|rule| format!("{} | {}", rule.when_words(), rule.answer_words())).collect();
    assert_eq!(
        words,
        [
            "header x-test = fail | 500 after 2s",
            "path /hooks/pm, first 2 | 503",
            "method PUT | 200 {\"ok\":true}",
            "method A or B, path /echo or /e, chance 12.5% | 200 the body",
            "anything | 503, then resets the connection, then 200, and again",
            "source 10.0.0.0/8, sender NetBox, verdict valid | run make, the output of uptime",
            "anything | POST only, 5/minute per X-Key, auth, schema site.json, forward to http://127.0.0.1:8080/",
        ]
    );
}
