//! Where generated instances come from: small whole numbers, each asked for by name.
//!
//! A number belongs to its place (`p` of state 2, action 1, next state 0), not to the order of asking, so taking a state
//! away leaves the rest of the instance as it was. Zero is the simplest answer to every question, and an instance is
//! replayed from the list of its answers alone.

use std::collections::HashMap;

/// What a number is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place(u64);

impl Place {
    fn of(name: &str, indices: [usize; 3]) -> Self {
        // FNV-1a, then the finaliser of splitmix64: spread well, the same on every machine.
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut take = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        name.bytes().for_each(&mut take);
        for i in indices {
            (i as u64).to_le_bytes().into_iter().for_each(&mut take);
        }
        Place(mix(hash))
    }
}

impl From<&str> for Place {
    fn from(name: &str) -> Self {
        Place::of(name, [0; 3])
    }
}

impl From<(&str, usize)> for Place {
    fn from((name, i): (&str, usize)) -> Self {
        Place::of(name, [i + 1, 0, 0])
    }
}

impl From<(&str, usize, usize)> for Place {
    fn from((name, i, j): (&str, usize, usize)) -> Self {
        Place::of(name, [i + 1, j + 1, 0])
    }
}

impl From<(&str, usize, usize, usize)> for Place {
    fn from((name, i, j, k): (&str, usize, usize, usize)) -> Self {
        Place::of(name, [i + 1, j + 1, k + 1])
    }
}

pub(super) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Answers that are not yet known.
#[derive(Clone, Debug)]
enum Rest {
    /// Drawn from a seed and the place.
    Seed(u64),
    /// Listed in the order of asking, 0 at the end of the list.
    List(Vec<u32>),
}

/// All answers of one instance.
#[derive(Clone, Debug)]
pub struct Tape {
    rest: Rest,
    /// Answers that were changed.
    edits: HashMap<Place, u32>,
    /// What was asked: place and answer, in the order of asking.
    asked: Vec<(Place, u32)>,
    known: HashMap<Place, u32>,
}

impl Tape {
    fn with(rest: Rest) -> Self {
        Tape { rest, edits: HashMap::new(), asked: Vec::new(), known: HashMap::new() }
    }

    /// Random answers of a seed.
    pub fn seeded(seed: u64) -> Self {
        Self::with(Rest::Seed(seed))
    }

    /// The answers that [`replay`](Self::replay) listed; `None` if the text is no such list.
    pub fn parse(text: &str) -> Option<Self> {
        let values = text.split('.').filter(|part| !part.is_empty()).map(|part| part.parse().ok());
        Some(Self::with(Rest::List(values.collect::<Option<_>>()?)))
    }

    /// A number below `n`, the same every time the place is asked.
    pub fn below(&mut self, place: Place, n: usize) -> usize {
        if let Some(&value) = self.known.get(&place) {
            return value as usize % n.max(1);
        }
        let drawn = match &self.rest {
            _ if self.edits.contains_key(&place) => self.edits[&place],
            Rest::Seed(seed) => (mix(seed ^ place.0) % n.max(1) as u64) as u32,
            Rest::List(values) => values.get(self.asked.len()).copied().unwrap_or(0),
        };
        // An edit may have been made when the range was wider.
        let value = drawn.min(n.max(1) as u32 - 1);
        self.asked.push((place, value));
        self.known.insert(place, value);
        value as usize
    }

    /// The answers so far, to be written down and given back to [`parse`](Self::parse).
    pub fn replay(&self) -> String {
        let end = self.asked.iter().rposition(|(_, value)| *value > 0).map_or(0, |i| i + 1);
        self.asked[..end].iter().map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(".")
    }

    /// Answers in the order of asking.
    pub(super) fn asked(&self) -> &[(Place, u32)] {
        &self.asked
    }

    /// A tape that asks anew with all present answers kept and one of them changed.
    pub(super) fn edited(&self, place: Place, value: u32) -> Self {
        let mut edits = self.edits.clone();
        edits.extend(self.asked.iter().copied());
        edits.insert(place, value);
        Tape { edits, ..Self::with(Rest::Seed(0)) }.fixed()
    }

    /// A tape that keeps the first answers, one of them changed, and draws the rest from a seed.
    pub(super) fn redrawn(&self, kept: usize, place: Place, value: u32, seed: u64) -> Self {
        let mut edits: HashMap<Place, u32> = self.asked.iter().take(kept).copied().collect();
        edits.insert(place, value);
        Tape { edits, ..Self::with(Rest::Seed(seed)) }
    }

    /// What has never been asked before is answered with 0.
    fn fixed(mut self) -> Self {
        self.rest = Rest::List(Vec::new());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut tape: Tape) -> (Vec<usize>, Tape) {
        let n = 1 + tape.below("n".into(), 4);
        let cells = (0..n).map(|i| tape.below(("cell", i).into(), 10)).collect();
        (cells, tape)
    }

    #[test]
    fn a_replay_gives_the_same_answers() {
        for seed in 0..50 {
            let (cells, tape) = read(Tape::seeded(seed));
            assert_eq!(read(Tape::parse(&tape.replay()).unwrap()).0, cells);
        }
        assert!(Tape::parse("1.x").is_none());
    }

    #[test]
    fn an_edit_leaves_other_places_alone() {
        let (cells, tape) = (0..).map(|seed| read(Tape::seeded(seed))).find(|(cells, _)| cells.len() == 4).unwrap();
        let (fewer, tape) = read(tape.edited("n".into(), 1));
        assert_eq!(fewer, cells[..2]);
        let (changed, _) = read(tape.edited(("cell", 0).into(), 9));
        assert_eq!(changed, [9, cells[1]]);
    }

    #[test]
    fn asking_twice_is_asking_once() {
        let mut tape = Tape::seeded(1);
        let once = tape.below(("a", 1, 2).into(), 100);
        assert_eq!(tape.below(("a", 1, 2).into(), 100), once);
        assert_eq!(tape.asked().len(), 1);
    }
}
