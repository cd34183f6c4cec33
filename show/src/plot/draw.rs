//! A scene through plotters: one function draws it on any backend. Around it stand the SVG document (no ids and no
//! clip paths, so pictures can share one page) and the PNG, which is drawn large and averaged down.

use ab_glyph::{Font, point};
use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};

use super::font;
use super::scene::{Anchor, Item, Label, Scene, Shape, Stroke, Xy};
use super::{Background, Options, Placement, PlotError, Scale};

/// Backend units per unit of a scene in SVG: plotters draws at whole numbers only.
const SVG_UNIT: f64 = 10.0;
/// The same in PNG, before averaging down.
const PNG_UNIT: u32 = 8;
/// Larger pictures are drawn less finely, or the pixels before averaging would need gigabytes.
const MOST_PIXELS: u64 = 100_000_000;
/// The font size of plotters, in em.
const LINE_PER_EM: f64 = 1.24;
/// How far below the top of a text plotters puts the baseline, in em.
const TOP_TO_BASELINE: f64 = 0.76;
/// Texts shorter than this keep the viewer's own width in SVG; the possible overrun is below a pixel or two.
const PINNED_FROM: usize = 4;

/// Draws the items at `unit` backend units per unit of the scene.
fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    items: &[Item],
    unit: f64,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let whole = |length: f64| (length * unit).round() as i32;
    let at = |(x, y): Xy| (whole(x), whole(y));
    let all = |points: &[Xy]| points.iter().copied().map(at).collect::<Vec<_>>();
    let pen = |stroke: &Stroke| ShapeStyle {
        color: stroke.colour.into(),
        filled: false,
        stroke_width: whole(stroke.width).max(1).unsigned_abs(),
    };
    for item in items {
        match &item.shape {
            Shape::Rect { x, y, w, h, fill } => {
                area.draw(&Rectangle::new([at((*x, *y)), at((x + w, y + h))], fill.filled()))?;
            }
            Shape::Frame { x, y, w, h, stroke } => {
                area.draw(&Rectangle::new([at((*x, *y)), at((x + w, y + h))], pen(stroke)))?;
            }
            Shape::Polygon { points, fill } => area.draw(&Polygon::new(all(points), fill.filled()))?,
            Shape::Path { points, stroke } => match stroke.dash {
                None => area.draw(&PathElement::new(all(points), pen(stroke)))?,
                Some((mark, gap)) => {
                    area.draw(&DashedPathElement::new(all(points), whole(mark), whole(gap), pen(stroke)))?;
                }
            },
            Shape::Disc { centre, radius, fill } => {
                area.draw(&Circle::new(at(*centre), whole(*radius), fill.filled()))?;
            }
            Shape::Text(label) => {
                let top = TOP_TO_BASELINE * label.size;
                let corner = if label.turned { (label.x - top, label.y) } else { (label.x, label.y - top) };
                area.draw(&Text::new(label.text.as_str(), at(corner), text_style(label, unit)))?;
            }
        }
    }
    Ok(())
}

fn text_style(label: &Label, unit: f64) -> TextStyle<'static> {
    let turn = if label.turned { FontTransform::Rotate270 } else { FontTransform::None };
    let side = match label.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    FontDesc::new(FontFamily::Name(font::FAMILY), label.size * unit * LINE_PER_EM, FontStyle::Normal)
        .transform(turn)
        .color(&label.colour)
        .pos(Pos::new(side, VPos::Top))
}

/// The scene as a whole SVG document. Longer texts carry their measured length: a viewer without the font squeezes
/// them instead of overrunning.
pub(super) fn svg(scene: &Scene, options: &Options) -> String {
    let (w, h) = (scene.width, scene.height);
    let size = ((w * SVG_UNIT) as u32, (h * SVG_UNIT) as u32);
    let (prolog, extent) = match options.placement {
        Placement::File => ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", format!("width=\"{w}\" height=\"{h}\"")),
        Placement::Inline => ("", format!("style=\"max-width:{w}px\"")),
    };
    let title = scene.title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut out = format!(
        "{prolog}<svg xmlns=\"http://www.w3.org/2000/svg\" {extent} viewBox=\"0 0 {} {}\" role=\"img\">\n\
         <title>{title}</title>\n",
        size.0, size.1
    );
    if options.background == Background::White {
        let fill = WHITE.to_rgba();
        out += &element(&Item { class: "", shape: Shape::Rect { x: 0.0, y: 0.0, w, h, fill } }, size);
    }
    for item in &scene.items {
        out += &element(item, size);
    }
    out + "</svg>\n"
}

