//! Looking for words in everything that a capture holds.

use crate::app::contains;
use crate::capture::Capture;
use crate::inspect::decode;

/// So much of a compressed body is searched.
const DECODED: usize = 8 << 20;

/// Whether method, target, title, headers and body together hold all words. Words are in lower case.
pub fn holds_all(capture: &Capture, words: &[String]) -> bool {
    let request = &capture.request;
    let (method, target) = (request.method_text(), request.target_text());
    let texts = [&*method, &*target, &capture.identity.title, capture.identity.sender.as_deref().unwrap_or_default()];
    let encoding = request.headers.text("content-encoding");
    let body = encoding.map(|_| decode(encoding, None, &request.body.bytes, DECODED).bytes);
    let body = body.as_ref().unwrap_or(&request.body.bytes);
    words.iter().all(|word| {
        texts.iter().any(|text| contains(text, word)) || bytes_hold(&request.head, word) || bytes_hold(body, word)
    })
}

/// Whether bytes hold a word in any case.
fn bytes_hold(bytes: &[u8], word: &str) -> bool {
    if !word.is_ascii() {
        return String::from_utf8_lossy(bytes).to_lowercase().contains(word);
    }
    let Some(first) = word.as_bytes().first() else { return true };
    let (lower, upper) = (*first, first.to_ascii_uppercase());
    bytes
        .windows(word.len())
        .any(|window| (window[0] == lower || window[0] == upper) && window.eq_ignore_ascii_case(word.as_bytes()))
}
