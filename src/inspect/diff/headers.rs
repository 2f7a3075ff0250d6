//! Header lines that differ, by name; the order of different names says nothing.

use bytes::Bytes;

use crate::capture::{Header, Headers, Request};

/// A header line that differs, or the request line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderChange {
    /// The name as it was written, in the second request where it is there. Foreign text.
    pub name: Bytes,
    /// The value in the first request.
    pub before: Option<Bytes>,
    /// The value in the second.
    pub after: Option<Bytes>,
}

/// The name under which a request line stands that differs.
pub const REQUEST_LINE: &str = "request line";

impl HeaderChange {
    /// `+` added, `-` removed, `~` changed.
    pub fn sign(&self) -> char {
        super::sign(self.before.is_some(), self.after.is_some())
    }
}

/// What differs between the heads of two requests: request line first, then header lines; of several lines with one name
/// the first is compared with the first, the second with the second.
pub fn header_diff(before: &Request, after: &Request) -> Vec<HeaderChange> {
    let (one, other) = (request_line(before), request_line(after));
    let line = (one != other).then(|| HeaderChange {
        name: Bytes::from_static(REQUEST_LINE.as_bytes()),
        before: Some(one),
        after: Some(other),
    });
    let (before, after) = (&before.headers, &after.headers);
    let changed = before.iter().enumerate().filter_map(|(at, header)| {
        let there = nth_of(after, header, nth(before, at));
        let value = there.map(|there| there.value.clone());
        (value.as_ref() != Some(&header.value)).then(|| HeaderChange {
            name: there.unwrap_or(header).name.clone(),
            before: Some(header.value.clone()),
            after: value,
        })
    });
    let new = after.iter().enumerate().filter(|(at, header)| nth_of(before, header, nth(after, *at)).is_none());
    let new = new.map(|(_, header)| HeaderChange {
        name: header.name.clone(),
        before: None,
        after: Some(header.value.clone()),
    });
    line.into_iter().chain(changed).chain(new).collect()
}

fn request_line(request: &Request) -> Bytes {
    [&request.method[..], b" ", &request.target, b" ", request.version.as_str().as_bytes()].concat().into()
}

fn is_same_name(one: &Header, other: &Header) -> bool {
    one.name.eq_ignore_ascii_case(&other.name)
}

/// How many lines of the same name stand before the one at `at`.
fn nth(headers: &Headers, at: usize) -> usize {
    let header = headers.at(at);
    headers.iter().take(at).filter(|other| header.is_some_and(|header| is_same_name(header, other))).count()
}

fn nth_of<'a>(headers: &'a Headers, like: &Header, nth: usize) -> Option<&'a Header> {
    headers.iter().filter(|header| is_same_name(header, like)).nth(nth)
}
