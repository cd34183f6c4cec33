//! A sign of life on a terminal when an answer takes longer than a second: what is done, how wide the bounds are, and
//! how long it will take.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::control::{self, METER, Phase};

/// Work that takes no longer than this needs no sign.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two pictures of the wheel.
const TICK: Duration = Duration::from_millis(120);
/// Pictures over which the speed is measured: about five seconds.
const MEMORY: usize = 40;
/// Fewest pictures from which an end is foretold.
const ENOUGH: usize = 12;
/// The speeds of both halves of the memory may differ by this factor for their mean to be believed.
const STEADY: f64 = 1.5;

/// The line on the terminal, if there is one.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);
/// Bits of the tolerance asked for.
static ASKED: AtomicU64 = AtomicU64::new(0);
static LINES: AtomicU64 = AtomicU64::new(0);
static IS_BATCH: AtomicBool = AtomicBool::new(false);

fn bar() -> MutexGuard<'static, Option<ProgressBar>> {
    BAR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says what tolerance the widths of the meter are relative to.
pub fn ask_for(tolerance: f64) {
    ASKED.store(tolerance.to_bits(), Ordering::Relaxed);
}

/// Shows lines done, here `n`, in place of one solve.
pub fn lines(n: usize) {
    LINES.store(n as u64, Ordering::Relaxed);
    IS_BATCH.store(true, Ordering::Relaxed);
}

/// Things done of a known number of them.
struct Count {
    done: Arc<AtomicUsize>,
    total: usize,
    what: &'static str,
}

static COUNT: Mutex<Option<Count>> = Mutex::new(None);

/// Shows how many of `total` things are done, in place of one solve; the caller adds to what is returned.
pub fn count(total: usize, what: &'static str) -> Arc<AtomicUsize> {
    let done = Arc::new(AtomicUsize::new(0));
    let count = Count { done: Arc::clone(&done), total, what };
    *COUNT.lock().unwrap_or_else(PoisonError::into_inner) = Some(count);
    done
}

