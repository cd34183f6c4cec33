//! The sentences of `hack`: the verdict, what a designer may conclude, and what to try next.

use super::Story;
use crate::answer::number::plain;
use crate::answer::parts::many;
use crate::answer::say;
use crate::report::{Block, Prose, Tone};
use truenorth::analysis::hackable::Relation;
use truenorth::analysis::hacking::{Maximiser, Maybe};
use truenorth::base::{Bounded, Grade};

/// Losing this share of the true return range against the best policy is worth a warning, however bad the reference is: a
/// tenth of all there is to gain.
const MUCH: f64 = 0.1;

/// A correlation, or a share of a return range, below this is said with its measure and is no finding: a thousandth is less
/// than what anybody measures of a policy.
const SLIGHT: f64 = 1e-3;

/// Is it hacking?
pub(super) fn verdict(story: &Story<'_>) -> Block {
    let (flags, reference) = (story.flags, story.reference);
    let lost = lost(story);
    if !story.is_found {
        let text =
            format!("A limit was reached before the proxy's optimum was found; of the policy found by then: {lost}.");
        return Block::verdict(Tone::Unsure, text);
    }
    let much = match flags.effect.lost {
        lost if lost.lo >= MUCH => Tone::Warn,
        lost if lost.hi < MUCH => Tone::Good,
        _ => Tone::Unsure,
    };
    let r = match &story.setting.raw.r {
        Err(why) => {
            let tone = if much == Tone::Good { Tone::Neutral } else { much };
            return Block::verdict(tone, format!("Nothing can be promised: {why}. {lost}."));
        }
        Ok(r) => *r,
    };
    let (is_slight, size) = (r.lo > -SLIGHT && r.hi < SLIGHT, plain(r.value));
    let (tone, text) = match flags.correlated_proxy.answer() {
        None => (
            Tone::Unsure,
            format!(
                "Whether the proxy correlates with the truth under the reference {reference} is {}.",
                flags.correlated_proxy.why()
            ),
        ),
        Some(false) if is_slight => (
            Tone::Unsure,
            format!(
                "Hardly a correlation: under the reference {reference} it is {size}, which is no finding. With this policy \
                 the truth {}.",
                change(story.appraisal.rise.truth)
            ),
        ),
        Some(false) => (
            Tone::Bad,
            format!(
                "Not a correlated proxy: under the reference {reference} its correlation with the truth is {size}. With this \
                 policy the truth {}.",
                change(story.appraisal.rise.truth)
            ),
        ),
        Some(true) => correlated(story, much, is_slight, &size),
    };
    Block::verdict(tone, format!("{text} {lost}."))
}

/// The verdict on a proxy that correlates with the truth, by `size`.
fn correlated(story: &Story<'_>, much: Tone, is_slight: bool, size: &str) -> (Tone, String) {
    let (flags, rise, reference) = (story.flags, story.appraisal.rise, story.reference);
    let (gain, up) = (flags.effect.truth, plain(rise.proxy.value));
    let is_still = gain.lo > -SLIGHT && gain.hi < SLIGHT;
    let fall =
        format!("by {} ({} of its return range)", plain(-rise.truth.value), measure(-gain.value, -gain.hi, -gain.lo));
    match flags.hacking.answer() {
        None => (Tone::Unsure, format!("Whether this is hacking is {}.", flags.hacking.why())),
        Some(true) if is_slight || is_still => (
            Tone::Unsure,
            format!(
                "Hacking by the letter, and hardly by its measure: the correlation is {size}, and against the reference \
                 {reference} the truth falls {fall}."
            ),
        ),
        Some(true) => {
            let proxy = match flags.hacking_and_proxy_up.answer() {
                Some(true) => format!("the policy raises it by {up}, and "),
                Some(false) => "the policy does not raise it, and ".into(),
                None => String::new(),
            };
            let text = format!(
                "Reward hacking: the proxy correlates with the truth ({size}), {proxy}against the reference {reference} the \
                 truth falls {fall}."
            );
            (Tone::Bad, text)
        }
        Some(false) if flags.proxy_optimal_hacks.is_yes() && story.ties.worst_gain.hi <= -SLIGHT => (
            Tone::Warn,
            format!(
                "No worse than the reference {reference} with this policy, but some policy that is optimal for the proxy \
                 does hack."
            ),
        ),
        Some(false) if much == Tone::Good && !is_slight => (
            much,
            format!(
                "No hacking: the proxy correlates with the truth ({size}), and the policy earns no less in truth than the \
                 reference {reference}."
            ),
        ),
        Some(false) => {
            let tone = if much == Tone::Good { Tone::Unsure } else { much };
            let rises = match is_still {
                true => format!("hardly moves, by {} of its return range", measure(gain.value, gain.lo, gain.hi)),
                false => format!("rises by {} of its return range", measure(gain.value, gain.lo, gain.hi)),
            };
            let text = format!(
                "No worse than the reference {reference}, which is all that `no hacking` says: the correlation is {size}, and \
                 the truth {rises}."
            );
            (tone, text)
        }
    }
}

