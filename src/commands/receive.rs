//! Receiving: the main job, on the terminal or without one.

use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::complete::hand_over;
use super::{assemble, environment, load, tools};
use crate::app::{Boot, Keymap, LayoutChoice, Listening, Look, Model, TimeFormat, Zone};
use crate::capture::{Changes, Deeds, Endpoint, MAX_HEAD};
use crate::config::{self, Listen, Output, Overrides, Settings};
use crate::exit::Exit;
use crate::headless::{Ended, Form, Printer, Teller, Told};
use crate::inspect::Clean;
use crate::receiver::Limits;
use crate::service::{
    self, Certificates, ListenError, Listener, Renewals, Reread, Rulebook, Secured, Service, Standing, Watch,
};
use crate::store::Store;
use crate::tui::clipboard::{Clipboard, Environment};
use crate::tui::effects::{self, Doer};
use crate::tui::input::Events;
use crate::tui::run::{Run, sink};
use crate::tui::screen::{Screen, ScreenOptions};
use crate::tui::signals::{Signal, Signals};
use crate::ui::Theme;

/// What is committed has this long to be printed at the end.
const FAREWELL: Duration = Duration::from_secs(1);
/// Captures on their way to the screen or the printer; the writer waits when there are more.
const FEED: usize = 1024;

/// Receives until told to stop.
pub async fn run(settings: Settings, overrides: Overrides) -> anyhow::Result<Exit> {
    let checker = service::receiving_checker(&settings, &environment)?;
    let (location, options) = service::storing(&settings);
    let rulebook = Arc::new(Rulebook::open(settings.rules.clone(), settings.everyday.clone(), checker.secret_names())?);
    let watch = Watch::start(rulebook.clone());
    let service = assemble(&settings, Store::open(&location, options)?, checker)?.with_rulebook(rulebook);
    let secured = service::secured(&settings)?;
    let certificates = Certificates::new(settings.clone(), secured.tls.clone(), service.client.clone());
    let certificates = Arc::new(certificates);
    let renewals = Renewals::watch(certificates.clone());
    let service = Arc::new(service.with_certificates(certificates.clone()));
    let remembering = service.clone();
    tokio::spawn(async move { remembering.remember().await });
    let reread: Reread = Arc::new(move || Ok(service::receiving_checker(&load(&overrides)?, &environment)?));
    let defaults = Limits::default();
    let limits = Limits {
        max_body: settings.limits.max_body,
        max_head: MAX_HEAD,
        head_timeout: settings.limits.head_timeout,
        body_idle: settings.limits.body_idle,
        handshake_timeout: settings.limits.handshake_timeout,
        ..defaults
    };
    let listener = Listener::new(service.clone(), settings.listen.clone(), limits).with_tls(secured.tls.clone());
    let listener = Arc::new(listener);
    let signals = Signals::listen()?;
    let ended = match settings.output {
        Output::Tui => {
            Box::pin(on_screen(settings, reread, (service.clone(), listener.clone()), (signals, secured))).await
        }
        _ => match Printing::start(&settings, &service, (&listener, &secured)) {
            Ok(printing) => printing.run(&service, &listener, (signals, reread)).await,
            Err(error) => Err(error),
        },
    };
    drop((watch, renewals));
    listener.shut_down().await;
    service.finish().await;
    let store = service.store.clone();
    tokio::task::spawn_blocking(move || store.close()).await?;
    ended
}

/// One line of warning when others can reach us.
fn warning(settings: &Settings) -> Option<String> {
    let mut addresses = settings.listen.iter().flat_map(Listen::addresses);
    let open = addresses.find(|address| !address.is_loopback())?;
    Some(format!("{open} is not loopback: other machines can reach this port and fill the store"))
}

/// A printer on a thread of its own, and the task that hands it captures.
///
/// The task stands between the store and a stdout that may be blocked (`| less`): when it ends, nothing that the store
/// does waits for the printer any more.
struct Printing {
    hand_over: JoinHandle<()>,
    ended: oneshot::Receiver<io::Result<Ended>>,
}

