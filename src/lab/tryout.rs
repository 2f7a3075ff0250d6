//! All templates of a webhook, tried on one context.

use super::definition::Definition;
use super::draft::{Around, Drafted, Undrafted};
use super::failed::Failed;
use super::oddity::Oddity;
use super::sample::Sample;
use super::trial::{Output, Trial};
use super::webhook::Part;
use crate::template::Dialect;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Tryout {
    /// Whose Jinja it was.
    pub dialect: Dialect,
    /// The body.
    pub body: Trial,
    /// URL and header lines, where they belong to it.
    pub around: Option<Around>,
}

impl Tryout {
    /// Renders all there is as `dialect` does.
    pub fn of(definition: &Definition, dialect: Dialect, sample: &Sample<'_>) -> Self {
        let webhook = &definition.webhook;
        if !definition.whole {
            // Systems send the context where there is no template.
            let is_blank = dialect != Dialect::Plain && webhook.body.trim().is_empty();
            let body = if is_blank { Trial::of_context(sample) } else { Trial::of(&webhook.body, dialect, sample) };
            return Self { dialect, body, around: None };
        }
        let body = webhook.body(dialect, sample);
        let text = match &body.result {
            Ok(output) => output.text.clone(),
            Err(failed) => failed.instead.body().unwrap_or_default().to_owned(),
        };
        let around = webhook.around(dialect, sample, text.into());
        Self { dialect, body, around: Some(around) }
    }

    /// What became of a part; `None` when it does not belong to it.
    pub fn part(&self, part: Part) -> Option<&Trial> {
        match part {
            Part::Body => Some(&self.body),
            Part::Url => self.around.as_ref().map(|around| &around.url),
            Part::Headers => self.around.as_ref().map(|around| &around.headers),
        }
    }

    /// The text of a part.
    pub fn text(&self, part: Part) -> Option<&str> {
        self.part(part)?.result.as_ref().ok().map(|output| output.text.as_str())
    }

    /// The body, when there is one.
    pub fn output(&self) -> Option<&Output> {
        self.body.result.as_ref().ok()
    }

    /// The parts that failed, with why.
    pub fn failures(&self) -> impl Iterator<Item = (Part, &Failed)> {
        Part::ALL.into_iter().filter_map(|part| Some((part, self.part(part)?.result.as_ref().err()?)))
    }

    /// The request that it comes to.
    pub fn request(&self) -> Option<&Drafted> {
        self.around.as_ref()?.request.as_ref().ok()
    }

    /// Why there is no request although no template failed.
    pub fn refused(&self) -> Option<&Undrafted> {
        let error = self.around.as_ref()?.request.as_ref().err()?;
        (!matches!(error, Undrafted::Failed(..))).then_some(error)
    }

    /// Everything odd, with the part that it is about; without one where it is about the request.
    pub fn oddities(&self) -> impl Iterator<Item = (Option<Part>, &Oddity)> {
        let of_part = |part| {
            let output = self.part(part).and_then(|trial| trial.result.as_ref().ok());
            output.into_iter().flat_map(|output| &output.oddities).map(move |oddity| (Some(part), oddity))
        };
        let of_request = self.request().into_iter().flat_map(|request| &request.oddities).map(|oddity| (None, oddity));
        Part::ALL.into_iter().flat_map(of_part).chain(of_request)
    }

    /// Whether something failed, so that nothing is sent, or an error.
    pub fn is_failed(&self) -> bool {
        self.failures().next().is_some() || self.refused().is_some()
    }

    /// Whether what would be sent is known, and it is no error.
    pub fn is_exact(&self) -> bool {
        let has_target = self.request().is_none_or(|request| request.url.is_some());
        !self.is_failed() && has_target && self.output().is_some_and(|output| !output.marked)
    }

    /// What it came to, in a few words: `line 2: ..`, `url: line 1: ..`, `valid JSON`.
    pub fn words(&self) -> String {
        if let Some((part, failed)) = self.failures().next() {
            return prefix(part).to_owned() + &failed.short();
        }
        if let Some(refused) = self.refused() {
            return refused.to_string();
        }
        match self.oddities().next() {
            Some((part, oddity)) => part.map_or("", prefix).to_owned() + &oddity.text,
            None => self.body.words(),
        }
    }
}

/// What tells a sentence about one part from one about the body.
pub fn prefix(part: Part) -> &'static str {
    match part {
        Part::Body => "",
        Part::Url => "url: ",
        Part::Headers => "headers: ",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chrono::DateTime;

    use super::*;
    use crate::lab::Files;

    fn tried(definition: &str, dialect: Dialect) -> Tryout {
        let mut read = |_: &Path| Ok::<_, String>(definition.to_owned());
        let definition = Definition::read(&Files::parse("w.toml", None), &mut read).unwrap();
        let json = br#"{"event": "update", "data": {"asn": 1}}"#;
        let sample = Sample { json, label: "x", content_type: None, now: DateTime::UNIX_EPOCH };
        Tryout::of(&definition, dialect, &sample)
    }

    #[test]
    fn the_worst_of_all_parts_is_said() {
        let good = tried(
            "url = 'http://h/{{ event }}'\nheaders = 'A: {{ data.asn }}'\nbody = '{{ data | tojson }}'",
            Dialect::Plain,
        );
        assert_eq!(
            (good.words().as_str(), good.is_exact(), good.text(Part::Url)),
            ("valid JSON", true, Some("http://h/update"))
        );
        let odd = tried("url = 'http://h/{{ evnt }}'", Dialect::Plain);
        assert_eq!((odd.words().as_str(), odd.is_exact()), ("url: evnt is not defined, and prints nothing", true));
        let failed = tried("url = 'http://h/'\nheaders = '{{ no.no }}'", Dialect::PeeringManager);
        assert!(failed.words().starts_with("headers: line 1: ") && !failed.is_exact(), "{}", failed.words());
        let stopped = tried("url = 'http://h/'\nheaders = 'no colon'", Dialect::PeeringManager);
        assert!(stopped.words().contains("would send nothing") && stopped.is_failed(), "{}", stopped.words());
        assert!(!tried("url = 'nowhere at all'", Dialect::Plain).is_exact());
    }
}
