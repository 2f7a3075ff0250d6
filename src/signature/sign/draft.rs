//! A request while it is being signed: values are written into it in place, and every other byte stays as it was.

use std::ops::Range;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Unsigned;
use crate::capture::{Body, Request, Signed};
use crate::signature::reading::{Facts, Url, fields_in};
use crate::signature::scheme::{Missing, Place};

/// What stands in a form or a query as it is; everything else is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request, and what was written into it.
pub struct Draft {
    request: Request,
    url: String,
    headers: Vec<(String, String)>,
    body_changed: bool,
    query_changed: bool,
}

impl Draft {
    pub fn new(unsigned: &Unsigned<'_>) -> Self {
        let request = Request {
            method: Bytes::copy_from_slice(unsigned.method.as_bytes()),
            target: Bytes::copy_from_slice(unsigned.url.as_bytes()),
            headers: unsigned.headers.clone(),
            body: Body::whole(unsigned.body.clone()),
            ..Request::default()
        };
        let url = unsigned.url.to_owned();
        Self { request, url, headers: Vec::new(), body_changed: false, query_changed: false }
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts { request: &self.request, url: Url::Exact(&self.url) }
    }

    /// Whether there is a value at `place`, which [`Self::set`] would replace.
    pub fn holds(&self, place: &Place) -> bool {
        let facts = self.facts();
        match place {
            Place::Header(name) => facts.headers(name).next().is_some(),
            Place::Query(name) => facts.query(name).is_some(),
            Place::Form(name) => facts.form(name).is_some(),
            Place::Json(pointer) => !self.json_values(pointer).is_empty(),
        }
    }

    /// Writes `value` to `place`. A header line or query field that is not there is added; a value in the body must be
    /// there, because nobody knows where else a sender would put it.
    pub fn set(&mut self, place: &Place, value: &str) -> Result<(), Missing> {
        let missing = || format!("{} is not there", place.words());
        match place {
            Place::Header(name) => self.set_header(name.replace('*', "1"), value),
            Place::Query(name) => self.set_query(name, value),
            Place::Form(name) if !self.holds(place) => return Err(format!("the form field {name} is not there")),
            Place::Form(name) => {
                let body = replaced_field(self.facts().body(), name, value).ok_or_else(missing)?;
                self.set_body(body);
            }
            Place::Json(pointer) => {
                let values = self.json_values(pointer);
                if values.is_empty() {
                    return Err(missing());
                }
                let body = replaced_json(self.facts().body(), &values, value);
                self.set_body(body);
            }
        }
        Ok(())
    }

    fn set_header(&mut self, name: String, value: &str) {
        self.request.headers.set(&name, value.to_owned());
        self.headers.push((name, value.to_owned()));
    }

    fn set_body(&mut self, body: Vec<u8>) {
        self.request.body = Body::whole(body);
        self.body_changed = true;
    }

    fn set_query(&mut self, name: &str, value: &str) {
        let (start, query) = self.url.split_once('?').map_or((&*self.url, None), |(start, query)| (start, Some(query)));
        let added = || {
            let field = format!("{}={}", escaped(name), escaped(value));
            query.filter(|query| !query.is_empty()).map_or(field.clone(), |query| format!("{query}&{field}"))
        };
        let replaced = query.and_then(|query| replaced_field(query.as_bytes(), name, value));
        let query = replaced.and_then(|query| String::from_utf8(query).ok()).unwrap_or_else(added);
        self.url = format!("{start}?{query}");
        self.request.target = Bytes::copy_from_slice(self.url.as_bytes());
        self.query_changed = true;
    }

    /// Where in the body the values are that `pointer` leads to; objects and arrays are none.
    fn json_values(&self, pointer: &str) -> Vec<Range<usize>> {
        let body = self.facts().body();
        let values = self.facts().raw_json(pointer).into_iter().map(str::trim);
        let values = values.filter(|value| !value.starts_with(['{', '[']) && !value.is_empty());
        let start = |value: &str| value.as_ptr().addr() - body.as_ptr().addr();
        values.map(|value| start(value)..start(value) + value.len()).collect()
    }

