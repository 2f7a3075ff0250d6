//! Patterns of paths with wildcards and named parts.

use std::fmt;

use regex::Regex;

use crate::rules::subject::{Subject, segments};

/// The named parts of a path, in their order.
pub(in crate::rules) type Parts = Vec<(String, String)>;

/// What a path must be like.
#[derive(Clone, Debug)]
pub(in crate::rules) enum PathTest {
    /// Segments; `*` stands for any characters of one, `{name}` for one, `**` for any number of them.
    Pattern(String, Vec<Segment>),
    /// An expression; its named groups are parts.
    Fits(Regex),
}

/// A segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Segment {
    /// This text, in which `*` stands for any characters.
    Text(String),
    /// Any that is not empty, under this name.
    Named(String),
    /// Any number of segments.
    Any,
}

impl PathTest {
    /// Reads a pattern; the error continues the sentence that begins with `path`.
    pub fn pattern(text: &str) -> Result<Self, String> {
        if !text.starts_with('/') {
            return Err("must begin with a slash, as paths do".to_owned());
        }
        if text.contains(['?', '#']) {
            return Err("is a path alone: tests of the query have their own key, `query`".to_owned());
        }
        let read: Vec<Segment> = segments(text).into_iter().map(segment).collect::<Result<_, _>>()?;
        let mut names: Vec<&str> = read.iter().filter_map(Segment::name).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("has two parts called `{}`", pair[0])),
            None => Ok(Self::Pattern(text.to_owned(), read)),
        }
    }

    /// The named parts, when the path fits.
    pub fn fit(&self, subject: &Subject) -> Option<Parts> {
        match self {
            Self::Pattern(_, pattern) => fit(pattern, &subject.segments),
            Self::Fits(regex) => {
                let groups = regex.captures(&subject.path)?;
                let named = regex.capture_names().flatten();
                Some(named.filter_map(|name| Some((name.to_owned(), groups.name(name)?.as_str().to_owned()))).collect())
            }
        }
    }
}

impl fmt::Display for PathTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(text, _) => f.write_str(text),
            Self::Fits(regex) => write!(f, "~ {regex}"),
        }
    }
}

impl Segment {
    fn name(&self) -> Option<&str> {
        if let Self::Named(name) = self { Some(name) } else { None }
    }

    fn fits(&self, segment: &str) -> bool {
        match self {
            Self::Text(text) => text_fits(text, segment),
            Self::Named(_) => !segment.is_empty(),
            Self::Any => true,
        }
    }
}

fn segment(text: String) -> Result<Segment, String> {
    let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match name {
        Some(name) if !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') => {
            Ok(Segment::Named(name.to_owned()))
        }
        _ if text == "**" => Ok(Segment::Any),
        _ if text.contains(['{', '}']) => {
            Err(format!("has `{text}`: a named part is a whole segment, like `/{{model}}/`, of letters, digits and _"))
        }
        _ => Ok(Segment::Text(text)),
    }
}

/// Goes back to the last `**` alone, which is enough for such patterns and takes no longer than both are long.
fn fit(pattern: &[Segment], segments: &[String]) -> Option<Parts> {
    let (mut at, mut seen, mut retry) = (0, 0, None);
    let mut found = vec![0; pattern.len()];
    while seen < segments.len() || at < pattern.len() {
        match pattern.get(at) {
            Some(Segment::Any) => {
                retry = Some((at, seen));
                at += 1;
            }
            Some(segment) if segments.get(seen).is_some_and(|text| segment.fits(text)) => {
                found[at] = seen;
                (at, seen) = (at + 1, seen + 1);
            }
            _ => {
                let (any, from) = retry.filter(|(_, from)| *from < segments.len())?;
                retry = Some((any, from + 1));
                (at, seen) = (any + 1, from + 1);
            }
        }
    }
    let named = pattern.iter().zip(found).filter_map(|(segment, at)| Some((segment.name()?, at)));
    Some(named.map(|(name, at)| (name.to_owned(), segments[at].clone())).collect())
}

/// Whether `text` fits, in which `*` stands for any characters; goes back to the last of them alone.
fn text_fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen, mut retry) = (0, 0, None);
    while seen < text.len() || at < pattern.len() {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at, seen));
                at += 1;
            }
            Some(byte) if text.get(seen) == Some(byte) => (at, seen) = (at + 1, seen + 1),
            _ => match retry {
                Some((star, from)) if from < text.len() => {
                    retry = Some((star, from + 1));
                    (at, seen) = (star + 1, from + 1);
                }
                _ => return false,
            },
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(pattern: &str, path: &str) -> Option<Vec<String>> {
        let PathTest::Pattern(_, pattern) = PathTest::pattern(pattern).unwrap() else { unreachable!() };
        Some(fit(&pattern, &segments(path))?.into_iter().map(|(name, value)| format!("{name}={value}")).collect())
    }

    #[test]
    fn paths_fit_as_a_whole() {
        for (pattern, fit, unfit) in [
            ("/", &["/"][..], &["", "/a", "*"][..]),
            ("/a", &["/a"], &["/a/", "/ab", "/A"]),
            ("/a*c", &["/ac", "/abc", "/abcbc"], &["/ab", "/a/c"]),
            ("/*", &["/", "/a"], &["/a/b"]),
            ("/a/**", &["/a", "/a/", "/a/b/c"], &["/ab", "/b/a"]),
            ("/**/z", &["/z", "/a/z", "/a/b/z"], &["/z/a", "/az"]),
            ("/a b", &["/a%20b"], &["/a+b"]),
            ("/a%20b", &["/a%20b"], &["/ab"]),
        ] {
            for path in fit {
                assert!(parts(pattern, path).is_some(), "{pattern} {path}");
            }
            for path in unfit {
                assert!(parts(pattern, path).is_none(), "{pattern} {path}");
            }
        }
    }

    #[test]
    fn parts_have_their_names() {
        assert_eq!(parts("/{model}/{action}", "/site/cre%61te").unwrap(), ["model=site", "action=create"]);
        assert_eq!(parts("/{model}", "/"), None);
        assert_eq!(parts("/**/{last}", "/a/b/c").unwrap(), ["last=c"]);
        assert_eq!(parts("/**/x/{id}/**/y", "/x/1/x/2/z/y").unwrap(), ["id=1"]);
    }

    #[test]
    fn bad_patterns_are_refused() {
        for pattern in ["a", "/a?b", "/{}", "/{a}b", "/{a b}", "/{a}/{a}"] {
            assert!(PathTest::pattern(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn patterns_take_no_longer_than_they_are_long() {
        let pattern = format!("/{}b/**/{}c", "a*".repeat(60), "**/a*/".repeat(60));
        assert_eq!(parts(&pattern, &format!("/{}{}", "a".repeat(5_000), "/a".repeat(5_000))), None);
    }
}
