//! Secrets: a name that may be shown, and a value that never is.

use std::fmt;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::{Arc, LazyLock};

use subtle::ConstantTimeEq;

use super::public_key::{PublicKey, looks_public};
use crate::signature::encoding::base64_secret;

/// A configured secret. Only its name, length and fingerprint are ever shown; cloning shares the value.
#[derive(Clone)]
pub struct Secret {
    /// What the user calls it.
    pub name: String,
    value: Arc<[u8]>,
    purpose: Purpose,
}

/// What a secret may be tried with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Purpose {
    /// Every scheme: the user's own.
    Any,
    /// The scheme of this id: what a stranger could make us learn is good for no other.
    Learned(String),
    /// No scheme: a token, which is sent in clear in the query of a handshake.
    Token,
}

/// Salt of [`Secret::fingerprint`]: another one in every run, so that a screenshot tells nothing about the value.
static SALT: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl Secret {
    /// A secret with any bytes as its value.
    pub fn new(name: impl Into<String>, value: Vec<u8>) -> Self {
        Self { name: name.into(), value: value.into(), purpose: Purpose::Any }
    }

    /// A secret that a sender of this scheme has told in a handshake. It is called like the scheme.
    pub fn learned(scheme: &str, value: Vec<u8>) -> Self {
        Self { purpose: Purpose::Learned(scheme.to_owned()), ..Self::new(scheme, value) }
    }

    /// Whether it came in a handshake, rather than from the user.
    pub fn is_learned(&self) -> bool {
        matches!(self.purpose, Purpose::Learned(_))
    }

    /// The same as the token of a handshake, which signs nothing.
    pub(in crate::signature) fn into_token(self) -> Self {
        Self { purpose: Purpose::Token, ..self }
    }

    /// Whether it is a token, which signs nothing.
    pub fn is_token(&self) -> bool {
        self.purpose == Purpose::Token
    }

    /// Whether it may be tried with the scheme of this id.
    pub(in crate::signature) fn is_for(&self, scheme: &str) -> bool {
        match &self.purpose {
            Purpose::Any => true,
            Purpose::Learned(id) => id == scheme,
            Purpose::Token => false,
        }
    }

    /// Compares in a time that tells nothing about where the first difference is.
    pub(in crate::signature) fn equals(&self, value: &[u8]) -> bool {
        self.value.ct_eq(value).into()
    }

    /// Whether it has the same name and value.
    pub(in crate::signature) fn is_like(&self, other: &Self) -> bool {
        self.name == other.name && self.equals(&other.value)
    }

    /// Length of the value in bytes.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether the value is empty.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Tells two values apart within one run without showing them: two groups of four hex digits, `5be1-02c7`.
    pub fn fingerprint(&self) -> String {
        let digest = SALT.hash_one(&self.value).to_be_bytes();
        format!("{}-{}", hex::encode(&digest[..2]), hex::encode(&digest[2..4]))
    }

    /// What sort of public key it is, in words: `an RSA public key`; `None` when it does not look like one.
    pub fn public_key_words(&self) -> Option<&'static str> {
        let known =
            || PublicKey::read(&self.value).map_or("a public key that cannot be read", |key| key.kind().words());
        looks_public(&self.value).then(known)
    }

    pub(in crate::signature) fn bytes(&self) -> &[u8] {
        &self.value
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({:?}, {} bytes)", self.name, self.len())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// How the configured text of a secret becomes the bytes of the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretForm {
    /// As it is.
    #[default]
    Text,
    /// Base64, padding optional.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// `whsec_` (optional), then base64, as Standard Webhooks hands it out; Supabase puts `v1,` in front.
    Whsec,
    /// `user:password`.
    UserPassword,
    /// A PEM (public key or certificate), or the base64 of the DER in it.
    PublicKey,
    /// The 32 bytes of an Ed25519 public key in hexadecimal digits, or as [`Self::PublicKey`].
    HexPublicKey,
    /// `whpk_`, then the 32 bytes of an Ed25519 public key in base64, as Standard Webhooks hands it out.
    Whpk,
    /// As [`Self::PublicKey`] when it looks like one, else as it is.
    TextOrPublicKey,
    /// As [`Self::PublicKey`] when it looks like one, else base64.
    Base64OrPublicKey,
}

/// The forms with their words in `assets/schemes.toml`.
pub(in crate::signature) const FORMS: [(&str, SecretForm); 10] = [
    ("text", SecretForm::Text),
    ("base64", SecretForm::Base64),
    ("hex", SecretForm::Hex),
    ("whsec", SecretForm::Whsec),
    ("user:password", SecretForm::UserPassword),
    ("public-key", SecretForm::PublicKey),
    ("hex-public-key", SecretForm::HexPublicKey),
    ("whpk", SecretForm::Whpk),
    ("text or public-key", SecretForm::TextOrPublicKey),
    ("base64 or public-key", SecretForm::Base64OrPublicKey),
];

