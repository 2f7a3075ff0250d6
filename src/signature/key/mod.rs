//! Keys made ready once, and what a signature has to be under them.

mod public_key;
mod secret;

use std::ops::Deref;

use hmac::digest::{Digest as _, FixedOutput, Update};
use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use public_key::{Algorithm, PublicKey};

pub(super) use secret::{FORMS, Material};
pub use secret::{Secret, SecretForm};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
}

impl Hash {
    /// Every hash that is known here.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Length of its digest in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// `SHA-256`
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// `SHA256`, as behind `HMAC-`.
    fn short_name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }
}

/// How a signature is made from a secret and a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// HMAC (RFC 2104).
    Hmac(Hash),
    /// The bare hash of a message that holds the secret.
    Hash(Hash),
    /// The secret itself is sent.
    Token,
    /// User and password are sent (RFC 7617).
    Basic,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA on P-256 with SHA-256, the signature in DER.
    EcdsaP256,
    /// RSA, PKCS #1 v1.5 (RFC 8017).
    Rsa(Hash),
    /// The same with the hash that the request names.
    RsaNamed,
    /// HTTP message signatures (RFC 9421): the request says what is signed and how.
    HttpMessage,
    /// A JSON web token (RFC 7519) under HMAC-SHA256.
    Jwt,
}

/// The methods with their words in `assets/schemes.toml`.
pub(super) const METHODS: [(&str, Method); 17] = [
    ("hmac-sha1", Method::Hmac(Hash::Sha1)),
    ("hmac-sha256", Method::Hmac(Hash::Sha256)),
    ("hmac-sha384", Method::Hmac(Hash::Sha384)),
    ("hmac-sha512", Method::Hmac(Hash::Sha512)),
    ("sha1", Method::Hash(Hash::Sha1)),
    ("sha256", Method::Hash(Hash::Sha256)),
    ("sha384", Method::Hash(Hash::Sha384)),
    ("sha512", Method::Hash(Hash::Sha512)),
    ("token", Method::Token),
    ("basic", Method::Basic),
    ("ed25519", Method::Ed25519),
    ("ecdsa-p256", Method::EcdsaP256),
    ("rsa-sha1", Method::Rsa(Hash::Sha1)),
    ("rsa-sha256", Method::Rsa(Hash::Sha256)),
    ("rsa", Method::RsaNamed),
    ("http-message-signature", Method::HttpMessage),
    ("jwt-hs256", Method::Jwt),
];

impl Method {
    /// The hash whose digest is the signature.
    pub fn hash(self) -> Option<Hash> {
        match self {
            Self::Hmac(hash) | Self::Hash(hash) => Some(hash),
            _ => None,
        }
    }

    /// Length that a signature must have in bytes; `None` when it has any.
    pub fn signature_length(self) -> Option<usize> {
        match self {
            Self::Ed25519 => Some(64),
            _ => self.hash().map(Hash::length),
        }
    }

    /// Whether what is sent is the secret, in clear or as good as.
    pub fn reveals_secret(self) -> bool {
        matches!(self, Self::Token | Self::Basic)
    }

    /// Whether the sender signs with a private key, and the receiver has the public one.
    pub fn is_asymmetric(self) -> bool {
        !self.algorithms().is_empty()
    }

    /// Whether the row of a scheme says what is signed; other methods have rules of their own for it.
    pub fn signs_messages(self) -> bool {
        !self.reveals_secret() && !matches!(self, Self::HttpMessage | Self::Jwt)
    }

    /// Whether whoever has the secret can sign, unless it is a public key.
    pub fn can_sign(self) -> bool {
        !self.is_asymmetric()
    }

    /// How the public key of a scheme may verify.
    fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Ed25519 => &[Algorithm::Ed25519],
            Self::EcdsaP256 => &[Algorithm::EcdsaP256Der],
            Self::Rsa(Hash::Sha1) => &[Algorithm::RsaSha1],
            Self::Rsa(_) => &[Algorithm::RsaSha256],
            Self::RsaNamed => &[Algorithm::RsaSha1, Algorithm::RsaSha256],
            _ => &[],
        }
    }

    /// `HMAC-SHA512`, `SHA-256`, `the secret itself`, `user and password`.
    pub fn name(self) -> String {
        match self {
            Self::Hmac(hash) => format!("HMAC-{}", hash.short_name()),
            Self::Hash(hash) => hash.name().to_owned(),
            Self::Token => "the secret itself".to_owned(),
            Self::Basic => "user and password".to_owned(),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::EcdsaP256 => "ECDSA P-256".to_owned(),
            Self::Rsa(hash) => format!("RSA-{}", hash.short_name()),
            Self::RsaNamed => "RSA".to_owned(),
            Self::HttpMessage => "HTTP message signature".to_owned(),
            Self::Jwt => "JSON web token".to_owned(),
        }
    }
}

/// One stretch of a signed message.
#[derive(Clone, Debug)]
pub(super) enum Piece<'a> {
    /// Bytes of the request.
    Borrowed(&'a [u8]),
    /// Bytes that were decoded or computed from it.
    Owned(Vec<u8>),
    /// The secret goes here.
    Secret,
}

/// A key, made ready once for every message that it will sign.
#[derive(Clone)]
pub(super) enum Key {
    HmacSha1(Box<Hmac<Sha1>>),
    HmacSha256(Box<Hmac<Sha256>>),
    HmacSha384(Box<Hmac<Sha384>>),
    HmacSha512(Box<Hmac<Sha512>>),
    Hash(Hash, Vec<u8>),
    Shared(Vec<u8>),
    /// With the algorithms that the method has for a key of this kind.
    Public(PublicKey, Vec<Algorithm>),
}

