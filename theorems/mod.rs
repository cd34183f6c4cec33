//! Theorems about rewards, one a file, each checked on generated instances and broken on purpose.
//!
//! Owns: statements, hypotheses, generators, predicates, counterexamples by hand; the list [`THEOREMS`].
//! May use: the prelude below, and through it `verify::check`.
//! Must not: print, draw randomness of its own, or polish a statement: the statement is the paper's.
//! To add one: a file `PAPER/CLAIM.rs` that declares `THEOREM`, and one line in the list; a new paper is one line in
//! `papers.rs`.

pub mod papers;

use crate::verify::check::Theorem;

/// What theorem files use.
pub mod prelude {
    pub use crate::base::Interval;
    pub use crate::theorem;
    pub use crate::verify::check::{
        Case, Draw, Finding, Lab, Q, Size, Strength, Value, World, abs, bounds, combination, dot, fraction, l1,
        max_abs, minus, number, plus, real, scaled, solve,
    };
}

macro_rules! theorems {
    ($($paper:ident: $($file:ident)*;)*) => {
        $(
            #[doc = concat!("Theorems of `", stringify!($paper), "`.")]
            pub mod $paper {
                $(pub mod $file;)*
            }
        )*

        /// Every theorem, by paper.
        pub static THEOREMS: &[&Theorem] = &[$($(&$paper::$file::THEOREM,)*)*];
    };
}

theorems! {
    ng1999shaping: potential_shaping_keeps_order;
}
