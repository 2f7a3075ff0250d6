//! What can be looked up in a request: its header lines, its URL, the fields of its query, form and JSON.
//!
//! Everything is found when it is asked for and borrowed where it can be: most schemes need the body and one header.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;
use percent_encoding::percent_decode;
use serde_json::value::RawValue;

use crate::capture::Request;

/// A request, and the ways to look something up in it.
#[derive(Clone, Copy)]
pub(in crate::signature) struct Facts<'a> {
    pub request: &'a Request,
    pub url: Url<'a>,
}

/// What is known of the URL that a request is sent to.
#[derive(Clone, Copy)]
pub(in crate::signature) enum Url<'a> {
    /// Nothing but what the request says.
    Unknown,
    /// The user told how senders reach this receiver; the request's target goes behind it.
    Public(&'a str),
    /// This one.
    Exact(&'a str),
}

impl<'a> Facts<'a> {
    pub fn body(self) -> &'a [u8] {
        &self.request.body.bytes
    }

    pub fn header(self, name: &str) -> Option<&'a [u8]> {
        self.request.headers.get(name)
    }

    /// The values of every header line called `name`, which may end in `*` for a number.
    pub fn headers(self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.request.headers.iter().filter(move |header| named(&header.name, name));
        lines.map(|header| &header.value[..])
    }

    /// The first field called `name` of the target's query, decoded.
    pub fn query(self, name: &str) -> Option<Vec<u8>> {
        let query = self.request.query()?;
        field(query.as_bytes(), name)
    }

    /// The same with the name in any case.
    pub fn query_in_any_case(self, name: &str) -> Option<Vec<u8>> {
        let query = self.request.query()?;
        let mut fields = fields(query.as_bytes());
        fields.find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value.into_owned())
    }

    /// The first field called `name` of a form body, decoded.
    pub fn form(self, name: &str) -> Option<Vec<u8>> {
        self.is_form().then(|| field(self.body(), name)).flatten()
    }

    /// Twilio's way with a form: its fields, name and value, sorted and each once, with nothing between.
    pub fn form_sorted(self) -> Option<Vec<u8>> {
        if !self.is_form() && !self.body().is_empty() {
            return None;
        }
        let mut fields: Vec<_> = fields(self.body()).collect();
        fields.sort();
        fields.dedup();
        let mut sorted = Vec::with_capacity(self.body().len());
        for (name, value) in fields {
            sorted.extend_from_slice(&name);
            sorted.extend_from_slice(&value);
        }
        Some(sorted)
    }

    fn is_form(self) -> bool {
        const FORM: &[u8] = b"application/x-www-form-urlencoded";
        let start = self.header("Content-Type").and_then(|value| value.get(..FORM.len()));
        start.is_some_and(|start| start.eq_ignore_ascii_case(FORM))
    }

    /// The values that a JSON pointer (RFC 6901) leads to in the body; `*` stands for every item of an array. Objects
    /// and arrays have no text and are left out.
    pub fn json(self, pointer: &str) -> Vec<Vec<u8>> {
        self.raw_json(pointer).into_iter().filter_map(scalar).collect()
    }

    /// The items, as they are written, of the array that the first `*` of a JSON pointer stands for the items of;
    /// `None` without a `*`.
    pub fn items(self, pointer: &str) -> Option<Vec<&'a str>> {
        let (array, _) = pointer.split_once("/*")?;
        Some(self.raw_json(&format!("{array}/*")))
    }

    /// The first value that a JSON pointer leads to; where it has a `*`, from `item` on, which [`Self::items`] gave:
    /// the body is not read again for each.
    pub fn json_item(self, pointer: &str, item: Option<&str>) -> Option<Vec<u8>> {
        let found = match (item, pointer.split_once("/*")) {
            (Some(item), Some((_, rest))) => follow(item, rest),
            _ => self.raw_json(pointer),
        };
        found.into_iter().find_map(scalar)
    }

    /// Whether a JSON pointer leads to anything in the body.
    pub fn has_json(self, pointer: &str) -> bool {
        self.may_hold(pointer) && !self.raw_json(pointer).is_empty()
    }

    /// Whether the body is a JSON object with these fields and no others.
    pub fn has_only(self, names: &[String]) -> bool {
        if !names.iter().all(|name| self.may_hold(&format!("/{name}"))) {
            return false;
        }
        let fields: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(self.body()).unwrap_or_default();
        fields.len() == names.len() && names.iter().all(|name| fields.contains_key(name.as_str()))
    }

    /// The same as they are written: parts of the body.
    pub fn raw_json(self, pointer: &str) -> Vec<&'a str> {
        std::str::from_utf8(self.body()).map_or(Vec::new(), |text| follow(text, pointer))
    }

    /// Whether it is worth while to parse the body for `pointer`: a guess that is cheap, and no for a big body.
    fn may_hold(self, pointer: &str) -> bool {
        const BIGGEST: usize = 1 << 20;
        let body = self.body();
        if body.len() > BIGGEST || !matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return false;
        }
        let mut keys = pointer.split('/').filter(|key| key.starts_with(|letter: char| letter.is_ascii_alphabetic()));
        keys.all(|key| memmem::find(body, key.as_bytes()).is_some()) || has_escaped_words(body)
    }

    /// The URLs that the sender may have signed, the likeliest first: proxies change scheme, host and port on the way.
    pub fn urls(self) -> Vec<String> {
        let target = self.request.path_and_query();
        let host = || self.header("Host").or_else(|| self.header(":authority")).map(String::from_utf8_lossy);
        let mut urls = match (self.url, host()) {
            (Url::Exact(url), _) => return vec![url.to_owned()],
            (Url::Public(url), _) => {
                let mut urls = vec![format!("{}{target}", url.trim_end_matches('/')), url.to_owned()];
                urls.extend(origin(url).map(|origin| format!("{origin}{target}")));
                urls
            }
            (Url::Unknown, Some(host)) => ["https", "http"].map(|scheme| format!("{scheme}://{host}{target}")).into(),
            (Url::Unknown, None) => Vec::new(),
        };
        let other_ports: Vec<_> = urls.iter().filter_map(|url| other_port(url)).collect();
        urls.extend(other_ports);
        urls
    }
}

