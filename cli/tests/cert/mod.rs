//! Certificates from outside: all that are made are accepted, all that are damaged are not.

mod accepted;
mod damage;
mod file;
mod make;
mod program;