impl Printing {
    fn start(
        settings: &Settings,
        service: &Arc<Service>,
        (listener, secured): (&Listener, &Secured),
    ) -> anyhow::Result<Self> {
        let (told, committed) = mpsc::channel(FEED);
        service.store.on_commit(move |what| {
            // Nobody takes it when the program is ending; it is committed all the same.
            let _ = told.blocking_send(what);
        });
        let bound = listener.listen()?;
        // It receives, whether or not anybody reads that it does.
        let _ = announce(settings, secured, &bound, &service.rulebook.standing().borrow());
        let printer = Printer {
            out: io::stdout(),
            form: form(settings),
            tools: tools(settings),
            teller: teller(service.clone()),
            changes: Changes::default(),
        };
        let (to_printer, from_store) = mpsc::channel(1);
        let (end, ended) = oneshot::channel();
        std::thread::spawn(move || end.send(printer.run(from_store)));
        let hand_over = tokio::spawn(hand_over(committed, to_printer));
        Ok(Self { hand_over, ended })
    }

    /// Runs until a signal or the reader ends it, and prints what was committed until then.
    async fn run(
        mut self,
        service: &Arc<Service>,
        listener: &Listener,
        (mut signals, reread): (Signals, Reread),
    ) -> anyhow::Result<Exit> {
        let exit = tokio::select! {
            exit = stopped(&mut signals, || drop(tokio::spawn(say_reread(service.clone(), reread.clone())))) => exit,
            ended = &mut self.ended => return self.end(&ended),
            () = complain(service.faults()) => Exit::Failed,
            () = tell(service.rulebook.standing(), Standing::words) => Exit::Failed,
            () = tell_renewals(service) => Exit::Failed,
        };
        listener.shut_down().await;
        service.finish().await;
        let store = service.store.clone();
        let mut closing = tokio::task::spawn_blocking(move || store.close());
        if timeout(FAREWELL, &mut closing).await.is_err() {
            self.hand_over.abort();
            closing.await?;
        }
        let _ = timeout(FAREWELL, self.ended).await;
        Ok(exit)
    }

    fn end(&self, ended: &Result<io::Result<Ended>, oneshot::error::RecvError>) -> anyhow::Result<Exit> {
        self.hand_over.abort();
        match ended {
            Ok(Ok(Ended::NobodyReads | Ended::NoMoreCaptures)) => Ok(Exit::Ok),
            Ok(Err(error)) => anyhow::bail!("cannot write to stdout: {error}"),
            Err(_) => Ok(Exit::Panicked),
        }
    }
}

/// What else there is to tell of a capture: as long as there are no rules, nothing was done about any.
fn teller(service: Arc<Service>) -> Teller {
    Box::new(move |capture, doubtful| Told {
        hints: if doubtful { service.diagnose(capture).hints } else { Vec::new() },
        deeds: if service.rulebook.with(|rules, _| rules.is_empty()) {
            Deeds::default()
        } else {
            service.store.deeds(capture.id).unwrap_or_default()
        },
        place: None,
    })
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

/// The readiness lines, once it really listens.
fn announce(settings: &Settings, secured: &Secured, bound: &[Endpoint], standing: &Standing) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    if let Some(warning) = warning(settings) {
        writeln!(stderr, "hookview: {warning}")?;
    }
    for note in &secured.notes {
        writeln!(stderr, "hookview: {}", Clean::text(note))?;
    }
    let url = bound.iter().find(|endpoint| endpoint.is_tls()).map(Endpoint::local_url).unwrap_or_default();
    for line in secured.own.iter().flat_map(|own| own.how_to_trust(&url)) {
        writeln!(stderr, "hookview: {}", Clean::text(&line))?;
    }
    for endpoint in bound {
        writeln!(stderr, "listening on {}", Clean::text(&endpoint.to_string()))?;
    }
    if standing.file.is_some() {
        writeln!(stderr, "rules: {}", Clean::text(&standing.words()))?;
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
        let _ = writeln!(io::stderr(), "{}", Clean::text(&line));
    }
    std::future::pending::<()>().await;
}

/// Says on stderr when certificates were read again. Never ends.
async fn tell_renewals(service: &Service) {
    match &service.certificates {
        Some(certificates) => tell(certificates.told(), |told| told.words.clone()).await,
        None => std::future::pending().await,
    }
}

/// Says on stderr when something else is in force, and when it is refused: rules, certificates. Never ends.
async fn tell<T>(mut standing: tokio::sync::watch::Receiver<T>, words: impl Fn(&T) -> String) {
    while standing.changed().await.is_ok() {
        let words = words(&standing.borrow_and_update());
        let _ = writeln!(io::stderr(), "hookview: {}", Clean::text(&words));
    }
    std::future::pending::<()>().await;
}

/// Reads schemes and secrets again, checks every capture with them, and says on stderr what came of it.
async fn say_reread(service: Arc<Service>, reread: Reread) {
    let said = service.reread(reread).await.map_or_else(|error| format!("{error:#}"), |done| done.words());
    // Nobody to tell when stderr is gone.
    let _ = writeln!(io::stderr(), "hookview: {}", Clean::text(&said));
}

