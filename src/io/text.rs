//! Reading a text file without trusting it: what is no text is refused from its first block.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::base::diag::nearest;
use crate::base::{Code, Diag, Offset, Result, Source};

/// Largest text accepted; offsets are 32 bits wide and a tree needs several times the memory of its text.
pub const MAX_TEXT: u64 = 256 << 20;
/// Size of the block that is read before anything else.
const FIRST_BLOCK: usize = 64 << 10;

/// A text that was read, and the source that turns its offsets into lines.
#[derive(Clone, Debug)]
pub struct Text {
    /// For messages.
    pub source: Source,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
}

impl Text {
    /// A text that is already in memory.
    pub fn new(name: &str, text: &str) -> Self {
        let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(text).into();
        Text { source: Source::text(name, text.clone()), text }
    }
}

/// Why the system refused, in words for people.
pub fn reason(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        kind => kind.to_string(),
    }
}

/// Refuses a path that leads nowhere or to a directory, and says what was probably meant. Opens nothing.
pub fn check(path: &Path) -> Result<()> {
    let name = path.display().to_string();
    let unreadable = |message: String| {
        Diag::new(Code::FileUnreadable, message).at(&Source::binary(name.as_str()), Offset::NONE).expected("a file")
    };
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => unreadable(format!("{name} is a directory")).help("name the file inside it").err(),
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            unreadable(format!("there is no file {name}")).help(meant(path)).err()
        }
        Err(e) => unreadable(format!("cannot open {name}: {}", reason(&e))).help("check the path").err(),
    }
}

/// Opens a file for reading, or says why not.
pub fn open(path: &Path) -> Result<File> {
    check(path)?;
    File::open(path).map_err(|e| {
        let name = path.display().to_string();
        Box::new(
            Diag::new(Code::FileUnreadable, format!("cannot open {name}: {}", reason(&e)))
                .at(&Source::binary(name), Offset::NONE)
                .expected("a file this user may read")
                .help("check its permissions"),
        )
    })
}

/// What the user may have meant by a path that does not exist.
fn meant(path: &Path) -> String {
    let typed = path.to_string_lossy();
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let Ok(entries) = std::fs::read_dir(directory) else {
        return format!("there is no directory {} either", directory.display());
    };
    // A directory with more files than this is not worth a suggestion.
    let names: Vec<String> =
        entries.take(10_000).flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    if let Some(near) = nearest(&file, names.iter().map(String::as_str)) {
        return format!("did you mean `{}`?", path.with_file_name(near).display());
    }
    match typed.contains(['/', '\\', '.']) {
        false => format!("a model of the gallery is written `gallery:{typed}`"),
        true => format!("no file in {} has a similar name", directory.display()),
    }
}

/// Bytes of memory that reading a text needs at least: its bytes as read, and the text kept for messages. Opens
/// nothing: a pipe can be opened once.
pub fn memory_needed(path: &Path) -> Result<u64> {
    check(path)?;
    Ok(2 * std::fs::metadata(path).map_or(0, |m| m.len()))
}

/// Reads a whole text file of at most [`MAX_TEXT`] bytes.
pub fn read(path: &Path) -> Result<Text> {
    let source = Source::binary(path.display().to_string());
    let name = source.name.clone();
    let failed = |e: std::io::Error| {
        Box::new(
            Diag::new(Code::FileUnreadable, format!("cannot read {name}: {}", reason(&e)))
                .at(&source, Offset::NONE)
                .expected("a readable file")
                .help("check the disk or the connection it is on"),
        )
    };
    let mut file = open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(FIRST_BLOCK as u64).read_to_end(&mut bytes).map_err(failed)?;
    refuse_binary(&source, &bytes)?;
    let too_large = || {
        Diag::new(Code::FileTooLarge, format!("{name} is larger than {} MiB", MAX_TEXT >> 20))
            .at(&source, Offset::NONE)
            .expected(format!("at most {} MiB of text", MAX_TEXT >> 20))
            .help("large models belong in `.npz` files, which are read 10 times faster")
            .err()
    };
    let size = file.metadata().map_or(0, |m| m.len());
    if size > MAX_TEXT {
        return too_large();
    }
    // A size that is wrong (a device, a pipe) only costs reallocations.
    let _ = bytes.try_reserve(usize::try_from(size).unwrap_or(0).saturating_sub(bytes.len()));
    file.take(MAX_TEXT).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_TEXT {
        return too_large();
    }
    decode(&name, bytes)
}

/// Bytes to text: UTF-8, not empty, a byte order mark removed.
pub fn decode(name: &str, bytes: Vec<u8>) -> Result<Text> {
    let source = Source::binary(name);
    refuse_binary(&source, &bytes[..bytes.len().min(FIRST_BLOCK)])?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let byte = e.utf8_error().valid_up_to();
        let valid = &e.as_bytes()[..byte];
        let line = 1 + valid.iter().filter(|&&b| b == b'\n').count();
        let start = valid.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let mut diag = Diag::new(
            Code::FileNotUtf8,
            format!("{name} is not UTF-8: byte {byte} is 0x{:02x}", e.as_bytes().get(byte).copied().unwrap_or(0)),
        )
        .at(&source, Offset::NONE)
        .expected("a text in UTF-8")
        .help("save the file as UTF-8");
        if let Some(place) = &mut diag.place {
            place.line = line;
            // Everything before the byte is valid, and so is the part of its line.
            place.column = 1 + String::from_utf8_lossy(&valid[start..]).chars().count();
        }
        Box::new(diag)
    })?;
    let text = Text::new(name, &text);
    if text.text.trim().is_empty() {
        return empty(&source);
    }
    Ok(text)
}

fn empty<T>(source: &Source) -> Result<T> {
    Diag::new(Code::FileEmpty, format!("{} is empty", source.name))
        .at(source, Offset::NONE)
        .expected("a model or another document")
        .help("`truenorth gallery list` shows models to start from")
        .err()
}

fn refuse_binary(source: &Source, block: &[u8]) -> Result<()> {
    if block.is_empty() {
        return empty(source);
    }
    let utf16 = block.starts_with(&[0xff, 0xfe]) || block.starts_with(&[0xfe, 0xff]);
    let zip = block.starts_with(b"PK\x03\x04");
    let Some(byte) = (if utf16 || zip { Some(0) } else { block.iter().position(|&b| b == 0) }) else {
        return Ok(());
    };
    let (what, help) = match (utf16, zip) {
        (true, _) => ("UTF-16", "save the file as UTF-8".to_owned()),
        (_, true) => ("an archive", "give it the extension `.npz` if NumPy wrote it".to_owned()),
        _ => ("binary", format!("byte {byte} is zero; was the file damaged or given the wrong extension?")),
    };
    Diag::new(Code::FileNotUtf8, format!("{} is {what}, not text", source.name))
        .at(source, Offset::NONE)
        .expected("a text in UTF-8")
        .help(help)
        .err()
}
