//! Faults that were found, each as a test with its right value.

mod cases;
