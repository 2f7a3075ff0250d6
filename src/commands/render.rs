//! `hookview render`: what a template makes of a capture, byte for byte, on stdout; everything else on stderr.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::Utc;

use super::context::{Context, Wanted};
use super::rendered::{explain, explain_failed, object, row, tell};
use crate::app::detail::status_text;
use crate::capture::{AttemptOutcome, Headers};
use crate::cli::{Dialect as Named, RenderArgs};
use crate::config::Settings;
use crate::exit::Exit;
use crate::export::{Outgoing, Url};
use crate::inspect::{Clean, cells};
use crate::lab::{Drafted, Output, Sample, Trial, Webhook};
use crate::outbound::Resent;
use crate::service::{self, Saves};
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

/// The templates, and the file with the body that a definition names.
fn files(args: &RenderArgs) -> Vec<PathBuf> {
    let body = Source::read(args).ok().and_then(|source| source.body_file);
    let named = [&args.url_template, &args.headers_template].map(Clone::clone);
    std::iter::once(args.template.clone()).chain(named.into_iter().flatten()).chain(body).collect()
}

/// What is rendered.
struct Source {
    webhook: Webhook,
    /// Whether it is a definition, not a template alone.
    whole: bool,
    body_file: Option<PathBuf>,
}

impl Source {
    fn read(args: &RenderArgs) -> anyhow::Result<Self> {
        let text = text_of(&args.template)?;
        let defined = args.template.extension().is_some_and(|extension| extension == "toml");
        let mut webhook = if defined { Webhook::parse(&text)? } else { Webhook::of_body(text) };
        // Their systems strip these fields, and an editor ends a file with a newline.
        if let Some(file) = &args.url_template {
            text_of(file)?.trim().clone_into(&mut webhook.url);
        }
        if let Some(file) = &args.headers_template {
            webhook.headers = text_of(file)?;
        }
        let whole = defined || args.url_template.is_some();
        let directory = args.template.parent().unwrap_or(Path::new(""));
        let body_file = webhook.body_file.as_ref().map(|file| directory.join(file));
        if let Some(file) = &body_file {
            webhook.body = text_of(file)?;
        }
        webhook.shape = args.shape.clone().or(webhook.shape);
        webhook.secret = args.sign.clone().or(webhook.secret);
        webhook.url = args.to.clone().unwrap_or(webhook.url);
        webhook.content_type = args.content_type.clone().unwrap_or(webhook.content_type);
        Ok(Self { webhook, whole, body_file })
    }

    fn system(&self, args: &RenderArgs) -> anyhow::Result<Option<Named>> {
        let named = self.webhook.system.as_deref().map(|name| <Named as clap::ValueEnum>::from_str(name, false));
        let named = named
            .transpose()
            .map_err(|_| anyhow::anyhow!("`system` has to be peering-manager, netbox, nautobot or plain"))?;
        Ok(args.dialect.or(named))
    }

    fn body(&self, args: &RenderArgs, dialect: Dialect, sample: &Sample<'_>) -> Trial {
        if self.whole {
            return self.webhook.body(dialect, sample);
        }
        Trial::of(&self.webhook.body, dialect, &Sample { content_type: args.content_type.as_deref(), ..*sample })
    }
}

async fn once(args: &RenderArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let source = Source::read(args)?;
    let named = source.system(args)?;
    let wanted = Wanted { does: &Context::is_json, what: "has JSON in its body" };
    let contexts = Context::of(&args.context, settings, &wanted)?;
    let width = contexts.iter().map(|context| cells(Clean::text(&context.label).as_str())).max().unwrap_or_default();
    let mut exit = Exit::Ok;
    for context in &contexts {
        let dialect = context.dialect(named).map_or(Dialect::Plain, Dialect::from);
        let sample = Sample { json: &context.json, label: &context.label, content_type: None, now: Utc::now() };
        let trial = source.body(args, dialect, &sample);
        let mut fine = trial.is_exact();
        if args.json {
            writeln!(io::stdout(), "{}", object(&context.label, dialect, &trial))?;
        } else if args.context.all {
            writeln!(io::stdout(), "{}", Clean::text(&row(&context.label, width, &trial)))?;
        } else {
            fine &= print(args, &context.label, dialect, &trial)?;
        }
        if let Some(output) = trial.result.ok().filter(|_| fine && !args.context.all) {
            fine &= around(args, settings, &source, (dialect, &sample), output).await?;
        }
        if !fine {
            exit = Exit::Failed;
        }
    }
    io::stdout().flush()?;
    Ok(exit)
}

