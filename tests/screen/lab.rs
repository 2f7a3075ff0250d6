//! The lab: a template on the screen, tried on what came in the morning.

use std::path::Path;

use hookview::app::sheet::{LabAsk, LabNews, LabPane, LabRow, Overlay};
use hookview::app::{Area, EditTarget, Effect, MouseKind, Msg};
use hookview::capture::{CaptureId, Outcome, Signing};
use hookview::lab::{Definition, Files, Part, Sample, Tryout, dialect_of};
use hookview::signature::{Checker, Schemes, Secret};
use hookview::template::Dialect;
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

fn tryout(desk: &Desk, definition: &Definition, id: CaptureId) -> Tryout {
    let capture = desk.service.store.get(id).unwrap().unwrap();
    let label = id.to_string();
    let sample = Sample { json: &capture.request.body.bytes, label: &label, content_type: None, now: at("12:00:00") };
    Tryout::of(definition, dialect_of(capture.identity.sender.as_deref()), &sample)
}

/// What the loop finds out when the template is saved.
fn saved(desk: &mut Desk, template: &str, clock: &str) {
    read(desk, &Definition::of_body("slack.j2", template), clock);
}

fn read(desk: &mut Desk, definition: &Definition, clock: &str) {
    desk.tell(Msg::Lab(Box::new(LabNews::Read(Ok(Box::new(definition.clone())), at(clock)))));
    let row = |id| LabRow::of(CaptureId(id), &tryout(desk, definition, CaptureId(id)));
    let rows: Vec<LabRow> = (1..=4).map(row).collect();
    looked_at(desk, definition);
    desk.tell(Msg::Lab(Box::new(LabNews::Tried(rows, 0))));
    desk.draw();
}

fn shown(desk: &mut Desk, template: &str) {
    looked_at(desk, &Definition::of_body("slack.j2", template));
}

fn looked_at(desk: &mut Desk, definition: &Definition) {
    let id = desk.model.list.selected().unwrap();
    let tryout = tryout(desk, definition, id);
    desk.tell(Msg::Lab(Box::new(LabNews::Shown(id, Some(Box::new(tryout)), 400))));
    desk.draw();
}

/// A definition with files that it may name.
fn definition(files: &[(&str, &str)]) -> Definition {
    let mut text = |path: &Path| {
        files.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| (*text).to_owned()).ok_or("none")
    };
    Definition::read(&Files::parse(files[0].0, None), &mut text).unwrap()
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
    for (width, height) in [(80, 24), (120, 35), (200, 50)] {
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
    assert_eq!(asks(&asked), [LabAsk::Open(Files::parse("slack.j2", None)), LabAsk::Show(CaptureId(4))]);
    saved(&mut desk, TEMPLATE, "12:33:10");
    desk.keys("q");
    assert!(desk.model.lab().is_none());
    assert_eq!(asks(&desk.keys("t")), [LabAsk::Open(Files::parse("slack.j2", None)), LabAsk::Show(CaptureId(4))]);
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
    let copied = desk.keys("yy");
    let [Effect::Copy(clip)] = &copied[..] else { panic!("{copied:?}") };
    let output = r#"{"text": "AS64512 updated by theo: ipv4_max_prefixes 820 -> 840"}"#;
    assert_eq!(clip.bytes, output);
    let copied = desk.keys("yt");
    let [Effect::Copy(clip)] = &copied[..] else { panic!("{copied:?}") };
    assert_eq!((clip.bytes.as_ref(), clip.file_name.as_str()), (TEMPLATE.as_bytes(), "body.j2"));
    assert!(desk.model.lab_in_sight().is_some(), "the menu is gone again");
    desk.keys("r");
    let Some(Overlay::Resend(sheet)) = &desk.model.overlay else { panic!("the resend sheet") };
    let plan = sheet.plan().unwrap();
    assert_eq!(
        (plan.body.as_deref(), plan.signing.clone()),
        (Some(output.as_bytes()), Signing::With(SECRET.0.to_owned()))
    );
    let curl = desk.keys("<esc>yc");
    assert!(matches!(&curl[..], [Effect::CopyCurl(copied, false)] if *copied == plan), "{curl:?}");
}

