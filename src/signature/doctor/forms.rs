//! Ways of signing near to that of a scheme: another hash, another message, another URL.

use super::change::{Change, Choice};
use super::written::Sign;
use crate::capture::Request;
use crate::signature::key::{Hash, Method};
use crate::signature::reading::{Facts, Url};
use crate::signature::scheme::{Message, Place, Scheme};

/// A way of signing to try.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub scheme: Scheme,
    /// The URL that is signed; `None` for those that the request gives away.
    pub url: Option<String>,
}

/// Another hash, or none that takes a key, as the lengths of the signatures tell.
pub(super) fn digests(scheme: &Scheme, signs: &[Sign]) -> Vec<Choice<Form>> {
    let Some(usual) = scheme.method.hash() else { return Vec::new() };
    let mut forms = Vec::new();
    for hash in hashes(signs) {
        if hash != usual {
            forms.push(with_method(scheme, same_way(scheme.method, hash)));
        }
        if scheme.method == Method::Hash(usual) {
            forms.push(with_messages(scheme, Method::Hmac(hash), &["{body}"]));
        }
        for (template, words) in [
            ("{body}", "the bare {} of the body, without a secret"),
            ("{secret}{body}", "the bare {} of secret and body"),
            ("{body}{secret}", "the bare {} of body and secret"),
        ] {
            let form = with_messages(scheme, Method::Hash(hash), &[template]).value;
            let cause = format!("the signature is {}, not {}", words.replace("{}", hash.name()), scheme.method.name());
            let fix = format!("have the sender use {}, or name a scheme of your own for it", scheme.method.name());
            forms.push(Choice::changed(form, Change::new(cause, format!("over `{template}`"), fix)));
        }
    }
    forms
}

fn hashes(signs: &[Sign]) -> impl Iterator<Item = Hash> {
    Hash::ALL.into_iter().filter(|hash| signs.iter().any(|sign| sign.bytes.len() == hash.length()))
}

fn same_way(method: Method, hash: Hash) -> Method {
    if matches!(method, Method::Hash(_)) { Method::Hash(hash) } else { Method::Hmac(hash) }
}

fn with_method(scheme: &Scheme, method: Method) -> Choice<Form> {
    let (used, usual) = (method.name(), scheme.method.name());
    let change = Change::new(
        format!("the sender uses {used}; scheme {} is {usual}", scheme.id),
        String::new(),
        format!("choose {usual} at the sender, or name the scheme that it follows"),
    );
    Choice::changed(Form { scheme: Scheme { method, ..scheme.clone() }, url: None }, change)
}

fn with_messages(scheme: &Scheme, method: Method, templates: &[&str]) -> Choice<Form> {
    let messages: Vec<Message> = templates.iter().filter_map(|template| Message::parse(template).ok()).collect();
    let words = templates.join(" or ");
    let usual: Vec<&str> = scheme.messages.iter().map(Message::text).collect();
    let change = Change::new(
        format!("the sender signs `{words}`; scheme {} is `{}`", scheme.id, usual.join("` or `")),
        format!("over `{words}`"),
        "follow the sender's description of what is signed, or name the scheme that it follows",
    );
    let scheme = Scheme { method, messages, must_equal: None, ..scheme.clone() };
    Choice::changed(Form { scheme, url: None }, change)
}

/// Other messages put together from the parts that a request has.
pub(super) fn messages(scheme: &Scheme, signs: &[Sign], request: &Request) -> Vec<Choice<Form>> {
    let Some(usual) = scheme.method.hash() else { return Vec::new() };
    let fits = signs.iter().any(|sign| sign.bytes.len() == usual.length());
    let hash = if fits { Some(usual) } else { hashes(signs).next() };
    let Some(hash) = hash else { return Vec::new() };
    let method = same_way(scheme.method, hash);
    let known = |template: &String| scheme.messages.iter().any(|message| message.text() == template);
    let templates = templates(scheme, request).into_iter().filter(|template| !known(template));
    templates.map(|template| with_messages(scheme, method, &[&template])).collect()
}

