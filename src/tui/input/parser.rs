//! What a terminal sends, as bytes, made into inputs. Pure: no clock, no terminal; bytes may be split anywhere.
//!
//! Written here rather than taken from crossterm, whose reader calls a lone `ESC` at the end of a read the Esc key
//! (arrow keys over a slow line then become Esc, `[`, `A`), and blocks its caller while a sequence is incomplete.
//!
//! Sources of the formats: xterm's `ctlseqs` (keys, modes 1000, 1004, 1006, 2004) and the kitty keyboard protocol
//! (`CSI u`). Alt chords are nothing on purpose: some systems turn them into other characters.

use std::collections::VecDeque;
use std::time::Duration;

use super::sequence::{self, Meaning};
use crate::app::Input;
use crate::config::{Key, KeyCode};

const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";

/// How long a lone `ESC` may be the start of something longer before it is the Esc key.
const ESC_PATIENCE: Duration = Duration::from_millis(50);
/// How long the rest of a sequence may take; nobody types these by hand, so a slow line gets its time.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(500);
/// How long a paste may stall. Generous, because what follows a paste that was given up is read as keys.
const PASTE_PATIENCE: Duration = Duration::from_secs(5);

/// Turns the bytes of a terminal into inputs.
#[derive(Debug, Default)]
pub struct Parser {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
    ready: VecDeque<Input>,
}

impl Parser {
    /// Takes bytes as they were read.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        let mut pending = std::mem::take(&mut self.pending);
        let used = self.consume(&pending);
        pending.drain(..used);
        self.pending = pending;
    }

    /// The next input that is complete.
    pub fn next(&mut self) -> Option<Input> {
        self.ready.pop_front()
    }

    /// How long after the last byte [`Self::give_up`] is due, when something is half read.
    pub fn patience(&self) -> Option<Duration> {
        match (&self.paste, self.pending.as_slice()) {
            (Some(_), _) => Some(PASTE_PATIENCE),
            (None, []) => None,
            (None, [ESC]) => Some(ESC_PATIENCE),
            (None, _) => Some(SEQUENCE_PATIENCE),
        }
    }

    /// Ends what is half read: a lone `ESC` was the Esc key, a stalled paste is what came of it, the rest is dropped.
    pub fn give_up(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if let Some(mut paste) = self.paste.take() {
            paste.extend_from_slice(&pending);
            self.ready.push_back(pasted(&paste));
        } else if pending == [ESC] {
            self.ready.push_back(Input::Key(Key::new(KeyCode::Esc)));
        }
    }

    /// Reads as much as is complete; returns how many bytes that was.
    fn consume(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            if self.paste.is_some() {
                let used = self.consume_paste(rest);
                at += used;
                if self.paste.is_some() {
                    break;
                }
                continue;
            }
            let Some((length, meaning)) = sequence::first(rest) else { break };
            at += length;
            match meaning {
                Meaning::Input(input) => self.ready.push_back(input),
                Meaning::PasteStart => self.paste = Some(Vec::new()),
                Meaning::Nothing => {}
            }
        }
        at
    }

    /// Takes pasted bytes up to the mark that ends them, keeping back what may be the start of that mark.
    fn consume_paste(&mut self, bytes: &[u8]) -> usize {
        let Some(paste) = &mut self.paste else { return 0 };
        if let Some(end) = bytes.windows(PASTE_END.len()).position(|window| window == PASTE_END) {
            paste.extend_from_slice(&bytes[..end]);
            let text = pasted(paste);
            self.ready.push_back(text);
            self.paste = None;
            return end + PASTE_END.len();
        }
        let certain = bytes.len().saturating_sub(PASTE_END.len() - 1);
        paste.extend_from_slice(&bytes[..certain]);
        certain
    }
}

