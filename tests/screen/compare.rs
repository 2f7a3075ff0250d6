//! The diff tab: what is compared with what, what is shown of it, and how one moves in it.

use std::sync::Arc;

use hookview::app::comparison::Basis;
use hookview::app::{Effect, Msg, Pane, Tab};
use hookview::capture::{Capture, CaptureId};
use hookview::inspect::{Comparable, Comparison, Hidden, body_diff, body_view, cells};
use insta::assert_snapshot;
use serde_json::json;

use super::desk::{Desk, at, request};
use super::keys::{copied, desk, said, selected};
use super::office::{SECRET, autonomous_system, morning, peering_manager};

fn after(size: (u16, u16), keys: &str) -> Desk {
    let mut desk = morning(size);
    desk.keys(keys);
    desk
}

/// Two captures of an autonomous system between which much has changed, the second one selected.
fn changed(size: (u16, u16)) -> Desk {
    let mut desk = Desk::new(size, &[SECRET]);
    let before = autonomous_system(820);
    let mut now = autonomous_system(840);
    now["request_id"] = json!("4f2c0c1e-7e52-4f0e-8a2a-1d5c77a0f0f2");
    now["data"]["irr_as_set"] = json!("AS64512:AS64513:AS-EXAMPLE");
    now["data"]["comments"] = json!("上流は日本  (Tokyo) です");
    now["data"]["tags"] = json!([{"id": 7, "name": "gold", "slug": "gold"}, now["data"]["tags"][0]]);
    now["data"]["as_list"] = json!([64512, 64514, 64515]);
    now["data"].as_object_mut().unwrap().shift_remove("affiliated");
    let captures = [
        desk.store(peering_manager(&desk, &before, true), at("12:30:02")),
        desk.store(peering_manager(&desk, &now, false), at("12:31:04")),
    ];
    desk.arrive(&captures);
    desk
}

fn basis(desk: &Desk) -> Option<Basis> {
    desk.model.detail.comparing.order.map(|order| order.basis)
}

#[test]
fn changes_as_a_list_side_by_side_and_unified() {
    let mut desk = changed((80, 24));
    desk.keys("6");
    assert_snapshot!("diff_80x24", desk.text());
    assert_snapshot!("diff_looks", desk.looks());
    desk.keys("+nnnv");
    assert_snapshot!("diff_narrow_side", desk.text());
    desk.keys("v");
    assert_snapshot!("diff_unified_80x24", desk.text());
    let mut desk = changed((120, 35));
    desk.keys("6");
    assert_snapshot!("diff_120x35", desk.text());
    desk.keys("+v");
    assert_snapshot!("diff_side_120x35", desk.text());
    assert_snapshot!("diff_side_looks", desk.looks());
    desk.keys("x");
    assert_snapshot!("diff_all_side_120x35", desk.text());
}

#[test]
fn the_bases_come_in_their_order_and_b_goes_through_them() {
    let mut desk = after((80, 24), "6");
    let (fifteen, sixteen) = (CaptureId(15), CaptureId(16));
    assert_eq!(basis(&desk), Some(Basis::SameObject(fifteen)));
    for expected in [Basis::Snapshots, Basis::SamePath(fifteen), Basis::SameObject(fifteen)] {
        desk.keys("b");
        assert_eq!(basis(&desk), Some(expected));
    }
    desk.keys("KdJ6");
    assert_eq!((basis(&desk), desk.model.mark), (Some(Basis::Marked(sixteen)), Some(sixteen)));
    assert!(desk.rows()[6].starts_with(" A  16 "), "{}", desk.rows()[6]);
    desk.keys("D");
    assert_eq!((basis(&desk), desk.model.mark), (Some(Basis::SameObject(fifteen)), None));
    assert_eq!(said(&desk), "#16 is no longer A");
    desk.keys("bK");
    assert_eq!((selected(&desk), basis(&desk)), (16, Some(Basis::Snapshots)), "what was chosen stays");
}