fn templates(scheme: &Scheme, request: &Request) -> Vec<String> {
    let header = |end: &str| {
        let name = |name: &[u8]| name.to_ascii_lowercase().ends_with(end.as_bytes());
        let header = request.headers.iter().find(|header| name(&header.name))?;
        Some(format!("{{header:{}}}", header.name_text()))
    };
    let time = if scheme.time.is_some() { Some("{time}".to_owned()) } else { header("timestamp") };
    let id = scheme.delivery_id.as_ref().map(|name| format!("{{header:{name}}}")).or_else(|| header("-id"));
    let mut templates = Vec::new();
    if let Some(time) = &time {
        let shapes = [
            "T.{body}",
            "T{body}",
            "T:{body}",
            "{body}",
            "{body}T",
            "{body}.T",
            "v0:T:{body}",
            "v1:T:{body}",
            "T\n{body}",
        ];
        templates.extend(shapes.map(|shape| shape.replace('T', time)));
        if let Some(id) = &id {
            templates.extend(["I.T.{body}", "IT{body}"].map(|shape| shape.replace('I', id).replace('T', time)));
        }
    }
    if let Some(id) = &id {
        templates.extend(["I.{body}", "I{body}"].map(|shape| shape.replace('I', id)));
    }
    let others = [
        "{body}",
        "{body.sha256}",
        "{url}{body}",
        "{url}",
        "{path}{body}",
        "{method}{path}{body}",
        "{method}{url}{body}",
    ];
    templates.extend(others.map(str::to_owned));
    templates
}

/// Other URLs that the sender may know this receiver by.
pub(super) fn urls(scheme: &Scheme, facts: Facts<'_>) -> Vec<Choice<Form>> {
    if !scheme.messages.iter().any(Message::has_url) {
        return Vec::new();
    }
    let known = facts.urls();
    let mut urls: Vec<String> = Vec::new();
    for url in candidates(facts) {
        if !known.contains(&url) && !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls.into_iter().map(|url| at_url(scheme, url)).collect()
}

fn candidates(facts: Facts<'_>) -> Vec<String> {
    let request = facts.request;
    let header = |name: &str| request.headers.text(name).map(str::to_owned);
    let seen = Facts { url: Url::Unknown, ..facts };
    let target = request.path_and_query();
    let mut urls = seen.urls();
    urls.extend(facts.urls());
    for host in ["X-Forwarded-Host", "X-Original-Host"].into_iter().filter_map(header) {
        urls.extend(["https", "http"].map(|scheme| format!("{scheme}://{host}{target}")));
    }
    let prefix = header("X-Forwarded-Prefix").unwrap_or_default();
    let mut all = Vec::new();
    for url in urls {
        let (bare, query) = url.split_once('?').map_or((url.as_str(), None), |(bare, query)| (bare, Some(query)));
        let slashed = bare.strip_suffix('/').map_or_else(|| format!("{bare}/"), str::to_owned);
        all.push(url.clone());
        all.push(query.map_or_else(|| slashed.clone(), |query| format!("{slashed}?{query}")));
        all.extend(query.map(|_| bare.to_owned()));
        if !prefix.is_empty() {
            all.push(url.replacen(&*target, &format!("{}{target}", prefix.trim_end_matches('/')), 1));
        }
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        all.push(format!("{}://{rest}", if scheme == "https" { "http" } else { "https" }));
        all.push(url.to_lowercase());
    }
    all
}

fn at_url(scheme: &Scheme, url: String) -> Choice<Form> {
    // The query may carry what is nobody's business.
    let shown = url.split('?').next().unwrap_or_default().to_owned();
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let change = Change::new(
        format!("the sender knows this receiver as {shown}, and signs that URL"),
        format!("for URL {shown}"),
        format!("give --public-url {origin}, or have the sender call the URL that it signs"),
    );
    Choice::changed(Form { scheme: scheme.clone(), url: Some(url) }, change)
}

/// Another scheme of the table with the same signature in the same place.
pub(super) fn like<'s>(form: &Scheme, schemes: impl Iterator<Item = &'s Scheme>) -> Option<&'s Scheme> {
    let header = |scheme: &Scheme| match &scheme.signatures[0].place {
        Place::Header(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    };
    let texts = |scheme: &Scheme| scheme.messages.iter().map(|message| message.text().to_owned()).collect::<Vec<_>>();
    schemes.into_iter().find(|known| {
        known.id != form.id
            && known.method == form.method
            && header(known).is_some()
            && header(known) == header(form)
            && texts(form).iter().all(|text| texts(known).contains(text))
    })
}
