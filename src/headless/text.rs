//! Everything of a capture as text, close to what the `webhook_receiver` of Peering Manager and `NetBox` prints.

use super::line::opening;
use super::{Told, Tools, outcome, verdict_words};
use crate::capture::{Capture, Header, Request};
use crate::signature::Hint;

/// Stands behind each capture.
const END: &str = "------------";
/// How lines of ours begin.
const OURS: [&str; 14] = [
    "signature: ",
    "handshake: ",
    "cause: ",
    "proof: ",
    "fix: ",
    "problem: ",
    "tls: ",
    "retry: ",
    "answer: ",
    "note: ",
    "command: ",
    "forward: ",
    "trailer ",
    END,
];
/// Of a body that is not text, these many bytes are shown.
const HEX_HEAD: usize = 256;

/// The text of a capture; `headers` says which header values are masked, `None` leaves all header lines out.
pub(super) fn text(capture: &Capture, told: &Told, headers: Option<&Vec<String>>, tools: &Tools) -> String {
    let request = &capture.request;
    let mut lines = vec![request_line(capture, tools)];
    if let Some(masked) = headers {
        lines.extend(request.headers.iter().map(|header| stand_apart(header_line(header, masked, tools))));
        lines.push(String::new());
    }
    lines.extend(body(request, tools).into_iter().map(stand_apart));
    if let Some(masked) = headers {
        lines.extend(
            request.body.trailers.iter().map(|header| format!("trailer {}", header_line(header, masked, tools))),
        );
    }
    if let Some(tls) = &capture.tls {
        lines.push(format!("tls: {}", (tools.clean)(tls.to_string().as_bytes())));
    }
    if let Some(problem) = &capture.problem {
        lines.push(format!("problem: {}", (tools.clean)(problem.text.as_bytes())));
    }
    lines.extend(outcome::lines(capture, &told.deeds, tools));
    lines.push(format!("signature: {}", verdict_words(&capture.verdict, tools)));
    lines.extend(told.hints.iter().flat_map(|hint| hint_lines(hint, tools)));
    lines.push(END.to_owned());
    lines.join("\n") + "\n"
}

/// `[1] Tue, 07 Apr 2020 17:44:02 GMT 127.0.0.1 "POST / HTTP/1.1" 200 -`
fn request_line(capture: &Capture, tools: &Tools) -> String {
    let request = &capture.request;
    let asked = if request.method.is_empty() {
        opening(capture, tools)
    } else {
        let clean = tools.clean;
        format!("{} {} {}", clean(&request.method), clean(&request.target), request.version)
    };
    let status = capture.answer.as_ref().map_or("-".to_owned(), |answer| answer.status.to_string());
    let at = capture.received_at.format("%a, %d %b %Y %H:%M:%S GMT");
    format!("[{}] {at} {} \"{asked}\" {status} -", capture.id.0, address(&capture.remote))
}

fn hint_lines(hint: &Hint, tools: &Tools) -> [String; 3] {
    [("cause", &hint.cause), ("proof", &hint.proof), ("fix", &hint.fix)]
        .map(|(name, text)| format!("{name}: {}", (tools.clean)(text.as_bytes())))
}

/// The address of `address:port`, an IPv6 one without its brackets.
fn address(remote: &str) -> &str {
    let address = remote.rsplit_once(':').map_or(remote, |(address, _)| address);
    address.trim_start_matches('[').trim_end_matches(']')
}

fn header_line(header: &Header, masked: &[String], tools: &Tools) -> String {
    let name = (tools.clean)(&header.name);
    if masked.iter().any(|masked| header.is(masked)) {
        return format!("{name}: ({} bytes, masked)", header.value.len());
    }
    format!("{name}: {}", (tools.clean)(&header.value)).trim_end().to_owned()
}

fn body(request: &Request, tools: &Tools) -> Vec<String> {
    if request.body.bytes.is_empty() {
        return vec!["(No body)".to_owned()];
    }
    let (bytes, notes) = (tools.decode)(request);
    let mut lines: Vec<_> = notes.iter().map(|note| format!("({})", (tools.clean)(note.as_bytes()))).collect();
    lines.extend(match (tools.pretty)(&bytes) {
        Some(pretty) => text_lines(&pretty, tools),
        None if is_text(&bytes) => text_lines(&bytes, tools),
        None => hex_head(&bytes),
    });
    lines
}

/// UTF-8 with at most one control character in twenty.
fn is_text(bytes: &[u8]) -> bool {
    let control = |char: &char| char.is_control() && !matches!(char, '\n' | '\r' | '\t');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().filter(control).count() * 20 <= bytes.len())
}

fn text_lines(bytes: &[u8], tools: &Tools) -> Vec<String> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let lines = bytes.split(|&byte| byte == b'\n');
    lines.map(|line| (tools.clean)(line.strip_suffix(b"\r").unwrap_or(line))).collect()
}

fn hex_head(bytes: &[u8]) -> Vec<String> {
    let shown = &bytes[..bytes.len().min(HEX_HEAD)];
    let mut lines: Vec<_> = shown.chunks(16).enumerate().map(|(row, bytes)| hex_row(row * 16, bytes)).collect();
    if bytes.len() > HEX_HEAD {
        lines.push(format!("({} bytes, the first {HEX_HEAD} shown)", bytes.len()));
    }
    lines
}

/// `00000000  7b 22 61 22 3a 20 31 7d                           |{"a": 1}|`
fn hex_row(offset: usize, bytes: &[u8]) -> String {
    let digits = |group: &[u8]| group.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let groups = bytes.chunks(8).map(digits).collect::<Vec<_>>().join("  ");
    let visible = |&byte: &u8| if matches!(byte, b' '..=b'~') { char::from(byte) } else { '.' };
    let text: String = bytes.iter().map(visible).collect();
    format!("{offset:08x}  {groups:<48}  |{text}|")
}

/// A foreign line that could be taken for one of ours is moved in by a blank, so that nobody can write a verdict.
fn stand_apart(line: String) -> String {
    let numbered = line.strip_prefix('[').is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
    let ours = OURS.iter().any(|start| line.starts_with(start));
    if numbered || ours { format!(" {line}") } else { line }
}
