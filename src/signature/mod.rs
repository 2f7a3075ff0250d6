//! Signatures: which scheme a request was signed with, whether the signature holds, why it does not, and signing anew;
//! and the handshakes with which senders begin, because some are answered with a signature.
//!
//! Schemes are data: `assets/schemes.toml`, read by [`Schemes`]. A [`Checker`] joins them with the configured secrets,
//! makes the keys ready once, and judges requests. It works on the bytes as they were received and re-serialises
//! nothing. Every secret is tried with every scheme that the request may be signed with; first the code must match,
//! then its age counts, judged at the arrival. Comparison takes the same time wherever the first difference is.
//!
//! ```text
//!  Request --- index: candidates ---> reading: signature, time ---> message: what is signed ---> key: expected
//!                                          |  not one                    |  missing                   |  equal?
//!                                          '-----------------------------'----------- Verdict <-------'-- clock: age
//! ```
//!
//! On a path with an expectation, one scheme and some of the secrets count, and nothing else. What does not hold can be
//! refused; the words for that tell nothing.
//!
//! What does not hold goes to the `doctor`, which looks for the near miss and accepts nothing.
//!
//! This room knows nothing of stores, sockets or screens, never asks the clock, and shows no secret.

mod checker;
mod clock;
mod compose;
mod contentful;
mod doctor;
mod draft;
mod encoding;
mod example;
mod expectation;
mod facts;
mod handshake;
mod http_message;
mod index;
mod jwt;
mod key;
mod message;
mod pattern;
mod public_key;
mod reading;
mod refusal;
mod row;
mod scheme;
mod secret;
mod shape;
mod sign;
mod table;
mod verify;

pub use checker::{Checker, UnknownScheme};
pub use clock::{Tolerance, Unit};
pub use doctor::{Hint, Report};
pub use encoding::Encoding;
pub use expectation::Expectation;
pub use handshake::{Handshake, Handshakes, Reply};
pub use key::{Hash, Method};
pub use message::Message;
pub use pattern::Pattern;
pub use refusal::{Refusal, Refused};
pub use scheme::{Condition, Evidence, NamedHash, Place, Role, Scheme, Signature, Time};
pub use secret::{Secret, SecretForm};
pub use shape::Shape;
pub use sign::{Comparison, SignError, Unsigned};
pub use table::{SchemeError, Schemes};
