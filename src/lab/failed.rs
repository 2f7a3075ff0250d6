//! A template that fails: what its system would do then, what it means for this context, and how it is usually mended.

use super::fix;
use super::system::name_of;
use super::webhook::Part;
use crate::template::{Dialect, Failure, InPlace, Value};

/// Why there is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The exception, or what cannot be previewed.
    pub failure: Failure,
    /// What the system would do instead.
    pub instead: Instead,
    /// What it means for this context, in sentences.
    pub meaning: Vec<String>,
    /// What usually mends it, as lines of a template.
    pub fix: Vec<String>,
}

/// What a system does when a template fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// This text is sent as the body.
    Text(String),
    /// A Python traceback that ends in this line is sent as the body.
    Traceback(String),
    /// This text is sent as a header line.
    Header(String),
    /// Nothing is sent.
    Nothing,
    /// It cannot be told.
    Unknown,
}

impl Failed {
    pub(super) fn of(failure: Failure, dialect: Dialect, source: &str, context: &Value) -> Self {
        let instead = Instead::of(&failure, dialect);
        let (meaning, fix) = fix::explained(&failure, source, context);
        Self { failure, instead, meaning, fix }
    }

    /// `line 2: 'None' has no attribute 'items'`, without the class.
    pub fn short(&self) -> String {
        match &self.failure {
            Failure::Raised(raised) if !raised.message.is_empty() => match raised.line {
                Some(line) => format!("line {line}: {}", raised.message),
                None => raised.message.clone(),
            },
            other => other.to_string(),
        }
    }

    /// What the system would do, as a sentence; the text itself is not in it.
    pub fn consequence(&self, dialect: Dialect) -> String {
        let name = name_of(dialect);
        match &self.instead {
            Instead::Text(_) => format!("{name} would send this error as the body, signed, and call it a success"),
            Instead::Traceback(_) => {
                format!("{name} would send the Python traceback as the body, signed, and call it a success")
            }
            Instead::Header(_) => format!("{name} would send this error as a header, and call it a success"),
            Instead::Nothing if dialect == Dialect::Plain => "no text comes of it".to_owned(),
            Instead::Unknown if dialect == Dialect::Plain => "what it prints cannot be told here".to_owned(),
            Instead::Nothing => format!("{name} would send nothing"),
            Instead::Unknown => format!("this needs {name} itself: what it would send cannot be told here"),
        }
    }

    /// The same in its users' words, for the template of this part; [`Instead::body`] goes on where it ends in a colon.
    pub fn consequence_at_length(&self, part: Part, dialect: Dialect) -> String {
        let system = name_of(dialect);
        match (&self.instead, part) {
            (Instead::Text(_), _) => {
                format!("In {system} this does not stop the webhook: this error becomes the body and is sent:")
            }
            (Instead::Traceback(_), _) => format!(
                "In {system} this does not stop the webhook: the Python traceback becomes the body and is sent. It ends in:"
            ),
            (Instead::Header(_), _) => {
                format!("In {system} this does not stop the webhook: this error is sent as a header line:")
            }
            (Instead::Nothing, Part::Headers) if dialect == Dialect::PeeringManager => {
                format!("{system} would send nothing: a traceback is not made of header lines.")
            }
            (Instead::Nothing, Part::Url) if dialect == Dialect::PeeringManager => {
                format!("{system} would send nothing: an error is no URL.")
            }
            (Instead::Nothing, _) if dialect == Dialect::Plain => "No text comes of it.".to_owned(),
            (Instead::Nothing, _) => format!("{system} would send nothing."),
            (Instead::Unknown, _) => format!("This needs {system} itself: what it would send cannot be told here."),
        }
    }
}

impl Instead {
    fn of(failure: &Failure, dialect: Dialect) -> Self {
        match failure {
            Failure::Refused(_) => Self::Unknown,
            Failure::Raised(raised) if dialect == Dialect::PeeringManager => match raised.in_place() {
                InPlace::Text(text) => Self::Text(text),
                InPlace::Traceback(last) => Self::Traceback(last),
            },
            Failure::Raised(_) => Self::Nothing,
        }
    }

    /// The same where it is not the body's template that failed. An error is no URL; it is a header line when it has a
    /// colon in each of its lines, which a traceback has not.
    pub(super) fn in_part(&mut self, part: Part) {
        *self = match (std::mem::replace(self, Self::Nothing), part) {
            (Self::Text(text), Part::Headers) => Self::Header(text),
            (Self::Text(_) | Self::Traceback(_), Part::Url | Part::Headers) => Self::Nothing,
            (other, _) => other,
        };
    }

    /// What is known of the text that would be sent.
    pub fn body(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Traceback(text) | Self::Header(text) => Some(text),
            Self::Nothing | Self::Unknown => None,
        }
    }
}
