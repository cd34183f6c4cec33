//! Parametric policy iteration without rounding: from switch to switch.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use dashu_ratio::RBig;
use rayon::prelude::*;

use super::pencil::{Pair, Whole};
use super::root::Root;
use super::{Radius, Rung, Switch, Touch, between};
use crate::base::{Bounded, Interval};

/// A root of the advantage of a pair.
struct Event {
    root: Root,
    pair: usize,
    /// Whether the advantage turns positive there.
    is_crossing: bool,
}

/// A policy that is optimal right above a discount, and the way up to there.
pub struct Walk<'a> {
    whole: &'a Whole<'a>,
    out_of_time: &'a (dyn Fn() -> bool + Sync),
    /// Where it stands: right above this discount.
    at: Root,
    policy: Vec<usize>,
    pairs: Vec<Pair>,
    /// What comes next, as far as the first crossing; lowest first.
    events: Vec<Event>,
    tied: BTreeSet<usize>,
    /// Policies left behind, and where they ended.
    behind: Vec<(Vec<usize>, Bounded)>,
    is_cut: bool,
    pub switches: Vec<Switch>,
    pub touches: Vec<Touch>,
}

impl<'a> Walk<'a> {
    /// Begins right above `at`: `policy` is improved there until it is optimal.
    pub fn new(whole: &'a Whole<'a>, policy: Vec<usize>, at: Root, out_of_time: &'a (dyn Fn() -> bool + Sync)) -> Self {
        let mut walk = Walk {
            whole,
            out_of_time,
            at,
            policy,
            pairs: Vec::new(),
            events: Vec::new(),
            tied: BTreeSet::new(),
            behind: Vec::new(),
            is_cut: false,
            switches: Vec::new(),
            touches: Vec::new(),
        };
        walk.settle();
        walk
    }

    pub fn policy(&self) -> &[usize] {
        &self.policy
    }

    pub fn always_tied(&self) -> Vec<usize> {
        self.tied.iter().copied().collect()
    }

    /// Policy iteration in the ordered field of functions right above a discount: a policy is improved where an advantage
    /// is positive there, however small.
    fn settle(&mut self) {
        loop {
            if (self.out_of_time)() {
                self.is_cut = true;
                return;
            }
            self.pairs = self.whole.pairs(&self.policy);
            let signs: Vec<i8> =
                self.pairs.par_iter().map(|pair| self.at.clone().sign_above(&pair.advantage)).collect();
            let mut is_optimal = true;
            let mut changed = BTreeSet::new();
            for (pair, sign) in self.pairs.iter().zip(signs) {
                if sign > 0 && changed.insert(pair.s) {
                    self.policy[pair.s] = pair.row;
                    is_optimal = false;
                }
            }
            if is_optimal {
                self.tied.extend(self.pairs.iter().filter(|pair| pair.advantage.is_zero()).map(|pair| pair.row));
                self.events = self.look_ahead();
                return;
            }
        }
    }

    /// Roots above of all pairs up to the first crossing.
    fn look_ahead(&self) -> Vec<Event> {
        let of = |(i, pair): (usize, &Pair)| {
            let mut events = Vec::new();
            for root in pair.advantage.roots() {
                if !self.at.is_below(&root) {
                    continue;
                }
                let (lo, hi) = (&root.lo, &root.hi);
                let signs = match root.point() {
                    Some(point) => (pair.advantage.sign_below(point), pair.advantage.sign_above(point)),
                    None => (pair.advantage.sign_above(lo), pair.advantage.sign_below(hi)),
                };
                let is_crossing = signs.0 != signs.1;
                events.push(Event { root, pair: i, is_crossing });
                if is_crossing {
                    break;
                }
            }
            events
        };
        let mut events: Vec<Event> = self.pairs.par_iter().enumerate().flat_map_iter(of).collect();
        let mut first: Option<Root> = None;
        let crossings = events.iter().filter(|event| event.is_crossing);
        crossings.for_each(|event| keep(&mut first, event.root.clone(), Ordering::Less));
        if let Some(mut first) = first {
            events.retain_mut(|event| match event.root.compare(&mut first) {
                Ordering::Less => true,
                Ordering::Equal => event.is_crossing,
                Ordering::Greater => false,
            });
        }
        events.sort_by(|x, y| x.root.clone().compare(&mut y.root.clone()));
        events
    }

