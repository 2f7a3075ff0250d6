//! `hookview render`: what a template makes of a capture, byte for byte, on stdout; everything else on stderr.

use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Context as _;
use chrono::Utc;
use serde_json::{Value as Json, json};

use super::context::Context;
use crate::cli::RenderArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::inspect::{Clean, bytes_exact, cells};
use crate::lab::{Failed, Instead, Oddity, Output, Sample, Trial, name_of};
use crate::service::Saves;
use crate::template::{Dialect, Failure};

/// Renders a template; fails when it fails, or when what would be sent cannot be told.
pub async fn run(args: &RenderArgs, settings: &Settings) -> anyhow::Result<Exit> {
    if !args.watch {
        return once(args, settings);
    }
    anyhow::ensure!(args.template.as_os_str() != "-", "stdin cannot be watched: name a file");
    let files = || vec![args.template.clone()];
    let mut saves = Saves::new().context("cannot watch files")?;
    loop {
        if let Some(reason) = saves.follow(&files()) {
            anyhow::bail!("cannot watch {}: {reason}", args.template.display());
        }
        saves.next(files).await;
        if let Err(error) = once(args, settings) {
            tell(&format!("hookview: {error:#}"));
        }
        tell(&format!("-- {}, rendered at {}", args.template.display(), chrono::Local::now().format("%H:%M:%S")));
    }
}

fn once(args: &RenderArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let source = read(&args.template)?;
    let contexts = Context::of(&args.context, settings)?;
    let mut tried = Vec::with_capacity(contexts.len());
    for context in &contexts {
        let dialect = context.dialect(args.dialect).map_or(Dialect::Plain, Dialect::from);
        let (json, label) = (&context.json[..], context.label.as_str());
        let sample = Sample { json, label, content_type: args.content_type.as_deref(), now: Utc::now() };
        tried.push((label, dialect, Trial::of(&source, dialect, &sample)));
    }
    let mut out = io::stdout().lock();
    let all = args.context.all;
    let width = tried.iter().map(|(label, ..)| cells(Clean::text(label).as_str())).max().unwrap_or_default();
    for (label, dialect, trial) in &tried {
        match trial {
            _ if args.json => writeln!(out, "{}", object(label, *dialect, trial))?,
            _ if all => writeln!(out, "{}", Clean::text(&row(label, width, trial)))?,
            Trial { result: Ok(output) } => {
                out.write_all(output.text.as_bytes())?;
                out.flush()?;
                explain(args, output);
            }
            Trial { result: Err(failed) } => explain_failed(args, label, *dialect, failed),
        }
    }
    out.flush()?;
    Ok(if tried.iter().all(|(.., trial)| trial.is_exact()) { Exit::Ok } else { Exit::Failed })
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().read_to_end(&mut text).context("cannot read the template from stdin")?;
    } else {
        text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    String::from_utf8(text).map_err(|_| anyhow::anyhow!("{} is not UTF-8", path.display()))
}

fn tell(text: &str) {
    // Nobody to tell when stderr is gone.
    let _ = writeln!(io::stderr(), "{}", Clean::text(text));
}

fn explain(args: &RenderArgs, output: &Output) {
    // The first line of what is said does not continue the last one of the output on a terminal.
    if !output.oddities.is_empty() && !output.text.ends_with('\n') && io::IsTerminal::is_terminal(&io::stdout()) {
        tell("");
    }
    for oddity in &output.oddities {
        tell(&format!("{}: warning: {}", place(args, oddity.line), oddity.text));
        if let Some(spot) = &oddity.spot {
            let excerpt = Clean::text(&spot.excerpt);
            let before: String = spot.excerpt.chars().take(spot.caret).collect();
            tell(&format!("  {excerpt}"));
            tell(&format!("  {}^", " ".repeat(cells(Clean::text(&before).as_str()))));
        }
        if let Some(hint) = &oddity.hint {
            tell(&format!("  {hint}"));
        }
    }
}

/// `slack.j2:7`
fn place(args: &RenderArgs, line: Option<usize>) -> String {
    let name = if args.template.as_os_str() == "-" { "stdin".into() } else { args.template.to_string_lossy() };
    line.map_or_else(|| name.to_string(), |line| format!("{name}:{line}"))
}

fn explain_failed(args: &RenderArgs, label: &str, dialect: Dialect, failed: &Failed) {
    let reason = match &failed.failure {
        Failure::Raised(raised) if raised.message.is_empty() => raised.kind.clone(),
        Failure::Raised(raised) => format!("{}: {}", raised.kind, raised.message),
        Failure::Refused(refused) => format!("cannot preview {}", refused.what),
    };
    tell(&format!("{}: error: {reason}", place(args, failed.failure.line())));
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

fn row(label: &str, width: usize, trial: &Trial) -> String {
    let size = trial.result.as_ref().map_or_else(|_| String::new(), |output| bytes_exact(output.text.len() as u64));
    let blank = " ".repeat(width.saturating_sub(cells(Clean::text(label).as_str())));
    format!("{} {label}{blank}  {size:>8}  {}", mark(trial), trial.words())
}

fn object(label: &str, dialect: Dialect, trial: &Trial) -> Json {
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
