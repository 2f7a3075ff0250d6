//! The values of components (RFC 9421, sections 2.1 and 2.2): header fields, and what is derived from the request line.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use sfv::{BareItem, Dictionary, FieldType, Item, List, Parameters, Parser};

use crate::capture::Headers;
use crate::signature::reading::{Facts, fields};

/// What the serialisation of `application/x-www-form-urlencoded` escapes; RFC 9421 escapes blanks, too.
const FORM: AsciiSet = NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// The URL of a request, taken apart.
pub(super) struct Target {
    scheme: Option<String>,
    authority: Option<String>,
    path: String,
    query: Option<String>,
    /// As on the request line.
    line: String,
}

impl Target {
    /// The target as a sender writes it that knows this URL; without one, as it is on the request line.
    pub fn of(facts: Facts<'_>, url: Option<&str>) -> Self {
        let line = facts.request.target_text().into_owned();
        let Some((scheme, rest)) = url.and_then(|url| url.split_once("://")) else {
            let (path, query) = (facts.request.path(), facts.request.query());
            return Self { scheme: None, authority: None, path, query, line };
        };
        let scheme = scheme.to_ascii_lowercase();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let authority = authority.to_ascii_lowercase();
        let own_port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(own_port).unwrap_or(&authority).to_owned();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let path = if path.is_empty() { "/" } else { path }.to_owned();
        let line = if line.starts_with('/') && !target.is_empty() { target.to_owned() } else { line };
        Self { scheme: Some(scheme), authority: Some(authority), path, query, line }
    }

    /// The whole URL; the authority as it is for `@authority`.
    fn uri(&self) -> Option<String> {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        Some(format!("{}://{}{}{query}", self.scheme.as_ref()?, self.authority.as_ref()?, self.path))
    }

    /// The value of the only field called `name`, which is written as it is escaped.
    fn query_param(&self, name: &str) -> Result<String, String> {
        let escaped = |text: &[u8]| percent_encode(text, &FORM).to_string();
        let fields = fields(self.query.as_deref().unwrap_or_default().as_bytes());
        let mut values = fields.filter(|(found, _)| escaped(found) == name).map(|(_, value)| escaped(&value));
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            (Some(_), Some(_)) => Err(format!("the query field {name} is signed and there several times")),
            (None, _) => Err(format!("the query field {name} is signed and missing")),
        }
    }
}

/// The value of a component.
pub(super) fn value(name: &str, parameters: &Parameters, facts: Facts<'_>, target: &Target) -> Result<Vec<u8>, String> {
    let Some(derived) = name.strip_prefix('@') else { return field(name, parameters, facts) };
    let only = |allowed: &[&str]| parameters.keys().all(|key| allowed.contains(&key.as_str()));
    if !only(if derived == "query-param" { &["name"] } else { &[] }) {
        return Err(unknown_parameter(name));
    }
    let unknown_url = || format!("{name} is signed, and there is no Host header: give the public URL");
    let text = match derived {
        "method" => return Ok(facts.request.method.to_vec()),
        "target-uri" => target.uri().ok_or_else(unknown_url)?,
        "scheme" => target.scheme.clone().ok_or_else(unknown_url)?,
        "authority" => target.authority.clone().ok_or_else(unknown_url)?,
        "request-target" => target.line.clone(),
        "path" => target.path.clone(),
        "query" => format!("?{}", target.query.as_deref().unwrap_or_default()),
        "query-param" => match parameters.get("name").and_then(BareItem::as_string) {
            Some(name) => target.query_param(name.as_str())?,
            None => return Err("@query-param is signed without a name".to_owned()),
        },
        "status" => return Err("@status is signed, which a request does not have".to_owned()),
        _ => return Err(format!("{name} is signed, which RFC 9421 does not know")),
    };
    Ok(text.into_bytes())
}

/// The lines called `name`, each without its folds and the white space around it.
pub(super) fn lines(headers: &Headers, name: &str) -> Vec<Vec<u8>> {
    headers.all(name).map(unfolded).collect()
}

/// A value in one line: a fold, a line break with white space around it, becomes one blank (RFC 9112, section 5.2).
fn unfolded(value: &[u8]) -> Vec<u8> {
    let lines = value.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(&b" "[..])
}

/// The value of a header field: its lines joined, or as its parameters want it.
fn field(name: &str, parameters: &Parameters, facts: Facts<'_>) -> Result<Vec<u8>, String> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("{name} is signed, and RFC 9421 wants it in lower case"));
    }
    let flag = |key| parameters.get(key).and_then(BareItem::as_boolean) == Some(true);
    let [sf, bs, trailer] = ["sf", "bs", "tr"].map(flag);
    let member = parameters.get("key").and_then(BareItem::as_string);
    let known = usize::from(sf) + usize::from(bs) + usize::from(trailer) + usize::from(member.is_some());
    if known != parameters.len() || (bs && (sf || member.is_some())) {
        return Err(unknown_parameter(name));
    }
    let headers = if trailer { &facts.request.body.trailers } else { &facts.request.headers };
    let lines = lines(headers, name);
    if lines.is_empty() {
        return Err(format!("the header {name} is signed and missing"));
    }
    if bs {
        let wrapped = lines.iter().map(|line| format!(":{}:", STANDARD.encode(line)));
        return Ok(wrapped.collect::<Vec<_>>().join(", ").into_bytes());
    }
    let joined = lines.join(&b", "[..]);
    let structured = match member {
        Some(key) => dictionary_member(&joined, key.as_str()),
        None if sf => reserialised(&joined),
        None => return Ok(joined),
    };
    structured
        .map(String::into_bytes)
        .ok_or_else(|| format!("{name} is signed, and is not the structured field that it should be"))
}

