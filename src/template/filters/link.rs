//! Filters on addresses: urlize, urlencode.

use std::collections::BTreeSet;

use super::super::call::Args;
use super::super::convert;
use super::super::failure::Failure;
use super::super::markup;
use super::super::parameters::{Bindings, Signature};
use super::super::print;
use super::super::python::letters;
use super::super::run::Run;
use super::super::value::Value;
use super::{Table, argument_error};

pub(super) const FILTERS: Table = &[("urlencode", url_encode), ("urlize", urlize)];

const URL_ENCODE: Signature = Signature { name: "do_urlencode", hidden: 0, names: &["value"], required: 1 };

fn url_encode(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&URL_ENCODE, args)?.required();
    let pairs = match &value {
        Value::Str(_) | Value::Markup(_) | Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            return Ok(Value::str(quoted(print::str(run, &value)?.as_bytes(), false)));
        }
        Value::Bytes(bytes) => return Ok(Value::str(quoted(bytes, false))),
        Value::Dict(dict) => dict.pairs().into_iter().map(|(key, value)| vec![key, value]).collect(),
        Value::Method(_) => return Ok(Value::str(quoted(print::str(run, &value)?.as_bytes(), false))),
        Value::Object(object) if std::rc::Rc::clone(object).iterate(run)?.is_none() => {
            return Ok(Value::str(quoted(print::str(run, &value)?.as_bytes(), false)));
        }
        _ => unpacked_pairs(run, &value)?,
    };
    let mut parts = Vec::new();
    for pair in pairs {
        let [key, value] = pair.as_slice() else { continue };
        parts.push(format!("{}={}", query_part(run, key)?, query_part(run, value)?));
    }
    Ok(Value::str(parts.join("&")))
}

fn unpacked_pairs(run: &Run, value: &Value) -> Result<Vec<Vec<Value>>, Failure> {
    let unpack = |pair: Value| {
        let unpackable = |failure: Failure| {
            if failure.is_any(&["TypeError"]) {
                Failure::type_error(format!("cannot unpack non-iterable {} object", pair.class()))
            } else {
                failure
            }
        };
        let items = run.list(&pair).map_err(unpackable)?;
        match items.len() {
            2 => Ok(items),
            few @ (0 | 1) => Err(Failure::value_error(format!("not enough values to unpack (expected 2, got {few})"))),
            _ => Err(Failure::value_error("too many values to unpack (expected 2)")),
        }
    };
    run.list(value)?.into_iter().map(unpack).collect()
}

fn query_part(run: &Run, value: &Value) -> Result<String, Failure> {
    let quoted = match value {
        Value::Bytes(bytes) => quoted(bytes, true),
        _ => quoted(print::str(run, value)?.as_bytes(), true),
    };
    Ok(quoted.replace("%20", "+"))
}

fn quoted(bytes: &[u8], slash: bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'/' if !slash => out.push('/'),
            b'_' | b'.' | b'-' | b'~' => out.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(*byte)),
            _ => out.extend(format!("%{byte:02X}").chars()),
        }
    }
    out
}

const URLIZE: Signature = Signature {
    name: "do_urlize",
    hidden: 1,
    names: &["value", "trim_url_limit", "nofollow", "target", "rel", "extra_schemes"],
    required: 1,
};

fn urlize(run: &Run, args: Args) -> Result<Value, Failure> {
    let mut bound = Bindings::of(&URLIZE, args)?;
    let (value, limit) = (bound.required(), bound.or(Value::None));
    let (nofollow, target) = (bound.or(Value::Bool(false)), bound.or(Value::None));
    let (rel, schemes) = (bound.or(Value::None), bound.or(Value::None));
    let linker = Linker {
        limit: Some(limit).filter(|limit| !limit.is_none()),
        attributes: attributes(run, run.truth(&nofollow)?, &rel, &target)?,
        schemes: if schemes.is_none() { Vec::new() } else { extra_schemes(run, &schemes)? },
    };
    let text = markup::escape(run, &value)?;
    run.charge(text.len())?;
    let text = linker.text(&text)?;
    Ok(if run.autoescape.get() { Value::markup(text) } else { Value::str(text) })
}

fn attributes(run: &Run, nofollow: bool, rel: &Value, target: &Value) -> Result<String, Failure> {
    let rel = if run.truth(rel)? { print::str(run, rel)? } else { String::new() };
    let mut words: BTreeSet<&str> = rel.split(letters::is_space).filter(|word| !word.is_empty()).collect();
    words.insert("noopener");
    if nofollow {
        words.insert("nofollow");
    }
    let words: Vec<&str> = words.into_iter().collect();
    let mut out = format!(" rel=\"{}\"", markup::escape_text(&words.join(" ")));
    if run.truth(target)? {
        out.extend([" target=\"", &markup::escape(run, target)?, "\""]);
    }
    Ok(out)
}

