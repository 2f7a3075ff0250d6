//! Taking the framing of `Transfer-Encoding: chunked` off a body, piece by piece. Format: RFC 9112, section 7.1.

use bytes::Bytes;

use super::{Headers, parse_header_lines};

/// A chunk-size line with its extensions may be this long.
const MAX_LINE: usize = 16 * 1024;
/// All trailer lines together may be this long.
const MAX_TRAILERS: usize = 64 * 1024;

/// How far a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All input was used, the body goes on.
    More,
    /// The body ended after this many bytes of the input.
    Done(usize),
}

/// Why a framing cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// A line that should begin with a hexadecimal size does not.
    #[error("a chunk size is not a hexadecimal number")]
    Size,
    /// The bytes behind a chunk are not a line end.
    #[error("a chunk is longer than its size says")]
    End,
    /// A size line or the trailers are too long.
    #[error("a chunk header or the trailers are too long")]
    TooLong,
}

/// Takes the framing off, however the input is cut into pieces.
#[derive(Debug, Default)]
pub struct ChunkedDecoder {
    state: State,
    /// The line being read.
    line: Vec<u8>,
    trailers: Vec<u8>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Size,
    Data(u64),
    DataEnd,
    Trailers,
    Done,
}

impl ChunkedDecoder {
    /// Reads `input`, handing the payload to `payload` in order.
    pub fn feed(&mut self, input: &[u8], mut payload: impl FnMut(&[u8])) -> Result<Progress, ChunkError> {
        let mut at = 0;
        while at < input.len() && !matches!(self.state, State::Done) {
            if let State::Data(left) = self.state {
                let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len() - at);
                payload(&input[at..at + take]);
                at += take;
                let left = left - take as u64;
                self.state = if left == 0 { State::DataEnd } else { State::Data(left) };
            } else {
                self.line.push(input[at]);
                at += 1;
                self.check_line()?;
                if input[at - 1] == b'\n' {
                    self.line_ended()?;
                }
            }
        }
        Ok(if matches!(self.state, State::Done) { Progress::Done(at) } else { Progress::More })
    }

    /// The header lines behind the last chunk, once done.
    pub fn trailers(&self) -> Headers {
        parse_header_lines(&Bytes::copy_from_slice(&self.trailers))
    }

    fn check_line(&self) -> Result<(), ChunkError> {
        if matches!(self.state, State::DataEnd) && !matches!(&self.line[..], b"\r" | b"\n" | b"\r\n") {
            return Err(ChunkError::End);
        }
        if self.line.len() > MAX_LINE || self.trailers.len() > MAX_TRAILERS { Err(ChunkError::TooLong) } else { Ok(()) }
    }

    fn line_ended(&mut self) -> Result<(), ChunkError> {
        let line = std::mem::take(&mut self.line);
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        self.state = match self.state {
            State::Size => match size(text)? {
                0 => State::Trailers,
                size => State::Data(size),
            },
            State::DataEnd if text.is_empty() => State::Size,
            State::DataEnd => return Err(ChunkError::End),
            State::Trailers if text.is_empty() => State::Done,
            _ => {
                self.trailers.extend_from_slice(&line);
                State::Trailers
            }
        };
        Ok(())
    }
}

/// The size at the start of a chunk line; extensions behind `;` are passed over.
fn size(line: &[u8]) -> Result<u64, ChunkError> {
    let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
    let digits = std::str::from_utf8(digits).map_err(|_| ChunkError::Size)?.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ChunkError::Size);
    }
    u64::from_str_radix(digits, 16).map_err(|_| ChunkError::Size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(pieces: &[&[u8]]) -> Result<(Vec<u8>, Progress, Headers), ChunkError> {
        let (mut decoder, mut body, mut progress) = (ChunkedDecoder::default(), Vec::new(), Progress::More);
        for piece in pieces {
            progress = decoder.feed(piece, |bytes| body.extend_from_slice(bytes))?;
        }
        Ok((body, progress, decoder.trailers()))
    }

    const WIRE: &[u8] = b"5;name=\"a\"\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 9\r\n\r\nNEXT";

    #[test]
    fn takes_the_framing_off_and_keeps_the_trailers() {
        let (body, progress, trailers) = decode(&[WIRE]).unwrap();
        assert_eq!((&body[..], progress), (&b"hello!"[..], Progress::Done(WIRE.len() - 4)));
        assert_eq!(trailers.text("x-sum"), Some("9"));
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(decode(&[b"xyz\r\n"]).unwrap_err(), ChunkError::Size);
        assert_eq!(decode(&[b"fffffffffffffffff\r\n"]).unwrap_err(), ChunkError::Size);
        assert_eq!(decode(&[b"-1\r\n"]).unwrap_err(), ChunkError::Size);
        assert_eq!(decode(&[b"1\r\nabc"]).unwrap_err(), ChunkError::End);
        assert_eq!(decode(&[&vec![b'1'; MAX_LINE + 1]]).unwrap_err(), ChunkError::TooLong);
    }

    proptest! {
        #[test]
        fn the_cut_does_not_matter(cut in 0..WIRE.len() - 4) {
            let (body, ..) = decode(&[&WIRE[..cut], &WIRE[cut..]]).unwrap();
            prop_assert_eq!(body, b"hello!");
        }

        #[test]
        fn framed_bodies_come_back(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..50), 0..8)) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\n\r\n");
            let (body, progress, _) = decode(&[&wire]).unwrap();
            prop_assert_eq!(body, chunks.concat());
            prop_assert_eq!(progress, Progress::Done(wire.len()));
        }

        #[test]
        fn junk_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&[&bytes]);
        }
    }
}
