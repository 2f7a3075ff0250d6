//! One key, report or control sequence at the front of what a terminal sent. Pure; knows nothing of time.

use crate::app::{Input, Mouse, MouseKind};
use crate::config::{Key, KeyCode};

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// What a sequence says.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Something for the program.
    Input(Input),
    /// What follows is pasted text.
    PasteStart,
    /// A chord that does not exist here, or a report that nobody asked for.
    Nothing,
}

impl Meaning {
    fn of(input: Option<Input>) -> Self {
        input.map_or(Self::Nothing, Self::Input)
    }
}

/// The length in bytes of the first sequence, never zero, and what it says; nothing when more bytes must come.
pub fn first(bytes: &[u8]) -> Option<(usize, Meaning)> {
    match *bytes.first()? {
        ESC => escape(bytes),
        byte @ (0..0x20 | 0x7f) => Some((1, Meaning::of(control(byte)))),
        _ => character(bytes),
    }
}

/// The keys that terminals send as one control byte.
fn control(byte: u8) -> Option<Input> {
    let key = match byte {
        b'\r' | b'\n' => Key::new(KeyCode::Enter),
        b'\t' => Key::new(KeyCode::Tab),
        0x7f | 0x08 => Key::new(KeyCode::Backspace),
        1..=26 => Key::ctrl(char::from(byte - 1 + b'a')),
        0x1c..=0x1f => Key::ctrl(char::from(byte + 0x40)),
        _ => return None,
    };
    Some(Input::Key(key))
}

/// A printable character in UTF-8; a byte that cannot be one is skipped.
fn character(bytes: &[u8]) -> Option<(usize, Meaning)> {
    let length = match bytes[0] {
        0x20..=0x7e => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((1, Meaning::Nothing)),
    };
    let present = &bytes[..bytes.len().min(length)];
    match std::str::from_utf8(present) {
        Ok(text) => {
            let char = text.chars().next().filter(|char| !char.is_control());
            Some((length, Meaning::of(char.map(|char| Input::Key(Key::char(char))))))
        }
        Err(error) if error.error_len().is_none() => None,
        Err(_) => Some((1, Meaning::Nothing)),
    }
}

fn escape(bytes: &[u8]) -> Option<(usize, Meaning)> {
    match *bytes.get(1)? {
        ESC => Some((1, Meaning::Input(Input::Key(Key::new(KeyCode::Esc))))),
        b'[' => csi(bytes),
        b'O' => ss3(bytes),
        b']' | b'P' | b'X' | b'^' | b'_' => string(bytes),
        // An alt chord: the character belongs to the escape and is nothing.
        _ => first(&bytes[1..]).map(|(length, _)| (length + 1, Meaning::Nothing)),
    }
}

/// `ESC O` and a letter: cursor and function keys in application mode.
fn ss3(bytes: &[u8]) -> Option<(usize, Meaning)> {
    let last = *bytes.get(2)?;
    if !last.is_ascii_graphic() {
        return Some((2, Meaning::Nothing));
    }
    let code = letter(last).or_else(|| (last == b'R').then_some(KeyCode::F(3)));
    Some((3, Meaning::of(code.map(|code| Input::Key(Key::new(code))))))
}

/// OSC, DCS, SOS, PM, APC: answers to questions that are never asked. Skipped whole, or their text would be keys.
fn string(bytes: &[u8]) -> Option<(usize, Meaning)> {
    let end = 2 + bytes[2..].iter().position(|byte| matches!(*byte, ESC | BEL))?;
    if bytes[end] == BEL {
        return Some((end + 1, Meaning::Nothing));
    }
    let length = if *bytes.get(end + 1)? == b'\\' { end + 2 } else { end };
    Some((length, Meaning::Nothing))
}

/// `ESC [`, parameters, intermediates, a final byte; and the two old formats that break this rule.
fn csi(bytes: &[u8]) -> Option<(usize, Meaning)> {
    match *bytes.get(2)? {
        b'M' => return x10_mouse(bytes),
        b'[' => return linux_function_key(bytes),
        _ => {}
    }
    let end = 2 + bytes[2..].iter().position(|byte| !matches!(*byte, 0x20..=0x3f))?;
    if !matches!(bytes[end], 0x40..=0x7e) {
        return Some((end, Meaning::Nothing));
    }
    let parameters = std::str::from_utf8(&bytes[2..end]).unwrap_or_default();
    Some((end + 1, csi_meaning(parameters, bytes[end])))
}

