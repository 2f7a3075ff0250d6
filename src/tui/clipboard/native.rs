//! The clipboard of the desktop, on a thread of its own: X11 and Wayland ask the program for the text when somebody
//! pastes, and a display that does not answer must not hold up anything else.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use arboard::Clipboard;
use tokio::sync::oneshot;

/// How long a desktop may take to take the text over when the program ends.
const FAREWELL: Duration = Duration::from_millis(200);

struct Request {
    text: String,
    done: oneshot::Sender<bool>,
}

/// A thread that holds the desktop's clipboard for as long as this lives.
pub struct Native {
    requests: Option<SyncSender<Request>>,
    /// Behind a lock only so that the clipboard can be shared between tasks.
    ended: Mutex<Receiver<()>>,
}

impl Native {
    /// Starts the thread. The desktop is first spoken to when something is copied.
    pub fn start() -> Self {
        let (requests, received) = sync_channel(1);
        let (end, ended) = sync_channel(1);
        thread::spawn(move || {
            serve(&received);
            drop(end);
        });
        Self { requests: Some(requests), ended: Mutex::new(ended) }
    }

    /// Sets the clipboard's text; whether that worked within the time limit.
    pub async fn set(&self, text: String, time_limit: Duration) -> bool {
        let (done, answer) = oneshot::channel();
        let Some(requests) = &self.requests else { return false };
        // A full channel is a desktop that has not answered the last time either.
        if requests.try_send(Request { text, done }).is_err() {
            return false;
        }
        matches!(tokio::time::timeout(time_limit, answer).await, Ok(Ok(true)))
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        self.requests = None;
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(FAREWELL);
    }
}

/// Keeps one clipboard, because what it holds goes with it; opened again after it failed.
fn serve(requests: &Receiver<Request>) {
    let mut clipboard = None;
    for request in requests {
        if clipboard.is_none() {
            clipboard = Clipboard::new().ok();
        }
        let set = clipboard.as_mut().is_some_and(|clipboard| clipboard.set_text(request.text).is_ok());
        if !set {
            clipboard = None;
        }
        let _ = request.done.send(set);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_desktop_that_does_not_answer_is_not_waited_for() {
        let (requests, received) = sync_channel(1);
        let (_end, ended) = sync_channel(1);
        let native = Native { requests: Some(requests), ended: Mutex::new(ended) };
        assert!(!native.set("first".into(), Duration::from_millis(1)).await);
        assert!(!native.set("second".into(), Duration::from_secs(3600)).await);
        drop(received);
    }
}
