//! What holds for every format: models survive a round trip, and no bytes at all make a reader panic.

mod archives;
mod bad_input;
mod round_trip;
mod wild_bytes;

use std::path::PathBuf;

use super::{FORMATS, Format, Reading};
use crate::base::Diag;

/// A format of the list.
fn format(id: &str) -> &'static Format {
    super::format_by_id(id).expect("a format of the list")
}

/// Every model file of the gallery, wherever the tests run.
fn gallery() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("mdps");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    let mut files: Vec<PathBuf> = entries.filter(|p| p.to_string_lossy().ends_with(".mdp.toml")).collect();
    files.sort();
    files
}

/// A refusal says what is wrong, what was expected and what to do.
fn assert_helpful(diag: &Diag) {
    assert!(!diag.message.is_empty() && !diag.message.ends_with('.'), "{diag}");
    assert!(diag.help.is_some() && diag.expected.is_some(), "{diag}");
    assert!(diag.place.is_some(), "{diag}");
}

#[test]
fn the_list_of_formats_is_sound() {
    let mut extensions: Vec<&str> = Vec::new();
    for format in FORMATS {
        assert!(!format.extensions.is_empty(), "{}", format.id);
        extensions.extend(format.extensions);
        for extension in format.extensions {
            let path = PathBuf::from(format!("a.b.{extension}"));
            assert_eq!(super::format_of(&path).expect("known").id, format.id);
            assert_eq!(super::format_of(&path.with_extension(extension.to_uppercase())).expect("known").id, format.id);
        }
    }
    let count = extensions.len();
    extensions.sort_unstable();
    extensions.dedup();
    assert_eq!(extensions.len(), count, "an extension stands for two formats");
    assert!(FORMATS.iter().any(|f| matches!(f.read, Reading::Binary(_))));
    for bad in ["model", "model.tolm", "model.", ".toml", "toml", ""] {
        let e = super::format_of(&PathBuf::from(bad)).err();
        match bad {
            ".toml" => assert!(e.is_none()),
            _ => assert_helpful(&e.expect(bad)),
        }
    }
}

#[test]
fn every_model_of_the_gallery_is_read_and_survives_every_format() {
    let dir = tempfile::tempdir().expect("temporary directory");
    for path in gallery() {
        let raw = super::read_raw(&path).unwrap_or_else(|e| panic!("{e}"));
        let built = crate::model::Model::build(raw.clone()).unwrap_or_else(|e| panic!("{e}"));
        for format in FORMATS {
            let file = dir.path().join(format!("model.{}", format.extensions[0]));
            let warnings = super::write(&file, &raw).unwrap_or_else(|e| panic!("{e}"));
            let again = super::read_raw(&file).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let again = crate::model::Model::build(again).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(again.hash(), built.hash(), "{} as {}", path.display(), format.id);
            assert!(warnings.is_empty() || format.id == "npz", "{warnings:?}");
            assert_eq!(again.mdp().states().declared(), built.mdp().states().declared());
        }
    }
}
