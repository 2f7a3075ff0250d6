//! What a client offers in its first message, read from the bytes themselves: also of clients that the TLS library turns
//! away at once.
//!
//! Format: RFC 8446, section 4.1.2, in records of section 5.1; extensions of RFC 6066 (name) and RFC 7301 (protocols).

/// The first byte of a connection that opens with TLS.
pub(in crate::receiver) const HANDSHAKE: u8 = 0x16;

const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const PROTOCOLS: u16 = 16;
const VERSIONS: u16 = 43;

/// What a client offers. Texts are foreign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hello {
    /// As numbers: `0x0304` is TLS 1.3.
    pub versions: Vec<u16>,
    /// The name that it asks for.
    pub server_name: Option<String>,
    /// The protocols that it speaks: `h2`, `http/1.1`.
    pub protocols: Vec<String>,
}

impl Hello {
    /// Reads the bytes that a connection began with; as far as they go when they are no whole message.
    pub fn read(bytes: &[u8]) -> Self {
        let mut hello = Self::default();
        let _ = hello.fill(&message(bytes));
        hello
    }

    fn fill(&mut self, message: &[u8]) -> Option<()> {
        let mut input = Input(message);
        if input.number(1)? != u16::from(CLIENT_HELLO) {
            return None;
        }
        input.take(3)?;
        self.versions = vec![input.number(2)?];
        input.take(32)?;
        input.vector(1)?;
        input.vector(2)?;
        input.vector(1)?;
        let mut extensions = input.vector(2)?;
        while let Some(kind) = extensions.number(2) {
            self.extension(kind, extensions.vector(2)?);
        }
        Some(())
    }

    fn extension(&mut self, kind: u16, mut content: Input) -> Option<()> {
        match kind {
            SERVER_NAME => {
                let mut names = content.vector(2)?;
                names.take(1)?;
                self.server_name = Some(String::from_utf8_lossy(names.vector(2)?.0).into_owned());
            }
            PROTOCOLS => {
                let mut names = content.vector(2)?;
                while let Some(name) = names.vector(1) {
                    self.protocols.push(String::from_utf8_lossy(name.0).into_owned());
                }
            }
            VERSIONS => {
                let mut versions = content.vector(1)?;
                self.versions.clear();
                while let Some(version) = versions.number(2) {
                    self.versions.push(version);
                }
            }
            _ => {}
        }
        Some(())
    }

    /// The newest version that it offers, in words. Offers that mean nothing (RFC 8701) are passed over.
    pub fn newest(&self) -> Option<&'static str> {
        let named = |version: &u16| {
            let name = match version {
                0x0300 => "SSL 3.0",
                0x0301 => "TLS 1.0",
                0x0302 => "TLS 1.1",
                0x0303 => "TLS 1.2",
                0x0304 => "TLS 1.3",
                _ => return None,
            };
            Some((*version, name))
        };
        self.versions.iter().filter_map(named).max().map(|(_, name)| name)
    }
}

/// The handshake message that the records at the beginning hold together.
fn message(bytes: &[u8]) -> Vec<u8> {
    let (mut input, mut message) = (Input(bytes), Vec::new());
    while input.number(1) == Some(u16::from(HANDSHAKE)) && input.take(2).is_some() {
        let Some(length) = input.number(2) else { break };
        let present = usize::from(length).min(input.0.len());
        message.extend_from_slice(input.take(present).unwrap_or_default());
    }
    message
}

/// Bytes that are read from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of one or two bytes.
    fn number(&mut self, width: usize) -> Option<u16> {
        Some(self.take(width)?.iter().fold(0, |number, &byte| number << 8 | u16::from(byte)))
    }

    /// What a length of `width` bytes announces.
    fn vector(&mut self, width: usize) -> Option<Self> {
        let length = self.number(width)?;
        self.take(usize::from(length)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A hello that offers TLS 1.3 and 1.2, `h2` and `http/1.1`, and asks for `localhost`.
    const EXTENSIONS: &[u8] = b"\0\0\0\x0e\0\x0c\0\0\x09localhost\
        \0\x10\0\x0e\0\x0c\x02h2\x08http/1.1\
        \0\x2b\0\x07\x06\x7a\x7a\x03\x04\x03\x03";

    fn records(extensions: &[u8], piece: usize) -> Vec<u8> {
        let mut body = [&b"\x03\x03"[..], &[7; 32], b"\0\0\x02\x13\x01\x01\0"].concat();
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        body.extend(extensions);
        let mut message = vec![CLIENT_HELLO, 0];
        message.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        message.extend(body);
        let record = |part: &[u8]| {
            let length = u16::try_from(part.len()).unwrap().to_be_bytes();
            [&[HANDSHAKE, 3, 1], &length[..], part].concat()
        };
        message.chunks(piece).flat_map(record).collect()
    }

    #[test]
    fn reads_what_is_offered_however_it_is_cut_into_records() {
        for piece in [1000, 50, 7, 1] {
            let hello = Hello::read(&records(EXTENSIONS, piece));
            assert_eq!(hello.server_name.as_deref(), Some("localhost"), "{piece}");
            assert_eq!(hello.protocols, ["h2", "http/1.1"]);
            assert_eq!((hello.versions.len(), hello.newest()), (3, Some("TLS 1.3")));
        }
        assert_eq!(Hello::read(&records(b"", 1000)).newest(), Some("TLS 1.2"));
    }

    proptest! {
        #[test]
        fn junk_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..120_usize) {
            Hello::read(&bytes);
            let records = records(&bytes, 40);
            Hello::read(&records[..records.len().min(cut)]);
        }
    }
}
