//! Finished analyses on disk, so that a study that was stopped goes on where it was.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::plan::Step;
use truenorth::base::{Code, Diag, Offset, Result, Source};
use truenorth::io::{text, write_atomic};
use truenorth_show::report::Document;

/// The answer of one analysis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Hash of everything the answer depends on.
    pub key: String,
    /// The command line, for whoever looks into the folder.
    pub line: String,
    /// For scripts.
    pub json: Value,
    /// For people.
    pub document: Document,
    /// Whether a condition of `assert` failed.
    pub has_failed: bool,
}

/// The folder of a study.
pub struct Folder(PathBuf);

impl Folder {
    /// `my-study.toml` keeps its answers in `my-study-study`.
    pub fn of(study: &Path) -> Self {
        let stem = study.file_stem().map_or_else(|| "study".into(), |s| s.to_string_lossy().into_owned());
        Folder(study.with_file_name(format!("{stem}-study")))
    }

    /// Makes the folder.
    pub fn make(&self) -> Result<()> {
        fs::create_dir_all(&self.0).map_err(|e| {
            let message = format!("cannot make the folder {}: {}", self.0.display(), text::reason(&e));
            Box::new(Diag::new(Code::OutputUnwritable, message).help("check that the directory may be written to"))
        })
    }

    /// The answer under a key. What is damaged, or of another version, is as good as none.
    pub fn find(&self, key: &str) -> Option<Kept> {
        let kept = text::read(&self.path(key)).ok()?;
        serde_json::from_str::<Kept>(&kept.text).ok().filter(|kept| kept.key == key)
    }

    /// Keeps an answer.
    pub fn keep(&self, kept: &Kept) -> Result<()> {
        let bytes = serde_json::to_vec(kept).map_err(|e| {
            Box::new(Diag::new(Code::OutputUnwritable, format!("cannot keep the answer of `{}`: {e}", kept.line)))
        })?;
        write_atomic(&self.path(&kept.key), &bytes)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.0.join(format!("{}.json", &key[..16]))
    }
}

/// Hash of a command line, the contents of the files it names, and the version of the program.
pub fn key(step: &Step) -> Result<String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    step.args.iter().for_each(|arg| add(arg.as_bytes()));
    for file in &step.files {
        add(&digest(file)?);
    }
    Ok(hex(&hash.finalize()))
}

/// Hash of the contents of a file, read block by block. Only a file that can be read again has one.
fn digest(path: &Path) -> Result<Vec<u8>> {
    let name = path.display().to_string();
    let refuse = |message: String| Diag::new(Code::FileUnreadable, message).at(&Source::binary(&*name), Offset::NONE);
    text::check(path)?;
    if !fs::metadata(path).is_ok_and(|meta| meta.is_file()) {
        return refuse(format!("{name} is no regular file, and a study reads its files more than once"))
            .expected("a file on disk")
            .help("save what comes through the pipe, and name that file")
            .err();
    }
    let failed =
        |e: io::Error| Box::new(refuse(format!("cannot read {name}: {}", text::reason(&e))).help("check the disk"));
    let mut file = text::open(path)?;
    let (mut hash, mut block) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut block).map_err(failed)? {
            0 => return Ok(hash.finalize().to_vec()),
            n => hash.update(&block[..n]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
