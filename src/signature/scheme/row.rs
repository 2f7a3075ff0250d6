//! A row of a scheme file, as it is written, and its reading into a [`Scheme`].
//!
//! Every key is checked: a word that is not known, a place that cannot be, a template that cannot be filled is refused
//! with its line rather than ignored, because a row that means something else than it says gives wrong verdicts.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::clock::{Tolerance, UNITS};
use super::message::Message;
use super::shape::Shape;
use super::{Condition, Evidence, KeySource, NamedHash, Place, Scheme, Signature, Time};
use crate::signature::encoding::Encoding;
use crate::signature::key::{FORMS, Hash, METHODS, Method, SecretForm};

/// A `[[scheme]]` table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub id: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    sender: String,
    verify: String,
    secret: Option<String>,
    #[serde(default)]
    signature: OneOrMore<SignatureTable>,
    time: Option<TimeTable>,
    #[serde(default)]
    message: OneOrMore<String>,
    must_equal: Option<[String; 2]>,
    #[serde(default)]
    binds_body: bool,
    hash: Option<HashTable>,
    key_from: Option<KeyTable>,
    #[serde(default)]
    detect: Vec<String>,
    #[serde(default)]
    detect_form: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    named_only: bool,
    #[serde(default)]
    priority: i32,
    refusal: Option<u16>,
    delivery_id: Option<String>,
    nonce: Option<NonceTable>,
    evidence: Option<Evidence>,
    docs: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureTable {
    header: Option<String>,
    query: Option<String>,
    form: Option<String>,
    json: Option<String>,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeTable {
    header: Option<String>,
    json: Option<String>,
    form: Option<String>,
    unit: String,
    tolerance: Option<u32>,
    #[serde(default)]
    ahead_is_fine: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NonceTable {
    json: Option<String>,
    form: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyTable {
    json: String,
    hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashTable {
    json: String,
    sha1: String,
    sha256: String,
}

/// What is wrong with a row, and with which key of it.
pub(in crate::signature) struct Fault {
    pub key: &'static str,
    pub reason: String,
}

pub(in crate::signature) fn fault<T>(key: &'static str, reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { key, reason: reason.into() })
}

impl Row {
    pub fn read(self) -> Result<Scheme, Fault> {
        let method = word("verify", &self.verify, &METHODS)?;
        let signatures = signatures(method, self.signature.0)?;
        let detect = conditions(&self.detect, &signatures, self.named_only)?;
        let scheme = Scheme {
            secret: secret_form(method, self.secret.as_deref())?,
            time: self.time.map(TimeTable::read).transpose()?,
            messages: templates("message", &self.message.0)?,
            must_equal: self.must_equal.map(|texts| pair(&texts)).transpose()?,
            binds_body: self.binds_body,
            hash: self.hash.map(HashTable::read),
            key_from: self.key_from.map(|key| KeySource { place: Place::Json(key.json), hosts: key.hosts }),
            method,
            signatures,
            detect,
            detect_form: self.detect_form,
            unless: self.unless.iter().map(|text| condition(text)).collect(),
            id: self.id,
            aliases: self.aliases,
            sender: self.sender,
            priority: self.priority,
            refusal: self.refusal,
            delivery_id: self.delivery_id,
            nonce: self.nonce.map_or(Ok(Vec::new()), NonceTable::read)?,
            evidence: self.evidence,
            docs: self.docs,
            note: self.note,
        };
        consistent(&scheme)?;
        Ok(scheme)
    }
}

/// The places of the signature: those of the row, or the one that RFC 9421 has.
fn signatures(method: Method, tables: Vec<SignatureTable>) -> Result<Vec<Signature>, Fault> {
    if method != Method::HttpMessage {
        return tables.into_iter().map(SignatureTable::read).collect();
    }
    if !tables.is_empty() {
        return fault("signature", "has no use: RFC 9421 says that it is in the header Signature");
    }
    let shape = Shape::parse("{base64}").or_else(|reason| fault("signature", reason))?;
    Ok(vec![Signature { place: Place::Header("Signature".to_owned()), shape }])
}

/// Looks a word up in a table of the words that are known.
fn word<T: Copy>(key: &'static str, text: &str, known: &[(&str, T)]) -> Result<T, Fault> {
    let found = known.iter().find(|(name, _)| *name == text);
    let names = || known.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    found.map_or_else(|| fault(key, format!("`{text}` is none of {}", names())), |(_, value)| Ok(*value))
}

fn secret_form(method: Method, text: Option<&str>) -> Result<SecretForm, Fault> {
    match (method, text) {
        (Method::Basic, None) => Ok(SecretForm::UserPassword),
        (method, None) if method.is_asymmetric() => Ok(SecretForm::PublicKey),
        (Method::HttpMessage, None) => Ok(SecretForm::TextOrPublicKey),
        (_, None) => Ok(SecretForm::Text),
        (_, Some(text)) => word("secret", text, &FORMS),
    }
}

fn templates(key: &'static str, texts: &[String]) -> Result<Vec<Message>, Fault> {
    let read = |text: &String| Message::parse(text).or_else(|reason| fault(key, reason));
    texts.iter().map(read).collect()
}

fn pair([left, right]: &[String; 2]) -> Result<[Message; 2], Fault> {
    let read = |text| Message::parse(text).or_else(|reason| fault("must_equal", reason));
    Ok([read(left)?, read(right)?])
}

/// What a request must have: what the row says, and the header of the signature when that is its only place.
fn conditions(texts: &[String], signatures: &[Signature], named_only: bool) -> Result<Vec<Condition>, Fault> {
    if named_only {
        return if texts.is_empty() { Ok(Vec::new()) } else { fault("detect", "has no use beside named_only") };
    }
    let mut conditions: Vec<_> = texts.iter().map(|text| condition(text)).collect();
    if let [Signature { place: Place::Header(name), .. }] = signatures
        && !conditions.iter().any(|condition| condition.header() == Some(name))
    {
        conditions.push(Condition::Header(name.clone()));
    }
    match (signatures, &conditions[..]) {
        ([], _) => fault("signature", "names no place"),
        (_, []) => fault("signature", "is not in one header: say what to `detect`, or set named_only"),
        _ => Ok(conditions),
    }
}

pub(in crate::signature) fn condition(text: &str) -> Condition {
    if let Some(name) = text.strip_prefix('?') {
        return Condition::Query(name.to_owned());
    }
    if text.starts_with('/') {
        return match text.split_once(": ") {
            None => Condition::Json(text.to_owned()),
            Some((pointer, value)) => Condition::JsonIs(pointer.to_owned(), value.to_owned()),
        };
    }
    match text.split_once(": ") {
        None => Condition::Header(text.to_owned()),
        Some((name, value)) => {
            match (value.strip_prefix('*').and_then(|rest| rest.strip_suffix('*')), value.strip_suffix('*')) {
                (Some(part), _) => Condition::HeaderHas(name.to_owned(), part.to_owned()),
                (None, Some(start)) => Condition::HeaderStarts(name.to_owned(), start.to_owned()),
                (None, None) => Condition::HeaderIs(name.to_owned(), value.to_owned()),
            }
        }
    }
}

/// The keys of a row must make sense together.
fn consistent(scheme: &Scheme) -> Result<(), Fault> {
    let uses = |wanted: fn(&Message) -> bool| scheme.messages.iter().any(wanted);
    let time_in_value = scheme.signatures.iter().any(|signature| signature.shape.has_time());
    let as_text = scheme.signatures.iter().any(|signature| signature.shape.encoding() == Encoding::Text);
    let must_equal = |wanted: fn(&Message) -> bool| scheme.must_equal.iter().flatten().any(wanted);
    let token = scheme.method.reveals_secret();
    let signs = scheme.method.signs_messages();
    let is_jwt = scheme.method == Method::Jwt;
    let public_key = scheme.method.is_asymmetric();
    let bare_hash = matches!(scheme.method, Method::Hash(_));
    let named_hash = scheme.method == Method::RsaNamed;
    let detects_elsewhere = !scheme.detect.is_empty() && scheme.index_header().is_none();
    let all_have_secret = scheme.messages.iter().all(Message::has_secret);
    let faults = [
        (scheme.id.is_empty(), "id", "is empty"),
        (signs && scheme.messages.is_empty(), "message", "is missing: what is signed?"),
        (token && !scheme.messages.is_empty(), "message", "has no use: a token signs nothing"),
        (!token && !signs && !scheme.messages.is_empty(), "message", "has no use: the request says what is signed"),
        (signs && as_text, "signature", "is {hex}, {base64} or {base64url} for a hash; {token} is for tokens"),
        (is_jwt && !as_text, "signature", "is {token}: a JSON web token is one piece of text"),
        (
            scheme.secret.may_be_public() && scheme.method != Method::HttpMessage,
            "secret",
            "is either shared or a public key: leaving it open is for http-message-signature",
        ),
        (
            public_key != scheme.secret.is_public(),
            "secret",
            "is a public key for ed25519, ecdsa and rsa, and only there",
        ),
        (bare_hash && !all_have_secret, "message", "proves nothing without {secret}: anybody can make a bare hash"),
        (!bare_hash && uses(Message::has_secret), "message", "has {secret} in it, which is for bare hashes"),
        (
            must_equal(Message::has_secret) || must_equal(Message::has_url),
            "must_equal",
            "takes no {secret} and no {url}",
        ),
        (named_hash != scheme.hash.is_some(), "hash", "says where the request names the hash, for rsa and only there"),
        (scheme.binds_body && !is_jwt, "binds_body", "is for JSON web tokens"),
        (
            !scheme.detect_form.is_empty() && !detects_elsewhere,
            "detect_form",
            "has a use where `detect` asks for no header",
        ),
        (!scheme.unless.is_empty() && scheme.detect.is_empty(), "unless", "has no use beside named_only"),
        (!matches!(scheme.refusal, None | Some(401 | 403)), "refusal", "is 401 or 403"),
        (uses(Message::has_time) && scheme.time.is_none(), "message", "has {time} in it: say in `time` where it is"),
        (time_in_value && scheme.time.is_none(), "signature", "has {time} in it: say in `time` how it is written"),
        (
            scheme.time.as_ref().is_some_and(|time| time.place.is_none() && !time_in_value),
            "time",
            "is nowhere: name a header, or put {time} into the value of the signature",
        ),
    ];
    match faults.into_iter().find(|(wrong, ..)| *wrong) {
        Some((_, key, reason)) => fault(key, reason),
        None => Ok(()),
    }
}

impl SignatureTable {
    fn read(self) -> Result<Signature, Fault> {
        let place = match (self.header, self.query, self.form, self.json) {
            (Some(name), None, None, None) if !name.is_empty() => Place::Header(name),
            (None, Some(name), None, None) if !name.is_empty() => Place::Query(name),
            (None, None, Some(name), None) if !name.is_empty() => Place::Form(name),
            (None, None, None, Some(pointer)) if pointer.starts_with('/') => Place::Json(pointer),
            (None, None, None, Some(_)) => return fault("signature", "a JSON pointer starts with `/`"),
            _ => return fault("signature", "names one place: header, query, form or json"),
        };
        let shape = Shape::parse(&self.value).or_else(|reason| fault("signature", reason))?;
        Ok(Signature { place, shape })
    }
}

impl TimeTable {
    fn read(self) -> Result<Time, Fault> {
        let place = match (self.header, self.json) {
            (None, None) => None,
            (Some(name), None) if !name.is_empty() => Some(Place::Header(name)),
            (None, Some(pointer)) if pointer.starts_with('/') => Some(Place::Json(pointer)),
            _ => return fault("time", "names one place: a header, or in json a pointer such as /a/b"),
        };
        if self.form.is_some() && !matches!(place, Some(Place::Json(_))) {
            return fault("time", "has a form field beside a JSON pointer only");
        }
        let ahead_is_fine = self.ahead_is_fine;
        let tolerance = self.tolerance.map(|seconds| Tolerance { seconds, ahead_is_fine });
        Ok(Time { place, form: self.form, unit: word("time", &self.unit, &UNITS)?, tolerance })
    }
}

impl HashTable {
    fn read(self) -> NamedHash {
        NamedHash { place: Place::Json(self.json), texts: [(self.sha1, Hash::Sha1), (self.sha256, Hash::Sha256)] }
    }
}

impl NonceTable {
    fn read(self) -> Result<Vec<Place>, Fault> {
        if self.json.as_ref().is_some_and(|pointer| !pointer.starts_with('/')) {
            return fault("nonce", "a JSON pointer starts with `/`");
        }
        Ok(self.json.map(Place::Json).into_iter().chain(self.form.map(Place::Form)).collect())
    }
}

/// A value, or an array of them.
struct OneOrMore<T>(Vec<T>);

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMoreVisitor(PhantomData)).map(Self)
    }
}

struct OneOrMoreVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMoreVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or an array of them")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<T>, E> {
        T::deserialize(StrDeserializer::new(text)).map(|value| vec![value])
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| vec![value])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element()? {
            values.push(value);
        }
        Ok(values)
    }
}
