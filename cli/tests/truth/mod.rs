//! Everything the program says about small models, held against fractions.
//!
//! The oracle shares no code with the program: it knows a model as fractions, writes the file the program reads, enumerates
//! all deterministic policies, and derives from them what is true. Decisions are never wrong and never missing where the
//! numbers are exact; every interval holds the truth and is narrow.

mod canon;
mod certificate;
mod compare;
mod cone;
mod contradict;
mod draw;
mod hack;
mod hold;
mod limits;
mod matrix;
mod num;
mod occupancy;
mod open;
mod pair;
mod repair;
mod soft;
mod stability;
mod world;
