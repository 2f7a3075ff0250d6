//! What a sender signs: a template over the request, filled in without copying the body.

use std::borrow::Cow;

use super::facts::Facts;
use super::key::{Piece, sha256_hex};
use super::scheme::Place;

/// A template over a request: literal text and `{placeholders}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Body,
    BodySha256,
    Secret,
    Time,
    Method,
    Url,
    UrlDecoded,
    Path,
    FormSorted,
    Header(String),
    Query(String),
    Form(String),
    Json(String),
}

/// Why a message cannot be put together: what is missing, in words.
pub(super) type Missing = String;

impl Message {
    /// Reads a template as it is written in `assets/schemes.toml`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, behind)) = rest.split_once('{') {
            let (name, behind) = behind.split_once('}').ok_or_else(|| format!("`{text}`: a `{{` without its `}}`"))?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::parse(name).ok_or_else(|| format!("`{text}`: unknown placeholder {{{name}}}"))?);
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The template as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a reader calls it: `the SHA-256 of the body`, or the template when there is more to it.
    pub(super) fn words(&self) -> String {
        match &self.parts[..] {
            [part] => part.words(),
            _ => self.text.clone(),
        }
    }

    /// Whether changing the body changes the message.
    pub fn has_body(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Body | Part::BodySha256 | Part::FormSorted))
    }

    /// Whether the timestamp is part of the message.
    pub fn has_time(&self) -> bool {
        self.parts.contains(&Part::Time)
    }

    /// Whether the secret is part of the message.
    pub fn has_secret(&self) -> bool {
        self.parts.contains(&Part::Secret)
    }

    /// Whether the URL as the sender knows it is part of the message.
    pub fn has_url(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Url | Part::UrlDecoded))
    }

    /// The values of the request that are part of the message.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        self.parts.iter().filter_map(|part| match part {
            Part::Header(name) => Some(Place::Header(name.clone())),
            Part::Query(name) => Some(Place::Query(name.clone())),
            Part::Form(name) => Some(Place::Form(name.clone())),
            Part::Json(pointer) => Some(Place::Json(pointer.clone())),
            _ => None,
        })
    }

    /// Whether a whole form is part of the message.
    pub(super) fn has_form(&self) -> bool {
        self.parts.contains(&Part::FormSorted)
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Header(header) if header.eq_ignore_ascii_case(name)))
    }

    pub(super) fn has_json(&self, pointer: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Json(other) if other == pointer))
    }

    /// Fills the template in. `url` is the URL to sign, where the template has one.
    pub(super) fn fill<'a>(
        &'a self,
        facts: Facts<'a>,
        time: Option<&'a [u8]>,
        url: Option<&str>,
    ) -> Result<Vec<Piece<'a>>, Missing> {
        self.parts.iter().map(|part| part.fill(facts, time, url)).collect()
    }
}

impl Part {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "body" => Self::Body,
            "body.sha256" => Self::BodySha256,
            "secret" => Self::Secret,
            "time" => Self::Time,
            "method" => Self::Method,
            "url" => Self::Url,
            "url.decoded" => Self::UrlDecoded,
            "path" => Self::Path,
            "form.sorted" => Self::FormSorted,
            _ => match name.split_once(':')? {
                (_, "") => return None,
                ("header", name) => Self::Header(name.to_owned()),
                ("query", name) => Self::Query(name.to_owned()),
                ("form", name) => Self::Form(name.to_owned()),
                ("json", pointer) if pointer.starts_with('/') => Self::Json(pointer.to_owned()),
                _ => return None,
            },
        })
    }

    fn words(&self) -> String {
        match self {
            Self::Literal(text) => format!("`{text}`"),
            Self::Body => "the raw body".to_owned(),
            Self::BodySha256 => "the SHA-256 of the body".to_owned(),
            Self::Secret => "the secret".to_owned(),
            Self::Time => "the timestamp".to_owned(),
            Self::Method => "the method".to_owned(),
            Self::Url | Self::UrlDecoded => "the URL".to_owned(),
            Self::Path => "the path".to_owned(),
            Self::FormSorted => "the form".to_owned(),
            Self::Header(name) => format!("the header {name}"),
            Self::Query(name) => format!("the query field {name}"),
            Self::Form(name) => format!("the form field {name}"),
            Self::Json(pointer) => format!("the JSON field {pointer}"),
        }
    }

    fn fill<'a>(&'a self, facts: Facts<'a>, time: Option<&'a [u8]>, url: Option<&str>) -> Result<Piece<'a>, Missing> {
        let piece = match self {
            Self::Literal(text) => Some(Piece::Borrowed(text.as_bytes())),
            Self::Body => Some(Piece::Borrowed(facts.body())),
            Self::BodySha256 => Some(Piece::Owned(sha256_hex(facts.body()).into_bytes())),
            Self::Secret => Some(Piece::Secret),
            Self::Time => time.map(Piece::Borrowed),
            Self::Method => Some(Piece::Borrowed(&facts.request.method)),
            Self::Url => url.map(|url| Piece::Owned(url.as_bytes().to_vec())),
            Self::UrlDecoded => url.map(|url| Piece::Owned(decode_url(url).into_owned().into_bytes())),
            Self::Path => Some(Piece::Owned(facts.request.path().into_bytes())),
            Self::FormSorted => facts.form_sorted().map(Piece::Owned),
            Self::Header(name) => facts.header(name).map(Piece::Borrowed),
            Self::Query(name) => facts.query(name).map(Piece::Owned),
            Self::Form(name) => facts.form(name).map(Piece::Owned),
            Self::Json(pointer) => facts.json(pointer).into_iter().next().map(Piece::Owned),
        };
        piece.ok_or_else(|| format!("{} is signed and missing", self.words()))
    }
}