/// Whether a header line is called `pattern`, in any case; `*` at its end stands for a number.
pub(in crate::signature) fn named(name: &[u8], pattern: &str) -> bool {
    let Some(stem) = pattern.strip_suffix('*') else { return name.eq_ignore_ascii_case(pattern.as_bytes()) };
    let Some((start, number)) = name.split_at_checked(stem.len()) else { return false };
    start.eq_ignore_ascii_case(stem.as_bytes()) && !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

/// Scheme, host and port of a URL that has a path, too.
fn origin(url: &str) -> Option<&str> {
    let authority = url.find("://")? + "://".len();
    let path = url[authority..].trim_end_matches('/').find('/')?;
    Some(&url[..authority + path])
}

/// The same URL with the scheme's own port added, or without the port that it has.
fn other_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let port = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some((host, _)) = port {
        return Some(format!("{scheme}://{host}{target}"));
    }
    let port = if scheme == "https" { 443 } else { 80 };
    Some(format!("{scheme}://{authority}:{port}{target}"))
}

pub(in crate::signature) type Field<'f> = (Cow<'f, [u8]>, Cow<'f, [u8]>);

pub(in crate::signature) fn fields(form: &[u8]) -> impl Iterator<Item = Field<'_>> {
    fields_in(form).map(|(name, place)| {
        let field = &form[place];
        let equals = field.iter().position(|&byte| byte == b'=').unwrap_or(field.len());
        (name, decode(field.get(equals + 1..).unwrap_or_default()))
    })
}

/// The names of the fields, decoded, and where each field stands, name, `=` and value.
pub(in crate::signature) fn fields_in(form: &[u8]) -> impl Iterator<Item = (Cow<'_, [u8]>, Range<usize>)> {
    let mut next = 0;
    let places = form.split(|&byte| byte == b'&').map(move |field| {
        let start = next;
        next += field.len() + 1;
        start..start + field.len()
    });
    places.filter(|place| !place.is_empty()).map(|place| {
        let name = form[place.clone()].split(|&byte| byte == b'=').next().unwrap_or_default();
        (decode(name), place)
    })
}

fn field(form: &[u8], wanted: &str) -> Option<Vec<u8>> {
    fields(form).find(|(name, _)| **name == *wanted.as_bytes()).map(|(_, value)| value.into_owned())
}

fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'+') {
        return percent_decode(text).into();
    }
    let blanks: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    Cow::Owned(percent_decode(&blanks).collect())
}

/// Whether letters of words may be written as escapes: `\u0061` for `a`. Those of other signs and languages are common.
fn has_escaped_words(json: &[u8]) -> bool {
    const START: &[u8] = b"\\u00";
    let is_of_word =
        |at: usize| matches!(json.get(at + START.len()..), Some([b'3', b'0'..=b'9', ..] | [b'4'..=b'7', ..]));
    memmem::find_iter(json, START).any(is_of_word)
}

/// The values in `json` that a JSON pointer leads to, as they are written.
fn follow<'j>(json: &'j str, pointer: &str) -> Vec<&'j str> {
    let keys: Vec<_> = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    let mut found = Vec::new();
    walk(json, &keys, &mut found);
    found
}

