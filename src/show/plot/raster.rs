//! A scene as a PNG. Shapes are filled by exact horizontal and eightfold vertical coverage, glyphs at sub-pixel
//! places, so edges are smooth without drawing large and scaling down.

use ab_glyph::{Font, point};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::font;
use super::scene::{Label, Paint, Scene, Shape, Stroke, Xy};
use super::{Background, Options, PlotError, Scale};

/// Scan lines per row of pixels.
const SUB_LINES: usize = 8;

/// Encodes the scene.
pub(super) fn png(scene: &Scene, options: &Options, scale: Scale) -> Result<Vec<u8>, PlotError> {
    let factor = scale.factor();
    let (w, h) = (scene.width as u32 * factor, scene.height as u32 * factor);
    let mut canvas = Canvas::new(w as usize, h as usize, options.background);
    for item in &scene.items {
        canvas.shape(&item.shape, f64::from(factor));
    }
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&canvas.pixels, w, h, ExtendedColorType::Rgba8)
        .map_err(|e| PlotError::Encode(e.to_string()))?;
    Ok(bytes)
}

/// Straight-alpha RGBA pixels, row by row.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize, background: Background) -> Self {
        let start = match background {
            Background::White => 255,
            Background::Transparent => 0,
        };
        Canvas { width, height, pixels: vec![start; width * height * 4] }
    }

    /// Lays `paint` over the pixel with the given coverage.
    fn blend(&mut self, x: i64, y: i64, paint: Paint, coverage: f64) {
        let alpha = (coverage.min(1.0) * paint.alpha).max(0.0);
        if x < 0 || y < 0 || x >= self.width as i64 || y >= self.height as i64 || alpha == 0.0 {
            return;
        }
        let at = (y as usize * self.width + x as usize) * 4;
        let below = f64::from(self.pixels[at + 3]) / 255.0;
        let total = alpha + below * (1.0 - alpha);
        for (k, c) in [paint.colour.0, paint.colour.1, paint.colour.2].into_iter().enumerate() {
            let old = f64::from(self.pixels[at + k]);
            let new = (f64::from(c) * alpha + old * below * (1.0 - alpha)) / total;
            self.pixels[at + k] = new.round() as u8;
        }
        self.pixels[at + 3] = (total * 255.0).round() as u8;
    }

    fn shape(&mut self, shape: &Shape, k: f64) {
        match shape {
            Shape::Rect { x, y, w, h, fill } => self.fill(&[rect(*x, *y, *w, *h)], *fill, k),
            Shape::Frame { x, y, w, h, stroke } => {
                let (x1, y1, s) = (x + w, y + h, stroke.width / 2.0);
                let edges = [
                    rect(x - s, y - s, w + 2.0 * s, 2.0 * s),
                    rect(x - s, y1 - s, w + 2.0 * s, 2.0 * s),
                    rect(x - s, y - s, 2.0 * s, h + 2.0 * s),
                    rect(x1 - s, y - s, 2.0 * s, h + 2.0 * s),
                ];
                self.fill(&edges, stroke.colour.into(), k);
            }
            Shape::Polygon { points, fill } => self.fill(std::slice::from_ref(points), *fill, k),
            Shape::Path { points, stroke } => self.fill(&outline(points, *stroke), stroke.colour.into(), k),
            Shape::Disc { centre, radius, fill } => self.fill(&[circle(*centre, *radius)], *fill, k),
            Shape::Text(label) => self.text(label, k),
        }
    }

    /// Fills the union of convex or simple polygons, given in units, as one shape: overlaps are painted once.
    fn fill(&mut self, polygons: &[Vec<Xy>], paint: Paint, k: f64) {
        let mut edges: Vec<Edge> = Vec::new();
        for polygon in polygons {
            let turn = if area(polygon) < 0.0 { -1 } else { 1 };
            for (i, &a) in polygon.iter().enumerate() {
                let b = polygon[(i + 1) % polygon.len()];
                edges.extend(Edge::new((a.0 * k, a.1 * k), (b.0 * k, b.1 * k), turn));
            }
        }
        edges.sort_by(|a, b| a.top.total_cmp(&b.top));
        let Some(first_edge) = edges.first() else {
            return;
        };
        let top = first_edge.top.max(0.0) as usize;
        let bottom = edges.iter().map(|e| e.bottom).fold(0.0, f64::max);
        let bottom = bottom.min(self.height as f64).ceil() as usize;
        // Only this stretch of a row can be touched.
        let corners = || polygons.iter().flatten().map(|p| p.0 * k);
        let left = corners().fold(f64::INFINITY, f64::min).floor();
        let right = corners().fold(f64::NEG_INFINITY, f64::max).ceil();
        let (left, right) = (left.max(0.0), right.min(self.width as f64));
        let mut cover = vec![0.0; (right - left).max(0.0) as usize];
        let mut waiting = edges.iter().peekable();
        let mut active: Vec<&Edge> = Vec::new();
        let mut crossings: Vec<(f64, i32)> = Vec::new();
        for row in top..bottom {
            for sub in 0..SUB_LINES {
                let y = row as f64 + (sub as f64 + 0.5) / SUB_LINES as f64;
                while let Some(edge) = waiting.next_if(|e| e.top <= y) {
                    active.push(edge);
                }
                active.retain(|e| e.bottom > y);
                crossings.clear();
                crossings.extend(active.iter().map(|e| (e.at(y) - left, e.winding)));
                crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
                let mut winding = 0;
                for pair in crossings.windows(2) {
                    winding += pair[0].1;
                    if winding != 0 {
                        span(&mut cover, pair[0].0, pair[1].0);
                    }
                }
            }
            for (x, share) in cover.iter_mut().enumerate() {
                let coverage = *share / SUB_LINES as f64;
                self.blend(left as i64 + x as i64, row as i64, paint, coverage);
                *share = 0.0;
            }
        }
    }

    fn text(&mut self, label: &Label, k: f64) {
        let (font, size) = (font::font(), label.size * k);
        let px = font::px_scale(size);
        let (ox, oy) = (label.x * k, label.y * k);
        let paint = Paint::from(label.colour);
        let mut pen = -label.lead() * k;
        for c in label.text.chars() {
            // The glyph is laid out horizontally from (0, 0) plus the fraction of a pixel its place needs; turned
            // text swaps the axes of the finished coverage, which is exact for a quarter turn.
            let (along, across) = if label.turned { (pen - oy, ox) } else { (ox + pen, oy) };
            let (whole_along, whole_across) = (along.floor(), across.floor());
            let place = point((along - whole_along) as f32, (across - whole_across) as f32);
            if let Some(outline) = font.outline_glyph(font.glyph_id(c).with_scale_and_position(px, place)) {
                let corner = outline.px_bounds().min;
                outline.draw(|x, y, coverage| {
                    let u = whole_along as i64 + corner.x as i64 + i64::from(x);
                    let v = whole_across as i64 + corner.y as i64 + i64::from(y);
                    let (x, y) = if label.turned { (v, -u - 1) } else { (u, v) };
                    self.blend(x, y, paint, f64::from(coverage));
                });
            }
            pen += font::advance(c) * size;
        }
    }
}

