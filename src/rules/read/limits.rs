//! Reading `limits` and `cors`.

use std::sync::Arc;

use super::Surroundings;
use crate::config::{ConfigError, Entry};
use crate::rules::limit::{Cors, Limits, Rate, Schema, parse_login};

pub(super) const KEYS: [&str; 6] = ["methods", "rate", "per", "auth", "require_valid_signature", "schema"];

pub(super) fn limits(entry: &Entry, around: &Surroundings) -> Result<Limits, ConfigError> {
    let (mut limits, mut per) = (Limits::default(), None);
    let fields = entry.table()?;
    for field in &fields {
        match field.name {
            "methods" => limits.methods = field.items().iter().map(method).collect::<Result<_, _>>()?,
            "rate" => limits.rate = Some(field.parsed(str::parse::<Rate>)?),
            "per" => per = Some((field, field.parsed(str::parse)?)),
            // What stands there is not repeated in an error: it is a secret.
            "auth" => {
                let login = |item: &Entry| {
                    parse_login(item.text()?).map_err(|problem| item.wrong(format_args!("cannot be read: {problem}")))
                };
                limits.logins = field.items().iter().map(login).collect::<Result<_, _>>()?;
            }
            "require_valid_signature" => limits.signed = field.flag()?,
            "schema" => limits.schema = Some(schema(field, around)?),
            _ => return Err(field.unknown("key of `limits`", KEYS)),
        }
    }
    match (per, &mut limits.rate) {
        (Some((_, per)), Some(rate)) => rate.per = per,
        (Some((field, _)), None) => return Err(field.wrong("says what a `rate` is counted for, and there is none")),
        (None, _) => {}
    }
    Ok(limits)
}

fn method(item: &Entry) -> Result<String, ConfigError> {
    let method = item.text()?.to_uppercase();
    let is_token = !method.is_empty() && method.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
    if is_token { Ok(method) } else { Err(item.wrong("must be methods, like [\"POST\", \"PUT\"]")) }
}

fn schema(field: &Entry, around: &Surroundings) -> Result<Arc<Schema>, ConfigError> {
    let text = around.read(field)?;
    Schema::new(field.text()?, &text, &|path| around.read_beside(path))
        .map(Arc::new)
        .map_err(|problem| field.wrong(problem))
}

/// True for all pages, or the origins of some.
pub(super) fn cors(field: &Entry) -> Result<Option<Cors>, ConfigError> {
    if field.is_flag() {
        return Ok(field.flag()?.then_some(Cors::Any));
    }
    let origins: Vec<String> = field.items().iter().map(origin).collect::<Result<_, _>>()?;
    Ok(Some(Cors::Of(origins)))
}

fn origin(item: &Entry) -> Result<String, ConfigError> {
    let bad = "must be true, or origins like \"https://app.example\": without a path, without a slash at the end";
    let origin = if item.is_text() { item.text()? } else { return Err(item.wrong(bad)) };
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let visible = origin.chars().all(|char| char.is_ascii_graphic());
    if host.is_empty() || host.contains(['/', '?', '#']) || !visible {
        Err(item.wrong(bad))
    } else {
        Ok(origin.to_owned())
    }
}
