//! Reading the signature of one scheme from a request, before any secret comes into it.

mod compose;
pub(super) mod contentful;
mod facts;
mod index;

use std::borrow::Cow;

use super::encoding::Encoding;
use super::http_message;
use super::key::{Hash, Method};
use super::scheme::{Found, NamedHash, Place, Scheme, Shape, Signature};

pub(super) use compose::{Composed, messages};
pub(super) use facts::{Facts, Url, fields, fields_in, named};
pub(super) use index::Index;

/// What a request holds where a scheme has its signature.
#[derive(Debug)]
pub(super) enum Reading {
    /// Nothing, or (`empty`) a place without a signature in it, which some senders leave when they have no secret.
    Unsigned { empty: bool },
    /// Something that cannot be a signature of this scheme, and why.
    Unfit(String),
    /// Signatures that may hold.
    Signed(Received),
}

/// Signatures as they were received.
#[derive(Debug)]
pub(super) struct Received {
    /// Those of the right length, decoded; at least one.
    pub signatures: Vec<Vec<u8>>,
    /// All must hold rather than one.
    pub all: bool,
    /// The first one as it is written.
    pub text: Vec<u8>,
    /// How it is written.
    pub encoding: Encoding,
    /// The source text of the timestamp.
    pub time: Option<Vec<u8>>,
    /// The hash that the request names.
    pub hash: Option<Hash>,
}

impl Reading {
    pub fn of(scheme: &Scheme, facts: Facts<'_>) -> Self {
        if scheme.method == Method::HttpMessage {
            return http_message::read(scheme, facts);
        }
        let mut best = Self::Unsigned { empty: false };
        for signature in &scheme.signatures {
            match (read(scheme, signature, facts), &best) {
                (signed @ Self::Signed(_), _) => return signed,
                (unfit @ Self::Unfit(_), Self::Unsigned { .. }) => best = unfit,
                (empty @ Self::Unsigned { empty: true }, Self::Unsigned { .. }) => best = empty,
                _ => {}
            }
        }
        best
    }
}

fn read(scheme: &Scheme, signature: &Signature, facts: Facts<'_>) -> Reading {
    let Signature { place, shape } = signature;
    let values = values(place, facts);
    let mut found = Found::default();
    // RFC 9110, section 11.1: the names of authentication schemes have no case.
    let any_case = matches!(place, Place::Header(name) if name.eq_ignore_ascii_case("Authorization"));
    for value in &values {
        shape.read(value, any_case, &mut found);
    }
    let Some(&first) = found.signatures.first() else {
        if found.occupied || found.time.is_some() {
            return Reading::Unfit(unlike(place, shape));
        }
        return Reading::Unsigned { empty: !values.is_empty() };
    };
    let all = matches!(place, Place::Json(pointer) if pointer.contains("/*"));
    if let Some(unsigned) = unsigned_item(place, facts, found.signatures.len()) {
        return Reading::Unfit(unsigned);
    }
    let encoding = shape.encoding();
    let length = scheme.method.signature_length();
    let fits = |bytes: &Vec<u8>| length.is_none_or(|length| length == bytes.len());
    let signatures: Vec<_> = found.signatures.iter().filter_map(|text| encoding.decode(text)).filter(fits).collect();
    if signatures.is_empty() || (all && signatures.len() < found.signatures.len()) {
        return Reading::Unfit(misfit(first, encoding, scheme.method));
    }
    let time = scheme.time.as_ref().and_then(|time| match &time.place {
        None => found.time.map(<[u8]>::to_vec),
        Some(place) => {
            let in_form = || facts.form(time.form.as_ref()?);
            self::values(place, facts).into_iter().next().map(Cow::into_owned).or_else(in_form)
        }
    });
    match scheme.hash.as_ref().map(|named| named_hash(named, facts)).transpose() {
        Ok(hash) => Reading::Signed(Received { signatures, all, text: first.to_vec(), encoding, time, hash }),
        Err(reason) => Reading::Unfit(reason),
    }
}

fn named_hash(named: &NamedHash, facts: Facts<'_>) -> Result<Hash, String> {
    let values = values(&named.place, facts);
    let found = named.texts.iter().find(|(text, _)| values.iter().any(|value| **value == *text.as_bytes()));
    let [(one, _), (other, _)] = &named.texts;
    found.map(|(_, hash)| *hash).ok_or_else(|| format!("{} is neither {one} nor {other}", named.place.words()))
}

/// Says that an array whose items must all be signed has one that is not.
fn unsigned_item(place: &Place, facts: Facts<'_>, signed: usize) -> Option<String> {
    let Place::Json(pointer) = place else { return None };
    let items = facts.items(pointer).map(|items| items.len()).filter(|items| signed < *items)?;
    Some(format!("only {signed} of {items} items have a signature in {}", place.words()))
}

pub(super) fn values<'a>(place: &'a Place, facts: Facts<'a>) -> Vec<Cow<'a, [u8]>> {
    match place {
        Place::Header(name) => facts.headers(name).map(Cow::Borrowed).collect(),
        Place::Query(name) => facts.query(name).map(Cow::Owned).into_iter().collect(),
        Place::Form(name) => facts.form(name).map(Cow::Owned).into_iter().collect(),
        Place::Json(pointer) => facts.json(pointer).into_iter().map(Cow::Owned).collect(),
    }
}

/// Why a value without a signature in it is not of this shape.
fn unlike(place: &Place, shape: &Shape) -> String {
    let (place, prefix) = (place.words(), shape.prefix());
    if shape.is_list() {
        return format!("{place} has no item that starts with `{prefix}`");
    }
    format!("the signature in {place} does not start with `{prefix}`")
}

/// Why `text` cannot be a signature: its alphabet or its length, and what it looks like instead.
fn misfit(text: &[u8], encoding: Encoding, method: Method) -> String {
    let name = encoding.name();
    let Some(needed) = method.signature_length() else { return format!("the signature is not {name}") };
    if let Some(other) = other_alphabet(text, encoding, needed) {
        return format!("the signature is not {name}: looks like {}", other.name());
    }
    let hex_digits = encoding == Encoding::Hex && text.iter().all(u8::is_ascii_hexdigit);
    let (length, unit, each) = match encoding.decode(text) {
        _ if hex_digits => (text.len(), "hex digits", 2),
        Some(bytes) => (bytes.len(), "bytes", 1),
        None => return format!("the signature is not {name}"),
    };
    let looks = Hash::ALL.into_iter().find(|other| other.length() * each == length);
    let looks = looks.map(|other| format!(": looks like {}", other.name())).unwrap_or_default();
    let method = method.hash().map_or_else(|| method.name(), |hash| hash.name().to_owned());
    format!("the signature has {length} {unit}, {method} has {}{looks}", needed * each)
}

/// The alphabet in which `text` would have the right length. Hex digits are also base64, so they are taken for hex.
fn other_alphabet(text: &[u8], encoding: Encoding, length: usize) -> Option<Encoding> {
    let hex_digits = text.iter().all(u8::is_ascii_hexdigit);
    let others: &[Encoding] = if hex_digits { &[Encoding::Hex] } else { &[Encoding::Base64, Encoding::Base64Url] };
    let fits = |other: &Encoding| other.decode(text).is_some_and(|bytes| bytes.len() == length);
    others.iter().copied().filter(|other| *other != encoding).find(fits)
}
