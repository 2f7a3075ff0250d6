//! What differs, and what only looks so.

use bytes::Bytes;

use super::*;

fn index(text: &str) -> JsonIndex {
    JsonIndex::build(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

/// The changes as lines: sign, path, what was and what is.
fn diff(before: &str, after: &str) -> Vec<String> {
    let (one, other) = (index(before), index(after));
    let diff = json_diff((&one, &other), &|_| false, &|| false).unwrap();
    let line = |change: &Change| {
        let before = change.before.map_or("", |id| one.raw(id));
        let after = change.after.map_or("", |id| other.raw(id));
        let note = if change.only_space { " (space)" } else { "" };
        format!("{} {} {before} -> {after}{note}", change.sign(), change.path.jq())
    };
    diff.changes.iter().map(line).collect()
}

#[test]
fn keys_are_compared_by_name_and_numbers_by_value() {
    for (before, after) in [
        (r#"{"a":1,"b":[1,2]}"#, r#"{ "b": [1, 2.0], "a": 1e0 }"#),
        (r#"{"a":"\u00e9"}"#, r#"{"a":"é"}"#),
        ("[100, -0.0, 1.50]", "[1e2, 0, 15e-1]"),
        ("12345678901234567890123", "12345678901234567890123.000"),
        ("{}", "{ }"),
    ] {
        assert_eq!(diff(before, after), [""; 0], "{before} {after}");
    }
    assert_eq!(diff("12345678901234567890123", "12345678901234567890124").len(), 1);
    assert_eq!(diff(r#"{"a":1}"#, r#"{"a":"1"}"#), [r#"~ .a 1 -> "1""#]);
}

#[test]
fn says_what_came_went_and_changed() {
    let lines = diff(r#"{"a":1,"gone":2,"deep":{"x":[1,2]}}"#, r#"{"a":3,"deep":{"x":[1,2,4]},"new":null}"#);
    assert_eq!(lines, ["~ .a 1 -> 3", "- .gone 2 -> ", "+ .deep.x[2]  -> 4", "+ .new  -> null"]);
    assert_eq!(diff(r#"["a b"]"#, r#"["a  b "]"#), [r#"~ .[0] "a b" -> "a  b " (space)"#]);
    assert_eq!(diff("[]", "{}"), ["~ . [] -> {}"]);
}

#[test]
fn items_are_matched_by_what_identifies_them() {
    let before = r#"{"tags":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}"#;
    let after = r#"{"tags":[{"id":2,"name":"B"},{"id":3,"name":"c"},{"id":1,"name":"a"}]}"#;
    assert_eq!(diff(before, after), [r#"~ .tags[0].name "b" -> "B""#, r#"+ .tags[1]  -> {"id":3,"name":"c"}"#]);
    let slugs = diff(r#"[{"slug":"x"},{"slug":"y","n":1}]"#, r#"[{"slug":"y","n":2}]"#);
    assert_eq!(slugs, [r#"- .[0] {"slug":"x"} -> "#, "~ .[0].n 1 -> 2"]);
    // Two of one name identify nothing.
    assert_eq!(diff(r#"[{"name":"x"},{"name":"x"}]"#, r#"[{"name":"x"},{"name":"y"}]"#), [r#"~ .[1].name "x" -> "y""#]);
}

#[test]
fn items_without_identity_are_matched_from_both_ends() {
    assert_eq!(diff("[1,2,3]", "[0,1,2,3]"), ["+ .[0]  -> 0"]);
    assert_eq!(diff("[1,2,3]", "[1,3]"), ["- .[1] 2 -> "]);
    assert_eq!(diff("[1,2,3]", "[1,9,3]"), ["~ .[1] 2 -> 9"]);
    assert_eq!(diff("[1,1]", "[1]"), ["- .[1] 1 -> "]);
}

#[test]
fn what_is_hidden_is_kept_apart() {
    let (one, other) = (
        index(r#"{"timestamp":1,"data":{"updated":1,"asn":1}}"#),
        index(r#"{"timestamp":2,"data":{"updated":2,"asn":2}}"#),
    );
    let hides = |path: &NodePath| matches!(path.jq().as_str(), ".timestamp" | ".data.updated");
    let diff = json_diff((&one, &other), &hides, &|| false).unwrap();
    assert_eq!(diff.changes.iter().map(|change| change.path.jq()).collect::<Vec<_>>(), [".data.asn"]);
    assert_eq!(diff.hidden.len(), 2);
}

#[test]
fn a_long_comparison_can_be_stopped() {
    let long = |last: u32| format!("[{}{last}]", "[1,{\"a\":2}],".repeat(5000));
    let (one, other) = (index(&long(1).replace('2', "3")), index(&long(2)));
    assert_eq!(json_diff((&one, &other), &|_| false, &|| true), Err(Stopped));
}

#[test]
fn the_differing_part_of_texts_is_found() {
    let parts = |before: &str, after: &str| {
        let (one, other) = differing(before, after);
        (before[one].to_owned(), after[other].to_owned())
    };
    assert_eq!(parts("AS-EXAMPLE", "AS64512:AS-EXAMPLE"), (String::new(), "64512:AS".to_owned()));
    assert_eq!(parts("né", "nè"), ("é".to_owned(), "è".to_owned()));
    assert_eq!(parts("aaa", "aa"), ("a".to_owned(), String::new()));
    assert_eq!(parts("", "x"), (String::new(), "x".to_owned()));
}
