//! Reading what a target answers. Format: RFC 9112, sections 4 and 6.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::capture::{
    ChunkError, ChunkedDecoder, Head, Headers, HttpVersion, MAX_HEAD, Progress, Response, StartLine, head_length,
    parse_response,
};

/// The first part of an answer's body that is kept with an attempt, in bytes; more is counted.
pub const MAX_KEPT: usize = 1024 * 1024;
/// Answers that only announce the real one (`100 Continue`).
const MAX_INFORMATIONAL: usize = 100;

/// Why an answer cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    #[error("the target closed the connection without answering")]
    Silence,
    #[error("the target closed the connection in the middle of the answer's head")]
    HeadCut,
    #[error("the target's answer is not HTTP")]
    NotHttp,
    #[error("the head of the target's answer is longer than {MAX_HEAD} bytes")]
    HeadTooLarge,
    #[error("answered {status}, then closed the connection in the middle of the body, after {after} bytes")]
    BodyCut { status: u16, after: u64 },
    #[error("answered {status}, but {error}")]
    BadFraming { status: u16, error: ChunkError },
    #[error("{}", super::broken(.0))]
    Broken(io::Error),
}

impl AnswerError {
    /// Whether nothing at all came, so that a failure to send explains more.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Silence | Self::Broken(_))
    }
}

/// What is known of an answer before it comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// It is to a HEAD and has no body, whatever it says.
    pub(super) is_head: bool,
    /// The first part of the body that is kept, in bytes.
    pub(super) keep: usize,
}

/// An answer, and what it says about its connection.
pub(super) struct Heard {
    pub(super) response: Response,
    /// Whether another request may be sent over the connection: its end is sure, and the target says that it keeps it.
    pub(super) stays_open: bool,
}

/// Reads the answer to one request, to its end. `first_byte` is called when its first byte is there.
pub(super) async fn read<R>(reader: R, expected: Expected, first_byte: impl FnOnce()) -> Result<Heard, AnswerError>
where
    R: AsyncRead + Unpin,
{
    let mut input = Input { reader, buffer: BytesMut::with_capacity(16 * 1024) };
    if input.fill().await? == 0 {
        return Err(AnswerError::Silence);
    }
    first_byte();
    let (head, status, reason) = input.final_head().await?;
    let mut body = Kept { bytes: BytesMut::new(), total: 0, most: expected.keep };
    let framing = Framing::of(&head.headers, status, expected.is_head);
    let stays_open = promises_open(&head, status) && !matches!(framing, Framing::UntilClose);
    match framing {
        Framing::None => {}
        Framing::Length(length) => input.counted(length, status, &mut body).await?,
        Framing::Chunked => input.chunked(status, &mut body).await?,
        Framing::UntilClose => input.until_close(&mut body).await?,
    }
    let reason = String::from_utf8_lossy(&reason).trim().to_owned();
    let response =
        Response { status, reason, headers: head.headers, body: body.bytes.freeze(), body_total: body.total };
    Ok(Heard { response, stays_open: stays_open && input.buffer.is_empty() })
}

/// Whether a head promises the connection to another request. HTTP/1.1 takes it for granted, but many small servers close
/// without a word. One whose length can be read in two ways promises nothing.
fn promises_open(head: &Head, status: u16) -> bool {
    let is_11 = matches!(head.start, StartLine::Response { version: HttpVersion::Http11, .. });
    let lengths = head.headers.all("content-length").count() + head.headers.all("transfer-encoding").count();
    let says = |wanted: &str| {
        let is_it = |word: &str| word.trim().eq_ignore_ascii_case(wanted);
        head.headers.all("connection").any(|value| String::from_utf8_lossy(value).split(',').any(is_it))
    };
    is_11 && status >= 200 && lengths <= 1 && says("keep-alive") && !says("close")
}

/// Where the body ends.
enum Framing {
    None,
    Length(u64),
    Chunked,
    UntilClose,
}

impl Framing {
    fn of(headers: &Headers, status: u16, is_head: bool) -> Self {
        let length = headers.text("content-length").and_then(|length| length.parse().ok());
        let encoding = headers.text("transfer-encoding").map(str::to_ascii_lowercase);
        match encoding {
            _ if is_head || status < 200 || matches!(status, 204 | 304) => Self::None,
            Some(encoding) if encoding.trim_end().ends_with("chunked") => Self::Chunked,
            Some(_) => Self::UntilClose,
            None => length.map_or(Self::UntilClose, Self::Length),
        }
    }
}

/// A body, its first part kept.
struct Kept {
    bytes: BytesMut,
    total: u64,
    most: usize,
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) {
        let room = self.most - self.bytes.len();
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.total += bytes.len() as u64;
    }
}

struct Input<R> {
    reader: R,
    /// Read and not used yet.
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> Input<R> {
    /// Reads more; zero at the end.
    async fn fill(&mut self) -> Result<usize, AnswerError> {
        match self.reader.read_buf(&mut self.buffer).await {
            // Many TLS servers close without saying so; what is missing shows in the framing.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            read => read.map_err(AnswerError::Broken),
        }
    }

    /// The head that is not merely informational, with its status and reason. 101 ends the conversation in HTTP.
    async fn final_head(&mut self) -> Result<(Head, u16, Bytes), AnswerError> {
        for _ in 0..MAX_INFORMATIONAL {
            let head = self.head().await?;
            let parsed = parse_response(&head).map_err(|_| AnswerError::NotHttp)?;
            let StartLine::Response { status, ref reason, .. } = parsed.start else { return Err(AnswerError::NotHttp) };
            if status >= 200 || status == 101 {
                let reason = reason.clone();
                return Ok((parsed, status, reason));
            }
        }
        Err(AnswerError::NotHttp)
    }

    async fn head(&mut self) -> Result<Bytes, AnswerError> {
        let mut seen = 0;
        loop {
            if let Some(length) = head_length(&self.buffer, seen) {
                return Ok(self.buffer.split_to(length).freeze());
            }
            let looks_like_http = self.buffer.iter().zip(b"HTTP/").all(|(byte, expected)| byte == expected);
            match self.buffer.len() {
                _ if !looks_like_http => return Err(AnswerError::NotHttp),
                MAX_HEAD.. => return Err(AnswerError::HeadTooLarge),
                length => seen = length,
            }
            if self.fill().await? == 0 {
                return Err(AnswerError::HeadCut);
            }
        }
    }

    async fn counted(&mut self, length: u64, status: u16, body: &mut Kept) -> Result<(), AnswerError> {
        loop {
            let left = usize::try_from(length - body.total).unwrap_or(usize::MAX);
            body.add(&self.buffer.split_to(left.min(self.buffer.len())));
            if body.total == length {
                return Ok(());
            }
            if self.fill().await? == 0 {
                return Err(AnswerError::BodyCut { status, after: body.total });
            }
        }
    }

    async fn chunked(&mut self, status: u16, body: &mut Kept) -> Result<(), AnswerError> {
        let mut decoder = ChunkedDecoder::default();
        loop {
            let progress = decoder.feed(&self.buffer, |payload| body.add(payload));
            if let Progress::Done(end) = progress.map_err(|error| AnswerError::BadFraming { status, error })? {
                self.buffer.advance(end);
                return Ok(());
            }
            self.buffer.clear();
            if self.fill().await? == 0 {
                return Err(AnswerError::BodyCut { status, after: body.total });
            }
        }
    }

    async fn until_close(&mut self, body: &mut Kept) -> Result<(), AnswerError> {
        loop {
            body.add(&self.buffer.split());
            if self.fill().await? == 0 {
                return Ok(());
            }
        }
    }
}
