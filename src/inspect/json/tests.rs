//! What holds for whole documents: validity, navigation, folding, formatting.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::inspect::Role;

fn index(json: &str) -> JsonIndex {
    JsonIndex::build(Bytes::copy_from_slice(json.as_bytes())).unwrap()
}

fn error(json: &str) -> String {
    JsonIndex::build(Bytes::copy_from_slice(json.as_bytes())).unwrap_err().to_string()
}

/// The visible rows as text, with gutter.
fn rows(tree: &Tree) -> Vec<String> {
    (0..tree.row_count()).map(|n| text_of(&tree.row(n).unwrap())).collect()
}

fn text_of(row: &TreeRow) -> String {
    let mark = match row.fold {
        Fold::None => "  ",
        Fold::Open => "▾ ",
        Fold::Closed => "▸ ",
    };
    let text: String = row.pieces.iter().map(|(_, text)| text.as_str()).collect();
    format!("{mark}{}{text}", " ".repeat(row.indent))
}

const EVENT: &str = r#"{"event": "update", "data": {"id": 9, "policies": [], "prefixes": {"a": 1, "b": 2},
    "as_list": [1, 2], "tags": [{"id": 1, "name": "customer", "color": null, "slug": "customer"}], "last": 1.10},
    "snapshots": {"prechange": {"x": 1}, "postchange": {}}}"#;

#[test]
fn the_first_view_is_open_to_depth_two() {
    assert_eq!(
        rows(&Tree::new(index(EVENT))),
        [
            "▾ {",
            "    \"event\": \"update\",",
            "▾   \"data\": {",
            "      \"id\": 9,",
            "      \"policies\": [],",
            "▸     \"prefixes\": {…} 2 keys,",
            "▸     \"as_list\": […] 2 items,",
            "▾     \"tags\": [",
            "▸       {…} name \"customer\", slug \"customer\"",
            "      ],",
            "      \"last\": 1.10",
            "    },",
            "▾   \"snapshots\": {",
            "▸     \"prechange\": {…} 1 key,",
            "      \"postchange\": {}",
            "    }",
            "  }",
        ]
    );
}

#[test]
fn long_arrays_begin_closed_unless_they_are_the_document() {
    let numbers = vec!["1"; 21].join(",");
    assert_eq!(rows(&Tree::new(index(&format!("[[{numbers}]]")))), ["▾ [", "▸   […] 21 items", "  ]"]);
    assert_eq!(Tree::new(index(&format!("[{numbers}]"))).row_count(), 23);
}

