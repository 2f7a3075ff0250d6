//! Bytes as rows of hexadecimal digits and text.

use std::fmt::Write;

use bytes::Bytes;

use super::text::find_bytes;

/// A body to look at byte by byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hex(pub Bytes);

/// One row: `00000020  39 5e ..  ..  |9^.....<a.....?d|`, 78 cells for 16 bytes. Shorter at the end of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HexRow {
    /// Offset of its first byte.
    pub offset: usize,
    /// How many bytes it shows.
    pub len: usize,
    /// `00000020`
    pub address: String,
    /// Two digits a byte, groups of eight parted by two blanks; always as wide as a full row.
    pub digits: String,
    /// `|9^.....<a.....?d|`: bytes that are not printable ASCII as `.`
    pub text: String,
}

impl HexRow {
    /// The cell within `digits` where the digits of byte `index` of the row begin.
    pub fn cell_of(index: usize) -> usize {
        index * 3 + index / 8
    }
}

impl Hex {
    /// Number of rows of `width` bytes each.
    pub fn row_count(&self, width: usize) -> usize {
        self.0.len().div_ceil(width.max(1))
    }

    /// Row `n`, counted from zero, of `width` bytes (16 or 32); without bytes behind the end.
    pub fn row(&self, n: usize, width: usize) -> HexRow {
        let offset = n.saturating_mul(width).min(self.0.len());
        let shown = &self.0[offset..(offset + width).min(self.0.len())];
        HexRow {
            offset,
            len: shown.len(),
            address: format!("{offset:08x}"),
            digits: digits(shown, width),
            text: text(shown),
        }
    }

    /// The little-endian number of `size` (1 to 8) bytes at `offset`.
    pub fn number(&self, offset: usize, size: usize) -> Option<u64> {
        let bytes = self.0.get(offset..offset.checked_add(size)?)?;
        (1..=8).contains(&size).then(|| bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// Offsets at which `needle` begins.
    pub fn search(&self, needle: &[u8]) -> Vec<usize> {
        find_bytes(&self.0, needle, true).map(|(start, _)| start).collect()
    }
}

fn digits(bytes: &[u8], width: usize) -> String {
    let cells = HexRow::cell_of(width.max(1) - 1) + 2;
    let mut digits = String::with_capacity(cells);
    for (index, byte) in bytes.iter().enumerate() {
        let gap = HexRow::cell_of(index) - digits.len();
        // Writing to a string cannot fail.
        let _ = write!(digits, "{:gap$}{byte:02x}", "");
    }
    format!("{digits:cells$}")
}

fn text(bytes: &[u8]) -> String {
    let shown = bytes.iter().map(|&byte| if matches!(byte, b' '..=b'~') { char::from(byte) } else { '.' });
    std::iter::once('|').chain(shown).chain(std::iter::once('|')).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(row: &HexRow) -> String {
        format!("{}  {}  {}", row.address, row.digits, row.text)
    }

    #[test]
    fn rows_look_like_hexdump() {
        let mut bytes = vec![0u8; 32];
        bytes.extend_from_slice(b"\x39\x5e\x83\xa8\xcd\xf2\x17\x3c\x61\x86\xab\xd0\xf5\x1a\x3f\x64PK");
        let hex = Hex(Bytes::from(bytes));
        assert_eq!(
            line(&hex.row(2, 16)),
            "00000020  39 5e 83 a8 cd f2 17 3c  61 86 ab d0 f5 1a 3f 64  |9^.....<a.....?d|"
        );
        assert_eq!(line(&hex.row(3, 16)), format!("00000030  50 4b{}|PK|", " ".repeat(45)));
        assert_eq!((hex.row_count(16), hex.row(9, 16).len), (4, 0));
        assert_eq!(line(&hex.row(0, 32)).len(), 144);
    }

    #[test]
    fn numbers_are_little_endian_and_within_the_body() {
        let hex = Hex(Bytes::from_static(&[1, 2, 3, 4]));
        assert_eq!([hex.number(0, 1), hex.number(1, 2), hex.number(0, 4)], [Some(1), Some(0x0302), Some(0x0403_0201)]);
        assert_eq!([hex.number(3, 2), hex.number(usize::MAX, 4), hex.number(0, 0)], [None; 3]);
    }

    proptest! {
        #[test]
        fn digits_are_the_bytes(bytes in prop::collection::vec(any::<u8>(), 0..100), wide in any::<bool>()) {
            let (hex, width) = (Hex(Bytes::from(bytes.clone())), if wide { 32 } else { 16 });
            let digits: String = (0..hex.row_count(width)).map(|n| hex.row(n, width).digits).collect();
            prop_assert_eq!(digits.replace(' ', ""), ::hex::encode(&bytes));
            for n in 0..hex.row_count(width) {
                for index in 0..hex.row(n, width).len {
                    let cell = HexRow::cell_of(index);
                    let row = hex.row(n, width);
                    prop_assert_eq!(u8::from_str_radix(&row.digits[cell..cell + 2], 16), Ok(bytes[row.offset + index]));
                }
            }
        }
    }
}
