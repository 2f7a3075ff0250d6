//! Bodies that are not what they claim: lost, empty, of another type, broken, in another encoding.

use crate::capture::Lint;

use super::flaw;
use super::{Alarm, alarmed, body_template};
use crate::sender::known::Seen;
use crate::sender::payload::{Declared, Looks};
use crate::sender::title::Alarmed;

/// The library that Peering Manager and NetBox send with drops body and content type when it follows a redirect, but
/// not the signature. A GET webhook whose template rendered to nothing keeps its content type.
pub(super) fn redirected(seen: &Seen) -> Option<Alarm> {
    let headers = &seen.request.headers;
    let bare = is_bodiless(seen) && !headers.has("content-type") && !headers.has("content-length");
    if !(bare && seen.payload.looks == Looks::Empty && headers.has("x-hook-signature")) {
        return None;
    }
    let lines = [
        "Its sender was answered 301, 302 or 303 elsewhere and followed with a bare GET.".to_owned(),
        "The signature is that of the lost body and cannot match. Give the webhook its final URL.".to_owned(),
    ];
    let title = Alarmed::Instead("! redirected, body lost".to_owned());
    Some(alarmed(Lint::RedirectedGet, title, "This GET is what a redirect left of a webhook: the body is lost.", lines))
}

pub(super) fn empty(seen: &Seen, sender: Option<&str>) -> Option<Alarm> {
    let payload = seen.payload;
    let expected = !is_bodiless(seen) || seen.request.headers.has("x-hook-signature");
    if payload.declared != Declared::Json || payload.looks != Looks::Empty || payload.cut || !expected {
        return None;
    }
    let rendered = sender.map(|_| "Its body template rendered to nothing.".to_owned());
    let lines = rendered.into_iter().chain(body_template(sender));
    Some(alarmed(Lint::EmptyBody, Alarmed::No, "The body is empty, although its content type says JSON.", lines))
}

/// Whether nobody expects a body with this method.
fn is_bodiless(seen: &Seen) -> bool {
    matches!(&seen.request.method[..], b"GET" | b"HEAD" | b"DELETE" | b"OPTIONS")
}

pub(super) fn mismatch(seen: &Seen) -> Option<Alarm> {
    let encoded = seen.header("content-encoding").is_some();
    let (claim, looks) = match (seen.payload.declared, seen.payload.looks) {
        (Declared::Json, Looks::Xml) => ("JSON", "looks like XML or HTML"),
        (Declared::Json, Looks::Form) => ("JSON", "looks like a form"),
        (Declared::Json, Looks::Opaque) if !encoded => ("JSON", "is binary, or text in UTF-16"),
        (Declared::Form, Looks::Json) => ("a form", "looks like JSON"),
        (Declared::Xml, Looks::Json) => ("XML", "looks like JSON"),
        _ => return None,
    };
    let from_curl = seen.header("user-agent").is_some_and(|agent| agent.starts_with("curl/"));
    let hint = (from_curl && claim == "a form")
        .then(|| "curl -d says so unless told otherwise: add -H 'Content-Type: application/json'.".to_owned());
    Some(alarmed(
        Lint::ContentType,
        Alarmed::No,
        &format!("The content type says {claim}, but the body {looks}."),
        hint,
    ))
}

pub(super) fn invalid_json(seen: &Seen, sender: Option<&str>) -> Option<Alarm> {
    let error = seen.error.filter(|error| flaw::is_flaw(error) && !(error.is_eof() && seen.payload.cut))?;
    if seen.payload.declared != Declared::Json {
        return None;
    }
    let flaw = flaw::find(&seen.payload.text, error);
    let place = format!("Line {}, column {}: {}.", flaw.line, flaw.column, flaw.cause);
    let lines = std::iter::once(place).chain(body_template(sender));
    Some(alarmed(
        flaw.code,
        Alarmed::Before("! invalid JSON"),
        "This body is not valid JSON, although its content type says so.",
        lines,
    ))
}

/// A byte order mark, which many readers of JSON refuse.
pub(super) fn marked(seen: &Seen) -> Option<Alarm> {
    if !seen.payload.marked || !is_text_of_json(seen) {
        return None;
    }
    let hint = "JSON must not have one, and many readers refuse it.".to_owned();
    Some(alarmed(Lint::ByteOrderMark, Alarmed::No, "The body begins with a byte order mark.", [hint]))
}

pub(super) fn not_utf8(seen: &Seen) -> Option<Alarm> {
    let payload = seen.payload;
    if !is_text_of_json(seen) {
        return None;
    }
    let error = std::str::from_utf8(&payload.text).err().filter(|error| error.error_len().is_some() || !payload.cut)?;
    let at = error.valid_up_to();
    let place =
        format!("The first odd byte is 0x{:02X}, at offset {at}.", payload.text.get(at).copied().unwrap_or_default());
    Some(alarmed(Lint::NotUtf8, Alarmed::No, "The body is not UTF-8, as JSON must be.", [place]))
}

/// Whether it says that it is JSON, and could be.
fn is_text_of_json(seen: &Seen) -> bool {
    seen.payload.declared == Declared::Json && seen.payload.looks != Looks::Opaque
}
