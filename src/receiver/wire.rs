//! One connection as a stream of bytes: what was read and not yet used, when it came, and how long to wait for more.
//!
//! Knows nothing of HTTP. Works on any byte stream, so that TLS and Unix sockets can stand in for TCP.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{BufMut, Bytes};
use chrono::{DateTime, SubsecRound, Utc};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::stream::Stream;

/// The most bytes that one read takes from the socket.
const PIECE: usize = 16 * 1024;
/// A used-up buffer larger than this is given back, so that an idle connection is small.
const KEPT_CAPACITY: usize = 8 * 1024;
/// How far a client may send ahead while it waits for an answer.
const AHEAD: usize = 64 * 1024;
/// A body grows by at least this much at a time.
const GROWTH: usize = 64 * 1024;

/// Why no more bytes came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// The other end closed its sending side; it may still be listening.
    Closed,
    /// The connection broke.
    Reset,
    /// The time limit passed.
    TimedOut,
}

impl Halt {
    /// Many clients end TLS without saying so first: then the library tells of an end that came too early.
    fn of(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Closed } else { Self::Reset }
    }
}

/// A point in time on both clocks: the one that users read and the one that never jumps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub wall: DateTime<Utc>,
    pub steady: Instant,
}

impl Moment {
    pub fn now() -> Self {
        Self { wall: Utc::now().trunc_subsecs(6), steady: Instant::now() }
    }

    /// Microseconds from `earlier` to this.
    pub fn micros_since(self, earlier: Self) -> u64 {
        u64::try_from(self.steady.saturating_duration_since(earlier.steady).as_micros()).unwrap_or(u64::MAX)
    }
}

/// A connection with what was read from it.
pub(super) struct Wire<S> {
    stream: S,
    /// Bytes read; those before `used` are done with.
    buffer: Vec<u8>,
    used: usize,
    read_at: Moment,
    alarm: Alarm,
}

