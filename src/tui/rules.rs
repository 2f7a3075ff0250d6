//! Editing the rules file: made when there is none, with a rule that was made of a capture at its end when one is wished for.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::outside::Outside;
use crate::app::{EditTarget, Level, Msg};
use crate::capture::Capture;
use crate::rules::rule_for;

/// What a rules file begins with that is made here.
const BEGINNING: &str = "# What hookview answers: the first rule that matches. It counts as soon as it is saved.\n\
                         # `hookview rules --example` shows everything that a rule can say.\n";
/// The rule that a new file has when there is no capture to make one of.
const FIRST_RULE: &str = "\n[[rule]]\nname = \"first\"\nwhen = { path = \"/**\" }\nstatus = 200\nbody = \"OK\\n\"\n";

/// A rules file as it was before something was written to it.
struct Before {
    path: PathBuf,
    /// `None` when it was not there.
    content: Option<Vec<u8>>,
    written: Vec<u8>,
}

impl Outside {
    /// Lets the user edit the rules file, and reads it again.
    pub async fn rules(&self, target: EditTarget) -> Vec<Msg> {
        let Some(path) = self.service.rulebook.place() else {
            let text = "there is no rules file: hookview was started with --rules none";
            return vec![Msg::Say(Level::Error, text.to_owned())];
        };
        match self.edit_rules(&path, target).await {
            Ok(()) => {
                let rulebook = self.service.rulebook.clone();
                // Who watches it tells what came of it; when nothing did, there is nothing to tell.
                let _ = tokio::task::spawn_blocking(move || rulebook.reload()).await;
                Vec::new()
            }
            Err(reason) => vec![Msg::Say(Level::Error, reason)],
        }
    }

    async fn edit_rules(&self, path: &Path, target: EditTarget) -> Result<(), String> {
        let editor = self.editor()?;
        let failed = |error: io::Error| format!("cannot write the rules {}: {error}", path.display());
        let (line, before) = match target {
            EditTarget::NewRule(id) => {
                let capture = id.map(|id| self.service.store.get(id).map_err(|error| error.to_string())).transpose()?;
                let (line, before) = write_rule(path, capture.flatten().as_ref()).map_err(failed)?;
                (line, Some(before))
            }
            EditTarget::Rules(line) => {
                let before = if path.exists() { None } else { Some(write_rule(path, None).map_err(failed)?.1) };
                (line.unwrap_or(1), before)
            }
            _ => (1, None),
        };
        let edited = editor.edit_file_at(path, line).await;
        if edited.is_err()
            && let Some(before) = before
        {
            before.bring_back().map_err(failed)?;
        }
        edited.map_err(|error| error.to_string())
    }
}

/// Writes a rule at the end of the file, which is made when it is not there; says on which line it begins.
fn write_rule(path: &Path, capture: Option<&Capture>) -> io::Result<(usize, Before)> {
    let content = match fs::read(path) {
        Ok(content) => Some(content),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let rule = capture.map_or_else(|| FIRST_RULE.to_owned(), |capture| format!("\n{}", rule_for(capture)));
    let old = content.clone().unwrap_or_else(|| BEGINNING.as_bytes().to_vec());
    let end = if old.is_empty() || old.ends_with(b"\n") { "" } else { "\n" };
    let front = [&old[..], end.as_bytes()].concat();
    let line = front.split(|byte| *byte == b'\n').count() + 1;
    let written = [&front[..], rule.as_bytes()].concat();
    let added = &written[content.as_ref().map_or(0, Vec::len)..];
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?.write_all(added)?;
    Ok((line, Before { path: path.to_owned(), content, written }))
}

impl Before {
    /// Takes back what was written, unless somebody has changed it since.
    fn bring_back(self) -> io::Result<()> {
        if fs::read(&self.path)? != self.written {
            return Ok(());
        }
        match self.content {
            Some(content) => OpenOptions::new().write(true).open(&self.path)?.set_len(content.len() as u64),
            None => fs::remove_file(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_made_for_its_owner_alone_and_added_to() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hookview.toml");
        let (line, _) = write_rule(&path, None).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().nth(line - 1), Some("[[rule]]"), "{text}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "# mine").unwrap();
        let (line, before) = write_rule(&path, None).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# mine\n\n[[rule]]"), "{text}");
        assert_eq!(text.lines().nth(line - 1), Some("[[rule]]"), "{text}");
        before.bring_back().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine");
    }

    #[test]
    fn what_somebody_changed_is_not_taken_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hookview.toml");
        let (_, before) = write_rule(&path, None).unwrap();
        fs::write(&path, "# another").unwrap();
        before.bring_back().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "# another");
        fs::remove_file(&path).unwrap();
        let (_, before) = write_rule(&path, None).unwrap();
        before.bring_back().unwrap();
        assert!(!path.exists());
    }
}
