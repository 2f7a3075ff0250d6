//! What the surroundings say about the terminal: its characters, its colours, whether there is one.

use super::choices::{Output, When};
use super::error::ConfigError;
use super::{Env, Surroundings};

/// Whether the locale is one of UTF-8, as setlocale(3) would find.
pub(super) fn utf8(env: Env) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| set(env, name));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Whether to draw with ASCII alone. The Linux console's fonts lack the marks.
pub(super) fn ascii(when: When, env: Env) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => !utf8(env) || env("TERM").as_deref() == Some("linux"),
    }
}

/// Whether to use colours: <https://no-color.org>, <https://bixense.com/clicolors>.
pub(super) fn color(when: When, env: Env) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set(env, "NO_COLOR").is_some() => false,
        When::Auto if set(env, "CLICOLOR_FORCE").is_some_and(|force| force != "0") => true,
        When::Auto => !env("TERM").is_some_and(|term| is_monochrome(&term)),
    }
}

/// By the names of terminfo(5).
fn is_monochrome(term: &str) -> bool {
    term == "dumb"
        || term.starts_with("vt1")
        || term.starts_with("vt2")
        || term.ends_with("-m")
        || term.ends_with("-mono")
}

/// What was asked for, else what suits: the screen on a terminal, lines on one that cannot move its cursor, else text.
pub(super) fn output(asked: Option<Output>, around: &Surroundings) -> Result<Output, ConfigError> {
    match (asked, around.terminal) {
        (Some(Output::Tui), false) => Err(ConfigError::NoTerminal),
        (Some(output), _) => Ok(output),
        (None, false) => Ok(Output::Text),
        (None, true) if (around.env)("TERM").as_deref() == Some("dumb") => Ok(Output::Line),
        (None, true) => Ok(Output::Tui),
    }
}

/// The command line of a program: as set, else from the first variable that is, else `otherwise`.
pub(super) fn program(setting: &str, variables: &[&str], otherwise: &str, env: Env) -> String {
    let set = Some(setting.to_owned()).filter(|command| !command.trim().is_empty());
    let found = || variables.iter().find_map(|name| self::set(env, name));
    set.or_else(found).unwrap_or_else(|| otherwise.to_owned())
}

/// A variable that is set and not empty.
fn set(env: Env, name: &str) -> Option<String> {
    env(name).filter(|value| !value.is_empty())
}
