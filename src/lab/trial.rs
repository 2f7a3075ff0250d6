//! One template, tried on one context.

use std::collections::BTreeSet;

use super::failed::Failed;
use super::odd;
use super::oddity::Oddity;
use super::sample::Sample;
use crate::template::{Dialect, Failure, Rendered, Template, Value, value_from_json};

/// What came of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The text, or why there is none.
    pub result: Result<Output, Failed>,
}

/// A text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Byte for byte what would be sent, but for markers.
    pub text: String,
    /// What is odd about it.
    pub oddities: Vec<Oddity>,
    /// What could not be had without the system itself: the text has a marker in its place.
    pub marked: bool,
    /// Lines of the template on which a text with a line break in it was printed.
    pub breaks: BTreeSet<usize>,
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

    /// The context as it is: what systems send where there is no template.
    pub fn of_context(sample: &Sample<'_>) -> Self {
        let text = String::from_utf8_lossy(sample.json).into_owned();
        Self { result: Ok(Output { text, ..Output::default() }) }
    }

    fn rendered(source: &str, dialect: Dialect, context: &Value, sample: &Sample<'_>) -> Result<Output, Failed> {
        let render = |source: &str| -> Result<Rendered, Failure> {
            Template::parse(source, dialect)?.render(context, sample.now)
        };
        match render(source) {
            Ok(rendered) => {
                let oddities = odd::oddities(&rendered, source, sample, &render, context);
                let marked = !rendered.markers.is_empty();
                Ok(Output { text: rendered.text, oddities, marked, breaks: rendered.breaks })
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
