//! The two precisions of the inner solvers.

use std::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};

use super::super::sweep::Value;

/// A floating-point number: single precision on the way, double where that does not suffice.
pub(super) trait Real:
    Value
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + SubAssign
{
    const ZERO: Self;
    /// Smallest part to which an inner solve can shrink its residual before rounding takes over, with room to spare.
    const FINEST: f64;

    fn of(x: f64) -> Self;
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const FINEST: f64 = 4e-6;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x as f32
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const FINEST: f64 = 1e-12;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }
}
