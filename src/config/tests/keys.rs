//! Which key does what.

use insta::assert_snapshot;

use super::Home;
use crate::config::{Key, KeyCode, KeyTable};

/// Six actions a line.
fn print(table: &KeyTable) -> String {
    let line = |(action, keys): (&str, &[Key])| {
        format!("{action} {}", keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    let actions: Vec<_> = table.iter().map(line).collect();
    actions.chunks(6).map(|chunk| chunk.join(", ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_default_keys_are_those_of_the_documentation() {
    let bindings = Home::new().load().bindings;
    assert_snapshot!(print(&bindings.keys), @r#"
    down j down, up k up, left h left, right l right, half-down ctrl-d, half-up ctrl-u
    page-down pgdn ctrl-f, page-up pgup ctrl-b, first g home, last G end, next-sibling }, previous-sibling {
    goto #, next-pane tab, previous-pane shift-tab, body 1, headers 2, signature 3
    response 4, raw 5, diff 6, base b, next-tab ], previous-tab [
    next-capture J, previous-capture K, open enter, back esc, quit q, interrupt ctrl-c
    find /, next-hit n, previous-hit N, filter-toggle \, problems !, jump-key @
    follow f F, pin space, copy y, resend r, edit-resend R, resend-again .
    answers a, temporary-answer A, make-rule M, conditions C, lab t, sample s
    edit e, open-outside o, write W, delete del, mark d, clear-mark D
    undo u, wrap w, view v, reveal x, fold z, open-all =
    close-all -, zoom +, time-format T, mouse m, palette : ctrl-p, help ? f1
    redraw ctrl-l, suspend ctrl-z
    "#);
    assert_snapshot!(print(&bindings.copy), @r#"
    value v, curl c, body b, formatted f, node n, key k
    path p, jinja j, pointer /, condition w, headers h, raw r
    signature s, answer a, url u, id i, object o, template t
    "#);
    assert_snapshot!(print(&bindings.folds), @"toggle a, open-all R, close-all M");
}

#[test]
fn no_default_key_does_two_things() {
    let bindings = Home::new().load().bindings;
    for table in [bindings.keys, bindings.copy, bindings.folds] {
        let mut keys: Vec<_> = table.iter().flat_map(|(_, keys)| keys.to_vec()).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }
}

#[test]
fn the_users_keys_take_the_place_of_the_defaults() {
    let home =
        Home::with("[keys]\ndown = [\"n\", \"ctrl-n\", \"n\"]\nnext-hit = \"j\"\nfollow = []\n[copy]\nurl = \"U\"\n");
    let bindings = home.load().bindings;
    assert_eq!(bindings.keys.keys("down"), [Key::char('n'), Key::ctrl('n')]);
    assert_eq!(bindings.keys.action(Key::char('j')), Some("next-hit"));
    assert_eq!(bindings.keys.action(Key::char('f')), None);
    assert_eq!(bindings.keys.keys("follow"), []);
    assert_eq!(bindings.keys.keys("up"), [Key::char('k'), Key::new(KeyCode::Up)]);
    assert_eq!(bindings.copy.action(Key::char('U')), Some("url"));
    assert_eq!(bindings.copy.action(Key::char('u')), None);
}

#[test]
fn what_cannot_be_is_told_with_its_line() {
    let errors = [
        "[keys]\nresned = \"Z\"",
        "[keys]\n\nresend = \"alt-r\"",
        "[keys]\nresend = [\"Z\",\n\"ctrl\"]",
        "[keys]\nresend = 5",
        "[keys]\nresend = \"j\"",
        "[keys]\nresend = \"Z\"\nsample = \"Z\"",
        "[copy]\nvalue = \"y\"",
        "[copy]\ncurl = \"b\"",
        "[folds]\ntoggle = \"3\"",
        "[folds]\ntoggles = \"x\"",
        "[mykeys]\na = 1",
        "[keys]\nquit = []\ninterrupt = []",
    ];
    let sentences: Vec<_> = errors.iter().map(|text| Home::with(text).error()).collect();
    assert_snapshot!(sentences.join("\n"), @r#"
    config.toml:2: unknown action `resned`, did you mean `resend`?
    config.toml:3: `resend` cannot be bound: `alt-r` is not a key: write one character, a name (enter, esc, tab, space, del, up, pgdn, f1 ..) or ctrl- and a letter
    config.toml:3: `resend` cannot be bound: `ctrl` is not a key: write one character, a name (enter, esc, tab, space, del, up, pgdn, f1 ..) or ctrl- and a letter
    config.toml:2: `resend` must be a text in quotes, not 5
    config.toml:2: the key `j` is bound to `resend` and to `down`: bind one of them to another key
    config.toml:2: the key `Z` is bound to `resend` and to `sample`: bind one of them to another key
    config.toml:2: `value` cannot be `y`: that key is fixed in [copy], take another
    config.toml:2: the key `b` is bound to `curl` and to `body`: bind one of them to another key
    config.toml:2: `toggle` cannot be `3`: that key is fixed in [folds], take another
    config.toml:2: unknown action `toggles`, did you mean `toggle`?
    config.toml:1: unknown setting `mykeys`, did you mean `keys`?
    config.toml:3: `interrupt` leaves no key to quit with: give `quit` or `interrupt` one
    "#);
}
