//! How much memory there is and how much of it the program holds, as the system says.

use std::fmt;
use std::fs;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// Units with their names, larger ones first; those of a thousand and those of 1024, as `ls` and `dd` know them.
const UNITS: [(&str, f64); 9] = [
    ("tib", (1u64 << 40) as f64),
    ("gib", (1u64 << 30) as f64),
    ("mib", (1u64 << 20) as f64),
    ("kib", 1024.0),
    ("tb", 1e12),
    ("gb", 1e9),
    ("mb", 1e6),
    ("kb", 1e3),
    ("b", 1.0),
];

impl Size {
    /// Reads `500MB`, `2GiB`, `1.5gb` or a number of bytes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let split = UNITS.iter().find_map(|&(name, unit)| Some((lower.strip_suffix(name)?, unit)));
        let (digits, unit) = split.unwrap_or((&lower, 1.0));
        truenorth::base::number::parse(digits.trim_end())
            .map(|x| x * unit)
            // At 2^63 a float is still a whole number of bytes, and no machine has as many.
            .filter(|&x| (1.0..9e18).contains(&x))
            .map(|x| Size(x as u64))
            .ok_or_else(|| "a size is a number of bytes, or one with kB, MB, GB, KiB, MiB or GiB behind it".into())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        let unit = ["TB", "GB", "MB", "kB"].into_iter().zip([1e12, 1e9, 1e6, 1e3]).find(|&(_, unit)| bytes >= unit);
        match unit {
            // Three digits, and no point where none is needed.
            Some((name, unit)) if bytes / unit >= 100.0 => write!(f, "{:.0} {name}", bytes / unit),
            Some((name, unit)) => {
                let shown = format!("{:.1}", bytes / unit);
                write!(f, "{} {name}", shown.strip_suffix(".0").unwrap_or(&shown))
            }
            None => write!(f, "{} bytes", self.0),
        }
    }
}

/// Memory of this program that is in RAM now; `None` where the system does not say.
pub fn resident() -> Option<Size> {
    in_kilobytes("/proc/self/status", "VmRSS:")
}

/// Memory of the machine, and how much of it new work can have; `None` where the system does not say.
pub fn of_machine() -> Option<(Size, Size)> {
    Some((in_kilobytes("/proc/meminfo", "MemTotal:")?, in_kilobytes("/proc/meminfo", "MemAvailable:")?))
}

/// What the group of processes this one is in may hold at most, if there is such a limit (cgroup version 2, then 1).
pub fn of_group() -> Option<Size> {
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    // Without a limit the one says `max` and the other a number near 2^63.
    let limit = files.iter().find_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok())?;
    (limit < 1 << 60).then_some(Size(limit))
}

/// A line such as `VmRSS:     5640 kB`.
fn in_kilobytes(file: &str, name: &str) -> Option<Size> {
    let text = fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    number.checked_mul(1024).map(Size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in
            [("500MB", 500_000_000), ("2GiB", 2 << 30), ("1.5gb", 1_500_000_000), ("4096", 4096), ("8 KiB", 8192)]
        {
            assert_eq!(Size::parse(text), Ok(Size(bytes)), "{text}");
        }
        for bad in ["", "MB", "-1MB", "0", "nan", "1e300", "2 apples", "1e18GB"] {
            assert!(Size::parse(bad).is_err(), "{bad}");
        }
        let shown = [999, 1_500, 500_000_000, 2 << 30, 123_456_789_000].map(|bytes| Size(bytes).to_string());
        assert_eq!(shown, ["999 bytes", "1.5 kB", "500 MB", "2.1 GB", "123 GB"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_says_what_is_held() {
        // Other tests take and give back memory meanwhile; what is held here and now is there whatever they do.
        let block = std::hint::black_box(vec![1u8; 64 << 20]);
        let after = resident().expect("known on Linux");
        assert!(after.0 >= 64 << 20, "{after}");
        assert_eq!(block[block.len() / 2], 1);
        let (total, free) = of_machine().expect("known on Linux");
        assert!(free <= total && after <= total);
    }
}
