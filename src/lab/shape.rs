//! What known targets take: read from data, and held against a request.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::capture::Headers;
use crate::export::Url;
use crate::inspect::bytes_exact;

/// The targets that hookview knows.
const SHAPES: &str = include_str!("../../assets/shapes.toml");

/// What a target takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// What it is chosen by.
    pub id: String,
    /// What it is called.
    pub name: String,
    #[serde(default)]
    url: Vec<String>,
    #[serde(default)]
    headers: Vec<String>,
    most: Option<usize>,
    #[serde(default)]
    rule: Vec<Rule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    at: Vec<String>,
    kind: Option<Kind>,
    #[serde(default)]
    values: Vec<String>,
    longest: Option<usize>,
    #[serde(default)]
    optional: bool,
    when: Option<When>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    at: String,
    is: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    Number,
    Object,
    List,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    shape: Vec<Shape>,
}

/// Why a shape cannot be had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ShapeError {
    /// The table is not what it should be.
    #[error("the table of target shapes cannot be read: {0}")]
    Table(#[from] toml::de::Error),
    /// There is none of this name.
    #[error("there is no shape `{name}`: use {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
}

impl Shape {
    /// All that are known.
    pub fn all() -> Result<Vec<Self>, ShapeError> {
        Ok(toml::from_str::<Table>(SHAPES)?.shape)
    }

    /// The one that is named, else the one whose URL this is.
    pub fn of(named: Option<&str>, url: Option<&Url>) -> Result<Option<Self>, ShapeError> {
        let all = Self::all()?;
        let Some(name) = named else {
            return Ok(url.and_then(|url| all.into_iter().find(|shape| shape.is_at(url))));
        };
        let known = all.iter().map(|shape| shape.id.as_str()).collect::<Vec<_>>().join(", ");
        let found = all.into_iter().find(|shape| shape.id == name);
        found.map(Some).ok_or(ShapeError::Unknown { name: name.to_owned(), known })
    }

    fn is_at(&self, url: &Url) -> bool {
        let place = format!("{}{}", url.authority(), url.path_and_query().split('?').next().unwrap_or_default());
        self.url.iter().any(|pattern| is_like(&place, pattern))
    }

    /// What the target would not take, in sentences.
    pub fn complaints(&self, headers: &Headers, body: &[u8]) -> Vec<String> {
        let name = &self.name;
        let mut found: Vec<String> = Vec::new();
        let missing = self.headers.iter().filter(|header| !headers.has(header));
        found.extend(missing.map(|header| format!("{name} needs the header {header}")));
        if let Some(most) = self.most.filter(|most| body.len() > *most) {
            let (is, most) = (bytes_exact(body.len() as u64), bytes_exact(most as u64));
            found.push(format!("{name} takes at most {most}, this is {is}"));
        }
        match serde_json::from_slice::<Json>(body) {
            Ok(json) => {
                found.extend(self.rule.iter().filter_map(|rule| Some(format!("{name}: {}", rule.complaint(&json)?))));
            }
            Err(_) => found.push(format!("{name} takes JSON")),
        }
        found
    }
}

impl Rule {
    fn complaint(&self, json: &Json) -> Option<String> {
        let is_so = |when: &When| json.pointer(&when.at).and_then(Json::as_str) == Some(when.is.as_str());
        if self.when.as_ref().is_some_and(|when| !is_so(when)) {
            return None;
        }
        let places = self.at.iter().map(|pointer| spoken(pointer)).collect::<Vec<_>>().join(" or ");
        let Some(value) = self.at.iter().find_map(|pointer| json.pointer(pointer)) else {
            return (!self.optional).then(|| format!("{places} is missing"));
        };
        if let Some(kind) = self.kind.filter(|kind| !kind.is(value)) {
            return Some(format!("{places} has to be {}", kind.name()));
        }
        if !self.values.is_empty() && !value.as_str().is_some_and(|text| self.values.iter().any(|known| known == text))
        {
            return Some(format!("{places} has to be {}", self.values.join(", ")));
        }
        let (length, unit) = length(value);
        let longest = self.longest.filter(|longest| length > *longest)?;
        Some(format!("{places} has {length} {unit}, at most {longest} are taken"))
    }
}