fn csi_meaning(parameters: &str, last: u8) -> Meaning {
    if let Some(report) = parameters.strip_prefix('<') {
        return Meaning::of(sgr_mouse(report, last));
    }
    let mut fields = parameters.split(';');
    let first = fields.next().unwrap_or_default();
    let Some(modifiers) = Modifiers::parse(fields.next().unwrap_or_default()) else { return Meaning::Nothing };
    match (last, number(first)) {
        (b'~', Some(200)) => Meaning::PasteStart,
        (b'~', Some(27)) => Meaning::of(fields.next().and_then(number).and_then(|code| modifiers.codepoint(code))),
        (b'~', Some(number)) => Meaning::of(numbered(number).map(|code| modifiers.key(code))),
        (b'u', Some(code)) => Meaning::of(modifiers.codepoint(code)),
        (b'I', None) => Meaning::Input(Input::Focus(true)),
        (b'O', None) => Meaning::Input(Input::Focus(false)),
        (b'Z', _) => Meaning::of(Some(modifiers.key(KeyCode::BackTab))),
        (_, None | Some(1)) => Meaning::of(letter(last).map(|code| modifiers.key(code))),
        _ => Meaning::Nothing,
    }
}

/// A decimal number before any `:`.
fn number(field: &str) -> Option<u32> {
    field.split(':').next()?.parse().ok()
}

fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'S' => KeyCode::F(4),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(u8::try_from(number - 10).ok()?),
        17..=21 => KeyCode::F(u8::try_from(number - 11).ok()?),
        23 | 24 => KeyCode::F(u8::try_from(number - 12).ok()?),
        _ => return None,
    })
}

/// Which modifiers a sequence reports. Chords with alt, super, hyper or meta do not exist here.
#[derive(Clone, Copy)]
struct Modifiers {
    shift: bool,
    ctrl: bool,
}

impl Modifiers {
    /// One more than a sum of bits (shift 1, alt 2, ctrl 4, ..), then perhaps `:` and an event type of which 3 is a
    /// key coming up; nothing when the key is none for us.
    fn parse(field: &str) -> Option<Self> {
        let bits = number(field).unwrap_or(1).saturating_sub(1);
        let released = field.split(':').nth(1) == Some("3");
        let (shift, ctrl, others) = (bits & 1 != 0, bits & 4 != 0, bits & 0b11_1010);
        (others == 0 && !released).then_some(Self { shift, ctrl })
    }

    fn key(self, code: KeyCode) -> Input {
        Input::Key(Key { code, ctrl: self.ctrl })
    }

    /// A key reported by its code point, as the kitty protocol and xterm's `modifyOtherKeys` do.
    fn codepoint(self, codepoint: u32) -> Option<Input> {
        Some(match codepoint {
            9 if self.shift => self.key(KeyCode::BackTab),
            9 => self.key(KeyCode::Tab),
            13 => self.key(KeyCode::Enter),
            27 => self.key(KeyCode::Esc),
            8 | 127 => self.key(KeyCode::Backspace),
            _ => {
                let char = char::from_u32(codepoint).filter(|char| !char.is_control())?;
                let char = match (self.ctrl, self.shift) {
                    (true, _) => char.to_ascii_lowercase(),
                    (false, true) => char.to_ascii_uppercase(),
                    (false, false) => char,
                };
                return (!(self.ctrl && char == ' ')).then(|| self.key(KeyCode::Char(char)));
            }
        })
    }
}

/// The Linux console's `ESC [ [ A` to `ESC [ [ E`: F1 to F5.
fn linux_function_key(bytes: &[u8]) -> Option<(usize, Meaning)> {
    let last = *bytes.get(3)?;
    let input = matches!(last, b'A'..=b'E').then(|| Input::Key(Key::new(KeyCode::F(last - b'A' + 1))));
    Some((if input.is_some() { 4 } else { 3 }, Meaning::of(input)))
}

/// `ESC [ M` and three bytes: the mouse of a terminal that does not know mode 1006.
fn x10_mouse(bytes: &[u8]) -> Option<(usize, Meaning)> {
    let [button, column, row] = *bytes.get(3..6)?.first_chunk()?;
    let button = u32::from(button.saturating_sub(32));
    let place = (u16::from(column.saturating_sub(32)), u16::from(row.saturating_sub(32)));
    // Which button came up is not said here.
    let (button, up) = if button & 3 == 3 && button < 32 { (0, true) } else { (button, false) };
    Some((6, Meaning::of(mouse(button, up, place))))
}

/// `ESC [ <`, button, column and row, `M` for down and `m` for up.
fn sgr_mouse(report: &str, last: u8) -> Option<Input> {
    let mut fields = report.split(';').map(str::parse::<u16>);
    let (Some(Ok(button)), Some(Ok(column)), Some(Ok(row)), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return None;
    };
    match last {
        b'M' | b'm' => mouse(u32::from(button), last == b'm', (column, row)),
        _ => None,
    }
}

/// Buttons as mode 1000 numbers them: 0 left, 64 and 65 the wheel; 4, 8 and 16 are modifiers, 32 is motion.
fn mouse(button: u32, up: bool, place: (u16, u16)) -> Option<Input> {
    let kind = match (button & !0b1_1100, up) {
        (0, false) => MouseKind::Press,
        (0, true) => MouseKind::Release,
        (64, false) => MouseKind::WheelUp,
        (65, false) => MouseKind::WheelDown,
        _ => return None,
    };
    Some(Input::Mouse(Mouse { kind, column: place.0.saturating_sub(1), row: place.1.saturating_sub(1) }))
}
