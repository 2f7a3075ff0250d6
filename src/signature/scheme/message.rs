//! What a sender signs: a template over the request, filled in without copying the body.

use std::borrow::Cow;

use super::Place;
use crate::signature::key::{Piece, sha256_hex};
use crate::signature::reading::{Facts, contentful};

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
    Value(Place),
    ContentfulPath,
    ContentfulTarget,
    ContentfulHeaders,
    /// Left out when something in it is missing.
    Optional(Vec<Part>),
}

/// What a template is filled in with, besides the request.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::signature) struct Fill<'t, 'u> {
    /// The source text of the timestamp.
    pub time: Option<&'t [u8]>,
    /// The URL to sign.
    pub url: Option<&'u str>,
    /// What `*` in a JSON pointer stands for, as it is written in the body.
    pub item: Option<&'t str>,
}

impl<'t> Fill<'t, '_> {
    /// With the time alone.
    pub fn of(time: Option<&'t [u8]>) -> Self {
        Self { time, ..Self::default() }
    }
}

/// Why a message cannot be put together: what is missing, in words.
pub(in crate::signature) type Missing = String;

impl Message {
    /// Reads a template as it is written in `assets/schemes.toml`.
    pub(in crate::signature) fn parse(text: &str) -> Result<Self, String> {
        let parts = parse(text).map_err(|reason| format!("`{text}`: {reason}"))?;
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The template as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is signed, in one line: `the raw body`, `{time}.{body}`, `the JSON fields Message, Subject`.
    pub fn summary(&self) -> String {
        let placeholders = self.parts.iter().flat_map(Part::placeholders);
        let placeholders = placeholders.filter(|part| !matches!(part, Part::Literal(_)));
        let fields: Option<Vec<_>> = placeholders.map(|part| part.pointer()?.rsplit('/').next()).collect();
        match fields.as_deref() {
            Some(fields @ [_, _, _, ..]) => format!("the JSON fields {}", fields.join(", ")),
            _ if self.parts[..] == [Part::Body] => Part::Body.words(),
            _ => self.text.replace('\n', "\\n"),
        }
    }

    /// Whether it lists fields of which the other one lists more.
    pub(super) fn is_shorter_list(&self, other: &Self) -> bool {
        let (places, others) = (self.places(), other.places());
        places.len() > 2 && places.len() < others.len() && places.iter().all(|place| others.contains(place))
    }

    /// What a reader calls it: `the SHA-256 of the body`, or the template when there is more to it.
    pub(in crate::signature) fn words(&self) -> String {
        match &self.parts[..] {
            [part] => part.words(),
            _ => self.text.clone(),
        }
    }

    /// Whether changing the body changes the message.
    pub fn has_body(&self) -> bool {
        self.any(|part| matches!(part, Part::Body | Part::BodySha256 | Part::FormSorted))
    }

    /// Whether any of the body is part of the message.
    pub(in crate::signature) fn reads_body(&self) -> bool {
        self.has_body() || self.any(|part| matches!(part, Part::Value(Place::Form(_) | Place::Json(_))))
    }

    /// Whether the timestamp is part of the message.
    pub fn has_time(&self) -> bool {
        self.any(|part| *part == Part::Time)
    }

    /// Whether the secret is part of the message.
    pub fn has_secret(&self) -> bool {
        self.any(|part| *part == Part::Secret)
    }

    /// Whether the URL as the sender knows it is part of the message.
    pub fn has_url(&self) -> bool {
        self.any(|part| matches!(part, Part::Url | Part::UrlDecoded))
    }

    /// The values of the request that are part of the message.
    pub(in crate::signature) fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        self.any(|part| {
            places.extend(part.place());
            false
        });
        places
    }

    /// Whether a whole form is part of the message.
    pub(super) fn has_form(&self) -> bool {
        self.parts.contains(&Part::FormSorted)
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.any(|part| match part {
            Part::Value(Place::Header(header)) => header.eq_ignore_ascii_case(name),
            Part::ContentfulHeaders => name.eq_ignore_ascii_case(contentful::TIMESTAMP),
            _ => false,
        })
    }

    pub(in crate::signature) fn has_json(&self, pointer: &str) -> bool {
        self.any(|part| matches!(part, Part::Value(Place::Json(other)) if other == pointer))
    }

    /// The items of the array whose items are signed one by one, as they are written; `None` when none is.
    pub(in crate::signature) fn items<'a>(&self, facts: Facts<'a>) -> Option<Vec<&'a str>> {
        self.parts.iter().flat_map(Part::placeholders).find_map(|part| facts.items(part.pointer()?))
    }

    fn any(&self, wanted: impl FnMut(&Part) -> bool) -> bool {
        self.parts.iter().flat_map(Part::placeholders).any(wanted)
    }

    /// Fills the template in.
    pub(in crate::signature) fn fill<'a>(
        &'a self,
        facts: Facts<'a>,
        fill: Fill<'a, '_>,
    ) -> Result<Vec<Piece<'a>>, Missing> {
        let mut pieces = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            match part {
                Part::Optional(parts) => {
                    let filled: Result<Vec<_>, _> = parts.iter().map(|part| part.fill(facts, fill)).collect();
                    pieces.extend(filled.unwrap_or_default());
                }
                part => pieces.push(part.fill(facts, fill)?),
            }
        }
        Ok(pieces)
    }
}

