//! Second floor: one door for reading files and one for writing them.
//!
//! Owns: file formats, places of values in them, atomic writing.
//! May use: `base`, `model::raw`, `model::names` and, for the gallery, `model::mdp::random`.
//! Must not: check what a model means, solve anything, print, or guess what a malformed file meant.
//! To add one: a new format is a new file and one line in [`FORMATS`]; the tests walk that list.

use std::path::Path;

use crate::base::{Code, Diag, Offset, Result, Source};
use crate::model::RawModel;

mod access;
pub mod atomic;
mod decode;
mod depth;
pub mod document;
mod encode;
pub mod gallery;
mod json;
pub mod lines;
pub mod metric_file;
mod npz;
pub mod policy_file;
pub mod potential_file;
mod print;
pub mod reward_file;
pub mod reward_set;
pub mod study_file;
#[cfg(test)]
mod tests;
pub mod text;
mod toml;

pub use atomic::write_atomic;
pub use decode::FORMAT;
pub use lines::Lines;
pub use npz::{Archive, Element, write_npy};
pub use policy_file::{PolicyFile, RawPolicy, ResolvedPolicy};
pub use potential_file::{PotentialFile, RawPotential};
pub use reward_file::RewardFile;
pub use reward_set::{SetEntry, SetReward};
pub use study_file::StudyFile;
pub use text::Text;

/// Reads a text into a document.
pub type Parse = for<'a> fn(&Source, &'a str) -> Result<document::Node<'a>>;

/// How a format is read.
#[derive(Clone, Copy)]
pub enum Reading {
    /// From a text, through a document with places.
    Text(Parse),
    /// From a file, without places.
    Binary(fn(&Path) -> Result<RawModel>),
}

/// The bytes of a model in some format, and what that format could not hold.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// To be written as they are.
    pub bytes: Vec<u8>,
    /// One warning for each loss.
    pub warnings: Vec<Diag>,
}

/// A file format for models.
pub struct Format {
    /// Its name in `--to`.
    pub id: &'static str,
    /// File extensions without the leading dot; the first is the one we suggest.
    pub extensions: &'static [&'static str],
    /// How it is read.
    pub read: Reading,
    /// Bytes of memory that reading a file of this format needs at least, from its size or its headers alone.
    pub memory_needed: fn(&Path) -> Result<u64>,
    /// How it is written.
    pub write: fn(&RawModel) -> Result<Encoded>,
}

/// Every format, one line each.
pub static FORMATS: &[Format] = &[
    Format {
        id: "toml",
        extensions: &["mdp.toml", "toml"],
        read: Reading::Text(toml::parse),
        memory_needed: text::memory_needed,
        write: encode::toml,
    },
    Format {
        id: "json",
        extensions: &["mdp.json", "json"],
        read: Reading::Text(json::parse),
        memory_needed: text::memory_needed,
        write: encode::json,
    },
    Format {
        id: "npz",
        extensions: &["npz"],
        read: Reading::Binary(npz::read),
        memory_needed: npz::memory_needed,
        write: npz::write,
    },
];

/// The format a file name's extension stands for.
pub fn format_of(path: &Path) -> Result<&'static Format> {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let matches = |f: &&Format| f.extensions.iter().any(|e| name.strip_suffix(e).is_some_and(|n| n.ends_with('.')));
    FORMATS.iter().find(matches).ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().map(|f| f.extensions[0]).collect();
        let shown = path.display().to_string();
        let diag = match path.extension() {
            Some(e) => Diag::new(Code::FormatUnknown, format!("unknown extension `.{}`", e.to_string_lossy()))
                .nearest(&e.to_string_lossy(), FORMATS.iter().flat_map(|f| f.extensions.iter().copied())),
            None => Diag::new(Code::FormatUnknown, format!("{shown} has no extension"))
                .help("rename the file so that its name says what it is"),
        };
        let list = known.iter().map(|e| format!("`.{e}`")).collect::<Vec<_>>().join(", ");
        Box::new(diag.at(&Source::binary(shown), Offset::NONE).expected(format!("one of {list}")))
    })
}

/// The format with an id, as given to `--to`.
pub fn format_by_id(id: &str) -> Result<&'static Format> {
    FORMATS.iter().find(|f| f.id == id).ok_or_else(|| {
        let ids = || FORMATS.iter().map(|f| f.id);
        let list = ids().collect::<Vec<_>>().join(", ");
        let diag = Diag::new(Code::FormatUnknown, format!("unknown format {}", document::quoted(id)));
        Box::new(diag.expected(format!("one of {list}")).nearest(id, ids()))
    })
}

/// Reads a model file; the extension decides the format.
pub fn read_raw(path: &Path) -> Result<RawModel> {
    // A missing file is reported before an unknown extension: `frozenlake` is a slip of another kind.
    text::check(path)?;
    match format_of(path)?.read {
        Reading::Text(parse) => model_from(&text::read(path)?, parse),
        Reading::Binary(read) => read(path),
    }
}

/// Bytes of memory that [`read_raw`] needs at least. The model itself is not read; what is found to be wrong on the
/// way is refused as by [`read_raw`].
pub fn memory_needed(path: &Path) -> Result<u64> {
    text::check(path)?;
    (format_of(path)?.memory_needed)(path)
}

/// Reads a model from a text in memory; `name` is used in messages. Binary formats are refused.
pub fn read_raw_text(name: &str, text: &str, format: &Format) -> Result<RawModel> {
    read_raw_bytes(name, text.as_bytes().to_vec(), format)
}

/// As [`read_raw_text`], for bytes that may not be a text at all.
pub fn read_raw_bytes(name: &str, bytes: Vec<u8>, format: &Format) -> Result<RawModel> {
    match format.read {
        Reading::Text(parse) => model_from(&text::decode(name, bytes)?, parse),
        Reading::Binary(_) => Diag::new(Code::FormatUnknown, format!("{} files are not text", format.id))
            .at(&Source::binary(name), Offset::NONE)
            .expected("a text format")
            .help("give the path of the file")
            .err(),
    }
}

fn model_from(text: &Text, parse: Parse) -> Result<RawModel> {
    decode::model(&text.source, parse(&text.source, &text.text)?)
}

/// Writes a model file, whole or not at all; the extension decides the format. Returns what could not be kept.
pub fn write(path: &Path, model: &RawModel) -> Result<Vec<Diag>> {
    let encoded = encode(model, format_of(path)?)?;
    write_atomic(path, &encoded.bytes)?;
    Ok(encoded.warnings)
}

/// The bytes of a model in a format.
pub fn encode(model: &RawModel, format: &Format) -> Result<Encoded> {
    (format.write)(model)
}

/// Reads a text file that holds something else than a model, and says how to parse it.
fn read_document(path: &Path, what: &str) -> Result<(Text, Parse)> {
    text::check(path)?;
    match format_of(path)?.read {
        Reading::Text(parse) => Ok((text::read(path)?, parse)),
        Reading::Binary(_) => Diag::new(Code::FormatUnknown, format!("{what} is a text"))
            .at(&Source::binary(path.display().to_string()), Offset::NONE)
            .expected("a `.json` or `.toml` file")
            .help("write the numbers as JSON")
            .err(),
    }
}