/// One item as plotters writes it, with the attributes plotters has no words for.
fn element(item: &Item, size: (u32, u32)) -> String {
    let mut document = String::new();
    let area = SVGBackend::with_string(&mut document, size).into_drawing_area();
    // INVARIANT: this backend writes to a string and reports errors of files only.
    draw(&area, std::slice::from_ref(item), SVG_UNIT).expect("writing to a string cannot fail");
    drop(area);
    let body = document.split_once('\n').map_or("", |(_root, rest)| rest);
    let body = body.strip_suffix("</svg>\n").unwrap_or(body).replace(" opacity=\"1\"", "");
    let mut extra = if item.class.is_empty() { String::new() } else { format!(" class=\"{}\"", item.class) };
    match &item.shape {
        Shape::Frame { stroke, .. } => {
            extra += &format!(" stroke-width=\"{}\"", (stroke.width * SVG_UNIT).round());
        }
        Shape::Path { .. } => extra += " stroke-linejoin=\"round\"",
        Shape::Text(label) => {
            if label.text.chars().count() >= PINNED_FROM {
                let length = (label.width() * SVG_UNIT).round();
                extra += &format!(" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\"");
            }
            // The line breaks plotters puts around a text would be drawn as spaces; its size has a rounding error.
            let size = label.size * SVG_UNIT;
            let written = format!("font-size=\"{}\"", size * LINE_PER_EM / LINE_PER_EM);
            let body = body.replace(&written, &format!("font-size=\"{}\"", size.round()));
            let body = body.replace(">\n", ">").replace("\n</", "</");
            return body.replacen(' ', &(extra + " "), 1) + "\n";
        }
        Shape::Rect { .. } | Shape::Polygon { .. } | Shape::Disc { .. } => {}
    }
    body.replacen(' ', &(extra + " "), 1)
}

/// The scene as the bytes of a PNG file.
pub(super) fn png(scene: &Scene, options: &Options, scale: Scale) -> Result<Vec<u8>, PlotError> {
    let light = pixels(scene, scale, WHITE)?;
    let picture = match options.background {
        Background::White => light.opaque(),
        Background::Transparent => see_through(&light, &pixels(scene, scale, BLACK)?),
    };
    encoded(&picture).map_err(|e| PlotError::Encode(e.to_string()))
}

fn encoded(picture: &Pixels<4>) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture.colours.as_flattened())?;
    writer.finish()?;
    Ok(bytes)
}

/// Pixels of `N` channels, row by row.
struct Pixels<const N: usize> {
    width: u32,
    colours: Vec<[u8; N]>,
}

impl<const N: usize> Pixels<N> {
    fn height(&self) -> u32 {
        (self.colours.len() / self.width as usize) as u32
    }
}

impl Pixels<3> {
    fn opaque(&self) -> Pixels<4> {
        Pixels { width: self.width, colours: self.colours.iter().map(|&[r, g, b]| [r, g, b, 255]).collect() }
    }

    /// The average of every `n` by `n` pixels.
    fn averaged(&self, n: u32) -> Self {
        let (n, width) = (n as usize, (self.width / n) as usize);
        let rows = self.colours.chunks_exact(n * self.width as usize);
        let colours = rows.flat_map(|rows| {
            (0..width).map(move |x| {
                let mut sum = [0u32; 3];
                for row in rows.chunks_exact(self.width as usize) {
                    for colour in &row[x * n..(x + 1) * n] {
                        sum.iter_mut().zip(colour).for_each(|(sum, &c)| *sum += u32::from(c));
                    }
                }
                let count = (n * n) as u32;
                sum.map(|sum| ((sum + count / 2) / count) as u8)
            })
        });
        Pixels { width: width as u32, colours: colours.collect() }
    }
}

