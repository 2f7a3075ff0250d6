//! What is refused in a file, with its line and the reason.

use super::*;
use crate::rules::REFERENCE;

#[test]
fn errors_tell_line_and_reason() {
    for (text, reason) in [
        ("[[rule]\n", "1: not valid TOML: "),
        ("[[rules]]\n", "1: unknown key `rules`, did you mean `rule`?"),
        ("rule = 3", "1: `rule` must be tables: write [[rule]] above each"),
        ("[[rule]]\n\nanwser = 200", "3: unknown key of [[rule]] `anwser`, did you mean `answer`?"),
        ("[[rule]]\nwhen = 3\nanswer = 200", "2: `when` must be a table"),
        ("[[rule]]\nwhen = { pth = '/' }", "2: unknown key of `when` `pth`, did you mean `path`?"),
        ("[[rule]]\nwhen.path = 'a'", "2: `path` must begin with a slash, as paths do"),
        ("[[rule]]\nwhen.header = 'x'", "2: `header` must be a table of names, like header = { name = \"value\" }"),
        ("[[rule]]\nwhen.header = { x = { regexp = 'a' } }", "2: unknown test `regexp`, did you mean `regex`?"),
        ("[[rule]]\nwhen.header = { x = { regex = '(' } }", "2: `regex` cannot be \"(\": error: unclosed group"),
        ("[[rule]]\nwhen.json = '.a |'", "2: `json` cannot be \".a |\": term expected at its end"),
        ("[[rule]]\nwhen.json = 'def f: f; f'", "2: `json` cannot be \"def f: f; f\": `f` cannot be used in a rule"),
        ("[[rule]]\nwhen.verdict = 'good'", "2: `verdict` cannot be \"good\"; there are valid, stale, "),
        ("[[rule]]\nwhen.source = 'localhost'", "2: `source` cannot be \"localhost\": it is an address"),
        ("[[rule]]\nwhen.first = 0", "2: `first` must be a number from 1 on, not 0"),
        ("[[rule]]\nwhen.probability = 2", "2: `probability` must be from 0 to 1, or like \"10%\""),
        ("[[rule]]\nwhen.from = 2026-11-22", "2: `from` must be a moment with its zone"),
        ("[[rule]]\nwhen.between = '9'", "2: `between` cannot be \"9\": it is two times"),
        ("[[rule]]\nanswer = 99", "2: `answer` must be a number from 200 to 599, not 99"),
        ("[[rule]]\nanswer = 'ok'", "2: `answer` must be a status, a table like"),
        ("[[rule]]\nanswer = { status = '200' }", "2: `status` must be a number from 200 to 599, not \"200\""),
        ("[[rule]]\nanswer = { stauts = 200 }", "2: unknown key of `answer` `stauts`, did you mean `status`?"),
        ("[[rule]]\nanswer = { body = 'a', echo = true }", "2: `echo` and `body` are two bodies"),
        ("[[rule]]\nanswer = { status = 204, body = 'a' }", "2: `body` cannot be there: an answer 204 has no body"),
        ("[[rule]]\nanswer = { status = 200, redirect = '/' }", "2: `redirect` needs a status of 301,"),
        ("[[rule]]\nanswer = { headers = { Content-Length = 3 } }", "2: `Content-Length` is hookview's own to say"),
        ("[[rule]]\nanswer = { headers = { 'a b' = 'c' } }", "2: `a b` is not the name of a header"),
        ("[[rule]]\nanswer = { headers = { a = \"b\\nc\" } }", "2: `a` must be one line"),
        ("[[rule]]\nanswer = { template = '{{' }", "2: `template` cannot be read: line 1: "),
        ("[[rule]]\nanswer = { template_file = 'none' }", "2: `template_file` ./none cannot be read: "),
        ("[[rule]]\nanswer = { file = '../x' }", "2: `file` must be a file below the directory"),
        ("[[rule]]\nanswer = { file = '/etc/passwd' }", "2: `file` must be a file below the directory"),
        ("[[rule]]\nanswer = { delay = '3s-1s' }", "2: `delay` cannot be \"3s-1s\": the longer time"),
        ("[[rule]]\nfault = 'rest'", "2: `fault` cannot be \"rest\", did you mean \"reset\"?"),
        ("[[rule]]\nanswer = { body = 'abc', fault = { cut = 3 } }", "2: `answer` is cut after 3 bytes and has 3"),
        ("[[rule]]\nname = 'a'\nfault = 'no-continue'\nwhen.json = '.a'", "1: `rule` withholds 100 Continue"),
        ("[[rule]]\nanswer = 200\ncycle = true", "1: `rule` has `cycle` and no list"),
        ("[[rule]]\nname = 'a'\n", "1: `rule` does nothing: give it an `answer`"),
        ("[[rule]]\nname = 'default'\nanswer = 200", "2: `name` cannot be `default`, which means something else"),
        (
            "[[rule]]\nname = 'a'\nanswer = 200\n\n[[rule]]\nname = 'a'\nanswer = 200",
            "5: `rule` at line 1 is called `a`, too",
        ),
        ("[[rule]]\nlimits.rate = 'often'", "2: `rate` cannot be \"often\": it is a number of requests"),
        ("[[rule]]\nlimits.per = 'path'", "2: `per` says what a `rate` is counted for"),
        ("[[rule]]\nlimits.schema = 'none.json'", "2: `schema` ./none.json cannot be read: "),
        ("[[rule]]\nlimits.schema = 'broken.json'", "2: `schema` is no JSON Schema that can be used: "),
        ("[[rule]]\ncors = 'https://a/'", "2: `cors` must be true, or origins like"),
        ("[[rule]]\nrun = ['ls']", "2: `run` must be a table with a `command`"),
        ("[[rule]]\nrun = { command = 'ls -l' }", "2: `command` must be a list of the program"),
        ("[[rule]]\nrun = { command = ['{{ request.path }}'] }", "2: `command` must begin with the name of a program"),
        ("[[rule]]\nrun = { shell = 'echo {{ request.path }}' }", "2: `shell` cannot be a template"),
        ("[[rule]]\nforward = 'ftp://x'", "2: `forward` cannot be \"ftp://x\": ftp:// is not supported"),
        ("[[rule]]\nforward = { path = 'join' }", "2: `forward` needs a `url`"),
        ("[[rule]]\nanswer = 503\nforward = 'http://x'", "1: `rule` has two answers, its own and the target's"),
    ] {
        let found = refused(text);
        assert!(found.starts_with(reason), "{text}\n  {found}\n  {reason}");
    }
}