#[test]
fn the_second_mark_opens_the_comparison() {
    let mut desk = after((80, 24), "d");
    assert_eq!(said(&desk), "#17 is A; d on another capture compares the two");
    desk.keys("d");
    assert_eq!(said(&desk), "#17 is A; d on another capture compares, D clears");
    assert_eq!(desk.model.focus, Pane::List);
    desk.keys("kkkd");
    assert_eq!((desk.model.detail.tab, desk.model.focus), (Tab::Diff, Pane::Detail));
    assert_eq!(basis(&desk), Some(Basis::Marked(CaptureId(17))));
    assert!(desk.text().contains("A #17 12:31:04 ✗   B #14 12:30:02 ✓   marked"), "{}", desk.text());
}

#[test]
fn n_goes_from_change_to_change_and_x_shows_what_is_left_out() {
    let mut desk = changed((80, 24));
    desk.keys("6");
    let change = |desk: &Desk| desk.rows()[22].trim().rsplit("  ").next().unwrap().to_owned();
    assert_eq!(change(&desk), "change 1 of 6");
    desk.keys("nn");
    assert_eq!(change(&desk), "change 3 of 6");
    desk.keys("N");
    assert_eq!(change(&desk), "change 2 of 6");
    desk.keys("NN");
    assert_eq!(change(&desk), "change 6 of 6");
    desk.keys("n");
    assert_eq!(change(&desk), "change 1 of 6");
    assert!(!desk.text().contains("~ .request_id"));
    desk.keys("x");
    assert!(desk.text().contains("~ .request_id") && desk.text().contains("change 2 of 9"), "{}", desk.text());
    desk.keys("x");
    assert_eq!(change(&desk), "change 1 of 6", "on the same path");
}

#[test]
fn what_changed_is_copied() {
    for (keys, what, text) in [
        ("yp", "path of #2", ".data.comments"),
        ("yy", "value of #2", "上流は日本  (Tokyo) です"),
        ("nyj", "jinja of #2", "{{ data.irr_as_set }}"),
        ("NNyk", "key of #2", "affiliated"),
    ] {
        let mut desk = changed((80, 24));
        desk.keys("6");
        assert_eq!(copied(&desk.keys(keys)), (what.to_owned(), text.to_owned()), "{keys}");
    }
}

#[test]
fn the_next_capture_keeps_tab_way_and_change() {
    let mut desk = after((80, 24), "6nK");
    assert_eq!((selected(&desk), desk.model.detail.tab), (16, Tab::Diff));
    desk.keys("J");
    assert!(desk.rows()[8].contains("[6 Diff "), "{}", desk.rows()[8]);
    let mut desk = changed((80, 24));
    desk.keys("6nn");
    let before = desk.rows()[22].clone();
    let again = desk.store(peering_manager(&desk, &autonomous_system(850), true), at("12:32:00"));
    desk.arrive(&[again]);
    desk.keys("JK");
    assert_eq!(desk.rows()[22], before);
}

#[test]
fn what_is_no_json_is_compared_line_by_line_or_byte_by_byte() {
    let mut desk = Desk::new((80, 24), &[]);
    let bodies: [&[u8]; 4] =
        [b"one\ntwo\nthree\n", b"one\n2\nthree\n", b"PK\x03\x04\0\0\0\0\0", b"PK\x03\x04\0\0\0\0\x01\x02"];
    let store = |body: &&[u8]| {
        desk.store(request("POST", "/t", &[("authorization", "Bearer s3cret")], body.to_vec()), at("12:00:00"))
    };
    let captures: Vec<_> = bodies.iter().map(store).collect();
    desk.arrive(&captures);
    desk.keys("kk6");
    assert_snapshot!("diff_text", desk.text());
    desk.keys("JJv");
    assert_snapshot!("diff_bytes", desk.text());
}

#[test]
fn a_comparison_under_way_is_said_and_stopped() {
    let mut desk = desk();
    desk.slow = true;
    desk.keys("6");
    assert!(desk.text().contains("comparing; esc stops it"), "{}", desk.text());
    let effects = desk.keys("<esc>");
    assert!(matches!(effects[..], [Effect::StopComparing]), "{effects:?}");
    assert!(desk.text().contains("not compared: stopped"), "{}", desk.text());
    assert_eq!(desk.model.focus, Pane::Detail);
    desk.keys("<esc>");
    assert_eq!(desk.model.focus, Pane::List);
}

