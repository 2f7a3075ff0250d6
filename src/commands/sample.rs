//! `hookview sample`

use std::io::{self, Write};
use std::net::SocketAddr;

use anyhow::Context as _;

use super::{assemble, environment};
use crate::capture::{AttemptOutcome, Endpoint, status_text};
use crate::cli::SampleArgs;
use crate::config::{Listen, Settings};
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
    let url: Url = match &args.to {
        Some(url) => url.parse()?,
        None => here(settings)?.parse()?,
    };
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

/// Where the settings have a hookview listen.
fn here(settings: &Settings) -> anyhow::Result<String> {
    let endpoints: Vec<Endpoint> = settings.listen.iter().filter_map(endpoint).collect();
    service::reachable(&endpoints).context("your configuration names no port to listen on: say where with --to URL")
}

fn endpoint(listen: &Listen) -> Option<Endpoint> {
    match listen {
        Listen::Tcp { tls, addresses, port } => {
            let address = SocketAddr::new(*addresses.first()?, *port);
            Some(Endpoint::Tcp { tls: *tls, address })
        }
        Listen::Unix(_) => None,
    }
}