    pub fn finish(self) -> Signed {
        Signed {
            headers: self.headers,
            query: self.request.query().filter(|_| self.query_changed),
            body: Some(self.request.body.bytes).filter(|_| self.body_changed),
        }
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// The form or query with another value for the first field called `name`; `None` when there is none.
fn replaced_field(form: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
    let (_, field) = fields_in(form).find(|(known, _)| **known == *name.as_bytes())?;
    let end =
        form[field.start..field.end].iter().position(|&byte| byte == b'=').map_or(field.end, |at| field.start + at);
    Some([&form[..end], b"=", escaped(value).as_bytes(), &form[field.end..]].concat())
}

/// The body with `value` in place of the JSON values at `spots`, which are in order. A number stays a number if it can.
fn replaced_json(body: &[u8], spots: &[Range<usize>], value: &str) -> Vec<u8> {
    let text = serde_json::Value::from(value).to_string();
    let is_number = serde_json::from_str::<serde_json::Number>(value).is_ok();
    let mut replaced = Vec::with_capacity(body.len() + text.len());
    let mut done = 0;
    for spot in spots {
        let was_number = matches!(body[spot.start], b'-' | b'0'..=b'9');
        replaced.extend_from_slice(&body[done..spot.start]);
        replaced.extend_from_slice(if was_number && is_number { value.as_bytes() } else { text.as_bytes() });
        done = spot.end;
    }
    replaced.extend_from_slice(&body[done..]);
    replaced
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::capture::Headers;

    fn draft(url: &str, kind: &'static str, body: &str) -> Draft {
        let mut headers = Headers::default();
        headers.push("Content-Type", kind);
        let body = Bytes::copy_from_slice(body.as_bytes());
        Draft::new(&Unsigned { method: "POST", url, headers: &headers, body: &body, now: DateTime::UNIX_EPOCH })
    }

    fn json(body: &str, pointer: &str, value: &str) -> Result<String, Missing> {
        let mut draft = draft("http://h/", "application/json", body);
        draft.set(&Place::Json(pointer.to_owned()), value)?;
        let body = draft.finish().body.unwrap_or_default();
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    fn form(body: &str, name: &str, value: &str) -> Result<String, Missing> {
        let mut draft = draft("http://h/", "application/x-www-form-urlencoded", body);
        draft.set(&Place::Form(name.to_owned()), value)?;
        Ok(String::from_utf8_lossy(&draft.finish().body.unwrap_or_default()).into_owned())
    }

    fn query(url: &str, value: &str) -> String {
        let mut draft = draft(url, "text/plain", "");
        draft.set(&Place::Query("t".to_owned()), value).unwrap();
        draft.finish().query.unwrap()
    }

    #[test]
    fn json_values_change_where_they_stand() {
        let body =
            " {\"n\" : 1.50e3,\r\n\t\"s\":\"a\", \"\\u0073\": \"old\\n\" , \"z\":[{\"c\":\"x\"},{},{\"c\":null}]}\n";
        let changed = json(body, "/s", "n\"e\u{fc}w").unwrap();
        assert_eq!(changed, body.replace("\"old\\n\"", "\"n\\\"e\u{fc}w\""), "the last of two counts, as for readers");
        assert_eq!(json(body, "/n", "1767225600000").unwrap(), body.replace("1.50e3", "1767225600000"));
        assert_eq!(json(body, "/n", "007").unwrap(), body.replace("1.50e3", "\"007\""));
        let all = json(body, "/z/*/c", "5").unwrap();
        assert_eq!(all, body.replace("\"x\"", "\"5\"").replace("null", "\"5\""));
    }

    #[test]
    fn json_values_that_are_not_there_are_not_made() {
        for (body, pointer) in
            [("{}", "/a"), ("{\"a\":{}}", "/a"), ("{\"a\":[]}", "/a/*"), ("a=1", "/a"), ("\u{0}", "/a"), ("", "/a")]
        {
            let error = json(body, pointer, "x").unwrap_err();
            assert_eq!(error, format!("the JSON field {pointer} is not there"), "{body}");
        }
    }

    #[test]
    fn form_fields_change_where_they_stand() {
        let body = "&a=%31&sig%6eature=ol+d&b=2&signature=second&c";
        assert_eq!(form(body, "signature", "n w+&=").unwrap(), body.replace("ol+d", "n%20w%2B%26%3D"));
        assert_eq!(form(body, "c", "3").unwrap(), format!("{body}=3"));
        assert_eq!(form(body, "d", "x").unwrap_err(), "the form field d is not there");
        let mut not_a_form = draft("http://h/", "text/plain", "a=1");
        assert!(not_a_form.set(&Place::Form("a".to_owned()), "x").is_err());
    }

    #[test]
    fn query_fields_change_where_they_stand_or_come_last() {
        assert_eq!(query("http://h/p?a=%7E&t=1&b", "\u{e9}"), "a=%7E&t=%C3%A9&b");
        assert_eq!(query("http://h/p?a", "x y"), "a&t=x%20y");
        assert_eq!((query("http://h/p?", "x"), query("http://h", "x")), ("t=x".to_owned(), "t=x".to_owned()));
    }

    #[test]
    fn what_was_not_written_to_is_not_told() {
        let mut draft = draft("http://h/?a", "text/plain", "b");
        draft.set(&Place::Header("X-A-*".to_owned()), "1").unwrap();
        assert!(draft.holds(&Place::Header("x-a-1".to_owned())));
        let signed = draft.finish();
        assert_eq!(signed, Signed { headers: vec![("X-A-1".to_owned(), "1".to_owned())], ..Signed::default() });
    }
}
