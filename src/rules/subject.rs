//! A request as rules look at it: decoded once, however many rules there are, and only as far as one asks.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::IpAddr;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;

use super::when::jq;
use crate::capture::{Capture, Request};
use crate::inspect::unpack;

/// The most of a body that conditions and schemas look at, unpacked; a longer one is not looked at.
pub(super) const MOST: usize = 1 << 20;

/// How deep JSON may be nested to be looked at.
const DEEPEST: usize = 128;

/// How many digits its numbers may have in a row: reading them takes the square of that.
const LONGEST: usize = 500;

/// How many values JSON may have: a filter may look at each of them several times.
const MANY: usize = 50_000;

/// A request, looked at.
pub(super) struct Subject<'a> {
    pub capture: &'a Capture,
    pub now: DateTime<Utc>,
    /// The path as it came.
    pub path: String,
    /// Its segments, decoded.
    pub segments: Vec<String>,
    /// The fields of the query, decoded.
    pub query: Vec<(String, String)>,
    body: OnceCell<Result<Bytes, String>>,
    value: OnceCell<Result<jq::Value, String>>,
    json: OnceCell<Result<serde_json::Value, String>>,
}

impl<'a> Subject<'a> {
    pub fn new(capture: &'a Capture, now: DateTime<Utc>) -> Self {
        let path = capture.request.path();
        let segments = segments(&path);
        let query = capture.request.query().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let (body, value, json) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { capture, now, path, segments, query, body, value, json }
    }

    pub fn request(&self) -> &Request {
        &self.capture.request
    }

    /// The address that it came from; `None` for a Unix socket.
    pub fn source(&self) -> Option<IpAddr> {
        source(&self.capture.remote)
    }

    /// The values of a header, in order.
    pub fn header(&self, name: &str) -> Vec<Cow<'_, str>> {
        self.request()
            .headers
            .iter()
            .filter(|header| header.is(name))
            .map(|header| String::from_utf8_lossy(&header.value))
            .collect()
    }

    /// The values of a field of the query, in order.
    pub fn field(&self, name: &str) -> Vec<Cow<'_, str>> {
        self.query.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str().into()).collect()
    }

    /// The body without its compression; why it cannot be looked at.
    pub fn body(&self) -> Result<&Bytes, String> {
        self.body.get_or_init(|| unpacked(self.request())).as_ref().map_err(Clone::clone)
    }

    /// The body as a value for jq.
    pub fn value(&self) -> Result<&jq::Value, String> {
        let read = || {
            let body = self.json_text()?;
            jq::read(body).ok_or_else(|| "the body is not JSON".to_owned())
        };
        self.value.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<&serde_json::Value, String> {
        let read =
            || serde_json::from_slice(self.json_text()?).map_err(|error| format!("the body is not JSON: {error}"));
        self.json.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// The bytes of JSON that can be read without running out of stack.
    fn json_text(&self) -> Result<&[u8], String> {
        let body = self.body()?;
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        match body.trim_ascii() {
            [] => Err("there is no body".to_owned()),
            _ => check(body).map(|()| body),
        }
    }
}

/// The address of `address:port`. An IPv4 address that a socket for both families writes as an IPv6 one is an IPv4 one.
fn source(remote: &str) -> Option<IpAddr> {
    remote.parse::<std::net::SocketAddr>().ok().map(|remote| remote.ip().to_canonical())
}

/// The segments of a path, each decoded behind the splitting: an escaped slash does not split.
pub(super) fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
}

fn unpacked(request: &Request) -> Result<Bytes, String> {
    let codings: Vec<_> = request.headers.all("content-encoding").map(String::from_utf8_lossy).collect();
    let body = unpack(Some(&codings.join(",")), &request.body.bytes, MOST + 1);
    match body.failed {
        Some(why) => Err(format!("the body cannot be decoded: {why}")),
        None if body.bytes.len() > MOST => Err("the body is over 1 MiB".to_owned()),
        None => Ok(body.bytes),
    }
}

/// Why JSON takes more stack or time to read than it is worth: how deep it is nested, how long
/// its numbers are, how many values it has.
fn check(json: &[u8]) -> Result<(), String> {
    let (mut depth, mut digits, mut values) = (0_usize, 0, 1);
    let (mut text, mut escaped) = (false, false);
    for byte in json {
        digits = if byte.is_ascii_digit() && !text { digits + 1 } else { 0 };
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'[' | b'{' if !text => depth += 1,
            b',' if !text => values += 1,
            b']' | b'}' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("the body is nested deeper than {DEEPEST}"));
        }
        if digits > LONGEST {
            return Err(format!("the body has a number of more than {LONGEST} digits"));
        }
    }
    if values > MANY { Err(format!("the body has more than {MANY} values")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_take_long_to_read_is_seen_before() {
        let (deep, long) = ("[".repeat(DEEPEST), "7".repeat(LONGEST));
        for json in
            ["[]", "]]][", r#"["\"[["]"#, &deep, &format!("\"{deep}[{long}7\""), &format!("{long}.{long}e{long}")]
        {
            assert_eq!(check(json.as_bytes()), Ok(()), "{json}");
        }
        for json in
            [format!("{deep}["), format!("\"\"{deep}["), format!("[{long}7]"), format!("0.{long}7"), "1,".repeat(MANY)]
        {
            assert!(check(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn an_escaped_slash_stays_in_its_segment() {
        assert_eq!(segments("/a%2Fb/c%20d/"), ["a/b", "c d", ""]);
        assert_eq!(source("[::ffff:10.0.0.1]:80"), Some("10.0.0.1".parse().unwrap()));
        assert_eq!(source("unix:/run/x"), None);
    }
}