#[test]
fn secrets_are_not_repeated_in_errors() {
    for text in ["[[rule]]\nlimits.auth = 'hunter2'", "[[rule]]\nlimits.auth = ['a:hunter2', 'bearer']"] {
        assert!(!refused(text).contains("hunter2"), "{text}");
    }
}

#[test]
fn the_reference_can_be_read_with_and_without_its_optional_lines() {
    let rules = parse(REFERENCE);
    assert!(rules.iter().count() > 15 && rules.iter().all(|rule| rule.off), "a new file changes nothing");
    let is_optional = |line: &str| {
        line.strip_prefix("# ").and_then(|line| line.split_once(" = ")).is_some_and(|(key, _)| !key.contains(' '))
    };
    let lines = REFERENCE.lines().map(|line| if is_optional(line) { &line[2..] } else { line });
    let lines = lines.filter(|line| !line.starts_with("answer = { template ="));
    let rules = parse(&lines.collect::<Vec<_>>().join("\n"));
    assert_eq!((rules.seed(), rules.files().len(), rules.signing_secrets().count()), (Some(7), 2, 1));
}

#[test]
fn the_reference_names_every_key() {
    let words: Vec<&str> = REFERENCE.split(|char: char| !char.is_ascii_alphanumeric() && char != '_').collect();
    let keys = crate::rules::read::keys();
    let missing: Vec<&&str> = keys.iter().filter(|key| !words.contains(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_rule_has_one_body() {
    let text = "[[rule]]\nrun = { command = ['a'], answer = true }\nanswer = { status = 201, headers = { A = 'b' } }";
    assert_eq!(parse(text).iter().count(), 1, "what goes with the output is no second answer");
    assert_eq!(
        refused(&text.replace("status = 201", "body = 'x'")),
        "1: `rule` has two answers, its own body and the command's output: leave one of them out"
    );
}

#[test]
fn a_schema_refers_to_files_below_the_directory_of_the_rules_alone() {
    let files = [
        ("schemas/site.json", r#"{"$ref": "parts/name%20it.json#/$defs/name"}"#),
        ("schemas/parts/name it.json", r#"{"$defs": {"name": {"properties": {"name": {"$ref": "../../word.json"}}}}}"#),
        ("word.json", r#"{"type": "string", "maxLength": 4}"#),
        ("net.json", r#"{"$ref": "https://example.com/word.json"}"#),
        ("own.json", r#"{"$id": "https://example.com/own.json", "$ref": "word.json"}"#),
        ("up.json", r#"{"$ref": "../../../../etc/passwd"}"#),
        ("whole.json", r#"{"$ref": "file:///etc/passwd"}"#),
        ("host.json", r#"{"$ref": "file://host/etc/passwd"}"#),
        ("coded.json", r#"{"$ref": "..%2F..%2Fetc/x"}"#),
        ("root.json", r#"{"$ref": "%2Fetc/x"}"#),
        ("text.json", r#"{"$ref": "words.txt"}"#),
        ("words.txt", "words"),
        ("../out.json", r#"{"$ref": "word.json"}"#),
        ("circle.json", r#"{"properties": {"next": {"$ref": "circle.json"}, "word": {"$ref": "word.json"}}}"#),
    ];
    let asked = std::cell::RefCell::new(Vec::new());
    let load = |path: &Path, within: Option<&Path>| {
        assert!(within.is_none_or(|within| within == Path::new("/rules")));
        let path = path.strip_prefix("/rules").unwrap().to_str().unwrap().to_owned();
        let found = files.iter().find(|(name, _)| *name == path);
        asked.borrow_mut().push(path);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| std::io::Error::other("it is not there"))
    };
    let parse = |name: &str| {
        let text = format!("[[rule]]\nlimits.schema = {name:?}\nanswer = 204");
        Rules::parse(&text, Path::new("/rules/hookview.toml"), &load)
    };
    let rules = parse("schemas/site.json").unwrap();
    let read =
        ["schemas/site.json", "schemas/parts/name it.json", "word.json"].map(|name| Path::new("/rules").join(name));
    assert_eq!(rules.files(), read);
    for (body, status) in [(r#"{"name": "abcd"}"#, 204), (r#"{"name": "abcde"}"#, 422)] {
        let mut bench = Bench::of(rules.clone());
        assert_eq!(bench.plan(&request(&format!("POST /\n\n{body}"))).unwrap().answer.status, status);
    }
    assert!(parse("circle.json").is_ok());
    asked.borrow_mut().clear();
    for (name, reason) in [
        ("net.json", "refers to https://example.com/word.json: only files below the directory of the rules"),
        ("own.json", "refers to https://example.com/word.json: only files below"),
        ("up.json", "refers to etc/passwd, which cannot be read: it is not there"),
        ("whole.json", "refers to etc/passwd, which cannot be read: it is not there"),
        ("host.json", "refers to file://host/etc/passwd: only files below"),
        ("coded.json", "refers to file:///..%2F..%2Fetc/x: only files below"),
        ("root.json", "refers to file:///%2Fetc/x: only files below"),
        ("text.json", "refers to words.txt, which is not JSON: "),
        ("../out.json", "refers to "),
    ] {
        let error = parse(name).unwrap_err().to_string();
        assert!(error.contains(reason), "{name}: {error}");
    }
    assert!(asked.borrow().iter().all(|path| !path.contains("..") || path == "../out.json"), "{asked:?}");
}
