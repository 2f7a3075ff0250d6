//! Undoing `Content-Encoding` and turning text into UTF-8, within a limit. The body as received stays as it is.

use std::io::{self, Read};

use bytes::Bytes;
use encoding_rs::{Encoding, REPLACEMENT, UTF_8};
use flate2::read::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::media_type::MediaType;
use super::{Clean, bytes_exact};

/// How far a body is decoded for looking at it, in bytes.
pub const DECODE_LIMIT: usize = 64 << 20;

/// More codings on one body are not undone.
const MAX_CODINGS: usize = 4;

/// A body, ready to look at. The sentences are safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The decoded bytes, the first part of them when decoding failed on the way; as received when it failed at once.
    pub bytes: Bytes,
    /// What was done: `gzip, 812 B decoded to 2,148 B`.
    pub notes: Vec<String>,
    /// Why it could not be decoded to its end.
    pub failed: Option<String>,
}

/// Undoes `content_encoding` like [`unpack`], then turns text into UTF-8 from the charset that a byte order mark or
/// `content_type` names. Yields `limit` bytes at most.
pub fn decode(content_encoding: Option<&str>, content_type: Option<&str>, bytes: &Bytes, limit: usize) -> Decoded {
    let mut decoded = unpack(content_encoding, bytes, limit);
    if decoded.failed.is_none() && !bytes.is_empty() {
        to_utf8(&mut decoded, &MediaType::parse(content_type.unwrap_or_default()), limit);
    }
    decoded
}

/// Undoes `content_encoding`: `gzip`, `deflate`, `br`, `zstd`, stacked ones last first. Of what is encoded, yields
/// `limit` bytes at most.
pub fn unpack(content_encoding: Option<&str>, bytes: &Bytes, limit: usize) -> Decoded {
    let mut decoded = Decoded { bytes: bytes.clone(), ..Decoded::default() };
    let codings = content_encoding.unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase());
    let codings: Vec<String> = codings.filter(|name| !name.is_empty() && name != "identity").collect();
    if bytes.is_empty() {
        return decoded;
    }
    if codings.len() > MAX_CODINGS {
        decoded.failed =
            Some(format!("{} codings, at most {MAX_CODINGS} are undone: shown as received", codings.len()));
        return decoded;
    }
    for coding in codings.iter().rev() {
        undo(&mut decoded, coding, limit);
        if decoded.failed.is_some() {
            return decoded;
        }
    }
    decoded
}

/// What came out of a decoder.
struct Unpacked {
    bytes: Vec<u8>,
    /// There would have been more.
    cut: bool,
    error: Option<io::Error>,
}

impl Unpacked {
    /// Nothing rather than a part: without a mark at its start, junk also decodes to some bytes.
    fn whole(mut self) -> Self {
        if self.error.is_some() {
            self.bytes.clear();
        }
        self
    }
}

fn undo(decoded: &mut Decoded, coding: &str, limit: usize) {
    let packed = &decoded.bytes;
    let unpacked = match coding {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(&packed[..]), limit),
        "deflate" => inflate(packed, limit),
        "br" => read(brotli_decompressor::Decompressor::new(&packed[..], 4096), limit).whole(),
        "zstd" => unzstd(packed, limit),
        _ => {
            let coding = Clean::text(coding);
            decoded.failed = Some(format!("content-encoding `{coding}` is not known: shown as received"));
            return;
        }
    };
    decoded.failed = match unpacked.error {
        Some(_) if unpacked.bytes.is_empty() => Some(format!("could not be decoded as {coding}: shown as received")),
        Some(_) => Some(format!("the {coding} data is damaged or cut: shown as far as it could be decoded")),
        None => None,
    };
    if unpacked.error.is_none() || !unpacked.bytes.is_empty() {
        let first = if unpacked.cut { "the first " } else { "" };
        let (before, after) = (bytes_exact(packed.len() as u64), bytes_exact(unpacked.bytes.len() as u64));
        decoded.notes.push(format!("{coding}, {before} decoded to {first}{after}"));
        decoded.bytes = Bytes::from(unpacked.bytes);
    }
}

/// Reads until the end, an error, or `limit` bytes.
fn read(mut decoder: impl Read, limit: usize) -> Unpacked {
    let mut unpacked = Unpacked { bytes: Vec::new(), cut: false, error: None };
    let mut buffer = vec![0; 64 * 1024];
    while !unpacked.cut {
        match decoder.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                let room = limit - unpacked.bytes.len();
                unpacked.cut = count > room;
                unpacked.bytes.extend_from_slice(&buffer[..count.min(room)]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                unpacked.error = Some(error);
                break;
            }
        }
    }
    unpacked
}

/// `deflate` should be zlib (RFC 9110, section 8.4.1.2), and some send it raw.
fn inflate(packed: &[u8], limit: usize) -> Unpacked {
    let zlib = inflate_as(true, packed, limit);
    if zlib.error.is_some() && zlib.bytes.is_empty() { inflate_as(false, packed, limit).whole() } else { zlib }
}

