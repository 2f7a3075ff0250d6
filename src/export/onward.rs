//! What goes on to another server in place of a captured request: a forward, as a proxy sends it.
//!
//! A resend repeats the wire, oddities included, because somebody looks at what comes of it. A forward is sent unseen and
//! by anybody's wish, so here the framing is ours, and a line that two servers could read in two ways does not go on.

use std::borrow::Cow;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::capture::{Capture, Header, Headers, HttpVersion, Request};

use super::difference::{host_of, lower, names_of_connection};
use super::{Outgoing, wire};

/// Lines about the framing of a body, which is another on the next connection.
const FRAMING: [&str; 3] = ["transfer-encoding", "trailer", "content-length"];

/// What a forward adds.
#[derive(Clone, Copy, Debug)]
pub struct Additions<'a> {
    /// Who forwards, as `Via` names it: a token.
    pub via: &'a str,
    /// Whether `X-Forwarded-For`, `-Host` and `-Proto` tell about the client.
    pub client: bool,
}

/// The capture with its body in one piece, as it is to be prepared for a forward: chunks, their extensions and trailers
/// belong to the connection that they came over.
pub fn unframed(capture: &Capture) -> Capture {
    let mut capture = capture.clone();
    capture.request.body.framed = None;
    capture.request.body.trailers = Headers::default();
    capture
}

/// Makes what was prepared of `capture` fit to be sent on: no line of it can be taken for two or for another, and the
/// additions come last. What proxies before us have said about the client stays, and is added to.
pub fn onward(outgoing: Outgoing, capture: &Capture, additions: Additions<'_>) -> Outgoing {
    let Outgoing { capture: id, url, request } = outgoing;
    let lines = request.headers.iter().zip(wire::header_lines(&request));
    let mut lines: Vec<(Header, Bytes)> = lines.filter_map(|(header, line)| sendable(header, line)).collect();
    if additions.client {
        tell_client(&mut lines, capture);
    }
    let spoken = capture.request.version.as_str().trim_start_matches("HTTP/");
    lines.push(line("Via", format!("{spoken} {}", additions.via).into()));
    let is_plain = request.target.iter().all(u8::is_ascii_graphic);
    let target = if is_plain { request.target } else { Bytes::copy_from_slice(url.path_and_query().as_bytes()) };
    if !lines.iter().any(|(header, _)| header.is("host")) {
        lines.insert(0, line("Host", url.authority().into()));
    }
    let (headers, lines): (Vec<Header>, Vec<Bytes>) = lines.into_iter().unzip();
    // A proxy speaks its own version, whatever it was spoken to in (RFC 9110, section 6.2).
    let version = HttpVersion::Http11;
    let head = wire::head(&request.method, &target, version, &lines);
    let request = Request { version, head, target, headers: headers.into_iter().collect(), ..request };
    Outgoing { capture: id, url, request }
}

/// Whether a request has come by `via` before.
pub fn has_come_by(request: &Request, via: &str) -> bool {
    let words = |value: &[u8]| String::from_utf8_lossy(value).split([',', ' ', '\t']).any(|word| word == via);
    request.headers.all("via").any(words)
}

/// The lines of an answer that are for whoever asked, not for the connection that it came over. Its length is not among
/// them unless it tells about a body that is not there: in answer to a HEAD, or with a 304.
pub fn end_to_end(headers: &Headers, without_body: bool) -> Headers {
    let hops = names_of_connection(headers);
    let goes_on = |header: &&Header| {
        let name = lower(header);
        let framing = FRAMING.contains(&name.as_str()) && !(without_body && name == "content-length");
        !framing && !hops.contains(&name)
    };
    headers.iter().filter(goes_on).cloned().collect()
}

/// A line as it was on the wire when everybody reads it alike; what could end it within becomes a blank. Nothing for one
/// whose name is none: blanks before the colon, say, hide a line from some and not from others.
fn sendable(header: &Header, wire: Bytes) -> Option<(Header, Bytes)> {
    let is_name = !header.name.is_empty() && header.name.iter().all(|&byte| is_token(byte));
    if !is_name || wire.get(header.name.len()) != Some(&b':') {
        return None;
    }
    if !wire.iter().any(|&byte| ends_line(byte)) {
        return Some((header.clone(), wire));
    }
    let value = header.value.iter().map(|&byte| if ends_line(byte) { b' ' } else { byte }).collect();
    let header = Header { name: header.name.clone(), value };
    let line = wire::write(&header);
    Some((header, line))
}

fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b'\0')
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The last proxy's word comes last in `X-Forwarded-For`; what the client asked for, the first one knew.
fn tell_client(lines: &mut Vec<(Header, Bytes)>, capture: &Capture) {
    if let Ok(remote) = capture.remote.parse::<SocketAddr>() {
        let before = lines.iter().filter(|(header, _)| header.is("x-forwarded-for"));
        let mut chain: Vec<Cow<'_, str>> = before.map(|(header, _)| String::from_utf8_lossy(&header.value)).collect();
        chain.push(remote.ip().to_canonical().to_string().into());
        let chain = chain.join(", ");
        lines.retain(|(header, _)| !header.is("x-forwarded-for"));
        lines.push(line("X-Forwarded-For", chain.into()));
    }
    let host = host_of(&capture.request).map(Bytes::copy_from_slice);
    let proto = Bytes::from_static(if capture.tls.is_some() { b"https" } else { b"http" });
    for (name, value) in [("X-Forwarded-Host", host), ("X-Forwarded-Proto", Some(proto))] {
        let is_there = lines.iter().any(|(header, _)| header.is(name));
        lines.extend(value.filter(|_| !is_there).map(|value| line(name, value)));
    }
}

/// A line of ours; the value may be foreign.
fn line(name: &'static str, value: Bytes) -> (Header, Bytes) {
    let value = value.iter().map(|&byte| if ends_line(byte) { b' ' } else { byte }).collect();
    let header = Header { name: Bytes::from_static(name.as_bytes()), value };
    let wire = wire::write(&header);
    (header, wire)
}
