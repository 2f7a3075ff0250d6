//! A small request of each scheme, to explain the scheme with: it has whatever signing needs, with made-up values.

use serde_json::{Map, Value};

use super::message::Message;
use super::{Condition, NamedHash, Place, Scheme};
use crate::capture::{Body, Headers, Request};
use crate::signature::key::SecretForm;
use crate::signature::reading::contentful;

/// A form where a whole form is signed.
const FORM: &str = "Body=ping&From=%2B15550100";

impl Scheme {
    /// A request that its sender could send, unsigned. Its body is JSON, or a form where the sender sends forms alone.
    pub fn example(&self) -> Request {
        let mut example = Example::default();
        let message = self.messages.iter().find(|message| message.text() == "{body}").or(self.messages.first());
        let places = message.into_iter().flat_map(Message::places);
        for place in places.chain(self.signatures.first().map(|signature| signature.place.clone())) {
            example.add(self, &place, Value::from("example"));
        }
        self.nonce.first().into_iter().for_each(|place| example.add(self, place, Value::from("example")));
        let time = self.time.iter().filter_map(|time| time.place.as_ref());
        time.for_each(|place| example.add(self, place, Value::from(0)));
        if let Some(NamedHash { place, texts: [.., (text, _)] }) = &self.hash {
            example.add(self, place, Value::from(text.as_str()));
        }
        self.detect.iter().for_each(|condition| example.meet(self, condition));
        example.into_request(message.is_some_and(Message::has_form))
    }

    /// A secret in the form that the scheme wants; nobody's. Empty where the receiver has a public key.
    pub fn example_secret(&self) -> &'static str {
        match self.secret {
            SecretForm::Text | SecretForm::TextOrPublicKey => "an example secret",
            SecretForm::Base64 | SecretForm::Base64OrPublicKey => "YW4gZXhhbXBsZSBzZWNyZXQ=",
            SecretForm::Hex => "616e206578616d706c6520736563726574",
            SecretForm::Whsec => "whsec_YW4gZXhhbXBsZSBzZWNyZXQ=",
            SecretForm::UserPassword => "user:password",
            SecretForm::PublicKey | SecretForm::HexPublicKey | SecretForm::Whpk => "",
        }
    }
}

/// A request that is being made up.
struct Example {
    headers: Headers,
    query: Vec<String>,
    json: Value,
}

impl Default for Example {
    fn default() -> Self {
        Self { headers: Headers::default(), query: Vec::new(), json: Value::Object(Map::new()) }
    }
}

impl Example {
    /// Puts a value where one is wanted, save in the headers that signing sets.
    fn add(&mut self, scheme: &Scheme, place: &Place, value: Value) {
        match place {
            Place::Header(name) if scheme.role_of(name.as_bytes()).is_none() => {
                let value =
                    if name == contentful::LIST { contentful::LEAST } else { value.as_str().unwrap_or_default() };
                self.headers.set(name, value.to_owned());
            }
            Place::Query(name) => self.query.push(format!("{name}=example")),
            Place::Json(pointer) => {
                let keys: Vec<&str> = pointer.split('/').skip(1).collect();
                insert(&mut self.json, &keys, value);
            }
            Place::Header(_) | Place::Form(_) => {}
        }
    }

    fn meet(&mut self, scheme: &Scheme, condition: &Condition) {
        let (place, value) = match condition {
            Condition::Header(name) => (Place::Header(name.clone()), "example"),
            Condition::HeaderIs(name, value)
            | Condition::HeaderStarts(name, value)
            | Condition::HeaderHas(name, value) => (Place::Header(name.clone()), value.as_str()),
            Condition::Query(name) => (Place::Query(name.clone()), "example"),
            Condition::Json(pointer) => (Place::Json(pointer.clone()), "example"),
            Condition::JsonIs(pointer, value) => (Place::Json(pointer.clone()), value.as_str()),
        };
        self.add(scheme, &place, Value::from(value));
    }

    fn into_request(mut self, is_form: bool) -> Request {
        if self.json.as_object().is_some_and(Map::is_empty) {
            insert(&mut self.json, &["event"], Value::from("ping"));
        }
        let (kind, body) = if is_form {
            ("application/x-www-form-urlencoded", FORM.to_owned())
        } else {
            ("application/json", self.json.to_string())
        };
        self.headers.set("Content-Type", kind);
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query.join("&")) };
        Request {
            method: "POST".into(),
            target: format!("/hook{query}").into(),
            headers: self.headers,
            body: Body::whole(body),
            ..Request::default()
        }
    }
}

/// Makes the objects and arrays on the way; a value that is there already stays.
fn insert(json: &mut Value, keys: &[&str], value: Value) {
    let Some((key, rest)) = keys.split_first() else {
        if json.is_null() {
            *json = value;
        }
        return;
    };
    if *key == "*" || key.parse::<usize>().is_ok() {
        if !json.is_array() {
            *json = Value::Array(vec![Value::Null]);
        }
        insert(&mut json[0], rest, value);
    } else {
        if !json.is_object() {
            *json = Value::Object(Map::new());
        }
        insert(&mut json[*key], rest, value);
    }
}

#[cfg(test)]
mod tests {
    use crate::signature::Schemes;

    #[test]
    fn has_what_signing_needs() {
        let example = |id| {
            let request = Schemes::builtin().get(id).unwrap().example();
            let body = String::from_utf8(request.body.bytes.to_vec()).unwrap();
            (request.target_text().into_owned(), body)
        };
        assert_eq!(example("netbox"), ("/hook".to_owned(), r#"{"event":"ping"}"#.to_owned()));
        assert_eq!(example("twilio").1, super::FORM);
        assert_eq!(example("twilio-body").0, "/hook?bodySHA256=example");
        assert_eq!(example("linear").1, r#"{"webhookTimestamp":0}"#);
        assert_eq!(example("msgraph").1, r#"{"value":[{"clientState":"example","subscriptionId":"example"}]}"#);
    }
}