    /// Takes the next switch if there is one below `end`; returns whether there was.
    pub fn step(&mut self, end: &Root) -> bool {
        if self.is_cut || (self.out_of_time)() {
            self.is_cut = true;
            return false;
        }
        // Touch points are taken one by one, so that a later call goes on behind them.
        while self.events.first().is_some_and(|event| !event.is_crossing) {
            if !self.events[0].root.is_below(end) {
                return false;
            }
            let event = self.events.remove(0);
            let pair = &self.pairs[event.pair];
            self.touches.push(Touch { gamma: between(event.root.bounds()), state: pair.s, row: pair.row });
        }
        let Some(event) = self.events.first().filter(|event| event.root.is_below(end)) else { return false };
        let root = event.root.clone();
        let gamma = between(root.bounds());
        let before = self.policy.clone();
        // Those of one state that cross together are left to the improvement.
        let mut changed = BTreeSet::new();
        for event in &self.events {
            let pair = &self.pairs[event.pair];
            if changed.insert(pair.s) {
                self.policy[pair.s] = pair.row;
            }
        }
        self.at = root;
        self.settle();
        if self.is_cut {
            self.policy = before;
            return false;
        }
        let moved = before.iter().zip(&self.policy).enumerate().filter(|(_, (from, to))| from != to);
        self.switches.extend(moved.map(|(state, (&from, &to))| Switch { gamma, state, from, to }));
        self.behind.push((before, gamma));
        true
    }

    /// Whether nothing is left below `end`.
    pub fn reached(&self, end: &Root) -> bool {
        !self.is_cut && self.events.first().is_none_or(|event| !event.root.is_below(end))
    }

    /// The policies so far between two ends; the last one reaches as far as it is known to.
    pub fn rungs(&self, from: Bounded, to: Bounded) -> Vec<Rung> {
        let mut start = from;
        let mut rungs = Vec::new();
        let policies = self.behind.iter().map(|(policy, end)| (policy, *end));
        for (policy, end) in policies.chain([(&self.policy, to)]) {
            rungs.push(Rung { from: start, to: end, policy: policy.clone(), value: [None; 2], truth: [None; 2] });
            start = end;
        }
        rungs
    }

    /// The nearest roots of all pairs below and above a discount, which is where the walk stands.
    pub fn radius(&self, gamma: &RBig) -> Option<Radius> {
        if self.is_cut {
            return None;
        }
        let here = &self.at;
        let is_tied = self.pairs.iter().any(|pair| !pair.advantage.is_zero() && here.sign_at(&pair.advantage) == 0);
        let (mut below, mut above): (Option<Root>, Option<Root>) = (None, None);
        for root in self.pairs.par_iter().flat_map_iter(|pair| pair.advantage.roots()).collect::<Vec<_>>() {
            match here.is_below(&root) {
                true => keep(&mut above, root, Ordering::Less),
                false => keep(&mut below, root, Ordering::Greater),
            }
        }
        let [below, above] = [below, above].map(|root| root.map(|root| between(root.bounds())));
        let one = Bounded::of_fraction(gamma);
        let up = Bounded::of_fraction(&(RBig::ONE - gamma));
        let ends = [below.map_or(one, |below| one - below), above.map_or(up, |above| above - one)];
        let radius = match is_tied {
            true => Bounded::exact(0.0),
            false => least(ends[0], ends[1]),
        };
        Some(Radius { gamma: one.value, below, above, radius })
    }
}

fn least(x: Bounded, y: Bounded) -> Bounded {
    let interval = Interval { lo: x.lo.min(y.lo).max(0.0), hi: x.hi.min(y.hi).max(0.0) };
    Bounded::around(x.value.min(y.value), interval, x.grade.min(y.grade))
}

/// Keeps the root that compares as wanted with the one kept so far.
fn keep(kept: &mut Option<Root>, mut root: Root, wanted: Ordering) {
    if kept.as_mut().is_none_or(|kept| root.compare(kept) == wanted) {
        *kept = Some(root);
    }
}
