//! Paths to values, in the notations that people paste elsewhere.

/// Where a value is in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodePath(pub Vec<Step>);

/// One step of a [`NodePath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Into an object, by unescaped key.
    Key(String),
    /// Into an array, from zero.
    Index(usize),
}

impl Step {
    fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Index(_) => None,
        }
    }
}

/// Methods of Python's `dict`: Jinja reads `data.items` as the method.
const DICT_METHODS: [&str; 11] =
    ["clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"];

/// Words that Jinja does not take as a variable.
const JINJA_WORDS: [&str; 15] = [
    "and",
    "else",
    "false",
    "False",
    "if",
    "in",
    "is",
    "not",
    "none",
    "None",
    "or",
    "self",
    "true",
    "True",
    "recursive",
];

impl NodePath {
    /// For jq: `.a.b[0]`, `.["odd key"]`; the root is `.`
    pub fn jq(&self) -> String {
        let path: String = self.0.iter().map(|step| access(step, &[])).collect();
        if path.starts_with('.') { path } else { format!(".{path}") }
    }

    /// A JSON pointer (RFC 6901): `/a/b/0`; the root is empty.
    pub fn pointer(&self) -> String {
        let token = |step: &Step| match step {
            Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        };
        self.0.iter().map(token).collect()
    }

    /// The path that a webhook's condition names it by, and whether it leads through a list: conditions look at the object
    /// under `data` alone, and at all items of a list at once. `None` for what is elsewhere, and for keys with a dot.
    pub fn condition(&self) -> Option<(String, bool)> {
        let (Step::Key(first), rest) = self.0.split_first()? else { return None };
        let keys: Vec<&str> = rest.iter().filter_map(Step::key).collect();
        let fits = first == "data" && !keys.is_empty() && !keys.iter().any(|key| key.is_empty() || key.contains('.'));
        fits.then(|| (keys.join("."), keys.len() < rest.len()))
    }

    /// A Jinja expression, `{{ a.b[0] }}`, for a template whose variables are the keys of the document. `None` when
    /// such a template cannot name it: the root, items of an array at the root, a first key that is no variable.
    pub fn jinja(&self) -> Option<String> {
        let (Step::Key(first), rest) = self.0.split_first()? else { return None };
        if !is_identifier(first) || JINJA_WORDS.contains(&first.as_str()) {
            return None;
        }
        let rest: String = rest.iter().map(|step| access(step, &DICT_METHODS)).collect();
        Some(format!("{{{{ {first}{rest} }}}}"))
    }
}

/// One step as jq and Jinja write it: `.key`, `["odd key"]` (also for the `quoted` keys), `[0]`.
fn access(step: &Step, quoted: &[&str]) -> String {
    match step {
        Step::Key(key) if is_identifier(key) && !quoted.contains(&key.as_str()) => format!(".{key}"),
        Step::Key(key) => format!("[{}]", serde_json::Value::from(key.as_str())),
        Step::Index(index) => format!("[{index}]"),
    }
}

fn is_identifier(key: &str) -> bool {
    !key.starts_with(|c: char| c.is_ascii_digit())
        && !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_name_what_is_below_data() {
        let named = |steps: &[&str]| path(steps).condition();
        assert_eq!(named(&["data", "status", "value"]), Some(("status.value".to_owned(), false)));
        assert_eq!(named(&["data", "tags", "0", "name"]), Some(("tags.name".to_owned(), true)));
        for steps in [&["event"][..], &["data"], &["data", "0"], &["0", "data"], &["data", "a.b"], &[]] {
            assert_eq!(named(steps), None, "{steps:?}");
        }
    }

    fn path(steps: &[&str]) -> NodePath {
        let step = |step: &&str| step.parse().map_or_else(|_| Step::Key((*step).to_owned()), Step::Index);
        NodePath(steps.iter().map(step).collect())
    }

    #[test]
    fn notations() {
        for (steps, jq, pointer, jinja) in [
            (&[][..], ".", "", None),
            (&["a", "b", "0"], ".a.b[0]", "/a/b/0", Some("{{ a.b[0] }}")),
            (&["0", "a"], ".[0].a", "/0/a", None),
            (&["odd key", "a"], r#".["odd key"].a"#, "/odd key/a", None),
            (&["a", "odd key", ""], r#".a["odd key"][""]"#, "/a/odd key/", Some(r#"{{ a["odd key"][""] }}"#)),
            (&["a", "x/y~z\"\n"], ".a[\"x/y~z\\\"\\n\"]", "/a/x~1y~0z\"\n", Some("{{ a[\"x/y~z\\\"\\n\"] }}")),
            (&["a", "items"], ".a.items", "/a/items", Some(r#"{{ a["items"] }}"#)),
            (&["in"], ".in", "/in", None),
            (&["a", "é"], r#".a["é"]"#, "/a/é", Some(r#"{{ a["é"] }}"#)),
        ] {
            let path = path(steps);
            assert_eq!((path.jq(), path.pointer(), path.jinja().as_deref()), (jq.into(), pointer.into(), jinja));
        }
    }
}