/// The text alone on stdout; says whether there is one.
fn print(args: &RenderArgs, label: &str, dialect: Dialect, trial: &Trial) -> io::Result<bool> {
    let name = name(args);
    match &trial.result {
        Ok(output) => {
            let mut out = io::stdout().lock();
            out.write_all(output.text.as_bytes())?;
            // What is said about it begins on a line of its own.
            if out.is_terminal() && !output.text.ends_with('\n') {
                writeln!(out)?;
            }
            out.flush()?;
            explain(&name, &output.oddities);
            Ok(true)
        }
        Err(failed) => {
            explain_failed(&name, label, dialect, failed);
            Ok(false)
        }
    }
}

/// URL and header lines of a definition, and sending; says whether all of it went well.
async fn around(
    args: &RenderArgs,
    settings: &Settings,
    source: &Source,
    (dialect, sample): (Dialect, &Sample<'_>),
    output: Output,
) -> anyhow::Result<bool> {
    if !source.whole && !args.send {
        return Ok(true);
    }
    let drafted = match source.webhook.draft(dialect, sample, output.text.into()) {
        Ok(drafted) => drafted,
        Err(error) => {
            let line = error.line().map_or(String::new(), |line| format!(" (line {line})"));
            tell(&format!("{}: error: {error}{line}", name(args)));
            return Ok(false);
        }
    };
    explain(&name(args), &drafted.oddities);
    let Some(url) = drafted.url.clone() else { return Ok(!args.send) };
    if !args.json {
        tell(&format!("{} {url}", source.webhook.method));
        drafted
            .headers
            .iter()
            .for_each(|header| tell(&format!("{}: {}", header.name_text(), String::from_utf8_lossy(&header.value))));
    }
    if args.send { send(settings, source, dialect, (url, drafted)).await } else { Ok(true) }
}

/// Sends it, signed as the system signs; says whether it was accepted.
async fn send(
    settings: &Settings,
    source: &Source,
    dialect: Dialect,
    (url, drafted): (Url, Drafted),
) -> anyhow::Result<bool> {
    let Drafted { mut headers, body, .. } = drafted;
    let method = source.webhook.method.clone();
    if !headers.has("User-Agent") {
        headers.push("User-Agent", concat!("hookview/", env!("CARGO_PKG_VERSION")));
    }
    headers.set("Content-Length", body.len().to_string());
    if let Some(secret) = &source.webhook.secret {
        anyhow::ensure!(dialect != Dialect::Plain, "how to sign is not known: say --dialect peering-manager or netbox");
        sign(settings, secret, (&method, &url), (&mut headers, &body))?;
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

/// Peering Manager, NetBox and Nautobot sign alike.
fn sign(
    settings: &Settings,
    secret: &str,
    (method, url): (&str, &Url),
    (headers, body): (&mut Headers, &bytes::Bytes),
) -> anyhow::Result<()> {
    let (checker, errors) = service::lenient_checker(settings, &super::environment)?;
    for error in errors {
        tell(&format!("hookview: {error}"));
    }
    let url = url.to_string();
    let unsigned = Unsigned { method, url: &url, headers, body, now: Utc::now() };
    let signed = checker.sign("netbox", secret, &unsigned)?;
    for (name, value) in signed.headers {
        headers.set(&name, value);
    }
    Ok(())
}

fn name(args: &RenderArgs) -> String {
    if args.template.as_os_str() == "-" { "stdin".to_owned() } else { args.template.display().to_string() }
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let mut text = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().read_to_end(&mut text).context("cannot read the template from stdin")?;
    } else {
        text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    String::from_utf8(text).map_err(|_| anyhow::anyhow!("{} is not UTF-8", path.display()))
}
