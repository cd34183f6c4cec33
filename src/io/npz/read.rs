//! Reading archives: sizes first, then each array straight into its place.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use zip::{CompressionMethod, ZipArchive};

use super::REWARD;
use super::header::{Header, Kind, MAGIC};
use super::rewards::check_order;
use super::stream::Stream;
use crate::base::{Code, Diag, Offset, Result, Source};
use crate::io::document::quoted;
use crate::io::{decode, text};
use crate::model::RawModel;
use crate::model::raw::*;

/// Most bytes that compressed members may unfold into; stored members are bounded by the file itself.
const MAX_INFLATED: u64 = 1 << 30;
/// Deflate cannot compress better than this, so a larger claim is false.
const MAX_RATIO: u64 = 1032;

const KNOWN: &[&str] = &[
    "row_ptr",
    "col",
    "val",
    "gamma",
    "mu0",
    "terminal",
    "states",
    "actions",
    "name",
    "description",
    "source",
    "format",
];

/// Whether a model has an array of that name.
fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || name.starts_with(REWARD)
}

/// Reads an archive.
pub fn read(path: &Path) -> Result<RawModel> {
    let source = Source::binary(path.display().to_string());
    let file = text::open(path)?;
    Archive::open(&source, file, is_known)?.model()
}

/// Bytes that the arrays of an archive take in memory at least, from their headers.
pub fn memory_needed(path: &Path) -> Result<u64> {
    let source = Source::binary(path.display().to_string());
    let archive = Archive::open(&source, text::open(path)?, is_known)?;
    Ok(archive.members.iter().map(|member| member.header.memory()).sum())
}

struct Member {
    name: String,
    index: usize,
    header: Header,
}

/// An archive whose directory and headers have been checked.
pub(super) struct Archive<'s> {
    pub(super) source: &'s Source,
    zip: ZipArchive<BufReader<File>>,
    members: Vec<Member>,
}

fn refuse(source: &Source, code: Code, message: impl Into<String>) -> Diag {
    Diag::new(code, message).at(source, Offset::NONE)
}

