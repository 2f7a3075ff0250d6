//! Bodies as they may have been when they were signed: before something on the way wrote them anew.

use bytes::Bytes;
use encoding_rs::WINDOWS_1252;
use percent_encoding::percent_decode;

use super::change::Change;
use crate::capture::Request;
use crate::inspect::{self, JsonIndex, Layout, Letters, Style};
use crate::signature::reading::{Facts, Url};

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A way to make the body that was signed from the one that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recipe {
    /// Without its last line break.
    Chomped,
    /// With this at its end.
    Ended(&'static str),
    /// Without white space around it.
    Trimmed,
    /// JSON in another style, with a newline behind it or not.
    Json(Style, bool),
    /// Without its compression.
    Unpacked,
    /// With CR LF for its line breaks.
    CrLf,
    /// With LF for its line breaks.
    Lf,
    /// Without a byte order mark.
    Unmarked,
    /// With one.
    Marked,
    /// The value of this field of a form.
    Form(&'static str),
    /// Percent escapes decoded.
    PercentDecoded,
    /// Windows-1252 (which holds ISO 8859-1) instead of UTF-8.
    Western,
    /// UTF-8 instead of Windows-1252.
    Utf8,
    /// UTF-8 that was taken for Windows-1252 and written as UTF-8 once more, undone.
    UnMojibake,
    /// Nothing.
    Empty,
}

/// So much of a compressed body is decoded.
const UNPACKED: usize = 4 << 20;

const ENDS: [Recipe; 5] =
    [Recipe::Unpacked, Recipe::Chomped, Recipe::Ended("\n"), Recipe::Ended("\r\n"), Recipe::Trimmed];

const PLAIN: [Recipe; 13] = [
    Recipe::CrLf,
    Recipe::Lf,
    Recipe::Unmarked,
    Recipe::Marked,
    Recipe::Form("payload"),
    Recipe::Form("data"),
    Recipe::Form("body"),
    Recipe::Form("json"),
    Recipe::PercentDecoded,
    Recipe::Western,
    Recipe::Utf8,
    Recipe::UnMojibake,
    Recipe::Empty,
];

const LAYOUTS: [Layout; 5] =
    [Layout::Compact, Layout::Spaced, Layout::Indented("  "), Layout::Indented("    "), Layout::Indented("\t")];

const LETTERS: [Letters; 7] = [
    Letters::Kept,
    Letters::Plain,
    Letters::Ascii,
    Letters::AsciiSlashes,
    Letters::Slashes,
    Letters::Html,
    Letters::Wary,
];

/// Every recipe, the likeliest first.
pub(super) fn recipes() -> Vec<Recipe> {
    let style = |layout, letters, sorted| Recipe::Json(Style { layout, letters, sorted }, false);
    let mut recipes = ENDS.to_vec();
    recipes.extend(LAYOUTS.into_iter().map(|layout| style(layout, Letters::Kept, false)));
    recipes.extend(PLAIN);
    for sorted in [false, true] {
        for letters in LETTERS {
            recipes.extend(LAYOUTS.into_iter().map(|layout| style(layout, letters, sorted)));
        }
    }
    let ended = LAYOUTS[2..].iter().map(|&layout| Style { layout, letters: Letters::Kept, sorted: false });
    recipes.extend(ended.map(|style| Recipe::Json(style, true)));
    recipes
}

/// The body of a request, ready to be rewritten.
pub(super) struct Kitchen<'a> {
    request: &'a Request,
    json: Option<JsonIndex>,
}

impl<'a> Kitchen<'a> {
    pub fn of(request: &'a Request) -> Self {
        let body = &request.body.bytes;
        let encoding = request.headers.text("content-encoding");
        let unpacked = encoding.map(|_| inspect::unpack(encoding, body, UNPACKED).bytes);
        let json = unpacked.as_ref().unwrap_or(body);
        let json = json.strip_prefix(MARK).map_or_else(|| json.clone(), |rest| json.slice_ref(rest));
        Self { request, json: JsonIndex::build(json).ok() }
    }

    /// What a recipe makes of the body; `None` when it does not apply or changes nothing.
    pub fn cook(&self, recipe: Recipe) -> Option<Bytes> {
        let body = &self.request.body.bytes;
        let cooked = match recipe {
            Recipe::Chomped => chomped(body)?.to_vec(),
            Recipe::Ended(end) => ended(body, end)?,
            Recipe::Trimmed => body.trim_ascii().to_vec(),
            Recipe::Json(style, newline) => self.rewritten(style, newline)?,
            Recipe::Unpacked => return self.unpacked(),
            Recipe::CrLf => with_crlf(body)?,
            Recipe::Lf => without_cr(body)?,
            Recipe::Unmarked => body.strip_prefix(MARK)?.to_vec(),
            Recipe::Marked => [MARK, body].concat(),
            Recipe::Form(name) => Facts { request: self.request, url: Url::Unknown }.form(name)?,
            Recipe::PercentDecoded => percent_decode(body).collect(),
            Recipe::Western => western(std::str::from_utf8(body).ok()?)?,
            Recipe::Utf8 if std::str::from_utf8(body).is_ok() => return None,
            Recipe::Utf8 => WINDOWS_1252.decode_without_bom_handling(body).0.into_owned().into_bytes(),
            Recipe::UnMojibake => {
                western(std::str::from_utf8(body).ok()?).filter(|bytes| std::str::from_utf8(bytes).is_ok())?
            }
            Recipe::Empty => Vec::new(),
        };
        (cooked != *body).then(|| cooked.into())
    }

    fn rewritten(&self, style: Style, newline: bool) -> Option<Vec<u8>> {
        let mut text = inspect::rewrite(self.json.as_ref()?, style)?;
        text.extend(newline.then_some(b'\n'));
        Some(text)
    }

    fn unpacked(&self) -> Option<Bytes> {
        let (headers, body) = (&self.request.headers, &self.request.body.bytes);
        let encoding = headers.text("content-encoding").or_else(|| body.starts_with(b"\x1f\x8b").then_some("gzip"))?;
        let unpacked = inspect::unpack(Some(encoding), body, UNPACKED);
        (unpacked.failed.is_none() && unpacked.bytes != body).then_some(unpacked.bytes)
    }
}

fn chomped(body: &[u8]) -> Option<&[u8]> {
    body.strip_suffix(b"\r\n").or_else(|| body.strip_suffix(b"\n"))
}

/// With this line end instead of the one that is there.
fn ended(body: &[u8], end: &str) -> Option<Vec<u8>> {
    let bare = chomped(body).unwrap_or(body);
    (!body.is_empty()).then(|| [bare, end.as_bytes()].concat())
}

fn without_cr(body: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = body.iter().copied().peekable();
    let mut out = Vec::with_capacity(body.len());
    while let Some(byte) = bytes.next() {
        if !(byte == b'\r' && bytes.peek() == Some(&b'\n')) {
            out.push(byte);
        }
    }
    (out.len() < body.len()).then_some(out)
}

fn with_crlf(body: &[u8]) -> Option<Vec<u8>> {
    let lines = without_cr(body);
    let lines = lines.as_deref().unwrap_or(body);
    let parts: Vec<&[u8]> = lines.split(|&byte| byte == b'\n').collect();
    (parts.len() > 1).then(|| parts.join(&b"\r\n"[..]))
}

/// Text in Windows-1252, when it has all its letters and there are some beside ASCII.
fn western(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, missing) = WINDOWS_1252.encode(text);
    (!missing && !text.is_ascii()).then(|| bytes.into_owned())
}

