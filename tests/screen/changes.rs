//! The webhooks of one change: which of them the selected capture is, all of them beside it, and the list narrowed to them.

use hookview::capture::{CaptureId, Retry, Sameness};
use insta::assert_snapshot;

use super::desk::{Desk, at, request};
use super::office::{SECRET, other_of, peering_manager};

const CHANGE: &str = "7C1e0d52-9a4b-4a53-8f0e-2d6b1c3a9e47";

/// Three sessions of one change, among them a change of its own and a request that tells of none; then the second
/// session's webhook once more.
fn bulk(size: (u16, u16)) -> Desk {
    let mut desk = Desk::new(size, &[SECRET]);
    let session =
        |number: u8| other_of(CHANGE, "update", "directpeeringsession", &format!("AS64500 - 192.0.2.{number}"));
    let alone = other_of("00000000-0000-4000-8000-000000000001", "update", "router", "edge-1.par1");
    let bodies = [session(1), alone, session(2), session(3)];
    let mut captures: Vec<_> = ["12:30:00", "12:30:01", "12:30:02", "12:30:03"]
        .into_iter()
        .zip(&bodies)
        .map(|(clock, body)| desk.store(peering_manager(&desk, body, true), at(clock)))
        .collect();
    captures.push(desk.store(request("GET", "/", &[], ""), at("12:30:04")));
    let again = peering_manager(&desk, &bodies[2], true);
    captures.push(desk.store_changed(again, at("12:31:02"), |capture| {
        let by = Sameness::DeliveryId;
        capture.retry = Some(Retry { of: CaptureId(3), nth: 1, gap_us: 60_000_000, by });
    }));
    desk.arrive(&captures);
    desk
}

#[test]
fn the_webhooks_of_one_change_are_beside_each_of_them() {
    let mut desk = bulk((160, 50));
    assert!(desk.text().contains("This change: 2 of 3"), "a repetition is what it repeats: {}", desk.text());
    desk.keys("kkk");
    assert_snapshot!("change_160x50", desk.text());
    desk.keys("k");
    assert!(!desk.text().contains("This change"), "the only one of its change: {}", desk.text());
}

#[test]
fn the_status_says_so_where_there_is_room() {
    let mut desk = bulk((120, 35));
    desk.keys("kk");
    assert!(desk.text().contains("from Peering Manager, 3 of 3 of this change"), "{}", desk.text());
    desk.resize(70, 24);
    assert!(!desk.text().contains("of this change"), "{}", desk.text());
}

#[test]
fn the_list_is_narrowed_to_a_change_by_the_beginning_of_its_id() {
    let mut desk = bulk((120, 35));
    desk.keys("/change:7c1E<enter>");
    assert_eq!(desk.visible(), [1, 3, 4, 6].map(CaptureId));
    desk.keys("/<ctrl-u>change:<enter>");
    assert_eq!(desk.visible(), [1, 2, 3, 4, 6].map(CaptureId));
}
