//! What may stand before a subcommand: the options that all of them share, and no others.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, CommandFactory as _, Error, FromArgMatches};

use super::Cli;

/// Takes no arguments, and refuses those that stand before a subcommand and are not shared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order;

impl Args for Order {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

impl FromArgMatches for Order {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let Some(name) = matches.subcommand_name() else { return Ok(Self) };
        let mut command = Cli::command();
        command.build();
        let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        let misplaced = command.get_arguments().find(|arg| !arg.is_global_set() && is_given(arg.get_id().as_str()));
        let Some(arg) = misplaced else { return Ok(Self) };
        let takes = |subcommand: &Command| subcommand.get_arguments().any(|other| other.get_id() == arg.get_id());
        let sentence = if command.find_subcommand(name).is_some_and(takes) {
            format!("'{arg}' comes after the subcommand: hookview {name} {arg}\n")
        } else {
            format!("the subcommand '{name}' cannot be used with '{arg}'\n")
        };
        Err(Error::raw(ErrorKind::ArgumentConflict, sentence))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