const ON_THE_WAY: &str = "have the sender sign the bytes that it sends, and look for a proxy or a framework between that \
                          writes bodies anew";

impl Recipe {
    /// What it says about the way of the body.
    pub fn change(self) -> Change {
        let fix = match self {
            Self::Json(style, newline) => return rewritten(style, newline),
            Self::Form(name) => {
                let cause = format!("the sender signs the form field {name} alone, not the whole body");
                let fix = "name a scheme that signs the field, or have the sender send JSON";
                return Change::new(cause, format!("with the decoded value of {name}"), fix);
            }
            Self::Unpacked => "have the sender sign the compressed bytes, or compress nothing",
            Self::Empty => "have the sender sign the body that it sends: it is set, or read to its end, before signing",
            _ => ON_THE_WAY,
        };
        let (cause, proof) = self.words();
        Change::new(cause, proof, fix)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Chomped => ("the body got a newline at its end after it was signed", "without its last newline"),
            Self::Ended("\n") => {
                ("the body lost the newline at its end after it was signed", "with a newline at its end")
            }
            Self::Ended(_) => ("the body lost the CR LF at its end after it was signed", "with CR LF at its end"),
            Self::Trimmed => {
                ("the body got white space around it after it was signed", "without white space around it")
            }
            Self::Unpacked => ("the body was compressed after it was signed", "with the body decompressed"),
            Self::CrLf => ("line breaks in the body became LF after it was signed", "with CR LF for every line break"),
            Self::Lf => ("line breaks in the body became CR LF after it was signed", "with LF for every line break"),
            Self::Unmarked => {
                ("the body got a byte order mark after it was signed", "without the bytes ef bb bf at its start")
            }
            Self::Marked => {
                ("the body lost its byte order mark after it was signed", "with the bytes ef bb bf at its start")
            }
            Self::PercentDecoded => {
                ("the body was percent-encoded after it was signed", "with its percent escapes decoded")
            }
            Self::Western => {
                ("the text was in ISO 8859-1 when it was signed and came as UTF-8", "with the body in ISO 8859-1")
            }
            Self::Utf8 => ("the text was in UTF-8 when it was signed and came as ISO 8859-1", "with the body in UTF-8"),
            Self::UnMojibake => {
                ("the text was taken for ISO 8859-1 and encoded in UTF-8 once more", "with the second encoding undone")
            }
            Self::Empty => ("the signature is that of an empty body", "with a body of no bytes"),
            Self::Json(..) | Self::Form(_) => ("the body was written anew", "with the body as it was"),
        }
    }
}

