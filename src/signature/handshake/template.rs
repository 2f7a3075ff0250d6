//! Templates of answers: literal text and values of the request, as text, as a header line and as JSON.
//!
//! What a stranger wrote is given back here, so this is where it is bounded: its length, what a header may hold, and
//! that JSON is written by a writer of JSON. A template has no word for a body, a secret or a file.

use serde_json::{Map, Value};

use crate::signature::encoding::Encoding;
use crate::signature::key::{Key, Piece};
use crate::signature::reading::Facts;
use crate::signature::scheme::Place;

/// Bytes of a value that is given back.
const LONGEST: usize = 8 * 1024;
/// Bytes of a value that is given back in a header; nobody's challenge is nearly as long.
const LONGEST_HEADER: usize = 1024;

/// Literal text and `{placeholders}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Given(Place),
    /// The HMAC-SHA256 of what was given, which takes a key.
    Signed(Encoding, Place),
}

/// Why an answer cannot be put together, in words.
pub(super) type Unfit = String;

impl Template {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, behind)) = rest.split_once('{') {
            let (name, behind) = behind.split_once('}').ok_or_else(|| format!("`{text}`: a `{{` without its `}}`"))?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::parse(name).ok_or_else(|| format!("`{text}`: unknown placeholder {{{name}}}"))?);
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// Whether filling it in takes a key.
    pub fn is_keyed(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Signed(..)))
    }

    /// Whether it gives anything of the request back.
    pub fn gives_back(&self) -> bool {
        self.0.iter().any(|part| !matches!(part, Part::Literal(_)))
    }

    pub fn fill(&self, facts: Facts<'_>, key: Option<&Key>) -> Result<String, Unfit> {
        self.0.iter().map(|part| part.fill(facts, key)).collect()
    }

    /// The same for the value of a header.
    pub fn fill_header(&self, facts: Facts<'_>, key: Option<&Key>) -> Result<String, Unfit> {
        let value = self.fill(facts, key)?;
        if value.len() > LONGEST_HEADER {
            return Err(format!("a header that gives back {} bytes is too long", value.len()));
        }
        if !is_header_value(&value) {
            return Err("what a header would give back is not printable ASCII".to_owned());
        }
        Ok(value)
    }
}

/// Whether a header can hold it: one line of printable ASCII.
pub(super) fn is_header_value(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

impl Part {
    fn parse(name: &str) -> Option<Self> {
        const SIGNED: [(&str, Encoding); 2] =
            [("hmac-sha256.hex ", Encoding::Hex), ("hmac-sha256.base64 ", Encoding::Base64)];
        for (start, encoding) in SIGNED {
            if let Some(name) = name.strip_prefix(start) {
                return source(name).map(|source| Self::Signed(encoding, source));
            }
        }
        source(name).map(Self::Given)
    }

    fn fill(&self, facts: Facts<'_>, key: Option<&Key>) -> Result<String, Unfit> {
        match self {
            Self::Literal(text) => Ok(text.clone()),
            Self::Given(source) => {
                String::from_utf8(value(source, facts)?).map_err(|_| format!("{} is not text", source.words()))
            }
            Self::Signed(encoding, source) => {
                let key = key.ok_or("there is no secret to sign it with")?;
                let code = key.expected(&[Piece::Owned(value(source, facts)?)]);
                Ok(encoding.encode(&code.ok_or("a public key signs nothing")?))
            }
        }
    }
}

/// What a template may give back: a field of a form is none of it, because no handshake has one.
fn source(name: &str) -> Option<Place> {
    Place::parse(name).filter(|place| !matches!(place, Place::Form(_)))
}

fn value(source: &Place, facts: Facts<'_>) -> Result<Vec<u8>, Unfit> {
    let value = match source {
        Place::Header(name) => facts.header(name).map(<[u8]>::to_vec),
        Place::Query(name) => facts.query_in_any_case(name),
        Place::Json(pointer) => facts.json(pointer).into_iter().next(),
        Place::Form(_) => None,
    };
    match value {
        None => Err(format!("{} has no text", source.words())),
        Some(value) if value.len() > LONGEST => Err(format!("{} has more than {LONGEST} bytes", source.words())),
        Some(value) => Ok(value),
    }
}

/// JSON whose texts are templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Text(Template),
    /// A number, a word.
    Literal(Value),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn parse(value: Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::Text(Template::parse(&text)?),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(fields) => {
                let field = |(name, value)| Ok((name, Self::parse(value)?));
                Self::Object(fields.into_iter().map(field).collect::<Result<_, String>>()?)
            }
            literal => Self::Literal(literal),
        })
    }

    /// Whether a template in it is so.
    pub fn has(&self, is_so: fn(&Template) -> bool) -> bool {
        match self {
            Self::Text(template) => is_so(template),
            Self::Literal(_) => false,
            Self::Array(items) => items.iter().any(|item| item.has(is_so)),
            Self::Object(fields) => fields.iter().any(|(_, value)| value.has(is_so)),
        }
    }

    pub fn fill(&self, facts: Facts<'_>, key: Option<&Key>) -> Result<Value, Unfit> {
        Ok(match self {
            Self::Text(template) => Value::String(template.fill(facts, key)?),
            Self::Literal(value) => value.clone(),
            Self::Array(items) => items.iter().map(|item| item.fill(facts, key)).collect::<Result<_, _>>()?,
            Self::Object(fields) => {
                let field = |(name, value): &(String, Self)| Ok((name.clone(), value.fill(facts, key)?));
                Value::Object(fields.iter().map(field).collect::<Result<Map<_, _>, Unfit>>()?)
            }
        })
    }
}
