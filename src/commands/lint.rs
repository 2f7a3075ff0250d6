//! `hookview lint`

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use serde_json::json;

use super::{capture, existing};
use crate::capture::{Capture, CaptureId, Finding, Lint};
use crate::cli::LintArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::inspect::Clean;
use crate::sender;

/// Looks at captures whole, as there is time to now; fails when something is found.
pub fn run(args: &LintArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let mut out = BufWriter::new(io::stdout().lock());
    if args.codes {
        out.write_all(codes(settings).as_bytes())?;
        out.flush()?;
        return Ok(Exit::Ok);
    }
    let service = existing(settings)?;
    let (mut looked, mut flawed) = (0, 0);
    let mut look = |capture: &Capture| {
        let findings = sender::lint(&capture.request, &settings.lint_off);
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
    rows.map(|row| format!("{}\n", Clean::text(&row))).collect()
}

/// What can be found, the worst first.
fn codes(settings: &Settings) -> String {
    let row = |lint: &Lint| {
        let off = if settings.lint_off.contains(lint) { " (off)" } else { "" };
        format!("{:<22} {}{off}\n", lint.code(), lint.meaning())
    };
    Lint::ALL.iter().map(row).collect()
}
