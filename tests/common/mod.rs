//! What several test files share: random models, an exact oracle, and nothing of the code under test beyond the
//! model itself.

// Each package compiles its own copy and uses a part of it.
#![allow(dead_code)]

pub mod draw;
pub mod exact;
pub mod hull;
pub mod lab;

use proptest::test_runner::Config;

/// Settings for `cases` random cases, or for `PROPTEST_CASES` of them if that is set. Seeds that ever failed are
/// kept under `proptest-regressions` and run first.
pub fn cases(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    Config { max_shrink_iters: 4_000, ..Config::with_cases(asked.unwrap_or(cases)) }
}

/// Fails with a message; for checks that a mutant must be able to break.
macro_rules! require {
    ($condition:expr, $($message:tt)+) => {
        // A match, because NaN must count as broken and clippy dislikes a negated comparison.
        match $condition {
            true => {}
            false => return Err(format!($($message)+)),
        }
    };
}
