//! The dynamics of a raw model in rational numbers: names resolved, rows normalised, terminal states cut off.
//!
//! A terminal state has no rows: it is absorbing with zero reward, so its value is 0. Weights of a row are whole
//! numbers; a probability is a weight over the total of its row, which makes every row sum to 1 exactly.

use std::collections::HashMap;
use std::ops::Range;

use dashu_base::{BitTest, Gcd};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use super::number::{Vector, written};
use super::reward;
use crate::base::{Code, Diag, Offset, Result, Source};
use crate::model::raw::{At, RawDynamics, RawModel, RawNames, RawStart, Ref};

/// How far a row of probabilities may miss 1 and still be normalised (model file contract), as a power of ten.
const ROW_MISS: usize = 9;
/// Bits of the common denominator of one row: 700 orders of magnitude between its weights.
const MAX_BITS: usize = 2_400;

/// Where episodes start, as a certificate says it.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// Every state alike.
    Uniform,
    /// Some states with their weights.
    Weights(Vec<(usize, RBig)>),
}

/// A model in rational numbers.
pub struct Exact {
    /// Number of states.
    pub n_states: usize,
    /// Number of declared actions.
    pub n_actions: usize,
    pub(super) gamma: RBig,
    /// Start probabilities of the states where episodes can start.
    pub(super) mu0: Vec<(usize, RBig)>,
    pub(super) terminal: Vec<bool>,
    /// First row of each state.
    pub(super) ptr: Vec<usize>,
    /// Action of each row.
    pub(super) action: Vec<u32>,
    /// First transition of each row.
    row_ptr: Vec<usize>,
    col: Vec<u32>,
    weight: Vec<IBig>,
    total: Vec<IBig>,
    /// Place of each transition in the arrays of a binary model.
    pub(super) place: Vec<u64>,
    /// States that the return of some policy can feel.
    pub(super) reachable: Vec<bool>,
    /// Names and expected rewards over rows.
    pub(super) rewards: Vec<(String, Vec<RBig>)>,
}

/// Names of states or actions.
pub(super) struct Lookup {
    len: usize,
    letter: char,
    names: Option<HashMap<String, usize>>,
}

impl Lookup {
    fn new(src: &Source, raw: &At<RawNames>, letter: char) -> Result<Self> {
        let bad = |code, at, message: &str| Diag::new(code, message).at(src, at).err();
        let (len, names) = match &raw.value {
            RawNames::Count(n) => (*n, None),
            RawNames::List(list) => {
                let mut names = HashMap::new();
                for (i, name) in list.iter().enumerate() {
                    if name.value.is_empty() || name.value == "*" || names.insert(name.value.clone(), i).is_some() {
                        return bad(Code::NameTwice, name.at, "a name is empty, `*`, or used twice");
                    }
                }
                (list.len() as u64, Some(names))
            }
        };
        if len == 0 || len >= u64::from(u32::MAX) {
            return bad(Code::WrongShape, raw.at, "the number of states and of actions is from 1 to 4294967294");
        }
        Ok(Lookup { len: len as usize, letter, names })
    }

    /// The name of a state or an action, for messages. O(names).
    fn name(&self, i: usize) -> String {
        let named = self.names.as_ref().and_then(|names| names.iter().find(|(_, k)| **k == i));
        named.map_or_else(|| format!("{}{i}", self.letter), |(name, _)| name.clone())
    }

    pub(super) fn find(&self, src: &Source, r: &Ref, at: Offset) -> Result<usize> {
        let found = match (r, &self.names) {
            (Ref::Index(i), _) => usize::try_from(*i).ok(),
            (Ref::Name(name), Some(names)) => names.get(name).copied(),
            (Ref::Name(name), None) => name.strip_prefix(self.letter).unwrap_or(name).parse().ok(),
        };
        match found.filter(|&i| i < self.len) {
            Some(i) => Ok(i),
            None => {
                Diag::new(Code::NameUnknown, format!("there is no {r:?} among {} names", self.len)).at(src, at).err()
            }
        }
    }
}

