//! When to stop before the end, and how far the work is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use super::{Outcome, Solver};

/// How far a solve is; written by the methods, read by whoever shows progress.
#[derive(Debug, Default)]
pub struct Meter {
    sweeps: AtomicU64,
    /// Bits of the current half width, in units of the tolerance asked for.
    width: AtomicU64,
}

impl Meter {
    /// A meter at zero.
    pub const fn new() -> Self {
        Meter { sweeps: AtomicU64::new(0), width: AtomicU64::new(0) }
    }

    /// Sweeps of the solve that reported last.
    pub fn sweeps(&self) -> u64 {
        self.sweeps.load(Ordering::Relaxed)
    }

    /// Half width of the bounds in units of the tolerance asked for, of the solve that reported last; done at 1.
    pub fn width(&self) -> f64 {
        f64::from_bits(self.width.load(Ordering::Relaxed))
    }

    fn report(&self, sweeps: usize, width: f64) {
        self.sweeps.store(sweeps as u64, Ordering::Relaxed);
        self.width.store(width.to_bits(), Ordering::Relaxed);
    }
}

/// What ends a solve before its tolerance is reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// A moment.
    pub deadline: Option<Instant>,
    /// A flag that another thread may set.
    pub stop: Option<&'static AtomicBool>,
    /// Where progress goes.
    pub meter: Option<&'static Meter>,
}

impl Limits {
    /// The limit that has been reached, if any.
    pub fn reached(&self) -> Option<Outcome> {
        if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Some(Outcome::Interrupted);
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(Outcome::TimeLimit)
    }
}

impl Solver<'_> {
    /// Reports progress after a sweep and says whether a limit ends the solve here. `width` is the half width of the
    /// bounds in units of the tolerance asked for.
    pub(super) fn must_stop(&self, sweeps: usize, width: f64) -> Option<Outcome> {
        if let Some(meter) = self.options.limits.meter {
            meter.report(sweeps, width);
        }
        if sweeps >= self.options.max_sweeps {
            return Some(Outcome::SweepLimit);
        }
        self.options.limits.reached()
    }

    /// Whether a limit other than that on sweeps has been reached.
    pub fn is_out_of_time(&self) -> bool {
        self.options.limits.reached().is_some()
    }
}
