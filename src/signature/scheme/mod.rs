//! A scheme: everything that is known about one way of signing, and what follows from it.
//!
//! ```text
//!  a file's [[scheme]] --- row: every key checked ---> Scheme ---> table: all of them, by name
//!                                                       |
//!            message: what is signed   shape: how a signature is written   clock: its time, its age
//! ```
//!
//! Says what to look for and what to sign. Looks a request up by way of `reading` alone, and knows no secret.

mod clock;
mod example;
mod message;
mod row;
mod shape;
mod table;

use super::http_message;
use super::key::{Hash, Method, SecretForm};
use super::reading::{Facts, named};
use crate::capture::Covers;

pub(super) use clock::{SKEW, span};
pub use clock::{Tolerance, Unit};
pub use message::Message;
pub(super) use message::{Fill, Missing};
pub(super) use row::{Fault, condition, fault};
pub(super) use shape::Found;
pub use shape::Shape;
pub use table::{SchemeError, Schemes};

/// One way of signing, as a row of `assets/schemes.toml` or of the user's own file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// What the user calls it: `github`.
    pub id: String,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// Who signs like this: `GitHub`.
    pub sender: String,
    /// How a signature is made.
    pub method: Method,
    /// How a configured secret becomes the key.
    pub secret: SecretForm,
    /// Where the signature is; the first place that holds one counts. Never empty.
    pub signatures: Vec<Signature>,
    /// Where the signed time is, for senders that send one.
    pub time: Option<Time>,
    /// What is signed: each is tried when verifying; signing takes the first that the request can fill. Tokens sign
    /// nothing and have none.
    pub messages: Vec<Message>,
    /// Two texts that must be equal, too: a hash of the body beside a signature that covers the hash only.
    pub must_equal: Option<[Message; 2]>,
    /// Whether a JSON web token that does not bind the body is refused.
    pub binds_body: bool,
    /// Where the request names the hash, when it does.
    pub hash: Option<NamedHash>,
    /// Where the request says that the public key comes from.
    pub key_from: Option<KeySource>,
    /// What a request must have for the scheme to be tried unnamed; empty when it must be named.
    pub detect: Vec<Condition>,
    /// Fields of a form body that will do instead, for senders that send both JSON and forms.
    pub detect_form: Vec<String>,
    /// A request that meets one of these is not tried unnamed: its sender has signed in a better way, too.
    pub unless: Vec<Condition>,
    /// Candidates with a higher one are tried first.
    pub priority: i32,
    /// The status that the sender's documentation asks for when a signature does not hold: 401 or 403.
    pub refusal: Option<u16>,
    /// The header with the id of a delivery, of which signing makes a new one.
    pub delivery_id: Option<String>,
    /// What else is new with every delivery, in the body: signing makes a new one.
    pub nonce: Vec<Place>,
    /// How well the row is known.
    pub evidence: Option<Evidence>,
    /// The sender's own description: a URL.
    pub docs: Option<String>,
    /// What else a reader should know.
    pub note: Option<String>,
}

/// A place in a request that holds a signature, and what it looks like there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Where it is.
    pub place: Place,
    /// What it looks like.
    pub shape: Shape,
}

/// A place in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header; `*` at the end of the name stands for a number.
    Header(String),
    /// A field of the target's query.
    Query(String),
    /// A field of a form body.
    Form(String),
    /// A value in a JSON body, by its pointer (RFC 6901); with `*` for every item of an array, all must hold.
    Json(String),
}

/// Where a signed time is, how it is written, and how old it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Where it is; `None` when it is in the value of the signature.
    pub place: Option<Place>,
    /// The field that has it where the body is a form, for senders that send both JSON and forms.
    pub form: Option<String>,
    /// How it is written.
    pub unit: Unit,
    /// How far it may be from the arrival; `None` when the sender states no limit.
    pub tolerance: Option<Tolerance>,
}

/// Something that a request must have for a scheme to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A header of this name.
    Header(String),
    /// A header of this name with this value.
    HeaderIs(String, String),
    /// A header of this name whose value starts so.
    HeaderStarts(String, String),
    /// A header of this name with this in its value.
    HeaderHas(String, String),
    /// A query field of this name.
    Query(String),
    /// A value at this JSON pointer in the body.
    Json(String),
    /// This value at this JSON pointer in the body: the text of a string, a number or a word as it is written.
    JsonIs(String, String),
}

