//! `hookview sign`

use std::fs;
use std::io::{self, IsTerminal, Write};

use anyhow::Context as _;
use chrono::Utc;

use super::written::{Written, checker_of};
use crate::capture::Signed;
use crate::cli::SignArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::inspect::Clean;
use crate::signature::{Checker, Message, Unsigned};

/// Prints the header lines that sign a request; says what else of the request signing changes.
pub fn run(args: &SignArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let checker = checker_of(&args.secrets, Some(&args.scheme), settings)?;
    let Written { request, origin } = Written::read(&args.request)?;
    if origin.is_none() && signs_url(&checker) {
        tell(&format!("{} signs the URL: say it with --url", args.scheme));
        return Ok(Exit::Usage);
    }
    let url = format!("{}{}", origin.as_deref().unwrap_or("http://localhost"), request.target_text());
    let unsigned = Unsigned {
        method: &args.request.method,
        url: &url,
        headers: &request.headers,
        body: &request.body.bytes,
        now: args.at.unwrap_or_else(Utc::now),
    };
    let signed = checker.sign_with_any(&args.scheme, &unsigned);
    let signed = signed.context("there is no secret to sign with: give one with --secret-file")??;
    if let Some(path) = &args.write_body {
        let body = signed.body.as_ref().unwrap_or(&request.body.bytes);
        fs::write(path, body).with_context(|| format!("cannot write the body to {}", path.display()))?;
    }
    print(&signed)?;
    if signed.body.is_some() && args.write_body.is_none() {
        tell(&format!("{} changes the body, too: --write-body FILE keeps what to send", args.scheme));
    }
    if let Some(query) = &signed.query {
        tell(&format!("send it to {}?{query}", url.split('?').next().unwrap_or_default()));
    }
    Ok(Exit::Ok)
}

fn signs_url(checker: &Checker) -> bool {
    checker.forced().is_some_and(|scheme| scheme.messages.iter().any(Message::has_url))
}

/// The exact lines, but on a terminal, where they must do no harm.
fn print(signed: &Signed) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let exact = !out.is_terminal();
    for (name, value) in &signed.headers {
        let line = format!("{name}: {value}");
        writeln!(out, "{}", if exact { line } else { Clean::text(&line).to_string() })?;
    }
    out.flush()
}

fn tell(sentence: &str) {
    // Nobody to tell when stderr is gone.
    let _ = writeln!(io::stderr(), "hookview: {}", Clean::text(sentence));
}