fn extra_schemes(run: &Run, schemes: &Value) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for scheme in run.list(schemes)? {
        let Some(text) = scheme.as_text() else {
            let message = format!("expected string or bytes-like object, got '{}'", scheme.class());
            return Err(Failure::type_error(message));
        };
        if !is_scheme(text) {
            let shown = print::repr(run, &scheme)?;
            return Err(argument_error(format!("{shown} is not a valid URI scheme prefix.")));
        }
        found.push(text.to_string());
    }
    Ok(found)
}

/// At least two letters, a colon, and up to two slashes.
fn is_scheme(text: &str) -> bool {
    let Some((name, slashes)) = text.split_once(':') else { return false };
    let letter = |letter: char| letters::is_word(letter) || ".+-".contains(letter);
    name.chars().count() >= 2 && name.chars().all(letter) && matches!(slashes, "" | "/" | "//")
}

struct Linker {
    limit: Option<Value>,
    attributes: String,
    schemes: Vec<String>,
}

impl Linker {
    fn text(&self, text: &str) -> Result<String, Failure> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(letters::is_space).unwrap_or(rest.len());
            self.word(&rest[..end], &mut out)?;
            rest = &rest[end..];
            let blanks = rest.find(|letter| !letters::is_space(letter)).unwrap_or(rest.len());
            out.push_str(&rest[..blanks]);
            rest = &rest[blanks..];
        }
        Ok(out)
    }

    fn word(&self, word: &str, out: &mut String) -> Result<(), Failure> {
        let middle = after_openers(word);
        let head = &word[..word.len() - middle.len()];
        let kept = before_closers(middle);
        let mut split = kept.len();
        balance(middle, &mut split);
        out.push_str(head);
        out.push_str(&self.linked(&middle[..split])?);
        out.push_str(&middle[split..]);
        Ok(())
    }

    fn linked(&self, word: &str) -> Result<String, Failure> {
        if is_web_address(word) {
            let full = word.starts_with("https://") || word.starts_with("http://");
            let scheme = if full { "" } else { "https://" };
            let shown = self.trimmed(word)?;
            return Ok(format!("<a href=\"{scheme}{word}\"{}>{shown}</a>", self.attributes));
        }
        if let Some(address) = word.strip_prefix("mailto:").filter(|address| is_mail_address(address)) {
            return Ok(format!("<a href=\"{word}\">{address}</a>"));
        }
        if word.contains('@')
            && !word.starts_with("www.")
            && !word.starts_with('@')
            && !word.contains(':')
            && is_mail_address(word)
        {
            return Ok(format!("<a href=\"mailto:{word}\">{word}</a>"));
        }
        let mut text = word.to_owned();
        for scheme in &self.schemes {
            if text != *scheme && text.starts_with(scheme.as_str()) {
                text = format!("<a href=\"{text}\"{}>{text}</a>", self.attributes);
            }
        }
        Ok(text)
    }

    fn trimmed(&self, address: &str) -> Result<String, Failure> {
        let Some(limit) = &self.limit else { return Ok(address.to_owned()) };
        let length = i64::try_from(address.chars().count()).unwrap_or(i64::MAX);
        if let Value::Float(_) = limit {
            return Err(Failure::refused("urlize with a limit that is no integer"));
        }
        let limit = convert::index(limit).map_err(|_| {
            Failure::type_error(format!("'>' not supported between instances of 'int' and '{}'", limit.class()))
        })?;
        if length <= limit {
            return Ok(address.to_owned());
        }
        let kept = if limit < 0 { length.saturating_add(limit).max(0) } else { limit };
        let kept: String = address.chars().take(usize::try_from(kept).unwrap_or(0)).collect();
        Ok(kept + "...")
    }
}

/// What is left of a word after opening brackets; the word is escaped already.
fn after_openers(word: &str) -> &str {
    let mut rest = word;
    while let Some(after) = ["(", "<", "&lt;"].iter().find_map(|opener| rest.strip_prefix(opener)) {
        rest = after;
    }
    rest
}

/// What is left of a word before closing brackets, dots and commas.
fn before_closers(word: &str) -> &str {
    let mut rest = word;
    while let Some(before) = [")", ">", ".", ",", "&gt;"].iter().find_map(|closer| rest.strip_suffix(closer)) {
        rest = before;
    }
    rest
}

