//! Which answer a request gets: rules from a TOML file, the first that matches wins.
//!
//! Owns the file's format, matching, the counters that matching needs, and the [`Plan`] that comes of it. Pure: the clock
//! is handed in, and what a plan asks for (files, commands, forwards, faults) others do.

mod book;
mod error;
mod everyday;
mod example;
mod plan;
mod rule;

pub use book::{Book, Explained, Finding, Occasion, Temporary, Until};
pub use error::RulesError;
pub use everyday::{Delay, Everyday, Login, parse_delay, parse_header, parse_login, parse_status};
pub use example::rule_for;
pub use plan::{Command, Forward, Passing, Plan, Source};
pub use rule::{Loader, Rule, Rules};
