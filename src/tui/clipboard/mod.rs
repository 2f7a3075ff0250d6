//! Copying: which ways there are from here to a clipboard, and going them. Knows nothing of what is copied.
//!
//! Measured with tmux 3.3: it drops OSC 52 unless told otherwise, and `load-buffer -w` works with every setting. A
//! terminal never says whether it took OSC 52, so a desktop's own clipboard is used besides wherever there is one.

#[cfg(feature = "clipboard")]
mod native;
mod sequence;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::save::{SaveError, save_new};

/// The longest content in bytes that OSC 52 is used for unless configured: what the 100,000 bytes of a sequence that
/// older terminals take can hold in base64.
pub const OSC52_LIMIT: usize = 74_994;

/// How long a program or a desktop may take.
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// Where the program runs, as far as copying goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    tmux: bool,
    screen: bool,
    desktop: Option<Desktop>,
}

/// Whose clipboard can be set without a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Desktop {
    Wayland,
    X11,
    System,
}

impl Environment {
    /// Reads `TMUX`, `STY`, `TERM`, `SSH_TTY`, `SSH_CONNECTION`, `WAYLAND_DISPLAY` and `DISPLAY` by way of `lookup`.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| lookup(name).is_some_and(|value| !value.is_empty());
        let tmux = set("TMUX");
        // A display over ssh is the far one, or slow.
        let remote = set("SSH_TTY") || set("SSH_CONNECTION");
        let desktop = if remote || cfg!(not(feature = "clipboard")) {
            None
        } else if cfg!(any(target_os = "macos", windows)) {
            Some(Desktop::System)
        } else if set("WAYLAND_DISPLAY") {
            Some(Desktop::Wayland)
        } else {
            set("DISPLAY").then_some(Desktop::X11)
        };
        // STY stays in the environment of what screen started; with tmux inside of that, tmux is nearer.
        let screen = set("STY") && !tmux && lookup("TERM").is_some_and(|term| term.starts_with("screen"));
        Self { tmux, screen, desktop }
    }
}

/// What became of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It went to a clipboard.
    Clipboard {
        /// Which way it took, to follow `copied .., 41 B, `: `through tmux (load-buffer -w)`.
        way: String,
        /// Whether something said that it arrived; OSC 52 alone never does.
        confirmed: bool,
        /// What remains to be written to the terminal by way of [`Screen::write`](super::screen::Screen::write).
        sequence: Vec<u8>,
    },
    /// It was too big for the clipboards there are: it is in this new file.
    Saved(PathBuf),
}

/// The ways to the clipboard from where the program runs.
pub struct Clipboard {
    environment: Environment,
    limit: usize,
    tmux: &'static str,
    #[cfg(feature = "clipboard")]
    native: Option<native::Native>,
}

impl Clipboard {
    /// Opens the ways; `limit` is the longest content in bytes that a terminal is trusted with.
    pub fn new(environment: Environment, limit: usize) -> Self {
        Self {
            environment,
            limit,
            tmux: "tmux",
            #[cfg(feature = "clipboard")]
            native: environment.desktop.map(|_| native::Native::start()),
        }
    }

    /// Copies the content every way that there is. Where it is too big for all of them it is saved in `directory`
    /// under `file_name` or a name like it.
    pub async fn copy(&self, content: &[u8], directory: &Path, file_name: &str) -> Result<Copied, SaveError> {
        let desktop = self.copy_to_desktop(content).await;
        if content.len() > self.limit {
            return match desktop {
                Some(desktop) => Ok(Copied::Clipboard {
                    way: format!("to the {desktop} clipboard"),
                    confirmed: true,
                    sequence: Vec::new(),
                }),
                None => save_new(directory, file_name, content).map(Copied::Saved),
            };
        }
        let through_tmux = self.environment.tmux && self.copy_to_tmux(content).await.is_ok();
        let sequence = match (through_tmux, self.environment.screen) {
            (true, _) => Vec::new(),
            (false, true) => sequence::osc52_through_screen(content),
            (false, false) => sequence::osc52(content),
        };
        let confirmed = through_tmux || desktop.is_some();
        Ok(Copied::Clipboard { way: way(through_tmux, desktop), confirmed, sequence })
    }

    /// The name of the desktop that took the content.
    #[cfg(feature = "clipboard")]
    async fn copy_to_desktop(&self, content: &[u8]) -> Option<&'static str> {
        let text = std::str::from_utf8(content).ok()?;
        let name = match self.environment.desktop? {
            Desktop::Wayland => "Wayland",
            Desktop::X11 => "X11",
            Desktop::System => "system",
        };
        self.native.as_ref()?.set(text.to_owned(), TIME_LIMIT).await.then_some(name)
    }

    #[cfg(not(feature = "clipboard"))]
    #[expect(clippy::unused_async, reason = "with the feature there is something to wait for")]
    async fn copy_to_desktop(&self, _: &[u8]) -> Option<&'static str> {
        None
    }

    async fn copy_to_tmux(&self, content: &[u8]) -> io::Result<()> {
        let mut command = Command::new(self.tmux);
        command.args(["load-buffer", "-w", "-"]).stdout(Stdio::null()).stderr(Stdio::null());
        tokio::time::timeout(TIME_LIMIT, feed(command, content)).await?
    }
}

