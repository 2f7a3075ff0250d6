//! Putting an answer on the wire: as bytes for HTTP/1, as a response of hyper's for HTTP/2.
//!
//! The transport's own lines (length, connection) are added here, and nothing that an answer holds can add another.

use std::borrow::Cow;

use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::capture::{Answer, Fault, Header};

use super::framing::After;

/// Asks the client for the body that it holds back.
pub(super) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Nothing that any version of HTTP begins with. It ends a line, so that who reads lines gets one; it holds nothing that a
/// terminal would obey.
pub(super) const GARBAGE: &[u8] = b"\0\xff hookview was told to answer with garbage \xff\0\r\n\r\n";

/// Lines that only the transport can get right.
const OWN: [&str; 4] = ["content-length", "transfer-encoding", "connection", "keep-alive"];

/// An answer as HTTP/1.1 bytes; without its body when the request was a HEAD, with part of it when it is to be cut.
pub(super) fn encode(answer: &Answer, is_head: bool, after: After) -> Vec<u8> {
    let status = status(answer);
    let body = body(answer, is_head);
    let mut bytes = Vec::with_capacity(256 + body.len());
    bytes.extend_from_slice(b"HTTP/1.1 ");
    bytes.extend_from_slice(status.as_str().as_bytes());
    bytes.push(b' ');
    bytes.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    bytes.extend_from_slice(b"\r\n");
    for (name, value) in lines(answer) {
        for part in [name, b": ", &value, b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    if let Some(length) = announced(answer, is_head) {
        bytes.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
    }
    bytes.extend_from_slice(match after {
        After::Open => b"\r\n",
        After::OpenAsAsked => b"Connection: keep-alive\r\n\r\n",
        After::Close => b"Connection: close\r\n\r\n",
    });
    bytes.extend_from_slice(body);
    bytes
}

/// An answer for hyper, which writes names in lower case; its body is [`body`].
pub(super) fn response(answer: &Answer, is_head: bool) -> Response<()> {
    let status = status(answer);
    let mut response = Response::new(());
    *response.status_mut() = status;
    for (name, value) in lines(answer) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    if let Some(length) = announced(answer, is_head) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response
}

/// What is sent of the body of an answer.
pub(super) fn body(answer: &Answer, is_head: bool) -> &[u8] {
    match answer.play.fault {
        _ if !sends_body(answer, is_head) => &[],
        Some(Fault::Cut { after }) => &answer.body[..kept(answer, after)],
        _ => &answer.body,
    }
}

/// Whether there is a body to be sent.
pub(super) fn sends_body(answer: &Answer, is_head: bool) -> bool {
    may_have_body(status(answer)) && !is_head
}

/// The length that is announced, if any: more than is sent of a body that is to be cut, however short that is. Of a body
/// that would be another's, and that nobody has for a HEAD, only what that other said.
fn announced(answer: &Answer, is_head: bool) -> Option<usize> {
    match answer.play.fault {
        _ if !may_have_body(status(answer)) => None,
        Some(Fault::Cut { after }) => Some(answer.body.len().max(kept(answer, after) + 1)),
        _ if is_head && answer.body.is_empty() => answer.headers.text("content-length")?.parse().ok(),
        _ => Some(answer.body.len()),
    }
}

fn kept(answer: &Answer, after: u64) -> usize {
    usize::try_from(after).unwrap_or(usize::MAX).min(answer.body.len())
}

/// A final status; an interim one (1xx) would leave the client waiting for more.
fn status(answer: &Answer) -> StatusCode {
    let status = StatusCode::from_u16(answer.status).ok().filter(|status| !status.is_informational());
    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// RFC 9110, section 6.4.1.
fn may_have_body(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// The lines of an answer that can be sent as they are. A name that is none is left out; in a value, what could end the
/// line becomes a blank.
fn lines(answer: &Answer) -> impl Iterator<Item = (&[u8], Cow<'_, [u8]>)> {
    let sendable = |header: &&Header| is_token(&header.name) && !OWN.iter().any(|own| header.is(own));
    answer.headers.iter().filter(sendable).map(|header| (&header.name[..], one_line(&header.value)))
}

fn one_line(value: &[u8]) -> Cow<'_, [u8]> {
    let ends_line = |byte: u8| matches!(byte, b'\r' | b'\n' | b'\0');
    if value.iter().any(|&byte| ends_line(byte)) {
        value.iter().map(|&byte| if ends_line(byte) { b' ' } else { byte }).collect()
    } else {
        value.into()
    }
}

fn is_token(name: &[u8]) -> bool {
    HeaderName::from_bytes(name).is_ok()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::capture::Headers;

    fn text(answer: &Answer, is_head: bool, after: After) -> String {
        String::from_utf8(encode(answer, is_head, after)).unwrap()
    }

    #[test]
    fn writes_an_answer() {
        let answer = Answer::text(200, "ok\n", "default");
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n";
        assert_eq!(text(&answer, false, After::Open), format!("{head}\r\nok\n"));
        assert_eq!(text(&answer, true, After::Close), format!("{head}Connection: close\r\n\r\n"));
        assert_eq!(text(&answer, true, After::OpenAsAsked), format!("{head}Connection: keep-alive\r\n\r\n"));
    }

    #[test]
    fn a_status_without_a_body_has_none() {
        for status in [204, 304] {
            let answer = Answer { status, body: Bytes::from_static(b"no"), ..Answer::default() };
            assert!(text(&answer, false, After::Open).ends_with("\r\n\r\n"), "{status}");
            assert!(!text(&answer, false, After::Open).contains("Content-Length"), "{status}");
        }
    }

    #[test]
    fn a_status_that_is_none_becomes_500() {
        for status in [0, 99, 100, 101, 1000, u16::MAX] {
            let answer = Answer { status, ..Answer::default() };
            assert!(text(&answer, false, After::Open).starts_with("HTTP/1.1 500 "), "{status}");
            assert_eq!(response(&answer, false).status(), 500);
        }
        let unnamed = Answer { status: 799, ..Answer::default() };
        assert!(text(&unnamed, false, After::Open).starts_with("HTTP/1.1 799 \r\n"));
    }

    #[test]
    fn a_line_can_not_become_two() {
        let mut headers = Headers::default();
        headers.push("X-Echo", "a\r\nSet-Cookie: b\0c");
        headers.push("X-Bad\r\nSet-Cookie", "d");
        headers.push("", "e");
        headers.push("content-length", "99");
        headers.push("Transfer-Encoding", "chunked");
        headers.push("Latin", &b"caf\xe9"[..]);
        let answer = Answer { status: 200, headers, ..Answer::default() };
        let expected = b"HTTP/1.1 200 OK\r\nX-Echo: a  Set-Cookie: b c\r\nLatin: caf\xe9\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(encode(&answer, false, After::Open).escape_ascii().to_string(), expected.escape_ascii().to_string());
        let response = response(&answer, false);
        assert_eq!(response.headers().len(), 3);
        assert_eq!(response.headers()["x-echo"], "a  Set-Cookie: b c");
    }
}
