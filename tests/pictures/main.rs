//! The pictures of the README are what the program draws.
//!
//! They are made from its own frames by `cargo test --test pictures -- --ignored`, and committed; the tests say when one
//! of them has gone stale.

#![expect(clippy::unwrap_used, reason = "a picture that cannot be drawn fails its test")]

mod desk;
mod stage;
mod svg;

use std::path::PathBuf;

use desk::RulesFile;
use stage::{Arrival, Secrets, Stage};

/// How to make the pictures anew.
const COMMAND: &str = "cargo test --test pictures -- --ignored";

/// The secrets that most pictures' hookview checks with.
const SECRETS: Secrets<'static> =
    &[("pm", "p"), ("netbox", "n"), ("github", "g"), ("slack", "s"), ("stripe", "whsec_s")];
/// A morning's captures, the last of which has what one looks at: a real change.
const MORNING: &[Arrival] = &[
    Arrival { sample: "catalyst-center", secret: None, after: 0, edits: &[] },
    Arrival { sample: "peering-manager-create", secret: Some("p"), after: 41, edits: &[] },
    Arrival { sample: "netbox-created", secret: Some("n"), after: 97, edits: &[] },
    Arrival { sample: "github-push", secret: Some("g"), after: 134, edits: &[] },
    Arrival { sample: "slack", secret: Some("s"), after: 140, edits: &[] },
    Arrival { sample: "peering-manager-create", secret: Some("p"), after: 212, edits: &TRANSIT },
    Arrival { sample: "peering-manager-update", secret: Some("old"), after: 251, edits: &TRANSIT },
    Arrival { sample: "peering-manager-update", secret: Some("old"), after: 263, edits: &TRANSIT },
    Arrival { sample: "stripe", secret: Some("whsec_s"), after: 288, edits: &[] },
    Arrival { sample: "peering-manager-update", secret: Some("p"), after: 301, edits: &TRANSIT },
    Arrival { sample: "netbox-created", secret: Some("n"), after: 340, edits: &[("Z\\u00fcrich 1", "Gen\\u00e8ve 2")] },
    Arrival { sample: "peering-manager-update", secret: Some("p"), after: 373, edits: &[] },
];
/// Another network than the sample's.
const TRANSIT: [(&str, &str); 4] = [
    ("R\\u00e9seau d'exemple", "Example Transit"),
    ("64500", "64511"),
    ("\"id\": 42", "\"id\": 57"),
    ("systems/42/", "systems/57/"),
];
/// Two changes of one network, the second with more in it.
const CHANGES: &[Arrival] = &[
    Arrival { sample: "peering-manager-update", secret: Some("p"), after: 0, edits: &[] },
    Arrival {
        sample: "peering-manager-update",
        secret: Some("p"),
        after: 62,
        edits: &[
            ("9a7e44c1", "b1d05e7f"),
            ("\"ipv4_max_prefixes\": 840", "\"ipv4_max_prefixes\": 1200"),
            ("\"ipv4_max_prefixes\": 800", "\"ipv4_max_prefixes\": 840"),
            ("AS64500:AS-EXAMPLE", "AS64500:AS64501:AS-EXAMPLE"),
            ("\"description\": \"\"", "\"description\": \"Second exchange since October\""),
            ("\"as_list\": [64500, 64501, 64502]", "\"as_list\": [64500, 64501, 64503]"),
            ("\"tags\": [{", "\"tags\": [{\"id\": 7, \"name\": \"Gold\", \"slug\": \"gold\"}, {"),
        ],
    },
];
/// What a template is tried on: the life of one network, and two changes of another.
const LIFE: &[Arrival] = &[
    Arrival { sample: "peering-manager-create", secret: Some("p"), after: 0, edits: &[] },
    Arrival { sample: "peering-manager-update", secret: Some("p"), after: 41, edits: &TRANSIT },
    Arrival { sample: "peering-manager-delete", secret: Some("p"), after: 97, edits: &TRANSIT },
    Arrival { sample: "peering-manager-update", secret: Some("p"), after: 134, edits: &[("840", "820")] },
    Arrival { sample: "peering-manager-update", secret: Some("p"), after: 152, edits: &[("800", "820")] },
];
/// A message to Slack that forgets about deletes.
const TEMPLATE: &str = r#"{
  "text": {{ ("AS" ~ data.asn ~ " " ~ event ~ "d by "
              ~ username) | tojson }},
  "attachments": [
  {%- for field, new in snapshots.postchange.items()
        if snapshots.prechange[field] != new
        and field != "updated" %}
    {%- if not loop.first %},{% endif %}
    {"text": {{ (field ~ ": "
                 ~ snapshots.prechange[field]
                 ~ ", now " ~ new) | tojson }}}
  {%- endfor %}
  ]
}
"#;
/// Who is answered otherwise than with 200.
const RULES: &str = r#"
[[rule]]
name = "first-2-503"
when = { path = "/hooks/peering-manager", first = 2 }
answer = { status = 503, headers = { Retry-After = 1 }, json = { error = "busy" } }