/// Two lists of which every item differs, not yet compared; the second one selected.
fn long_lists(size: (u16, u16)) -> (Desk, [Comparable; 2]) {
    let mut desk = Desk::new(size, &[]);
    desk.slow = true;
    let list =
        |up: bool| json!({"list": (0..9000).map(|id| json!({"id": id, "up": up})).collect::<Vec<_>>()}).to_string();
    let store = |up| desk.store(request("POST", "/t", &[], list(up)), at("12:00:00"));
    let captures = [store(false), store(true)];
    desk.arrive(&captures);
    desk.keys("6");
    let body = |capture: &Capture| Comparable::from(&body_view(&capture.request.headers, &capture.request.body));
    (desk, captures.each_ref().map(body))
}

/// What is known when so many changes were found, told to the desk.
fn so_far(desk: &mut Desk, [before, after]: &[Comparable; 2], changes: usize) {
    let body = body_diff((before, after), &Hidden::nothing(), &mut |diff| diff.count() < changes);
    let order = desk.model.detail.comparing.order.unwrap();
    desk.tell(Msg::Compared(order, Ok(Arc::new(Comparison { headers: Vec::new(), body, notes: Vec::new() }))));
    desk.draw();
}

#[test]
fn a_body_of_which_only_a_part_was_kept_is_told_of() {
    let mut desk = Desk::new((80, 24), &[]);
    let first = desk.store_changed(request("POST", "/t", &[], "one\ntwo\n"), at("12:00:00"), |capture| {
        capture.request.body.total = 70_000;
    });
    let second = desk.store(request("POST", "/t", &[], "one\nthree\n"), at("12:00:01"));
    desk.arrive(&[first, second]);
    desk.keys("6");
    let text = desk.text();
    assert!(text.contains("  only the first 8 B of #1 were kept"), "{text}");
    assert!(!text.contains("of #2 were kept"), "{text}");
}

#[test]
fn the_way_on_the_screen_is_named_at_every_width() {
    let mut desk = changed((80, 24));
    desk.keys("6+v");
    let cramped = "shown as unified: side by side needs 99 columns; v for the next way";
    assert!(desk.text().contains(cramped), "{}", desk.text());
    desk.resize(160, 24);
    assert!(desk.text().contains("shown as side; v for the next way"), "{}", desk.text());
    desk.resize(80, 24);
    assert!(desk.text().contains(cramped), "{}", desk.text());
}

/// Which change the cursor is on, and how many there are.
fn change(desk: &Desk) -> Vec<usize> {
    let line = desk.rows()[22].clone();
    let (_, counter) = line.rsplit_once("change ").unwrap();
    counter.split(" of ").map(|number| number.trim().parse().unwrap()).collect()
}

#[test]
fn what_was_found_so_far_is_there_to_be_used() {
    let (mut desk, bodies) = long_lists((80, 24));
    so_far(&mut desk, &bodies, 1);
    assert!(desk.text().contains(" %: ") && desk.rows()[23].contains("esc stop"), "{}", desk.text());
    desk.keys("vvnn");
    let (before, row) = (change(&desk), desk.model.detail.view().unwrap().scroll);
    assert!(before[0] == 3 && before[1] < 9000, "{before:?}");
    so_far(&mut desk, &bodies, 4000);
    let now = change(&desk);
    assert!(now[0] == 3 && now[1] > before[1] && now[1] < 9000, "{now:?}");
    assert_eq!(desk.model.detail.view().unwrap().scroll, row, "nothing moves");
    let effects = desk.keys("<esc>");
    assert!(matches!(effects[..], [Effect::StopComparing]), "{effects:?}");
    assert!(desk.text().contains("only ") && !desk.rows()[23].contains("esc stop"), "{}", desk.text());
    so_far(&mut desk, &bodies, usize::MAX);
    assert_eq!(change(&desk), now, "stopped");
    desk.keys("6");
    assert!(desk.text().contains("comparing; esc stops it"), "{}", desk.text());
    so_far(&mut desk, &bodies, usize::MAX);
    assert_eq!(change(&desk)[1], 9000);
    assert!(desk.text().contains("9000 changes") && !desk.text().contains(" %: "), "{}", desk.text());
}