/// Follows `keys` into `json`, one level a call, parsing no value that is not on the way.
fn walk<'j>(json: &'j str, keys: &[String], found: &mut Vec<&'j str>) {
    let Some((key, rest)) = keys.split_first() else { return found.push(json) };
    if json.trim_start().starts_with('[') {
        let items: Vec<&'j RawValue> = serde_json::from_str(json).unwrap_or_default();
        match key.parse::<usize>() {
            Ok(index) => items.get(index).into_iter().for_each(|item| walk(item.get(), rest, found)),
            Err(_) if key == "*" => items.iter().for_each(|item| walk(item.get(), rest, found)),
            Err(_) => {}
        }
    } else {
        let object: HashMap<Cow<'_, str>, &'j RawValue> = serde_json::from_str(json).unwrap_or_default();
        object.get(key.as_str()).into_iter().for_each(|value| walk(value.get(), rest, found));
    }
}

/// The text of a string, or a number or a word as it is written.
fn scalar(json: &str) -> Option<Vec<u8>> {
    match json.trim().as_bytes() {
        [b'"', ..] => serde_json::from_str::<String>(json).ok().map(String::into_bytes),
        [] | [b'{' | b'[', ..] | b"null" => None,
        word => Some(word.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Body, Headers};

    fn request(target: &'static str, headers: &[(&'static str, &'static str)], body: &'static str) -> Request {
        let mut lines = Headers::default();
        for (name, value) in headers {
            lines.push(*name, *value);
        }
        Request { target: target.into(), headers: lines, body: Body::whole(body), ..Request::default() }
    }

    fn facts(request: &Request) -> Facts<'_> {
        Facts { request, url: Url::Unknown }
    }

    #[test]
    fn follows_json_pointers() {
        let body = r#"{"a/b": {"~": "ü"}, "n": 1.50, "v": [{"s": "x"}, {"s": "y"}, {}], "z": null}"#;
        let request = request("/", &[], body);
        let json = |pointer| facts(&request).json(pointer);
        assert_eq!(json("/a~1b/~0"), ["ü".as_bytes()]);
        assert_eq!(json("/n"), [b"1.50"]);
        assert_eq!(json("/v/1/s"), [b"y"]);
        assert_eq!(json("/v/*/s"), [b"x", b"y"]);
        assert!(facts(&request).has_json("/v/0") && !facts(&request).has_json("/v/s"));
        for nothing in ["/v", "/z", "/v/9/s", "/q", "", "/n/x"] {
            assert_eq!(json(nothing), Vec::<Vec<u8>>::new(), "{nothing}");
        }
    }

    #[test]
    fn keys_are_found_however_they_are_written() {
        for body in [r#"{"challenge": 1}"#, r#"{"ch\u0061llenge": 1}"#, r#"["\u00e9", {"\u0063hallenge": 1}]"#] {
            let request = request("/", &[], body);
            assert!(facts(&request).may_hold("/challenge"), "{body}");
        }
        for body in [r#"{"name": "R\u00e9seau", "link": "\u003ca\u003e"}"#, "challenge", ""] {
            let request = request("/", &[], body);
            assert!(!facts(&request).may_hold("/challenge"), "{body}");
        }
    }

    #[test]
    fn reads_query_and_form() {
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        let request = request("/h?q=a+b%2B&q=2&empty", &headers, "b=2&a=1&payload=%7B%7D&b=1&b=2");
        let facts = facts(&request);
        assert_eq!(facts.query("q").unwrap(), b"a b+");
        assert_eq!(facts.query("empty").unwrap(), b"");
        assert_eq!(facts.query("absent"), None);
        assert_eq!(facts.form("payload").unwrap(), b"{}");
        assert_eq!(facts.form_sorted().unwrap(), b"a1b1b2payload{}");
    }

    #[test]
    fn guesses_the_url_that_the_sender_knows() {
        let plain = request("/h?x=1", &[("Host", "h.example:9000")], "");
        let urls = facts(&plain).urls();
        assert_eq!(urls[..2], ["https://h.example:9000/h?x=1", "http://h.example:9000/h?x=1"]);
        assert_eq!(urls[2..], ["https://h.example/h?x=1", "http://h.example/h?x=1"]);
        let public = Facts { url: Url::Public("https://p.example/"), ..facts(&plain) };
        assert_eq!(public.urls()[0], "https://p.example/h?x=1");
        assert_eq!(public.urls()[2], "https://p.example:443/h?x=1");
        let whole = Facts { url: Url::Public("https://p.example/h"), ..facts(&plain) };
        assert_eq!(whole.urls()[..3], ["https://p.example/h/h?x=1", "https://p.example/h", "https://p.example/h?x=1"]);
    }

    #[test]
    fn numbered_names_need_a_number() {
        assert!(named(b"x-docusign-signature-12", "X-DocuSign-Signature-*"));
        for other in ["X-DocuSign-Signature-", "X-DocuSign-Signature-a", "X-DocuSign", ""] {
            assert!(!named(other.as_bytes(), "X-DocuSign-Signature-*"), "{other}");
        }
    }
}
