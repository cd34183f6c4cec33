//! The sentences of `hack`: the verdict, what a designer may conclude, and what to try next.

use super::Story;
use crate::analysis::hacking::{Maximiser, Maybe};
use crate::base::Bounded;
use crate::show::answer::number::{percent, plain};
use crate::show::answer::parts::many;
use crate::show::report::{Block, Prose, Tone};

/// Is it hacking?
pub(super) fn verdict(story: &Story<'_>) -> Block {
    let (flags, rise) = (story.flags, story.appraisal.rise);
    let (up, down) = (plain(rise.proxy.value), plain(-rise.truth.value));
    let r = match &story.setting.raw.r {
        Err(why) => return Block::verdict(Tone::Neutral, format!("Nothing can be promised: {why}.")),
        Ok(r) => plain(r.value),
    };
    match (flags.correlated_proxy, flags.hacking, flags.hacking_and_proxy_up) {
        (Some(false), _, _) => Block::verdict(
            Tone::Bad,
            format!(
                "Not a correlated proxy: under the reference its correlation with the truth is {r}. With this policy the truth \
                 {}.",
                change(rise.truth)
            ),
        ),
        (None, _, _) | (_, None, _) => {
            Block::verdict(Tone::Neutral, "The bounds found so far are too wide to tell whether this is hacking.")
        }
        (_, Some(true), Some(true)) => Block::verdict(
            Tone::Bad,
            format!(
                "Reward hacking: the proxy correlates with the truth ({r}), the policy raises it by {up}, and the truth \
                 falls by {down}."
            ),
        ),
        (_, Some(true), _) => Block::verdict(
            Tone::Bad,
            format!(
                "Reward hacking: the proxy correlates with the truth ({r}), and the truth falls by {down}. The proxy \
                 does not rise either."
            ),
        ),
        (_, Some(false), _) if flags.proxy_optimal_hacks == Some(true) => Block::verdict(
            Tone::Warn,
            "No hacking by this policy, but some policy that is optimal for the proxy does hack.".to_owned(),
        ),
        (_, Some(false), _) => Block::verdict(
            Tone::Good,
            format!("No hacking: the proxy correlates with the truth ({r}), and the policy earns no less in truth."),
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

/// What the policy earns of what there is, whatever the reference: no hacking is not yet no loss.
fn earned(story: &Story<'_>) -> Option<String> {
    let (range, truth) = (story.true_range, story.appraisal.returns.truth);
    if range.is_trivial() {
        return Some("Every policy earns the same in truth.".into());
    }
    let normaliser = 1.0 - story.mdp.gamma();
    let (best, rho) = (normaliser * range.max.value, normaliser * range.rho.value);
    let lost = ((best - truth.value) / rho).clamp(0.0, 1.0);
    let share = match lost {
        x if x < 1e-9 => "nothing is lost".to_owned(),
        x => format!("{} of the return range is lost", percent(x)),
    };
    Some(format!("It earns {} in truth, of {} at best: {share}.", plain(truth.value), plain(best)))
}

fn sign(story: &Story<'_>) -> Option<String> {
    let (raw, canonical) = (story.setting.raw.r.as_ref(), story.setting.canonical.r.as_ref());
    match (raw, canonical) {
        (Ok(raw), Ok(canonical)) if story.sign_flips() => Some(format!(
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
        (_, Ok(canonical)) if canonical.lo > 0.0 && canonical.hi >= 1.0 - 1e-12 => {
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
fn guaranteed(story: &Story<'_>, found: &Maximiser, seen: &crate::analysis::hacking::Correlation) -> f64 {
    let gain = found.objective.value - story.setting.returns.proxy.value;
    let r = value(&seen.r);
    seen.truth.sigma.value / (r * seen.proxy.sigma.value) * gain
}

fn value(x: &Maybe<Bounded>) -> f64 {
    x.as_ref().map_or(f64::NAN, |b| b.value)
}

fn ties(story: &Story<'_>) -> Option<String> {
    let ties = story.ties;
    let how = match (ties.n_ties, ties.all_below, ties.some_below) {
        (0, _, _) => return None,
        (_, Some(true), _) => "all of them earn less than the reference in truth",
        (_, _, Some(true)) => "some of them earn less than the reference in truth, some do not",
        (_, _, Some(false)) => "none of them earns less than the reference in truth",
        _ => "whether they earn less than the reference in truth is not certain yet",
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