/// Where a request says that its public key comes from. It is never fetched: the user gives the key, and the origin is
/// only looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySource {
    /// Where the URL is.
    pub place: Place,
    /// The hosts that are the sender's own; `*` stands for letters, digits and hyphens.
    pub hosts: Vec<String>,
}

/// Where a request names the hash that its signature is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedHash {
    /// Where it is.
    pub place: Place,
    /// What stands there for which hash.
    pub texts: [(String, Hash); 2],
}

/// How well a row is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The sender's own library made or verified such a signature.
    Sdk,
    /// The sending program's source, or the sender's sample receiver.
    Source,
    /// The sender's documentation.
    Documentation,
    /// Receivers written by others.
    ThirdParty,
    /// Nothing that can be pointed at: check before relying on it.
    Memory,
}

impl KeySource {
    /// What is odd about the origin that a request names; nothing when it is the sender's own, or none is named.
    pub(super) fn objection(&self, facts: Facts<'_>) -> Option<String> {
        let Place::Json(pointer) = &self.place else { return None };
        let url = String::from_utf8_lossy(&facts.json_item(pointer, None)?).into_owned();
        let host = url.strip_prefix("https://").map(|rest| rest.split('/').next().unwrap_or_default());
        match host {
            None => Some(format!("{} is not an https URL", self.place.words())),
            Some(host) if self.hosts.iter().any(|pattern| is_host(host, pattern)) => None,
            Some(host) => Some(format!("{} names the host {host}, which is not the sender's", self.place.words())),
        }
    }
}

fn is_host(host: &str, pattern: &str) -> bool {
    let (host, pattern) = (host.split('.'), pattern.split('.'));
    let plain =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let fits = |(label, wanted): (&str, &str)| if wanted == "*" { plain(label) } else { label == wanted };
    host.clone().count() == pattern.clone().count() && host.zip(pattern).all(fits)
}

/// What a header is to a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It carries the signature, or the secret itself.
    Signature,
    /// It carries the signed time.
    Time,
    /// It carries the id of the delivery.
    DeliveryId,
}

impl Scheme {
    /// What a signature covers when it holds.
    pub fn covers(&self) -> Covers {
        let hashed = self.must_equal.iter().flatten().any(Message::has_body);
        let body = hashed || self.binds_body || self.messages.iter().any(Message::has_body);
        let signed = |place: &Option<Place>| match place {
            Some(Place::Header(name)) => self.messages.iter().any(|message| message.has_header(name)),
            Some(Place::Json(pointer)) => body || self.messages.iter().any(|message| message.has_json(pointer)),
            _ => false,
        };
        let time = self.time.as_ref();
        Covers {
            body,
            time: time.is_some_and(|time| self.messages.iter().any(Message::has_time) || signed(&time.place)),
        }
    }

    /// The scheme in a line: `HMAC-SHA512 of the raw body, hex, in X-Hook-Signature`.
    pub fn describe(&self) -> String {
        let Signature { place, shape } = &self.signatures[0];
        let method = self.method.name();
        let place = place.words();
        if self.messages.is_empty() {
            return format!("{method}, in {place}");
        }
        let messages = self.messages.iter().filter(|message| !message.is_shorter_list(&self.messages[0]));
        let messages: Vec<_> = messages.map(Message::summary).collect();
        format!("{method} of {}, {}, in {place}", messages.join(" or "), shape.encoding().name())
    }

    /// What a header of this name is to the scheme: what to mask, to remove or to replace.
    pub fn role_of(&self, header: &[u8]) -> Option<Role> {
        let is = |place: &Place| matches!(place, Place::Header(name) if named(header, name));
        let input = self.method == Method::HttpMessage && named(header, http_message::INPUT);
        if input || self.signatures.iter().any(|signature| is(&signature.place)) {
            Some(Role::Signature)
        } else if self.time.iter().flat_map(|time| &time.place).any(is) {
            Some(Role::Time)
        } else if self.delivery_id.as_ref().is_some_and(|name| named(header, name)) {
            Some(Role::DeliveryId)
        } else {
            None
        }
    }

