//! The terminal program without a terminal: keys, arrivals and time go into the model, frames come out of a backend in
//! memory.

#![allow(clippy::pedantic, clippy::type_complexity, reason = "tables and drivers of tests read best plainly")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod changes;
mod compare;
mod conditions;
mod desk;
mod follow;
mod frames;
mod hands;
mod keys;
mod lab;
mod office;
mod resends;
mod tables;
