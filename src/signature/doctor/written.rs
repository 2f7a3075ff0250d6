//! Signatures as they stand in a request, read without the scheme's rules about their form.

use super::change::Change;
use crate::capture::Request;
use crate::signature::Checker;
use crate::signature::encoding::Encoding;
use crate::signature::key::Hash;
use crate::signature::reading::{Facts, Reading, values};
use crate::signature::scheme::Scheme;

/// A value is cut into so many parts at most.
const MAX_PARTS: usize = 64;
/// So many signatures are looked at.
const MAX_SIGNS: usize = 8;

/// `sha256=` and the like are not longer.
const LONGEST_PREFIX: usize = 16;

/// Something that may be a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    /// What it decodes to.
    pub bytes: Vec<u8>,
    /// Why the checker did not see it, unless it did.
    pub change: Option<Change>,
}

/// The signatures where a scheme has them: those that the checker read, else what may be meant to be some.
pub(super) fn signs(scheme: &Scheme, facts: Facts<'_>) -> Vec<Sign> {
    let mut signs = Vec::new();
    if let Reading::Signed(received) = Reading::of(scheme, facts) {
        signs.extend(received.signatures.into_iter().map(|bytes| Sign { bytes, change: None }));
    }
    for signature in &scheme.signatures {
        for value in values(&signature.place, facts) {
            if scheme.method.hash().is_none() {
                signs.extend(tokens(&value));
            }
            for found in digests(&value) {
                let prefix = signature.shape.prefix().as_bytes();
                let prefixed = prefix.is_empty() || value.windows(prefix.len()).any(|window| window == prefix);
                let change = odd_form(scheme, &found, prefixed);
                signs.push(Sign { bytes: found.bytes, change });
            }
        }
    }
    let mut seen: Vec<Vec<u8>> = Vec::new();
    signs.retain(|sign| {
        !seen.contains(&sign.bytes) && {
            seen.push(sign.bytes.clone());
            true
        }
    });
    signs.truncate(MAX_SIGNS);
    signs
}

/// The time that stands beside the signature, or in a place of its own.
pub(super) fn time(scheme: &Scheme, facts: Facts<'_>) -> Option<Vec<u8>> {
    if let Reading::Signed(received) = Reading::of(scheme, facts) {
        return received.time;
    }
    let time = scheme.time.as_ref()?;
    match &time.place {
        Some(place) => values(place, facts).into_iter().next().map(std::borrow::Cow::into_owned),
        None => scheme.signatures.iter().find_map(|signature| {
            let mut found = crate::signature::scheme::Found::default();
            let values = values(&signature.place, facts);
            for value in &values {
                signature.shape.read(value, true, &mut found);
            }
            found.time.map(<[u8]>::to_vec)
        }),
    }
}

impl Checker {
    /// What the signature of a request looks like: `X-Hook-Signature, 128 hex digits: looks like HMAC-SHA512`.
    pub fn appearance(&self, request: &Request, scheme: &Scheme) -> Option<String> {
        let facts = self.facts(request);
        scheme.signatures.iter().find_map(|signature| {
            let value = values(&signature.place, facts).into_iter().next()?;
            let place = signature.place.words();
            if scheme.method.reveals_secret() {
                return Some(format!("{place}, {} bytes: {}", value.len(), scheme.method.name()));
            }
            let found = digests(&value).into_iter().next()?;
            let hash = Hash::ALL.into_iter().find(|hash| hash.length() == found.bytes.len())?;
            let size = match found.encoding {
                Encoding::Hex => format!("{} hex digits", found.bytes.len() * 2),
                other => format!("{} bytes in {}", found.bytes.len(), other.name()),
            };
            let usual = scheme.method.hash() == Some(hash);
            let looks = if usual { scheme.method.name() } else { hash.name().to_owned() };
            Some(format!("{place}, {size}: looks like {looks}"))
        })
    }
}

