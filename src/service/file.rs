//! Answers from files: only from inside of the directory that the plan names, links followed first.

use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::instead::instead;
use crate::capture::Answer;

/// The longest file that is an answer, in bytes.
const LONGEST: u64 = 32 * 1024 * 1024;

/// Types by the extension of a file's name, in lower case.
const TYPES: [(&str, &str); 22] = [
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("toml", "application/toml"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("webp", "image/webp"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
];

/// Why a file is no answer. The sentence is for the user, not for the client.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error("{} is not there", .0.display())]
    Missing(PathBuf),
    #[error("{} is outside of {}: a rule can answer only with files below its own directory", path.display(), within.display())]
    Outside { path: PathBuf, within: PathBuf },
    #[error("{} is not a file", .0.display())]
    NoFile(PathBuf),
    #[error("{} has more than {LONGEST} bytes, which is the most that an answer can have", .0.display())]
    TooLong(PathBuf),
    #[error("cannot read {}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
}

/// `planned` with the file as its body; a 404 when there is none, else a 500, with the reason in the note.
pub(super) async fn answer(planned: Answer, path: PathBuf, within: PathBuf) -> Answer {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let read = tokio::task::spawn_blocking(move || read(&path, &within)).await;
    let read =
        read.unwrap_or_else(|error| Err(FileError::Read { path: PathBuf::new(), error: io::Error::other(error) }));
    match read {
        Ok(body) => with_file(planned, body, extension.as_deref()),
        Err(error) => {
            let (status, body) = match error {
                FileError::Missing(_) => (404, "The file that would be the answer is not there.\n"),
                _ => (500, "The file that would be the answer cannot be read.\n"),
            };
            instead(&planned, status, body, error.to_string())
        }
    }
}

fn with_file(mut planned: Answer, body: Vec<u8>, extension: Option<&str>) -> Answer {
    if !planned.headers.has("Content-Type") {
        let known = TYPES.iter().find(|(known, _)| Some(*known) == extension);
        planned.headers.push("Content-Type", known.map_or("application/octet-stream", |(_, name)| name));
    }
    planned.body = body.into();
    planned
}

/// Reads the file that `path` leads to. Blocks.
fn read(path: &Path, within: &Path) -> Result<Vec<u8>, FileError> {
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => FileError::Missing(path.to_owned()),
        _ => FileError::Read { path: path.to_owned(), error },
    };
    let real = within.join(path).canonicalize().map_err(broken)?;
    let within = within.canonicalize().map_err(broken)?;
    if !real.starts_with(&within) {
        return Err(FileError::Outside { path: path.to_owned(), within });
    }
    // A name that became a link since is not followed, and opening a pipe does not wait for who writes to it.
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(real).map_err(broken)?;
    if !file.metadata().map_err(broken)?.is_file() {
        return Err(FileError::NoFile(path.to_owned()));
    }
    let mut body = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut body).map_err(broken)?;
    if body.len() as u64 > LONGEST { Err(FileError::TooLong(path.to_owned())) } else { Ok(body) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn sentence(path: &Path, within: &Path) -> String {
        read(path, within).unwrap_err().to_string()
    }

    #[test]
    fn only_files_inside_are_read_wherever_links_lead() {
        let place = tempfile::tempdir().unwrap();
        let (outside, within) = (place.path().join("secret"), place.path().join("rules"));
        std::fs::create_dir_all(within.join("sub")).unwrap();
        std::fs::write(&outside, "secret").unwrap();
        std::fs::write(within.join("sub/a"), "a").unwrap();
        symlink("../secret", within.join("out")).unwrap();
        symlink("..", within.join("up")).unwrap();
        symlink("sub/a", within.join("in")).unwrap();
        symlink("nowhere", within.join("nowhere")).unwrap();
        for inside in ["sub/a", "in", "sub/../in", "up/rules/in"] {
            assert_eq!(read(Path::new(inside), &within).unwrap(), b"a", "{inside}");
        }
        assert_eq!(read(&within.join("in"), &within).unwrap(), b"a");
        for path in [Path::new("out"), Path::new("../secret"), Path::new("up/secret"), &outside] {
            assert!(sentence(path, &within).contains(" is outside of "), "{}", path.display());
        }
        assert_eq!(sentence(Path::new("missing"), &within), "missing is not there");
        assert!(sentence(Path::new("nowhere"), &within).starts_with("cannot read nowhere: "));
    }

    #[test]
    fn what_is_no_file_or_too_long_is_refused_without_waiting() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let place = tempfile::tempdir().unwrap();
        mknodat(CWD, place.path().join("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        std::fs::File::create(place.path().join("long")).unwrap().set_len(LONGEST + 1).unwrap();
        for (name, expected) in [("pipe", "pipe is not a file"), (".", ". is not a file")] {
            assert_eq!(sentence(Path::new(name), place.path()), expected);
        }
        assert!(sentence(Path::new("long"), place.path()).starts_with("long has more than 33554432 bytes"));
    }
}
