//! What sending a capture again would send, and how that differs from what came. Sends nothing.
//!
//! The request keeps its wire form: header lines as they were, odd ones included, and the chunks of a chunked body.
//! Only what belongs to a connection is changed: hop-by-hop lines are left out, `Host` follows the URL, an HTTP/2
//! request becomes an HTTP/1.1 one, and `Content-Length` follows an edited body.

use std::collections::HashMap;

use bytes::Bytes;

use crate::capture::{
    Body, Capture, CaptureId, ChunkedDecoder, Header, Headers, HttpVersion, Progress, Request, Signed, Signing,
};

use super::difference::{Comparison, Difference, Notes, host_of, lower, names_of_connection};
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

impl Outgoing {
    /// A request of our own making: `Host` comes first and `Content-Length` last.
    pub fn new(url: Url, method: Bytes, headers: &Headers, body: Bytes) -> Self {
        let mut lines = Lines(headers.iter().map(|header| (header.clone(), wire::write(header))).collect());
        lines.set("Host", url.authority().as_bytes(), 0);
        lines.set("Content-Length", body.len().to_string().as_bytes(), usize::MAX);
        let target = Bytes::copy_from_slice(url.path_and_query().as_bytes());
        let request = lines.into_request(method, HttpVersion::Http11, target, Body::whole(body));
        Self { capture: CaptureId::default(), url, request }
    }
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
    /// The method in place of the captured one.
    pub method: Option<Bytes>,
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

/// The request that `plan` makes of `capture`, and what will differ. `signed` is what signs it afresh as it will be
/// sent, needed for [`Signing::With`]; `signature_headers` are the names of all that carry a signature.
pub fn prepare(
    capture: &Capture,
    plan: &Plan,
    signed: Option<&Signed>,
    signature_headers: &[String],
) -> Result<(Outgoing, Vec<Difference>), PrepareError> {
    let captured = &capture.request;
    if captured.method.is_empty() || captured.target.is_empty() {
        return Err(PrepareError::NoRequest(capture.id));
    }
    let signed = match (&plan.signing, signed) {
        (Signing::With(secret), None) => return Err(PrepareError::NotSigned(secret.clone())),
        (Signing::With(_), signed) => signed,
        (Signing::Captured | Signing::None, _) => None,
    };
    let edited = plan.edited.as_ref().map(|(_, body)| body).filter(|body| **body != captured.body.bytes);
    let signed_body = signed.and_then(|signed| signed.body.as_ref());
    let url = signed.and_then(|signed| signed.query.as_ref()).map(|query| plan.url.with_query(query));
    let url = url.unwrap_or_else(|| plan.url.clone());
    let mut lines = Lines::of(captured, plan.edited.as_ref().map(|(headers, _)| headers));
    let body = body(captured, signed_body.or(edited), lines.has("transfer-encoding"));
    lines.leave_connection_out(&captured.headers, body.framed.is_some());
    lines.host(capture, plan);
    lines.length(captured, &body);
    lines.sign(&plan.signing, signed, signature_headers);
    let version = if captured.version == HttpVersion::Http10 { HttpVersion::Http10 } else { HttpVersion::Http11 };
    let method = plan.method.clone().unwrap_or_else(|| captured.method.clone());
    let request = lines.into_request(method, version, target(capture, &url), body);
    let body_note = match (edited.is_some(), signed_body.is_some()) {
        (false, true) => "re-signed",
        (true, true) => "edited, then re-signed",
        (_, false) => "edited",
    };
    let signed = signed.is_some_and(|signed| signed.query.is_some());
    let notes = Notes { signing: &plan.signing, signature_headers, target_signed: signed, body: body_note };
    let differences = Comparison { captured, sent: &request, notes }.all();
    Ok((Outgoing { capture: capture.id, url, request }, differences))
}

/// The captured bytes of the target when the URL still says the same, else what the URL says.
fn target(capture: &Capture, url: &Url) -> Bytes {
    let captured = &capture.request.target;
    let original = Url::original(capture).ok();
    let same_path = original.as_ref().is_some_and(|original| original.path_and_query() == url.path_and_query());
    // An absolute-form target names its host.
    let fits = captured.starts_with(b"/") || captured == "*" || original.is_some_and(|o| o.origin() == url.origin());
    if same_path && fits { captured.clone() } else { Bytes::copy_from_slice(url.path_and_query().as_bytes()) }
}

/// A chunked body keeps its chunks and trailers when they came whole and unedited, else it becomes one chunk.
fn body(captured: &Request, changed: Option<&Bytes>, may_be_chunked: bool) -> Body {
    let chunked = may_be_chunked && captured.body.framed.is_some();
    if changed.is_none() && chunked && is_whole(&captured.body) {
        return captured.body.clone();
    }
    let mut body = Body::whole(changed.unwrap_or(&captured.body.bytes).clone());
    body.framed = chunked.then(|| wire::one_chunk(&body.bytes));
    body
}

/// Whether the framed bytes are all of the body.
fn is_whole(body: &Body) -> bool {
    let framed = body.framed.as_deref().unwrap_or_default();
    let mut payload = Vec::with_capacity(body.bytes.len());
    let progress = ChunkedDecoder::default().feed(framed, |piece| payload.extend_from_slice(piece));
    progress == Ok(Progress::Done(framed.len())) && payload == body.bytes
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
        let names = names_of_connection(captured);
        self.0.retain(|(header, _)| !names.contains(&lower(header)));
        if !chunked {
            self.leave_out("transfer-encoding");
            self.leave_out("trailer");
        }
    }