#[test]
fn what_was_captured_without_a_signature_is_sent_signed() {
    let mut desk = Desk::new((80, 24), &[SECRET]);
    let mut request = peering_manager(&desk, &autonomous_system(820), true);
    request.headers.retain(|header| !header.is("X-Hook-Signature"));
    let capture = desk.store(request, at("12:30:02"));
    assert_eq!(capture.verdict.scheme, None, "it came unsigned");
    desk.arrive(&[capture]);
    desk.keys("tslack.j2<enter>");
    desk.tell(Msg::Lab(Box::new(LabNews::Read(
        Ok(Box::new(Definition::of_body("slack.j2", "{{ event }}"))),
        at("12:33:10"),
    ))));
    shown(&mut desk, "{{ event }}");
    desk.keys("r");
    let Some(Overlay::Resend(sheet)) = &desk.model.overlay else { panic!("the resend sheet") };
    let job = desk.service.prepare(&sheet.plan().unwrap()).unwrap();
    let expected =
        Checker::new(Schemes::builtin(), vec![Secret::new(SECRET.0, SECRET.1.as_bytes().to_vec())], None).unwrap();
    assert_eq!(
        expected.check(&job.outgoing.request, at("12:34:00")).outcome,
        Outcome::Valid,
        "{:?}",
        job.outgoing.request.headers
    );
    assert_eq!(job.outgoing.request.body.bytes, "update");
}

#[test]
fn help_palette_and_prompts_come_back_to_the_lab() {
    let mut desk = open((80, 24));
    for keys in ["?q", "?<esc>", ":<esc>", "t<esc>", "y<esc>", "r<esc>", "aq", "Cq<esc>"] {
        desk.keys(keys);
        assert!(matches!(desk.model.overlay, Some(Overlay::Lab(_))), "{keys}");
    }
    assert!(desk.text().contains("Template slack.j2"), "{}", desk.text());
    desk.keys(":zoom<enter>");
    assert!(desk.model.lab().unwrap().zoom, "what the palette runs is done in the lab");
    desk.keys("<esc>?/fill the screen<enter>");
    assert!(desk.text().contains("Help: template lab") && desk.text().contains("IN THE LAB"), "{}", desk.text());
    desk.keys("<enter>");
    assert!(desk.model.lab().unwrap().zoom, "what help runs, too");
    desk.keys("<esc>q");
    assert!(desk.model.lab().is_none());
}

#[test]
fn panes_take_turns_and_the_wheel_goes_by_the_pointer() {
    let mut desk = open((120, 35));
    let pane = |desk: &Desk| desk.model.lab().unwrap().pane;
    desk.keys("<tab>");
    assert_eq!(pane(&desk), LabPane::All);
    let asked = desk.keys("k");
    assert_eq!(asks(&asked), [LabAsk::Show(CaptureId(2))], "the odd one is above the good ones");
    desk.keys("<tab>+");
    assert_eq!(pane(&desk), LabPane::Context);
    assert!(!desk.text().contains("Template"), "{}", desk.text());
    desk.keys("<esc><tab>");
    assert_eq!(pane(&desk), LabPane::Template);
    let panes = desk.model.lab_panes().unwrap();
    let cell =
        |area: Area, x: usize, y: usize| (u16::try_from(area.x + x).unwrap(), u16::try_from(area.y + y).unwrap());
    let (x, y) = cell(panes.template, 0, 1);
    desk.mouse(MouseKind::WheelDown, x, y);
    assert_eq!(desk.model.lab().unwrap().top, [3, 0, 0]);
    let (x, y) = cell(panes.all, 3, 1);
    let asked = desk.mouse(MouseKind::Press, x, y);
    assert_eq!((pane(&desk), asks(&asked)), (LabPane::All, vec![LabAsk::Show(CaptureId(3))]));
}

#[test]
fn a_value_of_the_context_is_copied_as_an_expression() {
    let mut desk = open((120, 35));
    desk.keys("<tab><tab>j");
    assert_eq!(desk.path().as_deref(), Some(".event"), "{}", desk.text());
    let copied = desk.keys("yj");
    assert!(matches!(&copied[..], [Effect::Copy(clip)] if clip.bytes == "{{ event }}"), "{copied:?}");
    let context = desk.model.lab_panes().unwrap().context;
    let (x, y) = (u16::try_from(context.x + 6).unwrap(), u16::try_from(context.y + 4).unwrap());
    desk.mouse(MouseKind::Press, x, y);
    assert_eq!(desk.path().as_deref(), Some(".model"), "{}", desk.text());
    desk.mouse(MouseKind::Press, x, y);
    desk.keys("<esc>");
    assert!(desk.model.lab_in_sight().is_some(), "the value was opened above the lab");
    desk.keys("/username<enter>");
    assert!(desk.model.lab_in_sight().is_some(), "a search in the context stays in the lab");
    assert_eq!(desk.path().as_deref(), Some(".username"));
}

