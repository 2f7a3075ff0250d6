//! Programs that get the terminal for a while: the editor and the pager. The caller lends them the terminal.
//!
//! Content goes through a file (0600) in a directory (0700) that is removed afterwards.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::save;

/// Editors that go to the line of `+12` in front of a file's name.
const LINE_EDITORS: [&str; 14] =
    ["vi", "vim", "nvim", "view", "gvim", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe", "hx", "helix"];

/// Why a program did not do what it was started for.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The text of the command cannot be read.
    #[error("{origin} is not a command: `{text}` has a quote that is not closed, or is empty")]
    Unreadable {
        /// Where it stands.
        origin: &'static str,
        /// What stands there.
        text: String,
    },
    /// It could not be started.
    #[error("cannot start {program}: {source}; set {} to another program", program.variable())]
    Start {
        /// Which one.
        program: Program,
        /// What the system said.
        source: io::Error,
    },
    /// It said that it failed.
    #[error("{program} ended with {status}: nothing was changed")]
    Failed {
        /// Which one.
        program: Program,
        /// How it ended.
        status: ExitStatus,
    },
    /// The file that it was to work on could not be written or read back.
    #[error("cannot keep a file for {program}: {source}")]
    File {
        /// Which one.
        program: Program,
        /// What the system said.
        source: io::Error,
    },
}

/// What came of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// The content is as it was.
    Unchanged,
    /// The new content.
    Changed(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Editor,
    Pager,
}

/// An editor or a pager, and where the wish for it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    role: Role,
    command: String,
    arguments: Vec<String>,
    origin: &'static str,
}

impl Program {
    /// The editor: as configured, else `VISUAL`, else `EDITOR`, else vi. `lookup` reads the environment.
    pub fn editor(configured: Option<&str>, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ChildError> {
        let candidates = [
            (configured.map(str::to_owned), "the configured editor"),
            (lookup("VISUAL"), "$VISUAL"),
            (lookup("EDITOR"), "$EDITOR"),
        ];
        Self::choose(Role::Editor, candidates, "vi")
    }

    /// The pager: as configured, else `PAGER`, else less. `lookup` reads the environment.
    pub fn pager(configured: Option<&str>, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ChildError> {
        let candidates = [(configured.map(str::to_owned), "the configured pager"), (lookup("PAGER"), "$PAGER")];
        Self::choose(Role::Pager, candidates, "less")
    }

    fn choose<const N: usize>(
        role: Role,
        candidates: [(Option<String>, &'static str); N],
        default: &str,
    ) -> Result<Self, ChildError> {
        let wished =
            candidates.into_iter().find_map(|(text, origin)| Some((text.filter(|text| !text.is_empty())?, origin)));
        let (text, origin) = wished.unwrap_or_else(|| (default.to_owned(), "the default"));
        let mut words = shlex::split(&text).unwrap_or_default().into_iter();
        match words.next() {
            Some(command) => Ok(Self { role, command, arguments: words.collect(), origin }),
            None => Err(ChildError::Unreadable { origin, text }),
        }
    }

    /// Lets the user edit the content in a file of this name, whose extension tells the editor what it is. A newline
    /// at the end that the content did not have is not kept: editors add one to whatever they write.
    pub async fn edit(&self, content: &[u8], file_name: &str) -> Result<Edited, ChildError> {
        let file = TemporaryFile::new(content, file_name).map_err(|source| self.file_error(source))?;
        self.run_on(&file.path).await?;
        let mut edited = std::fs::read(&file.path).map_err(|source| self.file_error(source))?;
        if edited.ends_with(b"\n") && !content.ends_with(b"\n") {
            edited.pop();
        }
        Ok(if edited == content { Edited::Unchanged } else { Edited::Changed(edited) })
    }

    /// Lets the user edit a file that is there, or that will be.
    pub async fn edit_file(&self, path: &Path) -> Result<(), ChildError> {
        self.run_on(path).await
    }

    /// Lets the user edit a file, beginning on this line when it is an editor that is known to be told so.
    pub async fn edit_file_at(&self, path: &Path, line: usize) -> Result<(), ChildError> {
        let name = self.command.rsplit('/').next().unwrap_or_default();
        if !LINE_EDITORS.contains(&name) {
            return self.run_on(path).await;
        }
        let mut program = self.clone();
        program.arguments.push(format!("+{line}"));
        program.run_on(path).await
    }

    /// Shows a text. Pagers such as `cat` or `less -r` pass control characters on to the terminal, so none may be in it
    /// but newlines and tabs.
    pub async fn page(&self, text: &str, file_name: &str) -> Result<(), ChildError> {
        let file = TemporaryFile::new(text.as_bytes(), file_name).map_err(|source| self.file_error(source))?;
        self.run_on(&file.path).await
    }

    async fn run_on(&self, path: &Path) -> Result<(), ChildError> {
        let spawned = Command::new(&self.command).args(&self.arguments).arg(path).spawn();
        let mut running = Running(spawned.map_err(|source| ChildError::Start { program: self.clone(), source })?);
        let status = running.0.wait().await.map_err(|source| ChildError::Start { program: self.clone(), source })?;
        if status.success() { Ok(()) } else { Err(ChildError::Failed { program: self.clone(), status }) }
    }

    fn file_error(&self, source: io::Error) -> ChildError {
        ChildError::File { program: self.clone(), source }
    }

    fn variable(&self) -> &'static str {
        match self.role {
            Role::Editor => "$VISUAL or $EDITOR",
            Role::Pager => "$PAGER",
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.command, self.origin)
    }
}

/// A child that is told to go when nobody waits for it any more. Editors keep unsaved work at a hang-up.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let id = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::HUP);
        }
    }
}