/// The scene on an opaque ground, drawn large and averaged down: plotters alone leaves thick lines jagged.
fn pixels(scene: &Scene, scale: Scale, ground: RGBColor) -> Result<Pixels<3>, PlotError> {
    let (w, h) = (scene.width as u32 * scale.factor(), scene.height as u32 * scale.factor());
    let wanted = PNG_UNIT / scale.factor();
    let affordable = |n: &u32| u64::from(w * n) * u64::from(h * n) <= MOST_PIXELS;
    let fine = (1..=wanted).rev().find(affordable).unwrap_or(1);
    let (width, height) = (w * fine, h * fine);
    let mut large = Pixels { width, colours: vec![[0; 3]; width as usize * height as usize] };
    let buffer = large.colours.as_flattened_mut();
    let area = Repaired(BitMapBackend::with_buffer(buffer, (width, height))).into_drawing_area();
    let unit = f64::from(scale.factor() * fine);
    area.fill(&ground)
        .and_then(|()| draw(&area, &scene.items, unit))
        .and_then(|()| area.present())
        .map_err(|e| PlotError::Encode(e.to_string()))?;
    drop(area);
    Ok(large.averaged(fine))
}

/// The picture without its ground, from how it looks on white and on black.
fn see_through(light: &Pixels<3>, dark: &Pixels<3>) -> Pixels<4> {
    let both = light.colours.iter().zip(&dark.colours);
    let colours = both.map(|(l, d)| {
        let shines = (0..3).map(|k| l[k].saturating_sub(d[k])).min().unwrap_or(0);
        let alpha = u16::from(255 - shines);
        let own = |c: u8| (u16::from(c) * 255).checked_div(alpha).map_or(0, |c| c.min(255) as u8);
        [own(d[0]), own(d[1]), own(d[2]), 255 - shines]
    });
    Pixels { width: light.width, colours: colours.collect() }
}

/// The bitmap backend of plotters with three repairs: glyphs keep their side bearings and parts of pixels, outlines
/// of rectangles have a width, and lines have round joins.
struct Repaired<'a>(BitMapBackend<'a>);

