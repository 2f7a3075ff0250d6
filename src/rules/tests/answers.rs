//! What is answered, played, run and forwarded.

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::capture::{Answer, Fault, Headers, Play};
use crate::rules::{
    Everyday, FAIL_FIRST, Login, Passing, Source, Temporary, Until, parse_delay, parse_header, rule_for,
};

#[track_caller]
fn plan(rule: &str, text: &str) -> Plan {
    Bench::new(&format!("[[rule]]\n{rule}")).plan(&request(text)).unwrap()
}

fn shown(plan: &Plan) -> String {
    let headers = String::from_utf8(plan.answer.headers.to_lines()).unwrap().replace("\r\n", "\n");
    format!("{}\n{headers}\n{}", plan.answer.status, String::from_utf8_lossy(&plan.answer.body))
}

#[test]
fn answers_are_made() {
    for (rule, answer) in [
        ("answer = 503", "503\n\n"),
        ("answer = { body = 'hi' }", "200\nContent-Type: text/plain; charset=utf-8\n\nhi"),
        (
            "answer = { json = { b = [1, 2.5], a = true } }",
            "200\nContent-Type: application/json\n\n{\"b\":[1,2.5],\"a\":true}",
        ),
        ("answer = { echo = true }", "200\nContent-Type: text/x\n\nbody"),
        ("answer = { template = '{{ request.method }}' }", "200\nContent-Type: text/plain; charset=utf-8\n\nPOST"),
        ("answer = { template_file = 'hello.j2' }", "200\nContent-Type: text/plain; charset=utf-8\n\nhello POST\n"),
        ("answer = { template = '[1]', headers = { content-type = 'a/b' } }", "200\ncontent-type: a/b\n\n[1]"),
        (
            "answer = { headers = { Retry-After = 1, X = ['a', 'b{{ request.path }}'] } }",
            "200\nRetry-After: 1\nX: a\nX: b/a\n\n",
        ),
        ("answer = { redirect = '/b' }", "302\nLocation: /b\n\n"),
        ("answer = { redirect = 'http://h{{ request.path }}', status = 308 }", "308\nLocation: http://h/a\n\n"),
        ("fault = 'reset'", "200\nContent-Type: text/plain; charset=utf-8\n\nOK\n"),
    ] {
        assert_eq!(shown(&plan(rule, "POST /a\nContent-Type: text/x\n\nbody")), answer, "{rule}");
    }
}

#[test]
fn the_network_splits_no_header() {
    let rule =
        "when.path = '/{x}'\nanswer = { headers = { X = '{{ request.parts.x }}' }, echo = true }\ncors = ['https://a']";
    let made = plan(rule, "POST /a%0D%0ASet-Cookie:%20b%00\nContent-Type: a\u{1}b\nOrigin: https://b");
    assert_eq!(shown(&made), "200\nX: a  Set-Cookie: b\nVary: Origin\n\n");
}

#[test]
fn a_template_that_fails_is_a_500_with_a_note() {
    let made = plan("answer = { template = '{{ request.json.a.b.c }}', delay = '1s' }", "POST /\n\n{}");
    assert_eq!((made.answer.status, made.answer.play.delay_ms), (500, 1000));
    assert!(made.answer.note.starts_with("the template failed: "), "{}", made.answer.note);
}

#[test]
fn sequences_stay_at_their_last_or_begin_again() {
    assert_eq!(Bench::new("[[rule]]\nanswer = [503, 502, 200]").statuses("GET /", 5), [503, 502, 200, 200, 200]);
    assert_eq!(
        Bench::new("[[rule]]\nanswer = [503, 200]\ncycle = true").statuses("GET /", 5),
        [503, 200, 503, 200, 503]
    );
}

#[test]
fn delays_and_faults_are_played() {
    let play = |rule: &str| plan(rule, "GET /").answer.play;
    assert_eq!(play("answer = { delay = '2s' }"), Play { delay_ms: 2000, fault: None });
    for (fault, played) in [
        ("'close'", Fault::Close),
        ("'reset'", Fault::Reset),
        ("'hang'", Fault::Hang),
        ("'drip'", Fault::Drip { pause_ms: 100 }),
        ("{ drip = '1s' }", Fault::Drip { pause_ms: 1000 }),
        ("{ cut = 2 }", Fault::Cut { after: 2 }),
        ("'garbage'", Fault::Garbage),
        ("'no-continue'", Fault::NoContinue),
    ] {
        assert_eq!(play(&format!("fault = {fault}")).fault, Some(played), "{fault}");
        assert_eq!(play(&format!("answer = {{ body = 'abc', fault = {fault} }}")).fault, Some(played), "{fault}");
    }
    let mut bench = Bench::new("[[rule]]\nanswer = { delay = '100ms-2s' }");
    let delays: Vec<u64> = (0..50).map(|_| bench.plan(&request("GET /")).unwrap().answer.play.delay_ms).collect();
    assert!(delays.iter().all(|delay| (100..=2000).contains(delay)) && delays.iter().any(|delay| *delay != delays[0]));
}

