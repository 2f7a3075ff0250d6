//! What keys do: a morning of captures, keys, and what is then so.

use hookview::app::sheet::Overlay;
use hookview::app::{CopyKind, Effect, Msg, Pane, Tab};
use hookview::capture::{CaptureId, Mark};

use super::desk::Desk;
use super::office::{morning, three_more};

pub fn desk() -> Desk {
    morning((80, 24))
}

pub fn selected(desk: &Desk) -> u64 {
    desk.model.list.selected().map_or(0, |id| id.0)
}

/// What a run of keys asked for, by name.
pub fn names(effects: &[Effect]) -> Vec<String> {
    effects.iter().map(|effect| format!("{effect:?}").split(['(', ' ', '{']).next().unwrap().to_owned()).collect()
}

/// What was copied: what it is called, and the text.
pub fn copied(effects: &[Effect]) -> (String, String) {
    let clip = effects.iter().find_map(|effect| match effect {
        Effect::Copy(clip) => Some(clip),
        _ => None,
    });
    let clip = clip.unwrap_or_else(|| panic!("nothing was copied: {effects:?}"));
    (clip.what.clone(), String::from_utf8_lossy(&clip.bytes).into_owned())
}

pub fn said(desk: &Desk) -> &str {
    desk.model.message.as_ref().map_or("", |message| &message.text)
}

#[test]
fn moving_in_the_list() {
    let table = [
        ("k", 16),
        ("kk", 15),
        ("kkj", 16),
        ("g", 1),
        ("<home>", 1),
        ("gG", 17),
        ("g<end>", 17),
        ("<ctrl-u>", 14),
        ("g<ctrl-d>", 4),
        ("<pgup>", 10),
        ("g<pgdn>", 8),
        ("j", 17),
        ("#3<enter>", 3),
        ("##12<enter>", 12),
        ("#99<enter>", 17),
        ("g<down><down><up>", 2),
        ("KKJ", 16),
        ("N", 15),
        ("gn", 15),
        ("gN", 17),
    ];
    for (keys, wanted) in table {
        let mut desk = desk();
        desk.keys(keys);
        assert_eq!(selected(&desk), wanted, "{keys}");
    }
}

#[test]
fn following_ends_and_begins() {
    let table = [
        ("j", true),
        ("k", false),
        ("kj", false),
        ("kjf", true),
        ("kjG", true),
        ("f", false),
        ("F", false),
        ("ff", true),
        ("<space>", false),
        ("1", false),
        ("1G", false),
        ("1<esc>", false),
        ("1<esc>G", true),
        ("?<esc>", true),
        ("/x<esc>", true),
        (":<esc>", true),
        ("y<esc>", true),
        ("r<esc>", false),
        ("#<esc>", false),
        ("<tab>", false),
    ];
    for (keys, wanted) in table {
        let mut desk = desk();
        desk.keys(keys);
        assert_eq!(desk.model.list.is_following(), wanted, "{keys}");
    }
}

#[test]
fn while_something_passing_is_open_arrivals_are_held_and_counted() {
    for keys in ["?", ":", "y", "/"] {
        let mut desk = desk();
        desk.keys(keys);
        assert!(desk.rows()[0].ends_with("HELD "), "{keys}: {}", desk.rows()[0]);
        three_more(&mut desk);
        assert!(desk.rows()[0].ends_with("HELD 3 new "), "{keys}: {}", desk.rows()[0]);
        assert_eq!(selected(&desk), 17, "{keys}");
        desk.keys("<esc>");
        desk.wait(400);
        assert!(desk.rows()[0].ends_with("FOLLOW "), "{keys}: {}", desk.rows()[0]);
        assert_eq!(selected(&desk), 20, "{keys}");
    }
}

#[test]
fn an_arrival_waits_until_the_hand_is_off_the_keys() {
    let mut desk = desk();
    desk.keys("T");
    three_more(&mut desk);
    assert_eq!(selected(&desk), 17);
    desk.wait(399);
    assert_eq!(selected(&desk), 17);
    desk.wait(1);
    assert_eq!(selected(&desk), 20);
}

