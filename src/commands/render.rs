//! `hookview render`: what a template makes of a capture, byte for byte, on stdout; everything else on stderr.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::Utc;

use super::context::{Context, Wanted};
use super::rendered::{explain, object, row, tell};
use crate::capture::{AttemptOutcome, Headers, status_text};
use crate::cli::RenderArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::export::{Outgoing, Url};
use crate::inspect::{Clean, cells};
use crate::lab::{Definition, Drafted, Files, Sample, Tryout, dialect_named, dialect_of, scheme_of};
use crate::outbound::Resent;
use crate::service::{self, Saves, TextError};
use crate::signature::Unsigned;
use crate::template::Dialect;

/// How long an answer may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// Renders a template; fails when it fails, when what would be sent cannot be told, or when it was not accepted.
pub async fn run(args: &RenderArgs, settings: &Settings) -> anyhow::Result<Exit> {
    if !args.watch {
        return once(args, settings).await;
    }
    anyhow::ensure!(args.template.as_os_str() != "-", "stdin cannot be watched: name a file");
    let mut saves = Saves::new().context("cannot watch files")?;
    loop {
        let files = files(args);
        if let Some(reason) = saves.follow(&files) {
            anyhow::bail!("cannot watch {}: {reason}", args.template.display());
        }
        saves.next(|| files.clone()).await;
        if let Err(error) = once(args, settings).await {
            let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
            if error.downcast_ref().is_some_and(broken) {
                return Err(error);
            }
            tell(&format!("hookview: {error:#}"));
        }
        tell(&format!("-- {}, rendered at {}", args.template.display(), chrono::Local::now().format("%H:%M:%S")));
    }
}

/// The files that are named on the command line.
fn named(args: &RenderArgs) -> Files {
    Files { main: args.template.clone(), url: args.url_template.clone(), headers: args.headers_template.clone() }
}

/// Those, and what a definition names.
fn files(args: &RenderArgs) -> Vec<PathBuf> {
    let mut read = Vec::new();
    // What is wrong with them is said when they are rendered.
    let _ = Definition::read(&named(args), &mut |file| {
        read.push(file.to_owned());
        service::text_of(file)
    });
    let files = named(args);
    read.extend([files.url, files.headers].into_iter().flatten());
    read
}

/// What is rendered, with what the command line says of it.
fn definition(args: &RenderArgs) -> anyhow::Result<Definition> {
    let mut definition = Definition::read(&named(args), &mut text_of)?;
    definition.whole |= args.send;
    let webhook = &mut definition.webhook;
    webhook.shape = args.shape.clone().or(webhook.shape.take());
    webhook.secret = args.sign.clone().or(webhook.secret.take());
    if let Some(url) = &args.to {
        webhook.url.clone_from(url);
    }
    if let Some(kind) = &args.content_type {
        webhook.content_type.clone_from(kind);
    }
    Ok(definition)
}

fn system(args: &RenderArgs, definition: &Definition) -> anyhow::Result<Option<Dialect>> {
    let named = definition.webhook.system.as_deref().map(dialect_named).transpose()?;
    Ok(args.dialect.map(Dialect::from).or(named))
}

async fn once(args: &RenderArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let definition = definition(args)?;
    let named = system(args, &definition)?;
    let wanted = Wanted { does: &Context::is_json, what: "has JSON in its body" };
    let contexts = Context::of(&args.context, settings, &wanted)?;
    let width = contexts.iter().map(|context| cells(Clean::text(&context.label).as_str())).max().unwrap_or_default();
    let content_type = args.content_type.as_deref();
    let mut exit = Exit::Ok;
    for context in &contexts {
        let dialect = named.unwrap_or_else(|| dialect_of(context.sender.as_deref()));
        let sample = Sample { json: &context.json, label: &context.label, content_type, now: Utc::now() };
        let tryout = Tryout::of(&definition, dialect, &sample);
        if args.json {
            writeln!(io::stdout(), "{}", object(&context.label, &tryout))?;
        } else if args.context.all {
            writeln!(io::stdout(), "{}", Clean::text(&row(&context.label, width, &tryout)))?;
        } else {
            print(&definition, &context.label, &tryout)?;
        }
        let sent = args.send && tryout.is_exact();
        if !tryout.is_exact() || (sent && !send(settings, &definition, tryout).await?) {
            exit = Exit::Failed;
        }
    }
    io::stdout().flush()?;
    Ok(exit)
}