    /// Names of the headers that signing sets, in that order; of numbered ones the first.
    pub fn signature_headers(&self) -> Vec<String> {
        let time = self.time.iter().filter_map(|time| time.place.as_ref()?.header());
        let signature = self.signatures.first().and_then(|signature| signature.place.header());
        let input = (self.method == Method::HttpMessage).then(|| http_message::INPUT.to_owned());
        self.delivery_id.clone().into_iter().chain(time).chain(input).chain(signature).collect()
    }

    /// How well it is known: `the sender's library`.
    pub fn evidence_words(&self) -> &'static str {
        match self.evidence {
            Some(Evidence::Sdk) => "the sender's library",
            Some(Evidence::Source) => "the sender's source",
            Some(Evidence::Documentation) => "its documentation",
            Some(Evidence::ThirdParty) => "other receivers",
            Some(Evidence::Memory) => "memory: check first",
            None => "a convention",
        }
    }

    /// Whether a request has what the scheme is detected by.
    pub(super) fn is_detected(&self, facts: Facts<'_>) -> bool {
        let form = || !self.detect_form.is_empty() && self.detect_form.iter().all(|name| facts.form(name).is_some());
        self.detect.iter().all(|condition| condition.holds(facts)) || form()
    }

    /// Whether a request is signed in a better way, too, so that this one does not count.
    pub(super) fn is_outdone(&self, facts: Facts<'_>) -> bool {
        self.unless.iter().any(|condition| condition.holds(facts))
    }

    /// A header that a request must have for the scheme to be tried unnamed.
    pub(super) fn index_header(&self) -> Option<String> {
        self.detect.iter().find_map(Condition::header).map(|name| name.replace('*', "1"))
    }
}

impl Place {
    /// Reads a placeholder of a template: `header:X-Id`, `query:t`, `form:payload`, `json:/data/id`.
    pub(in crate::signature) fn parse(placeholder: &str) -> Option<Self> {
        match placeholder.split_once(':')? {
            (_, "") => None,
            ("header", name) => Some(Self::Header(name.to_owned())),
            ("query", name) => Some(Self::Query(name.to_owned())),
            ("form", name) => Some(Self::Form(name.to_owned())),
            ("json", pointer) if pointer.starts_with('/') => Some(Self::Json(pointer.to_owned())),
            _ => None,
        }
    }

    /// Where it is, for a sentence: `X-Hook-Signature`, `the JSON field /sharedSecret`.
    pub fn words(&self) -> String {
        match self {
            Self::Header(name) => name.clone(),
            Self::Query(name) => format!("the query field {name}"),
            Self::Form(name) => format!("the form field {name}"),
            Self::Json(pointer) => format!("the JSON field {pointer}"),
        }
    }

    /// The name of the header that it is, the first of numbered ones.
    pub(super) fn header(&self) -> Option<String> {
        match self {
            Self::Header(name) => Some(name.replace('*', "1")),
            _ => None,
        }
    }
}

impl Condition {
    /// What it asks for, in words: `the header X-Event-Key`.
    pub fn words(&self) -> String {
        match self {
            Self::Header(name) => format!("the header {name}"),
            Self::HeaderIs(name, value) => format!("the header {name}: {value}"),
            Self::HeaderStarts(name, start) => format!("the header {name}: {start}.."),
            Self::HeaderHas(name, part) => format!("the header {name} with {part} in it"),
            Self::Query(name) => format!("the query field {name}"),
            Self::Json(pointer) => format!("the JSON field {pointer}"),
            Self::JsonIs(pointer, value) => format!("the JSON field {pointer}: {value}"),
        }
    }

    /// The name of the header that it asks for.
    pub(super) fn header(&self) -> Option<&String> {
        match self {
            Self::Header(name) | Self::HeaderIs(name, _) | Self::HeaderStarts(name, _) | Self::HeaderHas(name, _) => {
                Some(name)
            }
            Self::Query(_) | Self::Json(_) | Self::JsonIs(..) => None,
        }
    }