/// `/payload/summary` as `payload.summary`.
fn spoken(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn length(value: &Json) -> (usize, &'static str) {
    match value {
        Json::String(text) => (text.chars().count(), "characters"),
        Json::Array(items) => (items.len(), "items"),
        Json::Object(members) => (members.len(), "members"),
        _ => (0, ""),
    }
}

impl Kind {
    fn is(self, value: &Json) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Object => value.is_object(),
            Self::List => value.is_array(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Object => "an object",
            Self::List => "a list",
        }
    }
}

/// Whether a text is like a pattern with `*` for any text.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(text) = text.strip_prefix(first) else { return false };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| is_like(&text[at..], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(id: &str, body: &str) -> Vec<String> {
        let mut headers = Headers::default();
        headers.push("Authorization", "Bearer x");
        Shape::of(Some(id), None).unwrap().unwrap().complaints(&headers, body.as_bytes())
    }

    #[test]
    fn targets_are_known_by_their_url() {
        for (url, id) in [
            ("https://hooks.slack.com/services/T/B/x", Some("slack")),
            (
                "https://prod-1.westeurope.logic.azure.com:443/workflows/a/triggers/manual/paths/invoke?sig=x",
                Some("teams"),
            ),
            ("https://api.github.com/repos/o/r/dispatches", Some("github-dispatch")),
            ("http://gitlab.example/api/v4/projects/1/trigger/pipeline", Some("gitlab-trigger")),
            ("https://events.pagerduty.com/v2/enqueue", Some("pagerduty")),
            ("http://awx.example/api/v2/job_templates/7/launch/", Some("awx-launch")),
            ("http://127.0.0.1:9000/hooks/pm", None),
        ] {
            let found = Shape::of(None, Some(&url.parse().unwrap())).unwrap();
            assert_eq!(found.map(|shape| shape.id).as_deref(), id, "{url}");
        }
    }

    #[test]
    fn what_a_target_wants_is_said() {
        assert_eq!(complaints("slack", r#"{"text": "x"}"#), [""; 0]);
        assert_eq!(complaints("slack", r#"{"txt": "x"}"#), ["Slack: text or blocks or attachments is missing"]);
        assert_eq!(complaints("slack", r#"{"text": 1}"#), ["Slack: text has to be a text"]);
        assert_eq!(complaints("slack", "no"), ["Slack takes JSON"]);
        let eleven = r#"{"event_type": "x", "client_payload": {"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1}}"#;
        assert_eq!(complaints("github-dispatch", eleven).len(), 1);
        let trigger = r#"{"routing_key": "k", "event_action": "trigger", "payload": {"summary": "s", "source": "x", "severity": "bad"}}"#;
        assert_eq!(
            complaints("pagerduty", trigger),
            ["PagerDuty Events v2: payload.severity has to be critical, error, warning, info"]
        );
        let resolve = r#"{"routing_key": "k", "event_action": "resolve"}"#;
        assert_eq!(complaints("pagerduty", resolve), ["PagerDuty Events v2: dedup_key is missing"]);
    }

    #[test]
    fn headers_and_size_count() {
        let shape = Shape::of(Some("awx-launch"), None).unwrap().unwrap();
        let found = shape.complaints(&Headers::default(), b"{}");
        assert_eq!(found, ["AWX job template launch needs the header Authorization"]);
        let long = format!(r#"{{"type": "message", "attachments": [], "x": "{}"}}"#, "x".repeat(30_000));
        assert!(complaints("teams", &long)[0].contains("takes at most 28,672 B"));
        assert!(Shape::of(Some("nobody"), None).unwrap_err().to_string().contains("use slack, teams, mattermost"));
    }
}
