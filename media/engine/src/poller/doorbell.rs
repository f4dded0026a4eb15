//! Waking a thread that waits.

use std::io::{self, PipeWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Rings once until answered, however many push the button.
#[derive(Debug)]
pub(crate) struct Doorbell {
    bell: Bell,
    rung: AtomicBool,
}

#[derive(Debug)]
pub(super) enum Bell {
    Waker(mio::Waker),
    Pipe(PipeWriter),
}

impl Doorbell {
    pub(super) fn new(bell: Bell) -> Self {
        Self { bell, rung: AtomicBool::new(false) }
    }

    pub(crate) fn ring(&self) {
        if self.rung.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Err(error) = self.bell.ring() {
            self.rung.store(false, Ordering::SeqCst);
            tracing::error!(%error, "a media thread could not be woken");
        }
    }

    /// From now on it rings again.
    pub(super) fn answered(&self) {
        self.rung.store(false, Ordering::SeqCst);
    }
}

impl Bell {
    fn ring(&self) -> io::Result<()> {
        match self {
            Self::Waker(waker) => waker.wake(),
            Self::Pipe(pipe) => {
                let mut pipe = pipe;
                pipe.write_all(&[1])
            }
        }
    }
}