#[test]
fn a_key_acts_on_what_was_on_the_screen() {
    let mut desk = desk();
    desk.wait(1000);
    let late = desk.store(super::desk::request("POST", "/late", &[], "{}"), super::desk::at("12:33:00"));
    desk.tell(Msg::Arrived(vec![late.summary()]));
    let effects = desk.keys("<del>");
    assert_eq!(names(&effects), ["Delete"]);
    assert!(desk.model.list.row(CaptureId(17)).is_none() && desk.model.list.row(late.id).is_some());
}

#[test]
fn the_first_capture_is_selected_even_right_after_a_key() {
    let mut desk = Desk::new((80, 24), &[]);
    desk.keys("s");
    let first = desk.store(super::desk::request("POST", "/first", &[], "{}"), super::desk::at("12:00:00"));
    desk.arrive(&[first]);
    desk.keys("r");
    assert!(matches!(desk.model.overlay, Some(Overlay::Resend(_))));
}

#[test]
fn typing_a_filter_narrows_live_and_esc_puts_everything_back() {
    let mut desk = desk();
    desk.keys("kkkkkkkkkk");
    let (id, before) = (selected(&desk), desk.visible());
    assert_eq!(id, 7);
    desk.keys("/as64512");
    assert_eq!(desk.visible().iter().map(|id| id.0).collect::<Vec<_>>(), [11, 14, 15, 17]);
    assert_eq!(selected(&desk), 11, "the nearest");
    assert!(desk.rows()[22].trim_end().ends_with("4 of 17"), "{}", desk.rows()[22]);
    desk.keys("zzz");
    assert!(desk.visible().is_empty());
    desk.keys("<esc>");
    assert_eq!((selected(&desk), desk.visible()), (id, before));
    assert!(!desk.model.list.filter().is_set());
}

#[test]
fn a_kept_filter_is_in_the_title_and_can_be_switched_edited_and_cleared() {
    let mut desk = desk();
    desk.keys("/AS64512<enter>");
    assert!(desk.rows()[0].contains("filter: AS64512  4 of 17"), "{}", desk.rows()[0]);
    desk.keys("\\");
    assert_eq!(desk.model.list.len(), 17);
    assert!(desk.rows()[0].contains("17 captures"), "{}", desk.rows()[0]);
    desk.keys("\\");
    assert_eq!(desk.model.list.len(), 4);
    desk.keys("/ 84<enter>");
    assert_eq!(desk.model.list.filter().text(), "AS64512 84");
    desk.keys("<esc>");
    assert_eq!(desk.model.list.len(), 17);
    desk.keys("/<up>");
    assert_eq!(desk.model.list.filter().text(), "AS64512 84");
    desk.keys("<up>");
    assert_eq!(desk.model.list.filter().text(), "AS64512");
    desk.keys("<down><down>");
    assert_eq!(desk.model.list.filter().text(), "AS64512 84");
}

#[test]
fn words_are_found_in_bodies_and_headers_too() {
    let table = [("/curl", 12, 1), ("/tokyo", 11, 4), ("/dcim", 16, 1), ("/peeringmanager", 1, 15)];
    for (keys, first, count) in table {
        let mut desk = desk();
        desk.keys(keys);
        assert_eq!((desk.visible().len().min(7), desk.model.list.len()), (count.min(7), count), "{keys}");
        assert_eq!(desk.model.list.at(0).unwrap().id.0, first, "{keys}");
    }
}

#[test]
fn problems_only() {
    let mut desk = desk();
    desk.keys("!");
    assert_eq!(desk.visible().iter().map(|id| id.0).collect::<Vec<_>>(), [15, 17]);
    // What is no problem any more stays until the filter is next edited.
    desk.tell(Msg::Rechecked(vec![(CaptureId(15), Mark::Verified)]));
    desk.draw();
    assert_eq!(desk.visible().len(), 2);
    assert!(desk.rows()[1].contains('✓'), "{}", desk.rows()[1]);
    desk.keys("!");
    desk.keys("!");
    assert_eq!(desk.visible().iter().map(|id| id.0).collect::<Vec<_>>(), [17]);
}

