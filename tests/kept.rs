//! Connections to a target that are kept for the next forward, and targets that close them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::sync::Arc;
use std::time::Duration;

use hookview::capture::Headers;
use hookview::export::Outgoing;
use hookview::outbound::{Client, Resent, TlsOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const LIMIT: Duration = Duration::from_secs(10);
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// What a target does about a request.
#[derive(Clone, Copy)]
enum Act {
    Answer(&'static [u8]),
    AnswerAndClose(&'static [u8]),
    AnswerWhenTold(&'static [u8]),
    Close,
}

/// What happened at a target: the `nth` connection got a request, or ended.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Asked(usize, String),
    Ended(usize),
}

struct Target {
    url: String,
    events: UnboundedReceiver<Event>,
    client: Client,
    told: Arc<Notify>,
}

/// A target that takes one request after the other from this script, over however many connections.
/// Connections to it are kept for longer than a test lasts.
async fn target(script: Vec<Act>) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in", listener.local_addr().unwrap());
    let (tell, events) = unbounded_channel();
    let told = Arc::new(Notify::new());
    let is_told = told.clone();
    tokio::spawn(async move {
        let mut script = script.into_iter();
        for nth in 1.. {
            let (stream, _) = listener.accept().await.unwrap();
            serve(stream, nth, &mut script, (&tell, &is_told)).await;
            tell.send(Event::Ended(nth)).unwrap();
        }
    });
    let client = Client::new(&TlsOptions::default(), Resent::default()).unwrap();
    Target { url, events, client: client.with_idle(Duration::from_secs(600)), told }
}

async fn serve(
    mut stream: TcpStream,
    nth: usize,
    script: &mut impl Iterator<Item = Act>,
    (tell, told): (&UnboundedSender<Event>, &Notify),
) {
    let mut read = Vec::new();
    while stream.read_buf(&mut read).await.unwrap() > 0 {
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((_, body)) = text.split_once("\r\n\r\n").filter(|(_, body)| body.ends_with('.')) else { continue };
        tell.send(Event::Asked(nth, format!("{} {body}", text.split(' ').next().unwrap()))).unwrap();
        read.clear();
        match script.next().unwrap() {
            Act::Answer(bytes) => stream.write_all(bytes).await.unwrap(),
            Act::AnswerAndClose(bytes) => return stream.write_all(bytes).await.unwrap(),
            Act::AnswerWhenTold(bytes) => {
                told.notified().await;
                stream.write_all(bytes).await.unwrap();
            }
            Act::Close => return,
        }
    }
}

impl Target {
    async fn ask(&self, method: &'static str, body: &'static str) -> Result<u16, String> {
        let outgoing = self.outgoing(method, body);
        let (answer, timing) = self.client.ask(&outgoing, LIMIT, 100).await;
        assert!(timing.connect_us > 0 && timing.connect_us <= timing.total_us);
        answer.map(|response| response.status).map_err(|error| error.to_string())
    }

    fn outgoing(&self, method: &'static str, body: &'static str) -> Outgoing {
        Outgoing::new(self.url.parse().unwrap(), method.into(), &Headers::default(), body.into())
    }

    async fn event(&mut self) -> Event {
        tokio::time::timeout(LIMIT, self.events.recv()).await.unwrap().unwrap()
    }

    async fn asked(&mut self, nth: usize, what: &str) {
        assert_eq!(self.event().await, Event::Asked(nth, what.to_owned()));
    }
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let chunked = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let mut target = target(vec![Act::Answer(OK), Act::Answer(chunked), Act::Answer(OK)]).await;
    for (body, status) in [("a.", 200), ("b.", 201), ("c.", 200)] {
        assert_eq!(target.ask("POST", body).await, Ok(status));
        target.asked(1, &format!("POST {body}")).await;
    }
}

#[tokio::test]
async fn a_connection_that_nothing_is_sent_over_is_not_kept_for_long() {
    let mut target = target(vec![Act::Answer(OK)]).await;
    target.client = Client::new(&TlsOptions::default(), Resent::default()).unwrap();
    assert_eq!(target.ask("POST", "a.").await, Ok(200));
    target.asked(1, "POST a.").await;
    assert_eq!(target.event().await, Event::Ended(1));
}

#[tokio::test]
async fn a_connection_of_before_other_certificates_were_trusted_is_not_kept() {
    let mut target = target(vec![Act::AnswerWhenTold(OK), Act::Answer(OK), Act::Answer(OK)]).await;
    let (client, outgoing) = (target.client.clone(), target.outgoing("POST", "a."));
    let under_way = tokio::spawn(async move { client.ask(&outgoing, LIMIT, 100).await.0 });
    target.asked(1, "POST a.").await;
    target.client.trust(&TlsOptions::default()).unwrap();
    target.told.notify_one();
    assert_eq!(under_way.await.unwrap().unwrap().status, 200);
    assert_eq!(target.event().await, Event::Ended(1));
    for body in ["b.", "c."] {
        assert_eq!(target.ask("POST", body).await, Ok(200));
        target.asked(2, &format!("POST {body}")).await;
    }
}

#[tokio::test]
async fn an_answer_after_which_nothing_is_sure_ends_its_connection() {
    let closing: [&[u8]; 5] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, Close\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Not Asked For\r\nContent-Length: 0\r\n\r\n",
    ];
    let mut target = target(closing.map(Act::Answer).to_vec()).await;
    for nth in 1..=closing.len() {
        assert_eq!(target.ask("POST", "a.").await, Ok(200));
        target.asked(nth, "POST a.").await;
        assert_eq!(target.event().await, Event::Ended(nth));
    }
}

#[tokio::test]
async fn a_connection_that_the_target_closed_meanwhile_is_not_used() {
    let mut target = target(vec![Act::AnswerAndClose(OK), Act::Answer(OK)]).await;
    assert_eq!(target.ask("POST", "a.").await, Ok(200));
    target.asked(1, "POST a.").await;
    assert_eq!(target.event().await, Event::Ended(1));
    assert_eq!(target.ask("POST", "b.").await, Ok(200));
    target.asked(2, "POST b.").await;
}

#[tokio::test]
async fn what_may_have_been_read_is_sent_again_only_when_that_changes_nothing() {
    let mut target = target(vec![Act::Answer(OK), Act::Close, Act::Answer(OK), Act::Close]).await;
    assert_eq!(target.ask("PUT", "a.").await, Ok(200));
    assert_eq!(target.ask("PUT", "b.").await, Ok(200));
    target.asked(1, "PUT a.").await;
    target.asked(1, "PUT b.").await;
    assert_eq!(target.event().await, Event::Ended(1));
    target.asked(2, "PUT b.").await;
    assert_eq!(target.ask("POST", "c.").await.unwrap_err(), "the target closed the connection without answering");
    target.asked(2, "POST c.").await;
    assert_eq!(target.event().await, Event::Ended(2));
}

#[tokio::test]
async fn a_resend_has_a_connection_of_its_own() {
    let mut target = target(vec![Act::Answer(OK); 2]).await;
    for nth in 1..=2 {
        target.client.send(&target.outgoing("POST", "a."), LIMIT).await;
        target.asked(nth, "POST a.").await;
        assert_eq!(target.event().await, Event::Ended(nth));
    }
}