/// Does something to the terminal with the line out of the way.
pub fn aside<T>(write: impl FnOnce() -> T) -> T {
    match &*bar() {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// Takes the line away.
pub fn clear() {
    if let Some(bar) = bar().take() {
        bar.finish_and_clear();
    }
}

/// The line on stderr from one second on, gone when this is dropped.
#[derive(Debug)]
pub struct Progress {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts the clock. Call it only where stderr is a terminal and remarks are wanted.
    pub fn start() -> Self {
        let (stop, stopped) = channel();
        let started = Instant::now();
        let thread = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let line = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                line.set_style(style);
            }
            *bar() = Some(line);
            let mut speed = Speed::default();
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                let state = State::now(started.elapsed(), &mut speed);
                if let Some(line) = &*bar() {
                    line.set_message(state.words());
                    line.tick();
                }
            }
            clear();
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

/// What there is to show.
struct State {
    phase: Phase,
    elapsed: Duration,
    is_asked_to_stop: bool,
    lines: Option<u64>,
    /// Done, of how many, of what.
    count: Option<(usize, usize, &'static str)>,
    solves: u64,
    sweeps: u64,
    /// Half width of the bounds relative to the largest conceivable return, where it is known.
    width: Option<f64>,
    asked: f64,
    left: Option<Duration>,
}

impl State {
    fn now(elapsed: Duration, speed: &mut Speed) -> Self {
        let (solves, sweeps, units) = (METER.solves(), METER.sweeps(), METER.width());
        let asked = f64::from_bits(ASKED.load(Ordering::Relaxed));
        let is_known = units.is_finite() && units > 0.0;
        if is_known {
            speed.take(solves, elapsed.as_secs_f64(), units.ln());
        }
        State {
            phase: control::phase(),
            elapsed,
            is_asked_to_stop: control::STOP.asked().is_some(),
            count: COUNT
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .as_ref()
                .map(|count| (count.done.load(Ordering::Relaxed).min(count.total), count.total, count.what)),
            lines: IS_BATCH.load(Ordering::Relaxed).then(|| LINES.load(Ordering::Relaxed)),
            solves,
            sweeps,
            width: is_known.then_some(units * asked),
            asked,
            left: speed.left().filter(|_| is_known),
        }
    }

    /// One line, most telling part first: a narrow terminal cuts the end off.
    fn words(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let many = |n: u64, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
        match (self.phase, self.lines) {
            _ if self.is_asked_to_stop => parts.push("stopping".into()),
            (Phase::Solving, _) if self.count.is_some() => return self.counted(),
            (_, Some(lines)) => parts.push(format!("{} done", many(lines, "line"))),
            (Phase::Reading, _) => parts.push("reading".into()),
            (Phase::Answering, _) => parts.push("writing".into()),
            (Phase::Solving, _) if self.sweeps == 0 => parts.push("solving".into()),
            (Phase::Solving, _) => {
                if self.solves > 1 {
                    parts.push(format!("solve {}", self.solves));
                }
                parts.push(many(self.sweeps, "sweep"));
                if let Some(width) = self.width {
                    parts.push(format!("bounds within {width:.1e}, {:.0e} asked", self.asked));
                }
            }
        }
        parts.push(time(self.elapsed));
        if let (Phase::Solving, None, false, Some(left)) = (self.phase, self.lines, self.is_asked_to_stop, self.left) {
            let what = if self.solves > 1 { " in this solve" } else { "" };
            parts.push(format!("about {} left{what}", time(rounded(left))));
        }
        parts.join(", ")
    }
}

impl State {
    /// What is done of a known number of things of about equal size.
    fn counted(&self) -> String {
        let (done, total, what) = self.count.unwrap_or_default();
        let share = self.elapsed.as_secs_f64() / done.max(1) as f64;
        let left = Duration::try_from_secs_f64(share * (total - done) as f64).unwrap_or(Duration::MAX);
        let left = if done > 0 { format!(", about {} left", time(rounded(left))) } else { String::new() };
        format!("{done} of {total} {what}, {}{left}", time(self.elapsed))
    }
}

/// How fast the logarithm of the width falls.
#[derive(Default)]
struct Speed {
    solve: u64,
    /// Seconds, and logarithm of the width in units of the tolerance.
    seen: VecDeque<(f64, f64)>,
}

impl Speed {
    fn take(&mut self, solve: u64, at: f64, log_width: f64) {
        if solve != self.solve {
            self.solve = solve;
            self.seen.clear();
        }
        if self.seen.len() == MEMORY {
            self.seen.pop_front();
        }
        self.seen.push_back((at, log_width));
    }

    /// Time until the width is what was asked for, if it falls steadily.
    fn left(&self) -> Option<Duration> {
        if self.seen.len() < ENOUGH {
            return None;
        }
        let (first, middle, last) = (self.seen[0], self.seen[self.seen.len() / 2], self.seen[self.seen.len() - 1]);
        let rate = |from: (f64, f64), to: (f64, f64)| (from.1 - to.1) / (to.0 - from.0);
        let (early, late, all) = (rate(first, middle), rate(middle, last), rate(first, last));
        let is_steady = early > 0.0 && late > 0.0 && early < STEADY * late && late < STEADY * early;
        let seconds = last.1.max(0.0) / all;
        // Beyond a few years the number says nothing.
        (is_steady && seconds < 1e8).then(|| Duration::from_secs_f64(seconds))
    }
}

/// Two digits are all that an estimate is worth.
fn rounded(left: Duration) -> Duration {
    let step = match left.as_secs() {
        0..60 => 1,
        60..600 => 10,
        600..3600 => 60,
        _ => 600,
    };
    Duration::from_secs((left.as_secs() + step / 2).div_euclid(step).max(1) * step)
}

/// `9 s`, `2 min 10 s`, `3 h 20 min`.
fn time(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3600 if s % 60 == 0 => format!("{} min", s / 60),
        s @ 60..3600 => format!("{} min {} s", s / 60, s % 60),
        s => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State {
            phase: Phase::Solving,
            elapsed: Duration::from_secs(12),
            is_asked_to_stop: false,
            lines: None,
            count: None,
            solves: 1,
            sweeps: 3100,
            width: Some(3.24e-4),
            asked: 1e-10,
            left: Some(Duration::from_secs(133)),
        }
    }

    #[test]
    fn the_line_says_what_is_known() {
        assert_eq!(state().words(), "3100 sweeps, bounds within 3.2e-4, 1e-10 asked, 12 s, about 2 min 10 s left");
        let second = State { solves: 2, sweeps: 1, width: None, left: None, ..state() };
        assert_eq!(second.words(), "solve 2, 1 sweep, 12 s");
        assert_eq!(State { lines: Some(7), ..state() }.words(), "7 lines done, 12 s");
        assert_eq!(State { is_asked_to_stop: true, ..state() }.words(), "stopping, 12 s");
        assert_eq!(State { phase: Phase::Reading, ..state() }.words(), "reading, 12 s");
        let counted = |done| State { count: Some((done, 384, "environments")), ..state() }.words();
        assert_eq!(counted(0), "0 of 384 environments, 12 s");
        assert_eq!(counted(96), "96 of 384 environments, 12 s, about 36 s left");
    }

    #[test]
    fn an_end_is_foretold_only_from_a_steady_fall() {
        let mut speed = Speed::default();
        for i in 0..ENOUGH {
            assert_eq!(speed.left(), None, "too early");
            speed.take(1, i as f64 * 0.1, 20.0 - i as f64 * 0.2);
        }
        // 17.8 to go at 2 a second.
        let left = speed.left().expect("steady").as_secs_f64();
        assert!((left - 8.9).abs() < 1e-9, "{left}");
        for i in ENOUGH..MEMORY {
            speed.take(1, i as f64 * 0.1, 17.8);
        }
        assert_eq!(speed.left(), None, "it stands still");
        speed.take(2, 9.0, 30.0);
        assert_eq!(speed.left(), None, "another solve");
    }

    #[test]
    fn times_are_short() {
        let seconds = [5, 61, 120, 3599, 7260].map(|s| time(Duration::from_secs(s)));
        assert_eq!(seconds, ["5 s", "1 min 1 s", "2 min", "59 min 59 s", "2 h 1 min"]);
        let estimates = [0, 59, 133, 1000, 9000].map(|s| rounded(Duration::from_secs(s)).as_secs());
        assert_eq!(estimates, [1, 59, 130, 1020, 9000]);
    }
}
