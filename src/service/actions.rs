//! What plans are carried out with. Captures that wait here take room, which is bounded by their bytes: a target that hangs
//! costs no more memory.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::turns::Turns;
use super::warden::Warden;
use crate::capture::Capture;
use crate::outbound::Client;
use crate::signature::Checker;
use crate::store::Store;

/// So many bytes of captures may wait for commands and targets.
const ROOM: usize = 64 * 1024 * 1024;
/// What a capture takes at least.
const SHARE: usize = 4 * 1024;

/// What plans are carried out with.
pub(super) struct Actions {
    pub(super) store: Store,
    pub(super) client: Client,
    /// How our forwards are told from others, in `Via`.
    pub(super) via: String,
    /// Whose turn it is to run a command, and to send something on.
    pub(super) turns: Turns,
    /// Ends what is being run when hookview is killed.
    pub(super) warden: Warden,
    room: Arc<Semaphore>,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

/// For what and by what something is done.
pub(super) struct Asked {
    pub(super) capture: Arc<Capture>,
    pub(super) rule: String,
    pub(super) checker: Arc<Checker>,
    /// Kept until all is done; `None` when there was no room.
    room: Option<OwnedSemaphorePermit>,
}

impl Actions {
    pub(super) fn new(store: Store, client: Client) -> Self {
        Self {
            store,
            client,
            via: name(),
            turns: Turns::default(),
            warden: Warden::default(),
            room: Arc::new(Semaphore::new(ROOM)),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// A capture for which something is to be done. It takes room until it is.
    pub(super) fn asked(&self, capture: Arc<Capture>, rule: &str, checker: Arc<Checker>) -> Asked {
        let share = u32::try_from((capture.request.body.bytes.len() + SHARE).min(ROOM)).unwrap_or(u32::MAX);
        let room = self.room.clone().try_acquire_many_owned(share).ok();
        Asked { capture, rule: rule.to_owned(), checker, room }
    }
}

impl Asked {
    /// Whether there is room for it to wait and to be worked on.
    pub(super) fn has_room(&self) -> bool {
        self.room.is_some()
    }
}

/// A name for `Via` that no other hookview has.
fn name() -> String {
    format!("hookview-{:016x}", RandomState::new().hash_one(0))
}
