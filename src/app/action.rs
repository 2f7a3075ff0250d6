//! Everything that a key can do, as one table: name, what it does, where it is listed in help.

/// Declares an enum of things that keys do and its table in one place, so that none can lack a name or a description.
macro_rules! table {
    ($(#[$doc:meta])* $table:ident: $($variant:ident, $name:literal, $group:ident, $short:literal, $describe:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $table { $(#[doc = $describe] $variant,)* }

        impl $table {
            /// All of them, in the order in which they are listed.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The one with this name in the configuration.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }

            /// The word or two in hints and menus.
            pub fn short(self) -> &'static str {
                match self { $(Self::$variant => $short,)* }
            }

            /// What it does, for help and palette.
            pub fn describe(self) -> &'static str {
                match self { $(Self::$variant => $describe,)* }
            }

            /// The part of the help screen that lists it.
            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group,)* }
            }
        }
    };
}

/// The parts of the help screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Moving about.
    Move,
    /// Doing something with the capture under the cursor.
    Act,
    /// Following arrivals.
    Follow,
    /// Finding captures and choosing how they are shown.
    Find,
    /// The detail pane.
    Detail,
    /// Everything else.
    Everywhere,
    /// Behind the key of the copy menu.
    Copy,
}

impl Group {
    /// In the order of the help screen.
    pub const ALL: [Self; 7] =
        [Self::Move, Self::Act, Self::Follow, Self::Find, Self::Detail, Self::Everywhere, Self::Copy];

    /// The headline on the help screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "MOVE",
            Self::Act => "ACT ON THE CAPTURE",
            Self::Follow => "FOLLOW",
            Self::Find => "FIND AND SHOW",
            Self::Detail => "IN THE DETAIL",
            Self::Everywhere => "EVERYWHERE",
            Self::Copy => "COPY, BEHIND THE COPY KEY",
        }
    }
}