impl Key {
    /// The key that a secret is for a method; `None` when it cannot serve.
    pub fn new(method: Method, form: SecretForm, secret: &Secret) -> Option<Self> {
        Self::of(method, form.material(secret)?)
    }

    /// The key that this is for a method; `None` when it cannot serve.
    pub fn of(method: Method, material: Material) -> Option<Self> {
        match material {
            Material::Shared(bytes) => Self::shared(method, bytes),
            Material::Public(key) => Self::public(method, key),
        }
    }

    fn shared(method: Method, secret: Vec<u8>) -> Option<Self> {
        Some(match method {
            Method::Hmac(Hash::Sha1) => Self::HmacSha1(Box::new(schedule(&secret))),
            Method::Hmac(Hash::Sha256) | Method::HttpMessage | Method::Jwt => {
                Self::HmacSha256(Box::new(schedule(&secret)))
            }
            Method::Hmac(Hash::Sha384) => Self::HmacSha384(Box::new(schedule(&secret))),
            Method::Hmac(Hash::Sha512) => Self::HmacSha512(Box::new(schedule(&secret))),
            Method::Hash(hash) => Self::Hash(hash, secret),
            Method::Token | Method::Basic => Self::Shared(secret),
            Method::Ed25519 | Method::EcdsaP256 | Method::Rsa(_) | Method::RsaNamed => return None,
        })
    }

    fn public(method: Method, key: PublicKey) -> Option<Self> {
        let mut algorithms = match method {
            Method::HttpMessage => Algorithm::HTTP_MESSAGE.to_vec(),
            _ => method.algorithms().to_vec(),
        };
        algorithms.retain(|algorithm| algorithm.kind() == key.kind());
        (!algorithms.is_empty()).then_some(Self::Public(key, algorithms))
    }

    /// The same public key for RSA with this hash alone.
    pub fn with_hash(&self, hash: Hash) -> Option<Self> {
        match self {
            Self::Public(key, _) => Self::public(Method::Rsa(hash), key.clone()),
            _ => None,
        }
    }

    /// The bytes that a signature of `message` stands for; `None` for a public key: only the sender can make them.
    pub fn expected(&self, message: &[Piece<'_>]) -> Option<Expected<'_>> {
        Some(match self {
            Self::HmacSha1(ready) => digest((**ready).clone(), message, &[]),
            Self::HmacSha256(ready) => digest((**ready).clone(), message, &[]),
            Self::HmacSha384(ready) => digest((**ready).clone(), message, &[]),
            Self::HmacSha512(ready) => digest((**ready).clone(), message, &[]),
            Self::Hash(Hash::Sha1, secret) => digest(Sha1::new(), message, secret),
            Self::Hash(Hash::Sha256, secret) => digest(Sha256::new(), message, secret),
            Self::Hash(Hash::Sha384, secret) => digest(Sha384::new(), message, secret),
            Self::Hash(Hash::Sha512, secret) => digest(Sha512::new(), message, secret),
            Self::Shared(secret) => Expected::Shared(secret),
            Self::Public(..) => return None,
        })
    }

    /// Whether each of these signatures of `message` holds, in their order; the message is hashed once.
    pub fn verify<'s>(&self, message: &[Piece<'_>], signatures: impl Iterator<Item = &'s [u8]>) -> Vec<bool> {
        if let Self::Public(key, algorithms) = self {
            let message = flat(message);
            let holds = |signature| algorithms.iter().any(|way| key.verifies(*way, &message, signature));
            return signatures.map(holds).collect();
        }
        let expected = self.expected(message);
        let holds = |signature| expected.as_ref().is_some_and(|expected| expected.equals(signature));
        signatures.map(holds).collect()
    }
}

/// A message in one stretch, without the secret.
pub(super) fn flat(message: &[Piece<'_>]) -> Vec<u8> {
    let bytes = |piece: &Piece<'_>| match piece {
        Piece::Borrowed(bytes) => bytes.to_vec(),
        Piece::Owned(bytes) => bytes.clone(),
        Piece::Secret => Vec::new(),
    };
    message.iter().flat_map(bytes).collect()
}

/// What a signature has to decode to.
pub(super) enum Expected<'k> {
    Digest { bytes: [u8; 64], length: usize },
    Shared(&'k [u8]),
}

impl Deref for Expected<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Digest { bytes, length } => &bytes[..*length],
            Self::Shared(secret) => secret,
        }
    }
}

impl Expected<'_> {
    /// Compares in a time that tells nothing about where the first difference is.
    pub fn equals(&self, received: &[u8]) -> bool {
        self.ct_eq(received).into()
    }
}

/// HMAC takes keys of any length: longer ones than a block are hashed first.
fn schedule<M: KeyInit>(secret: &[u8]) -> M {
    match M::new_from_slice(secret) {
        Ok(ready) => ready,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}

/// Runs `message` through `state` without putting it together first.
fn digest<D: Update + FixedOutput>(mut state: D, message: &[Piece<'_>], secret: &[u8]) -> Expected<'static> {
    for piece in message {
        match piece {
            Piece::Borrowed(bytes) => state.update(bytes),
            Piece::Owned(bytes) => state.update(bytes),
            Piece::Secret => state.update(secret),
        }
    }
    let digest = state.finalize_fixed();
    let mut bytes = [0; 64];
    bytes[..digest.len()].copy_from_slice(&digest);
    Expected::Digest { bytes, length: digest.len() }
}

/// The SHA-256 of `bytes`, in lower-case hex.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
