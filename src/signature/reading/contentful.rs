//! Contentful's canonical request: its own way of writing a path and the headers that it signs.
//!
//! Source: `sign-request` and `utils` of its library `@contentful/node-apps-toolkit`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::facts::Facts;

/// Names the headers that are signed, itself among them.
pub(in crate::signature) const LIST: &str = "x-contentful-signed-headers";
/// The shortest list that there is.
pub(in crate::signature) const LEAST: &str = "x-contentful-signed-headers,x-contentful-timestamp";
/// Signed in any case.
pub(in crate::signature) const TIMESTAMP: &str = "x-contentful-timestamp";

/// What JavaScript's `encodeURIComponent` escapes.
const COMPONENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
/// What JavaScript's `encodeURI` escapes.
const URI: AsciiSet = COMPONENT
    .remove(b';')
    .remove(b',')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b'#');

/// The path as it is signed.
pub(in crate::signature) fn path(facts: Facts<'_>) -> Vec<u8> {
    utf8_percent_encode(&facts.request.path(), &URI).to_string().into_bytes()
}

/// Path and query as they are signed: the query is escaped twice, and ends at a second question mark.
pub(in crate::signature) fn target(facts: Facts<'_>) -> Vec<u8> {
    let query = facts.request.query().unwrap_or_default();
    let query = query.split('?').next().filter(|query| !query.is_empty());
    let query = query.map(|query| {
        let once = utf8_percent_encode(query, &COMPONENT).to_string();
        format!("?{}", utf8_percent_encode(&once, &URI))
    });
    [path(facts), query.unwrap_or_default().into_bytes()].concat()
}

/// The signed headers: `name:value`, sorted, with `;` between. `None` when the request does not list them.
pub(in crate::signature) fn headers(facts: Facts<'_>) -> Option<Vec<u8>> {
    let list = String::from_utf8_lossy(facts.header(LIST)?).to_lowercase();
    let mut names: Vec<_> = list.split(',').map(str::trim).chain([LIST, TIMESTAMP]).collect();
    names.retain(|name| facts.header(name).is_some());
    names.sort_unstable();
    names.dedup();
    let listed = names.join(",");
    let value = |name: &&str| if *name == LIST { listed.as_bytes() } else { facts.header(name).unwrap_or_default() };
    let lines = names.iter().map(|name| [name.as_bytes(), b":", value(name).trim_ascii()].concat());
    Some(lines.collect::<Vec<_>>().join(&b";"[..]))
}