    /// `Host` stays as captured when the request goes where it came to, and as edited when it was edited.
    fn host(&mut self, capture: &Capture, plan: &Plan) {
        let captured = host_of(&capture.request);
        let same_place = Url::original(capture).is_ok_and(|original| original.origin() == plan.url.origin());
        let now = self.0.iter().find(|(header, _)| header.is("host")).map(|(header, _)| &header.value[..]);
        let is_edited = plan.edited.is_some() && now.is_some() && now != captured;
        if is_edited || (same_place && now.is_some()) {
            return;
        }
        if now.is_some() || capture.request.version != HttpVersion::Http10 {
            let authority = plan.url.authority();
            let value = captured.filter(|_| same_place).unwrap_or(authority.as_bytes());
            // A first line that begins with a blank would become a part of any line before it.
            let place =
                usize::from(self.0.first().is_some_and(|(_, line)| line.starts_with(b" ") || line.starts_with(b"\t")));
            self.set("Host", value, place);
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

    fn sign(&mut self, signing: &Signing, signed: Option<&Signed>, names: &[String]) {
        if *signing == Signing::Captured {
            return;
        }
        let fresh = signed.map(|signed| signed.headers.as_slice()).unwrap_or_default();
        for name in names.iter().filter(|name| !fresh.iter().any(|(fresh, _)| fresh.eq_ignore_ascii_case(name))) {
            self.leave_out(name);
        }
        for (name, value) in fresh {
            self.set(name, value.as_bytes(), usize::MAX);
        }
    }

    fn into_request(self, method: Bytes, version: HttpVersion, target: Bytes, body: Body) -> Request {
        let (headers, lines): (Vec<Header>, Vec<Bytes>) = self.0.into_iter().unzip();
        let head = wire::head(&method, &target, version, &lines);
        Request { version, head, method, target, headers: headers.into_iter().collect(), body }
    }
}

/// Edited lines with the form that the same line had on the wire.
fn as_on_wire(edited: &Headers, wire: &[Line]) -> Vec<Line> {
    let known: HashMap<_, _> = wire.iter().map(|(header, line)| ((&header.name, &header.value), line)).collect();
    let form = |header: &Header| known.get(&(&header.name, &header.value)).map(|&line| line.clone());
    edited.iter().map(|header| (header.clone(), form(header).unwrap_or_else(|| wire::write(header)))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::capture::parse_request;

    const HEAD: &str = "POST /in?a HTTP/1.1\r\nHost: 127.0.0.1:9000\r\nx-b:1\r\nno colon\r\nX-B: 2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n";

    fn capture(head: &str, body: Body) -> Capture {
        let head = Bytes::from(format!("{head}\r\n"));
        let parsed = parse_request(&head).unwrap();
        let request = Request::from_head(head, parsed, body);
        let mut capture =
            Capture::new(request, chrono::DateTime::UNIX_EPOCH, "127.0.0.1:5000".into(), "127.0.0.1:9000".into());
        capture.id = CaptureId(17);
        capture
    }

    fn plan(url: &str) -> Plan {
        Plan { url: url.parse().unwrap(), signing: Signing::Captured, edited: None, method: None }
    }

    /// The bytes that go out, and the differences as `field: before -> after (note)`.
    fn prepared(capture: &Capture, plan: &Plan) -> (String, Vec<String>) {
        let fresh = Signed { headers: vec![("X-Sig".to_owned(), "new".to_owned())], ..Signed::default() };
        let names = ["x-sig".to_owned(), "x-sig-old".to_owned()];
        let (outgoing, differences) = prepare(capture, plan, Some(&fresh), &names).unwrap();
        let read = parse_request(&outgoing.request.head).unwrap();
        assert_eq!(read.headers, outgoing.request.headers, "what is sent is what is shown");
        let text = |d: Difference| format!("{}: {} -> {} ({})", d.field, d.before, d.after, d.note);
        let sent = String::from_utf8(outgoing.request.wire_bytes()).unwrap();
        (sent, differences.into_iter().map(text).collect())
    }

    #[test]
    fn keeps_the_wire_and_leaves_the_connection_out() {
        let (sent, differences) = prepared(&capture(HEAD, Body::default()), &plan("127.0.0.1:8080/in?a"));
        assert_eq!(sent, "POST /in?a HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nx-b:1\r\nno colon\r\nX-B: 2\r\n\r\n");
        let expected = [
            "host: 127.0.0.1:9000 -> 127.0.0.1:8080 ()",
            "connection: close, X-Hop ->  (hop-by-hop, left out)",
            "x-hop: 1 ->  (hop-by-hop, left out)",
        ];
        assert_eq!(differences, expected);
    }

    #[test]
    fn going_home_changes_nothing_that_need_not_change() {
        let head =
            "PUT http://hooks.example.com/a%20b HTTP/1.0\r\nX: y\r\nhost:hooks.example.com\r\ncontent-length:2\r\n";
        let capture = capture(head, Body::whole("{}"));
        let (sent, differences) = prepared(&capture, &plan(&Url::original(&capture).unwrap().to_string()));
        assert_eq!((sent, differences), (format!("{head}\r\n{{}}"), vec![]));
        let (sent, _) = prepared(&capture, &plan("other"));
        assert!(sent.starts_with("PUT / HTTP/1.0\r\nX: y\r\nhost: other\r\n"), "{sent}");
        let (sent, _) = prepared(&capture, &plan("http://other/a%20b"));
        assert!(sent.starts_with("PUT /a%20b HTTP/1.0\r\n"), "{sent}");
    }

    #[test]
    fn targets_that_no_url_can_hold_survive() {
        for target in ["*", "/a b", "/\u{fc}", "//x", "?q"] {
            let capture = capture(&format!("OPTIONS {target} HTTP/1.1\r\nHost: x\r\n"), Body::default());
            let (sent, differences) = prepared(&capture, &plan(&Url::original(&capture).unwrap().to_string()));
            assert_eq!(
                (&sent[..sent.len() - 4], differences.len()),
                (&*format!("OPTIONS {target} HTTP/1.1\r\nHost: x"), 0)
            );
        }
    }

    #[test]
    fn a_target_that_is_no_text_is_sent_as_it_was_or_its_change_is_shown() {
        let mut capture = capture("GET /% HTTP/1.1\r\nHost: h\r\n", Body::default());
        capture.request.target = Bytes::from_static(b"/\xff");
        for (url, target, differences) in [
            (Url::original(&capture).unwrap().to_string(), &b"/\xff"[..], &[][..]),
            ("http://127.0.0.1:9000/\u{fffd}".to_owned(), b"/%EF%BF%BD", &["/\u{fffd} -> /%EF%BF%BD"]),
        ] {
            let (outgoing, found) = prepare(&capture, &plan(&url), None, &[]).unwrap();
            assert_eq!(outgoing.request.target, target);
            let found: Vec<_> = found.iter().map(|found| format!("{} -> {}", found.before, found.after)).collect();
            assert_eq!(found, differences);
        }
    }

    #[test]
    fn signs_again_or_not_at_all() {
        let head = "POST / HTTP/1.1\r\nx-sig: old\r\nHost: h\r\nX-Sig-Old: older\r\n";
        let capture = capture(head, Body::default());
        let again = Plan { signing: Signing::With("pm".into()), ..plan("http://h/") };
        let (sent, differences) = prepared(&capture, &again);
        assert_eq!(sent, "POST / HTTP/1.1\r\nx-sig: new\r\nHost: h\r\n\r\n");
        assert_eq!(differences, ["x-sig: old -> new (re-signed)", "x-sig-old: older ->  (signature left out)"]);
        let (sent, _) = prepared(&capture, &Plan { signing: Signing::None, ..plan("http://h/") });
        assert_eq!(sent, "POST / HTTP/1.1\r\nHost: h\r\n\r\n");
        let error = prepare(&capture, &again, None, &[]).unwrap_err().to_string();
        assert_eq!(error, "nothing could be signed with secret `pm`: choose another secret, or send it as captured");
    }

    #[test]
    fn what_signing_changes_in_body_and_query_is_sent_and_shown() {
        let head = "POST /in?token=old&a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n";
        let capture = capture(head, Body::whole("{}"));
        let signed = Signed { body: Some("{1}".into()), query: Some("token=new&a".to_owned()), ..Signed::default() };
        let again = Plan { signing: Signing::With("pm".into()), ..plan("http://h/in?token=old&a") };
        let (outgoing, differences) = prepare(&capture, &again, Some(&signed), &[]).unwrap();
        let sent = String::from_utf8(outgoing.request.wire_bytes()).unwrap();
        assert_eq!(sent, "POST /in?token=new&a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n{1}");
        let notes: Vec<_> = differences.iter().map(|found| (found.field.as_str(), found.note)).collect();
        let length = ("content-length", "length of the body as sent");
        assert_eq!(notes, [("target", "re-signed"), ("body", "re-signed"), length]);
        let edited = Plan { edited: Some((capture.request.headers.clone(), "[]".into())), ..again.clone() };
        let (_, differences) = prepare(&capture, &edited, Some(&signed), &[]).unwrap();
        assert!(differences.iter().any(|found| found.note == "edited, then re-signed"), "{differences:?}");
        let (kept, _) = prepare(&capture, &plan("http://h/in?token=old&a"), Some(&signed), &[]).unwrap();
        assert_eq!(kept.request.wire_bytes(), capture.request.wire_bytes(), "as captured is as captured");
    }

    #[test]
    fn edits_are_sent_and_shown() {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nA:1\r\nContent-Length: 2\r\n";
        let capture = capture(head, Body::whole("{}"));
        let mut headers = capture.request.headers.clone();
        headers.set("Host", "mine");
        headers.push("B", "2");
        let edited = Plan { edited: Some((headers, "{\"a\":1}".into())), ..plan("http://other/") };
        let (sent, differences) = prepared(&capture, &edited);
        assert_eq!(sent, "POST / HTTP/1.1\r\nHost: mine\r\nA:1\r\nContent-Length: 7\r\nB: 2\r\n\r\n{\"a\":1}");
        let expected = [
            "body: 2 B -> 7 B (edited)",
            "host: h -> mine ()",
            "content-length: 2 -> 7 (length of the body as sent)",
            "b:  -> 2 (edited)",
        ];
        assert_eq!(differences, expected);
    }

    #[test]
    fn chunks_stay_as_they_were_until_edited() {
        let mut body = Body::whole("ab");
        body.framed = Some("1\r\na\r\n1;x\r\nb\r\n0\r\nX-Sum: 1\r\n\r\n".into());
        body.trailers.push("X-Sum", "1");
        let head = "POST / HTTP/1.1\r\nHost: h\r\nTrailer: X-Sum\r\ntransfer-encoding: chunked\r\n";
        let whole = capture(head, body);
        let (sent, differences) = prepared(&whole, &plan("http://h/"));
        assert_eq!((sent.into_bytes(), differences), (whole.request.wire_bytes(), vec![]));

        let edited = Plan { edited: Some((whole.request.headers.clone(), "c".into())), ..plan("http://h/") };
        let (sent, differences) = prepared(&whole, &edited);
        assert!(sent.ends_with("chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n"), "{sent}");
        assert!(differences.contains(&"trailers: x-sum ->  (left out)".to_owned()), "{differences:?}");

        let mut cut = whole.clone();
        cut.request.body.framed = Some("1\r\na\r\n9\r\nb\n".into());
        assert!(prepared(&cut, &plan("http://h/")).0.ends_with("\r\n\r\n2\r\nab\r\n0\r\n\r\n"));
    }

    #[test]
    fn an_incomplete_body_is_sent_as_far_as_it_was_kept() {
        let mut capture = capture("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n", Body::whole("abc"));
        capture.request.body.total = 9;
        let (sent, differences) = prepared(&capture, &plan("http://h/"));
        assert!(sent.ends_with("Content-Length: 3\r\n\r\nabc"), "{sent}");
        assert_eq!(differences[0], "body: 9 B -> 3 B (only the part that was kept)");
    }

    #[test]
    fn http2_becomes_http1() {
        let mut capture = capture("POST / HTTP/2\r\n", Body::whole("x"));
        for (name, value) in [(":method", "POST"), (":path", "/"), (":authority", "hook.example"), ("a", "b")] {
            capture.request.headers.push(name, value);
        }
        let (sent, differences) = prepared(&capture, &plan("http://h/"));
        assert_eq!(sent, "POST / HTTP/1.1\r\nHost: h\r\na: b\r\nContent-Length: 1\r\n\r\nx");
        let expected = [
            "version: HTTP/2 -> HTTP/1.1 (hookview sends HTTP/1.1)",
            "host: hook.example -> h ()",
            "content-length:  -> 1 (length of the body as sent)",
        ];
        assert_eq!(differences, expected);
        let (sent, _) = prepared(&capture, &plan("127.0.0.1:9000"));
        assert!(sent.contains("Host: hook.example\r\n"), "{sent}");
    }

    #[test]
    fn what_was_no_request_is_refused() {
        let mut capture = capture("POST / HTTP/1.1\r\n", Body::default());
        capture.request = Request::default();
        let error = prepare(&capture, &plan("h"), None, &[]).unwrap_err().to_string();
        assert_eq!(error, "#17 is not an HTTP request that can be sent again: its request line could not be read");
    }

    #[test]
    fn makes_requests_of_its_own() {
        let mut headers = Headers::default();
        headers.push("Content-Type", "application/json");
        let outgoing = Outgoing::new("http://h:81/in".parse().unwrap(), "POST".into(), &headers, "{}".into());
        let expected =
            "POST /in HTTP/1.1\r\nHost: h:81\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(outgoing.request.wire_bytes(), expected.as_bytes());
    }

    proptest! {
        #[test]
        fn what_is_sent_is_what_is_shown(
            lines in proptest::collection::vec("[ \t]?(Host|host|Connection|X-Sig|TE|Content-Length|[a-z é\u{1}]{1,4})[:,]? ?[a-zX:, -]{0,5}\r?\n", 0..8),
            body in proptest::collection::vec(any::<u8>(), 0..20), home in any::<bool>(), version in "HTTP/1\\.[01]",
        ) {
            let head = format!("POST /a {version}\r\n{}\r\n", lines.concat());
            let head = Bytes::from(head);
            let request = Request::from_head(head.clone(), parse_request(&head).unwrap(), Body::whole(body.clone()));
            let capture = Capture::new(request, chrono::DateTime::UNIX_EPOCH, "1.1.1.1:1".into(), "1.1.1.1:2".into());
            let plan = plan(if home { "http://1.1.1.1:2/a" } else { "http://other/b" });
            let (outgoing, differences) = prepare(&capture, &plan, None, &[]).unwrap();
            let read = parse_request(&outgoing.request.head).unwrap();
            prop_assert_eq!(&read.headers, &outgoing.request.headers);
            prop_assert_eq!(&outgoing.request.body.bytes, &body);
            let length = outgoing.request.headers.text("content-length").map_or(0, |length| length.parse().unwrap());
            prop_assert_eq!(length, body.len());
            if differences.is_empty() {
                prop_assert_eq!(&outgoing.request.headers, &capture.request.headers);
            }
        }
    }
}
