//! `multipart/..` bodies (RFC 2046, section 5.1), as lenient as a witness must be: what is broken is reported, and
//! no byte of a part is lost.

use bytes::Bytes;

use super::media_type::{extended, find, with_params};
use super::{Clean, bytes_exact};
use crate::capture::{Headers, parse_header_lines};

/// More parts are not taken apart.
const MAX_PARTS: usize = 10_000;

/// A body of several parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multipart {
    /// The parts, in order.
    pub parts: Vec<Part>,
    /// What is not as it should be, safe to show: `the closing boundary is missing`.
    pub problems: Vec<String>,
}

/// One part. Its content can be looked at like a body of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its header lines.
    pub headers: Headers,
    /// The field's name.
    pub name: Option<String>,
    /// The file's name.
    pub filename: Option<String>,
    /// Its content.
    pub bytes: Bytes,
}

/// A boundary line: where it begins, where the next line does, and whether it is the last one.
struct Delimiter {
    start: usize,
    end: usize,
    closing: bool,
}

/// Takes a body apart at the lines with `boundary`.
pub fn multipart(boundary: &str, bytes: &Bytes) -> Multipart {
    let delimiters: Vec<Delimiter> = delimiters(boundary, bytes).take(MAX_PARTS + 1).collect();
    let mut body = Multipart { parts: Vec::new(), problems: problems(boundary, bytes, &delimiters) };
    for (index, delimiter) in delimiters.iter().enumerate().filter(|(_, delimiter)| !delimiter.closing).take(MAX_PARTS)
    {
        let end =
            delimiters.get(index + 1).map_or(bytes.len(), |next| before_line_end(bytes, delimiter.end, next.start));
        match part(&bytes.slice(delimiter.end..end)) {
            Ok(part) => body.parts.push(part),
            Err(part) => {
                body.problems.push(format!("part {} has no blank line behind its header", body.parts.len() + 1));
                body.parts.push(part);
            }
        }
    }
    body
}

/// Whether a line with this boundary is in the body.
pub(super) fn has_boundary(boundary: &str, bytes: &[u8]) -> bool {
    delimiters(boundary, bytes).next().is_some()
}

/// The boundary lines up to the closing one.
fn delimiters<'a>(boundary: &'a str, bytes: &'a [u8]) -> impl Iterator<Item = Delimiter> + 'a {
    let mut start = 0;
    let mut closed = false;
    let lines = std::iter::from_fn(move || {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| start + end + 1);
        let line = (start, end);
        start = end;
        Some(line)
    });
    lines
        .filter_map(move |(start, end)| {
            let behind = bytes[start..end].strip_prefix(b"--")?.strip_prefix(boundary.as_bytes())?.trim_ascii();
            (behind.is_empty() || behind == b"--").then_some(Delimiter { start, end, closing: !behind.is_empty() })
        })
        .take_while(move |delimiter| !std::mem::replace(&mut closed, delimiter.closing))
}

fn problems(boundary: &str, bytes: &[u8], delimiters: &[Delimiter]) -> Vec<String> {
    let (Some(first), Some(last)) = (delimiters.first(), delimiters.last()) else {
        return vec![format!("the boundary `{}` is not in the body", Clean::text(boundary))];
    };
    let mut problems = Vec::new();
    if delimiters
        .iter()
        .any(|line| bytes[line.start..line.end].ends_with(b"\n") && !bytes[..line.end].ends_with(b"\r\n"))
    {
        problems.push("line ends are LF, where CRLF is expected".to_owned());
    }
    if !bytes[..first.start].trim_ascii().is_empty() {
        problems.push(format!("{} before the first boundary", bytes_exact(first.start as u64)));
    }
    if delimiters.len() > MAX_PARTS && !last.closing {
        problems.push("more than 10,000 parts, the others are not shown".to_owned());
    } else if !last.closing {
        problems.push("the closing boundary is missing".to_owned());
    } else if !bytes[last.end..].trim_ascii().is_empty() {
        problems.push(format!("{} behind the closing boundary", bytes_exact((bytes.len() - last.end) as u64)));
    }
    problems
}