/// The text of the body alone on stdout; on stderr what there is to say, and the rest of the request.
fn print(definition: &Definition, label: &str, tryout: &Tryout) -> io::Result<()> {
    if let Some(output) = tryout.output() {
        let mut out = io::stdout().lock();
        if out.is_terminal() {
            // Nothing that a sender wrote is obeyed by it. What is said about the text begins on a line of its own.
            output.text.lines().try_for_each(|line| writeln!(out, "{}", Clean::text(line)))?;
        } else {
            out.write_all(output.text.as_bytes())?;
        }
        out.flush()?;
    }
    explain(definition, label, tryout);
    let request = tryout.request().filter(|_| tryout.output().is_some());
    if let Some((request, url)) = request.and_then(|request| Some((request, request.url.as_ref()?))) {
        tell(&format!("{} {url}", definition.webhook.method));
        let lines = request.headers.iter();
        lines.for_each(|header| tell(&format!("{}: {}", header.name_text(), String::from_utf8_lossy(&header.value))));
    }
    Ok(())
}

/// Sends it, signed as the system signs; says whether it was accepted.
async fn send(settings: &Settings, definition: &Definition, tryout: Tryout) -> anyhow::Result<bool> {
    let dialect = tryout.dialect;
    let drafted = tryout.around.and_then(|around| around.request.ok());
    let Some(Drafted { url: Some(url), mut headers, body, .. }) = drafted else { return Ok(false) };
    let method = definition.webhook.method.clone();
    if !headers.has("User-Agent") {
        headers.push("User-Agent", concat!("hookview/", env!("CARGO_PKG_VERSION")));
    }
    headers.set("Content-Length", body.len().to_string());
    if let Some(secret) = &definition.webhook.secret {
        let scheme = scheme_of(dialect).context("how to sign is not known: say --dialect peering-manager or netbox")?;
        sign(settings, (scheme, secret), (&method, &url), (&mut headers, &body))?;
    }
    let outgoing = Outgoing::new(url.clone(), method.into(), &headers, body);
    let (outcome, timing) = service::client(settings, Resent::default())?.send(&outgoing, PATIENCE).await;
    let milliseconds = timing.total_us / 1000;
    let accepted = match &outcome {
        AttemptOutcome::Answered(response) => {
            let status = status_text(response.status, &response.reason);
            tell(&format!("{status}  {milliseconds} ms  {url}"));
            response.status == 200 || (dialect != Dialect::PeeringManager && (200..300).contains(&response.status))
        }
        AttemptOutcome::Failed(reason) => {
            tell(&format!("{reason}  {url}"));
            false
        }
    };
    Ok(accepted)
}

fn sign(
    settings: &Settings,
    (scheme, secret): (&str, &str),
    (method, url): (&str, &Url),
    (headers, body): (&mut Headers, &bytes::Bytes),
) -> anyhow::Result<()> {
    let (checker, errors) = service::lenient_checker(settings, &super::environment)?;
    for error in errors {
        tell(&format!("hookview: {error}"));
    }
    let url = url.to_string();
    let unsigned = Unsigned { method, url: &url, headers, body, now: Utc::now() };
    let signed = checker.sign(scheme, secret, &unsigned)?;
    for (name, value) in signed.headers {
        headers.set(&name, value);
    }
    Ok(())
}

/// A template, from stdin too.
fn text_of(file: &Path) -> Result<String, TextError> {
    if file.as_os_str() != "-" {
        return service::text_of(file);
    }
    let mut text = Vec::new();
    let read = io::stdin().read_to_end(&mut text);
    read.map_err(|error| TextError::Read { file: "stdin".into(), error })?;
    service::utf8(text, Path::new("stdin"))
}
