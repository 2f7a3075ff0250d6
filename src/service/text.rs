//! Text files that the user names, read with a sentence for what goes wrong.

use std::io;
use std::path::{Path, PathBuf};

/// Why a file is no text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// There is none.
    #[error("cannot read {}: there is no such file", .0.display())]
    Missing(PathBuf),
    /// It is a directory.
    #[error("cannot read {}: it is a directory, name a file in it", .0.display())]
    Directory(PathBuf),
    /// It is a pipe, a device, a socket: reading it might never end.
    #[error("cannot read {}: it is a pipe or a device, name a regular file", .0.display())]
    NotRegular(PathBuf),
    /// It has other bytes than UTF-8 allows.
    #[error("cannot read {}: it is not UTF-8 (byte {at}, line {line}): save it as UTF-8", file.display())]
    NotUtf8 {
        /// The file.
        file: PathBuf,
        /// Where the first such byte is, from 0.
        at: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// Something else.
    #[error("cannot read {}: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// What is in a file.
pub fn text_of(file: &Path) -> Result<String, TextError> {
    let bytes = std::fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => TextError::Missing(file.to_owned()),
        io::ErrorKind::IsADirectory => TextError::Directory(file.to_owned()),
        _ => TextError::Read { file: file.to_owned(), error },
    })?;
    utf8(bytes, file)
}

/// The same of a file that is read again and again: one that can be read only once, or for ever, is refused.
pub fn text_of_regular(file: &Path) -> Result<String, TextError> {
    match std::fs::metadata(file) {
        Ok(found) if !found.is_file() && !found.is_dir() => Err(TextError::NotRegular(file.to_owned())),
        _ => text_of(file),
    }
}

/// The same of bytes that were read elsewhere, and what to call them.
pub fn utf8(bytes: Vec<u8>, file: &Path) -> Result<String, TextError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&error.as_bytes()[..at]).matches('\n').count() + 1;
        TextError::NotUtf8 { file: file.to_owned(), at, line }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let error = text_of_regular(Path::new("/dev/null")).unwrap_err().to_string();
        assert_eq!(error, "cannot read /dev/null: it is a pipe or a device, name a regular file");
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(text_of_regular(directory.path()), Err(TextError::Directory(_))));
        std::fs::write(directory.path().join("good"), "a").unwrap();
        assert_eq!(text_of_regular(&directory.path().join("good")).unwrap(), "a");
    }

    #[test]
    fn what_is_no_text_is_said() {
        let directory = tempfile::tempdir().unwrap();
        let error = |name: &str| text_of(&directory.path().join(name)).unwrap_err().to_string();
        assert!(error("none").contains("none: there is no such file"));
        assert!(error("").ends_with("it is a directory, name a file in it"));
        std::fs::write(directory.path().join("latin"), b"a\nb\xe9").unwrap();
        assert!(error("latin").ends_with("latin: it is not UTF-8 (byte 3, line 2): save it as UTF-8"));
        std::fs::write(directory.path().join("good"), "\u{e9}").unwrap();
        assert_eq!(text_of(&directory.path().join("good")).unwrap(), "\u{e9}");
    }
}
