//! A webhook definition: the templates of URL, header lines and body together, and the request that comes of them.

use bytes::Bytes;
use serde::Deserialize;

use super::failed::Failed;
use super::odd::Oddity;
use super::shape::{Shape, ShapeError};
use super::trial::{Output, Sample, Trial};
use crate::capture::Headers;
use crate::export::Url;
use crate::template::{Dialect, Failure};

/// A webhook as its system has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Template of the URL.
    pub url: String,
    /// Whose it is, as on the command line; that of the capture unless given.
    pub system: Option<String>,
    /// The method.
    #[serde(default = "post")]
    pub method: String,
    /// The content type.
    #[serde(default = "json")]
    pub content_type: String,
    /// Template of additional header lines.
    #[serde(default)]
    pub headers: String,
    /// Template of the body. Without it, and without a file, the context itself is the body.
    #[serde(default)]
    pub body: String,
    /// File with it instead, beside the definition.
    pub body_file: Option<std::path::PathBuf>,
    /// Name of the secret to sign with.
    pub secret: Option<String>,
    /// What the target is, when its URL does not tell.
    pub shape: Option<String>,
}

fn post() -> String {
    "POST".to_owned()
}

fn json() -> String {
    "application/json".to_owned()
}

/// Why a file is no definition.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It is no TOML, or has other keys.
    #[error("this is no webhook definition: {0}")]
    Toml(#[from] toml::de::Error),
    /// Both.
    #[error("a webhook definition has either `body` or `body_file`")]
    TwoBodies,
}

/// The request that a webhook comes to.
#[derive(Clone, Debug)]
pub struct Drafted {
    /// Where it goes; nothing when that cannot be told.
    pub url: Option<Url>,
    /// Content type and the additional lines.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
    /// What is odd about URL, header lines and the target's wishes.
    pub oddities: Vec<Oddity>,
}

