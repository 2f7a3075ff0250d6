//! Header lines in wire order and case, duplicates kept, values as bytes.

use bytes::Bytes;

/// One header line: the name in the case it came in, the value without the white space around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The bytes before the first colon.
    pub name: Bytes,
    /// The bytes behind it, trimmed of blanks and tabs. Not necessarily UTF-8.
    pub value: Bytes,
}

impl Header {
    /// The name as text, invalid UTF-8 replaced.
    pub fn name_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.name)
    }

    /// The value as text when it is UTF-8.
    pub fn value_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value).ok()
    }

    /// Whether the name is `name`, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The header lines of a request or an answer, as they were on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// Adds a line at the end.
    pub fn push(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.0.push(Header { name: name.into(), value: value.into() });
    }

    /// The value of the first line with this name, in any case.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|header| header.is(name)).map(|header| &header.value[..])
    }

    /// The value of the first line with this name, when it is UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The values of all lines with this name, in wire order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.0.iter().filter(move |header| header.is(name)).map(|header| &header.value[..])
    }

    /// Whether a line with this name is there.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every line, in wire order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The line at `index` in wire order.
    pub fn at(&self, index: usize) -> Option<&Header> {
        self.0.get(index)
    }

    /// Keeps the lines for which `keep` holds.
    pub fn retain(&mut self, keep: impl FnMut(&Header) -> bool) {
        self.0.retain(keep);
    }

    /// Replaces the first line with this name in place, dropping later ones; adds it at the end when there is none.
    pub fn set(&mut self, name: &str, value: impl Into<Bytes>) {
        let value = value.into();
        match self.0.iter().position(|header| header.is(name)) {
            Some(first) => {
                self.0[first].value = value;
                let mut index = 0;
                self.0.retain(|header| {
                    index += 1;
                    index - 1 <= first || !header.is(name)
                });
            }
            None => self.push(name.to_owned(), value),
        }
    }

    /// The lines as `name: value\r\n`, in order.
    pub fn to_lines(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for header in &self.0 {
            lines.extend_from_slice(&header.name);
            lines.extend_from_slice(b": ");
            lines.extend_from_slice(&header.value);
            lines.extend_from_slice(b"\r\n");
        }
        lines
    }
}

impl FromIterator<Header> for Headers {
    fn from_iter<T: IntoIterator<Item = Header>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