/// Names of one model and its source.
pub(super) struct Resolver<'a> {
    pub src: &'a Source,
    pub states: Lookup,
    pub actions: Lookup,
}

/// One transition as written.
struct Entry {
    s: usize,
    a: usize,
    s_next: usize,
    p: At<f64>,
    place: u64,
}

impl Exact {
    /// Reads a raw model under the discount and start of a certificate.
    pub(crate) fn new(raw: &RawModel, gamma: &RBig, start: &Start) -> Result<Self> {
        let src = &raw.source_file;
        let resolver = Resolver {
            src,
            states: Lookup::new(src, &raw.states, 's')?,
            actions: Lookup::new(src, &raw.actions, 'a')?,
        };
        let (n_states, n_actions) = (resolver.states.len, resolver.actions.len);
        let mut terminal = vec![false; n_states];
        for state in &raw.terminal {
            terminal[resolver.states.find(src, &state.value, state.at)?] = true;
        }
        let mut entries = entries(&resolver, &raw.dynamics)?;
        entries.retain(|e| !terminal[e.s] && e.p.value != 0.0);
        entries.sort_by_key(|e| (e.s, e.a, e.s_next));
        let mut exact = Exact {
            n_states,
            n_actions,
            gamma: gamma.clone(),
            mu0: start_of(start, n_states)?,
            terminal,
            ptr: vec![0],
            action: Vec::new(),
            row_ptr: vec![0],
            col: Vec::with_capacity(entries.len()),
            weight: Vec::with_capacity(entries.len()),
            total: Vec::new(),
            place: Vec::with_capacity(entries.len()),
            reachable: Vec::new(),
            rewards: Vec::new(),
        };
        for row in entries.chunk_by(|x, y| (x.s, x.a) == (y.s, y.a)) {
            exact.close_before(row[0].s);
            exact.add_row(src, row)?;
        }
        exact.close_before(n_states);
        if let Some(s) = (0..n_states).find(|&s| !exact.terminal[s] && exact.rows(s).is_empty()) {
            let name = resolver.states.name(s);
            return Diag::new(Code::StateWithoutAction, format!("state `{name}` has no action"))
                .at(src, raw.dynamics.at)
                .err();
        }
        exact.reachable = exact.visited();
        exact.rewards = reward::all(&exact, &resolver, raw)?;
        Ok(exact)
    }

    fn close_before(&mut self, s: usize) {
        while self.ptr.len() <= s {
            self.ptr.push(self.action.len());
        }
    }

    fn add_row(&mut self, src: &Source, row: &[Entry]) -> Result<()> {
        let bad = |code, message: String| Diag::new(code, message).at(src, row[0].p.at).err();
        let name = format!("state {}, action {}", row[0].s, row[0].a);
        let mut parts = Vec::with_capacity(row.len());
        let mut one = UBig::ONE;
        for e in row {
            let Some(p) = written(src, e.p).filter(|p| *p >= RBig::ZERO) else {
                return bad(Code::ProbabilityRange, format!("{name} has the probability {}", e.p.value));
            };
            // The least common denominator so far.
            one = &one / (&one).gcd(p.denominator()) * p.denominator();
            if one.bit_len() > MAX_BITS {
                return bad(Code::ProbabilityRange, format!("the probabilities of {name} are too far apart"));
            }
            parts.push(p);
        }
        let mut total = IBig::ZERO;
        let first = self.col.len();
        for (e, p) in row.iter().zip(parts) {
            let weight = p.numerator() * IBig::from(&one / p.denominator());
            total += &weight;
            match self.col.last() {
                // Transitions listed twice add up.
                Some(&last) if self.col.len() > first && last as usize == e.s_next => {
                    if let Some(sum) = self.weight.last_mut() {
                        *sum += weight;
                    }
                }
                _ => {
                    self.col.push(e.s_next as u32);
                    self.weight.push(weight);
                    self.place.push(e.place);
                }
            }
        }
        let one = IBig::from(one);
        let miss = if total > one { &total - &one } else { &one - &total };
        if miss * IBig::from(UBig::from(10u8).pow(ROW_MISS)) > one {
            return bad(Code::RowSum, format!("the probabilities of {name} do not sum to 1"));
        }
        // Small weights make small products.
        let common =
            self.weight[first..].iter().fold(UBig::ZERO, |g, w| if g.is_zero() { size(w) } else { g.gcd(size(w)) });
        let common = IBig::from(common);
        self.weight[first..].iter_mut().for_each(|w| *w /= &common);
        self.total.push(total / common);
        self.action.push(row[0].a as u32);
        self.row_ptr.push(self.col.len());
        Ok(())
    }

