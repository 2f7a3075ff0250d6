//! The raw tab: the bytes on the wire, as text while they are text, else as hex.

use bytes::Bytes;

use super::{Content, Page, View};
use crate::app::{Action, Line, Role};
use crate::capture::{Capture, HttpVersion};
use crate::inspect::{Hex, Kind, LineIndex, Syntax, TextBody, bytes_exact, sniff};

/// The tab in both ways to show it.
pub(super) fn ways(page: Page) -> Vec<(&'static str, View)> {
    let capture = &page.loaded.capture;
    let body = &capture.request.body.bytes;
    let binary = matches!(sniff(None, body), Kind::Binary);
    let wire = masked_wire(capture, |name| page.hides(name));
    let text = Content::Text(TextBody { lines: LineIndex::build(wire.clone()), syntax: Syntax::Plain });
    let hex = Content::Hex(Hex(if binary { body.clone() } else { wire.clone() }));
    let masked = if wire == capture.request.wire_bytes() { String::new() } else { masked_note(page) };
    let view = |content: Content, what: String| View {
        preface: vec![Line::new(Role::Dim, format!(" {what}{masked}"))],
        ..View::new(content)
    };
    let text = ("text", view(text, text_words(capture, wire.len())));
    let hex = ("hex", view(hex, hex_words(capture, binary, wire.len())));
    if binary { vec![hex, text] } else { vec![text, hex] }
}

fn masked_note(page: Page) -> String {
    format!("; secret values masked ({} shows)", page.key(Action::Reveal))
}

/// The bytes on the wire with a `*` for each byte of the header values for which `hides` holds, given their names.
pub fn masked_wire(capture: &Capture, hides: impl Fn(&[u8]) -> bool) -> Bytes {
    let mut wire = capture.request.wire_bytes();
    let head = capture.request.head.len();
    let (mut at, mut hidden) = (0, false);
    while at < head {
        let end = wire[at..head].iter().position(|byte| *byte == b'\n').map_or(head, |length| at + length + 1);
        let folded = matches!(wire[at], b' ' | b'\t');
        let colon = wire[at..end].iter().position(|byte| *byte == b':').filter(|colon| *colon > 0);
        hidden = if folded { hidden } else { colon.is_some_and(|colon| hides(&wire[at..at + colon])) };
        let value = if folded { at } else { colon.map_or(end, |colon| at + colon + 1) };
        for byte in wire[value..end].iter_mut().filter(|byte| hidden && !byte.is_ascii_whitespace()) {
            *byte = b'*';
        }
        at = end;
    }
    wire.into()
}

fn hex_words(capture: &Capture, binary: bool, wire: usize) -> String {
    let request = &capture.request;
    if binary {
        let kind = request.headers.text("content-type").unwrap_or("no content type");
        return format!("body {}, {kind}, not text: shown as hex", bytes_exact(request.body.total));
    }
    format!("request {}, head {}, shown as hex", bytes_exact(wire as u64), request.head.len())
}

fn text_words(capture: &Capture, wire: usize) -> String {
    let request = &capture.request;
    if request.version == HttpVersion::Http2 {
        return "HTTP/2 has no text on the wire: its fields as they came, pseudo-headers first".to_owned();
    }
    let framed = if request.body.framed.is_some() { ", chunked, as framed" } else { "" };
    format!("request {} as on the wire{framed}", bytes_exact(wire as u64))
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::capture::{Body, Request, parse_request};

    #[test]
    fn secrets_are_starred_out_in_place() {
        let head = Bytes::from_static(b"GET / HTTP/1.1\r\nA: b\r\nCookie: a=b;\r\n c=d\r\nX: y\r\n\r\n");
        let request = Request::from_head(head.clone(), parse_request(&head).unwrap(), Body::whole("Cookie: z\n"));
        let capture = Capture::new(request, Utc::now(), String::new(), String::new());
        let wire = masked_wire(&capture, |name| name.eq_ignore_ascii_case(b"cookie"));
        let expected = b"GET / HTTP/1.1\r\nA: b\r\nCookie: ****\r\n ***\r\nX: y\r\n\r\nCookie: z\n";
        assert_eq!(wire.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}
