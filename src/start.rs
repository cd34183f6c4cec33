//! What only the first moment of a process can tell.
//!
//! Before `main` the runtime of Rust puts the null device in place of a standard output that is closed, and from then on
//! whatever is printed is lost without an error. So one look is taken before that.

use std::sync::atomic::{AtomicBool, Ordering};

static STDOUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether the program was started without a standard output. On systems other than Linux always `false`.
pub fn stdout_is_closed() -> bool {
    STDOUT_IS_CLOSED.load(Ordering::Relaxed)
}

#[cfg(target_os = "linux")]
mod before_main {
    use std::os::fd::AsFd;
    use std::sync::atomic::Ordering;

    /// No open file has the number asked about.
    const EBADF: i32 = 9;

    extern "C" fn look() {
        let copy = std::io::stdout().as_fd().try_clone_to_owned();
        let is_closed = copy.is_err_and(|e| e.raw_os_error() == Some(EBADF));
        super::STDOUT_IS_CLOSED.store(is_closed, Ordering::Relaxed);
    }

    // SAFETY: the loader calls the functions of this section one after the other before `main`, with arguments that a
    // function of C may ignore. This one copies a file descriptor and writes an atomic, neither of which needs the runtime.
    #[allow(unsafe_code)]
    #[used]
    #[unsafe(link_section = ".init_array")]
    static LOOK: extern "C" fn() = look;
}