/// The escapes of a URL that `HubSpot` decodes before signing it, and no others. Source: "Validating requests" in its
/// documentation, signature v3.
fn decode_url(url: &str) -> Cow<'_, str> {
    const DECODED: [(&str, &str); 12] = [
        ("%3A", ":"),
        ("%2F", "/"),
        ("%3F", "?"),
        ("%40", "@"),
        ("%21", "!"),
        ("%24", "$"),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2A", "*"),
        ("%2C", ","),
        ("%3B", ";"),
    ];
    if !url.contains('%') {
        return Cow::Borrowed(url);
    }
    let decode = |url: String, (escape, byte): (&str, &str)| {
        url.replace(escape, byte).replace(&escape.to_ascii_lowercase(), byte)
    };
    Cow::Owned(DECODED.into_iter().fold(url.to_owned(), decode))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Body, Request};

    fn filled(template: &str, request: &Request) -> Result<String, Missing> {
        let message = Message::parse(template).unwrap();
        let facts = Facts { request, url: crate::signature::facts::Url::Unknown };
        let pieces = message.fill(facts, Some(b"17"), Some("https://h.example/%7Ea?b=%3a"))?;
        let bytes = pieces.into_iter().flat_map(|piece| match piece {
            Piece::Borrowed(bytes) => bytes.to_vec(),
            Piece::Owned(bytes) => bytes,
            Piece::Secret => b"SECRET".to_vec(),
        });
        Ok(String::from_utf8(bytes.collect()).unwrap())
    }

    #[test]
    fn fills_every_placeholder() {
        let body = Body::whole(r#"{"a":"x"}"#);
        let mut request = Request { method: "PUT".into(), target: "/p/q?f=1%202".into(), body, ..Request::default() };
        request.headers.push("X-Id", "msg_1");
        let template = "v0:{time}.{body}|{secret}|{method}|{path}|{header:x-id}|{query:f}|{json:/a}|{url.decoded}.";
        let expected = r#"v0:17.{"a":"x"}|SECRET|PUT|/p/q|msg_1|1 2|x|https://h.example/%7Ea?b=:."#;
        assert_eq!(filled(template, &request).unwrap(), expected);
        assert_eq!(filled("{body.sha256}", &request).unwrap().len(), 64);
        assert_eq!(filled("{form:payload}", &request).unwrap_err(), "the form field payload is signed and missing");
        assert_eq!(filled("{form.sorted}", &request).unwrap_err(), "the form is signed and missing");
        assert_eq!(filled("{header:X-No}", &request).unwrap_err(), "the header X-No is signed and missing");
    }

    #[test]
    fn refuses_unknown_placeholders() {
        for template in ["{bodi}", "{header:}", "{json:a}", "{body", "{}", "{file:x}"] {
            assert!(Message::parse(template).is_err(), "{template}");
        }
    }
}