type Drawn<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for Repaired<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn<'a> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<'a> {
        self.0.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Drawn<'a> {
        self.0.draw_pixel(point, colour)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn<'a> {
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Drawn<'a> {
        if fill {
            return self.0.draw_rect(a, b, style, true);
        }
        let width = style.stroke_width() as i32;
        let (left, top) = (a.0 - width / 2, a.1 - width / 2);
        let (right, bottom) = (b.0 - width / 2, b.1 - width / 2);
        let bars = [
            ((left, top), (right + width, top + width)),
            ((left, bottom), (right + width, bottom + width)),
            ((left, top), (left + width, bottom + width)),
            ((right, top), (right + width, bottom + width)),
        ];
        bars.into_iter().try_for_each(|(a, b)| self.0.draw_rect(a, b, style, true))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn<'a> {
        let mut last = None;
        for point in path {
            if let Some((from, joined)) = last {
                if joined {
                    self.0.draw_circle(from, style.stroke_width() / 2, &style.color(), true)?;
                }
                self.0.draw_path([from, point], style)?;
            }
            last = Some((point, last.is_some()));
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, at: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn<'a> {
        self.0.draw_circle(at, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn<'a> {
        self.0.fill_polygon(path, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn<'a> {
        let size = style.size() / LINE_PER_EM;
        let mut pen = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -font::width(text, size) / 2.0,
            HPos::Right => -font::width(text, size),
        };
        let (font, turn, colour) = (font::font(), style.transform(), style.color());
        for c in text.chars() {
            let place = point(pen as f32, (TOP_TO_BASELINE * size) as f32);
            let glyph = font.glyph_id(c).with_scale_and_position(font::px_scale(size), place);
            if let Some(outline) = font.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                let mut drawn = Ok(());
                outline.draw(|x, y, coverage| {
                    let (x, y) = turn.transform(corner.x as i32 + x as i32, corner.y as i32 + y as i32);
                    let alpha = colour.alpha * f64::from(coverage);
                    if drawn.is_ok() && alpha > 0.0 {
                        drawn = self.0.draw_pixel((at.0 + x, at.1 + y), BackendColor { alpha, ..colour });
                    }
                });
                drawn?;
            }
            pen += font::advance(c) * size;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::colour::VERMILLION;
    use super::*;

    /// An empty picture of 8 by 8 units.
    fn board() -> Scene {
        Scene::new(8.0, "board").finish(8.0)
    }

    fn at_one(scene: &Scene) -> Pixels<3> {
        pixels(scene, Scale::One, WHITE).expect("drawable")
    }

    impl<const N: usize> Pixels<N> {
        fn at(&self, x: u32, y: u32) -> [u8; N] {
            self.colours[(y * self.width + x) as usize]
        }
    }

    #[test]
    fn half_covered_pixels_are_half_dark() {
        let mut scene = board();
        scene.rect((0.5, 0.0), (2.0, 2.0), BLACK);
        let image = at_one(&scene);
        let row: Vec<u8> = (0..4).map(|x| image.at(x, 1)[0]).collect();
        assert!(row[0].abs_diff(127) <= 2 && row[1] == 0 && row[2].abs_diff(127) <= 2 && row[3] == 255, "{row:?}");
    }

    #[test]
    fn frames_have_their_width_and_an_empty_inside() {
        let mut scene = board();
        scene.frame("", (2.0, 2.0), (4.0, 4.0), Stroke::solid(BLACK, 2.0));
        let image = at_one(&scene);
        let row: Vec<u8> = (0..8).map(|x| image.at(x, 4)[0]).collect();
        assert_eq!(row, [255, 0, 0, 255, 255, 0, 0, 255]);
    }

    #[test]
    fn a_clear_ground_stays_clear_and_colours_stay_themselves() {
        let mut scene = board();
        scene.rect((0.0, 0.0), (4.0, 8.0), VERMILLION);
        scene.rect((4.0, 0.0), (2.0, 8.0), VERMILLION.mix(0.5));
        let [light, dark] = [WHITE, BLACK].map(|ground| pixels(&scene, Scale::One, ground).expect("drawable"));
        let image = see_through(&light, &dark);
        assert_eq!(image.at(1, 1), [VERMILLION.0, VERMILLION.1, VERMILLION.2, 255]);
        assert_eq!(image.at(7, 7), [0, 0, 0, 0]);
        let half = image.at(5, 5);
        assert!(half[3].abs_diff(128) <= 2 && half[0].abs_diff(VERMILLION.0) <= 3, "{half:?}");
    }

    #[test]
    fn text_stands_where_it_was_measured() {
        let mut scene = Scene::new(60.0, "text").finish(20.0);
        scene.text((30.0, 10.0), Anchor::Middle, 12.0, BLACK, "Hello");
        let (label, image) = (scene.labels().next().expect("one label").clone(), at_one(&scene));
        let dark = |p: &&(u32, u32)| image.at(p.0, p.1)[0] < 128;
        let places: Vec<(u32, u32)> = (0..60).flat_map(|x| (0..20).map(move |y| (x, y))).collect();
        let inked: Vec<&(u32, u32)> = places.iter().filter(dark).collect();
        let (x0, y0, x1, y1) = label.bounds();
        let inside = |p: &&&(u32, u32)| (x0..x1).contains(&f64::from(p.0)) && (y0 - 1.0..y1).contains(&f64::from(p.1));
        assert!(inked.len() > 20 && inked.iter().filter(inside).count() == inked.len());
        assert!(inked.iter().any(|p| f64::from(p.0) < x0 + 3.0) && inked.iter().any(|p| f64::from(p.0) > x1 - 4.0));
    }

    #[test]
    fn markup_in_names_is_text() {
        let mut scene = Scene::new(80.0, "<t> & t").finish(20.0);
        scene.text((40.0, 10.0), Anchor::Middle, 12.0, BLACK, "<a> & \"b\"");
        let svg = svg(&scene, &Options::default());
        assert!(
            svg.contains("<title>&lt;t&gt; &amp; t</title>") && svg.contains(">&lt;a&gt; &amp; &quot;b&quot;</text>")
        );
    }
}
