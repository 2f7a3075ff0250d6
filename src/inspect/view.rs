//! A body as something to look at: decoded, recognised, indexed, with notes on what was done.

use bytes::Bytes;

use super::media_type::MediaType;
use super::sniff::{guess, guess_other};
use super::{
    Clean, DECODE_LIMIT, Hex, JsonError, JsonIndex, Kind, Multipart, Syntax, TextBody, Tree, bytes_exact, decode,
    form_fields, multipart, pretty_xml,
};
use crate::capture::{Body, Headers};

/// A body in the form that suits it.
#[derive(Clone, Debug)]
pub enum View {
    /// No bytes.
    Empty,
    /// A tree that folds.
    Json(Tree),
    /// Rows of text; XML re-indented.
    Text(TextBody),
    /// Names and values, decoded; foreign text, not yet clean.
    Form(Vec<(String, String)>),
    /// Parts, each with a content to look at in turn.
    Multipart(Multipart),
    /// Bytes.
    Hex(Hex),
}

/// A body to look at, and what to know about it.
#[derive(Clone, Debug)]
pub struct BodyView {
    /// The form that suits it.
    pub view: View,
    /// The decoded body, for other ways to show it.
    pub bytes: Bytes,
    /// One line each, safe to show: `gzip, 812 B decoded to 2,148 B`, `JSON inside text/plain`.
    pub notes: Vec<String>,
    /// Why a body that says it is JSON, or begins like an object, is not. `None` for one that may be valid and is only
    /// too deep or too big for us. The notes say that, and not what stands here.
    pub json_error: Option<JsonError>,
}

/// Decodes, recognises and indexes a body. Takes some milliseconds a megabyte: not for the drawing thread when it is
/// big.
pub fn body_view(headers: &Headers, body: &Body) -> BodyView {
    let content_type = headers.text("content-type");
    let codings: Vec<_> = headers.all("content-encoding").map(String::from_utf8_lossy).collect();
    let decoded = decode(Some(&codings.join(",")), content_type, &body.bytes, DECODE_LIMIT);
    let mut looked = BodyView { view: View::Empty, bytes: decoded.bytes, notes: decoded.notes, json_error: None };
    looked.notes.extend(decoded.failed);
    if body.total > body.bytes.len() as u64 {
        let (kept, total) = (bytes_exact(body.bytes.len() as u64), bytes_exact(body.total));
        looked.notes.push(format!("the first {kept} of {total}"));
    }
    looked.recognise(&MediaType::parse(content_type.unwrap_or_default()));
    looked
}

impl BodyView {
    fn recognise(&mut self, media: &MediaType) {
        let mut kind = guess(media, &self.bytes);
        let mut explained = false;
        if kind == Kind::Json {
            match JsonIndex::build(self.bytes.clone()) {
                Ok(index) => self.view = View::Json(Tree::new(index)),
                Err(error) => {
                    kind = guess_other(media, &self.bytes);
                    explained = self.not_json(media, error) && kind == Kind::Text;
                }
            }
        }
        self.notes.extend(mismatch(media, &kind).filter(|_| !explained));
        match kind {
            Kind::Empty | Kind::Json => {}
            Kind::Form => self.form(),
            Kind::Multipart { boundary } => self.multipart(&boundary),
            Kind::Xml => self.xml(),
            Kind::Text => self.view = View::Text(TextBody::plain(self.bytes.clone())),
            Kind::Binary => self.view = View::Hex(Hex(self.bytes.clone())),
        }
    }

    /// Says why, unless it never meant to be JSON: other text may begin with a bracket. Whether it did.
    fn not_json(&mut self, media: &MediaType, error: JsonError) -> bool {
        let mut start = self.bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
        let like_object = start.next() == Some(&b'{') && matches!(start.next(), Some(b'"' | b'}'));
        let meant = media.is_json() || like_object;
        if meant && error.limit {
            self.notes.push(format!("JSON shown as text: {error}"));
        } else {
            self.json_error = Some(error).filter(|_| meant);
        }
        meant
    }

    /// GitHub and Slack can send their JSON as the only field of a form.
    fn form(&mut self) {
        let mut fields = form_fields(&self.bytes);
        if let [(name, value)] = &mut fields[..]
            && value.starts_with(['{', '['])
            && let Ok(index) = JsonIndex::build(Bytes::copy_from_slice(value.as_bytes()))
        {
            self.notes.push(format!("JSON inside the form field `{}`", Clean::text(name)));
            self.view = View::Json(Tree::new(index));
            return;
        }
        self.view = View::Form(fields);
    }

    fn multipart(&mut self, boundary: &str) {
        let body = multipart(boundary, &self.bytes);
        self.notes.extend(body.problems.iter().cloned());
        self.view = View::Multipart(body);
    }

    fn xml(&mut self) {
        let text = String::from_utf8_lossy(&self.bytes);
        self.view = View::Text(match pretty_xml(&text) {
            Ok(pretty) => TextBody { syntax: Syntax::Xml, ..TextBody::plain(Bytes::from(pretty)) },
            Err(why) => {
                self.notes.push(format!("XML that is not well-formed: {why}"));
                TextBody::plain(self.bytes.clone())
            }
        });
    }
}

