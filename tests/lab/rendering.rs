//! What goes to stdout, what to stderr, and the exit code.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use super::{Bench, told};

const ON_UPDATE: [&str; 2] = ["--context", "update.json"];
const ON_DELETE: [&str; 4] = ["--context", "delete.json", "--dialect", "peering-manager"];

#[test]
fn stdout_has_the_text_to_the_byte() {
    let bench = Bench::new();
    for (template, expected) in [
        ("AS{{ data.asn }} {{ event }}d", "AS64512 updated"),
        ("\n  {{ data.asn }}  \n\n", "\n  64512  \n"),
        ("a\r\nb{{ '\\u00e9\\u001b' }}", "a\nb\u{e9}\u{1b}"),
    ] {
        let (code, out, err) = bench.render(template, &ON_UPDATE);
        assert_eq!((code, out.as_str(), err.as_str()), (0, expected, ""), "{template:?}");
    }
    bench.write("t.j2", "{{ data | tojson }}");
    let (code, out, _) = told(bench.run(&["render", "t.j2", "--context", "delete.json"], ""));
    assert_eq!((code, out.as_str()), (0, r#"{"asn": 1}"#));
}

#[test]
fn a_failure_leaves_stdout_empty_and_says_what_the_system_does() {
    let bench = Bench::new();
    let template = "{\"x\": 1,\n{% for k, v in snapshots.postchange.items() %}{% endfor %}}";
    let (code, out, err) = bench.render(template, &ON_DELETE);
    assert_eq!((code, out.as_str()), (1, ""));
    for part in [
        "stdin:2: error: jinja2.exceptions.UndefinedError: 'None' has no attribute 'items'",
        "snapshots.postchange is null here.",
        "It is a delete: nothing exists afterwards.",
        "{%- if snapshots.postchange %} ... {%- endif %}",
        "Peering Manager would send the Python traceback as the body",
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
    let (code, out, err) = bench.render("a\n{% if %}", &ON_DELETE);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        err.contains("Syntax error in template at line 2: Expected an expression, got 'end of statement block'"),
        "{err}"
    );
    let (code, out, err) = bench.render(template, &["--context", "delete.json", "--dialect", "netbox"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("NetBox would send nothing"), "{err}");
}

#[test]
fn what_cannot_be_had_is_marked_and_fails() {
    let bench = Bench::new();
    let (code, out, err) = bench.render("a {{ [1, 2] | random }} b", &ON_DELETE);
    assert!(code == 1 && out.starts_with("a \u{27ea}") && out.ends_with(" b"), "{out} {err}");
    assert!(err.contains("cannot preview the filter random"), "{err}");
    let (code, out, err) = bench.render("{% include_configuration 'x' %}", &ON_DELETE);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("this needs Peering Manager itself"), "{err}");
}

/// The warnings of a template, as stderr has them.
fn warnings(template: &str, arguments: &[&str]) -> String {
    let (code, _, err) = Bench::new().render(template, arguments);
    assert_eq!(code, 0, "{err}");
    err
}

#[test]
fn json_that_breaks_is_traced_to_the_expression() {
    let text = warnings("{\"a\": 1,\n \"text\": \"{{ data.comments }}\"}", &ON_UPDATE);
    assert!(text.contains("stdin:2: warning: the output is not valid JSON: line 2 column 20"), "{text}");
    assert!(text.contains("\n   \"text\": \"he said \"hi\"\"}\n                     ^\n"), "{text}");
    assert!(
        text.contains(
            "{{ data.comments }} at line 2 has a quote in its value: write {{ data.comments | tojson }} without quotes"
        ),
        "{text}"
    );

    let text = warnings("{\"tags\": [{% for tag in data.tags %}\"{{ tag.name }}\",{% endfor %}]}", &ON_UPDATE);
    assert!(text.contains("the loop at line 1 writes a comma after its last item"), "{text}");

    let text = warnings("{\"x\": {{ data.none }}, \"y\": 1}", &ON_UPDATE);
    assert!(text.contains("{{ data.none }} at line 1 printed Python's None: write {{ data.none | tojson }}"), "{text}");

    let text = warnings("{\"x\": {{ data.tags }}}", &ON_UPDATE);
    assert!(
        text.contains("{{ data.tags }} at line 1 printed a Python value: write {{ data.tags | tojson }}"),
        "{text}"
    );

    let text = warnings("{\"x\": {{ data.nothing }}}", &ON_UPDATE);
    assert!(text.contains("{{ data.nothing }} at line 1 printed nothing"), "{text}");
}

#[test]
fn a_text_that_is_no_json_is_checked_when_it_says_json() {
    assert_eq!(warnings("AS{{ data.asn }}", &ON_UPDATE), "");
    let text = warnings("AS{{ data.asn }}", &[&ON_UPDATE[..], &["--content-type", "application/json"]].concat());
    assert!(text.contains("not valid JSON: line 1 column 1"), "{text}");
    assert_eq!(warnings("{x", &[&ON_UPDATE[..], &["--content-type", "text/plain"]].concat()), "");
}

#[test]
fn names_without_a_value_and_python_values_are_warned_of() {
    let text = warnings("by {{ usernam }}\n{{ data.tags }}", &ON_UPDATE);
    assert!(text.contains("stdin:1: warning: usernam is not defined, and prints nothing"), "{text}");
    assert!(text.contains("stdin:2: warning: a list was printed as Python writes it\n  | tojson"), "{text}");
    for hidden in ["{{ usernam | upper }}", "{{ ('by ' ~ usernam) | tojson }}", "{% set x = usernam | join %}{{ x }}"] {
        let text = warnings(&format!("{{#\n#}}{hidden}{hidden}"), &ON_UPDATE);
        assert_eq!(text.matches("stdin:2: warning: usernam is not defined").count(), 1, "{hidden}: {text}");
    }
    let behind_macro = "{% macro m() %}{{ event }}\nm{% endmacro %}\n{{ m() ~ usernam }}";
    let text = warnings(behind_macro, &ON_UPDATE);
    assert!(text.contains("stdin:3: warning: usernam is not defined"), "{text}");
    for meant in
        ["{{ usernam | default('-') }}", "{{ usernam or '-' }}", "{% if usernam is defined %}{{ usernam }}{% endif %}"]
    {
        assert_eq!(warnings(&format!("by {meant}"), &ON_UPDATE), "", "{meant}");
    }
}

#[test]
fn a_blank_template_is_the_context_where_systems_send_that() {
    let bench = Bench::new();
    let dialect = |name: &'static str| [&ON_UPDATE[..], &["--dialect", name]].concat();
    let (code, out, err) = bench.render(" \n", &dialect("peering-manager"));
    assert_eq!((code, out.as_str(), err.as_str()), (0, super::UPDATE, ""));
    let (_, out, err) = bench.render("", &dialect("plain"));
    assert_eq!((out.as_str(), err.as_str()), ("", "stdin: warning: the output is empty\n"));
}

#[test]
fn json_lines_say_everything() {
    let bench = Bench::new();
    let (code, out, err) = bench.render("{{ data.asn }}", &[&ON_UPDATE[..], &["--json"]].concat());
    let object: Json = serde_json::from_str(&out).unwrap();
    assert_eq!((code, err.as_str(), &object["output"], &object["ok"]), (0, "", &"64512".into(), &true.into()));
    let (code, out, _) = bench.render("{{ data.asn }", &[&ON_DELETE[..], &["--json"]].concat());
    let object: Json = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &object["output"], &object["error"]["line"]), (1, &Json::Null, &1.into()));
    assert!(object["error"]["sent"].as_str().unwrap().starts_with("Syntax error in template at line 1: "), "{out}");
}

