//! OSC 52, the control sequence that gives the terminal a text for the clipboard of the desk it stands on. Pure.
//!
//! Source: xterm's `ctlseqs`, "Manipulate Selection Data".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// GNU screen drops a device control string that is longer than its buffer, 256 bytes in old ones.
const SCREEN_CHUNK: usize = 240;

/// Whose clipboard a sequence speaks of: `c` is what ctrl-v pastes, `p` what the middle button does on X11.
const SELECTIONS: &[char] = if cfg!(target_os = "linux") { &['c', 'p'] } else { &['c'] };

/// The sequence for a terminal.
pub fn osc52(content: &[u8]) -> Vec<u8> {
    SELECTIONS.iter().flat_map(|selection| set(*selection, content, "\x1b\\")).collect()
}

/// The same for a terminal behind GNU screen, which passes device control strings on, and ends them at any `ESC \`;
/// so the sequence within ends with BEL.
pub fn osc52_through_screen(content: &[u8]) -> Vec<u8> {
    SELECTIONS.iter().flat_map(|selection| pass_on(&set(*selection, content, "\x07"))).collect()
}

fn set(selection: char, content: &[u8], end: &str) -> Vec<u8> {
    format!("\x1b]52;{selection};{}{end}", STANDARD.encode(content)).into_bytes()
}

fn pass_on(sequence: &[u8]) -> Vec<u8> {
    sequence.chunks(SCREEN_CHUNK).flat_map(|chunk| [b"\x1bP", chunk, b"\x1b\\"].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn for_each_selection(text: impl Fn(char) -> String) -> String {
        SELECTIONS.iter().map(|selection| text(*selection)).collect()
    }

    #[test]
    fn a_sequence_holds_any_bytes_and_ends_with_st() {
        let expected = for_each_selection(|selection| format!("\x1b]52;{selection};AP8bXAo=\x1b\\"));
        assert_eq!(osc52(b"\x00\xff\x1b\\\n"), expected.as_bytes());
    }

    #[test]
    fn screen_gets_chunks_that_add_up() {
        for length in [0, 1, 170, 180, 5000] {
            let content = vec![b'x'; length];
            let encoded = STANDARD.encode(&content);
            let expected = for_each_selection(|selection| format!("\x1b]52;{selection};{encoded}\x07"));
            let sequence = String::from_utf8(osc52_through_screen(&content)).unwrap();
            let chunks = sequence.split_terminator("\x1b\\").map(|chunk| chunk.strip_prefix("\x1bP").unwrap());
            let joined: String = chunks.inspect(|chunk| assert!(chunk.len() <= SCREEN_CHUNK)).collect();
            assert_eq!(joined, expected, "{length}");
        }
    }
}
