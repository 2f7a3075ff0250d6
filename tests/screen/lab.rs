//! The lab: a template on the screen, tried on what came in the morning.

use hookview::app::sheet::{Grade, LabAsk, LabNews, LabRow, Overlay};
use hookview::app::{EditTarget, Effect, Msg};
use hookview::capture::{CaptureId, Signing};
use hookview::lab::{Sample, Trial, dialect_of};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::desk::{Desk, at};
use super::office::{SECRET, autonomous_system, peering_manager};

const TEMPLATE: &str = r#"{"text": "AS{{ data.asn }} {{ event }}d by {{ username }}:
{%- for k, new in snapshots.postchange.items()
      if snapshots.prechange[k] != new %}
{{- " " ~ k ~ " " ~ snapshots.prechange[k] ~ " -> " ~ new }}
{%- endfor %}"}
"#;

fn event(event: &str, prechange: Value, postchange: Value) -> Value {
    json!({
        "event": event, "timestamp": "2026-10-07 12:21:33.000000+00:00", "model": "contact", "username": "theo",
        "request_id": "5b2c0c1e-7e52-4f0e-8a2a-1d5c77a0f0f2", "data": {"id": 4, "asn": 1, "display": "NOC"},
        "snapshots": {"prechange": prechange, "postchange": postchange}
    })
}

/// Three updates, a create, a delete.
fn desk(size: (u16, u16)) -> Desk {
    let mut desk = Desk::new(size, &[SECRET]);
    let bodies = [
        autonomous_system(820),
        event("create", Value::Null, json!({"name": "NOC", "asn": 1})),
        event("delete", json!({"name": "NOC"}), Value::Null),
        autonomous_system(840),
    ];
    let stored = bodies.iter().map(|body| desk.store(peering_manager(&desk, body, true), at("12:30:02")));
    let captures: Vec<_> = stored.collect();
    desk.arrive(&captures);
    desk
}

fn trial(desk: &Desk, template: &str, id: CaptureId) -> Trial {
    let capture = desk.service.store.get(id).unwrap().unwrap();
    let label = id.to_string();
    let sample = Sample { json: &capture.request.body.bytes, label: &label, content_type: None, now: at("12:00:00") };
    Trial::of(template, dialect_of(capture.identity.sender.as_deref()), &sample)
}

/// What the loop finds out when the template is saved.
fn saved(desk: &mut Desk, template: &str, clock: &str) {
    desk.tell(Msg::Lab(Box::new(LabNews::Read(Ok(template.to_owned()), at(clock)))));
    let rows: Vec<LabRow> = (1..=4)
        .map(|id| {
            let trial = trial(desk, template, CaptureId(id));
            let size = trial.result.as_ref().map_or(0, |output| output.text.len());
            LabRow { id: CaptureId(id), grade: Grade::of(&trial), size, words: trial.words() }
        })
        .collect();
    shown(desk, template);
    desk.tell(Msg::Lab(Box::new(LabNews::Tried(rows, 0))));
    desk.draw();
}

fn shown(desk: &mut Desk, template: &str) {
    let id = desk.model.list.selected().unwrap();
    let trial = trial(desk, template, id);
    desk.tell(Msg::Lab(Box::new(LabNews::Shown(id, Some(Box::new(trial)), 400))));
    desk.draw();
}

fn open(size: (u16, u16)) -> Desk {
    let mut desk = desk(size);
    desk.keys("tslack.j2<enter>");
    saved(&mut desk, TEMPLATE, "12:33:10");
    desk
}

/// The asks among effects.
fn asks(effects: &[Effect]) -> Vec<LabAsk> {
    let ask = |effect: &Effect| if let Effect::Lab(ask) = effect { Some(ask.clone()) } else { None };
    effects.iter().filter_map(ask).collect()
}

#[test]
fn a_template_that_works() {
    for (width, height) in [(80, 24), (120, 35)] {
        let desk = open((width, height));
        assert_snapshot!(format!("lab_{width}x{height}"), desk.text());
    }
}