#[test]
fn what_cannot_be_read_is_said() {
    let bench = Bench::new();
    let (code, out, err) = told(bench.run(&["render", "missing.j2", "--context", "update.json"], ""));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("cannot read missing.j2"), "{err}");
    bench.write("list.json", "[1]");
    let (code, _, err) = bench.render("x", &["--context", "list.json"]);
    assert!(code == 1 && err.contains("cannot preview a context that is no object"), "{err}");
    bench.write("broken.json", "{");
    let (code, _, err) = bench.render("x", &["--context", "broken.json"]);
    assert!(code == 1 && err.contains("a context that is not JSON"), "{err}");
}

#[test]
fn a_saved_template_is_rendered_again_also_when_another_is_renamed_over_it() {
    let bench = Bench::new();
    bench.write("t.j2", "one\n\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_hookview"))
        .args(["render", "t.j2", "--context", "update.json", "--watch"])
        .current_dir(bench.0.path())
        .env("HOME", bench.0.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert_eq!(next(), "one");
    bench.write("new", "two\n\n");
    std::fs::rename(bench.0.path().join("new"), bench.0.path().join("t.j2")).unwrap();
    assert_eq!(next(), "two");
    bench.write("t.j2", "{{ data.asn }}\n\n");
    assert_eq!(next(), "64512");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(err.contains("-- t.j2, rendered at "), "{err}");
}
