//! The request that a webhook comes to: URL and header lines rendered, and checked as its system and its target do.

use bytes::Bytes;

use super::failed::{Failed, Instead};
use super::header_lines::{Refusal, add_lines, check_value};
use super::oddity::Oddity;
use super::sample::Sample;
use super::shape::{Shape, ShapeError};
use super::trial::Trial;
use super::webhook::{Part, Webhook};
use crate::capture::Headers;
use crate::export::Url;
use crate::template::{Dialect, Failure};

/// The request that a webhook comes to.
#[derive(Clone, Debug)]
pub struct Drafted {
    /// Where it goes; nothing when that cannot be told.
    pub url: Option<Url>,
    /// Content type and the additional lines.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
    /// What is odd about it: how it is made of its parts, and what its target does not take.
    pub oddities: Vec<Oddity>,
}

/// Why a webhook comes to no request.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Undrafted {
    /// A template failed: which one, and why.
    #[error("{}: {failure}", .0.name(), failure = .1.failure)]
    Failed(Part, Box<Failed>),
    /// A header line stops everything.
    #[error(transparent)]
    Header(#[from] Refusal),
    /// The shape is not known.
    #[error(transparent)]
    Shape(#[from] ShapeError),
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

/// URL and header lines, each tried out, and what they come to with a body.
#[derive(Clone, Debug)]
pub struct Around {
    /// The URL.
    pub url: Trial,
    /// The additional header lines.
    pub headers: Trial,
    /// The request, or why there is none.
    pub request: Result<Drafted, Undrafted>,
}

impl Webhook {
    /// The body's template tried out; without a template, the context as it is.
    pub fn body(&self, dialect: Dialect, sample: &Sample<'_>) -> Trial {
        if self.body.trim().is_empty() {
            return Trial::of_context(sample);
        }
        Trial::of(&self.body, dialect, &Sample { content_type: Some(&self.content_type), ..*sample })
    }

    /// The rest of the request around a body.
    pub fn around(&self, dialect: Dialect, sample: &Sample<'_>, body: Bytes) -> Around {
        let plain = Sample { content_type: Some("text/plain"), ..*sample };
        let [url, headers] = [Part::Url, Part::Headers].map(|part| {
            let source = self.source(part).trim_end();
            let own = (part, dialect) == (Part::Headers, Dialect::NetBox);
            let dialect = if own { Dialect::NetBoxHeaders } else { dialect };
            let mut trial = Trial::of(source, dialect, &plain);
            match &mut trial.result {
                Ok(output) if source.is_empty() => output.oddities.clear(),
                Ok(output) if part == Part::Headers => {
                    output.oddities.extend(output.breaks.iter().copied().map(broken));
                }
                Ok(_) => {}
                Err(failed) => failed.instead.in_part(part),
            }
            trial
        });
        let request = self.request(dialect, (&url, &headers), body);
        Around { url, headers, request }
    }

    fn request(&self, dialect: Dialect, (url, lines): (&Trial, &Trial), body: Bytes) -> Result<Drafted, Undrafted> {
        let mut oddities = Vec::new();
        let text = text_of(Part::Url, url)?;
        let url = match text.trim().parse::<Url>() {
            Ok(url) => Some(url),
            Err(error) => {
                oddities.push(Oddity::of(format!("url: {error}: nothing would be sent")));
                None
            }
        };
        let mut headers = Headers::default();
        check_value("Content-Type", &self.content_type, dialect)?;
        headers.push("Content-Type", self.content_type.clone());
        let lines = text_of(Part::Headers, lines)?;
        // Their forms strip a template; one in a file may begin with empty lines.
        let blank = self.headers.len() - self.headers.trim_start().len();
        let lines = lines.strip_prefix(&self.headers[..blank]).unwrap_or(lines);
        add_lines(&mut headers, lines, dialect, &mut oddities)?;
        if let Some(shape) = Shape::of(self.shape.as_deref(), url.as_ref())? {
            oddities.extend(shape.complaints(&headers, &body).into_iter().map(Oddity::of));
        }
        if let "GET" | "DELETE" = self.method.as_str() {
            oddities.push(Oddity::of(format!("a {} with a body is refused by many targets", self.method)));
        }
        Ok(Drafted { url, headers, body, oddities })
    }
}

/// The text of a part, or what its system takes in its place.
fn text_of(part: Part, trial: &Trial) -> Result<&str, Undrafted> {
    match &trial.result {
        Ok(output) => Ok(&output.text),
        Err(Failed { instead: Instead::Header(text), .. }) => Ok(text),
        Err(failed) => Err(Undrafted::Failed(part, failed.clone().into())),
    }
}

/// A value that goes on in a header line of its own: whoever may write it can add header lines.
fn broken(line: usize) -> Oddity {
    let hint = "| replace('\\n', '') keeps it on its line; NetBox 4.7 has | header_safe".to_owned();
    let text = "a value has a line break in it: what follows is a header line of its own";
    Oddity { hint: Some(hint), ..Oddity::at(text, line) }
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
        let around = webhook.around(dialect, &sample, body.into());
        let drafted = around.request.map_err(|error| error.to_string())?;
        let of_parts = [around.url, around.headers].into_iter().filter_map(|trial| trial.result.ok());
        let oddities = of_parts.flat_map(|output| output.oddities).chain(drafted.oddities);
        let url = drafted.url.map(|url| url.to_string()).unwrap_or_default();
        let lines = String::from_utf8(drafted.headers.to_lines()).unwrap();
        let lines = lines.lines().map(str::to_owned).collect();
        Ok((url, lines, oddities.map(|oddity| oddity.text).collect()))
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
    fn empty_lines_around_a_template_are_stripped_and_those_within_are_not() {
        let lines = |template: &str| {
            let definition = format!("url = 'http://h/'\nheaders = \"\"\"\n{template}\"\"\"");
            drafted(&definition, Dialect::PeeringManager).map(|(_, lines, _)| lines.len())
        };
        assert_eq!(lines("\n\nA: b\n\n\n"), Ok(2));
        assert_eq!(lines("A: b\nC: d\n"), Ok(3));
        assert!(lines("{% if event %}\nA: b\n{% endif %}").unwrap_err().contains("a header line is empty"));
    }

    #[test]
    fn a_header_template_that_fails_is_sent_as_a_header_or_stops_everything() {
        let unread = "url = 'http://h/'\nheaders = 'X-A: {{ data.asn'";
        let (_, lines, odd) = drafted(unread, Dialect::PeeringManager).unwrap();
        // As it was recorded from Peering Manager.
        let sent = "Syntax error in template at line 1: unexpected end of template, expected 'end of print statement'.";
        assert_eq!(lines, ["Content-Type: application/json", sent]);
        assert_eq!(odd, ["`Syntax error in template at line 1` is no name of a header"]);
        let error = drafted(unread, Dialect::NetBox).unwrap_err();
        assert!(error.starts_with("headers: line 1: "), "{error}");
        // A traceback has lines without a colon.
        let error = drafted("url = 'http://h/'\nheaders = 'X-A: {{ no.no }}'", Dialect::PeeringManager).unwrap_err();
        assert!(error.starts_with("headers: line 1: "), "{error}");
    }

    #[test]
    fn netbox_makes_values_safe_for_header_lines() {
        let safe = r#"url = 'http://h/'
headers = 'X-A: {{ "a\r\nb\u0000c" | header_safe }}'"#;
        let (_, lines, odd) = drafted(safe, Dialect::NetBox).unwrap();
        assert_eq!((lines[1].as_str(), odd.len()), ("X-A: abc", 0), "{odd:?}");
        let (_, lines, odd) = drafted(&safe.replace(" | header_safe", ""), Dialect::NetBox).unwrap();
        assert_eq!(lines[1], "X-A: a");
        assert!(odd[0].starts_with("a value has a line break in it"), "{odd:?}");
        assert!(drafted(safe, Dialect::Plain).unwrap_err().contains("No filter named 'header_safe'"));
        let elsewhere = r#"url = 'http://{{ "h" | header_safe }}/'"#;
        assert!(drafted(elsewhere, Dialect::NetBox).unwrap_err().contains("No filter named 'header_safe'"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let (url, _, odd) = drafted("url = 'ftp://{{ dat }}'\nheaders = 'a b: c'", Dialect::Plain).unwrap();
        assert_eq!(url, "");
        assert_eq!(odd.len(), 3, "{odd:?}");
        assert!(odd[0].starts_with("dat is not defined"), "{odd:?}");
        let (.., odd) = drafted("url = 'https://hooks.slack.com/services/x'\nbody = '{}'", Dialect::Plain).unwrap();
        assert_eq!(odd, ["Slack: text or blocks or attachments is missing"]);
        assert!(drafted("url = '{{'", Dialect::Plain).unwrap_err().starts_with("url: line 1: "));
    }
}
