//! `hookview lint`

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use chrono::TimeDelta;
use serde_json::json;

use super::{capture, existing};
use crate::capture::{Capture, CaptureId, Finding, Lint, Summary};
use crate::cli::LintArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::inspect::Clean;
use crate::sender;
use crate::service::Service;

/// All webhooks of a change are sent within this time.
const TOGETHER: TimeDelta = TimeDelta::seconds(10);

/// Looks at captures whole, as there is time to now; fails when something is found.
pub fn run(args: &LintArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let mut out = BufWriter::new(io::stdout().lock());
    if args.codes {
        out.write_all(codes(settings).as_bytes())?;
        out.flush()?;
        return Ok(Exit::Ok);
    }
    let service = existing(settings)?;
    let rows = service.store.summaries()?;
    let (mut looked, mut flawed) = (0, 0);
    let mut look = |capture: &Capture| {
        let mut findings = sender::lint(&capture.request, &settings.lint_off);
        if !settings.lint_off.contains(&Lint::VanishedVariable) {
            findings.extend(emptied(&service, &rows, capture));
        }
        looked += 1;
        flawed += usize::from(!findings.is_empty());
        let quiet = args.all && findings.is_empty();
        out.write_all(
            if args.json { line(capture.id, &findings) } else { text(capture.id, &findings, quiet) }.as_bytes(),
        )
    };
    for id in &args.ids {
        look(&capture(&service, *id)?)?;
    }
    if args.all {
        let mut written = Ok(());
        service.store.for_each(|capture| {
            written = look(&capture);
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        written?;
    }
    if args.all && !args.json {
        writeln!(out, "findings in {flawed} of {looked}")?;
    }
    out.flush()?;
    Ok(if flawed == 0 { Exit::Ok } else { Exit::Failed })
}

/// What a template left empty that the webhook without a template has, which told of the same change at the same time.
fn emptied(service: &Service, rows: &[Summary], capture: &Capture) -> Option<Finding> {
    let sender = capture.identity.sender.as_deref().filter(|_| capture.identity.object.is_none())?;
    let apart = |row: &Summary| (row.received_at - capture.received_at).abs();
    let is_other =
        |row: &&Summary| row.object.is_some() && row.sender.as_deref() == Some(sender) && row.id != capture.id;
    let other = rows.iter().filter(is_other).filter(|row| apart(row) <= TOGETHER).min_by_key(|row| apart(row))?;
    let other = service.store.get(other.id).ok().flatten()?;
    let empty = sender::emptied(&capture.request, &other.request);
    let lines: Vec<String> =
        empty.into_iter().map(|(path, there)| format!("{path} is empty, {there} of {} is not", other.id)).collect();
    let text = "Values of this body are empty that the same change has without a template.".to_owned();
    (!lines.is_empty()).then_some(Finding { code: Lint::VanishedVariable, text, lines })
}

fn line(id: CaptureId, findings: &[Finding]) -> String {
    format!("{}\n", json!({"id": id, "lint": findings}))
}

/// A line a finding, and what else there is to say about it; that there is nothing, unless that goes without saying.
fn text(id: CaptureId, findings: &[Finding], quiet: bool) -> String {
    if findings.is_empty() {
        return if quiet { String::new() } else { format!("{id} nothing found\n") };
    }
    let rows = findings.iter().flat_map(|finding| {
        let headline = format!("{id} {}: {}", finding.code.code(), finding.text);
        std::iter::once(headline).chain(finding.lines.iter().map(|line| format!("    {line}")))
    });
    rows.fold(String::new(), |text, row| text + Clean::text(&row).as_str() + "\n")
}

/// What can be found, the worst first.
fn codes(settings: &Settings) -> String {
    let row = |lint: &Lint| {
        let off = if settings.lint_off.contains(lint) { " (off)" } else { "" };
        format!("{:<22} {}{off}\n", lint.code(), lint.meaning())
    };
    Lint::ALL.iter().map(row).collect()
}
