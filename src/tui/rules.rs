//! Editing the rules file: made when there is none, with a rule that was made of a capture when one is wished for. That
//! stands where it counts: before the rule that would answer such a request else, or at the end.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::Utc;
use tempfile::NamedTempFile;

use super::outside::Outside;
use crate::app::{EditTarget, Level, Msg};
use crate::capture::Capture;
use crate::rules::{Finding, Occasion, rule_for};
use crate::service::Rulebook;

/// What a rules file begins with that is made here.
const BEGINNING: &str = "# What hookview answers: the first rule that matches. It counts as soon as it is saved.\n\
                         # `hookview rules --example` shows everything that a rule can say.\n";
/// The rule that a new file has when there is no capture to make one of.
const FIRST_RULE: &str = "[[rule]]\nname = \"first\"\nwhen.path = \"/**\"\n# when.first = 2\nanswer.status = 200\n\
                          answer.body = \"OK\\n\"\n# answer.delay = \"2s\"\n# fault = \"reset\"\n";

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
                let (line, before) = match capture.flatten() {
                    Some(capture) => {
                        let (place, remark) = place_of(&self.service.rulebook, &capture);
                        write_rule(path, &format!("{remark}{}", rule_for(&capture)), place).map_err(failed)?
                    }
                    None => write_rule(path, FIRST_RULE, None).map_err(failed)?,
                };
                (line, Some(before))
            }
            EditTarget::Rules(line) => {
                let before =
                    if path.exists() { None } else { Some(write_rule(path, FIRST_RULE, None).map_err(failed)?.1) };
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

/// Where a rule made of this capture has to stand so that it answers the next one: on the line of the rule that would else,
/// or at the end; and a comment for it that says so. A rule that guards is never passed by.
fn place_of(rulebook: &Rulebook, capture: &Capture) -> (Option<usize>, String) {
    let occasion = Occasion { capture, now: Utc::now() };
    rulebook.with(|rules, book| {
        // As it will be when the file is saved: everything is counted anew then.
        let mut book = book.clone();
        book.reloaded(rules, occasion.now);
        let found = book.explain(rules, &occasion).into_iter().find_map(|explained| match explained.finding {
            Finding::Answers(words) => Some((rules.get(&explained.rule)?, words)),
            _ => None,
        });
        match found.and_then(|(rule, words)| Some((rule, rule.line()?, words))) {
            None => (None, String::new()),
            Some((rule, _, words)) if rule.only_guards() => {
                (None, format!("# The rule {:?} above refuses such a request: {words:?}\n", rule.name()))
            }
            Some((rule, line, _)) => {
                (Some(line), format!("# Stands before {:?}, which would answer such a request, too.\n", rule.name()))
            }
        }
    })
}

/// Writes a rule before the one that begins on the line `place`, or at the end of the file, which is made when it is not
/// there; says on which line it begins.
fn write_rule(path: &Path, rule: &str, place: Option<usize>) -> io::Result<(usize, Before)> {
    let content = match fs::read(path) {
        Ok(content) => Some(content),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let old = content.as_deref().unwrap_or(BEGINNING.as_bytes());
    let (front, behind) = old.split_at(place.and_then(|line| start_of_rule(old, line)).unwrap_or(old.len()));
    let end = if front.is_empty() || front.ends_with(b"\n") { "" } else { "\n" };
    let (above, below) = if behind.is_empty() { ("\n", "") } else { ("", "\n") };
    let front = [front, end.as_bytes(), above.as_bytes()].concat();
    let line =
        front.split(|byte| *byte == b'\n').count() + rule.lines().take_while(|line| line.starts_with('#')).count();
    let written = [&front[..], rule.as_bytes(), below.as_bytes(), behind].concat();
    match &content {
        Some(content) if !written.starts_with(content) => replace(path, &written)?,
        _ => {
            let added = &written[content.as_ref().map_or(0, Vec::len)..];
            OpenOptions::new().append(true).create(true).mode(0o600).open(path)?.write_all(added)?;
        }
    }
    Ok((line, Before { path: path.to_owned(), content, written }))
}

/// Where a rule begins, with the comments right above it; `None` when there is no such rule any more.
fn start_of_rule(text: &[u8], line: usize) -> Option<usize> {
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').take(line).collect();
    let (header, above) = lines.split_last().filter(|_| lines.len() == line)?;
    let is_comment = |line: &&&[u8]| line.trim_ascii_start().starts_with(b"#");
    let comments = above.iter().rev().take_while(is_comment).count();
    let before = above[..above.len() - comments].iter().map(|line| line.len()).sum();
    header.trim_ascii_start().starts_with(b"[[").then_some(before)
}

/// Puts a file in the place of another, at once and whole, with its permissions.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = fs::metadata(&path)?.permissions();
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(content)?;
    file.as_file().set_permissions(permissions)?;
    file.persist(&path)?;
    Ok(())
}

impl Before {
    /// Takes back what was written, unless somebody has changed it since.
    fn bring_back(self) -> io::Result<()> {
        match fs::read(&self.path) {
            Ok(now) if now == self.written => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => return Ok(()),
        }
        match self.content {
            Some(content) if self.written.starts_with(&content) => {
                OpenOptions::new().write(true).open(&self.path)?.set_len(content.len() as u64)
            }
            Some(content) => replace(&self.path, &content),
            None => fs::remove_file(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use bytes::Bytes;
    use chrono::DateTime;

    use super::*;
    use crate::capture::{Body, Request, parse_request};
    use crate::config::RulesFile;
    use crate::rules::{Everyday, Rules};

    #[test]
    fn a_file_is_made_for_its_owner_alone_and_added_to() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hookview.toml");
        let (line, _) = write_rule(&path, FIRST_RULE, None).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().nth(line - 1), Some("[[rule]]"), "{text}");
        let none = |_: &Path, _: Option<&Path>| Err(io::Error::other("no other file"));
        assert_eq!(Rules::parse(&text, &path, &none).unwrap().iter().count(), 1);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "# mine").unwrap();
        let (line, before) = write_rule(&path, FIRST_RULE, None).unwrap();
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
        let (_, before) = write_rule(&path, FIRST_RULE, None).unwrap();
        fs::write(&path, "# another").unwrap();
        before.bring_back().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "# another");
        let (_, before) = write_rule(&path, FIRST_RULE, None).unwrap();
        fs::remove_file(&path).unwrap();
        before.bring_back().unwrap();
        assert!(!path.exists());
        let (_, before) = write_rule(&path, FIRST_RULE, None).unwrap();
        before.bring_back().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_rule_stands_before_the_one_that_would_answer_and_behind_one_that_guards() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hookview.toml");
        let mine = "seed = 1\n\n# Mine.\n[[rule]]\nname = \"other\"\nwhen.path = \"/b\"\nanswer = 500\n\n\
                    # Everything\n# else.\n[[rule]]\nname = \"all\"\nanswer = 404\n";
        let head = Bytes::from_static(b"POST /a HTTP/1.1\r\n\r\n");
        let request = Request::from_head(head.clone(), parse_request(&head).unwrap(), Body::default());
        let mut capture = Capture::new(request, DateTime::UNIX_EPOCH, "127.0.0.1:5".into(), String::new());
        capture.answer = Some(crate::capture::Answer::text(201, "made", "all"));
        let made = |rules: &str| {
            fs::write(&path, rules).unwrap();
            let book = Rulebook::open(RulesFile::Named(path.clone()), Everyday::default(), Vec::new()).unwrap();
            let (place, remark) = place_of(&book, &capture);
            let (line, before) = write_rule(&path, &(remark + &rule_for(&capture)), place).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(text.lines().nth(line - 1), Some("[[rule]]"), "{text}");
            assert!(book.reload(), "{:?}", book.standing().borrow());
            let answer = book.plan(&capture).unwrap().answer;
            before.bring_back().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), rules);
            (text, answer.status)
        };
        let (text, status) = made(mine);
        assert_eq!(status, 201, "{text}");
        let (front, behind) = mine.split_at(mine.find("# Everything").unwrap());
        assert!(text.starts_with(front) && text.ends_with(behind), "{text}");
        assert!(
            text.contains("\n# Stands before \"all\", which would answer such a request, too.\n[[rule]]\n"),
            "{text}"
        );
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        let (text, status) = made("[[rule]]\nname = \"guard\"\nlimits.methods = [\"PUT\"]\n");
        assert_eq!(status, 405, "{text}");
        assert!(text.contains("\n\n# The rule \"guard\" above refuses such a request: \"405"), "{text}");
        let (text, status) = made("# nothing yet");
        assert_eq!((status, text.contains("Stands before")), (201, false));
    }
}
