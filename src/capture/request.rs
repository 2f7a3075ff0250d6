//! The request on the wire.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::{Head, Headers, StartLine};

/// The protocol version that a request was sent with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    #[default]
    Http11,
    /// HTTP/2
    Http2,
    /// The head could not be read, or names another version.
    Unknown,
}

impl HttpVersion {
    /// As on a request line; `unknown` for a head that could not be read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
            Self::Unknown => "unknown",
        }
    }

    /// The inverse of [`Self::as_str`]; anything else is unknown.
    pub fn from_name(name: &str) -> Self {
        match name {
            "HTTP/1.0" => Self::Http10,
            "HTTP/1.1" => Self::Http11,
            "HTTP/2" | "HTTP/2.0" => Self::Http2,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for HttpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request as it was on the wire. `method`, `target` and `headers` are views of `head`, read once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Protocol version.
    pub version: HttpVersion,
    /// HTTP/1: the exact bytes from the request line up to and with the blank line (or all that arrived of them); not
    /// the blank lines that some clients send before a request line (RFC 9112, section 2.2). HTTP/2 has no such bytes:
    /// its fields written in the same form, a request line (`POST /a HTTP/2`), then pseudo-headers and headers.
    pub head: Bytes,
    /// The method; empty when the head could not be read.
    pub method: Bytes,
    /// The target as on the request line (`/a?b`, `http://host/a`, `*`); empty when the head could not be read.
    pub target: Bytes,
    /// The header lines. HTTP/2 pseudo-headers (`:path`) come first, under their own names.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

/// The body of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The bytes without chunk framing; the first part when over the limit or cut short. Compression is left as it was.
    pub bytes: Bytes,
    /// Bytes seen in all; more than `bytes.len()` only when over the limit.
    pub total: u64,
    /// With `Transfer-Encoding: chunked`: the exact framed bytes, chunk lines and trailers included.
    pub framed: Option<Bytes>,
    /// Header lines that came behind the body.
    pub trailers: Headers,
}

impl Body {
    /// A whole body that came unframed.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { total: bytes.len() as u64, bytes, framed: None, trailers: Headers::default() }
    }
}

impl Request {
    /// A request from its head, as [`super::parse_request`] read it, and its body.
    pub fn from_head(bytes: Bytes, head: Head, body: Body) -> Self {
        let (method, target, version) = match head.start {
            StartLine::Request { method, target, version } => (method, target, version),
            StartLine::Response { .. } => (Bytes::new(), Bytes::new(), HttpVersion::Unknown),
        };
        Self { version, head: bytes, method, target, headers: head.headers, body }
    }

    /// The method as text, invalid UTF-8 replaced.
    pub fn method_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.method)
    }

    /// The target as text, invalid UTF-8 replaced.
    pub fn target_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.target)
    }

    /// Path and query of the target, also of an absolute-form one (`http://host/a?b` gives `/a?b`).
    pub fn path_and_query(&self) -> Cow<'_, str> {
        let target = self.target_text();
        let Some(authority) = target.find("://").filter(|_| !target.starts_with('/')) else { return target };
        let rest = authority + 3;
        match target[rest..].find(['/', '?']) {
            Some(slash) if target.as_bytes()[rest + slash] == b'/' => Cow::Owned(target[rest + slash..].to_owned()),
            Some(query) => Cow::Owned(format!("/{}", &target[rest + query..])),
            None => Cow::Borrowed("/"),
        }
    }

    /// The path without the query.
    pub fn path(&self) -> String {
        let whole = self.path_and_query();
        whole.split('?').next().unwrap_or_default().to_owned()
    }

    /// The query without its `?`, when there is one.
    pub fn query(&self) -> Option<String> {
        self.path_and_query().split_once('?').map(|(_, query)| query.to_owned())
    }

    /// The exact bytes of the request as they were on the wire: head and body, chunk framing included.
    pub fn wire_bytes(&self) -> Vec<u8> {
        let body = self.body.framed.as_ref().unwrap_or(&self.body.bytes);
        [&self.head[..], body].concat()
    }
}