/// A polygon edge that crosses scan lines, with its direction.
struct Edge {
    top: f64,
    bottom: f64,
    x_top: f64,
    slope: f64,
    winding: i32,
}

impl Edge {
    fn new(a: Xy, b: Xy, turn: i32) -> Option<Self> {
        if a.1 == b.1 {
            return None;
        }
        let (upper, lower, winding) = if a.1 < b.1 { (a, b, turn) } else { (b, a, -turn) };
        let slope = (lower.0 - upper.0) / (lower.1 - upper.1);
        Some(Edge { top: upper.1, bottom: lower.1, x_top: upper.0, slope, winding })
    }

    fn at(&self, y: f64) -> f64 {
        self.x_top + (y - self.top) * self.slope
    }
}

/// Adds the part of each pixel that lies in [a, b).
fn span(cover: &mut [f64], a: f64, b: f64) {
    let width = cover.len() as f64;
    let (a, b) = (a.clamp(0.0, width), b.clamp(0.0, width));
    let (from, to) = (a.floor() as usize, b.ceil() as usize);
    for (x, cell) in cover.iter_mut().enumerate().take(to).skip(from) {
        *cell += (b.min(x as f64 + 1.0) - a.max(x as f64)).max(0.0);
    }
}

fn rect(x: f64, y: f64, w: f64, h: f64) -> Vec<Xy> {
    vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
}

