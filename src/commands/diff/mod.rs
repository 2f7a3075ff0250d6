//! `hookview diff`

mod json;
mod text;

use std::io::{self, BufWriter, Write};

use super::{capture, existing, fail};
use crate::capture::Capture;
use crate::cli::{DiffArgs, Part};
use crate::config::Settings;
use crate::exit::Exit;
use crate::inspect::{Comparable, Comparison, Hidden, body_diff, body_view, header_diff, unseen};

/// Prints what differs between two captures or their snapshots. As `diff` does, ends with 0 when nothing does, 1 when
/// something does, 2 when they could not be compared.
pub fn run(args: &DiffArgs, settings: &Settings) -> Exit {
    compare_and_print(args, settings).unwrap_or_else(|error| match fail(&error) {
        Exit::Ok => Exit::Ok,
        _ => Exit::Usage,
    })
}

fn compare_and_print(args: &DiffArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let service = existing(settings)?;
    let (before, after) = (capture(&service, args.before.id)?, capture(&service, args.after.id)?);
    let compared =
        Compared { parts: (args.before, args.after), comparison: compare(args, (&before, &after), settings)? };
    match print(&compared, args, settings) {
        // Whoever reads has seen enough; whether something differs is known all the same.
        Err(error) if is_closed(&error) => {}
        printed => printed?,
    }
    Ok(if compared.comparison.is_equal() { Exit::Ok } else { Exit::Failed })
}

fn print(compared: &Compared, args: &DiffArgs, settings: &Settings) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        writeln!(out, "{}", json::object(compared, settings)?)?;
    } else {
        text::write(&mut out, compared, args, settings)?;
    }
    Ok(out.flush()?)
}

fn is_closed(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// What was compared, and what came of it.
struct Compared {
    parts: (Part, Part),
    comparison: Comparison,
}

/// `#17`, `#17 prechange`
fn name(part: Part) -> String {
    part.snapshot.map_or_else(|| part.id.to_string(), |snapshot| format!("{} {}", part.id, snapshot.name()))
}

fn compare(args: &DiffArgs, (a, b): (&Capture, &Capture), settings: &Settings) -> anyhow::Result<Comparison> {
    let (before, after) = (comparable(args.before, a)?, comparable(args.after, b)?);
    let snapshots = args.before.snapshot.is_some() && args.after.snapshot.is_some();
    let whole = args.before.snapshot.is_none() && args.after.snapshot.is_none();
    let hidden = match (args.all, snapshots) {
        (true, _) => Hidden::nothing(),
        (false, false) => Hidden::new(&settings.screen.diff_hidden),
        (false, true) => Hidden::new(&settings.screen.diff_hidden).within_data(),
    };
    let body = body_diff((&before, &after), &hidden, &mut |_| true);
    let headers = if whole && !args.body { header_diff(&a.request, &b.request) } else { Vec::new() };
    let notes = if a.id == b.id { vec![a] } else { vec![a, b] };
    Ok(Comparison { headers, body, notes: notes.into_iter().filter_map(unseen).collect() })
}

fn comparable(part: Part, capture: &Capture) -> anyhow::Result<Comparable> {
    let body = Comparable::from(&body_view(&capture.request.headers, &capture.request.body));
    match part.snapshot {
        None => Ok(body),
        Some(snapshot) => body.snapshot(snapshot).map_err(|error| anyhow::anyhow!("{}: {error}", part.id)),
    }
}

/// The value of a header line, unless it is a secret by its nature.
fn header_value(name: &[u8], value: &[u8], settings: &Settings) -> String {
    let masked = &settings.screen.masked_headers;
    if masked.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes())) {
        return "(masked)".to_owned();
    }
    String::from_utf8_lossy(value).into_owned()
}
