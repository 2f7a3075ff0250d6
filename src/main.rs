//! Parses the command line, runs it, and ends with its exit code.

use std::process::ExitCode;

use clap::Parser;
use hookview::cli::Cli;

fn main() -> ExitCode {
    hookview::commands::run(&Cli::parse()).into()
}
