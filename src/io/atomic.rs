//! Writing a file so that it is either the old one or the whole new one.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::base::{Code, Diag, Offset, Result, Source};

/// Writes `bytes` to a temporary file in the same directory, syncs it and renames it over `path`.
///
/// A link is followed. What is neither a file nor a directory (a pipe, a device) is written to directly. The
/// temporary file is gone again after any failure.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write(path, bytes).map_err(|e| {
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

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|m| m.is_dir()) {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    if existing.as_ref().is_some_and(|m| !m.is_file()) {
        let mut file = fs::OpenOptions::new().write(true).open(path)?;
        return file.write_all(bytes).and_then(|()| file.flush());
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
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(bytes)?;
    if let Some(meta) = existing {
        file.as_file().set_permissions(meta.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|e| e.error)?;
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
