//! `application/x-www-form-urlencoded` bodies.

/// The names and values in order, decoded; invalid UTF-8 replaced.
pub fn form_fields(_bytes: &[u8]) -> Vec<(String, String)> {
    todo!()
}
