//! The gallery: named models that travel inside the program.
//!
//! One list, in the order in which it is shown. A name with parameters, such as
//! `garnet?states=100&actions=4&branching=4&gamma=0.95&seed=1`, generates a random model from its seed.

use std::collections::BTreeMap;

use super::text::Text;
use super::toml;
use crate::base::{Code, Diag, Offset, Result, Source, number};
use crate::model::RawModel;
use crate::model::mdp::random::Garnet;

/// A model file inside the program.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Name after `gallery:`.
    pub name: &'static str,
    /// The file, as it is in `mdps/`.
    pub text: &'static str,
}

impl Entry {
    /// Whether it tells of a published failure of a reward.
    pub fn is_failure(&self) -> bool {
        self.name.starts_with(FAILURES)
    }
}

/// Folder of the published failures.
const FAILURES: &str = "failures/";

macro_rules! model {
    ($name:literal) => {
        Entry { name: $name, text: include_str!(concat!("../../mdps/", $name, ".mdp.toml")) }
    };
}

/// Every model: the well-known ones first, then those made to show one thing each, then published failures of rewards.
pub static GALLERY: &[Entry] = &[
    model!("frozenlake-4x4"),
    model!("frozenlake-8x8"),
    model!("frozenlake-4x4-plain"),
    model!("frozenlake-8x8-plain"),
    model!("cliffwalking"),
    model!("cliffwalking-slippery"),
    model!("taxi"),
    model!("gambler"),
    model!("forest"),
    model!("puterman-two-state"),
    model!("alive-bonus"),
    model!("bandit-3"),
    model!("boat-race"),
    model!("chain-discount"),
    model!("coins-vs-goal"),
    model!("dirt-sensor"),
    model!("e1-tie"),
    model!("e2-tight-low"),
    model!("e3-gap-not-intrinsic"),
    model!("e4-tight-high"),
    model!("e5-outcome-tree"),
    model!("e6-discount-cliff"),
    model!("looping-proxy"),
    model!("failures/boat-race"),
    model!("failures/tomato-watering"),
    model!("failures/side-effects"),
    model!("failures/absent-supervisor"),
    model!("failures/whisky-gold"),
    model!("failures/island-navigation"),
    model!("failures/off-switch"),
    model!("failures/coast-runners"),
    model!("failures/bicycle"),
    model!("failures/survival-bias"),
    model!("failures/tetris-pause"),
    model!("failures/vacuum-dump"),
    model!("failures/flipped-block"),
    model!("failures/gripper-camera"),
    model!("failures/judge-token"),
    model!("failures/length-bias"),
];

/// Names of all models, and of the family of random ones.
pub fn names() -> impl Iterator<Item = &'static str> {
    GALLERY.iter().map(|entry| entry.name).chain([GARNET])
}

/// Rewards that went wrong in somebody's work, each with `truth`, `proxy` and what tells them apart.
pub fn failures() -> impl Iterator<Item = &'static Entry> {
    GALLERY.iter().filter(|entry| entry.is_failure())
}

/// The model file of that name, without parameters.
pub fn find(name: &str) -> Option<&'static Entry> {
    GALLERY.iter().find(|entry| entry.name == name)
}

/// Whether the name stands for a family of random models, which a seed chooses from.
pub fn is_random(spec: &str) -> bool {
    spec.split('?').next() == Some(GARNET)
}

/// Reads `NAME`, or `garnet?states=..&actions=..&branching=..&gamma=..&seed=..` with any of the parameters.
pub fn read(spec: &str) -> Result<RawModel> {
    let (name, query) = spec.split_once('?').map_or((spec, None), |(name, query)| (name, Some(query)));
    if name == GARNET {
        return garnet(query.unwrap_or("")).map_err(|d| Box::new(d.at(&source(spec), Offset::NONE)))?.raw();
    }
    let Some(entry) = find(name) else {
        let unknown = Diag::new(Code::ModelUnknown, format!("there is no model `{name}` in the gallery"));
        // Somebody who leaves out the folder should still be told of it.
        let inside = failures().map(|entry| entry.name).find(|known| known.strip_prefix(FAILURES) == Some(name));
        return match inside {
            Some(known) => unknown.help(format!("did you mean `{known}`?")).err(),
            None => unknown.nearest(name, names()).err(),
        };
    };
    if query.is_some() {
        return Diag::new(Code::Usage, format!("the model `{name}` has no parameters"))
            .expected(format!("gallery:{name}"))
            .help("`gallery:garnet` is the model with parameters")
            .err();
    }
    super::model_from(&Text::new(&format!("gallery:{name}"), entry.text), toml::parse)
}

