//! Cutting clean text to a number of terminal cells, marked with `…`, never through a grapheme.

/// The start of `text`, in at most `width` cells, `…` at the end when something is missing.
pub fn cut(_text: &str, _width: usize) -> String {
    todo!()
}

/// The end of `text`, in at most `width` cells, `…` in front when something is missing.
pub fn cut_front(_text: &str, _width: usize) -> String {
    todo!()
}

/// Both ends of `text`, in at most `width` cells, `…` between them when something is missing.
pub fn cut_middle(_text: &str, _width: usize) -> String {
    todo!()
}
