//! Which answer a request gets: rules from a TOML file, the first that matches wins.
//!
//! Owns the file's format, matching, the counters that matching needs, and the [`Plan`] that comes of it. Pure: the clock
//! is handed in, and what a plan asks for (files, commands, forwards, faults) others do.

mod plan;

pub use plan::{Command, Forward, Passing, Plan, Source};
