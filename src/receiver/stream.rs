//! What a connection can be made of.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::server::TlsStream;

/// A connection's bytes, both ways: TCP, and whatever is put on top of it or stands in for it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {
    /// From here on, dropping the stream breaks the connection instead of closing it, where that can be done (TCP sends
    /// a RST).
    fn break_on_drop(&self);
}

impl Stream for TcpStream {
    fn break_on_drop(&self) {
        // A connection that is gone already needs no breaking.
        let _ = self.set_zero_linger();
    }
}

/// There is but one way in which it ends.
impl Stream for UnixStream {
    fn break_on_drop(&self) {}
}

impl<S: Stream> Stream for TlsStream<S> {
    fn break_on_drop(&self) {
        self.get_ref().0.break_on_drop();
    }
}

#[cfg(test)]
impl Stream for tokio::io::DuplexStream {
    /// There is but one way in which it ends.
    fn break_on_drop(&self) {}
}
