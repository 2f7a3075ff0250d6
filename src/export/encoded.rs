//! Bytes, header lines and times as JSON has them, here and in what is done about a capture.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::capture::{Header, Headers};

/// RFC 3339, UTC, microseconds.
pub fn write_time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// Header lines as `[[name, value], ..]`.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lines(Vec<(Blob, Blob)>);

impl Lines {
    pub fn of(headers: &Headers) -> Self {
        Self(headers.iter().map(|header| (Blob(header.name.clone()), Blob(header.value.clone()))).collect())
    }

    pub fn into_headers(self) -> Headers {
        self.0.into_iter().map(|(name, value)| Header { name: name.0, value: value.0 }).collect()
    }
}

/// Bytes: a string when they are UTF-8, else `{"base64": ".."}`.
#[derive(Clone, Default)]
pub struct Blob(pub Bytes);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum BlobForm {
    Text(String),
    Encoded { base64: String },
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => BlobForm::Encoded { base64: STANDARD.encode(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match BlobForm::deserialize(deserializer)? {
            BlobForm::Text(text) => Ok(Self(text.into())),
            BlobForm::Encoded { base64 } => match STANDARD.decode(base64) {
                Ok(bytes) => Ok(Self(bytes.into())),
                Err(error) => Err(serde::de::Error::custom(format!("base64 that cannot be decoded: {error}"))),
            },
        }
    }
}
