//! A request in the form it has on the wire.

use std::ops::Range;

use bytes::Bytes;

use crate::capture::{Header, Headers, HttpVersion, Request, parse_header_lines};

/// The exact bytes of a request: head and body, chunk framing included.
pub fn raw(request: &Request) -> Vec<u8> {
    request.wire_bytes()
}

/// Header lines to read: `Name: value`, one a line, invalid UTF-8 replaced; the values for which `mask` holds as `***`.
pub fn headers_text(headers: &Headers, mask: impl Fn(&Header) -> bool) -> String {
    let line = |header: &Header| {
        let value = String::from_utf8_lossy(&header.value);
        format!("{}: {}\n", header.name_text(), if mask(header) { "***" } else { &value })
    };
    headers.iter().map(line).collect()
}

/// The header lines as they were on the wire, one for each of `request.headers`, without line ends; a
/// folded line has one inside. A line that the head does not have in this place (HTTP/2, an edited one) is `Name: value`.
pub fn header_lines(request: &Request) -> Vec<Bytes> {
    let mut wire = split_lines(&request.head).into_iter();
    let line = |header: &Header| wire.next().filter(|line| is_line_of(line, header)).unwrap_or_else(|| write(header));
    request.headers.iter().map(line).collect()
}

/// The head of a request: request line, header lines, blank line.
pub(super) fn head(method: &[u8], target: &[u8], version: HttpVersion, lines: &[Bytes]) -> Bytes {
    let mut head = [method, b" ", target, b" ", version.as_str().as_bytes(), b"\r\n"].concat();
    for line in lines {
        head.extend_from_slice(line);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head.into()
}

/// A header line as we write it.
pub(super) fn write(header: &Header) -> Bytes {
    [&header.name[..], b": ", &header.value].concat().into()
}

/// A body as one chunk.
pub(super) fn one_chunk(body: &[u8]) -> Bytes {
    if body.is_empty() {
        return Bytes::from_static(b"0\r\n\r\n");
    }
    [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat().into()
}

fn is_line_of(line: &Bytes, header: &Header) -> bool {
    let headers = parse_header_lines(line);
    headers.len() == 1 && headers.at(0) == Some(header)
}

/// The lines of a head behind its first.
fn split_lines(head: &Bytes) -> Vec<Bytes> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        let span = start..start + line.len();
        match (line.first(), spans.last_mut()) {
            _ if start == 0 => {}
            (Some(b' ' | b'\t'), Some(folded)) => folded.end = span.end,
            _ => spans.push(span.clone()),
        }
        start = span.end;
    }
    let text = |span: Range<usize>| {
        let line = &head[span];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        head.slice_ref(line.strip_suffix(b"\r").unwrap_or(line))
    };
    spans.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Body, parse_request};

    fn request(head: &'static [u8]) -> Request {
        let head = Bytes::from_static(head);
        let parsed = parse_request(&head).unwrap();
        Request::from_head(head, parsed, Body::default())
    }

    #[test]
    fn gives_lines_as_they_were() {
        let request = request(b"GET / HTTP/1.1\r\nA:1\r\nno colon\r\nB:  2 \r\nC: x \r\n\ty\r\nC:\xe9\r\nD:\r\n\r\n");
        let expected: [&[u8]; 6] = [b"A:1", b"no colon", b"B:  2 ", b"C: x \r\n\ty", b"C:\xe9", b"D:"];
        assert_eq!(header_lines(&request), expected);
    }

    #[test]
    fn edited_lines_are_written_anew() {
        let mut request = request(b"GET / HTTP/1.1\r\nA:1\r\nB:2\r\n\r\n");
        request.headers.set("A", "3");
        request.headers.push("E", "");
        assert_eq!(header_lines(&request), [&b"A: 3"[..], b"B:2", b"E: "]);
    }

    #[test]
    fn headers_to_read_hide_what_is_masked() {
        let request = request(b"GET / HTTP/1.1\r\nauthorization: Bearer x\r\nb:\xe9\r\n\r\n");
        let text = headers_text(&request.headers, |header| header.is("Authorization"));
        assert_eq!(text, "authorization: ***\nb: \u{fffd}\n");
    }
}