impl<S: Stream> Wire<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new(), used: 0, read_at: Moment::now(), alarm: Alarm::default() }
    }

    /// The bytes that were read and not yet used.
    pub fn buffered(&self) -> &[u8] {
        &self.buffer[self.used..]
    }

    /// When the last bytes came.
    pub fn read_at(&self) -> Moment {
        self.read_at
    }

    /// Marks the first `count` buffered bytes as used.
    pub fn consume(&mut self, count: usize) {
        self.used += count;
        if self.used >= self.buffer.len() {
            self.used = 0;
            self.buffer.clear();
            self.buffer.shrink_to(KEPT_CAPACITY);
        }
    }

    /// Takes the first `count` buffered bytes as an allocation of their own, so that a capture holds no more than itself.
    pub fn take(&mut self, count: usize) -> Bytes {
        let taken = Bytes::copy_from_slice(&self.buffered()[..count]);
        self.consume(count);
        taken
    }

    /// Waits for more bytes and adds them to the buffer.
    pub async fn more(&mut self, until: Instant) -> Result<(), Halt> {
        poll_fn(|context| match self.poll_more(context) {
            Poll::Pending => self.alarm.poll(context, until).map(|()| Err(Halt::TimedOut)),
            ready @ Poll::Ready(_) => ready,
        })
        .await
    }

    /// Reads by way of the stack: a connection that waits holds no memory for what may come.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Halt>> {
        let mut space = [MaybeUninit::uninit(); PIECE];
        let mut piece = ReadBuf::uninit(&mut space);
        let outcome = ready!(Pin::new(&mut self.stream).poll_read(context, &mut piece));
        if let Err(error) = outcome {
            return Poll::Ready(Err(Halt::of(&error)));
        }
        if piece.filled().is_empty() {
            return Poll::Ready(Err(Halt::Closed));
        }
        self.buffer.drain(..self.used);
        self.used = 0;
        self.buffer.extend_from_slice(piece.filled());
        self.read_at = Moment::now();
        Poll::Ready(Ok(()))
    }

    /// Waits for more bytes and adds at most `most` of them to `target`, past the (empty) buffer. `target` grows with
    /// what comes, never on a promise, and ends up without slack when all of `most` came.
    pub async fn more_into(&mut self, target: &mut Vec<u8>, most: usize, until: Instant) -> Result<(), Halt> {
        if target.capacity() == target.len() {
            target.reserve_exact(most.min(target.len().max(GROWTH)));
        }
        let room = most.min(target.capacity() - target.len());
        let mut limited = target.limit(room);
        let mut reading = pin!(self.stream.read_buf(&mut limited));
        let alarm = &mut self.alarm;
        poll_fn(|context| match reading.as_mut().poll(context) {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(Halt::Closed)),
            Poll::Ready(Ok(_)) => Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(Halt::of(&error))),
            Poll::Pending => alarm.poll(context, until).map(|()| Err(Halt::TimedOut)),
        })
        .await?;
        self.read_at = Moment::now();
        Ok(())
    }

    /// Reads on until the client pauses, has said enough, or the time is over: what somebody said who is not understood.
    pub async fn gather(&mut self, most: usize, until: Instant) {
        const PAUSE: Duration = Duration::from_millis(50);
        while self.buffered().len() < most && self.more(until.min(Instant::now() + PAUSE)).await.is_ok() {}
    }

    /// Waits until the client closes or breaks the connection, and keeps what it sends meanwhile. A client that sends far
    /// ahead is not seen to go.
    pub async fn gone(&mut self) {
        poll_fn(|context| {
            while self.buffered().len() < AHEAD {
                if ready!(self.poll_more(context)).is_err() {
                    return Poll::Ready(());
                }
            }
            Poll::Pending
        })
        .await;
    }

    /// Waits until the client closes or breaks the connection, and throws away what it sends.
    pub async fn outlast(&mut self) {
        loop {
            self.consume(self.buffered().len());
            if poll_fn(|context| self.poll_more(context)).await.is_err() {
                return;
            }
        }
    }

    /// Sends all of `bytes`, as long as the client takes some within every `idle`.
    pub async fn send(&mut self, mut bytes: &[u8], idle: Duration) -> Result<(), Halt> {
        while !bytes.is_empty() {
            let until = Instant::now() + idle;
            let mut writing = pin!(self.stream.write(bytes));
            let alarm = &mut self.alarm;
            let written = poll_fn(|context| match writing.as_mut().poll(context) {
                Poll::Ready(Ok(0) | Err(_)) => Poll::Ready(Err(Halt::Reset)),
                Poll::Ready(Ok(count)) => Poll::Ready(Ok(count)),
                Poll::Pending => alarm.poll(context, until).map(|()| Err(Halt::TimedOut)),
            })
            .await?;
            bytes = &bytes[written..];
        }
        self.stream.flush().await.map_err(|_| Halt::Reset)
    }

    /// Closes a connection on which the client has nothing more to say.
    pub async fn close(mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Closes while the client may still be sending: goes on reading, up to `most` bytes, because closing on unread
    /// bytes resets the connection and takes the answer away from the client.
    pub async fn linger(mut self, most: u64, until: Instant) {
        let _ = self.stream.shutdown().await;
        let mut drained = 0;
        while drained < most {
            self.consume(self.buffered().len());
            if self.more(until).await.is_err() {
                return;
            }
            drained += self.buffered().len() as u64;
        }
    }

    /// Breaks the connection.
    pub fn reset(self) {
        self.stream.break_on_drop();
    }

    /// The stream itself, and the bytes that were read from it already.
    pub fn into_parts(self) -> (S, Bytes) {
        (self.stream, Bytes::copy_from_slice(&self.buffer[self.used..]))
    }
}

/// A timer that is set for every wait but rarely touches the runtime's: it stays armed for the earliest moment asked
/// for, and when that comes, looks at what is asked for now.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn poll(&mut self, context: &mut Context<'_>, until: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if until < sleep.deadline() {
            sleep.as_mut().reset(until);
        }
        while sleep.as_mut().poll(context).is_ready() {
            if Instant::now() >= until {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(until);
        }
        Poll::Pending
    }
}
