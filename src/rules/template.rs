//! Texts that are made anew for each request: Jinja templates over it.
//!
//! A template sees the request and nothing else: no file, no environment, no other template. It cannot run for ever, and
//! what it makes is bounded. Language: Jinja2, by way of the crate minijinja.

use std::cell::OnceCell;
use std::fmt;
use std::io;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};

use super::subject::Subject;
use super::when::Parts;
use crate::capture::Headers;

/// Instructions that a template may take.
const FUEL: u64 = 200_000;
/// Bytes that a template may make.
const MOST: usize = 4 << 20;
/// Headers that senders number their deliveries with.
const DELIVERY: [&str; 8] = [
    "webhook-id",
    "x-github-delivery",
    "x-gitlab-event-uuid",
    "x-gitea-delivery",
    "x-shopify-webhook-id",
    "x-request-id",
    "idempotency-key",
    "x-delivery-id",
];

/// A text, made anew for each request when it has anything of Jinja in it.
#[derive(Clone)]
pub(super) enum Text {
    Plain(String),
    Template(Arc<Environment<'static>>),
}

impl Text {
    /// A text in which `{{` or `{%` begins something of Jinja; the error says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        if is_template(text) { Self::template(text) } else { Ok(Self::Plain(text.to_owned())) }
    }

    /// A template in any case.
    pub fn template(text: &str) -> Result<Self, String> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Lenient);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(50);
        environment.set_syntax(syntax()?);
        environment.add_template_owned("", text.to_owned()).map_err(|error| said(&error))?;
        Ok(Self::Template(Arc::new(environment)))
    }

    /// The text for this request.
    pub fn render(&self, request: &Seen) -> Result<String, String> {
        let environment = match self {
            Self::Plain(text) => return Ok(text.clone()),
            Self::Template(environment) => environment,
        };
        let mut made = Bounded(Vec::new());
        let template = environment.get_template("").map_err(|error| said(&error))?;
        let context = Value::from_pairs([("request", request.value().clone())]);
        template.render_captured_to(context, &mut made).map_err(|error| said(&error))?;
        String::from_utf8(made.0).map_err(|_| "it made no text".to_owned())
    }

    /// As a line of a header: what would end it becomes a blank.
    pub fn render_line(&self, request: &Seen) -> Result<String, String> {
        let text = self.render(request)?;
        Ok(text.replace(|char: char| char.is_control(), " ").trim().to_owned())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => write!(f, "{text:?}"),
            Self::Template(_) => f.write_str("template"),
        }
    }
}

/// A file's last line end is one of the answer, too.
fn syntax() -> Result<SyntaxConfig, String> {
    SyntaxConfig::builder().keep_trailing_newline(true).build().map_err(|error| said(&error))
}

/// Whether a text has anything of Jinja in it.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

fn said(error: &minijinja::Error) -> String {
    let line = error.line().map_or_else(String::new, |line| format!("line {line}: "));
    match error.kind() {
        ErrorKind::OutOfFuel => "it takes too long".to_owned(),
        ErrorKind::WriteFailure => format!("it makes more than {} MiB", MOST >> 20),
        kind => error.detail().map_or_else(|| format!("{line}{kind}"), |detail| format!("{line}{detail}")),
    }
}

/// Takes no more than so much.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A request as templates see it, made when the first of them looks.
pub(super) struct Seen<'a> {
    pub subject: &'a Subject<'a>,
    parts: Parts,
    value: OnceCell<Value>,
}

impl<'a> Seen<'a> {
    pub fn new(subject: &'a Subject<'a>, parts: Parts) -> Self {
        Self { subject, parts, value: OnceCell::new() }
    }

    fn value(&self) -> &Value {
        self.value.get_or_init(|| request(self.subject, &self.parts))
    }
}

