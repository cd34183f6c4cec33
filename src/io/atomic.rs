//! Writing a file so that it is either the old one or the whole new one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use crate::base::{Code, Diag, Offset, Result, Source};

/// Temporary files that exist. A file is made and renamed under the lock, so whoever holds it knows them all.
type Files = Mutex<Vec<PathBuf>>;

/// Those of this process.
static FILES: Files = Mutex::new(Vec::new());

fn held(files: &Files) -> MutexGuard<'_, Vec<PathBuf>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of all writing under way and lets no more begin or end for as long as the value
/// returned lives: for a program that is about to end. Each file being written stays what it was.
pub fn abandon() -> impl Sized {
    abandon_all(&FILES)
}

fn abandon_all(files: &Files) -> MutexGuard<'_, Vec<PathBuf>> {
    let mut list = held(files);
    for path in list.drain(..) {
        // It may be gone already; there is nobody left to tell.
        let _ = fs::remove_file(path);
    }
    list
}

/// A temporary file in the list of those that exist.
struct Unfinished<'f> {
    files: &'f Files,
    file: Option<NamedTempFile>,
}

impl<'f> Unfinished<'f> {
    fn new(files: &'f Files, builder: &tempfile::Builder<'_, '_>, directory: &Path) -> std::io::Result<Self> {
        let mut list = held(files);
        let file = builder.tempfile_in(directory)?;
        list.push(file.path().to_owned());
        Ok(Unfinished { files, file: Some(file) })
    }

    fn persist(mut self, target: &Path) -> std::io::Result<()> {
        let mut list = held(self.files);
        let Some(file) = self.file.take() else { return Ok(()) };
        list.retain(|path| path != file.path());
        file.persist(target).map(|_| ()).map_err(|e| e.error)
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // Dropping the file removes it.
            held(self.files).retain(|path| path != file.path());
        }
    }
}

/// Writes `bytes` to a temporary file in the same directory, syncs it and renames it over `path`.
///
/// A link is followed. What is neither a file nor a directory (a pipe, a device) is written to directly. The
/// temporary file is gone again after any failure.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic_with(path, |file| file.write_all(bytes))
}

/// The same for what is larger than memory should hold: `fill` writes it piece by piece.
pub fn write_atomic_with(path: &Path, fill: impl Fn(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    write(path, &fill).map_err(|e| {
        let name = path.display().to_string();
        let help = match (e.kind(), path.is_dir()) {
            (_, true) => "it is a directory; name a file inside it".to_owned(),
            (std::io::ErrorKind::NotFound, _) => match path.parent() {
                Some(p) if !p.as_os_str().is_empty() => format!("create the directory {} first", p.display()),
                _ => "name a file".to_owned(),
            },
            (std::io::ErrorKind::StorageFull, _) => "free some space".to_owned(),
            _ => "check that the directory exists and may be written to".to_owned(),
        };
        Box::new(
            Diag::new(Code::OutputUnwritable, format!("cannot write {name}: {}", super::text::reason(&e)))
                .at(&Source::binary(name), Offset::NONE)
                .expected("a path that can be written")
                .help(help),
        )
    })
}

fn write(path: &Path, fill: &dyn Fn(&mut dyn Write) -> std::io::Result<()>) -> std::io::Result<()> {
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|m| m.is_dir()) {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    if existing.as_ref().is_some_and(|m| !m.is_file()) {
        let mut file = fs::OpenOptions::new().write(true).open(path)?;
        return fill(&mut file).and_then(|()| file.flush());
    }
    let target = if existing.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let directory = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".truenorth-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As `File::create` would: the user's mask is applied on top.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let unfinished = Unfinished::new(&FILES, &builder, directory)?;
    if let Some(mut file) = unfinished.file.as_ref().map(NamedTempFile::as_file) {
        fill(&mut file)?;
        if let Some(meta) = existing {
            file.set_permissions(meta.permissions())?;
        }
        file.sync_all()?;
    }
    unfinished.persist(&target)?;
    // The rename itself reaches the disk with its directory; not every file system can sync one.
    if let Ok(directory) = fs::File::open(directory) {
        let _ = directory.sync_all();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("out.json");
        write_atomic(&path, b"one").expect("written");
        write_atomic(&path, b"two").expect("replaced");
        assert_eq!(fs::read(&path).expect("readable"), b"two");
        for bad in [dir.path().to_owned(), dir.path().join("no/such/dir"), path.join("x"), Path::new("").to_owned()] {
            let e = write_atomic(&bad, b"three").expect_err("refused");
            assert_eq!(e.code, Code::OutputUnwritable);
            assert!(e.help.is_some());
        }
        assert_eq!(fs::read_dir(dir.path()).expect("listable").count(), 1);
    }

    #[test]
    fn what_is_abandoned_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("out.json");
        write_atomic(&path, b"old").expect("written");
        let files = Files::default();
        let begun = Unfinished::new(&files, tempfile::Builder::new().prefix(".truenorth-"), dir.path()).expect("begun");
        assert_eq!(fs::read_dir(dir.path()).expect("listable").count(), 2);
        drop(abandon_all(&files));
        assert_eq!(fs::read_dir(dir.path()).expect("listable").count(), 1, "the temporary file is gone");
        assert!(begun.persist(&path).is_err());
        assert_eq!(fs::read(&path).expect("readable"), b"old");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_kept() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, b"old").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        write_atomic(&link, b"new").expect("written");
        assert_eq!(fs::read(&file).expect("readable"), b"new");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        write_atomic(Path::new("/dev/null"), b"x").expect("written");
        assert!(!fs::metadata("/dev/null").expect("there").is_file());
    }
}
