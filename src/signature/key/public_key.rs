//! Public keys: reading them from what senders hand out, and what is verified with them.
//!
//! A public key is no secret, so it must never serve as one: whoever can read it could sign with it. Whatever looks like
//! a public key is therefore recognised here, and kept away from the schemes that share a secret.

use chrono::{DateTime, Utc};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::signature::encoding::base64_secret;

/// A public key, with the dates of the certificate that it came in.
#[derive(Clone)]
pub(in crate::signature) struct PublicKey {
    kind: Kind,
    /// As `ring` takes them: the point of a curve, or an `RSAPublicKey` (RFC 8017).
    bytes: Vec<u8>,
    /// First and last second of the certificate.
    dates: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// What sort of key it is; decides alone which algorithms it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::signature) enum Kind {
    Ed25519,
    EcdsaP256,
    EcdsaP384,
    Rsa,
}

/// A way to verify with a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::signature) enum Algorithm {
    Ed25519,
    /// The signature is a DER sequence.
    EcdsaP256Der,
    /// The signature is r and s, one behind the other.
    EcdsaP256,
    EcdsaP384,
    RsaPssSha512,
    RsaSha256,
    RsaSha1,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const WHPK: &[u8] = b"whpk_";

impl PublicKey {
    /// Reads a PEM (public key or certificate), `whpk_` with base64, or the base64 of a DER public key or certificate.
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = text.trim_ascii();
        if let Some(raw) = text.strip_prefix(WHPK) {
            return Self::ed25519(base64_secret(raw)?);
        }
        if text.starts_with(BEGIN) {
            let pem = Pem::iter_from_buffer(text).next()?.ok()?;
            return match pem.label.as_str() {
                "RSA PUBLIC KEY" => Some(Self { kind: Kind::Rsa, bytes: pem.contents, dates: None }),
                _ => Self::from_der(&pem.contents),
            };
        }
        let base64: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        Self::from_der(&base64_secret(&base64)?)
    }

    /// The 32 bytes of an Ed25519 key, unless anybody could sign for it.
    pub fn ed25519(bytes: Vec<u8>) -> Option<Self> {
        let fits = bytes.len() == 32 && !has_small_order(&bytes);
        fits.then_some(Self { kind: Kind::Ed25519, bytes, dates: None })
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        if let Ok(([], info)) = SubjectPublicKeyInfo::from_der(der) {
            return Self::from_info(&info);
        }
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let date = |seconds| DateTime::from_timestamp(seconds, 0);
        let validity = certificate.validity();
        let dates = date(validity.not_before.timestamp()).zip(date(validity.not_after.timestamp()));
        Some(Self { dates, ..Self::from_info(certificate.public_key())? })
    }

    fn from_info(info: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let bytes = info.subject_public_key.data.to_vec();
        // RFC 8410 for Ed25519, RFC 4055 for RSA, RFC 5480 for curves: 65 and 97 bytes is a point that is not compressed.
        let kind = match (info.algorithm.algorithm.to_id_string().as_str(), bytes.len()) {
            ("1.3.101.112", 32) => Kind::Ed25519,
            ("1.2.840.10045.2.1", 65) => Kind::EcdsaP256,
            ("1.2.840.10045.2.1", 97) => Kind::EcdsaP384,
            ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10", _) => Kind::Rsa,
            _ => return None,
        };
        (kind != Kind::Ed25519 || !has_small_order(&bytes)).then_some(Self { kind, bytes, dates: None })
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether `message` was signed with the private half of this key.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let fits = algorithm.kind() == self.kind;
        fits && UnparsedPublicKey::new(algorithm.verification(), &self.bytes).verify(message, signature).is_ok()
    }

    /// What is to be said of the certificate's dates at `arrived`; nothing when it was valid, or is no certificate.
    pub fn dates_note(&self, arrived: DateTime<Utc>) -> Option<String> {
        match self.dates? {
            (_, last) if arrived > last => Some(format!("the certificate expired on {}", last.date_naive())),
            (first, _) if arrived < first => Some(format!("the certificate is valid only from {}", first.date_naive())),
            _ => None,
        }
    }
}

