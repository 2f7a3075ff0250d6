//! What sending a capture again would send, and how that differs from what came. Sends nothing.
//!
//! The request keeps its wire form: header lines as they were, odd ones included, and the chunks of a chunked body.
//! Only what belongs to a connection is changed: hop-by-hop lines are left out, `Host` follows the URL, an HTTP/2
//! request becomes an HTTP/1.1 one, and `Content-Length` follows an edited body.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use crate::capture::{Body, Capture, CaptureId, Header, Headers, HttpVersion, Request, Signing};

use super::{Url, wire};

/// A request ready to be sent: `request.wire_bytes()` are the bytes that go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The capture that it was made of; zero when of none.
    pub capture: CaptureId,
    /// Where it goes.
    pub url: Url,
    /// What goes there.
    pub request: Request,
}

/// How a capture is to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Where to.
    pub url: Url,
    /// How to sign.
    pub signing: Signing,
    /// Header lines and body in place of the captured ones.
    pub edited: Option<(Headers, Bytes)>,
}

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

/// Why a capture cannot be sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// Its head could not be read.
    #[error("{0} is not an HTTP request that can be sent again: its request line could not be read")]
    NoRequest(CaptureId),
    /// The plan says to sign, and there is no signature.
    #[error("nothing could be signed with secret `{0}`: choose another secret, or send it as captured")]
    NotSigned(String),
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

/// The request that `plan` makes of `capture`, and what will differ. `signed` holds the header lines of a fresh signature
/// over the body to be sent, needed for [`Signing::With`]; `signature_headers` the names of all that carry a signature.
pub fn prepare(
    capture: &Capture,
    plan: &Plan,
    signed: Option<&[(String, String)]>,
    signature_headers: &[String],
) -> Result<(Outgoing, Vec<Difference>), PrepareError> {
    let captured = &capture.request;
    if captured.method.is_empty() || captured.target.is_empty() {
        return Err(PrepareError::NoRequest(capture.id));
    }
    let body = body(captured, plan);
    let mut lines = Lines::of(captured, plan.edited.as_ref().map(|(headers, _)| headers));
    lines.leave_connection_out(&captured.headers, body.framed.is_some());
    lines.host(capture, plan);
    lines.length(captured, &body);
    lines.sign(plan, signed, signature_headers)?;
    let request = lines.into_request(captured, target(capture, &plan.url), body);
    let differences = Differences { captured, sent: &request, signing: &plan.signing, signature_headers }.all();
    Ok((Outgoing { capture: capture.id, url: plan.url.clone(), request }, differences))
}

/// The captured bytes of the target when the URL still says the same, else what the URL says.
fn target(capture: &Capture, url: &Url) -> Bytes {
    let original = Url::original(capture).is_ok_and(|original| original.path_and_query() == url.path_and_query());
    if original { capture.request.target.clone() } else { Bytes::copy_from_slice(url.path_and_query().as_bytes()) }
}

/// A chunked body keeps its chunks and trailers when they came whole and unedited, else it becomes one chunk.
fn body(captured: &Request, plan: &Plan) -> Body {
    let edited = plan.edited.as_ref().map(|(_, body)| body).filter(|body| **body != captured.body.bytes);
    let whole = captured.body.framed.as_ref().is_some_and(|framed| framed.ends_with(b"\n"));
    match (edited, captured.body.framed.is_some()) {
        (None, true) if whole && captured.body.total == captured.body.bytes.len() as u64 => captured.body.clone(),
        (edited, chunked) => {
            let mut body = Body::whole(edited.unwrap_or(&captured.body.bytes).clone());
            body.framed = chunked.then(|| one_chunk(&body.bytes));
            body
        }
    }
}