impl<'s> Archive<'s> {
    /// Reads the directory and every header, and refuses sizes that cannot be true before any array is read.
    /// `is_known` says which arrays may be there; no other is read.
    pub(super) fn open(source: &'s Source, mut file: File, is_known: fn(&str) -> bool) -> Result<Self> {
        let damaged = |what: String| {
            refuse(source, Code::Syntax, format!("{} is not a NumPy archive: {what}", source.name))
                .expected("an archive as `numpy.savez` writes it")
                .help("save it again with `numpy.savez`")
        };
        let failed = |e: std::io::Error| Box::new(damaged(format!("cannot be read: {e}")));
        let mut magic = Vec::new();
        file.by_ref().take(6).read_to_end(&mut magic).map_err(failed)?;
        if magic.is_empty() {
            return refuse(source, Code::FileEmpty, format!("{} is empty", source.name))
                .expected("an archive as `numpy.savez` writes it")
                .help("save it again with `numpy.savez`")
                .err();
        }
        if magic == MAGIC {
            return damaged("it is a single array".into()).help("save all arrays with `numpy.savez`").err();
        }
        if !magic.starts_with(b"PK") {
            return damaged("it does not begin like an archive".into()).err();
        }
        let file_len = file.seek(SeekFrom::End(0)).map_err(failed)?;
        file.rewind().map_err(failed)?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|e| Box::new(damaged(e.to_string())))?;
        if zip.has_duplicate_names() {
            return refuse(source, Code::NameTwice, "two arrays have the same name")
                .expected("every name once")
                .help("save it again with `numpy.savez`")
                .err();
        }
        let mut archive = Archive { source, zip, members: Vec::new() };
        let (mut packed, mut inflated) = (0u64, 0u64);
        for index in 0..archive.zip.len() {
            let member = archive.zip.by_index(index).map_err(|e| Box::new(damaged(e.to_string())))?;
            let name = member.name().map_err(|e| Box::new(damaged(e.to_string())))?.into_owned();
            let (size, stored) = (member.size(), member.compressed_size());
            packed = packed.saturating_add(stored);
            let is_deflated = match member.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                other => return damaged(format!("{} is compressed by {other}", quoted(&name))).err(),
            };
            let possible = if is_deflated { stored.saturating_mul(MAX_RATIO).saturating_add(1024) } else { stored };
            if size > possible || packed > file_len {
                return damaged(format!("{} claims {size} bytes, more than it can hold", quoted(&name))).err();
            }
            inflated += if is_deflated { size } else { 0 };
            if inflated > MAX_INFLATED {
                return refuse(source, Code::TooLarge, "the compressed arrays are too large")
                    .expected(format!("at most {} GiB of compressed arrays", MAX_INFLATED >> 30))
                    .help("save with `numpy.savez`, which does not compress")
                    .err();
            }
            let Some(name) = name.strip_suffix(".npy") else {
                return damaged(format!("{} is no array", quoted(&name))).err();
            };
            if !is_known(name) {
                return refuse(source, Code::FieldUnknown, format!("there is no place for an array {}", quoted(name)))
                    .expected(
                        "the arrays of a model with its rewards as `reward.NAME`, or `rewards` and `names` of a set",
                    )
                    .nearest(name, KNOWN.iter().copied())
                    .err();
            }
            let mut stream = Stream { name, source, reader: member };
            let header = stream.header()?;
            let wanted = header.len as u64 * header.kind.size() as u64;
            if header.bytes + wanted != size {
                let held = size.saturating_sub(header.bytes);
                return stream
                    .refuse(Code::Syntax, format!("of shape {} needs {wanted} bytes and has {held}", header.shown()))
                    .expected("as many elements as its shape says")
                    .help("the file is damaged; save it again")
                    .err();
            }
            archive.members.push(Member { name: name.to_owned(), index, header });
        }
        Ok(archive)
    }

    pub(super) fn header(&self, name: &str) -> Result<Option<&Header>> {
        Ok(self.members.iter().find(|m| m.name == name).map(|m| &m.header))
    }

    /// The header of an array that must be present.
    pub(super) fn need(&self, name: &str) -> Result<&Header> {
        self.header(name)?.ok_or_else(|| {
            Box::new(
                refuse(self.source, Code::FieldMissing, format!("there is no array `{name}`"))
                    .expected("`row_ptr`, `col`, `val`, `gamma` and `mu0`")
                    .help(format!("save it as numpy.savez(..., {name}=...)")),
            )
        })
    }

    /// Refuses a shape.
    pub(super) fn shape<T>(&self, name: &str, found: &Header, expected: &str, help: &str) -> Result<T> {
        refuse(self.source, Code::WrongShape, format!("array `{name}` has the shape {}", found.shown()))
            .expected(expected)
            .help(help)
            .err()
    }

    /// Opens an array behind its header, hands it to `f`, and checks that it ends where it should.
    pub(super) fn array<T>(
        &mut self,
        name: &str,
        f: impl FnOnce(&mut Stream<'_, zip::read::ZipFile<'_, BufReader<File>>>, &Header) -> Result<T>,
    ) -> Result<T> {
        self.need(name)?;
        // Present: checked in the line above.
        let member = self.members.iter().find(|m| m.name == name).expect("a member that was just found");
        let reader = self.zip.by_index(member.index).map_err(|e| {
            Box::new(
                refuse(self.source, Code::Syntax, format!("array `{name}` cannot be read: {e}"))
                    .expected("an archive as `numpy.savez` writes it")
                    .help("the file is damaged; save it again"),
            )
        })?;
        let mut stream = Stream { name, source: self.source, reader };
        let header = stream.header()?;
        let out = f(&mut stream, &header)?;
        stream.end()?;
        Ok(out)
    }

    fn model(mut self) -> Result<RawModel> {
        if let Some(format) = self.text("format")?
            && format != decode::FORMAT
        {
            return refuse(self.source, Code::FormatVersion, format!("`format` is {}", quoted(&format)))
                .expected(format!("`{}`", decode::FORMAT))
                .help("leave it out or save that text")
                .err();
        }
        let (n_states, n_actions, nnz) = self.sizes()?;
        let gamma = self.array("gamma", |s, h| {
            let mut gamma = 0.0;
            s.finite(h, |x| gamma = x)?;
            Ok(gamma)
        })?;
        let mut mu0 = reserve(self.source, "mu0", n_states)?;
        self.array("mu0", |s, h| s.finite(h, |x| mu0.push(At::nowhere(x))))?;
        let dynamics = self.dynamics(nnz)?;
        let states = self.names("states", n_states)?;
        let actions = self.names("actions", n_actions)?;
        let terminal = self.terminal(n_states)?;
        let names: Vec<String> =
            self.members.iter().filter(|m| m.name.starts_with(REWARD)).map(|m| m.name.clone()).collect();
        let mut rewards = Vec::new();
        for array in names {
            let reward = self.reward(&array, n_states, n_actions, nnz)?;
            if matches!(reward, RawReward::PerTransition(_)) {
                check_order(self.source, &dynamics, &terminal, n_actions)?;
            }
            rewards.push((At::nowhere(array[REWARD.len()..].to_owned()), At::nowhere(reward)));
        }
        Ok(RawModel {
            source_file: self.source.clone(),
            inputs: RawInputs::Rounded,
            name: self.text("name")?,
            description: self.text("description")?,
            source: self.text("source")?,
            gamma: At::nowhere(gamma),
            states: At::nowhere(states),
            actions: At::nowhere(actions),
            mu0: At::nowhere(RawStart::Dense(mu0)),
            dynamics: At::nowhere(dynamics),
            terminal,
            rewards,
            grid: None,
            expected: Vec::new(),
        })
    }

    /// S, A and the number of stored transitions, from the headers alone.
    fn sizes(&self) -> Result<(usize, usize, usize)> {
        let gamma = self.need("gamma")?;
        if gamma.len != 1 || gamma.shape.len() > 1 {
            return self.shape("gamma", gamma, "one number", "save gamma=0.99");
        }
        let mu0 = self.need("mu0")?;
        if mu0.shape.len() != 1 || mu0.len == 0 {
            return self.shape("mu0", mu0, "[S], with S at least 1", "one probability for every state");
        }
        let rows = self.need("row_ptr")?;
        let n_states = mu0.len;
        let is_whole = rows.len > 1 && (rows.len - 1).is_multiple_of(n_states);
        if rows.shape.len() != 1 || !is_whole {
            let expected = format!("[S*A + 1], where `mu0` says that S is {n_states}");
            return self.shape("row_ptr", rows, &expected, "one row for every state and action, empty if unavailable");
        }
        let (col, val) = (self.need("col")?, self.need("val")?);
        if col.shape.len() != 1 {
            return self.shape("col", col, "[nnz]", "one next state for every stored transition");
        }
        if val.shape != col.shape {
            return self.shape(
                "val",
                val,
                &format!("{}, as `col`", col.shown()),
                "one probability for every element of `col`",
            );
        }
        Ok((n_states, (rows.len - 1) / n_states, col.len))
    }

    fn dynamics(&mut self, nnz: usize) -> Result<RawDynamics> {
        let mut row_ptr: Vec<u64> = reserve(self.source, "row_ptr", self.need("row_ptr")?.len)?;
        self.array("row_ptr", |s, h| {
            s.indices(h, |s, i, x| {
                let least = row_ptr.last().copied().unwrap_or(0);
                let is_last = i + 1 == h.len;
                if x < least || x > nnz as u64 || (i == 0 && x != 0) || (is_last && x != nnz as u64) {
                    return s
                        .refuse(Code::WrongShape, format!("holds {x} at {i}"))
                        .expected(format!("numbers that rise from 0 to {nnz}, the length of `col`"))
                        .help("scipy's csr_array(...).indptr has this form")
                        .err();
                }
                row_ptr.push(x);
                Ok(())
            })
        })?;
        let mut col: Vec<u32> = reserve(self.source, "col", nnz)?;
        self.array("col", |s, h| {
            s.indices(h, |s, i, x| match u32::try_from(x) {
                Ok(x) => {
                    col.push(x);
                    Ok(())
                }
                Err(_) => s
                    .refuse(Code::NameUnknown, format!("holds {x} at {i}"))
                    .expected("indices of states")
                    .help("counting starts at 0")
                    .err(),
            })
        })?;
        let mut val: Vec<f64> = reserve(self.source, "val", nnz)?;
        self.array("val", |s, h| s.finite(h, |x| val.push(x)))?;
        Ok(RawDynamics::Csr { row_ptr, col, val })
    }

    fn names(&mut self, name: &str, n: usize) -> Result<RawNames> {
        let Some(header) = self.header(name)? else { return Ok(RawNames::Count(n as u64)) };
        if header.shape.len() != 1 || header.len != n || header.kind == Kind::Text(0) {
            return self.shape(name, header, &format!("[{n}] texts"), "one name for each, or leave it out");
        }
        let texts = self.array(name, |s, h| s.texts(h))?;
        Ok(RawNames::List(texts.into_iter().map(At::nowhere).collect()))
    }

    fn text(&mut self, name: &str) -> Result<Option<String>> {
        let Some(header) = self.header(name)? else { return Ok(None) };
        if header.len != 1 {
            return self.shape(name, header, "one text", "save a str");
        }
        self.array(name, |s, h| s.texts(h)).map(|texts| texts.into_iter().next())
    }

    fn terminal(&mut self, n_states: usize) -> Result<Vec<At<Ref>>> {
        let Some(header) = self.header("terminal")? else { return Ok(Vec::new()) };
        let is_mask = header.kind == Kind::Bool;
        if header.shape.len() != 1 || (is_mask && header.len != n_states) {
            return self.shape(
                "terminal",
                header,
                "indices of states, or [S] truth values",
                "leave it out if there are none",
            );
        }
        let index = |i: u64| At::nowhere(Ref::Index(i));
        self.array("terminal", |s, h| match is_mask {
            true => Ok((0..).zip(s.bools(h)?).filter(|(_, b)| *b).map(|(i, _)| index(i)).collect()),
            false => {
                let mut out = Vec::new();
                s.indices(h, |_, _, i| {
                    out.push(index(i));
                    Ok(())
                })?;
                Ok(out)
            }
        })
    }
}

/// Memory for `n` elements, or a refusal where the machine has none.
pub(super) fn reserve<T>(source: &Source, name: &str, n: usize) -> Result<Vec<T>> {
    let mut out = Vec::new();
    match out.try_reserve_exact(n) {
        Ok(()) => Ok(out),
        Err(_) => refuse(source, Code::TooLarge, format!("array `{name}` does not fit into memory"))
            .expected("a smaller model")
            .help("use a machine with more memory")
            .err(),
    }
}