#[test]
fn a_template_that_fails_says_why_and_keeps_the_last_good_output() {
    for (width, height) in [(80, 24), (120, 35)] {
        let mut desk = open((width, height));
        let asked = desk.keys("n");
        assert_eq!(asks(&asked), [LabAsk::Show(CaptureId(3))], "the failed one comes first");
        shown(&mut desk, TEMPLATE);
        assert_snapshot!(format!("lab_failed_{width}x{height}"), desk.text());
        let edit = desk.keys("e");
        assert!(matches!(&edit[..], [Effect::Edit(EditTarget::Template(file, 2), _)] if file.ends_with("slack.j2")));
        assert_eq!(asks(&desk.keys("n")), [LabAsk::Show(CaptureId(2))], "then the odd one");
    }
}

#[test]
fn what_the_last_save_changed_is_marked() {
    let mut desk = open((80, 24));
    assert!(!desk.text().contains("  ~ {"), "{}", desk.text());
    saved(&mut desk, &TEMPLATE.replace("d by", "d for"), "12:33:20");
    assert!(
        desk.text().contains("  ~ {\"text\": \"AS64512 updated for theo: ipv4_max_prefixes 820 -> 840\"}"),
        "{}",
        desk.text()
    );
    assert!(desk.text().contains("saved 12:33:20, watching"), "{}", desk.text());
}

#[test]
fn the_file_is_asked_for_once() {
    let mut desk = desk((80, 24));
    let asked = desk.keys("tslack.j2<enter>");
    assert_eq!(asks(&asked), [LabAsk::Open("slack.j2".into()), LabAsk::Show(CaptureId(4))]);
    desk.keys("q");
    assert!(desk.model.lab().is_none());
    assert_eq!(asks(&desk.keys("t")), [LabAsk::Open("slack.j2".into()), LabAsk::Show(CaptureId(4))]);
    assert!(desk.model.state().contains("slack.j2"), "it is there again at the next start");
    desk.keys("t<ctrl-u>other.j2<enter>");
    assert!(desk.text().contains("Template other.j2"), "{}", desk.text());
}

#[test]
fn arrivals_are_tried_too_and_move_nothing() {
    let mut desk = open((80, 24));
    let body = autonomous_system(900);
    let capture = desk.store(peering_manager(&desk, &body, true), at("12:34:00"));
    let asked = desk.tell(Msg::Arrived(vec![capture.summary()]));
    assert_eq!(asks(&asked), [LabAsk::More(vec![CaptureId(5)])]);
    assert_eq!(desk.model.list.selected(), Some(CaptureId(4)));
    desk.keys("q");
    assert!(asks(&desk.tell(Msg::Arrived(vec![]))).is_empty());
}

#[test]
fn the_output_is_copied_and_sent_to_the_byte() {
    let mut desk = open((80, 24));
    let copied = desk.keys("y");
    let [Effect::Copy(clip)] = &copied[..] else { panic!("{copied:?}") };
    let output = r#"{"text": "AS64512 updated by theo: ipv4_max_prefixes 820 -> 840"}"#;
    assert_eq!(clip.bytes, output);
    let copied = desk.keys("<tab>y");
    let [Effect::Copy(clip)] = &copied[..] else { panic!("{copied:?}") };
    assert_eq!((clip.bytes.as_ref(), clip.file_name.as_str()), (TEMPLATE.as_bytes(), "slack.j2"));
    desk.keys("r");
    let Some(Overlay::Resend(sheet)) = &desk.model.overlay else { panic!("the resend sheet") };
    let plan = sheet.plan().unwrap();
    assert_eq!((plan.body.as_deref(), plan.signing), (Some(output.as_bytes()), Signing::With(SECRET.0.to_owned())));
}

#[test]
fn a_template_that_cannot_be_read_is_said() {
    let mut desk = desk((80, 24));
    desk.keys("tmissing.j2<enter>");
    let reason = "cannot read missing.j2: no such file".to_owned();
    desk.tell(Msg::Lab(Box::new(LabNews::Read(Err(reason), at("12:33:10")))));
    desk.draw();
    assert!(desk.text().contains("✗ cannot read missing.j2"), "{}", desk.text());
    desk.keys("q");
    let mut empty = Desk::new((80, 24), &[]);
    assert!(empty.keys("t").is_empty());
    assert!(empty.text().contains("a template is tried on captures"), "{}", empty.text());
}
