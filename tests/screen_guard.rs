//! The terminal is given back as it was, however the program ends, and is right again after somebody else had it.
//!
//! Each test starts this very test program once more in a pseudo terminal, where [`inside`] is a small program with a
//! screen, and looks at it from outside.

#![expect(clippy::unwrap_used, reason = "the small program is a test too")]

#[path = "support/pty.rs"]
mod pty;

use std::env;
use std::process::exit;

use hookview::app::Input;
use hookview::config::Key;
use hookview::tui::child::{Edited, Program};
use hookview::tui::input::Events;
use hookview::tui::screen::{Screen, ScreenOptions};
use hookview::tui::signals::{Signal, Signals};
use pty::{Pty, PtyCommand, count};
use ratatui::text::Line;
use rustix::process::Signal as Number;

const INSIDE: &str = "HOOKVIEW_TEST_INSIDE";

/// The small program; nothing when this is a test run like any other.
#[test]
fn inside() {
    if env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        exit(runtime.block_on(Small::run()).into());
    }
}

/// Shows what was typed; some keys do something besides.
struct Small {
    screen: Screen,
    events: Events,
    signals: Signals,
    typed: String,
    size: String,
    message: String,
    mouse: bool,
}

impl Small {
    async fn run() -> u8 {
        let options = ScreenOptions { mouse: true, cursor_visible: false };
        let mut small = Self {
            screen: Screen::enter(options).unwrap(),
            events: Events::of_terminal().unwrap(),
            signals: Signals::listen().unwrap(),
            typed: String::new(),
            size: String::new(),
            message: "ready".into(),
            mouse: true,
        };
        loop {
            small.draw();
            tokio::select! {
                signal = small.signals.next() => if let Some(code) = small.signal(signal).await { return code },
                input = small.events.next() => match input {
                    None => return 129,
                    Some(Input::Key(key)) if key == Key::char('q') => return small.leave(),
                    Some(input) => {
                        small.input(&input).await;
                        for input in small.events.drain_ready() {
                            small.input(&input).await;
                        }
                    }
                },
            }
        }
    }

    fn draw(&mut self) {
        let lines = [format!("typed {}", self.typed), self.message.clone(), self.size.clone()];
        let drawn = self.screen.draw(false, |frame| {
            for (row, line) in frame.area().rows().zip(lines) {
                frame.render_widget(Line::raw(line), row);
            }
        });
        drawn.unwrap();
    }

    fn leave(self) -> u8 {
        self.screen.leave().unwrap();
        0
    }

    async fn signal(&mut self, signal: Signal) -> Option<u8> {
        match signal {
            Signal::Stop => self.suspend().await,
            Signal::Continue => self.screen.resume().unwrap(),
            _ => {}
        }
        signal.exit().map(hookview::exit::Exit::code)
    }

    async fn input(&mut self, input: &Input) {
        match input {
            Input::Key(key) => self.key(*key).await,
            Input::Resize { width, height } => self.size = format!("size {width}x{height}"),
            other => self.message = format!("{other:?}"),
        }
    }

    async fn key(&mut self, key: Key) {
        match key.to_string().as_str() {
            "ctrl-z" => self.suspend().await,
            "P" => drop(std::thread::spawn(|| panic!("a thread broke")).join()),
            "!" => panic!("the loop broke"),
            "M" => {
                self.mouse = !self.mouse;
                self.screen.set_mouse(self.mouse).unwrap();
                self.message = format!("mouse {}", self.mouse);
            }
            "E" => self.edit().await,
            text => self.typed += text,
        }
    }

    async fn suspend(&mut self) {
        if let Err(error) = self.screen.suspend("nobody answers until fg", &mut self.signals).await {
            self.message = error.to_string();
        }
    }

    async fn edit(&mut self) {
        self.screen.lend().unwrap();
        let script = "sh -c 'echo editor has it; read line; printf %s \"$line\" > \"$1\"' editor";
        let edited = Program::editor(Some(script), |_| None).unwrap().edit(b"before", "body.txt").await;
        self.screen.take_back().unwrap();
        self.message = match edited {
            Ok(Edited::Changed(bytes)) => format!("edited {}", String::from_utf8_lossy(&bytes)),
            other => format!("{other:?}"),
        };
    }
}

fn small() -> PtyCommand {
    PtyCommand::new(env::current_exe().unwrap()).args(["--exact", "inside", "--nocapture"]).env(INSIDE, "1")
}

fn ready() -> Pty {
    let pty = small().start();
    pty.wait_for("ready");
    pty
}

/// Waits for the end and sees that nothing was left behind.
fn ended(mut pty: Pty) -> (u32, Pty) {
    let status = pty.wait_exit();
    assert_eq!(pty.modes_left_on(), [""; 0]);
    assert!(pty.settings_are_restored());
    (status.exit_code(), pty)
}

#[test]
fn it_takes_what_it_needs_and_no_motion() {
    let mut pty = ready();
    assert!(!pty.settings_are_restored());
    let on =
        ["alternate screen", "mouse buttons", "mouse positions", "focus reports", "bracketed paste", "hidden cursor"];
    assert_eq!(pty.modes_left_on(), on);
    pty.send_keys("M");
    pty.wait_for("mouse false");
    assert_eq!(pty.modes_left_on(), ["alternate screen", "focus reports", "bracketed paste", "hidden cursor"]);
    let output = String::from_utf8(pty.output()).unwrap();
    for never in ["\x1b[6n", "\x1b[?1002h", "\x1b[?1003h", "\x1b[?1015h"] {
        assert!(!output.contains(never), "{}", never.escape_debug());
    }
}

