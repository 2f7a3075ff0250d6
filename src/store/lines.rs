//! Header lines as a blob: each name and each value behind its length (four bytes, little endian).
//!
//! Not as they are on the wire: what folded lines or the names of a broken sender hold would not survive being read
//! a second time.

use bytes::{Buf, Bytes};

use crate::capture::Headers;

pub fn pack(headers: &Headers) -> Vec<u8> {
    let mut packed = Vec::new();
    for part in headers.iter().flat_map(|header| [&header.name, &header.value]) {
        // Heads are limited to far less.
        packed.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        packed.extend_from_slice(part);
    }
    packed
}

/// `None` when it is cut short.
pub fn unpack(mut packed: Bytes) -> Option<Headers> {
    let mut headers = Headers::default();
    while !packed.is_empty() {
        headers.push(part(&mut packed)?, part(&mut packed)?);
    }
    Some(headers)
}

fn part(packed: &mut Bytes) -> Option<Bytes> {
    let length = packed.try_get_u32_le().ok()? as usize;
    (length <= packed.len()).then(|| packed.split_to(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_line_comes_back() {
        let mut headers = Headers::default();
        for (name, value) in [("a", " b "), ("", ""), (":path", "/"), ("\r\n", ":\n"), ("a", "c")] {
            headers.push(name, value);
        }
        assert_eq!(unpack(pack(&headers).into()), Some(headers));
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let mut headers = Headers::default();
        headers.push("name", "value");
        let packed = Bytes::from(pack(&headers));
        assert_eq!((1..packed.len()).find(|&end| unpack(packed.slice(..end)).is_some()), None);
    }
}
