//! Receiving: the main job, on the terminal or without one.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{TOOLS, assemble, environment, load};
use crate::app::{Boot, Keymap, LayoutChoice, Listening, Model, TimeFormat, Zone};
use crate::capture::MAX_HEAD;
use crate::config::{self, Output, Overrides, Settings};
use crate::exit::Exit;
use crate::headless::{Ended, Form, Printer};
use crate::receiver::Limits;
use crate::service::{self, Listener, Service};
use crate::store::{Committed, Store};
use crate::tui::clipboard::{Clipboard, Environment};
use crate::tui::effects::{self, Doer};
use crate::tui::input::Events;
use crate::tui::run::{Run, sink};
use crate::tui::screen::{Screen, ScreenOptions};
use crate::tui::signals::{Signal, Signals};
use crate::ui::Theme;

/// Captures on their way to the screen or the printer; the writer waits when there are more.
const FEED: usize = 1024;

/// Receives until told to stop.
pub async fn run(settings: Settings, overrides: Overrides) -> anyhow::Result<Exit> {
    let (location, options) = service::storing(&settings);
    let service = Arc::new(assemble(&settings, Store::open(&location, options)?)?);
    let defaults = Limits::default();
    let limits = Limits {
        max_body: settings.limits.max_body,
        max_head: MAX_HEAD,
        head_timeout: settings.limits.head_timeout,
        body_idle: settings.limits.body_idle,
        ..defaults
    };
    let listener = Arc::new(Listener::new(service.clone(), settings.bind.clone(), limits));
    let signals = Signals::listen()?;
    let exit = match settings.output {
        Output::Tui => on_screen(settings, overrides, service.clone(), listener.clone(), signals).await?,
        _ => printed(&settings, service.clone(), &listener, signals).await?,
    };
    listener.shut_down().await;
    let store = service.store.clone();
    tokio::task::spawn_blocking(move || store.close()).await?;
    Ok(exit)
}

/// One line of warning when others can reach us.
fn warning(settings: &Settings) -> Option<String> {
    let open = settings.bind.iter().find(|address| !address.is_loopback())?;
    Some(format!("{open} is not loopback: other machines can reach this port and fill the store"))
}

async fn printed(
    settings: &Settings,
    service: Arc<Service>,
    listener: &Listener,
    mut signals: Signals,
) -> anyhow::Result<Exit> {
    let (captures, received) = mpsc::channel(FEED);
    service.store.on_commit(move |committed| {
        if let Committed::Captured(capture) = committed {
            // The printer has ended when nobody takes it; the capture is committed all the same.
            let _ = captures.blocking_send(capture);
        }
    });
    let bound = listener.listen(settings.port)?;
    announce(settings, &bound)?;
    let printer = Printer { out: io::stdout(), form: form(settings), tools: TOOLS };
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || ended.send(printer.run(received)));
    let faults = complain(service.faults());
    let exit = tokio::select! {
        exit = stopped(&mut signals) => exit,
        end = end => match end {
            Ok(Ok(Ended::NobodyReads | Ended::NoMoreCaptures)) => Exit::Ok,
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => Exit::Panicked,
        },
        () = faults => Exit::Failed,
    };
    Ok(exit)
}

fn form(settings: &Settings) -> Form {
    match settings.output {
        Output::Line => Form::Line { utc: settings.screen.utc },
        Output::Json => Form::Json { session: settings.keeping.session.clone() },
        Output::Text | Output::Tui => {
            Form::Text { headers: settings.headers, masked: settings.screen.masked_headers.clone() }
        }
    }
}

/// The readiness line, once it really listens.
fn announce(settings: &Settings, bound: &[SocketAddr]) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    if let Some(warning) = warning(settings) {
        writeln!(stderr, "hookview: {warning}")?;
    }
    for address in bound {
        writeln!(stderr, "listening on http://{address}")?;
    }
    Ok(())
}