/// The readers of flate2 take input that stops early for its end, so this asks for the mark at the end.
fn inflate_as(zlib: bool, packed: &[u8], limit: usize) -> Unpacked {
    let mut inflater = Decompress::new(zlib);
    let mut unpacked = Unpacked { bytes: Vec::new(), cut: false, error: None };
    while !unpacked.cut {
        unpacked.bytes.reserve(64 * 1024);
        let (taken, given) = (inflater.total_in(), unpacked.bytes.len());
        let rest = usize::try_from(taken).ok().and_then(|taken| packed.get(taken..)).unwrap_or_default();
        match inflater.decompress_vec(rest, &mut unpacked.bytes, FlushDecompress::None) {
            Ok(Status::StreamEnd) => break,
            Ok(_) if inflater.total_in() > taken || unpacked.bytes.len() > given => {}
            Ok(_) => unpacked.error = Some(io::ErrorKind::UnexpectedEof.into()),
            Err(error) => unpacked.error = Some(error.into()),
        }
        if unpacked.error.is_some() {
            break;
        }
        unpacked.cut = unpacked.bytes.len() > limit;
    }
    unpacked.cut = unpacked.bytes.len() > limit;
    unpacked.bytes.truncate(limit);
    unpacked
}

/// All frames one after the other; skippable ones hold nothing to see.
fn unzstd(packed: &[u8], limit: usize) -> Unpacked {
    let mut all = Unpacked { bytes: Vec::new(), cut: false, error: None };
    let mut rest = packed;
    while !rest.is_empty() && !all.cut && all.error.is_none() {
        match StreamingDecoder::new(&mut rest) {
            Ok(decoder) => {
                let frame = read(decoder, limit - all.bytes.len());
                all = Unpacked { bytes: [all.bytes, frame.bytes].concat(), ..frame };
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                rest = usize::try_from(length).ok().and_then(|length| rest.get(length..)).unwrap_or_default();
            }
            Err(error) => all.error = Some(io::Error::other(error)),
        }
    }
    all
}

/// A byte order mark decides, then the charset that is named. Without either, text is expected to be UTF-8 already.
fn to_utf8(decoded: &mut Decoded, media: &MediaType, limit: usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(&decoded.bytes) {
        let text = decoded.bytes.slice(mark..);
        if encoding == UTF_8 {
            decoded.bytes = text;
            decoded.notes.push("byte order mark left out".to_owned());
        } else if let Some(utf8) = encoding.decode_without_bom_handling_and_without_replacement(&text) {
            // What has errors is no text: two bytes that happen to look like a mark.
            decoded.bytes = within(utf8.into_owned(), limit);
            decoded.notes.push(format!("{} by its byte order mark", encoding.name()));
        }
        return;
    }
    let Some(label) = media.param("charset").filter(|_| !media.is_multipart()) else { return };
    match Encoding::for_label(label.as_bytes()).filter(|&encoding| encoding != REPLACEMENT) {
        Some(encoding) if encoding == UTF_8 => {}
        Some(encoding) => {
            let (text, damaged) = encoding.decode_without_bom_handling(&decoded.bytes);
            let damage = if damaged { ", bytes that are not shown as \u{fffd}" } else { "" };
            decoded.notes.push(format!("charset {}{damage}", Clean::text(label)));
            decoded.bytes = within(text.into_owned(), limit);
        }
        None => decoded.notes.push(format!("charset `{}` is not known", Clean::text(label))),
    }
}