/// Waits for a signal that ends the program; `reread` is called whenever one asks for that.
async fn stopped(signals: &mut Signals, reread: impl Fn()) -> Exit {
    loop {
        match signals.next().await {
            Signal::Reread => reread(),
            Signal::Stop => {
                // Without a screen there is nothing to give back first.
                let _ = signals.stop_job().await;
            }
            signal => {
                if let Some(exit) = signal.exit() {
                    return exit;
                }
            }
        }
    }
}

async fn on_screen(
    settings: Settings,
    reread: Reread,
    (service, listener): (Arc<Service>, Arc<Listener>),
    (signals, secured): (Signals, Secured),
) -> anyhow::Result<Exit> {
    let (arrivals, arrived) = mpsc::channel(FEED);
    service.store.on_commit(sink(arrivals));
    let listening = match listener.listen() {
        Ok(bound) => Listening::On(bound),
        Err(ListenError::Bind(error)) => effects::busy(&listener, &error),
        Err(ListenError::Unix(error)) => return Err(error.into()),
    };
    // Senders do not wait for what was kept before. What comes meanwhile may be told twice; the list keeps it once.
    let rows = service.store.summaries()?;
    let certificate = secured.own.map(|own| own.certificate);
    let mut model = Model::new(Boot { certificate, ..boot(&settings, &service, rows, listening.clone()) });
    if let Listening::Busy { reason, .. } = listening {
        model.say(crate::app::Level::Error, reason);
    } else if let Some(warning) = warning(&settings).or_else(|| secured.notes.into_iter().next()) {
        model.say(crate::app::Level::Error, warning);
    } else if let Some(rules) = Some(service.rulebook.standing().borrow().clone()).filter(|rules| rules.file.is_some())
    {
        model.say(crate::app::Level::Info, rules.words());
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
        reread,
        clipboard: Arc::new(Clipboard::new(Environment::read(environment), limit)),
        outcomes,
        changes: Arc::default(),
        searching: Arc::new(AtomicU64::new(0)),
        trying: Arc::new(AtomicU64::new(0)),
        conditions: None,
        comparing: Arc::new(AtomicU64::new(0)),
        sending: CancellationToken::new(),
        lab: None,
        child: false,
    };
    let run = Run::new(model, theme, screen, (Events::of_terminal()?, signals, doer));
    Ok(run.run(arrived, results, faults).await)
}

/// The addresses at which other machines reach us when we listen on all of them; loopback ones last.
fn addresses(settings: &Settings) -> Vec<String> {
    let bind: Vec<&IpAddr> = settings.listen.iter().flat_map(Listen::addresses).collect();
    if !bind.iter().any(|address| address.is_unspecified()) {
        return Vec::new();
    }
    let mut interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.retain(|interface| bind.iter().any(|address| address.is_ipv6() || interface.ip().is_ipv4()));
    interfaces.sort_by_key(if_addrs::Interface::is_loopback);
    let host = |ip: IpAddr| if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
    interfaces.iter().map(|interface| host(interface.ip())).collect()
}

fn boot(settings: &Settings, service: &Service, rows: Vec<crate::capture::Summary>, listening: Listening) -> Boot {
    let screen = &settings.screen;
    Boot {
        home: std::env::home_dir(),
        rows,
        listening,
        addresses: addresses(settings),
        certificate: None,
        session: settings.keeping.session.clone(),
        secrets: service.checker().secret_names(),
        look: Look {
            zone: if screen.utc { Zone::Utc } else { Zone::Local },
            masked: screen.masked_headers.clone(),
            hidden: screen.diff_hidden.clone(),
            keymap: Keymap::from(&settings.bindings),
            escape: !screen.utf8,
        },
        layout: match screen.layout {
            config::Layout::Auto => LayoutChoice::Auto,
            config::Layout::Side => LayoutChoice::Side,
            config::Layout::Stacked => LayoutChoice::Stacked,
            config::Layout::Single => LayoutChoice::Single,
        },
        ascii: screen.ascii,
        time: match screen.time {
            config::TimeFormat::Clock => TimeFormat::Clock,
            config::TimeFormat::Age => TimeFormat::Age,
            config::TimeFormat::Gap => TimeFormat::Gap,
        },
        mouse: screen.mouse,
        state: service.store.state("screen").ok().flatten(),
    }
}
