//! The few fields of a payload that recognition and titles need, read in one pass without building the rest.
//!
//! Only the words that [`is_wanted`] knows are kept, only [`DEPTH`] levels deep; everything else is skipped. What was
//! read before a syntax error stays, so that a broken payload still gets a sensible title.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Levels of values that are looked into, the document itself the first.
const DEPTH: u8 = 6;

/// Fields kept of one object, so that repeated keys cannot fill memory.
const FIELDS: usize = 64;

/// Characters kept of a text.
const TEXT: usize = 512;

/// As much of a foreign text as is worth keeping.
pub(super) fn shortened(text: &str) -> &str {
    let end = if text.len() <= TEXT { None } else { text.char_indices().nth(TEXT) };
    end.map_or(text, |(end, _)| &text[..end])
}

/// Whether some sender uses this word for something that a title or a recognition needs.
fn is_wanted(word: &str) -> bool {
    is_word_of_inventories(word)
        || is_word_of_forges(word)
        || is_word_of_services(word)
        || is_word_of_monitors(word)
        || is_word_of_others(word)
}

/// What Peering Manager, NetBox and Nautobot say.
fn is_word_of_inventories(word: &str) -> bool {
    matches!(
        word,
        "address"
            | "data"
            | "differences"
            | "display"
            | "display_name"
            | "event"
            | "id"
            | "label"
            | "model"
            | "name"
            | "object_type"
            | "prefix"
            | "request"
            | "request_id"
            | "signal_received_timestamp"
            | "snapshots"
            | "username"
    )
}

/// What GitHub, GitLab, Bitbucket and their like say.
fn is_word_of_forges(word: &str) -> bool {
    matches!(
        word,
        "action"
            | "changes"
            | "full_name"
            | "iid"
            | "issue"
            | "new"
            | "number"
            | "object_attributes"
            | "object_kind"
            | "path_with_namespace"
            | "project"
            | "pull_request"
            | "pullrequest"
            | "push"
            | "ref"
            | "release"
            | "repository"
            | "tag_name"
            | "title"
            | "workflow_run"
            | "zen"
    )
}

/// What Stripe, Slack, Shopify, PagerDuty and Sentry say.
fn is_word_of_services(word: &str) -> bool {
    matches!(
        word,
        "action_id"
            | "actions"
            | "callback_id"
            | "channel"
            | "channel_name"
            | "command"
            | "error"
            | "event_name"
            | "event_type"
            | "object"
            | "text"
            | "type"
            | "view"
    )
}

/// What Alertmanager, Grafana, Meraki and Catalyst Center say.
fn is_word_of_monitors(word: &str) -> bool {
    matches!(
        word,
        "alertType"
            | "alertname"
            | "alerts"
            | "Assurance Issue Name"
            | "Assurance Issue Status"
            | "category"
            | "ciscoDnaEventLink"
            | "commonLabels"
            | "description"
            | "details"
            | "Device"
            | "deviceName"
            | "eventId"
            | "groupKey"
            | "instanceId"
            | "labels"
            | "networkName"
            | "orgId"
            | "organizationId"
            | "organizationName"
            | "receiver"
            | "sharedSecret"
            | "status"
    )
}

/// What senders say that nobody knows.
fn is_word_of_others(word: &str) -> bool {
    matches!(word, "eventType" | "event_id" | "key" | "kind" | "message" | "subject" | "summary" | "topic")
}

/// One value of an outline.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Value<'a> {
    /// Null, true or false: there, and of no use to a title.
    #[default]
    Nothing,
    /// A string, or a number as text.
    Text(Cow<'a, str>),
    /// The wanted fields, in order.
    Object(Vec<(&'a str, Value<'a>)>),
    /// How many items, and the first of them.
    List(usize, Option<Box<Value<'a>>>),
}

impl<'a> Value<'a> {
    /// The value at a path of keys joined by dots; a list on the way stands for its first item.
    pub fn at(&self, path: &str) -> Option<&Value<'a>> {
        path.split('.').try_fold(self, |value, key| value.field(key))
    }

    /// The text at `path`, unless it is empty.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.at(path)? {
            Self::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// The first of `paths` that has text.
    pub fn first_text(&self, paths: &[&str]) -> Option<&str> {
        paths.iter().find_map(|path| self.text(path))
    }

    /// Whether every one of `paths` is there, whatever it holds.
    pub fn has(&self, paths: &[&str]) -> bool {
        paths.iter().all(|path| self.at(path).is_some())
    }

    /// Number of items of the list at `path`.
    pub fn count(&self, path: &str) -> Option<usize> {
        match self.at(path)? {
            Self::List(count, _) => Some(*count),
            _ => None,
        }
    }

    /// The last of equal keys counts, as for most readers of JSON.
    fn field(&self, key: &str) -> Option<&Value<'a>> {
        match self {
            Self::Object(fields) => fields.iter().rev().find(|(name, _)| *name == key).map(|(_, value)| value),
            Self::List(_, first) => first.as_ref()?.field(key),
            _ => None,
        }
    }
}

/// The wanted ones among the fields of a form.
pub(super) fn of_fields<'a>(fields: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Value<'a> {
    let wanted = fields.filter_map(|(key, value)| match key {
        Cow::Borrowed(key) if is_wanted(key) => Some((key, Value::Text(shortened(&value).to_owned().into()))),
        _ => None,
    });
    Value::Object(wanted.collect())
}

/// Reads the outline of a JSON document, and says what stopped the reading before the end of `json`, if anything did.
pub(super) fn read(json: &[u8]) -> (Value<'_>, Option<serde_json::Error>) {
    let mut outline = Value::Nothing;
    let mut reader = serde_json::Deserializer::from_slice(json);
    let slot = Slot { value: &mut outline, depth: DEPTH };
    let error = slot.deserialize(&mut reader).and_then(|()| reader.end()).err();
    (outline, error)
}

/// A place that a value is read into, rather than returned from, so that it keeps what came before an error.
struct Slot<'s, 'de> {
    value: &'s mut Value<'de>,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Slot<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth == 0 {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Slot<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        *self.value = Value::Text(Cow::Borrowed(shortened(text)));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        *self.value = Value::Text(Cow::Owned(shortened(text).to_owned()));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        *self.value = Value::Text(Cow::Owned(number.to_string()));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        *self.value = Value::Text(Cow::Owned(number.to_string()));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        *self.value = Value::Text(Cow::Owned(number.to_string()));
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        *self.value = Value::Object(Vec::new());
        let Value::Object(fields) = self.value else { return Ok(()) };
        while let Some(Key(key)) = map.next_key()? {
            match key.filter(|_| fields.len() < FIELDS) {
                Some(key) => map.next_value_seed(slot_for(fields, key, self.depth - 1))?,
                None => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut first = Value::Nothing;
        let begun = items.next_element_seed(Slot { value: &mut first, depth: self.depth - 1 });
        *self.value = Value::List(0, Some(Box::new(first)));
        let Value::List(count, _) = self.value else { return Ok(()) };
        *count = usize::from(begun?.is_some());
        while items.next_element::<IgnoredAny>()?.is_some() {
            *count += 1;
        }
        Ok(())
    }
}

fn slot_for<'s, 'de>(fields: &'s mut Vec<(&'de str, Value<'de>)>, key: &'de str, depth: u8) -> Slot<'s, 'de> {
    fields.push((key, Value::Nothing));
    let last = fields.len() - 1;
    Slot { value: &mut fields[last].1, depth }
}

/// A wanted key. One with escapes in it is none of ours.
struct Key<'de>(Option<&'de str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Key(is_wanted(key).then_some(key)))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Key(None))
    }
}
