//! What is odd about a text that was rendered: its system would send it all the same.

use super::fix::look_up;
use super::json;
use super::oddity::Oddity;
use super::sample::Sample;
use crate::template::{Failure, Noticed, Rendered, Value};

/// Everything odd, the worst first.
pub(super) fn oddities(
    rendered: &Rendered,
    source: &str,
    sample: &Sample<'_>,
    render: &dyn Fn(&str) -> Result<Rendered, Failure>,
    context: &Value,
) -> Vec<Oddity> {
    let mut found = Vec::new();
    if is_json(&rendered.text, sample.content_type) {
        found.extend(json::broken(&rendered.text, source, render));
    }
    if rendered.text.trim().is_empty() {
        found.push(Oddity::of("the output is empty"));
    }
    found.extend(rendered.markers.iter().map(marker));
    found.extend(before_a_create(source, context));
    found.extend(undefined(&rendered.undefined));
    found.extend(rendered.reprs.iter().map(repr));
    let mut seen = Vec::new();
    found.retain(|oddity| {
        let new = !seen.contains(&(oddity.text.clone(), oddity.line));
        seen.push((oddity.text.clone(), oddity.line));
        new
    });
    found
}

/// Whether the text is to be JSON: by its content type, else by what it begins with.
fn is_json(text: &str, content_type: Option<&str>) -> bool {
    match content_type {
        Some(kind) => kind.to_ascii_lowercase().contains("json") && !text.trim().is_empty(),
        None => looks_like_json(text),
    }
}

/// Whether a text begins as objects and lists of JSON do.
pub(super) fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start();
    match text.strip_prefix('[') {
        Some(rest) => rest.trim_start().starts_with(['{', '"', '[', ']']),
        None => text.starts_with('{'),
    }
}

fn marker(noticed: &Noticed) -> Oddity {
    let text = format!("cannot preview {}: the text has a marker in its place", noticed.name);
    Oddity { hint: Some("this needs the system itself".to_owned()), ..Oddity::at(text, noticed.line) }
}

fn undefined(noticed: &[Noticed]) -> Vec<Oddity> {
    noticed
        .iter()
        .map(|noticed| Oddity::at(format!("{} is not defined, and prints nothing", noticed.name), noticed.line))
        .collect()
}

fn repr(noticed: &Noticed) -> Oddity {
    let text = format!("a {} was printed as Python writes it", noticed.name);
    Oddity { hint: Some("| tojson writes it as JSON".to_owned()), ..Oddity::at(text, noticed.line) }
}

/// A template that compares with what was before, where nothing was.
fn before_a_create(source: &str, context: &Value) -> Option<Oddity> {
    let was = look_up(&["snapshots", "prechange"], context)?;
    let at = source.find("snapshots.prechange[").or_else(|| source.find("snapshots.prechange."))?;
    if !matches!(was, Value::None) || source.contains("if snapshots.prechange ") {
        return None;
    }
    let fields = match look_up(&["snapshots", "postchange"], context) {
        Some(Value::Dict(dict)) => dict.keys().len(),
        _ => return None,
    };
    let line = source[..at].matches('\n').count() + 1;
    let text = format!("snapshots.prechange is null, so all {fields} fields count as changed");
    Some(Oddity { hint: Some("guard it: {% if snapshots.prechange %}".to_owned()), ..Oddity::at(text, line) })
}
