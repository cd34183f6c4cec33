//! The program. Everything it does is in [`truenorth_cli`].
//!
//! What only the first moment of a process can tell is looked at here. Before `main` the runtime of Rust puts the null device
//! in place of a standard output that is closed, and from then on whatever is printed is lost without an error.

#[cfg(target_os = "linux")]
mod before_main {
    use std::os::fd::AsFd;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// No open file has the number asked about.
    const EBADF: i32 = 9;

    /// Whether the program was started without a standard output.
    pub static STDOUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);

    extern "C" fn look() {
        let copy = std::io::stdout().as_fd().try_clone_to_owned();
        let is_closed = copy.is_err_and(|e| e.raw_os_error() == Some(EBADF));
        STDOUT_IS_CLOSED.store(is_closed, Ordering::Relaxed);
    }

    // SAFETY: the loader calls the functions of this section one after the other before `main`, with arguments that a
    // function of C may ignore. This one copies a file descriptor and writes an atomic, neither of which needs the runtime.
    #[allow(unsafe_code)]
    #[used]
    #[unsafe(link_section = ".init_array")]
    static LOOK: extern "C" fn() = look;
}

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    let stdout_is_closed = before_main::STDOUT_IS_CLOSED.load(std::sync::atomic::Ordering::Relaxed);
    // Nothing like it is known of other systems.
    #[cfg(not(target_os = "linux"))]
    let stdout_is_closed = false;
    truenorth_cli::main(stdout_is_closed)
}
