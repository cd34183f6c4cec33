//! Faults that were found from outside: each test has the right value, and failed before its fault was mended.

mod stability;