fn rewritten(style: Style, newline: bool) -> Change {
    let python = style.layout == Layout::Spaced && style.letters == Letters::Ascii;
    let mut words = vec![match style.layout {
        _ if python => "as Python's json.dumps writes it".to_owned(),
        Layout::Compact => "compactly".to_owned(),
        Layout::Spaced => "with a blank behind each comma and colon, as Python writes".to_owned(),
        Layout::Indented("\t") => "indented by tabs".to_owned(),
        Layout::Indented(indent) => format!("indented by {} blanks", indent.len()),
    }];
    words.extend(style.sorted.then(|| "with sorted keys".to_owned()));
    let letters = match style.letters {
        Letters::Kept => None,
        Letters::Ascii if python => None,
        Letters::Plain => Some("without needless escapes, as JavaScript writes"),
        Letters::Ascii => Some("with \\u escapes for what is not ASCII, as Python writes"),
        Letters::AsciiSlashes => Some("with \\/ for slashes and \\u escapes, as PHP writes"),
        Letters::Slashes => Some("with \\/ for slashes, as PHP writes"),
        Letters::Html => Some("with \\u escapes for < > and &, as Go writes"),
        Letters::Wary => Some("with \\u escapes as .NET writes"),
    };
    words.extend(letters.map(str::to_owned));
    words.extend(newline.then(|| "with a newline at its end".to_owned()));
    let words = words.join(", ");
    let cause = format!("something on the way re-encoded the JSON: it verifies when written {words}");
    Change::new(cause, "with the JSON written so", ON_THE_WAY)
}