#[test]
fn quitting_gives_it_back() {
    let mut pty = ready();
    pty.send_keys("q");
    assert_eq!(ended(pty).0, 0);
}

#[test]
fn signals_give_it_back() {
    for (number, code) in [(Number::TERM, 143), (Number::INT, 130), (Number::QUIT, 131)] {
        let pty = ready();
        pty.signal(number);
        assert_eq!(ended(pty).0, code);
    }
}

#[test]
fn a_panic_in_any_thread_gives_it_back_before_it_is_told() {
    for (key, message) in [("P", "a thread broke"), ("!", "the loop broke")] {
        let mut pty = ready();
        pty.send_keys(key);
        let (code, pty) = ended(pty);
        assert_eq!(code, 101, "{message}");
        let output = String::from_utf8_lossy(&pty.output()).into_owned();
        assert!(output.rfind("\x1b[?1049l") < output.find(message), "{message}");
        assert!(pty.screen_text().contains(message), "{message}");
    }
}

#[test]
fn keys_typed_ahead_act_in_order() {
    let mut pty = ready();
    pty.send_keys("/abc<down>de<esc>f<enter>");
    pty.wait_for("typed /abcdowndeescfenter");
    let frames = count(&pty.output(), b"\x1b[?2026h");
    assert!(frames < 6, "{frames} frames for 14 keys that were there together");
    pty.send(b"\x1b[200~q!P\rx\x1b[201~");
    pty.wait_for("Paste(\"q!P\\nx\")");
}

#[test]
fn a_new_size_is_heard_of_and_drawn() {
    let mut pty = ready();
    for (columns, rows) in [(200, 50), (10, 3), (40, 12)] {
        pty.resize(columns, rows);
        pty.wait_for(&format!("size {columns}x{rows}"));
    }
    pty.resize(1, 1);
    pty.wait_until("a single cell", |screen| screen.contents() == "t");
    pty.send_keys("q");
    assert_eq!(ended(pty).0, 0);
}

#[test]
fn a_terminal_without_a_size_is_80_by_24() {
    let mut pty = small().size(0, 0).start();
    pty.wait_for_output(b"ready", 1);
    pty.send_keys("q");
    assert_eq!(ended(pty).0, 0);
}

#[test]
fn nothing_is_written_when_nothing_changes() {
    let mut pty = ready();
    pty.send_keys("a");
    pty.wait_for("typed a");
    let before = pty.output().len();
    for _ in 0..100 {
        pty.send(b"\x1b[<35;10;10M");
    }
    pty.send_keys("b");
    pty.wait_for("typed ab");
    let frame = pty.output().len() - before;
    assert!(frame < 100, "{frame} bytes for one letter and 100 motions");
}

#[test]
fn an_editor_gets_the_terminal_as_the_shell_had_it() {
    let mut pty = ready();
    pty.send_keys("E");
    pty.wait_for("editor has it");
    assert_eq!(pty.modes_left_on(), [""; 0]);
    assert!(pty.settings_are_restored());
    let before = pty.output().len();
    pty.resize(100, 30);
    pty.send_keys("jq\r");
    pty.wait_for("edited jq");
    let meanwhile = pty.output().split_off(before);
    assert!(meanwhile.starts_with(b"jq\r\n"), "{}", meanwhile.escape_ascii());
    pty.send_keys("k");
    pty.wait_for("typed k");
    pty.send_keys("q");
    assert_eq!(ended(pty).0, 0);
}

#[test]
fn what_leads_its_session_is_not_suspended() {
    let mut pty = ready();
    pty.send_keys("<ctrl-z>");
    pty.wait_for("cannot be suspended here: no shell would bring it back");
    pty.send_keys("q");
    assert_eq!(ended(pty).0, 0);
}

#[test]
fn stopped_from_outside_it_paints_everything_when_it_goes_on() {
    let pty = ready();
    pty.signal(Number::STOP);
    pty.signal(Number::CONT);
    pty.wait_for_output(b"\x1b[?1049h", 2);
    pty.wait_for_output(b"\x1b[2J", 2);
    pty.wait_for("ready");
    pty.signal(Number::TERM);
    assert_eq!(ended(pty).0, 143);
}

/// A shell with job control, and the small program as its job.
fn under_a_shell() -> Pty {
    let mut pty = PtyCommand::new("sh").args(["-i"]).env(INSIDE, "1").env("PS1", "prompt: ").start();
    pty.wait_for("prompt: ");
    let program = env::current_exe().unwrap();
    pty.send(format!("'{}' --exact inside --nocapture\r", program.display()).as_bytes());
    pty.wait_for("ready");
    pty
}

#[test]
fn ctrl_z_and_fg_twenty_times_lose_no_key() {
    let mut pty = under_a_shell();
    for times in 1..=20 {
        pty.send_keys("j<ctrl-z>");
        pty.wait_for_output(b"nobody answers until fg", times);
        pty.wait_until("the shell's screen", |screen| !screen.alternate_screen());
        // What is typed before the program has the terminal again is for the program too.
        pty.send_keys("fg<enter>k");
        pty.wait_for(&format!("typed {}", "jk".repeat(times)));
        assert!(pty.modes_left_on().contains(&"alternate screen"));
    }
    pty.send_keys("q");
    pty.wait_until("the shell's screen", |screen| !screen.alternate_screen());
    pty.send_keys("exit<enter>");
    assert_eq!(ended(pty).0, 0);
}
