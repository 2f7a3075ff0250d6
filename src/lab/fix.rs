//! What a failure means for the context at hand, and the usual way to mend it.
//!
//! It looks for the paths that the failing line names, and finds out which of them is null or not there: no more than that
//! is said.

use crate::template::{Failure, Value};

/// Sentences, and lines of a template.
type Explained = (Vec<String>, Vec<String>);

/// What is said when a capture was made by a template itself.
const NO_CONTEXT: [&str; 2] = [
    "This body is no context: it has neither data nor event, as if a template had made it.",
    "A webhook whose body template is blank sends the context whole.",
];

/// Whether a variable is missing that every context of Peering Manager, NetBox and Nautobot has.
fn is_no_context(message: &str, context: &Value) -> bool {
    let has = |name: &str| look_up(&[name], context).is_some();
    ["'data' is undefined", "'snapshots' is undefined"].contains(&message) && !has("data") && !has("event")
}

/// What there is to say of a failure.
pub(super) fn explained(failure: &Failure, source: &str, context: &Value) -> Explained {
    let Failure::Raised(raised) = failure else { return Explained::default() };
    let Some(line) = raised.line.and_then(|line| source.lines().nth(line.saturating_sub(1))) else {
        return Explained::default();
    };
    match raised.kind.as_str() {
        "jinja2.exceptions.TemplateSyntaxError" | "jinja2.exceptions.TemplateAssertionError" => {
            (syntax(&raised.message), Vec::new())
        }
        _ if is_no_context(&raised.message, context) => (NO_CONTEXT.map(str::to_owned).to_vec(), Vec::new()),
        _ => broken_path(line, &raised.message, context),
    }
}

fn syntax(message: &str) -> Vec<String> {
    let hints = [
        ("Encountered unknown tag 'do'", "The extension for `do` is not on there: use {% set _ = ... %}."),
        (
            "Encountered unknown tag 'break'",
            "Loop controls are not on there: filter the loop with `for x in y if ...`.",
        ),
        ("Encountered unknown tag 'continue'", "Loop controls are not on there: put the rest in an {% if %}."),
        (
            "unexpected end of template, expected 'end of print statement'",
            "A {{ is not closed: look for the }} that is missing.",
        ),
        (
            "unexpected end of template",
            "A block is not closed: look for the {% endif %} or {% endfor %} that is missing.",
        ),
        (
            "Unexpected end of template",
            "A block is not closed: look for the {% endif %} or {% endfor %} that is missing.",
        ),
        ("expected token 'end of print statement'", "Something stands between the expression and its }}."),
        ("No filter named", "The system does not know this filter."),
    ];
    hints.iter().filter(|(start, _)| message.starts_with(start)).map(|(_, hint)| (*hint).to_owned()).take(1).collect()
}

/// The first path of the line that ends at null, or where nothing is.
fn broken_path(line: &str, message: &str, context: &Value) -> Explained {
    let broken = paths(line).into_iter().find_map(|path| break_of(&path, context));
    let Some((path, missing)) = broken.filter(|_| is_about_a_value(message)) else { return Explained::default() };
    let mut meaning = vec![if missing { format!("There is no {path} here.") } else { format!("{path} is null here.") }];
    meaning.extend(of_event(&path, context));
    let fix = format!("{{%- if {path} %}} ... {{%- endif %}}");
    (meaning, vec![fix])
}

fn is_about_a_value(message: &str) -> bool {
    ["None", "undefined", "has no attribute", "has no element", "NoneType"].iter().any(|word| message.contains(word))
}

/// What the kind of event has to do with it.
fn of_event(path: &str, context: &Value) -> Option<String> {
    let event = look_up(&["event"], context)?;
    let event = event.as_text()?.to_owned();
    if path.starts_with("snapshots.postchange") && event.starts_with("delete") {
        return Some("It is a delete: nothing exists afterwards.".to_owned());
    }
    if path.starts_with("snapshots.prechange") && event.starts_with("create") {
        return Some("It is a create: nothing existed before.".to_owned());
    }
    None
}

/// The front of a path that is null or missing while more of it is asked for; and whether it is missing.
fn break_of(path: &[&str], context: &Value) -> Option<(String, bool)> {
    look_up(&path[..1], context)?;
    (1..path.len()).find_map(|length| match look_up(&path[..length], context) {
        Some(Value::None) => Some((path[..length].join("."), false)),
        None => Some((path[..length].join("."), true)),
        Some(_) => None,
    })
}

/// The value at a path of dicts.
pub(super) fn look_up(path: &[&str], context: &Value) -> Option<Value> {
    path.iter().try_fold(context.clone(), |value, key| match value {
        Value::Dict(dict) => dict.get_str(key),
        _ => None,
    })
}

/// Everything in a line of a template that reads like `a.b.c` or `a['b']`.
fn paths(line: &str) -> Vec<Vec<&str>> {
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(|char: char| char.is_alphabetic() || char == '_') {
        rest = &rest[start..];
        let mut path = Vec::new();
        loop {
            let end = rest.find(|char| !is_name(char)).unwrap_or(rest.len());
            path.push(&rest[..end]);
            rest = &rest[end..];
            let quote = ["['", "[\""].into_iter().find(|open| rest.starts_with(open));
            if let Some(open) = quote {
                rest = &rest[open.len()..];
                let end = rest.find(['\'', '"']).unwrap_or(rest.len());
                path.push(&rest[..end]);
                rest = rest.get(end + 2..).unwrap_or_default();
            }
            match rest.strip_prefix('.') {
                Some(more) if more.starts_with(is_name) => rest = more,
                _ => break,
            }
        }
        found.push(path);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::value_from_json;

    fn explained_of(source: &str, context: &str) -> Explained {
        let failure = Failure::jinja("UndefinedError", "'None' has no attribute 'items'").at(1);
        explained(&failure, source, &value_from_json(context.as_bytes()).unwrap())
    }

    #[test]
    fn what_is_null_is_named_with_the_event_that_makes_it_so() {
        let source = "{% for k, v in snapshots.postchange.items() if snapshots.prechange[k] != v %}";
        let context = r#"{"event": "delete", "snapshots": {"prechange": {}, "postchange": null}}"#;
        let (meaning, fix) = explained_of(source, context);
        assert_eq!(meaning, ["snapshots.postchange is null here.", "It is a delete: nothing exists afterwards."]);
        assert_eq!(fix, ["{%- if snapshots.postchange %} ... {%- endif %}"]);
    }

    #[test]
    fn a_body_that_a_template_made_is_told_from_a_context() {
        let failure = Failure::jinja("UndefinedError", "'data' is undefined").at(1);
        let meaning =
            |context: &str| explained(&failure, "{{ data.asn }}", &value_from_json(context.as_bytes()).unwrap()).0;
        assert_eq!(meaning(r#"{"text": "AS64500 updated"}"#), NO_CONTEXT);
        assert_eq!(meaning(r#"{"event": "update"}"#), [""; 0]);
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known() {
        assert_eq!(explained_of("{{ x.items() }}", "{}"), Explained::default());
        assert_eq!(explained_of("{{ data.a.b }}", r#"{"data": {"a": {"b": 1}}}"#), Explained::default());
    }

    #[test]
    fn subscripts_are_parts_of_paths() {
        let (meaning, _) = explained_of("{{ data['a'].b.c }}", r#"{"data": {"a": {}}}"#);
        assert_eq!(meaning, ["There is no data.a.b here."]);
        assert_eq!(paths("{{ a['b"), [["a", "b"]]);
    }
}
