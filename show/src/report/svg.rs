//! A picture's way into an HTML page: only well-formed, passive SVG gets in.
//!
//! The page's content policy already stops scripts and network requests. This check keeps a broken or hostile picture
//! from breaking the page around it, and makes the refusal visible instead of silent.

/// Elements that only draw. Anything else, such as `script` or `foreignObject`, is refused.
const ELEMENTS: &[&str] = &[
    "svg",
    "g",
    "defs",
    "symbol",
    "use",
    "title",
    "desc",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "clipPath",
    "mask",
    "marker",
    "pattern",
    "linearGradient",
    "radialGradient",
    "stop",
    "style",
    "image",
];

/// The `<svg>` element ready to stand inside an HTML page.
///
/// The XML declaration, comments and namespace attributes go, and a `viewBox` is added where only a width and a height
/// are given, so that the picture can shrink. `Err` says in a few words why a picture was refused.
pub(super) fn inline(svg: &str) -> Result<String, String> {
    let mut out = String::with_capacity(svg.len());
    let mut open: Vec<&str> = Vec::new();
    let mut started = false;
    let mut rest = svg;
    while let Some(at) = rest.find('<') {
        let (words, tail) = rest.split_at(at);
        if open.is_empty() {
            let stray = started || !words.trim_start_matches('\u{feff}').trim().is_empty();
            if stray && !words.trim().is_empty() {
                return Err("words outside the picture".into());
            }
        } else {
            check_style(open.last().copied(), words)?;
            out.push_str(words);
        }
        if let Some(tail) = tail.strip_prefix("<!--") {
            rest = after(tail, "-->")?;
            continue;
        }
        if let Some(tail) = tail.strip_prefix("<?") {
            rest = after(tail, "?>")?;
            continue;
        }
        if tail.starts_with("<!DOCTYPE") && !started {
            rest = after(tail, ">")?;
            continue;
        }
        let end = tag_end(tail).ok_or("a tag that never ends")?;
        let tag = &tail[1..end];
        rest = &tail[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let name = name.trim_end();
            if open.pop() != Some(name) {
                return Err(format!("`</{name}>` without its beginning"));
            }
            out.push_str(&format!("</{name}>"));
            continue;
        }
        let (tag, closed) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let name_end = tag.find(|c: char| c.is_whitespace()).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(name_end);
        if !ELEMENTS.contains(&name) {
            return Err(format!("a `<{name}>` element"));
        }
        if open.is_empty() && (started || name != "svg") {
            return Err("more than one picture".into());
        }
        if let Some(parent @ ("title" | "desc" | "style")) = open.last().copied() {
            // An HTML parser leaves SVG inside these, so an element there would not mean what it says.
            return Err(format!("an element inside `<{parent}>`"));
        }
        started = true;
        out.push('<');
        out.push_str(name);
        write_attributes(attributes, open.is_empty(), &mut out)?;
        out.push('>');
        if closed {
            out.push_str(&format!("</{name}>"));
        } else {
            open.push(name);
        }
    }
    match (started, open.last()) {
        (false, _) => Err("no picture".into()),
        (true, Some(name)) => Err(format!("`<{name}>` without its end")),
        (true, None) if rest.trim().is_empty() => Ok(out),
        (true, None) => Err("words outside the picture".into()),
    }
}

fn after<'a>(words: &'a str, mark: &str) -> Result<&'a str, String> {
    words.split_once(mark).map(|(_, rest)| rest).ok_or_else(|| format!("no `{mark}`"))
}

/// Position of the `>` that ends the tag at the start of `tail`, quotes respected.
fn tag_end(tail: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tail.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return Some(at),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    None
}

