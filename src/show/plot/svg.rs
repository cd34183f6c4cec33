//! A scene as SVG text. No ids, no styles outside attributes and no clip paths, so pictures can share one page.
//! Longer texts carry their measured length: a viewer without the font squeezes them instead of overrunning.

use std::fmt::Write as _;

use super::colour::{Rgb, WHITE};
use super::font;
use super::scene::{Anchor, Item, Label, Paint, Scene, Shape, Stroke, Xy};
use super::{Background, Options, Placement};

/// Texts shorter than this keep the viewer's own width; the possible overrun is below a pixel or two.
const PINNED_FROM: usize = 4;

/// The whole document.
pub(super) fn write(scene: &Scene, options: &Options) -> String {
    let (w, h) = (number(scene.width), number(scene.height));
    let mut out = String::new();
    match options.placement {
        Placement::File => {
            out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
            put(&mut out, format_args!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" "));
        }
        Placement::Inline => {
            put(&mut out, format_args!("<svg xmlns=\"http://www.w3.org/2000/svg\" style=\"max-width:{w}px\" "));
        }
    }
    put(&mut out, format_args!("viewBox=\"0 0 {w} {h}\" role=\"img\" font-family=\"{}\">\n", font::FAMILY));
    put(&mut out, format_args!("<title>{}</title>\n", escape(&scene.title)));
    if options.background == Background::White {
        put(&mut out, format_args!("<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>\n", hex(WHITE)));
    }
    for item in &scene.items {
        one(&mut out, item);
    }
    out.push_str("</svg>\n");
    out
}

/// Writing to a string cannot fail, so the result carries nothing.
fn put(out: &mut String, args: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(args);
}

fn one(out: &mut String, item: &Item) {
    let class = if item.class.is_empty() { String::new() } else { format!(" class=\"{}\"", item.class) };
    match &item.shape {
        Shape::Rect { x, y, w, h, fill } => {
            put(out, format_args!("<rect{class} {}{}/>\n", place(*x, *y, *w, *h), filled(*fill)));
        }
        Shape::Frame { x, y, w, h, stroke } => {
            put(out, format_args!("<rect{class} {} fill=\"none\"{}/>\n", place(*x, *y, *w, *h), stroked(*stroke)));
        }
        Shape::Polygon { points, fill } => {
            put(out, format_args!("<polygon{class} points=\"{}\"{}/>\n", list(points), filled(*fill)));
        }
        Shape::Path { points, stroke } => {
            let join = " stroke-linejoin=\"round\" stroke-linecap=\"butt\"";
            let line = list(points);
            put(out, format_args!("<polyline{class} points=\"{line}\" fill=\"none\"{}{join}/>\n", stroked(*stroke)));
        }
        Shape::Disc { centre, radius, fill } => {
            let (x, y, r) = (number(centre.0), number(centre.1), number(*radius));
            put(out, format_args!("<circle{class} cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{}/>\n", filled(*fill)));
        }
        Shape::Text(label) => text(out, &class, label),
    }
}

fn text(out: &mut String, class: &str, label: &Label) {
    let (x, y) = (number(label.x), number(label.y));
    put(out, format_args!("<text{class} x=\"{x}\" y=\"{y}\" font-size=\"{}\"", number(label.size)));
    put(out, format_args!(" fill=\"{}\"", hex(label.colour)));
    match label.anchor {
        Anchor::Start => {}
        Anchor::Middle => out.push_str(" text-anchor=\"middle\""),
        Anchor::End => out.push_str(" text-anchor=\"end\""),
    }
    if label.text.chars().count() >= PINNED_FROM {
        let length = number(label.width());
        put(out, format_args!(" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\""));
    }
    if label.turned {
        put(out, format_args!(" transform=\"rotate(-90 {x} {y})\""));
    }
    put(out, format_args!(">{}</text>\n", escape(&label.text)));
}

fn place(x: f64, y: f64, w: f64, h: f64) -> String {
    format!("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", number(x), number(y), number(w), number(h))
}

fn list(points: &[Xy]) -> String {
    let pairs: Vec<String> = points.iter().map(|p| format!("{},{}", number(p.0), number(p.1))).collect();
    pairs.join(" ")
}

fn filled(fill: Paint) -> String {
    let alpha = if fill.alpha < 1.0 { format!(" fill-opacity=\"{}\"", number(fill.alpha)) } else { String::new() };
    format!(" fill=\"{}\"{alpha}", hex(fill.colour))
}

fn stroked(stroke: Stroke) -> String {
    let dash = match stroke.dash {
        Some((mark, gap)) => format!(" stroke-dasharray=\"{} {}\"", number(mark), number(gap)),
        None => String::new(),
    };
    format!(" stroke=\"{}\" stroke-width=\"{}\"{dash}", hex(stroke.colour), number(stroke.width))
}

fn hex(c: Rgb) -> String {
    format!("#{:02x}{:02x}{:02x}", c.0, c.1, c.2)
}

/// Two decimals, without trailing zeros: a hundredth of a unit is below anything visible.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(12.0), "12");
        assert_eq!(number(100.5), "100.5");
    }

    #[test]
    fn markup_in_names_is_text() {
        assert_eq!(escape("<a> & \"b\""), "&lt;a&gt; &amp; &quot;b&quot;");
    }
}
