//! `application/x-www-form-urlencoded` bodies.

/// A body with more fields is looked at as text.
pub(super) const MAX_FIELDS: usize = 100_000;

/// The names and values in order, decoded; invalid UTF-8 replaced. A line end behind the last one is not part of it.
pub fn form_fields(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes.trim_ascii_end()).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_and_duplicates() {
        let fields = form_fields(b"b=1+2&a=%C3%A9%26&b=&c&=x&%FF=%zz\r\n");
        let expected = [("b", "1 2"), ("a", "é&"), ("b", ""), ("c", ""), ("", "x"), ("\u{fffd}", "%zz")];
        assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(form_fields(b"").is_empty());
    }
}