    /// Rows of a state; none where episodes have ended.
    pub(super) fn rows(&self, s: usize) -> Range<usize> {
        self.ptr[s]..self.ptr[s + 1]
    }

    /// Number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.action.len()
    }

    /// The row of an action in a state that offers it.
    pub(super) fn row(&self, s: usize, a: usize) -> Option<usize> {
        self.rows(s).find(|&row| self.action[row] as usize == a)
    }

    /// Places of the transitions of a row.
    pub(super) fn transitions(&self, row: usize) -> Range<usize> {
        self.row_ptr[row]..self.row_ptr[row + 1]
    }

    /// Next state of a transition.
    pub(super) fn next(&self, transition: usize) -> usize {
        self.col[transition] as usize
    }

    /// Probability of a transition of a row.
    pub(super) fn p(&self, row: usize, transition: usize) -> RBig {
        RBig::from_parts_signed(self.weight[transition].clone(), self.total[row].clone())
    }

    /// `sum_s' P(s'|row) x(s')`.
    pub(super) fn average(&self, row: usize, x: &Vector) -> RBig {
        let range = self.transitions(row);
        x.average(&self.col[range.clone()], &self.weight[range], &self.total[row])
    }

    /// Whether two rows lead to the same states with the same probabilities, all ends of episodes counting as one.
    pub(super) fn is_same_row(&self, x: usize, y: usize) -> bool {
        let going_on = |row: usize| self.transitions(row).filter(|&t| !self.terminal[self.next(t)]);
        going_on(x).count() == going_on(y).count()
            && going_on(x).zip(going_on(y)).all(|(t, u)| {
                self.col[t] == self.col[u] && &self.weight[t] * &self.total[y] == &self.weight[u] * &self.total[x]
            })
    }

    /// `sum_s c_s terms_s` of named rewards; the name "" is 1 on every step.
    pub(crate) fn combined(&self, terms: &[(String, RBig)]) -> Result<Vec<RBig>, String> {
        let mut sum = vec![RBig::ZERO; self.n_rows()];
        for (name, c) in terms {
            if name.is_empty() {
                sum.iter_mut().for_each(|r| *r += c);
                continue;
            }
            let Some((_, reward)) = self.rewards.iter().find(|(known, _)| known == name) else {
                return Err(format!("the model has no reward `{name}`"));
            };
            sum.iter_mut().zip(reward).filter(|(_, r)| !r.is_zero()).for_each(|(sum, r)| *sum += c * r);
        }
        Ok(sum)
    }

    /// States that a return can feel: with discount 0 nothing counts after the first step.
    fn visited(&self) -> Vec<bool> {
        let goes_on = self.gamma != RBig::ZERO;
        let mut seen = vec![false; self.n_states];
        let mut left: Vec<usize> = self.mu0.iter().map(|&(s, _)| s).collect();
        while let Some(s) = left.pop() {
            if !std::mem::replace(&mut seen[s], true) && goes_on {
                left.extend(
                    self.rows(s).flat_map(|row| self.transitions(row)).map(|t| self.next(t)).filter(|&t| !seen[t]),
                );
            }
        }
        seen
    }
}

fn size(x: &IBig) -> UBig {
    x.clone().into_parts().1
}

