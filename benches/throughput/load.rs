//! The load: one thread, raw sockets, the same bytes over and over; answers are read and looked at.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use hookview::signature::Secret;
use hookview::store::{Location, Options, Store};

use super::Round;
use super::servers::{SECRET, Server, service};

/// A Peering Manager webhook for a receiver at `authority`, signed, head and body.
pub fn request(authority: &str) -> Vec<u8> {
    let store = Store::open(&Location::Memory, Options::default()).unwrap();
    let signer = service(store, Secret::new("benchmark", SECRET.to_vec()));
    let url = format!("http://{authority}/").parse().unwrap();
    signer.sample("peering-manager-update", &url).unwrap().request.wire_bytes()
}

/// Connections that stay open.
pub struct Load {
    request: Vec<u8>,
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    /// What came of an answer so far.
    answer: Vec<u8>,
    sent_at: Instant,
}

impl Load {
    pub fn new(port: u16, connections: usize) -> Self {
        let connections = (0..connections).map(|_| Connection::open(port)).collect();
        Self { request: request(&format!("127.0.0.1:{port}")), connections }
    }

    /// Keeps one request on its way on every connection.
    pub fn run(mut self, time: Duration, server: &Server) -> Round {
        let measured = Measured::start(server);
        for connection in &mut self.connections {
            connection.send(&self.request);
        }
        let mut waits = Vec::new();
        while measured.since.elapsed() < time {
            for at in self.ready() {
                let connection = &mut self.connections[at];
                if let Some(wait) = connection.receive() {
                    waits.push(wait);
                    connection.send(&self.request);
                }
            }
        }
        let round = measured.end(server, waits);
        // What is still on its way is answered before the next server has its turn.
        for connection in &mut self.connections {
            connection.stream.set_nonblocking(false).unwrap();
            while connection.receive().is_none() {}
        }
        server.acknowledged.set(server.acknowledged.get() + self.connections.len() as u64);
        round
    }

    /// The connections that have something to read.
    fn ready(&self) -> Vec<usize> {
        let streams = self.connections.iter().map(|connection| &connection.stream);
        let mut polled: Vec<PollFd<'_>> = streams.map(|stream| PollFd::new(stream, PollFlags::IN)).collect();
        poll(&mut polled, None).unwrap();
        (0..polled.len()).filter(|&at| !polled[at].revents().is_empty()).collect()
    }
}

impl Connection {
    fn open(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, answer: Vec::new(), sent_at: Instant::now() }
    }

    /// A request is smaller than any socket's buffer.
    fn send(&mut self, request: &[u8]) {
        self.sent_at = Instant::now();
        assert_eq!(self.stream.write(request).unwrap(), request.len());
    }

    /// How long the answer took, once it is whole.
    fn receive(&mut self) -> Option<Duration> {
        let mut piece = [0; 1024];
        match self.stream.read(&mut piece) {
            Ok(0) => panic!("the server closed the connection"),
            Ok(count) => self.answer.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("{error}"),
        }
        if !is_whole(&self.answer) {
            return None;
        }
        self.answer.clear();
        Some(self.sent_at.elapsed())
    }
}

/// Both servers answer `OK` and a line end.
fn is_whole(answer: &[u8]) -> bool {
    let whole = answer.ends_with(b"\r\n\r\nOK\n");
    assert!(!whole || answer.starts_with(b"HTTP/1.1 200 "), "{}", answer.escape_ascii());
    whole
}

/// One sender as Peering Manager is: connects, sends, reads the answer, closes, begins again.
pub fn connect_each(port: u16, time: Duration, server: &Server) -> Round {
    let request = request(&format!("127.0.0.1:{port}"));
    let mut waits = Vec::new();
    let measured = Measured::start(server);
    while measured.since.elapsed() < time {
        let mut connection = Connection::open(port);
        connection.stream.set_nonblocking(false).unwrap();
        connection.send(&request);
        while connection.receive().is_none() {}
        waits.push(connection.sent_at.elapsed());
    }
    measured.end(server, waits)
}

/// What a server has done within a time.
struct Measured {
    since: Instant,
    cpu: f64,
}

impl Measured {
    fn start(server: &Server) -> Self {
        Self { since: Instant::now(), cpu: server.cpu() }
    }

    fn end(self, server: &Server, mut waits: Vec<Duration>) -> Round {
        let (seconds, cpu) = (self.since.elapsed().as_secs_f64(), server.cpu() - self.cpu);
        waits.sort_unstable();
        server.acknowledged.set(server.acknowledged.get() + waits.len() as u64);
        let count = f64::from(u32::try_from(waits.len()).unwrap());
        Round { requests_per_s: count / seconds, cpu_per_1k: cpu / count * 1e3, p99: waits[waits.len() * 99 / 100] }
    }
}