fn request(subject: &Subject, parts: &Parts) -> Value {
    let capture = subject.capture;
    let headers = &subject.request().headers;
    let delivery = DELIVERY.iter().find_map(|name| headers.text(name)).unwrap_or_default();
    let pairs =
        |pairs: &[(String, String)]| Value::from_pairs(pairs.iter().map(|(name, value)| (name.clone(), value.clone())));
    Value::from_pairs([
        ("method", Value::from(subject.request().method_text().into_owned())),
        ("path", Value::from(subject.path.clone())),
        ("parts", pairs(parts)),
        ("query", pairs(&subject.query)),
        ("headers", Value::from_object(Fields(headers.clone()))),
        ("json", subject.json().map_or(Value::UNDEFINED, value)),
        ("body", Value::from(String::from_utf8_lossy(&subject.request().body.bytes).into_owned())),
        ("id", Value::from(delivery)),
        ("verdict", Value::from(capture.verdict.outcome.as_str())),
        ("sender", Value::from(capture.identity.sender.as_deref().unwrap_or_default())),
        ("event", Value::from(capture.identity.event.as_deref().unwrap_or_default())),
        ("source", Value::from(subject.source().map(|source| source.to_string()).unwrap_or_default())),
        ("time", Value::from(subject.now.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())),
    ])
}

/// Header lines by their names, in any case; `_` stands for `-`.
#[derive(Debug)]
struct Fields(Headers);

impl Object for Fields {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let value = self.0.get(key).or_else(|| self.0.get(&key.replace('_', "-")))?;
        Some(Value::from(String::from_utf8_lossy(value).into_owned()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|header| Value::from(header.name_text().into_owned())).collect())
    }
}

/// JSON as a template's value. It is not deep: what was read is bounded.
fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (_, Some(number)) => Value::from(number),
            _ => Value::from(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(value).collect(),
        Json::Object(fields) => Value::from_pairs(fields.iter().map(|(name, field)| (name.as_str(), value(field)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::capture;

    fn render(template: &str, request_text: &str) -> Result<String, String> {
        let capture = capture(request_text);
        let subject = Subject::new(&capture, chrono::DateTime::UNIX_EPOCH);
        Text::template(template)?.render(&Seen::new(&subject, vec![("model".to_owned(), "site".to_owned())]))
    }

    const REQUEST: &str = "POST /site?page=2 HTTP/1.1\r\nX-Request-Id: r-1\r\nContent-Length: 51\r\n\r\n{\"asn\":64500,\"big\":18446744073709551615,\"t\":[\"<a>\"]}";

    #[test]
    fn templates_see_the_request() {
        for (template, text) in [
            ("{{ request.method }} {{ request.path }} {{ request.query.page }}", "POST /site 2"),
            ("{{ request.parts.model }} {{ request.id }}", "site r-1"),
            ("{{ request.headers['x-request-id'] }} {{ request.headers.X_Request_Id }}", "r-1 r-1"),
            ("{{ request.json.asn + 1 }} {{ request.json.big }}", "64501 18446744073709551615"),
            ("{{ request.json.t[0] }} {{ request.json.t | tojson }}", "<a> [\"\\u003ca\\u003e\"]"),
            ("{% for name in request.headers %}{{ name }};{% endfor %}", "X-Request-Id;Content-Length;"),
            ("{{ request.verdict }} {{ request.json.none }}{{ request.sender }}|\n", "not-checked |\n"),
        ] {
            assert_eq!(render(template, REQUEST).unwrap(), text, "{template}");
        }
    }

    #[test]
    fn templates_cannot_look_around_or_run_for_ever() {
        for template in [
            "{% include '/etc/passwd' %}",
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
            "{{ 'x' * 999999999 }}",
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{% for a in range(1000) %}{{ 'x' * 100000 }}{% endfor %}",
        ] {
            assert!(render(template, REQUEST).is_err(), "{template}");
        }
        assert_eq!(render("{{ env }}{{ HOME }}", REQUEST).unwrap(), "");
    }

    #[test]
    fn a_line_stays_a_line() {
        let text = Text::new("a{{ request.query.x }}").unwrap();
        let capture = capture("GET /?x=b%0D%0ASet-Cookie:%20a=b%00 HTTP/1.1\r\n\r\n");
        let subject = Subject::new(&capture, chrono::DateTime::UNIX_EPOCH);
        assert_eq!(text.render_line(&Seen::new(&subject, Parts::new())).unwrap(), "ab  Set-Cookie: a=b");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        assert!(Text::new("a\n{{ request. }}").unwrap_err().starts_with("line 2: "));
    }
}
