//! The signature engine from outside: known answers, and properties that hold for every scheme.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod doctor;
mod handshakes;
mod known_answers;
mod properties;
mod public_keys;
