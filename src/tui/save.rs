//! Writing what the user asked for into a new file: readable by its owner alone, and never over a file that is there.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How many names are tried before the directory is called full of them.
const NAMES: u32 = 1000;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct SaveError {
    /// The file that was to be.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Writes a new file (0600) of this name, or of the name with a number where that one is taken; says which it became.
pub fn save_new(directory: &Path, file_name: &str, content: &[u8]) -> Result<PathBuf, SaveError> {
    for number in 1..=NAMES {
        let path = directory.join(numbered(file_name, number));
        match create(&path) {
            Ok(mut file) => {
                return match file.write_all(content) {
                    Ok(()) => Ok(path),
                    Err(source) => Err(SaveError { path, source }),
                };
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(SaveError { path, source }),
        }
    }
    Err(SaveError { path: directory.join(file_name), source: io::ErrorKind::AlreadyExists.into() })
}

/// A file that did not exist, for its owner alone. A link that somebody put there is not followed.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// `a.json`, `a-2.json`, `a-3.json`, ..
fn numbered(file_name: &str, number: u32) -> String {
    if number == 1 {
        return file_name.to_owned();
    }
    match file_name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem}-{number}.{extension}"),
        _ => format!("{file_name}-{number}"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("hookview-17.json"), "mine").unwrap();
        std::os::unix::fs::symlink("/nowhere/at-all", directory.path().join("hookview-17-2.json")).unwrap();
        let saved = save_new(directory.path(), "hookview-17.json", b"{}").unwrap();
        assert_eq!(saved, directory.path().join("hookview-17-3.json"));
        assert_eq!(std::fs::read(&saved).unwrap(), b"{}");
        assert_eq!(std::fs::metadata(&saved).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read(directory.path().join("hookview-17.json")).unwrap(), b"mine");
    }

    #[test]
    fn a_directory_that_is_not_there_is_said() {
        let error = save_new(Path::new("/nowhere/at-all"), "a", b"").unwrap_err();
        assert!(error.to_string().starts_with("cannot write /nowhere/at-all/a: No such file"), "{error}");
    }
}
