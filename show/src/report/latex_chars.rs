//! Characters as LaTeX source, so that any name compiles.

use super::chars::{clean, code_point};

/// Words with every character spelled so that LaTeX prints it.
///
/// Letters of western and central Europe stay as they are. What no standard font has is printed as its code point.
pub(super) fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 16);
    let words = clean(words);
    let mut letters = words.chars().peekable();
    while let Some(c) = letters.next() {
        if let Some(spelling) = ascii(c) {
            out.push_str(spelling);
        } else if c.is_ascii() {
            out.push(c);
            // Two of these in a row would melt into another sign, such as a dash.
            if matches!((c, letters.peek()), ('-', Some('-')) | (',', Some(',')) | ('\'', Some('\''))) {
                out.push_str("{}");
            }
        } else if let Some((_, spelling)) = COMMANDS.iter().find(|(known, _)| *known == c) {
            out.push_str(spelling);
        } else if is_plain_latin(c) {
            out.push(c);
        } else {
            // Only ASCII letters come back, so this recursion ends at once.
            out.push_str(&escape(&code_point(c)));
        }
    }
    out
}

/// Code in typewriter letters, which may break inside a long run of letters such as a hash.
pub(super) fn code(words: &str) -> String {
    let mut out = String::from("\\texttt{");
    for (nth, part) in long_runs(&clean(words)).into_iter().enumerate() {
        if nth > 0 {
            out.push_str("\\allowbreak{}");
        }
        out.push_str(&escape(&part));
    }
    out.push('}');
    out
}

/// Words cut every eight characters inside runs without a break that are longer than a line should have to hold.
fn long_runs(words: &str) -> Vec<String> {
    const LONG: usize = 20;
    let mut out = vec![String::new()];
    for run in words.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let letters: Vec<_> = run.chars().collect();
        let step = if letters.len() > LONG { 8 } else { letters.len().max(1) };
        for (nth, part) in letters.chunks(step).enumerate() {
            if nth > 0 {
                out.push(String::new());
            }
            let last = out.len() - 1;
            out[last].extend(part);
        }
    }
    out
}

/// Spelling of the ASCII characters that mean something to LaTeX.
fn ascii(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => r"\textbackslash{}",
        '{' => r"\{",
        '}' => r"\}",
        '$' => r"\$",
        '&' => r"\&",
        '#' => r"\#",
        '%' => r"\%",
        // A line may break after these, or long names would run into the margin.
        '_' => r"\_\allowbreak{}",
        '/' => r"/\allowbreak{}",
        ':' => r":\allowbreak{}",
        '~' => r"\textasciitilde{}",
        '^' => r"\textasciicircum{}",
        '<' => r"\textless{}",
        '>' => r"\textgreater{}",
        '|' => r"\textbar{}",
        '"' => r"\textquotedbl{}",
        '`' => r"\textasciigrave{}",
        // At the start of a table row a bracket or a star would be read as an option of the row before.
        '[' => "{[}",
        ']' => "{]}",
        '*' => "{*}",
        '?' => "{?}",
        '!' => "{!}",
        _ => return None,
    })
}

/// Accented Latin letters that the T1 encoding has.
fn is_plain_latin(c: char) -> bool {
    const MISSING: &[char] = &['Ħ', 'ħ', 'ĸ', 'Ŀ', 'ŀ', 'ŉ', 'Ŧ', 'ŧ', 'ſ'];
    matches!(c, 'À'..='ÿ' | 'Ā'..='ž') && !MISSING.contains(&c)
}