#[test]
fn a_prompt_takes_every_printable_key() {
    let mut desk = desk();
    let effects = desk.keys("/qrs?.yG1 :\\<tab>");
    assert_eq!(desk.model.list.filter().text(), "qrs?.yG1 :\\");
    assert!(names(&effects).iter().all(|name| name == "Search" || name == "StopSearch"), "{effects:?}");
    assert_eq!(names(&desk.keys("<ctrl-c>")), ["Quit"]);
}

#[test]
fn repaint_and_suspend_work_everywhere() {
    for keys in ["", "/a", "?", ":", "y", "r", "1z", "?/a"] {
        let mut desk = desk();
        desk.keys(keys);
        assert_eq!(names(&desk.keys("<ctrl-l>")), ["Repaint"], "{keys}");
        assert_eq!(names(&desk.keys("<ctrl-z>")), ["Suspend"], "{keys}");
    }
}

#[test]
fn line_editing() {
    let table = [
        ("/abc<left><left>x", "axbc"),
        ("/abc<ctrl-a>x", "xabc"),
        ("/abc<ctrl-a><ctrl-e>x", "abcx"),
        ("/one two<ctrl-w>", "one "),
        ("/abc<ctrl-u>x", "x"),
        ("/abc<left><ctrl-k>", "ab"),
        ("/abc<backspace><home><del>", "b"),
    ];
    for (keys, wanted) in table {
        let mut desk = desk();
        desk.keys(keys);
        assert_eq!(desk.model.list.filter().text(), wanted, "{keys}");
    }
}

#[test]
fn the_tree_folds_and_holds_the_row_of_the_cursor() {
    let mut desk = desk();
    desk.keys("1");
    assert_eq!(desk.path().as_deref(), Some("."));
    let table = [
        ("jjjjjj", ".data"),
        ("l", ".data.id"),
        ("h", ".data"),
        ("h", ".data"),
        ("j", ".snapshots"),
        ("k", ".data"),
        ("l", ".data"),
        ("l}}", ".data.display_url"),
        ("{", ".data.url"),
        ("@ipv4_max", ".data.ipv4_max_prefixes"),
        ("<enter>", ".data.ipv4_max_prefixes"),
        ("h", ".data"),
    ];
    for (keys, wanted) in table {
        desk.keys(keys);
        assert_eq!(desk.path().as_deref(), Some(wanted), "{keys}");
    }
    desk.keys("@postchange<enter>");
    let on_screen = |desk: &Desk| {
        let scroll = desk.model.detail.view().unwrap().scroll;
        scroll.cursor - scroll.top
    };
    let row = on_screen(&desk);
    for keys in ["za", "za", "zR", "z2", "zR"] {
        desk.keys(keys);
        let scroll = desk.model.detail.view().unwrap().scroll;
        assert!(on_screen(&desk) == row || scroll.top == 0, "{keys}: {scroll:?}, was {row}");
    }
    desk.keys("zMzx");
    assert!(!desk.model.folding);
}

#[test]
fn j_and_k_keep_the_tab_and_the_path() {
    let mut desk = desk();
    desk.keys("1@ipv4_max<enter>");
    desk.keys("K");
    assert_eq!((selected(&desk), desk.path().as_deref()), (16, Some(".data")), "its nearest parent");
    let mut desk = self::desk();
    desk.keys("kk1@ipv4_max<enter>K");
    assert_eq!((selected(&desk), desk.path().as_deref()), (14, Some(".data.ipv4_max_prefixes")));
    desk.keys("3KKJ");
    assert_eq!((selected(&desk), desk.model.detail.tab), (13, Tab::Signature));
}

