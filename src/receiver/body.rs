//! Reading the body of an HTTP/1 request, within its limits; what did come is kept when the rest does not.

use bytes::Bytes;
use tokio::time::Instant;

use crate::capture::{Body, ChunkError, ChunkedDecoder, Headers, Progress};

use super::Limits;
use super::fault::Fault;
use super::framing::Framing;
use super::stream::Stream;
use super::wire::{Halt, Wire};

/// How much is kept of what follows a head that does not tell where its body ends.
const UNFRAMED: usize = 64 * 1024;
/// What chunk lines and trailers may add to a body, next to their share of the limit.
const FRAMING_ROOM: u64 = 64 * 1024;

/// Reads a body. What went wrong comes next to what did arrive.
pub(super) async fn read(wire: &mut Wire<impl Stream>, framing: Framing, limits: &Limits) -> (Body, Option<Fault>) {
    match framing {
        Framing::Empty => (Body::default(), None),
        Framing::Length(length) => plain(wire, length, limits).await,
        Framing::Chunked => chunked(wire, limits).await,
    }
}

/// Takes what follows a head that does not tell where its body ends.
pub(super) async fn unframed(wire: &mut Wire<impl Stream>, limits: &Limits) -> Body {
    wire.gather(UNFRAMED, Instant::now() + limits.body_idle).await;
    Body::whole(wire.take(wire.buffered().len()))
}

async fn plain(wire: &mut Wire<impl Stream>, length: u64, limits: &Limits) -> (Body, Option<Fault>) {
    let kept = usize::try_from(length.min(limits.max_body)).unwrap_or(usize::MAX);
    if kept <= wire.buffered().len() {
        return measured(wire.take(kept), length, limits);
    }
    let mut bytes = wire.buffered().to_vec();
    wire.consume(bytes.len());
    while bytes.len() < kept {
        let most = kept - bytes.len();
        if let Err(halt) = wire.more_into(&mut bytes, most, Instant::now() + limits.body_idle).await {
            let fault = Fault::body_halted(halt, bytes.len() as u64, Some(length), limits.body_idle);
            return (Body::whole(bytes), Some(fault));
        }
    }
    measured(bytes.into(), length, limits)
}

fn measured(bytes: Bytes, length: u64, limits: &Limits) -> (Body, Option<Fault>) {
    let fault = (length > limits.max_body).then(|| Fault::body_too_large(length, limits.max_body, true));
    (Body { total: length, ..Body::whole(bytes) }, fault)
}

async fn chunked(wire: &mut Wire<impl Stream>, limits: &Limits) -> (Body, Option<Fault>) {
    let mut chunks = Chunks::new(limits);
    let ending = chunks.fill(wire, limits).await;
    chunks.ended(&ending, limits)
}

/// How a chunked body came to its end.
enum Ending {
    Whole,
    /// There is no end in sight, and the limit is long past.
    GivenUp,
    Garbled(ChunkError),
    Halted(Halt),
}

/// A chunked body as it comes in.
struct Chunks {
    decoder: ChunkedDecoder,
    max: u64,
    payload: Vec<u8>,
    /// Bytes of payload seen, also of those past the limit.
    total: u64,
    framed: Vec<u8>,
    /// Bytes seen with their framing.
    seen: u64,
}

impl Chunks {
    fn new(limits: &Limits) -> Self {
        let (payload, framed) = (Vec::new(), Vec::new());
        Self { decoder: ChunkedDecoder::default(), max: limits.max_body, payload, total: 0, framed, seen: 0 }
    }

    async fn fill(&mut self, wire: &mut Wire<impl Stream>, limits: &Limits) -> Ending {
        loop {
            let (piece, fits) = (wire.buffered(), self.total <= self.max);
            let (used, ending) = match self.decode(piece) {
                Ok(Progress::Done(used)) => (used, Some(Ending::Whole)),
                Ok(Progress::More) => (piece.len(), None),
                Err(error) => (piece.len(), Some(Ending::Garbled(error))),
            };
            if fits {
                self.keep_framing(&piece[..used]);
            }
            self.seen += used as u64;
            wire.consume(used);
            if let Some(ending) = ending {
                return ending;
            }
            if self.seen > limits.max_drain() {
                return Ending::GivenUp;
            }
            if let Err(halt) = wire.more(Instant::now() + limits.body_idle).await {
                return Ending::Halted(halt);
            }
        }
    }

    fn decode(&mut self, piece: &[u8]) -> Result<Progress, ChunkError> {
        let (payload, total) = (&mut self.payload, &mut self.total);
        let max = usize::try_from(self.max).unwrap_or(usize::MAX);
        self.decoder.feed(piece, |bytes| {
            payload.extend_from_slice(&bytes[..bytes.len().min(max - payload.len())]);
            *total += bytes.len() as u64;
        })
    }

    /// The framing can be far larger than what it frames, so it has a limit of its own.
    fn keep_framing(&mut self, piece: &[u8]) {
        if (self.framed.len() as u64) < self.max.saturating_mul(2).saturating_add(FRAMING_ROOM) {
            self.framed.extend_from_slice(piece);
        }
    }

    fn ended(self, ending: &Ending, limits: &Limits) -> (Body, Option<Fault>) {
        let too_large = |all| Some(Fault::body_too_large(self.total, limits.max_body, all));
        let over = self.total > limits.max_body;
        let fault = match ending {
            Ending::Garbled(error) => Some(Fault::bad_framing(format!("after {} body bytes: {error}", self.total))),
            Ending::Whole if over => too_large(true),
            Ending::Halted(_) if over => too_large(false),
            Ending::GivenUp => too_large(false),
            Ending::Halted(halt) => Some(Fault::body_halted(*halt, self.total, None, limits.body_idle)),
            Ending::Whole => None,
        };
        let trailers = if matches!(ending, Ending::Whole) { self.decoder.trailers() } else { Headers::default() };
        let [bytes, framed] = [self.payload, self.framed].map(|bytes| Bytes::from(bytes.into_boxed_slice()));
        (Body { bytes, total: self.total, framed: Some(framed), trailers }, fault)
    }
}
