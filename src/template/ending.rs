//! Taking values apart without recursion: what holds what may be nested deeper than a stack is.

use std::cell::{Cell, RefCell};

/// Anything that can be dropped.
trait Ended {}

impl<T> Ended for T {}

thread_local! {
    static WAITING: RefCell<Vec<Box<dyn Ended>>> = const { RefCell::new(Vec::new()) };
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// Drops this, or lets whoever is dropping already do it afterwards.
pub fn defer<T: 'static>(thing: T) {
    WAITING.with_borrow_mut(|waiting| waiting.push(Box::new(thing)));
    if BUSY.replace(true) {
        return;
    }
    while let Some(next) = WAITING.with_borrow_mut(Vec::pop) {
        drop(next);
    }
    BUSY.set(false);
}
