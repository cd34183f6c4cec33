//! Counterexamples known from earlier runs, as replay texts: a mutant that was broken once is broken again whatever the
//! seed, the number of instances and the time.

use super::Theorem;

/// One a line: theorem, hypothesis dropped, replay text; the text may be empty. Lines that start with `#` are words.
static STORED: &str = include_str!("../counterexamples.txt");

/// The line of a counterexample that is to be stored.
pub fn stored_line(theorem: &Theorem, dropped: usize, replay: &str) -> String {
    format!("{} {} {replay}", theorem.id, theorem.hypotheses[dropped].name).trim_end().to_owned()
}

/// The file of these lines.
pub fn stored_file(lines: &[String]) -> String {
    let words = "# Known counterexamples to theorems without one hypothesis: theorem, hypothesis, replay. \
                 Made by `truenorth dev docs`.";
    format!("{words}\n{}\n", lines.join("\n"))
}

impl Theorem {
    /// Replay text of the known counterexample to the claim without a hypothesis; `None` where none is known yet.
    pub fn stored(&self, dropped: usize) -> Option<&'static str> {
        let wanted = (self.id, self.hypotheses[dropped].name);
        let lines = STORED.lines().filter(|line| !line.starts_with('#'));
        let parts = |line: &'static str| {
            let mut parts = line.splitn(3, ' ');
            Some(((parts.next()?, parts.next()?), parts.next().unwrap_or("")))
        };
        lines.filter_map(parts).find(|(name, _)| *name == wanted).map(|(_, replay)| replay)
    }
}
