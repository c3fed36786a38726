//! Telling the others of a home that there is work. A ring carries no word and no truth: it says "look again". One that is lost,
//! doubled or forged changes nothing but the moment of a look.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kit::Bell;

/// Hears until it is dropped.
pub type Ears = Box<dyn Send + Sync>;

/// A way to the other processes of a home: on one machine [`kit::Bell`], beyond it a message bus.
pub trait Wake: Send + Sync {
    /// Tells all others to look again. Waits for nobody and fails at nothing: whoever is not reached looks now and then
    /// anyway. Called after the commit that gives them something to do, never before.
    fn tell(&self);

    /// Calls `heard` whenever another has told, from this call on and until the answer is dropped. What was told before need
    /// not be heard: whoever begins to listen looks first. Several rings may be heard as one.
    fn hear(self: Arc<Self>, heard: Box<dyn Fn() + Send>) -> Ears;
}

impl Wake for Bell {
    fn tell(&self) {
        self.ring();
    }

    /// On a thread of its own, for the bell blocks.
    fn hear(self: Arc<Self>, heard: Box<dyn Fn() + Send>) -> Ears {
        self.listen();
        let closed = Arc::new(AtomicBool::new(false));
        let ears = BellEars { bell: Arc::clone(&self), closed: Arc::clone(&closed) };
        // Without a thread there is only the look now and then.
        let _ = std::thread::Builder::new().name("bell".into()).spawn(move || {
            while self.wait().is_ok() && !closed.load(Ordering::SeqCst) {
                heard();
            }
        });
        Box::new(ears)
    }
}

/// Ends the thread that hears a bell.
struct BellEars {
    bell: Arc<Bell>,
    closed: Arc<AtomicBool>,
}

impl Drop for BellEars {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        self.bell.rouse();
    }
}
