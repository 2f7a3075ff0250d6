//! Plans carried out: real processes and real targets, seen from the client's side, the target's and the store's.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod circles;
mod commands;
mod files;
mod forwards;
mod passing;
mod stage;
