//! `hookview show`

use std::io::{self, IsTerminal, Write};

use super::{capture, existing, tools};
use crate::capture::{Capture, Changes};
use crate::cli::{Form, ShowArgs};
use crate::config::Settings;
use crate::exit::Exit;
use crate::export::{self, Url};
use crate::headless::{self, Told};
use crate::inspect::Clean;

/// Prints one capture in the form asked for.
pub fn run(args: &ShowArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let service = existing(settings)?;
    let capture = capture(&service, args.id)?;
    let told = || {
        let place = Changes::of(service.store.summaries()?.iter()).place(&capture);
        let hints = service.diagnose(&capture).hints;
        anyhow::Ok(Told { hints, deeds: service.store.deeds(capture.id)?, place })
    };
    let bytes = match args.form {
        Form::Text => text(&capture, &told()?, settings),
        Form::Json => headless::Form::Json { session: settings.keeping.session.clone() }
            .of(&capture, &told()?, &tools(settings))
            .into_bytes(),
        Form::Curl => curl(&capture)?,
        Form::Raw => export::raw(&capture.request),
        Form::Body => capture.request.body.bytes.to_vec(),
        Form::Headers => headers(&capture),
    };
    let mut out = io::stdout().lock();
    let exact = matches!(args.form, Form::Raw | Form::Body | Form::Headers);
    out.write_all(&if exact && out.is_terminal() { readable(&bytes) } else { bytes })?;
    out.flush()?;
    Ok(Exit::Ok)
}

/// Foreign bytes for a terminal: line by line, with everything visible that could act on it. A pipe gets them exact.
fn readable(bytes: &[u8]) -> Vec<u8> {
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.flat_map(|line| format!("{}\n", Clean::bytes(line)).into_bytes()).collect()
}

fn text(capture: &Capture, told: &Told, settings: &Settings) -> Vec<u8> {
    let masked = settings.screen.masked_headers.clone();
    headless::Form::Text { headers: settings.headers, masked }.of(capture, told, &tools(settings)).into_bytes()
}

/// The command alone on stdout, so that it can be piped into a shell; what to know about it on stderr.
fn curl(capture: &Capture) -> anyhow::Result<Vec<u8>> {
    let command = export::curl(&capture.request, &Url::original(capture)?, |_| false);
    for note in &command.notes {
        writeln!(io::stderr(), "hookview: {}", Clean::text(note))?;
    }
    Ok((command.text + "\n").into_bytes())
}

/// The exact header lines: the head without its first line and the blank one.
fn headers(capture: &Capture) -> Vec<u8> {
    let head = &capture.request.head;
    let start = head.iter().position(|byte| *byte == b'\n').map_or(head.len(), |at| at + 1);
    let lines = &head[start..];
    let lines = lines.strip_suffix(b"\r\n").or_else(|| lines.strip_suffix(b"\n")).unwrap_or(lines);
    lines.to_vec()
}
