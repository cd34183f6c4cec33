//! Seeded random models of one to five states with two or three rewards: near pairs, ties, all sizes of numbers.

use crate::truth::num::{Q, dot, frac, int, near, power, q};
use crate::truth::world::{Pay, World};

/// A stream of random numbers (splitmix64).
pub struct Stream(u64);

impl Stream {
    pub fn new(seed: u64) -> Self {
        Stream(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub fn whole(&mut self, lo: i64, hi: i64) -> i64 {
        lo + self.below((hi - lo + 1) as usize) as i64
    }
}

/// How the second reward `b` is made of the first, `a`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kin {
    Unrelated,
    /// One entry off by 1e-10, 1e-13 or 1e-16 of the largest.
    Near,
    /// `c a + gamma P Phi - Phi`, exactly.
    Shaped,
    /// The same worked out in doubles.
    ShapedInDoubles,
    /// `-c a + gamma P Phi - Phi`.
    Reversed,
    /// Nothing but shaping.
    Trivial,
    /// The same worked out in doubles.
    TrivialInDoubles,
    Zero,
    /// `a` with two actions of a state made alike.
    Tied,
    /// `a` plus a feature.
    Feature,
}

const KIN: [Kin; 14] = [
    Kin::Unrelated,
    Kin::Unrelated,
    Kin::Unrelated,
    Kin::Near,
    Kin::Near,
    Kin::Shaped,
    Kin::Shaped,
    Kin::ShapedInDoubles,
    Kin::Reversed,
    Kin::Trivial,
    Kin::TrivialInDoubles,
    Kin::Zero,
    Kin::Tied,
    Kin::Feature,
];

/// A drawn model with rewards `a`, `b` and `c`, and how `b` came about.
pub fn world(seed: u64) -> (World, Kin) {
    let mut rng = Stream::new(seed);
    let n = *rng.pick(&[1, 2, 2, 3, 3, 3, 4, 4, 5]);
    let m = *rng.pick(&[1, 2, 2, 2, 3, 3]);
    let gammas = [Q::ZERO, frac(1, 2), frac(9, 10), frac(3, 4), Q::ONE - power(2, -20), Q::ONE, frac(19, 20)];
    let gamma = rng.pick(&gammas).clone();
    let ends = gamma == Q::ONE;
    let terminal: Vec<bool> = (0..n).map(|s| if ends { s + 1 == n } else { s > 0 && rng.one_in(6) }).collect();
    let style = rng.below(4);
    // States from `open` on are entered from nowhere.
    let open = if n > 1 && rng.one_in(4) { n - 1 } else { n };
    let mut p: Vec<Vec<Option<Vec<Q>>>> = (0..n)
        .map(|s| {
            let mut rows: Vec<Option<Vec<Q>>> = Vec::with_capacity(m);
            for a in 0..m {
                let row = match () {
                    () if terminal[s] => unit(n, s),
                    () if ends => leaving(&mut rng, n, s, style),
                    () if a > 0 && rng.one_in(5) => rows[a - 1].clone().unwrap_or_else(|| unit(n, s)),
                    () => row(&mut rng, n, open, style),
                };
                rows.push((!rng.one_in(5)).then_some(row));
            }
            rows
        })
        .collect();
    for s in (0..n).filter(|&s| !terminal[s]) {
        if p[s].iter().all(Option::is_none) {
            let a = rng.below(m);
            p[s][a] = Some(if ends { leaving(&mut rng, n, s, style) } else { row(&mut rng, n, open, style) });
        }
    }
    let mu0 = match rng.below(3) {
        0 => vec![Q::ONE / int(n as i64); n],
        1 => unit(n, rng.below(n)),
        _ => normalised((0..n).map(|_| int(rng.whole(0, 3))).collect()),
    };
    let mut world = World { gamma, p, mu0, terminal, rewards: Vec::new() };
    let a = base(&mut rng, &world);
    let kin = *rng.pick(&KIN);
    let b = relative(&mut rng, &world, &a, kin);
    let c = base(&mut rng, &world);
    world.rewards = vec![named("a", a), named("b", b), named("c", c)];
    if rng.one_in(6) {
        by_transition(&mut rng, &mut world);
    }
    (world, kin)
}

fn named(name: &str, sa: Vec<Vec<Q>>) -> Pay {
    Pay { name: name.into(), sa, sas: None }
}

fn unit(n: usize, s: usize) -> Vec<Q> {
    (0..n).map(|t| Q::from(u8::from(t == s))).collect()
}

fn normalised(weights: Vec<Q>) -> Vec<Q> {
    let sum = weights.iter().fold(Q::ZERO, |sum, w| sum + w);
    if sum.is_zero() {
        return unit(weights.len(), 0);
    }
    weights.iter().map(|w| w / &sum).collect()
}

fn row(rng: &mut Stream, n: usize, open: usize, style: usize) -> Vec<Q> {
    let mut weights = vec![Q::ZERO; n];
    match style {
        0 => return unit(n, rng.below(open)),
        // Dyadic: doubles hold them.
        1 => {
            for _ in 0..4 {
                weights[rng.below(open)] += frac(1, 4);
            }
            return weights;
        }
        // Tenths: decimals that doubles do not hold.
        2 => {
            for _ in 0..10 {
                weights[rng.below(open)] += frac(1, 10);
            }
            return weights;
        }
        _ => weights[..open].iter_mut().for_each(|w| *w = int(rng.whole(0, 3))),
    }
    normalised(weights)
}

/// A row with a way to a later state, so that every policy ends.
fn leaving(rng: &mut Stream, n: usize, s: usize, style: usize) -> Vec<Q> {
    let later = s + 1 + rng.below(n - s - 1);
    if style == 0 {
        return unit(n, later);
    }
    let other = row(rng, n, n, style);
    other.iter().enumerate().map(|(t, p)| (p + Q::from(u8::from(t == later))) / int(2)).collect()
}

/// A reward of its own: small numbers with ties, decimals, huge beside tiny, mostly zeros.
fn base(rng: &mut Stream, world: &World) -> Vec<Vec<Q>> {
    let (style, scale) = (rng.below(5), [0, 0, 0, -12, 12, -6, 6][rng.below(7)]);
    let scale = power(10, scale);
    let mut table: Vec<Vec<Q>> = (0..world.n())
        .map(|_| {
            (0..world.m())
                .map(|_| match style {
                    0 => int(rng.whole(-2, 2)),
                    1 => frac(rng.whole(-50, 50), 10),
                    2 => [Q::ZERO, Q::ONE, power(2, 60), Q::ONE][rng.below(4)].clone(),
                    3 => int(if rng.one_in(4) { rng.whole(1, 3) } else { 0 }),
                    _ => frac(rng.whole(-999_999, 999_999), 1_000_000),
                })
                .map(|x| x * &scale)
                .collect()
        })
        .collect();
    clear(world, &mut table);
    table
}

/// Nothing is paid for what is not offered or after the end.
fn clear(world: &World, table: &mut [Vec<Q>]) {
    for s in 0..world.n() {
        for a in (0..world.m()).filter(|&a| world.terminal[s] || world.p[s][a].is_none()) {
            table[s][a] = Q::ZERO;
        }
    }
}

fn largest(table: &[Vec<Q>]) -> Q {
    let size = |m: Q, x: &Q| if crate::truth::num::abs(x) > m { crate::truth::num::abs(x) } else { m };
    table.iter().flatten().fold(Q::ZERO, size)
}

/// `c r + gamma P Phi - Phi`, with `Phi` zero where episodes end.
fn shaped(world: &World, r: &[Vec<Q>], c: &Q, phi: &[Q]) -> Vec<Vec<Q>> {
    let cell = |s: usize, a: usize| match &world.p[s][a] {
        Some(row) if !world.terminal[s] => c * &r[s][a] + &world.gamma * dot(row, phi) - &phi[s],
        _ => Q::ZERO,
    };
    (0..world.n()).map(|s| (0..world.m()).map(|a| cell(s, a)).collect()).collect()
}

/// The same as a program in doubles would work it out; the doubles are then taken at their word.
fn shaped_in_doubles(world: &World, r: &[Vec<Q>], c: &Q, phi: &[Q]) -> Vec<Vec<Q>> {
    let gamma = near(&world.gamma);
    let cell = |s: usize, a: usize| match &world.p[s][a] {
        Some(row) if !world.terminal[s] => {
            let next: f64 = row.iter().zip(phi).map(|(p, phi)| near(p) * near(phi)).sum();
            q(near(c) * near(&r[s][a]) + gamma * next - near(&phi[s]))
        }
        _ => Q::ZERO,
    };
    (0..world.n()).map(|s| (0..world.m()).map(|a| cell(s, a)).collect()).collect()
}

fn relative(rng: &mut Stream, world: &World, a: &[Vec<Q>], kin: Kin) -> Vec<Vec<Q>> {
    let size = largest(a);
    let size = if size.is_zero() { Q::ONE } else { size };
    let grain = &size / int(7);
    let mut potential = |decimal: bool| -> Vec<Q> {
        let of = |s: usize, x: i64| match () {
            () if world.terminal[s] => Q::ZERO,
            () if decimal => q(near(&(int(x) * &grain))),
            () => frac(x, 10) * &size,
        };
        (0..world.n()).map(|s| of(s, rng.whole(-9, 9))).collect()
    };
    let (exact, rounded) = (potential(false), potential(true));
    let c = [Q::ONE, int(3), frac(1, 10), power(2, -10), power(10, 9)][rng.below(5)].clone();
    let mut table = match kin {
        Kin::Unrelated => return base(rng, world),
        Kin::Near => {
            let mut table = a.to_vec();
            let offset = power(10, -[10, 13, 16][rng.below(3)]) * &size;
            let (s, k) = (rng.below(world.n()), rng.below(world.m()));
            table[s][k] += if rng.one_in(2) { offset } else { -offset };
            table
        }
        Kin::Shaped => shaped(world, a, &c, &exact),
        Kin::ShapedInDoubles => shaped_in_doubles(world, a, &c, &rounded),
        Kin::Reversed => shaped(world, a, &-c, &exact),
        Kin::Trivial => shaped(world, a, &Q::ZERO, &exact),
        Kin::TrivialInDoubles => shaped_in_doubles(world, a, &Q::ZERO, &rounded),
        Kin::Zero => vec![vec![Q::ZERO; world.m()]; world.n()],
        Kin::Tied => {
            let mut table = a.to_vec();
            let s = rng.below(world.n());
            let (from, to) = (rng.below(world.m()), rng.below(world.m()));
            table[s][to] = table[s][from].clone();
            table
        }
        Kin::Feature => {
            let feature = base(rng, world);
            let sum = |x: &[Q], y: &[Q]| x.iter().zip(y).map(|(x, y)| x + y).collect();
            a.iter().zip(&feature).map(|(x, y)| sum(x, y)).collect()
        }
    };
    clear(world, &mut table);
    table
}

/// Writes `b` by transition: its expectation stays what the new table says it is.
fn by_transition(rng: &mut Stream, world: &mut World) {
    let (n, m) = (world.n(), world.m());
    let size = largest(&world.rewards[1].sa);
    let mut sas = vec![vec![vec![Q::ZERO; n]; m]; n];
    for s in (0..n).filter(|&s| !world.terminal[s]) {
        for a in 0..m {
            let Some(row) = world.p[s][a].clone() else { continue };
            for t in 0..n {
                sas[s][a][t] = &world.rewards[1].sa[s][a] + &size * frac(rng.whole(-2, 2), 4);
            }
            world.rewards[1].sa[s][a] = dot(&row, &sas[s][a]);
        }
    }
    world.rewards[1].sas = Some(sas);
}