/// A share of a return range, with the digits it has.
fn measure(value: f64, lo: f64, hi: f64) -> String {
    let x = Bounded { value, lo, hi, grade: Grade::Certified };
    match lo.abs().max(hi.abs()) < SLIGHT {
        true if x.width() <= SLIGHT * value.abs() => plain(value),
        true => format!("at most {}", plain(lo.abs().max(hi.abs()))),
        false => say::share(x),
    }
}

/// What is lost of the return range against the best policy, whatever the reference.
fn lost(story: &Story<'_>) -> String {
    let lost = story.flags.effect.lost;
    match lost.hi <= 0.0 {
        true => format!("Against the best policy for {} nothing is lost", story.truth),
        false => format!(
            "Against the best policy for {} {} of the return range is lost",
            story.truth,
            measure(lost.value, lost.lo, lost.hi)
        ),
    }
}

/// A rise or a fall in words.
fn change(x: Bounded) -> String {
    match x {
        x if x.lo > 0.0 => format!("rises by {}", plain(x.value)),
        x if x.hi < 0.0 => format!("falls by {}", plain(-x.value)),
        _ => "stays where it is".into(),
    }
}

/// What a designer may conclude.
pub(super) fn findings(story: &Story<'_>) -> Vec<Prose> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(earned(story));
    lines.extend(sign(story));
    lines.push(promise(story));
    lines.extend(advice(story));
    lines.extend(ties(story));
    lines.into_iter().map(Prose::from).collect()
}

/// What the policy earns of what there is.
fn earned(story: &Story<'_>) -> Option<String> {
    let (range, truth) = (story.true_range, story.appraisal.returns.truth);
    if range.is_trivial() {
        return Some("Every policy earns the same in truth.".into());
    }
    let best = (1.0 - story.mdp.gamma()) * range.max.value;
    Some(format!("It earns {} in truth, of {} at best.", plain(truth.value), plain(best)))
}

fn sign(story: &Story<'_>) -> Option<String> {
    let (raw, canonical) = (story.setting.raw.r.as_ref(), story.setting.canonical.r.as_ref());
    let is_same = story.hackable.all_policies.relation == Some(Relation::Equivalent);
    match (raw, canonical) {
        (Ok(raw), Ok(canonical)) if story.sign_flips().is_yes() => Some(format!(
            "The sign of the correlation is made by shaping: it is {} as written and {} with all shaping removed, which \
             changes no policy's rank. {}",
            plain(raw.value),
            plain(canonical.value),
            if canonical.value < 0.0 {
                "Optimising this proxy a little makes the truth fall."
            } else {
                "Optimising this proxy a little makes the truth rise."
            }
        )),
        (Ok(_), Err(why)) => Some(format!("With all shaping removed, {why}: what the proxy pays there is shaping.")),
        (_, Ok(_)) if is_same => {
            Some("With all shaping removed both rewards are the same up to scale where the reference goes.".into())
        }
        _ => None,
    }
}

