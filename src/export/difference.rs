//! What differs between a capture and the request that is sent of it, found by comparing the two, so that no
//! difference can be forgotten.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use crate::capture::{Body, Header, Headers, HttpVersion, Request, Signing};

use super::wire;

/// Something that will differ from the capture. All texts are foreign: show them only as `Clean`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What: a header name in lower case, or `version`, `method`, `target`, `body`, `trailers`.
    pub field: String,
    /// As captured; empty when it was not there.
    pub before: String,
    /// As it will be sent; empty when it is left out.
    pub after: String,
    /// Why, in words; may be empty.
    pub note: &'static str,
}

/// Header lines that belong to one connection (RFC 9110, section 7.6.1), and the question whether to send the body.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "upgrade",
    "http2-settings",
    "expect",
];

/// A capture and what is sent of it.
pub(super) struct Comparison<'a> {
    pub(super) captured: &'a Request,
    pub(super) sent: &'a Request,
    pub(super) notes: Notes<'a>,
}

/// What is known of why something differs.
pub(super) struct Notes<'a> {
    pub(super) signing: &'a Signing,
    pub(super) signature_headers: &'a [String],
    /// Signing changed the query.
    pub(super) target_signed: bool,
    /// Why the body is another one, if it is.
    pub(super) body: &'static str,
}

impl Comparison<'_> {
    /// Found by comparing, so that none can be forgotten.
    pub(super) fn all(&self) -> Vec<Difference> {
        let (captured, sent) = (self.captured, self.sent);
        let version_note = if captured.version == HttpVersion::Http2 { "hookview sends HTTP/1.1" } else { "" };
        let target_note = if self.notes.target_signed { "re-signed" } else { "" };
        let mut around = vec![
            difference("version", captured.version.to_string(), sent.version.to_string(), version_note),
            difference("method", captured.method_text(), sent.method_text(), "as rendered"),
            difference("target", captured.target_text(), sent.target_text(), target_note),
        ];
        around.extend(self.body());
        around.retain(|difference| difference.before != difference.after);
        [around, self.headers()].concat()
    }

    fn headers(&self) -> Vec<Difference> {
        let (mut before, after) = (by_name(&self.captured.headers), by_name(&self.sent.headers));
        if let Some(host) = host_of(self.captured) {
            before.entry("host".to_owned()).or_insert_with(|| String::from_utf8_lossy(host).into_owned());
        }
        let connection = names_of_connection(&self.captured.headers);
        let mut seen = HashSet::new();
        let mut differences = Vec::new();
        for name in self.captured.headers.iter().chain(&self.sent.headers).map(lower) {
            let (before, after) = (before.get(&name), after.get(&name));
            if before != after && !name.starts_with(':') && seen.insert(name.clone()) {
                let value = |value: Option<&String>| value.cloned().unwrap_or_default();
                differences.push(difference(&name, value(before), value(after), self.note(&name, &connection)));
            }
        }
        differences
    }

    fn note(&self, name: &str, connection: &HashSet<String>) -> &'static str {
        let left_out = !self.sent.headers.has(name);
        let signature = self.notes.signature_headers.iter().any(|signature| signature.eq_ignore_ascii_case(name));
        match self.notes.signing {
            Signing::With(_) if signature && !left_out => "re-signed",
            Signing::None | Signing::With(_) if signature => "signature left out",
            _ if name == "host" => "",
            _ if name == "content-length" && left_out => "the body is chunked",
            _ if name == "content-length" => "length of the body as sent",
            _ if left_out && (connection.contains(name) || matches!(name, "transfer-encoding" | "trailer")) => {
                "hop-by-hop, left out"
            }
            _ => "edited",
        }
    }

    fn body(&self) -> Vec<Difference> {
        let (captured, sent) = (&self.captured.body, &self.sent.body);
        let size = |bytes: u64| format!("{bytes} B");
        let (before, after) = (size(captured.total), size(sent.bytes.len() as u64));
        let body = match captured.bytes == sent.bytes {
            true => difference("body", before, after, "only the part that was kept"),
            false if before == after => difference("body", before, format!("{after}, changed"), self.notes.body),
            false => difference("body", before, after, self.notes.body),
        };
        let trailers = difference("trailers", names(&captured.trailers), names(&sent.trailers), "left out");
        let chunks = difference("chunks", chunks(captured), chunks(sent), "");
        vec![body, trailers, chunks]
    }
}

fn difference(field: &str, before: impl Into<String>, after: impl Into<String>, note: &'static str) -> Difference {
    Difference { field: field.to_owned(), before: before.into(), after: after.into(), note }
}

fn chunks(body: &Body) -> String {
    match &body.framed {
        None => String::new(),
        Some(framed) if *framed == wire::one_chunk(&body.bytes) => "one".to_owned(),
        Some(_) => "as cut by the sender".to_owned(),
    }
}

fn names(headers: &Headers) -> String {
    headers.iter().map(lower).collect::<Vec<_>>().join(", ")
}

/// The name of a header in lower case.
pub(super) fn lower(header: &Header) -> String {
    header.name_text().to_ascii_lowercase()
}

/// The names, in lower case, of the lines that belong to one connection: the known ones and those that `Connection`
/// names, save those that frame the request.
pub(super) fn names_of_connection(headers: &Headers) -> HashSet<String> {
    let texts = headers.all("connection").map(String::from_utf8_lossy);
    let mut names: HashSet<String> = texts
        .flat_map(|text| text.split(',').map(|name| name.trim().to_ascii_lowercase()).collect::<Vec<_>>())
        .collect();
    for framing in ["host", "content-length", "transfer-encoding"] {
        names.remove(framing);
    }
    names.extend(HOP_BY_HOP.map(str::to_owned));
    names
}

/// The values of each name in wire order, joined.
fn by_name(headers: &Headers) -> HashMap<String, String> {
    let mut values: HashMap<String, String> = HashMap::new();
    for header in headers {
        let value = String::from_utf8_lossy(&header.value);
        match values.entry(lower(header)) {
            Entry::Occupied(mut all) => all.get_mut().extend([", ", &value]),
            Entry::Vacant(first) => drop(first.insert(value.into_owned())),
        }
    }
    values
}

/// The host that a request names; in HTTP/2 a pseudo-header does.
pub(super) fn host_of(request: &Request) -> Option<&[u8]> {
    request.headers.get("host").or_else(|| request.headers.get(":authority"))
}
