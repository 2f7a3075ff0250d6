//! Settings that are one of a few words.

/// A setting that is one of a few words.
pub trait Choice: Copy + PartialEq + 'static {
    /// Each word and what it means, in the order of the help.
    const WORDS: &'static [(&'static str, Self)];

    /// What the word means.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice)
    }

    /// The words.
    fn words() -> impl Iterator<Item = &'static str> + Clone {
        Self::WORDS.iter().map(|(word, _)| *word)
    }
}

/// Yes, no, or by the surroundings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// By the surroundings.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

impl Choice for When {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];
}

/// How captures are put out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// On the full-screen terminal.
    Tui,
    /// As text, everything of a capture.
    Text,
    /// A line a capture.
    Line,
    /// A JSON object a line.
    Json,
}

impl Choice for Output {
    const WORDS: &'static [(&'static str, Self)] =
        &[("tui", Self::Tui), ("text", Self::Text), ("line", Self::Line), ("json", Self::Json)];
}

/// What a commit to the store outlives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A power cut too.
    Full,
    /// The end of the program, however it comes.
    Normal,
}

impl Choice for Durability {
    const WORDS: &'static [(&'static str, Self)] = &[("full", Self::Full), ("normal", Self::Normal)];
}

/// Where list and detail are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// By the size of the terminal.
    Auto,
    /// Beside each other.
    Side,
    /// The list above the detail.
    Stacked,
    /// One at a time.
    Single,
}

impl Choice for Layout {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("side", Self::Side), ("stacked", Self::Stacked), ("single", Self::Single)];
}

/// What the list shows of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// When it arrived.
    Clock,
    /// How long ago that is.
    Age,
    /// How long that is behind the capture before.
    Gap,
}

impl Choice for TimeFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("clock", Self::Clock), ("age", Self::Age), ("gap", Self::Gap)];
}

/// Whether the terminal's hardware cursor shows outside of text fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// No.
    Hidden,
    /// Yes, on the cursor row.
    Visible,
}

impl Choice for Cursor {
    const WORDS: &'static [(&'static str, Self)] = &[("hidden", Self::Hidden), ("visible", Self::Visible)];
}
