//! The program from outside: exit codes, streams, words, JSON.

mod arguments;
mod bad_input;
mod basics;
mod bench;
mod compare;
mod edges;
mod hack;
#[cfg(unix)]
mod interrupt;
mod limits;
mod matrix;
mod plot;
mod repair;
mod shape;
mod stability;
mod streams;
mod study;
mod study_file;
mod vary;