#[test]
fn continue_is_withheld_by_the_rule_that_would_answer() {
    let text = "[[rule]]\nwhen.json = '.a'\nanswer = 200\n[[rule]]\nwhen = { path = '/a', first = 1 }\nfault = 'no-continue'\n[[rule]]\nanswer = 200";
    let mut bench = Bench::new(text);
    let withheld = |bench: &Bench, path: &str| {
        let head = request(&format!("POST {path}\nExpect: 100-continue")).request;
        bench.book.withholds_continue(&bench.rules, &head, "127.0.0.1:1", bench.now)
    };
    assert!(withheld(&bench, "/a") && !withheld(&bench, "/b"));
    assert_eq!(bench.answer("POST /a"), "rule-2 200");
    assert!(!withheld(&bench, "/a"));
}

#[test]
fn what_a_sender_does_with_a_redirect_is_noted() {
    let mut bench = Bench::new("[[rule]]\nanswer = { redirect = '/b' }");
    let mut capture = request("POST /");
    capture.identity.sender = Some("NetBox".to_owned());
    let note = bench.plan(&capture).unwrap().answer.note;
    assert!(note.contains("follows 302") && note.contains("GET that has no body"), "{note}");
    capture.identity.sender = Some("Slack".to_owned());
    assert!(bench.plan(&capture).unwrap().answer.note.contains("counts 302 as failed"));
}

#[test]
fn files_commands_and_forwards_are_planned() {
    let within = PathBuf::from("/etc/hooks");
    let file = plan("answer = { file = 'a/b.json' }", "GET /");
    assert_eq!(file.source, Source::File { path: within.join("a/b.json"), within: within.clone() });
    assert_eq!(file.answer.headers.text("content-type"), Some("application/json"));

    let rule = "when.path = '/{branch}'\n[[rule.run]]\ncommand = ['make', 'b={{ request.parts.branch }}']\ndirectory = 'x'\nenvironment = { A = 'b' }\ntime_limit = '5s'\nat_once = 2\nqueue = 3\n[[rule.run]]\nshell = 'echo $A'\nanswer = true";
    let run = plan(rule, "GET /main%20;x");
    let command = &run.commands[0];
    assert_eq!(
        (&command.argv[..], &command.directory),
        (&["make".to_owned(), "b=main ;x".to_owned()][..], &within.join("x"))
    );
    assert_eq!((command.time_limit, command.at_once, command.queue), (Duration::from_secs(5), 2, 3));
    assert!(
        matches!(&run.source, Source::Output(shell) if shell.argv == ["sh", "-c", "echo $A"] && shell.directory == within)
    );

    let run = plan("when.path = '/{branch}'\nrun = { command = ['make', '{{ request.parts.branch }}'] }", "GET /-f");
    assert!(run.commands.is_empty() && run.answer.note.contains("begins with a dash"), "{}", run.answer.note);

    let rule = "when.path = '/{branch}'\nrun = { command = ['make', '{{ request.parts.branch }}'], answer = true }\nanswer.delay = '2s'";
    let run = plan(rule, "GET /-f");
    assert_eq!((&run.source, run.answer.status, run.answer.play.delay_ms), (&Source::Ready, 500, 2000));
    assert!(run.answer.note.contains("begins with a dash") && run.answer.rule == "rule-1", "{:?}", run.answer);

    let through = plan("forward = 'http://up/base'", "GET /a?b=1");
    let forward = through.forward.unwrap();
    assert_eq!(
        (through.source, &forward.url[..], forward.passing),
        (Source::Upstream, "http://up/base/a?b=1", Passing::Through)
    );
    let beside = plan(
        "answer = 202\nforward = { url = 'http://up/x', answer = 'ours', path = 'replace', sign_with = 'pm', retry_on = [500] }",
        "GET /a",
    );
    let forward = beside.forward.unwrap();
    assert_eq!((beside.source, beside.answer.status, &forward.url[..]), (Source::Ready, 202, "http://up/x"));
    assert_eq!((forward.passing, forward.retries, forward.retry_on), (Passing::Shown, 3, vec![500]));
    assert_eq!(forward.sign_with.as_deref(), Some("pm"));
}

#[test]
fn a_temporary_answer_stands_above_all() {
    let mut bench = Bench::new("[[rule]]\nanswer = 200");
    let temporary = |until| Some(Temporary { answer: Answer::text(503, "busy\n", ""), until });
    bench.book.set_temporary(temporary(Until::Next));
    assert_eq!([bench.answer("GET /"), bench.answer("GET /")], ["temporary 503", "rule-1 200"]);
    bench.book.set_temporary(temporary(Until::TakenBack));
    assert_eq!(bench.statuses("GET /", 3), [503; 3]);
    bench.book.set_temporary(None);
    assert_eq!(bench.statuses("GET /", 1), [200]);
}