fn dictionary_member(value: &[u8], key: &str) -> Option<String> {
    let members: Dictionary = Parser::new(value).parse().ok()?;
    vec![members.get(key)?.clone()].serialize()
}

/// A structured field as it is written strictly. The kinds differ so much that what can be read as one is that one.
fn reserialised(value: &[u8]) -> Option<String> {
    let item = || Parser::new(value).parse::<Item>().ok().map(|item| item.serialize());
    let list = || Parser::new(value).parse::<List>().ok()?.serialize();
    let dictionary = || Parser::new(value).parse::<Dictionary>().ok()?.serialize();
    item().or_else(list).or_else(dictionary)
}

fn unknown_parameter(name: &str) -> String {
    format!("{name} is signed with a parameter that does not go with it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Body, Request};
    use crate::signature::reading::Url;

    /// The value of a component as it is written in Signature-Input.
    fn of(request: &Request, url: &str, component: &str) -> Result<String, String> {
        let facts = Facts { request, url: Url::Exact(url) };
        let item: Item = Parser::new(component).parse().unwrap();
        let name = item.bare_item.as_string().unwrap().as_str().to_owned();
        value(&name, &item.params, facts, &Target::of(facts, Some(url))).map(|value| String::from_utf8(value).unwrap())
    }

    /// The examples of RFC 9421, sections 2.1 and 2.2.
    #[test]
    fn has_the_values_of_the_standard() {
        let mut request = Request { method: "POST".into(), target: "/path?param=value".into(), ..Request::default() };
        for (name, value) in [
            ("X-OWS-Header", "  Leading and trailing whitespace.   "),
            ("X-Obs-Fold-Header", "Obsolete\r\n    line folding."),
            ("Cache-Control", "max-age=60"),
            ("Cache-Control", "   must-revalidate"),
            ("X-Empty-Header", ""),
            ("Example-Dict", " a=1,    b=2;x=1;y=2,   c=(a   b   c)"),
            ("Example-Header", "value, with, lots"),
            ("Example-Header", "of, commas"),
        ] {
            request.headers.push(name, value);
        }
        let url = "https://WWW.Example.com:443/path?param=value";
        for (component, expected) in [
            (r#""x-ows-header""#, "Leading and trailing whitespace."),
            (r#""x-obs-fold-header""#, "Obsolete line folding."),
            (r#""cache-control""#, "max-age=60, must-revalidate"),
            (r#""x-empty-header""#, ""),
            (r#""example-dict";sf"#, "a=1, b=2;x=1;y=2, c=(a b c)"),
            (r#""example-dict";key="a""#, "1"),
            (r#""example-dict";key="b""#, "2;x=1;y=2"),
            (r#""example-dict";key="c""#, "(a b c)"),
            (r#""example-header""#, "value, with, lots, of, commas"),
            (r#""example-header";bs"#, ":dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:"),
            (r#""@method""#, "POST"),
            (r#""@target-uri""#, "https://www.example.com/path?param=value"),
            (r#""@authority""#, "www.example.com"),
            (r#""@scheme""#, "https"),
            (r#""@request-target""#, "/path?param=value"),
            (r#""@path""#, "/path"),
            (r#""@query""#, "?param=value"),
            (r#""@query-param";name="param""#, "value"),
        ] {
            assert_eq!(of(&request, url, component).as_deref(), Ok(expected), "{component}");
        }
    }

    #[test]
    fn escapes_query_parameters_anew() {
        let url = "https://example.com/parameters?var=this%20is%20a%20big%0Amultiline%20value&\
                   bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something&twice=1&twice=2&empty";
        let of = |component| of(&Request::default(), url, component);
        assert_eq!(of(r#""@query-param";name="var""#).unwrap(), "this%20is%20a%20big%0Amultiline%20value");
        assert_eq!(of(r#""@query-param";name="bar""#).unwrap(), "with%20plus%20whitespace");
        assert_eq!(of(r#""@query-param";name="fa%C3%A7ade%22%3A%20""#).unwrap(), "something");
        assert_eq!(of(r#""@query-param";name="empty""#).unwrap(), "");
        assert!(of(r#""@query-param";name="twice""#).unwrap_err().contains("several times"));
        assert!(of(r#""@query-param";name="no""#).unwrap_err().contains("missing"));
        assert!(of(r#""@query-param""#).unwrap_err().contains("without a name"));
    }

    #[test]
    fn refuses_what_it_cannot_tell() {
        let mut request = Request { body: Body::whole("{}"), ..Request::default() };
        request.headers.push("Example", "a b c");
        for (component, words) in [
            (r#""Example""#, "lower case"),
            (r#""absent""#, "is signed and missing"),
            (r#""example";sf"#, "structured field"),
            (r#""example";key="a""#, "structured field"),
            (r#""example";bs;sf"#, "does not go with it"),
            (r#""example";req"#, "does not go with it"),
            (r#""example";tr"#, "is signed and missing"),
            (r#""@method";sf"#, "does not go with it"),
            (r#""@status""#, "does not have"),
            (r#""@signature-params""#, "does not know"),
            (r#""@frob""#, "does not know"),
        ] {
            let error = of(&request, "http://h", component).unwrap_err();
            assert!(error.contains(words), "{component}: {error}");
        }
        assert_eq!(of(&request, "http://h", r#""@query""#).unwrap(), "?");
        assert_eq!(of(&request, "http://h?a", r#""@path""#).unwrap(), "/");
    }
}