/// The best bound that holds.
fn promise(story: &Story<'_>) -> String {
    let a = story.appraisal;
    let known = [&a.raw.theorem, &a.raw.sharp, &a.canonical.theorem, &a.canonical.sharp];
    let best = known.into_iter().flatten().max_by(|x, y| x.value.total_cmp(&y.value));
    match (best, &a.canonical.sharp) {
        (Some(b), _) if b.value >= 0.0 => {
            format!("The correlation alone promises that the truth rises by at least {}.", plain(b.value))
        }
        (Some(b), _) => format!(
            "The correlation alone promises only that the truth falls by at most {}: the policy is too far from the \
             reference.",
            plain(-b.value)
        ),
        (None, Err(why)) => format!("The correlation promises nothing about this policy: {why}."),
        (None, Ok(_)) => "The correlation promises nothing about this policy.".into(),
    }
}

/// What the best bounds say about how far to go.
fn advice(story: &Story<'_>) -> Vec<String> {
    let critical = story.setting.critical_weight();
    let mut lines = Vec::new();
    if let Ok(found) = story.maximiser {
        lines.push(match found.is_reference {
            true => format!(
                "With the rewards as written no policy is promised to beat the reference: the weight of the penalty, {}, \
                 is not below the critical {}.",
                plain(found.weight),
                plain(critical.value)
            ),
            false => format!(
                "With the rewards as written the best promise is a true rise of {}: maximise the proxy less {} times the \
                 root of chi-squared (critical weight {}, certified to a gap of {}).",
                plain(guaranteed(story, found, &story.setting.raw)),
                plain(found.weight),
                plain(critical.value),
                plain(found.gap)
            ),
        });
    }
    match story.maximiser_canonical {
        Ok(found) if !found.is_reference => lines.push(format!(
            "With shaping removed the best promise is a true rise of {}, at weight {} and a root of chi-squared of {} \
             (gap {}).",
            plain(guaranteed(story, found, &story.setting.canonical)),
            plain(found.weight),
            found.appraisal.divergences.chi2.as_ref().map_or("infinity".into(), |x| plain(x.value.sqrt())),
            plain(found.gap)
        )),
        Ok(_) => {}
        Err(why) => lines.push(format!("With shaping removed nothing is promised of any policy: {why}.")),
    }
    lines
}

/// `sigma_R / (r sigma_proxy)` times what the penalised proxy gains.
fn guaranteed(story: &Story<'_>, found: &Maximiser, seen: &truenorth::analysis::hacking::Correlation) -> f64 {
    let gain = found.objective.value - story.setting.returns.proxy.value;
    let r = value(&seen.r);
    seen.truth.sigma.value / (r * seen.proxy.sigma.value) * gain
}

fn value(x: &Maybe<Bounded>) -> f64 {
    x.as_ref().map_or(f64::NAN, |b| b.value)
}

fn ties(story: &Story<'_>) -> Option<String> {
    let ties = story.ties;
    if ties.n_ties == 0 {
        return None;
    }
    let how = match (ties.all_below.answer(), ties.some_below.answer()) {
        (Some(true), _) => "all of them earn less than the reference in truth".to_owned(),
        (Some(false), Some(true)) => "some of them earn less than the reference in truth, some do not".into(),
        (_, Some(true)) => "some of them earn less than the reference in truth".into(),
        (_, Some(false)) => "none of them earns less than the reference in truth".into(),
        _ => format!("whether they earn less than the reference in truth is {}", ties.some_below.why()),
    };
    Some(format!("The proxy leaves more than one action open in {}: {how}.", many(ties.n_ties, "state")))
}

/// What to try next.
pub(super) fn hint(story: &Story<'_>) -> String {
    match (&story.setting.raw.r, &story.appraisal.divergences.chi2) {
        (Err(_), _) => "Another --reference may see more of the rewards; `compare` needs none.".into(),
        (_, Err(why)) => format!(
            "Chi-squared is {why}. A reference that plays every action, such as --reference uniform, leaves nothing out."
        ),
        _ => "--json has the policies and all points of the frontier; --reference FILE or soft:TAU asks about another \
              reference."
            .into(),
    }
}