#[test]
fn searching_the_tab() {
    let mut desk = desk();
    desk.keys("1/max_prefixes<enter>");
    let first = desk.path();
    assert!(desk.rows()[22].contains("match 1 of"), "{}", desk.rows()[22]);
    desk.keys("n");
    assert_ne!(desk.path(), first);
    desk.keys("N");
    assert_eq!(desk.path(), first);
    desk.keys("N");
    assert!(desk.path().unwrap().starts_with(".snapshots"), "around the end: {:?}", desk.path());
    desk.keys("<esc>");
    assert_eq!(desk.model.focus, Pane::Detail);
    assert!(desk.model.detail.search.is_none());
    desk.keys("/nowhere<enter>");
    assert_eq!(said(&desk), "not found in this tab");
    for tab in ["2/peering<enter>", "5/hooks<enter>"] {
        desk.keys(tab);
        assert!(desk.rows()[22].contains("match 1 of"), "{tab}: {}", desk.rows()[22]);
    }
}

#[test]
fn copying() {
    let table = [
        ("1@ipv4_max<enter>yy", "value", "840"),
        ("1@ipv4_max<enter>yv", "value", "840"),
        ("1@ipv4_max<enter>yk", "key", "ipv4_max_prefixes"),
        ("1@ipv4_max<enter>yp", "path", ".data.ipv4_max_prefixes"),
        ("1@ipv4_max<enter>yj", "jinja", "{{ data.ipv4_max_prefixes }}"),
        ("1@ipv4_max<enter>y/", "pointer", "/data/ipv4_max_prefixes"),
        ("1@ipv4_max<enter>yn", "node", "840"),
        ("yi", "id", "#17"),
        ("yu", "url", "http://127.0.0.1:9000/hooks/pm"),
        ("ya", "answer", "OK\n"),
        ("2jyy", "value", "PeeringManager/1.10"),
        ("2jyk", "key", "user-agent"),
    ];
    for (keys, what, text) in table {
        let mut desk = desk();
        let effects = desk.keys(keys);
        assert_eq!(copied(&effects), (format!("{what} of #17"), text.to_owned()), "{keys}");
        assert!(desk.model.overlay.is_none(), "{keys}");
    }
    let starts = [
        ("yy", "curl "),
        ("yc", "curl "),
        ("yb", "{\"event\":\"update\""),
        ("yf", "{\n"),
        ("yh", "host: 127.0.0.1:9000"),
        ("yr", "POST /hooks/pm HTTP/1.1\r\nhost: "),
        ("yo", "{\n  \"id\": 9,"),
    ];
    for (keys, start) in starts {
        let text = copied(&desk().keys(keys)).1;
        assert!(text.starts_with(start), "{keys}: {text}");
    }
    assert_eq!(names(&desk().keys("ys")), ["CopyExpected"]);
}

#[test]
fn any_other_key_cancels_the_copy_menu_and_is_not_acted_on() {
    for keys in ["yq", "y<esc>", "y?", "yG", "yz"] {
        let mut desk = desk();
        assert!(desk.keys(keys).is_empty(), "{keys}");
        assert!(desk.model.overlay.is_none() && !desk.model.folding, "{keys}");
    }
    let mut desk = desk();
    desk.keys("3");
    assert!(desk.keys("yp").is_empty());
    assert_eq!(said(&desk), "there is no path here");
}

#[test]
fn every_kind_of_copy_has_its_value_in_the_menu() {
    let mut desk = desk();
    desk.keys("1@ipv4_max<enter>y");
    let Some(Overlay::Copy(menu)) = &desk.model.overlay else { panic!("no menu") };
    let kinds: Vec<CopyKind> = menu.items.iter().map(|item| item.kind).collect();
    let all: Vec<CopyKind> = CopyKind::ALL.iter().copied().filter(|kind| *kind != CopyKind::Template).collect();
    assert_eq!(kinds, all, "a template is copied in the lab");
    assert!(menu.items.iter().all(|item| !item.preview.is_empty()));
}

