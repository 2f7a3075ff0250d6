//! Putting together what a sender may have signed: every message of its scheme, with every URL that it may know.

use std::ops::Deref;

use super::facts::Facts;
use crate::signature::key::{Piece, flat};
use crate::signature::scheme::{Fill, Message, Missing, Scheme};

/// One message that the sender may have signed, and where it comes from.
#[derive(Debug, Default)]
pub(in crate::signature) struct Composed<'a> {
    pieces: Vec<Piece<'a>>,
    /// The template; tokens sign nothing and have none.
    pub template: Option<&'a Message>,
    /// The URL that was filled in.
    pub url: Option<String>,
    /// Of an array whose items are signed one by one, the item.
    pub item: Option<usize>,
}

impl<'a> Deref for Composed<'a> {
    type Target = [Piece<'a>];

    fn deref(&self) -> &[Piece<'a>] {
        &self.pieces
    }
}

/// Everything that the sender may have signed, the likeliest first; never empty. When nothing can be put together, what
/// is missing for the first try.
pub(in crate::signature) fn messages<'a>(
    scheme: &'a Scheme,
    facts: Facts<'a>,
    time: Option<&'a [u8]>,
) -> Result<Vec<Composed<'a>>, Missing> {
    if let Some([left, right]) = &scheme.must_equal
        && flat(&left.fill(facts, Fill::of(time))?) != flat(&right.fill(facts, Fill::of(time))?)
    {
        return Err(format!("{} and {} differ", left.words(), right.words()));
    }
    if scheme.messages.is_empty() {
        return Ok(vec![Composed::default()]);
    }
    let urls = if scheme.messages.iter().any(Message::has_url) { facts.urls() } else { Vec::new() };
    let mut composed = Vec::with_capacity(scheme.messages.len());
    let mut missing = None;
    for template in scheme.messages.iter().filter(|template| !passes_over_body(scheme, template, facts)) {
        for (url, item) in variants(template, &urls, facts) {
            let (item, text) = item.unzip();
            match template.fill(facts, Fill { time, url, item: text }) {
                Ok(pieces) => {
                    composed.push(Composed { pieces, template: Some(template), url: url.map(str::to_owned), item });
                }
                // All items have to be signed, so none may be left out.
                Err(reason) if item.is_some() => return Err(reason),
                Err(reason) => missing = missing.or(Some(reason)),
            }
        }
    }
    match missing {
        Some(reason) if composed.is_empty() => Err(reason),
        _ => Ok(composed),
    }
}

/// Whether a message leaves out a body that another message of the scheme holds: a sender that signs the body where
/// there is one has not signed this.
fn passes_over_body(scheme: &Scheme, template: &Message, facts: Facts<'_>) -> bool {
    !template.reads_body() && !facts.body().is_empty() && scheme.messages.iter().any(Message::has_body)
}

/// The URLs and items to fill a template in with: once without where it needs none, or none is known.
fn variants<'a, 'u>(
    template: &Message,
    urls: &'u [String],
    facts: Facts<'a>,
) -> impl Iterator<Item = (Option<&'u str>, Option<(usize, &'a str)>)> {
    let urls = if template.has_url() { urls } else { &[] };
    let items = template.items(facts);
    let without = (urls.is_empty() && items.is_none()).then_some((None, None));
    let with_urls = urls.iter().map(|url| (Some(url.as_str()), None));
    let with_items = items.unwrap_or_default().into_iter().enumerate().map(|item| (None, Some(item)));
    without.into_iter().chain(with_urls).chain(with_items)
}
