//! When to stop before the end, and how far the work is.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Instant;

use super::{Outcome, Solver};

/// A request to stop, made by another thread than the one that solves. The first reason given counts.
#[derive(Debug, Default)]
pub struct Stop(AtomicU8);

impl Stop {
    const INTERRUPTED: u8 = 1;
    const MEMORY: u8 = 2;

    /// No request.
    pub const fn new() -> Self {
        Stop(AtomicU8::new(0))
    }

    /// Somebody does not want to wait any longer.
    pub fn interrupt(&self) {
        self.ask(Self::INTERRUPTED);
    }

    /// The memory allowed is used up.
    pub fn for_memory(&self) {
        self.ask(Self::MEMORY);
    }

    /// Takes the request back.
    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// What was asked for, as the outcome of a solve.
    pub fn asked(&self) -> Option<Outcome> {
        match self.0.load(Ordering::Relaxed) {
            Self::INTERRUPTED => Some(Outcome::Interrupted),
            Self::MEMORY => Some(Outcome::MemoryLimit),
            _ => None,
        }
    }

    fn ask(&self, reason: u8) {
        // A reason that is there already stays.
        let _ = self.0.compare_exchange(0, reason, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// How far a solve is; written by the methods, read by whoever shows progress.
#[derive(Debug, Default)]
pub struct Meter {
    solves: AtomicU64,
    sweeps: AtomicU64,
    /// Bits of the current half width, in units of the tolerance asked for.
    width: AtomicU64,
}

impl Meter {
    /// A meter at zero.
    pub const fn new() -> Self {
        Meter { solves: AtomicU64::new(0), sweeps: AtomicU64::new(0), width: AtomicU64::new(0) }
    }

    /// Solves that have reported, the present one included. One that ends in its first sweep may not report.
    pub fn solves(&self) -> u64 {
        self.solves.load(Ordering::Relaxed)
    }

    /// Sweeps of the solve that reported last.
    pub fn sweeps(&self) -> u64 {
        self.sweeps.load(Ordering::Relaxed)
    }

    /// Half width of the bounds in units of the tolerance asked for, of the solve that reported last; done at 1.
    /// Infinite or 0 as long as it is not known.
    pub fn width(&self) -> f64 {
        f64::from_bits(self.width.load(Ordering::Relaxed))
    }

    fn report(&self, sweeps: usize, width: f64) {
        let sweeps = sweeps as u64;
        let before = self.sweeps.swap(sweeps, Ordering::Relaxed);
        // Sweeps that do not grow are those of another solve.
        if before == 0 || sweeps <= before {
            self.solves.fetch_add(1, Ordering::Relaxed);
        }
        self.width.store(width.to_bits(), Ordering::Relaxed);
    }
}

/// What ends a solve before its tolerance is reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// A moment.
    pub deadline: Option<Instant>,
    /// A request that another thread may make.
    pub stop: Option<&'static Stop>,
    /// Where progress goes.
    pub meter: Option<&'static Meter>,
}

impl Limits {
    /// The limit that has been reached, if any.
    pub fn reached(&self) -> Option<Outcome> {
        if let Some(outcome) = self.stop.and_then(Stop::asked) {
            return Some(outcome);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_to_stop_counts() {
        let stop = Stop::new();
        assert_eq!(stop.asked(), None);
        stop.for_memory();
        stop.interrupt();
        assert_eq!(stop.asked(), Some(Outcome::MemoryLimit));
        stop.clear();
        stop.interrupt();
        assert_eq!(stop.asked(), Some(Outcome::Interrupted));
    }

    #[test]
    fn a_meter_counts_solves_by_their_sweeps() {
        let meter = Meter::new();
        for sweeps in [1, 2, 3, 1, 2, 2, 7] {
            meter.report(sweeps, 0.5);
        }
        assert_eq!((meter.solves(), meter.sweeps(), meter.width()), (3, 7, 0.5));
    }
}
