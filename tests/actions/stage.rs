//! A hookview whose plans a test makes, and targets that answer as a test says.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use hookview::capture::{Answer, Asker, Attempt, AttemptOutcome, Capture, CaptureId, Run};
use hookview::outbound::{Client, Resent, TlsOptions};
use hookview::receiver::{self, Intake, Limits, Reply, Taken};
use hookview::rules::{Command, Forward, Passing, Plan, Source};
use hookview::service::Service;
use hookview::signature::{Checker, Schemes, Secret};
use hookview::store::{Location, Options, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// More than any of this takes.
pub const LONG: Duration = Duration::from_secs(30);

type Planner = Box<dyn Fn(&Capture) -> Plan + Send + Sync>;

/// A hookview on a free port of loopback.
pub struct House {
    pub service: Arc<Service>,
    pub address: SocketAddr,
    planner: Arc<OnceLock<Planner>>,
    stop: CancellationToken,
}

struct Door {
    service: Arc<Service>,
    planner: Arc<OnceLock<Planner>>,
}

impl Intake for Door {
    async fn take(&self, mut capture: Capture) -> Taken {
        capture.verdict = self.service.checker().check(&capture.request, capture.received_at);
        let plan = self.planner.get().unwrap()(&capture);
        let plan = self.service.admit(plan, &capture.request);
        capture.id = self.service.store.append(capture.clone()).await.unwrap();
        Taken { id: Some(capture.id), reply: self.service.carry_out(plan, Arc::new(capture)).await }
    }
}

impl House {
    pub fn open() -> Self {
        Self::with_secrets(&[])
    }

    pub fn with_secrets(secrets: &[(&str, &str)]) -> Self {
        let secrets = secrets.iter().map(|(name, value)| Secret::new(*name, value.as_bytes().to_vec())).collect();
        let checker = Checker::new(Schemes::builtin(), secrets, None).unwrap();
        let store = Store::open(&Location::Memory, Options::default()).unwrap();
        let resent = Resent::default();
        let client = Client::new(&TlsOptions::default(), resent.clone()).unwrap();
        let service = Arc::new(Service::new(store, checker, client, resent));
        let listeners = receiver::bind(&["127.0.0.1".parse().unwrap()], 0).unwrap();
        let address = listeners[0].local_addr().unwrap();
        let (planner, stop) = (Arc::new(OnceLock::new()), CancellationToken::new());
        let door = Arc::new(Door { service: service.clone(), planner: planner.clone() });
        tokio::spawn(receiver::serve(listeners, door, Limits::default(), stop.clone()));
        Self { service, address, planner, stop }
    }

    /// What it is to do about every request.
    pub fn plans(self, planner: impl Fn(&Capture) -> Plan + Send + Sync + 'static) -> Self {
        assert!(self.planner.set(Box::new(planner)).is_ok());
        self
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends bytes and reads the answer until the connection closes.
    pub async fn exchange(&self, request: impl AsRef<[u8]>) -> Vec<u8> {
        exchange(self.address, request.as_ref()).await
    }

    /// The same for a POST of a body, with the answer as text.
    pub async fn post(&self, body: &str) -> String {
        let request = format!(
            "POST /in HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        String::from_utf8_lossy(&self.exchange(request).await).into_owned()
    }

    /// A stored capture of a body that came to here.
    pub async fn capture(&self, body: impl Into<bytes::Bytes>) -> Arc<Capture> {
        let body = hookview::capture::Body::whole(body);
        let head =
            bytes::Bytes::from(format!("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.total));
        let parsed = hookview::capture::parse_request(&head).unwrap();
        let request = hookview::capture::Request::from_head(head, parsed, body);
        let mut capture = Capture::new(request, chrono::Utc::now(), "192.0.2.7:4711".into(), self.address.to_string());
        capture.id = self.service.store.append(capture.clone()).await.unwrap();
        Arc::new(capture)
    }

    /// Carries a plan out for such a capture, to the answer.
    pub async fn carry_out(&self, plan: Plan, capture: &Arc<Capture>) -> Answer {
        answer(self.service.carry_out(plan, capture.clone()).await).await
    }

    /// The runs of a capture as soon as there are so many.
    pub async fn runs(&self, capture: u64, count: usize) -> Vec<Run> {
        self.until(|| self.service.store.runs(CaptureId(capture)).unwrap(), count).await
    }

    /// The attempts of a capture as soon as there are so many.
    pub async fn attempts(&self, capture: u64, count: usize) -> Vec<Attempt> {
        self.until(|| self.service.store.attempts(CaptureId(capture)).unwrap(), count).await
    }

    async fn until<T>(&self, look: impl Fn() -> Vec<T>, count: usize) -> Vec<T> {
        let looking = async {
            loop {
                let found = look();
                if found.len() >= count {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, looking).await.unwrap()
    }

    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.service.stop_actions();
        self.service.actions_ended().await;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub async fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Now(answer) => answer,
        Reply::Later(answer) => tokio::time::timeout(LONG, answer).await.unwrap(),
    }
}

pub async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    answer
}

/// What a target does about a request that it has read.
#[derive(Clone)]
pub enum Act {
    /// Writes this and closes.
    Answer(Vec<u8>),
    /// Resets the connection.
    Reset,
    /// Closes it.
    Close,
    /// Waits until the other side goes.
    Hang,
}

/// A target that treats requests as told, the last way for all that follow.
pub struct Target {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Target {
    pub async fn new(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = seen.clone();
        tokio::spawn(async move {
            for nth in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let act = acts.get(nth).or(acts.last()).unwrap().clone();
                tokio::spawn(treat(stream, act, noted.clone()));
            }
        });
        Self { address, seen }
    }

    pub async fn answering(answer: impl AsRef<[u8]>) -> Self {
        Self::new(vec![Act::Answer(answer.as_ref().to_vec())]).await
    }

    pub fn url(&self) -> String {
        format!("http://{}/up", self.address)
    }

    /// The requests that it has read, as text.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| String::from_utf8_lossy(seen).into_owned()).collect()
    }

    /// The only one.
    pub fn only(&self) -> String {
        let [only] = self.seen().try_into().unwrap();
        only
    }
}

async fn treat(mut stream: TcpStream, act: Act, noted: Arc<Mutex<Vec<Vec<u8>>>>) {
    let request = read_request(&mut stream).await;
    noted.lock().unwrap().push(request);
    match act {
        Act::Answer(answer) => {
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        Act::Reset => socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap(),
        Act::Close => {}
        Act::Hang => drop(stream.read_to_end(&mut Vec::new()).await),
    }
}

/// A head, and the body of the length that it tells.
async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    loop {
        let head = request.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if request.len() >= head + length {
                return request;
            }
        }
        if stream.read_buf(&mut request).await.unwrap_or_default() == 0 {
            return request;
        }
    }
}

/// A URL at which nothing listens.
pub async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
}

/// A 200 of the rule `r` that is ready.
pub fn ready() -> Plan {
    Plan::ready(Answer::text(200, "ours\n", "r"))
}

/// The answer is to come from elsewhere; the rule sets nothing of it itself.
pub fn made_by(source: Source) -> Plan {
    let answer = Answer { status: 200, rule: "r".to_owned(), ..Answer::default() };
    Plan { source, ..Plan::ready(answer) }
}

pub fn command(argv: &[&str], directory: &Path) -> Command {
    Command {
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        directory: directory.to_owned(),
        environment: Vec::new(),
        time_limit: LONG,
        at_once: 4,
        queue: 16,
    }
}

pub fn shell(script: &str, directory: &Path) -> Command {
    command(&["sh", "-c", script], directory)
}

pub fn to(url: impl Into<String>) -> Forward {
    Forward {
        url: url.into(),
        passing: Passing::Through,
        forwarded_headers: false,
        sign_with: None,
        retries: 0,
        backoff: Duration::from_millis(1),
        retry_on: Vec::new(),
        time_limit: LONG,
    }
}

/// The target's answer is ours.
pub fn through(forward: Forward) -> Plan {
    Plan { forward: Some(forward), ..made_by(Source::Upstream) }
}

/// Ours stays, the target's is only kept.
pub fn shown(forward: Forward) -> Plan {
    Plan { forward: Some(Forward { passing: Passing::Shown, ..forward }), ..ready() }
}

/// What came of attempts, each as `nth: status` or `nth: reason`.
pub fn outcomes(attempts: &[Attempt]) -> Vec<String> {
    let outcome = |attempt: &Attempt| {
        let Asker::Forward { rule, nth } = &attempt.by else { panic!("{:?}", attempt.by) };
        assert_eq!(rule, "r");
        match &attempt.outcome {
            AttemptOutcome::Answered(response) => format!("{nth}: {}", response.status),
            AttemptOutcome::Failed(reason) => format!("{nth}: {reason}"),
        }
    };
    attempts.iter().map(outcome).collect()
}
