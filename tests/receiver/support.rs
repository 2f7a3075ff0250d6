//! A running receiver whose intake records what it gets, and a client that speaks raw bytes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hookview::capture::{
    Answer, Capture, CaptureId, Ending, EndingKind, Fault, Headers, Play, Request, StartLine, head_length,
    parse_response,
};
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
    /// How many captures were taken; the last one's number.
    taken: AtomicU64,
    endings: Mutex<Vec<(CaptureId, Ending)>>,
    changed: Notify,
    answer: Answer,
    /// A permit is used up by every answer.
    pub may_answer: Arc<Semaphore>,
    /// Whether answers are made after the capture was taken.
    later: bool,
    /// The answers that were made later.
    pub made: Arc<AtomicU64>,
    /// Whether clients wait for `100 Continue` in vain.
    withholds: bool,
}

impl Recorder {
    pub fn answering(answer: Answer) -> Self {
        Self {
            captures: Mutex::default(),
            taken: AtomicU64::new(0),
            endings: Mutex::default(),
            changed: Notify::new(),
            answer,
            may_answer: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS / 2)),
            later: false,
            made: Arc::default(),
            withholds: false,
        }
    }

    pub fn holding() -> Self {
        Self { may_answer: Arc::new(Semaphore::new(0)), ..Self::answering(Answer::text(200, "ok\n", "default")) }
    }

    /// Answers `ok`, played like this.
    pub fn playing(play: Play) -> Self {
        Self::answering(Answer { play, ..Answer::text(200, "ok\n", "default") })
    }

    /// Answers `ok`, which is made after the capture was taken, and once it may.
    pub fn making(play: Play) -> Self {
        Self { later: true, may_answer: Arc::new(Semaphore::new(0)), ..Self::playing(play) }
    }

    /// Answers `ok`, and asks nobody for a body.
    pub fn withholding() -> Self {
        let play = Play { fault: Some(Fault::NoContinue), ..Play::default() };
        Self { withholds: true, ..Self::playing(play) }
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
        let id = CaptureId(self.taken.fetch_add(1, Ordering::SeqCst) + 1);
        let (may_answer, made, answer) = (Arc::clone(&self.may_answer), Arc::clone(&self.made), self.answer.clone());
        let making = async move {
            may_answer.acquire().await.unwrap().forget();
            made.fetch_add(1, Ordering::SeqCst);
            answer
        };
        if self.later {
            Taken { id: Some(id), reply: hookview::receiver::Reply::Later(Box::pin(making)) }
        } else {
            Taken::now(id, making.await)
        }
    }

    fn withholds_continue(&self, request: &Request, _: &str) -> bool {
        assert!(request.body.bytes.is_empty());
        self.withholds
    }

    fn ended(&self, id: CaptureId, ending: Ending) {
        self.endings.lock().unwrap().push((id, ending));
        self.changed.notify_one();
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

    /// Waits for `count` endings and hands them over, in the order they were told.
    pub async fn endings_told(&self, count: usize) -> Vec<(CaptureId, Ending)> {
        soon("endings", async {
            while self.intake.endings.lock().unwrap().len() < count {
                self.intake.changed.notified().await;
            }
        })
        .await;
        let endings = std::mem::take(&mut *self.intake.endings.lock().unwrap());
        assert_eq!(endings.len(), count, "{endings:?}");
        endings
    }

    /// The one ending that there is to be, of the capture with this number.
    pub async fn ending_of(&self, number: u64) -> Ending {
        let (id, ending) = self.endings_told(1).await.remove(0);
        assert_eq!(id, CaptureId(number));
        ending
    }

    pub async fn ending(&self) -> EndingKind {
        self.ending_of(1).await.kind
    }

    pub fn endings(&self) -> usize {
        self.intake.endings.lock().unwrap().len()
    }

    /// Stops it and waits until it has.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        soon("the end", &mut self.server).await.unwrap();
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

    /// Goes, with a bang or without.
    pub fn leave(self, resets: bool) {
        if resets {
            self.reset();
        }
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

    /// All that comes until the other side closes, and whether it broke the connection instead.
    pub async fn rest(&mut self) -> (String, bool) {
        let end = soon("the end", self.stream.read_to_end(&mut self.unread)).await;
        let reset = end.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset);
        (std::mem::take(&mut self.unread).escape_ascii().to_string(), reset)
    }

    async fn read(&mut self) -> usize {
        self.stream.read_buf(&mut self.unread).await.unwrap()
    }
}

/// A receiver whose answers are played like this.
pub async fn playing(play: Play) -> Running {
    Running::with(Limits::default(), Recorder::playing(play)).await
}

pub async fn faulty(fault: Fault) -> Running {
    playing(Play { fault: Some(fault), ..Play::default() }).await
}

pub fn late(delay_ms: u64) -> Play {
    Play { delay_ms, ..Play::default() }
}
