//! The conditions sheet: the tree on the selected capture, how many would fire, another system, another file.

use bytes::Bytes;
use hookview::app::sheet::Overlay;
use hookview::app::{ConditionsFile, EditTarget, Effect, Msg, TryOn};
use hookview::capture::CaptureId;
use hookview::sender;
use insta::assert_snapshot;

use super::desk::{Desk, at};
use super::office::{autonomous_system, morning, peering_manager};

const CONDITIONS: &str = r#"{"and": [
    {"attr": "asn", "value": 64512},
    {"or": [
        {"attr": "tags", "op": "contains", "value": "customer"},
        {"attr": "communities.name", "op": "contains", "value": "gold"}
    ]},
    {"attr": "name", "op": "regex", "value": "Net"},
    {"attr": "affiliated", "value": true}
]}"#;

fn file(name: &str, content: Result<&'static str, &str>) -> Msg {
    let content = content.map(Bytes::from).map_err(str::to_owned);
    Msg::Conditions(Box::new(ConditionsFile { name: name.to_owned(), content, saved: Some(at("12:33:10")) }))
}

/// The sheet over a morning's captures, its file just read.
fn sheet(size: (u16, u16), content: Result<&'static str, &str>) -> Desk {
    let mut desk = morning(size);
    let asked = desk.keys(":conditions<enter>when.json<enter>");
    assert!(matches!(&asked[..], [Effect::WatchConditions(name)] if name == "when.json"), "{asked:?}");
    desk.tell(file("when.json", content));
    desk.draw();
    desk
}

#[test]
fn the_tree_tells_what_came_of_every_part() {
    assert_snapshot!("conditions_80x24", sheet((80, 24), Ok(CONDITIONS)).text());
    assert_snapshot!("conditions_120x35", sheet((120, 35), Ok(CONDITIONS)).text());
}

#[test]
fn the_rules_are_those_of_the_sender_unless_chosen() {
    let mut desk = morning((120, 35));
    let netbox = sender::sample("netbox-created").unwrap().request;
    let netbox = desk.store(netbox, at("12:34:00"));
    desk.arrive(&[netbox]);
    desk.keys(":conditions<enter>when.json<enter>");
    desk.tell(file("when.json", Ok(CONDITIONS)));
    desk.draw();
    let of =
        |desk: &Desk| desk.model.trial.shown.as_ref().and_then(|shown| Some((shown.capture.0, shown.system?.id())));
    assert_eq!(of(&desk), Some((18, "netbox-4.7")));
    desk.keys("K");
    assert_eq!(of(&desk), Some((17, "peering-manager")));
    desk.keys("J<space><space>");
    assert_eq!(of(&desk), Some((18, "netbox-4.6")));
    desk.keys("<space><space>");
    assert_eq!((desk.model.trial.system, of(&desk)), (None, Some((18, "netbox-4.7"))));
}