#[test]
fn items_without_telling_keys_show_their_first_short_values() {
    let tree = Tree::new(index(r#"[[{"a": {}, "b": null, "c": 1, "d": "x", "e": 2}, {"f": []}, []]]"#));
    assert_eq!(rows(&tree)[1..3], ["▾   [".to_owned(), "▸     {…} c 1, d \"x\",".to_owned()]);
    assert_eq!(rows(&tree)[3], "▸     {…} 1 key,");
}

#[test]
fn rows_are_coloured_by_role() {
    let tree = Tree::new(index(r#"{"a": "x", "b": 1, "c": null, "d": {"e": 1}}"#));
    let roles = |n: usize| tree.row(n).unwrap().pieces.iter().map(|(role, _)| *role).collect::<Vec<_>>();
    assert_eq!(roles(1), [Role::Key, Role::Punctuation, Role::String, Role::Punctuation]);
    assert_eq!(roles(2)[2..], [Role::Number, Role::Punctuation]);
    assert_eq!(roles(3)[2..], [Role::Literal, Role::Punctuation]);
}

#[test]
fn a_long_value_is_shown_in_part_with_its_size() {
    let tree = Tree::new(index(&format!("[\"{}\"]", "é".repeat(5000))));
    let row = tree.row(1).unwrap();
    assert_eq!(row.pieces[0].1.as_str().chars().count(), 2048);
    assert_eq!(row.pieces[1], (Role::Preview, crate::inspect::Clean::text("… 10,002 B")));
}

#[test]
fn letters_sent_as_escapes_are_letters() {
    let tree = Tree::new(index(r#"[{"Gr\u00f6\u00dfe": "\u4e0a\u6d41"}]"#));
    assert_eq!(rows(&tree)[2], "      \"Größe\": \"上流\"");
}

#[test]
fn harmful_characters_in_strings_are_shown() {
    let tree = Tree::new(index("[\"a\u{202e}b\u{7f}\\u001b\"]"));
    assert_eq!(rows(&tree)[1], "    \"a⟨U+202E⟩b␡\\u001b\"");
}

#[test]
fn folding() {
    let mut tree = Tree::new(index(EVENT));
    let prefixes = tree.index().find(&NodePath(vec![Step::Key("data".into()), Step::Key("prefixes".into())]));
    let row = tree.row_of(prefixes);
    tree.toggle(prefixes);
    assert_eq!((tree.row_count(), tree.row_of(prefixes), tree.is_open(prefixes)), (20, row, true));
    tree.close_all();
    assert_eq!(rows(&tree)[2], "▸   \"data\": {…} 6 keys,");
    assert_eq!(tree.row_of(prefixes), 2);
    tree.reveal(prefixes);
    assert_eq!(rows(&tree)[tree.row_of(prefixes)], "▸     \"prefixes\": {…} 2 keys,");
    tree.open_all();
    assert_eq!(tree.row_count(), 30);
    tree.to_depth(0);
    assert_eq!(rows(&tree), ["▸ {…} 3 keys"]);
    tree.open(0);
    tree.close(1);
    assert_eq!((tree.row_count(), tree.row(99), tree.node_at(99)), (5, None, 0));
}

#[test]
fn folds_are_carried_over_by_path() {
    let mut old = Tree::new(index(r#"{"data": {"a": {"x": 1}, "list": [[1], [2]]}, "gone": {"y": 1}}"#));
    old.close_all();
    for path in [&["data"][..], &["data", "list"], &["data", "list", "1"]] {
        let steps = path.iter().map(|step| step.parse().map_or_else(|_| Step::Key((*step).to_owned()), Step::Index));
        let node = old.index().find(&NodePath(steps.collect()));
        old.open(node);
    }
    let mut new = Tree::new(index(r#"{"new": {"z": 1}, "data": {"list": [[3], [4], [5]], "a": {"x": 1}}}"#));
    new.fold_like(&old);
    assert_eq!(
        rows(&new),
        [
            "▾ {",
            "▾   \"new\": {",
            "      \"z\": 1",
            "    },",
            "▾   \"data\": {",
            "▾     \"list\": [",
            "▸       […] 1 item,",
            "▾       [",
            "          4",
            "        ],",
            "▸       […] 1 item",
            "      ],",
            "▸     \"a\": {…} 1 key",
            "    }",
            "  }",
        ]
    );
}

#[test]
fn nodes_know_their_place() {
    let index = index(EVENT);
    let data = index.child_named(0, "data").unwrap();
    let node = index.node(data);
    assert_eq!((node.kind, node.depth, node.parent, node.children), (NodeKind::Object, 1, Some(0), 6));
    assert_eq!((index.next_sibling(data), index.prev_sibling(data)), (index.child_named(0, "snapshots"), Some(1)));
    assert_eq!(index.first_child(data), Some(data + 1));
    assert_eq!((index.next_sibling(0), index.prev_sibling(0), index.prev_sibling(1)), (None, None, None));
    assert_eq!(index.raw_key(data), Some("\"data\""));
    assert_eq!(index.key(0), None);
}

#[test]
fn values_are_copied_as_text() {
    let index = index(r#"{"a\u00e9" : "x\ny", "b":1.10, "c": [1,{"d":null}]}"#);
    assert_eq!((index.key(1).as_deref(), index.value_text(1).as_str()), (Some("aé"), "x\ny"));
    assert_eq!((index.raw(1), index.value_text(2).as_str()), (r#""x\ny""#, "1.10"));
    assert_eq!(index.value_text(3), r#"[1,{"d":null}]"#);
    assert_eq!(index.formatted(3), "[\n  1,\n  {\n    \"d\": null\n  }\n]");
}

#[test]
fn search_finds_keys_and_values_as_they_are_seen() {
    let index = index(r#"{"name": "Alpha", "list": ["alpha", {"Alpha\u00e9": 1}], "n": 10}"#);
    let found = |needle: &str| index.search(needle).iter().map(|&id| index.path(id).jq()).collect::<Vec<_>>();
    assert_eq!(found("alpha"), [".name", ".list[0]", r#".list[1]["Alphaé"]"#]);
    assert_eq!(found("Alpha"), [".name", r#".list[1]["Alphaé"]"#]);
    assert_eq!(found("list"), [".list"]);
    assert_eq!(found("10"), [".n"]);
    assert_eq!(found("name\": \"al"), [".name"]);
    assert_eq!(found("é"), [r#".list[1]["Alphaé"]"#]);
    assert!(found("").is_empty());
}

#[test]
fn a_path_that_is_gone_leads_to_its_nearest_parent() {
    let (old, new) = (index(r#"{"a": {"b": [1, {"c": 2}]}}"#), index(r#"{"z": 0, "a": {"b": [1]}}"#));
    let path = old.path(5);
    assert_eq!(path.jq(), ".a.b[1].c");
    assert_eq!(new.path(new.find(&path)).jq(), ".a.b");
    assert_eq!(old.find(&path), 5);
}

#[test]
fn says_where_and_what() {
    for (json, message) in [
        ("", "line 1 column 1: expected a value, found the end"),
        ("{\n  \"é\": 1,\n}", "line 3 column 1: expected a key in double quotes, found `}`"),
        ("{'a': 1}", "line 1 column 2: expected a key in double quotes or `}`, found `'`"),
        ("{\"a\" 1}", "line 1 column 6: expected `:`, found `1`"),
        ("{\"é\": x}", "line 1 column 7: expected a value, found `x`"),
        ("[1 2]", "line 1 column 4: expected `,` or `]`, found `2`"),
        ("[1,]", "line 1 column 4: expected a value, found `]`"),
        ("{\"a\": 1", "line 1 column 8: expected `,` or `}`, found the end"),
        ("[01]", "line 1 column 2: expected a number without leading zeros, found `01`"),
        ("[1.]", "line 1 column 4: expected a digit, found `]`"),
        ("1 x", "line 1 column 3: expected nothing more, found `x`"),
        ("\u{feff}{}", "line 1 column 1: expected a value, found `⟨U+FEFF⟩`"),
        ("[\"a\nb\"]", "line 1 column 4: expected `\"` (a line break in a string is written `\\n`), found `␊`"),
        ("\"\\x\"", "line 1 column 3: expected one of `\"\\/bfnrtu` behind `\\`, found `x`"),
        ("None", "line 1 column 1: expected a value, found `None`"),
    ] {
        assert_eq!(error(json), message, "{json:?}");
    }
    let latin1 = JsonIndex::build(Bytes::from_static(b"[\"caf\xe9\"]")).unwrap_err();
    assert_eq!(latin1.to_string(), "line 1 column 6: expected UTF-8, found the byte E9");
}

#[test]
fn nothing_recurses() {
    for deep in ["[".repeat(1_000_000), "{\"a\":".repeat(1_000_000), "[".repeat(513)] {
        assert!(JsonIndex::build(Bytes::from(deep)).unwrap_err().limit);
    }
    let deepest = "[".repeat(512) + &"]".repeat(512);
    assert_eq!(index(&deepest).node(511).depth, 511);
}

fn documents() -> impl Strategy<Value = String> {
    let text = prop_oneof!["[a-z]{0,6}", "\\PC{0,6}", any::<String>()];
    let leaf = prop_oneof![
        text.clone().prop_map(|text| serde_json::to_string(&text).unwrap()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?",
        prop::sample::select(vec!["true", "false", "null", "\"\\ud800\\u00E9\"", "\"\\u4e0a\"", "[ ]", "{\n}"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        let key = text.clone().prop_map(|text| serde_json::to_string(&text).unwrap());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((key, inner), 0..8).prop_map(|items| {
                let items: Vec<_> = items.iter().map(|(key, value)| format!("{key} : {value}")).collect();
                format!("\n{{{}\t}}", items.join(",\r\n"))
            }),
        ]
    })
}

/// Documents with a few bytes changed, most of them no longer valid.
fn mutated() -> impl Strategy<Value = String> {
    let edits =
        prop::collection::vec((any::<prop::sample::Index>(), 0usize..3, "[\\[\\]{}:,\"\\\\0-9a-z\\-+. \n]"), 1..4);
    (documents(), edits).prop_map(|(mut document, edits)| {
        for (place, cut, new) in edits {
            let mut chars: Vec<char> = document.chars().collect();
            let start = place.index(chars.len() + 1);
            let end = (start + cut).min(chars.len());
            chars.splice(start..end, new.chars());
            document = chars.into_iter().collect();
        }
        document
    })
}

/// The tokens of a document.
fn tokens(json: &[u8]) -> Vec<u8> {
    compact(json).unwrap()
}

proptest! {
    #[test]
    fn agrees_with_serde_on_validity(json in prop_oneof![documents(), mutated(), any::<String>()]) {
        let valid = serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok();
        prop_assert_eq!(JsonIndex::build(Bytes::from(json.clone())).is_ok(), valid, "{}", json);
        prop_assert_eq!(validate(json.as_bytes()).is_ok(), valid);
    }

    #[test]
    fn formatting_keeps_tokens(json in documents()) {
        let small = compact(json.as_bytes()).unwrap();
        let large = pretty(json.as_bytes()).unwrap();
        prop_assert_eq!(&tokens(&large), &small);
        prop_assert_eq!(pretty(&small).unwrap(), large);
        let strings = |json: &[u8]| index(std::str::from_utf8(json).unwrap()).raw_scalars();
        prop_assert_eq!(strings(&small), strings(json.as_bytes()));
    }

    #[test]
    fn all_rows_together_are_the_document(json in documents()) {
        let mut tree = Tree::new(index(&json));
        tree.open_all();
        let joined: String = (0..tree.row_count())
            .flat_map(|n| tree.row(n).unwrap().pieces)
            .map(|(_, text)| text.as_str().to_owned())
            .collect();
        // Half a surrogate pair is no text for serde, and what is not clean is shown by signs.
        let clean = crate::inspect::Clean::text(&compact_text(&json)).as_str() == compact_text(&json);
        if let Some(value) = serde_json::from_str::<serde_json::Value>(&json).ok().filter(|_| clean) {
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&joined).unwrap(), value);
        }
    }

    #[test]
    fn rows_and_nodes_agree(json in documents(), toggles in prop::collection::vec(any::<prop::sample::Index>(), 0..10)) {
        let mut tree = Tree::new(index(&json));
        for toggle in toggles {
            let node = toggle.index(tree.index().len());
            tree.toggle(node);
            tree.reveal(node);
            prop_assert_eq!(tree.node_at(tree.row_of(node)), node);
        }
        for n in 0..tree.row_count() {
            let row = tree.row(n).unwrap();
            prop_assert_eq!(row.closing || tree.row_of(row.node) == n, true);
        }
    }

    #[test]
    fn every_node_is_found_by_its_neighbours(json in documents()) {
        let index = index(&json);
        for id in 0..index.len() {
            let children: Vec<_> = index.children(id).collect();
            prop_assert_eq!(children.len(), index.node(id).children);
            for pair in children.windows(2) {
                prop_assert_eq!(index.prev_sibling(pair[1]), Some(pair[0]));
            }
            prop_assert!(children.first().is_none_or(|&first| index.prev_sibling(first).is_none()));
            prop_assert!(children.iter().all(|&child| index.parent(child) == Some(id)));
        }
    }

    #[test]
    fn pointers_lead_serde_to_the_same_value(json in documents()) {
        let index = index(&json);
        let unique = (0..index.len()).all(|id| index.find(&index.path(id)) == id);
        // Of duplicate keys serde keeps the last one, and it refuses half surrogate pairs and numbers beyond f64.
        if let Some(document) = serde_json::from_str::<serde_json::Value>(&json).ok().filter(|_| unique) {
            for id in 0..index.len() {
                let value: serde_json::Value = serde_json::from_str(index.raw(id)).unwrap();
                prop_assert_eq!(document.pointer(&index.path(id).pointer()), Some(&value));
            }
        }
    }
}

fn compact_text(json: &str) -> String {
    String::from_utf8(compact(json.as_bytes()).unwrap()).unwrap()
}

impl JsonIndex {
    fn raw_scalars(&self) -> Vec<String> {
        (0..self.len()).filter(|&id| !self.kind(id).is_container()).map(|id| self.raw(id).to_owned()).collect()
    }
}