/// A body as one chunk.
pub(super) fn one_chunk(body: &[u8]) -> Bytes {
    if body.is_empty() {
        return Bytes::from_static(b"0\r\n\r\n");
    }
    [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat().into()
}

/// A header line and its form on the wire.
type Line = (Header, Bytes);

/// The header lines to be sent.
struct Lines(Vec<Line>);

impl Lines {
    /// Edited lines that are as captured keep their form on the wire.
    fn of(captured: &Request, edited: Option<&Headers>) -> Self {
        let wire: Vec<Line> = captured.headers.iter().cloned().zip(wire::header_lines(captured)).collect();
        let mut lines = edited.map_or_else(|| wire.clone(), |edited| as_on_wire(edited, &wire));
        lines.retain(|(header, _)| !(captured.version == HttpVersion::Http2 && header.name.starts_with(b":")));
        Self(lines)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(header, _)| header.is(name))
    }

    fn leave_out(&mut self, name: &str) {
        self.0.retain(|(header, _)| !header.is(name));
    }

    /// Changes the value of the first line with this name, leaving others out; adds it at `place` when there is none.
    fn set(&mut self, name: &str, value: &[u8], place: usize) {
        let first = self.0.iter().position(|(header, _)| header.is(name));
        let at = first.unwrap_or(place.min(self.0.len()));
        if first.is_some_and(|at| self.0[at].0.value == value) && self.0.iter().filter(|(h, _)| h.is(name)).count() == 1
        {
            return;
        }
        let name = first.map_or_else(|| Bytes::copy_from_slice(name.as_bytes()), |at| self.0[at].0.name.clone());
        let header = Header { name, value: Bytes::copy_from_slice(value) };
        self.leave_out(&header.name_text());
        self.0.insert(at, (header.clone(), wire::write(&header)));
    }

    fn leave_connection_out(&mut self, captured: &Headers, chunked: bool) {
        let names = of_connection(captured);
        self.0.retain(|(header, _)| !names.contains(&lower(header)));
        if !chunked {
            self.leave_out("transfer-encoding");
            self.leave_out("trailer");
        }
    }

    /// `Host` stays as captured when the request goes where it came to, and as edited when it was edited.
    fn host(&mut self, capture: &Capture, plan: &Plan) {
        let captured = capture.request.headers.get("host");
        let same_place = Url::original(capture).is_ok_and(|original| original.origin() == plan.url.origin());
        let now = self.0.iter().find(|(header, _)| header.is("host")).map(|(header, _)| &header.value[..]);
        let is_edited = plan.edited.is_some() && now.is_some() && now != captured;
        if is_edited || (same_place && now.is_some()) {
            return;
        }
        if now.is_some() || capture.request.version != HttpVersion::Http10 {
            self.set("Host", plan.url.authority().as_bytes(), 0);
        }
    }

    /// A body that is not chunked needs its length; one that came without any, and is empty, needs none.
    fn length(&mut self, captured: &Request, body: &Body) {
        if body.framed.is_some() {
            self.leave_out("content-length");
        } else if self.has("content-length") || captured.headers.has("content-length") || !body.bytes.is_empty() {
            self.set("Content-Length", body.bytes.len().to_string().as_bytes(), usize::MAX);
        }
    }

    fn sign(&mut self, plan: &Plan, signed: Option<&[(String, String)]>, names: &[String]) -> Result<(), PrepareError> {
        let fresh = match (&plan.signing, signed) {
            (Signing::Captured, _) => return Ok(()),
            (Signing::None, _) => &[],
            (Signing::With(_), Some(signed)) => signed,
            (Signing::With(secret), None) => return Err(PrepareError::NotSigned(secret.clone())),
        };
        for name in names.iter().filter(|name| !fresh.iter().any(|(fresh, _)| fresh.eq_ignore_ascii_case(name))) {
            self.leave_out(name);
        }
        for (name, value) in fresh {
            self.set(name, value.as_bytes(), usize::MAX);
        }
        Ok(())
    }

    fn into_request(self, captured: &Request, target: Bytes, body: Body) -> Request {
        let version = if captured.version == HttpVersion::Http10 { HttpVersion::Http10 } else { HttpVersion::Http11 };
        let (headers, lines): (Vec<Header>, Vec<Bytes>) = self.0.into_iter().unzip();
        let head = wire::head(&captured.method, &target, version, &lines);
        let headers = headers.into_iter().collect();
        Request { version, head, method: captured.method.clone(), target, headers, body }
    }
}

/// Edited lines with the form that the same line had on the wire.
fn as_on_wire(edited: &Headers, wire: &[Line]) -> Vec<Line> {
    let known: HashMap<_, _> = wire.iter().map(|(header, line)| ((&header.name, &header.value), line)).collect();
    let form = |header: &Header| known.get(&(&header.name, &header.value)).map(|&line| line.clone());
    edited.iter().map(|header| (header.clone(), form(header).unwrap_or_else(|| wire::write(header)))).collect()
}

struct Differences<'a> {
    captured: &'a Request,
    sent: &'a Request,
    signing: &'a Signing,
    signature_headers: &'a [String],
}

impl Differences<'_> {
    /// Found by comparing, so that none can be forgotten.
    fn all(&self) -> Vec<Difference> {
        let (captured, sent) = (self.captured, self.sent);
        let version_note = if captured.version == HttpVersion::Http2 { "hookview sends HTTP/1.1" } else { "" };
        let mut around = vec![
            difference("version", captured.version.to_string(), sent.version.to_string(), version_note),
            difference("target", captured.target_text(), sent.target_text(), ""),
        ];
        around.extend(self.body());
        around.retain(|difference| difference.before != difference.after);
        [around, self.headers()].concat()
    }

    fn headers(&self) -> Vec<Difference> {
        let (before, after) = (by_name(&self.captured.headers), by_name(&self.sent.headers));
        let connection = of_connection(&self.captured.headers);
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
        let signature = self.signature_headers.iter().any(|signature| signature.eq_ignore_ascii_case(name));
        match self.signing {
            Signing::With(_) if signature && !left_out => "re-signed",
            Signing::None | Signing::With(_) if signature => "signature left out",
            _ if name == "host" => "",
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
            false if before == after => difference("body", before, format!("{after}, changed"), "edited"),
            false => difference("body", before, after, "edited"),
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
        Some(framed) if *framed == one_chunk(&body.bytes) => "one".to_owned(),
        Some(_) => "as cut by the sender".to_owned(),
    }
}

fn names(headers: &Headers) -> String {
    headers.iter().map(lower).collect::<Vec<_>>().join(", ")
}

fn lower(header: &Header) -> String {
    header.name_text().to_ascii_lowercase()
}

/// The names, in lower case, of the lines that belong to one connection: the known ones and those that `Connection`
/// names, save those that frame the request.
fn of_connection(headers: &Headers) -> HashSet<String> {
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