/// Literal text, `{placeholders}`, and `[what may be missing]`, which does not nest.
fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[']) {
        let (literal, marked) = rest.split_at(at);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        let close = if marked.starts_with('{') { '}' } else { ']' };
        let (inner, behind) =
            marked[1..].split_once(close).ok_or_else(|| format!("a `{}` without its `{close}`", &marked[..1]))?;
        parts.push(match close {
            '}' => Part::parse(inner).ok_or_else(|| format!("unknown placeholder {{{inner}}}"))?,
            _ if inner.contains('{') => Part::Optional(parse(inner)?),
            _ => return Err(format!("[{inner}] has no placeholder that could be missing")),
        });
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Ok(parts)
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
            "contentful.path" => Self::ContentfulPath,
            "contentful.target" => Self::ContentfulTarget,
            "contentful.headers" => Self::ContentfulHeaders,
            _ => Self::Value(Place::parse(name)?),
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
            Self::Path | Self::ContentfulPath => "the path".to_owned(),
            Self::FormSorted => "the form".to_owned(),
            Self::Value(Place::Header(name)) => format!("the header {name}"),
            Self::Value(place) => place.words(),
            Self::ContentfulTarget => "path and query".to_owned(),
            Self::ContentfulHeaders => "the list x-contentful-signed-headers".to_owned(),
            Self::Optional(parts) => parts.iter().map(Self::words).collect::<Vec<_>>().join(" "),
        }
    }

    /// The placeholders in it, itself when it is one.
    fn placeholders(&self) -> &[Self] {
        match self {
            Self::Literal(_) => &[],
            Self::Optional(parts) => parts,
            part => std::slice::from_ref(part),
        }
    }

    fn place(&self) -> Option<Place> {
        match self {
            Self::Value(place) => Some(place.clone()),
            Self::ContentfulHeaders => Some(Place::Header(contentful::LIST.to_owned())),
            _ => None,
        }
    }

    fn pointer(&self) -> Option<&str> {
        match self {
            Self::Value(Place::Json(pointer)) => Some(pointer),
            _ => None,
        }
    }

    fn fill<'a>(&'a self, facts: Facts<'a>, fill: Fill<'a, '_>) -> Result<Piece<'a>, Missing> {
        let piece = match self {
            Self::Literal(text) => Some(Piece::Borrowed(text.as_bytes())),
            Self::Body => Some(Piece::Borrowed(facts.body())),
            Self::BodySha256 => Some(Piece::Owned(sha256_hex(facts.body()).into_bytes())),
            Self::Secret => Some(Piece::Secret),
            Self::Time => fill.time.map(Piece::Borrowed),
            Self::Method => Some(Piece::Borrowed(&facts.request.method)),
            Self::Url => fill.url.map(|url| Piece::Owned(url.as_bytes().to_vec())),
            Self::UrlDecoded => fill.url.map(|url| Piece::Owned(decode_url(url).into_owned().into_bytes())),
            Self::Path => Some(Piece::Owned(facts.request.path().into_bytes())),
            Self::FormSorted => facts.form_sorted().map(Piece::Owned),
            Self::Value(Place::Header(name)) => facts.header(name).map(Piece::Borrowed),
            Self::Value(Place::Query(name)) => facts.query(name).map(Piece::Owned),
            Self::Value(Place::Form(name)) => facts.form(name).map(Piece::Owned),
            Self::Value(Place::Json(pointer)) => facts.json_item(pointer, fill.item).map(Piece::Owned),
            Self::ContentfulPath => Some(Piece::Owned(contentful::path(facts))),
            Self::ContentfulTarget => Some(Piece::Owned(contentful::target(facts))),
            Self::ContentfulHeaders => contentful::headers(facts).map(Piece::Owned),
            Self::Optional(_) => None,
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
        let facts = Facts { request, url: crate::signature::reading::Url::Unknown };
        let fill = Fill { time: Some(b"17"), url: Some("https://h.example/%7Ea?b=%3a"), item: None };
        let pieces = message.fill(facts, fill)?;
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
        assert_eq!(filled("[a={header:X-No};][b={header:x-id};]{path}", &request).unwrap(), "b=msg_1;/p/q");
    }

    #[test]
    fn refuses_unknown_placeholders() {
        for template in ["[a]", "[{body}", "[{bodi}]", "{bodi}", "{header:}", "{json:a}", "{body", "{}", "{file:x}"] {
            assert!(Message::parse(template).is_err(), "{template}");
        }
    }
}
