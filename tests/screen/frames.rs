//! What the screen shows, at the sizes and in the states that it was designed for; and what holds for every frame.

use hookview::app::{Listening, Msg, TimeFormat};
use hookview::capture::{AttemptOutcome, CaptureId, Problem, ProblemKind};
use hookview::ui::Theme;
use insta::assert_snapshot;

use super::desk::{ADDRESS, Desk, at, request};
use super::office::{SECRET, answered, attempt, autonomous_system, github, morning, peering_manager, three_more};

fn after(size: (u16, u16), keys: &str) -> Desk {
    let mut desk = morning(size);
    desk.keys(keys);
    desk
}

#[test]
fn empty() {
    for (width, height) in [(80, 24), (120, 35), (200, 50), (50, 20), (40, 12)] {
        assert_snapshot!(format!("empty_{width}x{height}"), Desk::new((width, height), &[]).text());
    }
    assert_snapshot!("empty_with_a_secret", Desk::new((80, 24), &[SECRET]).text());
}

#[test]
fn the_port_is_taken() {
    let mut desk = Desk::new((80, 24), &[SECRET]);
    desk.tell(Msg::Listening(Listening::Busy {
        address: ADDRESS.parse().unwrap(),
        holder: Some("python3 manage.py webhook_receiver, pid 4321".to_owned()),
        free: Some(9001),
        reason: "127.0.0.1:9000 is already in use".to_owned(),
    }));
    desk.draw();
    assert_snapshot!(desk.text());
}

#[test]
fn list_and_body() {
    for (width, height) in [(80, 24), (120, 35), (200, 50), (50, 20), (40, 12), (24, 5), (10, 3)] {
        assert_snapshot!(format!("main_{width}x{height}"), morning((width, height)).text());
    }
    assert_snapshot!("main_looks", morning((80, 24)).looks());
    assert_snapshot!("main_alone", after((50, 20), "1zM@postchange<enter>ljj").text());
}

#[test]
fn ascii() {
    let mut desk = morning((80, 24));
    desk.model.ascii = true;
    desk.draw();
    assert_snapshot!(desk.text());
    let foreign = |char: &char| !char.is_ascii();
    assert_eq!(desk.text().chars().find(foreign), None);
}

#[test]
fn body_with_the_cursor_while_three_arrive() {
    let mut desk = after((80, 24), "1zM@postchange<enter>ljj");
    three_more(&mut desk);
    assert_snapshot!("body_paused", desk.text());
    assert_snapshot!("body_paused_looks", desk.looks());
    desk.keys("y");
    assert_snapshot!("copy_menu", desk.text());
}

#[test]
fn signature() {
    assert_snapshot!("signature_failed", after((80, 24), "3+").text());
    assert_snapshot!("signature_failed_revealed", after((80, 24), "3+x").text());
    assert_snapshot!("signature_verified", after((80, 24), "kkk3").text());
    assert_snapshot!("signature_unchecked", after((80, 24), "k3").text());
    assert_snapshot!("signature_missing", after((80, 24), "#12<enter>3").text());
}

/// A webhook of a sender whose secret is ours without its newline, arrived on a screen of this size.
fn near_miss(size: (u16, u16)) -> Desk {
    let request = peering_manager(&Desk::new(size, &[SECRET]), &autonomous_system(840), true);
    let mut desk = Desk::new(size, &[(SECRET.0, &format!("{}\n", SECRET.1))]);
    let capture = desk.store(request, at("12:31:04"));
    desk.arrive(&[capture]);
    desk
}

#[test]
fn the_cause_of_a_bad_signature() {
    for (width, height) in [(80, 24), (120, 35)] {
        let mut desk = near_miss((width, height));
        desk.keys("3+");
        assert_snapshot!(format!("signature_cause_{width}x{height}"), desk.text());
    }
    assert_snapshot!("signature_failed_120x35", after((120, 35), "3").text());
    assert_snapshot!("signature_unchecked_120x35", after((120, 35), "k3").text());
    assert!(near_miss((80, 24)).rows()[22].starts_with(" ✗ #1 your secret `pm-lab` ends with a newline; the"));
    let mut desk = near_miss((120, 35));
    desk.keys("3x");
    assert!(!desk.text().contains(SECRET.1));
}

/// The Signature tab of a request with these headers, where the secret is `hunter2-hunter2`.
fn signature_tab(headers: &[(&str, &str)], keys: &str) -> Desk {
    let mut desk = Desk::new((80, 24), &[("ours", "hunter2-hunter2")]);
    let capture = desk.store(request("POST", "/hook", headers, "{}"), at("12:31:04"));
    desk.arrive(&[capture]);
    desk.keys("3+");
    desk.keys(keys);
    desk
}

