//! What can end the program before its answer: Ctrl-C and the memory limit. One of each for the process.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::diagnose;
use super::memory::{self, Size};
use super::progress;
use truenorth::base::{Code, Diag, Result};
use truenorth::io::atomic;
use truenorth::solve::{Meter, Stop};

/// Exit code of a program that was interrupted and had nothing to print, as shells know it.
const INTERRUPTED: i32 = 130;
/// Signals closer together than this are one request: `timeout` and some shells send theirs to the program and to its
/// group.
const ONE_REQUEST: Duration = Duration::from_millis(300);
/// Time between two looks at the memory.
const LOOK: Duration = Duration::from_millis(20);
/// How far above the memory limit a solve may go that does not stop: a quarter, and no less than this.
const OVERSHOOT: u64 = 64 << 20;

/// The request to stop that every solve heeds.
pub static STOP: Stop = Stop::new();
/// Where solves say how far they are.
pub static METER: Meter = Meter::new();

static PHASE: AtomicU8 = AtomicU8::new(Phase::Reading as u8);
/// Bytes allowed; 0 if there is no limit.
static ALLOWED: AtomicU64 = AtomicU64::new(0);
static WANTS_JSON: AtomicBool = AtomicBool::new(false);

/// What the program is doing, which decides how it can be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading files; nothing is known yet, so it just ends.
    Reading,
    /// Solving; it stops with the bounds so far.
    Solving,
    /// Writing an answer, which it finishes.
    Answering,
}

/// What the program is doing.
pub fn phase() -> Phase {
    match PHASE.load(Ordering::Relaxed) {
        x if x == Phase::Solving as u8 => Phase::Solving,
        x if x == Phase::Answering as u8 => Phase::Answering,
        _ => Phase::Reading,
    }
}

/// Says what the program does from now on.
pub fn enter(phase: Phase) {
    PHASE.store(phase as u8, Ordering::Relaxed);
}

/// Starts afresh: for a second command line in the same process.
pub fn reset(wants_json: bool) {
    enter(Phase::Reading);
    STOP.clear();
    ALLOWED.store(0, Ordering::Relaxed);
    WANTS_JSON.store(wants_json, Ordering::Relaxed);
}

/// From now on the first Ctrl-C (or request to terminate) stops a solve with the bounds so far, and a second one, or
/// one outside of a solve, ends the program without an answer and without half a file.
///
/// Signals that whoever started the program has set aside, as `nohup` does, stay so; then nothing is changed here.
pub fn listen() {
    let mut asked: Option<Instant> = None;
    let handler = move || {
        if asked.is_some_and(|at| at.elapsed() < ONE_REQUEST) {
            return;
        }
        if asked.is_some() || phase() == Phase::Reading {
            diagnose::to_stderr("interrupted; nothing more is printed\n");
            leave(INTERRUPTED);
        }
        asked = Some(Instant::now());
        STOP.interrupt();
        if phase() == Phase::Solving {
            diagnose::to_stderr("interrupted; stopping with the bounds so far, again to end at once\n");
        }
    };
    // Without a handler an interrupt ends the program as it always did.
    let _ = ctrlc::try_set_handler(handler);
}

/// Ends the program from whatever thread this is.
fn leave(code: i32) -> ! {
    // Held until the end, so that no file is begun or finished meanwhile.
    let _held = atomic::abandon();
    progress::clear();
    std::process::exit(code);
}

/// Sets the limit on resident memory and watches it from now on.
pub fn limit_memory(allowed: Size) -> Result<()> {
    if memory::resident().is_none() {
        return Diag::new(
            Code::Usage,
            "--memory needs a system that says how much memory a program holds, as Linux does",
        )
        .help("leave --memory out")
        .err();
    }
    let is_watched = ALLOWED.swap(allowed.0, Ordering::Relaxed) > 0;
    if !is_watched {
        thread::spawn(watch);
    }
    Ok(())
}

/// Refuses a model that takes at least so many bytes if that is more than is allowed.
pub fn check_memory(needed: impl FnOnce() -> Result<u64>) -> Result<()> {
    let allowed = ALLOWED.load(Ordering::Relaxed);
    if allowed == 0 {
        return Ok(());
    }
    match needed()? {
        needed if needed > allowed => Err(too_large(&format!("at least {}", Size(needed)), allowed)),
        _ => Ok(()),
    }
}

fn too_large(needed: &str, allowed: u64) -> Box<Diag> {
    let message = format!("this takes {needed} of memory, and --memory allows {}", Size(allowed));
    Box::new(Diag::new(Code::MemoryLimit, message).help("allow more, or ask about a smaller model"))
}

/// Looks at the memory again and again. Above the limit, reading ends with a refusal and solving with the bounds so far;
/// a solve that goes on growing all the same ends with a refusal too. An answer is always finished.
fn watch() {
    loop {
        thread::sleep(LOOK);
        let allowed = ALLOWED.load(Ordering::Relaxed);
        let Some(Size(resident)) = memory::resident() else { return };
        if allowed == 0 {
            return;
        }
        if resident <= allowed {
            continue;
        }
        let too_far = allowed.saturating_add(OVERSHOOT.max(allowed / 4));
        match phase() {
            Phase::Answering => return,
            Phase::Solving if resident <= too_far => STOP.for_memory(),
            Phase::Solving | Phase::Reading => {
                let diag = too_large(&format!("{} and more", Size(resident)), allowed);
                leave(i32::from(diagnose::refuse(&diag, WANTS_JSON.load(Ordering::Relaxed))));
            }
        }
    }
}
