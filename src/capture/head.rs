//! Reading an HTTP/1 head without changing it: request and response heads, as lenient as a witness must be.
//!
//! A header line is never refused: a name with blanks in it, or a line without a colon (a template that failed can
//! become one), is kept as it is. Only a start line that is not HTTP is an error. Format: RFC 9112, sections 2 to 5.

use bytes::Bytes;

use super::{Header, Headers, HttpVersion};

/// The longest head that is read, in bytes.
pub const MAX_HEAD: usize = 256 * 1024;

/// A head, read: what the start line says, and the header lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The first line.
    pub start: StartLine,
    /// The lines behind it.
    pub headers: Headers,
}

/// The first line of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartLine {
    /// `POST /a HTTP/1.1`
    Request {
        /// The method, a token.
        method: Bytes,
        /// Everything between method and version; may contain blanks when the sender forgot to escape them.
        target: Bytes,
        /// The version.
        version: HttpVersion,
    },
    /// `HTTP/1.1 200 OK`
    Response {
        /// The version.
        version: HttpVersion,
        /// The three digits.
        status: u16,
        /// The words behind them; may be empty.
        reason: Bytes,
    },
}

/// Why a start line is not HTTP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It does not look like HTTP at all.
    #[error("the first line is not an HTTP request line")]
    NotHttp,
    /// A TLS handshake came to a port that speaks HTTP.
    #[error("the client speaks TLS: use http:// in its URL, or start hookview with --tls")]
    Tls,
    /// It is HTTP, of a version that has another form on the wire.
    #[error("the request line asks for an unknown HTTP version")]
    Version,
}

/// Length of the head at the start of `buffer`, blank line included, when it is complete. `seen` bytes were searched
/// by an earlier call and are skipped.
pub fn head_length(buffer: &[u8], seen: usize) -> Option<usize> {
    let mut at = seen.saturating_sub(3);
    while let Some(newline) = buffer.get(at..)?.iter().position(|&byte| byte == b'\n') {
        at += newline + 1;
        match buffer.get(at..) {
            Some([b'\n', ..]) => return Some(at + 1),
            Some([b'\r', b'\n', ..]) => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// Reads a request head. `head` holds the bytes up to and with the blank line.
pub fn parse_request(head: &Bytes) -> Result<Head, HeadError> {
    let (line, rest) = split_line(head);
    let error = if head.starts_with(&[0x16, 0x03]) { HeadError::Tls } else { HeadError::NotHttp };
    let first = line.iter().position(|&byte| byte == b' ').ok_or(error.clone())?;
    let last = line.iter().rposition(|&byte| byte == b' ').filter(|&last| last > first).ok_or(error.clone())?;
    if first == 0 || !line[..first].iter().all(|&byte| is_token(byte)) || !line[last + 1..].starts_with(b"HTTP/") {
        return Err(error);
    }
    let start = StartLine::Request {
        method: head.slice_ref(&line[..first]),
        target: head.slice_ref(&line[first + 1..last]),
        version: version(&line[last + 1..])?,
    };
    Ok(Head { start, headers: parse_header_lines(&head.slice_ref(rest)) })
}

/// Reads the head of an answer.
pub fn parse_response(head: &Bytes) -> Result<Head, HeadError> {
    let (line, rest) = split_line(head);
    let mut parts = line.splitn(3, |&byte| byte == b' ');
    let version = version(parts.next().filter(|part| part.starts_with(b"HTTP/")).ok_or(HeadError::NotHttp)?)?;
    let status = parts.next().and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let status = status.filter(|status| (100..1000).contains(status)).ok_or(HeadError::NotHttp)?;
    let reason = head.slice_ref(parts.next().unwrap_or(&line[line.len()..]));
    Ok(Head {
        start: StartLine::Response { version, status, reason },
        headers: parse_header_lines(&head.slice_ref(rest)),
    })
}

/// Reads header lines up to a blank line or the end. A folded line continues the value before it, joined by a blank.
pub fn parse_header_lines(lines: &Bytes) -> Headers {
    let mut headers: Vec<Header> = Vec::with_capacity(16);
    let mut rest = &lines[..];
    while !rest.is_empty() {
        let (line, behind) = split_line(rest);
        rest = behind;
        match (line.first(), headers.last_mut()) {
            (None, _) => break,
            (Some(b' ' | b'\t'), Some(folded)) => rest = unfold(folded, line, rest),
            _ => headers.push(header(lines, line)),
        }
    }
    headers.into_iter().collect()
}

/// Joins a folded line and those that follow it to the value; gives back what is behind them.
fn unfold<'a>(folded: &mut Header, first: &[u8], mut rest: &'a [u8]) -> &'a [u8] {
    let mut value = [&folded.value[..], b" ", trim(first)].concat();
    while let [b' ' | b'\t', ..] = rest {
        let (line, behind) = split_line(rest);
        rest = behind;
        value.push(b' ');
        value.extend_from_slice(trim(line));
    }
    folded.value = Bytes::copy_from_slice(trim(&value));
    rest
}

/// Splits a line off; it comes without its line end (CRLF, or LF alone).
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&byte| byte == b'\n');
    let (line, rest) = end.map_or((bytes, &bytes[bytes.len()..]), |end| (&bytes[..end], &bytes[end + 1..]));
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// The colon that parts name and value is not the one that an HTTP/2 pseudo-header begins with.
fn header(lines: &Bytes, line: &[u8]) -> Header {
    let colon = line.iter().skip(1).position(|&byte| byte == b':').map(|at| at + 1);
    let (name, value) = colon.map_or((line, &line[line.len()..]), |colon| (&line[..colon], trim(&line[colon + 1..])));
    Header { name: lines.slice_ref(name), value: lines.slice_ref(value) }
}

