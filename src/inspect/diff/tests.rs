//! What differs, and what only looks so.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use super::super::JsonIndex;
use super::*;

fn json(text: &str) -> Comparable {
    Comparable::Json(Arc::new(JsonIndex::build(Bytes::copy_from_slice(text.as_bytes())).unwrap()))
}

fn text(text: &str) -> Comparable {
    Comparable::Text(Bytes::copy_from_slice(text.as_bytes()))
}

fn bytes(bytes: &[u8]) -> Comparable {
    Comparable::Bytes(Bytes::copy_from_slice(bytes))
}

fn compared(before: &Comparable, after: &Comparable, hidden: &Hidden) -> BodyDiff {
    let diff = body_diff((before, after), hidden, &mut |_| true);
    assert!(diff.is_whole());
    diff
}

/// The changes as lines: sign, path, what was and what is.
fn diff(before: &str, after: &str) -> Vec<String> {
    let diff = compared(&json(before), &json(after), &Hidden::nothing());
    let line = |change: &Change| {
        let (before, after) = diff.values(change);
        let text = |side: Option<DiffSide>| side.unwrap_or_default().plain();
        let note = if change.only_space { " (space)" } else { "" };
        format!("{} {} {} -> {}{note}", change.sign(), diff.path(change).jq(), text(before), text(after))
    };
    diff.json.changes.iter().map(line).collect()
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
fn items_without_identity_are_matched_by_what_they_mean() {
    assert_eq!(diff("[1,2,3]", "[0,1,2,3]"), ["+ .[0]  -> 0"]);
    assert_eq!(diff("[1,2,3]", "[1,3]"), ["- .[1] 2 -> "]);
    assert_eq!(diff("[1,2,3]", "[1,9,3]"), ["~ .[1] 2 -> 9"]);
    assert_eq!(diff("[1,1]", "[1]"), ["- .[1] 1 -> "]);
    assert_eq!(diff("[1,2,3,4,5,6]", "[2.0,3,5,6,7]"), ["- .[0] 1 -> ", "- .[3] 4 -> ", "+ .[4]  -> 7"]);
    let lines = diff(r#"[{"a":1,"b":2},{"a":2},{"a":3}]"#, r#"[{"a":0},{"b":2,"a":1},{"a":4}]"#);
    assert_eq!(lines, [r#"+ .[0]  -> {"a":0}"#, "~ .[2].a 2 -> 4", r#"- .[2] {"a":3} -> "#]);
}

#[test]
fn what_is_deep_and_written_otherwise_is_compared_once() {
    let deep = |number: &str| format!("{}{number}{}", "[0,".repeat(400), "]".repeat(400));
    assert_eq!(diff(&deep("1"), &deep("1.0")), [""; 0]);
    assert_eq!(diff(&deep("1"), &deep("2")).len(), 1);
}

#[test]
fn what_is_hidden_is_kept_apart() {
    let before = json(r#"{"timestamp":1,"data":{"updated":1,"asn":1}}"#);
    let after = json(r#"{"timestamp":2,"data":{"updated":2,"asn":2}}"#);
    let diff = compared(&before, &after, &Hidden::new(["timestamp", ".data.updated"]));
    assert_eq!(diff.json.changes.iter().map(|change| diff.path(change).jq()).collect::<Vec<_>>(), [".data.asn"]);
    assert_eq!(diff.json.hidden.len(), 2);
}

/// Compares until the first change is seen.
fn begun(before: &Comparable, after: &Comparable) -> BodyDiff {
    let begun = body_diff((before, after), &Hidden::nothing(), &mut |diff| diff.count() == 0);
    assert!(!begun.is_whole() && begun.count() > 0, "{} %", begun.percent);
    begun
}

#[test]
fn a_long_comparison_is_seen_on_its_way_and_can_be_stopped() {
    let long = |last: u32| format!("[{}{last}]", format!("[1,{{\"a\":{last}}}],").repeat(20_000));
    let line = |n: usize, word: &str| format!("{n} {}\n", if n.is_multiple_of(50) { word } else { "" });
    let lines = |word: &str| (0..40_000).map(|n| line(n, word)).collect::<Vec<_>>().concat();
    let (raw, mut other) = (vec![0; 400_000], vec![0; 400_000]);
    other[8] = 1;
    for (before, after) in
        [(json(&long(1)), json(&long(2))), (text(&lines("one")), text(&lines("two"))), (bytes(&raw), bytes(&other))]
    {
        let (begun, whole) = (begun(&before, &after), compared(&before, &after, &Hidden::nothing()));
        assert_eq!(begun.json.changes, whole.json.changes[..begun.json.changes.len()], "what was seen stays");
        let rows = [&begun, &whole].map(|diff| diff.rows(DiffForm::Side, &BTreeSet::new()));
        let seen = begun.row_of_change(&rows[0], 0).unwrap();
        assert_eq!(begun.row(&rows[0], seen), whole.row(&rows[1], seen), "where it is");
    }
    let never = body_diff((&json("1"), &json("2")), &Hidden::nothing(), &mut |_| false);
    assert_eq!((never.percent, never.count()), (0, 0));
}

/// The rows of two bodies: sign, what stands on the left, what on the right.
fn rows(before: &Comparable, after: &Comparable, hidden: &Hidden) -> Vec<String> {
    shown(&compared(before, after, hidden), DiffForm::Side, &[])
}

fn shown(diff: &BodyDiff, form: DiffForm, unfolded: &[usize]) -> Vec<String> {
    let rows = diff.rows(form, &unfolded.iter().copied().collect());
    let row = |n| match diff.row(&rows, n).unwrap() {
        DiffRow::Equal(count) => format!("{count} equal"),
        DiffRow::Line(line) => {
            let (one, other) = diff.sides(line);
            format!("{} {} | {}", line.sign, one.plain().trim(), other.plain().trim())
        }
    };
    assert_eq!(diff.row(&rows, rows.len()), None);
    (0..rows.len()).map(row).collect()
}

#[test]
fn json_stands_beside_each_other_whatever_the_order_of_its_keys() {
    let before = json(r#"{"a":1,"b":{"c":1,"d":[1,{"e":2}],"f":3},"gone":{"x":1}}"#);
    let after = json(r#"{"b":{"f":4,"d":[1,{"e":2}],"c":1},"a":1,"new":[5]}"#);
    let expected = [
        "  { | {",
        "  \"a\": 1, | \"a\": 1,",
        "  \"b\": { | \"b\": {",
        "7 equal",
        "~ \"f\": 3 | \"f\": 4,",
        "  }, | },",
        "- \"gone\": { | ",
        "- \"x\": 1 | ",
        "- } | ",
        "+  | \"new\": [",
        "+  | 5",
        "+  | ]",
        "  } | }",
    ];
    assert_eq!(rows(&before, &after, &Hidden::nothing()), expected);
    assert_eq!(rows(&before, &before, &Hidden::nothing()), ["16 equal"]);
}

#[test]
fn equal_lines_are_shown_when_asked_for() {
    let before = json(r#"{"a":[1,2,3,4],"b":1,"c":{"x":1,"y":[2],"z":3}}"#);
    let after = json(r#"{"c":{"z":3.0,"y":[2],"x":1},"b":2,"a":[1,2,3,4]}"#);
    let diff = compared(&before, &after, &Hidden::nothing());
    let folds: Vec<usize> = diff.folds().collect();
    let folded = ["  { | {", "6 equal", "~ \"b\": 1, | \"b\": 2,", "7 equal", "  } | }"];
    assert_eq!(shown(&diff, DiffForm::Side, &[]), folded);
    let expected = [
        "~ \"b\": 1, | \"b\": 2,",
        "  \"c\": { | \"c\": {",
        "  \"x\": 1, | \"x\": 1",
        "  \"y\": [ | \"y\": [",
        "  2 | 2",
        "  ], | ],",
        "  \"z\": 3 | \"z\": 3.0,",
        "  } | },",
        "  } | }",
    ];
    assert_eq!(shown(&diff, DiffForm::Side, &folds)[7..], expected);
    let rows = diff.rows(DiffForm::Side, &folds[..1].iter().copied().collect());
    assert_eq!((rows.fold_at(3), rows.fold_at(7)), (Some((folds[0], true)), None));
    assert_eq!(rows.fold_at(8), Some((folds[1], false)));
    assert_eq!((rows.row_of_fold(folds[0]), diff.row_of_change(&rows, 0)), (1, Some(7)));
    assert_eq!((diff.change_at(&rows, 6), diff.change_at(&rows, 8)), (None, Some(0)));
}

#[test]
fn a_row_of_a_long_stretch_costs_no_walk_along_it() {
    const KEYS: usize = 50_000;
    let key = |n: usize| format!("\"{n}\":{n}");
    let before = json(&format!("{{\"x\":1,{}}}", (0..KEYS).map(key).collect::<Vec<_>>().join(",")));
    let after = json(&format!("{{\"x\":2,{}}}", (0..KEYS).rev().map(key).collect::<Vec<_>>().join(",")));
    let diff = compared(&before, &after, &Hidden::nothing());
    let folds: Vec<usize> = diff.folds().collect();
    let [fold] = folds[..] else { panic!("{folds:?}") };
    let folded = diff.rows(DiffForm::Side, &BTreeSet::new());
    assert_eq!(diff.row(&folded, folded.row_of_fold(fold)), Some(DiffRow::Equal(KEYS)));
    let rows = diff.rows(DiffForm::Side, &BTreeSet::from([fold]));
    let begin = rows.row_of_fold(fold);
    for row in begin..begin + KEYS {
        assert!(matches!(diff.row(&rows, row), Some(DiffRow::Line(line)) if line.sign == ' '));
        assert_eq!((rows.fold_at(row), diff.change_at(&rows, row)), (Some((fold, true)), Some(0)));
    }
    assert_eq!((begin, rows.fold_at(begin + KEYS), rows.len()), (2, None, KEYS + 3));
}

#[test]
fn json_beside_nothing_is_told_line_by_line() {
    let expected = ["+  | {", "+  | \"a\": 1", "+  | }"];
    assert_eq!(rows(&text(""), &json(r#"{"a":1}"#), &Hidden::nothing()), expected);
}

#[test]
fn lines_of_text_are_compared_with_some_around_them() {
    let (before, after) = (text("1\n2\n3\n4\n5\n6\nold\nolder\n7\n"), text("1\n2\n3\n4\n5\n6\nnew\n7\n8"));
    let expected = ["3 equal", "  4 | 4", "  5 | 5", "  6 | 6", "~ old | new", "- older | ", "  7 | 7", "+  | 8"];
    assert_eq!(rows(&before, &after, &Hidden::nothing()), expected);
    let diff = compared(&before, &after, &Hidden::nothing());
    assert_eq!(diff.count(), 2);
    let signs = |unfolded: &[usize]| -> String {
        shown(&diff, DiffForm::Unified, unfolded).iter().map(|row| &row[..1]).collect()
    };
    assert_eq!((signs(&[]).as_str(), signs(&[0]).as_str()), ("3   --+ +", "      --+ +"));
}

#[test]
fn lines_that_are_gone_new_or_repeated_are_found_in_long_texts() {
    let lines = |numbers: &[u32]| numbers.iter().map(|n| format!("{n}\n")).collect::<Vec<_>>().concat();
    let many: Vec<u32> = (0..5000).collect();
    let mut changed = many.clone();
    changed.remove(4000);
    changed.insert(2500, 7);
    changed[1000] = 9999;
    let diff = compared(&text(&lines(&many)), &text(&lines(&changed)), &Hidden::nothing());
    let differing = shown(&diff, DiffForm::Unified, &[]).into_iter().filter(|row| row.starts_with(['+', '-', '~']));
    assert_eq!(differing.collect::<Vec<_>>(), ["- 1000 | 9999", "+ 1000 | 9999", "+  | 7", "- 4000 | "]);
    let (one, other) = ("a\nb\n".repeat(5000), "c\nb\n".repeat(5000));
    assert_eq!(compared(&text(&one), &text(&other), &Hidden::nothing()).count(), 1, "nothing to hold on to");
}

#[test]
fn bytes_are_compared_at_the_same_offset() {
    let before = [&[0u8; 24][..], b"abc"].concat();
    let mut after = before.clone();
    after[17] = 1;
    after.extend_from_slice(&[9; 8]);
    let diff = compared(&bytes(&before), &bytes(&after), &Hidden::nothing());
    assert_eq!((diff.first_difference(), diff.count()), (Some(17), 1));
    let signs = |form| shown(&diff, form, &[]).iter().map(|row| row[..1].to_owned()).collect::<String>();
    assert_eq!((signs(DiffForm::Side).as_str(), signs(DiffForm::Unified).as_str()), ("2~~+", "2-+-++"));
    let shown = rows(&bytes(&before), &json("[1]"), &Hidden::nothing());
    assert!(shown[0].starts_with("~ 00000000  00 00") && shown[0].contains("| 00000000  5b 31 5d"), "{shown:?}");
    let shown = rows(&bytes(&before), &bytes(&after), &Hidden::nothing());
    assert_eq!(shown[0], "2 equal");
    assert!(shown[3].starts_with("+  | 00000020  09 09 09"), "{shown:?}");
    assert_eq!(rows(&bytes(&before), &bytes(&before), &Hidden::nothing()), ["4 equal"]);
}

#[test]
fn what_tells_two_lines_apart_is_marked() {
    let parts = |before: &Comparable, after: &Comparable| {
        let diff = compared(before, after, &Hidden::nothing());
        let rows = diff.rows(DiffForm::Side, &BTreeSet::new());
        let Some(DiffRow::Line(line)) = diff.row(&rows, diff.row_of_change(&rows, 0).unwrap()) else { unreachable!() };
        let (one, other) = diff.sides(line);
        let part = |side: &DiffSide| {
            let plain = side.plain();
            side.differs.iter().map(|range| plain[range.clone()].to_owned()).collect::<Vec<_>>().join(" ")
        };
        (part(&one), part(&other))
    };
    let two = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(parts(&json(r#"{"a":820,"b":1}"#), &json(r#"{"b":1,"a":840}"#)), two("820", "840"));
    assert_eq!(parts(&json(r#"{"a":"AS-X"}"#), &json(r#"{"a":"AS1:AS-X"}"#)), two("", "1:AS"));
    assert_eq!(parts(&json(r#"{"a":null}"#), &json(r#"{"a":"x"}"#)), two("null", "\"x\""));
    assert_eq!(parts(&text("max = 820 now\n"), &text("max = 840 now\n")), two("2", "4"));
    assert_eq!(parts(&text("one\n"), &text("nothing alike\n")), two("", ""));
    assert_eq!(parts(&bytes(b"ab\0d"), &bytes(b"aX\0d")), two("62 b", "58 X"));
    let long = |middle: &str| format!("{{\"a\":\"{}{middle}{}\"}}", "x".repeat(9000), "y".repeat(9000));
    assert_eq!(parts(&json(&long("OLD")), &json(&long("NEW"))), two("OLD", "NEW"));
}

#[test]
fn what_snapshots_repeat_is_set_apart_and_what_they_alone_tell_is_not() {
    let body = |asn: u32, other: u32| {
        let text = format!(
            r#"{{"snapshots":{{"prechange":{{"asn":{asn},"name":{other},"updated":{other}}},"postchange":null}},"data":{{"asn":{asn},"name":"x"}}}}"#
        );
        json(&text)
    };
    let hidden = Hidden::new(["snapshots.*.updated"]);
    let diff = compared(&body(1, 1), &body(2, 2), &hidden);
    let paths =
        |diff: &BodyDiff, changes: &[Change]| changes.iter().map(|change| diff.path(change).jq()).collect::<Vec<_>>();
    assert_eq!(paths(&diff, &diff.json.changes), [".data.asn", ".snapshots.prechange.name"]);
    assert_eq!(paths(&diff, &diff.json.repeated), [".snapshots.prechange.asn"]);
    assert_eq!(diff.hidden_paths(), ["snapshots.prechange.updated"]);
    let all = compared(&body(1, 1), &body(2, 2), &Hidden::nothing());
    assert_eq!(all.json.changes.len(), 4);
    let within = Hidden::new(["data.updated", "timestamp"]).within_data();
    let diff = compared(&json(r#"{"updated":1,"timestamp":1}"#), &json("{}"), &within);
    assert_eq!(paths(&diff, &diff.json.changes), [".timestamp"]);
    assert_eq!(diff.hidden_paths(), ["updated"]);
}

#[test]
fn header_lines_are_compared_by_name_and_place_among_their_likes() {
    let request = |target: &'static str, lines: &[(&'static str, &'static str)]| {
        let mut request = crate::capture::Request { target: target.into(), ..Default::default() };
        for (name, value) in lines {
            request.headers.push(*name, *value);
        }
        request
    };
    let before = request("/a", &[("Host", "h"), ("X-A", "1"), ("X-A", "2"), ("Gone", "")]);
    let after = request("/b", &[("x-a", "1"), ("X-A", "3"), ("host", "h"), ("X-A", "4")]);
    let lines: Vec<String> = header_diff(&before, &after)
        .iter()
        .map(|change| {
            let text =
                |value: &Option<bytes::Bytes>| value.as_ref().map(|value| String::from_utf8_lossy(value).into_owned());
            let (name, before, after) =
                (String::from_utf8_lossy(&change.name), text(&change.before), text(&change.after));
            format!("{} {name} {before:?} {after:?}", change.sign())
        })
        .collect();
    let expected = [
        r#"~ request line Some(" /a HTTP/1.1") Some(" /b HTTP/1.1")"#,
        r#"~ X-A Some("2") Some("3")"#,
        r#"- Gone Some("") None"#,
        r#"+ X-A None Some("4")"#,
    ];
    assert_eq!(lines, expected);
    assert_eq!(header_diff(&before, &before), []);
}
