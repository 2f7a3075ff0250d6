//! One template, tried on one context.

use chrono::{DateTime, Utc};

use super::failed::Failed;
use super::odd::{self, Oddity};
use crate::template::{Dialect, Failure, Rendered, Template, Value, value_from_json};

/// What a template is tried on.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The context, as JSON.
    pub json: &'a [u8],
    /// What it is called: `#17`, or a file's name.
    pub label: &'a str,
    /// The content type under which the text would be sent, when it is known.
    pub content_type: Option<&'a str>,
    /// What `now()` says.
    pub now: DateTime<Utc>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The text, or why there is none.
    pub result: Result<Output, Failed>,
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Byte for byte what would be sent, but for markers.
    pub text: String,
    /// What is odd about it.
    pub oddities: Vec<Oddity>,
    /// What could not be had without the system itself: the text has a marker in its place.
    pub marked: bool,
}

impl Trial {
    /// Renders `source` as `dialect` does.
    pub fn of(source: &str, dialect: Dialect, sample: &Sample<'_>) -> Self {
        let context = value_from_json(sample.json);
        let result = match &context {
            Ok(context) => Self::rendered(source, dialect, context, sample),
            Err(error) => {
                let failure = Failure::refused(format!("a context that is not JSON: {error}"));
                Err(Failed::of(failure, dialect, source, &Value::None))
            }
        };
        Self { result }
    }

    fn rendered(source: &str, dialect: Dialect, context: &Value, sample: &Sample<'_>) -> Result<Output, Failed> {
        let render = |source: &str| -> Result<Rendered, Failure> {
            Template::parse(source, dialect)?.render(context, sample.now)
        };
        match render(source) {
            Ok(rendered) => {
                let oddities = odd::oddities(&rendered, source, sample, &render, context);
                let marked = !rendered.markers.is_empty();
                Ok(Output { text: rendered.text, oddities, marked })
            }
            Err(failure) => Err(Failed::of(failure, dialect, source, context)),
        }
    }

    /// Whether there is a text with nothing odd about it.
    pub fn is_good(&self) -> bool {
        self.result.as_ref().is_ok_and(|output| output.oddities.is_empty())
    }

    /// Whether what would be sent is known, and it is no error.
    pub fn is_exact(&self) -> bool {
        self.result.as_ref().is_ok_and(|output| !output.marked)
    }

    /// What it came to, in a few words: `✗ line 2: ..`, `! ..`, `valid JSON`.
    pub fn words(&self) -> String {
        match &self.result {
            Err(failed) => failed.short(),
            Ok(Output { oddities, text, .. }) => match oddities.first() {
                Some(first) => first.text.clone(),
                None if odd::looks_like_json(text) => "valid JSON".to_owned(),
                None => "fine".to_owned(),
            },
        }
    }
}

/// Whose templates a sender has: those of Jinja2 as it comes where it is not known.
pub fn dialect_of(sender: Option<&str>) -> Dialect {
    match sender {
        Some("Peering Manager") => Dialect::PeeringManager,
        Some("NetBox") => Dialect::NetBox,
        Some("Nautobot") => Dialect::Nautobot,
        _ => Dialect::Plain,
    }
}

/// The system that is called so in a definition and on the command line.
pub fn dialect_named(name: &str) -> Option<Dialect> {
    match name {
        "peering-manager" => Some(Dialect::PeeringManager),
        "netbox" | "netbox-4.6" | "netbox-4.7" => Some(Dialect::NetBox),
        "nautobot" => Some(Dialect::Nautobot),
        "plain" => Some(Dialect::Plain),
        _ => None,
    }
}

/// What a system is called.
pub fn name_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Plain => "Jinja2",
        Dialect::PeeringManager => "Peering Manager",
        Dialect::NetBox | Dialect::NetBoxHeaders => "NetBox",
        Dialect::Nautobot => "Nautobot",
    }
}