#[test]
fn pin_delete_and_undo() {
    let mut desk = desk();
    assert!(matches!(desk.keys("k<space>")[..], [Effect::Pin(CaptureId(16), true)]));
    assert!(desk.model.list.row(CaptureId(16)).unwrap().pinned);
    assert!(matches!(desk.keys("<space>")[..], [Effect::Pin(CaptureId(16), false)]));
    assert!(matches!(desk.keys("<del>")[..], [Effect::Delete(CaptureId(16))]));
    assert_eq!((selected(&desk), desk.model.list.total()), (17, 16));
    assert_eq!(said(&desk), "#16 deleted; u brings it back");
    assert!(matches!(desk.keys("<del>")[..], [Effect::Delete(CaptureId(17))]));
    assert_eq!(selected(&desk), 15);
    desk.keys("uu");
    assert_eq!(desk.model.list.total(), 17);
    assert!(desk.keys("u").is_empty());
    assert_eq!(said(&desk), "nothing to undo");
    desk.keys("1");
    assert!(desk.keys("<del>").is_empty(), "only in the list");
}

#[test]
fn quitting() {
    assert_eq!(names(&desk().keys("q")), ["Quit"]);
    assert_eq!(names(&desk().keys("1q")), ["Quit"]);
    let mut desk = desk();
    desk.keys("r<enter><tab>");
    assert!(matches!(desk.model.overlay, Some(Overlay::Attempts(_))));
    desk.keys("q");
    for keys in ["q", "kq"] {
        assert!(desk.keys(keys).is_empty(), "a resend is running");
    }
    assert_eq!(said(&desk), "a resend is running; q again stops it and quits");
    assert_eq!(names(&desk.keys("q")), ["Quit"]);
    for sheet in ["?q", "r<tab>q", "1j<enter>q"] {
        let mut desk = self::desk();
        let effects = desk.keys(sheet);
        assert!(!names(&effects).contains(&"Quit".to_owned()), "{sheet}");
        assert!(desk.model.overlay.is_none(), "{sheet}");
    }
    for keys in ["<esc><esc><esc>", "1<esc><esc><esc>", "/x<esc><esc>"] {
        assert!(!names(&self::desk().keys(keys)).contains(&"Quit".to_owned()), "{keys}");
    }
    for size in [(1, 1), (0, 0), (10, 3)] {
        assert_eq!(names(&morning(size).keys("q")), ["Quit"], "{size:?}");
        assert_eq!(names(&morning(size).keys("<ctrl-c>")), ["Quit"], "{size:?}");
    }
}

#[test]
fn the_palette_finds_and_runs() {
    let mut desk = desk();
    desk.keys("1@ipv4_max<enter>");
    assert_eq!(copied(&desk.keys(":json path<enter>")).1, ".data.ipv4_max_prefixes");
    assert!(desk.model.overlay.is_none());
    desk.keys(":<down><down><up>");
    assert!(desk.keys("zzzz<enter>").is_empty());
    desk.keys("<ctrl-p>follow");
    assert!(matches!(desk.model.overlay, Some(Overlay::Palette(_))));
    desk.keys("<esc>");
    assert!(desk.model.overlay.is_none());
}

#[test]
fn help_is_searched_and_runs_the_key_under_the_cursor() {
    let mut desk = desk();
    desk.keys("?/mouse<enter>");
    assert!(desk.text().contains("mouse reports on or off") && !desk.text().contains("one line down"));
    let effects = desk.keys("j<enter>");
    assert!(matches!(effects[..], [Effect::Mouse(false)]), "{effects:?}");
    desk.keys("?/q");
    assert!(matches!(desk.model.overlay, Some(Overlay::Help(_))), "q is text here");
    desk.keys("<esc>");
    assert!(matches!(desk.model.overlay, Some(Overlay::Help(_))), "esc ends the search first");
    desk.keys("<esc>");
    assert!(desk.model.overlay.is_none());
}

#[test]
fn going_to_numbers_in_the_detail() {
    let mut desk = desk();
    desk.keys("1#7<enter>");
    assert_eq!(desk.path().as_deref(), Some(".data"));
    desk.keys("5v#0x20<enter>");
    assert!(desk.rows()[22].contains("offset 0x20 = 32"), "{}", desk.rows()[22]);
    desk.keys("#x<enter>");
    assert!(said(&desk).starts_with("x is not a number"), "{}", said(&desk));
}