/// Says on stderr when the store stops taking captures, and when it takes them again. Never ends.
async fn complain(mut faults: tokio::sync::watch::Receiver<Option<String>>) {
    while faults.changed().await.is_ok() {
        let line = match faults.borrow_and_update().as_ref() {
            Some(reason) => format!("hookview: not stored, answered 503: {reason}"),
            None => "hookview: the store takes captures again".to_owned(),
        };
        let _ = writeln!(io::stderr(), "{line}");
    }
    std::future::pending().await
}

/// Waits for a signal that ends the program.
async fn stopped(signals: &mut Signals) -> Exit {
    loop {
        match signals.next().await {
            Signal::Panic => return Exit::Panicked,
            Signal::Stop => {
                // Without a screen there is nothing to give back first.
                let _ = signals.stop_job().await;
            }
            signal => {
                if let Some(code) = signal.exit_code() {
                    return Exit::Signal(code.wrapping_sub(128));
                }
            }
        }
    }
}

async fn on_screen(
    settings: Settings,
    overrides: Overrides,
    service: Arc<Service>,
    listener: Arc<Listener>,
    signals: Signals,
) -> anyhow::Result<Exit> {
    let (arrivals, arrived) = mpsc::channel(FEED);
    service.store.on_commit(sink(arrivals));
    let listening = match listener.listen(settings.port) {
        Ok(bound) => Listening::On(bound),
        Err(error) => effects::busy(&listener, &error),
    };
    // Senders do not wait for what was kept before. What comes meanwhile may be told twice; the list keeps it once.
    let rows = service.store.summaries()?;
    let mut model = Model::new(boot(&settings, &service, rows, listening.clone()));
    if let Listening::Busy { reason, .. } = listening {
        model.say(crate::app::Level::Error, reason);
    } else if let Some(warning) = warning(&settings) {
        model.say(crate::app::Level::Error, warning);
    }
    let screen = Screen::enter(ScreenOptions {
        mouse: settings.screen.mouse,
        cursor_visible: settings.screen.cursor == config::Cursor::Visible,
    })?;
    let (outcomes, results) = mpsc::unbounded_channel();
    let faults = service.faults();
    let theme = Theme::new(settings.screen.color);
    let limit = usize::try_from(settings.screen.clipboard_limit).unwrap_or(usize::MAX);
    let doer = Doer {
        service,
        listener,
        settings: Arc::new(settings),
        reload: Arc::new(move || {
            let settings = load(&overrides)?;
            let checker = service::checker(&settings, &environment)?;
            Ok((settings, checker))
        }),
        clipboard: Arc::new(Clipboard::new(Environment::read(environment), limit)),
        outcomes,
        searching: Arc::new(AtomicU64::new(0)),
        sending: CancellationToken::new(),
        child: false,
    };
    let run = Run::new(model, theme, screen, (Events::of_terminal()?, signals, doer));
    Ok(run.run(arrived, results, faults).await)
}

fn boot(settings: &Settings, service: &Service, rows: Vec<crate::capture::Summary>, listening: Listening) -> Boot {
    let screen = &settings.screen;
    Boot {
        rows,
        listening,
        addresses: Vec::new(),
        session: settings.keeping.session.clone(),
        secrets: service.checker().secrets().iter().map(|secret| secret.name.clone()).collect(),
        keymap: Keymap::from(&settings.bindings),
        layout: match screen.layout {
            config::Layout::Auto => LayoutChoice::Auto,
            config::Layout::Side => LayoutChoice::Side,
            config::Layout::Stacked => LayoutChoice::Stacked,
            config::Layout::Single => LayoutChoice::Single,
        },
        ascii: screen.ascii,
        zone: if screen.utc { Zone::Utc } else { Zone::Local },
        time: match screen.time {
            config::TimeFormat::Clock => TimeFormat::Clock,
            config::TimeFormat::Age => TimeFormat::Age,
            config::TimeFormat::Gap => TimeFormat::Gap,
        },
        mouse: screen.mouse,
        state: service.store.state("screen").ok().flatten(),
    }
}
