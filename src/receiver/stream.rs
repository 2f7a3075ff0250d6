//! What a connection can be made of.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

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

#[cfg(test)]
impl Stream for tokio::io::DuplexStream {
    /// There is but one way in which it ends.
    fn break_on_drop(&self) {}
}