table! {
    /// What a key can do. The kebab-case names are those of `[keys]` in the configuration.
    Action:
    Down, "down", Move, "down", "one line down";
    Up, "up", Move, "up", "one line up";
    Left, "left", Move, "left", "tree: close or go to the parent; text: scroll left";
    Right, "right", Move, "right", "tree: open or go to the first child; text: scroll right";
    HalfDown, "half-down", Move, "half down", "half a page down";
    HalfUp, "half-up", Move, "half up", "half a page up";
    PageDown, "page-down", Move, "page down", "one page down";
    PageUp, "page-up", Move, "page up", "one page up";
    First, "first", Move, "first", "first line";
    Last, "last", Move, "last", "last line; in the list also follow again";
    Goto, "goto", Move, "go to", "go to a capture by number, a line or a byte offset";
    NextPane, "next-pane", Move, "pane", "next pane or field";
    PreviousPane, "previous-pane", Move, "pane back", "previous pane or field";
    NextCapture, "next-capture", Move, "next capture", "next capture, same tab and same place in it";
    PreviousCapture, "previous-capture", Move, "previous capture", "previous capture, same tab and same place in it";
    NextHit, "next-hit", Move, "next hit", "next search match; in the diff the next change, in the list the next problem";
    PreviousHit, "previous-hit", Move, "previous hit", "previous search match; in the diff the previous change, in the list the previous problem";

    Open, "open", Act, "open", "open what the cursor is on";
    Copy, "copy", Act, "copy", "copy menu: the next key says what";
    Resend, "resend", Act, "resend", "resend sheet, filled in; nothing is sent before enter there";
    EditResend, "edit-resend", Act, "edit, resend", "open the body in the editor, then the resend sheet";
    ResendAgain, "resend-again", Act, "again", "resend again exactly as last time";
    MakeRule, "make-rule", Act, "make a rule", "make a rule that answers requests like this one, and open it in the editor";
    OpenOutside, "open-outside", Act, "pager", "open the value or body in the pager";
    Write, "write", Act, "save body", "write the body to a file";
    Pin, "pin", Act, "pin", "pin: never evicted; pressed again, not pinned; in a sheet, choose";
    Mark, "mark", Act, "mark A", "mark the capture as A; on another one, compare it with A";
    ClearMark, "clear-mark", Act, "clear A", "take the mark A off";
    Delete, "delete", Act, "delete", "delete the capture";
    Undo, "undo", Act, "undo", "undo the last delete; in the answers, count hits anew";

    Follow, "follow", Follow, "follow", "follow arrivals, on or off";

    Find, "find", Find, "filter", "list: filter captures; detail: search this tab";
    FilterToggle, "filter-toggle", Find, "filter off/on", "filter off and on again, text kept";
    Problems, "problems", Find, "problems", "only failed signatures, answers of 400 and up, incomplete requests, findings";
    TimeFormat, "time-format", Find, "time", "clock, age, gap to the capture before";
    Zoom, "zoom", Find, "zoom", "the focused pane fills the screen; again to restore";
    Mouse, "mouse", Find, "mouse", "mouse reports on or off, for plain terminal selection";

    Body, "body", Detail, "body", "the body";
    Headers, "headers", Detail, "headers", "the header lines";
    Signature, "signature", Detail, "signature", "the verdict and its reason";
    Response, "response", Detail, "response", "our answer, and the attempts to resend";
    Raw, "raw", Detail, "raw", "the bytes on the wire";
    Diff, "diff", Detail, "diff", "what differs from another capture";
    Base, "base", Detail, "base", "diff: the next thing to compare with: A, same object, snapshots, same path";
    NextTab, "next-tab", Detail, "next tab", "next tab";
    PreviousTab, "previous-tab", Detail, "previous tab", "previous tab";
    NextSibling, "next-sibling", Detail, "next sibling", "next node of the same parent";
    PreviousSibling, "previous-sibling", Detail, "previous sibling", "previous node of the same parent";
    JumpKey, "jump-key", Detail, "jump to key", "jump to a JSON key by a part of its name";
    Fold, "fold", Detail, "fold", "fold: then a toggle, R open all, M close all, 1 to 9 to that depth";
    OpenAll, "open-all", Detail, "open all", "open every node";
    CloseAll, "close-all", Detail, "close all", "close every node";
    Wrap, "wrap", Detail, "wrap", "wrap long lines, or scroll sideways";
    View, "view", Detail, "view", "next way to show this: tree, text, hex; changes, side by side, unified";
    Reveal, "reveal", Detail, "unmask", "show or mask secret header values, on screen and in copies; in the diff, what is left out";

    Answers, "answers", Everywhere, "answers", "the rules that answer: on and off, hits, what they make of the capture";
    TemporaryAnswer, "temporary-answer", Everywhere, "answer once",
        "answer the next request, or all for a while, without a rule; pressed again, no longer";
    Conditions, "conditions", Everywhere, "conditions", "whether a webhook with these conditions would fire, and why not";
    Lab, "lab", Everywhere, "template lab", "the lab: a template, tried on every capture as it is saved";
    Palette, "palette", Everywhere, "all commands", "every command by name";
    Help, "help", Everywhere, "help", "these keys";
    Sample, "sample", Everywhere, "send sample", "send yourself a signed sample request";
    Edit, "edit", Everywhere, "secrets", "edit the secrets; in a sheet, what is under the cursor";
    Back, "back", Everywhere, "back", "one step back; never quits";
    Redraw, "redraw", Everywhere, "redraw", "paint the whole screen again";
    Suspend, "suspend", Everywhere, "suspend", "suspend; the listener stops too until `fg`";
    Quit, "quit", Everywhere, "quit", "close the sheet, else quit";
    Interrupt, "interrupt", Everywhere, "quit", "quit from anywhere, also from text fields";
}

table! {
    /// What the key behind `y` copies. The kebab-case names are those of `[copy]` in the configuration.
    CopyKind:
    Value, "value", Copy, "value", "copy the value at the cursor";
    Key, "key", Copy, "key", "copy the key at the cursor";
    Path, "path", Copy, "path", "copy the JSON path of the cursor";
    Jinja, "jinja", Copy, "jinja", "copy the value as a Jinja expression";
    Pointer, "pointer", Copy, "pointer", "copy the JSON pointer of the cursor";
    Condition, "condition", Copy, "condition", "copy the value as a condition of a webhook";
    Node, "node", Copy, "node", "copy the node at the cursor, formatted";
    Id, "id", Copy, "id", "copy the number of the capture";
    Url, "url", Copy, "url", "copy the URL";
    Curl, "curl", Copy, "curl", "copy a curl command that sends the same request";
    Body, "body", Copy, "body", "copy the body, exact bytes";
    Formatted, "formatted", Copy, "pretty", "copy the body, formatted";
    Headers, "headers", Copy, "headers", "copy all headers";
    Raw, "raw", Copy, "raw", "copy the raw HTTP request";
    Signature, "signature", Copy, "expected", "copy the expected signature";
    Answer, "answer", Copy, "answer", "copy the answer that was sent";
    Object, "object", Copy, "object", "copy the object, .data only";
    Template, "template", Copy, "template", "copy the template, in the lab";
}
