//! A running receiver whose intake records what it gets, and a client that speaks raw bytes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hookview::capture::{Answer, Capture, CaptureId, Headers, StartLine, head_length, parse_response};
use hookview::receiver::{Door, Intake, Limits, Taken, bind, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes, shorter than patience.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Fails the test rather than let it hang.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("too slow: {what}"))
}

/// Keeps every capture; answers as told, once it may.
pub struct Recorder {
    captures: Mutex<Vec<Capture>>,
    changed: Notify,
    answer: Answer,
    /// A permit is used up by every answer.
    pub may_answer: Semaphore,
}

impl Recorder {
    pub fn answering(answer: Answer) -> Self {
        let may_answer = Semaphore::new(Semaphore::MAX_PERMITS);
        Self { captures: Mutex::default(), changed: Notify::new(), answer, may_answer }
    }

    pub fn holding() -> Self {
        Self { may_answer: Semaphore::new(0), ..Self::answering(Answer::text(200, "ok\n", "default")) }
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::answering(Answer::text(200, "ok\n", "default"))
    }
}

impl Intake for Recorder {
    async fn take(&self, capture: Capture) -> Taken {
        self.captures.lock().unwrap().push(capture);
        self.changed.notify_one();
        self.may_answer.acquire().await.unwrap().forget();
        Taken::now(CaptureId::default(), self.answer.clone())
    }
}

pub struct Running {
    pub address: SocketAddr,
    pub intake: Arc<Recorder>,
    pub stop: CancellationToken,
    pub server: JoinHandle<()>,
}

impl Running {
    pub async fn start() -> Self {
        Self::with(Limits::default(), Recorder::answering(Answer::text(200, "ok\n", "default"))).await
    }

    pub async fn limited(limits: Limits) -> Self {
        Self::with(limits, Recorder::answering(Answer::text(200, "ok\n", "default"))).await
    }

    // Binding needs a runtime around it: being async makes sure of one.
    #[expect(clippy::unused_async)]
    pub async fn with(limits: Limits, intake: Recorder) -> Self {
        Self::on(bind(&[LOCALHOST], 0).unwrap(), limits, intake)
    }

    pub fn on(listeners: Vec<TcpListener>, limits: Limits, intake: Recorder) -> Self {
        Self::behind(listeners.into_iter().map(Door::from).collect(), limits, intake)
    }

    /// Without an address when it is behind a Unix socket.
    pub fn behind(doors: Vec<Door>, limits: Limits, intake: Recorder) -> Self {
        let port = doors[0].endpoint().unwrap().address().map_or(0, |address| address.port());
        let address = SocketAddr::new(LOCALHOST, port);
        let (intake, stop) = (Arc::new(intake), CancellationToken::new());
        let server = tokio::spawn(serve(doors, Arc::clone(&intake), limits, stop.clone()));
        Self { address, intake, stop, server }
    }

    pub async fn client(&self) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream, unread: Vec::new() }
    }

    /// Waits for `count` captures and hands them over, in the order they were handed in.
    pub async fn captures(&self, count: usize) -> Vec<Capture> {
        soon("captures", async {
            while self.intake.captures.lock().unwrap().len() < count {
                self.intake.changed.notified().await;
            }
        })
        .await;
        let captures = std::mem::take(&mut *self.intake.captures.lock().unwrap());
        assert_eq!(captures.len(), count, "{captures:#?}");
        captures
    }

    pub async fn capture(&self) -> Capture {
        self.captures(1).await.remove(0)
    }

    pub fn recorded(&self) -> usize {
        self.intake.captures.lock().unwrap().len()
    }

    /// Sends `request` on a connection of its own; the capture and the answer that it brought.
    pub async fn exchange(&self, request: impl AsRef<[u8]>) -> (Capture, Reply) {
        let mut client = self.client().await;
        client.send(request).await;
        let reply = client.reply().await;
        (self.capture().await, reply)
    }
}

/// An answer as a client saw it.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Headers,
    pub body: String,
}

pub struct Client {
    pub stream: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends as much as the other side takes.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Closes the sending side only.
    pub async fn half_close(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Closes in the way that the other side sees as a broken connection.
    pub fn reset(self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// The head of the next answer, an interim one too.
    pub async fn reply_head(&mut self) -> Reply {
        let length = soon("the head of an answer", async {
            loop {
                match head_length(&self.unread, 0) {
                    Some(length) => return length,
                    None => assert!(self.read().await > 0, "closed before an answer: {}", self.unread.escape_ascii()),
                }
            }
        })
        .await;
        let head = parse_response(&Bytes::from(self.unread.drain(..length).collect::<Vec<_>>())).unwrap();
        let StartLine::Response { status, .. } = head.start else { panic!("an answer") };
        Reply { status, headers: head.headers, body: String::new() }
    }

    /// The next answer, with its body.
    pub async fn reply(&mut self) -> Reply {
        let mut reply = self.reply_head().await;
        let length: usize = reply.headers.text("content-length").unwrap_or("0").parse().unwrap();
        soon("the body of an answer", async {
            while self.unread.len() < length {
                assert!(self.read().await > 0, "closed within an answer");
            }
        })
        .await;
        reply.body = String::from_utf8(self.unread.drain(..length).collect()).unwrap();
        reply
    }

    /// Waits for the other side to close; nothing more may come before.
    pub async fn expect_close(&mut self) {
        let count = soon("closing", self.read()).await;
        assert!(count == 0 && self.unread.is_empty(), "more came: {}", self.unread.escape_ascii());
    }

    async fn read(&mut self) -> usize {
        self.stream.read_buf(&mut self.unread).await.unwrap()
    }
}
