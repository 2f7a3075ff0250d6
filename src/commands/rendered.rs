//! What there is to say about a rendered template: on stderr, as a row of all, as JSON.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use crate::capture::Header;
use crate::inspect::{Clean, bytes_exact, cells};
use crate::lab::{Definition, Drafted, Failed, Grade, Instead, Oddity, Part, Tryout, name_of, prefix};
use crate::template::{Dialect, Failure};

/// One line on stderr.
pub fn tell(text: &str) {
    // Nobody to tell when stderr is gone.
    let _ = writeln!(io::stderr(), "{}", Clean::text(text));
}

/// What went wrong, and what is odd.
pub fn explain(definition: &Definition, label: &str, tryout: &Tryout) {
    for (part, failed) in tryout.failures() {
        explain_failed((definition, label), part, failed, tryout.dialect);
    }
    if let Some(refused) = tryout.refused() {
        tell(&format!("{}: error: {refused}", place(definition, Some(Part::Headers), None)));
    }
    for (part, oddity) in tryout.oddities() {
        let name = part.map_or("", prefix);
        tell(&format!("{}: warning: {name}{}", place(definition, part, oddity.line), oddity.text));
        if let Some(spot) = &oddity.spot {
            let before: String = spot.excerpt.chars().take(spot.caret).collect();
            tell(&format!("  {}", spot.excerpt));
            tell(&format!("  {}^", " ".repeat(cells(Clean::text(&before).as_str()))));
        }
        if let Some(hint) = &oddity.hint {
            tell(&format!("  {hint}"));
        }
    }
}

/// `slack.j2:7`, in the file that a line of the template is in.
fn place(definition: &Definition, part: Option<Part>, line: Option<usize>) -> String {
    let Some(part) = part.filter(|part| definition.place(*part).is_some()) else {
        return definition.file().display().to_string();
    };
    let (file, in_file) = definition.line_in_file(part, line.unwrap_or(1));
    let file = if file.as_os_str() == "-" { "stdin".to_owned() } else { file.display().to_string() };
    if line.is_some() { format!("{file}:{in_file}") } else { file }
}

/// Why there is no text, and what happens instead.
fn explain_failed((definition, label): (&Definition, &str), part: Part, failed: &Failed, dialect: Dialect) {
    let reason = match &failed.failure {
        Failure::Raised(raised) if raised.message.is_empty() => raised.kind.clone(),
        Failure::Raised(raised) => format!("{}: {}", raised.kind, raised.message),
        Failure::Refused(refused) => format!("cannot preview {}", refused.what),
    };
    let name = prefix(part);
    tell(&format!("{}: error: {name}{reason}", place(definition, Some(part), failed.failure.line())));
    for sentence in &failed.meaning {
        tell(&format!("  {label}: {sentence}"));
    }
    if !failed.fix.is_empty() {
        tell(&format!("  the usual guard: {}", failed.fix.join("\n")));
    }
    tell(&format!("  {}", failed.consequence(dialect)));
    match &failed.instead {
        Instead::Text(text) | Instead::Header(text) => tell(&format!("  {text}")),
        Instead::Traceback(last) => tell(&format!("  Traceback (most recent call last): ... {last}")),
        Instead::Nothing | Instead::Unknown => {}
    }
}

/// One of all.
pub fn row(label: &str, width: usize, tryout: &Tryout) -> String {
    let size = tryout.output().map_or_else(String::new, |output| bytes_exact(output.text.len() as u64));
    let blank = " ".repeat(width.saturating_sub(cells(Clean::text(label).as_str())));
    format!("{} {label}{blank}  {size:>8}  {}", Grade::of(tryout).sign(), tryout.words())
}

/// One of all, as JSON.
pub fn object(label: &str, tryout: &Tryout) -> Json {
    let output = tryout.output();
    let error = |(part, failed): (Part, &Failed)| {
        let (kind, message) = match &failed.failure {
            Failure::Raised(raised) => (raised.kind.as_str(), raised.message.as_str()),
            Failure::Refused(refused) => ("", refused.what.as_str()),
        };
        json!({
            "part": part.name(), "type": kind, "message": message, "line": failed.failure.line(),
            "refused": kind.is_empty(), "meaning": failed.meaning, "instead": failed.consequence(tryout.dialect),
            "sent": failed.instead.body(),
        })
    };
    let refused = || {
        let reason = tryout.refused()?.to_string();
        Some(json!({"part": Part::Headers.name(), "type": "", "message": reason, "instead": reason}))
    };
    json!({
        "context": label, "system": name_of(tryout.dialect), "ok": tryout.is_exact(),
        "output": output.map(|output| output.text.as_str()), "size": output.map(|output| output.text.len()),
        "request": tryout.request().map(request),
        "error": tryout.failures().next().map(error).or_else(refused),
        "warnings": tryout.oddities().map(warning).collect::<Vec<_>>(),
    })
}

fn request(drafted: &Drafted) -> Json {
    let line = |header: &Header| json!([header.name_text(), String::from_utf8_lossy(&header.value)]);
    let url = drafted.url.as_ref().map(ToString::to_string);
    json!({"url": url, "headers": drafted.headers.iter().map(line).collect::<Vec<_>>()})
}

fn warning((part, oddity): (Option<Part>, &Oddity)) -> Json {
    let spot = oddity.spot.as_ref();
    json!({
        "part": part.map(Part::name), "text": oddity.text, "template_line": oddity.line, "hint": oddity.hint,
        "line": spot.map(|spot| spot.line), "column": spot.map(|spot| spot.column),
    })
}
