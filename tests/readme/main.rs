//! What the README says is so: its commands run, its tables are those of the program, its JSON is what is printed.
//!
//! The generated parts are written by `cargo test --test readme -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a README that cannot be read fails its test")]

mod commands;
mod page;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;

use commands::{Kind, Machine, kind};
use hookview::capture::{Capture, Deeds, Outcome, ProblemKind};
use hookview::config::{Overrides, Paths, StoreChoice, Surroundings, load};
use hookview::export::{from_json, json};
use hookview::lab::Webhook;
use hookview::rules::Rules;
use hookview::signature::Schemes;
use page::{Page, first_cells};
use serde_json::Value;

/// How to write the generated parts anew.
const COMMAND: &str = "cargo test --test readme -- --ignored";

/// The names of the generated parts and what belongs there.
fn generated() -> [(&'static str, String); 3] {
    [("keys", tables::keys()), ("handshakes", tables::handshakes()), ("schemes", tables::schemes())]
}

#[test]
fn the_tables_are_those_of_the_program() {
    for (name, text) in generated() {
        assert!(Page::read().generated(name) == text, "the {name} in README.md are out of date: {COMMAND}");
    }
}

#[test]
#[ignore = "writes README.md"]
fn write_the_tables_anew() {
    let page = generated().iter().fold(Page::read(), |page, (name, text)| page.with(name, text));
    std::fs::write(Page::path(), page.text()).unwrap();
}

#[test]
fn two_commands_set_up_and_start_and_one_tests() {
    let page = Page::read();
    assert_eq!(page.blocks("sh")[0], "cargo install --locked --path .\nhookview --port 9000");
    assert_eq!(page.section("## Tests").matches("```sh\ncargo test\n```").count(), 1);
}

#[test]
fn every_command_works() {
    let page = Page::read();
    let machine = Machine::start("the secret of the webhook");
    let mut seen = [Kind::Cargo, Kind::Receives, Kind::Ends].map(|kind| (kind, 0));
    for command in page.commands() {
        match kind(command) {
            Kind::Cargo => {}
            Kind::Receives => machine.receive(command),
            Kind::Ends if ["curl", "jq"].iter().any(|tool| command.contains(tool) && !is_here(tool)) => {}
            Kind::Ends => _ = machine.run(command),
        }
        seen.iter_mut().filter(|(of, _)| *of == kind(command)).for_each(|(_, count)| *count += 1);
    }
    assert!(seen.iter().all(|(_, count)| *count > 2), "{seen:?}");
}

/// Whether a program that the README uses besides is installed.
fn is_here(tool: &str) -> bool {
    std::process::Command::new(tool).arg("--version").output().is_ok()
}

#[test]
fn every_piece_of_configuration_is_taken() {
    let page = Page::read();
    let begins = |start: &'static str| move |text: &&str| text.starts_with(start);
    let (schemes, others): (Vec<_>, Vec<_>) = page.blocks("toml").into_iter().partition(begins("[[scheme]]"));
    let (webhooks, others): (Vec<_>, Vec<_>) = others.into_iter().partition(begins("# change.toml"));
    assert_eq!(
        webhooks.into_iter().map(|text| Webhook::parse(text).unwrap().body_file.is_some()).collect::<Vec<_>>(),
        [true]
    );
    let (rules, settings): (Vec<_>, Vec<_>) = others.into_iter().partition(begins("[[rule]]"));
    let schema = |_: &Path, _: Option<&Path>| Ok("{}".to_owned());
    let parsed = rules.into_iter().map(|text| Rules::parse(text, Path::new("hookview.toml"), &schema).unwrap());
    assert_eq!(parsed.map(|rules| rules.iter().count()).collect::<Vec<_>>(), [3]);
    assert_eq!(schemes.into_iter().map(|text| Schemes::parse(text).unwrap().iter().len()).collect::<Vec<_>>(), [1]);
    for text in settings {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let flags = Overrides {
            config: Some(file.path().to_owned()),
            store: Some(StoreChoice::Memory),
            ..Overrides::default()
        };
        let around = Surroundings { paths: &Paths::default(), env: &|_| None, terminal: true };
        load(&around, &flags).unwrap();
    }
}

#[test]
fn lines_are_as_shown() {
    let page = Page::read();
    let shown = page.blocks("text")[0].lines().nth(1).unwrap();
    let machine = Machine::start("p");
    machine.run("hookview sample peering-manager-create --secret-file pm=pm.secret");
    let told = |line: &str| line.split_whitespace().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(told(shown), told(&machine.run("hookview list")));
}

#[test]
fn every_field_of_the_json_is_documented_in_order() {
    let page = Page::read();
    let machine = Machine::start("p");
    machine.run("hookview sample stripe --secret-file pm=pm.secret");
    let printed: Value = serde_json::from_str(&machine.run("hookview list --json")).unwrap();
    let sample: Value = serde_json::from_str(page.blocks("json")[0]).unwrap();
    assert_eq!(keys(&printed), keys(&sample));
    let documented: BTreeSet<String> =
        first_cells(page.section("## Without a screen")).into_iter().map(str::to_owned).collect();
    assert_eq!(documented, paths(&sample));
}

/// The fields of an object, in order.
fn keys(object: &Value) -> Vec<&String> {
    object.as_object().unwrap().keys().collect()
}

/// Where there is something to document: the leaves, and what can be null above them.
fn paths(object: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (name, value) in object.as_object().unwrap() {
        if !value.is_object() || ["problem", "answer"].contains(&name.as_str()) {
            paths.insert(name.clone());
        }
        if value.is_object() {
            paths.extend(self::paths(value).iter().map(|below| format!("{name}.{below}")));
        }
    }
    paths
}

#[test]
fn the_sample_object_is_a_capture() {
    let page = Page::read();
    let sample: Value = serde_json::from_str(page.blocks("json")[0]).unwrap();
    let (capture, session): (Capture, String) = from_json(sample.clone()).unwrap();
    assert_eq!(json(&capture, &[], &Deeds::default(), None, &session), sample);
}

#[test]
fn every_word_of_the_json_is_documented() {
    let page = Page::read();
    let section = page.section("## Without a screen");
    let verdicts = [Outcome::Valid, Outcome::Stale, Outcome::Invalid, Outcome::Missing, Outcome::NotChecked];
    let problems = [
        ProblemKind::HeadCut,
        ProblemKind::HeadStalled,
        ProblemKind::HeadTooLarge,
        ProblemKind::NotHttp,
        ProblemKind::BodyCut,
        ProblemKind::BodyStalled,
        ProblemKind::BodyTooLarge,
        ProblemKind::BadFraming,
        ProblemKind::TlsFailed,
    ];
    let words = verdicts.map(Outcome::as_str).into_iter().chain(problems.map(ProblemKind::as_str));
    words.for_each(|word| assert!(section.contains(&format!("`{word}`")), "{word}"));
}

#[test]
fn every_file_and_section_that_is_linked_is_there() {
    let page = Page::read();
    let targets = page.text().split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let (sections, files): (Vec<&str>, Vec<&str>) =
        targets.filter(|target| !target.contains("://")).partition(|target| target.starts_with('#'));
    assert!(files.len() > 5);
    let headlines = page.text().lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
    let anchors: Vec<String> = headlines.map(|line| format!("#{}", line.to_lowercase().replace(' ', "-"))).collect();
    for section in sections {
        assert!(anchors.iter().any(|anchor| anchor == section), "{section}");
    }
    for file in files {
        assert!(Page::path().with_file_name(file).exists(), "{file}");
    }
}