/// Signs and Greek letters with a command of their own.
const COMMANDS: &[(char, &str)] = &[
    ('\u{a0}', "~"),
    ('¡', r"\textexclamdown{}"),
    ('¿', r"\textquestiondown{}"),
    ('£', r"\pounds{}"),
    ('§', r"\S{}"),
    ('¶', r"\P{}"),
    ('©', r"\textcopyright{}"),
    ('®', r"\textregistered{}"),
    ('°', r"\textdegree{}"),
    ('¬', r"\ensuremath{\neg}"),
    ('±', r"\ensuremath{\pm}"),
    ('²', r"\textsuperscript{2}"),
    ('³', r"\textsuperscript{3}"),
    ('¹', r"\textsuperscript{1}"),
    ('·', r"\ensuremath{\cdot}"),
    ('×', r"\ensuremath{\times}"),
    ('÷', r"\ensuremath{\div}"),
    ('«', r"\guillemotleft{}"),
    ('»', r"\guillemotright{}"),
    ('½', r"\ensuremath{\tfrac12}"),
    ('€', r"\texteuro{}"),
    ('–', r"\textendash{}"),
    ('—', r"\textemdash{}"),
    ('‑', "-"),
    ('‐', "-"),
    ('‘', r"\textquoteleft{}"),
    ('’', r"\textquoteright{}"),
    ('“', r"\textquotedblleft{}"),
    ('”', r"\textquotedblright{}"),
    ('„', r"\quotedblbase{}"),
    ('…', r"\ldots{}"),
    ('•', r"\textbullet{}"),
    ('′', r"\ensuremath{'}"),
    ('\u{2009}', r"\,"),
    ('\u{202f}', r"\,"),
    ('−', r"\ensuremath{-}"),
    ('α', r"\ensuremath{\alpha}"),
    ('β', r"\ensuremath{\beta}"),
    ('γ', r"\ensuremath{\gamma}"),
    ('δ', r"\ensuremath{\delta}"),
    ('ε', r"\ensuremath{\varepsilon}"),
    ('ζ', r"\ensuremath{\zeta}"),
    ('η', r"\ensuremath{\eta}"),
    ('θ', r"\ensuremath{\theta}"),
    ('ι', r"\ensuremath{\iota}"),
    ('κ', r"\ensuremath{\kappa}"),
    ('λ', r"\ensuremath{\lambda}"),
    ('μ', r"\ensuremath{\mu}"),
    ('µ', r"\ensuremath{\mu}"),
    ('ν', r"\ensuremath{\nu}"),
    ('ξ', r"\ensuremath{\xi}"),
    ('π', r"\ensuremath{\pi}"),
    ('ρ', r"\ensuremath{\rho}"),
    ('σ', r"\ensuremath{\sigma}"),
    ('ς', r"\ensuremath{\varsigma}"),
    ('τ', r"\ensuremath{\tau}"),
    ('υ', r"\ensuremath{\upsilon}"),
    ('φ', r"\ensuremath{\varphi}"),
    ('ϕ', r"\ensuremath{\phi}"),
    ('χ', r"\ensuremath{\chi}"),
    ('ψ', r"\ensuremath{\psi}"),
    ('ω', r"\ensuremath{\omega}"),
    ('Γ', r"\ensuremath{\Gamma}"),
    ('Δ', r"\ensuremath{\Delta}"),
    ('Θ', r"\ensuremath{\Theta}"),
    ('Λ', r"\ensuremath{\Lambda}"),
    ('Ξ', r"\ensuremath{\Xi}"),
    ('Π', r"\ensuremath{\Pi}"),
    ('Σ', r"\ensuremath{\Sigma}"),
    ('Φ', r"\ensuremath{\Phi}"),
    ('Ψ', r"\ensuremath{\Psi}"),
    ('Ω', r"\ensuremath{\Omega}"),
    ('ℓ', r"\ensuremath{\ell}"),
    ('ℝ', r"\ensuremath{\mathbb{R}}"),
    ('≤', r"\ensuremath{\le}"),
    ('≥', r"\ensuremath{\ge}"),
    ('≠', r"\ensuremath{\ne}"),
    ('≈', r"\ensuremath{\approx}"),
    ('≡', r"\ensuremath{\equiv}"),
    ('∼', r"\ensuremath{\sim}"),
    ('∝', r"\ensuremath{\propto}"),
    ('∞', r"\ensuremath{\infty}"),
    ('∈', r"\ensuremath{\in}"),
    ('∉', r"\ensuremath{\notin}"),
    ('⊆', r"\ensuremath{\subseteq}"),
    ('∪', r"\ensuremath{\cup}"),
    ('∩', r"\ensuremath{\cap}"),
    ('∅', r"\ensuremath{\emptyset}"),
    ('∀', r"\ensuremath{\forall}"),
    ('∃', r"\ensuremath{\exists}"),
    ('∑', r"\ensuremath{\sum}"),
    ('∏', r"\ensuremath{\prod}"),
    ('∂', r"\ensuremath{\partial}"),
    ('∇', r"\ensuremath{\nabla}"),
    ('√', r"\ensuremath{\surd}"),
    ('‖', r"\ensuremath{\Vert}"),
    ('∥', r"\ensuremath{\Vert}"),
    ('⟨', r"\ensuremath{\langle}"),
    ('⟩', r"\ensuremath{\rangle}"),
    ('←', r"\ensuremath{\leftarrow}"),
    ('↑', r"\ensuremath{\uparrow}"),
    ('→', r"\ensuremath{\rightarrow}"),
    ('↓', r"\ensuremath{\downarrow}"),
    ('↔', r"\ensuremath{\leftrightarrow}"),
    ('⇒', r"\ensuremath{\Rightarrow}"),
    ('⇔', r"\ensuremath{\Leftrightarrow}"),
    ('✓', r"\ensuremath{\checkmark}"),
    ('✗', r"\ensuremath{\times}"),
    ('★', r"\ensuremath{\star}"),
    ('₀', r"\ensuremath{_0}"),
    ('₁', r"\ensuremath{_1}"),
    ('₂', r"\ensuremath{_2}"),
    ('⁻', r"\ensuremath{^{-}}"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn special_characters_are_spelled_out() {
        for (words, latex) in [
            ("50% & #1 $x", r"50\% \& \#1 \$x"),
            ("a_b", r"a\_\allowbreak{}b"),
            ("~^\\", r"\textasciitilde{}\textasciicircum{}\textbackslash{}"),
            ("{x} <y>", r"\{x\} \textless{}y\textgreater{}"),
            ("--x ---", "-{}-x -{}-{}-"),
            ("γ ≤ λ", r"\ensuremath{\gamma} \ensuremath{\le} \ensuremath{\lambda}"),
            ("café Łódź", "café Łódź"),
            ("ρ→–", r"\ensuremath{\rho}\ensuremath{\rightarrow}\textendash{}"),
            ("東", r"\textless{}U+6771\textgreater{}"),
        ] {
            assert_eq!(escape(words), latex, "{words}");
        }
    }

    #[test]
    fn long_code_may_break() {
        assert_eq!(code("a_b"), r"\texttt{a\_\allowbreak{}b}");
        let hash = "0123456789abcdef0123456789abcdef";
        let breaks = r"\texttt{01234567\allowbreak{}89abcdef\allowbreak{}01234567\allowbreak{}89abcdef}";
        assert_eq!(code(hash), breaks);
        assert_eq!(code(""), r"\texttt{}");
    }

    #[test]
    fn no_character_is_listed_twice() {
        let known: BTreeSet<_> = COMMANDS.iter().map(|(c, _)| c).collect();
        assert_eq!(known.len(), COMMANDS.len());
    }

    #[test]
    fn what_stays_is_ascii_or_plain_latin() {
        for point in 0x20..0x3000 {
            let Some(c) = char::from_u32(point) else {
                continue;
            };
            let escaped = escape(&c.to_string());
            assert!(escaped.chars().all(|c| c.is_ascii() || is_plain_latin(c)));
        }
    }
}