#[test]
fn a_signature_that_is_the_secret_itself_is_shown_when_asked_for() {
    for token in ["hunter2-hunter2", "another-secret"] {
        let headers = [("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Token", token)];
        let text = signature_tab(&headers, "").text();
        assert!(!text.contains(token) && text.contains("hidden: x shows it"), "{text}");
        assert!(signature_tab(&headers, "x").text().contains(token));
    }
}

#[test]
fn what_is_wrong_besides_the_secret() {
    assert_snapshot!("signature_malformed", signature_tab(&[("X-Hub-Signature-256", "zzz")], "").text());
    let square = [("x-square-hmacsha256-signature", "8EYVEuuu8K5DUIOIfxSgXhupB63o2JYjf10X0BB03KQ=")];
    assert_snapshot!("signature_of_a_url", signature_tab(&square, "").text());
}

#[test]
fn a_taller_window_shows_the_first_lines_again() {
    let mut desk = after((80, 16), "3+jjjjjjjj");
    assert!(!desk.text().contains("Signature does not match"));
    desk.resize(80, 50);
    assert!(desk.text().contains("Signature does not match"), "{}", desk.text());
}

#[test]
fn headers_and_one_value() {
    let mut desk = morning((80, 24));
    let push = github(&desk);
    desk.wait(1000);
    desk.arrive(&[push]);
    desk.keys("2jjjjjjj");
    assert_snapshot!("headers", desk.text());
    desk.keys("<enter>");
    assert_snapshot!("value", desk.text());
}

#[test]
fn response_and_attempts() {
    let mut desk = morning((80, 24));
    let failed = AttemptOutcome::Failed("connection refused".to_owned());
    for (clock, outcome, took) in [
        ("12:31:40", answered(401, "Unauthorized", "text/html", "<h1>no</h1>"), 210_000),
        ("12:31:52", failed, 900),
        ("12:33:07", answered(200, "OK", "application/json", "{\"ok\": true}"), 34_000),
    ] {
        let attempt = attempt(CaptureId(17), clock, outcome, took);
        desk.block_on(desk.service.store.add_attempt(attempt.clone())).unwrap();
        desk.tell(Msg::Attempted(Box::new(attempt)));
    }
    desk.keys("4jjjjj");
    assert_snapshot!("response", desk.text());
}

#[test]
fn raw() {
    let mut desk = morning((80, 24));
    let bytes: Vec<u8> = b"PK\x03\x04".iter().copied().chain((0..2000u32).map(|n| (n * 37).to_le_bytes()[0])).collect();
    let zip = desk.store(request("PUT", "/upload", &[("content-type", "application/zip")], bytes), at("12:41:00"));
    desk.wait(1000);
    desk.arrive(&[zip]);
    desk.keys("5+jj");
    assert_snapshot!("raw_hex", desk.text());
    desk.keys("+KKv");
    assert_snapshot!("raw_text", desk.text());
}

#[test]
fn a_body_that_is_an_error_of_its_template() {
    let mut desk = morning((80, 24));
    let traceback = "Traceback (most recent call last):\n  File \"/opt/peering-manager/peering_manager/jinja2/__init__.py\", \
                     line 32, in render_jinja2\n    return jinja2_template.render(**context)\n           \
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  File \"<template>\", line 2, in top-level template code\n\
                     jinja2.exceptions.UndefinedError: 'None' has no attribute 'items'\n";
    let headers = [("user-agent", "PeeringManager/1.10"), ("content-type", "application/json")];
    let broken = desk.store(request("POST", "/hooks/pm", &headers, traceback), at("12:35:20"));
    desk.wait(1000);
    desk.arrive(&[broken]);
    desk.keys("1");
    assert_snapshot!(desk.text());
}

#[test]
fn filter_help_and_palette() {
    assert_snapshot!("filter", after((80, 24), "/autonomoussystem as64512").text());
    assert_snapshot!("filter_kept", after((80, 24), "/as64512<enter>").text());
    assert_snapshot!("help", after((80, 24), "?").text());
    assert_snapshot!("help_200x50", after((200, 50), "?").text());
    assert_snapshot!("palette", after((80, 24), ":copy j").text());
}

#[test]
fn resend() {
    let mut desk = after((80, 24), "r<ctrl-u>http://127.0.0.1:8080/in");
    assert_snapshot!("resend", desk.text());
    desk.keys("<tab><tab><tab><tab><backspace>3<enter>");
    for outcome in [
        answered(200, "OK", "application/json", "{\"ok\": true}"),
        answered(500, "Internal Server Error", "text/html", "<h1>KeyError</h1>\n<p>'data' at /in</p>\n"),
        AttemptOutcome::Failed("no answer within the time limit of 5 s".to_owned()),
    ] {
        desk.tell(Msg::Attempted(Box::new(attempt(CaptureId(17), "12:33:07", outcome, 34_000))));
    }
    desk.keys("<up>");
    assert_snapshot!("resend_result", desk.text());
    assert_snapshot!(
        "resend_public",
        after((80, 24), "r<ctrl-u>https://hooks.slack.com/services/T000/B000/XXXX").text()
    );
    assert_snapshot!("resend_40x12", after((40, 12), "r").text());
}

