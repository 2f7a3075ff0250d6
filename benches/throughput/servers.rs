//! The servers: each is this program again, started with [`FLAG`], says its port and serves until its input ends.

use std::cell::Cell;
use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use hookview::config::parse_listen;
use hookview::outbound::{Client, Resent, TlsOptions};
use hookview::receiver::Limits;
use hookview::service::{Listener, Service};
use hookview::signature::{Checker, Schemes, Secret};
use hookview::store::{Durability, Location, Options, Store};

/// Makes this program a server.
pub const FLAG: &str = "--serve";
/// What the requests are signed with.
pub const SECRET: &[u8] = b"benchmark";

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// hyper, which reads the body and answers 200.
    Bare,
    /// hookview as it is by default.
    Full,
    /// hookview with commits that a power cut may take back.
    Normal,
}

impl Kind {
    pub fn describe(self) -> &'static str {
        match self {
            Self::Bare => "bare hyper",
            Self::Full => "hookview",
            Self::Normal => "hookview, durability normal",
        }
    }

    /// Where it keeps what it receives.
    pub fn store(self, directory: &Path) -> Option<PathBuf> {
        (self != Self::Bare).then(|| directory.join(format!("{self:?}.db")))
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let kinds = [Self::Bare, Self::Full, Self::Normal];
        kinds.into_iter().find(|kind| format!("{kind:?}") == name).ok_or_else(|| format!("no server {name}"))
    }
}

/// A server that runs.
pub struct Server {
    pub kind: Kind,
    pub port: u16,
    /// Requests that it answered with 200.
    pub acknowledged: Cell<u64>,
    process: Child,
}

impl Server {
    pub fn start(kind: Kind, directory: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([FLAG, &format!("{kind:?}")]).arg(directory);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { kind, port: line.trim().parse().unwrap(), acknowledged: Cell::new(0), process }
    }

    /// CPU seconds it has used so far; Linux tells, in hundredths.
    pub fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
    }

    pub fn stop(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

/// Serves until standard input ends.
#[tokio::main]
pub async fn serve(kind: Kind, directory: &Path) {
    match kind.store(directory) {
        None => bare().await,
        Some(path) => hookview(kind, path).await,
    }
}

async fn told_to_stop() {
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
}

async fn bare() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    tokio::select! {
        () = accept(listener) => {}
        () = told_to_stop() => {}
    }
}

async fn accept(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let served =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(drain));
        tokio::spawn(served);
    }
}

async fn drain(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    Ok(Response::new(Full::new(Bytes::from_static(b"OK\n"))))
}

async fn hookview(kind: Kind, path: PathBuf) {
    let durability = if kind == Kind::Normal { Durability::Normal } else { Durability::Full };
    let store = Store::open(&Location::File(path), Options { durability, ..Options::default() }).unwrap();
    let secret = Secret::new("benchmark", SECRET.to_vec());
    let service = Arc::new(service(store, secret));
    let listener = Listener::new(service.clone(), vec![parse_listen("http://127.0.0.1:0").unwrap()], Limits::default());
    let bound = listener.listen().unwrap();
    println!("{}", bound[0].address().unwrap().port());
    told_to_stop().await;
    listener.shut_down().await;
    service.store.close();
}

/// hookview without a face.
pub fn service(store: Store, secret: Secret) -> Service {
    let checker = Checker::new(Schemes::builtin(), vec![secret], None).unwrap();
    let resent = Resent::default();
    let client = Client::new(&TlsOptions::default(), resent.clone()).unwrap();
    Service::new(store, checker, client, resent)
}