#[test]
fn every_change_of_the_file_counts_at_once() {
    let mut desk = sheet((80, 24), Ok(r#"{"and": [{"attr": "asn", "value": 64512}]}"#));
    let first = desk.model.trial.tally();
    assert!(first.starts_with("would fire ") && !first.contains("would fire 0"), "{first}");
    desk.tell(file("when.json", Ok(r#"{"and": [{"attr": "asn", "value": 1}]}"#)));
    desk.draw();
    assert!(desk.model.trial.tally().starts_with("would fire 0 of "), "{}", desk.model.trial.tally());
    desk.tell(file("another.json", Ok("{")));
    assert!(desk.model.trial.tally().starts_with("would fire 0 of "), "a file that is watched no more");
    desk.tell(file("when.json", Ok("{\"and\": [")));
    desk.draw();
    assert!(desk.text().contains("the conditions are not JSON"), "{}", desk.text());
    desk.tell(file("when.json", Err("cannot read when.json: no such file")));
    desk.draw();
    assert!(desk.text().contains("✗ cannot read when.json: no such file"), "{}", desk.text());
}

#[test]
fn arrivals_are_tried_while_it_is_open() {
    let mut desk = sheet((80, 24), Ok(CONDITIONS));
    let count = |desk: &Desk| desk.model.trial.tally().split(' ').nth(4).unwrap().trim_end_matches(',').to_owned();
    let before: usize = count(&desk).parse().unwrap();
    let arrival = desk.store(peering_manager(&desk, &autonomous_system(900), true), at("12:36:00"));
    let id = arrival.id;
    desk.arrive(&[arrival]);
    assert_eq!(count(&desk), (before + 1).to_string());
    desk.tell(Msg::Evicted(vec![id]));
    assert_eq!(count(&desk), before.to_string());
    desk.keys("q");
    let arrival = desk.store(peering_manager(&desk, &autonomous_system(900), true), at("12:37:00"));
    let effects = desk.tell(Msg::Arrived(vec![arrival.summary()]));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Try(_))), "{effects:?}");
    let again = desk.keys(":conditions<enter>");
    assert!(again.iter().any(|effect| matches!(effect, Effect::Try(attempt) if attempt.on == TryOn::All)), "{again:?}");
    assert_eq!(count(&desk), (before + 2).to_string(), "the store has both");
}

#[test]
fn the_file_is_asked_for_once_edited_and_changed() {
    let mut desk = sheet((80, 24), Ok(CONDITIONS));
    let edited = desk.keys("e");
    let is_file = |target: &EditTarget| matches!(target, EditTarget::Conditions(path) if path.ends_with("when.json"));
    assert!(matches!(&edited[..], [Effect::Edit(target, _)] if is_file(target)), "{edited:?}");
    desk.keys("<enter>");
    assert!(desk.text().contains("conditions: when.json"), "{}", desk.text());
    desk.keys("<esc>");
    assert!(desk.model.overlay.is_none());
    let other = desk.keys(":conditions<enter><enter><ctrl-u>other.json<enter>");
    assert!(matches!(&other[..], [.., Effect::WatchConditions(name)] if name == "other.json"), "{other:?}");
    assert!(desk.model.state().contains("other.json"));
    assert!(matches!(desk.model.overlay, Some(Overlay::Conditions(_))));
}

#[test]
fn a_value_becomes_a_condition() {
    let mut desk = morning((80, 24));
    let own = desk.store(peering_manager(&desk, &autonomous_system(860), true), at("12:34:00"));
    desk.arrive(&[own]);
    let copied = |desk: &mut Desk, key: &str| {
        let effects = desk.keys(&format!("@{key}<enter>yw"));
        effects.into_iter().find_map(|effect| match effect {
            Effect::Copy(clip) => Some(String::from_utf8(clip.bytes.to_vec()).unwrap()),
            _ => None,
        })
    };
    desk.keys("<enter>=");
    assert_eq!(
        copied(&mut desk, "ipv4_max_prefixes").as_deref(),
        Some(r#"{"attr": "ipv4_max_prefixes", "value": 860}"#)
    );
    assert_eq!(
        copied(&mut desk, "slug").as_deref(),
        Some(r#"{"attr": "tags.slug", "op": "contains", "value": "customer"}"#)
    );
    assert_eq!(copied(&mut desk, "username"), None);
    assert_eq!(copied(&mut desk, "tags"), None);
}

#[test]
fn findings_are_problems_and_can_be_filtered_by_code() {
    let mut desk = morning((80, 24));
    let broken = desk.store(
        super::desk::request("POST", "/a", &[("content-type", "application/json")], "{\"a\": None}"),
        at("12:34:00"),
    );
    let id = broken.id;
    desk.arrive(&[broken]);
    let shown = |desk: &Desk| desk.model.list.selected();
    desk.keys("/lint:python<enter>");
    assert_eq!((shown(&desk), desk.model.list.len()), (Some(id), 1));
    desk.keys("<esc>!");
    assert!((0..desk.model.list.len()).any(|at| desk.model.list.at(at).is_some_and(|row| row.id == id)));
    assert_ne!(id, CaptureId(0));
    desk.keys("/lint:vanished<enter>");
    assert_eq!(desk.model.list.len(), 0);
}