/// Copies the attributes of one tag, each with double quotes.
fn write_attributes(mut rest: &str, root: bool, out: &mut String) -> Result<(), String> {
    let (mut width, mut height, mut view_box) = (None, None, false);
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let (name, tail) = rest.split_once('=').ok_or("an attribute without a value")?;
        let name = name.trim_end();
        let tail = tail.trim_start();
        let quote = tail.chars().next().filter(|q| matches!(q, '"' | '\'')).ok_or("an attribute without quotes")?;
        let (value, tail) = tail[1..].split_once(quote).ok_or("an attribute without its end")?;
        rest = tail;
        check_attribute(name, value)?;
        match name {
            "xmlns" | "version" | "xml:space" => continue,
            _ if name.starts_with("xmlns:") => continue,
            "width" if root => width = length(value),
            "height" if root => height = length(value),
            "viewBox" if root => view_box = true,
            _ => {}
        }
        let name = name.strip_prefix("xlink:").unwrap_or(name);
        let value = value.replace('"', "&quot;").replace('<', "&lt;");
        out.push_str(&format!(" {name}=\"{value}\""));
    }
    if let (true, false, Some(width), Some(height)) = (root, view_box, width, height) {
        out.push_str(&format!(" viewBox=\"0 0 {width} {height}\""));
    }
    Ok(())
}

/// A plain length or one in pixels, as its digits.
fn length(value: &str) -> Option<&str> {
    let digits = value.trim().trim_end_matches("px");
    digits.parse::<f64>().is_ok_and(|x| x.is_finite() && x > 0.0).then_some(digits)
}

fn check_attribute(name: &str, value: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    if name.is_empty() || !name.chars().all(good) {
        return Err("a malformed attribute".into());
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("on") {
        return Err(format!("an event handler, `{name}`"));
    }
    let inside = value.starts_with('#') || value.starts_with("data:image/png;base64,");
    if (lower == "href" || lower == "xlink:href" || lower == "src") && !inside {
        return Err(format!("a link out of the picture in `{name}`"));
    }
    let words = value.to_ascii_lowercase().replace(['"', '\''], "");
    if words.matches("url(").count() != words.matches("url(#").count() {
        return Err(format!("a link out of the picture in `{name}`"));
    }
    Ok(())
}

/// A style sheet inside a picture may set colours, not fetch anything.
fn check_style(element: Option<&str>, words: &str) -> Result<(), String> {
    let lower = words.to_ascii_lowercase();
    let fetches = lower.contains("@import") || lower.contains("url(") || lower.contains('\\');
    if element == Some("style") && fetches {
        return Err("a style sheet that fetches".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_passes_and_can_shrink() {
        let svg = "<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<!-- by hand -->\
            <svg xmlns=\"http://www.w3.org/2000/svg\" width='80' height='60px'>\n\
            <rect x=\"0\" y=\"0\" fill=\"url(#a)\"/><text>a &lt; b > c</text></svg>\n";
        assert_eq!(
            inline(svg).unwrap(),
            "<svg width=\"80\" height=\"60px\" viewBox=\"0 0 80 60\">\n\
             <rect x=\"0\" y=\"0\" fill=\"url(#a)\"></rect><text>a &lt; b > c</text></svg>"
        );
    }

    #[test]
    fn a_view_box_is_kept() {
        let svg = r#"<svg viewBox="1 2 3 4" width="9" height="9"/>"#;
        assert_eq!(inline(svg).unwrap(), r#"<svg viewBox="1 2 3 4" width="9" height="9"></svg>"#);
    }

    #[test]
    fn hostile_or_broken_pictures_are_refused() {
        for bad in [
            "",
            "hello",
            "<svg>",
            "<svg></g></svg>",
            "<svg><g></svg></g>",
            "<svg></svg><svg></svg>",
            "<svg></svg>tail",
            "<svg></svg>tail<svg></svg>",
            "<p></p>",
            "<svg><script>alert(1)</script></svg>",
            "<svg><SCRIPT></SCRIPT></svg>",
            "<svg><foreignObject><p>x</p></foreignObject></svg>",
            "<svg onload=\"alert(1)\"></svg>",
            "<svg/onload=\"alert(1)\"></svg>",
            "<svg><rect ONclick='x'/></svg>",
            "<svg><use href=\"//example.org/a.svg#b\"/></svg>",
            "<svg><use xlink:href='javascript:alert(1)'/></svg>",
            "<svg><image href=\"data:image/svg+xml,x\"/></svg>",
            "<svg><rect fill=\"url( //example.org )\"/></svg>",
            "<svg><style>@import 'x'</style></svg>",
            "<svg><title><style></style></title></svg>",
            "<svg><rect a></rect></svg>",
            "<svg><rect a=b></rect></svg>",
            "<svg a=\"<svg>",
            "<svg><!-- </svg>",
        ] {
            assert!(inline(bad).is_err(), "{bad}");
        }
    }
}