/// Moves the split between a word and what follows it, so that brackets that the word opens are closed in it.
fn balance(text: &str, split: &mut usize) {
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        let (middle, tail) = text.split_at(*split);
        let opened = middle.matches(open).count();
        if opened <= middle.matches(close).count() {
            continue;
        }
        let wanted = opened.min(tail.matches(close).count());
        if let Some((at, found)) = wanted.checked_sub(1).and_then(|last| tail.match_indices(close).nth(last)) {
            *split += at + found.len();
        }
    }
}

fn strip_prefix_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Whether Jinja2 takes a word for an address of the web.
fn is_web_address(word: &str) -> bool {
    let scheme = ["https://", "http://"].iter().find_map(|prefix| strip_prefix_any_case(word, prefix));
    let named = scheme.into_iter().chain(strip_prefix_any_case(word, "www."));
    if named.into_iter().any(|rest| with_tail(rest, is_host)) || with_tail(word, is_known_domain) {
        return true;
    }
    let Some(rest) = scheme else { return false };
    if rest.starts_with('[') {
        return rest.find(']').is_some_and(|end| is_ipv6(&rest[1..end]) && is_tail(&rest[end + 1..]));
    }
    with_tail(rest, is_ipv4)
}

/// Whether a text is a host and what may follow one.
fn with_tail(text: &str, is_host: fn(&str) -> bool) -> bool {
    let end = text.find([':', '/', '?', '#']).unwrap_or(text.len());
    is_host(&text[..end]) && is_tail(&text[end..])
}

/// A port, a path, both, or nothing.
fn is_tail(text: &str) -> bool {
    let rest = match text.strip_prefix(':') {
        None => text,
        Some(port) => {
            let end = port.find(|letter| letters::decimal(letter).is_none()).unwrap_or(port.len());
            if !(1..=5).contains(&port[..end].chars().count()) {
                return false;
            }
            &port[end..]
        }
    };
    rest.is_empty() || rest.starts_with(['/', '?', '#'])
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letters::is_word(letter) || matches!(letter, '%' | '-'))
}

fn is_host(host: &str) -> bool {
    let (labels, top) = host.rsplit_once('.').map_or((None, host), |(labels, top)| (Some(labels), top));
    is_top(top) && labels.is_none_or(|labels| labels.split('.').all(is_label))
}

fn is_top(top: &str) -> bool {
    let length = top.chars().count();
    if let Some(name) = strip_prefix_any_case(top, "xn--") {
        let fits = |letter: char| letters::is_word(letter) || letter == '%';
        if (2..=59).contains(&name.chars().count()) && name.chars().all(fits) {
            return true;
        }
    }
    // Without case, these four are letters from a to z, too.
    let other = |letter| matches!(letter, '\u{130}' | '\u{131}' | '\u{17f}' | '\u{212a}');
    (2..=63).contains(&length) && top.chars().all(|letter| letter.is_ascii_alphabetic() || other(letter))
}

fn is_known_domain(host: &str) -> bool {
    let Some((labels, top)) = host.rsplit_once('.') else { return false };
    let known = ["com", "net", "int", "edu", "gov", "org", "info", "mil"];
    let fits = |label: &str| is_label(label) && (2..=63).contains(&label.chars().count());
    known.iter().any(|name| top.eq_ignore_ascii_case(name)) && labels.split('.').all(fits)
}

fn is_ipv4(host: &str) -> bool {
    let digits = |part: &str| part.chars().all(|letter| letters::decimal(letter).is_some());
    let part = |part: &str| (1..=3).contains(&part.chars().count()) && digits(part);
    host.split('.').count() == 4 && host.split('.').all(part)
}

/// Two groups with a colon behind each, then one to six that may have one.
fn is_ipv6(text: &str) -> bool {
    let mut rest = text;
    for group in 0..8 {
        let digits = rest.bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
        rest = &rest[digits..];
        match rest.strip_prefix(':') {
            Some(after) => rest = after,
            None if group < 2 => return false,
            None => {}
        }
    }
    rest.is_empty()
}

/// Whether Jinja2 takes a word for a mail address.
fn is_mail_address(word: &str) -> bool {
    word.char_indices().filter(|(at, letter)| *letter == '@' && *at > 0).any(|(at, _)| is_mail_host(&word[at + 1..]))
}

fn is_mail_host(host: &str) -> bool {
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    let first = name.chars().next().is_some_and(letters::is_word);
    let inner = name.chars().all(|letter| letters::is_word(letter) || ".-".contains(letter));
    first && inner && !top.is_empty() && top.chars().all(letters::is_word)
}