/// Bytes that [`read`] needs at least, from the parameters alone; 0 for a model whose size is no matter.
pub fn memory_needed(spec: &str) -> Result<u64> {
    match is_random(spec) {
        true => Ok(garnet(spec.split_once('?').map_or("", |(_, query)| query))?.memory_needed()),
        false => Ok(0),
    }
}

fn source(spec: &str) -> Source {
    Source::binary(format!("gallery:{spec}"))
}

const GARNET: &str = "garnet";
const PARAMETERS: [&str; 5] = ["states", "actions", "branching", "gamma", "seed"];

fn garnet(query: &str) -> Result<Garnet> {
    let mut given: BTreeMap<&str, &str> = BTreeMap::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        if !PARAMETERS.contains(&key) {
            return Diag::new(Code::Usage, format!("`{GARNET}` has no parameter `{key}`"))
                .expected(format!("some of {}", PARAMETERS.join(", ")))
                .nearest(key, PARAMETERS)
                .err();
        }
        if given.insert(key, value).is_some() {
            return Diag::new(Code::Usage, format!("the parameter `{key}` is given twice"))
                .expected("each parameter at most once")
                .err();
        }
    }
    let whole = |key: &str, default: u64| match given.get(key) {
        None => Ok(default),
        Some(text) => text.parse::<u64>().map_err(|_| wrong(key, text, "a whole number")),
    };
    let size = |key: &str, default: u64| whole(key, default).map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    let gamma = match given.get("gamma") {
        None => 0.95,
        Some(text) => number::parse(text)
            .filter(|gamma| (0.0..1.0).contains(gamma))
            .ok_or_else(|| wrong("gamma", text, "a number from 0 up to, but not including, 1"))?,
    };
    let states = size("states", 100)?;
    Ok(Garnet {
        states,
        actions: size("actions", 4)?,
        branching: size("branching", states.min(4) as u64)?,
        gamma,
        seed: whole("seed", 1)?,
    })
}

fn wrong(key: &str, text: &str, expected: &str) -> Box<Diag> {
    Box::new(
        Diag::new(Code::Usage, format!("the parameter `{key}` of `{GARNET}` is `{text}`"))
            .expected(expected)
            .help("gallery:garnet?states=100&actions=4&branching=4&gamma=0.95&seed=1"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::model::Model;

    #[test]
    fn the_list_is_the_directory() {
        let files_in = |folder: &'static str| {
            let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("mdps").join(folder);
            let names = std::fs::read_dir(dir).expect("a folder of models").flatten();
            names.filter_map(move |e| Some(format!("{folder}{}", e.file_name().to_str()?.strip_suffix(".mdp.toml")?)))
        };
        let files: BTreeSet<String> = files_in("").chain(files_in(FAILURES)).collect();
        let listed: BTreeSet<String> = GALLERY.iter().map(|e| e.name.to_owned()).collect();
        assert_eq!(listed, files);
        assert_eq!(listed.len(), GALLERY.len(), "a name is listed twice");
    }

    #[test]
    fn every_model_builds_without_a_warning_under_its_own_name() {
        for entry in GALLERY {
            let model = Model::build(read(entry.name).expect("readable")).expect("valid");
            assert_eq!(model.name(), entry.name);
            assert!(model.warnings().is_empty(), "{}: {:?}", entry.name, model.warnings());
            assert!(model.description().is_some() && model.source().is_some(), "{}", entry.name);
        }
    }

    #[test]
    fn unknown_names_get_the_nearest_one() {
        let slip = read("frozenlake-4x5").expect_err("unknown");
        assert_eq!(slip.code, Code::ModelUnknown);
        assert!(slip.help.as_deref().is_some_and(|h| h.contains("frozenlake-4x4")), "{slip}");
        let inside = read("tomato-watering").expect_err("it is in a folder").help.expect("help");
        assert!(inside.contains("failures/tomato-watering"), "{inside}");
        assert_eq!(read("taxi?seed=1").expect_err("refused").code, Code::Usage);
    }

    #[test]
    fn parameters_of_random_models_are_checked() {
        let model = Model::build(read("garnet?states=6&actions=2&seed=3").expect("made")).expect("valid");
        assert_eq!((model.mdp().n_states(), model.mdp().n_actions()), (6, 2));
        for bad in
            ["sates=6", "states=x", "states=-1", "gamma=1", "gamma=nan", "seed=1&seed=2", "branching=0", "states="]
        {
            let e = read(&format!("garnet?{bad}")).expect_err(bad);
            assert_eq!(e.code, Code::Usage, "{bad}");
        }
        assert!(read("garnet?sates=6").expect_err("slip").help.expect("help").contains("states"));
    }
}