/// Whether `text` is, or means to be, a public key, so that it must not be used as a shared secret. The 32 bytes of an
/// Ed25519 key in hex look like a good secret and cannot be told from one.
pub(super) fn looks_public(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    text.starts_with(BEGIN) || text.starts_with(WHPK) || PublicKey::read(text).is_some()
}

/// Whether an Ed25519 key is one of the few points under which one signature holds for many messages, in any of their
/// encodings. No pair has such a key; zeros put in for a key that is not known yet are one.
fn has_small_order(key: &[u8]) -> bool {
    // The x coordinate's sign is the highest bit. Nearly zero and nearly 2^255 - 19: y is 0, 1 or -1.
    const ORDER_8: [&str; 2] = [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    let [first, middle @ .., last] = key else { return false };
    let last = last & 0x7f;
    let near_zero = *first <= 1 && last == 0 && middle.iter().all(|byte| *byte == 0);
    let near_prime = (0xec..=0xee).contains(first) && last == 0x7f && middle.iter().all(|byte| *byte == 0xff);
    let text = hex::encode([&key[..key.len() - 1], &[last]].concat());
    near_zero || near_prime || ORDER_8.contains(&text.as_str())
}

impl Kind {
    /// For a sentence: `an Ed25519 public key`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ed25519 => "an Ed25519 public key",
            Self::EcdsaP256 => "a P-256 public key",
            Self::EcdsaP384 => "a P-384 public key",
            Self::Rsa => "an RSA public key",
        }
    }
}

impl Algorithm {
    /// Those of RFC 9421, section 3.3, for public keys.
    pub const HTTP_MESSAGE: [Self; 5] =
        [Self::Ed25519, Self::EcdsaP256, Self::EcdsaP384, Self::RsaPssSha512, Self::RsaSha256];

    /// Its name in RFC 9421, section 6.2.2; `None` when it is not one of those.
    pub fn http_message_name(self) -> Option<&'static str> {
        match self {
            Self::Ed25519 => Some("ed25519"),
            Self::EcdsaP256 => Some("ecdsa-p256-sha256"),
            Self::EcdsaP384 => Some("ecdsa-p384-sha384"),
            Self::RsaPssSha512 => Some("rsa-pss-sha512"),
            Self::RsaSha256 => Some("rsa-v1_5-sha256"),
            Self::EcdsaP256Der | Self::RsaSha1 => None,
        }
    }

    pub fn kind(self) -> Kind {
        match self {
            Self::Ed25519 => Kind::Ed25519,
            Self::EcdsaP256Der | Self::EcdsaP256 => Kind::EcdsaP256,
            Self::EcdsaP384 => Kind::EcdsaP384,
            Self::RsaPssSha512 | Self::RsaSha256 | Self::RsaSha1 => Kind::Rsa,
        }
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Ed25519 => &signature::ED25519,
            Self::EcdsaP256Der => &signature::ECDSA_P256_SHA256_ASN1,
            Self::EcdsaP256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::EcdsaP384 => &signature::ECDSA_P384_SHA384_FIXED,
            Self::RsaPssSha512 => &signature::RSA_PSS_2048_8192_SHA512,
            Self::RsaSha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::RsaSha1 => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_keys_that_anybody_can_sign_for() {
        let ed25519 = |key: &str| PublicKey::ed25519(hex::decode(key).unwrap()).is_some();
        let (zeros, ones) = ("00".repeat(30), "ff".repeat(30));
        for (first, last) in [("00", "00"), ("01", "00"), ("00", "80"), ("01", "80")] {
            assert!(!ed25519(&format!("{first}{zeros}{last}")), "{first} {last}");
        }
        for first in ["ec", "ed", "ee"] {
            assert!(!ed25519(&format!("{first}{ones}7f")) && !ed25519(&format!("{first}{ones}ff")), "{first}");
        }
        assert!(!ed25519("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"));
        assert!(ed25519(&format!("02{zeros}00")) && ed25519(&format!("ef{ones}7f")) && !ed25519("00"));
    }
}
