//! The answers: the rules with what they make of the selected capture, temporary ones, and what the Response tab tells of
//! both afterwards.

use hookview::app::sheet::Overlay;
use hookview::app::{Answers, EditTarget, Effect, Foreseen, Level, Msg, Pane, RuleRow, RulesChange};
use hookview::capture::{
    Answer, Asker, Attempt, AttemptOutcome, Capture, CaptureId, Ending, EndingKind, Fault, Play, Retry, Run,
    RunOutcome, Sameness,
};
use hookview::rules::{Explained, Finding, Temporary, Until};
use hookview::ui::Theme;
use insta::assert_snapshot;

use super::desk::{Desk, at, request};
use super::keys::said;
use super::office::{SECRET, answered, attempt, autonomous_system, morning, peering_manager};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 35), (200, 50), (40, 12)];

fn rule(name: &str, when: &str, answer: &str, hits: u64) -> RuleRow {
    RuleRow {
        name: name.to_owned(),
        on: true,
        line: Some(hits as usize * 7 + 3),
        when: when.to_owned(),
        answer: answer.to_owned(),
        hits,
        first: None,
        since: at("12:10:02"),
    }
}

fn rules() -> Answers {
    let first = RuleRow { first: Some(2), ..rule("first-2-503", "path /hooks/pm, first 2", "503, retry-after: 1", 2) };
    let off = RuleRow { on: false, ..rule("only-put", "method PUT", "200 {\"ok\":true}", 0) };
    Answers {
        file: Some("hookview.toml".to_owned()),
        place: Some("hookview.toml".to_owned()),
        saved: Some(at("12:10:02")),
        rules: vec![
            rule("slow-500", "header x-test = fail", "500 after 2s", 3),
            first,
            off,
            rule("echo", "path /echo", "200 the body", 1),
        ],
        ..Answers::default()
    }
}

fn foreseen(findings: [Finding; 4]) -> Foreseen {
    let names = ["slow-500", "first-2-503", "only-put", "echo"];
    let explained = names.iter().zip(findings).map(|(name, finding)| Explained { rule: (*name).to_owned(), finding });
    Foreseen { findings: explained.collect(), judgement: hookview::sender::judge("Peering Manager", 503) }
}

fn second_answers() -> Foreseen {
    foreseen([
        Finding::Differs("there is no header x-test".to_owned()),
        Finding::Answers("503, retry-after: 1".to_owned()),
        Finding::Off,
        Finding::Differs("the path is /hooks/pm, not /echo".to_owned()),
    ])
}

/// A morning on which the rule `first-2-503` answered #9 and #10.
fn desk(size: (u16, u16)) -> Desk {
    let mut desk = morning(size);
    desk.rules = Some((rules(), second_answers()));
    for id in [9, 10] {
        let mut row = desk.model.list.row(CaptureId(id)).unwrap().clone();
        (row.status, row.rule) = (503, "first-2-503".into());
        desk.tell(Msg::Settled(Box::new(row)));
    }
    desk.tell(Msg::RulesRead(Level::Info, String::new()));
    desk.model.message = None;
    desk
}

fn temporary(until: Until, fault: Option<Fault>) -> Temporary {
    let play = Play { delay_ms: 0, fault };
    Temporary { answer: Answer { play, ..Answer::text(503, "Service Unavailable\n", "temporary") }, until }
}

#[test]
fn the_rules_and_the_one_with_the_cursor() {
    for (width, height) in SIZES {
        let mut desk = desk((width, height));
        desk.keys("aj");
        assert_snapshot!(format!("answers_{width}x{height}"), desk.text());
    }
    let mut desk = desk((40, 12));
    desk.keys("aj<pgdn>");
    assert!(desk.text().contains("#17     would get this") && desk.text().contains("> yes  first"), "{}", desk.text());
    desk.resize(80, 24);
    desk.keys("G");
    assert_snapshot!("answers_default", desk.text());
    desk.keys("kk");
    assert!(desk.text().contains("not looked at: the rule is off"), "{}", desk.text());
}

#[test]
fn in_ascii_and_without_colours() {
    let mut desk = desk((80, 24));
    desk.keys("aj");
    let coloured = desk.text();
    desk.theme = Theme::new(false);
    desk.draw();
    assert_eq!(desk.text(), coloured);
    assert!(!desk.looks().contains(['g', 'R', 'c', 'm']));
    desk.model.ascii = true;
    desk.draw();
    assert_eq!(desk.text().chars().find(|char| !char.is_ascii()), None);
}

