//! Signing a request with an HTTP message signature: the components and parameters that the request has, with a fresh time
//! and fresh digests; where it has none, method, URL and body.

use chrono::{DateTime, Utc};
use sfv::{BareItem, Dictionary, FieldType, InnerList, Integer, Item, Key as Name, ListEntry, Parameters, Parser};

use super::super::key::{Key, Piece};
use super::super::scheme::{Missing, Place};
use super::super::sign::{Draft, random_digits};
use super::{INPUT, base, digest, labelled};

/// What is signed of a request that does not say it.
const USUAL: &str = r#"sig1=("@method" "@target-uri" "content-digest");created=0;alg="hmac-sha256""#;
/// Seconds that a signature counts for when the request does not tell when it was made.
const LIFE: i64 = 300;
const NONCE_LENGTH: usize = 32;

/// Signs with a shared secret, under the first label that the request has; further ones are left out.
pub(in super::super) fn sign(draft: &mut Draft, key: &Key, now: DateTime<Utc>) -> Result<(), Missing> {
    let (label, mut input) = template(draft);
    renew(&mut input.params, now);
    let components: Vec<String> =
        input.items.iter().filter_map(|item| Some(item.bare_item.as_string()?.as_str().to_owned())).collect();
    for name in &components {
        if let Some(field) = digest::field(name) {
            let value = digest::renewed(field, draft.facts());
            draft.set(&Place::Header(field.to_owned()), &value)?;
        } else if name == "content-length" {
            let length = draft.facts().body().len().to_string();
            draft.set(&Place::Header(name.clone()), &length)?;
        }
    }
    let text = base::all(&input, draft.facts())?.swap_remove(0).text;
    let code = key.expected(&[Piece::Borrowed(&text)]).map(|code| code.to_vec()).unwrap_or_default();
    for (header, member) in [(INPUT, ListEntry::InnerList(input)), ("Signature", ListEntry::Item(Item::new(code)))] {
        let value = Dictionary::from([(label.clone(), member)]).serialize().unwrap_or_default();
        draft.set(&Place::Header(header.to_owned()), &value)?;
    }
    Ok(())
}

/// The label and what is signed under it: the request's own, else the usual.
fn template(draft: &Draft) -> (Name, InnerList) {
    if let Some(first) = labelled(draft.facts()).ok().and_then(|labelled| labelled.into_iter().next()) {
        return (first.label, first.input);
    }
    let usual = Parser::new(USUAL).parse::<Dictionary>().ok().and_then(|usual| usual.into_iter().next());
    match usual {
        Some((label, ListEntry::InnerList(input))) => (label, input),
        _ => unreachable!("{USUAL}"),
    }
}

/// Gives the parameters that are there the values of now, in their places.
fn renew(parameters: &mut Parameters, now: DateTime<Utc>) {
    let seconds = |parameters: &Parameters, name: &str| Some(i64::from(parameters.get(name)?.as_integer()?));
    let life = match (seconds(parameters, "created"), seconds(parameters, "expires")) {
        (Some(created), Some(expires)) if expires > created => expires - created,
        _ => LIFE,
    };
    let time = |seconds: i64| Integer::try_from(seconds).ok().map(BareItem::from);
    let text = |text: String| sfv::String::from_string(text).ok().map(BareItem::from);
    let fresh = [
        ("created", time(now.timestamp())),
        ("expires", time(now.timestamp().saturating_add(life))),
        ("nonce", text(random_digits(NONCE_LENGTH))),
        ("alg", text("hmac-sha256".to_owned())),
    ];
    for (name, value) in fresh {
        if let (Some(old), Some(value)) = (parameters.get_mut(name), value) {
            *old = value;
        }
    }
}