/// Why a webhook comes to no request.
#[derive(Debug, thiserror::Error)]
pub enum Undrafted {
    /// A template failed: which one, and why.
    #[error("{0}: {failure}", failure = .1.failure)]
    Failed(&'static str, Box<Failed>),
    /// A header line stops the system.
    #[error("Peering Manager would send nothing: the header line `{0}` has no colon")]
    NoColon(String),
    /// The shape is not known.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

impl Webhook {
    /// One that has a body alone.
    pub fn of_body(body: String) -> Self {
        Self {
            url: String::new(),
            system: None,
            method: post(),
            content_type: json(),
            headers: String::new(),
            body,
            body_file: None,
            secret: None,
            shape: None,
        }
    }

    /// Reads a definition.
    pub fn parse(text: &str) -> Result<Self, WebhookError> {
        let webhook: Self = toml::from_str(text)?;
        if !webhook.body.is_empty() && webhook.body_file.is_some() {
            return Err(WebhookError::TwoBodies);
        }
        Ok(webhook)
    }

    /// The body's template tried out; without a template, the context as it is.
    pub fn body(&self, dialect: Dialect, sample: &Sample<'_>) -> Trial {
        if self.body.trim().is_empty() {
            let text = String::from_utf8_lossy(sample.json).into_owned();
            return Trial { result: Ok(Output { text, oddities: Vec::new(), marked: false }) };
        }
        Trial::of(&self.body, dialect, &Sample { content_type: Some(&self.content_type), ..*sample })
    }

    /// The rest of the request around a body.
    pub fn draft(&self, dialect: Dialect, sample: &Sample<'_>, body: Bytes) -> Result<Drafted, Undrafted> {
        let mut oddities = Vec::new();
        let url = Self::part(("url", &self.url), dialect, sample, &mut oddities)?;
        let url = match url.trim().parse::<Url>() {
            Ok(url) => Some(url),
            Err(error) => {
                oddities.push(Oddity::of(format!("url: {error}")));
                None
            }
        };
        let mut headers = Headers::default();
        headers.push("Content-Type", self.content_type.clone());
        let lines = Self::part(("headers", &self.headers), dialect, sample, &mut oddities)?;
        add_lines(&mut headers, &lines, dialect, &mut oddities)?;
        if let Some(shape) = Shape::of(self.shape.as_deref(), url.as_ref())? {
            oddities.extend(shape.complaints(&headers, &body).into_iter().map(Oddity::of));
        }
        if let "GET" | "DELETE" = self.method.as_str() {
            oddities.push(Oddity::of(format!("a {} with a body is refused by many targets", self.method)));
        }
        Ok(Drafted { url, headers, body, oddities })
    }

    fn part(
        (name, source): (&'static str, &str),
        dialect: Dialect,
        sample: &Sample<'_>,
        oddities: &mut Vec<Oddity>,
    ) -> Result<String, Undrafted> {
        let plain = Sample { content_type: Some("text/plain"), ..*sample };
        let output =
            Trial::of(source, dialect, &plain).result.map_err(|failed| Undrafted::Failed(name, failed.into()))?;
        let is_empty = source.is_empty();
        let named = output.oddities.into_iter().filter(|_| !is_empty);
        oddities.extend(named.map(|oddity| Oddity { text: format!("{name}: {}", oddity.text), ..oddity }));
        Ok(output.text)
    }
}

/// Header lines as the system reads them: by line, at the first colon.
fn add_lines(headers: &mut Headers, text: &str, dialect: Dialect, oddities: &mut Vec<Oddity>) -> Result<(), Undrafted> {
    for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
        let Some((name, value)) = line.split_once(':') else {
            if dialect == Dialect::PeeringManager {
                return Err(Undrafted::NoColon(line.to_owned()));
            }
            oddities.push(Oddity::of(format!("the header line `{line}` has no colon and is left out")));
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        if value.contains('\r') {
            oddities.push(Oddity::of(format!("the header {name} has a carriage return in its value")));
        }
        if name.is_empty()
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
        {
            oddities.push(Oddity::of(format!("`{name}` is no name of a header")));
        }
        headers.set(name, value.to_owned());
    }
    Ok(())
}

impl Undrafted {
    /// The line of the template, from 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Failed(_, failed) => Failure::line(&failed.failure),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const CONTEXT: &str = r#"{"event": "update", "data": {"asn": 1, "name": "a b"}}"#;

    fn drafted(definition: &str, dialect: Dialect) -> Result<(String, Vec<String>, Vec<String>), String> {
        let webhook = Webhook::parse(definition).map_err(|error| error.to_string())?;
        let now = DateTime::UNIX_EPOCH;
        let sample = Sample { json: CONTEXT.as_bytes(), label: "x", content_type: None, now };
        let body = webhook.body(dialect, &sample).result.map_err(|failed| failed.short())?.text;
        let drafted = webhook.draft(dialect, &sample, body.into()).map_err(|error| error.to_string())?;
        let url = drafted.url.map(|url| url.to_string()).unwrap_or_default();
        let lines = String::from_utf8(drafted.headers.to_lines()).unwrap();
        let lines = lines.lines().map(str::to_owned).collect();
        Ok((url, lines, drafted.oddities.into_iter().map(|oddity| oddity.text).collect()))
    }

    #[test]
    fn url_headers_and_body_are_rendered_together() {
        let definition = "url = 'http://h/{{ data.asn }}'\nheaders = '''X-Event: {{ event }}\nX-Name: {{ data.name }}\n'''\nbody = '{{ data | tojson }}'";
        let (url, lines, odd) = drafted(definition, Dialect::PeeringManager).unwrap();
        assert_eq!(url, "http://h/1");
        assert_eq!(lines, ["Content-Type: application/json", "X-Event: update", "X-Name: a b"]);
        assert_eq!(odd, [""; 0]);
    }

    #[test]
    fn a_line_without_colon_stops_one_system_and_not_the_other() {
        let definition = "url = 'http://h/'\nheaders = 'no colon'";
        let error = drafted(definition, Dialect::PeeringManager).unwrap_err();
        assert_eq!(error, "Peering Manager would send nothing: the header line `no colon` has no colon");
        let (_, lines, odd) = drafted(definition, Dialect::NetBox).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(odd, ["the header line `no colon` has no colon and is left out"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let (url, _, odd) = drafted("url = 'ftp://{{ dat }}'\nheaders = 'a b: c'", Dialect::Plain).unwrap();
        assert_eq!(url, "");
        assert_eq!(odd.len(), 3, "{odd:?}");
        assert!(odd[0].starts_with("url: dat is not defined"), "{odd:?}");
        let (.., odd) = drafted("url = 'https://hooks.slack.com/services/x'\nbody = '{}'", Dialect::Plain).unwrap();
        assert_eq!(odd, ["Slack: text or blocks or attachments is missing"]);
        assert!(drafted("url = '{{'", Dialect::Plain).unwrap_err().starts_with("url: line 1: "));
        assert!(drafted("body = 'x'", Dialect::Plain).unwrap_err().contains("missing field `url`"));
        assert!(drafted("url = 'x'\nbody = 'x'\nbody_file = 'y'", Dialect::Plain).unwrap_err().contains("either"));
    }
}