#[test]
fn without_a_file_one_key_makes_one() {
    let mut desk = morning((80, 24));
    let place = Some("hookview.toml".to_owned());
    desk.rules = Some((Answers { place, ..Answers::default() }, Foreseen::default()));
    desk.keys("a");
    assert_snapshot!("answers_empty", desk.text());
    let effects = desk.keys("M");
    let [Effect::Edit(EditTarget::NewRule(Some(CaptureId(17))), _)] = &effects[..] else { panic!("{effects:?}") };
    desk.resize(40, 12);
    assert_snapshot!("answers_empty_40x12", desk.text());
    let mut desk = Desk::new((80, 24), &[]);
    desk.rules = Some((Answers::default(), Foreseen::default()));
    desk.keys("a");
    assert!(desk.text().contains("started with --rules none"), "{}", desk.text());
}

#[test]
fn a_refused_file_and_a_temporary_answer_are_said_first() {
    let mut desk = desk((80, 24));
    let refused = "hookview.toml:12: unknown key `wen`: did you mean `when`?; the old rules stay";
    let answers = Answers {
        refused: Some(refused.to_owned()),
        temporary: Some(temporary(Until::TakenBack, Some(Fault::Hang))),
        ..rules()
    };
    desk.rules = Some((answers, second_answers()));
    desk.keys("a");
    assert_snapshot!("answers_refused", desk.text());
}

#[test]
fn keys_act_on_the_rule_with_the_cursor() {
    let mut desk = desk((80, 24));
    desk.keys("aj");
    let one = |effects: Vec<Effect>| effects.into_iter().next().unwrap_or_else(|| panic!("nothing"));
    let Effect::Rules(change) = one(desk.keys("<space>")) else { panic!() };
    assert_eq!(change, RulesChange::Switch("first-2-503".to_owned(), false));
    let Effect::Rules(change) = one(desk.keys("j<space>")) else { panic!() };
    assert_eq!(change, RulesChange::Switch("only-put".to_owned(), true));
    let Effect::Rules(change) = one(desk.keys("ku")) else { panic!() };
    assert_eq!(change, RulesChange::Reset("first-2-503".to_owned()));
    let Effect::Edit(EditTarget::Rules(line), _) = one(desk.keys("e")) else { panic!() };
    assert_eq!(line, Some(17));
    assert!(desk.keys("G<space>u").is_empty(), "the default is always on");
    assert!(said(&desk).contains("cannot be switched off"), "{}", said(&desk));
    desk.keys("J");
    desk.keys("K");
    assert_eq!(desk.model.list.selected(), Some(CaptureId(16)));
    assert!(desk.text().contains(" #16 "), "{}", desk.text());
}

#[test]
fn enter_shows_the_captures_of_a_rule() {
    let mut desk = desk((80, 24));
    desk.keys("aj<enter>");
    assert_eq!(desk.visible(), [CaptureId(9), CaptureId(10)]);
    assert_eq!((desk.model.focus, desk.model.list.filter().text()), (Pane::List, "rule:first-2-503"));
    desk.keys("<esc>/rule:default gone<enter>");
    assert!(desk.visible().is_empty(), "both must hold");
}

