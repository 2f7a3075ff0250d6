//! Patterns of paths, as `[[expect]]` writes them. Matching takes time in proportion to pattern and path, whatever a
//! sender puts into its path.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;

/// A pattern of paths. `*` stands for any characters of one segment, none included; a segment `**` for any number of
/// segments, none included: `/hooks/pm/**` fits `/hooks/pm`, `/hooks/pm/` and `/hooks/pm/a/b`. Case counts.
///
/// A path is cut at its slashes first, and then its segments are decoded: `%70m` is `pm`, and `%2F` is a slash that cuts
/// nothing. The pattern stands for decoded paths and is itself taken literally.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Every text is a pattern; one without a slash at its start fits no path.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the path of a request, without its query, fits.
    pub fn fits(&self, path: &str) -> bool {
        let pattern: Vec<&str> = self.0.split('/').collect();
        let segments: Vec<Cow<'_, [u8]>> = path.split('/').map(|segment| percent_decode_str(segment).into()).collect();
        fits(&pattern, &segments, |segment| *segment == "**", |segment, found| segment_fits(segment, found))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn segment_fits(pattern: &str, segment: &[u8]) -> bool {
    fits(pattern.as_bytes(), segment, |byte| *byte == b'*', |byte, found| byte == found)
}

/// Whether `items` fit a pattern in which `any` stands for any number of items, and the others for one that `one`
/// takes. After a dead end, the last `any` takes one item more; earlier ones need no second try.
fn fits<P, T>(pattern: &[P], items: &[T], any: impl Fn(&P) -> bool, one: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut taken) = (0, 0);
    let mut retry = None;
    while taken < items.len() {
        match pattern.get(at) {
            Some(wild) if any(wild) => {
                at += 1;
                retry = Some((at, taken));
            }
            Some(single) if one(single, &items[taken]) => (at, taken) = (at + 1, taken + 1),
            _ => {
                let Some((behind, from)) = retry else { return false };
                (at, taken) = (behind, from + 1);
                retry = Some((behind, taken));
            }
        }
    }
    pattern[at..].iter().all(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_fit_or_do_not() {
        for (pattern, yes, no) in [
            (
                "/hooks/pm",
                &["/hooks/pm", "/hooks/%70m"][..],
                &["/hooks/pm/", "/hooks/PM", "/hooks/pm/a", "/hooks", ""][..],
            ),
            ("/hooks/pm/**", &["/hooks/pm", "/hooks/pm/", "/hooks/pm/a/b"], &["/hooks/pmx", "/hooks", "/x/hooks/pm"]),
            ("/hooks/*", &["/hooks/a", "/hooks/", "/hooks/a%2Fb"], &["/hooks", "/hooks/a/b", "//hooks/a"]),
            ("/a*b*c", &["/abc", "/aXbYc", "/abbcc", "/a%2Fb%2fc"], &["/ab", "/a/bc", "/abcd"]),
            ("/**/end", &["/end", "/a/end", "/a/b/end", "/end/end"], &["/end/", "/a/end/b", "/bend"]),
            ("/**", &["/", "/a", "/a/b/"], &["*"]),
            ("/a/**/b/**/c", &["/a/b/c", "/a/x/b/c", "/a/b/b/x/c"], &["/a/c", "/a/b", "/a/c/b"]),
            ("/caf\u{e9}", &["/caf%C3%A9", "/caf\u{e9}"], &["/caf%E9", "/cafe"]),
            ("/100%", &["/100%", "/100%25"], &["/100"]),
            ("hooks", &[], &["/hooks"]),
        ] {
            let pattern = Pattern::new(pattern);
            for (path, expected) in yes.iter().map(|path| (path, true)).chain(no.iter().map(|path| (path, false))) {
                assert_eq!(pattern.fits(path), expected, "{pattern} {path}");
            }
        }
    }

    #[test]
    fn a_hostile_path_takes_no_longer() {
        let pattern = Pattern::new("/**/a*a*a*a*b/**/a*a*a*a*b/**/c");
        assert!(!pattern.fits(&"/aaaaaaaaaaaaaaaa".repeat(4000)));
        assert!(!pattern.fits(&format!("/{}", "a".repeat(65_000))));
    }
}
