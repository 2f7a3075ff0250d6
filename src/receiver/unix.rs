//! Listening on a Unix socket: a file that only its owner may connect to, that takes the place of one nobody listens on
//! any more, and that goes when listening ends.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::UnixListener;

use super::bind::BACKLOG;

/// Why a Unix socket cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum UnixError {
    /// Another program listens there.
    #[error("another program listens on {}: stop it, or choose another path", .0.display())]
    InUse(PathBuf),
    /// There is a file that is something else.
    #[error("{} is there already and is no socket: choose another path", .0.display())]
    NoSocket(PathBuf),
    /// Anything else.
    #[error("cannot listen on {}: {why}", path.display())]
    Other {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

/// A Unix socket that is listened on. Its file goes with it.
#[derive(Debug)]
pub(super) struct UnixDoor {
    pub listener: UnixListener,
    pub path: PathBuf,
    /// Device and number of the file: another's that came in its place stays.
    file: (u64, u64),
}

impl Drop for UnixDoor {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|file| file == self.file) {
            // Who ends has nobody to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Listens on a Unix socket of mode 0600. Needs a tokio runtime around it.
pub fn bind_unix(path: &Path) -> Result<super::Door, UnixError> {
    let other = |why| UnixError::Other { path: path.to_owned(), why };
    make_room(path)?;
    let socket = open(path).map_err(other)?;
    let file = identity(path).map_err(other)?;
    let listener = UnixListener::from_std(socket.into()).map_err(other)?;
    Ok(UnixDoor { listener, path: path.to_owned(), file }.into())
}

/// Takes away the socket of a program that is gone.
fn make_room(path: &Path) -> Result<(), UnixError> {
    let other = |why| UnixError::Other { path: path.to_owned(), why };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(other(error)),
    };
    if !metadata.file_type().is_socket() {
        return Err(UnixError::NoSocket(path.to_owned()));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        _ => Err(UnixError::InUse(path.to_owned())),
    }
}

fn open(path: &Path) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::unix(path)?)?;
    // Before it listens, nobody can connect.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
