//! Digests of the body in header fields (RFC 9530, and RFC 3230 before it): what makes a signature of header fields cover
//! the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sfv::{Dictionary, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

use super::component::lines;
use crate::signature::reading::Facts;

/// Fields that hold a digest. A request has no ranges, so its content is its representation.
const FIELDS: [&str; 3] = ["Content-Digest", "Repr-Digest", LEGACY];
/// The one with another form.
const LEGACY: &str = "Digest";

/// The field of this name as it is usually written, when it holds a digest of the body.
pub(super) fn field(name: &str) -> Option<&'static str> {
    FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(name))
}

/// Whether one of these components covers the body; an error, in words, when a digest does not fit it.
pub(super) fn covers_body<'n>(components: impl Iterator<Item = &'n str>, facts: Facts<'_>) -> Result<bool, String> {
    let mut covered = false;
    for (name, field) in components.filter_map(|name| Some((name, field(name)?))) {
        let value = lines(&facts.request.headers, name).join(&b", "[..]);
        let digests = if field == LEGACY { legacy(&value) } else { structured(&value) };
        let digests = digests.ok_or_else(|| format!("{name} cannot be read"))?;
        for (algorithm, digest) in digests {
            let expected = match algorithm.as_str() {
                "sha-256" => Sha256::digest(facts.body()).to_vec(),
                "sha-512" => Sha512::digest(facts.body()).to_vec(),
                _ => continue,
            };
            if digest != expected {
                return Err(format!("the {algorithm} in {name} is not that of the body"));
            }
            covered = true;
        }
    }
    Ok(covered)
}

/// The value of one of the fields for the body as it is now: with the algorithms that it has, else SHA-256.
pub(super) fn renewed(field: &str, facts: Facts<'_>) -> String {
    let old = lines(&facts.request.headers, field).join(&b", "[..]);
    let old = if field == LEGACY { legacy(&old) } else { structured(&old) }.unwrap_or_default();
    let sha512 = old.iter().any(|(algorithm, _)| algorithm == "sha-512");
    let sha256 = !sha512 || old.iter().any(|(algorithm, _)| algorithm == "sha-256");
    let member = |algorithm: &str, digest: &[u8]| match field {
        LEGACY => format!("{}={}", algorithm.to_ascii_uppercase(), STANDARD.encode(digest)),
        _ => format!("{algorithm}=:{}:", STANDARD.encode(digest)),
    };
    let sha256 = sha256.then(|| member("sha-256", &Sha256::digest(facts.body())));
    let sha512 = sha512.then(|| member("sha-512", &Sha512::digest(facts.body())));
    sha256.into_iter().chain(sha512).collect::<Vec<_>>().join(", ")
}

/// `sha-256=:..:, sha-512=:..:`
fn structured(value: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let members: Dictionary = Parser::new(value).parse().ok()?;
    let digest = |(algorithm, member)| match member {
        ListEntry::Item(item) => Some((String::from(algorithm), item.bare_item.as_byte_sequence()?.to_vec())),
        ListEntry::InnerList(_) => None,
    };
    members.into_iter().map(digest).collect()
}

/// `SHA-256=..,sha-512=..`
fn legacy(value: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let digest = |member: &str| {
        let (algorithm, digest) = member.trim().split_once('=')?;
        Some((algorithm.to_ascii_lowercase(), STANDARD.decode(digest).unwrap_or_default()))
    };
    std::str::from_utf8(value).ok()?.split(',').map(digest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Body, Request};
    use crate::signature::reading::Url;

    fn covers(name: &'static str, value: &'static str) -> Result<bool, String> {
        let mut request = Request { body: Body::whole(r#"{"hello": "world"}"#), ..Request::default() };
        request.headers.push(name, value);
        covers_body(["content-length", name].into_iter(), Facts { request: &request, url: Url::Unknown })
    }

    /// The digests are those of RFC 9530, appendix B, and of RFC 9421, appendix B.2.
    #[test]
    fn a_digest_covers_the_body_when_it_fits() {
        let sha256 = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
        assert_eq!(covers("content-digest", sha256), Ok(true));
        assert_eq!(covers("repr-digest", sha256), Ok(true));
        let both = "md5=:AAAA:, sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
        assert_eq!(covers("content-digest", both), Ok(true));
        assert_eq!(covers("digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="), Ok(true));
        assert_eq!(covers("content-digest", "md5=:AAAA:"), Ok(false));
        assert_eq!(covers("content-type", sha256), Ok(false));
        let wrong = "the sha-256 in content-digest is not that of the body";
        assert_eq!(covers("content-digest", "sha-256=:AAAA:").unwrap_err(), wrong);
        assert_eq!(covers("digest", "sha-256=!").unwrap_err(), "the sha-256 in digest is not that of the body");
        assert_eq!(covers("content-digest", "sha-256=1").unwrap_err(), "content-digest cannot be read");
    }
}
