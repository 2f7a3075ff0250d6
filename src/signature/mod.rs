//! Signatures: which scheme a request was signed with, whether the signature holds, why it does not, and signing anew;
//! and the handshakes with which senders begin, because some are answered with a signature.
//!
//! Schemes are data: `assets/schemes.toml`, read by [`Schemes`]. A [`Checker`] joins them with the configured secrets,
//! makes the keys ready once, and judges requests. It works on the bytes as they were received and re-serialises
//! nothing. Every secret is tried with every scheme that the request may be signed with; first the code must match,
//! then its age counts, judged at the arrival. Comparison takes the same time wherever the first difference is.
//!
//! ```text
//!  Request --- index: candidates ---> reading: signature, time ---> compose: what is signed ---> key: expected
//!                                          |  not one                    |  missing                   |  equal?
//!                                          '-----------------------------'----------- Verdict <-------'-- clock: age
//! ```
//!
//! | folder | what it owns |
//! |---|---|
//! | `scheme` | what is known about ways of signing: rows of the table, templates, shapes, times |
//! | `key` | secrets and public keys, made ready for a method |
//! | `reading` | what a request holds: candidates for its scheme, its signatures, what they may be of |
//! | `checker` | judging: every key against every candidate, then the age |
//! | `http_message`, `jwt` | the two methods by which the request itself says what is signed |
//! | `expectation` | paths on which one scheme and some of the secrets count, and how the rest is refused |
//! | `sign` | signing a request as its sender would |
//! | `doctor` | why a signature does not hold: looks for the near miss, and accepts nothing |
//! | `handshake` | what senders ask before they send, and when it is safe to answer |
//!
//! This room knows nothing of stores, sockets or screens, never asks the clock, and shows no secret.

mod checker;
mod doctor;
mod encoding;
mod expectation;
mod handshake;
mod http_message;
mod jwt;
mod key;
mod reading;
mod scheme;
mod sign;

pub use checker::{Checker, UnknownScheme};
pub use doctor::{Hint, Report};
pub use encoding::Encoding;
pub use expectation::{Expectation, Pattern, Refusal, Refused};
pub use handshake::{Handshake, Handshakes, Reply};
pub use key::{Hash, Method, Secret, SecretForm};
pub use scheme::{
    Condition, Evidence, Message, NamedHash, Place, Role, Scheme, SchemeError, Schemes, Shape, Signature, Time,
    Tolerance, Unit,
};
pub use sign::{Comparison, SignError, Unsigned};