/// A polygon so close to a circle that no pixel tells.
fn circle((x, y): Xy, radius: f64) -> Vec<Xy> {
    let corners = (10.0 + 5.0 * radius).clamp(10.0, 64.0) as usize;
    let corner = |i: usize| {
        let (sin, cos) = (i as f64 * std::f64::consts::TAU / corners as f64).sin_cos();
        (x + radius * cos, y + radius * sin)
    };
    (0..corners).map(corner).collect()
}

/// Twice the signed area.
fn area(points: &[Xy]) -> f64 {
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum()
}

/// The polygons whose union is the stroked line: one bar per segment, a disc at each inner joint.
fn outline(points: &[Xy], stroke: Stroke) -> Vec<Vec<Xy>> {
    let half = stroke.width / 2.0;
    let pieces = match stroke.dash {
        Some((mark, gap)) => dashes(points, mark, gap),
        None => vec![points.to_vec()],
    };
    let mut out = Vec::new();
    for piece in &pieces {
        for pair in piece.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let length = (bx - ax).hypot(by - ay);
            if length > 0.0 {
                let (nx, ny) = ((by - ay) / length * half, (ax - bx) / length * half);
                out.push(vec![(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)]);
            }
        }
        if piece.len() > 2 {
            out.extend(piece[1..piece.len() - 1].iter().map(|&p| circle(p, half)));
        }
    }
    out
}

/// The line cut into its visible marks.
fn dashes(points: &[Xy], mark: f64, gap: f64) -> Vec<Vec<Xy>> {
    let mut out = Vec::new();
    let (mut left, mut visible) = (mark, true);
    let mut piece: Vec<Xy> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let (mut a, b) = (pair[0], pair[1]);
        loop {
            let length = (b.0 - a.0).hypot(b.1 - a.1);
            if length <= left || mark + gap <= 0.0 {
                left -= length;
                piece.push(b);
                break;
            }
            let t = left / length;
            a = (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
            piece.push(a);
            if visible {
                out.push(std::mem::take(&mut piece));
            }
            piece = vec![a];
            visible = !visible;
            left = if visible { mark } else { gap };
        }
    }
    if visible {
        out.push(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::colour::{Rgb, WHITE};
    use super::*;

    fn grey(canvas: &Canvas, x: usize, y: usize) -> u8 {
        canvas.pixels[(y * canvas.width + x) * 4]
    }

    #[test]
    fn half_covered_pixels_are_half_dark_and_overlaps_count_once() {
        let mut canvas = Canvas::new(4, 4, Background::White);
        let black = Paint { colour: Rgb(0, 0, 0), alpha: 0.5 };
        canvas.fill(&[rect(0.5, 0.0, 2.0, 2.0), rect(0.5, 0.0, 2.0, 2.0)], black, 1.0);
        assert_eq!([grey(&canvas, 0, 0), grey(&canvas, 1, 1), grey(&canvas, 3, 3)], [191, 128, 255]);
    }

    #[test]
    fn shapes_outside_the_canvas_are_clipped() {
        let mut canvas = Canvas::new(3, 3, Background::Transparent);
        canvas.fill(&[rect(-10.0, -10.0, 5.0, 5.0), circle((30.0, 30.0), 4.0)], WHITE.into(), 1.0);
        canvas.fill(&[], WHITE.into(), 1.0);
        assert!(canvas.pixels.iter().all(|&p| p == 0));
    }

    #[test]
    fn dashes_cover_their_share_of_the_line() {
        let parts = dashes(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], 3.0, 2.0);
        let length = |p: &Vec<Xy>| p.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum::<f64>();
        assert_eq!(parts.len(), 4);
        assert!((parts.iter().map(length).sum::<f64>() - 12.0).abs() < 1e-9);
    }
}