/// Runs a program with this as its input; an error unless it ends well.
async fn feed(mut command: Command, content: &[u8]) -> io::Result<()> {
    let mut child = command.stdin(Stdio::piped()).kill_on_drop(true).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // One that ends before it read everything tells by its exit status whether that was enough.
        input.write_all(content).await.or_else(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Ok(()),
            _ => Err(error),
        })?;
    }
    let status = child.wait().await?;
    if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
}

fn way(through_tmux: bool, desktop: Option<&str>) -> String {
    match (through_tmux, desktop) {
        (true, None) => "through tmux (load-buffer -w)".to_owned(),
        (true, Some(desktop)) => format!("through tmux (load-buffer -w) and to the {desktop} clipboard"),
        (false, None) => "by OSC 52".to_owned(),
        (false, Some(desktop)) => format!("to the clipboard by OSC 52 and {desktop}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Environment::read(find)
    }

    async fn copy(clipboard: &Clipboard, content: &[u8]) -> Copied {
        clipboard.copy(content, Path::new("/nowhere/at-all"), "unused").await.unwrap()
    }

    #[test]
    #[cfg(all(feature = "clipboard", target_os = "linux"))]
    fn the_environment_says_which_ways_there_are() {
        let table: &[(&[(&str, &str)], Environment)] = &[
            (&[], Environment::default()),
            (&[("TMUX", "")], Environment::default()),
            (&[("TMUX", "/tmp/t,1,0"), ("TERM", "screen")], Environment { tmux: true, ..Environment::default() }),
            (&[("STY", "1.a"), ("TERM", "screen-256color")], Environment { screen: true, ..Environment::default() }),
            (&[("STY", "1.a"), ("TERM", "xterm")], Environment::default()),
            (
                &[("STY", "1.a"), ("TERM", "screen"), ("TMUX", "/t")],
                Environment { tmux: true, ..Environment::default() },
            ),
            (&[("DISPLAY", ":0")], Environment { desktop: Some(Desktop::X11), ..Environment::default() }),
            (
                &[("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-0")],
                Environment { desktop: Some(Desktop::Wayland), ..Environment::default() },
            ),
            (&[("DISPLAY", ":10"), ("SSH_TTY", "/dev/pts/1")], Environment::default()),
            (&[("DISPLAY", ":10"), ("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")], Environment::default()),
        ];
        for (variables, expected) in table {
            assert_eq!(environment(variables), *expected, "{variables:?}");
        }
    }

    #[test]
    fn the_way_is_said_in_words() {
        assert_eq!(way(true, None), "through tmux (load-buffer -w)");
        assert_eq!(way(true, Some("X11")), "through tmux (load-buffer -w) and to the X11 clipboard");
        assert_eq!(way(false, None), "by OSC 52");
        assert_eq!(way(false, Some("Wayland")), "to the clipboard by OSC 52 and Wayland");
    }

    #[tokio::test]
    async fn a_bare_terminal_gets_osc_52_and_confirms_nothing() {
        let clipboard = Clipboard::new(Environment::default(), OSC52_LIMIT);
        let expected =
            Copied::Clipboard { way: "by OSC 52".into(), confirmed: false, sequence: sequence::osc52(b"{}\n") };
        assert_eq!(copy(&clipboard, b"{}\n").await, expected);
    }

    #[tokio::test]
    async fn screen_gets_its_chunks() {
        let screen = Environment { screen: true, ..Environment::default() };
        let Copied::Clipboard { sequence, .. } = copy(&Clipboard::new(screen, OSC52_LIMIT), b"{}").await else {
            panic!("not copied")
        };
        assert_eq!(sequence, sequence::osc52_through_screen(b"{}"));
    }

    #[tokio::test]
    async fn tmux_is_asked_and_when_it_refuses_the_terminal_is() {
        let tmux = Environment { tmux: true, ..Environment::default() };
        let mut clipboard = Clipboard::new(tmux, OSC52_LIMIT);
        clipboard.tmux = "true";
        let expected =
            Copied::Clipboard { way: "through tmux (load-buffer -w)".into(), confirmed: true, sequence: Vec::new() };
        assert_eq!(copy(&clipboard, b"{}").await, expected);
        for refuses in ["false", "/nowhere/at-all/tmux"] {
            clipboard.tmux = refuses;
            let expected =
                Copied::Clipboard { way: "by OSC 52".into(), confirmed: false, sequence: sequence::osc52(b"{}") };
            assert_eq!(copy(&clipboard, b"{}").await, expected, "{refuses}");
        }
    }

    #[tokio::test]
    async fn what_is_too_big_becomes_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let clipboard = Clipboard::new(Environment::default(), 4);
        assert!(matches!(copy(&clipboard, b"1234").await, Copied::Clipboard { .. }));
        let saved = clipboard.copy(b"12345", directory.path(), "hookview-17.json").await.unwrap();
        let path = directory.path().join("hookview-17.json");
        assert_eq!(saved, Copied::Saved(path.clone()));
        assert_eq!(std::fs::read(path).unwrap(), b"12345");
    }

    #[tokio::test]
    async fn a_program_gets_all_of_its_input() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("buffer");
        let mut command = Command::new("sh");
        command.args(["-c", "cat > \"$0\""]).arg(&path);
        let content = vec![b'x'; 300_000];
        feed(command, &content).await.unwrap();
        assert_eq!(std::fs::read(path).unwrap(), content);
    }
}