fn trim(value: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

fn version(text: &[u8]) -> Result<HttpVersion, HeadError> {
    match text {
        b"HTTP/1.1" => Ok(HttpVersion::Http11),
        b"HTTP/1.0" => Ok(HttpVersion::Http10),
        b"HTTP/2" | b"HTTP/2.0" => Ok(HttpVersion::Http2),
        _ => Err(HeadError::Version),
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(head: &str) -> Result<Head, HeadError> {
        parse_request(&Bytes::copy_from_slice(head.as_bytes()))
    }

    fn pairs(headers: &Headers) -> Vec<(String, String)> {
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        headers.iter().map(|header| (text(&header.name), text(&header.value))).collect()
    }

    #[test]
    fn keeps_case_order_and_duplicates() {
        let head = request("POST /a?b HTTP/1.1\r\nb: 1\r\nA:2\r\nB: 3 \r\nc:\t4\r\n\r\n").unwrap();
        let StartLine::Request { method, target, version } = head.start else { panic!("a request") };
        assert_eq!((&method[..], &target[..], version), (&b"POST"[..], &b"/a?b"[..], HttpVersion::Http11));
        let expected = [("b", "1"), ("A", "2"), ("B", "3"), ("c", "4")];
        assert_eq!(pairs(&head.headers), expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }

    #[test]
    fn keeps_lines_that_are_no_headers() {
        let head =
            request("GET / HTTP/1.0\nSyntax error at line 1: oops\nno colon\n folded\n\tmore\nx :y\n\n").unwrap();
        let expected = [("Syntax error at line 1", "oops"), ("no colon", "folded more"), ("x ", "y")];
        assert_eq!(pairs(&head.headers), expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }

    #[test]
    fn refuses_what_is_not_http() {
        assert_eq!(request("hello\r\n\r\n"), Err(HeadError::NotHttp));
        assert_eq!(request("GET /\r\n\r\n"), Err(HeadError::NotHttp));
        assert_eq!(request("G(T / HTTP/1.1\r\n\r\n"), Err(HeadError::NotHttp));
        assert_eq!(request("GET / HTTP/3.0\r\n\r\n"), Err(HeadError::Version));
        assert_eq!(parse_request(&Bytes::from_static(b"\x16\x03\x01\x02\x00")), Err(HeadError::Tls));
    }

    #[test]
    fn reads_an_answer() {
        let head = parse_response(&Bytes::from_static(b"HTTP/1.1 204\r\nA: b\r\n\r\n")).unwrap();
        let StartLine::Response { status, reason, .. } = head.start else { panic!("a response") };
        assert_eq!((status, &reason[..]), (204, &b""[..]));
    }

    #[test]
    fn finds_the_end_wherever_reading_stopped() {
        let whole = b"GET / HTTP/1.1\r\nA: b\r\n\r\nrest";
        for seen in 0..24 {
            assert_eq!(head_length(&whole[..seen.min(23)], 0), None);
            assert_eq!(head_length(whole, seen), Some(24), "seen {seen}");
        }
        assert_eq!(head_length(b"GET / HTTP/1.1\n\nrest", 0), Some(16));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let bytes = Bytes::from(bytes);
            let _ = parse_request(&bytes);
            let _ = parse_response(&bytes);
            let _ = head_length(&bytes, bytes.len() / 2);
            let _ = parse_header_lines(&bytes);
        }
    }
}