/// Content that is not what the content type says.
fn mismatch(media: &MediaType, kind: &Kind) -> Option<String> {
    let says_text = media.essence.starts_with("text/");
    let fits = match kind {
        Kind::Empty => true,
        Kind::Json => media.is_json(),
        Kind::Form => media.is_form(),
        Kind::Multipart { .. } => media.is_multipart(),
        Kind::Xml => media.is_xml(),
        Kind::Text => !(media.is_json() || media.is_form() || media.is_multipart() || media.is_xml()),
        Kind::Binary => !(says_text || media.is_json() || media.is_form() || media.is_multipart() || media.is_xml()),
    };
    let known = !media.essence.is_empty();
    (known && !fits).then(|| format!("{} inside {}", kind.name(), Clean::text(&media.essence)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn look(content_type: &str, body: &[u8]) -> BodyView {
        let mut headers = Headers::default();
        headers.push("Content-Type", content_type.to_owned());
        body_view(&headers, &Body::whole(body.to_vec()))
    }

    fn first_row(view: &View) -> String {
        let pieces = match view {
            View::Empty => return "empty".to_owned(),
            View::Json(tree) => tree.row(0).unwrap().pieces,
            View::Text(text) => text.row(0),
            View::Form(fields) => return format!("{fields:?}"),
            View::Multipart(body) => return format!("{} parts", body.parts.len()),
            View::Hex(hex) => return hex.row(0, 16).text,
        };
        pieces.iter().map(|(_, text)| text.as_str().to_owned()).collect()
    }

    #[test]
    fn every_kind_has_its_view_and_says_what_is_odd() {
        for (content_type, body, row, notes) in [
            ("application/json", &b"{}"[..], "{}", &[][..]),
            ("application/json", b"", "empty", &[]),
            ("text/plain", b"[1]", "[", &["JSON inside text/plain"]),
            ("application/json", b"Traceback:\n x", "Traceback:", &[]),
            ("application/json", b"<a/>", "<a/>", &["XML inside application/json"]),
            ("text/plain", b"[12:00] started", "[12:00] started", &[]),
            ("a/b", b"{\"a\"", "{\"a\"", &[]),
            ("application/x-www-form-urlencoded", b"a=%C3%A9", "[(\"a\", \"é\")]", &[]),
            ("application/x-www-form-urlencoded", b"payload=%7B%7D", "{}", &["JSON inside the form field `payload`"]),
            ("multipart/mixed; boundary=b", b"--b\r\n\r\nx", "1 parts", &["the closing boundary is missing"]),
            ("text/xml", b"<a><b/></a>", "<a>", &[]),
            ("text/xml", b"<a><b></a>", "<a><b></a>", &["XML that is not well-formed: line 1: "]),
            ("application/zip", b"PK\x03\x04", "|PK..|", &[]),
            ("text/plain", b"caf\xe9!", "|caf.!|", &["binary inside text/plain"]),
            ("text/plain; charset=latin1", b"caf\xe9", "café", &["charset latin1"]),
        ] {
            let looked = look(content_type, body);
            assert_eq!(first_row(&looked.view), row, "{content_type}");
            assert_eq!(looked.notes.len(), notes.len(), "{:?}", looked.notes);
            for (note, expected) in looked.notes.iter().zip(notes) {
                assert!(note.starts_with(expected), "{note}");
            }
        }
    }

    #[test]
    fn a_body_over_the_limit_says_how_much_is_here() {
        let body = Body { total: 2000, ..Body::whole("{\"a\": [1, 2") };
        let looked = body_view(&Headers::default(), &body);
        assert_eq!(looked.notes[0], "the first 11 B of 2,000 B");
        assert_eq!(looked.json_error.unwrap().column, 12);
    }

    #[test]
    fn what_is_not_json_is_said_once() {
        for (content_type, body, error) in [
            ("application/json", "Traceback:", Some("line 1 column 1: expected a value, found `Traceback`")),
            ("a/b", "{\"a\"", Some("line 1 column 5: expected `:`, found the end")),
            ("text/plain", "[12:00] started", None),
        ] {
            let looked = look(content_type, body.as_bytes());
            assert_eq!(looked.json_error.map(|error| error.to_string()).as_deref(), error);
            assert!(looked.notes.is_empty(), "{:?}", looked.notes);
        }
    }

    #[test]
    fn json_that_is_too_deep_for_us_is_not_called_invalid() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let looked = look("application/json", deep.as_bytes());
        assert_eq!(looked.json_error, None);
        assert_eq!(looked.notes, ["JSON shown as text: line 1 column 513: nested more than 512 levels deep"]);
    }

    proptest! {
        #[test]
        fn any_body_can_be_looked_at(
            content_type in prop::sample::select(vec![
                "application/json", "text/xml", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "x",
            ]),
            coding in prop::sample::select(vec!["gzip", "identity", "br", ""]),
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "[\\[\\]{}<>/=&\"a-b\u{202e}\u{9b}:,\\-\r\n ]{0,80}".prop_map(String::into_bytes),
            ],
        ) {
            let mut headers = Headers::default();
            headers.push("content-type", content_type);
            headers.push("content-encoding", coding);
            let looked = body_view(&headers, &Body::whole(bytes));
            let shown = looked.notes.concat() + &first_row(&looked.view);
            prop_assert!(matches!(looked.view, View::Form(_)) || Clean::text(&shown).as_str() == shown);
        }
    }
}
