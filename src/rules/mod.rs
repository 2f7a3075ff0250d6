//! Which answer a request gets: rules from a TOML file, the first that matches wins.
//!
//! Owns the file's format, matching, the counters that matching needs, and the [`Plan`] that comes of it. Pure: the clock
//! is handed in, and what a plan asks for (files, commands, forwards, faults) others do.
//!
//! ```text
//! file --- read ---> Rules: when, limits, replies, tasks, onward     (immutable; saved anew, read anew)
//!                      |
//! request -- Subject --+-- Book: whose turn it is, limits, chance ---> Plan ---> service
//! ```

mod book;
mod chance;
mod delay;
mod error;
mod everyday;
mod example;
mod explain;
mod limit;
mod plan;
mod read;
mod reply;
mod rule;
mod subject;
mod task;
mod template;
#[cfg(test)]
mod tests;
mod when;

pub use book::{Book, Occasion, TEMPORARY, Temporary, Until};
pub use delay::{Delay, parse_delay};
pub use error::RulesError;
pub use everyday::{AUTH, COMMAND_LINE, Everyday, FAIL_FIRST, parse_header, parse_status};
pub use example::rule_for;
pub use explain::{Explained, Finding};
pub use limit::{Login, parse_login};
pub use plan::{Command, Forward, Passing, Plan, Source};
pub use rule::{Loader, Rule, Rules};

/// Every key of a rules file, explained: the reference for users, and what a new file can begin with.
pub const REFERENCE: &str = include_str!("../../assets/rules.toml");
