//! One thing that is different from what the checker tried, in words.

/// Why something had to be changed for the signature to hold: the parts of a hint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// What is wrong.
    pub cause: String,
    /// What follows "matches": `with the last byte (0a) removed`.
    pub proof: String,
    /// What to do about it.
    pub fix: String,
}

impl Change {
    pub fn new(cause: impl Into<String>, proof: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { cause: cause.into(), proof: proof.into(), fix: fix.into() }
    }
}

/// Something to try: as it was configured or received, or changed.
#[derive(Clone, Debug)]
pub(super) struct Choice<T> {
    /// What to try.
    pub value: T,
    /// `None` for what the checker tried.
    pub change: Option<Change>,
}

impl<T> Choice<T> {
    pub fn plain(value: T) -> Self {
        Self { value, change: None }
    }

    pub fn changed(value: T, change: Change) -> Self {
        Self { value, change: Some(change) }
    }

    pub fn is_plain(&self) -> bool {
        self.change.is_none()
    }
}
