//! Conditions against what Peering Manager and NetBox do, and their patterns against what Python's `re` answered.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use hookview::condition::{Conditions, LoadError, Outcome, Pattern, System, Tree};
use hookview::template::value_from_json;
use serde_json::{Value, json};

const BOTH: [System; 2] = [System::PeeringManager, System::NetBox46];

fn evaluate(system: System, conditions: &Value, context: &Value) -> String {
    answer(system, &conditions.to_string(), &context.to_string())
}

/// `true`, `false`, or the class and message of the error.
fn answer(system: System, conditions: &str, context: &str) -> String {
    let context = value_from_json(context.as_bytes()).unwrap();
    let outcome = match Conditions::load(system, conditions.as_bytes()) {
        Ok(conditions) => conditions.evaluate(&context).outcome,
        Err(LoadError::Refused(_, fault)) => Outcome::Fault(fault),
        Err(error) => panic!("{error}"),
    };
    match outcome {
        Outcome::Known(met) => met.to_string(),
        Outcome::Fault(fault) => format!("{}: {}", fault.kind, fault.message),
    }
}

/// Conditions, data and what the three systems answered, one a line: system, conditions, data, answer.
#[test]
fn recorded_answers_are_met() {
    for line in include_str!("data/conditions/answers.tsv").lines() {
        let [system, conditions, data, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let systems = [System::PeeringManager, System::NetBox46, System::NetBox47];
        let system = systems.into_iter().find(|known| known.id() == system).unwrap();
        let found = answer(system, conditions, data);
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(Value::from(found), expected.as_bool().map_or(expected, |met| met.to_string().into()), "{line}");
    }
}

fn one(attr: &str, op: &str, value: impl Into<Value>) -> Value {
    json!({"and": [{"attr": attr, "op": op, "value": value.into()}]})
}

/// What each condition gives in both systems, in the order of [`BOTH`].
#[track_caller]
fn check(condition: &Value, data: &Value, expected: [&str; 2]) {
    assert_eq!(BOTH.map(|system| evaluate(system, condition, data)), expected, "{condition} on {data}");
}

fn session() -> Value {
    json!({
        "asn": 64500, "name": "Example", "none": null, "empty": [], "ratio": 1.0, "big": 12_345_678_901_234_567_890_u64,
        "status": {"value": "enabled", "label": "Enabled"},
        "tags": [{"id": 1, "name": "Exempt", "slug": "exempt"}, {"id": 2, "name": "Core", "slug": "core"}],
        "deep": {"list": [{"x": 1}, {}]},
    })
}

#[test]
fn operators_follow_python() {
    let same = |condition: Value, expected: &str| check(&condition, &session(), [expected; 2]);
    same(one("asn", "eq", json!(64500.0)), "true");
    same(one("ratio", "eq", json!(true)), "true");
    same(one("asn", "eq", json!("64500")), "false");
    same(one("big", "gt", json!(12_345_678_901_234_567_889_u64)), "true");
    same(one("name", "contains", json!("xamp")), "true");
    same(one("name", "in", json!(["Other", "Example"])), "true");
    same(one("tags.slug", "contains", json!("core")), "true");
    same(one("tags", "contains", json!("core")), "false");
    same(one("status", "contains", json!("value")), "true");
    same(one("status.value", "regex", json!("en")), "true");
    same(one("status.value", "regex", json!("abled")), "false");
    same(one("none", "eq", json!(null)), "true");
    same(one("empty", "eq", json!([])), "true");
}

#[test]
fn what_is_missing_is_null_in_one_and_an_error_in_the_other() {
    let missing = |attr: &str| {
        check(
            &one(attr, "eq", json!(null)),
            &session(),
            ["true", &format!("InvalidCondition: Invalid key path: {attr}")],
        );
    };
    missing("nothing");
    missing("status.nothing");
    missing("none.deeper");
    check(
        &one("deep.list.x", "contains", json!(1)),
        &session(),
        ["true", "InvalidCondition: Invalid key path: deep.list.x"],
    );
    check(
        &one("name.x", "eq", json!(null)),
        &session(),
        ["true", "TypeError: string indices must be integers, not 'str'"],
    );
    check(&one("asn.x", "eq", json!(null)), &session(), ["true", "TypeError: 'int' object is not subscriptable"]);
}

#[test]
fn types_that_do_not_fit_are_errors() {
    let reason = "'>' not supported between instances of 'NoneType' and 'int'";
    let wrapped = format!("InvalidCondition: Invalid data type at 'none' for 'gt' evaluation: {reason}");
    check(&one("none", "gt", json!(1)), &session(), [&format!("TypeError: {reason}"), &wrapped]);
    let reason = "argument of type 'int' is not iterable";
    let wrapped = format!("InvalidCondition: Invalid data type at 'asn' for 'contains' evaluation: {reason}");
    check(&one("asn", "contains", json!(1)), &session(), [&format!("TypeError: {reason}"), &wrapped]);
    check(
        &one("name", "regex", json!("(")),
        &session(),
        ["re.error: missing ), unterminated subpattern at position 0"; 2],
    );
}

#[test]
fn conditions_that_are_none_are_refused() {
    let refused = |condition: Value, expected: [&str; 2]| check(&condition, &session(), expected);
    let unknown = "ValueError: Unknown operator: EQ. Must be one of: eq, gt, gte, lt, lte, in, contains, regex";
    refused(one("asn", "EQ", json!(1)), [unknown; 2]);
    refused(one("asn", "gt", json!("1")), ["ValueError: Invalid type for gt operation: <class 'str'>"; 2]);
    refused(one("asn", "eq", json!({})), ["ValueError: Unsupported value type: <class 'dict'>"; 2]);
    refused(json!({"AND": []}), ["KeyError: 'and'"; 2]);
    refused(
        json!({"and": [{"attr": "asn"}]}),
        ["TypeError: Condition.__init__() missing 1 required positional argument: 'value'"; 2],
    );
    refused(
        json!({"attr": "asn", "value": 64500}),
        ["ValueError: Ruleset must have exactly one logical operator (found 2)", "true"],
    );
    refused(json!([]), ["ValueError: Ruleset must be a dictionary, not <class 'list'>."; 2]);
}

#[test]
fn sets_stop_where_the_outcome_is_known() {
    let fails = json!({"attr": "none", "op": "gt", "value": 1});
    let (yes, no) = (json!({"attr": "asn", "value": 64500}), json!({"attr": "asn", "value": 1}));
    let same = |condition: Value, expected: &str| check(&condition, &session(), [expected; 2]);
    same(json!({"and": [no, fails]}), "false");
    same(json!({"or": [yes, fails]}), "true");
    same(json!({"and": []}), "true");
    same(json!({"or": []}), "false");
    same(json!({"or": [{"and": [yes, no]}, {"and": [yes]}]}), "true");
    same(json!({"and": [{"attr": "asn", "value": 1, "negate": true}]}), "true");
}

/// A whole webhook: conditions look at its data alone.
fn webhook(before: &Value, after: &Value) -> Value {
    json!({
        "event": "updated", "timestamp": "2026-11-22", "request_id": "r", "model": "x", "data": after,
        "snapshots": {"prechange": before, "postchange": after},
    })
}

#[test]
fn netbox_47_compares_snapshots() {
    let body = webhook(&json!({"status": "planned", "asn": 1}), &json!({"status": "active", "asn": 1}));
    let system = System::NetBox47;
    let only = |attr: &str, op: &str| evaluate(system, &json!({"attr": attr, "op": op}), &body);
    assert_eq!(
        [only("status", "changed"), only("asn", "changed"), only("asn", "unchanged")],
        ["true", "false", "true"]
    );
    let path = one("snapshots.prechange.status", "eq", json!("planned"));
    assert_eq!(evaluate(system, &path, &body), "true");
    assert!(evaluate(System::NetBox46, &path, &body).starts_with("InvalidCondition"));
    let created = webhook(&json!(null), &json!({"status": "active"}));
    assert_eq!(evaluate(system, &json!({"attr": "status", "op": "changed"}), &created), "true");
    assert_eq!(evaluate(system, &one("snapshots.prechange.status", "eq", json!(null)), &created), "true");
    let unknown = "InvalidCondition: Invalid key path: snapshots.prechange.state";
    assert_eq!(evaluate(system, &one("snapshots.prechange.state", "eq", json!(null)), &created), unknown);
    let useless = evaluate(system, &json!({"attr": "status", "op": "changed", "value": "active"}), &body);
    assert_eq!(useless, "ValueError: The 'changed' operator compares snapshots and does not accept a value.");
    assert!(evaluate(system, &json!({"attr": "status.value", "op": "changed"}), &body).contains("no '.value' suffix"));
}

#[test]
fn netbox_47_meets_no_condition_on_an_event_without_an_object() {
    let job = json!({"event": "job_ended", "timestamp": "t", "request_id": "r", "data": null});
    for negate in [false, true] {
        let condition = json!({"attr": "status.value", "value": "active", "negate": negate});
        assert_eq!(evaluate(System::NetBox47, &condition, &job), "false");
    }
}

#[test]
fn patterns_that_only_python_knows_are_no_errors_of_the_system() {
    let condition = one("name", "regex", json!("\\N{DIGIT ONE}"));
    let said = ": hookview does not know characters by their names: write \\uXXXX";
    check(&condition, &session(), [said; 2]);
    check(
        &one("name", "regex", json!("a{99999999999}")),
        &session(),
        ["OverflowError: the repetition number is too large"; 2],
    );
}

/// The hint of the one condition.
fn hint(system: System, condition: &Value, context: &Value) -> String {
    let context = value_from_json(context.to_string().as_bytes()).unwrap();
    let evaluated = Conditions::load(system, condition.to_string().as_bytes()).unwrap().evaluate(&context);
    let Tree::Set { parts, .. } = evaluated.tree else { panic!("a set") };
    let [Tree::Leaf(leaf)] = &parts[..] else { panic!("one condition") };
    leaf.hint.clone().unwrap_or_default()
}

#[test]
fn the_usual_mistakes_are_named() {
    let hint = |attr: &str, op: &str, value: Value| hint(System::PeeringManager, &one(attr, op, value), &session());
    assert_eq!(hint("tags", "contains", json!("exempt")), "tags holds objects: use tags.name or tags.slug");
    assert_eq!(hint("status", "eq", json!("enabled")), "status is an object: use status.value");
    assert_eq!(hint("asm", "eq", json!(64500)), "the object has no asm: did you mean asn?");
    assert_eq!(hint("data.asn", "eq", json!(1)), "conditions look at the object alone: write asn, without data");
    assert_eq!(hint("none.x", "eq", json!(1)), "none is null here, so that there is no x in it");
    assert_eq!(hint("tags.slugs", "contains", json!("core")), "an item of tags has no slugs: did you mean slug?");
    assert_eq!(hint("asn", "eq", json!("64500")), "asn is a number, the value is text");
    assert_eq!(hint("name", "eq", json!("example")), "only the case differs");
    assert!(hint("name", "regex", json!("xample")).contains("begin the pattern with .*"));
    assert_eq!(hint("asn", "eq", json!(64500)), "");
}

#[test]
fn patterns_match_as_in_python() {
    let cases: Vec<(String, String, Value)> = serde_json::from_str(include_str!("data/conditions/regex.json")).unwrap();
    assert!(cases.len() >= 3000);
    for (pattern, text, expected) in cases {
        let found = match Pattern::parse(&pattern) {
            Ok(pattern) => pattern.matches(&text).unwrap().into(),
            Err(error) => Value::from(error.to_string()),
        };
        assert_eq!(found, expected, "{pattern:?} on {text:?}");
    }
}

#[test]
fn a_pattern_that_takes_for_ever_is_given_up() {
    let pattern = Pattern::parse("(a|aa)+$").unwrap();
    assert!(pattern.matches(&"a".repeat(30)).unwrap());
    assert!(pattern.matches(&format!("{}b", "a".repeat(60))).is_err());
    assert!(Pattern::parse(&"(".repeat(5000)).is_err());
    assert!(Pattern::parse("(?:a{1000}){1000}").is_err());
}

/// What the command says about conditions on a context, and its exit code.
fn command(conditions: &Value, context: &Value, more: &[&str]) -> (String, String, Option<i32>) {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("conditions.json"), conditions.to_string()).unwrap();
    std::fs::write(home.path().join("context.json"), context.to_string()).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_hookview"))
        .args(["condition", "conditions.json", "--context", "context.json"])
        .args(more)
        .current_dir(home.path())
        .env_clear()
        .envs([("HOME", home.path().as_os_str()), ("LC_ALL", "C.UTF-8".as_ref())])
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn the_command_says_whether_it_fires() {
    let met =
        json!({"and": [{"attr": "asn", "value": 64500}, {"or": [{"attr": "name", "op": "regex", "value": "Ex"}]}]});
    let (out, _, code) = command(&met, &session(), &["--dialect", "peering-manager"]);
    let expected = "context.json true: the webhook would be sent\n  ✓ all of\n    ✓ asn eq 64500: is 64500\n    ✓ one of\n      \
        ✓ name regex \"Ex\": is \"Example\"\n";
    assert_eq!((out.as_str(), code), (expected, Some(0)));
    let (out, _, code) = command(&one("none", "gt", 1), &session(), &["--dialect", "netbox-4.6", "--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told["result"], &told["error"]["when"], code), (&json!("error"), &json!("eval"), Some(1)));
    assert_eq!(told["tree"]["and"][0]["found"], json!(null));
    let alone = json!({"attr": "asn", "value": 1});
    let (out, _, code) = command(&alone, &session(), &["--dialect", "peering-manager"]);
    assert!(out.contains(r#"(found 2); conditions stand in a set: {"and": [..]}"#) && code == Some(1), "{out}");
}

#[test]
fn the_command_asks_for_a_system_that_nothing_tells() {
    let (_, error, code) = command(&one("asn", "eq", 1), &session(), &[]);
    assert!(error.contains("say --dialect peering-manager, netbox-4.6 or netbox-4.7"), "{error}");
    assert_eq!(code, Some(1));
    let body = json!({
        "event": "update", "model": "autonomoussystem", "username": "u", "timestamp": "t", "request_id": "r",
        "data": session(), "snapshots": {"prechange": null, "postchange": null},
    });
    let (out, _, code) = command(&one("asn", "eq", 1), &body, &[]);
    assert!(out.starts_with("context.json false: nothing would be sent\n"), "{out}");
    assert_eq!(code, Some(1));
}
