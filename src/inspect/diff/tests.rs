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
    let hidden = Hidden::new(["timestamp", ".data.updated"]);
    let diff = json_diff((&one, &other), &|path| hidden.hides(path), &|| false).unwrap();
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

/// The rows of two bodies: sign, what stands on the left, what on the right.
fn rows(before: &Comparable, after: &Comparable, hidden: &Hidden) -> Vec<String> {
    let diff = body_diff((before, after), hidden, &|| false).unwrap();
    let text = |pieces: Vec<crate::inspect::Piece>| -> String {
        pieces.iter().map(|(_, text)| text.as_str()).collect::<String>().trim().to_owned()
    };
    let row = |row: &DiffRow| match row {
        DiffRow::Equal(count) => format!("{count} equal"),
        DiffRow::Line(line) => {
            let (one, other) = diff.sides(*line);
            format!("{} {} | {}", line.sign(), text(one), text(other))
        }
    };
    diff.rows.iter().map(row).collect()
}

fn json(text: &str) -> Comparable {
    Comparable::Json(std::sync::Arc::new(index(text)))
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
fn lines_of_text_are_compared_with_some_around_them() {
    let text = |text: &str| Comparable::Text(bytes::Bytes::copy_from_slice(text.as_bytes()));
    let before = text("1\n2\n3\n4\n5\n6\nold\nolder\n7\n");
    let after = text("1\n2\n3\n4\n5\n6\nnew\n7\n8");
    let expected = ["3 equal", "  4 | 4", "  5 | 5", "  6 | 6", "~ old | new", "- older | ", "  7 | 7", "+  | 8"];
    assert_eq!(rows(&before, &after, &Hidden::nothing()), expected);
    let diff = body_diff((&before, &after), &Hidden::nothing(), &|| false).unwrap();
    assert_eq!(diff.count, 2);
    let signs: String =
        unified(&diff.rows).iter().map(|row| if let DiffRow::Line(line) = row { line.sign() } else { '=' }).collect();
    assert_eq!(signs, "=   -+- +");
}

#[test]
fn bytes_are_compared_at_the_same_offset() {
    let bytes = |bytes: &[u8]| Comparable::Bytes(bytes::Bytes::copy_from_slice(bytes));
    let before = [&[0u8; 24][..], b"abc"].concat();
    let mut after = before.clone();
    after[17] = 1;
    after.extend_from_slice(&[9; 8]);
    let diff = body_diff((&bytes(&before), &bytes(&after)), &Hidden::nothing(), &|| false).unwrap();
    assert_eq!((diff.first_difference(), diff.count), (Some(17), 1));
    let shown = rows(&bytes(&before), &json("[1]"), &Hidden::nothing());
    assert!(shown[0].starts_with("~ 00000000  00 00") && shown[0].contains("| 00000000  5b 31 5d"), "{shown:?}");
    let shown = rows(&bytes(&before), &bytes(&after), &Hidden::nothing());
    assert_eq!(shown[0], "2 equal");
    assert!(shown[3].starts_with("+  | 00000020  09 09 09"), "{shown:?}");
    assert_eq!(rows(&bytes(&before), &bytes(&before), &Hidden::nothing()), ["4 equal"]);
}

#[test]
fn what_snapshots_repeat_is_set_apart_and_what_they_alone_tell_is_not() {
    let body = |asn: u32, other: u32| {
        let text = format!(
            r#"{{"data":{{"asn":{asn},"name":"x"}},"snapshots":{{"prechange":{{"asn":{asn},"name":{other},"updated":{other}}},"postchange":null}}}}"#
        );
        json(&text)
    };
    let hidden = Hidden::new(["snapshots.*.updated"]);
    let diff = body_diff((&body(1, 1), &body(2, 2)), &hidden, &|| false).unwrap();
    let paths = |changes: &[Change]| changes.iter().map(|change| change.path.jq()).collect::<Vec<_>>();
    assert_eq!(paths(&diff.json.changes), [".data.asn", ".snapshots.prechange.name"]);
    assert_eq!(paths(&diff.json.repeated), [".snapshots.prechange.asn"]);
    assert_eq!(diff.hidden_paths(), ["snapshots.prechange.updated"]);
    let all = body_diff((&body(1, 1), &body(2, 2)), &Hidden::nothing(), &|| false).unwrap();
    assert_eq!(all.json.changes.len(), 4);
    let within = Hidden::new(["data.updated", "timestamp"]).within_data();
    let diff = body_diff((&json(r#"{"updated":1,"timestamp":1}"#), &json("{}")), &within, &|| false).unwrap();
    assert_eq!(
        (paths(&diff.json.changes), diff.hidden_paths()),
        (vec![".timestamp".to_owned()], vec!["updated".into()])
    );
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
