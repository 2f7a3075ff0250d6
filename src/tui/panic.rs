//! What happens when any thread panics: the terminal is given back, the message is printed and logged, and the loop
//! hears of it as [`Signal::Panic`](super::signals::Signal::Panic), so that the program ends in good order.

use std::any::Any;
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

use tokio::sync::Notify;

use super::guard;

static HAPPENED: Notify = Notify::const_new();

/// Puts the hook in front of the one that is there. Once is enough; more does nothing.
pub fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            let _ = guard::let_go();
            previous(info);
            log(info);
            HAPPENED.notify_one();
        }));
    });
}

/// Waits for a panic; one that was not waited for is told at once.
pub(super) async fn happened() {
    HAPPENED.notified().await;
}

fn log(info: &PanicHookInfo<'_>) {
    let message = message(info.payload());
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let thread = std::thread::current();
    tracing::error!(thread = thread.name().unwrap_or("unnamed"), "panicked at {place}: {message}");
}

/// What `panic!` was told: a literal or a formatted text.
fn message(payload: &dyn Any) -> &str {
    let literal = payload.downcast_ref::<&str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
