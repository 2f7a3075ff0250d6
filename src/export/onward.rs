//! What goes on to another server in place of a captured request: a forward, as a proxy sends it.
//!
//! A resend repeats the wire, oddities included, because somebody looks at what comes of it. A forward is sent unseen
//! and by anybody's wish, so here the framing is ours, and a line that two servers could read in two ways does not go
//! on.

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
    lines.push(line("Via", format!("{spoken} {}", additions.via).as_bytes()));
    let is_plain = request.target.iter().all(u8::is_ascii_graphic);
    let target = if is_plain { request.target } else { Bytes::copy_from_slice(url.path_and_query().as_bytes()) };
    if !lines.iter().any(|(header, _)| header.is("host")) {
        lines.insert(0, line("Host", url.authority().as_bytes()));
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

/// A line as it was on the wire when everybody reads it alike; what could end it within becomes a blank. Nothing for
/// one whose name is none: blanks before the colon, say, hide a line from some and not from others.
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
        lines.push(line("X-Forwarded-For", chain.as_bytes()));
    }
    let host = host_of(&capture.request);
    let proto: &[u8] = if capture.tls.is_some() { b"https" } else { b"http" };
    for (name, value) in [("X-Forwarded-Host", host), ("X-Forwarded-Proto", Some(proto))] {
        let is_there = lines.iter().any(|(header, _)| header.is(name));
        lines.extend(value.filter(|_| !is_there).map(|value| line(name, value)));
    }
}

/// A line of ours; the value may be foreign.
fn line(name: &'static str, value: &[u8]) -> (Header, Bytes) {
    let value = value.iter().map(|&byte| if ends_line(byte) { b' ' } else { byte }).collect();
    let header = Header { name: Bytes::from_static(name.as_bytes()), value };
    let wire = wire::write(&header);
    (header, wire)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::capture::{Body, Signing, Tls, parse_request};
    use crate::export::{Plan, prepare};

    fn capture(head: &[u8], body: impl Into<Bytes>) -> Capture {
        let head = Bytes::copy_from_slice(head);
        let request = Request::from_head(head.clone(), parse_request(&head).unwrap(), Body::whole(body));
        Capture::new(request, chrono::DateTime::UNIX_EPOCH, "[::ffff:192.0.2.7]:5".into(), "127.0.0.1:9000".into())
    }

    fn sent(capture: &Capture, client: bool) -> Request {
        let plan =
            Plan { url: "http://up:81/b?c".parse().unwrap(), signing: Signing::Captured, edited: None, method: None };
        let (outgoing, _) = prepare(&unframed(capture), &plan, None, &[]).unwrap();
        onward(outgoing, capture, Additions { via: "us", client }).request
    }

    #[test]
    fn http2_over_tls_goes_on_as_http1() {
        let mut capture = capture(b"POST /a HTTP/2\r\n\r\n", "{}");
        for (name, value) in [(":method", "POST"), (":authority", "hooks.example"), (":path", "/a"), ("x-a", "1")] {
            capture.request.headers.push(name, value);
        }
        capture.tls = Some(Tls::default());
        let expected = "POST /b?c HTTP/1.1\r\nHost: up:81\r\nx-a: 1\r\nContent-Length: 2\r\nX-Forwarded-For: 192.0.2.7\r\n\
            X-Forwarded-Host: hooks.example\r\nX-Forwarded-Proto: https\r\nVia: 2 us\r\n\r\n{}";
        assert_eq!(String::from_utf8(sent(&capture, true).wire_bytes()).unwrap(), expected);
    }

    #[test]
    fn a_target_that_is_no_url_is_written_as_one() {
        let mut capture = capture(b"GET /a b\r HTTP/1.1\r\nHost: h\r\n\r\n", "");
        "127.0.0.1:9000".clone_into(&mut capture.local);
        let plan = Plan {
            url: "http://127.0.0.1:9000/a b\r".parse().unwrap(),
            signing: Signing::Captured,
            edited: None,
            method: None,
        };
        let (outgoing, _) = prepare(&capture, &plan, None, &[]).unwrap();
        let request = onward(outgoing, &capture, Additions { via: "us", client: false }).request;
        assert!(request.target.iter().all(u8::is_ascii_graphic), "{}", request.target.escape_ascii());
    }

    #[test]
    fn who_was_passed_is_known_by_the_whole_name() {
        let request = |via: &str| capture(format!("GET / HTTP/1.1\r\nVia: {via}\r\n\r\n").as_bytes(), "").request;
        for (via, expected) in
            [("1.1 us", true), ("1.0 a, HTTP/2 us (x),1.1 b", true), ("1.1 us2", false), ("us", true)]
        {
            assert_eq!(has_come_by(&request(via), "us"), expected, "{via}");
        }
    }

    proptest! {
        #[test]
        fn every_reader_finds_the_same_lines(
            lines in proptest::collection::vec("[ \t]?(Host|Connection|Via|TE|X-Forwarded-(For|Host)|Content-Length|[a-z(\u{1}]{1,4})[:,]? ?[a-z\r\u{0}é:, -]{0,8}\r?\n", 0..8),
            body in proptest::collection::vec(any::<u8>(), 0..20), client in any::<bool>(),
        ) {
            let capture = capture(format!("POST /a HTTP/1.1\r\n{}\r\n", lines.concat()).as_bytes(), body.clone());
            let request = sent(&capture, client);
            let head = request.head.strip_suffix(b"\r\n\r\n").unwrap();
            let lines: Vec<&[u8]> = head.split(|&byte| byte == b'\n').skip(1).collect();
            prop_assert_eq!(lines.len(), request.headers.len());
            for (line, header) in lines.iter().zip(&request.headers) {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                prop_assert!(!line.contains(&b'\r') && !line.contains(&0));
                let colon = line.iter().position(|&byte| byte == b':').unwrap();
                prop_assert!(colon > 0 && line[..colon].iter().all(|&byte| is_token(byte)));
                prop_assert_eq!(&line[..colon], &header.name[..]);
                prop_assert_eq!(line[colon + 1..].trim_ascii(), header.value.trim_ascii());
            }
            let lengths: Vec<_> = request.headers.all("content-length").collect();
            let written = body.len().to_string();
            prop_assert!(lengths == [written.as_bytes()] || (lengths.is_empty() && body.is_empty()));
            prop_assert_eq!(request.headers.all("host").count(), 1);
            prop_assert!(has_come_by(&request, "us"));
        }
    }
}
