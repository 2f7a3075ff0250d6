//! What a body is, judged by its content; the content type is a hint.

use super::form::MAX_FIELDS;
use super::media_type::MediaType;
use super::{multipart, validate};

/// What a body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No bytes.
    Empty,
    /// A valid JSON document, whatever the content type says.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/..`, with the boundary without its dashes.
    Multipart {
        /// As in the content type, else as the first line of the body shows it.
        boundary: String,
    },
    /// XML, also when it is not well-formed.
    Xml,
    /// UTF-8 text.
    Text,
    /// Not UTF-8, or more than 5 % control characters.
    Binary,
}

impl Kind {
    /// `JSON`, `text`, ..
    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "nothing",
            Self::Json => "JSON",
            Self::Form => "a form",
            Self::Multipart { .. } => "multipart",
            Self::Xml => "XML",
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }
}

/// What `bytes` are, once decoded (text in UTF-8).
pub fn sniff(content_type: Option<&str>, bytes: &[u8]) -> Kind {
    let media = MediaType::parse(content_type.unwrap_or_default());
    match guess(&media, bytes) {
        Kind::Json if validate(bytes).is_err() => guess_other(&media, bytes),
        kind => kind,
    }
}

/// Like [`sniff`], but JSON is only what looks like it or says so: parsing has to tell.
pub(super) fn guess(media: &MediaType, bytes: &[u8]) -> Kind {
    let first = bytes.trim_ascii_start().first();
    if bytes.is_empty() {
        Kind::Empty
    } else if let Some(boundary) = boundary(media, bytes) {
        Kind::Multipart { boundary }
    } else if media.is_json() || matches!(first, Some(b'{' | b'[')) {
        Kind::Json
    } else {
        guess_other(media, bytes)
    }
}

/// What a body is that is neither JSON nor multipart.
pub(super) fn guess_other(media: &MediaType, bytes: &[u8]) -> Kind {
    if !is_text(bytes) {
        Kind::Binary
    } else if media.is_form() && is_form(bytes) {
        Kind::Form
    } else if is_xml(media, bytes.trim_ascii()) {
        Kind::Xml
    } else {
        Kind::Text
    }
}

/// UTF-8, perhaps cut within its last character, and at most 5 % control characters.
fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    let is_control = |byte: &&u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c');
    valid && bytes.iter().filter(is_control).count() * 20 <= bytes.len()
}

/// One line of names and values. `curl -d` says form whatever it sends.
fn is_form(bytes: &[u8]) -> bool {
    let line = bytes.trim_ascii_end();
    line.contains(&b'=')
        && line.iter().all(|&byte| byte.is_ascii_graphic() || byte >= 0x80)
        && line.split(|&byte| byte == b'&').take(MAX_FIELDS + 1).count() <= MAX_FIELDS
}

fn is_xml(media: &MediaType, text: &[u8]) -> bool {
    let starts = |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let html = media.essence == "text/html" || starts(b"<!doctype html") || starts(b"<html");
    let tag = text.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || b"?!_".contains(byte));
    !html && starts(b"<") && (media.is_xml() || tag && text.ends_with(b">"))
}

/// The boundary that is really in the body: the one of the content type, else that of the first line.
fn boundary(media: &MediaType, bytes: &[u8]) -> Option<String> {
    if !media.is_multipart() {
        return None;
    }
    let declared = media.param("boundary").filter(|boundary| !boundary.is_empty());
    let first_line = bytes.trim_ascii_start().split(|&byte| byte == b'\n').next().unwrap_or_default();
    let shown = first_line.trim_ascii_end().strip_prefix(b"--").and_then(|rest| std::str::from_utf8(rest).ok());
    [declared, shown.filter(|boundary| (1..=70).contains(&boundary.len()))]
        .into_iter()
        .flatten()
        .find(|boundary| multipart::has_boundary(boundary, bytes))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn content_comes_first() {
        for (content_type, body, kind) in [
            ("application/json", "", Kind::Empty),
            ("text/plain", " {\"a\": 1}\n", Kind::Json),
            (FORM, "{\"a\": 1}", Kind::Json),
            ("application/json", "12", Kind::Json),
            ("text/plain", "12", Kind::Text),
            ("application/json", "Traceback (most recent call last):", Kind::Text),
            ("application/json", "{\"a\": }", Kind::Text),
            ("", "[2026-10-07] started", Kind::Text),
            (FORM, "payload=%7B%7D&a", Kind::Form),
            (FORM, "a=1\r\n", Kind::Form),
            (FORM, "just words", Kind::Text),
            ("", "a=1&b=2", Kind::Text),
            ("", "<?xml version='1.0'?><a/>", Kind::Xml),
            ("application/soap+xml", "<a>", Kind::Xml),
            ("", "<a>b</a>\n", Kind::Xml),
            ("text/html", "<p>x</p>", Kind::Text),
            ("", "<!DOCTYPE html><p>", Kind::Text),
            ("", "<3 this", Kind::Text),
            ("application/xml", "{}", Kind::Json),
            ("application/json", "a\0b", Kind::Binary),
            ("", "\x1b[1mred\x1b[0m and enough text around it to be no more than five of hundred", Kind::Text),
        ] {
            assert_eq!(sniff(Some(content_type), body.as_bytes()), kind, "{content_type} {body}");
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(sniff(Some("text/plain"), b"caf\xe9!"), Kind::Binary);
        assert_eq!(sniff(None, &"caf\u{e9}".as_bytes()[..4]), Kind::Text);
        assert_eq!(sniff(None, b"PK\x03\x04\x14\0\x08\x08"), Kind::Binary);
    }

    #[test]
    fn the_boundary_is_the_one_in_the_body() {
        let multipart = |boundary: &str| Kind::Multipart { boundary: boundary.to_owned() };
        let body = b"--xyz\r\n\r\n\xff\0\r\n--xyz--\r\n";
        for content_type in ["multipart/form-data; boundary=xyz", "multipart/form-data", "multipart/mixed; boundary=q"]
        {
            assert_eq!(sniff(Some(content_type), body), multipart("xyz"));
        }
        assert_eq!(sniff(Some("text/plain"), b"--xyz\n\n--xyz--"), Kind::Text);
        assert_eq!(sniff(Some("multipart/form-data; boundary=q"), b"{}"), Kind::Json);
    }
}
