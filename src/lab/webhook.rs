//! A webhook definition: the templates of URL, header lines and body together, and how they are written down.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

/// The templates of a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The body's.
    #[default]
    Body,
    /// The URL's.
    Url,
    /// That of the additional header lines.
    Headers,
}

impl Part {
    /// In the order in which keys go through them.
    pub const ALL: [Self; 3] = [Self::Body, Self::Url, Self::Headers];

    /// What it is called, as in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Url => "url",
            Self::Headers => "headers",
        }
    }
}

/// A webhook as its system has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Template of the URL.
    #[serde(default)]
    pub url: String,
    /// File with it instead, beside the definition.
    pub url_file: Option<PathBuf>,
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
    /// File with it instead.
    pub headers_file: Option<PathBuf>,
    /// Template of the body. Without it, and without a file, the context itself is the body.
    #[serde(default)]
    pub body: String,
    /// File with it instead.
    pub body_file: Option<PathBuf>,
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
    #[error("this is no webhook definition: line {line}: {message}")]
    Toml {
        /// From 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// Both.
    #[error("a webhook definition has either `{0}` or `{0}_file`")]
    Both(&'static str),
    /// Nowhere to send to.
    #[error("this is no webhook definition: it has neither `url` nor `url_file`")]
    NoUrl,
}

impl Webhook {
    /// One that has a body alone.
    pub fn of_body(body: String) -> Self {
        Self {
            url: String::new(),
            url_file: None,
            system: None,
            method: post(),
            content_type: json(),
            headers: String::new(),
            headers_file: None,
            body,
            body_file: None,
            secret: None,
            shape: None,
        }
    }

    /// Reads a definition.
    pub fn parse(text: &str) -> Result<Self, WebhookError> {
        let webhook: Self = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        let both = |part: &Part| !webhook.source(*part).is_empty() && webhook.file(*part).is_some();
        if let Some(part) = Part::ALL.into_iter().find(both) {
            return Err(WebhookError::Both(part.name()));
        }
        if webhook.url.is_empty() && webhook.url_file.is_none() {
            return Err(WebhookError::NoUrl);
        }
        Ok(webhook)
    }

    /// The template of a part.
    pub fn source(&self, part: Part) -> &str {
        match part {
            Part::Body => &self.body,
            Part::Url => &self.url,
            Part::Headers => &self.headers,
        }
    }

    pub(super) fn source_mut(&mut self, part: Part) -> &mut String {
        match part {
            Part::Body => &mut self.body,
            Part::Url => &mut self.url,
            Part::Headers => &mut self.headers,
        }
    }

    /// The file that the definition names for a part.
    pub fn file(&self, part: Part) -> Option<&PathBuf> {
        match part {
            Part::Body => self.body_file.as_ref(),
            Part::Url => self.url_file.as_ref(),
            Part::Headers => self.headers_file.as_ref(),
        }
    }
}

fn toml_error(text: &str, error: &toml::de::Error) -> WebhookError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    WebhookError::Toml { line: before.matches('\n').count() + 1, message: error.message().replace('\n', " ") }
}

/// The parts of a definition, with their places in it.
#[derive(Deserialize)]
struct Places {
    url: Option<Spanned<String>>,
    headers: Option<Spanned<String>>,
    body: Option<Spanned<String>>,
}

/// The line of a definition on which the first line of a part's template is, from 1.
pub(super) fn line_of(definition: &str, part: Part) -> Option<usize> {
    let places: Places = toml::from_str(definition).ok()?;
    let place = match part {
        Part::Body => places.body,
        Part::Url => places.url,
        Part::Headers => places.headers,
    }?;
    let (before, value) = definition.split_at_checked(place.span().start)?;
    // A line break behind the opening quotes is not part of the text.
    let opened = value.trim_start_matches(['"', '\'']);
    let next = value.len() - opened.len() >= 3 && opened.starts_with(['\r', '\n']);
    Some(before.matches('\n').count() + 1 + usize::from(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_where_they_are_written() {
        let text = "url = 'http://h'\nheaders = \"\"\"\nX-Event: {{ event }}\n\"\"\"\n\nbody = '''{\n}'''\n";
        assert_eq!(Part::ALL.map(|part| line_of(text, part)), [Some(6), Some(1), Some(3)]);
        assert_eq!(line_of("url = 'x'", Part::Body), None);
    }

    #[test]
    fn what_is_no_definition_is_said() {
        let error = |text: &str| Webhook::parse(text).unwrap_err().to_string();
        assert!(error("body = 'x'").contains("neither `url` nor `url_file`"));
        assert!(error("url = 'x'\nbody = 'x'\nbody_file = 'y'").contains("either `body` or `body_file`"));
        assert!(error("url = 'x'\nheaders = 'x'\nheaders_file = 'y'").contains("either `headers` or `headers_file`"));
        assert!(error("url = 'x'\nuri = 'x'").contains("line 2: unknown field `uri`"));
    }
}
