//! Models as NumPy archives (`.npz`), for what is too large to be text.
//!
//! | array | shape | meaning |
//! |---|---|---|
//! | `row_ptr` | `[S*A + 1]` | row `s*A + a` is `col[row_ptr[i]..row_ptr[i+1]]`; an empty row is an unavailable action |
//! | `col`, `val` | `[nnz]` | next states and their probabilities |
//! | `gamma` | `[]` or `[1]` | |
//! | `mu0` | `[S]` | start probabilities; its length is S |
//! | `reward.NAME` | `[S]`, `[S, A]`, `[S, A, S]` or `[nnz]` | `[nnz]`: one number a stored transition |
//! | `terminal` | any indices, or `[S]` truth values | optional |
//! | `states`, `actions` | `[S]`, `[A]` texts | optional |
//! | `name`, `description`, `source`, `format` | `[]` texts | optional |
//!
//! Where nnz equals S, a reward of that length is `[S]`. If every state has a stored transition, each then has exactly
//! one and both readings say the same; the writer sees to that. `[nnz]` needs next states that rise within
//! each row, no zeros, and terminal states stored as self-loops, as a checked model has them.
//!
//! In `[S, A]` NaN stands for an action that is not available, in `[S, A, S]` a row of NaN does. `grid` and
//! `expected` have no place here. Arrays are C-ordered and little-endian, members stored or deflated.
//!
//! A set of rewards is an archive of its own: `rewards`, `[K, S, A]` or `[K, S, A, S]`, and perhaps `names`, `[K]` texts.
//!
//! Owns: reading and writing of archives, one array at a time.
//! May use: what `io` may use.
//! Must not: hold an array twice, or believe a size before checking it.
//! To add one: a new array is one line in `KNOWN` of `read`, and its place in `write`.

mod archive;
mod header;
mod npy;
mod read;
mod resolve;
mod rewards;
mod set;
mod stream;
mod write;

pub use archive::Archive;
#[cfg(test)]
pub(super) use header::header_bytes;
pub use npy::{Element, write_npy};
pub(super) use read::{memory_needed, read};
pub(super) use set::read as read_set;
pub(super) use write::write;

/// Prefix of the arrays that hold rewards.
const REWARD: &str = "reward.";
