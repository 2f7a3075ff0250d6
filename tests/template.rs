//! The template engine against what Python's Jinja2 answered: `tests/data/templates/record.py` recorded it.

#![expect(clippy::unwrap_used, reason = "a recording that cannot be read fails the test")]

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use hookview::template::{Dialect, Failure, Template, Value, value_from_json};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Case<'t> {
    id: String,
    dialect: Option<String>,
    template: String,
    #[serde(borrow)]
    context: Option<&'t RawValue>,
    expect: Expected,
}

#[derive(Deserialize, PartialEq, Debug)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Output(String),
    Error {
        #[serde(rename = "type")]
        kind: String,
        message: String,
        line: Option<usize>,
    },
}

fn data(name: &str) -> String {
    fs::read_to_string(Path::new("tests/data/templates").join(name)).unwrap()
}

fn context(case: &Case<'_>, shared: &str) -> Value {
    value_from_json(case.context.map_or(shared, RawValue::get).as_bytes()).unwrap()
}

fn answer(template: &str, context: &Value) -> Expected {
    answer_of(Dialect::Plain, template, context)
}

fn answer_of(dialect: Dialect, template: &str, context: &Value) -> Expected {
    let now = DateTime::<Utc>::UNIX_EPOCH;
    match Template::parse(template, dialect).and_then(|template| template.render(context, now)) {
        Ok(rendered) => {
            assert!(rendered.markers.is_empty(), "{:?}", rendered.markers);
            Expected::Output(rendered.text)
        }
        Err(Failure::Raised(raised)) => {
            Expected::Error { kind: raised.kind, message: raised.message, line: raised.line }
        }
        Err(refused) => panic!("{template}: {refused}"),
    }
}

fn check(file: &str) {
    let (cases, shared) = (data(file), data("context.json"));
    let cases: Vec<Case<'_>> = serde_json::from_str(&cases).unwrap();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let dialect = if case.dialect.is_some() { Dialect::PeeringManager } else { Dialect::Plain };
            let answer = answer_of(dialect, &case.template, &context(case, &shared));
            let differs = answer != case.expect;
            differs.then(|| format!("{}: {}\n  {answer:?}\n  {:?}", case.id, case.template, case.expect))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_jinja_prints_and_raises() {
    check("core.json");
}

#[test]
fn what_filters_and_methods_answer() {
    check("filters.json");
}

#[test]
fn what_peering_manager_dumps() {
    check("dumps.json");
}

#[test]
fn a_render_leaves_its_context_as_it_was() {
    let context = value_from_json(b"{\"l\": [1]}").unwrap();
    let template = "{% set _ = l.append(2) %}{{ l }}";
    assert_eq!(answer(template, &context), Expected::Output("[1, 2]".to_owned()));
    assert_eq!(answer("{{ l }}", &context), Expected::Output("[1]".to_owned()));
}

#[test]
fn limits_end_what_would_not_end() {
    let context = value_from_json(b"{}").unwrap();
    for template in [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'a' * 99999999 }}",
        "{{ 2 ** 9999999 }}",
        "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
    ] {
        let rendered = Template::parse(template, Dialect::Plain)
            .and_then(|template| template.render(&context, DateTime::<Utc>::UNIX_EPOCH));
        let refused = match &rendered {
            Ok(rendered) => !rendered.markers.is_empty(),
            Err(failure) => matches!(failure, Failure::Refused(_)),
        };
        assert!(refused, "{template}");
    }
}

#[test]
fn what_literals_decide_is_computed_beforehand_however_deep_a_list_nests() {
    let context = value_from_json(b"{}").unwrap();
    let (open, close) = ("[".repeat(60), "]".repeat(60));
    let template =
        format!("{{% set n = {open}{}{close}|length %}}{{{{ n }}}}{{{{ {{}}[1:2] }}}}.", "0,".repeat(40_000));
    assert_eq!(answer(&template, &context), Expected::Output("1.".to_owned()));
}

#[test]
fn nothing_nests_too_deep_for_the_stack() {
    let context = value_from_json(b"{}").unwrap();
    for (open, close) in [("(", ")"), ("[", "]"), ("{1:", "}"), ("-", ""), ("not ", ""), ("1+", ""), ("x|e|", "e")] {
        let template = format!("{{{{ {}1{} }}}}", open.repeat(3000), close.repeat(3000));
        drop(
            Template::parse(&template, Dialect::Plain).map(|template| template.render(&context, DateTime::UNIX_EPOCH)),
        );
    }
    let nested = "{% if 1 %}".repeat(3000);
    assert!(Template::parse(&nested, Dialect::Plain).is_err());
}

#[test]
fn names_without_a_value_are_noticed_and_left_out_elses_are_not() {
    let context = value_from_json(br#"{"tags": []}"#).unwrap();
    let source = "{{ a }}\n{{ tags[0] }}\n{{- ',' if tags }}";
    let template = Template::parse(source, Dialect::Plain).unwrap();
    let noticed = template.render(&context, DateTime::UNIX_EPOCH).unwrap().undefined;
    let noticed: Vec<_> = noticed.iter().map(|noticed| (noticed.name.as_str(), noticed.line)).collect();
    assert_eq!(noticed, [("a", 1), ("0", 2)]);
}