/// The line end before a boundary belongs to the boundary.
fn before_line_end(bytes: &[u8], start: usize, end: usize) -> usize {
    let content = &bytes[start..end];
    let content = content.strip_suffix(b"\n").unwrap_or(content);
    start + content.strip_suffix(b"\r").unwrap_or(content).len()
}

/// A part from the bytes between two boundaries; the error is a part without header.
fn part(bytes: &Bytes) -> Result<Part, Part> {
    let Some((head, content)) = head_end(bytes) else { return Err(Part { bytes: bytes.clone(), ..Part::default() }) };
    let headers = parse_header_lines(&bytes.slice(..head));
    let disposition = headers.get("content-disposition").map(String::from_utf8_lossy).unwrap_or_default();
    let (_, params) = with_params(&disposition);
    Ok(Part {
        name: find(&params, "name").map(str::to_owned),
        filename: find(&params, "filename*")
            .and_then(extended)
            .or_else(|| find(&params, "filename").map(str::to_owned)),
        headers,
        bytes: bytes.slice(content..),
    })
}

/// Where the header ends and the content begins: at the first blank line.
fn head_end(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut start = 0;
    loop {
        let line = start + bytes.get(start..)?.iter().position(|&byte| byte == b'\n')? + 1;
        if matches!(&bytes[start..line], b"\n" | b"\r\n") {
            return Some((start, line));
        }
        start = line;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &[u8]) -> Multipart {
        multipart("xyz", &Bytes::copy_from_slice(body))
    }

    fn contents(body: &Multipart) -> Vec<(&str, &[u8])> {
        body.parts.iter().map(|part| (part.name.as_deref().unwrap_or("-"), &part.bytes[..])).collect()
    }

    const BODY: &[u8] = b"--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n\r\n--xyz\r\n\
        content-disposition: form-data; name=f; filename=\"x.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n\
        \xff\0--xyz not\r\n--xyzz\r\n--xyz--\r\n";

    #[test]
    fn parts_have_names_headers_and_exact_content() {
        let body = read(BODY);
        assert_eq!(body.problems, [""; 0]);
        assert_eq!(contents(&body), [("a", &b"one\r\n"[..]), ("f", b"\xff\0--xyz not\r\n--xyzz")]);
        assert_eq!(body.parts[1].filename.as_deref(), Some("x.bin"));
        assert_eq!(body.parts[1].headers.text("content-type"), Some("application/octet-stream"));
    }

    #[test]
    fn broken_bodies_are_reported_not_lost() {
        for (body, parts, problems) in [
            (&b"--xyz\n\nx\n--xyz--\n"[..], &[("-", &b"x"[..])][..], &["line ends are LF, where CRLF is expected"][..]),
            (b"--xyz\r\n\r\ncut", &[("-", b"cut")], &["the closing boundary is missing"]),
            (b"--xyz\r\nno blank\r\n--xyz--", &[("-", b"no blank")], &["part 1 has no blank line behind its header"]),
            (b"hello", &[], &["the boundary `xyz` is not in the body"]),
            (b"pre\r\n--xyz--\r\npost", &[], &["5 B before the first boundary", "4 B behind the closing boundary"]),
            (b"--xyz\r\n\r\n\r\n--xyz--", &[("-", b"")], &[]),
            (b"--xyz\r\n\r\n--xyz--", &[("-", b"")], &["part 1 has no blank line behind its header"]),
        ] {
            let read = read(body);
            assert_eq!(
                (contents(&read), &read.problems[..]),
                (parts.to_vec(), &problems.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()[..])
            );
        }
    }

    proptest! {
        #[test]
        fn written_parts_come_back(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..6)) {
            let mut wire = Vec::new();
            for part in &parts {
                wire.extend_from_slice(b"--xyz\r\nX: 1\r\n\r\n");
                wire.extend_from_slice(part);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"--xyz--\r\n");
            let body = read(&wire);
            prop_assert_eq!(body.parts.iter().map(|part| part.bytes.to_vec()).collect::<Vec<_>>(), parts);
            prop_assert!(body.problems.is_empty());
        }

        #[test]
        fn junk_never_panics(pieces in prop::collection::vec(prop::sample::select(vec!["--", "xyz", "\r", "\n", "a: b", "\""]), 0..30)) {
            let _ = read(pieces.concat().as_bytes());
        }
    }
}
