//! The resend sheet and what comes of it: nothing is sent without a look, and the capture is never changed.

use std::time::Duration;

use hookview::app::sheet::{Overlay, Part, ResendSheet};
use hookview::app::{Effect, Level, Msg};
use hookview::capture::{CaptureId, Signing};

use super::desk::{Desk, at, request};
use super::keys::{desk, names, said};
use super::office::{SECRET, answered, attempt};

fn sheet(desk: &Desk) -> &ResendSheet {
    let Some(Overlay::Resend(sheet)) = &desk.model.overlay else { panic!("no sheet: {:?}", desk.model.overlay) };
    sheet
}

#[test]
fn the_resend_sheet_goes_from_part_to_part_and_back() {
    let mut desk = desk();
    desk.keys("r");
    let parts = [Part::To, Part::Body, Part::Headers, Part::Signature, Part::Times, Part::Pause, Part::Limit, Part::To];
    for part in parts {
        assert_eq!(sheet(&desk).part, part);
        desk.keys("<tab>");
    }
    desk.keys("<shift-tab><shift-tab>");
    assert_eq!(sheet(&desk).part, Part::Limit);
    assert!(desk.keys("<esc>").is_empty());
    assert!(desk.model.overlay.is_none());
}

#[test]
fn nothing_is_sent_before_enter_in_the_sheet() {
    let mut desk = desk();
    let effects = desk.keys("r<ctrl-u>http://127.0.0.1:8080/in<tab><tab><tab><space><tab><backspace>3<tab>0<tab>");
    assert!(effects.iter().all(|effect| matches!(effect, Effect::Prepare(_))), "{effects:?}");
    assert_eq!(sheet(&desk).signings[sheet(&desk).signing], Signing::Captured);
    let effects = desk.keys("<enter>");
    let [Effect::Send(plan)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((plan.capture.0, plan.url.as_str()), (17, "http://127.0.0.1:8080/in"));
    assert_eq!((&plan.signing, plan.times, plan.time_limit), (&Signing::Captured, 3, Duration::from_secs(5)));
    assert!(matches!(desk.model.overlay, Some(Overlay::Attempts(_))));
}

#[test]
fn results_come_in_and_dot_sends_again_as_last_time() {
    let mut desk = desk();
    desk.keys("r<ctrl-u>http://127.0.0.1:8080/in<enter>");
    assert!(desk.keys("<esc>").iter().any(|effect| matches!(effect, Effect::StopSending)));
    desk.tell(Msg::Attempted(Box::new(attempt(
        CaptureId(17),
        "12:33:07",
        answered(200, "OK", "text/plain", "fine"),
        34_000,
    ))));
    desk.draw();
    assert!(desk.text().contains("✓ 200"), "{}", desk.text());
    desk.keys("q");
    assert!(desk.model.overlay.is_none());
    let effects = desk.keys(".");
    let [Effect::Send(plan)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((plan.capture.0, plan.url.as_str()), (17, "http://127.0.0.1:8080/in"));
    assert!(names(&desk.keys(".")).is_empty(), "one run at a time");
    let done = attempt(CaptureId(17), "12:33:08", answered(200, "OK", "text/plain", "fine"), 34_000);
    desk.tell(Msg::Attempted(Box::new(done)));
    desk.keys("k");
    let effects = desk.keys("r");
    let [Effect::Prepare(plan)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(
        (plan.capture.0, plan.url.as_str()),
        (16, "http://127.0.0.1:9000/hooks/nb"),
        "another path, its own target"
    );
    desk.keys("<up>");
    assert_eq!(sheet(&desk).to.text(), "http://127.0.0.1:8080/in");
}

#[test]
fn dot_without_a_last_time_opens_the_sheet() {
    let mut desk = desk();
    assert_eq!(names(&desk.keys(".")), ["Prepare"]);
    assert_eq!(sheet(&desk).part, Part::To);
}

#[test]
fn a_public_target_needs_its_host_name_and_goes_once() {
    let mut desk = desk();
    desk.keys("r<ctrl-u>https://hooks.example.com/in<shift-tab><shift-tab><shift-tab><shift-tab><backspace>5");
    assert!(!desk.keys("<enter>").iter().any(|effect| matches!(effect, Effect::Send(_))));
    assert_eq!(sheet(&desk).part, Part::Confirm);
    assert_eq!(desk.model.message.as_ref().unwrap().level, Level::Error);
    desk.keys("hooks.example");
    assert!(!desk.keys("<enter>").iter().any(|effect| matches!(effect, Effect::Send(_))));
    let effects = desk.keys(".com<enter>");
    let Some(Effect::Send(plan)) = effects.last() else { panic!("{effects:?}") };
    assert_eq!((plan.times, plan.url.as_str()), (1, "https://hooks.example.com/in"));
}

#[test]
fn wrong_fields_are_said_and_not_sent() {
    for (keys, part) in [
        ("r<ctrl-u>ftp://x<enter>", "http"),
        ("r<ctrl-u><enter>", ""),
        ("r<tab><tab><tab><tab><ctrl-u>x<enter>", "times: write a number"),
        ("r<tab><tab><tab><tab><tab><tab><ctrl-u>9999<enter>", "time limit: write a number"),
    ] {
        let mut desk = desk();
        let effects = desk.keys(keys);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send(_))), "{keys}");
        assert!(said(&desk).contains(part) && !said(&desk).is_empty(), "{keys}: {}", said(&desk));
    }
}

#[test]
fn an_edited_body_is_sent_in_its_place_and_can_be_undone() {
    let mut desk = desk();
    let effects = desk.keys("R");
    let Some(Effect::Edit(target, body)) = effects.last() else { panic!("{effects:?}") };
    assert!(body.starts_with(b"{") && body.ends_with(b"}"));
    desk.tell(Msg::Edited(target.clone(), Some("{}".into())));
    desk.draw();
    assert!(desk.text().contains("2 B, edited"), "{}", desk.text());
    desk.keys("<tab>u");
    assert!(desk.text().contains("B, as captured"), "{}", desk.text());
}

#[test]
fn what_only_its_sender_can_sign_is_sent_as_captured() {
    let mut desk = Desk::new((80, 24), &[SECRET]);
    let signature = "0".repeat(128);
    let headers = [("X-Signature-Ed25519", signature.as_str()), ("X-Signature-Timestamp", "1791369064")];
    let capture = desk.store(request("POST", "/discord", &headers, "{}"), at("12:31:04"));
    desk.arrive(&[capture]);
    desk.keys("r");
    let text = desk.text();
    assert!(text.contains("(*) as captured") && !text.contains("re-sign"), "{text}");
}