#[test]
fn one_line_forms_stand_behind_the_file() {
    let everyday = Everyday {
        status: Some(201),
        headers: vec![parse_header("X-A: {{ 1 }}").unwrap()],
        body: Some("{\"a\":1}".into()),
        delay: Some(parse_delay("1s").unwrap()),
        fail_first: Some(2),
        forward: Some("http://up".parse().unwrap()),
        auth: Some(Login::Bearer("t".into())),
        cors: true,
    };
    let mut bench = Bench::new("[[rule]]\nname = 'file'\nwhen.path = '/file'\nanswer = 204");
    bench.rules = bench.rules.clone().with(&everyday);
    assert_eq!(bench.answer("GET /file"), "file 204");
    assert_eq!(bench.answer("GET /"), "--auth 401");
    let refused = bench.plan(&request("GET /\nOrigin: http://a")).unwrap();
    assert_eq!(refused.answer.headers.text("access-control-allow-origin"), Some("*"), "a page can read why");
    let asks = "OPTIONS /\nOrigin: http://a\nAccess-Control-Request-Method: POST";
    assert_eq!(bench.answer(asks), "--fail-first 204", "browsers ask without a password");
    assert_eq!(bench.statuses("GET /\nAuthorization: Bearer t", 3), [503, 503, 201]);
    assert_eq!(bench.book.hits(FAIL_FIRST), 2);
    let plan = bench.plan(&request("GET /\nAuthorization: Bearer t")).unwrap();
    assert_eq!(
        shown(&plan),
        "201\nContent-Type: application/json\nX-A: {{ 1 }}\nAccess-Control-Allow-Origin: *\n\n{\"a\":1}"
    );
    assert_eq!(plan.forward.unwrap().passing, Passing::Shown);
    assert_eq!(plan.answer.rule, "command line");
    assert!(Rules::default().with(&Everyday::default()).is_empty());
    assert!(
        parse_header("Content-Length: 1").is_err()
            && parse_header("a b: c").is_err()
            && parse_header("a: b\nc").is_err()
    );
}

#[test]
fn a_rule_made_from_a_capture_matches_it() {
    for path in
        ["/hooks/pm?a=1", "/", "/a*b/{c}", "/%2A/\"x\"", "*", "/\u{202e}x\u{7f}", "/a%20b", "/a\\b$^", "http://h/p"]
    {
        let mut capture = request(&format!("POST {path}"));
        capture.identity.sender = Some("evil\"\n[[rule]]\nname='x'".to_owned());
        capture.answer = Some(Answer::text(404, "no \"such\"\u{1b}[31m\n'''\"\"\"", "default"));
        let text = rule_for(&capture);
        let mut bench = Bench::new(&text);
        assert_eq!(bench.rules.iter().count(), 1, "{text}");
        let answer = bench.plan(&capture).unwrap_or_else(|| panic!("{path}\n{text}")).answer;
        assert_eq!((answer.status, &answer.body), (404, &capture.answer.as_ref().unwrap().body), "{text}");
        assert!(text.lines().all(|line| !line.chars().any(char::is_control)) && !text.contains('\u{202e}'));
    }
}

#[test]
fn a_rule_made_from_a_capture_has_its_header_lines() {
    let mut capture = request("POST /hooks");
    for (body, lines) in [
        ("", &[("Location", "http://x/{{y}}{%z"), ("Content-Type", "text/plain; charset=utf-8")][..]),
        ("{}", &[("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=\"{2}\"")]),
        (
            "a",
            &[
                ("WWW-Authenticate", "Basic realm=\"x\""),
                ("x.y'z", "\u{202e}"),
                ("Content-Length", "7"),
                ("X-A", "b\tc"),
            ],
        ),
    ] {
        let mut answer = Answer { headers: Headers::default(), ..Answer::text(302, body.to_owned(), "default") };
        for (name, value) in lines {
            answer.headers.push(*name, *value);
        }
        capture.answer = Some(answer);
        let text = rule_for(&capture);
        let made = Bench::new(&text).plan(&capture).unwrap_or_else(|| panic!("{text}")).answer;
        for (name, value) in lines.iter().filter(|(name, value)| *name != "Content-Length" && !value.contains('\t')) {
            let is_there = made.headers.all(name).any(|found| found == value.as_bytes());
            assert!(is_there || (body.is_empty() && *name == "Content-Type"), "{name}: {value}\n{text}");
        }
    }
}

#[test]
fn a_rule_made_from_a_capture_is_as_late_and_as_wrong() {
    let all = [
        Fault::Close,
        Fault::Reset,
        Fault::Hang,
        Fault::Drip { pause_ms: 1500 },
        Fault::Cut { after: 2 },
        Fault::Garbage,
        Fault::NoContinue,
    ];
    for fault in [None].into_iter().chain(all.map(Some)) {
        let mut capture = request("POST /hooks");
        capture.identity.sender = Some("NetBox".to_owned());
        let play = Play { delay_ms: 61_500, fault };
        capture.answer = Some(Answer { play, ..Answer::text(503, "later", "default") });
        let text = rule_for(&capture);
        let answer = Bench::new(&text).plan(&capture).unwrap_or_else(|| panic!("{text}")).answer;
        assert_eq!((answer.status, answer.play), (503, play), "{text}");
        capture.answer = Some(Answer { play, ..Answer::text(204, "", "default") });
        assert_eq!(Bench::new(&rule_for(&capture)).rules.iter().count(), 1);
    }
}