#[test]
fn a_whole_webhook_shows_all_its_templates_and_the_request() {
    let defined = definition(&[
        (
            "change.toml",
            "url = 'http://127.0.0.1:9/{{ event }}'\nheaders = \"X-Event: {{ event }}\\nX-By: {{ user.name }}\"\nbody_file = 'b.j2'\nsecret = 'pm'\nmethod = 'PUT'\n",
        ),
        ("b.j2", "{\"asn\": {{ data.asn }}}"),
    ]);
    let mut desk = desk((120, 35));
    desk.keys("tchange.toml<enter>");
    read(&mut desk, &defined, "12:33:10");
    assert_snapshot!("lab_whole_failed_120x35", desk.text());
    desk.keys("]]");
    assert_eq!(desk.model.lab().unwrap().part, Part::Headers);
    let edit = desk.keys("e");
    assert!(
        matches!(&edit[..], [Effect::Edit(EditTarget::Template(file, 3), _)] if file.ends_with("change.toml")),
        "{edit:?}"
    );
    let mended = definition(&[(
        "change.toml",
        "url = 'http://127.0.0.1:9/{{ event }}'\nheaders = 'X-Event: {{ event }}'\nmethod = 'PUT'\nbody = '{{ data.asn }}'",
    )]);
    read(&mut desk, &mended, "12:33:20");
    assert_snapshot!("lab_whole_120x35", desk.text());
    desk.resize(80, 24);
    desk.keys("]");
    assert!(desk.text().contains("(2 header lines: ] goes to them)"), "{}", desk.text());
    desk.resize(120, 35);
    desk.keys("r");
    let Some(Overlay::Resend(sheet)) = &desk.model.overlay else { panic!("the resend sheet") };
    let sent = desk.service.prepare(&sheet.plan().unwrap()).unwrap().outgoing.request;
    let wire = String::from_utf8(sent.wire_bytes().to_vec()).unwrap();
    assert!(wire.starts_with("PUT /update HTTP/1.1\r\nHost: 127.0.0.1:9\r\n"), "{wire}");
    assert!(wire.contains("\r\nX-Event: update\r\n") && wire.contains("\r\nX-Hook-Signature: "), "{wire}");
    assert!(wire.ends_with("\r\n\r\n64512"), "{wire}");
}

#[test]
fn systems_take_turns() {
    let mut desk = open((80, 24));
    assert_eq!(asks(&desk.keys("<space>")), [LabAsk::System(Some(Dialect::PeeringManager))]);
    assert_eq!(asks(&desk.keys("<space>")), [LabAsk::System(Some(Dialect::NetBox))]);
    assert!(desk.text().contains("as NetBox"), "{}", desk.text());
    desk.keys("<space><space>");
    assert_eq!(asks(&desk.keys("<space>")), [LabAsk::System(None)]);
}

#[test]
fn names_of_files_are_completed_and_the_last_ones_come_back() {
    let mut desk = open((80, 24));
    let typed = |desk: &Desk| match &desk.model.overlay {
        Some(Overlay::Prompt(prompt)) => prompt.field.text().to_owned(),
        other => panic!("{other:?}"),
    };
    let asked = desk.keys("t<ctrl-u>sl<tab>");
    assert!(matches!(&asked[..], [Effect::Complete(typed)] if typed == "sl"), "{asked:?}");
    desk.tell(Msg::Completed("sl".to_owned(), vec!["slack.j2".to_owned(), "slash/".to_owned()]));
    desk.draw();
    assert_eq!(typed(&desk), "sla");
    assert!(desk.text().contains(" slack.j2  slash/"), "{}", desk.text());
    let asked = desk.keys(" + u<tab>");
    assert!(matches!(&asked[..], [Effect::Complete(typed)] if typed == "u"), "{asked:?}");
    desk.tell(Msg::Completed("x".to_owned(), vec!["xyz".to_owned()]));
    assert_eq!(typed(&desk), "sla + u", "what was typed since is not touched");
    desk.keys("<up>");
    assert_eq!(typed(&desk), "slack.j2", "a file that could be read");
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