/// What a secret is once it is read.
#[derive(Clone)]
pub(in crate::signature) enum Material {
    /// Bytes that sender and receiver share.
    Shared(Vec<u8>),
    /// The half of a pair that everybody may know.
    Public(PublicKey),
}

impl SecretForm {
    /// The key in a configured secret; `None` when the secret is not written in this form. A public key is never taken
    /// for a shared secret: whoever knows it could sign.
    pub(in crate::signature) fn material(self, secret: &Secret) -> Option<Material> {
        let value = secret.bytes();
        let public = || PublicKey::read(value).map(Material::Public);
        match self {
            Self::Whpk => value.starts_with(b"whpk_").then(public)?,
            Self::PublicKey => public(),
            Self::HexPublicKey => public().or_else(|| {
                let bytes = hex::decode(value.trim_ascii()).ok()?;
                PublicKey::ed25519(bytes).map(Material::Public)
            }),
            Self::TextOrPublicKey | Self::Base64OrPublicKey if looks_public(value) => public(),
            _ if looks_public(value) => None,
            _ => self.shared(value).map(Material::Shared),
        }
    }

    /// The bytes of the key in a text that sender and receiver share.
    pub(in crate::signature) fn shared(self, value: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Text | Self::TextOrPublicKey => Some(value.to_vec()),
            Self::Base64 | Self::Base64OrPublicKey => base64_secret(value),
            Self::Hex => hex::decode(value).ok(),
            Self::Whsec => {
                let value = value.strip_prefix(b"v1,").unwrap_or(value);
                base64_secret(value.strip_prefix(b"whsec_").unwrap_or(value))
            }
            Self::UserPassword => value.contains(&b':').then(|| value.to_vec()),
            Self::PublicKey | Self::HexPublicKey | Self::Whpk => None,
        }
    }

    /// Whether having this form tells something: any text is text.
    pub(in crate::signature) fn is_telling(self) -> bool {
        self != Self::Text
    }

    /// Whether it is read as a public key and nothing else.
    pub fn is_public(self) -> bool {
        matches!(self, Self::PublicKey | Self::HexPublicKey | Self::Whpk)
    }

    /// Whether it may be a public key or a shared secret.
    pub(in crate::signature) fn may_be_public(self) -> bool {
        matches!(self, Self::TextOrPublicKey | Self::Base64OrPublicKey)
    }

    /// What a secret must be to have this form, for a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Base64 | Self::Whsec => "base64",
            Self::Hex => "hex",
            Self::UserPassword => "user:password",
            Self::PublicKey => "a public key or certificate (PEM, or base64 of DER)",
            Self::HexPublicKey => "a public key of 64 hex digits",
            Self::Whpk => "a public key that starts with whpk_",
            Self::TextOrPublicKey => "text or a public key",
            Self::Base64OrPublicKey => "base64 or a public key",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_its_name_and_never_its_value() {
        let secret = Secret::new("pm", b"hunter2".to_vec());
        assert_eq!(format!("{secret:?} {secret}"), "Secret(\"pm\", 7 bytes) pm");
        let print = secret.fingerprint();
        assert_eq!((print.len(), print.as_bytes()[4]), (9, b'-'));
        assert_eq!(print, Secret::new("other", b"hunter2".to_vec()).fingerprint());
        assert_ne!(print, Secret::new("pm", b"hunter3".to_vec()).fingerprint());
    }

    #[test]
    fn reads_the_forms_that_senders_hand_out() {
        let key = |form: SecretForm, value: &str| match form.material(&Secret::new("s", value.into())) {
            Some(Material::Shared(bytes)) => Some(bytes),
            Some(Material::Public(_)) | None => None,
        };
        assert_eq!(key(SecretForm::Whsec, "whsec_AAEC").unwrap(), [0, 1, 2]);
        assert_eq!(key(SecretForm::Whsec, "AAEC").unwrap(), [0, 1, 2]);
        assert_eq!(key(SecretForm::Whsec, "v1,whsec_AAEC").unwrap(), [0, 1, 2]);
        assert_eq!(key(SecretForm::Base64, "AAE").unwrap(), [0, 1]);
        assert_eq!(key(SecretForm::Base64, "__79").unwrap(), key(SecretForm::Base64, "//79").unwrap());
        assert_eq!(key(SecretForm::Hex, "00FF").unwrap(), [0, 255]);
        assert_eq!(key(SecretForm::Text, " x\n").unwrap(), b" x\n");
        assert_eq!(key(SecretForm::Hex, "0xff"), None);
        assert_eq!(key(SecretForm::Whsec, "not base64!"), None);
        assert_eq!(key(SecretForm::UserPassword, "hook"), None);
    }
}
