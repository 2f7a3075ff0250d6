//! The subcommands, one file each, and what they share: the settings and an open store.

mod complete;
mod condition;
mod context;
mod diff;
mod explain;
mod lint;
mod list;
mod receive;
mod render;
mod rendered;
mod resend;
mod rules;
mod sample;
mod schemes;
mod show;
mod sign;
mod verify;
mod written;

use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;

use bytes::Bytes;

use crate::capture::{Capture, Request};
use crate::cli::{Cli, Command};
use crate::config::{self, ConfigError, Overrides, Paths, Settings, Surroundings};
use crate::exit::Exit;
use crate::export;
use crate::headless::Tools;
use crate::inspect::{self, Clean, DECODE_LIMIT};
use crate::outbound::Resent;
use crate::service::{self, CheckingError, RulesFileError, Service};
use crate::signature::Checker;
use crate::store::Store;

/// Runs what the command line asks for; prints the sentence of what went wrong.
pub fn run(cli: &Cli) -> Exit {
    crate::tui::panic::install_hook();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(dispatch(cli));
            // A blocked stdout or a slow lookup must not keep the program from ending.
            runtime.shutdown_timeout(std::time::Duration::from_millis(100));
            outcome
        }
        Err(error) => Err(error.into()),
    };
    outcome.unwrap_or_else(|error| fail(&error))
}

async fn dispatch(cli: &Cli) -> anyhow::Result<Exit> {
    let overrides = cli.overrides();
    let settings = load(&overrides)?;
    if let Some(path) = &settings.log {
        start_log(path)?;
    }
    match &cli.command {
        None | Some(Command::Tail(_)) => Box::pin(receive::run(settings, overrides)).await,
        Some(Command::List(args)) => list::run(args, &settings),
        Some(Command::Show(args)) => show::run(args, &settings),
        Some(Command::Resend(args)) => resend::run(args, &settings).await,
        Some(Command::Sample(args)) => sample::run(args, &settings).await,
        Some(Command::Verify(args)) => verify::run(args, &settings),
        Some(Command::Sign(args)) => sign::run(args, &settings),
        Some(Command::Schemes(args)) => schemes::run(args, &settings),
        Some(Command::Rules(args)) => rules::run(args, &settings),
        Some(Command::Condition(args)) => condition::run(args, &settings),
        Some(Command::Lint(args)) => lint::run(args, &settings),
        Some(Command::Render(args)) => render::run(args, &settings).await,
        Some(Command::Diff(args)) => Ok(diff::run(args, &settings)),
    }
}

fn fail(error: &anyhow::Error) -> Exit {
    let broken = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    if broken {
        return Exit::Ok;
    }
    tracing::error!("{error:#}");
    // Nobody to tell when stderr is gone, too.
    let _ = writeln!(io::stderr(), "hookview: {}", Clean::text(&format!("{error:#}")));
    let is_usage = error.downcast_ref::<CheckingError>().is_some_and(CheckingError::is_usage)
        || error.downcast_ref::<RulesFileError>().is_some_and(RulesFileError::is_usage);
    if error.is::<ConfigError>() || is_usage { Exit::Usage } else { Exit::Failed }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The settings with the file as it is now.
fn load(overrides: &Overrides) -> Result<Settings, ConfigError> {
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    config::load(&Surroundings { paths: &Paths::of_user(), env: &environment, terminal }, overrides)
}

/// Logs to a file from here on.
fn start_log(path: &std::path::Path) -> anyhow::Result<()> {
    let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    let file = file.map_err(|error| anyhow::anyhow!("cannot write the log to {}: {error}", path.display()))?;
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::sync::Mutex::new(file)).init();
    Ok(())
}

/// A service over the store that is there already, for commands that look at captures: a secret that cannot be read is
/// said and does without.
fn existing(settings: &Settings) -> anyhow::Result<Service> {
    let store = stored(settings)?;
    let (checker, errors) = service::lenient_checker(settings, &environment)?;
    for error in errors {
        // Nobody to tell when stderr is gone.
        let _ = writeln!(io::stderr(), "hookview: {}", Clean::text(&error.to_string()));
    }
    let resent = Resent::default();
    Ok(Service::new(store, checker, service::client(settings, resent.clone())?, resent))
}

/// The store that is there already.
fn stored(settings: &Settings) -> anyhow::Result<Store> {
    let (location, options) = service::storing(settings);
    Ok(Store::open_existing(&location, options)?)
}

fn assemble(settings: &Settings, store: Store, checker: Checker) -> anyhow::Result<Service> {
    let resent = Resent::default();
    let service = Service::new(store, checker, service::client(settings, resent.clone())?, resent);
    Ok(service.with_handshakes(settings.handshakes).without_lint(settings.lint_off.clone()))
}

/// What the printers need of other rooms; where the locale has ASCII only, foreign text is escaped to it.
fn tools(settings: &Settings) -> Tools {
    Tools {
        clean: if settings.screen.utf8 {
            |bytes| Clean::bytes(bytes).to_string()
        } else {
            |bytes| Clean::bytes(bytes).ascii().to_string()
        },
        decode: decoded,
        pretty: |bytes| inspect::pretty(bytes).ok(),
        played: crate::app::played::played,
        json: |capture, told, session| export::json(capture, &told.hints, &told.deeds, told.place, session).to_string(),
    }
}

fn decoded(request: &Request) -> (Bytes, Vec<String>) {
    let headers = &request.headers;
    let (encoding, kind) = (headers.text("content-encoding"), headers.text("content-type"));
    let decoded = inspect::decode(encoding, kind, &request.body.bytes, DECODE_LIMIT);
    (decoded.bytes, decoded.notes.into_iter().chain(decoded.failed).collect())
}

/// A capture of the session, or the sentence that says where it is.
fn capture(service: &Service, id: crate::capture::CaptureId) -> anyhow::Result<Capture> {
    if let Some(capture) = service.store.get(id)? {
        return Ok(capture);
    }
    match service.store.session_of(id)? {
        Some(session) if session != service.store.session() => {
            anyhow::bail!("{id} is in session {session}: add --session {session}")
        }
        _ => anyhow::bail!("there is no capture {id} in session {}; hookview list shows them", service.store.session()),
    }
}