/// Terminals send a carriage return for each line end of what is pasted; text fields know line feeds.
fn pasted(bytes: &[u8]) -> Input {
    let text = String::from_utf8_lossy(bytes);
    Input::Paste(text.replace("\r\n", "\n").replace('\r', "\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::app::{Mouse, MouseKind};

    fn inputs(parser: &mut Parser) -> Vec<Input> {
        std::iter::from_fn(|| parser.next()).collect()
    }

    fn parse(bytes: &[u8]) -> Vec<Input> {
        let mut parser = Parser::default();
        parser.feed(bytes);
        if parser.patience().is_some() {
            parser.give_up();
        }
        inputs(&mut parser)
    }

    fn keys(bytes: &[u8]) -> String {
        let words = parse(bytes).into_iter().map(|input| match input {
            Input::Key(key) => key.to_string(),
            other => format!("{other:?}"),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn keys_have_their_names() {
        let table: &[(&[u8], &str)] = &[
            (b"/abc", "/ a b c"),
            (b"Gg \x7f\x08", "G g space backspace backspace"),
            ("é上".as_bytes(), "é 上"),
            (b"\r\n\t\x1b[Z", "enter enter tab shift-tab"),
            (b"\x01\x04\x10\x1a\x1c\x1d\x1e\x1f", "ctrl-a ctrl-d ctrl-p ctrl-z ctrl-\\ ctrl-] ctrl-^ ctrl-_"),
            (b"\x1b[A\x1b[B\x1b[C\x1b[D\x1bOA\x1bOB", "up down right left up down"),
            (b"\x1b[H\x1b[F\x1bOH\x1b[1~\x1b[4~\x1b[7~\x1b[8~", "home end home home end home end"),
            (b"\x1b[3~\x1b[5~\x1b[6~", "del pgup pgdn"),
            (b"\x1bOP\x1bOS\x1b[[A\x1b[11~\x1b[15~\x1b[17~\x1b[24~", "f1 f4 f1 f1 f5 f6 f12"),
            (b"\x1b[1;5C\x1b[1;2A\x1b[5;5~", "ctrl-right up ctrl-pgup"),
            (b"\x1b[100;5u\x1b[27;5;100~\x1b[97;2u\x1b[9;2u\x1b[27u", "ctrl-d ctrl-d A shift-tab esc"),
            (b"\x1b", "esc"),
            (b"\x1b\x1b", "esc esc"),
        ];
        for (bytes, expected) in table {
            assert_eq!(keys(bytes), *expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn chords_and_answers_that_nobody_asked_for_are_nothing() {
        let table: &[&[u8]] = &[
            b"\0",                               // ctrl-space
            b"\x1bq",                            // alt-q must not quit
            b"\x1b[113;3u",                      // the same from a terminal that reports modifiers
            b"\x1b[1;3A",                        // alt-up
            b"\x1b[2~",                          // insert
            b"\x1b[97;1:3u",                     // a key that came up
            b"\x1b]11;rgb:0000/0000/0000\x1b\\", // the background colour
            b"\x1b]52;c;cXF4\x07",
            b"\x1bP1$r0m\x1b\\",
            b"\x1b[?62;c\x1b[24;80R",
            b"\x1b[<35;10;10M", // motion
            b"\xff\xfe\x80",
            "\u{85}\u{9b}".as_bytes(),
        ];
        for bytes in table {
            assert_eq!(keys(bytes), "", "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn mouse_reports_count_from_zero() {
        let mouse = |kind, column, row| Input::Mouse(Mouse { kind, column, row });
        assert_eq!(
            parse(b"\x1b[<0;1;1M\x1b[<0;200;50m\x1b[<64;3;4M\x1b[<65;3;4M\x1b[<2;3;4M"),
            [
                mouse(MouseKind::Press, 0, 0),
                mouse(MouseKind::Release, 199, 49),
                mouse(MouseKind::WheelUp, 2, 3),
                mouse(MouseKind::WheelDown, 2, 3),
            ]
        );
        // Terminals without mode 1006 send three bytes instead, which must not be read as keys.
        assert_eq!(parse(b"\x1b[M !!\x1b[M#!!"), [mouse(MouseKind::Press, 0, 0), mouse(MouseKind::Release, 0, 0)]);
    }

    #[test]
    fn a_paste_is_text_whatever_it_holds() {
        assert_eq!(
            parse(b"\x1b[200~q\x1b[A\rx\r\n\x03\x1b[201~j"),
            [Input::Paste("q\u{1b}[A\nx\n\u{3}".into()), Input::Key(Key::char('j'))]
        );
        assert_eq!(parse(b"\x1b[I\x1b[O"), [Input::Focus(true), Input::Focus(false)]);
    }

    #[test]
    fn a_paste_that_stalls_is_text_too() {
        let mut parser = Parser::default();
        parser.feed(b"\x1b[200~abc");
        assert_eq!(parser.patience(), Some(PASTE_PATIENCE));
        assert_eq!(parser.next(), None);
        parser.give_up();
        assert_eq!(inputs(&mut parser), [Input::Paste("abc".into())]);
    }

    #[test]
    fn an_arrow_split_after_its_escape_is_no_esc() {
        let mut parser = Parser::default();
        parser.feed(b"\x1b");
        assert_eq!((parser.next(), parser.patience()), (None, Some(ESC_PATIENCE)));
        parser.feed(b"[");
        assert_eq!((parser.next(), parser.patience()), (None, Some(SEQUENCE_PATIENCE)));
        parser.feed(b"A");
        assert_eq!((parser.next(), parser.patience()), (Some(Input::Key(Key::new(KeyCode::Up))), None));
    }

    #[test]
    fn a_large_paste_is_read_in_linear_time() {
        let text = "a line with a q\n".repeat(65_536);
        let mut parser = Parser::default();
        parser.feed(b"\x1b[200~");
        for chunk in text.as_bytes().chunks(4096) {
            parser.feed(chunk);
        }
        parser.feed(PASTE_END);
        assert_eq!(inputs(&mut parser), [Input::Paste(text)]);
    }

    proptest! {
        #[test]
        fn where_bytes_are_split_changes_nothing(
            pieces in proptest::collection::vec(piece(), 0..12),
            cut in proptest::collection::vec(1_usize..5, 1..8),
        ) {
            let bytes = pieces.concat();
            let mut parser = Parser::default();
            let (mut at, mut cuts) = (0, cut.iter().cycle());
            while at < bytes.len() {
                let end = bytes.len().min(at + cuts.next().unwrap());
                parser.feed(&bytes[at..end]);
                at = end;
            }
            parser.give_up();
            prop_assert_eq!(inputs(&mut parser), parse(&bytes));
        }

        #[test]
        fn no_bytes_panic_or_stay(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut parser = Parser::default();
            parser.feed(&bytes);
            parser.give_up();
            prop_assert_eq!(parser.patience(), None);
            inputs(&mut parser);
            parser.feed(b"j");
            prop_assert_eq!(inputs(&mut parser), [Input::Key(Key::char('j'))]);
        }
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..6),
            proptest::sample::select(vec![
                b"\x1b[A".to_vec(),
                b"\x1bOP".to_vec(),
                b"\x1b[<0;12;3M".to_vec(),
                b"\x1b[200~pa\rste\x1b[201~".to_vec(),
                b"\x1b[1;5C".to_vec(),
                b"\x1b".to_vec(),
                "é上".as_bytes().to_vec(),
                b"\x1b[M !!".to_vec(),
                b"\x1b]11;?\x1b\\".to_vec(),
                b"jj/abc\r".to_vec(),
            ]),
        ]
    }
}
