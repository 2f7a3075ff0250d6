//! The alphabets that signatures and secrets are written in.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, general_purpose};

/// How the bytes of a signature are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Two hexadecimal digits a byte; read in either case, written in lower case.
    Hex,
    /// The standard alphabet, padded (RFC 4648, section 4).
    Base64,
    /// The alphabet for URLs; read with or without padding, written without (RFC 4648, section 5).
    Base64Url,
    /// The bytes themselves.
    Text,
}

const PADDING_OPTIONAL: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDING_OPTIONAL);
/// Secrets are pasted by people and made by many tools: padding and left-over bits are not judged.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, PADDING_OPTIONAL.with_decode_allow_trailing_bits(true));
const LENIENT_URL_SAFE: GeneralPurpose =
    general_purpose::GeneralPurpose::new(&alphabet::URL_SAFE, PADDING_OPTIONAL.with_decode_allow_trailing_bits(true));

impl Encoding {
    /// The word for it, as in `assets/schemes.toml` between braces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Text => "token",
        }
    }

    /// The bytes that `text` stands for; `None` when it is not written in this alphabet.
    pub(super) fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Base64Url => URL_SAFE.decode(text).ok(),
            Self::Text => Some(text.to_vec()),
        }
    }

    /// The inverse of [`Self::decode`]; bytes that are not UTF-8 are replaced in plain text.
    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex::encode(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
            Self::Text => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

/// The bytes of a secret that is written in base64, in either alphabet.
pub(super) fn base64_secret(text: &[u8]) -> Option<Vec<u8>> {
    LENIENT.decode(text).or_else(|_| LENIENT_URL_SAFE.decode(text)).ok()
}