#[test]
fn a_temporary_answer_stands_until_it_is_taken_back() {
    let mut desk = morning((80, 24));
    desk.keys("A");
    assert_snapshot!("temporary_form", desk.text());
    let effects = desk.keys("<ctrl-u>502<tab>2s<tab><space><space><space><tab><space><enter>");
    let [Effect::Rules(RulesChange::Temporary(Some(set)))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((set.answer.status, set.until), (502, Until::TakenBack));
    assert_eq!(set.answer.play, Play { delay_ms: 2000, fault: Some(Fault::Hang) });
    assert_eq!(desk.service.answers().temporary.as_ref(), Some(&**set));
    assert!(desk.rows()[0].contains("all: 502 after 2.00 s, hang"), "{}", desk.rows()[0]);
    let effects = desk.keys("A");
    assert!(matches!(&effects[..], [Effect::Rules(RulesChange::Temporary(None))]), "{effects:?}");
    assert_eq!(desk.service.answers().temporary, None);
    assert!(!desk.rows()[0].contains("all:"), "{}", desk.rows()[0]);
}

#[test]
fn a_temporary_answer_for_the_next_request_is_gone_with_it() {
    let mut desk = morning((80, 24));
    desk.keys("A<enter>");
    assert!(desk.rows()[0].contains("next: 503"), "{}", desk.rows()[0]);
    desk.service.change_rules(RulesChange::Temporary(None));
    let next = desk.store(request("POST", "/next", &[], "{}"), at("12:33:00"));
    desk.wait(1000);
    desk.arrive(&[next]);
    assert!(!desk.rows()[0].contains("next:"), "{}", desk.rows()[0]);
}

#[test]
fn a_form_that_says_nonsense_sets_nothing() {
    for (keys, part) in [("A<ctrl-u>99<enter>", "200 to 599"), ("A<tab>soon<enter>", "500ms or 2s")] {
        let mut desk = morning((80, 24));
        assert!(desk.keys(keys).is_empty(), "{keys}");
        assert!(said(&desk).contains(part), "{}", said(&desk));
        assert!(matches!(desk.model.overlay, Some(Overlay::Temporary(_))));
    }
}

/// A capture that arrives on a desk after something was done with it.
fn arrived(size: (u16, u16), change: impl FnOnce(&mut Capture)) -> Desk {
    let mut desk = morning(size);
    desk.rules = Some((rules(), second_answers()));
    let request = peering_manager(&desk, &autonomous_system(860), true);
    let capture = desk.store_changed(request, at("12:33:00"), change);
    desk.wait(1000);
    desk.arrive(&[capture]);
    desk
}

fn played(fault: Fault, kind: EndingKind) -> Answer {
    let ending = Some(Ending { kind, after_us: 31_200_000 });
    Answer { play: Play { delay_ms: 0, fault: Some(fault) }, ending, ..Answer::text(503, "busy\n", "first-2-503") }
}

#[test]
fn what_was_played_and_why_by_this_rule() {
    let mut desk = arrived((80, 24), |capture| {
        capture.answer = Some(played(Fault::Hang, EndingKind::GaveUp));
        let (of, by) = (CaptureId(14), Sameness::Bytes);
        capture.retry = Some(Retry { of, nth: 2, gap_us: 60_000_000, by });
    });
    desk.keys("4");
    assert_snapshot!("response_hung", desk.text());
    let mut desk = arrived((80, 24), |capture| {
        capture.answer = Some(Answer::text(302, "", "default"));
    });
    desk.keys("4+");
    assert_snapshot!("response_redirect", desk.text());
}

#[test]
fn what_was_done_besides() {
    let mut desk = arrived((80, 24), |capture| {
        capture.answer = Some(played(Fault::Drip { pause_ms: 50 }, EndingKind::Played));
    });
    let id = CaptureId(18);
    let run = Run {
        id: 0,
        capture: id,
        at: at("12:33:00"),
        rule: "notify".to_owned(),
        command: vec!["./notify.sh".to_owned(), "a b".to_owned()],
        outcome: RunOutcome::Exited(3),
        stdout: "one\n\x1b[31mtwo\nthree\n".into(),
        stdout_total: 20,
        stderr: "no such host\nfive\n".into(),
        stderr_total: 400,
        took_us: 34_000,
    };
    desk.block_on(desk.service.store.add_run(run)).unwrap();
    let tried = |nth: u32, outcome| Attempt {
        by: Asker::Forward { rule: "to-prod".to_owned(), nth },
        ..attempt(id, "12:33:01", outcome, 34_000)
    };
    for attempt in [
        tried(1, AttemptOutcome::Failed("connection refused".to_owned())),
        tried(2, answered(200, "OK", "application/json", "{\"ok\": true}")),
        attempt(id, "12:34:01", answered(500, "Oh", "text/plain", "no"), 9_000),
    ] {
        desk.block_on(desk.service.store.add_attempt(attempt)).unwrap();
    }
    let row = desk.model.list.row(id).unwrap().clone();
    desk.tell(Msg::Settled(Box::new(row)));
    desk.resize(100, 60);
    desk.keys("4+");
    assert_snapshot!("response_deeds", desk.text());
    desk.keys("/notify.sh<enter><enter>");
    let text = desk.text();
    assert!(text.contains("standard error, 400 B") && text.contains("382 B more were not kept"), "{text}");
}

/// Three tries of one delivery, the pauses growing.
fn retried(size: (u16, u16)) -> Desk {
    let mut desk = Desk::new(size, &[SECRET]);
    let mut captures = Vec::new();
    for (nth, clock, gap) in [(0, "12:30:00", 0), (1, "12:31:00", 60), (2, "12:36:00", 300)] {
        let request = peering_manager(&desk, &autonomous_system(820), true);
        captures.push(desk.store_changed(request, at(clock), |capture| {
            let retry = Retry { of: CaptureId(1), nth, gap_us: gap * 1_000_000, by: Sameness::DeliveryId };
            capture.retry = (nth > 0).then_some(retry);
            capture.answer = Some(Answer::text(503, "busy\n", "down"));
        }));
    }
    desk.arrive(&captures);
    desk
}

#[test]
fn retries_are_seen_in_the_list_and_as_a_schedule() {
    let desk = retried((80, 24));
    assert!(desk.rows()[3].contains("retry 2  update"), "{}", desk.rows()[3]);
    let mut desk = retried((200, 50));
    assert_snapshot!("retries_200x50", desk.text());
    desk.resize(110, 24);
    desk.keys("/is:retry<enter>");
    assert_eq!(desk.visible(), [CaptureId(2), CaptureId(3)]);
    let mut desk = retried((99, 40));
    desk.draw();
    assert!(desk.text().contains("retry 1 of #1, +60 s"), "{}", desk.text());
}
