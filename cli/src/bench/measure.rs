//! Clocks and the size of this process.

use std::time::{Duration, Instant};

use truenorth_show::answer::bench::Timing;

/// Runs of one thing.
#[derive(Debug, Default)]
pub struct Stopwatch {
    laps: Vec<f64>,
    cpu: Option<f64>,
}

/// After this long a workload is not repeated: the fastest of few long runs is as steady as that of many short ones.
const ENOUGH: Duration = Duration::from_secs(60);

impl Stopwatch {
    /// Runs `work` and counts its time.
    pub fn lap<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        let result = work();
        self.laps.push(started.elapsed().as_secs_f64());
        if let (Some(before), Some(after)) = (cpu, cpu_seconds()) {
            *self.cpu.get_or_insert(0.0) += after - before;
        }
        result
    }

    /// Whether another run is wanted, of `repeat`.
    pub fn goes_on(&self, repeat: usize) -> bool {
        self.laps.is_empty() || self.laps.len() < repeat && self.laps.iter().sum::<f64>() < ENOUGH.as_secs_f64()
    }

    /// What was measured. All zero before the first run.
    pub fn timing(&self) -> Timing {
        let mut laps = self.laps.clone();
        laps.sort_by(f64::total_cmp);
        let at = |place: usize| laps.get(place).copied().unwrap_or(0.0);
        let runs = laps.len();
        // The lower middle one of an even number.
        let wall_median = at(runs.saturating_sub(1) / 2);
        Timing { runs, wall_min: at(0), wall_median, cpu: self.cpu.map(|cpu| cpu / runs.max(1) as f64) }
    }
}

/// Processor seconds of this process so far, all threads, in steps of a hundredth. Linux only.
fn cpu_seconds() -> Option<f64> {
    /// Clock ticks a second in `/proc`: 100 on every processor Linux and Rust share.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may contain anything; user and system time are 12th and 13th after it.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / TICKS)
}

/// Largest resident memory of this process so far, in bytes. Linux only.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kilobytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laps_are_sorted_and_end() {
        let mut watch = Stopwatch { laps: vec![3.0, 1.0, 2.0], cpu: Some(6.0) };
        let timing = watch.timing();
        assert_eq!((timing.runs, timing.wall_min, timing.wall_median, timing.cpu), (3, 1.0, 2.0, Some(2.0)));
        assert!(watch.goes_on(4) && !watch.goes_on(3));
        watch.laps[0] = 100.0;
        assert!(!watch.goes_on(4), "a minute is enough");
        assert!(Stopwatch::default().goes_on(0), "once at least");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn work_and_memory_are_seen() {
        let before = peak_memory().expect("Linux");
        let mut watch = Stopwatch::default();
        let bytes = watch.lap(|| {
            let (mut bytes, started) = (vec![1u8; 64 << 20], Instant::now());
            while started.elapsed() < Duration::from_millis(60) {
                bytes.iter_mut().for_each(|b| *b = b.wrapping_mul(3));
            }
            bytes
        });
        assert!(peak_memory().expect("Linux") >= before.max(64 << 20), "{}", bytes[0]);
        assert!(watch.timing().wall_min >= 0.06 && watch.timing().cpu.expect("Linux") > 0.0);
    }
}
