//! The signature base (RFC 9421, section 2.5): the text that is signed.

use std::collections::HashSet;

use sfv::{FieldType, InnerList, Item, ListEntry};

use super::component::{Target, value};
use crate::signature::reading::Facts;

/// A text that may have been signed, and the URL that it was put together for.
#[derive(Debug)]
pub(super) struct Base {
    pub text: Vec<u8>,
    pub url: Option<String>,
}

/// Derived components that depend on the URL as the sender knows it.
const OF_URL: [&str; 7] =
    ["@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query", "@query-param"];

/// Every text that the sender may have signed, one for each URL that it may know; at least one.
pub(super) fn all(input: &InnerList, facts: Facts<'_>) -> Result<Vec<Base>, String> {
    let identifiers = identifiers(input)?;
    let of_url = identifiers.iter().any(|(name, _)| OF_URL.contains(&name.as_str()));
    let urls: Vec<_> = if of_url { facts.urls().into_iter().map(Some).collect() } else { Vec::new() };
    let urls = if urls.is_empty() { vec![None] } else { urls };
    let mut bases: Vec<Base> = Vec::new();
    let mut missing = None;
    for url in urls {
        match text(input, &identifiers, facts, &Target::of(facts, url.as_deref())) {
            Ok(text) if bases.iter().all(|base| base.text != text) => bases.push(Base { text, url }),
            Ok(_) => {}
            Err(reason) => missing = missing.or(Some(reason)),
        }
    }
    match missing {
        Some(reason) if bases.is_empty() => Err(reason),
        _ => Ok(bases),
    }
}

/// The covered components: their names and the items that they are written as.
fn identifiers(input: &InnerList) -> Result<Vec<(String, &Item)>, String> {
    let mut seen = HashSet::new();
    let mut identifiers = Vec::with_capacity(input.items.len());
    for item in &input.items {
        let Some(name) = item.bare_item.as_string() else {
            return Err("Signature-Input covers something that is not a string".to_owned());
        };
        if !seen.insert(item.serialize()) {
            return Err(format!("Signature-Input covers {} twice", item.serialize()));
        }
        identifiers.push((name.as_str().to_owned(), item));
    }
    Ok(identifiers)
}

fn text(
    input: &InnerList,
    identifiers: &[(String, &Item)],
    facts: Facts<'_>,
    target: &Target,
) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    for (name, item) in identifiers {
        let value = value(name, &item.params, facts, target)?;
        if value.contains(&b'\n') {
            return Err(format!("{name} is signed and has a line break in it"));
        }
        text.extend_from_slice(item.serialize().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(&value);
        text.push(b'\n');
    }
    let parameters = vec![ListEntry::InnerList(input.clone())].serialize().unwrap_or_default();
    text.extend_from_slice(b"\"@signature-params\": ");
    text.extend_from_slice(parameters.as_bytes());
    Ok(text)
}

#[cfg(test)]
mod tests {
    use sfv::{List, Parser};

    use super::*;
    use crate::capture::Request;
    use crate::signature::reading::Url;

    #[test]
    fn a_url_that_lacks_what_is_signed_is_passed_over() {
        let of = |target: &'static str| {
            let list: List = Parser::new(r#"("@query-param";name="a")"#).parse().unwrap();
            let ListEntry::InnerList(input) = &list[0] else { return Err("no list".to_owned()) };
            let request = Request { target: target.into(), ..Request::default() };
            all(input, Facts { request: &request, url: Url::Public("https://h.example") })
        };
        let bases = of("/h?a=1").unwrap();
        assert!(bases[0].text.starts_with(b"\"@query-param\";name=\"a\": 1\n") && bases.len() == 1, "{bases:?}");
        assert_eq!(of("/h?b=1").unwrap_err(), "the query field a is signed and missing");
    }
}
