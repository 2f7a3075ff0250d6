//! Waiting for the head of an HTTP/1 request, and giving up early on what will never become one.

use bytes::Bytes;
use tokio::time::Instant;

use crate::capture::{Body, Head, HeadError, HttpVersion, Request, StartLine, head_length, parse_request};

use super::Limits;
use super::fault::Fault;
use super::stream::Stream;
use super::wire::{Halt, Wire};

/// What an HTTP/2 connection begins with. Format: RFC 9113, section 3.4.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How far a method may reach before the line is looked at as a whole.
const OPENING: usize = 64;
/// How much is kept of what is not HTTP.
const JUNK: usize = 64 * 1024;

/// Whether the connection opens with HTTP/2. Reads no further than it must to tell.
pub(super) async fn opens_http2(wire: &mut Wire<impl Stream>, until: Instant) -> bool {
    loop {
        let seen = wire.buffered().len().min(PREFACE.len());
        if wire.buffered()[..seen] != PREFACE[..seen] {
            return false;
        }
        if seen == PREFACE.len() {
            return true;
        }
        if wire.more(until).await.is_err() {
            return false;
        }
    }
}

/// Reads a head: a request that has no body yet. When that fails, all that did come is kept as its head.
pub(super) async fn read(wire: &mut Wire<impl Stream>, limits: &Limits, until: Instant) -> (Request, Option<Fault>) {
    let fault = match find(wire, limits, until).await {
        Ok(length) => match understand(&wire.buffered()[..length]) {
            Ok((bytes, head)) => {
                wire.consume(length);
                return (Request::from_head(bytes, head, Body::default()), None);
            }
            Err(_) => listen_on(wire, until).await,
        },
        Err(Failure::Halted(halt)) => Fault::head_halted(halt, wire.buffered().len(), limits.head_timeout),
        Err(Failure::TooLarge) => Fault::head_too_large(limits.max_head),
        Err(Failure::NotHttp) => listen_on(wire, until).await,
    };
    let head = wire.take(wire.buffered().len());
    (Request { version: HttpVersion::Unknown, head, ..Request::default() }, Some(fault))
}

enum Failure {
    Halted(Halt),
    TooLarge,
    NotHttp,
}

/// Waits for a whole head and gives its length.
async fn find(wire: &mut Wire<impl Stream>, limits: &Limits, until: Instant) -> Result<usize, Failure> {
    let mut seen = 0;
    loop {
        let length = head_length(wire.buffered(), seen);
        if length.unwrap_or(wire.buffered().len()) > limits.max_head {
            return Err(Failure::TooLarge);
        }
        if let Some(length) = length {
            return Ok(length);
        }
        if is_hopeless(wire.buffered(), seen) {
            return Err(Failure::NotHttp);
        }
        seen = wire.buffered().len();
        wire.more(until).await.map_err(Failure::Halted)?;
    }
}

/// Whether an unfinished head can never become a request. The first `seen` bytes were looked at by an earlier call.
fn is_hopeless(buffer: &[u8], seen: usize) -> bool {
    if buffer[..seen].contains(&b'\n') || PREFACE.starts_with(buffer) {
        return false;
    }
    match buffer[seen..].iter().position(|&byte| byte == b'\n') {
        Some(end) => understand(&buffer[..=seen + end]).is_err(),
        None => seen < OPENING && !opens_with_method(&buffer[..buffer.len().min(OPENING)]),
    }
}

fn opens_with_method(opening: &[u8]) -> bool {
    let method = opening.split(|&byte| byte == b' ').next().unwrap_or_default();
    !method.is_empty() && method.iter().all(u8::is_ascii_graphic)
}

/// HTTP/2 in words on an HTTP/1 request line is not something that anybody can be answered in.
fn understand(bytes: &[u8]) -> Result<(Bytes, Head), HeadError> {
    let bytes = Bytes::copy_from_slice(bytes);
    let head = parse_request(&bytes)?;
    match head.start {
        StartLine::Request { version: HttpVersion::Http10 | HttpVersion::Http11, .. } => Ok((bytes, head)),
        _ => Err(HeadError::Version),
    }
}

/// Keeps what more a client says that does not speak HTTP, and says what it was.
async fn listen_on(wire: &mut Wire<impl Stream>, until: Instant) -> Fault {
    wire.gather(JUNK, until).await;
    match understand(wire.buffered()) {
        Err(error) => Fault::not_http(&error),
        Ok(_) => Fault::not_http(&HeadError::NotHttp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_up_on_junk_as_soon_as_it_shows() {
        let cases: &[(&[u8], bool)] = &[
            (b"P", false),
            (b"POST /a HTT", false),
            (b"POST /a HTTP/1.1\r\nHost", false),
            (b"PURGE-all /", false),
            (b"PRI * HTTP/2.0\r\n", false),
            (b"PRI / HTTP/2.0\r\n", true),
            (b" GET", true),
            (b"\x16\x03", true),
            (b"hello\r\n", true),
            (b"SSH-2.0-OpenSSH_9.6", false),
            (b"SSH-2.0-OpenSSH_9.6\r\n", true),
            (b"\x00\x00\x00\x08", true),
        ];
        for &(bytes, hopeless) in cases {
            assert_eq!(is_hopeless(bytes, 0), hopeless, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn looks_at_the_first_line_once() {
        let head = b"GET / HTTP/1.1\r\nno colon \x00\r\nA";
        for seen in 0..head.len() {
            assert!(!is_hopeless(head, seen), "seen {seen}");
        }
    }
}