/// The keys that lead to the states in which every frame property is tried.
const STATES: [&str; 31] = [
    "",
    "1",
    "2",
    "3",
    "4",
    "5",
    "5v",
    "3+",
    "?",
    ":",
    "y",
    "1y",
    "r",
    "/as",
    "/zzz",
    "/as<enter>",
    "!",
    "T",
    "TT",
    "1/max<enter>",
    "2<enter>",
    "r<ctrl-u>https://example.com/",
    "r<enter>",
    "#",
    "@",
    "kkk",
    "m1x",
    "#12<enter>",
    "a",
    "A",
    "A<enter>",
];

#[test]
fn every_frame_says_the_way_out_and_cuts_no_number() {
    for keys in STATES {
        let mut desk = after((80, 24), keys);
        let step = if keys.is_empty() { 1 } else { 7 };
        for width in (40..=200).step_by(step) {
            let height = if width % 3 == 0 { 12 } else { 34 };
            desk.resize(width, height);
            check_hints(&desk, keys, width);
            check_counts(&desk, keys, width);
        }
    }
}

fn check_hints(desk: &Desk, keys: &str, width: u16) {
    let rows = desk.rows();
    let hint = rows.last().unwrap().trim_end();
    let ways = ["q quit", "q close", "esc cancel", "esc close"];
    assert!(ways.iter().any(|way| hint.ends_with(way)), "{keys:?} at {width}: {hint}");
    let menu = ["esc cancel", "q close"].iter().any(|way| hint.ends_with(way));
    assert!(menu || hint.contains("? help"), "{keys:?} at {width}: {hint}");
}

/// Numbers on the screen are the numbers of the model, or not there.
fn check_counts(desk: &Desk, keys: &str, width: u16) {
    let rows = desk.rows();
    let title = &rows[0];
    if title.contains("captures") {
        assert!(title.contains("17 captures"), "{keys:?} at {width}: {title}");
    }
    for sign in ["✗", "?"] {
        if let Some((before, _)) = title.split_once(&format!(" {sign}")) {
            let number = before.rsplit(' ').next().unwrap();
            let wanted = if sign == "✗" { "2" } else { "1" };
            assert!(number == wanted || number.starts_with('#'), "{keys:?} at {width}: {title}");
        }
    }
    assert!(!title.contains("http") || title.contains(&format!("{ADDRESS} ")), "{keys:?} at {width}: {title}");
    let visible = desk.visible();
    let list = &desk.model.list;
    let area = desk.model.panes().unwrap().list;
    if ["Help:", "[Answers]"].iter().any(|sheet| desk.text().contains(sheet)) {
        return;
    }
    for (offset, id) in visible.iter().enumerate() {
        let row: String = rows[usize::from(u16::try_from(area.y).unwrap()) + offset].chars().take(area.width).collect();
        let mut words = row.trim_start_matches(['>', '·', ' ', '*', '↻', '!']).split_whitespace();
        assert_eq!(words.next(), Some(id.0.to_string().as_str()), "{keys:?} at {width}: {row}");
        let summary = list.row(*id).unwrap();
        let whole =
            row.trim_end().ends_with(&summary.status.to_string()) || row.contains(&format!(" {}", summary.status));
        assert!(whole, "{keys:?} at {width}: {row}");
        if desk.model.time == TimeFormat::Clock {
            let clock = summary.received_at.format("%H:%M").to_string();
            assert!(row.contains(&clock), "{keys:?} at {width}: {row}");
        }
    }
}

#[test]
fn without_colours_the_text_is_the_same() {
    for keys in STATES {
        let mut desk = after((120, 35), keys);
        let coloured = desk.text();
        desk.theme = Theme::new(false);
        desk.draw();
        assert_eq!(desk.text(), coloured, "{keys:?}");
        let colours = desk.looks().chars().find(|look| "gRcm".contains(*look));
        assert_eq!(colours, None, "{keys:?}");
    }
}

#[test]
fn an_incomplete_request_says_so_first() {
    let mut desk = morning((80, 24));
    let request = peering_manager(&desk, &autonomous_system(840), true);
    let cut = desk.store_changed(request, at("12:50:00"), |capture| {
        let text = "the connection closed after 120 of 2319 body bytes".to_owned();
        capture.problem = Some(Problem { kind: ProblemKind::BodyCut, text });
        capture.answer = None;
    });
    desk.wait(1000);
    desk.arrive(&[cut]);
    assert_snapshot!(desk.text());
}
