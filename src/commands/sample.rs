//! `hookview sample`

use std::io::{self, Write};

use super::{assemble, environment};
use crate::app::status_text;
use crate::capture::AttemptOutcome;
use crate::cli::SampleArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::export::Url;
use crate::inspect::Clean;
use crate::sender::samples;
use crate::service;
use crate::store::{Location, Options, Store};

/// Sends a sample, or lists them when none is named.
pub async fn run(args: &SampleArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let mut out = io::stdout();
    let Some(name) = &args.name else {
        for sample in samples() {
            writeln!(out, "{:<24} {}", sample.name, sample.description)?;
        }
        return Ok(Exit::Ok);
    };
    let checker = service::checker(settings, &environment)?;
    let service = assemble(settings, Store::open(&Location::Memory, Options::default())?, checker)?;
    let here = format!("http://127.0.0.1:{}/", settings.port);
    let url: Url = args.to.as_ref().unwrap_or(&here).parse()?;
    let outgoing = service.sample(name, &url)?;
    let sent = outgoing.url.clone();
    match service.send(&outgoing).await.0 {
        AttemptOutcome::Answered(response) => {
            let status = status_text(response.status, &response.reason);
            writeln!(out, "{}", Clean::text(&format!("{name} to {sent}: {status}")))?;
            Ok(if (200..300).contains(&response.status) { Exit::Ok } else { Exit::Failed })
        }
        AttemptOutcome::Failed(reason) => anyhow::bail!("{name} to {sent}: {reason}"),
    }
}
