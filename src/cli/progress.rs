//! A sign of life on a terminal when an answer takes longer than a second.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Work that takes no longer than this needs no sign.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two pictures of the wheel.
const TICK: Duration = Duration::from_millis(120);

/// A wheel and a clock on stderr from one second on, gone when this is dropped.
#[derive(Debug)]
pub struct Progress {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts the clock. Call it only where stderr is a terminal and remarks are wanted.
    pub fn start() -> Self {
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_elapsed(PATIENCE);
            if let Ok(style) = ProgressStyle::with_template("{spinner} solving, {elapsed}") {
                bar.set_style(style);
            }
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Progress { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // Closing the channel is the signal.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A wheel that failed has nothing to say.
            let _ = thread.join();
        }
    }
}
