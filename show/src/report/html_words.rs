//! Words on their way into an HTML page.

use super::chars::clean;
use super::prose::{Inline, Prose};

/// Running text with its emphasis as elements.
pub(super) fn prose(prose: &Prose) -> String {
    let mut out = String::new();
    for inline in &prose.0 {
        let words = escape(inline.plain());
        match inline {
            Inline::Text(_) => out.push_str(&words),
            Inline::Strong(_) => out.push_str(&format!("<strong>{words}</strong>")),
            Inline::Code(_) => out.push_str(&format!("<code>{words}</code>")),
            Inline::Math { .. } => out.push_str(&format!("<span class=\"math\">{words}</span>")),
        }
    }
    out
}

/// Words made inert, between tags as well as inside a quoted attribute.
pub(super) fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 8);
    for c in clean(words).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Lets a long name break after some of its underscores, so that it does not push the other columns off a phone.
pub(super) fn breakable(html: &str) -> String {
    // Pieces shorter than these look torn. No tag or character reference that `prose` writes holds an underscore.
    const HEAD: usize = 8;
    const TAIL: usize = 4;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(html.len() + 16);
    let mut run = 0;
    for (at, c) in html.char_indices() {
        out.push(c);
        run = if is_word(c) { run + 1 } else { 0 };
        let tail = || html[at + 1..].chars().take_while(|&c| is_word(c)).take(TAIL);
        if c == '_' && run >= HEAD && tail().count() == TAIL {
            out.push_str("<wbr>");
            run = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        let shown = "&lt;b a=&quot;x&quot;&gt; &amp;amp; &#39;";
        assert_eq!(escape("<b a=\"x\"> &amp; '"), shown);
    }

    #[test]
    fn only_long_names_break() {
        assert_eq!(breakable("move_left"), "move_left");
        assert_eq!(breakable("a &lt; b_<code>x_y</code>"), "a &lt; b_<code>x_y</code>");
        let broken = breakable("<code>charging_station_6_north</code>");
        assert_eq!(broken, "<code>charging_<wbr>station_<wbr>6_north</code>");
    }
}
