//! What a body is, by its content type and by its look, and the text in it that can be read for its fields.

use bytes::Bytes;

use crate::capture::Request;
use crate::inspect::{DECODE_LIMIT, unpack};

use super::outline::{self, Value};

/// Bytes of a payload that are read at most; a longer one is judged by its beginning.
const LIMIT: usize = 1024 * 1024;

/// The same of a payload that comes compressed: decoding takes time, and its sender waits for the answer.
const UNPACKED_LIMIT: usize = 256 * 1024;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Fields of a form that are read at most.
const FORM_FIELDS: usize = 64;

/// What the `Content-Type` header says that the body is; of a form's field `payload`, JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Json,
    /// Several JSON documents, one a line.
    JsonLines,
    Form,
    Xml,
    /// Another type, or none.
    Other,
}

/// What the body looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    Empty,
    /// It begins with a brace or a bracket.
    Json,
    Form,
    /// It begins with an angle bracket.
    Xml,
    Text,
    /// Compressed and cannot be decoded, or bytes that are no text.
    Opaque,
}

/// A body, sorted.
pub(super) struct Payload {
    pub declared: Declared,
    pub looks: Looks,
    /// The start of the body, decoded, without byte order mark; of a form with a `payload` field of JSON, that JSON.
    pub text: Bytes,
    /// Whether the body, or the part of it that is read, stops before its end.
    pub cut: bool,
    /// Whether the body begins with a byte order mark of UTF-8.
    pub marked: bool,
}

impl Payload {
    /// Sorts the body of `request` by its beginning.
    pub fn of(request: &Request) -> Self {
        let limit = if request.headers.has("content-encoding") { UNPACKED_LIMIT } else { LIMIT };
        Self::limited(request, limit)
    }

    /// Sorts the whole body of `request`; of what is compressed, as much as is ever decoded.
    pub fn whole(request: &Request) -> Self {
        Self::limited(request, DECODE_LIMIT)
    }

    fn limited(request: &Request, limit: usize) -> Self {
        let headers = &request.headers;
        let declared = declared(headers.text("content-type").unwrap_or_default());
        let codings: Vec<_> = headers.all("content-encoding").map(String::from_utf8_lossy).collect();
        let body = unpack(Some(&codings.join(",")), &request.body.bytes, MARK.len() + limit + 1);
        let marked = body.bytes.starts_with(MARK);
        let bare = body.bytes.slice(if marked { MARK.len() } else { 0 }..);
        let text = bare.slice(..bare.len().min(limit));
        let looks = if body.failed.is_some() { Looks::Opaque } else { looks(&text, declared) };
        let cut = text.len() < bare.len() || is_cut(request);
        let payload = Self { declared, looks, text, cut, marked };
        payload.unwrapped()
    }

    /// The fields in it, and what stopped the reading of JSON before its end.
    pub fn outline(&self) -> (Value<'_>, Option<serde_json::Error>) {
        match self.looks {
            Looks::Json => outline::read(&self.text),
            Looks::Text if self.declared == Declared::Json => outline::read(&self.text),
            Looks::Form => (self.form_outline(), None),
            _ => (Value::Nothing, None),
        }
    }

    /// Slack and GitHub can send their JSON as the field `payload` of a form.
    fn unwrapped(mut self) -> Self {
        if self.looks == Looks::Form && self.text.starts_with(b"payload=") {
            let json = form_urlencoded::parse(&self.text).next().map(|(_, value)| value.into_owned().into_bytes());
            if let Some(json) = json.filter(|json| begins_like_json(json)) {
                self.looks = Looks::Json;
                self.declared = Declared::Json;
                self.text = json.into();
            }
        }
        self
    }

    fn form_outline(&self) -> Value<'_> {
        outline::of_fields(form_urlencoded::parse(&self.text).take(FORM_FIELDS))
    }
}

fn declared(content_type: &str) -> Declared {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "application/x-www-form-urlencoded" => Declared::Form,
        "application/xml" | "text/xml" => Declared::Xml,
        "application/x-ndjson" | "application/jsonl" | "application/json-seq" => Declared::JsonLines,
        "application/json" | "text/json" => Declared::Json,
        _ if media.ends_with("+json") => Declared::Json,
        _ if media.ends_with("+xml") => Declared::Xml,
        _ => Declared::Other,
    }
}

fn looks(text: &[u8], declared: Declared) -> Looks {
    let start = text.trim_ascii_start();
    match start.first() {
        None => Looks::Empty,
        Some(b'{' | b'[') => Looks::Json,
        Some(b'<') => Looks::Xml,
        _ if start.iter().take(512).any(|&byte| byte == 0) => Looks::Opaque,
        _ if declared == Declared::Form || is_form(start) => Looks::Form,
        _ => Looks::Text,
    }
}

fn begins_like_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// `a=b&c=d`: a word and an equals sign at the start, and no blank anywhere near.
fn is_form(text: &[u8]) -> bool {
    let head = &text[..text.len().min(512)];
    let word = head.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"_-.%[]".contains(byte));
    word.is_some_and(|end| end > 0 && head[end] == b'=') && !head.trim_ascii_end().iter().any(u8::is_ascii_whitespace)
}

/// Whether less of the body was kept than was sent or announced.
fn is_cut(request: &Request) -> bool {
    let kept = request.body.bytes.len() as u64;
    let announced = request.headers.text("content-length").and_then(|length| length.parse::<u64>().ok());
    request.body.total > kept || announced.is_some_and(|length| length > kept)
}
