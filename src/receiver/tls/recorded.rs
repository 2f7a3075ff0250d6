//! A stream that hands out first what was read from it before, and notes what a handshake reads.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::receiver::stream::Stream;

/// So much of what comes is noted.
const MOST: usize = 64 * 1024;

/// What came over a stream. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Record(Arc<Mutex<Vec<u8>>>);

impl Record {
    /// All that came, up to 64 KiB.
    pub fn bytes(&self) -> Bytes {
        Bytes::copy_from_slice(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, bytes: &[u8]) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST.saturating_sub(noted.len());
        noted.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// A stream with the bytes that it began with.
pub(in crate::receiver) struct Recorded<S> {
    stream: S,
    unread: Bytes,
    record: Option<Record>,
}

impl<S> Recorded<S> {
    /// `came` was read from the stream already.
    pub(super) fn new(stream: S, came: Bytes) -> (Self, Record) {
        let record = Record::default();
        record.note(&came);
        (Self { stream, unread: came, record: Some(record.clone()) }, record)
    }

    /// Notes nothing any more.
    pub(super) fn forget(&mut self) {
        self.record = None;
    }
}

impl<S: Stream> Stream for Recorded<S> {
    fn break_on_drop(&self) {
        self.stream.break_on_drop();
    }
}

impl<S: Stream> AsyncRead for Recorded<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.unread.is_empty() {
            let count = this.unread.len().min(buffer.remaining());
            buffer.put_slice(&this.unread[..count]);
            this.unread.advance(count);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        if let Some(record) = &this.record {
            record.note(&buffer.filled()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Recorded<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
