//! References that the library holds, and how they are let go without the interpreter lock.

use super::{Object, PYTHON, Python, python};
use core::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Mutex, TryLockError};

/// A reference the library holds, let go on any thread.
pub(in crate::ffi) struct Held(Object);

// SAFETY: the object is not touched through it; letting go only queues its address.
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}

impl Held {
    /// Takes a reference.
    ///
    /// # Safety
    /// `object` is a live object and the caller holds the interpreter lock.
    pub(in crate::ffi) unsafe fn new(python: &Python, object: Object) -> Self {
        // SAFETY: the caller's promise.
        unsafe { (python.inc_ref)(object) };
        Self(object)
    }
}

struct Dropped {
    object: Object,
    next: *mut Dropped,
}

/// References nobody needs any more, newest first. A stack without a lock, so that a fork cannot leave it locked.
static DROPPED: AtomicPtr<Dropped> = AtomicPtr::new(ptr::null_mut());

/// Whether the interpreter has been asked to come by and has not been yet.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether the interpreter can still be asked; held while asking, so that it cannot end meanwhile.
static OPEN: Mutex<bool> = Mutex::new(true);

/// Tries at a lock that is held for nanoseconds, but for ever if its holder was not forked along.
const TRIES: u32 = 1000;

impl Drop for Held {
    fn drop(&mut self) {
        let node = Box::into_raw(Box::new(Dropped { object: self.0, next: ptr::null_mut() }));
        let mut top = DROPPED.load(Ordering::Relaxed);
        loop {
            // SAFETY: ours alone until it is on the stack.
            unsafe { (*node).next = top };
            match DROPPED.compare_exchange_weak(top, node, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => break,
                Err(now) => top = now,
            }
        }
        ask();
    }
}

fn with_open<T>(body: impl FnOnce(&mut bool) -> T) -> Option<T> {
    for _ in 0..TRIES {
        match OPEN.try_lock() {
            Ok(mut open) => return Some(body(&mut open)),
            Err(TryLockError::Poisoned(poisoned)) => return Some(body(&mut poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
    None
}

/// Asks the interpreter to let go of what was dropped as soon as its main thread runs Python code.
///
/// Where that cannot be, the next call of `iw_python_release` does.
fn ask() {
    let Some(add_pending_call) = PYTHON.get().and_then(|python| python.add_pending_call) else { return };
    if ASKED.swap(true, Ordering::AcqRel) {
        return;
    }
    let asked = with_open(|open| {
        // SAFETY: may be called on any thread, with or without the lock, until the interpreter ends, which
        // iw_python_close comes before.
        *open && unsafe { add_pending_call(come_by, ptr::null_mut()) } == 0
    });
    if asked != Some(true) {
        ASKED.store(false, Ordering::Release);
    }
}

unsafe extern "C" fn come_by(_context: *mut c_void) -> c_int {
    release();
    0
}

/// Lets go of everything on the stack; the caller holds the interpreter lock.
fn release() {
    let Ok(python) = python() else { return };
    ASKED.store(false, Ordering::Release); // first: what is dropped from now on asks again
    let mut node = DROPPED.swap(ptr::null_mut(), Ordering::AcqRel);
    while !node.is_null() {
        // SAFETY: made by Box::into_raw in Held::drop, and taken off the stack by nobody else.
        let dropped = unsafe { Box::from_raw(node) };
        node = dropped.next;
        // SAFETY: a reference that Held took; the caller holds the lock. It may run Python code.
        unsafe { (python.dec_ref)(dropped.object) };
    }
}

/// Lets go of the Python objects that frames no longer need.
///
/// They are let go by themselves as soon as the main thread runs Python code; this does it now. Call it while
/// holding the interpreter lock.
#[unsafe(no_mangle)]
pub extern "C" fn iw_python_release() {
    release();
}

/// Says that the interpreter is about to end: from now on nothing asks anything of it.
#[unsafe(no_mangle)]
pub extern "C" fn iw_python_close() {
    with_open(|open| *open = false);
}