[[rule]]
name = "signed-only"
when = { sender = "Peering Manager" }
limits = { require_valid_signature = true }

[[rule]]
name = "slow"
when = { sender = "NetBox" }
answer = { delay = "2s" }

[[rule]]
name = "created"
when = { method = "POST", path = "/api/{model}" }
answer = { status = 201, template = '{"model": {{ request.parts.model | tojson }}}' }
"#;

/// One picture: file name, what it shows, the frame.
fn pictures() -> Vec<(&'static str, &'static str, ratatui::buffer::Buffer)> {
    let path = "/hooks/peering-manager";
    vec![
        (
            "captures.svg",
            "The list of captures beside the JSON body of the selected one",
            Stage::new((120, 35), SECRETS, MORNING).frame(),
        ),
        (
            "signature.svg",
            "The signature tab of a capture whose signature does not match",
            Stage::new((80, 24), &SECRETS[..2], &MORNING[5..8]).press("3").frame(),
        ),
        (
            "resend.svg",
            "The resend sheet: where to, how signed, how often, and what will differ",
            Stage::new((80, 24), SECRETS, MORNING)
                .sent_before(path, "http://192.168.7.20:8080/hooks/pm")
                .press("r")
                .frame(),
        ),
        ("empty.svg", "The first screen, waiting for a request", Stage::new((80, 24), &[], &[]).frame()),
        (
            "wide.svg",
            "A wide terminal: list, body, and a third column with signature, headers and answer",
            Stage::new((200, 50), SECRETS, MORNING).frame(),
        ),
        (
            "answers.svg",
            "The answers: rules with their hits, and what the one with the cursor makes of the selected capture",
            Stage::answering((100, 24), SECRETS, Some(RulesFile::new(RULES)), &MORNING[..8]).press("a j").frame(),
        ),
        (
            "lab.svg",
            "The template lab: a template, its output for a capture, and how it does on all captures",
            Stage::new((120, 28), SECRETS, LIFE).with_template(TEMPLATE).press("t s l a c k . j 2 enter").frame(),
        ),
        (
            "diff.svg",
            "The diff tab: what differs between two changes of the same network",
            Stage::new((120, 24), SECRETS, CHANGES).press("6").frame(),
        ),
    ]
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/pictures").join(name)
}

#[test]
fn the_committed_pictures_are_what_the_program_draws() {
    for (name, title, frame) in pictures() {
        let committed = std::fs::read_to_string(file(name)).unwrap_or_default();
        let same = committed == svg::picture(&frame, title);
        assert!(same, "assets/pictures/{name} is not what the program draws now; make it anew: {COMMAND}");
    }
}

#[test]
#[ignore = "writes assets/pictures"]
fn draw_the_pictures_anew() {
    for (name, title, frame) in pictures() {
        std::fs::write(file(name), svg::picture(&frame, title)).unwrap();
    }
}
