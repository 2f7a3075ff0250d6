//! Putting together what a sender may have signed: every message of its scheme, with every URL that it may know.

use super::facts::Facts;
use super::key::Piece;
use super::message::{Message, Missing};
use super::scheme::Scheme;

/// Everything that the sender may have signed, the likeliest first; never empty. When nothing can be put together, what
/// is missing for the first try.
pub(super) fn messages<'a>(
    scheme: &'a Scheme,
    facts: Facts<'a>,
    time: Option<&'a [u8]>,
) -> Result<Vec<Vec<Piece<'a>>>, Missing> {
    if let Some([left, right]) = &scheme.must_equal
        && flat(&left.fill(facts, time, None)?) != flat(&right.fill(facts, time, None)?)
    {
        return Err(format!("{} and {} differ", left.words(), right.words()));
    }
    if scheme.messages.is_empty() {
        return Ok(vec![Vec::new()]);
    }
    let urls = if scheme.messages.iter().any(Message::has_url) { facts.urls() } else { Vec::new() };
    let mut composed = Vec::with_capacity(scheme.messages.len());
    let mut missing = None;
    for message in &scheme.messages {
        for url in urls_for(message, &urls) {
            match message.fill(facts, time, url) {
                Ok(pieces) => composed.push(pieces),
                Err(reason) => missing = missing.or(Some(reason)),
            }
        }
    }
    match missing {
        Some(reason) if composed.is_empty() => Err(reason),
        _ => Ok(composed),
    }
}

/// The URLs to fill a message in with: once without where it needs none, or none is known.
fn urls_for<'u>(message: &Message, urls: &'u [String]) -> impl Iterator<Item = Option<&'u str>> {
    let urls = if message.has_url() { urls } else { &[] };
    let without = urls.is_empty().then_some(None);
    without.into_iter().chain(urls.iter().map(|url| Some(url.as_str())))
}

pub(super) fn flat(pieces: &[Piece<'_>]) -> Vec<u8> {
    let bytes = |piece: &Piece<'_>| match piece {
        Piece::Borrowed(bytes) => bytes.to_vec(),
        Piece::Owned(bytes) => bytes.clone(),
        Piece::Secret => Vec::new(),
    };
    pieces.iter().flat_map(bytes).collect()
}
