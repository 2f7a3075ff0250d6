//! Media types and the parameters of header values. Format: RFC 9110, section 8.3; RFC 8187 for `name*`.

use percent_encoding::percent_decode_str;

/// A content type, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MediaType {
    /// `type/subtype` in lower case; empty when there is none.
    pub essence: String,
    params: Vec<(String, String)>,
}

impl MediaType {
    pub fn parse(value: &str) -> Self {
        let (essence, params) = with_params(value);
        Self { essence, params }
    }

    /// The value of a parameter, by its name in lower case.
    pub fn param(&self, name: &str) -> Option<&str> {
        find(&self.params, name)
    }

    pub fn is_json(&self) -> bool {
        self.essence.ends_with("/json") || self.essence.ends_with("+json")
    }

    pub fn is_xml(&self) -> bool {
        self.essence.ends_with("/xml") || self.essence.ends_with("+xml")
    }

    pub fn is_form(&self) -> bool {
        self.essence == "application/x-www-form-urlencoded"
    }

    pub fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }
}

/// A header value such as `form-data; name="a"`: what comes first, and the parameters; both names in lower case.
pub(super) fn with_params(value: &str) -> (String, Vec<(String, String)>) {
    let mut fields = split_unquoted(value).into_iter();
    let first = fields.next().unwrap_or_default().trim().to_ascii_lowercase();
    let params = fields.filter_map(|field| {
        let (name, value) = field.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), unquote(value.trim())))
    });
    (first, params.collect())
}

pub(super) fn find<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

/// A value in the form `UTF-8''na%C3%AFve`; other charsets are not read.
pub(super) fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    charset.eq_ignore_ascii_case("utf-8").then(|| percent_decode_str(encoded).decode_utf8_lossy().into_owned())
}

/// Parts between semicolons that are not in quotes.
fn split_unquoted(value: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    value
        .split(|c| {
            let ends = c == ';' && !quoted;
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ => {}
            }
            ends
        })
        .collect()
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        // Browsers send backslashes of Windows paths as they are; only quotes and backslashes are escapes.
        match c {
            '\\' if chars.as_str().starts_with(['"', '\\']) => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types() {
        let parsed = MediaType::parse("Multipart/Form-Data; Boundary=\"a;\\\"b\"; x ; charset = UTF-8");
        assert_eq!(parsed.essence, "multipart/form-data");
        assert_eq!(parsed.param("boundary"), Some("a;\"b"));
        assert_eq!(parsed.param("charset"), Some("UTF-8"));
        assert!(MediaType::parse("application/cloudevents+json").is_json() && MediaType::parse("text/xml").is_xml());
        assert_eq!(MediaType::parse(""), MediaType::default());
    }

    #[test]
    fn file_names() {
        let (_, params) =
            with_params(r#"form-data; name="f"; filename="C:\new\a \"b\".txt"; filename*=utf-8'en'na%C3%AFve"#);
        assert_eq!(find(&params, "filename"), Some(r#"C:\new\a "b".txt"#));
        assert_eq!(find(&params, "filename*").and_then(extended).as_deref(), Some("naïve"));
        assert_eq!(extended("iso-8859-1''x"), None);
        assert_eq!(find(&with_params("a; b=\"open").1, "b"), Some("open"));
    }
}