    pub(super) fn holds(&self, facts: Facts<'_>) -> bool {
        match self {
            Self::Header(name) => facts.headers(name).next().is_some(),
            Self::HeaderIs(name, value) => facts.headers(name).any(|found| found == value.as_bytes()),
            Self::HeaderStarts(name, start) => facts.headers(name).any(|found| found.starts_with(start.as_bytes())),
            Self::HeaderHas(name, part) => {
                let part = part.as_bytes();
                let has = |found: &[u8]| found.windows(part.len().max(1)).any(|window| window == part);
                facts.headers(name).any(has)
            }
            Self::Query(name) => facts.query(name).is_some(),
            Self::Json(pointer) => facts.has_json(pointer),
            Self::JsonIs(pointer, value) => {
                facts.has_json(pointer) && facts.json(pointer).iter().any(|found| found == value.as_bytes())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::Schemes;

    #[test]
    fn describes_itself_in_a_line() {
        let schemes = Schemes::builtin();
        let describe = |id| schemes.get(id).unwrap().describe();
        assert_eq!(describe("netbox"), "HMAC-SHA512 of the raw body, hex, in X-Hook-Signature");
        assert_eq!(describe("stripe"), "HMAC-SHA256 of {time}.{body}, hex, in Stripe-Signature");
        assert_eq!(describe("hubspot-v1"), "SHA-256 of {secret}{body}, hex, in X-HubSpot-Signature");
        assert_eq!(describe("gitlab"), "the secret itself, in X-Gitlab-Token");
        assert_eq!(describe("basic"), "user and password, in Authorization");
        assert_eq!(describe("meraki"), "the secret itself, in the JSON field /sharedSecret");
        assert_eq!(describe("http-message-signatures"), "HTTP message signature, in Signature");
        assert_eq!(describe("netlify"), "JSON web token, in X-Webhook-Signature");
        let discord = "Ed25519 of {time}{body}, hex, in X-Signature-Ed25519";
        assert_eq!(describe("discord"), discord);
        let sns = "RSA of the JSON fields Message, MessageId, Subject, SubscribeURL, Timestamp, Token, TopicArn, \
                   Type, base64, in the JSON field /Signature";
        assert_eq!(describe("aws-sns"), sns);
        assert!(schemes.iter().all(|scheme| !scheme.describe().contains('\n')));
        let gogs = "HMAC-SHA256 of {form:payload} or the raw body, hex, in X-Gogs-Signature";
        assert_eq!(describe("gogs"), gogs);
    }

    #[test]
    fn knows_what_it_covers() {
        let schemes = Schemes::builtin();
        let covers = |id| {
            let covers = schemes.get(id).unwrap().covers();
            (covers.body, covers.time)
        };
        assert_eq!(covers("netbox"), (true, false));
        assert_eq!(covers("slack"), (true, true));
        assert_eq!(covers("linear"), (true, true));
        assert_eq!(covers("aruba-central"), (true, true));
        assert_eq!(covers("twilio"), (true, false));
        assert_eq!(covers("twilio-body"), (true, false));
        assert_eq!(covers("mailgun"), (false, true));
        assert_eq!(covers("gitlab"), (false, false));
        assert_eq!(covers("discord"), (true, true));
        assert_eq!(covers("contentful"), (true, true));
        assert_eq!(covers("aws-sns"), (false, true));
    }

    #[test]
    fn knows_the_hosts_that_certificates_come_from() {
        let hosts = &Schemes::builtin().get("aws-sns").unwrap().key_from.as_ref().unwrap().hosts.clone();
        let own = |host: &str| hosts.iter().any(|pattern| is_host(host, pattern));
        assert!(own("sns.eu-west-1.amazonaws.com") && own("sns.cn-north-1.amazonaws.com.cn"));
        for other in ["sns..amazonaws.com", "sns.amazonaws.com", "sns.a.b.amazonaws.com", "sns.a@b.amazonaws.com"] {
            assert!(!own(other), "{other}");
        }
        assert!(!own("sns.eu-west-1.amazonaws.com.evil.example") && !own("evil.example"));
    }

    #[test]
    fn knows_its_headers() {
        let schemes = Schemes::builtin();
        let svix = schemes.get("svix").unwrap();
        assert_eq!(svix.signature_headers(), ["svix-id", "svix-timestamp", "svix-signature"]);
        assert_eq!(svix.role_of(b"Svix-Id"), Some(Role::DeliveryId));
        assert_eq!(svix.role_of(b"svix-timestamp"), Some(Role::Time));
        assert_eq!(svix.role_of(b"webhook-id"), None);
        let docusign = schemes.get("docusign").unwrap();
        assert_eq!(docusign.signature_headers(), ["X-DocuSign-Signature-1"]);
        assert_eq!(docusign.role_of(b"X-DocuSign-Signature-17"), Some(Role::Signature));
    }
}
