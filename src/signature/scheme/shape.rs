//! What the value of a signature looks like on the wire: read with a shape, and written with the same one.
//!
//! A shape is one item, `sha256={hex}`, or a list, `t={time},v1={hex},...`: items between separators, in any order and
//! number, of which those that the shape does not know are skipped.

use crate::signature::encoding::Encoding;

/// The shape of a value that holds a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    items: Vec<Item>,
    /// Between the items of a list; `None` when the value is a single item.
    separator: Option<u8>,
}

/// Literal text and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    prefix: String,
    prefix_is_optional: bool,
    slot: Slot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Signature(Encoding),
    Time,
}

/// What a shape found in a value.
#[derive(Debug, Default)]
pub(in crate::signature) struct Found<'v> {
    /// The texts of the signatures, not decoded, none empty.
    pub signatures: Vec<&'v [u8]>,
    /// The text of the timestamp.
    pub time: Option<&'v [u8]>,
    /// There is more in the value than empty signatures.
    pub occupied: bool,
}

impl Shape {
    /// Reads a shape as it is written in `assets/schemes.toml`.
    pub(in crate::signature) fn parse(text: &str) -> Result<Self, String> {
        let (rest, separator) = match text.strip_suffix("...") {
            None => (text, None),
            Some(list) => match list.as_bytes() {
                [.., b'}', separator] if separator.is_ascii() => (&list[..list.len() - 1], Some(*separator)),
                _ => return Err(format!("`{text}`: `...` stands behind a separator, as in `{{hex}},...`")),
            },
        };
        let items = match separator {
            Some(separator) => rest.split(separator as char).map(Item::parse).collect::<Result<Vec<_>, _>>(),
            None => Item::parse(rest).map(|item| vec![item]),
        };
        let shape = Self { items: items.map_err(|reason| format!("`{text}`: {reason}"))?, separator };
        match shape.items.iter().filter(|item| item.slot != Slot::Time).count() {
            1 => Ok(shape),
            _ => Err(format!("`{text}` must hold one of {{hex}}, {{base64}}, {{base64url}} and {{token}}, once")),
        }
    }

    /// The shape as it is written in `assets/schemes.toml`.
    pub fn text(&self) -> String {
        let items: Vec<String> = self.items.iter().map(Item::text).collect();
        match self.separator.map(char::from) {
            Some(separator) => items.join(&separator.to_string()) + &format!("{separator}..."),
            None => items.concat(),
        }
    }

    /// How the signature is written.
    pub fn encoding(&self) -> Encoding {
        match self.signature_item().map(|item| item.slot) {
            Some(Slot::Signature(encoding)) => encoding,
            _ => Encoding::Text,
        }
    }

    /// What stands before the signature: `sha256=`; empty when nothing does.
    pub fn prefix(&self) -> &str {
        self.signature_item().map_or("", |item| &item.prefix)
    }

    /// Whether the timestamp is in the value, too.
    pub fn has_time(&self) -> bool {
        self.items.iter().any(|item| item.slot == Slot::Time)
    }

    /// Whether the value is a list.
    pub fn is_list(&self) -> bool {
        self.separator.is_some()
    }

    fn signature_item(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.slot != Slot::Time)
    }

    /// Finds signatures and timestamp in `value`. Prefixes are compared without case when `any_case` is set.
    pub(in crate::signature) fn read<'v>(&self, value: &'v [u8], any_case: bool, found: &mut Found<'v>) {
        let Some(separator) = self.separator else {
            return self.items.iter().for_each(|item| item.read(value.trim_ascii(), any_case, found));
        };
        for (index, part) in value.split(|&byte| byte == separator).enumerate() {
            let part = part.trim_ascii();
            match self.item_for(index, part) {
                Some(item) => item.read(part, any_case, found),
                None => found.occupied |= !part.is_empty(),
            }
        }
    }

    /// Items are told apart by what stands before them; those without, by their place.
    fn item_for(&self, index: usize, part: &[u8]) -> Option<&Item> {
        let by_prefix = |item: &&Item| !item.prefix.is_empty() && part.starts_with(item.prefix.as_bytes());
        let by_place = || self.items.get(index.min(self.items.len() - 1)).filter(|item| item.prefix.is_empty());
        self.items.iter().find(by_prefix).or_else(by_place)
    }

    /// The value that carries `signature` and, where the shape has a place for it, `time`.
    pub(in crate::signature) fn fill(&self, signature: &str, time: &str) -> String {
        let text = |item: &Item| match item.slot {
            Slot::Signature(_) => format!("{}{signature}", item.prefix),
            Slot::Time => format!("{}{time}", item.prefix),
        };
        let separator = self.separator.map(char::from).map(String::from).unwrap_or_default();
        self.items.iter().map(text).collect::<Vec<_>>().join(&separator)
    }
}