struct TemporaryFile {
    path: PathBuf,
    _directory: TempDir,
}

impl TemporaryFile {
    fn new(content: &[u8], file_name: &str) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        let owner_only = std::fs::Permissions::from_mode(0o700);
        let directory = tempfile::Builder::new().prefix("hookview-").permissions(owner_only).tempdir()?;
        let path = directory.path().join(plain(file_name));
        save::create(&path)?.write_all(content)?;
        Ok(Self { path, _directory: directory })
    }
}

/// The name without anything that is a path, an option, or special to a shell in an editor's settings.
fn plain(file_name: &str) -> String {
    let name: String =
        file_name.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { separator(char) }).collect();
    let name = name.trim_start_matches(['-', '.']);
    if name.is_empty() { "hookview.txt".to_owned() } else { name.to_owned() }
}

fn separator(char: char) -> char {
    if matches!(char, '.' | '-') { char } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(script: &str) -> Program {
        Program::editor(Some(&format!("sh -c '{script}' editor")), |_| None).unwrap()
    }

    #[test]
    fn the_wish_that_is_nearest_wins() {
        let environment = |name: &str| match name {
            "VISUAL" => Some("code --wait".to_owned()),
            "EDITOR" | "PAGER" => Some(String::new()),
            _ => None,
        };
        let text = |program: Result<Program, ChildError>| program.unwrap().to_string();
        assert_eq!(text(Program::editor(Some("hx"), environment)), "hx (the configured editor)");
        assert_eq!(text(Program::editor(None, environment)), "code ($VISUAL)");
        assert_eq!(text(Program::editor(None, |_| None)), "vi (the default)");
        assert_eq!(text(Program::pager(None, environment)), "less (the default)");
        assert_eq!(Program::editor(None, environment).unwrap().arguments, ["--wait"]);
    }

    #[test]
    fn a_command_that_cannot_be_read_is_said() {
        let error = Program::editor(None, |name| (name == "EDITOR").then(|| "vi 'x".to_owned())).unwrap_err();
        assert_eq!(error.to_string(), "$EDITOR is not a command: `vi 'x` has a quote that is not closed, or is empty");
    }

    #[tokio::test]
    async fn what_was_saved_is_the_new_content() {
        let edited = editor("printf changed > \"$1\"").edit(b"{}", "hookview-17.json").await.unwrap();
        assert_eq!(edited, Edited::Changed(b"changed".to_vec()));
        let replaced = editor("printf new > \"$1.tmp\"; mv \"$1.tmp\" \"$1\"").edit(b"{}", "a.json").await.unwrap();
        assert_eq!(replaced, Edited::Changed(b"new".to_vec()));
    }

    #[tokio::test]
    async fn the_newline_that_editors_add_is_no_change() {
        assert_eq!(editor("true").edit(b"\xff\0", "a").await.unwrap(), Edited::Unchanged);
        assert_eq!(editor("echo >> \"$1\"").edit(b"{}", "a").await.unwrap(), Edited::Unchanged);
        assert_eq!(editor("echo >> \"$1\"").edit(b"{}\n", "a").await.unwrap(), Edited::Changed(b"{}\n\n".to_vec()));
    }

    #[tokio::test]
    async fn an_editor_that_fails_changes_nothing() {
        let error = editor("printf changed > \"$1\"; exit 3").edit(b"{}", "a").await.unwrap_err();
        assert_eq!(error.to_string(), "sh (the configured editor) ended with exit status: 3: nothing was changed");
        let error = editor("rm \"$1\"").edit(b"{}", "a").await.unwrap_err();
        assert!(error.to_string().starts_with("cannot keep a file for sh"), "{error}");
        let missing = Program::editor(None, |_| Some("/nowhere/at-all/vi".into())).unwrap();
        let error = missing.edit(b"{}", "a").await.unwrap_err().to_string();
        assert!(error.starts_with("cannot start /nowhere/at-all/vi ($VISUAL): No such file"), "{error}");
        assert!(error.ends_with("set $VISUAL or $EDITOR to another program"), "{error}");
    }

    #[tokio::test]
    async fn nobody_else_can_read_the_file_and_it_is_gone_afterwards() {
        let script =
            "stat -c %a \"$1\" \"$(dirname \"$1\")\" > \"$1.new\"; echo \"$1\" >> \"$1.new\"; mv \"$1.new\" \"$1\"";
        let Edited::Changed(seen) = editor(script).edit(b"secret", "../-x y;.json").await.unwrap() else {
            panic!("unchanged")
        };
        let seen = String::from_utf8(seen).unwrap();
        let [file, directory, path] = seen.lines().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!((file, directory), ("600", "700"));
        assert!(path.ends_with("/_-x_y_.json"), "{path}");
        assert!(!Path::new(path).parent().unwrap().exists());
    }

    #[tokio::test]
    async fn a_pager_gets_the_text_as_a_file() {
        let pager = Program::pager(Some("sh -c 'test \"$(cat \"$1\")\" = text' pager"), |_| None).unwrap();
        pager.page("text", "a.txt").await.unwrap();
        assert!(pager.page("other", "a.txt").await.is_err());
    }

    #[tokio::test]
    async fn an_editor_that_nobody_waits_for_is_told_to_go() {
        let directory = tempfile::tempdir().unwrap();
        let mark = directory.path().join("mark");
        let script = format!(
            "trap \"echo gone > {0}; exit\" HUP; echo here > {0}; while :; do sleep 0.01; done",
            mark.display()
        );
        let program = editor(&script);
        let read = || std::fs::read_to_string(&mark).unwrap_or_default();
        let wait_for = async |text: &str| {
            while read().trim() != text {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            result = program.edit(b"{}", "a") => panic!("ended: {result:?}"),
            () = wait_for("here") => {}
        }
        tokio::time::timeout(std::time::Duration::from_secs(20), wait_for("gone")).await.unwrap();
    }
}
