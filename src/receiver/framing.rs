//! Where a body ends and whether the connection lives on, from what a head says. Format: RFC 9112, sections 6 and 9.3.

use crate::capture::{Header, Headers, HttpVersion, Request};

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none.
    Empty,
    /// It has this many bytes.
    Length(u64),
    /// It comes in chunks.
    Chunked,
}

impl Framing {
    /// What the header lines say; the reason in words when that cannot be understood. Chunks win over a length.
    pub fn of(headers: &Headers) -> Result<Self, String> {
        if let Some(loose) = headers.iter().find(|header| is_framing_with_blanks(header)) {
            return Err(format!("there is white space before the colon of {}", loose.name_text().trim()));
        }
        if headers.has("transfer-encoding") {
            return transfer_coding(headers);
        }
        content_length(headers).map(|length| match length {
            None | Some(0) => Self::Empty,
            Some(length) => Self::Length(length),
        })
    }
}

/// A reader that drops the blank and one that does not would see different requests: RFC 9112, section 5.1.
fn is_framing_with_blanks(header: &Header) -> bool {
    let name = header.name.trim_ascii();
    name.len() != header.name.len()
        && (name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"transfer-encoding"))
}

/// Codings under the chunks (`gzip, chunked`) are left on the body.
fn transfer_coding(headers: &Headers) -> Result<Framing, String> {
    let codings: Vec<&[u8]> = tokens(headers, "transfer-encoding").collect();
    let is_chunked = |coding: &&[u8]| coding.eq_ignore_ascii_case(b"chunked");
    match codings.split_last() {
        Some((last, before)) if is_chunked(last) && !before.iter().any(is_chunked) => Ok(Framing::Chunked),
        _ => {
            let codings = codings.join(&b", "[..]);
            let shown = codings[..codings.len().min(80)].escape_ascii();
            Err(format!(
                "the Transfer-Encoding \"{shown}\" does not end in one \"chunked\": the end of the body is unknown"
            ))
        }
    }
}

fn content_length(headers: &Headers) -> Result<Option<u64>, String> {
    let mut length = None;
    for value in headers.all("content-length").flat_map(|value| value.split(|&byte| byte == b',')) {
        let next = number(value.trim_ascii())?;
        if length.is_some_and(|length| length != next) {
            return Err("there are several Content-Length values, and they differ".to_owned());
        }
        length = Some(next);
    }
    Ok(length)
}

/// `str::parse` alone would take a sign.
fn number(value: &[u8]) -> Result<u64, String> {
    let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| {
        let shown = value[..value.len().min(80)].escape_ascii();
        format!("the Content-Length \"{shown}\" is not a number of bytes")
    })
}

/// The comma-separated words of all lines with this name.
fn tokens<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
    let words = headers.all(name).flat_map(|value| value.split(|&byte| byte == b','));
    words.map(<[u8]>::trim_ascii).filter(|word| !word.is_empty())
}

fn connection_says(headers: &Headers, word: &str) -> bool {
    tokens(headers, "connection").any(|token| token.eq_ignore_ascii_case(word.as_bytes()))
}

/// What becomes of the connection after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// It stays open, as HTTP/1.1 does unasked.
    Open,
    /// It stays open, and the answer has to say so.
    OpenAsAsked,
    /// It is closed.
    Close,
}

impl After {
    /// What the request asks for. A length next to chunks is how requests are smuggled, and what follows a CONNECT is
    /// not HTTP: both are the last of their connection.
    pub fn of(request: &Request) -> Self {
        let headers = &request.headers;
        let doubtful = headers.has("transfer-encoding") && headers.has("content-length");
        if doubtful || &request.method[..] == b"CONNECT" || connection_says(headers, "close") {
            return Self::Close;
        }
        match request.version {
            HttpVersion::Http11 => Self::Open,
            _ if connection_says(headers, "keep-alive") => Self::OpenAsAsked,
            _ => Self::Close,
        }
    }
}

/// Whether the client waits for a word before it sends the body: RFC 9110, section 10.1.1.
pub(super) fn expects_continue(request: &Request) -> bool {
    let mut words = tokens(&request.headers, "expect");
    request.version == HttpVersion::Http11 && words.any(|word| word.eq_ignore_ascii_case(b"100-continue"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::capture::{Body, parse_header_lines, parse_request};

    fn framing(lines: &'static str) -> Result<Framing, String> {
        Framing::of(&parse_header_lines(&Bytes::from_static(lines.as_bytes())))
    }

    #[test]
    fn finds_the_end_of_a_body() {
        let cases = [
            ("A: b\r\n", Framing::Empty),
            ("Content-Length: 0\r\n", Framing::Empty),
            ("content-LENGTH: 12\r\n", Framing::Length(12)),
            ("Content-Length: 12, 12\r\nContent-Length: 12\r\n", Framing::Length(12)),
            ("Transfer-Encoding: CHUNKED\r\n", Framing::Chunked),
            ("Transfer-Encoding: gzip, chunked\r\n", Framing::Chunked),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", Framing::Chunked),
            ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", Framing::Chunked),
        ];
        for (lines, expected) in cases {
            assert_eq!(framing(lines), Ok(expected), "{lines}");
        }
    }

    #[test]
    fn refuses_what_two_readers_could_read_differently() {
        let cases = [
            ("Content-Length: +5\r\n", "the Content-Length \"+5\" is not a number of bytes"),
            ("Content-Length: -1\r\n", "the Content-Length \"-1\" is not a number of bytes"),
            ("Content-Length:\r\n", "the Content-Length \"\" is not a number of bytes"),
            ("Content-Length: 0x1\r\n", "the Content-Length \"0x1\" is not a number of bytes"),
            ("Content-Length: 99999999999999999999\r\n", "is not a number of bytes"),
            ("Content-Length: 5, 6\r\n", "several Content-Length values"),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", "several Content-Length values"),
            ("Content-Length : 5\r\n", "white space before the colon of Content-Length"),
            ("Transfer-Encoding: gzip\r\n", "the Transfer-Encoding \"gzip\" does not end"),
            ("Transfer-Encoding: chunked, chunked\r\n", "\"chunked, chunked\" does not end"),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: \x1b]0;\r\n", "\\x1b]0;"),
            ("Transfer-Encoding:\r\nContent-Length: 5\r\n", "the Transfer-Encoding \"\""),
        ];
        for (lines, expected) in cases {
            let text = framing(lines).unwrap_err();
            assert!(text.contains(expected), "{lines}: {text}");
        }
    }

    #[test]
    fn keeps_the_connection_as_asked() {
        let cases = [
            ("GET / HTTP/1.1\r\n\r\n", After::Open),
            ("GET / HTTP/1.1\r\nConnection: foo, Close\r\n\r\n", After::Close),
            ("GET / HTTP/1.0\r\n\r\n", After::Close),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", After::OpenAsAsked),
            ("GET / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", After::Close),
            ("CONNECT a:1 HTTP/1.1\r\n\r\n", After::Close),
        ];
        for (head, expected) in cases {
            let bytes = Bytes::from_static(head.as_bytes());
            let request = Request::from_head(bytes.clone(), parse_request(&bytes).unwrap(), Body::default());
            assert_eq!(After::of(&request), expected, "{head}");
        }
    }
}
