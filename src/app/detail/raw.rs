//! The raw tab: the bytes on the wire, as text while they are text, else as hex.

use bytes::Bytes;

use super::{Content, Loaded, View};
use crate::app::{Line, Role};
use crate::capture::HttpVersion;
use crate::inspect::{Hex, LineIndex, Syntax, TextBody, bytes_exact, sniff};

/// The tab; `mode` counts how often the other way to show it was asked for.
pub fn view(loaded: &Loaded, mode: usize) -> View {
    let request = &loaded.capture.request;
    let body = &request.body.bytes;
    let binary = matches!(sniff(None, body), crate::inspect::Kind::Binary);
    let hex = binary != (mode % 2 == 1);
    let wire = Bytes::from(request.wire_bytes());
    let mut view = View::new(if hex && !wire.is_empty() {
        Content::Hex(Hex(if binary { body.clone() } else { wire.clone() }))
    } else {
        Content::Text(TextBody { lines: LineIndex::build(wire.clone()), syntax: Syntax::Plain })
    });
    view.mode = mode % 2;
    view.preface = vec![Line::new(Role::Dim, format!(" {}", describe(loaded, hex, binary, wire.len())))];
    view
}

fn describe(loaded: &Loaded, hex: bool, binary: bool, wire: usize) -> String {
    let request = &loaded.capture.request;
    let kind = request.headers.text("content-type").unwrap_or("no content type");
    let framed = if request.body.framed.is_some() { ", chunked, as framed" } else { "" };
    match (hex, binary, request.version) {
        (true, true, _) => format!("body {}, {kind}, not text: shown as hex", bytes_exact(request.body.total)),
        (true, false, _) => format!("request {}, head {}, shown as hex", bytes_exact(wire as u64), request.head.len()),
        (false, _, HttpVersion::Http2) => {
            "HTTP/2 has no text on the wire: its fields as they came, pseudo-headers first".to_owned()
        }
        (false, ..) => format!("request {} as on the wire{framed}", bytes_exact(wire as u64)),
    }
}