#[test]
fn a_comparison_that_nobody_looks_at_is_stopped() {
    for keys in ["1", "K"] {
        let (mut desk, bodies) = long_lists((80, 24));
        so_far(&mut desk, &bodies, 1);
        for key in super::desk::keys(keys) {
            desk.tell(Msg::Input(hookview::app::Input::Key(key)));
        }
        assert!(matches!(desk.model.left_comparison(), Some(Effect::StopComparing)), "{keys}");
        assert!(desk.model.left_comparison().is_none(), "{keys}");
    }
}

#[test]
fn equal_lines_are_unfolded_and_folded_again() {
    let mut desk = changed((120, 35));
    desk.keys("6+vg");
    let folds = |desk: &Desk| desk.rows().iter().filter(|row| row.contains('⋮')).count();
    while !desk.rows().iter().any(|row| row.starts_with('>') && row.contains('⋮')) {
        desk.keys("j");
    }
    let (before, many) = (desk.text(), folds(&desk));
    assert!(many > 2 && desk.rows()[34].contains("l unfold"), "{before}");
    for (unfold, fold) in [("l", "h"), ("<enter>", "<enter>"), ("ljj", "h"), ("za", "za")] {
        desk.keys(unfold);
        assert!(folds(&desk) < many && desk.rows()[34].contains("h fold"), "{unfold}: {}", desk.text());
        desk.keys(fold);
        assert_eq!(desk.text(), before, "{unfold} {fold}");
    }
    desk.keys("=");
    assert_eq!(folds(&desk), 0, "{}", desk.text());
    desk.keys("v");
    assert_eq!(folds(&desk), 0, "in every way to show it: {}", desk.text());
    desk.keys("-");
    assert!(folds(&desk) > 2, "{}", desk.text());
}

#[test]
fn what_differs_within_long_values_is_seen() {
    let mut desk = Desk::new((80, 24), &[]);
    let long = "the same words again ".repeat(200);
    let body = |word: &str| json!({"comments": format!("{long}{word}{long}"), "id": 1}).to_string();
    let captures = ["OLD", "NEW"].map(|word| desk.store(request("POST", "/t", &[], body(word)), at("12:00:00")));
    desk.arrive(&captures);
    desk.keys("6");
    for keys in ["", "v", "v", "+w"] {
        desk.keys(keys);
        assert!(desk.text().contains("OLD") && desk.text().contains("NEW"), "{keys}: {}", desk.text());
    }
    desk.resize(120, 35);
    desk.keys("wvvlll");
    assert!(desk.rows().iter().all(|row| cells(row) <= 120), "{}", desk.text());
}

#[test]
fn without_anything_to_compare_with_it_says_so() {
    let mut desk = after((80, 24), "#12<enter>6");
    assert!(desk.text().contains("nothing to compare with"), "{}", desk.text());
    desk.keys("nb");
    assert_eq!(desk.model.detail.comparing.order, None);
}

#[test]
fn what_is_odd_about_the_snapshots_is_said_above_the_body() {
    let mut body = autonomous_system(820);
    for (prechange, expected) in [
        (body["snapshots"]["postchange"].clone(), " ! nothing changed: prechange and postchange are the same"),
        (serde_json::Value::Null, " ! an update, but prechange is null: what changed cannot be told"),
    ] {
        let mut desk = Desk::new((80, 24), &[SECRET]);
        body["snapshots"]["prechange"] = prechange;
        let capture = desk.store(peering_manager(&desk, &body, true), at("12:30:02"));
        desk.arrive(&[capture]);
        assert!(desk.text().contains(expected), "{}", desk.text());
    }
    assert!(!desk().text().contains("nothing changed"));
}
