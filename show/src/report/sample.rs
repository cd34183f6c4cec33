//! Documents for the exporters' tests.

use super::*;

/// A report with every kind of block, wide tables, long names and a picture.
pub(super) fn rich() -> Document {
    let name = |s: usize| match s % 4 {
        0 => format!("warehouse_{s}_loading_bay_with_fragile_goods"),
        1 => format!("corridor_{s}"),
        2 => format!("charging_station_{s}_north"),
        _ => format!("東京_{s}"),
    };
    let mut states = Table::new([
        Inline::text("Live states whose best action changed, under "),
        Inline::code("goal - 0.05*step"),
        Inline::text("."),
    ])
    .column("State", Align::Left)
    .column("Truth", Align::Left)
    .column("Proxy", Align::Left)
    .column(Inline::math("V^*(s)", "V*(s)"), Align::Right)
    .column("Loss", Align::Right);
    for s in 0..12 {
        states = states.row([
            Inline::code(name(s)).into(),
            "move_left".into(),
            "move_down_and_wait".into(),
            Number::new(format!("0.{:04}", 5420 - 37 * s))
                .between(format!("0.{:04}", 5418 - 37 * s), format!("0.{:04}", 5422 - 37 * s))
                .graded("certified")
                .into(),
            match s {
                3 => Cell::Empty,
                _ => Number::new(format!("-{}.{:02}", s * s, s)).into(),
            },
        ]);
    }
    let metrics = Table::new("Distances between the two rewards.")
        .column("Metric", Align::Left)
        .column("Distance", Align::Right)
        .column("Same task", Align::Centre)
        .row([
            Inline::code("starc-range").into(),
            Number::new("0.9371").between("0.9370", "0.9372").graded("certified").into(),
            "no".into(),
        ])
        .row([Inline::code("starc-val-l2").into(), Number::new("1.2004").graded("bounded").into(), "no".into()]);
    Document::new("Is goal − 0.05·step the reward you meant?")
        .lede([
            Inline::text("Different tasks. Optimising the second and being paid by the first earns "),
            Inline::strong("0.0439 of 0.5420"),
            Inline::text(" possible: 92 % of the optimum is lost."),
        ])
        .fact("Model", "frozenlake-4x4 (S < 17 & A > 3)")
        .fact("States", "16")
        .fact("Actions", "4")
        .fact(
            "Discount",
            [Inline::math(r"\gamma", "γ"), Inline::text(" = 0.99")],
        )
        .fact("Version", "0.1.0")
        .fact(
            "Hash",
            Inline::code("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        )
        .fact(
            "Command",
            Inline::code("truenorth compare gallery:frozenlake-4x4 goal 'goal - 0.05*step' --report look.html"),
        )
        .block(Block::section("Verdict"))
        .block(Block::verdict(Tone::Bad, "Worst-case regret is 92 % of what could be earned."))
        .block(Block::verdict(
            Tone::Warn,
            "Five of eleven live states changed their best action.",
        ))
        .block(Block::verdict(Tone::Good, "Every bound is certified."))
        .block(Block::verdict(
            Tone::Neutral,
            [
                Inline::text("The sweep stopped at its time limit; "),
                Inline::code("--time 60s"),
                Inline::text(" would allow more."),
            ],
        ))
        .block(Block::paragraph([
            Inline::text("The worst case is "),
            Inline::math(r"\min_{\lambda \ge 0} \rho(R_1 - \lambda R_2)", "min over λ ≥ 0 of ρ(R1 − λ R2)"),
            Inline::text(", a convex function of one number. Names such as "),
            Inline::code("a_very_long_state_name_that_never_ends_and_holds_no_space_at_all_0123456789"),
            Inline::text(" must not widen the page, and neither must café, naïve or R&D."),
        ]))
        .block(metrics)
        .block(Block::section("Where the policies part"))
        .block(states)
        .block(Figure::new(
            "return polygon",
            PICTURE,
            "A polygon of all pairs of returns, with the worst-case chord drawn in red",
            [
                Inline::text("Every policy is a point of this polygon. The "),
                Inline::strong("red chord"),
                Inline::text(" is the longest drop in truth that the proxy does not see."),
            ],
        ))
        .block(Block::section("How it was found"))
        .block(Block::subsection("Steps"))
        .block(Block::list([
            Prose::from("Two MDP solves per evaluation."),
            Prose::from([Inline::text("Stopped at a certified "), Inline::strong("uncertainty"), Inline::text(" of 1e-9.")]),
        ]))
        .block(Block::code("let d = distance(&truth, &proxy);\nassert!(d.hi <= 0.1); // a line that is rather long so that it has to scroll on a phone"))
        .block(Block::details(
            "Numbers behind the figure",
            vec![
                Block::paragraph("Vertices, counter-clockwise."),
                Table::new("")
                    .column("truth", Align::Right)
                    .column("proxy", Align::Right)
                    .row([Number::new("0.5398").into(), Number::new("-1.2000").into()])
                    .row([Number::new("0.0439").into(), Number::new("-0.1000").into()])
                    .into(),
            ],
        ))
}

/// A report with `words` in every place a user's name can reach.
pub(super) fn everywhere(words: &str) -> Document {
    let all =
        || Prose::from([Inline::text(words), Inline::strong(words), Inline::code(words), Inline::math("x", words)]);
    let table = Table::new(all())
        .column(all(), Align::Left)
        .column(words, Align::Right)
        .row([all().into(), Number::new(words).between(words, words).graded(words).into()])
        .row([words.into(), Inline::code(words).into()]);
    Document::new(words)
        .lede(all())
        .fact(words, all())
        .block(Block::section(all()))
        .block(Block::subsection(all()))
        .block(Block::paragraph(all()))
        .block(Block::paragraph(words))
        .block(Block::verdict(Tone::Bad, all()))
        .block(table)
        .block(Figure::new(words, PICTURE, words, all()))
        .block(Figure::new(words, "", words, words))
        .block(Block::code(words))
        .block(Block::list([all(), words.into()]))
        .block(Block::details(all(), vec![Block::paragraph(all())]))
}

/// A small drawing with a namespace, a text and no view box.
const PICTURE: &str = r##"<svg width="720" height="380" xmlns="http://www.w3.org/2000/svg">
<rect x="0" y="0" width="720" height="380" fill="#FFFFFF"/>
<line x1="60" y1="330" x2="690" y2="330" stroke="#333"/>
<line x1="60" y1="30" x2="60" y2="330" stroke="#333"/>
<polygon points="110,300 260,320 520,210 640,80 420,50 180,140" fill="#cfe3f1" stroke="#0b5a86" stroke-width="2"/>
<line x1="640" y1="80" x2="180" y2="140" stroke="#a32a22" stroke-width="3"/>
<text x="375" y="365" font-family="sans-serif" font-size="15" text-anchor="middle">return under the proxy</text>
<text x="24" y="180" font-family="sans-serif" font-size="15" text-anchor="middle" transform="rotate(-90 24 180)">return under the truth</text>
<text x="410" y="102" font-family="sans-serif" font-size="14" fill="#a32a22" text-anchor="middle">worst case: 0.4981</text>
</svg>
"##;