fn entries(resolver: &Resolver<'_>, raw: &At<RawDynamics>) -> Result<Vec<Entry>> {
    let (src, n_states, n_actions) = (resolver.src, resolver.states.len, resolver.actions.len);
    let shape = |fits: bool, at: Offset| match fits {
        true => Ok(()),
        false => Diag::new(Code::WrongShape, "the transitions do not fit the states and actions").at(src, at).err(),
    };
    let mut all = Vec::new();
    match &raw.value {
        RawDynamics::Dense(states) => {
            shape(states.len() == n_states, raw.at)?;
            for (s, actions) in states.iter().enumerate() {
                shape(actions.value.len() == n_actions, actions.at)?;
                for (a, row) in actions.value.iter().enumerate() {
                    let Some(list) = &row.value else { continue };
                    shape(list.len() == n_states, row.at)?;
                    all.extend(list.iter().enumerate().map(|(s_next, &p)| Entry { s, a, s_next, p, place: 0 }));
                }
            }
        }
        RawDynamics::List(list) => {
            for t in list {
                all.push(Entry {
                    s: resolver.states.find(src, &t.value.s.value, t.value.s.at)?,
                    a: resolver.actions.find(src, &t.value.a.value, t.value.a.at)?,
                    s_next: resolver.states.find(src, &t.value.s_next.value, t.value.s_next.at)?,
                    p: t.value.p,
                    place: 0,
                });
            }
        }
        RawDynamics::Csr { row_ptr, col, val } => {
            let fits = n_states.checked_mul(n_actions).is_some_and(|rows| row_ptr.len() == rows + 1)
                && col.len() == val.len()
                && row_ptr.first() == Some(&0)
                && row_ptr.last() == Some(&(col.len() as u64))
                && row_ptr.is_sorted()
                && col.iter().all(|&t| (t as usize) < n_states);
            shape(fits, raw.at)?;
            for (i, range) in row_ptr.windows(2).enumerate() {
                for place in range[0] as usize..range[1] as usize {
                    let (s_next, p) = (col[place] as usize, At::nowhere(val[place]));
                    all.push(Entry { s: i / n_actions, a: i % n_actions, s_next, p, place: place as u64 });
                }
            }
        }
    }
    Ok(all)
}

/// Start probabilities, normalised.
fn start_of(start: &Start, n_states: usize) -> Result<Vec<(usize, RBig)>> {
    let mut list = match start {
        Start::Uniform => (0..n_states).map(|s| (s, RBig::ONE)).collect(),
        Start::Weights(list) => list.clone(),
    };
    list.sort_by_key(|(s, _)| *s);
    let twice = list.windows(2).any(|pair| pair[0].0 == pair[1].0);
    let outside = list.last().is_none_or(|(s, _)| *s >= n_states);
    if twice || outside || list.iter().any(|(_, w)| *w <= RBig::ZERO) {
        return Diag::new(Code::WrongShape, "the start of the certificate is not a distribution over the states")
            .expected("states of the model, each once, with weights above 0")
            .err();
    }
    let total = list.iter().fold(RBig::ZERO, |sum, (_, w)| sum + w);
    Ok(list.into_iter().map(|(s, w)| (s, w / &total)).collect())
}

/// The start of a model file, as a certificate would say it. `None` where the file is wrong.
pub(super) fn start_of_file(raw: &RawModel, n_states: usize) -> Option<Vec<(usize, RBig)>> {
    let src = &raw.source_file;
    let states = Lookup::new(src, &raw.states, 's').ok()?;
    let find = |r: &Ref| states.find(src, r, raw.mu0.at).ok();
    let weights: Option<Vec<(usize, RBig)>> = match &raw.mu0.value {
        RawStart::Uniform => return start_of(&Start::Uniform, n_states).ok(),
        RawStart::State(state) => Some(vec![(find(state)?, RBig::ONE)]),
        RawStart::Dense(list) => list.iter().enumerate().map(|(s, p)| Some((s, written(src, *p)?))).collect(),
        RawStart::Table(table) => table.iter().map(|(s, p)| Some((find(&s.value)?, written(src, *p)?))).collect(),
    };
    let positive = weights?.into_iter().filter(|(_, w)| !w.is_zero()).collect();
    start_of(&Start::Weights(positive), n_states).ok()
}