/// A token without what may stand around it.
fn tokens(value: &[u8]) -> Vec<Sign> {
    let value = value.trim_ascii();
    let behind_word = value.iter().position(|&byte| byte == b' ').map(|at| &value[at + 1..]);
    let change = Change::new(
        "the token is not written as the scheme has it",
        "without what stands around it",
        "have the sender send the token alone, or name a scheme of your own for it",
    );
    let texts = [Some(value), behind_word].into_iter().flatten();
    let sign = |text: &[u8]| Sign { bytes: text.trim_ascii().to_vec(), change: Some(change.clone()) };
    texts.filter(|text| !text.is_empty()).map(sign).collect()
}

/// A digest found in a value.
pub(super) struct Digest {
    pub bytes: Vec<u8>,
    pub encoding: Encoding,
    /// It is the base64 of the hex digits.
    pub twice: bool,
    /// What stands before it: `sha256=`.
    pub prefix: String,
}

/// Everything in a value that has the length of a digest.
pub(super) fn digests(value: &[u8]) -> Vec<Digest> {
    let parts = value.split(|byte| matches!(byte, b',' | b';' | b' ' | b'\t')).take(MAX_PARTS);
    let mut found: Vec<Digest> = Vec::new();
    for part in parts {
        let part = part.trim_ascii();
        let part = part.strip_prefix(b"\"").and_then(|part| part.strip_suffix(b"\"")).unwrap_or(part);
        let split = part.iter().position(|byte| matches!(byte, b'=' | b':')).map_or(0, |at| at + 1);
        let behind = || decoded(&part[split..], &String::from_utf8_lossy(&part[..split]));
        found.extend(decoded(part, "").or_else(|| (split <= LONGEST_PREFIX).then(behind).flatten()));
    }
    found
}

fn decoded(text: &[u8], prefix: &str) -> Option<Digest> {
    let known = |bytes: &Vec<u8>| Hash::ALL.into_iter().any(|hash| hash.length() == bytes.len());
    let digest = |bytes, encoding, twice| Digest { bytes, encoding, twice, prefix: prefix.to_owned() };
    if text.iter().all(u8::is_ascii_hexdigit) {
        return Encoding::Hex.decode(text).filter(known).map(|bytes| digest(bytes, Encoding::Hex, false));
    }
    let mut encodings = [Encoding::Base64, Encoding::Base64Url].into_iter();
    let (encoding, bytes) = encodings.find_map(|encoding| Some((encoding, encoding.decode(text)?)))?;
    match Encoding::Hex.decode(&bytes).filter(known) {
        Some(bytes) => Some(digest(bytes, encoding, true)),
        None => Some(bytes).filter(known).map(|bytes| digest(bytes, encoding, false)),
    }
}

/// How a digest differs from what the scheme has, apart from its length.
fn odd_form(scheme: &Scheme, found: &Digest, prefixed: bool) -> Option<Change> {
    let (shape, id) = (&scheme.signatures[0].shape, &scheme.id);
    let (encoding, name) = (shape.encoding(), found.encoding.name());
    let example = shape.fill(&format!("<{}>", encoding.name()), "<time>");
    let fix = format!("have the sender write {example} in {}", scheme.signatures[0].place.words());
    if found.twice {
        let cause = format!("the signature is the {name} of hex digits; {id} has the {} of the bytes", encoding.name());
        return Some(Change::new(cause, "decoded twice", fix));
    }
    if found.encoding != encoding && encoding != Encoding::Text {
        let cause = format!("the signature is written in {name}; {id} writes {}", encoding.name());
        return Some(Change::new(cause, format!("read as {name}"), fix));
    }
    if found.prefix != shape.prefix() && !(prefixed && found.prefix.is_empty()) {
        let cause = match (found.prefix.as_str(), shape.prefix()) {
            ("", prefix) => format!("the signature has no `{prefix}` before it, as {id} has"),
            (odd, "") => format!("the signature has `{odd}` before it; {id} has nothing there"),
            (odd, prefix) => format!("the signature has `{odd}` before it; {id} has `{prefix}`"),
        };
        return Some(Change::new(cause, "without regard to what stands before it", fix));
    }
    None
}
