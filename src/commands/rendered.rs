//! What there is to say about a rendered template: on stderr, as a row of all, as JSON.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use crate::inspect::{Clean, bytes_exact, cells};
use crate::lab::{Failed, Instead, Oddity, Trial, name_of};
use crate::template::{Dialect, Failure};

/// One line on stderr.
pub fn tell(text: &str) {
    // Nobody to tell when stderr is gone.
    let _ = writeln!(io::stderr(), "{}", Clean::text(text));
}

/// What is odd; `name` is the file.
pub fn explain(name: &str, oddities: &[Oddity]) {
    for oddity in oddities {
        tell(&format!("{}: warning: {}", place(name, oddity.line), oddity.text));
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

/// `slack.j2:7`
fn place(name: &str, line: Option<usize>) -> String {
    line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"))
}

/// Why there is no text, and what happens instead.
pub fn explain_failed(name: &str, label: &str, dialect: Dialect, failed: &Failed) {
    let reason = match &failed.failure {
        Failure::Raised(raised) if raised.message.is_empty() => raised.kind.clone(),
        Failure::Raised(raised) => format!("{}: {}", raised.kind, raised.message),
        Failure::Refused(refused) => format!("cannot preview {}", refused.what),
    };
    tell(&format!("{}: error: {reason}", place(name, failed.failure.line())));
    for sentence in &failed.meaning {
        tell(&format!("  {label}: {sentence}"));
    }
    if !failed.fix.is_empty() {
        tell(&format!("  the usual guard: {}", failed.fix.join("\n")));
    }
    tell(&format!("  {}", failed.consequence(dialect)));
    match &failed.instead {
        Instead::Text(text) => tell(&format!("  {text}")),
        Instead::Traceback(last) => tell(&format!("  Traceback (most recent call last): ... {last}")),
        Instead::Nothing | Instead::Unknown => {}
    }
}

fn mark(trial: &Trial) -> &'static str {
    match trial.result {
        Err(_) => "✗",
        Ok(_) if trial.is_good() => "✓",
        Ok(_) => "!",
    }
}

/// One of all.
pub fn row(label: &str, width: usize, trial: &Trial) -> String {
    let size = trial.result.as_ref().map_or_else(|_| String::new(), |output| bytes_exact(output.text.len() as u64));
    let blank = " ".repeat(width.saturating_sub(cells(Clean::text(label).as_str())));
    format!("{} {label}{blank}  {size:>8}  {}", mark(trial), trial.words())
}

/// One of all, as JSON.
pub fn object(label: &str, dialect: Dialect, trial: &Trial) -> Json {
    let output = trial.result.as_ref().ok();
    let error = trial.result.as_ref().err().map(|failed| {
        let (kind, message) = match &failed.failure {
            Failure::Raised(raised) => (raised.kind.as_str(), raised.message.as_str()),
            Failure::Refused(refused) => ("", refused.what.as_str()),
        };
        json!({
            "type": kind, "message": message, "line": failed.failure.line(), "refused": kind.is_empty(),
            "meaning": failed.meaning, "instead": failed.consequence(dialect), "sent": failed.instead.body(),
        })
    });
    json!({
        "context": label, "system": name_of(dialect), "ok": trial.is_exact(),
        "output": output.map(|output| output.text.as_str()), "size": output.map(|output| output.text.len()),
        "error": error,
        "warnings": output.map(|output| output.oddities.iter().map(warning).collect::<Vec<_>>()).unwrap_or_default(),
    })
}

fn warning(oddity: &Oddity) -> Json {
    let spot = oddity.spot.as_ref();
    json!({
        "text": oddity.text, "template_line": oddity.line, "hint": oddity.hint,
        "line": spot.map(|spot| spot.line), "column": spot.map(|spot| spot.column),
    })
}
