//! `kill -9` while the program writes: the old file, the new one or none, never a broken one.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const KILLS: usize = 200;

fn start(folder: &Path, args: &[&str]) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_truenorth"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

/// Files of a folder other than what a killed writer may leave behind, whose names say so.
fn named_files(folder: &Path) -> (Vec<String>, usize) {
    let names = fs::read_dir(folder).expect("listable").map(|e| e.expect("an entry").file_name());
    let names: Vec<String> = names.map(|name| name.into_string().expect("text")).collect();
    let (left, mut named): (Vec<String>, Vec<String>) = names.into_iter().partition(|n| n.starts_with(".truenorth-"));
    named.sort();
    (named, left.len())
}

#[test]
fn a_killed_writer_leaves_the_old_file_the_new_one_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    // A model file of a few hundred kilobytes and a certificate, so that there is something to break.
    let jobs: [(&[&str], &str); 2] = [
        (&["gallery", "get", "garnet?states=1500&seed=2", "-o", "out.mdp.json"], "out.mdp.json"),
        (&["solve", "gallery:garnet?states=400&seed=2", "-q", "--method", "pi", "--certificate", "c.json"], "c.json"),
    ];
    let mut rng = StdRng::seed_from_u64(9);
    let (mut unfinished, mut seen) = (0, [0usize; 3]);
    for (args, name) in jobs {
        let begun = Instant::now();
        assert!(start(at, args).wait().expect("it ends").success());
        let whole = begun.elapsed();
        let new = fs::read(at.join(name)).expect("the new file");
        assert!(new.len() > 20_000, "{}", new.len());
        let old = b"{\"old\": true}\n".to_vec();
        for i in 0..KILLS / jobs.len() {
            // Every third time there is no old file.
            let before = if i % 3 == 0 { None } else { Some(&old) };
            match before {
                None => fs::remove_file(at.join(name)).unwrap_or(()),
                Some(old) => fs::write(at.join(name), old).expect("written"),
            }
            let mut child = start(at, args);
            // Twice as often in the second half, where the writing is.
            let share: f64 = rng.random::<f64>().max(rng.random::<f64>()) * 1.1;
            std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * share));
            unfinished += usize::from(child.try_wait().expect("known").is_none());
            // SIGKILL; the child may have ended already.
            let _ = child.kill();
            child.wait().expect("it ends");
            match fs::read(at.join(name)) {
                Ok(found) if found == new => seen[0] += 1,
                Ok(found) => {
                    assert_eq!(Some(&found), before, "a broken file of {} bytes", found.len());
                    seen[1] += 1;
                }
                Err(_) => {
                    assert!(before.is_none(), "the old file is gone");
                    seen[2] += 1;
                }
            }
        }
        let (named, left) = named_files(at);
        assert!(named.iter().all(|name| ["out.mdp.json", "c.json"].contains(&name.as_str())), "{named:?}");
        assert!(left <= KILLS, "at most one leftover a kill");
    }
    assert!(unfinished > KILLS / 4, "only {unfinished} were killed while running");
    assert!(seen.iter().all(|&n| n > 0), "new, old, none: {seen:?}");
    // What is left behind is never read: its name is that of no format.
    let (_, left) = named_files(at);
    if left > 0 {
        let names = fs::read_dir(at).expect("listable").map(|e| e.expect("an entry").file_name());
        let leftover = names.filter_map(|n| n.into_string().ok()).find(|n| n.starts_with(".truenorth-")).expect("one");
        let code = start(at, &["solve", &leftover]).wait().expect("it ends").code();
        assert_eq!(code, Some(3), "{leftover} was read");
    }
}
