//! An HTTP/2 request as hyper gives it, in the words of a capture.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Frame, Incoming};
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use hyper::http::uri::{Authority, PathAndQuery};
use tokio::time::timeout;

use crate::capture::{Body, Headers, HttpVersion, Request, parse_header_lines};

use super::super::Limits;
use super::super::fault::Fault;
use super::super::wire::Halt;

pub(super) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

pub(super) fn as_request(parts: &Parts, body: Body) -> Request {
    let uri = &parts.uri;
    let authority = uri.authority().map(Authority::as_str);
    let target = uri.path_and_query().map(PathAndQuery::as_str).or(authority).unwrap_or_default();
    let pseudo = [
        (":method", Some(parts.method.as_str())),
        (":scheme", uri.scheme_str()),
        (":authority", authority),
        (":path", uri.path_and_query().map(PathAndQuery::as_str)),
    ];
    let pseudo = pseudo.into_iter().filter_map(|(name, value)| Some((name, value?.as_bytes())));
    let fields = lines(pseudo.chain(named(&parts.headers)));
    let start = format!("{} {target} {}\r\n", parts.method, HttpVersion::Http2);
    Request {
        version: HttpVersion::Http2,
        method: Bytes::copy_from_slice(parts.method.as_str().as_bytes()),
        target: Bytes::copy_from_slice(target.as_bytes()),
        headers: parse_header_lines(&fields),
        head: [start.as_bytes(), &fields].concat().into(),
        body,
    }
}

fn named(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

/// Fields in the form that HTTP/1 has on the wire, with the blank line.
fn lines<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Bytes {
    let mut lines = BytesMut::new();
    for (name, value) in fields {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            lines.extend_from_slice(part);
        }
    }
    lines.extend_from_slice(b"\r\n");
    lines.freeze()
}

/// Reads a body, as far as the limits allow.
pub(super) async fn read(mut incoming: Incoming, declared: Option<u64>, limits: &Limits) -> (Body, Option<Fault>) {
    let mut received = Received::default();
    let end = received.fill(&mut incoming, limits).await;
    let is_over = received.total > limits.max_body;
    let total = declared.filter(|_| is_over).unwrap_or(received.total).max(received.total);
    let fault = match end {
        _ if is_over => {
            Some(Fault::body_too_large(total, limits.max_body, declared.is_some() || end == Ok(End::Reached)))
        }
        Ok(_) => None,
        Err(halt) => Some(Fault::body_halted(halt, total, declared, limits.body_idle)),
    };
    let bytes = Bytes::from(received.kept.into_boxed_slice());
    (Body { bytes, total, framed: None, trailers: received.trailers }, fault)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Reached,
    GivenUp,
}

/// A body as it comes in.
#[derive(Default)]
struct Received {
    kept: Vec<u8>,
    total: u64,
    trailers: Headers,
}

impl Received {
    /// Takes frames in until the end, or until it is far past the limit. Not less: a client whose stream is closed
    /// while it sends may not look at the answer.
    async fn fill(&mut self, incoming: &mut Incoming, limits: &Limits) -> Result<End, Halt> {
        loop {
            match timeout(limits.body_idle, incoming.frame()).await {
                Err(_) => return Err(Halt::TimedOut),
                Ok(None) => return Ok(End::Reached),
                Ok(Some(Err(_))) => return Err(Halt::Reset),
                Ok(Some(Ok(frame))) => self.add(frame, limits),
            }
            if self.total > limits.max_drain() {
                return Ok(End::GivenUp);
            }
        }
    }

    fn add(&mut self, frame: Frame<Bytes>, limits: &Limits) {
        match frame.into_data() {
            Ok(data) => {
                let room = limits.max_body.saturating_sub(self.kept.len() as u64);
                let room = usize::try_from(room).unwrap_or(usize::MAX);
                self.kept.extend_from_slice(&data[..data.len().min(room)]);
                self.total += data.len() as u64;
            }
            Err(frame) => {
                let trailers = frame.trailers_ref().map(|trailers| parse_header_lines(&lines(named(trailers))));
                self.trailers = trailers.unwrap_or_default();
            }
        }
    }
}