/// The first `limit` bytes, whole characters.
fn within(mut text: String, limit: usize) -> Bytes {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    Bytes::from(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "hello hello hello hello hello";
    /// `hello hello hello hello hello`, as brotli and zstd write it.
    const BROTLI: &[u8] = b"\x1b\x1c\x00\xf8\x8d\x94\x6e\xde\x44\x55\x86\x96\x6c\x20\x6f\x41\x4f\x1c\x20\x71";
    const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x00\x58\x65\x00\x00\x30\x68\x65\x6c\x6c\x6f\x20\x01\x00\xa9\x4b\x11";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(encoding: &str, bytes: impl Into<Vec<u8>>) -> Decoded {
        decode(Some(encoding), None, &Bytes::from(bytes.into()), 1000)
    }

    #[test]
    fn every_coding_is_undone() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT.as_bytes()).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(TEXT.as_bytes()).unwrap();
        for (coding, packed) in [
            ("gzip", gzip(TEXT.as_bytes())),
            (" X-GZIP ", [gzip(b"hello hello "), gzip(b"hello hello hello")].concat()),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("br", BROTLI.to_vec()),
            ("zstd", ZSTD.to_vec()),
            ("zstd", [b"\x50\x2a\x4d\x18\x02\0\0\0xx", ZSTD].concat()),
            ("gzip, identity, gzip", gzip(&gzip(TEXT.as_bytes()))),
            ("identity", TEXT.into()),
            ("", TEXT.into()),
        ] {
            let decoded = decoded(coding, packed);
            assert_eq!((&decoded.bytes[..], decoded.failed), (TEXT.as_bytes(), None), "{coding}");
        }
        let packed = gzip(&[b'x'; 1000]);
        let note = format!("gzip, {} B decoded to 1,000 B", packed.len());
        assert_eq!(decoded("gzip", packed).notes, [note]);
    }

    #[test]
    fn what_cannot_be_decoded_is_shown_as_received_and_said() {
        for (coding, bytes, failed) in [
            ("gzip", &b"{}"[..], "could not be decoded as gzip: shown as received"),
            ("zstd", b"{}", "could not be decoded as zstd: shown as received"),
            ("br", b"{\"a\": 1}", "could not be decoded as br: shown as received"),
            ("deflate", b"{}", "could not be decoded as deflate: shown as received"),
            ("lz\x1b", b"{}", "content-encoding `lz␛` is not known: shown as received"),
            ("gzip,gzip,gzip,gzip,gzip", b"{}", "5 codings, at most 4 are undone: shown as received"),
        ] {
            let decoded = decoded(coding, bytes);
            assert_eq!((&decoded.bytes[..], decoded.failed.as_deref()), (bytes, Some(failed)));
        }
    }

    #[test]
    fn a_cut_body_is_decoded_as_far_as_it_goes() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(TEXT.as_bytes()).unwrap();
        let packed = encoder.finish().unwrap();
        let decoded = decoded("gzip", &packed[..packed.len() - 12]);
        assert!(TEXT.as_bytes().starts_with(&decoded.bytes) && !decoded.bytes.is_empty());
        assert_eq!(
            decoded.failed.as_deref(),
            Some("the gzip data is damaged or cut: shown as far as it could be decoded")
        );
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        let bomb = gzip(&gzip(&vec![0; 10 << 20]));
        let decoded = decode(Some("gzip, gzip"), None, &Bytes::from(bomb), 1 << 20);
        assert_eq!((decoded.bytes.len(), decoded.failed), (1 << 20, None));
        assert!(decoded.notes[1].ends_with("decoded to the first 1,048,576 B"));
    }

    #[test]
    fn text_becomes_utf8() {
        for (content_type, bytes, text, notes) in [
            ("text/plain; charset=ISO-8859-1", &b"caf\xe9"[..], "café", &["charset ISO-8859-1"][..]),
            (
                "text/plain; charset=shift_jis",
                b"\x93\xfa\xff",
                "日\u{fffd}",
                &["charset shift_jis, bytes that are not shown as \u{fffd}"],
            ),
            ("text/plain; charset=nope", b"x", "x", &["charset `nope` is not known"]),
            ("application/json; charset=utf-8", b"{}", "{}", &[]),
            ("", b"\xef\xbb\xbf{}", "{}", &["byte order mark left out"]),
            ("", b"\xff\xfea\0\xe9\0", "aé", &["UTF-16LE by its byte order mark"]),
            ("text/plain; charset=utf-16be", b"\0a", "a", &["charset utf-16be"]),
        ] {
            let decoded = decode(None, Some(content_type), &Bytes::from_static(bytes), 100);
            assert_eq!(std::str::from_utf8(&decoded.bytes), Ok(text));
            assert_eq!(decoded.notes, notes);
        }
        let odd = decode(None, None, &Bytes::from_static(b"\xff\xfe\x00\xd8\x00"), 100);
        assert_eq!((odd.bytes.len(), odd.notes.len()), (5, 0));
        let cut = decode(None, Some("a/b; charset=latin1"), &Bytes::from_static(b"\xe9\xe9\xe9"), 5);
        assert_eq!(&cut.bytes[..], "éé".as_bytes());
    }

    proptest! {
        #[test]
        fn junk_never_panics(
            coding in prop::sample::select(vec!["gzip", "deflate", "br", "zstd", "zstd, gzip"]),
            charset in prop::sample::select(vec!["utf-8", "utf-16", "gbk", "iso-2022-jp", "big5"]),
            start in prop::sample::select(vec![&b""[..], b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08\0", b"\x78\x9c", BROTLI, ZSTD]),
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut packed = [start, &bytes].concat();
            for (place, value) in flips {
                let place = place.index(packed.len().max(1));
                packed.get_mut(place).map(|byte| *byte = value).unwrap_or_default();
            }
            let content_type = format!("text/plain; charset={charset}");
            let decoded = decode(Some(coding), Some(&content_type), &Bytes::from(packed.clone()), 5000);
            prop_assert!(decoded.bytes.len() <= 5000);
            let plain = decode(None, Some(&content_type), &Bytes::from(packed), 5000);
            prop_assert!(plain.failed.is_none());
        }
    }
}
