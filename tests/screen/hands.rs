//! The mouse, pastes, and messages that stay long enough to be read.

use hookview::app::sheet::Overlay;
use hookview::app::{Level, MouseKind, Msg, Pane, Tab};

use super::keys::{desk, said, selected};
use super::office::three_more;

#[test]
fn clicks_select_and_a_second_one_opens() {
    let mut desk = desk();
    desk.mouse(MouseKind::Press, 20, 3);
    assert_eq!((selected(&desk), desk.model.focus), (13, Pane::List));
    assert!(!desk.model.list.is_following());
    desk.wait(1000);
    desk.mouse(MouseKind::Press, 20, 3);
    assert_eq!(desk.model.focus, Pane::Detail);
    desk.mouse(MouseKind::Press, 13, 8);
    assert_eq!(desk.model.detail.tab, Tab::Headers);
    desk.mouse(MouseKind::Press, 70, 0);
    assert!(desk.model.list.is_following(), "the counter");
    let mut desk = super::keys::desk();
    desk.input(hookview::app::Input::Focus(true));
    desk.mouse(MouseKind::Press, 20, 3);
    assert_eq!(selected(&desk), 17, "the click only brought the window to the front");
    let hint = desk.rows()[23].find("r resend").unwrap();
    desk.wait(1000);
    desk.mouse(MouseKind::Press, u16::try_from(hint).unwrap(), 23);
    assert!(matches!(desk.model.overlay, Some(Overlay::Resend(_))));
}

#[test]
fn a_click_on_a_fold_mark_folds() {
    let mut desk = desk();
    let rows = desk.model.detail.view().unwrap().content.len(79);
    let mark = desk.rows().iter().position(|row| row.contains("\"data\": {")).unwrap();
    desk.mouse(MouseKind::Press, 1, u16::try_from(mark).unwrap());
    assert_eq!(desk.path().as_deref(), Some(".data"));
    assert!(desk.model.detail.view().unwrap().content.len(79) < rows);
}

#[test]
fn the_wheel_moves_the_window_under_the_pointer_and_no_cursor() {
    let mut desk = desk();
    desk.mouse(MouseKind::WheelUp, 20, 3);
    assert_eq!((selected(&desk), desk.visible()[0].0), (17, 8));
    assert!(!desk.model.list.is_following());
    three_more(&mut desk);
    assert_eq!(desk.visible()[0].0, 8);
    desk.mouse(MouseKind::WheelDown, 20, 15);
    assert_eq!(desk.model.detail.view().unwrap().scroll.top, 3);
    assert_eq!(selected(&desk), 17);
}

#[test]
fn a_paste_is_text_in_a_field_and_nothing_elsewhere() {
    let mut desk = desk();
    desk.paste("q\nr\n.");
    assert!(desk.model.overlay.is_none());
    assert!(said(&desk).contains("not taken as keys"), "{}", said(&desk));
    desk.keys("/");
    desk.paste("as\n64512");
    assert_eq!(desk.model.list.filter().text(), "as 64512");
    desk.keys("<esc>r<ctrl-u>");
    desk.paste("http://127.0.0.1:1/\n");
    let Some(Overlay::Resend(sheet)) = &desk.model.overlay else { panic!("no sheet") };
    assert_eq!(sheet.to.text().trim(), "http://127.0.0.1:1/");
    desk.keys("<esc>?/");
    desk.paste("mouse");
    assert!(desk.text().contains("mouse reports") && !desk.text().contains("one line down"), "{}", desk.text());
}

#[test]
fn a_message_stays_two_seconds_and_an_error_until_a_key() {
    let mut desk = desk();
    desk.keys("Z");
    assert_eq!(said(&desk), "Z does nothing here; ? shows the keys");
    desk.keys("k");
    assert_eq!(said(&desk), "Z does nothing here; ? shows the keys");
    desk.wait(2000);
    desk.keys("k");
    assert_eq!(said(&desk), "");
    desk.tell(Msg::Say(Level::Error, "broken".to_owned()));
    desk.wait(60_000);
    assert_eq!(said(&desk), "broken");
    desk.keys("k");
    assert_eq!(said(&desk), "");
}

#[test]
fn what_the_store_refuses_is_said_until_it_works_again() {
    let mut desk = desk();
    desk.tell(Msg::Store(Some("disk full".to_owned())));
    desk.keys("k");
    desk.wait(5000);
    desk.keys("k");
    assert!(desk.rows()[22].contains("not stored, answered 503: disk full"), "{}", desk.rows()[22]);
    desk.tell(Msg::Store(None));
    desk.draw();
    assert!(desk.rows()[22].contains("the store takes captures again"), "{}", desk.rows()[22]);
}

#[test]
fn an_evicted_selection_leaves_no_dead_keys() {
    let mut desk = desk();
    desk.keys("/zzz<enter>");
    assert!(desk.visible().is_empty());
    let late = desk.store(super::desk::request("POST", "/zzz", &[], "{}"), super::desk::at("12:33:00"));
    desk.wait(1000);
    desk.arrive(&[late]);
    desk.keys("k");
    assert_eq!(selected(&desk), 18);
}
