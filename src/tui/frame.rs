//! One frame made into the bytes that bring the terminal from the last frame to it. Pure: the caller writes them.
//!
//! ratatui writes 25 bytes for a frame that changes nothing and shows the cursor whenever it has a place; here a frame
//! that changes nothing is no bytes, and a hidden cursor has a place too, which screen readers and braille lines follow.

use std::io;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Colours that another program left behind would be taken for ours.
const CLEAR: &[u8] = b"\x1b[0m\x1b[2J";

/// The hardware cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cursor {
    /// Where; nothing when that does not matter.
    position: Option<Position>,
    shown: bool,
}

/// Makes frames into bytes.
pub struct Painter {
    terminal: Terminal<Collector>,
    /// As the last frame left it; nothing when that is not known.
    cursor: Option<Cursor>,
    repaint: bool,
}

impl Painter {
    /// A painter for a terminal that is empty and whose cursor is hidden; `size` is asked before each frame.
    pub fn new(size: fn() -> Size) -> io::Result<Self> {
        let collector = Collector { cells: Vec::new(), cursor: None, size };
        Ok(Self { terminal: Terminal::new(collector)?, cursor: Some(Cursor::default()), repaint: false })
    }

    /// Forgets what the terminal shows, so that the next frame is painted whole.
    pub fn forget(&mut self) {
        self.repaint = true;
        self.cursor = None;
    }

    /// The bytes of the next frame, empty when it is as the last one. The frame says where the cursor is,
    /// `show_cursor` whether it is seen there.
    pub fn paint(&mut self, show_cursor: bool, render: impl FnOnce(&mut Frame)) -> io::Result<Vec<u8>> {
        self.terminal.backend_mut().start();
        if std::mem::take(&mut self.repaint) {
            // Not `clear()`, which asks the terminal where its cursor is and takes the answer away from the input.
            let size = self.terminal.size()?;
            self.terminal.resize(Rect::from((Position::ORIGIN, size)))?;
        }
        self.terminal.draw(render)?;
        let collector = self.terminal.backend_mut();
        let position = collector.cursor;
        Ok(self.finish(Cursor { position, shown: show_cursor && position.is_some() }))
    }

    fn finish(&mut self, cursor: Cursor) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.terminal.backend_mut().cells);
        let painted = bytes.len() > BEGIN.len();
        let last = self.cursor.replace(cursor);
        if !painted && last == Some(cursor) {
            return Vec::new();
        }
        let moved = painted || last.is_none_or(|last| last.position != cursor.position);
        if let Some(Position { x, y }) = cursor.position.filter(|_| moved) {
            bytes.extend_from_slice(format!("\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1).as_bytes());
        }
        if last.is_none_or(|last| last.shown != cursor.shown) {
            bytes.extend_from_slice(if cursor.shown { b"\x1b[?25h" } else { b"\x1b[?25l" });
        }
        bytes.extend_from_slice(END);
        bytes
    }
}

/// A ratatui backend that keeps what it is told, so that a frame is one write.
struct Collector {
    cells: Vec<u8>,
    cursor: Option<Position>,
    size: fn() -> Size,
}

impl Collector {
    fn start(&mut self) {
        self.cells.clear();
        self.cells.extend_from_slice(BEGIN);
        self.cursor = None;
    }
}

impl Backend for Collector {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        // The backend below resets colours even when there is nothing to colour.
        if content.peek().is_none() {
            return Ok(());
        }
        CrosstermBackend::new(&mut self.cells).draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.unwrap_or(Position::ORIGIN))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    /// Only whole screens are ever cleared here, and once is enough.
    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        if !self.cells.ends_with(CLEAR) {
            self.cells.extend_from_slice(CLEAR);
        }
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok((self.size)())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ratatui::text::Line;

    use super::*;

    fn size() -> Size {
        Size { width: 20, height: 5 }
    }

    fn paint(painter: &mut Painter, text: &str, cursor: Option<(u16, u16)>, shown: bool) -> String {
        let bytes = painter.paint(shown, |frame| {
            frame.render_widget(Line::raw(text), frame.area());
            if let Some(position) = cursor {
                frame.set_cursor_position(position);
            }
        });
        String::from_utf8(bytes.unwrap()).unwrap().replace('\x1b', "^")
    }

    #[test]
    fn a_frame_is_synchronized_and_the_same_frame_is_nothing() {
        let mut painter = Painter::new(size).unwrap();
        let first = paint(&mut painter, "hello", Some((2, 1)), false);
        assert!(first.starts_with("^[?2026h^[1;1H") && first.contains("hello"), "{first}");
        assert!(first.ends_with("^[2;3H^[?2026l"), "{first}");
        assert_eq!(paint(&mut painter, "hello", Some((2, 1)), false), "");
    }

    #[test]
    fn only_what_changes_about_the_cursor_is_written() {
        let mut painter = Painter::new(size).unwrap();
        paint(&mut painter, "hello", Some((2, 1)), false);
        assert_eq!(paint(&mut painter, "hello", Some((3, 1)), false), "^[?2026h^[2;4H^[?2026l");
        assert_eq!(paint(&mut painter, "hello", Some((3, 1)), true), "^[?2026h^[?25h^[?2026l");
        assert_eq!(paint(&mut painter, "hello", None, true), "^[?2026h^[?25l^[?2026l");
        assert_eq!(paint(&mut painter, "hello", None, false), "");
    }

    #[test]
    fn the_cursor_returns_to_its_place_after_cells_were_painted() {
        let mut painter = Painter::new(size).unwrap();
        paint(&mut painter, "hello", Some((2, 1)), true);
        let frame = paint(&mut painter, "hallo", Some((2, 1)), true);
        assert!(frame.starts_with("^[?2026h^[1;2Ha") && frame.ends_with("^[2;3H^[?2026l"), "{frame}");
        assert!(!frame.contains("?25"), "{frame}");
    }

    #[test]
    fn a_forgotten_frame_is_painted_whole_without_asking_the_terminal() {
        let mut painter = Painter::new(size).unwrap();
        let first = paint(&mut painter, "hello", Some((2, 1)), true);
        painter.forget();
        let again = paint(&mut painter, "hello", Some((2, 1)), true);
        assert_eq!(again, first.replace("^[?2026h", "^[?2026h^[0m^[2J"));
        assert!(!again.contains("[6n"), "{again}");
        // Also the cursor, which the other program may have shown or hidden.
        painter.forget();
        assert!(paint(&mut painter, "hello", None, false).ends_with("^[?25l^[?2026l"));
    }

    #[test]
    fn a_new_size_is_a_whole_frame() {
        use std::sync::atomic::{AtomicU16, Ordering};
        static WIDTH: AtomicU16 = AtomicU16::new(20);
        let mut painter = Painter::new(|| Size { width: WIDTH.load(Ordering::Relaxed), height: 5 }).unwrap();
        paint(&mut painter, "hello", None, false);
        WIDTH.store(1, Ordering::Relaxed);
        let frame = paint(&mut painter, "hello", None, false);
        assert!(frame.starts_with("^[?2026h^[0m^[2J^[1;1Hh"), "{frame}");
    }
}