impl Item {
    fn parse(text: &str) -> Result<Self, String> {
        let (prefix, slot) = text.split_once('{').ok_or("every item needs a placeholder such as {hex}")?;
        let slot = match slot.strip_suffix('}').ok_or("nothing may follow a placeholder in its item")? {
            "hex" => Slot::Signature(Encoding::Hex),
            "base64" => Slot::Signature(Encoding::Base64),
            "base64url" => Slot::Signature(Encoding::Base64Url),
            "token" => Slot::Signature(Encoding::Text),
            "time" => Slot::Time,
            other => return Err(format!("unknown placeholder {{{other}}}")),
        };
        let optional = prefix.strip_prefix('[').and_then(|prefix| prefix.strip_suffix(']'));
        let prefix_is_optional = optional.is_some();
        Ok(Self { prefix: optional.unwrap_or(prefix).to_owned(), prefix_is_optional, slot })
    }

    fn text(&self) -> String {
        let name = match self.slot {
            Slot::Signature(encoding) => encoding.name(),
            Slot::Time => "time",
        };
        let (open, close) = if self.prefix_is_optional { ("[", "]") } else { ("", "") };
        format!("{open}{}{close}{{{name}}}", self.prefix)
    }

    fn read<'v>(&self, part: &'v [u8], any_case: bool, found: &mut Found<'v>) {
        let text = match strip(part, &self.prefix, any_case) {
            Some(rest) => rest,
            None if self.prefix_is_optional => part,
            None => {
                found.occupied |= !part.is_empty();
                return;
            }
        };
        match self.slot {
            Slot::Time => found.time = found.time.or(Some(text)),
            Slot::Signature(_) if text.is_empty() => {}
            Slot::Signature(_) => found.signatures.push(text),
        }
    }
}

/// `value` behind `prefix`. A value that is nothing but a trimmed prefix (`Bearer`) counts as empty behind it. Blanks
/// behind the prefix are skipped where it has no case: behind the name of an authentication scheme.
fn strip<'v>(value: &'v [u8], prefix: &str, any_case: bool) -> Option<&'v [u8]> {
    let prefix = prefix.as_bytes();
    if value == prefix.trim_ascii_end() {
        return Some(&[]);
    }
    let (start, rest) = value.split_at_checked(prefix.len())?;
    let fits = if any_case { start.eq_ignore_ascii_case(prefix) } else { start == prefix };
    fits.then(|| if any_case { rest.trim_ascii_start() } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'v>(shape: &str, value: &'v str) -> (Vec<&'v str>, Option<&'v str>, bool) {
        let mut found = Found::default();
        Shape::parse(shape).unwrap().read(value.as_bytes(), false, &mut found);
        let text = |bytes: &'v [u8]| std::str::from_utf8(bytes).unwrap();
        (found.signatures.into_iter().map(text).collect(), found.time.map(text), found.occupied)
    }

    #[test]
    fn reads_single_values() {
        assert_eq!(read("{hex}", "ab"), (vec!["ab"], None, false));
        assert_eq!(read("sha256={hex}", "sha256=ab"), (vec!["ab"], None, false));
        assert_eq!(read("sha256={hex}", "sha1=ab"), (vec![], None, true));
        assert_eq!(read("sha256={hex}", "sha256="), (vec![], None, false));
        assert_eq!(read("sha256={hex}", " sha256= ab ").0, [" ab"]);
        assert_eq!(read("{hex}", ""), (vec![], None, false));
        assert_eq!(read("[sha256=]{hex}", "sha256=ab").0, ["ab"]);
        assert_eq!(read("[sha256=]{hex}", "ab").0, ["ab"]);
        assert_eq!(read("Bearer {token}", "Bearer"), (vec![], None, false));
    }

    #[test]
    fn reads_lists_in_any_order_and_skips_the_unknown() {
        assert_eq!(read("t={time},v1={hex},...", "t=1,v1=ab,v0=zz,v1=cd"), (vec!["ab", "cd"], Some("1"), true));
        assert_eq!(read("t={time},v1={hex},...", "v1=ab, t=1"), (vec!["ab"], Some("1"), false));
        assert_eq!(read("t={time},v1={hex},...", "t=1"), (vec![], Some("1"), false));
        assert_eq!(read("v1,{base64} ...", "v1a,zz v1,ab= v1,cd="), (vec!["ab=", "cd="], None, true));
        assert_eq!(read("{time},{hex},...", "1,ab,cd"), (vec!["ab", "cd"], Some("1"), false));
    }

    #[test]
    fn writes_what_it_reads() {
        let fill = |shape| Shape::parse(shape).unwrap().fill("ab", "1");
        assert_eq!(fill("t={time},v1={hex},..."), "t=1,v1=ab");
        assert_eq!(fill("v1,{base64} ..."), "v1,ab");
        assert_eq!(fill("[sha256=]{hex}"), "sha256=ab");
        assert_eq!(fill("Bearer {token}"), "Bearer ab");
        for text in ["t={time},v1={hex},...", "v1,{base64} ...", "[sha256=]{hex}", "Bearer {token}", "{base64url}"] {
            assert_eq!(Shape::parse(text).unwrap().text(), text);
        }
    }

    #[test]
    fn refuses_shapes_that_make_no_sense() {
        for shape in ["", "hex", "{hex}x", "{md5}", "{hex}...", "t={time},...", "{hex},{hex},...", "...", "é..."] {
            assert!(Shape::parse(shape).is_err(), "{shape}");
        }
    }
}
